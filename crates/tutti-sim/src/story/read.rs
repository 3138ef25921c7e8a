//! Reading a story: what is wrong with it, with the place and a hint.

use serde_json::{Map, Value};
use serde_path_to_error::Segment;
use tutti_core::expr::Expression;
use tutti_core::pointer::escaped;
use tutti_core::problem::Problem;
use tutti_core::unfit::Unfit;

use super::document::Document;
use super::{Answer, Fails, Said, Says, Story, World};

impl Story {
    /// Reads the story that a document says.
    ///
    /// # Errors
    /// What is no story: the first thing that cannot be read, or all that contradicts itself.
    pub fn read(document: &Value) -> Result<Self, Vec<Problem>> {
        let story: Self =
            serde_path_to_error::deserialize(Document(document)).map_err(|error| {
                let at: String = error.path().iter().map(step_of_pointer).collect();
                vec![unfit(at, &error.into_inner().to_string())]
            })?;
        let mut problems = Problems(Vec::new());
        if !story.flow.is_null() && !story.flow.is_string() && !story.flow.is_object() {
            problems.add("/flow".to_owned(), "this is no flow", "give its path, or write it here");
        }
        problems.world("/world", &story.world);
        for (index, change) in story.change.iter().enumerate() {
            problems.world(&format!("/change/{index}/world"), &change.world);
        }
        for (decision, said) in &story.model {
            for (index, said) in said.iter().enumerate() {
                problems.said(format!("/model/{}/{index}", escaped(decision)), said);
            }
        }
        problems.people(&story);
        problems.vain(document.get("expect").unwrap_or(&Value::Null), &story);
        for expression in story.expect.iter().flat_map(|expect| expect.facts.keys()) {
            if let Err(error) = Expression::parse(expression) {
                let at = format!("/expect/facts/{}", escaped(expression));
                problems.add(at, &error.to_string(), error.hint.as_deref().unwrap_or_default());
            }
        }
        if problems.0.is_empty() { Ok(story) } else { Err(problems.0) }
    }
}

/// All problems found so far.
#[derive(Default)]
pub(super) struct Problems(pub Vec<Problem>);

impl Problems {
    pub(super) fn add(&mut self, at: String, message: &str, hint: &str) {
        self.0.push(Problem::error("story", at, message).hint(hint));
    }

    fn world(&mut self, at: &str, world: &World) {
        for (operation, answers) in world {
            for (index, answer) in answers.iter().enumerate() {
                let at = format!("{at}/{}/{index}", escaped(operation));
                self.answer(&at, answer);
                self.world(&format!("{at}/then"), &answer.then);
            }
        }
    }

    fn answer(&mut self, at: &str, answer: &Answer) {
        let fails = answer.fails;
        let says = [
            ("code", answer.code.is_some(), fails == Some(Fails::Rejected), "fails: rejected"),
            (
                "status",
                answer.status.is_some(),
                fails == Some(Fails::Unavailable),
                "fails: unavailable",
            ),
            (
                "retry_after",
                answer.retry_after.is_some(),
                fails == Some(Fails::RateLimited),
                "fails: rate_limited",
            ),
            ("message", answer.message.is_some(), fails.is_some(), "fails: …"),
            ("done", answer.done, fails.is_some() || answer.slow.is_some(), "fails: timeout"),
        ];
        for (key, given, fits, with) in says {
            if given && !fits {
                self.add(format!("{at}/{key}"), &format!("`{key}` goes with `{with}`"), "");
            }
        }
        if let Some(path) = answer.not_large() {
            let hint = "name a text or a list of what it `gives`";
            self.add(format!("{at}/large"), &format!("`{path}` cannot be large"), hint);
        }
        if answer.gives.is_none() && fails.is_none() {
            let hint = "add `gives: {…}` or `fails: timeout`";
            self.add(at.to_owned(), "it is not said what this answers", hint);
        } else if answer.gives.is_some() && fails.is_some() && !answer.done {
            let hint = "`done: true` if it was done and only the answer was lost";
            self.add(at.to_owned(), "it cannot fail and give something", hint);
        }
    }

    fn said(&mut self, at: String, said: &Said) {
        if said.usd < 0.0 {
            self.add(format!("{at}/usd"), "nothing costs less than nothing", "write 0, or more");
        }
        let given = [said.answer.is_some(), said.text.is_some(), said.fails.is_some()];
        if given.into_iter().filter(|given| *given).count() != 1 {
            let hint = "give one of answer, text, fails";
            self.add(at, "it is not said what the model answers", hint);
        } else if said.retry_after.is_some() && said.fails != Some(Fails::RateLimited) {
            let message = "`retry_after` goes with `fails: rate_limited`";
            self.add(format!("{at}/retry_after"), message, "");
        }
    }

    fn people(&mut self, story: &Story) {
        for (index, person) in story.people.iter().enumerate() {
            let own = [
                ("changes", !person.changes.is_empty(), Says::Modify, "modify"),
                ("answer", !person.answer.is_empty(), Says::Answer, "answer"),
                ("steps", !person.steps.is_empty(), Says::Undo, "undo"),
            ];
            for (key, given, says, word) in own {
                if given && person.says != says {
                    let at = format!("/people/{index}/{key}");
                    self.add(at, &format!("`{key}` goes with `says: {word}`"), "");
                }
            }
            if person.says == Says::Rerun && person.step.is_none() {
                let hint = "step: the first that is done again";
                self.add(format!("/people/{index}"), "it is not said from where on", hint);
            }
            if person.says == Says::Modify && person.changes.is_empty() {
                let hint = "changes: { text: … }";
                self.add(format!("/people/{index}"), "it is not said what is modified", hint);
            }
        }
    }
}

fn step_of_pointer(segment: &Segment) -> String {
    match segment {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => format!("/{}", escaped(key)),
        Segment::Unknown => String::new(),
    }
}

/// What does not fit, at its place.
fn unfit(mut at: String, said: &str) -> Problem {
    let Unfit { message, hint, unknown } = Unfit::of(said);
    let key = unknown.map(|key| format!("/{}", escaped(&key)));
    if let Some(key) = key.filter(|key| !at.ends_with(key)) {
        at.push_str(&key);
    }
    Problem::error("story", at, message).hint(hint)
}

/// The arguments of a pattern as a value to compare with.
pub(crate) fn as_value(with: &Map<String, Value>) -> Value {
    Value::Object(with.clone())
}
