//! What the toy tool can do: one operation of each class, as a connector would declare it.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use tutti_core::operation::Operation;

/// How many operations there are; one that cannot be read is noticed by a test.
#[cfg(test)]
const ALL: usize = 21;

/// The operations by id. Arguments are written `name:kind`, with `!` if required and `*` if they
/// also choose the target.
pub fn catalogue() -> BTreeMap<String, Operation> {
    let all = [
        operation(
            "toy.thing.get",
            ["read", "read", "reversible"],
            "id:text!",
            json!({"untrusted": ["text"], "pii": ["owner.email"]}),
        ),
        operation(
            "toy.thing.search",
            ["read", "read", "reversible"],
            "query:text!",
            json!({"untrusted": ["items[].text"]}),
        ),
        operation("toy.note.list", ["read", "read", "reversible"], "on:text!", json!({})),
        operation("toy.page.get", ["read", "read", "reversible"], "", json!({})),
        operation("toy.job.get", ["read", "read", "reversible"], "id:text!", json!({})),
        operation("toy.flag.get", ["read", "read", "reversible"], "name:text!", json!({})),
        operation(
            "toy.thing.set",
            ["write", "idempotent", "reversible"],
            "id:text* text:text! title:text",
            json!({
                "before": {"use": "toy.thing.get", "with": {"id": "${input.id}"}, "version": "version"},
                "inverse": {"use": "toy.thing.set", "with": {
                    "id": "${input.id}", "text": "${before.text}", "title": "${before.heading}",
                }},
            }),
        ),
        operation(
            "toy.link.put",
            ["write", "idempotent", "reversible"],
            "to:text! rows:list",
            json!({}),
        ),
        operation("toy.order.place", ["write", "keyed", "compensable"], "what:text!", json!({})),
        operation(
            "toy.note.add",
            ["write", "probed", "compensable"],
            "on:text* text:text!",
            json!({
                "probe": {
                    "use": "toy.note.list", "with": {"on": "${input.on}"}, "find": "notes",
                    "path": "text", "output": {"id": "${found.id}"}, "settle_ms": 2000,
                },
                "inverse": {"use": "toy.note.remove", "with": {"id": "${output.id}"}},
            }),
        ),
        operation(
            "toy.note.remove",
            ["destroy", "idempotent", "compensable"],
            "id:integer*",
            json!({}),
        ),
        operation(
            "toy.page.append",
            ["write", "idempotent", "reversible"],
            "row:text!",
            json!({
                "before": {"use": "toy.page.get", "version": "version"},
                "probe": {"use": "toy.page.get", "find": "rows", "path": "key",
                          "output": {"row": "${found.row}"}},
            }),
        ),
        operation(
            "toy.flag.set",
            ["write", "idempotent", "reversible"],
            "name:text* value:any!",
            json!({
                "before": {"use": "toy.flag.get", "with": {"name": "${input.name}"},
                           "version": "value", "optional": true},
                "inverse": {"use": "toy.flag.set",
                            "with": {"name": "${input.name}", "value": "${before.value}"}},
                "inverse_if_new": {"use": "toy.flag.clear", "with": {"name": "${input.name}"}},
            }),
        ),
        operation(
            "toy.flag.clear",
            ["destroy", "idempotent", "reversible"],
            "name:text*",
            json!({"before": {"use": "toy.flag.get", "with": {"name": "${input.name}"}}}),
        ),
        operation(
            "toy.letter.send",
            ["write", "probed", "irreversible"],
            "to:text* text:text!",
            json!({
                "before": {"use": "toy.thing.get", "with": {"id": "${input.to}"}, "version": "version"},
                "probe": {"use": "toy.thing.get", "with": {"id": "${input.to}"}, "path": "letter",
                          "output": {"to": "${input.to}"}, "settle_ms": 2000},
            }),
        ),
        operation(
            "toy.mail.send",
            ["write", "unsafe", "compensable"],
            "to:text* text:text!",
            json!({"inverse": {"use": "toy.note.add",
                               "with": {"on": "${input.to}", "text": "never mind"}}}),
        ),
        operation(
            "tutti.run.start",
            ["write", "keyed", "compensable"],
            "flow:text! input:object! depth:integer",
            json!({"inverse": {"use": "tutti.run.cancel", "with": {
                "run": {"flow": "${input.flow}", "started_by": "${effect_key}"},
            }, "unless": {"not": "stopped", "told": "it was over already"}}}),
        ),
        operation(
            "tutti.run.cancel",
            ["destroy", "idempotent", "irreversible"],
            "run:any*",
            json!({}),
        ),
        operation(
            "tutti.run.get",
            ["read", "read", "reversible"],
            "run:text!",
            json!({"untrusted": ["output"]}),
        ),
        operation(
            "tutti.event.emit",
            ["write", "idempotent", "compensable"],
            "event:text! key:text! payload:object",
            json!({}),
        ),
        operation(
            "jira.issue.touch",
            ["write", "idempotent", "reversible"],
            "issue:any* project:text",
            json!({}),
        ),
    ];
    all.into_iter().flatten().map(|operation| (operation.id.clone(), operation)).collect()
}

fn operation(
    id: &str,
    [access, once, reversibility]: [&str; 3],
    inputs: &str,
    more: Value,
) -> Option<Operation> {
    let input: Map<String, Value> = inputs.split_whitespace().filter_map(input).collect();
    let mut value = json!({
        "id": id, "summary": format!("Do {id}"), "input": input,
        "access": access, "once": once, "reversibility": reversibility,
    });
    value.as_object_mut()?.extend(more.as_object()?.clone());
    serde_json::from_value(value).ok()
}

fn input(spec: &str) -> Option<(String, Value)> {
    let (name, kind) = spec.split_once(':')?;
    let value = json!({
        "type": kind.trim_end_matches(['!', '*']), "required": kind.ends_with(['!', '*']),
        "target": kind.ends_with('*'), "about": "",
    });
    Some((name.to_owned(), value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_can_be_read() {
        assert_eq!(catalogue().len(), ALL);
    }
}
