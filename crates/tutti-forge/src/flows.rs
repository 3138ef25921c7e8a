//! Flows that run flows and tell each other what happened: the operations of `tutti` that reach
//! into other runs of the same project.

use serde_json::{Value, json};
use tutti_core::event::{Event, Said};
use tutti_core::failure::Failure;
use tutti_core::flow::{Intake, told_topic};
use tutti_core::session::Row;
use tutti_core::view::RunState;

use crate::host::{Host, PortError};
use crate::inbound;
use crate::perform::OperationCall;
use crate::start::{Start, run_id};
use crate::store::Message;
use crate::{api, store};

/// How many runs may lead to each other: flows that run or tell each other in a circle end here.
const DEPTH_MAX: u32 = 8;

/// Performs `tutti.run.start`, `get` and `cancel`, and `tutti.event.emit`.
pub async fn perform(call: &OperationCall<'_>, host: &Host) -> Result<Value, Failure> {
    let caller = call.effect_key.split('/').next().unwrap_or_default();
    let trouble = |error: PortError| store::trouble(&error);
    let gone = || Failure::NotFound { message: "the run itself is gone".to_owned() };
    let caller = store::row(host, caller).await.map_err(trouble)?.ok_or_else(gone)?;
    match call.operation {
        "tutti.run.start" => start(call, &caller, host).await,
        "tutti.run.get" => get(call, &caller, host).await,
        "tutti.run.cancel" => cancel(call, &caller, host).await,
        "tutti.event.emit" => emit(call, &caller, host).await,
        other => Err(Failure::Missing { path: other.to_owned() }),
    }
}

fn text<'c>(call: &'c OperationCall<'_>, name: &str) -> &'c str {
    call.input.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The pointers below `/name/` without it.
fn below(call: &OperationCall<'_>, name: &str) -> Vec<String> {
    let prefix = format!("/{name}");
    let inside = call.untrusted.iter().filter_map(|pointer| pointer.strip_prefix(&prefix));
    inside.map(str::to_owned).collect()
}

async fn start(call: &OperationCall<'_>, caller: &Row, host: &Host) -> Result<Value, Failure> {
    let flow = text(call, "flow");
    let refused =
        |code: &str, message: String| Failure::Rejected { code: code.to_owned(), message };
    let depth = call.input.get("depth").and_then(Value::as_u64).unwrap_or_default();
    let depth = u32::try_from(depth).unwrap_or(u32::MAX).max(caller.depth).saturating_add(1);
    not_too_deep(depth, flow)?;
    let head = store::flow(host, &caller.project, flow).await.map_err(|e| store::trouble(&e))?;
    let head = head.filter(|head| head.enabled).ok_or_else(|| Failure::NotFound {
        message: format!("{} has no flow `{flow}` that is switched on", caller.project),
    })?;
    let unread = || refused("unreadable", format!("`{flow}` cannot be read"));
    let intake = Intake::read(&head.document).ok_or_else(unread)?;
    let none = json!({});
    let input = call.input.get("input").unwrap_or(&none);
    intake
        .trigger
        .accepts(input)
        .map_err(|wrong| refused("bad_input", format!("`{flow}` cannot begin: {wrong}")))?;
    let source = format!("run:{}", caller.name);
    let untrusted = below(call, "input");
    let start = Start {
        head: &head,
        intake: &intake,
        topic: &source,
        payload: input,
        untrusted: &untrusted,
        depth,
    };
    let run = start.as_step(host, call.effect_key).await.map_err(|e| store::trouble(&e))?;
    let stopped = || refused("stopped", format!("`{flow}` is stopped: nothing of it may start"));
    Ok(json!({"run": run.ok_or_else(stopped)?}))
}

/// Flows that lead to each other for ever are stopped, and the step that would go on says so.
fn not_too_deep(depth: u32, flow: &str) -> Result<(), Failure> {
    if depth <= DEPTH_MAX {
        return Ok(());
    }
    let message = format!("{DEPTH_MAX} runs lead to `{flow}` already");
    Err(Failure::Rejected { code: "too_deep".to_owned(), message })
}

/// A run of the same project.
async fn named(call: &OperationCall<'_>, caller: &Row, host: &Host) -> Result<Row, Failure> {
    let run = text(call, "run");
    let row = store::row(host, run).await.map_err(|error| store::trouble(&error))?;
    row.filter(|row| row.project == caller.project).ok_or_else(|| Failure::NotFound {
        message: format!("{} has no run {run}", caller.project),
    })
}

/// Stops a run, in the name of the one that started it. Whoever names it by its start need not know
/// whether that came: an early letter is there before anybody looks for the run once more, and waits
/// for one that comes later, however late. Whoever takes that up reads it before anything else.
async fn cancel(call: &OperationCall<'_>, caller: &Row, host: &Host) -> Result<Value, Failure> {
    let trouble = |error: PortError| store::trouble(&error);
    let (run, found) = match call.input.get("run").filter(|run| run.is_object()) {
        Some(start) => {
            let run = started_by(start, caller)?;
            let row = store::row(host, &run).await.map_err(trouble)?;
            (run, row)
        }
        None => {
            let row = named(call, caller, host).await?;
            (row.run.clone(), Some(row))
        }
    };
    if found.as_ref().is_some_and(|row| row.state.is_final()) {
        return Ok(json!({"run": run, "stopped": false}));
    }
    let answer =
        Said::Cancel { reason: format!("the run {} does not need it any more", caller.run) };
    let (account, name) = (String::new(), caller.name.clone());
    let event = Event::Said { id: call.effect_key.to_owned(), account, name, answer };
    if found.is_none() {
        store::leave_early(host, &run, &event).await.map_err(trouble)?;
    }
    // One that is not there yet will not begin.
    if store::leave(host, &run, &event).await.map_err(trouble)? {
        store::enqueue(host, &Message::of(&run), 0).await.map_err(trouble)?;
    }
    Ok(json!({"run": run, "stopped": true}))
}

/// The id of the run that an effect of the caller starts, or would have started.
fn started_by(start: &Value, caller: &Row) -> Result<String, Failure> {
    let text = |name: &str| start.get(name).and_then(Value::as_str).unwrap_or_default();
    let (flow, key) = (text("flow"), text("started_by"));
    if flow.is_empty() || key.split('/').next() != Some(caller.run.as_str()) {
        let message = "a run is named by its id, or by `flow` and a `started_by` of one's own";
        return Err(Failure::Rejected { code: "no_run".to_owned(), message: message.to_owned() });
    }
    Ok(run_id(&caller.project, flow, key))
}

/// How a run stands, and what it brought if it is over.
async fn get(call: &OperationCall<'_>, caller: &Row, host: &Host) -> Result<Value, Failure> {
    let row = named(call, caller, host).await?;
    let run = row.run.clone();
    let (state, reason, over) = (row.state, row.reason.clone(), row.state.is_final());
    let done = matches!(state, RunState::Completed | RunState::CompletedWithGaps);
    let output = if done {
        let opened = api::open(host, row).await;
        opened.map_err(|error| Failure::Malformed { reason: error.message })?.run().output().clone()
    } else {
        Value::Null
    };
    // A member that is null is one that is missing.
    let reason = if reason.is_empty() { "it is at work".to_owned() } else { reason };
    Ok(json!({
        "run": run, "state": state, "over": over, "done": done, "reason": reason,
        "output": if output.is_null() { json!({}) } else { output },
    }))
}

/// Tells the run that it was a step of that it is over.
pub async fn ended(host: &Host, run: &str) -> Result<(), PortError> {
    inbound::signal(host, &format!("tutti.run:{run}"), &json!({"run": run})).await.map(|_| ())
}

/// Wakes who waits for it, and starts the flows it triggers.
async fn emit(call: &OperationCall<'_>, caller: &Row, host: &Host) -> Result<Value, Failure> {
    let (event, key) = (text(call, "event"), text(call, "key"));
    let payload = call.input.get("payload").cloned().unwrap_or_else(|| json!({}));
    let trouble = |error: PortError| store::trouble(&error);
    let topic = format!("{event}:{key}");
    let said = json!({"id": call.effect_key, "payload": payload});
    let heard = inbound::signal(host, &topic, &said).await.map_err(trouble)?;
    let topic = told_topic(event);
    let payload = json!({"id": call.effect_key, "key": key, "payload": payload});
    let mut untrusted: Vec<String> =
        below(call, "payload").iter().map(|pointer| format!("/payload{pointer}")).collect();
    if call.untrusted.iter().any(|pointer| pointer == "/key") {
        untrusted.push("/key".to_owned());
    }
    let depth = caller.depth.saturating_add(1);
    let mut started = 0;
    for head in store::flows_of_topic(host, &topic).await.map_err(trouble)? {
        let own = head.project == caller.project && head.id != caller.flow;
        let Some(intake) = Intake::read(&head.document).filter(|_| own) else { continue };
        not_too_deep(depth, &head.id)?;
        let (head, intake, payload) = (&head, &intake, &payload);
        let start = Start { head, intake, topic: &topic, payload, untrusted: &untrusted, depth };
        let done = start.run(host).await;
        done.map_err(|_| Failure::Unavailable { status: 503 })?;
        started += 1;
    }
    Ok(json!({"heard": heard, "started": started}))
}
