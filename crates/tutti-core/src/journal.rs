//! The journal: the ordered events of a run, chained by hash. A run is the fold of its journal.
//!
//! A record is written down once, as one line of JSON, and from then on it is that text: it is
//! hashed, appended and stored as it is, and never made again from what was read.

use std::str::Lines as TextLines;

use serde::{Deserialize, Serialize};

use crate::digest;
use crate::event::Event;
use crate::packed::{Packed, PackedError};

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

impl Record {
    /// The line it is kept as. JSON has no line breaks but escaped ones.
    pub fn line(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// Records in a row as they are stored: one line of JSON each.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Records(String);

impl Records {
    /// Adds one at the end, by its line.
    pub fn push(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    /// Their lines, first to last.
    pub fn lines(&self) -> TextLines<'_> {
        self.0.lines()
    }

    /// What they say, first to last.
    pub fn iter(&self) -> impl Iterator<Item = serde_json::Result<Record>> {
        self.lines().map(serde_json::from_str)
    }

    /// Adds others at the end.
    pub fn append(&mut self, others: &Self) {
        self.0.push_str(&others.0);
    }

    /// The same in parts of at most so many bytes each, or of one record that has more.
    pub fn split(&self, bytes_max: usize) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for line in self.lines() {
            match parts.last_mut() {
                Some(part) if part.0.len() + line.len() < bytes_max => part.push(line),
                _ => {
                    let mut part = Self::default();
                    part.push(line);
                    parts.push(part);
                }
            }
        }
        parts
    }

    /// Packs them to be stored.
    pub fn pack(&self) -> Packed {
        Packed::pack(&self.0)
    }

    /// Those that were packed.
    ///
    /// # Errors
    /// What is stored was changed since.
    pub fn unpack(packed: &Packed) -> Result<Self, PackedError> {
        Ok(Self(packed.unpack()?))
    }

    /// All of them as one text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Records {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromIterator<Record> for Records {
    fn from_iter<T: IntoIterator<Item = Record>>(records: T) -> Self {
        let mut text = Self::default();
        for record in records {
            text.push(&record.line());
        }
        text
    }
}

/// A sealed part of a journal, never changed again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chunk {
    /// The chain's head before its first record.
    pub before: String,
    /// Its records.
    pub records: Packed,
}

/// The head of a chain that holds nothing yet.
pub const EMPTY_HEAD: &str = "";

/// The head after one more record, given by its line.
pub fn link(head: &str, line: &str) -> String {
    digest::sha256_hex_of([head, "\n", line])
}

/// The head after many more records, given by their lines.
pub fn link_all(head: &str, lines: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    lines.into_iter().fold(head.to_owned(), |head, line| link(&head, line.as_ref()))
}
