//! Workers, as the host has them: step, commit, perform, step again; they die, and some go on
//! after everybody thought them dead.

use std::collections::BTreeSet;

use tutti_core::event::{Event, Reply};
use tutti_core::excerpt::Excerpt;
use tutti_core::journal::{Chunk, Record};
use tutti_core::session::{Session, Turn};
use tutti_core::view::RunState;

use super::agenda::Happening;
use super::commit::Committed;
use super::ledger::Ledger;
use super::promises::{LEASE, STOPPED, THAW};
use super::stage::Stage;
use crate::{Broken, Storage};

/// One worker's hold.
pub(super) struct Worker {
    pub(super) number: u32,
    pub(super) session: Session,
    /// The history as this worker has it, stored or not.
    pub(super) ledger: Ledger,
    /// Hints it has folded and no commit has covered yet.
    pub(super) hints: Vec<Event>,
    /// Effects it waits for.
    pub(super) awaits: BTreeSet<String>,
    /// Answers that came while it slept.
    mail: Vec<Event>,
    /// The turn it fell asleep over.
    asleep: Option<Turn>,
    /// When its last turn was decided upon.
    pub(super) at: i64,
}

impl Worker {
    pub(super) fn new(number: u32, session: Session, ledger: Ledger, hints: Vec<Event>) -> Self {
        Self {
            number,
            session,
            ledger,
            hints,
            awaits: BTreeSet::new(),
            mail: Vec::new(),
            asleep: None,
            at: 0,
        }
    }
}

impl Stage<'_> {
    /// An answer reaches its worker, with all others that come at the same moment.
    pub(super) fn answered(
        &mut self,
        number: u32,
        effect: String,
        result: Reply,
    ) -> Result<(), Broken> {
        let Some(mut worker) = self.workers.remove(&number) else { return Ok(()) };
        let mut answers = vec![(effect, result)];
        if self.die(&format!("together {}", self.now)).in_100(60) {
            answers.extend(self.agenda.answers_at(self.now, number));
        }
        for (effect, result) in answers {
            self.say(|| format!("worker {number} hears {effect}: {}", spoken(&result)));
            worker.awaits.remove(&effect);
            worker.mail.push(Event::Answered { effect, result, took_ms: 7 });
        }
        if worker.asleep.is_some() {
            self.workers.insert(number, worker);
            return Ok(());
        }
        let events = std::mem::take(&mut worker.mail);
        self.step(worker, events)
    }

    /// A worker that slept over a turn goes on with it.
    pub(super) fn awakes(&mut self, number: u32) -> Result<(), Broken> {
        let Some(mut worker) = self.workers.remove(&number) else { return Ok(()) };
        let Some(turn) = worker.asleep.take() else { return Ok(()) };
        self.say(|| format!("worker {number} wakes up and goes on"));
        self.execute(worker, turn)
    }

    pub(super) fn step(&mut self, mut worker: Worker, events: Vec<Event>) -> Result<(), Broken> {
        worker.at = self.now;
        let turn = worker.session.step(events, self.now);
        self.follow(&mut worker, &turn)?;
        let weather = self.scenario.weather;
        let mut die = self.die(&format!("sleep {}", self.boundaries));
        if die.in_100(weather.sleepers) && self.workers.len() < 2 {
            let number = worker.number;
            let until = self.now + die.pick(&[30_000i64, 400_000, 1_000_000, 8_000_000]);
            self.say(|| format!("worker {number} falls asleep"));
            worker.asleep = Some(turn);
            self.workers.insert(number, worker);
            self.agenda.note(until, Happening::Awakes { worker: number });
            self.is_missed(number);
            return Ok(());
        }
        self.execute(worker, turn)
    }

    /// Tells the new events once more, as they are going to be stored.
    fn follow(&mut self, worker: &mut Worker, turn: &Turn) -> Result<(), Broken> {
        let known = worker.ledger.run.seq();
        let sealed = turn.commit.iter().flat_map(|commit| &commit.seal);
        let sealed: Vec<Chunk> = sealed.map(|(_, chunk)| chunk.clone()).collect();
        let journal = worker.session.row().journal(&sealed).unwrap_or_default();
        let all = journal.iter().flatten();
        let fresh: Vec<Record> = all.filter(|record| record.seq > known).collect();
        for record in &fresh {
            worker.ledger.fold(&self.flow, record, &mut self.notes)?;
        }
        let same = *worker.session.run() == worker.ledger.run;
        self.notes.hold(THAW, same, || format!("at event {}", worker.ledger.run.seq()))?;
        let over = turn.over;
        self.notes.hold(STOPPED, !over || turn.effects.is_empty(), || format!("{turn:?}"))?;
        let waits = turn.in_flight > 0 || over || worker.ledger.run.state() == RunState::Held;
        let later = turn.wake_at.is_some_and(|at| at > self.now);
        self.notes.hold(LEASE, waits || later, || format!("it wakes at {:?}", turn.wake_at))
    }

    /// The commit, alone; then the effects it guards.
    fn execute(&mut self, mut worker: Worker, turn: Turn) -> Result<(), Broken> {
        let number = worker.number;
        if let Some(commit) = &turn.commit {
            if self.dies_here(number) {
                return Ok(());
            }
            if self.commit(&mut worker, commit)? == Committed::Lost {
                if let Some(hints) = self.taken_back(&mut worker)? {
                    self.say(|| format!("worker {number} hears something first"));
                    return self.step(worker, hints);
                }
                self.say(|| format!("worker {number} lost its hold"));
                self.stands_down(number);
                self.send(0);
                return Ok(());
            }
        }
        for effect in &turn.effects {
            if self.dies_here(number) {
                return self.leaves_nevertheless(effect);
            }
            self.perform(&mut worker, effect)?;
            if self.dies_here(number) {
                return Ok(());
            }
        }
        if !worker.mail.is_empty() {
            let events = std::mem::take(&mut worker.mail);
            return self.step(worker, events);
        }
        if !worker.awaits.is_empty() {
            self.workers.insert(number, worker);
            return Ok(());
        }
        self.say(|| format!("worker {number} is done"));
        self.is_heard_of();
        self.stands_down(number);
        if let Some(alarm_at) = turn.alarm_at {
            self.send((alarm_at - self.now).max(0));
        }
        Ok(())
    }

    /// The hints for a worker that hears something before it goes on, if only that kept its commit
    /// from being stored.
    fn taken_back(&mut self, worker: &mut Worker) -> Result<Option<Vec<Event>>, Broken> {
        let Storage { row, chunks, hints } = &self.storage;
        let taken_back = worker.session.take_back(row.clone(), chunks);
        if !taken_back.map_err(|e| Broken { promise: THAW, detail: e.to_string() })? {
            return Ok(None);
        }
        worker.ledger = self.stored.clone();
        let fresh: Vec<Event> =
            hints.iter().filter(|hint| !worker.hints.contains(hint)).cloned().collect();
        worker.hints.extend(fresh.iter().cloned());
        Ok(Some(fresh))
    }

    /// Whether the worker dies at this boundary.
    fn dies_here(&mut self, number: u32) -> bool {
        self.boundaries += 1;
        let question = format!("boundary {}", self.boundaries);
        let dies = self.die(&question).in_100(self.scenario.weather.crashes);
        if dies {
            self.say(|| format!("worker {number} dies"));
            self.is_missed(number);
        }
        dies
    }

    /// The platform thinks a worker dead: the queue delivers again, or its lease runs out.
    fn is_missed(&mut self, number: u32) {
        self.doubts();
        self.stands_down(number);
        let mut die = self.die(&format!("missed {}", self.boundaries));
        // A held run is due at no time: no sweep finds it, so the queue must.
        let held = self.storage.row.state == RunState::Held;
        if held || die.in_100(60) {
            let at = self.now + die.pick(&[0i64, 1_000, 30_000]);
            self.agenda.note(at, Happening::Message { again: true });
        }
    }

    /// Whatever was written ahead is in doubt for whoever comes next.
    pub(super) fn doubts(&mut self) {
        let writes = self.stored.run.in_flight().filter(|effect| effect.is_write());
        self.troubled.extend(writes.map(|effect| effect.key.clone()));
    }
}

/// An answer, for people.
pub(super) fn spoken(result: &Reply) -> String {
    match result {
        Reply::Ok(value) | Reply::Excerpt(Excerpt { value, .. }) => format!("ok {value}"),
        Reply::Failed(failure) => failure.to_string(),
    }
}
