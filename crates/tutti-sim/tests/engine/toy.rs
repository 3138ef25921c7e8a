//! Whole runs among the toys, so that a test says only what is special about it.

use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tutti_core::event::Said;
use tutti_core::flow::Flow;
use tutti_core::session::Session;

use tutti_sim::Driver;
pub use tutti_sim::toys::{Fault, Toys, catalogue};

/// A flow that does `steps` in the toy world.
pub fn flow(steps: Value) -> Value {
    json!({
        "id": "toy", "name": "Toy flow", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
        "steps": steps,
    })
}

/// Links a document, or says what is wrong with it. What links fits the schema of flows, too.
pub fn link(document: &Value) -> Flow {
    assert_eq!(unlike_schema(document), None, "{document:#}");
    Flow::link(document, &catalogue()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

/// What the schema of flows says against a document, if anything.
pub fn unlike_schema(document: &Value) -> Option<String> {
    static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
        let schema = include_str!("../../../../docs/schema/flow.json");
        jsonschema::validator_for(&serde_json::from_str(schema).unwrap()).unwrap()
    });
    SCHEMA.validate(document).err().map(|error| format!("{} {error}", error.instance_path()))
}

/// A run among the toys, with everything around it. A promise that is broken ends the test.
pub struct Play(Driver<Toys>);

impl Deref for Play {
    type Target = Driver<Toys>;

    fn deref(&self) -> &Driver<Toys> {
        &self.0
    }
}

impl DerefMut for Play {
    fn deref_mut(&mut self) -> &mut Driver<Toys> {
        &mut self.0
    }
}

/// A run of a document that has not begun to work.
pub fn begin(document: &Value) -> Play {
    begin_linked(link(document))
}

/// A run of a flow that has not begun to work.
pub fn begin_linked(flow: Flow) -> Play {
    let trigger = json!({"id": "t1", "said": "words of a stranger"});
    Play(Driver::start(flow, Toys::new(), "PAY", trigger, "toy.thing"))
}

/// A run of these steps that went as far as it goes.
pub fn run(steps: Value) -> Play {
    let mut run = begin(&flow(steps));
    run.go();
    run
}

impl Play {
    pub fn open(&mut self) -> Session {
        self.0.open().unwrap()
    }

    pub fn go(&mut self) {
        self.0.go().unwrap();
    }

    pub fn sleep(&mut self) {
        self.0.sleep().unwrap();
    }

    pub fn say(&mut self, account: &str, answer: Said) {
        self.0.say(account, answer).unwrap();
    }

    pub fn signal(&mut self, id: &str, topic: &str) {
        self.0.signal(id, topic, json!({})).unwrap();
    }

    pub fn approve(&mut self, account: &str) {
        assert!(self.0.approve(account).unwrap(), "somebody is asked");
    }

    pub fn cancel(&mut self) {
        self.say("dana", Said::Cancel { reason: "not needed".to_owned() });
    }

    /// State, reason and gaps in one line.
    pub fn end(&self) -> String {
        let row = &self.storage.row;
        format!("{}: {}", json!(row.state).as_str().unwrap(), row.reason)
    }

    /// The timeline, one line per entry.
    pub fn lines(&self) -> String {
        let mut lines = String::new();
        for entry in self.view().timeline {
            let state = json!(entry.state);
            let outcome = entry.did.map(|did| json!(did.outcome));
            let outcome = outcome.as_ref().and_then(Value::as_str).unwrap_or_default();
            let mut line = format!("{} {} {outcome}", state.as_str().unwrap(), entry.text);
            for more in [Some(entry.detail), entry.adapted].into_iter().flatten() {
                if !more.is_empty() && !more.starts_with("Do toy.") {
                    line.push_str(&format!(" | {more}"));
                }
            }
            lines.push_str(&line.replace("  ", " "));
            lines.push('\n');
        }
        lines
    }
}
