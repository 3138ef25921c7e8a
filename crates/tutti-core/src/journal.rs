//! The journal: the ordered events of a run, chained by hash. A run is the fold of its journal.

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::event::Event;

/// One event with its place and time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Its place, from 1.
    pub seq: u64,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// What happened.
    pub event: Event,
}

/// A sealed part of a journal, never changed again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// The chain's head before its first record.
    pub before: String,
    /// Its records.
    pub records: Vec<Record>,
}

/// The head of a chain that holds nothing yet.
pub const EMPTY_HEAD: &str = "";

/// The head after one more record.
pub fn link(head: &str, record: &Record) -> String {
    let text = serde_json::to_string(record).unwrap_or_default();
    digest::sha256_hex(&format!("{head}\n{text}"))
}

/// The head after many more records.
pub fn link_all<'a>(head: &str, records: impl IntoIterator<Item = &'a Record>) -> String {
    records.into_iter().fold(head.to_owned(), |head, record| link(&head, record))
}
