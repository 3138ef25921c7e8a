//! A step: one node of a flow, what it does and what is done when it cannot.

use serde_json::Value;

use super::{Autonomy, Field, Gather, Use};
use crate::expr::{Expression, Template};
use crate::failure::Failure;
use crate::recovery::Retry;

/// A node of the flow.
#[derive(Debug, Clone)]
pub struct Step {
    /// Unique within the flow; the name of its result.
    pub id: String,
    /// For the strip and the timeline.
    pub title: String,
    /// The same once it is done: `Told #support` for `Tell #support`.
    pub done: String,
    /// What it does.
    pub kind: Kind,
    /// What to do about failures, first match.
    pub catch: Vec<Catch>,
    /// How much it may do alone, if not as the flow.
    pub autonomy: Option<Autonomy>,
    /// How often its call is tried, if not as the flow.
    pub retry: Option<Retry>,
    /// Where it stands in the document.
    pub at: String,
}

impl Step {
    /// The blocks below it, in the order of the document.
    pub fn blocks(&self) -> Vec<&[Step]> {
        let mut blocks: Vec<&[Step]> = match &self.kind {
            Kind::Switch(arms) => arms.iter().map(|arm| arm.steps.as_slice()).collect(),
            Kind::Fork(fork) => fork.branches.iter().map(|b| b.steps.as_slice()).collect(),
            Kind::Listen(listen) => vec![listen.otherwise.as_deref().unwrap_or_default()],
            Kind::For(each) => vec![each.steps.as_slice()],
            Kind::Try(steps) => vec![steps.as_slice()],
            Kind::Run(sub) => vec![sub.steps.as_slice()],
            Kind::Call(_)
            | Kind::Decide(_)
            | Kind::Ask(_)
            | Kind::Wait(_)
            | Kind::Set(_)
            | Kind::Raise(_) => Vec::new(),
        };
        blocks.extend(instead(&self.catch));
        blocks
    }

    /// The tool it speaks to, `model`, or `tutti`; picks the monogram.
    pub fn system(&self) -> &str {
        match &self.kind {
            Kind::Call(call) => call.operation.split('.').next().unwrap_or_default(),
            Kind::Decide(_) => "model",
            Kind::Ask(_) => "person",
            Kind::Listen(listen) => {
                listen.to.first().and_then(|topic| topic.event.split('.').next()).unwrap_or("tutti")
            }
            Kind::Switch(_)
            | Kind::Fork(_)
            | Kind::For(_)
            | Kind::Try(_)
            | Kind::Run(_)
            | Kind::Wait(_)
            | Kind::Set(_)
            | Kind::Raise(_) => "tutti",
        }
    }
}

/// What a step does.
#[derive(Debug, Clone)]
pub enum Kind {
    /// Calls one operation.
    Call(Use),
    /// Asks a model for a typed answer.
    Decide(Box<Decide>),
    /// Takes the first arm whose condition holds.
    Switch(Vec<Arm>),
    /// Runs branches at the same time and joins them.
    Fork(Fork),
    /// Does the same for every item of a list.
    For(Box<For>),
    /// Some steps together, so that one `catch` is for all of them.
    Try(Vec<Step>),
    /// Has another flow run, and waits for its end.
    Run(Box<SubRun>),
    /// Waits for something outside.
    Listen(Box<Listen>),
    /// Asks a person.
    Ask(Box<Ask>),
    /// Waits.
    Wait(Span),
    /// Computes values.
    Set(Template),
    /// Fails on purpose.
    Raise(Raise),
}

/// A decision to be made by a model, within limits the flow sets.
#[derive(Debug, Clone)]
pub struct Decide {
    /// What is asked.
    pub question: Template,
    /// The facts shown.
    pub facts: Vec<String>,
    /// The shape of the answer.
    pub answer: Vec<Field>,
    /// How many checked quotes it needs.
    pub evidence: usize,
    /// What the answer may not go below.
    pub floor: Vec<Bound>,
    /// What the answer may not go above, whatever a floor says.
    pub ceiling: Vec<Bound>,
    /// Rules if no answer of a model survives.
    pub otherwise: Vec<Ruling>,
    /// The model, if not the connection's default.
    pub model: Option<String>,
}

/// A bound of a choice, whoever makes it.
#[derive(Debug, Clone)]
pub struct Bound {
    /// When it holds.
    pub when: Expression,
    /// The field, of kind `one_of`, highest first.
    pub field: String,
    /// Of a floor the lowest value allowed, of a ceiling the highest.
    pub value: String,
}

/// A rule that answers instead of a model.
#[derive(Debug, Clone)]
pub struct Ruling {
    /// When it applies; always, if absent.
    pub when: Option<Expression>,
    /// The answer.
    pub answer: Template,
}

/// One way out of a switch.
#[derive(Debug, Clone)]
pub struct Arm {
    /// When it is taken.
    pub when: When,
    /// What it does.
    pub steps: Vec<Step>,
}

/// When an arm of a switch is taken.
#[derive(Debug, Clone)]
pub enum When {
    /// If this holds.
    Holds(Expression),
    /// If no other arm holds.
    Default,
    /// If something missing keeps the others from being decided.
    Unknown,
}

/// Branches at the same time.
#[derive(Debug, Clone)]
pub struct Fork {
    /// The branches, by name.
    pub branches: Vec<Branch>,
    /// How many must be done to go on; the others are stopped then.
    pub join: usize,
}

/// One branch of a fork.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// What it does.
    pub steps: Vec<Step>,
}

/// The same steps for every item of a list.
#[derive(Debug, Clone)]
pub struct For {
    /// What one item is called in the steps.
    pub item: String,
    /// The list.
    pub list: Expression,
    /// The most items there may be.
    pub limit: usize,
    /// How many are worked on at the same time.
    pub at_once: usize,
    /// What is done for each.
    pub steps: Vec<Step>,
    /// What each comes to; together the result of the step. The items themselves, if absent.
    pub collect: Option<Template>,
}

/// Another flow as a step of this one.
#[derive(Debug, Clone)]
pub struct SubRun {
    /// The other flow's id.
    pub flow: String,
    /// What it is given, as it was written.
    pub with: Value,
    /// The steps it comes to: start it, wait for its end, fail if it failed.
    pub steps: Vec<Step>,
    /// What it brought.
    pub output: Template,
}

impl SubRun {
    /// The step that starts it.
    pub fn start(&self) -> Option<&str> {
        self.steps.first().map(|start| start.id.as_str())
    }

    /// The fact that tells how it stands.
    pub fn look(&self) -> Option<&str> {
        self.steps.iter().find_map(|step| match &step.kind {
            Kind::Listen(listen) => listen.read.first().map(|read| read.name.as_str()),
            _ => None,
        })
    }
}

/// A failure of the flow's own.
#[derive(Debug, Clone)]
pub struct Raise {
    /// Its name, for a `catch`.
    pub error: String,
    /// What is wrong, for people.
    pub message: Template,
}

/// Waiting for something outside.
#[derive(Debug, Clone)]
pub struct Listen {
    /// What to be woken by.
    pub to: Vec<Topic>,
    /// What is read again at every wake; each becomes a fact of that name.
    pub read: Vec<Gather>,
    /// What must hold to go on.
    pub until: Expression,
    /// How often to look without being woken, in milliseconds.
    pub poll_ms: Option<i64>,
    /// How long to wait at most.
    pub within: Span,
    /// What to do when the time is over; without it the step fails then.
    pub otherwise: Option<Vec<Step>>,
}

/// A length of time.
#[derive(Debug, Clone, PartialEq)]
pub enum Span {
    /// So many milliseconds.
    For(i64),
    /// Until the moment this comes to: a timestamp, as text or in milliseconds since 1970.
    Until(Expression),
}

/// Something only a person knows.
#[derive(Debug, Clone)]
pub struct Ask {
    /// What is asked.
    pub question: Template,
    /// Who is asked: an account id. Whoever may answer for the project, if absent.
    pub who: Option<Template>,
    /// The shape of the answer.
    pub answer: Vec<Field>,
    /// How long the question stands.
    pub within: Span,
}

/// Something outside that can be heard of.
#[derive(Debug, Clone)]
pub struct Topic {
    /// What: `gitlab.pipeline`.
    pub event: String,
    /// Which: `42/${pipeline.id}`.
    pub key: Template,
}

/// What to do about some failures of a step.
#[derive(Debug, Clone)]
pub struct Catch {
    /// The kinds of failure; all, if empty.
    pub on: Vec<String>,
    /// What to do.
    pub remedy: Remedy,
}

/// The other paths that failures can take.
pub(super) fn instead(catches: &[Catch]) -> impl Iterator<Item = &[Step]> {
    catches.iter().filter_map(|catch| match &catch.remedy {
        Remedy::Instead(steps) => Some(steps.as_slice()),
        _ => None,
    })
}

/// A model that chooses how a failed call goes on.
#[derive(Debug, Clone)]
pub struct ExceptionAgent {
    /// What it is asked; the answer is one of the ways.
    pub decide: Decide,
    /// Who is asked where it cannot choose: an account id.
    pub who: Option<Template>,
}

impl Catch {
    /// Whether it is for this failure.
    pub fn is_for(&self, failure: &Failure) -> bool {
        self.on.is_empty() || self.on.iter().any(|on| failure.is_called(on))
    }
}

/// What to do about a failure when retries are over.
#[derive(Debug, Clone)]
pub enum Remedy {
    /// Take another path.
    Instead(Vec<Step>),
    /// Use this value, provenance `defaulted`.
    Default(Template),
    /// Go on without it and list what is missing.
    Gap(String),
    /// Ask a person how to go on; an account id.
    Ask(Template),
    /// Let a model choose among the ways that are open; a person, where it cannot.
    Agent(Box<ExceptionAgent>),
}
