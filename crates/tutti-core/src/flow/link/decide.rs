//! A decision: its question, what it may answer, its bounds and its rules.

use serde_json::json;

use super::super::answer::{Shape, read_fields};
use super::super::reader::{At, nearest};
use super::super::{Bound, Decide, ExceptionAgent, Field, Ruling};
use super::Linker;

/// The most quotes an answer can hold.
const EVIDENCE_MAX: f64 = 20.0;

/// What an exception agent is asked where the flow does not say.
const QUESTION: &str = "A step of this run failed. Choose how the run goes on: again, if what kept \
                        it will have passed by now; without, if what follows makes sense without \
                        it; stop, if going on would do harm; person, if you cannot tell.";
/// The ways an exception agent can choose. Whether a write of unknown outcome happened is never its
/// to say.
const WAYS: [&str; 3] = ["again", "without", "stop"];
/// Its way to leave it to a person.
const PERSON: &str = "person";

impl Linker<'_> {
    pub(super) fn decide(&mut self, at: &At) -> Option<Decide> {
        const KEYS: [&str; 8] =
            ["question", "facts", "answer", "evidence", "floor", "ceiling", "otherwise", "model"];
        if !self.problems.only(at, &KEYS) {
            return None;
        }
        let question = self.template(&at.get("question"));
        if at.get("question").is_null() {
            self.problems.text(&at.get("question"));
        }
        for fact in at.get("facts").items() {
            if let Some(name) = fact.value.as_str() {
                self.known_name(name, &fact.pointer);
            }
        }
        let facts = self.problems.texts(&at.get("facts"));
        let answer = read_fields(&at.get("answer"), &mut self.problems, true);
        self.option_names(&at.get("answer"));
        self.shapes(&at.get("answer"));
        let floor = self.bounds(&at.get("floor"), "at_least", &answer);
        let ceiling = self.bounds(&at.get("ceiling"), "at_most", &answer);
        let otherwise = at.get("otherwise");
        let rulings = self.problems.list(&otherwise);
        let otherwise = rulings.filter_map(|one| self.ruling(&one, &answer)).collect();
        let evidence = self.evidence(&at.get("evidence"), &facts);
        let model = self.problems.word(&at.get("model"));
        let question = question?;
        Some(Decide { question, facts, answer, evidence, floor, ceiling, otherwise, model })
    }

    /// A model that chooses how the failed step `of` goes on. What failed is the first it sees.
    pub(super) fn exception_agent(&mut self, of: &str, at: &At) -> Option<ExceptionAgent> {
        if !self.problems.only(at, &["question", "facts", "may", "model", "else"]) {
            return None;
        }
        let default = json!(QUESTION);
        let asked = at.get("question");
        let asked = if asked.is_null() { asked.holding(&default) } else { asked };
        let question = self.template(&asked)?;
        for fact in at.get("facts").items() {
            if let Some(name) = fact.value.as_str() {
                self.known_name(name, &fact.pointer);
            }
        }
        let facts = [vec![of.to_owned()], self.problems.texts(&at.get("facts"))].concat();
        let mut may = self.problems.texts(&at.get("may"));
        for way in may.iter().filter(|way| !WAYS.contains(&way.as_str())) {
            let message = format!("`{way}` is no way an agent can choose");
            self.problems.error(&at.get("may"), "unknown_way", message, &nearest(way, &WAYS));
        }
        if may.is_empty() {
            may = WAYS.map(str::to_owned).into();
        }
        // What it cannot judge it hands on.
        may.push(PERSON.to_owned());
        let shape = Shape::OneOf(may);
        let about = "how the run goes on".to_owned();
        let way = Field { name: "way".to_owned(), shape, optional: false, about };
        let decide = Decide {
            question,
            facts,
            answer: vec![way],
            evidence: 0,
            floor: Vec::new(),
            ceiling: Vec::new(),
            otherwise: Vec::new(),
            model: self.problems.word(&at.get("model")),
        };
        Some(ExceptionAgent { decide, who: self.optional_template(&at.get("else")) })
    }

    fn evidence(&mut self, at: &At, facts: &[String]) -> usize {
        let count = self.problems.number(at).unwrap_or(0.0);
        if count.fract() != 0.0 || count > EVIDENCE_MAX {
            let message = format!("a whole number up to {EVIDENCE_MAX} is needed here");
            self.problems.error(at, "bad_count", message, "two is a good start");
        } else if count > 0.0 && facts.is_empty() {
            let hint = "list the facts to decide upon under `facts`";
            self.problems.error(at, "no_facts", "there is nothing to quote from", hint);
        }
        count as usize
    }

    /// What the fact-bound fields of an answer name, at any depth.
    pub(super) fn option_names(&mut self, at: &At) {
        for (name, below) in at.members() {
            match self.problems_free_expression(&below) {
                Some(source) if name == "one_of_fact" => self.names_in(&source, &below),
                _ => self.option_names(&below),
            }
        }
    }

    /// Floors or ceilings, which say their limit under `key`.
    fn bounds(&mut self, at: &At, key: &str, answer: &[Field]) -> Vec<Bound> {
        let bounds = self.problems.list(at);
        bounds.filter_map(|one| self.bound(&one, key, answer)).collect()
    }

    fn bound(&mut self, at: &At, key: &str, answer: &[Field]) -> Option<Bound> {
        self.problems.only(at, &["when", "field", key]);
        let when = self.condition(&at.get("when"));
        let field = self.problems.text(&at.get("field"))?;
        let value = self.problems.text(&at.get(key))?;
        let words = answer.iter().find(|f| f.name == field).and_then(|f| match &f.shape {
            Shape::OneOf(words) => Some(words),
            _ => None,
        });
        match words {
            Some(words) if words.contains(&value) => {}
            Some(words) => {
                let known: Vec<&str> = words.iter().map(String::as_str).collect();
                let message = format!("`{value}` is no value of `{field}`");
                let hint = nearest(&value, &known);
                self.problems.error(&at.get(key), "unknown_value", message, &hint);
            }
            None => {
                let message = format!("`{field}` is no `one_of` field of the answer");
                let choices = answer.iter().filter(|f| matches!(f.shape, Shape::OneOf(_)));
                let known: Vec<&str> = choices.map(|f| f.name.as_str()).collect();
                let hint = nearest(&field, &known);
                self.problems.error(&at.get("field"), "unknown_field", message, &hint);
            }
        }
        Some(Bound { when: when?, field, value })
    }

    fn ruling(&mut self, at: &At, answer: &[Field]) -> Option<Ruling> {
        self.problems.only(at, &["when", "answer"]);
        let when = self.optional_condition(&at.get("when"));
        if !at.get("answer").value.is_object() {
            let hint = "answer: { field: value }";
            self.problems.error(&at.get("answer"), "wrong_type", "a rule gives an answer", hint);
            return None;
        }
        self.rule_fits(&at.get("answer"), answer);
        Some(Ruling { when, answer: self.template(&at.get("answer"))? })
    }
}
