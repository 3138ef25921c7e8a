//! The flow: what an admin drew, linked to the operations it uses and ready to be run.

mod answer;
mod link;
mod reader;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::answer::{Field, Shape, object_schema};
use crate::expr::{Expression, Template};
use crate::operation::{Catalogue, Operation};

/// A linked flow: every name is known to mean something, every operation is held.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The document it was linked from, as JSON.
    pub document: Value,
    /// Unique within a project.
    pub id: String,
    /// For people.
    pub name: String,
    /// What starts it.
    pub trigger: Trigger,
    /// Gathered concurrently before the first step; each becomes a fact of that name.
    pub context: Vec<Gather>,
    /// The flow's own values with their fallbacks, together the fact `values`.
    pub values: Vec<ValueRule>,
    /// Whether to go on once the context is known.
    pub start_if: Option<Expression>,
    /// The issue on whose panel the run shows.
    pub subject: Option<Expression>,
    /// What started the run, for people.
    pub started_by: Option<Template>,
    /// The steps.
    pub steps: Vec<Step>,
    /// Rules for the gate, in the order written.
    pub policies: Vec<Policy>,
    /// What a run may use.
    pub budget: Budget,
    /// How much a run may do alone.
    pub autonomy: Autonomy,
    /// The operations it uses, its reads-before, probes and inverses included.
    pub operations: BTreeMap<String, Operation>,
}

/// What starts a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// `webhook:salesforce.case` or `event:avi:jira:created:issue`.
    pub topic: String,
    /// Payload fields that make two events one.
    pub once_per: Vec<Vec<String>>,
    /// The payload fields that tell an older event from a newer one.
    pub newest_by: Option<NewestBy>,
}

/// How to tell that an event is older than one already seen.
#[derive(Debug, Clone, PartialEq)]
pub struct NewestBy {
    /// What the event is about.
    pub key: Vec<String>,
    /// When it happened; compared as text, ISO 8601.
    pub at: Vec<String>,
}

/// One use of an operation.
#[derive(Debug, Clone)]
pub struct Use {
    /// The operation's id.
    pub operation: String,
    /// Its arguments.
    pub with: Template,
}

/// One piece of context to gather.
#[derive(Debug, Clone)]
pub struct Gather {
    /// The fact's name.
    pub name: String,
    /// How to read it.
    pub call: Use,
    /// Whether the run can go on without it.
    pub optional: bool,
}

/// A value of the flow's own: the first expression that is known, else the default.
#[derive(Debug, Clone)]
pub struct ValueRule {
    /// Its name below `values`.
    pub name: String,
    /// Tried in order.
    pub first_of: Vec<Expression>,
    /// Used when none is known; provenance `defaulted`.
    pub default: Option<Value>,
}

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
    /// Where it stands in the document.
    pub at: String,
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
    Fork(Vec<Branch>),
    /// Waits for something outside.
    Listen(Box<Listen>),
    /// Computes values.
    Set(Template),
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
    /// What the model may not go below.
    pub floor: Vec<Floor>,
    /// Rules if no answer of a model survives.
    pub otherwise: Vec<Ruling>,
    /// The model, if not the connection's default.
    pub model: Option<String>,
}

/// A floor: the model may raise a field above it, not lower it below.
#[derive(Debug, Clone)]
pub struct Floor {
    /// When it holds.
    pub when: Expression,
    /// The field, of kind `one_of`, highest first.
    pub field: String,
    /// The lowest value allowed.
    pub at_least: String,
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

/// One branch of a fork.
#[derive(Debug, Clone)]
pub struct Branch {
    /// Its name.
    pub name: String,
    /// What it does.
    pub steps: Vec<Step>,
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
    /// How long to wait at most, in milliseconds.
    pub within_ms: i64,
    /// What to do when the time is over.
    pub otherwise: Vec<Step>,
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

/// What to do about a failure when retries are over.
#[derive(Debug, Clone)]
pub enum Remedy {
    /// Take another path.
    Instead(Vec<Step>),
    /// Use this value, provenance `defaulted`.
    Default(Template),
    /// Go on without it and list what is missing.
    Gap(String),
}

/// A rule of the gate.
#[derive(Debug, Clone)]
pub struct Policy {
    /// What it asks for.
    pub verdict: Verdict,
    /// When; sees the fact `effect`.
    pub when: Expression,
    /// Who is asked, for `approve`.
    pub by: Option<Template>,
    /// Why, for the card.
    pub why: Option<Template>,
    /// How long the question stands, in milliseconds.
    pub within_ms: Option<i64>,
}

/// What a policy asks for; `never` wins over `approve`, `approve` over `allow`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// Without asking.
    Allow,
    /// After a person said yes.
    Approve,
    /// Not at all.
    Never,
}

/// What a run may use.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Budget {
    /// Tokens read and written by models.
    pub tokens: u64,
    /// Millionths of a US dollar.
    pub usd_micros: u64,
    /// Calls to tools and models.
    pub calls: u64,
    /// From start to end, in milliseconds.
    pub wall_ms: i64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { tokens: 60_000, usd_micros: 1_000_000, calls: 200, wall_ms: 24 * 3_600_000 }
    }
}

/// How much a run may do alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Autonomy {
    /// Every write needs a person's yes.
    Approve,
    /// Writes leave unless a policy or their nature asks for a person.
    Act,
}

impl Flow {
    /// The operation `id`, which linking made sure is there.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.get(id)
    }

    /// The step with this id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.path_to(id).pop()
    }

    /// The step with this id and all it is nested in, outermost first.
    pub fn path_to(&self, id: &str) -> Vec<&Step> {
        fn walk<'a>(steps: &'a [Step], id: &str, path: &mut Vec<&'a Step>) -> bool {
            steps.iter().any(|step| {
                path.push(step);
                let found = step.id == id || step.blocks().into_iter().any(|b| walk(b, id, path));
                if !found {
                    path.pop();
                }
                found
            })
        }
        let mut path = Vec::new();
        walk(&self.steps, id, &mut path);
        path
    }

    /// All steps in the order of the document, nested ones after their parent.
    pub fn all_steps(&self) -> Vec<&Step> {
        fn walk<'a>(steps: &'a [Step], into: &mut Vec<&'a Step>) {
            for step in steps {
                into.push(step);
                for block in step.blocks() {
                    walk(block, into);
                }
            }
        }
        let mut all = Vec::new();
        walk(&self.steps, &mut all);
        all
    }
}

impl Step {
    /// The blocks below it, in the order of the document.
    pub fn blocks(&self) -> Vec<&[Step]> {
        let mut blocks: Vec<&[Step]> = match &self.kind {
            Kind::Switch(arms) => arms.iter().map(|arm| arm.steps.as_slice()).collect(),
            Kind::Fork(branches) => branches.iter().map(|b| b.steps.as_slice()).collect(),
            Kind::Listen(listen) => vec![listen.otherwise.as_slice()],
            Kind::Call(_) | Kind::Decide(_) | Kind::Set(_) => Vec::new(),
        };
        for catch in &self.catch {
            if let Remedy::Instead(steps) = &catch.remedy {
                blocks.push(steps);
            }
        }
        blocks
    }

    /// The tool it speaks to, `model`, or `tutti`; picks the monogram.
    pub fn system(&self) -> &str {
        match &self.kind {
            Kind::Call(call) => call.operation.split('.').next().unwrap_or_default(),
            Kind::Decide(_) => "model",
            Kind::Listen(listen) => {
                listen.to.first().and_then(|topic| topic.event.split('.').next()).unwrap_or("tutti")
            }
            Kind::Switch(_) | Kind::Fork(_) | Kind::Set(_) => "tutti",
        }
    }
}

/// A set of operations held by a flow version, so that a release never changes a replay.
impl Catalogue for BTreeMap<String, Operation> {
    fn operation(&self, id: &str) -> Option<&Operation> {
        self.get(id)
    }

    fn ids(&self) -> Vec<&str> {
        self.keys().map(String::as_str).collect()
    }
}
