//! `tutti replay`: a case file verified, the run at any of its events, and what if a fact had been
//! another.

mod people;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::PathBuf;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::{Value, json};
use tutti_core::case_file::{BYTES_MAX, CaseFile, CaseFileError, Difference};
use tutti_core::fact::Fact;
use tutti_core::run::{Run, Viewer};
use tutti_core::view::RunView;

use crate::told;

/// Replays a run.
#[derive(clap::Args)]
pub struct Replay {
    /// The file that “Export case file” on the issue panel saved
    #[arg(value_name = "CASEFILE")]
    file: PathBuf,
    /// Show the run after this event, not after the last
    #[arg(long, value_name = "SEQ")]
    at: Option<u64>,
    /// What if: a fact and what it would be, as in case.priority=Low; can be given several times
    #[arg(long, value_name = "FACT=VALUE", conflicts_with = "at", value_parser = change)]
    with: Vec<(String, Value)>,
    /// Say it as one JSON document
    #[arg(long)]
    json: bool,
}

/// What is said of a case file that is sound.
#[derive(Serialize)]
struct Replayed {
    file: String,
    ok: bool,
    /// The release that wrote it.
    engine: String,
    project: String,
    exported_at: i64,
    /// The head of the journal it was made from.
    source_head: String,
    /// The head of its own chain.
    head: String,
    /// What is worth knowing all the same.
    remarks: Vec<String>,
    /// How many events it holds.
    events: u64,
    /// The event after which the run is shown.
    at: u64,
    /// The digest of the run's state there.
    state_hash: String,
    /// When that was, milliseconds since 1970.
    now: i64,
    run: RunView,
    facts: BTreeMap<String, Fact>,
    /// If a fact was changed: what differs.
    fork: Option<WhatIf>,
}

/// What differs if a fact is changed.
#[derive(Serialize)]
struct WhatIf {
    differences: Vec<Difference>,
    /// Why no more is known.
    ends: Option<String>,
}

/// Why nothing is shown.
enum Trouble {
    /// The file cannot be read at all.
    Unread(io::Error),
    /// It is damaged, or no case file.
    Damaged(CaseFileError),
    /// What was asked of a sound file cannot be said.
    Unasked(CaseFileError),
    /// There is no such event.
    NoEvent { events: u64 },
}

/// `case.priority=Low`: what is no JSON is a text.
fn change(given: &str) -> Result<(String, Value), String> {
    let (fact, value) = given.split_once('=').ok_or("it is written fact=value")?;
    let value = serde_json::from_str(value).unwrap_or_else(|_| value.into());
    Ok((fact.trim().to_owned(), value))
}

impl Replay {
    /// Verifies the file, says how the run stands, and whether the file is sound.
    pub fn run(&self) -> ExitCode {
        match self.replayed() {
            Ok(replayed) if self.json => told::json(&replayed),
            Ok(replayed) => people::tell(&replayed),
            Err(trouble) => return self.complain(trouble),
        }
        ExitCode::SUCCESS
    }

    fn replayed(&self) -> Result<Replayed, Trouble> {
        let file = CaseFile::open(&self.read().map_err(Trouble::Unread)?);
        let file = file.map_err(Trouble::Damaged)?;
        let contents = file.contents();
        let events = contents.records.last().map_or(0, |record| record.seq);
        if self.at.is_some_and(|at| at == 0 || at > events) {
            return Err(Trouble::NoEvent { events });
        }
        let (run, at, fork) = if self.with.is_empty() {
            (file.replay(self.at), self.at.unwrap_or(events), None)
        } else {
            let forked = file.fork(self.with.clone()).map_err(Trouble::Unasked)?;
            let what_if = WhatIf { differences: forked.differences, ends: forked.ends };
            (forked.run, forked.at, Some(what_if))
        };
        let shown = contents.records.iter().take_while(|record| record.seq <= at).last();
        Ok(Replayed {
            file: self.file.display().to_string(),
            ok: true,
            engine: contents.engine.clone(),
            project: contents.project.clone(),
            exported_at: contents.exported_at,
            source_head: contents.source_head.clone(),
            head: contents.head.clone(),
            remarks: file.remarks(),
            events,
            at,
            state_hash: run.state_hash(file.flow()),
            now: shown.map_or(0, |record| record.at),
            facts: facts(&run),
            run: run.view(file.flow(), contents.flow_version, NOBODY),
            fork,
        })
    }

    /// The file as text. What is no UTF-8 in it will be noticed by the chain.
    fn read(&self) -> io::Result<String> {
        let mut bytes = Vec::new();
        // One byte more than a case file may have tells that it has too many.
        let limit = u64::try_from(BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
        File::open(&self.file)?.take(limit).read_to_end(&mut bytes)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn complain(&self, trouble: Trouble) -> ExitCode {
        let file = self.file.display();
        let (code, error) = match trouble {
            Trouble::Unread(error) => {
                return told::trouble(&format!("{file}: {error}"), self.json);
            }
            Trouble::NoEvent { events } => {
                let trouble = format!("{file}: its events are 1 to {events}");
                return told::trouble(&trouble, self.json);
            }
            Trouble::Damaged(error) => (1, error),
            Trouble::Unasked(error) => (2, error),
        };
        if self.json {
            let file = file.to_string();
            told::json(&json!({ "file": file, "ok": false, "error": error }));
        } else {
            told::say(format!("{file}: {error}"));
            told::say(format!("  help: {}", error.hint));
        }
        ExitCode::from(code)
    }
}

/// Who replays a run answers no questions.
const NOBODY: Viewer = Viewer { account: "", is_admin: false };

fn facts(run: &Run) -> BTreeMap<String, Fact> {
    run.facts().map(|(name, fact)| (name.to_owned(), fact.clone())).collect()
}
