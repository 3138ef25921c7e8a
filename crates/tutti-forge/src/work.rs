//! A worker's part in driving a run: load, step, save, and leave it to the next.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::event::{Brake, Effect, Event, Said};
use tutti_core::flow::{Flow, RUN};
use tutti_core::journal::Chunk;
use tutti_core::session::{Commit, Row, Session};
use tutti_core::view::RunState;

use crate::admission;
use crate::flows;
use crate::host::Host;
use crate::stop::{self, Stops};
use crate::store::{self, FlowVersion, Lane, Letter};

/// Everything a run needs to be opened.
#[derive(Serialize, Deserialize)]
pub struct Loaded {
    row: Row,
    chunks: Vec<Chunk>,
    flow: FlowVersion,
    letters: Vec<Letter>,
    stops: Stops,
}

/// What the queue says: which run, and why now.
#[derive(Deserialize)]
struct Message {
    run: String,
    /// A letter that was just written; a search might not find it yet.
    #[serde(default)]
    letter: Option<String>,
    /// The sweeper found the run overdue.
    #[serde(default)]
    swept: bool,
    /// The queue delivers it again: the worker before did not finish.
    #[serde(default)]
    again: bool,
}

/// One worker's hold: the session, and the letters it has folded but not yet deleted.
pub struct Worker {
    session: Session,
    letters: Vec<Letter>,
    folded: Vec<String>,
    /// What the stop switches say that the run does not know yet.
    turned: Option<Event>,
}

/// A turn as the host executes it.
#[derive(Serialize)]
pub struct HostTurn {
    /// Handed to `save` as it is, before anything else.
    commit: Option<Value>,
    effects: Vec<Effect>,
    in_flight: usize,
    wake_at: Option<i64>,
    over: bool,
    /// For the one line the host logs.
    state: RunState,
    subject: Option<String>,
}

/// Reads a run. `None` if it is unknown, or over with nothing new to note.
pub async fn load(message: &str, host: &Host) -> Result<Option<Loaded>, String> {
    let message: Message = serde_json::from_str(message).map_err(|error| error.to_string())?;
    let text = |error: crate::host::PortError| error.to_string();
    let Some(mut row) = store::row(host, &message.run).await.map_err(text)? else {
        return Ok(None);
    };
    let letters =
        store::letters(host, &message.run, message.letter.as_deref()).await.map_err(text)?;
    if row.state.is_final() && letters.is_empty() {
        return Ok(None);
    }
    let overdue = row.state == RunState::Running && row.due_at.is_some_and(|at| at < host.now());
    if (message.again || (message.swept && overdue)) && !row.state.is_final() {
        row = claim(row, host).await?;
    }
    let chunks = store::chunks(host, &row).await.map_err(text)?;
    let flow = store::flow_version(host, &row.project, &row.flow, row.flow_version).await;
    let Some(flow) = flow.map_err(text)? else {
        return Err(format!("version {} of `{}` is gone", row.flow_version, row.flow));
    };
    let stops = stop::over_flow(host, &row.project, &row.flow).await.map_err(text)?;
    Ok(Some(Loaded { row, chunks, flow, letters, stops }))
}

/// Counts a claim without progress on the row, so that a run that kills its workers ends.
async fn claim(mut row: Row, host: &Host) -> Result<Row, String> {
    let expect = row.version;
    row.claims += 1;
    row.version += 1;
    let commit =
        Commit { expect, row: row.clone(), seal: None, listen: Vec::new(), unlisten: Vec::new() };
    // One that is held has no time to wake by itself, and must be found when its stop is lifted.
    let lane = if commit.row.state == RunState::Held { Lane::Stopped } else { Lane::Open };
    let transaction = store::transaction(&commit, lane, &[]);
    store::transact(host, &transaction).await.map_err(|error| error.to_string())?;
    Ok(row)
}

/// What must be said to a run for it to agree with the stop switches.
fn turned(held: bool, stops: &Stops) -> Option<Event> {
    let (stop, answer) = match (&stops.standing, held) {
        (Some(stop), false) => {
            let reason = format!("{} is stopped", stop.reach);
            (stop, Said::Hold { brake: Brake::Stop, reason })
        }
        (None, true) => (stops.lifted.as_ref()?, Said::Resume { brake: Brake::Stop }),
        _ => return None,
    };
    let id = digest::of_value(&json!([stop.at, stop.reach, stop.stands]));
    Some(Event::Said { id, account: stop.account.clone(), name: stop.name.clone(), answer })
}

impl Worker {
    /// Folds the journal again.
    pub fn open(loaded: Loaded, writer: &str) -> Result<Self, String> {
        let flow = Flow::link(&loaded.flow.document, &loaded.flow.operations);
        let flow = flow.map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            format!("the stored flow does not link: {first}")
        })?;
        let session = Session::open(loaded.row, &loaded.chunks, flow, writer);
        let session = session.map_err(|error| error.to_string())?;
        let turned = turned(session.run().is_held_by(Brake::Stop), &loaded.stops);
        Ok(Self { session, letters: loaded.letters, folded: Vec::new(), turned })
    }

    /// Folds the letters first, then the events of this turn.
    pub fn step(&mut self, events: Vec<Event>, now: i64) -> HostTurn {
        let mut all = Vec::new();
        for letter in self.letters.drain(..) {
            self.folded.push(letter.key);
            all.push(letter.event);
        }
        all.extend(self.turned.take());
        all.extend(events);
        let turn = self.session.step(all, now);
        let held = self.session.run().is_held_by(Brake::Stop);
        let lane = if held { Lane::Stopped } else { Lane::Open };
        let sends = turn.effects.iter().any(Effect::is_write);
        let commit = turn.commit.map(|commit| {
            let folded = std::mem::take(&mut self.folded);
            let mut transaction = store::transaction(&commit, lane, &folded);
            if sends {
                stop::guard(&mut transaction, &commit.row.project, &commit.row.flow);
            }
            json!({
                "run": commit.row.run,
                "version": commit.row.version,
                "writer": commit.row.writer,
                "transaction": transaction,
                "flow": commit.row.flow,
                "leaves": commit.row.state.is_final(),
                "is_step": self.session.flow().trigger.topic == RUN,
                "subject": commit.row.subject,
                "state": commit.row.state,
                "project": commit.row.project,
            })
        });
        HostTurn {
            commit,
            effects: turn.effects,
            in_flight: turn.in_flight,
            wake_at: turn.wake_at,
            over: turn.over,
            state: self.session.run().state(),
            subject: self.session.run().subject().map(str::to_owned),
        }
    }
}

/// Executes a commit and tells the panels. An answer that never came is settled by reading the
/// row back: it carries the name of who wrote it.
pub async fn save(commit: &str, host: &Host) -> Result<bool, String> {
    let commit: Value = serde_json::from_str(commit).map_err(|error| error.to_string())?;
    let text = |name: &str| commit.get(name).and_then(Value::as_str).unwrap_or_default();
    let transaction = commit.get("transaction").cloned().unwrap_or_default();
    let stored = match host.port::<Value>("transact", transaction).await {
        Ok(_) => true,
        Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => false,
        Err(_) => {
            let row = store::row(host, text("run")).await.map_err(|error| error.to_string())?;
            let version = commit.get("version").and_then(Value::as_u64);
            row.is_some_and(|row| Some(row.version) == version && row.writer == text("writer"))
        }
    };
    if stored {
        let note = json!({
            "issue": text("subject"), "project": text("project"), "run": text("run"),
            "state": text("state"),
        });
        // A hint only: whoever misses it reads again by itself.
        let _ = host.port::<Value>("publish", note).await;
        let is = |name: &str| commit.get(name).and_then(Value::as_bool).unwrap_or_default();
        if is("leaves") && is("is_step") {
            // A hint, too: the run it is a step of looks by itself now and then.
            let _ = flows::ended(host, text("run")).await;
        }
        if is("leaves") {
            // A hint as well: the sweep lets in whom nobody told.
            let _ = admission::left(host, text("project"), text("flow")).await;
        }
    }
    Ok(stored)
}

/// Puts the run back in the queue, for now or for when it wakes. What is further away than the
/// queue reaches is the sweeper's.
pub async fn requeue(run: &str, wake_at: i64, host: &Host) {
    let wait_s = (wake_at.saturating_sub(host.now()) + 999).max(0) / 1000;
    if wait_s <= 900 {
        let wait_s = u32::try_from(wait_s).unwrap_or_default();
        // If the queue refuses, the row's `due_at` brings the run back.
        let _ = store::enqueue(host, run, None, wait_s, false).await;
    }
}
