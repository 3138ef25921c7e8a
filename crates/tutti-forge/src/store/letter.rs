//! Letters: what happened for a run, kept until a worker has folded it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::event::Event;

use super::{Transaction, get, short};
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

impl Letter {
    /// The letter of an event for a run; the same id again is the same letter.
    pub fn new(run: &str, id: &str, event: Event) -> Self {
        Self { key: key(run, id), event }
    }

    /// Writes it in a transaction.
    pub fn enclose(&self, transaction: &mut Transaction) {
        transaction.set(self.key.clone(), &self.event);
        transaction.keep_days(KEEP_DAYS);
    }
}

fn key(run: &str, id: &str) -> String {
    format!("inbox:{run}:{}", short(id))
}

/// Keeps an event for a run that may not be there yet, once; the same id again is the same letter.
pub async fn post(host: &Host, run: &str, id: &str, event: &Event) -> Result<String, PortError> {
    let key = key(run, id);
    let arguments = json!({
        "key": key, "value": event, "absent": true, "keep_days": KEEP_DAYS,
    });
    match host.port::<Value>("set", arguments).await {
        Err(error) if !error.is("KEY_CONFLICT") => Err(error),
        _ => Ok(key),
    }
}

/// The letters a run has not folded: those named, read for certain, and those a search finds.
pub async fn letters(host: &Host, run: &str, named: &[String]) -> Result<Vec<Letter>, PortError> {
    let prefix = format!("inbox:{run}:");
    let found: Value = host.port("list", json!({"prefix": prefix, "limit": 50})).await?;
    let keys = found.as_array().into_iter().flatten().filter_map(|item| item.get("key")?.as_str());
    let keys: Vec<String> = keys.map(str::to_owned).collect();
    let mut letters = Vec::new();
    // A search may show what was folded and deleted a moment ago; only a read is certain.
    read_letters(host, &keys, &mut letters).await?;
    read_letters(host, named, &mut letters).await?;
    Ok(letters)
}

/// Reads the letters with these keys to those that are known already.
pub async fn read_letters(
    host: &Host,
    keys: &[String],
    letters: &mut Vec<Letter>,
) -> Result<(), PortError> {
    for key in keys {
        if letters.iter().any(|letter| letter.key == *key) {
            continue;
        }
        if let Some(Ok(event)) = get(host, key).await?.map(serde_json::from_value) {
            letters.push(Letter { key: key.clone(), event });
        }
    }
    Ok(())
}
