//! The queues: runs and desks put up for a worker, one at a time each.

use serde_json::{Value, json};

use crate::host::{Host, PortError};

/// The most events of one push.
const EVENTS_MAX: usize = 50;

/// Puts a run in the queue. `after_s` is at most 900.
pub async fn enqueue(
    host: &Host,
    run: &str,
    letter: Option<&str>,
    after_s: u32,
    swept: bool,
) -> Result<(), PortError> {
    push(host, "runs", vec![(message(run, letter, swept), run.to_owned(), after_s)]).await
}

/// Puts many runs in the queue.
pub async fn enqueue_all<'a>(
    host: &Host,
    runs: impl Iterator<Item = &'a str>,
) -> Result<(), PortError> {
    let events: Vec<_> = runs.map(|run| (message(run, None, false), run.to_owned(), 0)).collect();
    for events in events.chunks(EVENTS_MAX) {
        push(host, "runs", events.to_vec()).await?;
    }
    Ok(())
}

/// What the queue says to a worker: which run, and why now.
fn message(run: &str, letter: Option<&str>, swept: bool) -> Value {
    json!({"run": run, "letter": letter, "swept": swept})
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
