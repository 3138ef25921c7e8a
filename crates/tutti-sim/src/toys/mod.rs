//! Toys: services with real state behind one operation of each class, and a model that says what
//! it is told to.

mod catalogue;

pub use self::catalogue::catalogue;

use std::collections::{BTreeMap, VecDeque};

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Reply};
use tutti_core::failure::Failure;
use tutti_core::model::Question;

use crate::Outside;

/// What goes wrong with one call.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// Nothing happens.
    Instead(Failure),
    /// It happens, and the answer is lost on the way back.
    Afterwards(Failure),
    /// Somebody else changes the target just before.
    Meddled,
}

/// The services, and the model.
#[derive(Debug, Clone, Default)]
pub struct Toys {
    /// Records by id, each with a `version` that every change counts up.
    pub things: BTreeMap<String, Value>,
    /// Values by name.
    pub flags: BTreeMap<String, Value>,
    /// Links by effect key.
    pub links: BTreeMap<String, Value>,
    /// Orders by idempotency key.
    pub orders: BTreeMap<String, Value>,
    /// Flows that were run as a step, by effect key.
    pub started: BTreeMap<String, Value>,
    /// How the run of each such flow stands.
    pub children: BTreeMap<String, Value>,
    /// The effect keys by which runs of such flows were stopped.
    pub stopped: Vec<String>,
    /// The effect keys whose runs are stopped if they are ever started.
    pub withdrawn: BTreeMap<String, String>,
    /// Events that were told to other flows.
    pub emitted: Vec<Value>,
    /// Notes by id, each with the key of the effect that wrote it.
    pub notes: BTreeMap<usize, String>,
    /// How many notes there ever were; no id is used again.
    notes_made: usize,
    /// The rows of a page that is only changed if it is still as it was read.
    pub page: Vec<Value>,
    /// The page's version.
    pub page_version: u64,
    /// The effect keys of mails that were sent.
    pub mails: Vec<String>,
    /// Jobs by id.
    pub jobs: BTreeMap<String, Value>,
    /// Issues that were touched.
    pub touched: Vec<String>,
    /// How many things were made by each effect key.
    pub made: BTreeMap<String, u32>,
    /// Every call, in order: `note#write1 ok`.
    pub log: Vec<String>,
    /// What goes wrong with the next calls of an operation.
    pub faults: BTreeMap<String, VecDeque<Fault>>,
    /// What the model answers, one after the other.
    pub answers: VecDeque<Reply>,
    /// What the model was asked.
    pub asked: Vec<Question>,
}

impl Toys {
    /// A thing, a job under way, an empty page.
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

    /// What goes wrong with the next calls of an operation.
    pub fn fault(&mut self, operation: &str, faults: impl IntoIterator<Item = Fault>) {
        self.faults.entry(operation.to_owned()).or_default().extend(faults);
    }

    /// What the model answers to the next question.
    pub fn answer(&mut self, text: impl ToString) {
        self.answers.push_back(Reply::Ok(json!({
            "text": text.to_string(), "model": "toy-1", "input_tokens": 100, "output_tokens": 10,
            "truncated": false,
        })));
    }

    /// Everything outside that a person could see, and nothing of how it came about.
    pub fn state(&self) -> Value {
        let mut notes: Vec<&String> = self.notes.values().collect();
        notes.sort();
        json!({
            "things": self.things, "flags": self.flags, "links": self.links,
            "orders": self.orders, "notes": notes, "page": self.page, "mails": self.mails,
            "touched": self.touched,
        })
    }

    /// Somebody changes a thing.
    pub fn touch(&mut self, id: &str) {
        if let Some(thing) = self.things.get_mut(id) {
            let version = thing.get("version").and_then(Value::as_u64).unwrap_or_default();
            put(thing, "version", json!(version + 1));
        }
    }

    /// Somebody else changes the page.
    pub fn meddle(&mut self) {
        self.page.push(json!({"row": "somebody else's", "key": "none"}));
        self.page_version += 1;
    }

    /// The writes that left, without their tries.
    pub fn writes(&self) -> Vec<&str> {
        self.log.iter().map(String::as_str).filter(|line| line.contains("#write")).collect()
    }

    /// Does what an effect asks, whatever is meant to go wrong.
    pub fn does(&mut self, effect: &Effect) -> Reply {
        match &effect.action {
            Action::Ask { question } => {
                self.asked.push(question.clone());
                let nothing = || rejected("speechless", "the model has no answer left");
                self.answers.pop_front().unwrap_or_else(nothing)
            }
            Action::Call { operation, input, before, .. } => {
                self.call(operation, input, before, &effect.key)
            }
        }
    }

    fn call(&mut self, operation: &str, input: &Value, before: &Value, key: &str) -> Reply {
        let text = |name: &str| word(input, name).to_owned();
        match operation {
            "toy.thing.get" => found(self.things.get(&text("id"))),
            "toy.thing.search" => {
                let brief = |thing: &Value| json!({"id": thing["id"], "text": thing["text"]});
                let items: Vec<Value> = self.things.values().map(brief).collect();
                Reply::Ok(json!({"items": items}))
            }
            "toy.note.list" => {
                let note = |(id, text): (&usize, &String)| json!({"id": id, "text": text});
                let notes: Vec<Value> = self.notes.iter().map(note).collect();
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
                put(thing, "text", input["text"].clone());
                put(thing, "set_by", json!(key));
                if let Some(title) = input.get("title") {
                    put(thing, "heading", title.clone());
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
                let id = self.notes_made;
                self.notes_made += 1;
                self.notes.insert(id, format!("{}\n\n{key}", text("text")));
                self.count(key, true);
                Reply::Ok(json!({"id": id}))
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
                let id = input["id"].as_u64().and_then(|id| usize::try_from(id).ok());
                let note = id.and_then(|id| self.notes.remove(&id));
                note.map_or_else(not_found, |_| Reply::Ok(json!({})))
            }
            "toy.letter.send" => {
                let Some(thing) = self.things.get_mut(&text("to")) else { return not_found() };
                put(thing, "letter", json!(key));
                put(thing, "letter_text", input["text"].clone());
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
                if let Some(by) = self.withdrawn.remove(key) {
                    self.stop("child", &by);
                }
                Reply::Ok(json!({"run": "child"}))
            }
            "tutti.run.cancel" => {
                match (input["run"].as_str(), word(&input["run"], "started_by")) {
                    (Some(run), _) => self.stop(run, key),
                    (None, start) if self.started.contains_key(start) => self.stop("child", key),
                    (None, start) => {
                        self.withdrawn.insert(start.to_owned(), key.to_owned());
                        Reply::Ok(json!({"run": "child", "stopped": true}))
                    }
                }
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
            other => rejected("no_such_operation", &format!("the toys know no `{other}`")),
        }
    }

    /// Stops the run of a flow. One that is over takes it as nothing.
    fn stop(&mut self, run: &str, key: &str) -> Reply {
        let Some(child) = self.children.get_mut(run) else { return not_found() };
        let stopped = child["over"] == false;
        if stopped {
            put(child, "over", json!(true));
            put(child, "reason", json!("stopped by its parent"));
            self.stopped.push(key.to_owned());
        }
        Reply::Ok(json!({"run": run, "stopped": stopped}))
    }

    fn count(&mut self, key: &str, fresh: bool) {
        *self.made.entry(key.to_owned()).or_default() += u32::from(fresh);
    }
}

impl Outside for Toys {
    fn perform(&mut self, effect: &Effect, _now: i64) -> Reply {
        let fault = match &effect.action {
            Action::Call { operation, .. } => {
                self.faults.get_mut(operation).and_then(VecDeque::pop_front)
            }
            Action::Ask { .. } => None,
        };
        let reply = match fault {
            None => self.does(effect),
            Some(Fault::Instead(failure)) => Reply::Failed(failure),
            Some(Fault::Afterwards(failure)) => {
                self.does(effect);
                Reply::Failed(failure)
            }
            Some(Fault::Meddled) => {
                self.meddle();
                self.does(effect)
            }
        };
        let name = effect.id.trim_start_matches("tt-test/").replacen("/1#", "#", 1);
        let outcome = match &reply {
            Reply::Ok(_) | Reply::Excerpt(_) => "ok",
            Reply::Failed(failure) => failure.kind(),
        };
        self.log.push(format!("{name} {outcome}"));
        reply
    }
}

fn word<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

fn put(thing: &mut Value, name: &str, value: Value) {
    if let Some(members) = thing.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
}

fn found(value: Option<&Value>) -> Reply {
    value.map_or_else(not_found, |value| Reply::Ok(value.clone()))
}

fn not_found() -> Reply {
    Reply::Failed(Failure::NotFound { message: "no such thing".to_owned() })
}

fn rejected(code: &str, message: &str) -> Reply {
    Reply::Failed(Failure::Rejected { code: code.to_owned(), message: message.to_owned() })
}
