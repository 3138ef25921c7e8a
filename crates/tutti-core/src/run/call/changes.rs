//! The fields of a write beside what they replace: what an approval shows and a ledger keeps.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::CallNode;
use super::substitute::substitute;
use crate::label::Provenance;
use crate::operation::Operation;
use crate::view::Change;

impl CallNode {
    /// The arguments field by field.
    pub(in crate::run) fn changes(&self, operation: &Operation) -> Vec<Change> {
        let members = self.input.as_object().into_iter().flatten();
        members
            .map(|(field, after)| Change {
                field: field.clone(),
                before: self.replaced(operation, field),
                after: after.clone(),
                provenance: self.provenance_of(field).into_iter().collect(),
            })
            .collect()
    }

    /// What a field replaces. The inverse knows best: it says which part of what was read before
    /// would have to be written back; otherwise the part of the same name is meant.
    fn replaced(&self, operation: &Operation, field: &str) -> Value {
        if operation.input.get(field).is_some_and(|declared| declared.target) {
            return Value::Null;
        }
        let inverse = operation.inverse.as_ref().and_then(|inverse| inverse.with.get(field));
        match inverse.filter(|template| reads_before(template)) {
            Some(template) => {
                substitute(template, &json!({"before": self.before, "input": self.input}))
            }
            None => self.before.get(field).cloned().unwrap_or(Value::Null),
        }
    }

    fn provenance_of(&self, field: &str) -> BTreeSet<Provenance> {
        let within =
            |pointer: &str| pointer.trim_start_matches('/').split('/').next() == Some(field);
        let labels = self.labels.iter().filter(|(pointer, _)| within(pointer));
        labels.flat_map(|(_, labels)| &labels.provenance).copied().collect()
    }
}

fn reads_before(template: &Value) -> bool {
    template.as_str().is_some_and(|text| text.contains("${before."))
}
