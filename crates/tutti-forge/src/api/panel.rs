//! The issue panel: what runs did here, and the answers people give.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};
use tutti_core::case_file::CaseFile;
use tutti_core::digest;
use tutti_core::event::{Event, Said};
use tutti_core::flow::Flow;
use tutti_core::journal::Chunk;
use tutti_core::run::Viewer;
use tutti_core::session::{Commit, Row, Session};
use tutti_core::view::RunView;

use super::{ApiError, Caller, Channel, Exported, Need, Panel, Stopped, allowed, require};
use crate::host::Host;
use crate::perform;
use crate::stop;
use crate::store::{self, Lane};

/// How often a stop is tried against a worker that commits at the same time.
const FENCE_TRIES: usize = 5;
/// The most runs a page can say it has heard of.
const HEARD_MAX: usize = 5;
/// The most bytes of a case file as a page is sent it: Forge lets answers of 5 MB through.
/// https://developer.atlassian.com/platform/forge/platform-quotas-and-limits/
const EXPORT_BYTES_MAX: usize = 4_900_000;

#[derive(Deserialize)]
struct Given {
    run: String,
    effect: String,
    payload_hash: String,
    answer: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    changes: Map<String, Value>,
}

pub async fn call(
    function: &str,
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<Value, ApiError> {
    require(host, caller, Need::Browse(&caller.issue)).await?;
    match function {
        "panel" => panel(payload, caller, host).await.map(|panel| json!(panel)),
        "answer" => answer(payload, caller, host).await.map(|view| json!(view)),
        "cancel" => cancel(payload, caller, host).await.map(|view| json!(view)),
        "export" => export(payload, caller, host).await.map(|file| json!(file)),
        other => Err(ApiError::unknown(other)),
    }
}

/// The runs of an issue. The search may be behind, so the page also names the runs it has heard
/// of; the rows themselves never are.
async fn panel(payload: &Value, caller: &Caller, host: &Host) -> Result<Panel, ApiError> {
    let heard = payload.get("heard").and_then(Value::as_array).into_iter().flatten();
    let heard = heard.filter_map(Value::as_str).take(HEARD_MAX).map(str::to_owned);
    let found = store::runs_of_issue(host, &caller.issue).await?;
    let named: BTreeSet<String> = found.into_iter().map(|row| row.run).chain(heard).collect();
    let mut runs = Vec::new();
    let mut stopped = None;
    for run in named {
        let row = store::row(host, &run).await?;
        let own = row.filter(|row| row.subject.as_deref() == Some(&caller.issue));
        let Some(row) = own else { continue };
        if stopped.is_none() && !row.state.is_final() {
            let stops = stop::over_flow(host, &row.project, &row.flow).await?;
            stopped = stops.standing.map(Stopped::from);
        }
        let session = session(host, row).await?;
        runs.push(view(&session, caller, host).await?);
    }
    runs.sort_by_key(|run| Reverse(run.started_at));
    let signed: Option<String> =
        host.port("sign", json!({"issue": caller.issue})).await.unwrap_or_default();
    let channel = signed.map(|token| Channel { name: channel_name(&caller.issue), token });
    let me = caller.account.clone();
    Ok(Panel { now: host.now(), me, issue: caller.issue.clone(), runs, channel, stopped })
}

/// The channel of an issue's panels.
fn channel_name(issue: &str) -> String {
    format!("tutti-{issue}")
}

async fn answer(payload: &Value, caller: &Caller, host: &Host) -> Result<RunView, ApiError> {
    let given: Given = serde_json::from_value(payload.clone())
        .map_err(|error| ApiError::new("bad_request", error.to_string()))?;
    let mut session = own_session(&given.run, caller, host).await?;
    let before = view(&session, caller, host).await?;
    let card = before.approvals.iter().find(|card| card.effect == given.effect);
    let Some(card) = card else {
        return Err(ApiError::new("not_asked", "this is not waiting for an answer any more")
            .hint("load the panel again"));
    };
    if card.payload_hash != given.payload_hash {
        return Err(ApiError::new("changed_meanwhile", "what would be sent has changed")
            .hint("look at it again before you answer"));
    }
    if !card.mine {
        let who = if card.approver_name.is_empty() { "somebody else" } else { &card.approver_name };
        return Err(ApiError::new("not_yours", format!("{who} is asked, not you")));
    }
    let Given { effect, payload_hash, reason, changes, .. } = given;
    let said = match given.answer.as_str() {
        "approve" => Said::Approve { effect, payload_hash },
        "modify" if changes.is_empty() => return Err(ApiError::missing("changes")),
        "modify" => Said::Modify { effect, payload_hash, changes },
        "reject" if reason.trim().is_empty() => return Err(ApiError::missing("reason")),
        "reject" => Said::Reject { effect, payload_hash, reason },
        other => return Err(ApiError::unknown(other)),
    };
    say(&mut session, said, caller, host).await
}

async fn cancel(payload: &Value, caller: &Caller, host: &Host) -> Result<RunView, ApiError> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str).unwrap_or_default();
    let mut session = own_session(text("run"), caller, host).await?;
    let project = session.row().project.clone();
    require(host, caller, Need::AdministerProject(&project)).await?;
    if session.row().state.is_final() {
        return Err(ApiError::new("over", "this run is over already"));
    }
    let reason = if text("reason").is_empty() { "no reason given" } else { text("reason") };
    say(&mut session, Said::Cancel { reason: reason.to_owned() }, caller, host).await
}

/// The case file of a run. It is sent as text: a page that read it would write numbers its own way.
async fn export(payload: &Value, caller: &Caller, host: &Host) -> Result<Exported, ApiError> {
    let run = payload.get("run").and_then(Value::as_str).unwrap_or_default();
    let row = own_row(run, caller, host).await?;
    let (chunks, flow) = stored(host, &row).await?;
    let file = CaseFile::export(&row, &chunks, &flow, host.now())
        .map_err(|error| ApiError::new(error.code, error.message).hint(&error.hint))?;
    let text = file.to_json();
    if json!(text).to_string().len() > EXPORT_BYTES_MAX {
        return Err(ApiError::new("too_large", "this run is too long to be exported"));
    }
    Ok(Exported { name: format!("{run}.case.json"), text })
}

/// Moves the row on by one version: a worker under way loses its hold at its next commit. One that
/// commits in between is fenced off at the commit after.
async fn fence(host: &Host, run: &str) {
    for _ in 0..FENCE_TRIES {
        let Ok(Some(mut row)) = store::row(host, run).await else { return };
        if row.state.is_final() {
            return;
        }
        let expect = row.version;
        row.version += 1;
        let commit = Commit { expect, row, seal: None, listen: Vec::new(), unlisten: Vec::new() };
        match store::transact(host, &store::transaction(&commit, Lane::Open, &[])).await {
            Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => {}
            // Whatever else went wrong: the letter reaches the next worker all the same.
            _ => return,
        }
    }
}

/// Leaves what was said for the run's next worker, and shows what will come of it.
async fn say(
    session: &mut Session,
    said: Said,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let name = perform::display_name(host).await;
    let id = digest::of_value(&json!([said, caller.account]));
    let account = caller.account.clone();
    let stops = matches!(said, Said::Cancel { .. });
    let event = Event::Said { id: id.clone(), account, name, answer: said };
    let run = session.row().run.clone();
    let letter = store::post(host, &run, &id, &event).await?;
    if stops {
        // Before anybody is called for it: that worker shall not be the one who is fenced off.
        fence(host, &run).await;
    }
    store::enqueue(host, &run, Some(&letter), 0, false).await?;
    session.step(vec![event], host.now());
    view(session, caller, host).await
}

/// A run of the issue whose panel the caller may see, and of no other.
async fn own_row(run: &str, caller: &Caller, host: &Host) -> Result<Row, ApiError> {
    let row = store::row(host, run).await?;
    let row = row.filter(|row| row.subject.as_deref() == Some(&caller.issue));
    row.ok_or_else(|| ApiError::new("not_found", "there is no such run on this work item"))
}

async fn own_session(run: &str, caller: &Caller, host: &Host) -> Result<Session, ApiError> {
    session(host, own_row(run, caller, host).await?).await
}

/// Opens a run to look at it.
pub async fn session(host: &Host, row: Row) -> Result<Session, ApiError> {
    let (chunks, flow) = stored(host, &row).await?;
    Session::open(row, &chunks, flow, "panel")
        .map_err(|error| ApiError::new("journal", error.to_string()))
}

/// What a row needs to be opened: the sealed part of its journal, and its flow version.
async fn stored(host: &Host, row: &Row) -> Result<(Vec<Chunk>, Flow), ApiError> {
    let chunks = store::chunks(host, row).await?;
    let version = store::flow_version(host, &row.project, &row.flow, row.flow_version).await?;
    let flow = version.and_then(|v| Flow::link(&v.document, &v.operations).ok());
    let gone = || ApiError::new("flow_gone", "the flow version of this run cannot be read");
    Ok((chunks, flow.ok_or_else(gone)?))
}

async fn view(session: &Session, caller: &Caller, host: &Host) -> Result<RunView, ApiError> {
    let row = session.row();
    let version = row.flow_version;
    let see = |is_admin| {
        let viewer = Viewer { account: &caller.account, is_admin };
        session.run().view(session.flow(), version, viewer)
    };
    let view = see(false);
    // Only a question that names nobody makes it matter who administers the project.
    if view.approvals.iter().any(|card| card.approver.is_empty()) {
        return Ok(see(allowed(host, caller, Need::AdministerProject(&row.project)).await?));
    }
    Ok(view)
}
