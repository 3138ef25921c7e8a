//! Who waits to hear of what: a row a topic and run, so that an event finds its runs by one search.
//!
//! A run that waits no longer leaves its rows where they are: to delete each would cost as much as
//! to write it. The next event of that topic finds that nobody waits, and deletes them; where none
//! comes, storage does.

use serde_json::{Value, json};
use tutti_core::session::Commit;

use super::index::{Index, query};
use super::{Transaction, When, row, short, transact};
use crate::host::{Host, PortError};

/// How long a row is kept, in days: no step waits longer, and storage keeps nothing longer that is
/// to go by itself.
const KEEP_DAYS: u32 = 365;

/// One run that waits for one topic, or did.
pub struct Listener {
    /// The run.
    pub run: String,
    topic: String,
    /// The version of the run that began to wait.
    version: u64,
}

/// Writes what a run waits for from now on.
pub fn listen(transaction: &mut Transaction, commit: &Commit) {
    let (run, version) = (&commit.row.run, commit.row.version);
    for topic in &commit.listen {
        let value = json!({"topic": topic, "run": run, "version": version});
        transaction.set_entity("listen", &key(topic, run), &value, None);
        transaction.keep_days(KEEP_DAYS);
    }
}

fn key(topic: &str, run: &str) -> String {
    format!("{}:{run}", short(topic))
}

/// Runs that wait to hear of a topic, and those that did and have not been forgotten.
pub async fn listeners(host: &Host, topic: &str) -> Result<Vec<Listener>, PortError> {
    let found = query(host, &Index::LISTENERS, topic, json!({"limit": 100})).await?;
    let listener = |value: &Value| {
        let run = value.get("run")?.as_str()?.to_owned();
        let version = value.get("version").and_then(Value::as_u64).unwrap_or_default();
        Some(Listener { run, topic: topic.to_owned(), version })
    };
    Ok(found.iter().filter_map(listener).collect())
}

impl Listener {
    /// Whether the run still waits. One that does not is forgotten, unless it just began again.
    pub async fn waits(&self, host: &Host) -> Result<bool, PortError> {
        let row = row(host, &self.run).await?;
        if row.is_some_and(|row| row.topics.contains(&self.topic)) {
            return Ok(true);
        }
        let mut gone = Transaction::default();
        let as_found = When::Version(self.version);
        gone.delete_entity("listen", &key(&self.topic, &self.run), Some(as_found));
        match transact(host, &gone).await {
            Err(error) if !error.is("CONDITIONAL_CHECK_FAILED") => Err(error),
            _ => Ok(false),
        }
    }
}
