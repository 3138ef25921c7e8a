//! A session: one worker's hold on a run, and the commit protocol between run and storage.
//!
//! Every turn the worker executes the commit first, alone; only then the effects it guards. The
//! row moves from version *n* to *n*+1 on the condition that it still is *n*: a worker that lost
//! its hold cannot commit, so its effects never leave.

mod error;
mod row;
mod taken_back;

pub use self::error::SessionError;
pub use self::row::{Row, begin};
use self::taken_back::{Before, Handed, Stored};

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::event::{Effect, Event, Reply, Said, Way};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::journal::{self, Chunk, EMPTY_HEAD, Record, Records};
use crate::packed::Packed;
use crate::run::Run;

/// The version of the saved format; a row of another one is not opened.
pub const FORMAT: u32 = 3;
/// The records in a row are sealed above this many bytes: Forge counts what is written in units of
/// 10 KB, and with every commit the row is written again. Quotes grow as they are stored.
const ROW_BYTES_MAX: usize = 7 * 1024;
/// Sealed records leave the row for a chunk of their own above this many bytes: a chunk is one more
/// key to read whenever the run is opened, so it should be worth it.
const CHUNK_BYTES_MIN: usize = 5 * 1024;
/// The most bytes of records, before they are packed, that are kept for one chunk: Forge stores
/// 240 KiB under one key, and text that cannot be packed grows by a tenth. One record alone is less:
/// a delivery has 200 KB at most, an answer 160.
const CHUNK_TEXT_MAX: usize = 200 * 1024;
/// What a lease adds to the longest effect, in milliseconds.
const LEASE_MARGIN_MS: i64 = 60_000;
/// How far ahead an alarm is set, in milliseconds: a message waits no longer in Forge's queue.
/// https://developer.atlassian.com/platform/forge/runtime-reference/async-events-api/
const ALARM_MS_MAX: i64 = 15 * 60_000;
/// How much earlier than it was asked for a message may come, in milliseconds.
const ALARM_EARLY_MS: i64 = 1_000;
/// How often workers may die on a run without progress.
pub const CLAIMS_MAX: u32 = 3;

/// What to write, on which condition, before anything leaves.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Commit {
    /// The row's version that must still be stored.
    pub expect: u64,
    /// The new row.
    pub row: Row,
    /// Chunks to seal, with their numbers.
    pub seal: Vec<(u32, Chunk)>,
    /// Topics heard of from now on. What is no longer waited for, the row's own topics tell.
    pub listen: Vec<String>,
}

impl Commit {
    /// Of the row and nothing beside it.
    pub fn of_row(expect: u64, row: Row) -> Self {
        Self { expect, row, seal: Vec::new(), listen: Vec::new() }
    }
}

/// What a worker does next: the commit, then the effects, then it waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    /// Executed first, alone.
    pub commit: Option<Commit>,
    /// Performed concurrently after it; each answer is one more step.
    pub effects: Vec<Effect>,
    /// How many effects are awaited, these included.
    pub in_flight: usize,
    /// When the run wakes by itself.
    pub wake_at: Option<i64>,
    /// When the queue is to bring it back for that. Nothing, if a message that is under way comes
    /// first, or if it is so far away that whoever looks for what is due finds it.
    pub alarm_at: Option<i64>,
    /// Whether the run is over.
    pub over: bool,
}

/// Whether it stops or holds the run. The same letter once more is nothing but the passing of time.
fn stops(run: &Run, event: &Event) -> bool {
    match event {
        Event::Said { id, answer: Said::Cancel { .. } | Said::Hold { .. }, .. } => {
            !run.has_heard(id)
        }
        _ => false,
    }
}

/// Whether it lets a run go on: one that is held, or one that is over.
fn lets_go(run: &Run, event: &Event) -> bool {
    match event {
        Event::Said {
            id,
            answer: Said::Resume { .. } | Said::Undo { .. } | Said::Rerun { .. },
            ..
        } => !run.has_heard(id),
        _ => false,
    }
}

/// Who stops or holds a run does so before anything else that came at the same time is heard, but
/// for what had let it go before that: those come first, in their order, and then the others.
fn orders_first(run: &Run, events: Vec<Event>) -> (Vec<Event>, Vec<Event>) {
    let last = events.iter().rposition(|event| stops(run, event));
    let (mut orders, mut others) = (Vec::new(), Vec::new());
    for (at, event) in events.into_iter().enumerate() {
        let is_order = stops(run, &event) || lets_go(run, &event);
        let is_first = is_order && last.is_some_and(|last| at <= last);
        if is_first { orders.push(event) } else { others.push(event) }
    }
    (orders, others)
}

/// Who holds a run holds also what was wanted in the same turn and has not left.
fn holding(mut order: Event, wanted: &[Effect]) -> Event {
    if let Event::Said { answer: Said::Hold { unsent, .. }, .. } = &mut order {
        *unsent = ids(wanted).collect();
    }
    order
}

fn ids(effects: &[Effect]) -> impl Iterator<Item = String> {
    effects.iter().map(|effect| effect.id.clone())
}

/// Whether somebody recalls something with it.
fn recalls(event: &Event) -> bool {
    matches!(event, Event::Said { answer: Said::Resolve { way: Way::Recall, .. }, .. })
}

/// One worker's hold on a run.
pub struct Session {
    flow: Flow,
    run: Run,
    row: Row,
    /// When the last record was; time never runs backwards.
    at: i64,
    /// Whether there are records that were not handed out to be stored yet.
    unsaved: bool,
    /// Nothing was done with it yet; what it found in flight is an earlier worker's.
    fresh: bool,
    writer: String,
    /// How far the journal is stored.
    stored: Stored,
    /// Where the run stood as the last turn began.
    before: Before,
    /// What happened in a turn that was taken back: it came before anything that is heard now.
    taken_back: Vec<Event>,
    /// The last commit, as long as it may turn out to be refused.
    handed: Option<Handed>,
}

impl Session {
    /// Opens a stored run by folding its journal again.
    ///
    /// # Errors
    /// The row is of another format, or the records do not chain up to its head.
    pub fn open(
        row: Row,
        chunks: &[Chunk],
        flow: Flow,
        writer: &str,
    ) -> Result<Self, SessionError> {
        if row.format != FORMAT {
            return Err(SessionError::Format { found: row.format });
        }
        let mut head = EMPTY_HEAD.to_owned();
        let mut records = Records::default();
        for (index, chunk) in chunks.iter().enumerate() {
            let broken = || SessionError::Chain { chunk: index };
            let sealed = Records::unpack(&chunk.records).map_err(|_| broken())?;
            if chunk.before != head {
                return Err(broken());
            }
            head = journal::link_all(&head, sealed.lines());
            records.append(&sealed);
        }
        let broken = || SessionError::Chain { chunk: chunks.len() };
        let complete = u32::try_from(chunks.len()).is_ok_and(|count| count == row.chunks);
        let mut last = Records::unpack(&row.sealed).map_err(|_| broken())?;
        last.append(&row.open);
        if !complete || journal::link_all(&head, last.lines()) != row.head {
            return Err(broken());
        }
        records.append(&last);
        let mut run = Run::new(&row.run, &row.project);
        let mut at = row.started_at;
        for record in records.iter() {
            let Record { at: then, event, .. } = record.map_err(|error| SessionError::Record {
                seq: run.seq() + 1,
                reason: error.to_string(),
            })?;
            run.on(&flow, event, then);
            at = then;
        }
        let stored = Stored { seq: run.seq(), head: row.head.clone() };
        let before = Before { seq: run.seq(), fresh: true };
        Ok(Self {
            flow,
            run,
            row,
            at,
            unsaved: false,
            fresh: true,
            writer: writer.to_owned(),
            stored,
            before,
            taken_back: Vec::new(),
            handed: None,
        })
    }

    /// Folds what people said and then these events, and says what to do next. The first call also
    /// sees to what an earlier worker left behind.
    pub fn step(&mut self, events: Vec<Event>, now: i64) -> Turn {
        self.handed = None;
        self.before = Before { seq: self.run.seq(), fresh: self.fresh };
        let events = self.and_letters(events);
        let mut effects = Vec::new();
        let let_go = events.iter().any(|event| lets_go(&self.run, event));
        let (orders, mut others) = orders_first(&self.run, events);
        // Of the others, who recalls comes first.
        others.sort_by_key(|event| !recalls(event));
        // What is let go now has not left with an earlier worker.
        if orders.iter().any(|order| lets_go(&self.run, order)) {
            self.take_over(now, &mut effects);
        }
        // These may have left with an earlier worker.
        let mut resent: BTreeSet<String> = ids(&effects).collect();
        for order in orders {
            let order = holding(order, &effects);
            self.fold(order, now, &mut effects);
            // What is withheld is wanted anew once it may leave.
            effects.retain(|effect| !self.run.is_withheld(&effect.id));
        }
        let ordered = effects.len();
        self.take_over(now, &mut effects);
        resent.extend(ids(effects.get(ordered..).unwrap_or_default()));
        let due = self.is_due(now);
        for event in others {
            self.fold(event, now, &mut effects);
        }
        if due && self.is_due(now) {
            self.fold(Event::Woke, now, &mut effects);
        }
        self.stop(&effects, &resent, now);
        let over = self.run.state().is_final();
        // What one event wanted, a later one may have made pointless.
        let wanted: BTreeSet<&str> = self.run.in_flight().map(|e| e.id.as_str()).collect();
        effects.retain(|effect| !over && wanted.contains(effect.id.as_str()));
        let in_flight = wanted.len();
        let must_save = over
            || in_flight == 0
            || effects.iter().any(Effect::is_write)
            || self.must_listen()
            // Whoever looks at a run that goes on, to stop it perhaps, must see that it does.
            || let_go
            || self.row.open.as_str().len() > CHUNK_TEXT_MAX;
        let wake_at = self.run.wake_at(&self.flow);
        let alarm_at = if in_flight == 0 && !over { self.alarm(wake_at, now) } else { None };
        let commit = (must_save && self.unsaved).then(|| self.commit(now));
        Turn { commit, effects, in_flight, wake_at, alarm_at, over }
    }

    /// What there is to fold, in its order.
    fn and_letters(&mut self, events: Vec<Event>) -> Vec<Event> {
        let mut all = std::mem::take(&mut self.taken_back);
        all.append(&mut self.row.letters);
        all.extend(events);
        all
    }

    /// Takes over the letters that came since, from the row as it is stored now, for the next step.
    pub fn hear(&mut self, stored: &Row) {
        self.hear_of(stored.letters.clone());
    }

    fn hear_of(&mut self, mut letters: Vec<Event>) {
        letters.retain(|letter| {
            let taken_back =
                self.taken_back.iter().any(|event| event.said_id() == letter.said_id());
            let heard = letter.said_id().is_some_and(|id| self.run.has_heard(id));
            !taken_back && !heard
        });
        self.row.letters = letters;
    }

    /// Folds what people said and then these events and nothing else, to show what comes of them.
    pub fn foresee(&mut self, events: Vec<Event>, now: i64) {
        let events = self.and_letters(events);
        let (orders, others) = orders_first(&self.run, events);
        for event in orders.into_iter().chain(others) {
            self.fold(event, now, &mut Vec::new());
        }
    }

    /// The alarm to set for when the run wakes. One that is set and rings earlier is enough:
    /// whoever comes then sets the next.
    fn alarm(&mut self, wake_at: Option<i64>, now: i64) -> Option<i64> {
        let set = self.row.alarm_at.filter(|at| *at > now + ALARM_EARLY_MS);
        let wake_at = wake_at?;
        if set.is_some_and(|at| at <= wake_at) || wake_at - now > ALARM_MS_MAX {
            return None;
        }
        self.row.alarm_at = Some(wake_at);
        Some(wake_at)
    }

    /// A write that one event wanted and a later one stopped has not left: the run hears so, or it
    /// would wonder for ever what became of it.
    fn stop(&mut self, effects: &[Effect], resent: &BTreeSet<String>, now: i64) {
        for effect in effects {
            if self.run.is_overtaken(&effect.id) && !resent.contains(&effect.id) {
                let failure = Failure::Refused { policy: "it was stopped before it left".into() };
                let (effect, result) = (effect.id.clone(), Reply::Failed(failure));
                self.fold(Event::Answered { effect, result, took_ms: 0 }, now, &mut Vec::new());
            }
        }
    }

    /// Sees to what an earlier worker left behind: reads are simply asked again; writes that may
    /// have left are looked after; a run that ended worker after worker is given up.
    fn take_over(&mut self, now: i64, effects: &mut Vec<Effect>) {
        if !std::mem::take(&mut self.fresh) {
            return;
        }
        let first = self.row.writer.is_empty();
        if self.row.claims >= CLAIMS_MAX && !self.run.state().is_final() {
            let reason = format!("{} workers died on it one after the other", self.row.claims);
            self.fold(Event::GaveUp { reason }, now, effects);
        } else if first && !self.run.state().is_final() {
            self.fold(Event::Woke, now, effects);
        } else if self.run.in_flight().any(Effect::is_write) {
            self.fold(Event::Resumed, now, effects);
        } else {
            effects.extend(self.run.in_flight().cloned());
        }
    }

    fn is_due(&self, now: i64) -> bool {
        self.run.wake_at(&self.flow).is_some_and(|at| at <= now)
    }

    /// Whether the run wants to hear of something that is not stored as wanted yet. It is stored
    /// before the outside is read: what happens after the reading is then heard of.
    fn must_listen(&self) -> bool {
        !self.run.topics().is_subset(&self.row.topics)
    }

    /// The run as it is now, saved or not.
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// The flow version it is pinned to.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The row as last handed out.
    pub fn row(&self) -> &Row {
        &self.row
    }

    fn fold(&mut self, event: Event, now: i64, effects: &mut Vec<Effect>) {
        self.at = self.at.max(now);
        let record = Record { seq: self.run.seq() + 1, at: self.at, event };
        let line = record.line();
        self.row.head = journal::link(&self.row.head, &line);
        self.row.open.push(&line);
        self.unsaved = true;
        effects.extend(self.run.on(&self.flow, record.event, record.at));
    }

    fn commit(&mut self, now: i64) -> Commit {
        let expect = self.row.version;
        self.hand_out();
        let topics = self.run.topics();
        let listen = topics.difference(&self.row.topics).cloned().collect();
        let rests = self.run.in_flight().next().is_none();
        let seal = self.seal(rests);
        let longest = self.run.in_flight().map(|effect| effect.deadline_ms).max();
        let lease = longest.map(|ms| {
            let ms = i64::try_from(ms).unwrap_or(i64::MAX);
            now.saturating_add(ms).saturating_add(LEASE_MARGIN_MS)
        });
        let row = &mut self.row;
        row.version += 1;
        row.writer.clone_from(&self.writer);
        row.claims = 0;
        row.state = self.run.state();
        row.reason = self.run.reason().to_owned();
        row.subject = self.run.subject().map(str::to_owned).or_else(|| row.issue.clone());
        row.due_at = if row.state.is_final() {
            None
        } else {
            lease.or_else(|| self.run.wake_at(&self.flow))
        };
        row.topics = topics;
        row.started_by = self.run.started_by().to_owned();
        row.updated_at = now;
        self.unsaved = false;
        Commit { expect, row: row.clone(), seal, listen }
    }

    /// Packs the open records once they are many, or once the run rests: nobody adds to them for a
    /// while then. What is left for the row is the last of them, if that is little.
    fn seal(&mut self, rests: bool) -> Vec<(u32, Chunk)> {
        let mut chunks = Vec::new();
        let row = &mut self.row;
        let full = row.sealed.len() + row.open.as_str().len() > ROW_BYTES_MAX;
        if !full && !rests {
            return chunks;
        }
        // It was unpacked when the run was opened, and packed by this session since.
        let Ok(mut records) = Records::unpack(&row.sealed) else { return chunks };
        records.append(&std::mem::take(&mut row.open));
        let mut parts = records.split(CHUNK_TEXT_MAX).into_iter().peekable();
        row.sealed = Packed::default();
        while let Some(part) = parts.next() {
            let records = part.pack();
            if parts.peek().is_none() && records.len() < CHUNK_BYTES_MIN {
                row.sealed = records;
                break;
            }
            let head = journal::link_all(&row.sealed_head, part.lines());
            let before = std::mem::replace(&mut row.sealed_head, head);
            chunks.push((row.chunks, Chunk { before, records }));
            row.chunks += 1;
        }
        chunks
    }
}
