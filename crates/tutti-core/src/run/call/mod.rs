//! One use of an operation, from its arguments to its confirmed outcome.
//!
//! ```text
//! start ──read──────────────────────────────> Leaving ──ok──> Over
//!   └─write─> Reading ──gate──> Held ──yes──> Checking ──same──> Leaving
//!                 ^  └─pass────────────────────────────────────────^ │ timeout, probed class
//!                 └──── conflict: read again, re-apply ──────────────┤
//!                                   Probing <────────────────────────┘ found ──> Over
//!                                      └─absent, settle─> Probing ─absent─> Leaving
//! any call that fails in passing waits in Paused and is tried again; the table is in `recovery`;
//! one that nobody but a person can help is Stuck until somebody says how to go on
//! ```

mod answer;
mod arguments;
mod changes;
mod doubt;
mod excerpt;
mod inverse;
mod late;
mod marker;
mod next;
mod outcome;
mod phase;
mod probing;
mod question;
mod recall;
mod since;
mod stuck;
mod substitute;
mod words;

use std::collections::BTreeMap;

use serde_json::Value;

use self::arguments::arguments;
pub(super) use self::inverse::names_output;
use self::stuck::Stuck;
pub(super) use self::substitute::fill;
use super::frame::local;
use super::{Node, Progress, Run, call_effect};
use crate::approval::Approval;
use crate::expr::Template;
use crate::failure::Failure;
use crate::flow::{Autonomy, Flow, Kind, Step, Use};
use crate::gate;
use crate::label::Labels;
use crate::operation::{Access, Operation};
use crate::recovery::Retry;
use crate::view::StepState;

/// What is known about each argument, by JSON pointer.
type ArgumentLabels = BTreeMap<String, Labels>;

/// One use of an operation under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CallNode {
    /// The step key it belongs to.
    pub(super) step: String,
    title: String,
    /// The title once it is done.
    done: String,
    operation: String,
    autonomy: Autonomy,
    retry: Retry,
    /// Which time its step is done.
    round: u32,
    /// Names its effect: the round in which it was begun.
    ordinal: u32,
    input: Value,
    labels: ArgumentLabels,
    phase: Phase,
    /// How often it left.
    attempts: u32,
    /// It is read again because the other side said that it changed.
    reads_again: bool,
    /// Of these, the tries that a person let be forgotten.
    forgiven: u32,
    /// How often it was read or looked for; names each try.
    looks: u32,
    /// How many of the last looks failed in a row.
    failed_looks: u32,
    /// When what it replaces was read last.
    read_at: i64,
    /// How often a probe found nothing.
    absences: u32,
    /// When its last try failed.
    failed_at: i64,
    /// What came back to a try of which nobody knows whether it happened.
    doubt: Option<Failure>,
    /// What was there before the first of such tries.
    first: Option<Value>,
    /// It left, and nobody waits for it any more.
    overtaken: bool,
    /// The time in which it can be recalled is over.
    could_recall: bool,
    /// How often a model chose how to go on.
    agent_asked: u32,
    /// The place in the ledger of the write it takes back, if it does.
    undoes: Option<usize>,
    /// A person said that it ends here.
    given_up: bool,
    /// A person said that it happened.
    vouched: bool,
    /// It never got as far as having arguments, and shall try once more.
    begins_anew: bool,
    before: Value,
    pub(super) approval: Option<Approval>,
    /// What was not as planned, and what was done instead.
    adapted: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
enum Phase {
    /// What it replaces is being read.
    Reading,
    /// A person is asked.
    Held,
    /// A person said yes; the target is read once more.
    Checking,
    /// Written ahead, on its way.
    Leaving,
    /// It may have happened; being looked for.
    Probing,
    /// It may leave, and until then it can be recalled.
    Recallable { since: i64, until: i64 },
    /// A person is asked how to go on.
    Stuck(Stuck),
    /// Waiting to go on with what it was at.
    Paused { until: i64, then: Then },
    /// Over.
    Over(Result<(), Failure>),
}

/// What a paused call goes on with.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    Read,
    Check,
    Leave,
    Probe,
}

impl CallNode {
    /// Drives the step's call as far as it goes now.
    pub(super) fn advance(run: &mut Run, flow: &Flow, step: &Step) -> Progress {
        let Kind::Call(call) = &step.kind else { return Progress::Done };
        let fresh = Self {
            title: step.title.clone(),
            done: step.done.clone(),
            autonomy: step.autonomy.unwrap_or(flow.autonomy),
            retry: step.retry.unwrap_or(flow.retry),
            ..Self::new(&run.key(&step.id), flow, &call.operation, run.generation())
        };
        let caught = |failure: &Failure| flow.catches(&step.id, failure);
        Self::drive(run, flow, call, fresh, caught)
    }

    /// The same for a call that is no step of its own: a piece of context, a read while waiting.
    /// One that the run cannot do without asks a person before it fails.
    pub(super) fn read(
        run: &mut Run,
        flow: &Flow,
        call: &Use,
        key: &str,
        (round, needed): (u32, bool),
    ) -> Progress {
        Self::drive(run, flow, call, Self::new(key, flow, &call.operation, round), |_| !needed)
    }

    fn new(key: &str, flow: &Flow, operation: &str, round: u32) -> Self {
        Self {
            step: key.to_owned(),
            title: String::new(),
            done: String::new(),
            operation: operation.to_owned(),
            autonomy: flow.autonomy,
            retry: flow.retry,
            round,
            ordinal: round,
            input: Value::Null,
            labels: BTreeMap::new(),
            phase: Phase::Reading,
            attempts: 0,
            reads_again: false,
            forgiven: 0,
            looks: 0,
            failed_looks: 0,
            read_at: 0,
            absences: 0,
            failed_at: 0,
            doubt: None,
            first: None,
            overtaken: false,
            could_recall: false,
            agent_asked: 0,
            undoes: None,
            given_up: false,
            vouched: false,
            begins_anew: false,
            before: Value::Null,
            approval: None,
            adapted: None,
        }
    }

    /// Goes on with the call under way, or with `fresh` if this is its first moment.
    fn drive(
        run: &mut Run,
        flow: &Flow,
        call: &Use,
        fresh: Self,
        caught: impl Fn(&Failure) -> bool,
    ) -> Progress {
        let key = fresh.step.clone();
        let mut node = match run.nodes.remove(&key) {
            Some(Node::Call(mut node)) if node.round == fresh.round => {
                if std::mem::take(&mut node.begins_anew) {
                    node.start(run, flow, &call.with);
                }
                node
            }
            _ => {
                let mut node = Box::new(fresh);
                node.start(run, flow, &call.with);
                node
            }
        };
        node.woke(run, flow);
        if node.needs_person() && !node.failure().is_some_and(caught) {
            let who = gate::usual_approver(flow, run);
            node.get_stuck(run, flow, who);
        }
        if node.failure().is_some() {
            node.stays_in_doubt(run, flow);
        }
        let progress = match (&node.phase, node.failure()) {
            (Phase::Over(Ok(())), _) => Progress::Done,
            (_, Some(failure)) => Progress::Failed(failure.clone()),
            _ => Progress::Pending,
        };
        if progress == Progress::Done && node.adapted.is_some() {
            run.ended.insert(key.clone(), StepState::Adapted);
        }
        run.nodes.insert(key, Node::Call(node));
        progress
    }

    fn start(&mut self, run: &mut Run, flow: &Flow, with: &Template) {
        let Some(operation) = flow.operation(&self.operation) else {
            return self.over(run, flow, Err(Failure::Missing { path: self.operation.clone() }));
        };
        match arguments(with, operation, run) {
            Err(failure) => self.over(run, flow, Err(failure)),
            Ok(arguments) => {
                self.input = arguments.input;
                self.labels = arguments.labels;
                self.adapted = arguments.left_out;
                match operation.access {
                    Access::Read => self.leave(run, flow),
                    Access::Write | Access::Destroy => self.begin_write(run, flow, operation),
                }
            }
        }
    }

    /// What time alone brings: the end of a pause, or of a question.
    fn woke(&mut self, run: &mut Run, flow: &Flow) {
        match self.phase {
            Phase::Paused { until, then } if until <= run.now => match then {
                Then::Read => self.read_before(run, flow),
                Then::Check => self.check(run, flow),
                Then::Leave => self.leave_later(run, flow),
                Then::Probe => self.probe(run, flow),
            },
            Phase::Held => {
                let until = self.approval.as_ref().and_then(|approval| approval.until);
                if until.is_some_and(|until| until <= run.now) {
                    let policy = "nobody answered in time".to_owned();
                    self.over(run, flow, Err(Failure::Refused { policy }));
                }
            }
            Phase::Recallable { until, .. } if until <= run.now => {
                // What it changes may have changed meanwhile.
                self.could_recall = true;
                self.check(run, flow);
            }
            _ => {}
        }
    }

    fn pause(&mut self, run: &Run, after_ms: i64, then: Then) {
        self.phase = Phase::Paused { until: run.now.saturating_add(after_ms), then };
    }

    pub(super) fn key(&self, run: &Run) -> String {
        run.effect_key(&self.step, self.ordinal)
    }

    /// What a person is asked, if one is.
    pub(super) fn asking(&self) -> Option<&str> {
        self.is_held().then_some(self.title.as_str())
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.phase, Phase::Held)
    }

    pub(super) fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Over(Ok(())))
    }

    /// Whether a person said that it had happened.
    pub(super) fn is_vouched(&self) -> bool {
        self.vouched
    }

    pub(super) fn is_over(&self) -> bool {
        matches!(self.phase, Phase::Over(_))
    }

    pub(super) fn is_stuck(&self) -> bool {
        matches!(self.phase, Phase::Stuck(_))
    }

    pub(super) fn backs_off(&self) -> bool {
        matches!(self.phase, Phase::Paused { .. })
    }

    /// Why it could not be done, for the flow: of what may have happened, what came back to the
    /// try, whatever was made of it since.
    pub(super) fn failure(&self) -> Option<&Failure> {
        match &self.phase {
            Phase::Over(Err(failure)) => Some(self.doubt.as_ref().unwrap_or(failure)),
            _ => None,
        }
    }

    /// Whether a person said that it ends here, whatever the flow would do about it.
    pub(super) fn is_given_up(&self) -> bool {
        self.given_up
    }

    pub(super) fn is_overtaken(&self) -> bool {
        self.overtaken
    }

    pub(super) fn wake_at(&self) -> Option<i64> {
        match &self.phase {
            Phase::Paused { until, .. } | Phase::Recallable { until, .. } => Some(*until),
            Phase::Held => self.approval.as_ref().and_then(|approval| approval.until),
            _ => None,
        }
    }

    pub(super) fn operation<'f>(&self, flow: &'f Flow) -> Option<&'f Operation> {
        flow.operation(&self.operation)
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// What it is called: a call that is no step of its own has no title.
    fn name(&self) -> &str {
        if self.title.is_empty() { &self.operation } else { &self.title }
    }

    /// The name of the fact it brings, in its frame.
    fn fact_id(&self) -> &str {
        local(&self.step).rsplit('.').next().unwrap_or_default()
    }

    /// The facts the arguments were made from.
    pub(super) fn sources(&self) -> impl Iterator<Item = &String> {
        self.labels.values().flat_map(|labels| &labels.sources)
    }
}
