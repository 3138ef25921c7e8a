//! Tables of what fits and what is said where it does not, and a second opinion on both.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::Schema;

fn faults(schema: &Value, value: &Value) -> String {
    let schema = Schema::parse(schema).unwrap();
    let faults = schema.check(value).into_iter();
    let lines =
        faults.map(|fault| format!("#{} [{}] {}\n", fault.at, fault.keyword, fault.message));
    lines.collect()
}

fn problems(schema: Value) -> String {
    let problems = Schema::parse(&schema).unwrap_err().into_iter();
    let lines =
        problems.map(|problem| format!("#{} [{}] {}\n", problem.at, problem.code, problem.message));
    lines.collect()
}

fn triage() -> Value {
    json!({
        "type": "object",
        "properties": {
            "severity": {"enum": ["S1", "S2", "S3", "S4"]},
            "confidence": {"type": "number", "minimum": 0, "exclusiveMaximum": 1},
            "labels": {"type": "array", "items": {"type": "string", "minLength": 2}, "uniqueItems": true, "maxItems": 3},
            "next": {"oneOf": [{"$ref": "#/$defs/wait"}, {"$ref": "#/$defs/ask"}]},
            "note": {"type": ["string", "null"]},
            "step": {"type": "integer", "multipleOf": 5},
        },
        "required": ["severity", "labels"],
        "additionalProperties": false,
        "$defs": {
            "wait": {"type": "object", "properties": {"kind": {"const": "wait"}, "minutes": {"type": "integer"}}, "required": ["kind", "minutes"]},
            "ask": {"type": "object", "properties": {"kind": {"const": "ask"}, "whom": {"type": "string"}}, "required": ["kind", "whom"]},
        },
    })
}

#[test]
fn faults_are_said_in_words_that_help() {
    let check = |value: Value, expected: Expect| expected.assert_eq(&faults(&triage(), &value));
    check(json!({"severity": "S2", "labels": ["ui"], "note": null, "step": 10.0}), expect![[""]]);
    check(
        json!({"severity": "high", "confidence": 1, "labels": ["x", 7, "ui", "ui"]}),
        expect![[r#"
            #/confidence [exclusiveMaximum] `confidence` must be less than 1, not `1`
            #/labels/0 [minLength] `labels[0]` must have at least 2 characters, not 1
            #/labels/1 [type] `labels[1]` must be a string, not `7`
            #/labels [maxItems] `labels` must have at most 3 items, not 4
            #/labels [uniqueItems] `labels` holds `ui` more than once
            #/severity [enum] `severity` must be one of S1, S2, S3, S4, not `high`
        "#]],
    );
    check(
        json!({"labels": {}, "next": {"kind": "ask", "minutes": 5}, "mood": "good"}),
        expect![[r#"
            #/labels [type] `labels` must be a list, not `{}`
            #/mood [additionalProperties] `mood` is not known; known here: confidence, labels, next, note, severity, step
            #/next [oneOf] `next` has none of the 2 forms it may have; nearest: `next.whom` is missing
            # [required] `severity` is missing
        "#]],
    );
    check(
        json!({"severity": "S1", "labels": [], "next": "wait", "note": 5, "step": 7}),
        expect![[r#"
            #/next [oneOf] `next` has none of the 2 forms it may have; nearest: `next` must be an object, not `wait`
            #/note [type] `note` must be a string or null, not `5`
            #/step [multipleOf] `step` must be a multiple of 5, not `7`
        "#]],
    );
    check(
        json!("S1"),
        expect![[r#"
            # [type] the value must be an object, not `S1`
        "#]],
    );
}

#[test]
fn long_values_are_cut_and_stay_on_one_line() {
    let long = format!("first\nsecond {}", "é".repeat(80));
    expect![[r#"
        # [const] the value must be `x`, not `first second ééééééééééééééééééééééééééééééééééééééééééééééé…`
    "#]].assert_eq(&faults(&json!({"const": "x"}), &json!(long)));
    let many: Vec<u8> = (0..100).collect();
    let told = Schema::parse(&json!({"items": {"type": "string"}})).unwrap().check(&json!(many));
    assert_eq!(told.len(), 20);
}

#[test]
fn a_fault_points_at_its_place() {
    let schema = json!({"additionalProperties": {"items": {"properties": {"a/b~c": false}}}});
    expect![[r#"
        #/rows/1/a~1b~0c [false] `rows[1].a/b~c` is not allowed
    "#]]
    .assert_eq(&faults(&schema, &json!({"rows": [{}, {"a/b~c": 1}]})));
    let tuple = json!({"prefixItems": [{"type": "string"}], "items": false});
    expect![[r#"
        #/0 [type] `[0]` must be a string, not `1`
        # [items] the value must end before item 1
    "#]]
    .assert_eq(&faults(&tuple, &json!([1, 2, 3])));
    expect![[r#"
        # [not] the value must not be `null`
    "#]]
    .assert_eq(&faults(&json!({"not": {"type": "null"}}), &json!(null)));
    let both = json!({"oneOf": [{"minimum": 1}, {"maximum": 5}], "minProperties": 1});
    expect![[r#"
        # [oneOf] the value must have only one of its forms
    "#]]
    .assert_eq(&faults(&both, &json!(3)));
    expect![[r#"
        # [minProperties] the value must have at least 1 member, not 0
        # [oneOf] the value must have only one of its forms
    "#]]
    .assert_eq(&faults(&both, &json!({})));
}

#[test]
fn what_is_not_understood_is_refused() {
    let schema = json!({
        "$id": "https://example.org/it",
        "title": "all at once",
        "format": "uri",
        "x-order": 1,
        "properties": {
            "$ref": {"type": "text"},
            "pattern": {"pattern": "^a"},
            "typo": {"minLenght": 3},
            "below": {"$id": "#here", "items": [{}]},
        },
        "required": "name",
        "enum": 5,
        "minItems": -1,
        "maximum": "5",
        "multipleOf": 0,
        "uniqueItems": "yes",
        "anyOf": [],
        "allOf": {},
        "if": {},
        "$defs": {"bad/name": 5},
    });
    expect![[r#"
        #/$defs/bad~1name [invalid_schema] a schema is an object, `true` or `false`
        #/allOf [invalid_schema] it must be a list of schemas
        #/anyOf [invalid_schema] it must be a list of schemas
        #/enum [invalid_schema] it must be a list of values
        #/if [unsupported_keyword] the keyword `if` is not supported here
        #/maximum [invalid_schema] it must be a number
        #/minItems [invalid_schema] it must be a whole number from 0
        #/multipleOf [invalid_schema] it must be a number over 0
        #/properties/$ref/type [invalid_schema] it must be one or a list of null, boolean, integer, number, string, array, object
        #/properties/below/$id [unsupported_keyword] the keyword `$id` is not supported here
        #/properties/below/items [invalid_schema] a schema is an object, `true` or `false`
        #/properties/pattern/pattern [unsupported_keyword] the keyword `pattern` is not supported here
        #/properties/typo/minLenght [unsupported_keyword] the keyword `minLenght` is not supported here
        #/required [invalid_schema] it must be a list of names
        #/uniqueItems [invalid_schema] it must be `true` or `false`
    "#]].assert_eq(&problems(schema));
}

#[test]
fn references_lead_somewhere() {
    expect![[r#"
        #/properties/anchor/$ref [unknown_reference] `#here` does not point into this schema
        #/properties/far/$ref [unknown_reference] `https://example.org/schema` does not point into this schema
        #/properties/number/$ref [invalid_schema] it must be a string
        #/properties/odd/$ref [unknown_reference] `#/%zz` does not point into this schema
        #/properties/gone/$ref [unknown_reference] there is no schema at `#/$defs/gone`
    "#]].assert_eq(&problems(json!({
        "properties": {
            "far": {"$ref": "https://example.org/schema"},
            "gone": {"$ref": "#/$defs/gone"},
            "anchor": {"$ref": "#here"},
            "odd": {"$ref": "#/%zz"},
            "number": {"$ref": 5},
        },
    })));
}

#[test]
fn a_reference_may_lead_back_only_by_going_deeper() {
    expect![[r#"
        #/$defs/a/anyOf/1/$ref [circular_reference] this reference leads back to itself without going deeper
        #/$defs/b/not/$ref [circular_reference] this reference leads back to itself without going deeper
        #/$defs/self/$ref [circular_reference] this reference leads back to itself without going deeper
    "#]].assert_eq(&problems(json!({
        "$ref": "#/$defs/a",
        "$defs": {
            "a": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/b"}]},
            "b": {"not": {"$ref": "#/$defs/a"}},
            "self": {"$ref": "#/$defs/self"},
        },
    })));
    let tree = json!({"type": "object", "additionalProperties": {"$ref": "#"}});
    assert_eq!(faults(&tree, &json!({"a": {"b": {}}})), "");
    expect![[r#"
        #/a/b [type] `a.b` must be an object, not `[]`
    "#]]
    .assert_eq(&faults(&tree, &json!({"a": {"b": []}})));
}

#[test]
fn no_schema_makes_a_check_endless() {
    // Each definition doubles the work of the one before.
    let doubled = |below: usize| {
        let below = json!({"$ref": format!("#/$defs/d{below}")});
        json!({"allOf": [below, below]})
    };
    let mut definitions: serde_json::Map<String, Value> =
        (1..40).map(|level| (format!("d{level}"), doubled(level - 1))).collect();
    definitions.insert("d0".into(), json!({"type": "string"}));
    let schema = json!({"not": {"$ref": "#/$defs/d39"}, "$defs": definitions});
    expect![[r#"
        # [too_large] the value is too large or too deep to be checked
    "#]]
    .assert_eq(&faults(&schema, &json!(1)));
    assert!(Schema::parse(&schema).unwrap().accept(json!(1)).is_err());
}

#[test]
fn depth_has_a_bound() {
    let deep = |levels: usize| (0..levels).fold(json!({}), |inner, _| json!({"items": inner}));
    assert!(Schema::parse(&deep(60)).is_ok());
    expect![[r#"
        #/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i/i [schema_too_large] a schema of more than 64 levels or 5000 parts
    "#]].assert_eq(&problems(deep(64)).replace("/items", "/i"));
    let list = |levels: usize| (0..levels).fold(json!([]), |inner, _| json!([inner]));
    let lists = json!({"type": "array", "items": {"$ref": "#"}});
    assert_eq!(faults(&lists, &list(90)), "");
    expect![[r#"
        # [too_large] the value is too large or too deep to be checked
    "#]]
    .assert_eq(&faults(&lists, &list(120)));
}

#[test]
fn numbers_are_compared_as_they_are_written() {
    for (schema, value, fits) in [
        (json!({"multipleOf": 0.01}), "19.99", true),
        (json!({"multipleOf": 0.01}), "19.995", false),
        (json!({"multipleOf": 0.0001}), "0.0075", true),
        (json!({"multipleOf": 1e-8}), "12391239123", true),
        (json!({"multipleOf": 0.5}), "1e308", true),
        (json!({"multipleOf": 7}), "1e30", false),
        (json!({"multipleOf": 1e300}), "3", false),
        (json!({"multipleOf": 1e300}), "0", true),
        (json!({"multipleOf": 3}), "-9", true),
        (json!({"const": 9007199254740993_u64}), "9007199254740992.0", false),
        (json!({"const": 1}), "1.0", true),
        (json!({"const": [{"a": -0.0}]}), r#"[{"a": 0}]"#, true),
        (json!({"maximum": 18446744073709551615_u64}), "1.8446744073709552e19", false),
        (json!({"minimum": 0.5}), "1", true),
        (json!({"exclusiveMinimum": -1.5}), "-1.5", false),
        (json!({"type": "integer"}), "1e300", true),
        (json!({"type": "integer"}), "1.5", false),
        (json!({"uniqueItems": true}), "[1, true, \"1\", [1], {}]", true),
        (json!({"uniqueItems": true}), "[[1, {\"a\": 1}], 2, [1.0, {\"a\": 1.0}]]", false),
        (json!({"enum": [0]}), "false", false),
    ] {
        let value: Value = value.parse().unwrap();
        assert_eq!(faults(&schema, &value).is_empty(), fits, "{schema} {value}");
    }
}

#[test]
fn nulls_that_say_nothing_are_taken_away() {
    let schema = Schema::parse(&json!({
        "type": "object",
        "properties": {
            "must": {"type": ["string", "null"]},
            "name": {"type": "string"},
            "may": {"type": "string"},
            "both": {"type": ["string", "null"]},
            "list": {"items": {"$ref": "#/$defs/item"}},
            "kind": {"anyOf": [
                {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["b"]},
                {"type": "object", "properties": {"a": {"type": "null"}}, "required": ["a"], "additionalProperties": false},
            ]},
        },
        "required": ["must", "name"],
        "$defs": {"item": {"type": "object", "properties": {"next": {"$ref": "#/$defs/item"}}}},
    }))
    .unwrap();
    let accept = |answer: Value| schema.accept(answer);
    let told = |answer: Value| accept(answer).unwrap_err().remove(0).message;
    for (answer, expected) in [
        (json!({"may": null, "both": null}), json!({"both": null})),
        (json!({"list": [{"next": {"next": null}}]}), json!({"list": [{"next": {}}]})),
        (json!({"kind": {"a": null, "b": 1}}), json!({"kind": {"b": 1}})),
        (json!({"kind": {"a": null}}), json!({"kind": {"a": null}})),
        (json!({"unknown": null}), json!({"unknown": null})),
    ] {
        let with_needed = |mut value: Value| {
            value["must"] = Value::Null;
            value["name"] = json!("n");
            value
        };
        assert_eq!(accept(with_needed(answer)), Ok(with_needed(expected)));
    }
    assert_eq!(told(json!({"must": "x", "name": null})), "`name` must be a string, not `null`");
    assert_eq!(
        told(json!({"must": "x", "name": "n", "list": [null]})),
        "`list[0]` must be an object, not `null`"
    );
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-3i64..4).prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-30i32..40).prop_map(|tenths| json!(f64::from(tenths) / 10.0)),
        "[ab]{0,3}".prop_map(Value::from),
        "\\PC{0,3}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-d]", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Schemas of all our keywords, mostly sound.
fn schema() -> impl Strategy<Value = Value> {
    let kind = prop::sample::select(super::Kind::ALL.map(|(name, ..)| name).to_vec());
    let number = prop::sample::select(vec![json!(0), json!(1), json!(2.0), json!(0.1), json!(1.5)]);
    let keyword = |names: &[&'static str]| prop::sample::select(names.to_vec());
    let sizes = keyword(&[
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "minProperties",
        "maxProperties",
    ]);
    let bounds = keyword(&["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        kind.clone().prop_map(|kind| json!({"type": kind})),
        prop::collection::hash_set(kind, 1..3).prop_map(|kinds| json!({"type": kinds})),
        prop::collection::vec(value(), 1..4).prop_map(|values| json!({"enum": values})),
        value().prop_map(|value| json!({"const": value})),
        (sizes, 0..4u8).prop_map(|(name, limit)| json!({name: limit})),
        (bounds, number).prop_map(|(name, limit)| json!({name: limit})),
        prop::sample::select(vec![json!(1), json!(2), json!(0.5), json!(0.1), json!(0.01)])
            .prop_map(|step| json!({"multipleOf": step})),
        Just(json!({"uniqueItems": true})),
        prop::collection::hash_set("[a-d]", 0..3).prop_map(|names| json!({"required": names})),
        Just(json!({"additionalProperties": {"$ref": "#"}})),
        Just(json!({"items": {"$ref": "#/$defs/it"}})),
    ];
    let nested = leaf.prop_recursive(4, 24, 4, |inner| {
        let list = prop::collection::vec(inner.clone(), 1..4);
        let several = prop::sample::select(vec!["anyOf", "oneOf", "allOf", "prefixItems"]);
        let one = prop::sample::select(vec!["not", "items", "additionalProperties"]);
        let members = prop::collection::btree_map("[a-d]", inner.clone(), 0..4);
        prop_oneof![
            (several, list).prop_map(|(name, schemas)| json!({name: schemas})),
            (one, inner.clone()).prop_map(|(name, schema)| json!({name: schema})),
            members.prop_map(|members| json!({"properties": members})),
            (inner.clone(), inner).prop_map(|(left, right)| merged(left, right)),
        ]
    });
    (nested, value()).prop_map(|(schema, value)| {
        merged(schema, json!({"$defs": {"it": {"anyOf": [{"const": value}, {"type": "string"}]}}}))
    })
}

fn merged(left: Value, right: Value) -> Value {
    match (left, right) {
        (Value::Object(mut left), Value::Object(right)) => {
            left.extend(right);
            Value::Object(left)
        }
        (left, _) => left,
    }
}

proptest! {
    #[test]
    fn another_validator_agrees(schema in schema(), value in value()) {
        let expected = jsonschema::draft202012::is_valid(&schema, &value);
        let told = faults(&schema, &value);
        prop_assert_eq!(told.is_empty(), expected, "{} {} {}", schema, value, told);
    }

    #[test]
    fn what_is_accepted_fits(schema in schema(), value in value()) {
        let schema = Schema::parse(&schema).unwrap();
        match schema.accept(value.clone()) {
            Ok(accepted) => prop_assert_eq!(schema.check(&accepted), vec![]),
            Err(faults) => prop_assert!(!faults.is_empty() && !schema.check(&value).is_empty()),
        }
    }

    /// Whatever is given as a schema, it is read or refused, and then used, without a stop.
    #[test]
    fn nothing_stops_the_reader(schema in odd_schema(), value in value()) {
        if let Ok(schema) = Schema::parse(&schema) {
            let _ = schema.accept(value);
        }
    }
}

/// Values with our keywords as names, in places where they make no sense.
fn odd_schema() -> impl Strategy<Value = Value> {
    let names = vec![
        "$ref",
        "$defs",
        "type",
        "enum",
        "properties",
        "required",
        "additionalProperties",
        "items",
        "prefixItems",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "minLength",
        "maximum",
        "multipleOf",
        "a",
    ];
    let references = vec!["#", "#/anyOf/0", "#/not", "#/$defs/a", "#/%", "#x", ""];
    let leaf = prop_oneof![value(), prop::sample::select(references).prop_map(Value::from)];
    leaf.prop_recursive(5, 32, 4, move |inner| {
        let members =
            prop::collection::vec((prop::sample::select(names.clone()), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::from),
            members.prop_map(|members| {
                members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}
