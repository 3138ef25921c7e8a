//! Answers that are written out, of a rule or a default, against what the answer may be.

use serde_json::Value;

use super::super::answer::Shape;
use super::super::reader::{At, nearest};
use super::super::{Field, Kind};
use super::Linker;
use crate::problem::{Problem, Severity};

/// What every answer may say besides the flow's own fields.
const COMMON: [&str; 4] = ["evidence", "confidence", "reasons", "alternatives"];

impl Linker<'_> {
    /// The answer of a rule: one that is of another shape is none, when it is needed most.
    pub(super) fn rule_fits(&mut self, at: &At, fields: &[Field]) {
        if self.catalogue.judges() {
            answer(at, fields, &COMMON, &mut self.problems.0);
        }
    }

    /// What a `catch` puts in the place of an answer: it may leave out what it likes and say more,
    /// but no word that could not be answered.
    pub(super) fn default_fits(&mut self, kind: &Kind, at: &At) {
        let fields = match kind {
            Kind::Ask(ask) => &ask.answer,
            Kind::Decide(decide) => &decide.answer,
            _ => return,
        };
        let mut found = Vec::new();
        answer(at, fields, &[], &mut found);
        found.retain(|it| matches!(it.code.as_str(), "unknown_value" | "wrong_type"));
        if self.catalogue.judges() {
            let warning = |it| Problem { severity: Severity::Warning, ..it };
            self.problems.0.extend(found.into_iter().map(warning));
        }
    }
}

fn answer(at: &At, fields: &[Field], common: &[&str], found: &mut Vec<Problem>) {
    let names = || fields.iter().map(|field| field.name.as_str());
    for (name, at) in at.members().filter(|(name, _)| !common.contains(name)) {
        let Some(field) = fields.iter().find(|field| field.name == name) else {
            let message = format!("the answer has no `{name}`");
            let hint = nearest(name, &names().collect::<Vec<_>>());
            found.push(Problem::error("unknown_field", at.pointer.text(), message).hint(hint));
            continue;
        };
        value(&at, name, &field.shape, found);
    }
    for field in fields.iter().filter(|field| !field.optional && !at.has(&field.name)) {
        let message = format!("this answer lacks `{}`", field.name);
        let hint = "add it, or let the answer have it `optional: true`";
        found.push(Problem::error("missing", at.pointer.text(), message).hint(hint));
    }
}

/// One value of an answer; what a template makes is known when it is filled.
fn value(at: &At, name: &str, shape: &Shape, found: &mut Vec<Problem>) {
    if at.is_null() || at.value.as_str().is_some_and(|text| text.contains("${")) {
        return;
    }
    let needed = match (shape, at.value) {
        (Shape::OneOf(words), Value::String(word)) => {
            if !words.contains(word) {
                let words: Vec<&str> = words.iter().map(String::as_str).collect();
                let message = format!("`{word}` is no value of `{name}`");
                let problem = Problem::error("unknown_value", at.pointer.text(), message);
                found.push(problem.hint(nearest(word, &words)));
            }
            return;
        }
        (Shape::ListOf(inner), Value::Array(_)) => {
            return at.items().for_each(|item| value(&item, name, inner, found));
        }
        (Shape::Object(fields), Value::Object(_)) => return answer(at, fields, &[], found),
        (Shape::OneOfFact(_), _)
        | (Shape::Text(_), Value::String(_))
        | (Shape::Flag, Value::Bool(_))
        | (Shape::Number, Value::Number(_)) => return,
        (Shape::OneOf(_), _) => "one of its words",
        (Shape::Text(_), _) => "a text",
        (Shape::Flag, _) => "true or false",
        (Shape::Number, _) => "a number",
        (Shape::ListOf(_), _) => "a list",
        (Shape::Object(_), _) => "an object",
    };
    let message = format!("`{name}` must be {needed}");
    let problem = Problem::error("wrong_type", at.pointer.text(), message);
    found.push(problem.hint("it is said under `answer` what it may be"));
}
