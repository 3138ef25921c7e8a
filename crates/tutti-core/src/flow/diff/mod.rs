//! What changed between two versions of a flow, in words people can judge it by.
//!
//! Steps are matched by their ids wherever they stand, so that a step that was moved is told as
//! moved, and one that was put around others does not make all of them new.

mod policies;
mod steps;
mod words;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::words::{place, shown, shown_beside, shown_both};
use crate::pointer::escaped;

/// One thing that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Difference {
    /// JSON pointer into the new document, or into the old one where something was taken away.
    pub at: String,
    /// What changed, in one sentence.
    pub sentence: String,
}

/// What changed from one document to another, in the order of a flow's parts. Documents that say
/// the same have no difference, however they are written.
pub fn diff(old: &Value, new: &Value) -> Vec<Difference> {
    let mut differences = Differences::default();
    for (key, what) in PLAIN {
        differences.whole(&format!("/{key}"), what, old.get(key), new.get(key));
    }
    differences.members("/trigger", "the trigger’s", old.get("trigger"), new.get("trigger"));
    for (key, what) in [("context", "the fact"), ("values", "the value")] {
        differences.named(&format!("/{key}"), what, old.get(key), new.get(key));
    }
    steps::compare(&mut differences, old, new);
    differences.items("/catch", "a `catch` of the flow", old.get("catch"), new.get("catch"));
    policies::compare(&mut differences, old.get("policies"), new.get("policies"));
    differences.members("/limits", "the limit", old.get("limits"), new.get("limits"));
    differences.members("/budget", "the budget for", old.get("budget"), new.get("budget"));
    differences.members("/retry", "the flow’s retry:", old.get("retry"), new.get("retry"));
    let foreign = names(Some(old), Some(new)).into_iter().filter(|key| !is_part(key));
    for key in foreign {
        let at = format!("/{}", escaped(&key));
        differences.whole(&at, &format!("`{key}`"), old.get(&key), new.get(&key));
    }
    if differences.0.is_empty() {
        // Nothing that differs goes untold, whatever the documents are.
        differences.inside("", "the flow:", "", old, new);
    }
    differences.0
}

/// Parts of a flow that are told as a whole.
const PLAIN: [(&str, &str); 8] = [
    ("id", "the id"),
    ("name", "the name"),
    ("about", "the sentence about it"),
    ("started_by", "what started a run, for people,"),
    ("start_if", "the condition to start"),
    ("subject", "the subject"),
    ("output", "the output"),
    ("autonomy", "the autonomy"),
];

/// Parts of a flow that are told by their own parts.
const COMPOSED: [&str; 10] = [
    "trigger", "context", "values", "steps", "finally", "catch", "policies", "limits", "budget",
    "retry",
];

/// Whether a key names a part of a flow.
fn is_part(key: &str) -> bool {
    COMPOSED.contains(&key) || PLAIN.iter().any(|(plain, _)| *plain == key)
}

/// What was found so far.
#[derive(Default)]
struct Differences(Vec<Difference>);

impl Differences {
    fn add(&mut self, at: impl Into<String>, sentence: String) {
        self.0.push(Difference { at: at.into(), sentence });
    }

    /// A part that is told as a whole: from what to what.
    fn whole(&mut self, at: &str, what: &str, old: Option<&Value>, new: Option<&Value>) {
        match (known(old), known(new)) {
            (Some(old), Some(new)) if old != new => {
                let (old, new) = shown_both(old, new);
                self.add(at, format!("{what} went from {old} to {new}"));
            }
            (None, Some(new)) => self.add(at, format!("{what} is new: {}", shown(new))),
            (Some(old), None) => self.add(at, format!("{what} is gone; it was {}", shown(old))),
            _ => {}
        }
    }

    /// The members of an object, each told as a whole.
    fn members(&mut self, at: &str, what: &str, old: Option<&Value>, new: Option<&Value>) {
        for name in names(old, new) {
            let of = |value: Option<&'_ Value>| value.and_then(|value| value.get(&name)).cloned();
            let (at, what) = (format!("{at}/{}", escaped(&name)), format!("{what} {name}"));
            self.whole(&at, &what, of(old).as_ref(), of(new).as_ref());
        }
    }

    /// Members that have names of the flow's own: which came, which went, and what changed inside.
    fn named(&mut self, at: &str, what: &str, old: Option<&Value>, new: Option<&Value>) {
        for name in names(old, new) {
            let at = format!("{at}/{}", escaped(&name));
            let of = |value: Option<&'_ Value>| value.and_then(|value| value.get(&name)).cloned();
            let what = format!("{what} `{name}`");
            match (of(old), of(new)) {
                (None, Some(_)) => self.add(at, format!("{what} was added")),
                (Some(_), None) => self.add(at, format!("{what} was removed")),
                (Some(old), Some(new)) => self.inside(&at, &format!("{what}:"), "", &old, &new),
                (None, None) => {}
            }
        }
    }

    /// The items of a list that are told as wholes: which came, which went, or that they stand in
    /// another order. An item that stands there several times is counted.
    fn items(&mut self, at: &str, what: &str, old: Option<&Value>, new: Option<&Value>) {
        let (old, new) = (list(old), list(new));
        let (gone, come) = (surplus(old, new), surplus(new, old));
        self.gone_and_come(at, what, &gone, &come);
        if gone.is_empty() && come.is_empty() && old != new {
            self.add(at, format!("{what} comes in another place than before"));
        }
    }

    /// Items of a list that only one version has, with their places.
    fn gone_and_come(&mut self, at: &str, what: &str, gone: &[Item], come: &[Item]) {
        for (here, there, how) in [(gone, come, "removed"), (come, gone, "added")] {
            for (index, item) in here {
                let others = there.iter().map(|(_, other)| *other);
                let item = shown_beside(item, others);
                self.add(format!("{at}/{index}"), format!("{what} was {how}: {item}"));
            }
        }
    }

    /// What changed inside a value, down to the parts that are told as a whole.
    fn inside(&mut self, at: &str, what: &str, path: &str, old: &Value, new: &Value) {
        match (old, new) {
            _ if old == new => {}
            (Value::Object(_), Value::Object(_)) => {
                for name in names(Some(old), Some(new)) {
                    let at = format!("{at}/{}", escaped(&name));
                    let dot = if path.is_empty() { "" } else { "." };
                    let path = format!("{path}{dot}{name}");
                    match (old.get(&name), new.get(&name)) {
                        (Some(old), Some(new)) => self.inside(&at, what, &path, old, new),
                        (old, new) => {
                            self.whole(&at, &format!("{what} {}", place(&path)), old, new)
                        }
                    }
                }
            }
            (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
                for (index, (old, new)) in before.iter().zip(after).enumerate() {
                    let (at, path) = (format!("{at}/{index}"), format!("{path}[{index}]"));
                    self.inside(&at, what, &path, old, new);
                }
            }
            (Value::Array(_), Value::Array(_)) => {
                let item = match path {
                    "" => "an item".to_owned(),
                    path => format!("an item of {}", place(path)),
                };
                self.items(at, &format!("{what} {item}"), Some(old), Some(new));
            }
            _ if path.is_empty() => self.whole(at, &format!("{what} it"), Some(old), Some(new)),
            _ => self.whole(at, &format!("{what} {}", place(path)), Some(old), Some(new)),
        }
    }
}

/// An item of a list and its place.
type Item<'v> = (usize, &'v Value);

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

/// Those of `here` that stand there more often than `there`, with their places.
fn surplus<'v>(here: &'v [Value], there: &[Value]) -> Vec<Item<'v>> {
    let mut left: Vec<&Value> = there.iter().collect();
    let items = here.iter().enumerate().filter(|(_, item)| {
        let found = left.iter().position(|other| other == item);
        found.map(|place| left.swap_remove(place)).is_none()
    });
    items.collect()
}

/// A `null` says as much as nothing.
fn known(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

/// The names of the members of both, each once.
fn names(old: Option<&Value>, new: Option<&Value>) -> Vec<String> {
    let of = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let both: std::collections::BTreeSet<String> =
        of(old).into_iter().chain(of(new)).map(|(name, _)| name).collect();
    both.into_iter().collect()
}
