//! The queues: runs and desks put up for a worker, one at a time each.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::event::Event;

use crate::host::{Host, PortError};

/// The most events of one push.
const EVENTS_MAX: usize = 50;

/// What the queue says to a worker: which run, and why now.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Message {
    /// The run.
    pub run: String,
    /// What happened, where that is a hint to look and nothing more. It is kept nowhere else: the
    /// queue delivers until a worker is done with it, and a run that waits looks by itself as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<Event>,
    /// The sweeper found the run overdue.
    #[serde(default)]
    pub swept: bool,
    /// The queue delivers it again: the worker before did not finish.
    #[serde(default)]
    pub again: bool,
}

impl Message {
    /// That there is something to do for a run.
    pub fn of(run: &str) -> Self {
        Self { run: run.to_owned(), ..Self::default() }
    }

    /// The same with a hint.
    pub fn hint(run: &str, hint: Event) -> Self {
        Self { hint: Some(hint), ..Self::of(run) }
    }
}

/// Puts a run in the queue. `after_s` is at most 900.
pub async fn enqueue(host: &Host, message: &Message, after_s: u32) -> Result<(), PortError> {
    push(host, "runs", vec![(json!(message), message.run.clone(), after_s)]).await
}

/// Puts many runs in the queue.
pub async fn enqueue_all(
    host: &Host,
    messages: impl Iterator<Item = Message>,
) -> Result<(), PortError> {
    let events: Vec<_> = messages.map(|one| (json!(one), one.run, 0)).collect();
    for events in events.chunks(EVENTS_MAX) {
        push(host, "runs", events.to_vec()).await?;
    }
    Ok(())
}

/// Pushes events, at most fifty: what each says, whom it is for, and in how many seconds. Those
/// for the same are worked on one at a time.
pub async fn push(
    host: &Host,
    queue: &str,
    events: Vec<(Value, String, u32)>,
) -> Result<(), PortError> {
    if events.is_empty() {
        return Ok(());
    }
    let events = events
        .into_iter()
        .map(|(body, key, after_s)| json!({"body": body, "key": key, "after_s": after_s.min(900)}));
    host.port("push", json!({"queue": queue, "events": events.collect::<Vec<_>>()})).await
}
