//! What is asked, word for word, and what each kind of reply means.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tutti_core::failure::Failure;
use tutti_core::model::{Answer, Message, Question, Role};
use tutti_core::wire::{Reply, Request};

use crate::{Dialect, authorize, read, request};

fn question() -> Question {
    let say = |role, text: &str| Message { role, text: text.into() };
    Question {
        decision: "triage".into(),
        attempt: 2,
        model: None,
        messages: vec![
            say(Role::System, "Decide."),
            say(Role::User, "Checkout fails."),
            say(Role::Assistant, "{}"),
            say(Role::User, "`severity` is missing"),
        ],
        answer: json!({
            "type": "object",
            "properties": {"severity": {"enum": ["S1", "S2"]}, "note": {"type": "string"}},
            "required": ["severity"],
        }),
        max_output_tokens: 800,
        max_usd_micros: u64::MAX,
    }
}

fn asked(connection: Value, question: &Question) -> (Request, Value) {
    let request = request(Dialect::OpenAi, &connection, question).unwrap();
    let body = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
    (request, body)
}

#[test]
fn a_question_becomes_a_request() {
    let connection = json!({"base_url": "https://api.openai.com/v1/", "model": "gpt-5.4-mini"});
    let (request, body) = asked(connection, &question());
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("POST", "https://api.openai.com/v1/chat/completions")
    );
    expect![[r#"
        {
          "accept": "application/json",
          "content-type": "application/json",
          "x-tutti-attempt": "2",
          "x-tutti-decision": "triage"
        }
        {
          "max_completion_tokens": 800,
          "messages": [
            {
              "content": "Decide.",
              "role": "system"
            },
            {
              "content": "Checkout fails.",
              "role": "user"
            },
            {
              "content": "{}",
              "role": "assistant"
            },
            {
              "content": "`severity` is missing",
              "role": "user"
            }
          ],
          "model": "gpt-5.4-mini",
          "response_format": {
            "json_schema": {
              "name": "triage",
              "schema": {
                "additionalProperties": false,
                "properties": {
                  "note": {
                    "type": [
                      "string",
                      "null"
                    ]
                  },
                  "severity": {
                    "enum": [
                      "S1",
                      "S2"
                    ],
                    "type": "string"
                  }
                },
                "required": [
                  "note",
                  "severity"
                ],
                "type": "object"
              },
              "strict": true
            },
            "type": "json_schema"
          },
          "store": false
        }"#]]
    .assert_eq(&format!("{:#}\n{body:#}", json!(request.headers)));
}

#[test]
fn settings_make_the_request_one_that_older_servers_take() {
    let connection = json!({
        "base_url": "http://127.0.0.1:11434/v1",
        "json_schema": "off",
        "max_tokens_field": "max_tokens",
    });
    let mut question = Question { model: Some("qwen3".into()), ..question() };
    question.messages.truncate(1);
    let (_, body) = asked(connection.clone(), &question);
    expect![[r#"
        {
          "max_tokens": 800,
          "messages": [
            {
              "content": "Decide.\n\nAnswer with one JSON object and nothing else. It must satisfy this JSON Schema:\n{\"properties\":{\"note\":{\"type\":\"string\"},\"severity\":{\"enum\":[\"S1\",\"S2\"]}},\"required\":[\"severity\"],\"type\":\"object\"}",
              "role": "system"
            }
          ],
          "model": "qwen3",
          "response_format": {
            "type": "json_object"
          }
        }"#]].assert_eq(&format!("{body:#}"));
    question.messages.remove(0);
    question.messages.push(Message { role: Role::User, text: "Hello.".into() });
    let (_, body) = asked(connection, &question);
    let roles: Vec<_> =
        body["messages"].as_array().unwrap().iter().map(|one| &one["role"]).collect();
    assert_eq!(roles, ["system", "user"]);
}

#[test]
fn names_are_made_to_fit() {
    let connection = json!({"base_url": "https://models.example/v1", "model": "m"});
    let named = |decision: &str| {
        let (request, body) =
            asked(connection.clone(), &Question { decision: decision.into(), ..question() });
        let name = body["response_format"]["json_schema"]["name"].as_str().unwrap().to_owned();
        (name, request.headers["x-tutti-decision"].clone())
    };
    let pair = |name: &str, header: &str| (name.to_owned(), header.to_owned());
    assert_eq!(named("all/triage.1"), pair("all_triage_1", "all/triage.1"));
    assert_eq!(named("prüfe\r\nx: y"), pair("pr_fe__x__y", "pr_fe__x:_y"));
    assert_eq!(named(""), pair("answer", ""));
    assert_eq!(named(&"a".repeat(70)).0.len(), 64);
}

#[test]
fn a_schema_without_strict_form_goes_as_it_is() {
    let open = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let connection = json!({"base_url": "https://models.example/v1", "model": "m"});
    let (_, body) = asked(connection, &Question { answer: open.clone(), ..question() });
    let format = &body["response_format"]["json_schema"];
    assert_eq!((&format["strict"], &format["schema"]), (&json!(false), &open));
}

#[test]
fn only_openai_is_told_not_to_keep_answers() {
    let store = |base_url: &str| {
        let connection = json!({"base_url": base_url, "model": "m"});
        asked(connection, &question()).1.get("store").cloned()
    };
    assert_eq!(store("https://api.openai.com/v1"), Some(json!(false)));
    assert_eq!(store("https://eu.api.openai.com/v1"), Some(json!(false)));
    assert_eq!(store("https://api.openai.com.example/v1"), None);
    assert_eq!(store("https://generativelanguage.googleapis.com/v1beta/openai"), None);
}

#[test]
fn what_cannot_be_asked_says_why() {
    let told = |connection: Value, question: &Question| {
        request(Dialect::OpenAi, &connection, question).unwrap_err().to_string()
    };
    let base = json!({"base_url": "https://models.example/v1"});
    assert_eq!(told(json!({}), &question()), "`connection.base_url` is missing");
    assert_eq!(told(base.clone(), &question()), "`connection.model` is missing");
    let silent = Question { messages: vec![], model: Some("m".into()), ..question() };
    assert_eq!(told(base, &silent), "`question.messages` is missing");
}

#[test]
fn a_secret_goes_into_one_header_and_never_into_debug() {
    let connection = json!({"base_url": "https://models.example/v1", "model": "m"});
    let (unsigned, _) = asked(connection, &question());
    let sign = |secret: &str| {
        let mut request = unsigned.clone();
        authorize(Dialect::OpenAi, &mut request, secret).map(|()| request)
    };
    let signed = sign(" sk-secret\n").unwrap();
    assert_eq!(signed.headers["authorization"], "Bearer sk-secret");
    assert!(!format!("{signed:?}").contains("sk-secret"));
    assert!(format!("{signed:?}").contains("authorization"));
    assert_eq!(sign("  ").unwrap(), unsigned);
    assert!(!format!("{:?}", sign("sk\r\nx-evil: 1")).contains("evil"));
    assert!(sign("sk-ключ").is_err());
}

fn replied(status: u16, headers: &[(&str, &str)], body: &Value) -> Result<Answer, Failure> {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string()));
    let headers: BTreeMap<_, _> = headers.collect();
    read(Dialect::OpenAi, &Reply { status, headers, body: body.to_string() })
}

fn completion(message: Value, finish_reason: &str) -> Value {
    json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_773_133_200,
        "model": "gpt-5.4-mini-2026-03-17",
        "choices": [{"index": 0, "message": message, "finish_reason": finish_reason, "logprobs": null}],
        "usage": {"prompt_tokens": 120, "completion_tokens": 30, "total_tokens": 150},
    })
}

#[test]
fn answers_are_read() {
    let check = |body: &Value, expected: Expect| expected.assert_debug_eq(&replied(200, &[], body));
    let said = |content: Value| json!({"role": "assistant", "content": content, "refusal": null});
    check(
        &completion(said(json!("{\"severity\":  \"S1\"}")), "stop"),
        expect![[r#"
            Ok(
                Answer {
                    text: "{\"severity\":  \"S1\"}",
                    model: "gpt-5.4-mini-2026-03-17",
                    input_tokens: 120,
                    output_tokens: 30,
                    usd_micros: 0,
                    truncated: false,
                },
            )
        "#]],
    );
    check(
        &completion(said(json!("{\"seve")), "length"),
        expect![[r#"
            Ok(
                Answer {
                    text: "{\"seve",
                    model: "gpt-5.4-mini-2026-03-17",
                    input_tokens: 120,
                    output_tokens: 30,
                    usd_micros: 0,
                    truncated: true,
                },
            )
        "#]],
    );
    check(
        &completion(said(Value::Null), "length"),
        expect![[r#"
            Ok(
                Answer {
                    text: "",
                    model: "gpt-5.4-mini-2026-03-17",
                    input_tokens: 120,
                    output_tokens: 30,
                    usd_micros: 0,
                    truncated: true,
                },
            )
        "#]],
    );
    // Thoughts beside the text, no refusal field, no usage: what some gateways send.
    let parts =
        json!([{"type": "thinking", "thinking": []}, {"type": "text", "text": "{\"a\": 1}"}]);
    let mut lean = completion(json!({"content": parts}), "stop");
    lean.as_object_mut().unwrap().retain(|name, _| name == "choices" || name == "object");
    check(
        &lean,
        expect![[r#"
            Ok(
                Answer {
                    text: "{\"a\": 1}",
                    model: "",
                    input_tokens: 0,
                    output_tokens: 2,
                    usd_micros: 0,
                    truncated: false,
                },
            )
        "#]],
    );
}

#[test]
fn what_is_no_answer_is_a_failure() {
    let check = |body: &Value, expected: Expect| {
        expected.assert_eq(&replied(200, &[], body).unwrap_err().to_string());
    };
    let refusal =
        json!({"role": "assistant", "content": null, "refusal": "I cannot help with that."});
    check(
        &completion(refusal, "stop"),
        expect!["refused by the other side (refusal): I cannot help with that."],
    );
    check(
        &completion(json!({"content": "half an ans"}), "content_filter"),
        expect![
            "refused by the other side (content_filter): the endpoint's content filter stopped the answer"
        ],
    );
    check(
        &completion(json!({"content": " "}), "stop"),
        expect!["the answer could not be read: the answer holds no text"],
    );
    check(
        &completion(json!({"content": null, "tool_calls": []}), "tool_calls"),
        expect!["the answer could not be read: the answer holds no text"],
    );
    check(&json!({"choices": []}), expect!["the answer could not be read: no choice"]);
    check(
        &json!({"object": "list"}),
        expect!["the answer could not be read: no completion: missing field `choices`"],
    );
    check(
        &json!([]),
        expect![
            "the answer could not be read: no completion: invalid length 0, expected struct Completion with 3 elements"
        ],
    );
    let page = Reply { status: 200, headers: BTreeMap::new(), body: "<html>".into() };
    expect!["the answer could not be read: no JSON: expected value at line 1 column 1"]
        .assert_eq(&read(Dialect::OpenAi, &page).unwrap_err().to_string());
}

#[test]
fn errors_are_told_by_what_can_be_done() {
    let error = |kind: &str, code: Value, message: &str| json!({"error": {"message": message, "type": kind, "param": null, "code": code}});
    let rejected = |code: &str, message: &str| Failure::Rejected {
        code: code.into(),
        message: message.into(),
    };
    let quota = "You exceeded your current quota";
    for (status, headers, body, expected) in [
        (
            401,
            vec![],
            error(
                "invalid_request_error",
                json!("invalid_api_key"),
                "Incorrect API key provided: sk-x",
            ),
            Failure::Unauthorized,
        ),
        (
            403,
            vec![],
            error("invalid_request_error", Value::Null, "Country not supported"),
            Failure::Forbidden { message: "Country not supported".into() },
        ),
        (
            404,
            vec![],
            error("invalid_request_error", json!("model_not_found"), "No such model"),
            Failure::NotFound { message: "No such model".into() },
        ),
        (408, vec![], json!("timeout"), Failure::Timeout),
        (
            429,
            vec![("retry-after", "20")],
            error("requests", json!("rate_limit_exceeded"), "Slow"),
            Failure::RateLimited { after_ms: Some(20_000) },
        ),
        (
            429,
            vec![("x-ratelimit-reset-requests", "1s")],
            error("tokens", json!("rate_limit_exceeded"), "Slow"),
            Failure::RateLimited { after_ms: Some(1_000) },
        ),
        (429, vec![], json!(null), Failure::RateLimited { after_ms: None }),
        (
            429,
            vec![("retry-after", "20")],
            error("insufficient_quota", json!("insufficient_quota"), quota),
            rejected("insufficient_quota", quota),
        ),
        (
            429,
            vec![],
            error("insufficient_quota", json!("credit_balance_exhausted"), quota),
            rejected("insufficient_quota", quota),
        ),
        (
            402,
            vec![],
            json!({"error": {"code": 402, "message": "Insufficient credits"}}),
            rejected("insufficient_quota", "Insufficient credits"),
        ),
        (500, vec![], json!("oops"), Failure::Unavailable { status: 500 }),
        (
            503,
            vec![],
            error("server_error", Value::Null, "Overloaded"),
            Failure::Unavailable { status: 503 },
        ),
        (
            503,
            vec![("retry-after", "3")],
            json!(""),
            Failure::RateLimited { after_ms: Some(3_000) },
        ),
        (529, vec![], json!(""), Failure::Unavailable { status: 529 }),
        (
            400,
            vec![],
            error("invalid_request_error", json!("context_length_exceeded"), "Too long"),
            rejected("context_length_exceeded", "Too long"),
        ),
        (
            422,
            vec![],
            json!({"object": "error", "type": "BadRequestError", "message": "extra", "code": 400}),
            rejected("400", "extra"),
        ),
        (
            400,
            vec![],
            json!([{"error": {"code": 400, "message": "Unknown name", "status": "INVALID_ARGUMENT"}}]),
            rejected("400", "Unknown name"),
        ),
        (400, vec![], json!({"error": "model is required"}), rejected("400", "model is required")),
        (418, vec![], json!(null), rejected("418", "")),
        (302, vec![], json!(null), rejected("302", "")),
        (
            200,
            vec![],
            json!({"error": {"code": 502, "message": "Provider returned error"}}),
            Failure::Unavailable { status: 502 },
        ),
        (
            200,
            vec![],
            json!({"error": {"code": "moderation", "message": "Flagged"}}),
            rejected("moderation", "Flagged"),
        ),
    ] {
        assert_eq!(replied(status, &headers, &body), Err(expected), "{status} {body}");
    }
    let long = error("invalid_request_error", json!("x"), &"é".repeat(5_000));
    let Err(Failure::Rejected { message, .. }) = replied(400, &[], &long) else { panic!("{long}") };
    assert_eq!(message.chars().count(), 300);
}
