//! Storage: where each thing lies in Forge's key-value store, and the one transaction per commit.
//!
//! Custom entities (`run`, `flow`, `listen`) hold what is searched or written on a condition;
//! plain keys hold the rest. Keys allow no `/`, so foreign words in them are digests.

mod index;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::event::Event;
use tutti_core::journal::Chunk;
use tutti_core::operation::Operation;
use tutti_core::session::{Commit, Row};

pub use self::index::Index;
use self::index::query;
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

/// Something that happened for a run, kept until a worker has folded it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Letter {
    /// The key it is stored at.
    pub key: String,
    /// What happened.
    pub event: Event,
}

/// One transaction: all of it or nothing.
#[derive(Debug, Default, Serialize)]
pub struct Transaction {
    set: Vec<Value>,
    delete: Vec<Value>,
}

impl Transaction {
    fn set(&mut self, key: String, value: Value) {
        self.set.push(json!({"key": key, "value": value}));
    }

    fn set_entity(&mut self, entity: &str, key: &str, value: Value, when: Option<Value>) {
        self.set.push(json!({"entity": entity, "key": key, "value": value, "when": when}));
    }

    fn delete(&mut self, key: &str) {
        self.delete.push(json!({"key": key}));
    }

    fn delete_entity(&mut self, entity: &str, key: String) {
        self.delete.push(json!({"entity": entity, "key": key}));
    }
}

/// The transaction of a commit: the row on its condition, the chunk, topics, folded letters.
pub fn transaction(commit: &Commit, folded: &[String]) -> Transaction {
    let mut transaction = Transaction::default();
    let when = json!({"version": commit.expect});
    transaction.set_entity("run", &commit.row.run, row_value(&commit.row), Some(when));
    if let Some((number, chunk)) = &commit.seal {
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
pub fn creation(row: &Row, newest: Option<(&str, Value)>) -> Transaction {
    let mut transaction = Transaction::default();
    transaction.set_entity("run", &row.run, row_value(row), Some(json!({"absent": "version"})));
    if let Some((key, value)) = newest {
        transaction.set(key.to_owned(), value);
    }
    transaction
}

/// A row as an entity: what is searched as attributes, the whole as one text.
fn row_value(row: &Row) -> Value {
    let mut value = json!({
        "project": row.project,
        "state": row.state,
        "lane": if row.state.is_final() { "over" } else { "open" },
        "version": row.version,
        "writer": row.writer,
        "started_at": row.started_at,
        "body": serde_json::to_string(row).unwrap_or_default(),
    });
    if let Some(members) = value.as_object_mut() {
        if let Some(due_at) = row.due_at {
            members.insert("due_at".to_owned(), json!(due_at));
        }
        if let Some(subject) = &row.subject {
            members.insert("subject".to_owned(), json!(subject));
        }
    }
    value
}

fn row_of(value: &Value) -> Option<Row> {
    serde_json::from_str(value.get("body")?.as_str()?).ok()
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

fn flow_key(project: &str, flow: &str) -> String {
    format!("{project}:{flow}")
}

/// A digest short enough for keys, long enough not to collide.
fn short(text: &str) -> String {
    digest::sha256_hex(text).chars().take(24).collect()
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
    host.port("transact", transaction).await
}

/// The row of a run, as it is now.
pub async fn row(host: &Host, run: &str) -> Result<Option<Row>, PortError> {
    let value: Option<Value> = host.port("get", json!({"entity": "run", "key": run})).await?;
    Ok(value.as_ref().and_then(row_of))
}

/// The sealed chunks of a run.
pub async fn chunks(host: &Host, row: &Row) -> Result<Vec<Chunk>, PortError> {
    let mut chunks = Vec::new();
    for number in 0..row.chunks {
        let value = get(host, &chunk_key(&row.run, number)).await?.unwrap_or_default();
        if let Ok(chunk) = serde_json::from_value(value) {
            chunks.push(chunk);
        }
    }
    Ok(chunks)
}

/// The newest runs of an issue.
pub async fn runs_of_issue(host: &Host, issue: &str) -> Result<Vec<Row>, PortError> {
    let newest = json!({"newest_first": true, "limit": 20});
    let found = query(host, &Index::RUNS_BY_SUBJECT, issue, newest).await?;
    Ok(found.iter().filter_map(row_of).collect())
}

/// The newest runs of a project.
pub async fn runs_of_project(host: &Host, project: &str) -> Result<Vec<Row>, PortError> {
    let newest = json!({"newest_first": true, "limit": 100});
    let found = query(host, &Index::RUNS_BY_PROJECT, project, newest).await?;
    Ok(found.iter().filter_map(row_of).collect())
}

/// Runs that somebody must look after by now.
pub async fn runs_due(host: &Host, now: i64) -> Result<Vec<Row>, PortError> {
    let due = json!({"at_most": now, "limit": 100});
    let found = query(host, &Index::RUNS_DUE, "open", due).await?;
    Ok(found.iter().filter_map(row_of).collect())
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
    let value: Option<Value> = host.port("get", json!({"entity": "flow", "key": key})).await?;
    Ok(value.as_ref().and_then(head_of))
}

/// One version of a flow.
pub async fn flow_version(
    host: &Host,
    project: &str,
    id: &str,
    version: u64,
) -> Result<Option<FlowVersion>, PortError> {
    let value = get(host, &version_key(project, id, version)).await?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
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
        transaction.set(version_key(&head.project, &head.id, head.version), json!(version));
    }
    transaction
}

/// Keeps an event for a run, once; the same id again is the same letter.
pub async fn post(host: &Host, run: &str, id: &str, event: &Event) -> Result<String, PortError> {
    let key = format!("inbox:{run}:{}", short(id));
    let arguments = json!({
        "key": key, "value": event, "absent": true, "keep_days": KEEP_DAYS,
    });
    match host.port::<Value>("set", arguments).await {
        Err(error) if !error.is("KEY_CONFLICT") => Err(error),
        _ => Ok(key),
    }
}

/// The letters a run has not folded: the one named, read for certain, and those a search finds.
pub async fn letters(
    host: &Host,
    run: &str,
    named: Option<&str>,
) -> Result<Vec<Letter>, PortError> {
    let found: Value =
        host.port("list", json!({"prefix": format!("inbox:{run}:"), "limit": 50})).await?;
    let mut letters: Vec<Letter> = Vec::new();
    let mut take = |key: &str, value: Option<Value>| {
        let known = letters.iter().any(|letter| letter.key == key);
        if let (false, Some(Ok(event))) = (known, value.map(serde_json::from_value)) {
            letters.push(Letter { key: key.to_owned(), event });
        }
    };
    for item in found.as_array().into_iter().flatten() {
        // A search may show what was folded and deleted a moment ago; only a read is certain.
        if let Some(key) = item.get("key").and_then(Value::as_str) {
            take(key, get(host, key).await?);
        }
    }
    if let Some(key) = named {
        take(key, get(host, key).await?);
    }
    Ok(letters)
}

/// Puts a run in the queue. `after_s` is at most 900.
pub async fn enqueue(
    host: &Host,
    run: &str,
    letter: Option<&str>,
    after_s: u32,
    swept: bool,
) -> Result<(), PortError> {
    let body = json!({"run": run, "letter": letter, "swept": swept});
    host.port("push", json!({"body": body, "run": run, "after_s": after_s.min(900)})).await
}
