//! Workers, as the host has them: step, commit, perform, step again; they die, and some go on
//! after everybody thought them dead.

use std::collections::BTreeSet;

use tutti_core::event::{Action, Effect, Event, Reply};
use tutti_core::flow::Flow;
use tutti_core::journal::{self, Record};
use tutti_core::operation::{Once, Operation};
use tutti_core::session::{Commit, Session, Turn};
use tutti_core::view::RunState;

use super::agenda::Happening;
use super::ledger::Ledger;
use super::model;
use super::people;
use super::promises::{AHEAD, CLASS, HELD, LEASE, STOPPED, THAW, WALL};
use super::stage::Stage;
use super::weather::{Fate, latest_ms};
use crate::Broken;
use crate::toys::Fault;

/// How often somebody thinks again about a run that is over.
const AFTERTHOUGHTS_MAX: u32 = 3;

/// One worker's hold.
pub(super) struct Worker {
    number: u32,
    session: Session,
    /// The history as this worker has it, stored or not.
    ledger: Ledger,
    /// Letters it has folded and no commit has covered yet.
    letters: Vec<Event>,
    /// Effects it waits for.
    awaits: BTreeSet<String>,
    /// Answers that came while it slept.
    mail: Vec<Event>,
    /// The turn it fell asleep over.
    asleep: Option<Turn>,
    committed: bool,
    /// When its last turn was decided upon.
    at: i64,
}

impl Worker {
    pub(super) fn new(number: u32, session: Session, ledger: Ledger, letters: Vec<Event>) -> Self {
        Self {
            number,
            session,
            ledger,
            letters,
            awaits: BTreeSet::new(),
            mail: Vec::new(),
            asleep: None,
            committed: false,
            at: 0,
        }
    }
}

/// What a commit came to, as its worker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Committed {
    Stored,
    Lost,
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
        let sealed = turn.commit.as_ref().and_then(|commit| commit.seal.as_ref());
        let sealed = sealed.map(|(_, chunk)| std::slice::from_ref(chunk)).unwrap_or_default();
        let all = journal::all(sealed, &worker.session.row().open).flatten();
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
                self.say(|| format!("worker {number} lost its hold"));
                let was_at_work = self.at_work == Some(number);
                self.stands_down(number);
                if was_at_work {
                    self.send(0);
                }
                return Ok(());
            }
        }
        for effect in &turn.effects {
            if self.dies_here(number) {
                self.leaves_nevertheless(effect);
                return Ok(());
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
        self.stands_down(number);
        if let Some(wake_at) = turn.wake_at.filter(|_| !turn.over && worker.committed) {
            self.send((wake_at - self.now).max(0));
        }
        Ok(())
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
    fn doubts(&mut self) {
        let writes = self.stored.run.in_flight().filter(|effect| effect.is_write());
        self.troubled.extend(writes.map(|effect| effect.key.clone()));
    }

    /// Executes a commit. Where the storage does not answer, the row says whose it was.
    fn commit(&mut self, worker: &mut Worker, commit: &Commit) -> Result<Committed, Broken> {
        let row = &commit.row;
        let longest = worker.session.run().in_flight().map(|effect| effect.deadline_ms).max();
        let longest = i64::try_from(longest.unwrap_or_default()).unwrap_or(i64::MAX);
        let leased = matches!(row.state, RunState::Held)
            || row.state.is_final()
            || row.due_at.is_some_and(|at| at >= worker.at + longest);
        self.notes.hold(LEASE, leased, || format!("{:?} is due at {:?}", row.state, row.due_at))?;

        let mut die = self.die(&format!("commit {}", self.boundaries));
        let trouble = if die.in_100(self.scenario.weather.storage) { 1 + die.below(3) } else { 0 };
        let stored = trouble != 1 && self.storage.execute(commit);
        if stored {
            worker.committed = true;
            self.stored = worker.ledger.clone();
            let folded = std::mem::take(&mut worker.letters);
            self.storage.letters.retain(|letter| !folded.contains(letter));
            self.ask_people();
        }
        let row = &self.storage.row;
        let mine = row.version == commit.row.version && row.writer == commit.row.writer;
        let known = match trouble {
            0 => stored,
            // No answer: the row is read back.
            1 | 2 => mine,
            // "Somebody else was first", whatever really happened.
            _ => false,
        };
        self.say(|| {
            let told = if known { "known to be" } else { "not known to be" };
            format!("commit {}: stored {stored}, {told}", commit.row.version)
        });
        if stored && !known {
            self.doubts();
        }
        Ok(if known { Committed::Stored } else { Committed::Lost })
    }

    /// People see the questions that are stored, and have their own ideas.
    fn ask_people(&mut self) {
        let weather = self.scenario.weather;
        for matter in self.stored.consent.matters() {
            if !self.asked.insert(matter.id().to_owned()) {
                continue;
            }
            let mut die = self.die(&format!("asked {}", self.asked.len()));
            for (after, visit) in people::visits(&mut die, &weather, &matter) {
                self.agenda.note(self.now + after, Happening::Visit(visit));
            }
        }
        if self.stored.run.state().is_final() && self.afterthoughts < AFTERTHOUGHTS_MAX {
            self.afterthoughts += 1;
            let ended = self.now - self.stored.still_ms;
            self.ended_at.get_or_insert(ended);
            let mut die = self.die(&format!("afterthought {}", self.afterthoughts));
            let dids = self.stored.run.timeline().iter().filter_map(|entry| entry.did.as_ref());
            let writes: Vec<String> = dids.map(|did| did.effect_key.clone()).collect();
            let steps: Vec<String> =
                self.flow.all_steps().iter().map(|step| step.id.clone()).collect();
            for (after, letter) in people::afterthoughts(&mut die, &writes, &steps) {
                self.post(after, letter);
            }
        }
    }

    /// What must hold when an effect leaves, and what becomes of it.
    fn perform(&mut self, worker: &mut Worker, effect: &Effect) -> Result<(), Broken> {
        self.may_leave(worker, effect)?;
        let operation = operation_of(&self.flow, effect);
        let times = self.world.toys.log.len();
        let mut die = self.die(&format!("fate {} {times}", effect.id));
        let fate = Fate::of(&mut die, &self.scenario.weather, effect, operation);
        if let Action::Ask { question } = &effect.action {
            let said = model::answer(&mut die, question, self.scenario.weather.faults);
            self.world.toys.answers.push_back(Reply::Ok(said));
        }
        if fate.fault == Some(Fault::Meddled) {
            self.world.meddle();
        }
        let result = match fate.fault {
            Some(Fault::Instead(failure)) => Reply::Failed(failure),
            Some(Fault::Afterwards(failure)) => {
                match fate.lands_ms {
                    Some(ms) => self.agenda.note(self.now + ms, Happening::Lands(effect.clone())),
                    None => drop(self.world.does(effect, &mut self.notes)?),
                }
                Reply::Failed(failure)
            }
            Some(Fault::Meddled) | None => self.world.does(effect, &mut self.notes)?,
        };
        let (number, id) = (worker.number, effect.id.clone());
        self.say(|| format!("worker {number} sends {id}: {}", spoken(&result)));
        if effect.is_write() {
            self.world.sent.insert(effect.key.clone());
        }
        worker.awaits.insert(effect.id.clone());
        let answer = Happening::Answer { worker: number, effect: effect.id.clone(), result };
        if let Some(ms) = fate.copy_ms {
            self.agenda.note(self.now + ms, answer.clone());
        }
        self.agenda.note(self.now + fate.answer_ms, answer);
        Ok(())
    }

    fn may_leave(&mut self, worker: &Worker, effect: &Effect) -> Result<(), Broken> {
        let (stored, notes, id) = (&self.stored.run, &mut self.notes, &effect.id);
        let still = worker.ledger.still_ms;
        let limit = stored.started_at().saturating_add(self.flow.budget.wall_ms + still);
        // What is taken back has all the time it needs.
        let in_time = worker.at < limit || worker.ledger.ended.is_some();
        notes.hold(WALL, in_time, || id.clone())?;
        notes.hold(STOPPED, !worker.ledger.run.state().is_final(), || id.clone())?;
        if !effect.is_write() {
            return Ok(());
        }
        notes.hold(AHEAD, stored.awaited(id) == Some(effect), || id.clone())?;
        notes.hold(STOPPED, !stored.state().is_final(), || id.clone())?;
        notes.hold(HELD, stored.state() != RunState::Held, || id.clone())?;
        let operation = operation_of(&self.flow, effect);
        let known = operation.is_some_and(|operation| operation.once != Once::Read);
        notes.hold(CLASS, known, || id.clone())?;
        let rules = &self.scenario.draft.rules;
        self.stored.consent.judge(&self.flow, rules, effect, worker.at, notes)
    }

    /// A dying worker's last request may have left all the same.
    fn leaves_nevertheless(&mut self, effect: &Effect) {
        let mut die = self.die(&format!("last {}", self.boundaries));
        if effect.is_write() && die.in_100(50) {
            let operation = operation_of(&self.flow, effect);
            let at = self.now + die.between(0, latest_ms(operation));
            self.say(|| format!("{} has left", effect.id));
            self.agenda.note(at, Happening::Lands(effect.clone()));
            self.world.sent.insert(effect.key.clone());
        }
    }
}

/// The operation that an effect is a call of.
fn operation_of<'f>(flow: &'f Flow, effect: &Effect) -> Option<&'f Operation> {
    match &effect.action {
        Action::Call { operation, .. } => flow.operation(operation),
        Action::Ask { .. } => None,
    }
}

fn spoken(result: &Reply) -> String {
    match result {
        Reply::Ok(value) => format!("ok {value}"),
        Reply::Failed(failure) => failure.to_string(),
    }
}
