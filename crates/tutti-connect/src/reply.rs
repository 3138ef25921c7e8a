//! Replies: what a vendor's answer means in our words, whatever its way of saying no.

use std::time::{Duration, UNIX_EPOCH};

use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::wire::Reply;

use crate::connector::{Connector, Errors, Kind};
use crate::path::Path;

/// Longer messages are cut; they are for people.
const MESSAGE_CHARS: usize = 300;

/// The body of an answer that means success; an empty body is `null`.
pub fn accepted(connector: &Connector, reply: &Reply, now_ms: i64) -> Result<Value, Failure> {
    let body = serde_json::from_str(&reply.body);
    if !(200..300).contains(&reply.status) {
        let told = told(&connector.errors, &body.unwrap_or(Value::Null));
        return Err(failure(connector, reply.status, told, wait_ms(connector, reply, now_ms)));
    }
    let body = match body {
        Ok(body) => body,
        Err(_) if reply.body.trim().is_empty() => return Ok(Value::Null),
        Err(error) => return Err(Failure::Malformed { reason: format!("no JSON: {error}") }),
    };
    let denied = |path: &Path| path.within(&body) == Some(&Value::Bool(false));
    if connector.errors.unless.as_ref().is_some_and(denied) {
        let told = told(&connector.errors, &body);
        return Err(failure(connector, reply.status, told, wait_ms(connector, reply, now_ms)));
    }
    Ok(body)
}

/// Looks into an answer that holds the answers of several requests: the one that failed speaks
/// for all. With all-or-none the others only say that they were undone.
/// <https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_subrequest_result.htm>
pub fn accepted_parts(connector: &Connector, body: &Value) -> Result<(), Failure> {
    let malformed =
        || Failure::Malformed { reason: "the parts of the answer are not there".into() };
    let parts = body.get("compositeResponse").and_then(Value::as_array);
    let parts = parts.filter(|parts| !parts.is_empty()).ok_or_else(malformed)?;
    let mut undone = None;
    for part in parts {
        let status = part.get("httpStatusCode").and_then(Value::as_u64);
        let status = status.and_then(|status| u16::try_from(status).ok()).ok_or_else(malformed)?;
        if !(200..300).contains(&status) {
            let told = told(&connector.errors, part.get("body").unwrap_or(&Value::Null));
            let halted = told.code.as_deref() == Some("PROCESSING_HALTED");
            let failure = failure(connector, status, told, None);
            if !halted {
                return Err(failure);
            }
            undone = Some(failure);
        }
    }
    undone.map_or(Ok(()), Err)
}

/// What the vendor said.
struct Told {
    code: Option<String>,
    message: String,
}

fn told(errors: &Errors, body: &Value) -> Told {
    let at = |path: &Path| path.within(body).map(words).filter(|text| !text.is_empty());
    let message: Vec<String> = errors.message.iter().filter_map(at).collect();
    let message: String = message.join("; ").chars().take(MESSAGE_CHARS).collect();
    Told { code: errors.code.iter().find_map(at), message }
}

/// Text as it is, `{field: what is wrong}` as `field: what is wrong`, lists joined.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(words).collect::<Vec<_>>().join("; "),
        Value::Object(members) => {
            let member = |(name, value)| format!("{name}: {}", words(value));
            members.iter().map(member).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

fn failure(connector: &Connector, status: u16, told: Told, after_ms: Option<u64>) -> Failure {
    let Told { code, message } = told;
    let kind = code.as_ref().and_then(|code| connector.errors.kinds.get(code)).copied();
    match kind.or_else(|| kind_of(status, after_ms)) {
        // A server error told by code may come with any status.
        Some(Kind::Unavailable) if status < 500 => Failure::Unavailable { status: 503 },
        Some(Kind::Unavailable) => Failure::Unavailable { status },
        Some(Kind::RateLimited) => Failure::RateLimited { after_ms },
        Some(Kind::Unauthorized) => Failure::Unauthorized,
        Some(Kind::Forbidden) => Failure::Forbidden { message: message_or(message, code) },
        Some(Kind::NotFound) => Failure::NotFound { message: message_or(message, code) },
        Some(Kind::Conflict) => Failure::Conflict { message: message_or(message, code) },
        None => {
            let code = code.unwrap_or_else(|| status.to_string());
            Failure::Rejected { message: message_or(message, Some(code.clone())), code }
        }
    }
}

fn message_or(message: String, code: Option<String>) -> String {
    if message.is_empty() { code.unwrap_or_default() } else { message }
}

fn kind_of(status: u16, after_ms: Option<u64>) -> Option<Kind> {
    match status {
        401 => Some(Kind::Unauthorized),
        403 => Some(Kind::Forbidden),
        404 | 410 => Some(Kind::NotFound),
        409 | 412 => Some(Kind::Conflict),
        429 => Some(Kind::RateLimited),
        // "Come back then" is a limit, whatever the number in front of it.
        503 if after_ms.is_some() => Some(Kind::RateLimited),
        500..=599 => Some(Kind::Unavailable),
        _ => None,
    }
}

/// How long the other side asks to wait, by `Retry-After` or the connector's own header.
fn wait_ms(connector: &Connector, reply: &Reply, now_ms: i64) -> Option<u64> {
    let own = connector.retry_header.as_deref();
    let mut headers = ["retry-after"].into_iter().chain(own);
    headers.find_map(|name| wait(reply.headers.get(name)?.trim(), now_ms))
}

/// Seconds, a moment in seconds since 1970, or an HTTP date.
fn wait(text: &str, now_ms: i64) -> Option<u64> {
    let until = |then_ms: i64| Some(u64::try_from(then_ms.saturating_sub(now_ms)).unwrap_or(0));
    match text.parse::<u64>() {
        Ok(seconds) if seconds < 1_000_000_000 => Some(seconds * 1000),
        Ok(moment) => until(i64::try_from(moment).ok()?.saturating_mul(1000)),
        Err(_) => {
            let then = httpdate::parse_http_date(text).ok()?;
            let since: Duration = then.duration_since(UNIX_EPOCH).ok()?;
            until(i64::try_from(since.as_millis()).ok()?)
        }
    }
}
