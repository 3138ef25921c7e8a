//! Every operation does what the example in its file shows.

#![cfg(test)]

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tutti_connect::example::{Example, Examples, Sends};
use tutti_connect::{Call, catalogue, read, request};
use tutti_core::operation::Catalogue;
use tutti_core::wire::Request;

fn examples() -> BTreeMap<String, Examples> {
    let all: Vec<(String, Examples)> =
        serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/examples.json"))).unwrap();
    all.into_iter().collect()
}

fn call<'a>(operation: &'a str, example: &'a Example) -> Call<'a> {
    Call {
        operation,
        input: &example.input,
        before: example.before.as_ref(),
        effect_key: &example.effect_key,
        connection: &example.connection,
    }
}

/// The request as an example writes it, with the headers the example names.
fn as_sent(request: &Request, expected: &Sends) -> Value {
    let headers = request.headers.iter().filter(|(name, _)| expected.headers.contains_key(*name));
    let body = request
        .body
        .as_ref()
        .map(|body| serde_json::from_str(body).unwrap_or_else(|_| Value::from(body.as_str())));
    json!(Sends {
        method: request.method.clone(),
        url: request.url.clone(),
        headers: headers.map(|(name, value)| (name.clone(), value.clone())).collect(),
        body,
    })
}

/// The first place where two values differ.
fn difference(path: &str, got: &Value, expected: &Value) -> Option<String> {
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => {
            let keys: std::collections::BTreeSet<_> = got.keys().chain(expected.keys()).collect();
            keys.into_iter().find_map(|key| {
                let absent = Value::from("(absent)");
                let side = |object: &serde_json::Map<String, Value>| {
                    object.get(key).unwrap_or(&absent).clone()
                };
                difference(&format!("{path}.{key}"), &side(got), &side(expected))
            })
        }
        (Value::Array(got), Value::Array(expected)) if got.len() == expected.len() => {
            let pairs = got.iter().zip(expected).enumerate();
            pairs.into_iter().find_map(|(index, (got, expected))| {
                difference(&format!("{path}[{index}]"), got, expected)
            })
        }
        _ if got == expected => None,
        _ => Some(format!("{path}: got {got}, the example says {expected}")),
    }
}

/// Runs one check over all operations and names those that fail it.
fn for_each(check: impl Fn(&str, &Examples) -> Option<String>) {
    let wrong: Vec<String> = examples()
        .iter()
        .filter_map(|(id, examples)| check(id, examples).map(|wrong| format!("{id}: {wrong}")))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn every_operation_has_one() {
    assert_eq!(examples().into_keys().collect::<Vec<_>>(), catalogue().ids());
    assert!(catalogue().ids().len() >= 45, "operations got lost");
}

#[test]
fn sends() {
    for_each(|id, Examples { example, .. }| match (request(&call(id, example)), &example.sends) {
        (Ok(request), Some(sends)) => difference("sends", &as_sent(&request, sends), &json!(sends)),
        (Ok(_), None) => Some("the example does not show the request".to_owned()),
        (Err(_), None) => None,
        (Err(failure), Some(_)) => Some(failure.to_string()),
    });
}

#[test]
fn gives() {
    for_each(|id, Examples { example, .. }| {
        match read(&call(id, example), &example.receives.reply(), NOW_MS) {
            Ok(page) => difference("output", &page.output, &example.output),
            Err(failure) => Some(failure.to_string()),
        }
    });
}

#[test]
fn fails() {
    for_each(|id, Examples { example, failures }| {
        failures.iter().find_map(|failing| {
            match read(&call(id, example), &failing.receives.reply(), NOW_MS) {
                Ok(page) => Some(format!("`{}` came out, not {:?}", page.output, failing.failure)),
                Err(failure) => difference("failure", &json!(failure), &json!(failing.failure)),
            }
        })
    });
}

/// 2026-03-10T09:00:00Z.
const NOW_MS: i64 = 1_773_133_200_000;

#[test]
fn a_marker_is_where_the_file_says() {
    for_each(|id, Examples { example, .. }| {
        let marker = catalogue().declaration(id)?.marker.as_ref()?;
        let request = request(&call(id, example)).ok()?;
        let body: Value = serde_json::from_str(&request.body?).ok()?;
        let text = marker.within(&body).and_then(Value::as_str).unwrap_or_default();
        let carried = !example.effect_key.is_empty() && text.contains(&example.effect_key);
        (!carried).then(|| format!("`{marker}` does not hold the effect key but {text:?}"))
    });
}

#[test]
fn what_is_tainted_or_personal_exists() {
    for_each(|id, Examples { example, .. }| {
        let operation = catalogue().operation(id)?;
        let paths = operation.untrusted.iter().chain(&operation.pii);
        let lost = paths.filter(|path| {
            let pointer = path.replace("[]", ".0").replace('.', "/");
            example.output.pointer(&format!("/{pointer}")).is_none()
        });
        let lost: Vec<_> = lost.cloned().collect();
        (!lost.is_empty()).then(|| format!("not in the example's output: {}", lost.join(", ")))
    });
}

#[test]
fn a_probe_finds_what_the_write_left() {
    for_each(|id, Examples { example, .. }| {
        let probe = catalogue().operation(id)?.probe.clone()?;
        let all = examples();
        let reading = &all.get(&probe.operation)?.example;
        let found = match &probe.find {
            Some(list) => reading.output.get(list)?.as_array()?.clone(),
            None => vec![reading.output.clone()],
        };
        let readable = found
            .iter()
            .any(|item| item.pointer(&format!("/{}", probe.path.replace('.', "/"))).is_some());
        (!readable)
            .then(|| format!("`{}` gives no `{}` to search", probe.operation, probe.path))
            .or_else(|| example.effect_key.is_empty().then(|| "the example has no key".to_owned()))
    });
}
