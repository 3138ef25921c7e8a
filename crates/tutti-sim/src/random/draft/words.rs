//! What stands in the steps: operations, arguments, conditions.

use serde_json::{Value, json};

use super::Author;

/// Operations that change something, of every class.
pub(super) const WRITES: [&str; 12] = [
    "toy.thing.set",
    "toy.link.put",
    "toy.order.place",
    "toy.note.add",
    "toy.note.add",
    "toy.letter.send",
    "toy.page.append",
    "toy.page.append",
    "toy.flag.set",
    "toy.letter.send",
    "toy.mail.send",
    "jira.issue.touch",
];

impl Author {
    pub(super) fn operation(&mut self) -> &'static str {
        self.die.pick(&WRITES)
    }

    pub(super) fn arguments(&mut self, operation: &str) -> Value {
        match operation {
            "toy.thing.set" => json!({"id": self.target(), "text": self.text()}),
            "toy.link.put" => json!({"to": self.text()}),
            "toy.order.place" => json!({"what": self.text()}),
            "toy.note.add" => json!({"on": self.target(), "text": self.text()}),
            "toy.page.append" => json!({"row": self.text()}),
            "toy.flag.set" => json!({"name": self.target(), "value": self.text()}),
            "toy.letter.send" | "toy.mail.send" => {
                json!({"to": self.target(), "text": self.text()})
            }
            _ => json!({"issue": self.die.pick(&["PAY-1", "PAY-2", "PAY-3", "OPS-7", "10001"])}),
        }
    }

    /// What is acted on: known well, as a rule; words of a stranger or a guess, at times.
    fn target(&mut self) -> String {
        if self.die.in_100(80) {
            return self.die.pick(&["t1", "t1", "${trigger.id}", "t3"]).to_owned();
        }
        match self.die.below(3) {
            0 => "${thing.text}".to_owned(),
            1 => "${values.limit}".to_owned(),
            _ => self.text(),
        }
    }

    /// A text; what it names may be missing when its time comes.
    pub(super) fn text(&mut self) -> String {
        let place = self.die.below(self.texts.len() as u64) as usize;
        self.texts.get(place).cloned().unwrap_or_default()
    }

    pub(super) fn condition(&mut self) -> String {
        let place = self.die.below(self.conditions.len() as u64) as usize;
        self.conditions.get(place).cloned().unwrap_or_default()
    }
}
