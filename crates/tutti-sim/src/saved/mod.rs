//! A run as a release stored it, and what it went through afterwards: told again to this release, it
//! must come to the same.

mod told;

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::event::{Event, Reply};
use tutti_core::failure::Failure;
use tutti_core::flow::Flow;
use tutti_core::journal::{Chunk, Record};
use tutti_core::operation::Operation;
use tutti_core::session::{Row, Session, SessionError};

use crate::{Driver, Storage};

/// A run as it was stored. Everything is kept as it was written, and read as the app reads it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// What it is at, in one sentence.
    pub about: String,
    /// The flow version it is pinned to.
    pub flow: Version,
    /// Its row.
    pub row: Value,
    /// The open end of its journal, which is stored beside the row.
    pub journal: String,
    /// The sealed part of its journal.
    pub chunks: Value,
    /// What else happened for it and was not folded yet.
    pub hints: Value,
    /// The records that followed, under the release that stored it.
    pub then: Value,
}

/// A flow version: a document with the operations it was linked to.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    document: Value,
    operations: Value,
}

/// Why a saved run does not go on as it did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Astray {
    /// It is not opened.
    #[error("{}; {}", .0, .0.hint())]
    Unopened(#[from] SessionError),
    /// A part of it cannot be read.
    #[error("its {part} cannot be read: {reason}")]
    Unread {
        /// The part.
        part: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// Something else happens to it than did.
    #[error("its journal goes on with\n  {is}\nand went on with\n  {was}")]
    Otherwise {
        /// The record that there is now, if there is one.
        is: String,
        /// The record that there was.
        was: String,
    },
}

impl Saved {
    /// What is stored of a run now. What follows is not known yet.
    pub fn of<O>(about: &str, driver: &Driver<O>) -> Self {
        let Storage { row, chunks, hints } = &driver.storage;
        let Flow { document, operations, .. } = &driver.flow;
        Self {
            about: about.to_owned(),
            flow: Version { document: document.clone(), operations: json!(operations) },
            row: json!(row),
            journal: row.open.as_str().to_owned(),
            chunks: json!(chunks),
            hints: json!(hints),
            then: json!([]),
        }
    }

    /// The same with what followed, which is not what was known then.
    pub fn then(self, known: usize, records: &[Record]) -> Self {
        Self { then: json!(records.get(known..)), ..self }
    }

    /// Opens it and tells it everything that happened then, when it did; says line by line where
    /// it stood, what it heard and wanted, and where it stands at last.
    ///
    /// # Errors
    /// It is not opened, or its journal goes on in another way.
    pub fn resume(&self) -> Result<String, Astray> {
        let row = Row::read(&format!("{}\n{}", self.row, self.journal))?;
        let operations: BTreeMap<String, Operation> = read("flow", &self.flow.operations)?;
        let flow = Flow::link(&self.flow.document, &operations).map_err(|problems| {
            let first = problems.first().map(ToString::to_string);
            Astray::Unread { part: "flow", reason: first.unwrap_or_default() }
        })?;
        let chunks: Vec<Chunk> = read("chunks", &self.chunks)?;
        let session = Session::open(row.clone(), &chunks, flow, "a later worker")?;
        let storage = Storage { row, chunks, hints: read("hints", &self.hints)? };
        let then: Vec<Record> = read("then", &self.then)?;
        let mut resumed = Resumed { session, storage, told: format!("{}\n\n", self.about) };
        resumed.stands("stored");
        resumed.hear(&then)?;
        resumed.stands("at last");
        Ok(resumed.told)
    }
}

fn read<T: DeserializeOwned>(part: &'static str, value: &Value) -> Result<T, Astray> {
    T::deserialize(value).map_err(|error| Astray::Unread { part, reason: error.to_string() })
}

/// A saved run that is told what happened then.
struct Resumed {
    session: Session,
    storage: Storage,
    told: String,
}

impl Resumed {
    fn hear(&mut self, then: &[Record]) -> Result<(), Astray> {
        let known = self.journal().len();
        let mut posted = self.storage.has_post().then(|| std::mem::take(&mut self.storage.hints));
        let mut heard = 0;
        while let Some(Record { at, event, .. }) = then.get(heard) {
            let heard_now = || outside(event).cloned().into_iter().collect();
            let events = posted.take().unwrap_or_else(heard_now);
            let turn = self.session.step(events, *at);
            if let Some(commit) = &turn.commit {
                self.storage.execute(commit);
            }
            let records = self.journal();
            let line = |record: Option<&Record>| record.map(Record::line).unwrap_or_default();
            let Some(new) = records.get(known + heard..).filter(|new| !new.is_empty()) else {
                return Err(Astray::Otherwise { is: String::new(), was: line(then.get(heard)) });
            };
            for is in new {
                let was = then.get(heard);
                if Some(is) != was {
                    return Err(Astray::Otherwise { is: line(Some(is)), was: line(was) });
                }
                heard += 1;
                self.heard(is);
            }
            turn.effects.iter().for_each(|effect| self.wants(effect));
        }
        Ok(())
    }

    /// All that was ever recorded, saved or not.
    fn journal(&self) -> Vec<Record> {
        let journal = self.session.row().journal(&self.storage.chunks).unwrap_or_default();
        journal.iter().flatten().collect()
    }
}

/// What happened outside of the engine; the rest it says to itself.
fn outside(event: &Event) -> Option<&Event> {
    match event {
        Event::Woke | Event::Resumed | Event::GaveUp { .. } => None,
        Event::Answered { result: Reply::Failed(Failure::Refused { .. }), .. } => None,
        event => Some(event),
    }
}
