//! Any file is verified or refused; one that is sound can be forked.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tutti_core::case_file::{CaseFile, Contents};

fuzz_target!(|text: &str| {
    let _ = CaseFile::open(text);
    // What the fuzzer made is chained up, so that more than the chain is tried.
    let Ok(mut contents) = serde_json::from_str::<Contents>(text) else { return };
    contents.head = contents.seal();
    if let Ok(file) = CaseFile::open(&json!(contents).to_string()) {
        let _ = file.fork(vec![("trigger.id".to_owned(), json!("other"))]);
    }
});
