//! One transaction of storage: what is written, deleted and asked for, all of it or nothing.

use serde::Serialize;
use serde_json::{Value, json};

/// One transaction: all of it or nothing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Transaction {
    set: Vec<Value>,
    delete: Vec<Value>,
    check: Vec<Value>,
    /// The attribute of the first entity written whose text is handed over beside this.
    text: Option<&'static str>,
    #[serde(skip)]
    beside: String,
}

impl Transaction {
    /// Writes a plain value.
    pub fn set(&mut self, key: String, value: Value) {
        self.set.push(json!({"key": key, "value": value}));
    }

    /// Writes an entity, on a condition if there is one.
    pub fn set_entity(&mut self, entity: &str, key: &str, value: Value, when: Option<Value>) {
        self.set.push(json!({"entity": entity, "key": key, "value": value, "when": when}));
    }

    /// Gives the first entity written one more attribute: a long text, which crosses the boundary
    /// as it is. Within the JSON it would be escaped on this side and read on the other each time.
    pub fn text(&mut self, attribute: &'static str, text: &str) {
        self.text = Some(attribute);
        text.clone_into(&mut self.beside);
    }

    /// The text that is handed over beside the JSON.
    pub fn beside(&self) -> &str {
        &self.beside
    }

    /// Deletes a plain value.
    pub fn delete(&mut self, key: &str) {
        self.delete.push(json!({"key": key}));
    }

    /// Deletes an entity.
    pub fn delete_entity(&mut self, entity: &str, key: String) {
        self.delete.push(json!({"entity": entity, "key": key}));
    }

    /// Asks for a condition of an entity that is not written.
    pub fn check_entity(&mut self, entity: &str, key: &str, when: Value) {
        self.check.push(json!({"entity": entity, "key": key, "when": when}));
    }
}
