//! How what a person says reaches a run: as a letter for its next worker.

use serde_json::json;
use tutti_core::digest;
use tutti_core::event::{Event, Said};
use tutti_core::session::Session;
use tutti_core::view::RunView;

use super::{ApiError, Caller, view};
use crate::host::{Host, PortError};
use crate::perform;
use crate::store::{self, Letter, Message};

/// How often a letter is left against a worker that commits at the same time.
const TRIES: usize = 5;

/// Leaves what was said for the run's next worker, and shows what will come of it.
pub(super) async fn say(
    session: &mut Session,
    said: Said,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let name = perform::display_name(host).await;
    let id = digest::of_value(&json!([said, caller.account, moment(&said, session)]));
    let account = caller.account.clone();
    let event = Event::Said { id: id.clone(), account, name, answer: said };
    let run = session.row().run.clone();
    let letter = Letter::new(&run, &id, event.clone(), host.now());
    leave(host, &run, &letter).await?;
    // It counts from here on: whom the queue does not bring it, the sweep does.
    let _ = store::enqueue(host, &Message::letter(&run, letter.key), 0).await;
    session.step(vec![event], host.now());
    view(session, caller, host).await
}

/// What tells two of the same apart. An answer names its question, so the same answer twice is one;
/// what concerns the whole run can be wanted again later, when other things have been said or done.
fn moment(said: &Said, session: &Session) -> Option<u64> {
    match said {
        Said::Approve { .. }
        | Said::Modify { .. }
        | Said::Reject { .. }
        | Said::Answer { .. }
        | Said::Resolve { .. } => None,
        Said::Hold { .. }
        | Said::Resume { .. }
        | Said::Undo { .. }
        | Said::Rerun { .. }
        | Said::Cancel { .. } => Some(session.row().version),
    }
}

/// Leaves a letter where the run is found by it, once. A worker that commits at the same time reads it
/// before its next commit, or, having been faster, before the one after.
async fn leave(host: &Host, run: &str, letter: &Letter) -> Result<(), PortError> {
    let mut refused = None;
    for _ in 0..TRIES {
        let Some((row, lane)) = store::standing(host, run).await? else { break };
        // An error alone does not tell that it was not stored.
        if row.urgent.contains(&letter.key) {
            return Ok(());
        }
        let delivery = store::delivery(row, lane, letter, host.now());
        match store::transact(host, &delivery).await {
            Ok(()) => return Ok(()),
            Err(error) => refused = Some(error),
        }
    }
    refused.map_or(Ok(()), Err)
}
