//! The row of a run: all of it that is stored, but for the sealed chunks of its journal.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{FORMAT, SessionError};
use crate::event::{Event, is_zero};
use crate::flow::Flow;
use crate::journal::{self, Chunk, EMPTY_HEAD, Record, Records};
use crate::packed::{Packed, PackedError};
use crate::view::RunState;

/// A run as it is stored: its head, and the records not sealed yet. The state is not stored; it
/// is folded from the records each time, so there is nothing that could disagree with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The version of this format.
    pub format: u32,
    /// The run's id.
    pub run: String,
    /// The project it belongs to.
    pub project: String,
    /// The flow's id.
    pub flow: String,
    /// The flow's name when the run started.
    pub name: String,
    /// The flow version it is pinned to.
    pub flow_version: u64,
    /// Where it stands.
    pub state: RunState,
    /// Why.
    pub reason: String,
    /// The issue on whose panel it shows.
    pub subject: Option<String>,
    /// The issue whose event started it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue: Option<String>,
    /// How many runs led to it, each of which ran or told the next.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub depth: u32,
    /// When somebody must look after it: the lease's end or its next wake.
    pub due_at: Option<i64>,
    /// When the next message about it that is under way arrives, as far as is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alarm_at: Option<i64>,
    /// Counts commits; the fence.
    pub version: u64,
    /// Who wrote last; tells a worker whether an unanswered commit was its own.
    pub writer: String,
    /// Workers that took it and died since the last progress.
    pub claims: u32,
    /// What people said that no worker has folded yet, in the order it came.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub letters: Vec<Event>,
    /// Sealed chunks.
    pub chunks: u32,
    /// The chain's head after the last record.
    pub head: String,
    /// The chain's head after the last record of a chunk.
    pub sealed_head: String,
    /// The records after those, packed.
    #[serde(default, skip_serializing_if = "Packed::is_empty")]
    pub sealed: Packed,
    /// Records not sealed yet. They are text already, so they stand below the rest of the row and
    /// are no part of it when it is written as JSON.
    #[serde(skip)]
    pub open: Records,
    /// What it waits to hear of.
    pub topics: BTreeSet<String>,
    /// When it started.
    pub started_at: i64,
    /// What started it, for people.
    pub started_by: String,
    /// When it was last written.
    pub updated_at: i64,
}

/// What every format of a row has in common.
#[derive(Deserialize)]
struct Mark {
    format: u32,
}

impl Row {
    /// The row as it is stored: a line of JSON, and below it its open records, a line each.
    pub fn text(&self) -> String {
        let mut text = serde_json::to_string(self).unwrap_or_default();
        text.push('\n');
        text.push_str(self.open.as_str());
        text
    }

    /// Reads a row as it is stored.
    ///
    /// # Errors
    /// It is of another format, or no row.
    pub fn read(text: &str) -> Result<Self, SessionError> {
        let (text, open) = text.split_once('\n').unwrap_or((text, ""));
        let no_row = |error: serde_json::Error| SessionError::Row { reason: error.to_string() };
        // The format first: what else a row of another one holds may be named as here and mean
        // something else.
        match serde_json::from_str(text).map_err(no_row)? {
            Mark { format: FORMAT } => {}
            Mark { format: found } => return Err(SessionError::Format { found }),
        }
        let row: Self = serde_json::from_str(text).map_err(no_row)?;
        Ok(Self { open: open.to_owned().into(), ..row })
    }

    /// A run that was just triggered.
    pub fn new(run: &str, project: &str, flow: &Flow, flow_version: u64) -> Self {
        Self::of(run, project, (&flow.id, &flow.name), flow_version)
    }

    /// The same where no more of the flow is known than its id and its name.
    pub fn of(run: &str, project: &str, (id, name): (&str, &str), flow_version: u64) -> Self {
        Self {
            format: FORMAT,
            run: run.to_owned(),
            project: project.to_owned(),
            flow: id.to_owned(),
            name: name.to_owned(),
            flow_version,
            state: RunState::Running,
            reason: String::new(),
            subject: None,
            issue: None,
            depth: 0,
            due_at: None,
            alarm_at: None,
            version: 0,
            writer: String::new(),
            claims: 0,
            letters: Vec::new(),
            chunks: 0,
            head: EMPTY_HEAD.to_owned(),
            sealed_head: EMPTY_HEAD.to_owned(),
            sealed: Packed::default(),
            open: Records::default(),
            topics: BTreeSet::new(),
            started_at: 0,
            started_by: String::new(),
            updated_at: 0,
        }
    }
}

impl Row {
    /// The whole journal: what is in chunks, what is sealed here, and what is open.
    ///
    /// # Errors
    /// A part of it was changed since it was stored.
    pub fn journal(&self, chunks: &[Chunk]) -> Result<Records, PackedError> {
        let mut all = Records::default();
        for packed in chunks.iter().map(|chunk| &chunk.records).chain([&self.sealed]) {
            all.append(&Records::unpack(packed)?);
        }
        all.append(&self.open);
        Ok(all)
    }

    /// Whether a worker has taken it up yet.
    pub fn has_begun(&self) -> bool {
        !self.writer.is_empty()
    }

    /// The same taken from a worker that is thought dead. It bears the name of who took it: by the
    /// old one that worker, if it lives, would think its own next commit was stored.
    pub fn claim(mut self, by: &str) -> Self {
        self.claims += 1;
        self.version += 1;
        if self.has_begun() {
            by.clone_into(&mut self.writer);
        }
        self
    }

    /// Whether what is stored is what was to be stored: by nobody else, and with the same history. A
    /// fence has a version of its own, and the writer of the commit before it.
    pub fn is_stored_as(&self, written: &Self) -> bool {
        let mark = |row: &Self| (row.version, row.writer.clone(), row.head.clone());
        mark(self) == mark(written)
    }

    /// The same with a letter, and fenced off from the worker that has it: nothing more leaves before
    /// it has heard that. Where nobody has the run it is due, so that somebody finds it for certain.
    pub fn deliver(mut self, letter: Event, now: i64) -> Self {
        self.version += 1;
        self.letters.push(letter);
        // Of one that is at work the end of the lease stays, for whoever finds it due takes it away.
        if self.state != RunState::Running || !self.has_begun() {
            self.due_at = Some(now);
        }
        self
    }

    /// Whether the letter with this id is there already.
    pub fn has_letter(&self, id: &str) -> bool {
        self.letters.iter().any(|letter| letter.said_id() == Some(id))
    }

    /// The event it starts with, as long as nobody has taken it up.
    pub fn trigger(&self) -> Option<Value> {
        match self.open.iter().next()?.ok()?.event {
            Event::Started { trigger, .. } if !self.has_begun() => Some(trigger),
            _ => None,
        }
    }

    /// The same run with a later event to start with, due when the first one made it due.
    pub fn gather(mut self, event: Event, now: i64) -> Self {
        let (version, due_at, started_at) = (self.version, self.due_at, self.started_at);
        self.open = Records::default();
        self.head = EMPTY_HEAD.to_owned();
        let row = begin(self, event, now);
        Self { version: version + 1, due_at, started_at, ..row }
    }
}

/// The row of a run that begins with `event`, due at once.
pub fn begin(mut row: Row, event: Event, now: i64) -> Row {
    let line = Record { seq: 1, at: now, event }.line();
    row.head = journal::link(&row.head, &line);
    row.open.push(&line);
    row.version = 1;
    row.due_at = Some(now);
    row.started_at = now;
    row.updated_at = now;
    row
}
