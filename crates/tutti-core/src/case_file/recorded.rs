//! The run as it was: what it went through, which answers are on record, which facts they brought.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::Change;
use super::{CaseFile, CaseFileError, Difference};
use crate::event::{Action, Effect, Event, Reply, Said};
use crate::excerpt::Excerpt;
use crate::flow::{Flow, Kind};
use crate::run::{Asked, Run};
use crate::view::StepState;

/// What a run went through that its end does not show any more.
#[derive(Default)]
pub(super) struct Past {
    /// The arms taken, by step key.
    pub arms: BTreeMap<String, usize>,
    /// How steps ended, by step key.
    pub ended: BTreeMap<String, StepState>,
    /// Everything that was ever asked of a person.
    pub questions: BTreeSet<Asked>,
    /// Everything that was ever wanted, by id.
    pub effects: BTreeMap<String, Effect>,
}

impl Past {
    pub fn note(&mut self, run: &Run, flow: &Flow, effects: Vec<Effect>) {
        self.arms.extend(run.arms().map(|(step, arm)| (step.to_owned(), arm)));
        self.ended.extend(run.ended_steps().iter().map(|(step, state)| (step.clone(), *state)));
        self.questions.extend(run.asked(flow));
        self.effects.extend(effects.into_iter().map(|effect| (effect.id.clone(), effect)));
    }
}

/// The run as it was.
pub(super) struct Recorded {
    pub run: Run,
    pub past: Past,
    /// By effect id: where its answer stands among the records.
    pub answers: BTreeMap<String, usize>,
    /// By fact: the places of the answers that brought it, and what it then was.
    brought: BTreeMap<String, Vec<(usize, Value)>>,
}

impl Recorded {
    pub fn new(file: &CaseFile) -> Self {
        let run = Run::new(&file.contents.run, &file.contents.project);
        let (answers, brought) = (BTreeMap::new(), BTreeMap::new());
        let mut recorded = Self { run, past: Past::default(), answers, brought };
        for (place, record) in file.contents.records.iter().enumerate() {
            let effects = recorded.run.on(&file.flow, record.event.clone(), record.at);
            recorded.past.note(&recorded.run, &file.flow, effects);
            match &record.event {
                Event::Started { trigger, .. } => {
                    recorded.brings("trigger", place, trigger.clone());
                }
                Event::Answered { effect, result, .. } => {
                    recorded.answers.entry(effect.clone()).or_insert(place);
                    recorded.answered(&file.flow, effect, result, place);
                }
                Event::Said { answer: Said::Answer { answer, .. }, .. } => {
                    recorded.said(&Value::Object(answer.clone()), place);
                }
                _ => {}
            }
        }
        recorded
    }

    fn brings(&mut self, fact: &str, place: usize, value: Value) {
        self.brought.entry(fact.to_owned()).or_default().push((place, value));
    }

    /// Notes which fact an answer brought: the one with the name of its step, if that is what was
    /// answered, or what was decided by it.
    fn answered(&mut self, flow: &Flow, effect: &str, result: &Reply, place: usize) {
        let Some(effect) = self.past.effects.get(effect) else { return };
        let (Reply::Ok(value) | Reply::Excerpt(Excerpt { value, .. })) = result else { return };
        let name = name_of(step_of(&effect.key)).to_owned();
        let is_decision = matches!(effect.action, Action::Ask { .. })
            && flow.step(&name).is_some_and(|step| matches!(step.kind, Kind::Decide(_)));
        let named = self
            .run
            .facts()
            .find(|(key, fact)| name_of(key) == name && (is_decision || fact.value == *value));
        if let Some(value) = named.map(|(_, fact)| fact.value.clone()) {
            self.brings(&name, place, value);
        }
    }

    /// Notes which fact a person's answer became.
    fn said(&mut self, answer: &Value, place: usize) {
        let named = self.run.facts().find(|(_, fact)| fact.value == *answer);
        if let Some(name) = named.map(|(key, _)| name_of(key).to_owned()) {
            self.brings(&name, place, answer.clone());
        }
    }

    /// The change itself as a difference.
    pub fn difference(&self, change: &Change) -> Result<Difference, CaseFileError> {
        let brought = self.brought.get(&change.fact).map(Vec::as_slice).unwrap_or_default();
        let [(_, fact), later @ ..] = brought else { return Err(self.not_brought(&change.fact)) };
        if !later.iter().any(|(_, fact)| change.stands_in(fact).is_ok()) {
            change.stands_in(fact)?;
        }
        let text = format!("`{}` is {}, not {}", change.path, change.value, change.before(fact));
        Ok(Difference::new("", text))
    }

    fn not_brought(&self, fact: &str) -> CaseFileError {
        if self.run.facts().any(|(key, _)| name_of(key) == fact) {
            let message = format!("`{fact}` is made by the flow from other facts");
            return CaseFileError::new("derived_fact", message, "change what it is made from");
        }
        let known: Vec<&str> = self.brought.keys().map(String::as_str).collect();
        let hint = format!("facts of this run that can be: {}", known.join(", "));
        CaseFileError::new("no_such_fact", format!("no answer brought the fact `{fact}`"), &hint)
    }

    /// The events that bring changed facts, as they would be, by their place.
    pub fn changed(
        &self,
        file: &CaseFile,
        changes: &[Change],
    ) -> Result<BTreeMap<usize, Event>, CaseFileError> {
        let mut changed = BTreeMap::new();
        for change in changes {
            for (place, _) in self.brought.get(&change.fact).into_iter().flatten() {
                let Some(record) = file.contents.records.get(*place) else { continue };
                let event = changed.entry(*place).or_insert_with(|| record.event.clone());
                change.apply(event)?;
            }
        }
        Ok(changed)
    }
}

/// The step key in an effect's key: `context.case` of `tt-…/context.case/1`.
pub(super) fn step_of(effect_key: &str) -> &str {
    effect_key.split('/').nth(1).unwrap_or_default()
}

/// The name in a key: `case` of `context.case`, `tell` of `each.2.tell`.
pub(super) fn name_of(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or_default()
}
