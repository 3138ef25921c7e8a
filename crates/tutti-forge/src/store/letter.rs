//! Letters: what happened for a run, kept until a worker has folded it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::event::Event;

use super::{get, short};
use crate::host::{Host, PortError};

/// How long a letter that nobody reads is kept, in days.
const KEEP_DAYS: u32 = 180;

/// Something that happened for a run, kept until a worker has folded it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter {
    /// The key it is stored at.
    pub key: String,
    /// What happened.
    pub event: Event,
}

/// Keeps an event for a run, once; the same id again is the same letter.
pub async fn post(host: &Host, run: &str, id: &str, event: &Event) -> Result<String, PortError> {
    let key = format!("inbox:{run}:{}", short(id));
    let arguments = json!({
        "key": key, "value": event, "absent": true, "keep_days": KEEP_DAYS,
    });
    match host.port::<Value>("set", arguments).await {
        Err(error) if !error.is("KEY_CONFLICT") => Err(error),
        _ => Ok(key),
    }
}

/// The letters a run has not folded: the one named, read for certain, and those a search finds.
pub async fn letters(
    host: &Host,
    run: &str,
    named: Option<&str>,
) -> Result<Vec<Letter>, PortError> {
    let found: Value =
        host.port("list", json!({"prefix": format!("inbox:{run}:"), "limit": 50})).await?;
    let mut letters: Vec<Letter> = Vec::new();
    let mut take = |key: &str, value: Option<Value>| {
        let known = letters.iter().any(|letter| letter.key == key);
        if let (false, Some(Ok(event))) = (known, value.map(serde_json::from_value)) {
            letters.push(Letter { key: key.to_owned(), event });
        }
    };
    for item in found.as_array().into_iter().flatten() {
        // A search may show what was folded and deleted a moment ago; only a read is certain.
        if let Some(key) = item.get("key").and_then(Value::as_str) {
            take(key, get(host, key).await?);
        }
    }
    if let Some(key) = named {
        take(key, get(host, key).await?);
    }
    Ok(letters)
}
