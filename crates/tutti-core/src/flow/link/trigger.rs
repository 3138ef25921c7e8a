//! The trigger and the limits: what starts a flow, and what would start it for ever.

use std::collections::BTreeMap;

use serde_json::Value;

use super::super::reader::At;
use super::super::{Coalesce, Intake, Limits, NewestBy, Trigger};
use super::Linker;
use crate::operation::Operation;

/// The longest window, in milliseconds: what the queue can delay.
const WINDOW_MS_MAX: i64 = 15 * 60_000;
/// The most runs of a flow that can be kept in view at once.
const AT_ONCE_MAX: usize = 100;
/// The most starts an hour a limit can allow.
const PER_HOUR_MAX: usize = 10_000;

impl Intake {
    /// Reads a document that was linked before; `None` if it could not have been.
    pub fn read(document: &Value) -> Option<Self> {
        let nothing: BTreeMap<String, Operation> = BTreeMap::new();
        let mut linker = Linker::new(&nothing);
        let at = At::root(document);
        let (id, name) = (linker.name(&at.get("id"))?, linker.problems.text(&at.get("name"))?);
        let trigger = linker.trigger(&at.get("trigger"))?;
        let limits = linker.limits(&at.get("limits"), Some(&trigger));
        linker.problems.0.is_empty().then_some(Self { id, name, trigger, limits })
    }
}

impl Linker<'_> {
    pub(super) fn trigger(&mut self, at: &At) -> Option<Trigger> {
        const KEYS: [&str; 7] =
            ["webhook", "event", "run", "once_per", "newest_by", "coalesce", "per"];
        if !self.problems.only(at, &KEYS) {
            return None;
        }
        if at.has("run") && !at.has("webhook") && !at.has("event") {
            return Some(self.run_by_flows(at));
        }
        let topic = match (at.has("webhook"), at.has("event")) {
            (true, false) => format!("webhook:{}", self.problems.text(&at.get("webhook"))?),
            (false, true) => format!("event:{}", self.problems.text(&at.get("event"))?),
            _ => {
                let hint = "give one of `webhook`, `event` and `run`";
                self.problems.error(at, "no_trigger", "it is not said what starts the flow", hint);
                return None;
            }
        };
        self.starts(&topic, &at.get(if at.has("event") { "event" } else { "webhook" }));
        let coalesce = self.coalesce(at);
        let once_per = self.paths(&at.get("once_per"));
        match (once_per.is_empty(), &coalesce) {
            (true, None) => {
                let hint = "name the payload fields that make two deliveries the same event";
                let at = at.get("once_per");
                self.problems.error(&at, "no_key", "one event could run twice", hint);
            }
            (false, Some(_)) => {
                let message = "events that are gathered are one run already";
                let hint = "give `per` instead: the fields that keep events apart";
                self.problems.error(&at.get("once_per"), "two_keys", message, hint);
            }
            _ => {}
        }
        let newest_by = self.newest_by(&at.get("newest_by"));
        Some(Trigger { topic, once_per, newest_by, coalesce, inputs: BTreeMap::new() })
    }

    fn coalesce(&mut self, at: &At) -> Option<Coalesce> {
        let (window, per) = (at.get("coalesce"), at.get("per"));
        if window.is_null() {
            if !per.is_null() {
                let message = "`per` says what is gathered, but not for how long";
                self.problems.error(&per, "no_window", message, "coalesce: 30s");
            }
            return None;
        }
        let window_ms = self.problems.duration(&window)?;
        if !(1..=WINDOW_MS_MAX).contains(&window_ms) {
            let message = "events are gathered for up to 15 minutes";
            self.problems.error(&window, "bad_window", message, "30s is a good start");
        }
        Some(Coalesce { window_ms, per: self.paths(&per) })
    }

    fn newest_by(&mut self, at: &At) -> Option<NewestBy> {
        if at.is_null() {
            return None;
        }
        self.problems.only(at, &["key", "at"]);
        let key = self.problems.text(&at.get("key"));
        let when = self.problems.text(&at.get("at"));
        key.zip(when).map(|(key, when)| NewestBy { key: path(&key), at: path(&when) })
    }

    fn paths(&mut self, at: &At) -> Vec<Vec<String>> {
        self.problems.texts(at).iter().map(|text| path(text)).collect()
    }

    pub(super) fn limits(&mut self, at: &At, trigger: Option<&Trigger>) -> Limits {
        if at.is_null() || !self.problems.only(at, &["at_once", "per_issue", "per_hour"]) {
            return Limits::default();
        }
        let per_issue = at.get("per_issue");
        if !per_issue.is_null() && !trigger.is_some_and(|it| it.topic.starts_with("event:")) {
            let message = "only an event of Jira says which issue it is about before a run starts";
            let hint = "leave it out, or start the flow with `event`";
            self.problems.error(&per_issue, "no_issue", message, hint);
        }
        Limits {
            at_once: self.problems.count(&at.get("at_once"), 1..=AT_ONCE_MAX),
            per_issue: self.problems.count(&per_issue, 1..=AT_ONCE_MAX),
            per_hour: self.problems.count(&at.get("per_hour"), 1..=PER_HOUR_MAX),
        }
    }

    /// Says so where a flow's own writes raise the very event that starts it. Its echoes are
    /// ignored; what somebody else changes in answer is not.
    pub(super) fn starts_itself(&mut self, at: &At, trigger: Option<&Trigger>) {
        let event = trigger.and_then(|it| it.topic.strip_prefix("event:"));
        let Some(event) = event else { return };
        let raises = |it: &&Operation| it.causes.iter().any(|cause| cause == event);
        let names: Vec<&str> =
            self.operations.values().filter(raises).map(|it| it.id.as_str()).collect();
        if let Some(name) = names.first() {
            let message = format!("`{name}` raises the event that starts this flow");
            let hint = "its own events are ignored, but a rule that answers them starts it again; \
                        `limits` stops that";
            self.problems.warning(&at.get("event"), "starts_itself", message, hint);
        }
    }
}

fn path(text: &str) -> Vec<String> {
    text.split('.').map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::flow::Flow;

    fn problems(trigger: Value, limits: Value) -> Vec<String> {
        let document = json!({"id": "f", "name": "F", "trigger": trigger, "limits": limits,
            "steps": [{"id": "s", "set": {"x": 1}}]});
        let nothing: BTreeMap<String, Operation> = BTreeMap::new();
        let (_, problems) = Flow::check(&document, &nothing);
        problems.iter().map(|problem| format!("{} {}", problem.code, problem.at)).collect()
    }

    #[test]
    fn events_are_told_apart_or_gathered() {
        let event = "avi:jira:updated:issue";
        let gathered = json!({"event": event, "coalesce": "30s", "per": ["issue.key"]});
        let limits = json!({"at_once": 5, "per_issue": 1, "per_hour": 200});
        assert_eq!(problems(gathered.clone(), limits.clone()), [""; 0]);
        for (trigger, limits, expected) in [
            (json!({"event": event}), json!({}), "no_key /trigger/once_per"),
            (
                json!({"event": event, "once_per": "id", "per": "id"}),
                json!({}),
                "no_window /trigger/per",
            ),
            (
                json!({"event": event, "once_per": "id", "coalesce": "30s"}),
                json!({}),
                "two_keys /trigger/once_per",
            ),
            (json!({"event": event, "coalesce": "1h"}), json!({}), "bad_window /trigger/coalesce"),
            (
                json!({"event": event, "coalesce": "soon"}),
                json!({}),
                "bad_duration /trigger/coalesce",
            ),
            (
                json!({"webhook": "w", "once_per": "id"}),
                json!({"per_issue": 1}),
                "no_issue /limits/per_issue",
            ),
            (gathered.clone(), json!({"at_once": 0}), "out_of_bounds /limits/at_once"),
            (gathered.clone(), json!({"at_most": 1}), "unknown_key /limits/at_most"),
        ] {
            let found = problems(trigger.clone(), limits.clone());
            assert!(found.contains(&expected.to_owned()), "{trigger} {limits}: {found:?}");
        }
    }

    #[test]
    fn an_event_is_taken_in_without_the_operations() {
        let document = json!({"id": "f", "name": "F", "steps": [{"id": "s", "call": "toy.x.y"}],
            "trigger": {"event": "e", "coalesce": "30s", "per": ["issue.key"]},
            "limits": {"at_once": 5}});
        let intake = Intake::read(&document).unwrap();
        assert!(intake.is_admitted());
        let per = vec![vec!["issue".to_owned(), "key".to_owned()]];
        assert_eq!(intake.trigger.coalesce, Some(Coalesce { window_ms: 30_000, per }));
        let limits = Limits { at_once: Some(5), per_issue: None, per_hour: None };
        assert_eq!(intake.limits, limits);
        assert_eq!(Intake::read(&json!({"id": "f", "name": "F", "trigger": {}})), None);
    }
}
