//! What a story names that its flow never comes to: arguments it never gives, events it never hears
//! of, members its answers never have, deliveries that start nothing.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tutti_core::expr::Expression;
use tutti_core::flow::{Field, Flow, Kind, Remedy, Step, nearest};
use tutti_core::operation::{Access, Catalogue, Input, Operation};
use tutti_core::pointer::escaped;

use super::read::Problems;
use super::{Says, Story};
use crate::play::{is_like, lacks};

/// What a run hears of without a step that listens: that a connection works again, and that an older
/// event came.
const OWN: [&str; 2] = ["connection.renewed", "stale_event"];

/// What every answer of a model has besides the flow's own fields, and what failed in its place.
const COMMON: [&str; 5] = ["evidence", "confidence", "reasons", "alternatives", "failure"];

impl Problems {
    /// All of it.
    pub(super) fn reach(&mut self, story: &Story, flow: &Flow, catalogue: &dyn Catalogue) {
        self.deliveries(story, flow);
        self.events(story, flow, catalogue);
        self.never(story, flow);
        self.answers(story, flow);
        self.changes(story, flow);
    }

    /// Deliveries that lack what tells one event from another.
    fn deliveries(&mut self, story: &Story, flow: &Flow) {
        let first = ("/trigger/payload".to_owned(), Some(&story.trigger.payload));
        let again = story.trigger.again.iter().enumerate();
        let again = again.map(|(i, it)| (format!("/trigger/again/{i}"), it.payload.as_ref()));
        for (at, payload) in [first].into_iter().chain(again) {
            if let Some(lacked) = payload.and_then(|payload| lacks(&flow.trigger, payload)) {
                let message = format!("the app would refuse this event: it says no `{lacked}`");
                let hint = "give it the values that the flow's trigger names, or no run begins";
                self.add(at, &message, hint);
            }
        }
    }

    /// Events that nothing listens to, neither this flow nor any other that hears of tools.
    fn events(&mut self, story: &Story, flow: &Flow, catalogue: &dyn Catalogue) {
        let known: BTreeSet<&str> = flow.hears().chain(catalogue.heard()).chain(OWN).collect();
        let known: Vec<&str> = known.into_iter().collect();
        for (index, event) in story.events.iter().enumerate() {
            let name = event.topic.split(':').next().unwrap_or_default();
            if !known.contains(&name) {
                let message = format!("nothing listens to `{name}`");
                self.add(format!("/events/{index}/topic"), &message, &nearest(name, &known));
            }
        }
    }

    /// What must never be called may well be what the flow does not call yet.
    fn never(&mut self, story: &Story, flow: &Flow) {
        let never = story.expect.iter().flat_map(|expect| &expect.never).enumerate();
        for (index, pattern) in never {
            let is_meant = |operation: &&Operation| is_like(&pattern.operation, &operation.id);
            let meant: Vec<&Operation> = flow.operations.values().filter(is_meant).collect();
            self.silent_arguments(&format!("/expect/never/{index}"), &pattern.with, &meant);
        }
    }

    /// Arguments with nothing in them, of which no call could be meant.
    fn silent_arguments(&mut self, at: &str, with: &Map<String, Value>, meant: &[&Operation]) {
        let is_empty = |value: &Value| value.as_object().is_some_and(Map::is_empty);
        for (name, value) in with.iter().filter(|(_, value)| value.is_null() || is_empty(value)) {
            let inputs = meant.iter().filter_map(|operation| operation.input.get(name));
            let could_be =
                |it: &Input| if value.is_null() { !it.required } else { it.kind.fits(value) };
            let mut inputs = inputs.peekable();
            if inputs.peek().is_some() && !inputs.any(could_be) {
                let at = format!("{at}/with/{}", escaped(name));
                let hint = "name a value, or leave it out";
                self.add(at, &format!("`{name}` is never like this"), hint);
            }
        }
    }

    /// Members of an answer that the question does not ask for.
    fn answers(&mut self, story: &Story, flow: &Flow) {
        for source in story.expect.iter().flat_map(|expect| expect.facts.keys()) {
            let Ok(expression) = Expression::parse(source) else { continue };
            for reference in expression.references() {
                let fields = flow.step(reference.root).and_then(asked_for);
                let (Some(fields), Some(member)) = (fields, reference.path.first()) else {
                    continue;
                };
                let known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
                if !known.contains(member) && !COMMON.contains(member) {
                    let at = format!("/expect/facts/{}", escaped(source));
                    let message = format!("the answer of `{}` has no `{member}`", reference.root);
                    self.add(at, &message, &nearest(member, &known));
                }
            }
        }
    }

    /// Arguments that somebody replaces and that are none of what is held.
    fn changes(&mut self, story: &Story, flow: &Flow) {
        for (index, person) in story.people.iter().enumerate() {
            if person.says != Says::Modify {
                continue;
            }
            let step = person.step.as_deref().and_then(|id| flow.step(id));
            let held = |it: &&Operation| match step.map(|step| &step.kind) {
                Some(Kind::Call(call)) => it.id == call.operation,
                _ => it.access != Access::Read,
            };
            let inputs = flow.operations.values().filter(held).flat_map(|it| it.input.keys());
            let known: Vec<&str> = inputs.map(String::as_str).collect();
            for name in person.changes.keys().filter(|name| !known.contains(&name.as_str())) {
                let at = format!("/people/{index}/changes/{}", escaped(name));
                let message = format!("what is held has no argument `{name}`");
                self.add(at, &message, &nearest(name, &known));
            }
        }
    }
}

/// The fields that a step asks for, unless something else can be put in their place.
fn asked_for(step: &Step) -> Option<&[Field]> {
    let is_replaced = step.catch.iter().any(|catch| matches!(catch.remedy, Remedy::Default(_)));
    match &step.kind {
        _ if is_replaced => None,
        Kind::Decide(decide) => Some(&decide.answer),
        Kind::Ask(ask) => Some(&ask.answer),
        _ => None,
    }
}
