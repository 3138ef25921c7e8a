//! What becomes of an answer: its bounds, its labels, and the fact later steps can name.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::super::Run;
use crate::decision::Checked;
use crate::expr::{Condition, Expression, Meter, Outcome, Scope};
use crate::fact::{self, Fact, Mark};
use crate::flow::{Bound, Decide, Field, Shape};
use crate::label::{Labels, Provenance, Trust};
use crate::view::Evidence;

/// Where a decision's fact holds what was quoted; no flow can have a field of this name.
pub(in crate::run) const EVIDENCE: &str = "evidence";

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

/// The list that a field must be chosen from and that lists nothing, as its source: neither a model
/// nor a person could give an answer then.
pub(in crate::run) fn no_choice(scope: &dyn Scope, fields: &[Field]) -> Option<String> {
    fields.iter().filter(|field| !field.optional).find_map(|field| match &field.shape {
        Shape::OneOfFact(source) if options(scope, source).values.is_empty() => {
            Some(source.source().to_owned())
        }
        Shape::Object(inner) => no_choice(scope, inner),
        _ => None,
    })
}

/// What floors and ceilings did to an answer.
#[derive(Default)]
pub(super) struct Bounded {
    /// Which fields were moved, and why.
    pub moved: Vec<String>,
    /// Which would have been, if it were known whether their bound holds.
    pub undecided: Vec<String>,
}

/// Moves fields that lie below a floor or above a ceiling that holds. Ceilings come last, so that
/// none is ever exceeded.
pub(super) fn keep_within(run: &Run, decide: &Decide, checked: &mut Checked) -> Bounded {
    let floors = decide.floor.iter().map(|floor| (floor, "at least", Ordering::Greater));
    let ceilings = decide.ceiling.iter().map(|ceiling| (ceiling, "at most", Ordering::Less));
    let mut bounded = Bounded::default();
    for (bound, words, beyond) in floors.chain(ceilings) {
        let Bound { when, field, value } = bound;
        let given = checked.fields.get(field).and_then(Value::as_str);
        let placed = given.and_then(|given| order(&decide.answer, field, given, value));
        if placed != Some(beyond) {
            continue;
        }
        let holds = run.holds(when);
        if matches!(holds, Condition::True) {
            checked.fields.insert(field.clone(), json!(value));
            bounded.moved.push(format!("{field} to {words} {value} because {}", when.source()));
        } else if let Some(trouble) = holds.trouble() {
            let whether = format!("whether {field} is {words} {value} could not be decided");
            bounded.undecided.push(format!("{whether}: {trouble}"));
        }
    }
    bounded
}

/// Where a word of a choice stands to another of it; the strongest is the first.
fn order(answer: &[Field], field: &str, given: &str, other: &str) -> Option<Ordering> {
    let shape = answer.iter().find(|one| one.name == field).map(|one| &one.shape);
    let Some(Shape::OneOf(words)) = shape else { return None };
    let rank = |word: &str| words.iter().position(|known| known == word);
    Some(rank(given)?.cmp(&rank(other)?))
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

/// A rule's answer keeps of each value what it was made from: that it was filled in, guessed or asked,
/// and that it is personal. Whether it may be trusted its field says, as of any answer.
pub(super) fn keep_marks(fact: &mut Fact, labels: &BTreeMap<String, Labels>) {
    for (pointer, labels) in labels {
        let path: Vec<String> = fact::keys(pointer).collect();
        if labels.private {
            fact.private.push(path.clone());
        }
        for mark in fact.marks.iter_mut().filter(|mark| fact::overlap(&mark.path, &path)) {
            let provenance = labels.provenance.iter().filter(|kind| **kind != Provenance::Observed);
            mark.labels.provenance.extend(provenance);
            mark.labels.sources.extend(labels.sources.iter().cloned());
        }
    }
}

/// Lets later steps name what was quoted: words that somebody wrote.
pub(super) fn with_evidence(mut fact: Fact, evidence: &[Evidence]) -> Fact {
    let quotes = evidence
        .iter()
        .map(|found| json!({"fact": found.fact, "source": found.source, "quote": found.quote}));
    if let Some(fields) = fact.value.as_object_mut() {
        fields.insert(EVIDENCE.to_owned(), quotes.collect());
    }
    let labels = Labels { trust: Trust::Untrusted, ..fact.labels.clone() };
    fact.marks.push(Mark { path: vec![EVIDENCE.to_owned()], labels });
    fact
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
