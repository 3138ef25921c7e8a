//! Web triggers: one delivery from a tool, verified before anything of it is believed.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tutti_connect::Verify;
use tutti_core::digest;

use crate::host::{Answer, Host};
use crate::inbound::{self, Refusal};

/// The largest delivery read, in bytes.
const BODY_BYTES_MAX: usize = 200 * 1024;
/// How far a signed timestamp may be from now, in seconds.
const SKEW_S: i64 = 300;
/// The answer to a delivery that was taken.
pub const ACCEPTED: &str = "accepted";

/// One delivery to a web trigger.
pub async fn hook(request: &Value, host: &Host) -> Answer {
    answer(delivered(request, host).await)
}

/// What the sender of a delivery is answered.
pub fn answer(delivered: Result<(), Refusal>) -> Answer {
    let output = delivered.map_or_else(Refusal::output, |()| ACCEPTED);
    Answer::Ok(json!({"outputKey": output}))
}

async fn delivered(request: &Value, host: &Host) -> Result<(), Refusal> {
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let (tool, body) = (text("tool"), text("body"));
    let events = tutti_connect::connector(tool).map(|connector| &connector.events);
    let hook = events.and_then(|events| events.hook.as_ref()).ok_or(Refusal::Unauthorized)?;
    if body.len() > BODY_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let secret: Option<String> =
        host.port("secret", json!({"key": format!("hook.{tool}")})).await?;
    let secret = secret.filter(|secret| !secret.is_empty()).ok_or(Refusal::Unauthorized)?;
    let genuine = match &hook.verify {
        Verify::Token(name) => same(&header(request, name), &secret),
        Verify::Signature(name) => {
            is_signed(&header(request, name), body, &secret, host.now() / 1000)
        }
    };
    if !genuine {
        return Err(Refusal::Unauthorized);
    }
    let payload: Value = serde_json::from_str(body).map_err(|_| Refusal::Malformed)?;
    if !payload.is_object() {
        return Err(Refusal::Malformed);
    }
    let topic = format!("webhook:{}", hook.starts.as_deref().unwrap_or(tool));
    inbound::arrived(host, tool, &topic, &payload).await
}

fn header(request: &Value, name: &str) -> String {
    let headers = request.get("headers").and_then(Value::as_object);
    let found = headers.into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case(name));
    match found.map(|(_, value)| value) {
        Some(Value::Array(values)) => values.first().map(plain).unwrap_or_default(),
        Some(value) => plain(value),
        None => String::new(),
    }
}

/// Whether `t=<seconds>,v1=<hex>` signs this body with this secret, near enough to now.
fn is_signed(signature: &str, body: &str, secret: &str, now_s: i64) -> bool {
    let part = |name: &str| {
        signature
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| value.trim().to_owned()))
    };
    let (Some(time), Some(given)) = (part("t"), part("v1")) else { return false };
    let fresh = time.parse::<i64>().is_ok_and(|t| (now_s.saturating_sub(t)).abs() <= SKEW_S);
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(format!("{time}.{body}").as_bytes());
    let ours = digest::hex(&mac.finalize().into_bytes());
    fresh && same(&ours, &given.to_lowercase())
}

/// Compares without telling by its time how much agreed.
fn same(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y));
    a.len() == b.len() && differ == 0
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_773_133_180;

    fn sign(body: &str, secret: &str, time: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.{body}").as_bytes());
        let hex = digest::hex(&mac.finalize().into_bytes());
        format!("t={time},v1={hex}")
    }

    #[test]
    fn only_a_fresh_signature_over_the_raw_body_counts() {
        let good = sign("{}", "s3cret", NOW_S - 20);
        assert!(is_signed(&good, "{}", "s3cret", NOW_S));
        assert!(!is_signed(&good, "{ }", "s3cret", NOW_S), "another body");
        assert!(!is_signed(&good, "{}", "other", NOW_S), "another secret");
        assert!(!is_signed(&good, "{}", "s3cret", NOW_S + 400), "too old");
        assert!(!is_signed(&sign("{}", "s3cret", NOW_S + 400), "{}", "s3cret", NOW_S), "too new");
        for broken in ["", "t=1", "v1=00", "t=x,v1=y", "t=,v1="] {
            assert!(!is_signed(broken, "{}", "s3cret", NOW_S), "{broken}");
        }
    }
}
