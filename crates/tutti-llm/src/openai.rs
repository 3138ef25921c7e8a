//! OpenAI's chat completions, as OpenAI, Ollama, vLLM and most gateways speak them.
//! <https://developers.openai.com/api/reference/resources/chat/subresources/completions>

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tutti_core::failure::Failure;
use tutti_core::model::{Answer, Message, Question, Role};
use tutti_core::wire::{Reply, Request, Target};

use crate::connection::{Connection, JsonSchema, MaxTokensField, host};
use crate::{strict, wait};

/// Longer messages are cut; they are for people.
const MESSAGE_CHARS: usize = 300;

/// The request that asks `question`.
pub fn request(connection: &Connection, question: &Question) -> Result<Request, Failure> {
    let model = question.model.as_ref().or(connection.model.as_ref());
    let model = model.ok_or_else(|| Failure::Missing { path: "connection.model".into() })?;
    if question.messages.is_empty() {
        return Err(Failure::Missing { path: "question.messages".into() });
    }
    let limit = match connection.max_tokens_field {
        MaxTokensField::MaxCompletionTokens => "max_completion_tokens",
        MaxTokensField::MaxTokens => "max_tokens",
    };
    let mut messages: Vec<(&str, String)> = question.messages.iter().map(message).collect();
    let mut body = Map::new();
    body.insert("model".into(), json!(model));
    body.insert(limit.into(), json!(question.max_output_tokens));
    let format = match connection.json_schema {
        JsonSchema::On => schema_format(question),
        JsonSchema::Off => {
            tell_schema(&mut messages, &question.answer);
            json!({"type": "json_object"})
        }
    };
    body.insert("response_format".into(), format);
    let said = |(role, text): (&str, String)| json!({"role": role, "content": text});
    body.insert("messages".into(), messages.into_iter().map(said).collect());
    if keeps_answers(&connection.base_url) {
        body.insert("store".into(), Value::Bool(false));
    }
    Ok(Request {
        target: Target::Outside,
        method: "POST".into(),
        url: format!("{}/chat/completions", connection.base_url),
        headers: headers(question),
        body: Some(Value::Object(body).to_string()),
    })
}

/// The decision and the attempt travel as headers, which every server lets pass. `metadata` is
/// made for this, but OpenAI takes it only together with `store: true`, and others not at all.
fn headers(question: &Question) -> BTreeMap<String, String> {
    let decision = fitting(&question.decision, |char| char.is_ascii_graphic());
    [
        ("accept", "application/json".to_owned()),
        ("content-type", "application/json".to_owned()),
        ("x-tutti-attempt", question.attempt.to_string()),
        ("x-tutti-decision", decision),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

fn message(message: &Message) -> (&'static str, String) {
    // OpenAI calls instructions `developer` by now and still takes `system`, as everybody does.
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    (role, message.text.clone())
}

/// The answer's schema in strict form; where strict mode has no words for it, as it is.
fn schema_format(question: &Question) -> Value {
    let strict = strict::strict(&question.answer);
    let name =
        fitting(&question.decision, |char| char.is_ascii_alphanumeric() || "_-".contains(char));
    let name: String = name.chars().take(64).collect();
    json!({
        "type": "json_schema",
        "json_schema": {
            "name": if name.is_empty() { "answer" } else { &name },
            "strict": strict.is_some(),
            "schema": strict.as_ref().unwrap_or(&question.answer),
        },
    })
}

/// Puts the schema into the instructions. `json_object` is refused unless a message says "JSON",
/// and many chat templates take one system message only, so it joins the first.
fn tell_schema(messages: &mut Vec<(&str, String)>, schema: &Value) {
    let told = format!(
        "Answer with one JSON object and nothing else. It must satisfy this JSON Schema:\n{schema}"
    );
    match messages.first_mut() {
        Some(("system", text)) => *text = format!("{text}\n\n{told}"),
        _ => messages.insert(0, ("system", told)),
    }
}

/// Whether the endpoint keeps answers unless told not to. Only OpenAI does, and some others
/// (Gemini's) refuse the very word `store`.
/// <https://developers.openai.com/docs/guides/migrate-to-responses>
fn keeps_answers(base_url: &str) -> bool {
    host(base_url).is_some_and(|host| host == "api.openai.com" || host.ends_with(".api.openai.com"))
}

fn fitting(text: &str, fits: impl Fn(char) -> bool) -> String {
    text.chars().map(|char| if fits(char) { char } else { '_' }).collect()
}

/// A completion, as far as it is read. Whatever a server adds or leaves out is its own affair.
#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
    model: Option<String>,
    usage: Option<Usage>,
}

#[derive(Deserialize)]
struct Choice {
    message: Said,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Said {
    content: Option<Content>,
    refusal: Option<String>,
}

/// Some gateways answer in parts, thoughts beside the text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Content {
    Text(String),
    Parts(Vec<Part>),
}

#[derive(Deserialize)]
struct Part {
    text: Option<String>,
}

#[derive(Deserialize)]
struct Usage {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

/// The answer in a reply.
pub fn read(reply: &Reply) -> Result<Answer, Failure> {
    let malformed = |reason: String| Failure::Malformed { reason };
    let body: Result<Value, _> = serde_json::from_str(&reply.body);
    if !(200..300).contains(&reply.status) {
        return Err(failure(reply.status, reply, &body.unwrap_or(Value::Null)));
    }
    let body = body.map_err(|error| malformed(format!("no JSON: {error}")))?;
    if body.get("choices").is_none() && body.get("error").is_some_and(|error| !error.is_null()) {
        return Err(failure(status_within(&body), reply, &body));
    }
    let completion = Completion::deserialize(&body)
        .map_err(|error| malformed(format!("no completion: {error}")))?;
    let choice = completion.choices.into_iter().next();
    let Choice { message, finish_reason } = choice.ok_or_else(|| malformed("no choice".into()))?;
    if let Some(message) = message.refusal.filter(|text| !text.is_empty()) {
        return Err(Failure::Rejected { code: "refusal".into(), message: shortened(&message) });
    }
    if finish_reason.as_deref() == Some("content_filter") {
        let message = "the endpoint's content filter stopped the answer".into();
        return Err(Failure::Rejected { code: "content_filter".into(), message });
    }
    let truncated = finish_reason.as_deref() == Some("length");
    let text = message.content.map(text).unwrap_or_default();
    if text.trim().is_empty() && !truncated {
        return Err(malformed("the answer holds no text".into()));
    }
    let usage = completion.usage.unwrap_or_else(|| estimate(&text));
    Ok(Answer {
        text,
        model: completion.model.unwrap_or_default(),
        input_tokens: usage.prompt_tokens,
        output_tokens: usage.completion_tokens,
        usd_micros: 0,
        truncated,
    })
}

fn text(content: Content) -> String {
    match content {
        Content::Text(text) => text,
        Content::Parts(parts) => parts.into_iter().filter_map(|part| part.text).collect(),
    }
}

/// A token is about four bytes. A server that does not count must not make budgets endless.
fn estimate(text: &str) -> Usage {
    Usage { prompt_tokens: 0, completion_tokens: text.len().div_ceil(4) as u64 }
}

/// What an endpoint says about a request it did not answer. `code` is a word, a number or absent.
struct Told {
    code: Option<String>,
    kind: Option<String>,
    message: String,
}

fn told(body: &Value) -> Told {
    // Gemini wraps its error in a list, older vLLM leaves the `error` around it out.
    let body = body.get(0).unwrap_or(body);
    let error = body.get("error").unwrap_or(body);
    let word = |name: &str| match error.get(name)? {
        Value::String(text) => Some(text.clone()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    let message = word("message").or_else(|| error.as_str().map(str::to_owned));
    Told {
        code: word("code"),
        kind: word("type"),
        message: shortened(&message.unwrap_or_default()),
    }
}

/// Gateways that have begun to answer can no longer choose the status; it is in the body then.
fn status_within(body: &Value) -> u16 {
    let code = body.pointer("/error/code").and_then(Value::as_u64);
    code.and_then(|code| u16::try_from(code).ok()).unwrap_or(400)
}

/// <https://developers.openai.com/docs/guides/error-codes>
fn failure(status: u16, reply: &Reply, body: &Value) -> Failure {
    let Told { code, kind, message } = told(body);
    let after_ms = wait::asked_ms(reply);
    match status {
        401 => Failure::Unauthorized,
        403 => Failure::Forbidden { message },
        404 | 410 => Failure::NotFound { message },
        408 => Failure::Timeout,
        // The account is empty. No wait helps, and it is no budget of the run: what has to be
        // raised is at the vendor, so this must not look like `over_budget`.
        402 | 429 if status == 402 || is_out_of_credit(&[&code, &kind]) => {
            Failure::Rejected { code: "insufficient_quota".into(), message }
        }
        429 => Failure::RateLimited { after_ms },
        // "Come back then" is a limit, whatever the number in front of it.
        503 if after_ms.is_some() => Failure::RateLimited { after_ms },
        500..=599 => Failure::Unavailable { status },
        _ => {
            let code = code.or(kind).unwrap_or_else(|| status.to_string());
            Failure::Rejected { code, message }
        }
    }
}

fn is_out_of_credit(words: &[&Option<String>]) -> bool {
    const WORDS: [&str; 3] =
        ["insufficient_quota", "credit_balance_exhausted", "billing_hard_limit_reached"];
    words.iter().any(|word| word.as_deref().is_some_and(|word| WORDS.contains(&word)))
}

fn shortened(text: &str) -> String {
    text.chars().take(MESSAGE_CHARS).collect()
}

#[cfg(test)]
mod tests;
