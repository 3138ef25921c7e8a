//! What the core asks of a language model and what it gets back, in no vendor's dialect.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One question to a model. The dialect crates turn it into a vendor's request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The decision's id in the flow, for the vendor's log and for scripted models.
    pub decision: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The model to use; the connection's default if absent.
    #[serde(default)]
    pub model: Option<String>,
    /// The conversation, system first.
    pub messages: Vec<Message>,
    /// The JSON Schema the answer must satisfy.
    pub answer: Value,
    /// The most tokens the answer may use.
    pub max_output_tokens: u32,
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
}

/// Who speaks in a conversation with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The instructions.
    System,
    /// What we ask and show.
    User,
    /// What the model said.
    Assistant,
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text as it came; parsing it is the core's business.
    pub text: String,
    /// The model that answered, as it calls itself.
    pub model: String,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Millionths of a US dollar it cost, if the admin entered prices.
    #[serde(default)]
    pub usd_micros: u64,
    /// Whether the answer was cut at the token limit.
    pub truncated: bool,
}
