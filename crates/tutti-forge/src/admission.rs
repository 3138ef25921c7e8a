//! Admission: runs of a flow with limits, or with events that are gathered, wait in a queue of
//! their own; one worker at a time looks at the flow's desk and lets in who may start.

mod desk;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tutti_core::flow::{Intake, Limits};
use tutti_core::session::Row;

use self::desk::{AT_A_TIME, Standing};
pub use self::desk::{Admitted, Desk};
use crate::host::{Answer, Host, PortError};
use crate::stop::Switches;
use crate::store::{self, FlowHead, Transaction, When};

/// How often a desk is written against others who write it at the same time.
const TRIES: usize = 4;
/// The furthest the queue can delay, in milliseconds; the sweep does the rest.
const DELAY_MS_MAX: i64 = 900_000;

/// The desk of a flow as it is now, and its version.
async fn read(host: &Host, project: &str, flow: &str) -> Result<(Desk, Option<u64>), PortError> {
    let stored = store::entity(host, "admission", &store::flow_key(project, flow)).await?;
    let Some(stored) = stored else { return Ok((Desk::default(), None)) };
    let version = stored.get("version").and_then(Value::as_u64);
    let body = stored.get("body").and_then(Value::as_str).unwrap_or_default();
    Ok((serde_json::from_str(body).unwrap_or_default(), version))
}

/// The desk of a flow as it is now.
pub async fn desk(host: &Host, project: &str, flow: &str) -> Result<Desk, PortError> {
    Ok(read(host, project, flow).await?.0)
}

/// The transaction that writes a desk over the one of version `was`.
pub fn saving(project: &str, flow: &str, desk: &Desk, was: Option<u64>) -> Transaction {
    let mut value = json!({
        "lane": "open",
        "project": project,
        "flow": flow,
        "version": was.unwrap_or_default() + 1,
        "body": serde_json::to_string(desk).unwrap_or_default(),
    });
    if let (Some(at), Some(members)) = (desk.due_at, value.as_object_mut()) {
        members.insert("due_at".to_owned(), json!(at));
    }
    let mut transaction = Transaction::default();
    transaction.set_entity(
        "admission",
        &store::flow_key(project, flow),
        &value,
        Some(When::unchanged(was)),
    );
    transaction
}

/// Changes a desk; `change` says whether there is anything to write.
async fn change(
    host: &Host,
    project: &str,
    flow: &str,
    change: impl Fn(&mut Desk) -> bool,
) -> Result<bool, PortError> {
    let mut refused = None;
    for _ in 0..TRIES {
        let (mut desk, was) = read(host, project, flow).await?;
        if !change(&mut desk) {
            return Ok(false);
        }
        match store::transact(host, &saving(project, flow, &desk, was)).await {
            Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => refused = Some(error),
            done => return done.map(|()| true),
        }
    }
    refused.map_or(Ok(false), Err)
}

/// Sees to it that somebody looks when a run is due. One that is due now asks for itself, so that
/// it is found for certain; one that gathers asks only if nobody else has asked for a look by then,
/// which costs a storm one write.
pub async fn expect(host: &Host, row: &Row) -> Result<(), PortError> {
    let (project, flow, due_at) = (&row.project, &row.flow, row.due_at.unwrap_or_default());
    if due_at <= host.now() {
        return ask(host, project, flow, due_at, Some(&row.run)).await;
    }
    if change(host, project, flow, |desk| desk.expect(due_at)).await? {
        ask(host, project, flow, due_at, None).await?;
    }
    Ok(())
}

/// A run of the flow is over: whoever waits for room may come.
pub async fn left(host: &Host, project: &str, flow: &str) -> Result<(), PortError> {
    match desk(host, project, flow).await?.due_at {
        Some(_) => ask(host, project, flow, host.now(), None).await,
        None => Ok(()),
    }
}

/// Opens a flow's breaker: no run of it starts until an admin has looked.
pub async fn trip(host: &Host, head: &FlowHead, why: &str) -> Result<(), PortError> {
    let now = host.now();
    let open = |desk: &mut Desk| {
        let first = desk.tripped.is_none();
        desk.trip(now, why.to_owned());
        first
    };
    change(host, &head.project, &head.id, open).await.map(|_| ())
}

/// Closes it again.
pub async fn reopen(host: &Host, project: &str, flow: &str) -> Result<(), PortError> {
    let now = host.now();
    let close = |desk: &mut Desk| {
        desk.reopen(now);
        true
    };
    change(host, project, flow, close).await?;
    ask(host, project, flow, now, None).await
}

/// Puts a look at the desk in the queue, perhaps for the sake of one run.
async fn ask(
    host: &Host,
    project: &str,
    flow: &str,
    at: i64,
    run: Option<&str>,
) -> Result<(), PortError> {
    let wait_ms = at.saturating_sub(host.now());
    if wait_ms > DELAY_MS_MAX {
        return Ok(());
    }
    let wait_s = u32::try_from((wait_ms + 999).max(0) / 1000).unwrap_or_default();
    let body = json!({"project": project, "flow": flow, "run": run});
    let key = format!("desk:{}", store::flow_key(project, flow));
    store::push(host, "admission", vec![(body, key, wait_s)]).await
}

/// Looks at the desks that are due: the queue may have lost who asked for it, or a stop kept them
/// waiting.
pub async fn sweep(host: &Host) -> Result<(), PortError> {
    wake(host, |_, _| true).await
}

/// The same for some flows.
pub async fn wake(host: &Host, wanted: impl Fn(&str, &str) -> bool) -> Result<(), PortError> {
    for (project, flow) in store::desks_due(host, host.now()).await? {
        if wanted(&project, &flow) {
            ask(host, &project, &flow, host.now(), None).await?;
        }
    }
    Ok(())
}

/// One look at a desk, as the queue asked for it.
pub async fn look(message: &Value, host: &Host) -> Answer {
    let text = |name: &str| message.get(name).and_then(Value::as_str).unwrap_or_default();
    match look_at(host, text("project"), text("flow"), text("run")).await {
        Ok(let_in) => Answer::Ok(json!({"let_in": let_in})),
        Err(error) => Answer::Error(error.into()),
    }
}

async fn look_at(host: &Host, project: &str, flow: &str, run: &str) -> Result<usize, PortError> {
    let head = store::flow(host, project, flow).await?.filter(|head| head.enabled);
    let Some(intake) = head.and_then(|head| Intake::read(&head.document)) else { return Ok(0) };
    let (before, was) = read(host, project, flow).await?;
    let (mut desk, now) = (before.clone(), host.now());
    if !Switches::read(host).await?.allow(project, flow) {
        // The sweep looks again and again, so whoever lifts the stop lets in who waits.
        desk.due_at.get_or_insert(now);
        return write(host, project, flow, &before, &desk, was).await.map(|()| 0);
    }
    let mut named = review(host, &mut desk, intake.limits).await?;
    let many = intake.limits.per_issue.is_some();
    let mut queue = store::waiting(host, project, flow, many).await?;
    if !run.is_empty() && !queue.iter().any(|row| row.run == run) {
        queue.extend(store::row(host, run).await?.filter(|row| !row.has_begun()));
    }
    let due = queue.iter().filter(|row| row.due_at.is_some_and(|at| at <= now));
    let mut due: Vec<Admitted> = due.map(admitted).collect();
    let let_in = admit(host, &mut desk, &mut due, intake.limits, now).await?;
    let outside = due.iter().any(|waiting| !desk.has(&waiting.run));
    let next = queue.iter().filter_map(|row| row.due_at).find(|at| *at > now);
    desk.plan(next, outside, let_in.len() >= AT_A_TIME, now);
    // A loser to another look, or to whoever asks for the next one, is simply called again.
    write(host, project, flow, &before, &desk, was).await?;
    named.extend(let_in);
    named.truncate(AT_A_TIME);
    store::enqueue_all(host, named.iter().map(|run| store::Message::of(run))).await?;
    match desk.due_at {
        Some(at) if desk.due_at != before.due_at => ask(host, project, flow, at, None).await?,
        _ => {}
    }
    Ok(named.len())
}

/// Writes a desk, unless it is as it was.
async fn write(
    host: &Host,
    project: &str,
    flow: &str,
    before: &Desk,
    desk: &Desk,
    was: Option<u64>,
) -> Result<(), PortError> {
    if before == desk {
        return Ok(());
    }
    store::transact(host, &saving(project, flow, desk, was)).await
}

/// Lets in who may. The search that found them may be behind, so each is read for certain first.
async fn admit(
    host: &Host,
    desk: &mut Desk,
    due: &mut Vec<Admitted>,
    limits: Limits,
    now: i64,
) -> Result<Vec<String>, PortError> {
    let mut certain = BTreeSet::new();
    loop {
        let mut then = desk.clone();
        let let_in = then.admit(due, limits, now);
        let mut gone = BTreeSet::new();
        for run in let_in.iter().filter(|run| !certain.contains(*run)) {
            match store::row(host, run).await? {
                Some(row) if !row.has_begun() => {}
                _ => {
                    gone.insert(run.clone());
                }
            }
        }
        if gone.is_empty() {
            *desk = then;
            return Ok(let_in);
        }
        certain.extend(let_in);
        due.retain(|run| !gone.contains(&run.run));
    }
}

/// Forgets who counts no more, by reading each row for certain.
async fn review(host: &Host, desk: &mut Desk, limits: Limits) -> Result<Vec<String>, PortError> {
    let mut standings = BTreeMap::new();
    for Admitted { run, .. } in &desk.admitted {
        let standing = match store::row(host, run).await? {
            Some(row) if row.state.is_final() => Standing::Over,
            Some(row) if row.has_begun() => Standing::Open,
            Some(_) => Standing::Waiting,
            None => Standing::Over,
        };
        standings.insert(run.clone(), standing);
    }
    Ok(desk.review(limits, host.now(), |run| standings.get(run).copied().unwrap_or(Standing::Over)))
}

fn admitted(row: &Row) -> Admitted {
    Admitted { run: row.run.clone(), issue: row.issue.clone(), at: 0 }
}
