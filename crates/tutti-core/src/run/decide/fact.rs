//! What becomes of an answer: its floors, its labels, and the fact later steps can name.

use serde_json::{Map, Value, json};

use super::super::Run;
use crate::decision::Checked;
use crate::expr::{Condition, Expression, Meter, Outcome, Scope};
use crate::fact::{Fact, Mark};
use crate::flow::{Decide, Field, Shape};
use crate::label::{Labels, Provenance, Trust};

/// What a fact-bound choice may be, and what is known about that list.
pub(in crate::run) struct Options {
    pub values: Vec<Value>,
    labels: Labels,
}

/// The values an expression lists now.
pub(in crate::run) fn options(scope: &dyn Scope, source: &Expression) -> Options {
    match source.evaluate(scope, &mut Meter::default()) {
        Outcome::Known(tagged) => match tagged.value {
            Value::Array(values) => Options { values, labels: tagged.labels },
            one => Options { values: vec![one], labels: tagged.labels },
        },
        _ => Options { values: Vec::new(), labels: Labels::default() },
    }
}

/// Raises fields that the model put below a floor that holds; says which.
pub(super) fn raise(run: &Run, decide: &Decide, checked: &mut Checked) -> Vec<String> {
    let mut raised = Vec::new();
    for floor in &decide.floor {
        if !matches!(run.holds(&floor.when), Condition::True) {
            continue;
        }
        let shape = decide.answer.iter().find(|f| f.name == floor.field).map(|f| &f.shape);
        let Some(Shape::OneOf(words)) = shape else { continue };
        let rank = |word: &str| words.iter().position(|w| w == word);
        let given = checked.fields.get(&floor.field).and_then(Value::as_str).and_then(rank);
        let least = rank(&floor.at_least);
        if given.zip(least).is_some_and(|(given, least)| given > least) {
            checked.fields.insert(floor.field.clone(), json!(floor.at_least));
            let why = floor.when.source();
            raised.push(format!("{} to at least {} because {why}", floor.field, floor.at_least));
        }
    }
    raised
}

/// An answer as a fact. Checked choices are endorsed; a guess is not, and free text stays what
/// somebody wrote.
pub(in crate::run) fn answer_fact(
    run: &Run,
    step: &str,
    by: &str,
    shape: &[Field],
    fields: Value,
    origin: Provenance,
) -> Fact {
    let guessed = origin == Provenance::Guessed;
    let labels = Labels {
        trust: if guessed { Trust::Untrusted } else { Trust::Trusted },
        provenance: [origin].into(),
        sources: [step.to_owned()].into(),
        private: false,
    };
    let mut marks = Vec::new();
    mark_fields(run, shape, &[], &labels, &mut marks);
    Fact { marks, ..Fact::labelled(step, by, run.now, fields, labels) }
}

fn mark_fields(
    run: &Run,
    fields: &[Field],
    below: &[String],
    labels: &Labels,
    marks: &mut Vec<Mark>,
) {
    for field in fields {
        let path = [below, std::slice::from_ref(&field.name)].concat();
        match &field.shape {
            Shape::Object(inner) => mark_fields(run, inner, &path, labels, marks),
            shape => marks.push(Mark { path, labels: endorsed(run, shape, labels) }),
        }
    }
}

/// A choice is worth as much as the list it was made from; words of the flow are worth all.
fn endorsed(run: &Run, shape: &Shape, labels: &Labels) -> Labels {
    let mut labels = labels.clone();
    match shape {
        Shape::OneOfFact(source) => labels.join(&options(run, source).labels),
        Shape::ListOf(inner) => return endorsed(run, inner, &labels),
        shape if shape.is_choice() => {}
        _ => labels.trust = Trust::Untrusted,
    }
    labels
}

/// The choices in one line: `S2 · duplicate_of PAY-88 · attach_to_known`.
pub(in crate::run) fn headline(fields: &[Field], answer: &Map<String, Value>) -> String {
    fn words(fields: &[Field], value: &Map<String, Value>, into: &mut Vec<String>) {
        for field in fields {
            match (&field.shape, value.get(&field.name)) {
                (Shape::Object(inner), Some(Value::Object(below))) => words(inner, below, into),
                (shape, Some(Value::String(word))) if shape.is_choice() => into.push(word.clone()),
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    words(fields, answer, &mut all);
    all.join(" · ")
}
