//! Any saved run is opened and goes on with whatever it hears, or is refused: a journal of any events folds to some state.

#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use tutti_core::flow::Flow;
use tutti_core::journal::{self, Chunk, EMPTY_HEAD, Record, Records};
use tutti_core::operation::Operation;
use tutti_core::session::{Row, Session};

/// What storage holds of a run; what is packed there is text here, since no fuzzer would ever
/// deflate anything.
#[derive(Deserialize)]
struct Saved {
    flow: Version,
    row: Row,
    chunks: Vec<Records>,
    sealed: Records,
    open: Records,
    then: Vec<Record>,
}

/// A flow version: a document with the operations it was linked to.
#[derive(Deserialize)]
struct Version {
    document: serde_json::Value,
    operations: BTreeMap<String, Operation>,
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
        head = journal::link_all(&head, self.sealed.lines());
        row.head = journal::link_all(&head, self.open.lines());
        row.sealed = self.sealed.pack();
        row.open = self.open;
        (row, chunks)
    }
}

fuzz_target!(|data: &[u8]| {
    let Ok(saved) = serde_json::from_slice::<Saved>(data) else { return };
    let Ok(flow) = Flow::link(&saved.flow.document, &saved.flow.operations) else { return };
    let _ = Session::open(saved.row.clone(), &[], flow.clone(), "fuzz");
    let (now, then) = (saved.row.updated_at, saved.then.clone());
    let (row, chunks) = saved.chained();
    if let Ok(mut session) = Session::open(row, &chunks, flow, "fuzz") {
        let _ = session.step(Vec::new(), now);
        for Record { at, event, .. } in then {
            let _ = session.step(vec![event], at);
        }
    }
});
