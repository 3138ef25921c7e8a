//! Any saved run is opened and goes on, or is refused: a journal of any events folds to some state.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use tutti_core::flow::Flow;
use tutti_core::journal::{self, Chunk, EMPTY_HEAD, Records};
use tutti_core::session::{Row, Session};

/// What storage holds of a run.
#[derive(Deserialize)]
struct Saved {
    flow: serde_json::Value,
    row: Row,
    open: Records,
    chunks: Vec<Chunk>,
}

/// Chains up what the fuzzer made, so that more than the chain is tried.
fn mend(saved: &mut Saved) {
    let mut head = EMPTY_HEAD.to_owned();
    for chunk in &mut saved.chunks {
        chunk.before.clone_from(&head);
        head = journal::link_all(&head, chunk.records.lines());
    }
    saved.row.sealed_head.clone_from(&head);
    saved.row.head = journal::link_all(&head, saved.row.open.lines());
    saved.row.chunks = u32::try_from(saved.chunks.len()).unwrap_or(u32::MAX);
}

fuzz_target!(|data: &[u8]| {
    let Ok(mut saved) = serde_json::from_slice::<Saved>(data) else { return };
    let Ok(flow) = Flow::link(&saved.flow, tutti_connect::catalogue()) else { return };
    saved.row.open = std::mem::take(&mut saved.open);
    let _ = Session::open(saved.row.clone(), &saved.chunks, flow.clone(), "fuzz");
    mend(&mut saved);
    let now = saved.row.updated_at;
    if let Ok(mut session) = Session::open(saved.row, &saved.chunks, flow, "fuzz") {
        let _ = session.step(Vec::new(), now);
    }
});
