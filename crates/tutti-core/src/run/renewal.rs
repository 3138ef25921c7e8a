//! New credentials for a tool: every call that waits for them is tried again by itself.

use serde_json::Value;

use super::{Node, Run};
use crate::flow::Flow;

/// What a run that waits for a tool's credentials wants to hear of.
pub fn renewal_topic(tool: &str) -> String {
    format!("connection.renewed:{tool}")
}

impl Run {
    /// The renewals that calls of the run wait for.
    pub(super) fn awaited_renewals(&self) -> impl Iterator<Item = String> {
        let calls = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) => call.lacks_credentials(),
            _ => None,
        });
        calls.map(renewal_topic)
    }

    /// Hears of a renewal, and from the payload's `by` whose it is.
    pub(super) fn renewed(&mut self, flow: &Flow, topic: &str, payload: &Value) {
        let name = payload.get("by").and_then(Value::as_str).unwrap_or("somebody");
        let waits = |node: &Node| match node {
            Node::Call(call) => {
                call.lacks_credentials().map(renewal_topic).as_deref() == Some(topic)
            }
            _ => false,
        };
        let waiting = self.nodes.iter().filter(|(_, node)| waits(node));
        let keys: Vec<String> = waiting.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.with_node(&key, |run, node| {
                if let Node::Call(call) = node {
                    call.renewed(run, flow, name);
                }
            });
        }
    }
}
