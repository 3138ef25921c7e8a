//! The worker's loop, as the host has it: step, commit, perform, step again, until the run waits
//! or is over. This one can be killed at every boundary and be played tricks on.

mod hold;

use serde_json::{Value, json};
use tutti_core::event::{Effect, Event, Said};
use tutti_core::flow::Flow;
use tutti_core::run::{Run, Viewer};
use tutti_core::session::{Commit, Row, Session, Turn, begin};
use tutti_core::view::{RunState, RunView};

use self::hold::Hold;
use crate::{Outside, START, Storage};

/// How many workers may follow each other before a run counts as one that never comes to rest.
const WORKERS_MAX: usize = 200;
/// The most bytes that Forge stores under one key.
const VALUE_BYTES_MAX: usize = 240 * 1024;
/// How long an answer takes that is not slow, in milliseconds.
const TOOK_MS: u64 = 7;
/// How long a dead worker's hold lasts, in milliseconds.
const LEASE_MS: i64 = 300_000;

/// Something that must never happen did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{promise}: {detail}")]
pub struct Broken {
    /// What was promised.
    pub promise: &'static str,
    /// What happened instead.
    pub detail: String,
}

/// Why a worker stopped before the run waited or was over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stopped {
    /// It was killed, as asked for.
    #[error("the worker was killed")]
    Killed,
    /// Another worker took the run, and this one has written nothing since.
    #[error("another worker took the run")]
    Taken,
    /// A promise was broken.
    #[error(transparent)]
    Broken(#[from] Broken),
}

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
    /// The commit, counted from 0, before which another worker takes the run.
    pub taken_at: Option<usize>,
    /// Every answer comes twice.
    pub twice: bool,
    /// The storage does what it is told and does not say so.
    pub mute_storage: bool,
    /// In which order answers come back.
    pub order: Order,
}

/// One run with everything around it.
pub struct Driver<O> {
    /// What it follows.
    pub flow: Flow,
    /// What it reaches.
    pub outside: O,
    /// Where it is kept.
    pub storage: Storage,
    /// The clock, milliseconds since 1970.
    pub now: i64,
    /// What goes wrong.
    pub mischief: Mischief,
    /// Boundaries passed so far: before and after each commit and each perform.
    pub boundaries: usize,
    /// Commits so far.
    pub commits: usize,
    /// Workers so far.
    writers: usize,
    /// The worker that waits for answers while something else happens.
    at_work: Option<Hold>,
}

impl<O: Outside> Driver<O> {
    /// A run that was just triggered and that no worker has taken up.
    pub fn start(flow: Flow, outside: O, project: &str, trigger: Value, source: &str) -> Self {
        Self::start_at(START, flow, outside, project, trigger, source)
    }

    /// The same with a clock that shows something else.
    pub fn start_at(
        now: i64,
        flow: Flow,
        outside: O,
        project: &str,
        trigger: Value,
        source: &str,
    ) -> Self {
        let row = Row::new("tt-test", project, &flow, 1);
        let source = source.to_owned();
        let started = Event::Started { trigger, source, untrusted: Vec::new(), depth: 0 };
        let storage = Storage::new(begin(row, started, now));
        Self {
            flow,
            outside,
            storage,
            now,
            mischief: Mischief::default(),
            boundaries: 0,
            commits: 0,
            writers: 0,
            at_work: None,
        }
    }

    /// A session of a new worker on what is stored.
    ///
    /// # Errors
    /// What was stored does not open.
    pub fn open(&mut self) -> Result<Session, Broken> {
        self.writers += 1;
        let writer = format!("worker {}", self.writers);
        let Storage { row, chunks, .. } = self.storage.clone();
        Session::open(row, &chunks, self.flow.clone(), &writer)
            .map_err(|error| Broken { promise: "what was stored opens", detail: error.to_string() })
    }

    /// The run as it is stored.
    pub fn stored(&self) -> Run {
        let mut run = Run::new(&self.storage.row.run, &self.storage.row.project);
        for record in self.storage.records() {
            run.on(&self.flow, record.event, record.at);
        }
        run
    }

    /// What an admin sees of the run as it is stored.
    pub fn view(&self) -> RunView {
        self.stored().view(&self.flow, 1, Viewer { account: "admin", is_admin: true })
    }

    /// Whether a worker waits for answers while something else happens.
    pub fn is_at_work(&self) -> bool {
        self.at_work.is_some()
    }

    /// Whether something was said that no worker has heard, and none is at work to hear it.
    pub fn has_to_hear(&self) -> bool {
        !self.is_at_work() && self.storage.has_post()
    }

    /// Leaves an event for the run. A worker under way hears what people say before it sends anything
    /// more.
    pub fn post(&mut self, event: Event) {
        self.storage.leave(event, self.now);
    }

    /// Lets another worker take the run, if it is to do so before this commit.
    fn is_taken(&mut self) -> bool {
        let taken = self.mischief.taken_at == Some(self.commits);
        if taken {
            let next = format!("worker {}", self.writers + 1);
            self.storage.row = self.storage.row.clone().claim(&next);
        }
        taken
    }

    /// Executes a commit; if its answer is lost, the row says whose it was.
    fn commit(&mut self, commit: &Commit) -> bool {
        self.commits += 1;
        let stored = self.storage.execute(commit);
        if self.mischief.mute_storage {
            return self.storage.row.is_stored_as(&commit.row);
        }
        stored
    }

    /// What holds after every commit: of no answer more is stored than a run carries.
    fn check_size(&self) -> Result<(), Broken> {
        let Storage { row, chunks, .. } = &self.storage;
        let stored = row.open.as_str().len().max(row.sealed.len());
        let largest = chunks.iter().map(|chunk| chunk.records.len()).max();
        let bytes = stored.max(largest.unwrap_or_default());
        if bytes <= VALUE_BYTES_MAX {
            return Ok(());
        }
        let detail = format!("{bytes} bytes in one value of the storage");
        Err(Broken { promise: "no answer is stored whole that is too large", detail })
    }

    /// What holds after every turn, whatever the flow.
    fn check(&self, turn: &Turn, session: &Session) -> Result<(), Broken> {
        let run = session.run();
        let holds = |promise, held: bool| {
            let detail = || format!("{:?} at event {}", run.state(), run.seq());
            if held { Ok(()) } else { Err(Broken { promise, detail: detail() }) }
        };
        let written_ahead = turn.commit.is_some() || !turn.effects.iter().any(Effect::is_write);
        holds("a write is written ahead", written_ahead)?;
        holds("nothing leaves after the end", !turn.over || turn.effects.is_empty())?;
        let told = run.state() == RunState::Running || !run.reason().is_empty();
        holds("every state but running has a reason", told)?;
        // What is held waits for whoever holds it.
        if turn.in_flight > 0 || turn.over || run.state() == RunState::Held {
            return Ok(());
        }
        holds("what waits wakes some time", turn.wake_at.is_some())?;
        let later = turn.wake_at.is_some_and(|at| at > self.now);
        holds("what waits does not wake at once", later)
    }

    fn boundary(&mut self) -> Result<(), Stopped> {
        let here = self.boundaries;
        self.boundaries += 1;
        if self.mischief.kill_at == Some(here) { Err(Stopped::Killed) } else { Ok(()) }
    }

    /// Works until the run waits for a person or the outside, or is over. Pauses before another
    /// try are slept through; a worker that dies is followed by another once its lease ended.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn go(&mut self) -> Result<(), Broken> {
        for _ in 0..WORKERS_MAX {
            let lived = self.hold(None)?;
            match self.storage.row.state {
                _ if !lived => {}
                RunState::Running => self.now = self.due()?,
                _ => return Ok(()),
            }
        }
        let promise = "a run comes to rest";
        Err(Broken { promise, detail: format!("{WORKERS_MAX} workers were not enough") })
    }

    /// Lets one worker work, while it waits for answers `until` then; says whether it kept the run.
    /// One that dies keeps its hold until its lease ended; one that lost it to another leaves it to
    /// that one.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn hold(&mut self, until: Option<i64>) -> Result<bool, Broken> {
        match self.work(until) {
            Ok(()) => Ok(true),
            Err(Stopped::Broken(broken)) => Err(broken),
            Err(Stopped::Taken) => Ok(false),
            Err(Stopped::Killed) => {
                self.now += LEASE_MS;
                let next = format!("worker {}", self.writers + 1);
                self.storage.row = self.storage.row.clone().claim(&next);
                Ok(false)
            }
        }
    }

    fn due(&self) -> Result<i64, Broken> {
        let detail = || format!("{:?}", self.storage.row.state);
        let promise = "a run that is not over is due some time";
        self.storage.row.due_at.ok_or_else(|| Broken { promise, detail: detail() })
    }

    /// Lets time pass until the run wakes by itself.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn sleep(&mut self) -> Result<(), Broken> {
        self.now = self.due()?;
        self.go()
    }

    /// Somebody says something; the run hears it.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn say(&mut self, account: &str, answer: Said) -> Result<(), Broken> {
        let id = format!("said {account} {} {}", self.now, json!(answer));
        let (account, name) = (account.to_owned(), capital(account));
        self.post(Event::Said { id, account, name, answer });
        self.go()
    }

    /// Says yes to the question asked first; says whether there was one.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn approve(&mut self, account: &str) -> Result<bool, Broken> {
        let Some(card) = self.view().approvals.into_iter().next() else { return Ok(false) };
        let (effect, payload_hash) = (card.effect, card.payload_hash);
        self.say(account, Said::Approve { effect, payload_hash }).map(|()| true)
    }

    /// Something happens outside; the run hears of it.
    ///
    /// # Errors
    /// A promise was broken.
    pub fn signal(&mut self, id: &str, topic: &str, payload: Value) -> Result<(), Broken> {
        let (id, topic) = (id.to_owned(), topic.to_owned());
        self.post(Event::Signal { id, topic, payload });
        self.go()
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
