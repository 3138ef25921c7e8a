//! What a run was started with, as a fact: which of its words others wrote.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Run;
use crate::fact::{self, Fact, Mark};
use crate::flow::Flow;
use crate::label::{Labels, Trust};

/// What expressions call it.
pub(super) const TRIGGER: &str = "trigger";
/// The items of a list, in a path.
const ITEMS: &str = "[]";

impl Run {
    /// The fact `trigger`. What comes from outside is anybody's words, but for what names something:
    /// identifiers, keys, and what tells events of this flow apart.
    pub(super) fn trigger(
        &self,
        flow: &Flow,
        value: Value,
        source: &str,
        untrusted: &[String],
    ) -> Fact {
        let mut foreign: BTreeSet<Vec<String>> =
            untrusted.iter().map(|at| fact::keys(at).collect()).collect();
        if !flow.trigger.is_from_flows() {
            words(&value, &mut Vec::new(), &mut foreign);
            foreign.retain(|path| !flow.trigger.once_per.contains(path));
        }
        let mut fact = Fact::observed(TRIGGER, source, self.now, value);
        for path in foreign {
            let labels = Labels { trust: Trust::Untrusted, ..fact.labels.clone() };
            fact.marks.push(Mark { path, labels });
        }
        fact
    }
}

/// The places of texts that do not name anything.
fn words(value: &Value, path: &mut Vec<String>, into: &mut BTreeSet<Vec<String>>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                path.push(name.clone());
                words(member, path, into);
                path.pop();
            }
        }
        Value::Array(items) => {
            path.push(ITEMS.to_owned());
            items.iter().for_each(|item| words(item, path, into));
            path.pop();
        }
        Value::String(_) if !path.iter().rfind(|name| *name != ITEMS).is_some_and(|n| names(n)) => {
            into.insert(path.clone());
        }
        _ => {}
    }
}

/// Whether a member with this name is an identifier or a key, as vendors call them.
fn names(name: &str) -> bool {
    let ends = ["Id", "_id", "Key", "_key"];
    matches!(name, "id" | "key") || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_names_something_is_nobodys_words() {
        let payload = json!({
            "issue": {"id": "1", "key": "PAY-1", "fields": {"summary": "s", "labels": ["a", "b"], "votes": 3}},
            "comments": [{"authorId": "x", "body": "b"}, {"body": "c", "at": null}],
            "monkey": "m", "ids": ["7"],
        });
        let mut found = BTreeSet::new();
        words(&payload, &mut Vec::new(), &mut found);
        let found: Vec<String> = found.iter().map(|path| path.join(".")).collect();
        let words = [
            "comments.[].body",
            "ids.[]",
            "issue.fields.labels.[]",
            "issue.fields.summary",
            "monkey",
        ];
        assert_eq!(found, words);
    }
}
