//! What became of what was written, told by what is there now.

use serde_json::Value;

use super::super::ledger::{TakenBack, Write};
use super::marker::mentions;
use super::substitute::at;
use crate::operation::{Call, Operation};

/// What became of what was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Since {
    /// It is as we left it, as far as can be told.
    Untouched,
    /// It is as it was before us.
    Restored,
    /// Somebody changed it.
    Changed(String),
}

/// Compares what is there now with what we left: the very values where the inverse is the same
/// operation, else the version the write came back with, else our marker. What took back later
/// writes to the same target left it as we had left it.
pub(super) fn since(
    write: &Write,
    operation: &Operation,
    inverse: Option<&Call>,
    (now, ours): (&Value, &[TakenBack]),
) -> Since {
    let Some(inverse) = inverse.filter(|_| !now.is_null()) else { return Since::Untouched };
    if write.before.is_null() {
        return made_since(write, now);
    }
    if inverse.operation == write.operation {
        return values_since(write, inverse, now);
    }
    let sets_back = inverse.with.values().any(|template| restored(template).is_some());
    if !sets_back {
        return Since::Untouched;
    }
    let version = operation.before.as_ref().and_then(|before| before.version.as_deref());
    let is_left = match version.and_then(|path| Some((path, at(&write.output, path)?))) {
        Some((path, left)) => {
            let now = at(now, path);
            now == Some(left)
                || ours.iter().any(|back| now.is_some() && now == at(&back.output, path))
        }
        None => {
            operation.probe.as_ref().and_then(|probe| at(now, &probe.path)).is_none_or(|mark| {
                mentions(mark, &write.key) || ours.iter().any(|back| mentions(mark, &back.key))
            })
        }
    };
    if is_left { Since::Untouched } else { Since::Changed("it".to_owned()) }
}

/// What was made anew is ours as long as it holds what we put there.
fn made_since(write: &Write, now: &Value) -> Since {
    let members = write.input.as_object().into_iter().flatten();
    let changed = members.filter(|(name, ours)| now.get(*name).is_some_and(|now| now != *ours));
    let names: Vec<String> = changed.map(|(name, _)| format!("`{name}`")).collect();
    if names.is_empty() { Since::Untouched } else { Since::Changed(names.join(", ")) }
}

fn values_since(write: &Write, inverse: &Call, now: &Value) -> Since {
    let mut restored_all = true;
    let mut changed = Vec::new();
    for (name, template) in &inverse.with {
        let (Some(path), Some(ours)) = (restored(template), write.input.get(name)) else {
            continue;
        };
        let null = Value::Null;
        let there = at(now, path).unwrap_or(&null);
        let before = at(&write.before, path).unwrap_or(&null);
        restored_all &= there == before;
        if there != ours && there != before {
            changed.push(format!("`{name}`"));
        }
    }
    match changed.is_empty() {
        false => Since::Changed(changed.join(", ")),
        true if restored_all => Since::Restored,
        true => Since::Untouched,
    }
}

/// Whether what is there now is what we wrote ourselves, as far as its values can tell.
pub(super) fn is_ours(write: &Write, operation: &Operation, now: &Value) -> bool {
    let inverse = write.inverse(operation).filter(|_| sets_values(write, operation));
    inverse.is_some() && since(write, operation, inverse, (now, &[])) == Since::Untouched
}

/// What somebody changed of what a write would set, since it was read; `write.before` is what was
/// read then.
pub(super) fn changed_since(write: &Write, operation: &Operation, now: &Value) -> Option<String> {
    let inverse = write.inverse(operation).filter(|_| sets_values(write, operation));
    match since(write, operation, Some(inverse?), (now, &[])) {
        Since::Changed(what) => Some(what),
        Since::Untouched | Since::Restored => None,
    }
}

/// Whether a write puts values in the place of others, which its inverse puts back.
pub(super) fn sets_values(write: &Write, operation: &Operation) -> bool {
    operation.inverse.as_ref().is_some_and(|inverse| inverse.operation == write.operation)
}

/// The path, in what was read before, that an argument of an inverse sets back.
pub(super) fn restored(template: &Value) -> Option<&str> {
    template.as_str()?.strip_prefix("${before.")?.strip_suffix('}')
}
