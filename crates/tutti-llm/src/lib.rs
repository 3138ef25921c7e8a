//! Tutti speaks with language models here: a question becomes a vendor's request, a vendor's
//! reply becomes an answer.
//!
//! No other crate knows a vendor's words for a role, a schema, a refusal or a limit.

mod connection;
mod openai;
mod strict;
mod wait;

use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::model::{Answer, Question};
use tutti_core::wire::{Reply, Request};

/// A vendor's way of being asked and of answering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Chat completions as OpenAI defined them and Ollama, vLLM and most gateways speak them.
    OpenAi,
}

/// Asks `question` at `connection`, the public settings of a model endpoint:
///
/// - `base_url`: where the API begins, `https://api.openai.com/v1`;
/// - `model`: the model for questions that name none;
/// - `json_schema`: `off` for an endpoint that knows only `json_object`;
/// - `max_tokens_field`: `max_tokens` for one that does not know `max_completion_tokens`.
pub fn request(
    dialect: Dialect,
    connection: &Value,
    question: &Question,
) -> Result<Request, Failure> {
    match dialect {
        Dialect::OpenAi => openai::request(&connection::read(connection)?, question),
    }
}

/// Signs a request, the last step before it leaves. Without a secret it stays as it is: a model
/// in one's own network often needs none.
pub fn authorize(dialect: Dialect, request: &mut Request, secret: &str) -> Result<(), Failure> {
    let secret = secret.trim();
    if secret.is_empty() {
        return Ok(());
    }
    if !secret.chars().all(|char| char.is_ascii_graphic()) {
        let message = "the API key holds characters that no key has";
        return Err(connection::invalid(message));
    }
    let (name, value) = match dialect {
        Dialect::OpenAi => ("authorization", format!("Bearer {secret}")),
    };
    request.headers.insert(name.to_owned(), value);
    Ok(())
}

/// Reads what came back. The text stays as it came; the core parses and checks it.
pub fn read(dialect: Dialect, reply: &Reply) -> Result<Answer, Failure> {
    match dialect {
        Dialect::OpenAi => openai::read(reply),
    }
}
