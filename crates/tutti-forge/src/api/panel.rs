//! The issue panel: what runs did here, and what people say to them.

mod answer;
mod control;
mod say;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tutti_core::case_file::CaseFile;
use tutti_core::flow::Flow;
use tutti_core::journal::Chunk;
use tutti_core::run::Viewer;
use tutti_core::session::{Row, Session};
use tutti_core::view::RunView;

use super::{ApiError, Caller, Channel, Exported, Need, Panel, Stopped, allowed, require};
use crate::host::{Host, PortError};
use crate::stop::Switches;
use crate::store;

/// The most runs a page can say it has heard of.
const HEARD_MAX: usize = 5;
/// The most bytes of a case file as a page is sent it: Forge lets answers of 5 MB through.
/// https://developer.atlassian.com/platform/forge/platform-quotas-and-limits/
const EXPORT_BYTES_MAX: usize = 4_900_000;

pub async fn call(
    function: &str,
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<Value, ApiError> {
    require(host, caller, Need::Browse(&caller.issue)).await?;
    let view = match function {
        "panel" => return panel(payload, caller, host).await.map(|panel| json!(panel)),
        "export" => return export(payload, caller, host).await.map(|file| json!(file)),
        "answer" => answer::to_approval(payload, caller, host).await,
        "reply" => answer::to_question(payload, caller, host).await,
        "resolve" => answer::way_on(payload, caller, host).await,
        "pause" => control::pause(payload, caller, host).await,
        "resume" => control::resume(payload, caller, host).await,
        "cancel" => control::cancel(payload, caller, host).await,
        "undo" => control::undo(payload, caller, host).await,
        "rerun" => control::rerun(payload, caller, host).await,
        other => Err(ApiError::unknown(other)),
    };
    view.map(|view| json!(view))
}

/// The runs of an issue. The search may be behind, so the page also names the runs it has heard
/// of; the rows themselves never are.
async fn panel(payload: &Value, caller: &Caller, host: &Host) -> Result<Panel, ApiError> {
    let heard = payload.get("heard").and_then(Value::as_array).into_iter().flatten();
    let heard = heard.filter_map(Value::as_str).take(HEARD_MAX).map(str::to_owned);
    let found = store::runs_of_issue(host, &caller.issue).await?;
    let named: BTreeSet<String> = found.into_iter().map(|row| row.run).chain(heard).collect();
    let switches = Switches::read(host).await?;
    let mut runs = Vec::new();
    let mut stopped = None;
    for run in named {
        let row = store::row(host, &run).await?;
        let own = row.filter(|row| row.subject.as_deref() == Some(&caller.issue));
        let Some(row) = own else { continue };
        if stopped.is_none() && !row.state.is_final() {
            let stops = switches.over(&row.project, &row.flow);
            stopped = stops.standing.as_ref().map(Stopped::from);
        }
        let session = foreseen(host, row).await?;
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

/// A run of the issue whose panel the caller may see, and of no other.
async fn own_row(run: &str, caller: &Caller, host: &Host) -> Result<Row, ApiError> {
    let row = store::row(host, run).await?;
    let row = row.filter(|row| row.subject.as_deref() == Some(&caller.issue));
    row.ok_or_else(|| ApiError::new("not_found", "there is no such run on this work item"))
}

async fn own_session(run: &str, caller: &Caller, host: &Host) -> Result<Session, ApiError> {
    foreseen(host, own_row(run, caller, host).await?).await
}

/// Opens a run to look at it.
pub async fn session(host: &Host, row: Row) -> Result<Session, ApiError> {
    let (chunks, flow) = stored(host, &row).await?;
    Ok(Session::open(row, &chunks, flow, "panel").map_err(PortError::from)?)
}

/// The same as people see it: what they said counts, though no worker has heard it yet.
async fn foreseen(host: &Host, row: Row) -> Result<Session, ApiError> {
    let mut session = session(host, row).await?;
    session.foresee(Vec::new(), host.now());
    Ok(session)
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
    let nobody = view.approvals.iter().any(|card| card.approver.is_empty())
        || view.questions.iter().any(|question| question.who.is_empty());
    if nobody {
        return Ok(see(allowed(host, caller, Need::AdministerProject(&row.project)).await?));
    }
    Ok(view)
}

/// What a function was given, in its own terms.
fn given<T: DeserializeOwned>(payload: &Value) -> Result<T, ApiError> {
    serde_json::from_value(payload.clone())
        .map_err(|error| ApiError::new("bad_request", error.to_string()))
}
