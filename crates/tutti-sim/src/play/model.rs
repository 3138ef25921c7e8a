//! The model of a story: it answers each decision as the script says, in the order it is asked.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tutti_core::failure::Failure;
use tutti_core::model::Question;
use tutti_core::pointer::escaped;

use super::outside::step_of;
use crate::story::Said;

/// How many tokens an answer uses, if nothing is said.
const TOKENS: u64 = 1_000;

/// The model as the script has it.
pub struct Model {
    answers: BTreeMap<String, Vec<Said>>,
    /// How often it was asked, by decision.
    asked: BTreeMap<String, usize>,
    /// How many answers were asked for, or would have been but for what they cost.
    wanted: BTreeMap<String, usize>,
}

impl Model {
    /// A model that was not asked yet.
    pub fn new(answers: &BTreeMap<String, Vec<Said>>) -> Self {
        Self { answers: answers.clone(), asked: BTreeMap::new(), wanted: BTreeMap::new() }
    }

    /// Why it is not asked: whoever asks knows what the next answer costs at the most, and that is
    /// more than the question may.
    pub fn too_dear(&mut self, question: &Question) -> Option<Failure> {
        let decision = step_of(&question.decision);
        let asked = self.asked.get(decision).copied().unwrap_or_default();
        let next = self.answers.get(decision)?.get(asked)?;
        self.wanted.insert(decision.to_owned(), asked + 1);
        (usd_micros(next) > question.max_usd_micros).then(|| question.too_dear())
    }

    /// The first answer that nobody asked for, by its place in the story.
    pub fn unused(&self) -> Option<String> {
        self.answers.iter().find_map(|(decision, answers)| {
            let wanted = self.wanted.get(decision).copied().unwrap_or_default();
            (wanted < answers.len()).then(|| format!("/model/{}/{wanted}", escaped(decision)))
        })
    }

    /// What it says next about a decision.
    ///
    /// # Errors
    /// It has no answer left; for which time it was asked.
    pub fn said(&mut self, decision: &str) -> Result<Said, String> {
        let asked = self.asked.entry(decision.to_owned()).or_default();
        let said = self.answers.get(decision).and_then(|answers| answers.get(*asked)).cloned();
        *asked += 1;
        said.ok_or_else(|| nth(*asked))
    }
}

/// What a model that says so gives back.
pub fn answer(said: &Said) -> Value {
    let object = || said.answer.clone().map(|fields| Value::Object(fields).to_string());
    let text = said.text.clone().or_else(object).unwrap_or_default();
    let tokens = said.tokens.unwrap_or(TOKENS);
    let written = tokens / 10;
    json!({
        "text": text, "model": "scripted", "input_tokens": tokens - written,
        "output_tokens": written, "truncated": false, "usd_micros": usd_micros(said),
    })
}

fn usd_micros(said: &Said) -> u64 {
    (said.usd * 1e6).round() as u64
}

fn nth(count: usize) -> String {
    match count {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        more => format!("{more}th"),
    }
}
