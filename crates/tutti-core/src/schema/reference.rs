//! References: where they lead, and that following them comes to an end.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, Schema};
use crate::problem::Problem;

/// The JSON pointer in `#/$defs/name`; nothing if it points out of the schema or at a name.
pub fn pointer(target: &str) -> Option<String> {
    let pointer = decoded(target.strip_prefix('#')?)?;
    (pointer.is_empty() || pointer.starts_with('/')).then_some(pointer)
}

/// What is wrong with the references of `schema`, given by part and place: each has to lead to a
/// schema, and not back to itself before it has gone one step deeper into the value. Such a circle
/// would say nothing and never end.
pub fn astray(schema: &Schema, references: &BTreeMap<usize, String>) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (part, at) in references {
        let targets = schema.part(*part).iter().filter_map(|rule| match rule {
            Rule::Reference(target) => Some(target),
            _ => None,
        });
        for target in targets.filter(|target| !schema.places.contains_key(*target)) {
            let message = format!("there is no schema at `#{target}`");
            problems.push(Problem::error("unknown_reference", at, message));
        }
        if comes_back(schema, *part) {
            let message = "this reference leads back to itself without going deeper";
            problems.push(Problem::error("circular_reference", at, message));
        }
    }
    problems
}

fn comes_back(schema: &Schema, start: usize) -> bool {
    let mut open = same_value(schema, start);
    let mut seen = BTreeSet::new();
    while let Some(part) = open.pop() {
        if part == start {
            return true;
        }
        if seen.insert(part) {
            open.extend(same_value(schema, part));
        }
    }
    false
}

/// The parts that look at the same value as this part does.
fn same_value(schema: &Schema, part: usize) -> Vec<usize> {
    let targets = schema.part(part).iter().flat_map(|rule| match rule {
        Rule::Reference(to) => schema.places.get(to).copied().into_iter().collect(),
        Rule::AnyOf(parts) | Rule::OneOf(parts) | Rule::AllOf(parts) => parts.clone(),
        Rule::Not(part) => vec![*part],
        _ => Vec::new(),
    });
    targets.collect()
}

/// A URL fragment as the text it stands for.
fn decoded(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        let hex = |digit: Option<u8>| char::from(digit?).to_digit(16);
        match byte {
            b'%' => bytes.push(u8::try_from(hex(rest.next())? * 16 + hex(rest.next())?).ok()?),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}
