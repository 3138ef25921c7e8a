//! A second opinion on replies: what `@copilotkit/aimock` 1.43 answers, recorded by `record.mjs`.

#![allow(clippy::unwrap_used)] // A recording that cannot be read is a failed test.

use std::collections::BTreeMap;

use expect_test::expect;
use tutti_core::wire::Reply;
use tutti_llm::{Dialect, read};

#[test]
fn recorded_replies_are_understood() {
    let replies = include_str!("aimock/replies.json");
    let replies: BTreeMap<String, Reply> = serde_json::from_str(replies).unwrap();
    let lines = replies.into_iter().map(|(name, reply)| {
        let read = match read(Dialect::OpenAi, &reply) {
            Ok(answer) => serde_json::to_string(&answer),
            Err(failure) => serde_json::to_string(&failure),
        };
        format!("{name}: {}\n", read.unwrap())
    });
    expect![[r#"
        broke: {"kind":"rejected","code":"insufficient_quota","message":"You exceeded your quota"}
        down: {"kind":"unavailable","status":500}
        filtered: {"kind":"rejected","code":"content_filter","message":"the endpoint's content filter stopped the answer"}
        key: {"kind":"unauthorized"}
        length: {"text":"{\"sever","model":"gpt-5.4-mini","input_tokens":2,"output_tokens":2,"usd_micros":0,"truncated":true}
        limited: {"kind":"rate_limited","after_ms":1000}
        malformed: {"kind":"malformed","reason":"no JSON: key must be a string at line 1 column 2"}
        model: {"kind":"not_found","message":"The model does not exist"}
        stop: {"text":"{\"severity\":\"S1\"}","model":"gpt-5.4-mini","input_tokens":1,"output_tokens":5,"usd_micros":0,"truncated":false}
        tools: {"kind":"malformed","reason":"the answer holds no text"}
        unmatched: {"kind":"unavailable","status":503}
    "#]].assert_eq(&lines.collect::<String>());
}
