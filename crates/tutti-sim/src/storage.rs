//! Where runs are kept: one row on a version condition with what people said, sealed chunks, hints.

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
    /// What else happened for the run and no commit has covered yet: what the queue's messages tell.
    pub hints: Vec<Event>,
}

impl Storage {
    /// Keeps a run that was just triggered.
    pub fn new(row: Row) -> Self {
        Self { row, chunks: Vec::new(), hints: Vec::new() }
    }

    /// Leaves an event for the next commit: what a person says in the row, where it counts at once.
    pub fn leave(&mut self, event: Event, now: i64) {
        match event.said_id() {
            Some(id) if self.row.has_letter(id) => {}
            Some(_) => self.row = self.row.clone().deliver(event, now),
            None if self.hints.contains(&event) => {}
            None => self.hints.push(event),
        }
    }

    /// Whether something happened for the run that no commit has covered yet.
    pub fn has_post(&self) -> bool {
        !self.row.letters.is_empty() || !self.hints.is_empty()
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
