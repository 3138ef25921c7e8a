//! Searching custom entities: the indexes `manifest.yml` declares, and how one is asked.

use serde_json::{Value, json};

use crate::host::{Host, PortError};

/// The most entries of one search that are read.
const FOUND_MAX: usize = 500;

/// An index of a custom entity. Entries share one attribute and are ordered by another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index {
    /// The entity.
    pub entity: &'static str,
    /// The index's name.
    pub name: &'static str,
    /// The attribute they share.
    pub partition: &'static str,
    /// The attribute that orders them.
    pub range: &'static str,
}

impl Index {
    /// Runs by when somebody must look after them.
    pub const RUNS_DUE: Self = Self::new("run", "by-due", "lane", "due_at");
    /// Runs by the issue they are about.
    pub const RUNS_BY_SUBJECT: Self = Self::new("run", "by-subject", "subject", "started_at");
    /// Runs by project.
    pub const RUNS_BY_PROJECT: Self = Self::new("run", "by-project", "project", "started_at");
    /// Runs by the flow and the issue that started them.
    pub const RUNS_ABOUT: Self = Self::new("run", "by-about", "about", "started_at");
    /// Desks of flows by when somebody must look at them.
    pub const DESKS_DUE: Self = Self::new("admission", "by-due", "lane", "due_at");
    /// Flows by project.
    pub const FLOWS_BY_PROJECT: Self = Self::new("flow", "by-project", "project", "flow");
    /// Flows by what starts them.
    pub const FLOWS_BY_TOPIC: Self = Self::new("flow", "by-topic", "topic", "flow");
    /// Runs by what they wait to hear of.
    pub const LISTENERS: Self = Self::new("listen", "by-topic", "topic", "run");

    /// What `manifest.yml` must declare.
    #[cfg(test)]
    pub const ALL: [Self; 8] = [
        Self::RUNS_DUE,
        Self::RUNS_BY_SUBJECT,
        Self::RUNS_BY_PROJECT,
        Self::RUNS_ABOUT,
        Self::DESKS_DUE,
        Self::FLOWS_BY_PROJECT,
        Self::FLOWS_BY_TOPIC,
        Self::LISTENERS,
    ];

    const fn new(
        entity: &'static str,
        name: &'static str,
        partition: &'static str,
        range: &'static str,
    ) -> Self {
        Self { entity, name, partition, range }
    }
}

/// A search for the entries that share `value`, with the port's further `wishes`. Eventually
/// consistent: what it finds must be read again.
pub async fn query(
    host: &Host,
    index: &Index,
    value: &str,
    mut wishes: Value,
) -> Result<Vec<Value>, PortError> {
    let mut found = Vec::new();
    loop {
        let (items, cursor) = one_page(host, index, value, &mut wishes).await?;
        found.extend(items);
        if cursor.is_null() || found.len() >= FOUND_MAX {
            return Ok(found);
        }
        if let Some(members) = wishes.as_object_mut() {
            members.insert("cursor".to_owned(), cursor);
        }
    }
}

/// The same for no more than the first page, as long as `wishes` says.
pub async fn page(
    host: &Host,
    index: &Index,
    value: &str,
    mut wishes: Value,
) -> Result<Vec<Value>, PortError> {
    Ok(one_page(host, index, value, &mut wishes).await?.0)
}

async fn one_page(
    host: &Host,
    index: &Index,
    value: &str,
    wishes: &mut Value,
) -> Result<(Vec<Value>, Value), PortError> {
    if let Some(members) = wishes.as_object_mut() {
        members.insert("entity".to_owned(), json!(index.entity));
        members.insert("index".to_owned(), json!(index.name));
        members.insert("partition".to_owned(), json!([value]));
    }
    let page: Value = host.port("query", &*wishes).await?;
    let items = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
    let values = items.into_iter().filter_map(|mut item| item.get_mut("value").map(Value::take));
    Ok((values.collect(), page.get("cursor").cloned().unwrap_or_default()))
}
