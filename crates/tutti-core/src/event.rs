//! Events go into a run, effects come out: the whole contract between a run and the world.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::model::Question;

/// Something that happened: the only input of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Event {
    /// The run began; what it does first follows when a worker takes it up.
    Started {
        /// The trigger's payload.
        trigger: Value,
        /// What sent it, for people: `salesforce.case`.
        source: String,
        /// JSON pointers to parts of the payload that hold what others wrote.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        untrusted: Vec<String>,
        /// How many runs, each a step of the one before, led to it.
        #[serde(default, skip_serializing_if = "is_zero")]
        depth: u32,
    },
    /// An effect was answered.
    Answered {
        /// The effect's id.
        effect: String,
        /// What came back.
        result: Reply,
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// Something outside happened that a waiting run had asked to hear of, or an event of its
    /// trigger that came too late.
    Signal {
        /// Its own id; the same id twice is one signal.
        id: String,
        /// What happened: `gitlab.pipeline:42/5001`, or `stale_event`.
        topic: String,
        /// What the sender said about it.
        payload: Value,
    },
    /// A person answered.
    Said {
        /// The answer's own id.
        id: String,
        /// Who, as an Atlassian account id.
        account: String,
        /// Who, for people.
        name: String,
        /// What was said.
        answer: Said,
    },
    /// The time the run was waiting for has come, or its first worker took it up.
    Woke,
    /// Another worker took over: nobody knows what became of the effects in flight.
    Resumed,
    /// Workers died on this run again and again.
    GaveUp {
        /// What the last of them left behind.
        reason: String,
    },
}

impl Event {
    /// The id of what a person said.
    pub fn said_id(&self) -> Option<&str> {
        match self {
            Self::Said { id, .. } => Some(id),
            _ => None,
        }
    }
}

pub(crate) fn is_zero(depth: &u32) -> bool {
    *depth == 0
}

/// The answer to an effect.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reply {
    /// It worked; this came back.
    Ok(Value),
    /// It worked; what came back is too large to be kept whole.
    Excerpt(Excerpt),
    /// It did not.
    Failed(Failure),
}

impl Reply {
    /// The answer to a call, as much of it as a run carries.
    pub fn of(result: Result<Value, Failure>) -> Self {
        match result.map(Excerpt::of) {
            Ok(Excerpt { value, left_out }) if left_out.is_empty() => Self::Ok(value),
            Ok(excerpt) => Self::Excerpt(excerpt),
            Err(failure) => Self::Failed(failure),
        }
    }
}

/// What a person can say to a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Said {
    /// Do exactly this.
    Approve {
        /// The held effect.
        effect: String,
        /// The hash on the card the person saw.
        payload_hash: String,
    },
    /// Do it with these arguments instead; the approval is bound to the new payload.
    Modify {
        /// The held effect.
        effect: String,
        /// The hash on the card the person saw.
        payload_hash: String,
        /// The arguments to replace.
        changes: serde_json::Map<String, Value>,
    },
    /// Do not do it.
    Reject {
        /// The held effect.
        effect: String,
        /// The hash on the card the person saw.
        payload_hash: String,
        /// Why not.
        reason: String,
    },
    /// This is the answer to what was asked.
    Answer {
        /// The question, as the panel shows it.
        question: String,
        /// The fields asked for.
        answer: serde_json::Map<String, Value>,
    },
    /// Go on with a call that got stuck in this way.
    Resolve {
        /// The question, as the panel shows it.
        question: String,
        /// The way on.
        way: Way,
        /// Why.
        reason: String,
    },
    /// Let nothing more leave until this brake is released.
    Hold {
        /// Which brake.
        brake: Brake,
        /// Why.
        reason: String,
        /// The effects, by id, that were wanted in the same turn before this was heard, and have
        /// not left. A worker notes them; nobody else says any.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        unsent: Vec<String>,
    },
    /// Release a brake.
    Resume {
        /// Which brake.
        brake: Brake,
    },
    /// Take back what the run wrote, now that it is over.
    Undo {
        /// The effect keys of these writes; all of them, if none is named.
        effects: Vec<String>,
        /// Why.
        reason: String,
    },
    /// Run it once more from a step on, now that it is over.
    Rerun {
        /// The step.
        step: String,
        /// Why.
        reason: String,
        /// How many events the run had when this was said: once it has begun anew since, it is not
        /// what was meant.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        seen: Option<u64>,
    },
    /// Stop the whole run.
    Cancel {
        /// Why.
        reason: String,
    },
}

impl Said {
    /// Let nothing more leave until this brake is released.
    pub fn hold(brake: Brake, reason: String) -> Self {
        Self::Hold { brake, reason, unsent: Vec::new() }
    }
}

/// A way on for a call that waits for a person, stuck or about to leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Way {
    /// It did not happen: try it again.
    Again,
    /// It did happen: go on.
    Happened,
    /// Go on without it, with a gap.
    Without,
    /// End the run here.
    Stop,
    /// Do not send it after all.
    Recall,
    /// Send it at once.
    Now,
}

/// What holds a run. Each is released by itself, so that ending a stop does not undo a pause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Brake {
    /// A person paused this run.
    Pause,
    /// The flow, its project or the whole site is stopped.
    Stop,
}

/// Something a run wants done: its only output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// Names this try; the answer carries it back.
    pub id: String,
    /// `run/step/ordinal`: the same across retries, also the marker on what is made.
    pub key: String,
    /// What to do.
    pub action: Action,
    /// How long it may take, in milliseconds.
    pub deadline_ms: u64,
}

/// What an effect does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Action {
    /// Call an operation of a tool.
    Call {
        /// The operation's id.
        operation: String,
        /// Its arguments.
        input: Value,
        /// What was read before, for a write.
        before: Value,
        /// Whether it changes anything outside, so that it must be written ahead.
        write: bool,
        /// JSON pointers to the arguments that hold what others wrote.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        untrusted: Vec<String>,
    },
    /// Ask a model.
    Ask {
        /// The question.
        question: Question,
    },
}

impl Effect {
    /// Whether it changes anything outside.
    pub fn is_write(&self) -> bool {
        matches!(self.action, Action::Call { write: true, .. })
    }
}
