//! Storage: where each thing lies in Forge's key-value store, and the one transaction per commit.
//!
//! Custom entities (`run`, `flow`, `listen`) hold what is searched or written on a condition;
//! plain keys hold the rest. Keys allow no `/`, so foreign words in them are digests.

mod index;
mod letter;
mod queue;
mod transaction;

use futures_util::future::try_join_all;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::failure::Failure;
use tutti_core::journal::Chunk;
use tutti_core::operation::Operation;
use tutti_core::packed::Packed;
use tutti_core::session::{Commit, Row, SessionError};

pub use self::index::Index;
use self::index::{page, query};
pub use self::letter::{Letter, letters, post};
pub use self::queue::{enqueue, enqueue_all, push};
pub use self::transaction::Transaction;
use crate::host::{Host, PortError};

/// How long finished things are kept, in days.
const KEEP_DAYS: u32 = 180;

/// A flow version: the document with the operations it was linked to, never changed again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlowVersion {
    /// The document as JSON.
    pub document: Value,
    /// The operations it uses.
    pub operations: std::collections::BTreeMap<String, Operation>,
}

/// A project's flow: what is written, which version is current, whether it is on.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlowHead {
    /// The project's key.
    pub project: String,
    /// The flow's id.
    pub id: String,
    /// The current version.
    pub version: u64,
    /// Whether it starts runs.
    pub enabled: bool,
    /// What starts it.
    pub topic: String,
    /// The YAML as written.
    pub source: String,
    /// The same as JSON.
    pub document: Value,
}

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

/// The transaction of a commit: the row on its condition, the chunk, topics, folded letters.
pub fn transaction(commit: &Commit, lane: Lane, folded: &[String]) -> Transaction {
    let mut transaction = Transaction::default();
    set_run(&mut transaction, &commit.row, lane, json!({"version": commit.expect}));
    for (number, chunk) in &commit.seal {
        transaction.set(chunk_key(&commit.row.run, *number), json!(chunk));
    }
    for topic in &commit.listen {
        let value = json!({"topic": topic, "run": commit.row.run});
        transaction.set_entity("listen", &listen_key(topic, &commit.row.run), value, None);
    }
    for topic in &commit.unlisten {
        transaction.delete_entity("listen", listen_key(topic, &commit.row.run));
    }
    for key in folded {
        transaction.delete(key);
    }
    transaction
}

/// The transaction that makes a run, if there is none yet.
pub fn creation(row: &Row, lane: Lane, newest: Option<(&str, Value)>) -> Transaction {
    let mut transaction = Transaction::default();
    set_run(&mut transaction, row, lane, json!({"absent": "version"}));
    if let Some((key, value)) = newest {
        transaction.set(key.to_owned(), value);
    }
    transaction
}

/// The transaction that gives a run, which nobody took up yet, another event to start with.
pub fn gathering(row: &Row, expect: u64) -> Transaction {
    let mut transaction = Transaction::default();
    set_run(&mut transaction, row, Lane::Queue, json!({"version": expect}));
    transaction
}

/// The lane of the runs that wait to be let in.
fn queue_lane(project: &str, flow: &str) -> String {
    format!("queue:{}", flow_key(project, flow))
}

/// A flow and an issue, so that its runs for that issue are found.
fn about(row: &Row, issue: &str) -> String {
    format!("{}:{issue}", flow_key(&row.project, &row.flow))
}

/// Writes a run: its row, and beside it the open end of its journal, which is text already.
fn set_run(transaction: &mut Transaction, row: &Row, lane: Lane, when: Value) {
    transaction.set_entity("run", &row.run, row_value(row, lane), Some(when));
    transaction.text("journal", row.open.as_str());
}

/// A row as an entity: what is searched as attributes, the whole as one text.
fn row_value(row: &Row, lane: Lane) -> Value {
    let lane = match lane {
        _ if row.state.is_final() => "over".to_owned(),
        Lane::Open => "open".to_owned(),
        Lane::Queue => queue_lane(&row.project, &row.flow),
        Lane::Stopped => "stopped".to_owned(),
    };
    // A run that is held has no time of its own to wake, and must be found all the same.
    let held_since = (lane == "stopped").then_some(row.updated_at);
    let mut value = json!({
        "project": row.project,
        "state": row.state,
        "lane": lane,
        "version": row.version,
        "writer": row.writer,
        "started_at": row.started_at,
        "body": serde_json::to_string(row).unwrap_or_default(),
    });
    if let Some(members) = value.as_object_mut() {
        if let Some(due_at) = row.due_at.or(held_since) {
            members.insert("due_at".to_owned(), json!(due_at));
        }
        if let Some(subject) = &row.subject {
            members.insert("subject".to_owned(), json!(subject));
        }
        if let Some(issue) = &row.issue {
            members.insert("about".to_owned(), json!(about(row, issue)));
        }
    }
    value
}

fn row_of(value: &Value) -> Result<Row, SessionError> {
    let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
    Row::read(text("body"), text("journal"))
}

/// The rows among what a search found. One of another format is shown by the release that wrote it.
fn rows_of(found: &[Value]) -> Vec<Row> {
    found.iter().filter_map(|value| row_of(value).ok()).collect()
}

fn chunk_key(run: &str, number: u32) -> String {
    format!("chunk:{run}:{number}")
}

fn listen_key(topic: &str, run: &str) -> String {
    format!("{}:{run}", short(topic))
}

/// The key of a flow version.
fn version_key(project: &str, flow: &str, version: u64) -> String {
    format!("flow-version:{project}:{flow}:{version}")
}

/// The key under which the newest event of something is remembered.
pub fn newest_key(project: &str, flow: &str, about: &str) -> String {
    format!("newest:{project}:{flow}:{}", short(about))
}

/// The key of what belongs to one flow.
pub fn flow_key(project: &str, flow: &str) -> String {
    format!("{project}:{flow}")
}

/// A digest short enough for keys, long enough not to collide.
pub fn short(text: &str) -> String {
    digest::sha256_hex(text).chars().take(24).collect()
}

/// Trouble with our own storage is trouble in passing.
pub fn trouble(error: &PortError) -> Failure {
    let (host, reason) = ("storage".to_owned(), error.to_string());
    Failure::Unreachable { host, reason, after_ms: None }
}

/// A value that may not be there.
pub async fn get(host: &Host, key: &str) -> Result<Option<Value>, PortError> {
    host.port("get", json!({"key": key})).await
}

/// Writes a plain value.
pub async fn set(host: &Host, key: &str, value: &Value) -> Result<(), PortError> {
    host.port("set", json!({"key": key, "value": value})).await
}

/// Runs a transaction; refused with `CONDITIONAL_CHECK_FAILED` if a condition does not hold.
pub async fn transact(host: &Host, transaction: &Transaction) -> Result<(), PortError> {
    host.port_with("transact", transaction, transaction.beside()).await
}

/// An entity as it is now.
pub async fn entity(host: &Host, entity: &str, key: &str) -> Result<Option<Value>, PortError> {
    host.port("get", json!({"entity": entity, "key": key})).await
}

/// The row of a run, as it is now.
pub async fn row(host: &Host, run: &str) -> Result<Option<Row>, PortError> {
    Ok(entity(host, "run", run).await?.as_ref().map(row_of).transpose()?)
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

/// The newest runs of an issue.
pub async fn runs_of_issue(host: &Host, issue: &str) -> Result<Vec<Row>, PortError> {
    let newest = json!({"newest_first": true, "limit": 20});
    let found = query(host, &Index::RUNS_BY_SUBJECT, issue, newest).await?;
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

/// The first runs that wait to be let in, in the order in which they are due.
pub async fn waiting(host: &Host, project: &str, flow: &str) -> Result<Vec<Row>, PortError> {
    let first = json!({"limit": 100});
    let found = page(host, &Index::RUNS_DUE, &queue_lane(project, flow), first).await?;
    Ok(rows_of(&found))
}

/// How many runs of the same flow and issue started since, as far as `most`.
pub async fn runs_about(
    host: &Host,
    row: &Row,
    since: i64,
    most: usize,
) -> Result<usize, PortError> {
    let Some(issue) = &row.issue else { return Ok(0) };
    let newest = json!({"newest_first": true, "limit": most});
    let found = page(host, &Index::RUNS_ABOUT, &about(row, issue), newest).await?;
    Ok(rows_of(&found).iter().filter(|row| row.started_at >= since).count())
}

/// The desks somebody must look at by now, each by its project and flow.
pub async fn desks_due(host: &Host, now: i64) -> Result<Vec<(String, String)>, PortError> {
    let due = json!({"at_most": now, "limit": 100});
    let found = query(host, &Index::DESKS_DUE, "open", due).await?;
    let text = |desk: &Value, name: &str| desk.get(name)?.as_str().map(str::to_owned);
    Ok(found.iter().filter_map(|desk| text(desk, "project").zip(text(desk, "flow"))).collect())
}

/// Runs that wait to hear of a topic.
pub async fn listeners(host: &Host, topic: &str) -> Result<Vec<String>, PortError> {
    let runs = query(host, &Index::LISTENERS, topic, json!({"limit": 100})).await?;
    Ok(runs.iter().filter_map(|value| value.get("run")?.as_str().map(str::to_owned)).collect())
}

fn head_of(value: &Value) -> Option<FlowHead> {
    serde_json::from_str(value.get("body")?.as_str()?).ok()
}

/// The flows of a project.
pub async fn flows_of_project(host: &Host, project: &str) -> Result<Vec<FlowHead>, PortError> {
    let found = query(host, &Index::FLOWS_BY_PROJECT, project, json!({"limit": 100})).await?;
    Ok(found.iter().filter_map(head_of).collect())
}

/// The flows that a topic starts.
pub async fn flows_of_topic(host: &Host, topic: &str) -> Result<Vec<FlowHead>, PortError> {
    let found = query(host, &Index::FLOWS_BY_TOPIC, topic, json!({"limit": 100})).await?;
    Ok(found.iter().filter_map(head_of).filter(|head| head.enabled).collect())
}

/// One flow, as it is now.
pub async fn flow(host: &Host, project: &str, id: &str) -> Result<Option<FlowHead>, PortError> {
    let key = flow_key(project, id);
    Ok(entity(host, "flow", &key).await?.as_ref().and_then(head_of))
}

/// One version of a flow.
pub async fn flow_version(
    host: &Host,
    project: &str,
    id: &str,
    version: u64,
) -> Result<Option<FlowVersion>, PortError> {
    let packed: Option<Packed> =
        host.port("get", json!({"key": version_key(project, id, version)})).await?;
    let text = packed.and_then(|packed| packed.unpack().ok());
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
}

/// Writes a flow, and its new version if there is one, on the condition that nobody else did.
pub async fn save_flow(
    host: &Host,
    head: &FlowHead,
    version: Option<&FlowVersion>,
    was: Option<u64>,
) -> Result<(), PortError> {
    transact(host, &saving(head, version, was)).await
}

/// The transaction of a flow: its head on the condition that it `was` the newest, its version.
pub fn saving(head: &FlowHead, version: Option<&FlowVersion>, was: Option<u64>) -> Transaction {
    let mut transaction = Transaction::default();
    let when = was.map_or(json!({"absent": "version"}), |version| json!({"version": version}));
    let value = json!({
        "project": head.project,
        "flow": head.id,
        "topic": if head.enabled { head.topic.as_str() } else { "off" },
        "version": head.version,
        "body": serde_json::to_string(head).unwrap_or_default(),
    });
    transaction.set_entity("flow", &flow_key(&head.project, &head.id), value, Some(when));
    if let Some(version) = version {
        // It is read each time a run is opened, and is long.
        let text = serde_json::to_string(version).unwrap_or_default();
        let key = version_key(&head.project, &head.id, head.version);
        transaction.set(key, json!(Packed::pack(&text)));
    }
    transaction
}
