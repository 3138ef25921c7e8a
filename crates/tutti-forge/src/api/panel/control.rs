//! What project administrators want of a run as a whole: hold it, let it go on, end it, take back
//! what it did, do a part of it once more.

use serde::Deserialize;
use serde_json::Value;
use tutti_core::event::{Brake, Said};
use tutti_core::session::Session;
use tutti_core::view::{RunView, Undo};

use super::answer::short;
use super::say::say;
use super::{ApiError, Caller, Need, given, own_session, require, view};
use crate::host::Host;
use crate::store;

#[derive(Deserialize)]
struct Order {
    run: String,
    #[serde(default)]
    reason: String,
    /// The effect keys of the writes to undo; all of them, if none is named.
    #[serde(default)]
    effects: Vec<String>,
    /// The step to begin anew at.
    #[serde(default)]
    step: String,
}

/// Nothing more leaves until somebody lets it go on.
pub(super) async fn pause(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let (order, mut session) = ordered(payload, caller, host).await?;
    not_over(&session)?;
    if session.run().is_held_by(Brake::Pause) {
        return Err(ApiError::new("paused", "this run is paused already"));
    }
    if !session.row().has_begun() && store::is_queued(host, &order.run).await? {
        // Whoever took it up to hold it would have let it in.
        return Err(ApiError::new("not_begun", "this run has not begun: it waits to be let in")
            .hint("stop it, or pause it once it has begun"));
    }
    let said = Said::hold(Brake::Pause, short(order.reason)?);
    say(&mut session, said, caller, host).await
}

/// A pause ends; what was wanted meanwhile leaves.
pub(super) async fn resume(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let (_, mut session) = ordered(payload, caller, host).await?;
    not_over(&session)?;
    // A pause that no worker has taken up yet must not be overtaken by its end.
    if !session.run().is_held_by(Brake::Pause) {
        return Err(ApiError::new("not_paused", "this run is not paused, or not yet")
            .hint("load the panel again"));
    }
    say(&mut session, Said::Resume { brake: Brake::Pause }, caller, host).await
}

/// The run ends here, or, if it is over, what it does to take back its writes.
pub(super) async fn cancel(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let (order, mut session) = ordered(payload, caller, host).await?;
    not_over(&session)?;
    let given = !order.reason.is_empty();
    let reason = if given { short(order.reason)? } else { "no reason given".to_owned() };
    say(&mut session, Said::Cancel { reason }, caller, host).await
}

/// What the run wrote is taken back: these writes, or all that can be.
pub(super) async fn undo(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let (order, mut session) = ordered(payload, caller, host).await?;
    over(&session, "only a run that is over can be undone")?;
    let before = view(&session, caller, host).await?;
    let did = before.timeline.into_iter().filter_map(|entry| entry.did);
    let open = did.filter(|did| {
        matches!(did.undo, Some(Undo::Possible | Undo::Impossible { again: true, .. }))
    });
    let wanted = |key: &String| order.effects.is_empty() || order.effects.contains(key);
    let effects: Vec<String> = open.map(|did| did.effect_key).filter(wanted).collect();
    if effects.is_empty() {
        return Err(ApiError::new("nothing_to_undo", "there is nothing here that can be undone")
            .hint("load the panel again"));
    }
    let said = Said::Undo { effects, reason: short(order.reason)? };
    say(&mut session, said, caller, host).await
}

/// The run begins anew at one of its steps; what it had learned before that stays.
pub(super) async fn rerun(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let (order, mut session) = ordered(payload, caller, host).await?;
    over(&session, "only a run that is over can be run once more")?;
    if session.run().would_repeat(session.flow(), &order.step).is_none() {
        return Err(ApiError::new("no_such_beginning", "this run cannot begin anew at this step")
            .hint("load the panel again"));
    }
    let seen = Some(session.run().seq());
    let said = Said::Rerun { step: order.step, reason: short(order.reason)?, seen };
    say(&mut session, said, caller, host).await
}

/// The order and the run it is for, if the caller may give it.
async fn ordered(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<(Order, Session), ApiError> {
    let order: Order = given(payload)?;
    let session = own_session(&order.run, caller, host).await?;
    require(host, caller, Need::AdministerProject(&session.row().project)).await?;
    Ok((order, session))
}

fn over(session: &Session, only: &str) -> Result<(), ApiError> {
    let over = session.run().state().is_final();
    if over { Ok(()) } else { Err(ApiError::new("not_over", only).hint("stop it first")) }
}

fn not_over(session: &Session) -> Result<(), ApiError> {
    let over = session.run().state().is_final();
    if over { Err(ApiError::new("over", "this run is over already")) } else { Ok(()) }
}
