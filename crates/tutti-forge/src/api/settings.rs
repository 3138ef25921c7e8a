//! The project's settings: its flows as YAML, on and off, and what is wrong with them.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tutti_core::flow::{DOCUMENT_BYTES_MAX, Flow, Project, Step};
use tutti_core::problem::{Problem, Severity};
use tutti_core::view::{RunState, StepState, Tile};

use super::{
    ApiError, Caller, FlowDocument, FlowRow, Flows, Need, RunRow, Stopped, Tripped, require,
    stopped,
};
use crate::host::Host;
use crate::stop::{Reach, Switches};
use crate::store::{self, FlowHead, FlowVersion};
use crate::{admission, calendar};

pub async fn call(
    function: &str,
    payload: Value,
    caller: &Caller,
    host: &Host,
) -> Result<Value, ApiError> {
    require(host, caller, Need::AdministerProject(&caller.project)).await?;
    let id = payload.get("id").and_then(Value::as_str).unwrap_or_default();
    match function {
        "flows" => flows(caller, host).await.map(|flows| json!(flows)),
        "flow" => Ok(json!(document(&head(id, caller, host).await?))),
        "check" => Ok(json!(check(payload.get("document").unwrap_or(&Value::Null)).1)),
        "save_flow" => save(&payload, caller, host).await.map(|document| json!(document)),
        "enable_flow" => {
            let enabled = payload.get("enabled").and_then(Value::as_bool);
            let enabled = enabled.ok_or_else(|| ApiError::missing("enabled"))?;
            enable(id, enabled, caller, host).await.map(|row| json!(row))
        }
        "reopen_flow" => {
            let head = head(id, caller, host).await?;
            admission::reopen(host, &head.project, &head.id).await?;
            alone(&head, host).await.map(|row| json!(row))
        }
        "stop_flow" => {
            let head = head(id, caller, host).await?;
            let reach = Reach::Flow(&head.project, &head.id);
            stopped(host, reach, stands(&payload)?, caller).await?;
            alone(&head, host).await.map(|row| json!(row))
        }
        "stop_project" => {
            let reach = Reach::Project(&caller.project);
            stopped(host, reach, stands(&payload)?, caller).await.map(|stopped| json!(stopped))
        }
        other => Err(ApiError::unknown(other)),
    }
}

/// Whether a switch is to be pressed, or its stop lifted.
fn stands(payload: &Value) -> Result<bool, ApiError> {
    let stands = payload.get("stopped").and_then(Value::as_bool);
    stands.ok_or_else(|| ApiError::missing("stopped"))
}

async fn flows(caller: &Caller, host: &Host) -> Result<Flows, ApiError> {
    let runs = store::runs_of_project(host, &caller.project).await?;
    let runs: Vec<RunRow> = runs
        .into_iter()
        .map(|row| RunRow {
            id: row.run,
            flow: row.flow,
            name: row.name,
            subject: row.subject,
            state: row.state,
            reason: row.reason,
            started_at: row.started_at,
            started_by: row.started_by,
        })
        .collect();
    let switches = Switches::read(host).await?;
    let mut flows = Vec::new();
    for found in store::flows_of_project(host, &caller.project).await? {
        // The search may be behind; the flow itself never is.
        if let Some(head) = store::flow(host, &caller.project, &found.id).await? {
            flows.push(row(&head, &runs, &switches, host).await?);
        }
    }
    let wide = [Reach::Site, Reach::Project(&caller.project)];
    let stopped = wide.into_iter().find_map(|reach| switches.at(reach)).map(Stopped::from);
    Ok(Flows { now: host.now(), project: caller.project.clone(), flows, runs, stopped })
}

async fn row(
    head: &FlowHead,
    runs: &[RunRow],
    switches: &Switches,
    host: &Host,
) -> Result<FlowRow, ApiError> {
    let stop = switches.at(Reach::Flow(&head.project, &head.id));
    let desk = admission::desk(host, &head.project, &head.id).await?;
    let (flow, problems) = check(&head.document);
    let own = || runs.iter().filter(|run| run.flow == head.id);
    let name = flow.as_ref().map_or_else(|| head.id.clone(), |flow| flow.name.clone());
    Ok(FlowRow {
        id: head.id.clone(),
        name,
        enabled: head.enabled,
        version: head.version,
        trigger: trigger_text(&head.topic),
        tiles: flow.map(|flow| systems(&flow)).unwrap_or_default(),
        problems,
        runs: own().count() as u64,
        waiting: own().filter(|run| run.state == RunState::WaitingPerson).count() as u64,
        last_run_at: own().map(|run| run.started_at).max(),
        stopped: stop.map(Stopped::from),
        tripped: desk.tripped.map(|trip| Tripped { at: trip.at, why: trip.why }),
    })
}

/// One tile for each tool the flow speaks to, in the order of the document.
fn systems(flow: &Flow) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = Vec::new();
    for step in flow.all_steps().into_iter().filter(|step| step.system() != "tutti") {
        if !tiles.iter().any(|tile| tile.system == step.system()) {
            tiles.push(tile(step));
        }
    }
    tiles
}

fn tile(step: &Step) -> Tile {
    Tile {
        step: step.id.clone(),
        title: step.title.clone(),
        system: step.system().to_owned(),
        state: StepState::Planned,
    }
}

/// `webhook:salesforce.case` becomes `When Salesforce sends a case`.
fn trigger_text(topic: &str) -> String {
    match topic.split_once(':') {
        Some(("webhook", "salesforce.case")) => "When Salesforce sends a case".to_owned(),
        Some(("webhook", name)) => format!("When the web trigger {name} is called"),
        Some(("event", name)) => format!("When Jira says {name}"),
        _ => String::new(),
    }
}

/// What could be read of a flow, and all that is wrong with it.
fn check(document: &Value) -> (Option<Flow>, Vec<Problem>) {
    let (flow, mut problems) = Flow::check(document, tutti_connect::catalogue());
    problems.extend(flow.iter().flat_map(|flow| flow.unknown_zones(calendar::has_zone)));
    (flow, problems)
}

async fn head(id: &str, caller: &Caller, host: &Host) -> Result<FlowHead, ApiError> {
    let head = store::flow(host, &caller.project, id).await?;
    head.ok_or_else(|| ApiError::new("not_found", format!("this project has no flow `{id}`")))
}

fn document(head: &FlowHead) -> FlowDocument {
    FlowDocument {
        id: head.id.clone(),
        source: head.source.clone(),
        version: head.version,
        enabled: head.enabled,
        problems: check(&head.document).1,
    }
}

/// Saves a new version. A draft may have problems; a flow that is on may not.
async fn save(payload: &Value, caller: &Caller, host: &Host) -> Result<FlowDocument, ApiError> {
    let source = payload.get("source").and_then(Value::as_str).unwrap_or_default();
    let written = payload.get("document").cloned().unwrap_or_default();
    if source.len() > DOCUMENT_BYTES_MAX || written.to_string().len() > DOCUMENT_BYTES_MAX {
        return Err(ApiError::new("too_large", "a flow can have 100 KB").hint("split it"));
    }
    let (flow, mut problems) = check(&written);
    let id = written.get("id").and_then(Value::as_str).unwrap_or_default();
    let misnamed = problems.iter().any(|problem| problem.at == "/id");
    if id.is_empty() || misnamed {
        return Err(ApiError::new("no_id", "the flow needs an id before it can be saved")
            .hint("for example `id: premier-escalation`")
            .problems(problems));
    }
    let was = store::flow(host, &caller.project, id).await?;
    let enabled = was.as_ref().is_some_and(|was| was.enabled);
    if enabled && let Some(flow) = &flow {
        problems.extend(among_others(flow, caller, host).await?);
    }
    if enabled && is_wrong(&problems) {
        return Err(ApiError::new("invalid", "this flow is on, so it must be without errors")
            .hint("mend it, or switch it off first")
            .problems(problems));
    }
    let version = was.as_ref().map_or(0, |was| was.version) + 1;
    let head = FlowHead {
        project: caller.project.clone(),
        id: id.to_owned(),
        version,
        enabled,
        topic: flow.as_ref().map(|flow| flow.trigger.topic.clone()).unwrap_or_default(),
        source: source.to_owned(),
        document: written.clone(),
        writes: was.as_ref().map_or(0, |was| was.writes),
    };
    let operations = flow.map(|flow| flow.operations).unwrap_or_default();
    let stored = FlowVersion { document: written, operations };
    store::save_flow(host, &head, Some(&stored)).await?;
    Ok(document(&head))
}

async fn enable(
    id: &str,
    enabled: bool,
    caller: &Caller,
    host: &Host,
) -> Result<FlowRow, ApiError> {
    let mut head = head(id, caller, host).await?;
    let (flow, mut problems) = check(&head.document);
    if enabled && let Some(flow) = &flow {
        problems.extend(among_others(flow, caller, host).await?);
    }
    if enabled && is_wrong(&problems) {
        return Err(ApiError::new("invalid", "this flow has errors and cannot be switched on")
            .hint("mend what is listed, save, and try again")
            .problems(problems));
    }
    head.enabled = enabled;
    store::save_flow(host, &head, None).await?;
    alone(&head, host).await
}

/// A flow as it is now, without its runs.
async fn alone(head: &FlowHead, host: &Host) -> Result<FlowRow, ApiError> {
    row(head, &[], &Switches::read(host).await?, host).await
}

/// What is wrong with a flow as one of those that it leads to, as far as they are switched on. They
/// are read one by one: a search may not know yet that one was switched on.
async fn among_others(flow: &Flow, caller: &Caller, host: &Host) -> Result<Vec<Problem>, ApiError> {
    let mut met = BTreeSet::from([flow.id.clone()]);
    let mut others: Vec<Flow> = Vec::new();
    let mut open = names_of(flow);
    while let Some(id) = open.pop() {
        if !met.insert(id.clone()) {
            continue;
        }
        let head = store::flow(host, &caller.project, &id).await?.filter(|head| head.enabled);
        let Some(head) = head else { continue };
        if let (Some(other), _) = check(&head.document) {
            open.extend(names_of(&other));
            others.push(other);
        }
    }
    let all = others.iter().chain([flow]).collect();
    Ok(Project::new(all, None).problems(flow))
}

/// The flows that a flow runs.
fn names_of(flow: &Flow) -> Vec<String> {
    flow.runs().map(|(_, sub)| sub.flow.clone()).collect()
}

fn is_wrong(problems: &[Problem]) -> bool {
    problems.iter().any(|problem| problem.severity == Severity::Error)
}
