//! Reading a story: what is wrong with it, with the place and a hint.

use std::collections::BTreeMap;

use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use tutti_core::expr::Expression;
use tutti_core::flow::{Flow, Kind, nearest};
use tutti_core::operation::Catalogue;
use tutti_core::problem::Problem;

use super::{Amount, Answer, Crashes, EveryWord, Fails, Said, Says, Story, World};
use crate::play::is_like;

impl Story {
    /// Reads the story that a document says.
    ///
    /// # Errors
    /// What is no story: the first thing that cannot be read, or all that contradicts itself.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        let story: Self = serde_path_to_error::deserialize(document).map_err(|error| {
            let at: String = error.path().iter().map(step_of_pointer).collect();
            vec![told(at, &error.into_inner().to_string())]
        })?;
        let mut problems = Problems(Vec::new());
        if !story.flow.is_null() && !story.flow.is_string() && !story.flow.is_object() {
            problems.add("/flow".to_owned(), "this is no flow", "give its path, or write it here");
        }
        problems.world("/world", &story.world);
        for (index, change) in story.change.iter().enumerate() {
            problems.world(&format!("/change/{index}/world"), &change.world);
        }
        for (decision, said) in &story.model {
            for (index, said) in said.iter().enumerate() {
                problems.said(format!("/model/{}/{index}", escaped(decision)), said);
            }
        }
        problems.people(&story);
        for expression in story.expect.iter().flat_map(|expect| expect.facts.keys()) {
            if let Err(error) = Expression::parse(expression) {
                let at = format!("/expect/facts/{}", escaped(expression));
                problems.add(at, &error.to_string(), error.hint.as_deref().unwrap_or_default());
            }
        }
        if problems.0.is_empty() { Ok(story) } else { Err(problems.0) }
    }

    /// What the story names and neither its flow nor the catalogue knows.
    pub fn check(&self, flow: &Flow, catalogue: &dyn Catalogue) -> Vec<Problem> {
        let mut problems = Problems(Vec::new());
        let known = catalogue.ids();
        let mut worlds = vec![("/world".to_owned(), &self.world)];
        let changes = self.change.iter().enumerate();
        worlds.extend(changes.map(|(i, each)| (format!("/change/{i}/world"), &each.world)));
        for (at, world) in worlds {
            problems.operations(&at, world, &known);
        }
        problems.patterns(self, &known);
        let own = flow.trigger.topic.split_once(':').map_or("", |(_, source)| source);
        if let Some(given) = self.trigger.source.as_deref().filter(|given| *given != own) {
            let message = format!("`{}` is started by `{own}`, not by `{given}`", flow.id);
            problems.add("/trigger/source".to_owned(), &message, "leave it out, or name that one");
        }
        let steps = flow.all_steps();
        let decides = steps.iter().filter(|step| matches!(step.kind, Kind::Decide(_)));
        let decides: Vec<&str> = decides.map(|step| step.id.as_str()).collect();
        for decision in self.model.keys().filter(|name| !decides.contains(&name.as_str())) {
            let message = format!("no step `{decision}` decides anything");
            let at = format!("/model/{}", escaped(decision));
            problems.add(at, &message, &nearest(decision, &decides));
        }
        let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
        let mut named: Vec<(String, &str)> = Vec::new();
        for (index, person) in self.people.iter().enumerate() {
            named.extend(person.step.as_deref().map(|id| (format!("/people/{index}/step"), id)));
            let steps = person.steps.iter().enumerate();
            named.extend(steps.map(|(i, id)| (format!("/people/{index}/steps/{i}"), id.as_str())));
        }
        let asked = self.expect.iter().filter_map(|expect| expect.asked.as_ref()).flatten();
        for (index, asked) in asked.enumerate() {
            let at = format!("/expect/asked/{index}/step");
            named.extend(asked.step.as_deref().map(|id| (at, id)));
        }
        for (at, id) in named.into_iter().filter(|(_, id)| !ids.contains(id)) {
            problems.add(at, &format!("there is no step `{id}`"), &nearest(id, &ids));
        }
        problems.0
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn add(&mut self, at: String, message: &str, hint: &str) {
        self.0.push(Problem::error("story", at, message).hint(hint));
    }

    fn world(&mut self, at: &str, world: &World) {
        for (operation, answers) in world {
            for (index, answer) in answers.iter().enumerate() {
                let at = format!("{at}/{}/{index}", escaped(operation));
                self.answer(&at, answer);
                self.world(&format!("{at}/then"), &answer.then);
            }
        }
    }

    fn answer(&mut self, at: &str, answer: &Answer) {
        let fails = answer.fails;
        let says = [
            ("code", answer.code.is_some(), fails == Some(Fails::Rejected), "fails: rejected"),
            (
                "status",
                answer.status.is_some(),
                fails == Some(Fails::Unavailable),
                "fails: unavailable",
            ),
            (
                "retry_after",
                answer.retry_after.is_some(),
                fails == Some(Fails::RateLimited),
                "fails: rate_limited",
            ),
            ("message", answer.message.is_some(), fails.is_some(), "fails: …"),
            ("done", answer.done, fails.is_some() || answer.slow.is_some(), "fails: timeout"),
        ];
        for (key, given, fits, with) in says {
            if given && !fits {
                self.add(format!("{at}/{key}"), &format!("`{key}` goes with `{with}`"), "");
            }
        }
        if answer.gives.is_none() && fails.is_none() {
            let hint = "add `gives: {…}` or `fails: timeout`";
            self.add(at.to_owned(), "it is not said what this answers", hint);
        } else if answer.gives.is_some() && fails.is_some() && !answer.done {
            let hint = "`done: true` if it was done and only the answer was lost";
            self.add(at.to_owned(), "it cannot fail and give something", hint);
        }
    }

    fn said(&mut self, at: String, said: &Said) {
        let given = [said.answer.is_some(), said.text.is_some(), said.fails.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let hint = "give one of answer, text, fails";
            self.add(at, "it is not said what the model answers", hint);
        } else if said.retry_after.is_some() && said.fails != Some(Fails::RateLimited) {
            let message = "`retry_after` goes with `fails: rate_limited`";
            self.add(format!("{at}/retry_after"), message, "");
        }
    }

    fn people(&mut self, story: &Story) {
        for (index, person) in story.people.iter().enumerate() {
            let own = [
                ("changes", !person.changes.is_empty(), Says::Modify, "modify"),
                ("answer", !person.answer.is_empty(), Says::Answer, "answer"),
                ("steps", !person.steps.is_empty(), Says::Undo, "undo"),
            ];
            for (key, given, says, word) in own {
                if given && person.says != says {
                    let at = format!("/people/{index}/{key}");
                    self.add(at, &format!("`{key}` goes with `says: {word}`"), "");
                }
            }
            if person.says == Says::Modify && person.changes.is_empty() {
                let hint = "changes: { text: … }";
                self.add(format!("/people/{index}"), "it is not said what is modified", hint);
            }
        }
    }

    fn operations(&mut self, at: &str, world: &World, known: &[&str]) {
        for (operation, answers) in world {
            let at = format!("{at}/{}", escaped(operation));
            if !known.contains(&operation.as_str()) {
                let message = format!("there is no operation `{operation}`");
                self.add(at.clone(), &message, &nearest(operation, known));
            }
            for (index, answer) in answers.iter().enumerate() {
                self.operations(&format!("{at}/{index}/then"), &answer.then, known);
            }
        }
    }

    fn patterns(&mut self, story: &Story, known: &[&str]) {
        let Some(expect) = &story.expect else { return };
        let never = expect.never.iter().map(|pattern| pattern.operation.as_str());
        let calls = expect.calls.iter().map(|called| called.operation.as_str());
        let mut named: Vec<(String, &str)> = Vec::new();
        named.extend(never.enumerate().map(|(i, id)| (format!("/expect/never/{i}/operation"), id)));
        named.extend(calls.enumerate().map(|(i, id)| (format!("/expect/calls/{i}/operation"), id)));
        if let Some(effects) = &expect.effects {
            let at = |i| format!("/expect/effects/{}/{i}/operation", effects.key());
            let wanted = effects.wanted().iter().map(|wanted| wanted.operation.as_str());
            named.extend(wanted.enumerate().map(|(i, id)| (at(i), id)));
        }
        for (at, id) in named {
            if !known.iter().any(|operation| is_like(id, operation)) {
                let message = format!("there is no operation `{id}`");
                self.add(at, &message, &nearest(id, known));
            }
        }
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn step_of_pointer(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => format!("/{}", escaped(key)),
        Segment::Unknown => String::new(),
    }
}

/// What serde says of a value that does not fit, in the words of the flows' checks.
fn told(mut at: String, message: &str) -> Problem {
    let mut words = message.split('`').skip(1).step_by(2);
    let (message, hint) = match (message, words.next()) {
        (unknown, Some(word)) if unknown.starts_with("unknown ") => {
            let known: Vec<&str> = words.collect();
            if unknown.starts_with("unknown field") && !at.ends_with(&format!("/{word}")) {
                at = format!("{at}/{}", escaped(word));
            }
            (format!("`{word}` means nothing here"), nearest(word, &known))
        }
        (missing, Some(word)) if missing.starts_with("missing field") => {
            (format!("`{word}` is missing here"), format!("add `{word}: …`"))
        }
        _ => {
            let (told, hint) = message.split_once("; ").unwrap_or((message, ""));
            let other =
                told.strip_prefix("invalid type: ").and_then(|m| m.split_once(", expected "));
            let message = other.map(|(is, wanted)| format!("{wanted} is needed here, not {is}"));
            (message.unwrap_or_else(|| told.to_owned()), hint.to_owned())
        }
    };
    Problem::error("story", at, message).hint(hint)
}

/// One thing, or a list of them.
///
/// # Errors
/// It is neither.
pub fn one_or_more<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let list = match Value::deserialize(deserializer)? {
        Value::Array(items) => items,
        one => vec![one],
    };
    serde_json::from_value(list.into()).map_err(Error::custom)
}

impl<'de> Deserialize<'de> for Crashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let list = || serde_json::from_value(value.clone()).ok().map(Self::At);
        let every = (value == "every").then_some(Self::Every(EveryWord::Every));
        let none = || Error::custom("these are no crashes; write `every` or a list like [3, 17]");
        every.or_else(list).ok_or_else(none)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Some(exactly) = value.as_f64() {
            return Ok(Self::Exactly(exactly));
        }
        let bounds: Option<BTreeMap<String, f64>> = serde_json::from_value(value).ok();
        let known = |name: &String| ["at_least", "at_most"].contains(&name.as_str());
        match bounds.filter(|bounds| !bounds.is_empty() && bounds.keys().all(known)) {
            Some(bounds) => {
                let bound = |name: &str| bounds.get(name).copied();
                Ok(Self::Within { at_least: bound("at_least"), at_most: bound("at_most") })
            }
            None => {
                let message = "this is no amount; write a number, or { at_least: 1, at_most: 5 }";
                Err(Error::custom(message))
            }
        }
    }
}

/// The arguments of a pattern as a value to compare with.
pub(crate) fn as_value(with: &Map<String, Value>) -> Value {
    Value::Object(with.clone())
}
