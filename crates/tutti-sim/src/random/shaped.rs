//! Shaped values: made up, but of the shape a JSON Schema of ours asks for.

use serde_json::{Map, Number, Value, json};

use super::dice::Die;

/// How many characters are made up where more are allowed.
const TEXT_CHARS: usize = 40;

/// A value of this shape.
pub(super) fn shaped(die: &mut Die, schema: &Value) -> Value {
    if let Some(options) = schema.get("enum").and_then(Value::as_array) {
        return options.get(die.below(options.len() as u64) as usize).cloned().unwrap_or_default();
    }
    match schema.get("type").and_then(Value::as_str).unwrap_or("object") {
        "string" => json!(text(die, schema)),
        "integer" => json!(between(die, schema).round() as i64),
        "number" => Number::from_f64(between(die, schema)).map_or(Value::Null, Value::Number),
        "boolean" => json!(die.in_100(50)),
        "array" => list(die, schema),
        "null" => Value::Null,
        _ => object(die, schema),
    }
}

/// Words of a model or a person; a day or a moment where one is asked for.
fn text(die: &mut Die, schema: &Value) -> String {
    match schema.get("format").and_then(Value::as_str) {
        Some("date") => return format!("2026-03-{:02}", 11 + die.below(20)),
        Some("date-time") => return format!("2026-03-{:02}T09:00:00Z", 11 + die.below(20)),
        _ => {}
    }
    let most = schema.get("maxLength").and_then(Value::as_u64).unwrap_or(u64::MAX);
    let most = usize::try_from(most).unwrap_or(usize::MAX).min(TEXT_CHARS);
    format!("words of somebody, {:020}", die.below(1_000_000)).chars().take(most).collect()
}

fn between(die: &mut Die, schema: &Value) -> f64 {
    let bound = |name: &str| schema.get(name).and_then(Value::as_f64);
    let least = bound("minimum").unwrap_or(0.0);
    let most = bound("maximum").unwrap_or(least + 100.0);
    least + (most - least) * (die.below(101) as f64) / 100.0
}

fn list(die: &mut Die, schema: &Value) -> Value {
    let bound = |name: &str| schema.get(name).and_then(Value::as_u64);
    let least = bound("minItems").unwrap_or(0);
    let most = bound("maxItems").unwrap_or(least + 2).min(least + 2);
    let items = schema.get("items").cloned().unwrap_or_default();
    let length = least + die.below(most.saturating_sub(least) + 1);
    (0..length).map(|_| shaped(die, &items)).collect()
}

/// What is required, and half of the rest.
fn object(die: &mut Die, schema: &Value) -> Value {
    let names = |key: &str| schema.get(key).and_then(Value::as_array);
    let is_required =
        |name: &str| names("required").is_some_and(|all| all.iter().any(|one| one == name));
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut members = Map::new();
    for (name, shape) in properties.into_iter().flatten() {
        if is_required(name) || die.in_100(50) {
            members.insert(name.clone(), shaped(die, shape));
        }
    }
    members.into()
}

#[cfg(test)]
mod tests {
    use super::super::dice::Dice;
    use super::*;

    #[test]
    fn what_is_made_up_has_the_shape_that_is_asked_for() {
        let schema = json!({
            "type": "object", "additionalProperties": false,
            "required": ["way", "many", "share", "when", "sure", "list"],
            "properties": {
                "way": {"enum": ["up", "down"]},
                "many": {"type": "integer", "minimum": 3, "maximum": 7},
                "share": {"type": "number", "minimum": 0, "maximum": 1},
                "when": {"type": "string", "format": "date"},
                "sure": {"type": "boolean"},
                "note": {"type": "string", "maxLength": 12},
                "list": {"type": "array", "minItems": 2, "maxItems": 3,
                         "items": {"type": "string", "maxLength": 30}},
            },
        });
        let judge = jsonschema::options().should_validate_formats(true).build(&schema).unwrap();
        for seed in 0..200 {
            let made = shaped(&mut Dice::new(seed).about("shape"), &schema);
            let wrong: Vec<String> = judge.iter_errors(&made).map(|e| e.to_string()).collect();
            assert_eq!(wrong, Vec::<String>::new(), "{made}");
        }
    }
}
