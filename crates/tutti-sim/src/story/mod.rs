//! A story: a flow, a world that follows a script, and what must come of it. One YAML file that is
//! written and read by people who know the flow and not its engine.

mod amount;
mod check;
mod document;
mod expect;
mod happening;
mod large;
mod mischief;
mod reach;
mod read;
mod size;
mod span;
mod vain;
mod world;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

pub use self::amount::Amount;
pub use self::expect::{
    AskedFor, Bounds, Called, DoneExpected, Effects, Expect, FactExpected, HandOffExpected,
    Pattern, SpendExpected, Wanted,
};
pub use self::happening::{Again, Change, Happening, Person, Says, Trigger};
pub use self::mischief::{Crashes, Deliveries, EveryWord};
use self::mischief::{OneOrMore, one_or_more};
pub(crate) use self::read::as_value;
pub use self::size::Size;
pub use self::span::{Moment, Span};
pub use self::world::{Answer, Fails, Said, World};

/// A story, as its file says it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Story {
    /// What it shows, in one sentence; its name.
    #[serde(default)]
    pub story: String,
    /// More about it, for people.
    #[serde(default)]
    pub about: String,
    /// Another story, by its path from this one's folder. This one is the same but for what it
    /// says itself; its answers of the world come before those of the other.
    #[serde(default)]
    pub like: Option<String>,
    /// The flow: a path from the story's own folder, or the document itself.
    #[serde(default)]
    #[schemars(with = "FlowKinds")]
    pub flow: Value,
    /// The key of the Jira project the flow belongs to; it writes in no other.
    pub project: String,
    /// When it begins, for example `2026-03-10T09:00:00Z`, which it is where nothing is said.
    #[serde(default)]
    pub clock: Moment,
    /// What starts the run.
    pub trigger: Trigger,
    /// What each operation answers.
    #[serde(default)]
    pub world: World,
    /// What the model answers, by the id of the step that decides, in the order it is asked.
    #[serde(default)]
    pub model: BTreeMap<String, Vec<Said>>,
    /// What people say, and when.
    #[serde(default)]
    pub people: Vec<Person>,
    /// What happens outside, and when.
    #[serde(default)]
    pub events: Vec<Happening>,
    /// How the world changes, and when.
    #[serde(default)]
    pub change: Vec<Change>,
    /// Where the worker dies: `every` plays the story once for each moment at which it can, a list
    /// once for each of these, counted from 0.
    #[serde(default)]
    pub crashes: Crashes,
    /// Where another worker takes the run from one that still works on it: just before `every`
    /// commit in turn, or before each of these, counted from 0.
    #[serde(default)]
    pub takeovers: Crashes,
    /// How answers come back: `once` as they were asked, `twice` each, `reversed` the last asked
    /// first, `together` all at once. The story is played once for each that is listed.
    #[serde(default = "Deliveries::usual", deserialize_with = "one_or_more")]
    #[schemars(with = "OneOrMore")]
    pub deliveries: Vec<Deliveries>,
    /// How long it is played, where it is to be judged before the run is over.
    #[serde(default)]
    pub until: Option<Span>,
    /// What must come of it.
    #[serde(default)]
    pub expect: Option<Expect>,
}

/// How the schema says what a flow may be.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only its schema is used")]
enum FlowKinds {
    Path(String),
    Document(serde_json::Map<String, Value>),
}

/// The document of a story that is like another: what it says itself, and the rest from there.
pub fn over(base: Value, own: Value) -> Value {
    let (Value::Object(mut all), Value::Object(own)) = (base, own.clone()) else { return own };
    for (key, value) in own {
        let value = match all.remove(&key) {
            Some(base) if key == "world" => before(value, base),
            Some(Value::Object(mut base)) if key == "model" => {
                base.extend(value.as_object().cloned().unwrap_or_default());
                base.into()
            }
            _ => value,
        };
        all.insert(key, value);
    }
    all.into()
}

/// Answers of a world before those of another.
fn before(own: Value, base: Value) -> Value {
    let (Value::Object(own), Value::Object(mut all)) = (own.clone(), base) else { return own };
    for (operation, answers) in own {
        let later = all.remove(&operation);
        let joined = match (answers, later) {
            (Value::Array(own), Some(Value::Array(later))) => {
                own.into_iter().chain(later).collect()
            }
            (own, _) => own,
        };
        all.insert(operation, joined);
    }
    all.into()
}

/// The JSON Schema of a story.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Story).to_value();
    if let Some(members) = schema.as_object_mut() {
        // What a story must say, another that it is like may have said.
        let required = members.remove("required").unwrap_or_default();
        let either = serde_json::json!([{"required": required}, {"required": ["like"]}]);
        members.insert("anyOf".to_owned(), either);
    }
    schema
}
