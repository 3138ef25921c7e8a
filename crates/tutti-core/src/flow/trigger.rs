//! What starts a flow, and how much of it may run at once.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::expr::moment_ms;
use crate::operation::{Input, InputKind};

/// What starts a flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// `webhook:salesforce.case` or `event:avi:jira:created:issue`.
    pub topic: String,
    /// Payload fields that make two events one; empty where events are gathered.
    pub once_per: Vec<Vec<String>>,
    /// The payload fields that tell an older event from a newer one.
    pub newest_by: Option<NewestBy>,
    /// Events that come close together are one run.
    pub coalesce: Option<Coalesce>,
    /// What a flow that runs it as a step must, or may, give it.
    pub inputs: BTreeMap<String, Input>,
}

/// The topic of flows that other flows run as a step.
pub const RUN: &str = "run";
/// How the topics begin of flows that an event starts which another flow tells of.
pub(super) const TOLD: &str = "event:tutti:";

/// The topic of flows that an event starts which another flow tells of.
pub fn told_topic(event: &str) -> String {
    format!("{TOLD}{event}")
}

/// Whether what says when one event happened is earlier than what another says: as moments, as
/// numbers, or else as texts.
pub fn is_earlier(one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    let moment = |text: &str| moment_ms(&Value::from(text));
    match (number(one).zip(number(other)), moment(one).zip(moment(other))) {
        (Some((one, other)), _) => one < other,
        (None, Some((one, other))) => one < other,
        (None, None) => one < other,
    }
}

/// Why a flow cannot begin with some inputs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault<'i> {
    /// The input, if it is one of them.
    pub input: Option<&'i str>,
    /// What is wrong, in one sentence.
    pub text: String,
}

impl Trigger {
    /// Whether other flows start it. They say themselves which of the words they give are whose.
    pub fn is_from_flows(&self) -> bool {
        self.topic == RUN || self.topic.starts_with(TOLD)
    }

    /// Whether another flow can begin it with these inputs.
    ///
    /// # Errors
    /// What is wrong with them, in one sentence.
    pub fn accepts(&self, inputs: &Value) -> Result<(), String> {
        self.faults(inputs, InputKind::suits)
            .into_iter()
            .next()
            .map_or(Ok(()), |fault| Err(fault.text))
    }

    /// All that is wrong with these inputs, as far as it is known what each of them comes to.
    pub(super) fn faults<'i>(
        &'i self,
        inputs: &'i Value,
        suits: impl Fn(InputKind, &Value) -> bool,
    ) -> Vec<Fault<'i>> {
        if self.topic != RUN {
            let text = "it is not there to be run by other flows".to_owned();
            return vec![Fault { input: None, text }];
        }
        let given = inputs.as_object();
        let unknown = given.into_iter().flat_map(Map::keys).filter_map(|name| {
            let text = format!("it takes no `{name}`");
            (!self.inputs.contains_key(name)).then_some(Fault { input: Some(name), text })
        });
        let unsuited = self.inputs.iter().filter_map(|(name, input)| {
            let text = match given.and_then(|given| given.get(name)) {
                None | Some(Value::Null) if input.required => format!("it needs `{name}`"),
                Some(value) if !suits(input.kind, value) => {
                    format!("`{name}` must be {}", input.kind.spoken())
                }
                _ => return None,
            };
            Some(Fault { input: Some(name), text })
        });
        unknown.chain(unsuited).collect()
    }
}

/// What must be known of a flow to take in an event; its steps and operations are not.
#[derive(Debug, Clone, PartialEq)]
pub struct Intake {
    /// The flow's id.
    pub id: String,
    /// For people.
    pub name: String,
    /// What starts it.
    pub trigger: Trigger,
    /// How much of it may run.
    pub limits: Limits,
}

impl Intake {
    /// Whether runs wait to be admitted, instead of starting with their event.
    pub fn is_admitted(&self) -> bool {
        self.trigger.coalesce.is_some() || self.limits.any()
    }
}

/// How to tell that an event is older than one already seen.
#[derive(Debug, Clone, PartialEq)]
pub struct NewestBy {
    /// What the event is about.
    pub key: Vec<String>,
    /// When it happened, by which `is_earlier` tells.
    pub at: Vec<String>,
}

/// Events within a window are one run, whose payload is the last event's.
#[derive(Debug, Clone, PartialEq)]
pub struct Coalesce {
    /// From the first event to the start of the run, in milliseconds.
    pub window_ms: i64,
    /// Payload fields that keep events apart; without any, all of them are one.
    pub per: Vec<Vec<String>>,
}

/// How much of a flow may run; nothing said means no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Runs that are not over.
    pub at_once: Option<usize>,
    /// The same for one issue, the one whose event starts the flow.
    pub per_issue: Option<usize>,
    /// Runs started within an hour; one more stops the flow until an admin has looked.
    pub per_hour: Option<usize>,
}

impl Limits {
    /// Whether there is any.
    pub fn any(&self) -> bool {
        *self != Self::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_earlier_as_a_moment_as_a_number_or_as_a_text() {
        let table = [
            ("2026-03-10T10:00:00+01:00", "2026-03-10T09:30:00Z"),
            ("2026-03-10T10:00:00.000+0100", "2026-03-10T09:30:00.000+0000"),
            ("2026-03-10T09:00:00Z", "2026-03-10T09:00:00.500Z"),
            ("9", "10"),
            ("9.5", "10"),
            ("rev-1", "rev-2"),
        ];
        for (earlier, later) in table {
            assert!(is_earlier(earlier, later), "{earlier} {later}");
            assert!(!is_earlier(later, earlier), "{later} {earlier}");
        }
        assert!(!is_earlier("2026-03-10T09:30:00Z", "2026-03-10T09:30:00.000Z"));
        assert!(!is_earlier("2026-03-10T10:30:00+01:00", "2026-03-10T09:30:00Z"));
    }
}
