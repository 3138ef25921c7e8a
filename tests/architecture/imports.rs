//! What the module asks of the world outside, as a list to read: a new line in it is a new way
//! out. `UPDATE_EXPECT=1 cargo test -p xtask` writes it anew after `scripts/build`.

use std::collections::BTreeSet;
use std::fs;

use expect_test::expect_file;
use wasmparser::{Parser, Payload};

use super::root;

#[test]
fn the_module_imports_what_the_list_says() {
    let Ok(module) = fs::read(root().join("dist/app/tutti_forge.wasm")) else {
        println!("skipped: dist/app/tutti_forge.wasm is not built, scripts/build does it");
        return;
    };
    let mut lines = BTreeSet::new();
    for payload in Parser::new(0).parse_all(&module) {
        let Payload::ImportSection(imports) = payload.unwrap() else { continue };
        for import in imports.into_imports() {
            let import = import.unwrap();
            lines.insert(format!("{} {}\n", import.module, without_hash(import.name)));
        }
    }
    expect_file!["../wasm-imports.txt"].assert_eq(&lines.into_iter().collect::<String>());
}

/// wasm-bindgen ends names with a hash of the crate's version, or with a number.
fn without_hash(name: &str) -> &str {
    match name.rsplit_once('_') {
        Some((stem, end)) if end.len() == 16 && end.chars().all(|c| c.is_ascii_hexdigit()) => stem,
        _ => name,
    }
}
