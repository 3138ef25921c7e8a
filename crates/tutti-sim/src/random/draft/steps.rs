//! One function for each kind of step, and the table that says how often each comes up.

use serde_json::{Map, Value, json};

use super::{Author, DEPTH_MAX, STEPS_MAX};

/// Every kind of step, by the key that makes it one.
#[cfg(test)]
pub(super) const KINDS: [&str; 13] = [
    "ask", "emit", "run", "call", "decide", "switch", "fork", "for", "try", "listen", "wait",
    "set", "raise",
];

type Write = fn(&mut Author, usize) -> Value;

/// Kinds without steps below them, the frequent ones more than once.
const PLAIN: [Write; 16] = [
    Author::write,
    Author::write,
    Author::write,
    Author::write,
    Author::write,
    Author::write,
    Author::write,
    Author::read,
    Author::decide,
    Author::decide,
    Author::ask,
    Author::run,
    Author::emit,
    Author::wait,
    Author::set,
    Author::raise,
];

/// Kinds with steps below them.
const BLOCKS: [Write; 7] = [
    Author::switch,
    Author::fork,
    Author::race,
    Author::race,
    Author::repeat,
    Author::attempt,
    Author::listen,
];

impl Author {
    /// One step, unless there are enough.
    pub(super) fn step(&mut self, depth: usize) -> Option<Value> {
        let deeper = depth < DEPTH_MAX && self.die.in_100(35);
        let kinds: &[Write] = if deeper { &BLOCKS } else { &PLAIN };
        let place = self.die.below(kinds.len() as u64) as usize;
        self.named(*kinds.get(place)?, depth)
    }

    /// A step of this kind, unless there are enough.
    fn named(&mut self, kind: Write, depth: usize) -> Option<Value> {
        if self.steps == STEPS_MAX {
            return None;
        }
        self.steps += 1;
        let mut step = kind(self, depth);
        let members = step.as_object_mut()?;
        let id = self.name("s");
        members.insert("id".to_owned(), json!(id));
        if members.contains_key("call") || members.contains_key("run") {
            self.texts.push(format!("${{{id}.id}}"));
            self.conditions.push(format!("has({id}.id)"));
        }
        if members.contains_key("call") {
            if self.die.in_100(25) {
                members.insert("retry".to_owned(), self.retry());
            }
            if self.die.in_100(20) {
                let autonomy = self.die.pick(&["act", "approve", "act_with_recall"]);
                members.insert("autonomy".to_owned(), json!(autonomy));
            }
        }
        if members.contains_key("decide") || members.contains_key("ask") {
            self.conditions.push(format!("{id}.way == 'up'"));
            self.texts.push(format!("${{{id}.note}}"));
        }
        if members.contains_key("set") {
            self.conditions.push(format!("{id}.a == 'gold'"));
        }
        // Most of what is meant to fail is caught, or hardly a run would get far.
        let often =
            if members.contains_key("raise") || members.contains_key("try") { 90 } else { 65 };
        if self.die.in_100(often) {
            let asks = members.contains_key("call");
            let catch = self.catches(depth, asks);
            members.insert("catch".to_owned(), catch);
        }
        Some(step)
    }

    /// Some steps, perhaps none.
    pub(super) fn block(&mut self, depth: usize, most: u64) -> Vec<Value> {
        let length = self.die.below(most + 1);
        (0..length).filter_map(|_| self.step(depth + 1)).collect()
    }

    /// Some steps, at least one.
    fn steps(&mut self, depth: usize, most: u64) -> Vec<Value> {
        let steps = self.block(depth, most);
        self.at_least_one(steps)
    }

    fn at_least_one(&mut self, mut steps: Vec<Value>) -> Vec<Value> {
        if steps.is_empty() {
            let id = self.name("s");
            steps.push(json!({"id": id, "set": {"a": "b"}}));
        }
        steps
    }

    fn write(&mut self, _depth: usize) -> Value {
        let operation = self.operation();
        json!({"call": operation, "with": self.arguments(operation)})
    }

    fn read(&mut self, _depth: usize) -> Value {
        let id = self.die.pick(&["t1", "t1", "nobody", "${trigger.id}"]);
        json!({"call": "toy.thing.get", "with": {"id": id}})
    }

    fn decide(&mut self, _depth: usize) -> Value {
        let mut decide = json!({
            "question": "Which way?", "facts": ["thing"],
            "answer": {
                "way": {"one_of": ["up", "down"]},
                "note": {"text": 80, "optional": true},
            },
            "evidence": self.die.below(2),
        });
        let Some(members) = decide.as_object_mut() else { return decide };
        if self.die.in_100(60) {
            let way = self.die.pick(&["up", "down", "sideways"]);
            members.insert("otherwise".to_owned(), json!([{"answer": {"way": way}}]));
        }
        if self.die.in_100(30) {
            let when = self.condition();
            let floor = json!([{"when": when, "field": "way", "at_least": "up"}]);
            members.insert("floor".to_owned(), floor);
        }
        json!({"decide": decide})
    }

    fn ask(&mut self, _depth: usize) -> Value {
        let mut ask = json!({
            "question": format!("Which way, {}?", self.text()),
            "answer": {"way": {"one_of": ["up", "down"]}, "note": {"text": 80, "optional": true}},
            "within": self.die.pick(&["30s", "1h", "4h"]),
        });
        if self.die.in_100(60)
            && let Some(members) = ask.as_object_mut()
        {
            let who = self.die.pick(&["dana", "${thing.owner.account_id}", "${thing.text}"]);
            members.insert("who".to_owned(), json!(who));
        }
        json!({"ask": ask})
    }

    fn run(&mut self, _depth: usize) -> Value {
        let within = self.die.pick(&["10m", "3h"]);
        json!({"run": {"flow": "child", "with": {"a": self.text()}, "within": within}})
    }

    fn emit(&mut self, _depth: usize) -> Value {
        json!({"emit": {"event": "toy.thing", "key": "t1", "with": {"text": self.text()}}})
    }

    fn wait(&mut self, _depth: usize) -> Value {
        json!({"wait": self.die.pick(&["5s", "10m", "2h"])})
    }

    fn set(&mut self, _depth: usize) -> Value {
        let text = self.text();
        json!({"set": {"a": text, "n": 1}})
    }

    fn raise(&mut self, _depth: usize) -> Value {
        let error = self.die.pick(&["trouble", "worry"]);
        self.raised.push(error.to_owned());
        json!({"raise": {"error": error, "message": self.text()}})
    }

    fn switch(&mut self, depth: usize) -> Value {
        let mut arms = Vec::new();
        for _ in 0..1 + self.die.below(2) {
            arms.push(json!({"when": self.condition(), "do": self.block(depth, 2)}));
        }
        if self.die.in_100(60) {
            arms.push(json!({"default": true, "do": self.block(depth, 2)}));
        }
        arms.push(json!({"unknown": true, "do": self.block(depth, 1)}));
        json!({"switch": arms})
    }

    fn fork(&mut self, depth: usize) -> Value {
        let mut branches = Map::new();
        let count = 2 + self.die.below(2);
        for name in ["a", "b", "c"].iter().take(count as usize) {
            branches.insert((*name).to_owned(), self.steps(depth, 2).into());
        }
        let join = match self.die.below(3) {
            0 => json!("all"),
            1 => json!("first"),
            _ => json!(1 + self.die.below(count)),
        };
        json!({"fork": branches, "join": join})
    }

    /// Writes at the same time, of which one is enough.
    fn race(&mut self, depth: usize) -> Value {
        let mut branches = Map::new();
        for name in ["a", "b"] {
            let mut steps = Vec::from_iter(self.named(Self::write, depth + 1));
            steps.extend(self.block(depth, 1));
            branches.insert(name.to_owned(), self.at_least_one(steps).into());
        }
        json!({"fork": branches, "join": "first"})
    }

    fn repeat(&mut self, depth: usize) -> Value {
        let list = self.die.pick(&["['x', 'y']", "['x', 'y', 'z']", "items.items", "thing.tier"]);
        let item = self.name("item");
        // What is named in an iteration is known to the end of the iteration.
        let known = (self.texts.len(), self.conditions.len());
        if list.starts_with('[') {
            self.texts.push(format!("${{{item}}}"));
            self.conditions.push(format!("{item} == 'x'"));
        }
        let steps = self.steps(depth, 2);
        let mut repeat = json!({
            "each": item, "in": list, "limit": 2 + self.die.below(3), "do": steps,
            "at_once": 1 + self.die.below(3),
        });
        if self.die.in_100(40)
            && let Some(members) = repeat.as_object_mut()
        {
            members.insert("collect".to_owned(), json!(self.text()));
        }
        self.texts.truncate(known.0);
        self.conditions.truncate(known.1);
        json!({"for": repeat})
    }

    fn attempt(&mut self, depth: usize) -> Value {
        json!({"try": self.steps(depth, 3)})
    }

    fn listen(&mut self, depth: usize) -> Value {
        let job = self.name("job");
        let mut listen = json!({
            "to": [{"event": "toy.job", "key": "j1"}],
            "read": {(job.clone()): {"use": "toy.job.get", "with": {"id": "j1"}}},
            "until": format!("{job}.status == 'done'"),
            "within": self.die.pick(&["30m", "5h"]),
            "else": self.block(depth, 2),
        });
        if self.die.in_100(60)
            && let Some(members) = listen.as_object_mut()
        {
            members.insert("poll".to_owned(), json!(self.die.pick(&["5m", "1h"])));
        }
        json!({"listen": listen})
    }
}
