//! Letters: what happened for a run, kept until a worker has folded it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::event::Event;

use super::{Transaction, get, short};
use crate::host::{Host, PortError};

/// How long a letter that nobody reads is kept, in days.
const KEEP_DAYS: u32 = 180;

/// Something that happened for a run, kept until a worker has folded it.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The key it is stored at.
    pub key: String,
    /// When it was said, milliseconds since 1970; those of earlier releases do not tell.
    pub said_at: i64,
    /// What happened.
    pub event: Event,
}

/// A letter as it is stored.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(default)]
    said_at: i64,
    #[serde(flatten)]
    event: Event,
}

impl Letter {
    /// The letter of an event for a run; the same id again is the same letter.
    pub fn new(run: &str, id: &str, event: Event, said_at: i64) -> Self {
        Self { key: key(run, id), said_at, event }
    }

    /// Writes it in a transaction.
    pub fn enclose(&self, transaction: &mut Transaction) {
        transaction.set(self.key.clone(), &self.stored());
        transaction.keep_days(KEEP_DAYS);
    }

    fn stored(&self) -> Stored {
        Stored { said_at: self.said_at, event: self.event.clone() }
    }
}

fn key(run: &str, id: &str) -> String {
    format!("inbox:{run}:{}", short(id))
}

/// Keeps an event for a run that may not be there yet, once; the same id again is the same letter.
pub async fn post(host: &Host, run: &str, id: &str, event: &Event) -> Result<String, PortError> {
    let letter = Letter::new(run, id, event.clone(), host.now());
    let arguments = json!({
        "key": letter.key, "value": letter.stored(), "absent": true, "keep_days": KEEP_DAYS,
    });
    match host.port::<Value>("set", arguments).await {
        Err(error) if !error.is("KEY_CONFLICT") => Err(error),
        _ => Ok(letter.key),
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
        let stored = get(host, key).await?.map(serde_json::from_value);
        if let Some(Ok(Stored { said_at, event })) = stored {
            letters.push(Letter { key: key.clone(), said_at, event });
        }
    }
    Ok(())
}
