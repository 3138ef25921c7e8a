//! A worker's part in driving a run: open, step, save, and leave it to the next.

use futures_util::future::{try_join, try_join3};
use serde::Serialize;
use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::event::{Brake, Effect, Event, Said};
use tutti_core::flow::{Flow, RUN};
use tutti_core::session::{Commit, Row, Session};
use tutti_core::view::RunState;

use crate::admission;
use crate::flows;
use crate::host::{Host, PortError};
use crate::stop::{Stops, Switches};
use crate::store::{self, Lane, Message, Transaction};

/// One worker's hold: the session, what it is told beside it, and the commit of its last turn.
pub struct Worker {
    session: Session,
    /// The stop switches as they were when the run was opened.
    switches: Switches,
    /// What they say that the run does not know yet.
    turned: Option<Event>,
    commit: Option<Transaction>,
    /// What was said before the run was there, and what the message told, until they are folded.
    told: Vec<Event>,
}

/// What became of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// It is stored: what it guards may leave.
    Stored,
    /// It was refused, for there is something to hear: one more step, and nothing leaves before.
    Heard,
    /// Another worker has the run.
    Lost,
}

impl Saved {
    /// What the host calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Stored => "stored",
            Self::Heard => "heard",
            Self::Lost => "lost",
        }
    }
}

/// A turn as the host executes it.
#[derive(Serialize)]
pub struct HostTurn {
    /// Whether there is something to save, before anything else.
    commit: bool,
    #[serde(skip)]
    effects: Vec<Effect>,
    in_flight: usize,
    /// When the run wants to go on by itself, whatever is answered until then.
    wake_at: Option<i64>,
    alarm_at: Option<i64>,
    over: bool,
    /// For the one line the host logs.
    state: RunState,
}

impl HostTurn {
    /// The turn in a line of JSON, and each effect in one more: the host hands these on as they
    /// are. JSON has no line breaks but escaped ones.
    pub fn lines(&self) -> serde_json::Result<String> {
        let mut lines = serde_json::to_string(self)?;
        for effect in &self.effects {
            lines.push('\n');
            lines.push_str(&serde_json::to_string(effect)?);
        }
        Ok(lines)
    }
}

/// Opens a run: its row with what was said meanwhile, its journal, its flow. `None` if it is unknown,
/// or over with nothing new to note.
pub async fn open(message: &str, writer: &str, host: &Host) -> Result<Option<Worker>, String> {
    let message: Message = serde_json::from_str(message).map_err(|error| error.to_string())?;
    let text = |error: crate::host::PortError| error.to_string();
    // An answer of the platform takes a while: what needs nothing of another is asked for with it.
    let asked = try_join(store::standing(host, &message.run), Switches::read(host));
    let (standing, switches) = asked.await.map_err(text)?;
    let Some((mut row, lane)) = standing else { return Ok(None) };
    if row.state.is_final() && row.letters.is_empty() && message.hint.is_none() {
        return Ok(None);
    }
    let flow = store::flow_version(host, &row.project, &row.flow, row.flow_version);
    let stored = try_join3(store::chunks(host, &row), flow, early(host, &row));
    let (chunks, flow, early) = stored.await.map_err(text)?;
    let Some(flow) = flow else {
        return Err(format!("version {} of `{}` is gone", row.flow_version, row.flow));
    };
    // A claim is counted only by who could read all that the run needs.
    let overdue = row.state == RunState::Running && row.due_at.is_some_and(|at| at < host.now());
    if (message.again || (message.swept && overdue)) && !row.state.is_final() {
        row = claim(row, lane, writer, host).await?;
    }
    let stops = switches.over(&row.project, &row.flow);
    let linked = Flow::link(&flow.document, &flow.operations).map_err(|problems| {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        format!("the stored flow does not link: {first}")
    })?;
    let session = Session::open(row, &chunks, linked, writer);
    let session = session.map_err(|error| text(error.into()))?;
    let turned = turned(session.run().is_held_by(Brake::Stop), &stops);
    Ok(Some(Worker {
        session,
        switches,
        turned,
        commit: None,
        told: early.into_iter().chain(message.hint).collect(),
    }))
}

/// What was said to a run before it was there. Only a run that another started can be spoken to then.
async fn early(host: &Host, row: &Row) -> Result<Option<Event>, PortError> {
    if row.depth == 0 || row.has_begun() { Ok(None) } else { store::early(host, &row.run).await }
}

/// Counts a claim without progress on the row, so that a run that kills its workers ends.
async fn claim(row: Row, lane: Lane, writer: &str, host: &Host) -> Result<Row, String> {
    let expect = row.version;
    let row = row.claim(writer);
    let commit = Commit::of_row(expect, row.clone());
    let transaction = store::transaction(&commit, lane.taken_up());
    store::transact(host, &transaction).await.map_err(|error| error.to_string())?;
    Ok(row)
}

/// What must be said to a run for it to agree with the stop switches.
fn turned(held: bool, stops: &Stops) -> Option<Event> {
    let (stop, answer) = match (&stops.standing, held) {
        (Some(stop), false) => {
            let reason = format!("{} is stopped", stop.reach);
            (stop, Said::hold(Brake::Stop, reason))
        }
        (None, true) => (stops.lifted.as_ref()?, Said::Resume { brake: Brake::Stop }),
        _ => return None,
    };
    let id = digest::of_value(&json!([stop.at, stop.reach, stop.stands]));
    Some(Event::Said { id, account: stop.account.clone(), name: stop.name.clone(), answer })
}

impl Worker {
    /// Folds what it was told and the events of this turn.
    pub fn step(&mut self, events: Vec<Event>, now: i64) -> HostTurn {
        let told = self.turned.take().into_iter().chain(self.told.drain(..));
        let all = told.chain(events).collect();
        let turn = self.session.step(all, now);
        let held = self.session.run().is_held_by(Brake::Stop);
        let lane = if held { Lane::Stopped } else { Lane::Open };
        let sends = turn.effects.iter().any(Effect::is_write);
        self.commit = turn.commit.map(|commit| {
            let mut transaction = store::transaction(&commit, lane);
            if sends {
                self.switches.guard(&mut transaction);
            }
            transaction
        });
        HostTurn {
            commit: self.commit.is_some(),
            effects: turn.effects,
            in_flight: turn.in_flight,
            wake_at: turn.wake_at,
            alarm_at: turn.alarm_at,
            over: turn.over,
            state: self.session.run().state(),
        }
    }

    /// Executes the commit of the last turn and tells the panels. Where it was not stored, or nobody
    /// knows, the row is read back: it carries the name of who wrote it.
    pub async fn save(&mut self, host: &Host) -> Result<Saved, String> {
        let Some(transaction) = &self.commit else { return Ok(Saved::Stored) };
        let mine = self.session.row();
        if let Err(error) = store::transact(host, transaction).await {
            let row = store::row(host, &mine.run).await.map_err(|error| error.to_string())?;
            match row {
                Some(row) if !row.is_stored_as(mine) => {
                    return self.refused(&error, row, host).await;
                }
                Some(_) => {}
                None => return Ok(Saved::Lost),
            }
        }
        self.tell(host).await;
        Ok(Saved::Stored)
    }

    /// A commit was refused: because of something to hear, or because the run is another's.
    async fn refused(&mut self, error: &PortError, row: Row, host: &Host) -> Result<Saved, String> {
        if !error.is("CONDITIONAL_CHECK_FAILED") {
            return Ok(Saved::Lost);
        }
        let text = |error: PortError| error.to_string();
        let chunks = store::chunks(host, &row).await.map_err(text)?;
        if !self.session.take_back(row, &chunks).map_err(|error| error.to_string())? {
            return Ok(Saved::Lost);
        }
        self.switches = Switches::read(host).await.map_err(text)?;
        let Row { project, flow, .. } = self.session.row();
        let stops = self.switches.over(project, flow);
        self.turned = turned(self.session.run().is_held_by(Brake::Stop), &stops);
        Ok(Saved::Heard)
    }

    /// Reads what was said to the run since, for the next step.
    pub async fn hear(&mut self, host: &Host) -> Result<(), String> {
        let stored = store::row(host, &self.session.row().run).await;
        if let Some(row) = stored.map_err(|error| error.to_string())? {
            self.session.hear(&row);
        }
        Ok(())
    }

    /// Hints only: a page that misses one reads again by itself, the sweep lets in whom nobody told,
    /// and a run looks now and then whether its step is over.
    async fn tell(&self, host: &Host) {
        let Row { run, project, flow, subject, state, .. } = self.session.row();
        if let Some(issue) = subject {
            let note = json!({"issue": issue, "project": project, "run": run, "state": state});
            let _ = host.port::<Value>("publish", note).await;
        }
        if state.is_final() {
            let _ = admission::left(host, project, flow).await;
            if self.session.flow().trigger.topic == RUN {
                let _ = flows::ended(host, run).await;
            }
        }
    }
}

/// Puts the run back in the queue, for now or for later.
pub async fn requeue(run: &str, at: i64, host: &Host) {
    let wait_s = (at.saturating_sub(host.now()) + 999).max(0) / 1000;
    let wait_s = u32::try_from(wait_s).unwrap_or_default();
    // If the queue refuses, the row's `due_at` brings the run back.
    let _ = store::enqueue(host, &Message::of(run), wait_s).await;
}
