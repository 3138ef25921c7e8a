//! The worker's loop, as the host has it: step, commit, perform, step again, until the run waits
//! or is over. This one can be killed at every boundary and be played tricks on.

use serde_json::{Value, json};
use tutti_core::event::{Effect, Event, Said};
use tutti_core::flow::Flow;
use tutti_core::run::{Run, Viewer};
use tutti_core::session::{Row, Session, Turn, begin};
use tutti_core::view::{RunState, RunView};

use super::{Outside, START, Storage};

/// The worker died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crash;

/// In which order answers come back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// As they were asked.
    #[default]
    Asked,
    /// The last asked first.
    Reversed,
    /// All that are there at once.
    Together,
}

/// What goes wrong around the run.
#[derive(Debug, Clone, Copy, Default)]
pub struct Mischief {
    /// The boundary, counted from 0, at which the worker dies.
    pub kill_at: Option<usize>,
    /// Every answer comes twice.
    pub twice: bool,
    /// The storage does what it is told and does not say so.
    pub mute_storage: bool,
    pub order: Order,
}

/// One run with everything around it.
pub struct Driver<O> {
    pub flow: Flow,
    pub outside: O,
    pub storage: Storage,
    pub now: i64,
    pub mischief: Mischief,
    /// Boundaries passed so far: before and after each commit and each perform.
    pub boundaries: usize,
    pub commits: usize,
    /// Workers so far.
    writers: usize,
}

impl<O: Outside> Driver<O> {
    pub fn start(flow: Flow, outside: O, project: &str, trigger: Value, source: &str) -> Self {
        let row = Row::new("tt-test", project, &flow, 1);
        let started = Event::Started { trigger, source: source.to_owned() };
        let storage = Storage::new(begin(row, started, START));
        Self {
            flow,
            outside,
            storage,
            now: START,
            mischief: Mischief::default(),
            boundaries: 0,
            commits: 0,
            writers: 0,
        }
    }

    /// A session of a new worker on what is stored.
    pub fn open(&mut self) -> Session {
        self.writers += 1;
        let writer = format!("worker {}", self.writers);
        let Storage { row, chunks, .. } = self.storage.clone();
        Session::open(row, &chunks, self.flow.clone(), &writer).expect("what was stored opens")
    }

    /// The run as it is stored.
    pub fn stored(&self) -> Run {
        let mut run = Run::new(&self.storage.row.run, &self.storage.row.project);
        for record in self.storage.records() {
            run.on(&self.flow, record.event, record.at);
        }
        run
    }

    pub fn view(&self) -> RunView {
        self.stored().view(&self.flow, 1, Viewer { account: "admin", is_admin: true })
    }

    /// One worker's hold, from opening to waiting or the end.
    pub fn work(&mut self) -> Result<(), Crash> {
        let mut session = self.open();
        let mut events = self.storage.letters.clone();
        let mut folded = events.len();
        let mut outstanding = Vec::new();
        loop {
            let turn = session.step(std::mem::take(&mut events), self.now);
            if let Some(commit) = &turn.commit {
                self.boundary()?;
                assert!(self.commit(&session, commit), "nobody else has a hold");
                self.storage.letters.drain(..folded);
                folded = 0;
                self.boundary()?;
            }
            self.check(&turn, &session);
            for effect in &turn.effects {
                self.boundary()?;
                let result = self.outside.perform(effect, self.now);
                let effect = effect.id.clone();
                outstanding.push(Event::Answered { effect, result, took_ms: 7 });
                self.boundary()?;
            }
            if outstanding.is_empty() {
                return Ok(());
            }
            events = self.next(&mut outstanding);
        }
    }

    fn next(&self, outstanding: &mut Vec<Event>) -> Vec<Event> {
        let answers = match self.mischief.order {
            Order::Asked => vec![outstanding.remove(0)],
            Order::Reversed => outstanding.pop().into_iter().collect(),
            Order::Together => std::mem::take(outstanding),
        };
        let copies = if self.mischief.twice { answers.clone() } else { Vec::new() };
        answers.into_iter().chain(copies).collect()
    }

    /// Executes a commit; if its answer is lost, the row says whose it was.
    fn commit(&mut self, session: &Session, commit: &tutti_core::session::Commit) -> bool {
        self.commits += 1;
        let stored = self.storage.execute(commit);
        if self.mischief.mute_storage {
            let row = &self.storage.row;
            return row.version == commit.row.version && row.writer == session.row().writer;
        }
        stored
    }

    /// What holds after every turn, whatever the flow.
    fn check(&self, turn: &Turn, session: &Session) {
        let run = session.run();
        if turn.effects.iter().any(Effect::is_write) {
            assert!(turn.commit.is_some(), "a write is written ahead");
        }
        assert!(!turn.over || turn.effects.is_empty(), "nothing leaves after the end");
        if run.state() != RunState::Running {
            assert!(!run.reason().is_empty(), "{:?} has no reason", run.state());
        }
        if turn.in_flight == 0 && !turn.over {
            let wake_at = turn.wake_at.expect("what waits wakes some time");
            assert!(wake_at > self.now, "it would wake at once, for ever");
        }
    }

    fn boundary(&mut self) -> Result<(), Crash> {
        let here = self.boundaries;
        self.boundaries += 1;
        if self.mischief.kill_at == Some(here) { Err(Crash) } else { Ok(()) }
    }

    /// Works until the run waits for a person or the outside, or is over. Pauses before another
    /// try are slept through; a worker that dies is followed by another once its lease ended.
    pub fn go(&mut self) {
        for _ in 0..200 {
            match self.work() {
                Err(Crash) => {
                    self.now += 300_000;
                    self.storage.row.claims += 1;
                    self.storage.row.version += 1;
                }
                Ok(()) if self.storage.row.state == RunState::Running => {
                    self.now = self.storage.row.due_at.expect("a run at work is due some time");
                }
                Ok(()) => return,
            }
        }
        panic!("the run never comes to rest");
    }

    /// Lets time pass until the run wakes by itself.
    pub fn sleep(&mut self) {
        self.now = self.storage.row.due_at.expect("it wakes some time");
        self.go();
    }

    /// Somebody says something; the run hears it.
    pub fn say(&mut self, account: &str, answer: Said) {
        let id = format!("said {account} {} {}", self.now, json!(answer));
        let (account, name) = (account.to_owned(), capital(account));
        self.storage.letters.push(Event::Said { id, account, name, answer });
        self.go();
    }

    /// Something happens outside; the run hears of it.
    pub fn signal(&mut self, id: &str, topic: &str) {
        self.storage.letters.push(Event::Signal {
            id: id.to_owned(),
            topic: topic.to_owned(),
            payload: json!({}),
        });
        self.go();
    }

    pub fn approve(&mut self, account: &str) {
        let card = self.view().approvals.first().cloned().expect("somebody is asked");
        let answer = Said::Approve { effect: card.effect, payload_hash: card.payload_hash };
        self.say(account, answer);
    }

    pub fn cancel(&mut self) {
        self.say("dana", Said::Cancel { reason: "not needed".to_owned() });
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
