//! How what a person says reaches a run: as a letter for its next worker.

use serde_json::json;
use tutti_core::digest;
use tutti_core::event::{Event, Said};
use tutti_core::session::Session;
use tutti_core::view::RunView;

use super::{ApiError, Caller, view};
use crate::host::Host;
use crate::perform;
use crate::store::{self, Message};

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
    let event = Event::Said { id, account, name, answer: said };
    let run = session.row().run.clone();
    store::leave(host, &run, &event).await?;
    // It counts from here on: whom the queue does not bring it, the sweep does.
    let _ = store::enqueue(host, &Message::of(&run), 0).await;
    session.foresee(vec![event], host.now());
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
