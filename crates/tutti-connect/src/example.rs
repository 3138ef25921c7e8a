//! An example: one real exchange of an operation, executed by tests and shown in documents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::wire::Reply;

/// The part of an operation's file that shows it at work.
#[derive(Debug, Clone, Deserialize, Serialize)]
pub struct Examples {
    /// What goes well.
    pub example: Example,
    /// Answers that mean failure, to the request of the example.
    #[serde(default)]
    pub failures: Vec<Failing>,
}

/// One exchange.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The connection's public settings.
    #[serde(default)]
    pub connection: Value,
    /// The effect's key.
    #[serde(default)]
    pub effect_key: String,
    /// The arguments.
    #[serde(default = "Example::no_input")]
    pub input: Value,
    /// What `before` read.
    pub before: Option<Value>,
    /// The request; none where the host performs the operation itself.
    pub sends: Option<Sends>,
    /// The answer.
    pub receives: Receives,
    /// What the operation gives.
    pub output: Value,
}

impl Example {
    fn no_input() -> Value {
        Value::Object(serde_json::Map::new())
    }
}

/// A request as a person would write it down.
#[derive(Debug, Clone, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Sends {
    /// The method.
    pub method: String,
    /// The URL or the product's path, with its query.
    pub url: String,
    /// Headers worth showing; all others are the usual ones.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body, as JSON where it is JSON.
    pub body: Option<Value>,
}

/// An answer as a person would write it down.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Receives {
    /// The status.
    pub status: u16,
    /// Headers that matter.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; text stands for itself.
    pub body: Option<Value>,
}

/// An answer that means failure.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Failing {
    /// The answer.
    pub receives: Receives,
    /// What it means.
    pub failure: Failure,
}

impl Receives {
    /// The answer as it would come over the wire.
    pub fn reply(&self) -> Reply {
        let body = match &self.body {
            None => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(json) => json.to_string(),
        };
        Reply { status: self.status, headers: self.headers.clone(), body }
    }
}
