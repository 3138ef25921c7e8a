//! A use of an operation: that it exists, and that its arguments are all there and of its types.

use serde_json::Value;

use super::super::Use;
use super::super::reader::{At, nearest};
use super::Linker;
use crate::calendar::Calendar;
use crate::operation::{InputKind, Operation};
use crate::problem::Problem;

impl<'c> Linker<'c> {
    pub(super) fn call(&mut self, at: &At, with: &At) -> Option<Use> {
        let id = self.problems.text(at)?;
        let Some(operation) = self.hold(&id) else {
            let message = format!("there is no operation `{id}`");
            self.problems.error(at, "unknown_operation", message, &self.nearest_operation(&id));
            return None;
        };
        let known: Vec<&str> = operation.input.keys().map(String::as_str).collect();
        if !with.is_null() && !self.problems.among(with, &known) {
            return None;
        }
        for (name, input) in &operation.input {
            let given = with.get(name);
            if input.required && given.is_null() {
                let message = format!("`{id}` needs `{name}`");
                self.problems.error(&given, "missing_argument", message, &input.about);
            } else if input.required && is_empty_text(input.kind, given.value) {
                let message = format!("`{id}` needs `{name}`, and this is empty");
                self.refuse(&given, "missing_argument", message, &input.about);
            } else if !input.kind.fits(given.value) {
                let message = format!("`{name}` must be {}", input.kind.spoken());
                self.problems.error(&given, "wrong_type", message, &input.about);
            } else if input.kind == InputKind::Calendar {
                self.calendar(&given);
            }
        }
        let empty = Value::Object(serde_json::Map::new());
        let with = if with.is_null() { with.holding(&empty) } else { *with };
        Some(Use { operation: id, with: self.template(&with)? })
    }

    /// A calendar that is written out can be judged now, and one of the flow's values once, however
    /// many steps use it.
    fn calendar(&mut self, at: &At) {
        let text = at.value.as_str().unwrap_or_default();
        if let Some(name) = text.strip_prefix("${values.").and_then(|rest| rest.strip_suffix('}')) {
            self.calendars.insert(name.to_owned());
        } else if at.value.is_object() && !has_template(at.value) {
            self.read_calendar(at);
        } else if at.value.is_object() && self.catalogue.judges() {
            self.open_calendar(at);
        }
    }

    /// A calendar of which a part is made when a run asks for it: what is written out is judged, and
    /// of the rest is said that it is not.
    fn open_calendar(&mut self, at: &At) {
        let mut open = Vec::new();
        templates(at, &mut open);
        let found = self.problems.0.len();
        self.read_calendar(at);
        let judged = self.problems.0.split_off(found);
        // The name of a day is never made.
        let is_written = |problem: &Problem| match problem.code.as_str() {
            "unknown_day" => true,
            "wrong_type" => !open.contains(&problem.at),
            _ => !problem.message.contains("${"),
        };
        self.problems.0.extend(judged.into_iter().filter(is_written));
        for place in open {
            let message = "what is made here is not known before a run asks for it, nor checked";
            let hint = "write it out, or let each calendar be one of the flow's `values`";
            self.problems.warning_at(place, "unchecked", message, hint);
        }
    }

    fn read_calendar(&mut self, at: &At) {
        Calendar::read(at, &mut self.problems);
        let zone = at.get("zone");
        let (value, pointer) = (zone.value, zone.pointer.text());
        let is_named = self.problems.0.iter().all(|problem| problem.at != pointer);
        if let Some(name) = value.as_str().filter(|_| is_named) {
            self.zones.insert(pointer, name.to_owned());
        }
    }

    /// The flow's values that steps use as calendars.
    pub(super) fn calendars(&mut self, values: &At) {
        for name in std::mem::take(&mut self.calendars) {
            let at = values.get(&name);
            if at.value.is_object() && !at.has("first_of") && !at.has("default") {
                self.read_calendar(&at);
            }
        }
    }

    /// Holds an operation and the ones it leans on.
    fn hold(&mut self, id: &str) -> Option<&'c Operation> {
        let operation = self.catalogue.operation(id)?;
        if self.operations.contains_key(id) {
            return Some(operation);
        }
        self.operations.insert(id.to_owned(), operation.clone());
        let leans_on = [
            operation.before.as_ref().map(|before| &before.operation),
            operation.probe.as_ref().map(|probe| &probe.operation),
            operation.inverse.as_ref().map(|inverse| &inverse.operation),
            operation.inverse_if_new.as_ref().map(|inverse| &inverse.operation),
        ];
        for other in leans_on.into_iter().flatten() {
            self.hold(other);
        }
        Some(operation)
    }

    pub(super) fn nearest_operation(&self, id: &str) -> String {
        let tool = id.split('.').next().unwrap_or_default();
        let all = self.catalogue.ids();
        let same_tool: Vec<&str> =
            all.iter().copied().filter(|o| o.split('.').next() == Some(tool)).collect();
        nearest(id, if same_tool.is_empty() { &all } else { &same_tool })
    }
}

fn is_empty_text(kind: InputKind, value: &Value) -> bool {
    matches!(kind, InputKind::Text | InputKind::LongText)
        && value.as_str().is_some_and(|text| text.trim().is_empty())
}

fn has_template(value: &Value) -> bool {
    value.to_string().contains("${")
}

/// The places of the templates that stand below one.
fn templates(at: &At, into: &mut Vec<String>) {
    if at.value.is_string() && has_template(at.value) {
        into.push(at.pointer.text());
    }
    at.items().for_each(|item| templates(&item, into));
    at.members().for_each(|(_, member)| templates(&member, into));
}
