//! An operation: what the core knows of one thing a tool can do, `<tool>.<noun>.<verb>`.

mod input;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::input::{Input, InputKind};

/// The operations a flow can use. The core knows tools only through this.
pub trait Catalogue {
    /// The operation with this id, if there is one.
    fn operation(&self, id: &str) -> Option<&Operation>;
    /// The ids of all operations, sorted; for hints.
    fn ids(&self) -> Vec<&str>;
    /// The members of what an operation brings; nothing if they are not known.
    fn brings(&self, _id: &str) -> Vec<String> {
        Vec::new()
    }
    /// The events that tools tell waiting runs of: `gitlab.pipeline`.
    fn heard(&self) -> Vec<&str> {
        Vec::new()
    }
    /// The topics that start flows, `webhook:salesforce.case`; nothing if they are not known.
    fn starts(&self) -> Vec<String> {
        Vec::new()
    }
    /// Whether it judges what is linked by it: a set of operations that a flow holds knows that
    /// the flow was linked before.
    fn judges(&self) -> bool {
        true
    }
}

/// One operation as its connector declares it. Runs keep the ones they use.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Operation {
    /// `<tool>.<noun>.<verb>`.
    pub id: String,
    /// One sentence for people and models.
    pub summary: String,
    /// What it does to the other side.
    pub access: Access,
    /// What may be done when its outcome is not known.
    pub once: Once,
    /// Whether it can be taken back.
    pub reversibility: Reversibility,
    /// Its arguments by name.
    pub input: BTreeMap<String, Input>,
    /// Dotted paths of the output that hold text others wrote (`items[].summary`).
    #[serde(default)]
    pub untrusted: Vec<String>,
    /// Dotted paths of the output that hold personal data, masked before any model sees them.
    #[serde(default)]
    pub pii: Vec<String>,
    /// What is read before a write: the pre-image and the version an approval is bound to.
    #[serde(default)]
    pub before: Option<Before>,
    /// How to find out whether a write of unknown outcome happened.
    #[serde(default)]
    pub probe: Option<Probe>,
    /// What takes a write back; its templates see `input`, `before`, `output` and the write's own
    /// `effect_key`. One that says nothing of the output takes back what may have happened, too.
    #[serde(default)]
    pub inverse: Option<Call>,
    /// Stands in for `inverse` when `before` found nothing (`before` is `null`): what the write
    /// created is removed, not set back.
    #[serde(default)]
    pub inverse_if_new: Option<Call>,
    /// Whether what it writes carries our effect key, so that it can be found again.
    #[serde(default)]
    pub marked: bool,
    /// The product events it raises; a flow that one of them starts could start itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<String>,
    /// How long one call may take, in milliseconds.
    #[serde(default = "Operation::default_deadline_ms")]
    pub deadline_ms: u64,
}

impl Operation {
    /// 60 seconds: the step deadline where an operation says nothing.
    pub fn default_deadline_ms() -> u64 {
        60_000
    }

    /// The tool, the first part of the id.
    pub fn tool(&self) -> &str {
        self.id.split('.').next().unwrap_or_default()
    }
}

/// What an operation does to the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Access {
    /// Nothing.
    Read,
    /// Creates or changes something.
    Write,
    /// Removes something.
    Destroy,
}

/// Effect class: what may be done with a write whose outcome is not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Once {
    /// Run again; it changes nothing.
    Read,
    /// Run again blindly; twice is the same as once.
    Idempotent,
    /// Run again with the same idempotency key.
    Keyed,
    /// Look for our marker first: adopt what is found, else run after a settle delay.
    Probed,
    /// Never again by itself: a person decides.
    Unsafe,
}

/// Whether a write can be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Reversibility {
    /// The former state can be restored.
    Reversible,
    /// It can be made up for, but people may have seen it.
    Compensable,
    /// It cannot be taken back.
    Irreversible,
}

/// A use of an operation with templates for its arguments.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    /// The operation's id.
    #[serde(rename = "use")]
    pub operation: String,
    /// Templates; which names they see is said where the call is declared.
    #[serde(default)]
    pub with: BTreeMap<String, Value>,
    /// Of an inverse: when its answer says that there was nothing left to take back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<Unless>,
    /// Of an inverse: what must have been so before, or there is nothing to take back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only_if: Option<OnlyIf>,
}

/// A list that was read before a write, and what had to be in it, or not, for the write to change
/// anything.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OnlyIf {
    /// The member of what was read that is the list.
    pub list: String,
    /// The argument of the write that is looked for in it.
    pub argument: String,
    /// Whether it had to be there.
    pub there: bool,
}

impl OnlyIf {
    /// Whether a write with this input, where this was before, changed anything.
    pub fn holds(&self, input: &Value, before: &Value) -> bool {
        let list = before.get(&self.list).and_then(Value::as_array);
        let argument = input.get(&self.argument);
        let is_there = list.zip(argument).map(|(list, argument)| list.contains(argument));
        is_there.is_none_or(|is_there| is_there == self.there)
    }
}

/// What an inverse answers where it took nothing back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unless {
    /// The member of its output that is false then.
    pub not: String,
    /// What people are told of it.
    pub told: String,
}

/// The read before a write; its templates see `input`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Before {
    /// The reading operation's id.
    #[serde(rename = "use")]
    pub operation: String,
    /// Templates over `input`.
    #[serde(default)]
    pub with: BTreeMap<String, Value>,
    /// Dotted path, in the output read, of what identifies the target's version.
    #[serde(default)]
    pub version: Option<String>,
    /// A target that does not exist yet is no failure: the pre-image is `null`.
    #[serde(default)]
    pub optional: bool,
}

/// The search for our marker; its templates see `input`, `before` and `effect_key`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Probe {
    /// The reading operation's id.
    #[serde(rename = "use")]
    pub operation: String,
    /// Templates over `input`, `before` and `effect_key`.
    #[serde(default)]
    pub with: BTreeMap<String, Value>,
    /// Dotted path of the list to search in the output read; the whole output if absent.
    #[serde(default)]
    pub find: Option<String>,
    /// Dotted path, within one item, of the text that holds the effect key of what we made.
    pub path: String,
    /// What the write's output would have been; templates see `found`, `input` and `before`.
    #[serde(default)]
    pub output: Value,
    /// How long to wait before an absent marker is believed, in milliseconds.
    #[serde(default)]
    pub settle_ms: u64,
}
