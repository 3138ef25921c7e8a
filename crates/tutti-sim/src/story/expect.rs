//! What must come of a story.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use tutti_core::label::{Provenance, Trust};
use tutti_core::view::RunState;

use super::{Amount, Span};

/// What must come of a story. What is not said is not judged, but for the promises that always
/// hold: nothing is made twice, nothing leaves after the end, every write is written ahead.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Expect {
    /// Where the run stands in the end.
    #[schemars(schema_with = "states")]
    pub state: RunState,
    /// Words of the reason it gives.
    #[serde(default)]
    pub reason: Option<String>,
    /// The writes that were done outside.
    #[serde(default)]
    pub effects: Option<Effects>,
    /// What must not be called, not even in vain.
    #[serde(default)]
    pub never: Vec<Pattern>,
    /// How often something is called, reads and vain tries included.
    #[serde(default)]
    pub calls: Vec<Called>,
    /// Words of each gap, as many as there are.
    #[serde(default)]
    pub gaps: Option<Vec<String>>,
    /// What a run that could not go on hands over to a person.
    #[serde(default)]
    pub hand_off: Option<HandOffExpected>,
    /// What is known in the end, by expression: `values.tier`.
    #[serde(default)]
    pub facts: BTreeMap<String, FactExpected>,
    /// Words of lines of the timeline, in their order; others may stand between.
    #[serde(default)]
    pub timeline: Vec<String>,
    /// Words of lines of which the timeline has exactly one, whatever became of a worker: what
    /// people must be told, and not again.
    #[serde(default)]
    pub once: Vec<String>,
    /// What it used.
    #[serde(default)]
    pub spend: Option<SpendExpected>,
    /// The questions people were asked, in their order, all of them.
    #[serde(default)]
    pub asked: Option<Vec<AskedFor>>,
    /// How long the run took, from its start to its end.
    #[serde(default)]
    pub took: Option<Bounds>,
}

/// The writes that were done outside: each effect counts once, however often it was tried.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effects {
    /// All of them, in this order.
    InOrder(Vec<Wanted>),
    /// All of them, in any order.
    Set(Vec<Wanted>),
    /// At least these, in any order.
    Some(Vec<Wanted>),
}

impl Effects {
    /// The word for it in a story.
    pub fn key(&self) -> &'static str {
        match self {
            Self::InOrder(_) => "in_order",
            Self::Set(_) => "set",
            Self::Some(_) => "some",
        }
    }

    /// The writes that are listed.
    pub fn wanted(&self) -> &[Wanted] {
        match self {
            Self::InOrder(wanted) | Self::Set(wanted) | Self::Some(wanted) => wanted,
        }
    }
}

/// A write that must have been done.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The operation; `*` stands for anything.
    pub operation: String,
    /// Its arguments, or some of them; `*` in a text stands for anything.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// How often.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub times: usize,
}

fn one() -> usize {
    1
}

/// Something that must not be called.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The operation; `*` stands for anything: `slack.*`.
    pub operation: String,
    /// Its arguments, or some of them; `*` in a text stands for anything.
    #[serde(default)]
    pub with: Map<String, Value>,
}

/// How often, and when, something is called.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Called {
    /// The operation; `*` stands for anything.
    pub operation: String,
    /// Its arguments, or some of them; `*` in a text stands for anything.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// How often; once or more, if nothing is said and no times are given.
    #[serde(default)]
    pub times: Option<usize>,
    /// When each time, from the beginning of the story.
    #[serde(default)]
    pub at: Option<Vec<Span>>,
}

/// What must be known.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FactExpected {
    /// The value, or some members of it; `*` in a text stands for anything.
    #[serde(default)]
    pub is: Option<Value>,
    /// How it came to be known, all of it.
    #[serde(default)]
    #[schemars(schema_with = "provenances")]
    pub provenance: Option<Vec<Provenance>>,
    /// Whether it may choose targets: `trusted` or `untrusted`.
    #[serde(default)]
    #[schemars(schema_with = "trusts")]
    pub trust: Option<Trust>,
    /// That it is not known.
    #[serde(default)]
    pub missing: bool,
}

/// What a run that could not go on hands over to a person.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct HandOffExpected {
    /// Facts that are among what is known.
    pub known: Vec<String>,
    /// What was done, all of it and in its order.
    pub done: Option<Vec<DoneExpected>>,
    /// Words of what is missing; others may be, too.
    pub missing: Vec<String>,
    /// Words of what to do next.
    pub suggestion: Option<String>,
}

/// A write that is handed over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DoneExpected {
    /// The operation; `*` stands for anything.
    pub operation: String,
    /// Whether it can be undone.
    #[serde(default)]
    pub undo: Option<bool>,
}

/// What a run used.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpendExpected {
    /// Confirmed writes.
    pub actions: Option<Amount>,
    /// Calls to tools and models, retries and probes included.
    pub calls: Option<Amount>,
    /// Tokens read and written by models.
    pub tokens: Option<Amount>,
    /// US dollars.
    pub usd: Option<Amount>,
}

/// Bounds of a length of time.
#[derive(Debug, Clone, Copy, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bounds {
    /// Not less.
    pub at_least: Option<Span>,
    /// Not more.
    pub at_most: Option<Span>,
}

/// A question somebody must have been asked.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AskedFor {
    /// The step it is about.
    pub step: Option<String>,
    /// Who is asked, by Atlassian account id.
    pub who: Option<String>,
    /// The operation that is held.
    pub operation: Option<String>,
    /// Its arguments, or some of them.
    pub with: Map<String, Value>,
    /// Words of the reason.
    pub why: Option<String>,
    /// Whether it was asked before and something changed.
    pub again: Option<bool>,
}

fn states(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    use RunState::{
        Cancelled, Completed, CompletedWithGaps, Failed, Held, Running, WaitingOutside,
        WaitingPerson,
    };
    let states = [
        Running,
        WaitingPerson,
        WaitingOutside,
        Held,
        Completed,
        CompletedWithGaps,
        Cancelled,
        Failed,
    ];
    schemars::json_schema!({"enum": states})
}

fn provenances(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    use Provenance::{Asked, Defaulted, Derived, Guessed, Observed};
    let kinds = [Observed, Derived, Defaulted, Asked, Guessed];
    schemars::json_schema!({"type": "array", "items": {"enum": kinds}})
}

fn trusts(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
    schemars::json_schema!({"enum": [Trust::Trusted, Trust::Untrusted]})
}
