//! What happens in a story at a time of its own: people speak, events come, the world changes.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{Span, World};

/// What starts the run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Trigger {
    /// Who sends it, for example `salesforce.case`; the flow's own trigger, if nothing is said.
    #[serde(default)]
    pub source: Option<String>,
    /// What it says; the fact `trigger`.
    #[serde(default)]
    pub payload: Value,
    /// Events of the trigger that come later: the same once more, or an older one.
    #[serde(default)]
    pub again: Vec<Again>,
}

/// Another event of the trigger.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Again {
    /// When it comes, from the beginning of the story.
    #[serde(default)]
    pub at: Span,
    /// What it says; the same as the first, if nothing is said.
    #[serde(default)]
    pub payload: Option<Value>,
}

/// Something a person says.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The earliest moment, from the beginning of the story; who is not asked yet answers as soon
    /// as the question is there.
    #[serde(default)]
    pub at: Span,
    /// Who, by Atlassian account id.
    pub who: String,
    /// Their name; made from the account id, if nothing is said.
    #[serde(default)]
    pub name: Option<String>,
    /// What.
    pub says: Says,
    /// The step whose question is answered; the one that was asked first, if nothing is said. For
    /// `rerun` the step from which on it is run once more.
    #[serde(default)]
    pub step: Option<String>,
    /// Why.
    #[serde(default)]
    pub reason: String,
    /// The arguments to replace, for `modify`.
    #[serde(default)]
    pub changes: Map<String, Value>,
    /// The fields asked for, for `answer`.
    #[serde(default)]
    pub answer: Map<String, Value>,
    /// The steps whose writes are taken back, for `undo`; all of them, if nothing is said.
    #[serde(default)]
    pub steps: Vec<String>,
}

/// What a person can say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Says {
    /// Do exactly this.
    Approve,
    /// Do not do it.
    Reject,
    /// Do it with these arguments instead.
    Modify,
    /// What was asked.
    Answer,
    /// Of a step that got stuck: try it again.
    Again,
    /// Of a step that got stuck: it did happen, go on.
    Happened,
    /// Of a step that got stuck: go on without it.
    Without,
    /// Of a step that got stuck: end the run here.
    End,
    /// Of a write that is about to leave: do not send it.
    Recall,
    /// Of a write that is about to leave: send it at once.
    Now,
    /// Let nothing more leave for now.
    Pause,
    /// Go on after a pause.
    Resume,
    /// The flow is stopped: nothing of it leaves.
    Stop,
    /// The stop is lifted.
    Lift,
    /// Take back what the run wrote, now that it is over.
    Undo,
    /// Run it once more from a step on, now that it is over.
    Rerun,
    /// Stop the whole run.
    Cancel,
}

impl Person {
    /// Whether what is said stops the run, or holds it.
    pub fn stops(&self) -> bool {
        matches!(self.says, Says::Cancel | Says::Pause | Says::Stop | Says::Recall)
    }
}

/// Something that happens outside.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Happening {
    /// When, from the beginning of the story.
    #[serde(default)]
    pub at: Span,
    /// What a `listen` waits for, with its key: `gitlab.pipeline:42/5001`.
    pub topic: String,
    /// What the sender says about it.
    #[serde(default)]
    pub payload: Value,
    /// Its own id; the same id twice is one event. Each is another one, if nothing is said.
    #[serde(default)]
    pub id: Option<String>,
}

/// How the world changes.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// When, from the beginning of the story.
    #[serde(default)]
    pub at: Span,
    /// What comes first from then on.
    pub world: World,
}
