//! One transaction of storage: what is written, deleted and asked for, all of it or nothing.

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// One transaction: all of it or nothing.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Transaction {
    set: Vec<Item>,
    delete: Vec<Item>,
    check: Vec<Item>,
    /// The attribute of the first entity written whose text is handed over beside this.
    text: Option<&'static str>,
    #[serde(skip)]
    beside: String,
}

/// One key: of an entity, or plain; what is written there, and on which condition.
#[derive(Debug, Clone, Serialize)]
struct Item {
    #[serde(skip_serializing_if = "Option::is_none")]
    entity: Option<&'static str>,
    key: String,
    /// JSON already: what a run is written with is made at every commit.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    when: Option<When>,
    /// After how many days storage may drop it.
    #[serde(skip_serializing_if = "Option::is_none")]
    keep_days: Option<u32>,
}

/// What must be stored of an entity for a transaction to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Nothing with this attribute.
    Absent(&'static str),
    /// This version.
    Version(u64),
}

impl When {
    /// Nothing is stored yet.
    pub const NEW: Self = Self::Absent("version");

    /// It still is as it was read: of this version, or not there.
    pub fn unchanged(was: Option<u64>) -> Self {
        was.map_or(Self::NEW, Self::Version)
    }
}

impl Transaction {
    /// Writes a plain value.
    pub fn set(&mut self, key: String, value: &impl Serialize) {
        let value = to_raw_value(value).ok();
        self.set.push(Item { value, ..Item::plain(key) });
    }

    /// Writes an entity, on a condition if there is one.
    pub fn set_entity(
        &mut self,
        entity: &'static str,
        key: &str,
        value: &impl Serialize,
        when: Option<When>,
    ) {
        let value = to_raw_value(value).ok();
        self.set.push(Item { value, when, ..Item::of(entity, key) });
    }

    /// Lets storage drop what was written last after so many days.
    pub fn keep_days(&mut self, days: u32) {
        if let Some(item) = self.set.last_mut() {
            item.keep_days = Some(days);
        }
    }

    /// Gives the first entity written one more attribute: a long text, which crosses the boundary
    /// as it is. Within the JSON it would be escaped on this side and read on the other each time.
    pub fn text(&mut self, attribute: &'static str, text: String) {
        self.text = Some(attribute);
        self.beside = text;
    }

    /// The text that is handed over beside the JSON.
    pub fn beside(&self) -> &str {
        &self.beside
    }

    /// Deletes an entity, on a condition if there is one.
    pub fn delete_entity(&mut self, entity: &'static str, key: &str, when: Option<When>) {
        self.delete.push(Item { when, ..Item::of(entity, key) });
    }

    /// Asks for a condition of an entity that is not written.
    pub fn check_entity(&mut self, entity: &'static str, key: &str, when: When) {
        self.check.push(Item { when: Some(when), ..Item::of(entity, key) });
    }
}

impl Item {
    fn of(entity: &'static str, key: &str) -> Self {
        Self { entity: Some(entity), ..Self::plain(key.to_owned()) }
    }

    fn plain(key: String) -> Self {
        Self { entity: None, key, value: None, when: None, keep_days: None }
    }
}
