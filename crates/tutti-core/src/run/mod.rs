//! A run: one execution of a flow. Events go in, effects come out, nothing else happens here.

mod ask;
mod brake;
mod call;
mod child;
mod context;
mod decide;
mod exception;
mod fork;
mod frame;
mod gap;
mod hand_off;
mod happened;
mod known;
mod ledger;
mod listen;
mod panel;
mod renewal;
mod repeat;
mod rerun;
mod stand;
mod state_hash;
mod trigger;
mod undo;
mod walk;
mod watch;
mod whole;

pub use self::known::Asked;
pub use self::panel::Viewer;
pub use self::renewal::renewal_topic;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use self::ask::AskNode;
use self::call::CallNode;
use self::child::Child;
use self::decide::DecideNode;
use self::gap::{Gap, Reason};
use self::ledger::Ledger;
use self::listen::ListenNode;
use self::repeat::ForNode;
use self::undo::Undoing;
use crate::event::{Action, Brake, Effect, Event, Said};
use crate::expr::Scope;
use crate::fact::Fact;
use crate::failure::Failure;
use crate::flow::{CALLS_FOR_LAST, Flow};
use crate::view::{Entry, EntryKind, RunState, Spend, StepState};

/// One execution of a flow: the fold of its events, and nothing that cannot be folded again.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Run {
    id: String,
    project: String,
    /// By name, those of an iteration of a loop with its frame before it.
    facts: BTreeMap<String, Fact>,
    /// The iteration of a loop that is being looked at; empty between events.
    frame: String,
    /// How many iterations each loop has that was begun.
    iterations: BTreeMap<String, usize>,
    /// What each started step is at, by step key.
    nodes: BTreeMap<String, Node>,
    /// How each step that is over ended.
    ended: BTreeMap<String, StepState>,
    /// How far each started block is, by block key.
    cursors: BTreeMap<String, usize>,
    /// Effects whose answer is awaited, with the node they belong to.
    in_flight: BTreeMap<String, (String, Effect)>,
    /// What holds the run, and why.
    held: BTreeMap<Brake, String>,
    /// Since when it is held.
    held_since: i64,
    /// How long it was held in all; that time is not the run's.
    held_ms: i64,
    /// Effects that leave once no brake holds the run any more, with their nodes.
    withheld: Vec<(String, Effect)>,
    ledger: Ledger,
    /// Runs that it started and whose end it did not see.
    children: Vec<Child>,
    /// What is being taken back.
    undoing: Option<Undoing>,
    /// How often that was begun.
    undos: u32,
    /// How often it began anew from one of its steps.
    reruns: u32,
    /// The event with which it did so last.
    begun: u64,
    /// Ids of signals and answers of people already heard.
    heard: BTreeSet<String>,
    /// What ended it, if a failure did.
    failure: Option<Failure>,
    /// How the steps ended, once what is done last has begun.
    main: Option<Progress>,
    /// Calls that what is done last made beyond the budget.
    spared: u64,
    state: RunState,
    reason: String,
    /// Why it failed, if a step did.
    failed: Option<Reason>,
    started_at: i64,
    ended_at: Option<i64>,
    started_by: String,
    subject: Option<String>,
    spend: Spend,
    timeline: Vec<Entry>,
    gaps: Vec<Gap>,
    /// What a flow that ran it as a step gets.
    output: Value,
    /// Events so far.
    seq: u64,
    now: i64,
    /// Effects of the event being folded.
    out: Vec<Effect>,
    /// Of what is in flight, and of what is withheld, what may have left before, with a worker that
    /// is lost.
    resent: BTreeSet<String>,
}

/// What a started step is at.
#[derive(Debug, Clone, PartialEq)]
enum Node {
    Call(Box<CallNode>),
    Decide(Box<DecideNode>),
    /// The arm taken.
    Switch(usize),
    Listen(Box<ListenNode>),
    /// The branches of a fork that failed, and why, the first first.
    Fork(Vec<(String, Failure)>),
    /// How far each item is.
    For(Box<ForNode>),
    /// A person.
    Ask(Box<AskNode>),
    /// Nothing, until then.
    Wait(i64),
    /// The `catch` whose steps run instead.
    Instead(usize),
    /// It could not even begin, and stays that way.
    Failed(Failure),
}

impl Node {
    /// Whether it sent a write that nobody waits for any more.
    fn is_overtaken(&self) -> bool {
        matches!(self, Self::Call(call) if call.is_overtaken())
    }

    /// Whether a person said that the run ends here.
    fn is_given_up(&self) -> bool {
        matches!(self, Self::Call(call) if call.is_given_up())
    }

    /// Whether nothing more comes of it that the run would wait for.
    fn is_settled(&self) -> bool {
        let around = matches!(
            self,
            Self::Switch(_) | Self::Fork(_) | Self::For(_) | Self::Instead(_) | Self::Failed(_)
        );
        around || self.failure().is_some() || self.is_overtaken()
    }

    /// Why it could not be done.
    fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Call(call) => call.failure(),
            Self::Decide(decide) => decide.failure(),
            Self::Ask(ask) => ask.failure(),
            Self::For(each) => each.failure(),
            Self::Failed(failure) => Some(failure),
            Self::Switch(_)
            | Self::Fork(_)
            | Self::Listen(_)
            | Self::Wait(_)
            | Self::Instead(_) => None,
        }
    }
}

/// How far something is.
#[derive(Debug, Clone, PartialEq)]
enum Progress {
    /// Over; the next thing can start.
    Done,
    /// Waiting for an answer, a person, the outside or a time.
    Pending,
    /// Over, without what was asked.
    Failed(Failure),
}

impl Scope for Run {
    fn fact(&self, name: &str) -> Option<&Fact> {
        self.scoped(name)
    }
}

impl Run {
    /// A run that nothing has happened to yet.
    pub fn new(id: &str, project: &str) -> Self {
        Self { id: id.to_owned(), project: project.to_owned(), ..Self::default() }
    }

    /// Folds one event: what happened goes in, everything to be done now comes out.
    ///
    /// `now` is in milliseconds since 1970 and never runs backwards. An event that means nothing
    /// here (an answer nobody waits for, a second copy) changes nothing.
    pub fn on(&mut self, flow: &Flow, event: Event, now: i64) -> Vec<Effect> {
        self.now = self.now.max(now);
        self.seq += 1;
        let stops = matches!(event, Event::Said { answer: Said::Cancel { .. }, .. });
        match event {
            // Nothing is wanted yet: whoever notes that it began does not do anything about it.
            Event::Started { trigger, source, untrusted, depth } => {
                self.start(flow, trigger, &source, (&untrusted, depth));
                return Vec::new();
            }
            Event::Answered { effect, result, took_ms } => {
                self.answered(flow, &effect, result, took_ms);
            }
            Event::Signal { id, topic, payload } => {
                self.signalled(flow, &id, &topic, &payload);
            }
            Event::Said { id, account, name, answer } => {
                self.said(flow, &id, &account, &name, answer);
            }
            Event::Woke => {}
            Event::Resumed => self.resumed(flow),
            Event::GaveUp { reason } => {
                let reason = format!("given up: {reason}");
                if self.undoing.is_some() {
                    self.give_up_undoing(flow, &reason);
                } else {
                    self.end(flow, RunState::Failed, reason);
                }
                self.look_after_children(flow);
            }
        }
        self.advance(flow);
        self.stop_children(flow, stops);
        self.follow_doubts(flow);
        let (withheld, in_flight) = (&self.withheld, &self.in_flight);
        self.resent.retain(|id| {
            in_flight.contains_key(id) || withheld.iter().any(|(_, effect)| effect.id == *id)
        });
        std::mem::take(&mut self.out)
    }

    /// The run's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Where the run stands.
    pub fn state(&self) -> RunState {
        self.state
    }

    /// Why it stands there.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The issue on whose panel it shows, once known.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// What a flow that ran it as a step gets from it; null before its end.
    pub fn output(&self) -> &Value {
        &self.output
    }

    /// When it started.
    pub fn started_at(&self) -> i64 {
        self.started_at
    }

    /// What a started run is called, for people.
    pub fn started_by(&self) -> &str {
        &self.started_by
    }

    /// Events so far.
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// The effects whose answer is awaited, by id. After the end these are the writes that had
    /// left already: what became of them is noted, and nothing follows from it.
    pub fn in_flight(&self) -> impl Iterator<Item = &Effect> {
        self.in_flight.values().map(|(_, effect)| effect)
    }

    /// What the run wants to hear of: `gitlab.pipeline:42/5001`.
    pub fn topics(&self) -> BTreeSet<String> {
        if self.is_over() {
            return BTreeSet::new();
        }
        let listening = self.nodes.values().filter_map(|node| match node {
            Node::Listen(listen) => Some(listen.topics()),
            _ => None,
        });
        listening.flatten().cloned().chain(self.awaited_renewals()).collect()
    }

    fn learn(&mut self, fact: Fact) {
        self.facts.insert(self.key(&fact.id), fact);
    }

    /// The ordinal of the effects of steps: a run that begins anew writes anew.
    fn generation(&self) -> u32 {
        self.reruns + 1
    }

    fn emit(&mut self, node: &str, effect: Effect) {
        if self.held.is_empty() {
            self.in_flight.insert(effect.id.clone(), (node.to_owned(), effect.clone()));
            self.out.push(effect);
        } else {
            self.withheld.push((node.to_owned(), effect));
        }
    }

    /// The key of the effect number `ordinal` of a step: also the marker on what it makes.
    fn effect_key(&self, step: &str, ordinal: u32) -> String {
        format!("{}/{step}/{ordinal}", self.id)
    }

    fn entry(&self, kind: EntryKind, step: &str, system: &str, text: &str) -> Entry {
        Entry {
            seq: self.seq,
            at: self.now,
            kind,
            step: step.to_owned(),
            system: system.to_owned(),
            state: StepState::Done,
            text: self.numbered(text),
            detail: String::new(),
            took_ms: None,
            adapted: None,
            saw: Vec::new(),
            decided: None,
            did: None,
        }
    }

    /// Takes one more call from the budget, if it has one. What is done last has some of its own, so
    /// that it is done however much was used before.
    fn take_call(&mut self, flow: &Flow) -> Result<(), Failure> {
        let used = self.spend.calls + (self.in_flight.len() + self.withheld.len()) as u64;
        if used < flow.budget.calls {
            return Ok(());
        }
        let is_last = self.main.is_some();
        if is_last && self.spared < CALLS_FOR_LAST {
            self.spared += 1;
            return Ok(());
        }
        let calls = flow.budget.calls;
        let s = if calls == 1 { "" } else { "s" };
        let more = if is_last {
            format!(" and {CALLS_FOR_LAST} for what is done last")
        } else {
            String::new()
        };
        Err(Failure::OverBudget { what: format!("{calls} call{s}{more}") })
    }
}

/// What an effect of a call does, for the call machine and its tests.
fn call_effect(key: &str, label: &str, deadline_ms: u64, action: Action) -> Effect {
    Effect { id: format!("{key}#{label}"), key: key.to_owned(), action, deadline_ms }
}
