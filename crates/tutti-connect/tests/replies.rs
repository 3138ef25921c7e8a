//! What answers mean, and that no answer and no argument can do harm.

#![cfg(test)]

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use tutti_connect::example::{Example, Examples};
use tutti_connect::{Call, Page, Pages, catalogue, read, request};
use tutti_core::failure::Failure;
use tutti_core::operation::{Catalogue, InputKind};
use tutti_core::wire::Reply;

/// 2026-03-10T09:00:00Z.
const NOW_MS: i64 = 1_773_133_200_000;

fn examples() -> Vec<(String, Example)> {
    let json = include_str!(concat!(env!("OUT_DIR"), "/examples.json"));
    let all: Vec<(String, Examples)> = serde_json::from_str(json).unwrap();
    all.into_iter().map(|(id, examples)| (id, examples.example)).collect()
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

fn reply(status: u16, headers: &[(&str, &str)], body: &str) -> Reply {
    let header = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Reply { status, headers: headers.iter().map(header).collect(), body: body.into() }
}

/// Reads an answer to `jira.issue.get`.
fn jira(reply: &Reply) -> Result<Page, Failure> {
    let (input, none) = (json!({ "issue": "PAY-88" }), Value::Null);
    let operation = "jira.issue.get";
    let call = Call { operation, input: &input, before: None, effect_key: "", connection: &none };
    read(&call, reply, NOW_MS)
}

#[test]
fn each_status_has_its_meaning() {
    let told = |status, headers: &[(&str, &str)], body: &str| {
        let failure = jira(&reply(status, headers, body)).unwrap_err();
        let after = match failure {
            Failure::RateLimited { after_ms: Some(after) } => format!(" after {after}"),
            _ => String::new(),
        };
        format!("{}{after}", failure.kind())
    };
    let date = ("retry-after", "Tue, 10 Mar 2026 09:00:20 GMT");
    let past = ("retry-after", "Tue, 10 Mar 2026 08:00:00 GMT");
    for (expected, got) in [
        ("unauthorized", told(401, &[], "")),
        ("forbidden", told(403, &[], "{}")),
        ("not_found", told(404, &[], "<html>")),
        ("not_found", told(410, &[], "")),
        ("conflict", told(409, &[], "")),
        ("conflict", told(412, &[], "")),
        ("rate_limited", told(429, &[], "")),
        ("rate_limited after 5000", told(429, &[("retry-after", " 5 ")], "")),
        ("rate_limited after 20000", told(429, &[date], "")),
        ("rate_limited after 0", told(429, &[past], "")),
        ("rate_limited", told(429, &[("retry-after", "soon")], "")),
        ("rate_limited after 7000", told(503, &[("retry-after", "7")], "")),
        ("unavailable", told(503, &[], "")),
        ("unavailable", told(500, &[("retry-after", "7")], "")),
        ("rejected", told(400, &[], "")),
        ("rejected", told(418, &[], "")),
        ("rejected", told(302, &[], "")),
        ("malformed", told(200, &[], "<html>")),
        ("malformed", told(200, &[], "")),
        ("malformed", told(200, &[], "{\"id\":")),
    ] {
        assert_eq!(got, expected);
    }
}

#[test]
fn a_message_is_cut() {
    let body = json!({ "errorMessages": ["é".repeat(1000)] }).to_string();
    let failure = jira(&reply(400, &[], &body)).unwrap_err();
    let expected = Failure::Rejected { code: "400".into(), message: "é".repeat(300) };
    assert_eq!(failure, expected);
}

#[test]
fn unknown_fields_change_nothing() {
    fn grow(value: &mut Value) {
        match value {
            Value::Object(members) => {
                members.values_mut().for_each(grow);
                members.insert("newSince2027".into(), json!({ "deep": [null] }));
            }
            Value::Array(items) => items.iter_mut().for_each(grow),
            _ => {}
        }
    }
    // Where the output is the vendor's own value, its members belong to the output.
    let open = ["jira.issue.property.get", "tutti.run.get"];
    for (id, mut example) in examples().into_iter().filter(|(id, _)| !open.contains(&&**id)) {
        example.receives.body.iter_mut().for_each(grow);
        let page = read(&call(&id, &example), &example.receives.reply(), NOW_MS);
        assert_eq!(page.map(|page| page.output), Ok(example.output.clone()), "{id}");
    }
}

#[test]
fn a_null_anywhere_is_survived() {
    /// Every version of `value` with one place set to `null`.
    fn with_one_null(value: &Value) -> Vec<Value> {
        let mut all = vec![Value::Null];
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    for changed in with_one_null(member) {
                        let mut copy = members.clone();
                        copy.insert(name.clone(), changed);
                        all.push(copy.into());
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    for changed in with_one_null(item) {
                        let mut copy = items.clone();
                        copy[index] = changed;
                        all.push(copy.into());
                    }
                }
            }
            _ => {}
        }
        all
    }
    let mut read_well = 0;
    for (id, example) in examples() {
        for body in with_one_null(example.receives.body.as_ref().unwrap_or(&Value::Null)) {
            let reply = Reply { body: body.to_string(), ..example.receives.reply() };
            match read(&call(&id, &example), &reply, NOW_MS) {
                Ok(_) => read_well += 1,
                Err(Failure::Malformed { .. }) => {}
                Err(failure) => panic!("{id}: {failure} from {body}"),
            }
        }
    }
    assert!(read_well > 200, "{read_well}");
}

/// A page of `jira.issue.search` with one issue.
fn search_page(key: &str, next: Option<&str>) -> Reply {
    let body = json!({ "issues": [{ "key": key, "fields": {} }], "nextPageToken": next });
    reply(200, &[], &body.to_string())
}

#[test]
fn pages_become_one_list_up_to_the_cap() {
    let (input, none) = (json!({ "jql": "project = PAY" }), Value::Null);
    let operation = "jira.issue.search";
    let call = Call { operation, input: &input, before: None, effect_key: "", connection: &none };
    let walk = |last: usize| {
        let mut pages = Pages::of(operation).unwrap();
        let mut next = Some(request(&call).unwrap());
        let mut asked = Vec::new();
        while let Some(request) = next {
            let body: Value = serde_json::from_str(&request.body.unwrap()).unwrap();
            asked.push(body["nextPageToken"].as_str().unwrap_or("first").to_owned());
            let number = asked.len();
            let token = format!("t{number}");
            let page = search_page(&format!("PAY-{number}"), (number < last).then_some(&*token));
            next = pages.add(read(&call, &page, NOW_MS).unwrap());
        }
        let output = pages.into_output();
        let keys: Vec<Value> =
            output["issues"].as_array().unwrap().iter().map(|issue| issue["key"].clone()).collect();
        (asked.join(" "), json!(keys), output["more"].clone())
    };
    let two = ("first t1".to_owned(), json!(["PAY-1", "PAY-2"]), Value::Null);
    assert_eq!(walk(2), two);
    let (asked, keys, more) = walk(9);
    assert_eq!((asked.as_str(), more), ("first t1 t2 t3 t4", json!(true)));
    assert_eq!(keys.as_array().unwrap().len(), 5);
}

#[test]
fn what_is_missing_is_named() {
    let none = Value::Null;
    let told = |operation, input: Value, before: Option<&Value>| {
        let call = Call { operation, input: &input, before, effect_key: "k", connection: &none };
        request(&call).unwrap_err()
    };
    let missing = |path: &str| Failure::Missing { path: path.into() };
    assert_eq!(told("jira.issue.get", json!({}), None), missing("input.issue"));
    let row = json!({ "id": "1", "row": ["a"] });
    assert_eq!(told("confluence.page.append_row", row, None), missing("before.body"));
    assert_eq!(told("gitlab.user.me", json!({}), None), missing("connection.base_url"));
    assert_eq!(told("jira.issue.launch", json!({}), None).kind(), "rejected");
}

#[test]
fn an_address_cannot_lead_elsewhere() {
    let input = json!({});
    for (base, good) in [
        ("https://gitlab.example", true),
        ("http://127.0.0.1:8080/gitlab", true),
        ("https://gitlab.example/", true),
        ("https://gitlab.example//x", false),
        ("gitlab.example", false),
        ("https://", false),
        ("ftp://gitlab.example", false),
        ("https://me@gitlab.example", false),
        ("https://gitlab.example?x=", false),
        ("https://gitlab.example/#", false),
        ("https://gitlab.example/../x", false),
    ] {
        let connection = json!({ "base_url": base });
        let operation = "gitlab.user.me";
        let call = Call {
            operation,
            input: &input,
            before: None,
            effect_key: "",
            connection: &connection,
        };
        let made = request(&call).map(|request| request.url);
        let expected = format!("{}/api/v4/user", base.trim_end_matches('/'));
        assert_eq!(made.is_ok_and(|url| url == expected), good, "{base}");
    }
}

/// The parts of a URL that say what is addressed.
fn shape(url: &str) -> (usize, Vec<String>) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let names = query.split('&').map(|pair| pair.split('=').next().unwrap_or_default().to_owned());
    (path.split('/').count(), names.collect())
}

proptest! {
    // Every case runs all operations.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_argument_changes_what_is_addressed(
        text in prop_oneof!["\\PC{0,12}", "[./\\\\%?#&=:@ ]{0,6}", "\\.\\./x", "x\r\ny: z"]
    ) {
        for (id, mut example) in examples() {
            let operation = catalogue().operation(&id).unwrap();
            let Some(sends) = &example.sends else { continue };
            let meant = shape(&sends.url);
            for (name, input) in &operation.input {
                let given = example.input.get(name).is_some();
                if given && matches!(input.kind, InputKind::Text | InputKind::Any) {
                    example.input[name] = json!(text);
                }
            }
            if let Ok(request) = request(&call(&id, &example)) {
                prop_assert_eq!(shape(&request.url), meant, "{}", &id);
                prop_assert!(!request.url.contains(['#', ' ', '\\', '\r', '\n']));
                let path = request.url.split('?').next().unwrap_or_default();
                prop_assert!(!path.split('/').any(|segment| segment == ".." || segment == "."));
            }
        }
    }

    #[test]
    fn no_answer_is_a_panic(
        status in 100u16..600, body in "\\PC{0,40}|\\{\"(ok|records|issues)\":[\\[{nt0-9\\]}]{0,6}\\}"
    ) {
        for (id, example) in examples() {
            let reply = Reply { status, headers: BTreeMap::new(), body: body.clone() };
            let _ = read(&call(&id, &example), &reply, NOW_MS);
        }
    }
}
