//! Strict schemas: the narrower JSON Schema in which OpenAI promises an answer that fits.
//!
//! Every object is closed and every property required, so one that may be left out becomes one
//! that may be `null`; the core takes such nulls out again (`Schema::accept`). What strict mode has
//! no keyword for is told in the description, for the core checks the answer anyway.
//! <https://developers.openai.com/docs/guides/structured-outputs>

use serde_json::{Map, Value, json};

/// Deeper schemas are sent as they are. OpenAI allows ten levels of objects, each of which may
/// lie in a list and a choice.
const DEPTH: usize = 30;

/// The strict form of `schema`, or nothing where it has none.
pub fn strict(schema: &Value) -> Option<Value> {
    let root = node(schema, DEPTH)?;
    // A choice at the root is refused even where every branch is an object.
    let is_object = root.get("type").is_some_and(|kind| kind == "object");
    let fits = Size::default().add(&root, 1).is_some();
    (is_object && root.get("anyOf").is_none() && fits).then_some(root)
}

fn node(schema: &Value, depth: usize) -> Option<Value> {
    let depth = depth.checked_sub(1)?;
    let schema = schema.as_object()?;
    if let Some(reference) = schema.get("$ref") {
        // A reference stands alone in strict mode; only words may be lost beside it.
        let alone = schema.keys().all(|key| key == "$ref" || is_annotation(key));
        return alone.then(|| json!({"$ref": reference}));
    }
    let mut strict = Map::new();
    let mut notes = Vec::new();
    for (key, value) in schema {
        match key.as_str() {
            "type" | "enum" | "const" | "title" | "description" | "pattern" | "multipleOf"
            | "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" | "minItems"
            | "maxItems" => {
                strict.insert(key.clone(), value.clone());
            }
            "minLength" | "maxLength" | "uniqueItems" | "format" => {
                notes.push(format!("{key}: {value}"));
            }
            "items" => {
                strict.insert(key.clone(), node(value, depth)?);
            }
            "anyOf" | "oneOf" if !strict.contains_key("anyOf") => {
                let choices = value.as_array()?.iter().map(|choice| node(choice, depth));
                strict.insert("anyOf".into(), choices.collect::<Option<Value>>()?);
            }
            "$defs" => {
                let inner = value.as_object()?.iter();
                let inner = inner.map(|(name, schema)| Some((name.clone(), node(schema, depth)?)));
                strict.insert(key.clone(), Value::Object(inner.collect::<Option<_>>()?));
            }
            "properties" | "required" | "additionalProperties" => {}
            _ if is_annotation(key) => {}
            _ => return None,
        }
    }
    if !strict.contains_key("type") && !strict.contains_key("anyOf") {
        strict.insert("type".into(), kind_of_values(schema)?);
    }
    if schema.contains_key("properties") || allows(&strict, "object") {
        close(schema, &mut strict, depth)?;
    }
    note(&mut strict, &notes);
    Some(Value::Object(strict))
}

fn is_annotation(key: &str) -> bool {
    const ANNOTATIONS: [&str; 10] = [
        "$schema",
        "$id",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
    ];
    ANNOTATIONS.contains(&key)
}

/// Closes an object: all its properties required, no others. An open one has no strict form.
fn close(schema: &Map<String, Value>, strict: &mut Map<String, Value>, depth: usize) -> Option<()> {
    let properties = schema.get("properties")?.as_object()?;
    if schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false)) {
        return None;
    }
    let required = required(schema);
    if required.iter().any(|name| !properties.contains_key(*name)) {
        return None;
    }
    let mut closed = Map::new();
    for (name, property) in properties {
        let property = node(property, depth)?;
        let needed = required.contains(&name.as_str());
        closed.insert(name.clone(), if needed { property } else { nullable(property) });
    }
    strict.insert("required".into(), closed.keys().cloned().collect());
    strict.insert("properties".into(), Value::Object(closed));
    strict.insert("additionalProperties".into(), Value::Bool(false));
    Some(())
}

fn required(schema: &Map<String, Value>) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The same or `null`.
fn nullable(schema: Value) -> Value {
    match schema {
        Value::Object(members) if allows(&members, "null") => Value::Object(members),
        Value::Object(mut members) if is_plain(&members) => {
            if let Some(kind) = members.remove("type") {
                members.insert("type".into(), json!([kind, "null"]));
            }
            Value::Object(members)
        }
        other => json!({"anyOf": [other, {"type": "null"}]}),
    }
}

/// Whether one more type is all that `null` needs.
fn is_plain(members: &Map<String, Value>) -> bool {
    let plain = members.get("type").is_some_and(Value::is_string);
    plain && !["enum", "const", "anyOf"].iter().any(|key| members.contains_key(*key))
}

fn allows(schema: &Map<String, Value>, kind: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(only)) => only == kind,
        Some(Value::Array(kinds)) => kinds.iter().any(|one| one == kind),
        _ => false,
    }
}

/// The type of the allowed values; strict mode wants one everywhere.
fn kind_of_values(schema: &Map<String, Value>) -> Option<Value> {
    let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    let mut kinds: Vec<&str> = Vec::new();
    for value in listed.chain(schema.get("const")) {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(_) => "number",
            Value::String(_) => "string",
            Value::Array(_) | Value::Object(_) => return None,
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    match kinds.as_slice() {
        [] => None,
        [kind] => Some(json!(kind)),
        _ => Some(json!(kinds)),
    }
}

fn note(strict: &mut Map<String, Value>, notes: &[String]) {
    if notes.is_empty() {
        return;
    }
    let before = strict.get("description").and_then(Value::as_str).unwrap_or_default();
    let told = format!("{before} ({})", notes.join(", "));
    strict.insert("description".into(), Value::String(told.trim_start().to_owned()));
}

/// How much of what OpenAI allows in one schema is used.
#[derive(Default)]
struct Size {
    properties: usize,
    values: usize,
    letters: usize,
}

impl Size {
    /// Adds a part that lies in `level` objects; nothing is left if it is too much.
    fn add(&mut self, schema: &Value, level: usize) -> Option<()> {
        let schema = schema.as_object()?;
        let listed = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
        let texts = listed.clone().chain(schema.get("const")).filter_map(Value::as_str);
        let letters: usize = texts.map(|text| text.chars().count()).sum();
        let values = listed.count();
        self.values += values;
        self.letters += letters;
        let named = ["properties", "$defs"].map(|key| schema.get(key).and_then(Value::as_object));
        let [properties, definitions] = named;
        for (name, part) in properties.into_iter().flatten() {
            self.properties += 1;
            self.letters += name.chars().count();
            self.add(part, level + 1)?;
        }
        for (name, part) in definitions.into_iter().flatten() {
            self.letters += name.chars().count();
            self.add(part, level)?;
        }
        for part in schema.get("anyOf").and_then(Value::as_array).into_iter().flatten() {
            self.add(part, level)?;
        }
        if let Some(items) = schema.get("items") {
            self.add(items, level)?;
        }
        let fits = self.properties <= 5_000
            && self.values <= 1_000
            && self.letters <= 120_000
            && (values <= 250 || letters <= 15_000)
            && level <= 11;
        fits.then_some(())
    }
}

#[cfg(test)]
mod tests;
