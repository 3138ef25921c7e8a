//! A toy tool with one operation of each class, and services with real state behind it.

use std::collections::{BTreeMap, VecDeque};
use std::ops::{Deref, DerefMut};
use std::sync::LazyLock;

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Reply, Said};
use tutti_core::failure::Failure;
use tutti_core::flow::Flow;
use tutti_core::model::Question;
use tutti_core::operation::Operation;
use tutti_core::session::Session;

use tutti_sim::{Driver, Outside};

/// What the toy tool can do. Arguments are written `name:kind`, with `!` if required and `*` if
/// they also choose the target.
pub fn catalogue() -> BTreeMap<String, Operation> {
    let mut all = vec![
        operation(
            "toy.thing.get",
            "read/read/reversible",
            "id:text!",
            json!({
                "untrusted": ["text"], "pii": ["owner.email"],
            }),
        ),
        operation(
            "toy.thing.search",
            "read/read/reversible",
            "query:text!",
            json!({
                "untrusted": ["items[].text"],
            }),
        ),
        operation("toy.note.list", "read/read/reversible", "on:text!", json!({})),
        operation("toy.page.get", "read/read/reversible", "", json!({})),
        operation("toy.job.get", "read/read/reversible", "id:text!", json!({})),
        operation("toy.flag.get", "read/read/reversible", "name:text!", json!({})),
        operation(
            "toy.thing.set",
            "write/idempotent/reversible",
            "id:text* text:text! title:text",
            json!({
                "before": {"use": "toy.thing.get", "with": {"id": "${input.id}"}, "version": "version"},
                "inverse": {"use": "toy.thing.set", "with": {
                    "id": "${input.id}", "text": "${before.text}", "title": "${before.heading}",
                }},
            }),
        ),
        operation("toy.link.put", "write/idempotent/reversible", "to:text! rows:list", json!({})),
        operation("toy.order.place", "write/keyed/compensable", "what:text!", json!({})),
        operation(
            "toy.note.add",
            "write/probed/compensable",
            "on:text* text:text!",
            json!({
                "probe": {
                    "use": "toy.note.list", "with": {"on": "${input.on}"}, "find": "notes",
                    "path": "text", "output": {"id": "${found.id}"}, "settle_ms": 2000,
                },
                "inverse": {"use": "toy.note.remove", "with": {"id": "${output.id}"}},
            }),
        ),
        operation("toy.note.remove", "destroy/idempotent/compensable", "id:integer*", json!({})),
        operation(
            "toy.page.append",
            "write/idempotent/reversible",
            "row:text!",
            json!({
                "before": {"use": "toy.page.get", "version": "version"},
                "probe": {"use": "toy.page.get", "find": "rows", "path": "key",
                          "output": {"row": "${found.row}"}},
            }),
        ),
        operation(
            "toy.flag.set",
            "write/idempotent/reversible",
            "name:text* value:any!",
            json!({
                "before": {"use": "toy.flag.get", "with": {"name": "${input.name}"},
                           "version": "value", "optional": true},
                "inverse": {"use": "toy.flag.set",
                            "with": {"name": "${input.name}", "value": "${before.value}"}},
                "inverse_if_new": {"use": "toy.flag.clear", "with": {"name": "${input.name}"}},
            }),
        ),
        operation(
            "toy.flag.clear",
            "destroy/idempotent/reversible",
            "name:text*",
            json!({"before": {"use": "toy.flag.get", "with": {"name": "${input.name}"}}}),
        ),
        operation(
            "toy.letter.send",
            "write/probed/irreversible",
            "to:text* text:text!",
            json!({
                "before": {"use": "toy.thing.get", "with": {"id": "${input.to}"}, "version": "version"},
                "probe": {"use": "toy.thing.get", "with": {"id": "${input.to}"}, "path": "letter",
                          "output": {"to": "${input.to}"}, "settle_ms": 2000},
            }),
        ),
        operation("toy.mail.send", "write/unsafe/compensable", "to:text* text:text!", json!({})),
        operation(
            "tutti.run.start",
            "write/keyed/compensable",
            "flow:text! input:object!",
            json!({}),
        ),
        operation(
            "tutti.run.get",
            "read/read/reversible",
            "run:text!",
            json!({"untrusted": ["output"]}),
        ),
        operation(
            "tutti.event.emit",
            "write/idempotent/compensable",
            "event:text! key:text! payload:object",
            json!({}),
        ),
        operation(
            "jira.issue.touch",
            "write/idempotent/reversible",
            "issue:any* project:text",
            json!({}),
        ),
    ];
    all.sort_by(|a, b| a.id.cmp(&b.id));
    all.into_iter().map(|operation| (operation.id.clone(), operation)).collect()
}

fn operation(id: &str, class: &str, inputs: &str, more: Value) -> Operation {
    let class: Vec<&str> = class.split('/').collect();
    let inputs: serde_json::Map<String, Value> = inputs.split_whitespace().map(input).collect();
    let mut value = json!({
        "id": id, "summary": format!("Do {id}"), "input": inputs,
        "access": class[0], "once": class[1], "reversibility": class[2],
    });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    serde_json::from_value(value).unwrap()
}

fn input(spec: &str) -> (String, Value) {
    let (name, kind) = spec.split_once(':').unwrap();
    let required = kind.ends_with(['!', '*']);
    let value = json!({
        "type": kind.trim_end_matches(['!', '*']), "required": required,
        "target": kind.ends_with('*'), "about": "",
    });
    (name.to_owned(), value)
}

/// What goes wrong with one call.
#[derive(Debug, Clone)]
pub enum Fault {
    /// Nothing happens.
    Instead(Failure),
    /// It happens, and the answer is lost on the way back.
    Afterwards(Failure),
    /// Somebody else changes the target just before.
    Meddled,
}

/// The services, and the model.
#[derive(Default)]
pub struct Toys {
    pub things: BTreeMap<String, Value>,
    pub flags: BTreeMap<String, Value>,
    pub links: BTreeMap<String, Value>,
    pub orders: BTreeMap<String, Value>,
    /// Flows that were run as a step, by effect key, and how each run stands.
    pub started: BTreeMap<String, Value>,
    pub children: BTreeMap<String, Value>,
    pub emitted: Vec<Value>,
    pub notes: Vec<String>,
    pub page: Vec<Value>,
    pub page_version: u64,
    pub mails: Vec<String>,
    pub jobs: BTreeMap<String, Value>,
    pub touched: Vec<String>,
    /// How many things were made by each effect key.
    pub made: BTreeMap<String, u32>,
    /// Every call, in order: `note#write1 ok`.
    pub log: Vec<String>,
    pub faults: BTreeMap<String, VecDeque<Fault>>,
    /// What the model answers, one after the other.
    pub answers: VecDeque<Reply>,
    pub asked: Vec<Question>,
}

impl Toys {
    pub fn new() -> Self {
        let thing = json!({
            "id": "t1", "version": 1, "text": "words of a customer", "heading": "Old title",
            "tier": "gold", "none": null, "owner": {"account_id": "dana", "name": "Dana",
            "email": "dana@toy.example"},
        });
        let job = json!({"id": "j1", "status": "running"});
        Self {
            things: [("t1".to_owned(), thing)].into(),
            jobs: [("j1".to_owned(), job)].into(),
            page_version: 1,
            ..Self::default()
        }
    }

    pub fn fault(&mut self, operation: &str, faults: impl IntoIterator<Item = Fault>) {
        self.faults.entry(operation.to_owned()).or_default().extend(faults);
    }

    pub fn answer(&mut self, text: impl ToString) {
        self.answers.push_back(Reply::Ok(json!({
            "text": text.to_string(), "model": "toy-1", "input_tokens": 100, "output_tokens": 10,
            "truncated": false,
        })));
    }

    /// Everything outside that a person could see, and nothing of how it came about.
    pub fn state(&self) -> Value {
        let mut notes = self.notes.clone();
        notes.sort();
        json!({
            "things": self.things, "flags": self.flags, "links": self.links,
            "orders": self.orders, "notes": notes, "page": self.page, "mails": self.mails,
            "touched": self.touched,
        })
    }

    pub fn touch(&mut self, id: &str) {
        let thing = self.things.get_mut(id).unwrap();
        thing["version"] = json!(thing["version"].as_u64().unwrap() + 1);
    }

    /// The writes that left, without their tries.
    pub fn writes(&self) -> Vec<&str> {
        self.log.iter().map(String::as_str).filter(|line| line.contains("#write")).collect()
    }

    fn call(&mut self, operation: &str, input: &Value, before: &Value, key: &str) -> Reply {
        let text = |name: &str| input[name].as_str().unwrap_or_default().to_owned();
        match operation {
            "toy.thing.get" => found(self.things.get(&text("id"))),
            "toy.thing.search" => {
                let brief = |thing: &Value| json!({"id": thing["id"], "text": thing["text"]});
                let items: Vec<Value> = self.things.values().map(brief).collect();
                Reply::Ok(json!({"items": items}))
            }
            "toy.note.list" => {
                let notes: Vec<Value> = self
                    .notes
                    .iter()
                    .enumerate()
                    .map(|(id, text)| json!({"id": id, "text": text}))
                    .collect();
                Reply::Ok(json!({"notes": notes}))
            }
            "toy.page.get" => Reply::Ok(json!({"version": self.page_version, "rows": self.page})),
            "toy.job.get" => found(self.jobs.get(&text("id"))),
            "toy.flag.get" => match self.flags.get(&text("name")) {
                Some(value) => Reply::Ok(json!({"value": value})),
                None => not_found(),
            },
            "toy.thing.set" => {
                let Some(thing) = self.things.get_mut(&text("id")) else { return not_found() };
                thing["text"] = input["text"].clone();
                thing["set_by"] = json!(key);
                if let Some(title) = input.get("title") {
                    thing["heading"] = title.clone();
                }
                self.touch(&text("id"));
                Reply::Ok(json!({"id": text("id")}))
            }
            "toy.link.put" => {
                let fresh = self.links.insert(key.to_owned(), input.clone()).is_none();
                self.count(key, fresh);
                Reply::Ok(json!({"link": key}))
            }
            "toy.order.place" => {
                let fresh = self.orders.insert(key.to_owned(), input.clone()).is_none();
                self.count(key, fresh);
                Reply::Ok(json!({"order": key}))
            }
            "toy.note.add" => {
                self.notes.push(format!("{}\n\n{key}", text("text")));
                self.count(key, true);
                Reply::Ok(json!({"id": self.notes.len() - 1}))
            }
            "toy.page.append" => {
                if before["version"].as_u64() != Some(self.page_version) {
                    return Reply::Failed(Failure::Conflict { message: "stale".to_owned() });
                }
                self.page.push(json!({"row": input["row"], "key": key}));
                self.page_version += 1;
                self.count(key, true);
                Reply::Ok(json!({"row": input["row"]}))
            }
            "toy.flag.set" => {
                self.flags.insert(text("name"), input["value"].clone());
                Reply::Ok(json!({"name": text("name")}))
            }
            "toy.flag.clear" => {
                self.flags.remove(&text("name")).map_or_else(not_found, |_| Reply::Ok(json!({})))
            }
            "toy.note.remove" => {
                let id = input["id"].as_u64().unwrap() as usize;
                if id >= self.notes.len() {
                    return not_found();
                }
                self.notes.remove(id);
                Reply::Ok(json!({}))
            }
            "toy.letter.send" => {
                let Some(thing) = self.things.get_mut(&text("to")) else { return not_found() };
                thing["letter"] = json!(key);
                thing["letter_text"] = input["text"].clone();
                self.touch(&text("to"));
                self.count(key, true);
                Reply::Ok(json!({"to": text("to")}))
            }
            "toy.mail.send" => {
                self.mails.push(key.to_owned());
                self.count(key, true);
                Reply::Ok(json!({"sent": true}))
            }
            "tutti.run.start" => {
                let fresh = self.started.insert(key.to_owned(), input.clone()).is_none();
                self.count(key, fresh);
                Reply::Ok(json!({"run": "child"}))
            }
            "tutti.run.get" => found(self.children.get(&text("run"))),
            "tutti.event.emit" => {
                self.emitted.push(input.clone());
                Reply::Ok(json!({"heard": 1}))
            }
            "jira.issue.touch" => {
                self.touched.push(text("issue"));
                Reply::Ok(json!({}))
            }
            other => panic!("there is no {other}"),
        }
    }

    fn count(&mut self, key: &str, fresh: bool) {
        *self.made.entry(key.to_owned()).or_default() += u32::from(fresh);
    }

    fn meddle(&mut self) {
        self.page.push(json!({"row": "somebody else's", "key": "none"}));
        self.page_version += 1;
    }
}

fn found(value: Option<&Value>) -> Reply {
    value.map_or_else(not_found, |value| Reply::Ok(value.clone()))
}

fn not_found() -> Reply {
    Reply::Failed(Failure::NotFound { message: "no such thing".to_owned() })
}

impl Outside for Toys {
    fn perform(&mut self, effect: &Effect, _now: i64) -> Reply {
        let reply = match &effect.action {
            Action::Ask { question } => {
                self.asked.push(question.clone());
                self.answers.pop_front().expect("the model has an answer left")
            }
            Action::Call { operation, input, before, .. } => {
                match self.faults.get_mut(operation).and_then(VecDeque::pop_front) {
                    None => self.call(operation, input, before, &effect.key),
                    Some(Fault::Instead(failure)) => Reply::Failed(failure),
                    Some(Fault::Afterwards(failure)) => {
                        self.call(operation, input, before, &effect.key);
                        Reply::Failed(failure)
                    }
                    Some(Fault::Meddled) => {
                        self.meddle();
                        self.call(operation, input, before, &effect.key)
                    }
                }
            }
        };
        let name = effect.id.trim_start_matches("tt-test/").replacen("/1#", "#", 1);
        let outcome = match &reply {
            Reply::Ok(_) => "ok",
            Reply::Failed(failure) => failure.kind(),
        };
        self.log.push(format!("{name} {outcome}"));
        reply
    }
}

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
