//! The catalogue: every connector and operation compiled in, each parsed when first asked for.

use std::sync::OnceLock;

use serde_json::Deserializer;
use tutti_core::operation::{Catalogue, Operation};

use crate::connector::Connector;
use crate::declaration::Declaration;

// Two sorted tables of (name, JSON), written by the build script from `connectors/`.
include!(concat!(env!("OUT_DIR"), "/connectors.rs"));

/// All connectors and operations. Nothing in it belongs to a tenant: it is data of the release.
pub struct Connectors {
    connectors: Vec<OnceLock<Option<Connector>>>,
    operations: Vec<OnceLock<Option<Declaration>>>,
}

/// The operations a flow can use. A cold start pays only for those it asks for.
pub fn catalogue() -> &'static Connectors {
    static CATALOGUE: OnceLock<Connectors> = OnceLock::new();
    CATALOGUE.get_or_init(|| Connectors {
        connectors: CONNECTORS.iter().map(|_| OnceLock::new()).collect(),
        operations: OPERATIONS.iter().map(|_| OnceLock::new()).collect(),
    })
}

/// The connector of a tool, if there is one.
pub fn connector(tool: &str) -> Option<&'static Connector> {
    catalogue().connector(tool)
}

/// What each operation gives in its example, for worlds that nobody has written.
#[cfg(feature = "examples")]
pub fn example_outputs() -> std::collections::BTreeMap<String, serde_json::Value> {
    use crate::example::Examples;
    let examples = include_str!(concat!(env!("OUT_DIR"), "/examples.json"));
    let all: Vec<(String, Examples)> = serde_json::from_str(examples).unwrap_or_default();
    all.into_iter().map(|(id, examples)| (id, examples.example.output)).collect()
}

impl Connectors {
    /// The connector of a tool.
    pub fn connector(&self, tool: &str) -> Option<&Connector> {
        let index = CONNECTORS.binary_search_by_key(&tool, |(name, _)| name).ok()?;
        let (_, json) = CONNECTORS.get(index)?;
        let parse = || serde_json::from_str(json).ok();
        self.connectors.get(index)?.get_or_init(parse).as_ref()
    }

    /// An operation and how to speak it.
    pub fn declaration(&self, id: &str) -> Option<&Declaration> {
        let index = OPERATIONS.binary_search_by_key(&id, |(name, _)| name).ok()?;
        let (_, json) = OPERATIONS.get(index)?;
        let parse = || Declaration::read(id, &mut Deserializer::from_str(json)).ok();
        self.operations.get(index)?.get_or_init(parse).as_ref()
    }

    /// The names of all tools, sorted.
    pub fn tools(&self) -> impl Iterator<Item = &'static str> {
        CONNECTORS.iter().map(|(name, _)| *name)
    }
}

impl Catalogue for Connectors {
    fn operation(&self, id: &str) -> Option<&Operation> {
        self.declaration(id).map(|declaration| &declaration.operation)
    }

    fn ids(&self) -> Vec<&str> {
        OPERATIONS.iter().map(|(id, _)| *id).collect()
    }

    fn brings(&self, id: &str) -> Vec<String> {
        let mut members: Vec<String> =
            self.declaration(id).map(Declaration::brings).unwrap_or_default();
        for path in &mut members {
            path.truncate(path.find(['.', '[']).unwrap_or(path.len()));
        }
        members.retain(|member| !member.is_empty());
        members.dedup();
        members
    }

    fn heard(&self) -> Vec<&str> {
        let events = self.tools().filter_map(|tool| self.connector(tool)).map(|it| &it.events);
        events.flat_map(|events| &events.heard).map(|heard| heard.event.as_str()).collect()
    }

    fn starts(&self) -> Vec<String> {
        let mut topics = Vec::new();
        for tool in self.tools() {
            let Some(Connector { events, .. }) = self.connector(tool) else { continue };
            topics.extend(events.starts.iter().map(|event| format!("event:{event}")));
            let hook = events.hook.as_ref().map(|hook| hook.starts.as_deref().unwrap_or(tool));
            topics.extend(hook.map(|name| format!("webhook:{name}")));
        }
        topics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_compiled_in_can_be_read() {
        for id in catalogue().ids() {
            let operation = catalogue().operation(id).unwrap_or_else(|| panic!("{id}"));
            assert_eq!(operation.id, id);
            assert!(connector(operation.tool()).is_some(), "{id}");
        }
        assert!(catalogue().operation("jira.issue.launch").is_none());
    }
}
