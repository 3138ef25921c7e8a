//! The arguments of a call: filled from facts, nothing missing, each of a shape its operation takes.

use serde_json::{Map, Value};

use super::{ArgumentLabels, Run};
use crate::expr::{Filled, Meter, Template};
use crate::failure::Failure;
use crate::operation::Operation;
use crate::pointer::escaped;

/// Arguments ready to leave.
pub(super) struct Arguments {
    pub input: Value,
    pub labels: ArgumentLabels,
    /// Which optional ones could not be filled, for people.
    pub left_out: Option<String>,
}

/// Fills the arguments of an operation. An optional one whose value is missing is left out, and
/// that is said; anything else that is missing keeps the call from leaving.
pub(super) fn arguments(
    with: &Template,
    operation: &Operation,
    run: &Run,
) -> Result<Arguments, Failure> {
    let mut filled = with.fill(run, &mut Meter::default());
    if let Some((_, error)) = filled.failed.first() {
        return Err(Failure::Invalid { code: error.code.to_string(), message: error.to_string() });
    }
    let mut input = match std::mem::take(&mut filled.value) {
        Value::Object(input) => input,
        _ => Map::new(),
    };
    let written = if filled.missing.is_empty() { Value::Null } else { with.source() };
    let mut left_out = Vec::new();
    for (name, template) in written.as_object().into_iter().flatten() {
        let Some(path) = hole(template, &format!("/{name}"), &filled, run) else { continue };
        let optional = operation.input.get(name).is_some_and(|declared| !declared.required);
        if !optional || !template.is_string() {
            return Err(Failure::Missing { path });
        }
        left_out.push(format!("`{path}` is missing; went without `{name}`"));
    }
    input.retain(|_, value| !value.is_null());
    for (name, declared) in &operation.input {
        match input.get(name) {
            None if declared.required => return Err(Failure::Missing { path: name.clone() }),
            Some(value) if !declared.kind.suits(value) => {
                let message = format!("`{name}` came to something of another kind");
                return Err(Failure::Invalid { code: "wrong_type".to_owned(), message });
            }
            _ => {}
        }
    }
    let left_out = (!left_out.is_empty()).then(|| left_out.join("; "));
    Ok(Arguments { input: Value::Object(input), labels: filled.labels, left_out })
}

/// The first thing that was missing at or below `at`, as a person would write it.
fn hole(template: &Value, at: &str, filled: &Filled, run: &Run) -> Option<String> {
    match template {
        Value::String(text) if text.contains("${") && !filled.labels.contains_key(at) => {
            let alone = Template::parse(template).ok()?.fill(run, &mut Meter::default());
            alone.missing.into_iter().next()
        }
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| hole(item, &format!("{at}/{index}"), filled, run)),
        Value::Object(members) => members.iter().find_map(|(name, member)| {
            hole(member, &format!("{at}/{}", escaped(name)), filled, run)
        }),
        _ => None,
    }
}
