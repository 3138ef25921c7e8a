//! Any document is either linked to a flow or refused with problems that have a place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use tutti_core::flow::Flow;
use tutti_core::problem::Severity;

fuzz_target!(|data: &[u8]| {
    let Ok(document) = serde_json::from_slice::<Value>(data) else { return };
    let (flow, problems) = Flow::check(&document, tutti_connect::catalogue());
    let refused = problems.iter().any(|problem| problem.severity == Severity::Error);
    assert!(flow.is_some() || refused, "not linked, and nobody knows why");
});
