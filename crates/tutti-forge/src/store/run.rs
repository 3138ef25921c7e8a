//! Runs in storage: the row as an entity that is searched, the chunks of its journal, and the one
//! transaction of each commit.

use futures_util::future::try_join_all;
use serde::Serialize;
use serde_json::{Value, json};
use tutti_core::event::Event;
use tutti_core::journal::Chunk;
use tutti_core::session::{Commit, Row, SessionError};
use tutti_core::view::RunState;

use super::index::{Index, page, query};
use super::listen::listen;
use super::{Transaction, When, entity, flow_key};
use crate::host::{Host, PortError};

/// Where a run is looked for by those who wake runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Among those that are under way.
    Open,
    /// In its flow's queue.
    Queue,
    /// Among those that a stop holds.
    Stopped,
}

impl Lane {
    /// The lane an entity stands in.
    fn of(value: &Value) -> Self {
        match value.get("lane").and_then(Value::as_str).unwrap_or_default() {
            "stopped" => Self::Stopped,
            lane if lane.starts_with(QUEUE) => Self::Queue,
            _ => Self::Open,
        }
    }

    /// The lane of the same run for whoever has it taken up: it waits in no queue any more.
    pub fn taken_up(self) -> Self {
        if self == Self::Queue { Self::Open } else { self }
    }
}

/// The transaction of a commit: the row on its condition, chunks, topics.
pub fn transaction(commit: &Commit, lane: Lane) -> Transaction {
    let mut transaction = Transaction::default();
    set_run(&mut transaction, &commit.row, lane, When::Version(commit.expect));
    for (number, chunk) in &commit.seal {
        transaction.set(chunk_key(&commit.row.run, *number), chunk);
    }
    listen(&mut transaction, commit);
    transaction
}

/// The transaction that leaves a letter in a run as it stands.
pub fn delivery(row: Row, lane: Lane, letter: Event, now: i64) -> Transaction {
    let (expect, row) = (row.version, row.deliver(letter, now));
    let mut transaction = Transaction::default();
    set_run(&mut transaction, &row, lane.taken_up(), When::Version(expect));
    transaction
}

/// The transaction that makes a run, if there is none yet.
pub fn creation(row: &Row, lane: Lane, newest: Option<(&str, Value)>) -> Transaction {
    let mut transaction = Transaction::default();
    set_run(&mut transaction, row, lane, When::NEW);
    if let Some((key, value)) = newest {
        transaction.set(key.to_owned(), &value);
    }
    transaction
}

/// The transaction that gives a run, which nobody took up yet, another event to start with.
pub fn gathering(row: &Row, expect: u64) -> Transaction {
    let mut transaction = Transaction::default();
    set_run(&mut transaction, row, Lane::Queue, When::Version(expect));
    transaction
}

/// How the lanes of flows' queues begin.
const QUEUE: &str = "queue:";

/// The lane of the runs that wait to be let in.
fn queue_lane(project: &str, flow: &str) -> String {
    format!("{QUEUE}{}", flow_key(project, flow))
}

/// A flow and an issue, so that its runs for that issue are found.
fn about(row: &Row, issue: &str) -> String {
    format!("{}:{issue}", flow_key(&row.project, &row.flow))
}

/// Writes a run: what is searched as attributes, the whole as one text.
fn set_run(transaction: &mut Transaction, row: &Row, lane: Lane, when: When) {
    transaction.set_entity("run", &row.run, &Attributes::of(row, lane), Some(when));
    transaction.text(BODY, row.text());
}

/// The attribute that holds the whole row.
const BODY: &str = "body";

/// What is searched of a row.
#[derive(Serialize)]
struct Attributes<'r> {
    project: &'r str,
    state: RunState,
    lane: String,
    version: u64,
    writer: &'r str,
    started_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    due_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<&'r str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    about: Option<String>,
}

impl<'r> Attributes<'r> {
    fn of(row: &'r Row, lane: Lane) -> Self {
        // One that is over can be wanted once more: a letter that says so must find somebody.
        let over = row.state.is_final() && row.letters.is_empty();
        // A run that is held has no time of its own to wake, and must be found all the same.
        let held = lane == Lane::Stopped && !over;
        let lane = match lane {
            _ if over => "over".to_owned(),
            Lane::Open => "open".to_owned(),
            Lane::Queue => queue_lane(&row.project, &row.flow),
            Lane::Stopped => "stopped".to_owned(),
        };
        Self {
            project: &row.project,
            state: row.state,
            lane,
            version: row.version,
            writer: &row.writer,
            started_at: row.started_at,
            due_at: row.due_at.or(held.then_some(row.updated_at)),
            subject: row.subject.as_deref(),
            about: row.issue.as_deref().map(|issue| about(row, issue)),
        }
    }
}

fn row_of(value: &Value) -> Result<Row, SessionError> {
    Row::read(value.get(BODY).and_then(Value::as_str).unwrap_or_default())
}

/// The rows among what a search found. One of another format is shown by the release that wrote it.
fn rows_of(found: &[Value]) -> Vec<Row> {
    found.iter().filter_map(|value| row_of(value).ok()).collect()
}

fn chunk_key(run: &str, number: u32) -> String {
    format!("chunk:{run}:{number}")
}

/// The row of a run, as it is now.
pub async fn row(host: &Host, run: &str) -> Result<Option<Row>, PortError> {
    Ok(standing(host, run).await?.map(|(row, _)| row))
}

/// The row of a run, as it is now, and the lane it stands in.
pub async fn standing(host: &Host, run: &str) -> Result<Option<(Row, Lane)>, PortError> {
    let Some(value) = entity(host, "run", run).await? else { return Ok(None) };
    Ok(Some((row_of(&value)?, Lane::of(&value))))
}

/// Whether a run gathers, or waits to be let in.
pub async fn is_queued(host: &Host, run: &str) -> Result<bool, PortError> {
    Ok(standing(host, run).await?.is_some_and(|(_, lane)| lane == Lane::Queue))
}

/// The sealed chunks of a run.
pub async fn chunks(host: &Host, row: &Row) -> Result<Vec<Chunk>, PortError> {
    let read = async |number| {
        let key = chunk_key(&row.run, number);
        host.port::<Option<Chunk>>("get", json!({"key": key})).await
    };
    let chunks = try_join_all((0..row.chunks).map(read)).await?;
    Ok(chunks.into_iter().flatten().collect())
}

/// The newest runs of an issue: each is opened to be shown.
pub async fn runs_of_issue(host: &Host, issue: &str) -> Result<Vec<Row>, PortError> {
    let newest = json!({"newest_first": true, "limit": 20});
    let found = page(host, &Index::RUNS_BY_SUBJECT, issue, newest).await?;
    Ok(rows_of(&found))
}

/// The newest runs of a project.
pub async fn runs_of_project(host: &Host, project: &str) -> Result<Vec<Row>, PortError> {
    let newest = json!({"newest_first": true, "limit": 100});
    let found = query(host, &Index::RUNS_BY_PROJECT, project, newest).await?;
    Ok(rows_of(&found))
}

/// Runs of a lane that are due by then.
pub async fn runs_in(host: &Host, lane: Lane, by: i64) -> Result<Vec<Row>, PortError> {
    let due = json!({"at_most": by, "limit": 100});
    let lane = if lane == Lane::Stopped { "stopped" } else { "open" };
    let found = query(host, &Index::RUNS_DUE, lane, due).await?;
    Ok(rows_of(&found))
}

/// The first runs that wait to be let in, in the order in which they are due; `many`, where those of
/// one issue may wait for each other and keep no other waiting.
pub async fn waiting(
    host: &Host,
    project: &str,
    flow: &str,
    many: bool,
) -> Result<Vec<Row>, PortError> {
    let (index, lane, first) = (&Index::RUNS_DUE, queue_lane(project, flow), json!({"limit": 100}));
    let found = if many {
        query(host, index, &lane, first).await?
    } else {
        page(host, index, &lane, first).await?
    };
    Ok(rows_of(&found))
}

/// The newest runs of the same flow and issue, as far as `most`.
pub async fn runs_about(host: &Host, row: &Row, most: usize) -> Result<Vec<Row>, PortError> {
    let Some(issue) = &row.issue else { return Ok(Vec::new()) };
    let newest = json!({"newest_first": true, "limit": most});
    let found = page(host, &Index::RUNS_ABOUT, &about(row, issue), newest).await?;
    Ok(rows_of(&found))
}
