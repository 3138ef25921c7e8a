//! Letters: what people say to a run, left in its row for the next worker.

use serde_json::{Value, json};
use tutti_core::event::Event;

use super::{get, run, transact};
use crate::host::{Host, PortError};

/// How often a letter is left against a worker that commits at the same time.
const TRIES: usize = 5;
/// The most bytes of letters in one row: Forge keeps 240 KiB under one key.
const LETTERS_BYTES_MAX: usize = 200 * 1024;
/// How long an early letter is kept, in days.
const KEEP_DAYS: u32 = 180;

/// Leaves a letter with a run, once; says whether there is such a run. A worker that commits at the
/// same time hears it before its next commit, or, having been faster, before the one after.
pub async fn leave(host: &Host, run: &str, letter: &Event) -> Result<bool, PortError> {
    let id = letter.said_id().unwrap_or_default();
    let mut refused = None;
    for _ in 0..TRIES {
        let Some((row, lane)) = run::standing(host, run).await? else { return Ok(false) };
        // An error alone does not tell that it was not stored.
        if row.has_letter(id) {
            return Ok(true);
        }
        let bytes = json!([row.letters, letter]).to_string().len();
        if bytes > LETTERS_BYTES_MAX {
            let message = "more was said to this run than it could hear yet".to_owned();
            return Err(PortError::Refused { code: "TOO_MANY_LETTERS".to_owned(), message });
        }
        match transact(host, &run::delivery(row, lane, letter.clone(), host.now())).await {
            Ok(()) => return Ok(true),
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or(Ok(true), Err)
}

fn early_key(run: &str) -> String {
    format!("early:{run}")
}

/// Keeps a letter for a run that is not there yet: whoever takes it up first reads it.
pub async fn leave_early(host: &Host, run: &str, letter: &Event) -> Result<(), PortError> {
    let value = json!(letter);
    let arguments = json!({"key": early_key(run), "value": value, "keep_days": KEEP_DAYS});
    host.port::<Value>("set", arguments).await.map(|_| ())
}

/// What was said to a run before it was there.
pub async fn early(host: &Host, run: &str) -> Result<Option<Event>, PortError> {
    let stored = get(host, &early_key(run)).await?;
    Ok(stored.and_then(|letter| serde_json::from_value(letter).ok()))
}
