//! Any saved run is opened and goes on, or is refused: a journal of any events folds to some state.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use tutti_core::flow::Flow;
use tutti_core::journal::{self, Chunk, EMPTY_HEAD, Records};
use tutti_core::session::{Row, Session};

/// What storage holds of a run; the chunks as text, since no fuzzer would ever deflate one.
#[derive(Deserialize)]
struct Saved {
    flow: serde_json::Value,
    row: Row,
    open: Records,
    chunks: Vec<Records>,
}

impl Saved {
    /// The row and its chunks, chained up, so that more than the chain is tried.
    fn chained(self) -> (Row, Vec<Chunk>) {
        let mut row = self.row;
        let mut head = EMPTY_HEAD.to_owned();
        let mut chunks = Vec::new();
        for records in &self.chunks {
            chunks.push(Chunk { before: head.clone(), records: records.pack() });
            head = journal::link_all(&head, records.lines());
        }
        row.chunks = u32::try_from(chunks.len()).unwrap_or(u32::MAX);
        row.sealed_head.clone_from(&head);
        if let Ok(sealed) = Records::unpack(&row.sealed) {
            head = journal::link_all(&head, sealed.lines());
        }
        row.head = journal::link_all(&head, self.open.lines());
        row.open = self.open;
        (row, chunks)
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(saved) = serde_json::from_slice::<Saved>(data) else { return };
    let Ok(flow) = Flow::link(&saved.flow, tutti_connect::catalogue()) else { return };
    let _ = Session::open(saved.row.clone(), &[], flow.clone(), "fuzz");
    let now = saved.row.updated_at;
    let (row, chunks) = saved.chained();
    if let Ok(mut session) = Session::open(row, &chunks, flow, "fuzz") {
        let _ = session.step(Vec::new(), now);
    }
});
