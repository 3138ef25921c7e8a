//! What a step does about its failures: each remedy there is, for everything or for some kinds.

use serde_json::{Value, json};

use super::Author;

impl Author {
    pub(super) fn catches(&mut self, depth: usize, asks: bool) -> Value {
        let mut catches = Vec::new();
        for _ in 0..1 + self.die.below(2) {
            // What the other path raises is not what it is taken for.
            let on = self.failures();
            let mut catch = match self.die.below(5) {
                0 => json!({"do": self.block(depth, 2)}),
                1 => json!({"default": {"id": "t2", "a": "gold"}}),
                2 if self.die.in_100(20) => json!({"default": {"id": "${thing.none}"}}),
                2 => json!({"default": {"id": "${thing.id}"}}),
                3 if asks && self.die.in_100(50) => self.agent(),
                3 if asks => json!({"ask": self.die.pick(&["dana", "${thing.text}"])}),
                _ => json!({"gap": "something is missing"}),
            };
            if let (Some(members), Some(on)) = (catch.as_object_mut(), on) {
                members.insert("on".to_owned(), on);
            }
            catches.push(catch);
        }
        catches.into()
    }

    fn agent(&mut self) -> Value {
        let may = if self.die.in_100(50) { json!(["again", "without"]) } else { json!([]) };
        json!({"agent": {"facts": ["thing"], "may": may, "else": "dana"}})
    }

    /// What a catch is for: everything, as a rule.
    fn failures(&mut self) -> Option<Value> {
        match self.die.below(6) {
            0 => Some(json!(["timeout", "unavailable", "malformed", "unreachable"])),
            1 => Some(json!(["refused", "not_found", "rejected", "missing", "unanswered"])),
            2 => self.raised.last().map(|raised| json!([raised, "rate_limited"])),
            _ => None,
        }
    }
}
