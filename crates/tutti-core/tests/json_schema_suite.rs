//! The public JSON Schema test suite, draft 2020-12, judges the keywords that we claim.
//! <https://github.com/json-schema-org/JSON-Schema-Test-Suite>

#![allow(clippy::unwrap_used)] // A suite that cannot be read is a failed test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use expect_test::expect;
use serde::Deserialize;
use serde_json::Value;
use tutti_core::schema::Schema;

/// The files of the suite for what we claim, annotations included: those must assert nothing.
const CLAIMED: [&str; 33] = [
    "additionalProperties",
    "allOf",
    "anyOf",
    "boolean_schema",
    "const",
    "content",
    "default",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "infinite-loop-detection",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "optional/bignum",
    "optional/float-overflow",
    "optional/no-schema",
    "prefixItems",
    "properties",
    "ref",
    "required",
    "type",
    "uniqueItems",
];

#[derive(Deserialize)]
struct Group {
    description: String,
    schema: Value,
    tests: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    description: String,
    data: Value,
    valid: bool,
}

#[test]
fn the_public_suite_agrees() {
    let Some(folder) = suite() else { return };
    let mut ran = 0;
    let mut failed = Vec::new();
    let mut refused: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for name in CLAIMED {
        let text = std::fs::read_to_string(folder.join(format!("{name}.json"))).unwrap();
        for group in serde_json::from_str::<Vec<Group>>(&text).unwrap() {
            match Schema::parse(&group.schema) {
                Ok(schema) => {
                    ran += group.tests.len();
                    failed.extend(failures(name, &group, &schema));
                }
                Err(problems) => {
                    let why = problems.into_iter().map(|problem| problem.message).collect();
                    refused.insert(format!("{name}: {}", group.description), why);
                }
            }
        }
    }
    let files = files(&folder);
    let unclaimed = files.iter().map(String::as_str).filter(|name| !CLAIMED.contains(name));
    let unclaimed: Vec<&str> = unclaimed.collect();
    println!("{} files claimed: {ran} tests ran, {} failed", CLAIMED.len(), failed.len());
    println!("{} of their groups refused, by name below in this file", refused.len());
    println!("{} files not claimed: {}", unclaimed.len(), unclaimed.join(", "));
    assert_eq!(failed, Vec::<String>::new());
    let refused = refused.into_iter().map(|(group, why)| {
        format!("{group}: {}\n", why.into_iter().collect::<Vec<_>>().join("; "))
    });
    expect![[r#"
        additionalProperties: additionalProperties being false does not allow other properties: the keyword `patternProperties` is not supported here
        additionalProperties: additionalProperties with propertyNames: the keyword `propertyNames` is not supported here
        additionalProperties: dependentSchemas with additionalProperties: the keyword `dependentSchemas` is not supported here
        additionalProperties: non-ASCII pattern with additionalProperties: the keyword `patternProperties` is not supported here
        not: collect annotations inside a 'not', even if collection is disabled: the keyword `unevaluatedProperties` is not supported here
        properties: properties, patternProperties, additionalProperties interaction: the keyword `patternProperties` is not supported here
        ref: $id must be resolved against nearest parent, not just immediate parent: `http://example.com/b/d.json` does not point into this schema; the keyword `$id` is not supported here
        ref: Recursive references between schemas: `node` does not point into this schema; `tree` does not point into this schema; the keyword `$id` is not supported here
        ref: URN base URI with URN and JSON pointer ref: `urn:uuid:deadbeef-1234-0000-0000-4321feebdaed#/$defs/bar` does not point into this schema
        ref: URN base URI with URN and anchor ref: `urn:uuid:deadbeef-1234-ff00-00ff-4321feebdaed#something` does not point into this schema; the keyword `$anchor` is not supported here
        ref: URN ref with nested pointer ref: `urn:uuid:deadbeef-4321-ffff-ffff-1234feebdaed` does not point into this schema; the keyword `$id` is not supported here; there is no schema at `#/$defs/bar`
        ref: order of evaluation: $id and $anchor and $ref: `#bigint` does not point into this schema; the keyword `$anchor` is not supported here; the keyword `$id` is not supported here
        ref: order of evaluation: $id and $ref: `int.json` does not point into this schema; the keyword `$id` is not supported here
        ref: order of evaluation: $id and $ref on nested schema: `./bar.json` does not point into this schema; `nested/foo.json` does not point into this schema; the keyword `$id` is not supported here
        ref: ref creates new scope when adjacent to keywords: the keyword `unevaluatedProperties` is not supported here
        ref: ref to else: `http://example.com/ref/else` does not point into this schema; the keyword `else` is not supported here
        ref: ref to if: `http://example.com/ref/if` does not point into this schema; the keyword `if` is not supported here
        ref: ref to then: `http://example.com/ref/then` does not point into this schema; the keyword `then` is not supported here
        ref: ref with absolute-path-reference: `/absref/foobar.json` does not point into this schema; the keyword `$id` is not supported here
        ref: refs with relative uris and defs: `schema-relative-uri-defs2.json` does not point into this schema; the keyword `$id` is not supported here; there is no schema at `#/$defs/inner`
        ref: relative refs with absolute uris and defs: `schema-refs-absolute-uris-defs2.json` does not point into this schema; the keyword `$id` is not supported here; there is no schema at `#/$defs/inner`
        ref: remote ref, containing refs itself: `https://json-schema.org/draft/2020-12/schema` does not point into this schema
        ref: simple URN base URI with $ref via the URN: `urn:uuid:deadbeef-1234-ffff-ffff-4321feebdaed` does not point into this schema
    "#]].assert_eq(&refused.collect::<String>());
}

fn failures(file: &str, group: &Group, schema: &Schema) -> Vec<String> {
    let wrong = group.tests.iter().filter(|test| schema.check(&test.data).is_empty() != test.valid);
    wrong.map(|test| format!("{file}: {}: {}", group.description, test.description)).collect()
}

/// The suite's folder for our draft, if it is there.
fn suite() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts");
    let contracts = std::env::var_os("TUTTI_CONTRACTS").map_or(beside, PathBuf::from);
    let folder = contracts.join("suites/json-schema/tests/draft2020-12");
    if !folder.is_dir() {
        println!("skipped: no JSON Schema test suite (set TUTTI_CONTRACTS)");
        return None;
    }
    Some(folder)
}

fn files(folder: &Path) -> Vec<String> {
    let mut open = vec![folder.to_owned()];
    let mut names = Vec::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            open.extend(std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            let name = path.strip_prefix(folder).unwrap().with_extension("");
            names.push(name.to_str().unwrap().to_owned());
        }
    }
    names.sort();
    names
}
