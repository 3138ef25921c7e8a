//! How what a person says reaches a run: as a letter for its next worker.

use serde_json::json;
use tutti_core::digest;
use tutti_core::event::{Event, Said};
use tutti_core::session::{Commit, Session};
use tutti_core::view::RunView;

use super::{ApiError, Caller, view};
use crate::host::Host;
use crate::perform;
use crate::store::{self, Lane, Message};

/// How often a stop is tried against a worker that commits at the same time.
const FENCE_TRIES: usize = 5;

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
    let urgent = said.is_urgent();
    let event = Event::Said { id: id.clone(), account, name, answer: said };
    let run = session.row().run.clone();
    let letter = store::post(host, &run, &id, &event).await?;
    if urgent {
        fence(host, &run, &letter).await;
    }
    store::enqueue(host, &Message::letter(&run, letter), 0).await?;
    session.step(vec![event], host.now());
    view(session, caller, host).await
}

/// What tells two of the same apart. An answer names its question, so the same answer twice is one;
/// what concerns the whole run can be wanted again later, when other things have happened.
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
        | Said::Cancel { .. } => Some(session.run().seq()),
    }
}

/// Fences the run off: a worker under way reads the letter before its next commit. One that commits
/// in between does so before the commit after.
async fn fence(host: &Host, run: &str, letter: &str) {
    for _ in 0..FENCE_TRIES {
        let Ok(Some(row)) = store::row(host, run).await else { return };
        if row.state.is_final() {
            return;
        }
        let expect = row.version;
        let commit = Commit::of_row(expect, row.fence(letter));
        match store::transact(host, &store::transaction(&commit, Lane::Open, &[])).await {
            Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => {}
            // Whatever else went wrong: the letter reaches the next worker all the same.
            _ => return,
        }
    }
}
