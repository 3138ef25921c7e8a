//! OpenAI's own description of its API judges what we ask; ours must not be the only reading.
//!
//! The judge is shown to be one: the same request, spoiled, is refused.

// A contract that cannot be read is a failed test.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use tutti_core::model::{Message, Question, Role};
use tutti_llm::{Dialect, request};

#[test]
fn every_request_we_make_is_in_the_contract() {
    let Some(judge) = judge("CreateChatCompletionRequest") else { return };
    let mut count = 0;
    for connection in connections() {
        for question in questions() {
            let body = asked(&connection, &question);
            let errors: Vec<String> =
                judge.iter_errors(&body).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{body}");
            count += 1;
        }
    }
    println!("{count} requests accepted");
}

type Spoil = fn(&mut Value);

#[test]
fn the_contract_refuses_what_is_wrong() {
    let Some(judge) = judge("CreateChatCompletionRequest") else { return };
    let spoiled: [(&str, Spoil); 14] = [
        ("no model", |body| drop_member(body, "model")),
        ("no messages", |body| drop_member(body, "messages")),
        ("an empty conversation", |body| body["messages"] = json!([])),
        ("a number as content", |body| body["messages"][0]["content"] = json!(5)),
        ("a message of nobody", |body| drop_member(&mut body["messages"][1], "role")),
        ("an unknown role", |body| body["messages"][1]["role"] = json!("customer")),
        ("a format without name", |body| {
            drop_member(&mut body["response_format"]["json_schema"], "name");
        }),
        ("an unknown format", |body| body["response_format"]["type"] = json!("yaml")),
        ("a schema in words", |body| {
            body["response_format"]["json_schema"]["schema"] = json!("an object");
        }),
        ("a limit in words", |body| body["max_completion_tokens"] = json!("many")),
        ("metadata that is no text", |body| body["metadata"] = json!({"attempt": 1})),
        ("a tool without function", |body| body["tools"] = json!([{"type": "function"}])),
        ("a tool's result without id", |body| {
            body["messages"] = json!([{"role": "tool", "content": "5"}]);
        }),
        ("arguments as an object", |body| {
            let call =
                json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": {}}});
            body["messages"] = json!([{"role": "assistant", "tool_calls": [call]}]);
        }),
    ];
    for (name, spoil) in spoiled {
        let mut body = asked(&connections()[0], &questions()[0]);
        spoil(&mut body);
        assert!(!judge.is_valid(&body), "accepted although it has {name}");
    }
}

#[test]
fn the_contract_accepts_what_other_clients_send() {
    let Some(judge) = judge("CreateChatCompletionRequest") else { return };
    let call = json!({"id": "c1", "type": "function", "function": {"name": "jira_issue_search", "arguments": "{}"}});
    let round_trip = json!({
        "model": "gpt-5.4-mini",
        "messages": [
            {"role": "user", "content": "Is it known?"},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c1", "content": "PAY-1"},
        ],
        "tools": [{"type": "function", "function": {"name": "jira_issue_search", "parameters": {"type": "object"}}}],
    });
    assert!(judge.is_valid(&round_trip));
}

fn connections() -> Vec<Value> {
    vec![
        json!({"base_url": "https://api.openai.com/v1", "model": "gpt-5.4-mini"}),
        json!({"base_url": "http://127.0.0.1:8000/v1", "model": "qwen3", "max_tokens_field": "max_tokens"}),
        json!({"base_url": "https://models.example/v1", "model": "m", "json_schema": "off"}),
    ]
}

fn questions() -> Vec<Question> {
    let say = |role, text: &str| Message { role, text: text.into() };
    let strict = json!({
        "type": "object",
        "properties": {
            "severity": {"enum": ["S1", "S2", "S3", "S4"]},
            "labels": {"type": "array", "items": {"type": "string", "maxLength": 20}, "maxItems": 5},
            "note": {"type": "string"},
        },
        "required": ["severity"],
    });
    let open = json!({"type": "object", "additionalProperties": {"type": "number"}});
    let talk = vec![
        say(Role::System, "Decide."),
        say(Role::User, "Checkout fails."),
        say(Role::Assistant, "{}"),
        say(Role::User, ""),
    ];
    let alone = vec![say(Role::User, "Zahlung schlägt fehl \u{1F4B3}\n\"quoted\"")];
    let mut all = Vec::new();
    for (messages, answer) in [(talk.clone(), strict.clone()), (talk, open), (alone, strict)] {
        for decision in ["triage", "steps/all.gitlab/prüfe", ""] {
            all.push(Question {
                decision: decision.into(),
                attempt: 1,
                model: Some("gpt-5.5".into()).filter(|_| decision.is_empty()),
                messages: messages.clone(),
                answer: answer.clone(),
                max_output_tokens: 1_000,
                max_usd_micros: u64::MAX,
            });
        }
    }
    all
}

fn asked(connection: &Value, question: &Question) -> Value {
    let request = request(Dialect::OpenAi, connection, question).unwrap();
    request.body.unwrap().parse().unwrap()
}

fn drop_member(value: &mut Value, name: &str) {
    value.as_object_mut().unwrap().remove(name);
}

/// One schema of OpenAI's OpenAPI document (3.1, whose schemas are JSON Schema 2020-12).
fn judge(name: &str) -> Option<Validator> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/contracts");
    let contracts = std::env::var_os("TUTTI_CONTRACTS").map_or(beside, PathBuf::from);
    let Ok(text) = std::fs::read_to_string(contracts.join("openai-2026-08.json")) else {
        println!("skipped: no openai-2026-08.json (set TUTTI_CONTRACTS)");
        return None;
    };
    let mut document: Value = text.parse().unwrap();
    let components = document["components"].take();
    let schema = json!({"$ref": format!("#/components/schemas/{name}"), "components": components});
    Some(jsonschema::draft202012::new(&schema).unwrap())
}
