//! What a write leaves behind, so that whoever looks whether it was done finds it.

use serde_json::{Map, Value, json};
use tutti_core::operation::Probe;

/// What a write that was done left behind.
pub struct Trace {
    /// How it is looked for, if it can be.
    pub probe: Option<Probe>,
    /// What it gave, or would have given.
    pub gave: Value,
}

/// A read with what a probe looks for: an item that carries the key, or the whole that does.
pub fn show(mut read: Value, probe: &Probe, key: &str, gave: &Value) -> Value {
    let mut found = json!({});
    put(&mut found, &probe.path, key.into());
    learn(&probe.output, gave, &mut found);
    match &probe.find {
        None => merge(&mut read, found),
        Some(list) => {
            let items = list.split('.').try_fold(&read, |value, key| value.get(key));
            let mut items = items.and_then(Value::as_array).cloned().unwrap_or_default();
            items.insert(0, found);
            put(&mut read, list, items.into());
        }
    }
    read
}

/// What `found` must have been, so that the output made from it is what the write gave.
fn learn(output: &Value, gave: &Value, found: &mut Value) {
    match output {
        Value::String(text) => {
            let path = text.strip_prefix("${found.").and_then(|rest| rest.strip_suffix('}'));
            if let Some(path) = path {
                put(found, path, gave.clone());
            }
        }
        Value::Object(members) => {
            for (name, output) in members {
                learn(output, gave.get(name).unwrap_or(&Value::Null), found);
            }
        }
        _ => {}
    }
}

/// Puts a value at a dotted path, making the objects on the way.
pub fn put(into: &mut Value, path: &str, value: Value) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if !into.is_object() {
        *into = Value::Object(Map::new());
    }
    let Some(members) = into.as_object_mut() else { return };
    match rest {
        None => {
            members.insert(name.to_owned(), value);
        }
        Some(rest) => put(members.entry(name).or_insert_with(|| json!({})), rest, value),
    }
}

fn merge(into: &mut Value, more: Value) {
    match (into, more) {
        (Value::Object(members), Value::Object(more)) => {
            for (name, value) in more {
                merge(members.entry(name).or_insert(Value::Null), value);
            }
        }
        (into, more) => *into = more,
    }
}
