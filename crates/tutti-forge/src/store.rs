//! Storage: where things lie in Forge's key-value store, and how they are read and written.
//!
//! Custom entities (`run`, `flow`, `listen`) hold what is searched or written on a condition;
//! plain keys hold the rest. Keys allow no `/`, so foreign words in them are digests.

mod flow;
mod index;
mod letter;
mod listen;
mod queue;
mod run;
mod transaction;

use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::failure::Failure;

#[cfg(test)]
pub use self::flow::saving;
pub use self::flow::{
    FlowHead, FlowVersion, flow, flow_version, flows_of_project, flows_of_topic, save_flow,
};
pub use self::index::Index;
use self::index::query;
pub use self::letter::{early, leave, leave_early};
pub use self::listen::listeners;
pub use self::queue::{Message, enqueue, enqueue_all, push};
pub use self::run::{
    Lane, chunks, creation, gathering, is_queued, row, runs_about, runs_in, runs_of_issue,
    runs_of_project, standing, transaction, waiting,
};
pub use self::transaction::{Transaction, When};
use crate::host::{Host, PortError};

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

/// The desks somebody must look at by now, each by its project and flow.
pub async fn desks_due(host: &Host, now: i64) -> Result<Vec<(String, String)>, PortError> {
    let due = json!({"at_most": now, "limit": 100});
    let found = query(host, &Index::DESKS_DUE, "open", due).await?;
    let text = |desk: &Value, name: &str| desk.get(name)?.as_str().map(str::to_owned);
    Ok(found.iter().filter_map(|desk| text(desk, "project").zip(text(desk, "flow"))).collect())
}
