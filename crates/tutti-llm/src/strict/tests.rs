//! What becomes of schemas and answers; that the result is right is proved with a validator.

use proptest::prelude::*;
use serde_json::{Value, json};
use tutti_core::schema::Schema;

use super::strict;

#[test]
fn a_schema_becomes_strict() {
    let schema = json!({
        "type": "object",
        "properties": {
            "severity": {"enum": ["S1", "S2"]},
            "note": {"type": "string", "description": "For people.", "maxLength": 80},
            "owner": {"type": ["string", "null"]},
            "ticket": {"$ref": "#/$defs/ticket", "description": "The same bug."},
            "labels": {"type": "array", "items": {"type": "string"}, "uniqueItems": true, "default": []},
        },
        "required": ["severity"],
        "$defs": {"ticket": {"type": "object", "properties": {"key": {"type": "string"}}}},
    });
    let expected = json!({
        "type": "object",
        "properties": {
            "severity": {"type": "string", "enum": ["S1", "S2"]},
            "note": {"type": ["string", "null"], "description": "For people. (maxLength: 80)"},
            "owner": {"type": ["string", "null"]},
            "ticket": {"anyOf": [{"$ref": "#/$defs/ticket"}, {"type": "null"}]},
            "labels": {
                "type": ["array", "null"],
                "items": {"type": "string"},
                "description": "(uniqueItems: true)",
            },
        },
        "required": ["labels", "note", "owner", "severity", "ticket"],
        "additionalProperties": false,
        "$defs": {"ticket": {
            "type": "object",
            "properties": {"key": {"type": ["string", "null"]}},
            "required": ["key"],
            "additionalProperties": false,
        }},
    });
    assert_eq!(strict(&schema), Some(expected));
}

#[test]
fn choices_stay_choices() {
    let kinds = |choice: &str| {
        let closed = |kind: &str| {
            json!({
                "type": "object",
                "properties": {"kind": {"const": kind, "type": "string"}},
                "required": ["kind"],
                "additionalProperties": false,
            })
        };
        json!({
            "type": "object",
            "properties": {"next": {choice: [closed("wait"), closed("ask")]}},
            "required": ["next"],
            "additionalProperties": false,
        })
    };
    assert_eq!(strict(&kinds("oneOf")), Some(kinds("anyOf")));
    assert_eq!(strict(&kinds("anyOf")), Some(kinds("anyOf")));
}

#[test]
fn some_schemas_have_no_strict_form() {
    let with = |property: Value| json!({"type": "object", "properties": {"it": property}});
    let mut deep = json!({"type": "string"});
    for _ in 0..11 {
        deep = with(deep);
    }
    let many: Vec<String> = (0..1_001).map(|number| number.to_string()).collect();
    let long: Vec<String> = (0..251).map(|number| format!("{number:060}")).collect();
    for schema in [
        json!(true),
        json!({"type": "string"}),
        json!({"type": "object"}),
        json!({"anyOf": [with(json!({"type": "string"}))]}),
        json!({"type": "object", "properties": {}, "required": ["elsewhere"]}),
        json!({"type": "object", "properties": {}, "anyOf": [{"type": "object", "properties": {}}]}),
        with(json!({})),
        with(json!(true)),
        with(json!({"type": "object", "additionalProperties": {"type": "string"}})),
        with(json!({"type": "object", "properties": {}, "additionalProperties": true})),
        with(json!({"type": "array", "prefixItems": [{"type": "string"}]})),
        with(json!({"type": "string", "not": {"const": "x"}})),
        with(json!({"allOf": [{"type": "string"}]})),
        with(json!({"enum": [[]]})),
        with(json!({"$ref": "#/$defs/number", "minimum": 1})),
        with(json!({"type": "string", "enum": many})),
        with(json!({"type": "string", "enum": long})),
        deep,
    ] {
        assert_eq!(strict(&schema), None, "{schema}");
    }
}

/// Object schemas as answers have them, with optional members, lists, choices and references.
fn answer_schema() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "integer", "minimum": 0})),
        Just(json!({"type": ["boolean", "null"]})),
        Just(json!({"enum": ["a", "b"]})),
        Just(json!({"const": 7})),
        Just(json!({"$ref": "#/$defs/leaf"})),
    ];
    let nested = leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            inner.clone().prop_map(|items| json!({"type": "array", "items": items})),
            prop::collection::vec(inner.clone(), 1..3).prop_map(|all| json!({"anyOf": all})),
            object(inner),
        ]
    });
    object(nested).prop_map(|mut root| {
        root["$defs"] = json!({"leaf": {"type": "string"}});
        root
    })
}

fn object(member: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    prop::collection::btree_map("[a-d]", (member, any::<bool>()), 1..4).prop_map(|members| {
        let required: Vec<_> = members.iter().filter(|(_, (_, must))| *must).collect();
        let required: Vec<_> = required.into_iter().map(|(name, _)| name.clone()).collect();
        let properties: serde_json::Map<_, _> =
            members.into_iter().map(|(name, (schema, _))| (name, schema)).collect();
        json!({
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": false,
        })
    })
}

/// A value the strict schema allows: of several choices one, `null` wherever it may stand.
fn fitting(root: &Value, schema: &Value, pick: &mut impl FnMut(usize) -> usize) -> Value {
    if let Some(at) = schema.get("$ref").and_then(Value::as_str) {
        return fitting(root, root.pointer(&at[1..]).unwrap(), pick);
    }
    if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
        return fitting(root, &choices[pick(choices.len())], pick);
    }
    if let Some(values) = schema.get("enum").and_then(Value::as_array) {
        return values[pick(values.len())].clone();
    }
    if let Some(value) = schema.get("const") {
        return value.clone();
    }
    let kinds = match &schema["type"] {
        Value::Array(kinds) => kinds.clone(),
        kind => vec![kind.clone()],
    };
    match kinds[pick(kinds.len())].as_str().unwrap() {
        "null" => Value::Null,
        "boolean" => json!(true),
        "integer" => json!(3),
        "string" => json!("text"),
        "array" => (0..pick(3)).map(|_| fitting(root, &schema["items"], pick)).collect(),
        _ => {
            let members = schema["properties"].as_object().unwrap().iter();
            let members = members.map(|(name, part)| (name.clone(), fitting(root, part, pick)));
            Value::Object(members.collect())
        }
    }
}

/// The rules of strict mode: objects are closed, all their properties required, nothing is untyped.
fn assert_closed(strict: &Value) {
    match strict {
        Value::Object(schema) if schema.contains_key("properties") => {
            let names: Vec<_> = schema["properties"].as_object().unwrap().keys().collect();
            assert_eq!(schema["required"], json!(names));
            assert_eq!(schema["additionalProperties"], json!(false));
            let parts = schema["properties"].as_object().unwrap().values();
            parts
                .chain(
                    schema
                        .get("$defs")
                        .into_iter()
                        .flat_map(|all| all.as_object().unwrap().values()),
                )
                .for_each(assert_closed);
        }
        Value::Object(schema) => {
            assert!(["type", "anyOf", "$ref"].iter().any(|key| schema.contains_key(*key)));
            assert!(schema.get("type") != Some(&json!("object")), "an open object");
            schema.get("items").into_iter().for_each(assert_closed);
            schema
                .get("anyOf")
                .into_iter()
                .flat_map(|all| all.as_array().unwrap())
                .for_each(assert_closed);
        }
        other => panic!("no schema: {other}"),
    }
}

proptest! {
    /// What a model may answer under the strict schema is accepted under our own.
    #[test]
    fn a_strict_answer_satisfies_the_schema(
        schema in answer_schema(),
        picks in prop::collection::vec(any::<usize>(), 64),
    ) {
        let strict = strict(&schema).unwrap();
        assert_closed(&strict);
        let mut picks = picks.into_iter().cycle();
        let mut pick = |of: usize| picks.next().unwrap() % of;
        let answer = fitting(&strict, &strict, &mut pick);
        prop_assert!(jsonschema::is_valid(&strict, &answer), "{strict} {answer}");
        let accepted = Schema::parse(&schema).unwrap().accept(answer);
        prop_assert!(accepted.is_ok(), "{schema} {accepted:?}");
    }
}
