//! Where runs are kept: one row on a version condition, sealed chunks, letters not folded yet.

use tutti_core::event::Event;
use tutti_core::journal::{Chunk, Record};
use tutti_core::session::{Commit, Row};

/// The storage of one run.
#[derive(Debug, Clone)]
pub struct Storage {
    /// The row.
    pub row: Row,
    /// The sealed part of the journal.
    pub chunks: Vec<Chunk>,
    /// What happened for the run and no commit has covered yet.
    pub letters: Vec<Event>,
}

impl Storage {
    /// Keeps a run that was just triggered.
    pub fn new(row: Row) -> Self {
        Self { row, chunks: Vec::new(), letters: Vec::new() }
    }

    /// Executes a commit: all of it, or nothing if the row moved on.
    pub fn execute(&mut self, commit: &Commit) -> bool {
        if self.row.version != commit.expect {
            return false;
        }
        self.row = commit.row.clone();
        for (number, chunk) in &commit.seal {
            self.chunks.truncate(*number as usize);
            self.chunks.push(chunk.clone());
        }
        true
    }

    /// The whole journal.
    pub fn records(&self) -> Vec<Record> {
        let journal = self.row.journal(&self.chunks).unwrap_or_default();
        journal.iter().flatten().collect()
    }
}
