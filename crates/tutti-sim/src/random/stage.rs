//! The stage: one run played from its trigger to its end, with everything that happens around it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;
use tutti_core::event::{Brake, Effect, Event, Said};
use tutti_core::flow::Flow;
use tutti_core::session::{Row, Session, begin};
use tutti_core::view::RunState;

use super::agenda::{Agenda, Happening};
use super::dice::Die;
use super::ledger::Ledger;
use super::outside::World;
use super::people;
use super::promises::{ENDS, LEASE, LINKS, Notes, THAW};
use super::rehearsal::trigger;
use super::worker::Worker;
use super::{Piece, Scenario};
use crate::toys::catalogue;
use crate::{Broken, START, Storage};

/// How many workers a run may need.
const WORKERS_MAX: u32 = 600;
/// How far apart the sweeps are, in milliseconds.
const SWEEP_MS: i64 = 300_000;
/// How far ahead the queue can hold a message, in milliseconds.
const QUEUE_MS_MAX: i64 = 900_000;
/// The project of the simulated run.
pub(super) const PROJECT: &str = "PAY";

/// One run with everything around it.
pub(super) struct Stage<'s> {
    pub(super) scenario: &'s Scenario,
    pub(super) flow: Flow,
    pub(super) world: World,
    pub(super) storage: Storage,
    /// The history that is stored.
    pub(super) stored: Ledger,
    /// When it began.
    pub(super) start: i64,
    pub(super) now: i64,
    pub(super) agenda: Agenda,
    pub(super) workers: BTreeMap<u32, Worker>,
    /// The worker the queue knows of; others are thought dead.
    pub(super) at_work: Option<u32>,
    /// A message came while it was at work.
    message_waits: bool,
    /// Workers so far.
    started: u32,
    /// Boundaries passed so far.
    pub(super) boundaries: u32,
    /// Effects that were on their way when something happened to their worker.
    pub(super) troubled: BTreeSet<String>,
    /// The questions people were asked so far.
    pub(super) asked: BTreeSet<String>,
    /// What people said so far, by its id.
    pub(super) said: BTreeSet<String>,
    /// What was said last of each brake: the letter's id, and whether it holds.
    pub(super) brakes: BTreeMap<Brake, (String, bool)>,
    pub(super) notes: Notes,
    /// When it ended first, without the time it was held.
    pub(super) ended_at: Option<i64>,
    /// How often somebody had second thoughts about a run that was over.
    pub(super) afterthoughts: u32,
    /// What happened, for people; only where somebody wants to read it.
    pub(super) trace: Option<Vec<String>>,
}

impl<'s> Stage<'s> {
    pub(super) fn new(scenario: &'s Scenario, traced: bool) -> Result<Self, Broken> {
        let mut notes = Notes::default();
        let flow = match &scenario.piece {
            Piece::Own(own) => own.flow.clone(),
            Piece::Draft(draft) => {
                let linked = Flow::link(&draft.document, &catalogue());
                notes.hold(LINKS, linked.is_ok(), || format!("{:?}", linked.as_ref().err()))?;
                linked.map_err(|_| Broken { promise: LINKS, detail: String::new() })?
            }
        };
        let own = scenario.piece.own().map(|own| &own.story);
        let project = own.map_or(PROJECT, |story| &story.project);
        let start = own.map_or(START, |story| story.clock.0);
        let row = Row::new(&format!("tt-{}", scenario.seed), project, &flow, 1);
        let mut stored = Ledger::new(&row.run, project);
        let row = begin(row, trigger(&flow, own), start);
        for record in row.open.iter().flatten() {
            stored.fold(&flow, &record, &mut notes)?;
        }
        let mut stage = Self {
            scenario,
            world: own.map_or_else(World::new, |story| World::of(story, &flow)),
            storage: Storage::new(row),
            flow,
            stored,
            start,
            now: start,
            agenda: Agenda::default(),
            workers: BTreeMap::new(),
            at_work: None,
            message_waits: false,
            started: 0,
            boundaries: 0,
            troubled: BTreeSet::new(),
            asked: BTreeSet::new(),
            said: BTreeSet::new(),
            brakes: BTreeMap::new(),
            notes,
            ended_at: None,
            afterthoughts: 0,
            trace: traced.then(Vec::new),
        };
        stage.open_agenda();
        Ok(stage)
    }

    /// What is going to happen whatever the run does.
    fn open_agenda(&mut self) {
        let mut die = self.die("agenda");
        self.send(0);
        for (after, letter) in people::interference(&mut die, &self.scenario.weather) {
            self.post(after, letter);
        }
        let scenario = self.scenario;
        if let Some(own) = scenario.piece.own() {
            self.open_story(&own.story);
            return;
        }
        if die.in_100(80) {
            let at = self.now + die.pick(&[0, 20_000, 900_000, 4_000_000]);
            self.agenda.note(at, Happening::FlowDone { well: die.in_100(70) });
            let (id, topic) = ("flow done".to_owned(), "tutti.run:child".to_owned());
            self.post(at - self.now, Event::Signal { id, topic, payload: json!({}) });
        }
        if die.in_100(75) {
            let at = self.now + die.pick(&[0, 20_000, 900_000, 4_000_000, 20_000_000]);
            self.agenda.note(at, Happening::JobDone);
            if die.in_100(70) {
                let (id, topic) = ("job done".to_owned(), "toy.job:j1".to_owned());
                let signal = Event::Signal { id, topic, payload: json!({}) };
                self.post(at - self.now, signal);
            }
        }
    }

    pub(super) fn die(&self, question: &str) -> Die {
        self.scenario.dice.about(question)
    }

    pub(super) fn say(&mut self, what: impl FnOnce() -> String) {
        let now = self.now - self.start;
        if let Some(trace) = &mut self.trace {
            trace.push(format!("{:>9}.{:03}  {}", now / 1_000, now % 1_000, what()));
        }
    }

    /// Puts the run into the queue; messages get lost, and come twice.
    pub(super) fn send(&mut self, after_ms: i64) {
        let weather = self.scenario.weather;
        let mut die = self.die(&format!("message {} {}", self.now, self.boundaries));
        if after_ms > QUEUE_MS_MAX || die.in_100(weather.losses) {
            return;
        }
        self.agenda.note(self.now + after_ms, Happening::Message { again: false });
        if die.in_100(weather.copies) {
            let at = self.now + after_ms + die.pick(&[0, 50, 20_000]);
            self.agenda.note(at, Happening::Message { again: false });
        }
    }

    /// Plays to the end.
    pub(super) fn play(&mut self) -> Result<(), Broken> {
        while let Some(what) = self.next()? {
            self.happens(what)?;
        }
        self.close()
    }

    /// The next thing to happen: what is noted, or a sweep that finds the run due.
    fn next(&mut self) -> Result<Option<Happening>, Broken> {
        let noted = self.agenda.next_at();
        let sweep = self.swept_at()?;
        match sweep.filter(|at| noted.is_none_or(|noted| *at < noted)) {
            Some(at) => {
                self.now = self.now.max(at);
                let overdue = self.storage.row.state == RunState::Running;
                self.say(|| "the sweep finds the run due".to_owned());
                Ok(Some(Happening::Message { again: overdue }))
            }
            None => {
                self.now = self.now.max(noted.unwrap_or(self.now));
                Ok(self.agenda.next())
            }
        }
    }

    /// When a sweep finds the run, if nobody is at work on it.
    fn swept_at(&mut self) -> Result<Option<i64>, Broken> {
        let row = &self.storage.row;
        if self.at_work.is_some() || (row.state.is_final() && row.letters.is_empty()) {
            return Ok(None);
        }
        let (state, due) = (row.state, row.due_at);
        let is_due = due.is_some() || state == RunState::Held;
        self.notes.hold(LEASE, is_due, || format!("{state:?}, and due at no time"))?;
        let lag = self.die(&format!("sweep {}", self.started)).between(1, SWEEP_MS);
        Ok(due.map(|due| due.saturating_add(lag)))
    }

    fn happens(&mut self, what: Happening) -> Result<(), Broken> {
        match what {
            Happening::Message { .. } if self.at_work.is_some() => self.message_waits = true,
            Happening::Message { again } => return self.start(again),
            Happening::Answer { worker, effect, result } => {
                return self.answered(worker, effect, result);
            }
            Happening::Letter(letter) => self.delivered(letter),
            Happening::Visit(visit) => {
                let key = self.stored.consent.subject(visit.matter.id()).map(ToOwned::to_owned);
                // Whoever looks whether something happened waits for what is still under way: what
                // a person says did not happen is sent once more.
                for effect in self.agenda.landings(key.as_deref().unwrap_or_default()) {
                    self.lands(&effect)?;
                }
                let happened = key.is_some_and(|key| self.world.has_happened(&key));
                let mut die = self.die(&format!("says {} {}", visit.who, self.now));
                let letter = people::says(&mut die, &visit, happened);
                self.delivered(letter);
            }
            Happening::Lands(effect) => return self.lands(&effect),
            Happening::Awakes { worker } => return self.awakes(worker),
            Happening::Change(index) => {
                let changes = self.scenario.piece.own().map(|own| own.story.change.as_slice());
                if let Some(change) = changes.and_then(|changes| changes.get(index)) {
                    self.world.change(&change.world);
                }
            }
            Happening::JobDone => self.world.finish_job(),
            // A child that was left at work is not saved by coming to its end after all.
            Happening::FlowDone { .. } if self.storage.row.state.is_final() => {}
            Happening::FlowDone { well } => self.world.finish_flow(well),
        }
        Ok(())
    }

    /// A write that nobody could hear of happens.
    pub(super) fn lands(&mut self, effect: &Effect) -> Result<(), Broken> {
        self.say(|| format!("{} happens after all", effect.id));
        self.world.does(effect, self.now, &mut self.notes).map(|_| ())
    }

    /// A letter that comes later, perhaps once more when it has been folded and is not kept now.
    pub(super) fn post(&mut self, after_ms: i64, letter: Event) {
        let mut die = self.die(&format!("letter {} {after_ms}", json!(letter)));
        let at = self.now + after_ms;
        if die.in_100(self.scenario.weather.copies / 2) {
            let again = at + die.between(0, 300_000);
            self.agenda.note(again, Happening::Letter(letter.clone()));
        }
        self.agenda.note(at, Happening::Letter(letter));
    }

    /// An event is kept until a worker has folded it; the same one twice is one.
    fn delivered(&mut self, letter: Event) {
        self.say(|| format!("letter {}", json!(letter)));
        if let Event::Said { id, answer, .. } = &letter {
            let said = match answer {
                Said::Hold { brake, .. } => Some((*brake, true)),
                Said::Resume { brake } => Some((*brake, false)),
                _ => None,
            };
            let is_new = self.said.insert(id.clone());
            if let Some((brake, holds)) = said.filter(|_| is_new) {
                self.brakes.insert(brake, (id.clone(), holds));
            }
        }
        self.storage.leave(letter, self.now);
        self.send(0);
    }

    /// A worker takes the run up.
    fn start(&mut self, again: bool) -> Result<(), Broken> {
        let row = &self.storage.row;
        if row.state.is_final() && !self.storage.has_post() {
            return Ok(());
        }
        self.started += 1;
        let number = self.started;
        self.notes.hold(ENDS, number <= WORKERS_MAX, || format!("{number} workers"))?;
        let name = format!("worker {number}");
        if again && !row.state.is_final() {
            self.storage.row = row.clone().claim(&name);
        }
        let session = self.open(&name)?;
        let same = *session.run() == self.stored.run;
        self.notes.hold(THAW, same, || format!("at event {}", session.run().seq()))?;
        let hints = self.storage.hints.clone();
        self.say(|| {
            let letters = session.row().letters.len();
            format!("worker {number} takes it up, with {letters} letters and {} hints", hints.len())
        });
        let worker = Worker::new(number, session, self.stored.clone(), hints.clone());
        self.at_work = Some(number);
        self.step(worker, hints)
    }

    pub(super) fn open(&self, writer: &str) -> Result<Session, Broken> {
        let Storage { row, chunks, .. } = &self.storage;
        Session::open(row.clone(), chunks, self.flow.clone(), writer)
            .map_err(|error| Broken { promise: THAW, detail: error.to_string() })
    }

    /// The queue's worker is gone: what waited for it is handed out.
    pub(super) fn stands_down(&mut self, number: u32) {
        if self.at_work == Some(number) {
            self.at_work = None;
            if std::mem::take(&mut self.message_waits) {
                self.agenda.note(self.now, Happening::Message { again: false });
            }
        }
    }
}
