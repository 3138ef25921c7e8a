//! A case file: one run to take along. It holds all that is needed to replay the run anywhere, and
//! no personal data.
//!
//! The chain over it begins with everything that is no record, so that nothing in the file can be
//! changed unnoticed. It is no signature: who writes a whole file anew can make it chain up.
//! `source_head` is the head of the journal it was made from, for a comparison with the original.

mod change;
mod difference;
mod error;
mod export;
mod fork;
mod recorded;
mod redaction;
mod strict;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use self::error::CaseFileError;
pub use self::fork::{Difference, Forked};
use crate::digest;
use crate::event::Event;
use crate::flow::Flow;
use crate::journal::{self, Record};
use crate::operation::Operation;
use crate::run::Run;

/// The version of the format; a file of another one is not opened.
pub const FORMAT: u32 = 1;
/// The release that writes case files here.
pub const ENGINE: &str = env!("CARGO_PKG_VERSION");
/// The most bytes a case file may have.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;
/// The most records it may have: replaying them all takes seconds, not minutes.
pub const RECORDS_MAX: usize = 20_000;

/// A case file that was verified: what it holds chains up, and replaying it gives the state it
/// names.
#[derive(Debug, Clone)]
pub struct CaseFile {
    contents: Contents,
    flow: Flow,
}

/// What is written in a case file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Contents {
    /// The version of this format.
    pub format: u32,
    /// The release that wrote it.
    pub engine: String,
    /// When, milliseconds since 1970.
    pub exported_at: i64,
    /// The run's id.
    pub run: String,
    /// The project it belongs to.
    pub project: String,
    /// The head of the journal it was made from.
    pub source_head: String,
    /// The flow version the run is pinned to.
    pub flow_version: u64,
    /// The flow's document.
    pub flow: Value,
    /// The operations it was linked to.
    pub operations: BTreeMap<String, Operation>,
    /// The digest of the state after the last record.
    pub state_hash: String,
    /// The chain's head after the last record.
    pub head: String,
    /// The journal without personal data.
    pub records: Vec<Record>,
}

impl Contents {
    /// The head of the chain over all that it holds.
    pub fn seal(&self) -> String {
        let rest = digest::of_value(&json!({
            "format": self.format, "engine": self.engine, "exported_at": self.exported_at,
            "run": self.run, "project": self.project, "source_head": self.source_head,
            "flow_version": self.flow_version, "flow": self.flow,
            "operations": self.operations, "state_hash": self.state_hash,
        }));
        journal::link_all(&rest, self.records.iter().map(Record::line))
    }

    /// Each record follows the one before.
    fn check_order(&self) -> Result<(), CaseFileError> {
        if self.records.len() > RECORDS_MAX {
            return Err(CaseFileError::too_many_records(self.records.len()));
        }
        let mut before = 0;
        for record in &self.records {
            if record.seq != before + 1 {
                return Err(CaseFileError::sequence(before, record.seq));
            }
            before = record.seq;
        }
        Ok(())
    }

    /// It begins with the one start of the run, and time goes on.
    fn check_course(&self) -> Result<(), CaseFileError> {
        let impossible = |what: String| Err(CaseFileError::impossible(what));
        let Some(first) = self.records.first() else {
            return impossible("there are no records in it".to_owned());
        };
        let mut before = first;
        for record in &self.records {
            let seq = record.seq;
            match &record.event {
                Event::Started { .. } if seq > 1 => {
                    return impossible(format!("record {seq} starts the run once more"));
                }
                Event::Started { .. } => {}
                _ if seq == 1 => {
                    return impossible("record 1 does not start the run".to_owned());
                }
                _ => {}
            }
            if record.at < before.at {
                return impossible(format!("record {seq} is older than the one before it"));
            }
            before = record;
        }
        Ok(())
    }
}

/// What every format of a case file will have in common.
#[derive(Deserialize)]
struct Mark {
    format: Option<u32>,
    engine: Option<String>,
}

impl CaseFile {
    /// Reads a case file and verifies it.
    ///
    /// # Errors
    /// The first thing that is wrong with it, with what to do about it.
    pub fn open(text: &str) -> Result<Self, CaseFileError> {
        if text.len() > BYTES_MAX {
            return Err(CaseFileError::too_large());
        }
        if text.trim_ascii().is_empty() {
            return Err(CaseFileError::empty());
        }
        let written = strict::read(text)?;
        let unmarked = || CaseFileError::no_case_file("no `format`");
        let mark = Mark::deserialize(&written).map_err(|_| unmarked())?;
        match mark {
            Mark { format: Some(FORMAT), .. } => {}
            Mark { format: Some(other), engine } => {
                return Err(CaseFileError::format(other, engine));
            }
            Mark { format: None, .. } => return Err(unmarked()),
        }
        let contents: Contents =
            serde_json::from_str(text).map_err(|e| CaseFileError::unreadable(&e))?;
        contents.check_order()?;
        if contents.seal() != contents.head {
            return Err(CaseFileError::chain());
        }
        contents.check_course()?;
        strict::compare(&written, &json!(contents))?;
        let flow = Flow::link(&contents.flow, &contents.operations)
            .map_err(|problems| CaseFileError::flow(&problems, &contents.engine))?;
        let file = Self { contents, flow };
        if file.replay(None).state_hash(&file.flow) != file.contents.state_hash {
            return Err(CaseFileError::state(&file.contents.engine));
        }
        Ok(file)
    }

    /// The run after the record `until`, or after the last.
    pub fn replay(&self, until: Option<u64>) -> Run {
        let mut run = Run::new(&self.contents.run, &self.contents.project);
        let until = until.unwrap_or(u64::MAX);
        for record in self.contents.records.iter().take_while(|record| record.seq <= until) {
            run.on(&self.flow, record.event.clone(), record.at);
        }
        run
    }

    /// What is written in it.
    pub fn contents(&self) -> &Contents {
        &self.contents
    }

    /// The flow version the run is pinned to.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// What is worth knowing about a file that is sound.
    pub fn remarks(&self) -> Vec<String> {
        let engine = &self.contents.engine;
        let other = format!(
            "written by release {engine}, replayed by {ENGINE}: the state is the same nevertheless"
        );
        let last = self.contents.records.last().filter(|last| self.contents.exported_at < last.at);
        let early = last.map(|last| {
            format!("it says that it was exported before its last event, {}, happened", last.seq)
        });
        let unasked = self.unasked().into_iter().map(|seq| {
            format!("event {seq} answers what was not asked then: it means nothing to the run")
        });
        (engine != ENGINE).then_some(other).into_iter().chain(early).chain(unasked).collect()
    }

    /// Answers to what the run never wanted, or a second time. Late ones are none: what was wanted
    /// may be pointless when its answer comes.
    fn unasked(&self) -> Vec<u64> {
        let mut run = Run::new(&self.contents.run, &self.contents.project);
        let (mut wanted, mut unasked) = (BTreeSet::new(), Vec::new());
        for Record { seq, at, event } in &self.contents.records {
            if let Event::Answered { effect, .. } = event
                && !wanted.remove(effect)
            {
                unasked.push(*seq);
            }
            let effects = run.on(&self.flow, event.clone(), *at);
            wanted.extend(effects.into_iter().map(|effect| effect.id));
        }
        unasked
    }

    /// The file as text.
    pub fn to_json(&self) -> String {
        serde_json::to_string(&self.contents).unwrap_or_default()
    }
}
