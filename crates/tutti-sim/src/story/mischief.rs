//! What goes wrong around the run of a story: workers that die, answers that come as they like.

use schemars::JsonSchema;
use serde::de::{DeserializeOwned, Error};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::document::Document;

/// Where the worker dies, or loses the run to another.
#[derive(Debug, Clone, PartialEq, JsonSchema)]
#[serde(untagged)]
pub enum Crashes {
    /// Wherever it can, in turn.
    Every(EveryWord),
    /// At each of these, in turn.
    At(Vec<usize>),
}

/// The word for each moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EveryWord {
    /// All of them.
    Every,
}

/// How answers come back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Deliveries {
    /// As they were asked.
    Once,
    /// Each of them twice.
    Twice,
    /// The last asked first.
    Reversed,
    /// All that are there at once.
    Together,
}

impl Default for Crashes {
    fn default() -> Self {
        Self::At(Vec::new())
    }
}

impl Crashes {
    /// The moments that are meant, of so many.
    pub fn of(&self, all: usize) -> Vec<usize> {
        match self {
            Self::Every(_) => (0..all).collect(),
            Self::At(list) => list.clone(),
        }
    }
}

impl Deliveries {
    pub(super) fn usual() -> Vec<Self> {
        vec![Self::Once]
    }
}

impl<'de> Deserialize<'de> for Crashes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let list = || serde_json::from_value(value.clone()).ok().map(Self::At);
        let every = (value == "every").then_some(Self::Every(EveryWord::Every));
        let none = || Error::custom("these are no moments; write `every` or a list like [3, 17]");
        every.or_else(list).ok_or_else(none)
    }
}

/// One thing, or a list of them.
pub(super) fn one_or_more<'de, D, T>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: DeserializeOwned,
{
    let list = match Value::deserialize(deserializer)? {
        Value::Array(items) => items,
        one => vec![one],
    };
    if list.is_empty() {
        return Err(Error::custom("no way is named here; leave it out, or write `once`"));
    }
    Vec::deserialize(Document(&list.into())).map_err(Error::custom)
}

/// How the schema says that one or more may be given.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) enum OneOrMore {
    One(Deliveries),
    More(#[schemars(length(min = 1))] Vec<Deliveries>),
}
