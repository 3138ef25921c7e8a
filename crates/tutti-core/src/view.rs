//! What people see of a run: the panel's data, folded from the journal and nothing else.
//!
//! The TypeScript types of the user interface are generated from these (`cargo xtask types`).

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::{Brake, Way};
use crate::label::Provenance;
use crate::operation::{Access, Once, Reversibility};

/// One run as the issue panel shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct RunView {
    /// The run's id, `tt-…`.
    pub id: String,
    /// The flow's id.
    pub flow: String,
    /// The flow's name.
    pub name: String,
    /// The flow version the run is pinned to.
    pub flow_version: u64,
    /// Where the run stands.
    pub state: RunState,
    /// Why, in one sentence; empty while running.
    pub reason: String,
    /// What holds it; empty unless it is held.
    pub brakes: Vec<Brake>,
    /// When the run started, milliseconds since 1970.
    pub started_at: i64,
    /// What started it, for people: `Salesforce case 00012077`.
    pub started_by: String,
    /// When it ended; while what it wrote is being taken back, when it had ended before.
    pub ended_at: Option<i64>,
    /// When it wakes by itself, if it waits.
    pub wake_at: Option<i64>,
    /// The issue on whose panel it shows.
    pub subject: Option<String>,
    /// What it used so far.
    pub spend: Spend,
    /// The steps as tiles, in the order of the flow.
    pub strip: Vec<Tile>,
    /// What waits for a person, first asked first.
    pub approvals: Vec<ApprovalView>,
    /// What only a person can say, first asked first.
    pub questions: Vec<QuestionView>,
    /// What happened, oldest first.
    pub timeline: Vec<Entry>,
    /// Steps not reached yet, in the order of the flow.
    pub planned: Vec<Planned>,
    /// What a finished run could not do.
    pub gaps: Vec<String>,
    /// What a person needs to go on where the run could not.
    pub hand_off: Option<HandOff>,
    /// Where a run that is over can begin anew, in the order of the flow.
    pub beginnings: Vec<Beginning>,
}

/// A step at which a run that is over can begin anew.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Beginning {
    /// The step's id.
    pub step: String,
    /// The step's title.
    pub title: String,
    /// The tool it speaks to, `model` or `person`.
    pub system: String,
    /// The titles of what is written once more by this step. Whoever begins here goes through all
    /// that follow, and writes theirs once more, too.
    pub writes: Vec<String>,
}

/// What a person needs who goes on where a run could not.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct HandOff {
    /// The facts it had.
    pub known: Vec<Saw>,
    /// What it wrote, oldest first.
    pub done: Vec<Done>,
    /// What it could not do, and what it did not come to.
    pub missing: Vec<String>,
    /// What to do next, in one sentence.
    pub suggestion: String,
}

/// Something a run wrote.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Done {
    /// The step's title.
    pub title: String,
    /// The operation.
    pub operation: String,
    /// Whether it was, or can be, taken back.
    pub undo: Undo,
}

/// Run states. Every state but `running` carries a reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum RunState {
    /// Something is being done.
    #[default]
    Running,
    /// A person is asked.
    WaitingPerson,
    /// An outside event or a time is awaited.
    WaitingOutside,
    /// Held by a stop switch or a pause.
    Held,
    /// Ended, everything done.
    Completed,
    /// Ended, with a list of what could not be done.
    CompletedWithGaps,
    /// Ended by a person.
    Cancelled,
    /// Ended by a failure nobody could mend.
    Failed,
}

impl RunState {
    /// Whether nothing will happen any more.
    pub fn is_final(self) -> bool {
        matches!(self, Self::Completed | Self::CompletedWithGaps | Self::Cancelled | Self::Failed)
    }
}

/// What a run used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Spend {
    /// Confirmed writes.
    pub actions: u64,
    /// Calls to tools and models, retries and probes included.
    pub calls: u64,
    /// Tokens read and written by models.
    pub tokens: u64,
    /// Millionths of a US dollar spent on models, if the admin entered prices.
    pub usd_micros: u64,
}

/// One step on the strip.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Tile {
    /// The step's id.
    pub step: String,
    /// A short title.
    pub title: String,
    /// The tool it speaks to, `model` or `person`; picks the monogram.
    pub system: String,
    /// How far it is.
    pub state: StepState,
}

/// How far a step is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum StepState {
    /// Not reached.
    Planned,
    /// At it.
    Running,
    /// Waiting for a person or the outside.
    Waiting,
    /// Done as planned.
    Done,
    /// Done, but not as planned.
    Adapted,
    /// On a path not taken.
    Skipped,
    /// Could not be done.
    Failed,
}

/// An approval card: exactly what will be sent, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct ApprovalView {
    /// The effect that is held; the answer names it.
    pub effect: String,
    /// The step's id.
    pub step: String,
    /// What will happen, naming the effect: `Reply to the customer on case 00012077`.
    pub title: String,
    /// The operation.
    pub operation: String,
    /// The tool.
    pub system: String,
    /// SHA-256 of the payload and what it was asked about, hex; the answer must carry it.
    pub payload_hash: String,
    /// The arguments, field by field, with what they replace.
    pub changes: Vec<Change>,
    /// Why it is proposed, in one or two sentences.
    pub why: String,
    /// The evidence behind it, numbered from 1.
    pub evidence: Vec<Evidence>,
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// Who is asked: an account id, or `role:…`.
    pub approver: String,
    /// The name of who is asked, if known.
    pub approver_name: String,
    /// Whether the person looking may answer.
    pub mine: bool,
    /// When the question runs out.
    pub until: Option<i64>,
    /// What happens then, in one sentence.
    pub then: String,
    /// The policy that asked for it, as written, or the built-in rule's sentence.
    pub policy: String,
    /// Set when the target or the payload changed since it was asked before.
    pub asked_again: Option<String>,
}

/// A question to a person: a form to fill in, or ways to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct QuestionView {
    /// Names the question; the answer carries it back.
    pub id: String,
    /// The step's id.
    pub step: String,
    /// The step's title.
    pub title: String,
    /// The tool it is about, or `person`.
    pub system: String,
    /// What is asked.
    pub question: String,
    /// Why a person is asked; empty where the flow asks by itself.
    pub why: String,
    /// Who is asked: an account id, or empty for whoever may answer for the project.
    pub who: String,
    /// The name of who is asked, if known.
    pub who_name: String,
    /// Whether the person looking may answer.
    pub mine: bool,
    /// When it was asked.
    pub asked_at: i64,
    /// When the question runs out.
    pub until: Option<i64>,
    /// The JSON Schema of the answer, if it is a form.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown> | null"))]
    pub schema: Option<Value>,
    /// The ways on to choose from, if it is not.
    pub ways: Vec<WayView>,
}

/// A way to go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct WayView {
    /// The way.
    pub way: Way,
    /// For the button.
    pub label: String,
}

/// One field of a write: before and after.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Change {
    /// The argument's name.
    pub field: String,
    /// What it replaces, if anything was read.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub before: Value,
    /// What will be, or was, written.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub after: Value,
    /// How the new value came to be known.
    pub provenance: Vec<Provenance>,
}

/// A quote from a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Evidence {
    /// The fact's id.
    pub fact: String,
    /// The fact's source, for people: `Salesforce case 00012077`.
    pub source: String,
    /// The tool it came from.
    pub system: String,
    /// The words, found in the fact by the core.
    pub quote: String,
}

/// One line of the timeline: past tense, one sentence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Entry {
    /// The position in the journal.
    pub seq: u64,
    /// When, milliseconds since 1970.
    pub at: i64,
    /// What kind of thing happened.
    pub kind: EntryKind,
    /// The step it belongs to; empty for the run itself.
    pub step: String,
    /// The tool, `model`, `person` or `tutti`.
    pub system: String,
    /// How the step stands by it.
    pub state: StepState,
    /// What happened.
    pub text: String,
    /// A second line, shorter and quieter.
    pub detail: String,
    /// How long it took, in milliseconds.
    pub took_ms: Option<u64>,
    /// Set when something was not as planned: what, and what was done instead.
    pub adapted: Option<String>,
    /// What it looked at.
    pub saw: Vec<Saw>,
    /// What was decided.
    pub decided: Option<Decided>,
    /// What was done outside.
    pub did: Option<Did>,
}

/// The kinds of timeline entries; the filter on the panel uses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum EntryKind {
    /// The run began, ended, or changed its state.
    Run,
    /// Something was read.
    Read,
    /// A decision was made.
    Decision,
    /// Something was written outside.
    Action,
    /// Something from outside arrived.
    Event,
    /// A person said something.
    Person,
}

/// A fact that was looked at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Saw {
    /// The fact's id.
    pub fact: String,
    /// Its source, for people.
    pub source: String,
    /// The tool.
    pub system: String,
    /// When it was observed.
    pub observed_at: i64,
    /// A short form of the value.
    pub summary: String,
    /// Whether it holds text others wrote.
    pub untrusted: bool,
}

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Decided {
    /// The answer, field by field.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, unknown>"))]
    pub answer: Value,
    /// Why, in the decider's words.
    pub reasons: String,
    /// Per cent, the agent's own estimate; absent for rules and people.
    pub confidence: Option<u8>,
    /// What else was considered, with why not.
    pub alternatives: Vec<String>,
    /// Checked quotes.
    pub evidence: Vec<Evidence>,
    /// Who decided: `model <name>`, `rules`, or a person.
    pub by: String,
    /// What the flow's floors and ceilings changed in the answer.
    pub raised: Vec<String>,
}

/// A write, as it left.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Did {
    /// `run/step/ordinal`, also the marker on what was made.
    pub effect_key: String,
    /// The operation.
    pub operation: String,
    /// What it does to the other side.
    pub access: Access,
    /// What may be done when its outcome is unknown.
    pub once: Once,
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// How it ended.
    pub outcome: EffectState,
    /// How often it was tried.
    pub attempts: u32,
    /// The arguments, field by field, with what they replaced.
    pub changes: Vec<Change>,
    /// What came back.
    #[cfg_attr(feature = "typescript", ts(type = "unknown"))]
    pub output: Value,
    /// Whether it was, or can be, taken back once the run is over; absent if it did not happen.
    pub undo: Option<Undo>,
}

/// Whether a write was, or can be, taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Undo {
    /// It can be.
    Possible,
    /// It was.
    Done {
        /// When.
        at: i64,
    },
    /// It cannot be, or could not.
    Impossible {
        /// Why.
        why: String,
        /// Whether it may be tried again.
        again: bool,
    },
}

/// Effect states, from wanted to known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum EffectState {
    /// Wanted; what it replaces is being read.
    Planned,
    /// Held for a person's approval.
    Held,
    /// Written ahead; it may leave now.
    Reserved,
    /// It may have happened; being read back.
    Unknown,
    /// It happened.
    Confirmed,
    /// It did not happen and will not be tried again.
    Failed,
    /// Refused by a person or a policy.
    Refused,
}

/// A step not reached yet.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Planned {
    /// The step's id.
    pub step: String,
    /// A short title.
    pub title: String,
    /// The tool, `model` or `person`.
    pub system: String,
    /// What it will wait for, or empty.
    pub note: String,
}
