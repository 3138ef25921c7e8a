//! The flow: what an admin drew, linked to the operations it uses and ready to be run.

mod answer;
pub mod diff;
mod link;
mod project;
pub(crate) mod reader;
mod step;
mod trigger;

use std::collections::BTreeMap;

use serde_json::Value;

pub use self::answer::{Field, Shape, object_schema};
pub use self::project::Project;
pub use self::reader::nearest;
use self::step::instead;
pub use self::step::{
    Arm, Ask, Bound, Branch, Catch, Decide, ExceptionAgent, For, Fork, Kind, Listen, Raise, Remedy,
    Ruling, Span, Step, SubRun, Topic, When,
};
pub use self::trigger::{Coalesce, Intake, Limits, NewestBy, RUN, Trigger, is_earlier, told_topic};
use crate::expr::{Expression, Template};
use crate::failure::Failure;
use crate::operation::{Catalogue, Operation};
use crate::problem::Problem;
use crate::recovery::Retry;

/// The most bytes a flow document may have, as text and as JSON: it must fit one stored value
/// together with its operations.
pub const DOCUMENT_BYTES_MAX: usize = 100 * 1024;

/// The operation that tells other flows of an event.
const EMIT: &str = "tutti.event.emit";

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
    /// How much of it may run.
    pub limits: Limits,
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
    /// What to do about failures that no step's `catch` took.
    pub catch: Vec<Catch>,
    /// Done last, whether the steps came to their end or failed.
    pub finally: Vec<Step>,
    /// What a flow that runs it as a step gets from it.
    pub output: Option<Template>,
    /// What is named of the results of flows that run as steps.
    pub brought: Vec<Brought>,
    /// The time zones of the calendars it writes out, by their places in the document.
    pub zones: BTreeMap<String, String>,
    /// Rules for the gate, in the order written.
    pub policies: Vec<Policy>,
    /// What a run may use.
    pub budget: Budget,
    /// How much a run may do alone.
    pub autonomy: Autonomy,
    /// How often what fails in passing is tried.
    pub retry: Retry,
    /// The operations it uses, its reads-before, probes and inverses included.
    pub operations: BTreeMap<String, Operation>,
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

impl Flow {
    /// Problems with time zones that do not exist, as whoever has the zones of the world says.
    pub fn unknown_zones(&self, exists: impl Fn(&str) -> bool) -> Vec<Problem> {
        let unknown = self.zones.iter().filter(|(_, zone)| !exists(zone));
        let problem = |(at, zone): (&String, &String)| {
            let message = format!("there is no time zone `{zone}`");
            Problem::error("unknown_zone", at, message).hint("they are named like Europe/Berlin")
        };
        unknown.map(problem).collect()
    }
}

/// Something that is named of what a flow brings that runs as a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// The step.
    pub step: String,
    /// What is named of its result.
    pub member: String,
    /// Where in the document.
    pub at: String,
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
    /// How long the question stands.
    pub within: Option<Span>,
    /// How long what may leave can still be recalled, in milliseconds.
    pub recall_ms: Option<i64>,
}

impl Policy {
    /// Whether its condition looks at what is done, or at whether that can be taken back.
    pub fn names_effect(&self) -> bool {
        self.when.references().iter().any(|reference| {
            let part = reference.path.first().copied();
            reference.root == "effect" && matches!(part, Some("operation" | "reversibility"))
        })
    }
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

/// Calls of what is done last that fit though all others are used up.
pub const CALLS_FOR_LAST: u64 = 20;

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
    /// The same as `Act`, but every write can be recalled for a while before it leaves.
    ActWithRecall,
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
        let found = self.blocks().into_iter().any(|block| walk(block, id, &mut path));
        debug_assert_eq!(found, !path.is_empty());
        path
    }

    /// The blocks that stand in no step: the steps themselves, what is done about their failures,
    /// and what is done last.
    pub fn blocks(&self) -> Vec<&[Step]> {
        let mut blocks = vec![self.steps.as_slice()];
        blocks.extend(instead(&self.catch));
        blocks.push(&self.finally);
        blocks
    }

    /// The steps that run other flows.
    pub fn runs(&self) -> impl Iterator<Item = (&Step, &SubRun)> {
        self.all_steps().into_iter().filter_map(|step| match &step.kind {
            Kind::Run(sub) => Some((step, sub.as_ref())),
            _ => None,
        })
    }

    /// The events that its steps listen to.
    pub fn hears(&self) -> impl Iterator<Item = &str> {
        let listens = self.all_steps().into_iter().filter_map(|step| match &step.kind {
            Kind::Listen(listen) => Some(listen.to.iter().map(|topic| topic.event.as_str())),
            _ => None,
        });
        listens.flatten()
    }

    /// The steps that tell other flows of an event, where it is written out.
    pub fn tells(&self) -> impl Iterator<Item = (&Step, String)> {
        self.all_steps().into_iter().filter_map(|step| match &step.kind {
            Kind::Call(call) if call.operation == EMIT => {
                let event = call.with.source().get("event")?.as_str()?.to_owned();
                (!event.contains("${")).then_some((step, event))
            }
            _ => None,
        })
    }

    /// Whether it tells of events whose names are made when it runs.
    pub fn tells_of_any(&self) -> bool {
        let tells = |step: &&&Step| matches!(&step.kind, Kind::Call(it) if it.operation == EMIT);
        self.all_steps().iter().filter(tells).count() > self.tells().count()
    }

    /// The decision a key belongs to: that of a step, or `tell?1.2` for
    /// the second choice of the agent in its second `catch`.
    pub fn decision(&self, key: &str) -> Option<&Decide> {
        let (id, catch) = match key.split_once('?') {
            Some((id, choice)) => (id, Some(choice.split('.').next()?.parse::<usize>().ok()?)),
            None => (key, None),
        };
        let step = self.step(id)?;
        match (catch, &step.kind) {
            (None, Kind::Decide(decide)) => Some(decide),
            (Some(catch), _) => match &step.catch.get(catch)?.remedy {
                Remedy::Agent(agent) => Some(&agent.decide),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether a `catch` of the step, or of one around it, is for this failure.
    pub fn catches(&self, id: &str, failure: &Failure) -> bool {
        let around = self.path_to(id);
        let own = around.iter().flat_map(|step| &step.catch);
        own.chain(&self.catch).any(|catch| catch.is_for(failure))
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
        for block in self.blocks() {
            walk(block, &mut all);
        }
        all
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

    fn judges(&self) -> bool {
        false
    }
}
