//! Prints requests as JSON for judges outside Rust: those of all examples, or those of the calls
//! given as a JSON list on standard input (`requests -`).

use std::error::Error;
use std::io::{Read, stdin};

use serde::Deserialize;
use serde_json::{Value, json};
use tutti_connect::example::Examples;
use tutti_connect::{Call, catalogue, request};

/// A call as JSON.
#[derive(Deserialize)]
struct Given {
    operation: String,
    #[serde(default)]
    input: Value,
    before: Option<Value>,
    #[serde(default)]
    effect_key: String,
    #[serde(default)]
    connection: Value,
}

fn main() -> Result<(), Box<dyn Error>> {
    let given = match std::env::args().nth(1).as_deref() {
        Some("-") => from_input()?,
        _ => from_examples()?,
    };
    let answers: Vec<Value> = given.iter().map(answer).collect();
    println!("{}", Value::from(answers));
    Ok(())
}

fn from_input() -> Result<Vec<Given>, Box<dyn Error>> {
    let mut json = String::new();
    stdin().read_to_string(&mut json)?;
    Ok(serde_json::from_str(&json)?)
}

fn from_examples() -> Result<Vec<Given>, Box<dyn Error>> {
    let json = include_str!(concat!(env!("OUT_DIR"), "/examples.json"));
    let all: Vec<(String, Examples)> = serde_json::from_str(json)?;
    let given = |(operation, Examples { example, .. })| Given {
        operation,
        input: example.input,
        before: example.before,
        effect_key: example.effect_key,
        connection: example.connection,
    };
    let sent = all.into_iter().filter(|(_, examples)| examples.example.sends.is_some());
    Ok(sent.map(given).collect())
}

fn answer(given: &Given) -> Value {
    let call = Call {
        operation: &given.operation,
        input: &given.input,
        before: given.before.as_ref(),
        effect_key: &given.effect_key,
        connection: &given.connection,
    };
    let scopes = catalogue().declaration(call.operation).map(|found| &found.scopes);
    match request(&call) {
        Ok(request) => json!({ "operation": call.operation, "scopes": scopes, "request": request }),
        Err(failure) => json!({ "operation": call.operation, "failure": failure }),
    }
}
