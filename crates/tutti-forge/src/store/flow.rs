//! Flows in storage: what is written of each and whether it is on, and its versions, which never
//! change.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::operation::Operation;
use tutti_core::packed::Packed;

use super::index::{Index, query};
use super::{Transaction, When, entity, flow_key, transact};
use crate::host::{Host, PortError};

/// A flow version: the document with the operations it was linked to, never changed again.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlowVersion {
    /// The document as JSON.
    pub document: Value,
    /// The operations it uses.
    pub operations: BTreeMap<String, Operation>,
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
    /// How often it was written; whoever writes it does so on the condition that nobody else did.
    #[serde(skip)]
    pub writes: u64,
}

/// The key of a flow version.
fn version_key(project: &str, flow: &str, version: u64) -> String {
    format!("flow-version:{project}:{flow}:{version}")
}

fn head_of(value: &Value) -> Option<FlowHead> {
    let head: FlowHead = serde_json::from_str(value.get("body")?.as_str()?).ok()?;
    let writes = value.get("version").and_then(Value::as_u64).unwrap_or_default();
    Some(FlowHead { writes, ..head })
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

/// Writes a flow, and its new version if there is one, on the condition that nobody else did since
/// its head was read; one that was not there has no writes.
pub async fn save_flow(
    host: &Host,
    head: &FlowHead,
    version: Option<&FlowVersion>,
) -> Result<(), PortError> {
    transact(host, &saving(head, version)).await
}

/// The transaction of a flow: its head as the next write of it, its version.
pub fn saving(head: &FlowHead, version: Option<&FlowVersion>) -> Transaction {
    let mut transaction = Transaction::default();
    let value = json!({
        "project": head.project,
        "flow": head.id,
        "topic": if head.enabled { head.topic.as_str() } else { "off" },
        "version": head.writes + 1,
        "body": serde_json::to_string(head).unwrap_or_default(),
    });
    let was = (head.writes > 0).then_some(head.writes);
    transaction.set_entity(
        "flow",
        &flow_key(&head.project, &head.id),
        &value,
        Some(When::unchanged(was)),
    );
    if let Some(version) = version {
        // It is read each time a run is opened, and is long.
        let text = serde_json::to_string(version).unwrap_or_default();
        let key = version_key(&head.project, &head.id, head.version);
        transaction.set(key, &Packed::pack(&text));
    }
    transaction
}
