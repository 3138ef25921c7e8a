//! The run as it was: what it went through, which answers are on record, which facts they brought.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::change::Change;
use super::{CaseFile, CaseFileError, Difference};
use crate::event::{Action, Effect, Event, Reply, Said};
use crate::excerpt::Excerpt;
use crate::fact::Fact;
use crate::flow::{Flow, Kind, Step};
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
                Event::Said { answer: Said::Answer { question, answer }, .. } => {
                    let answer = Value::Object(answer.clone());
                    recorded.said(&file.flow, question, &answer, place);
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
        let key = step_of(&effect.key);
        let brought = match &effect.action {
            Action::Ask { .. } => self.decided(flow, key),
            Action::Call { operation, .. } if self.is_over(key) => {
                uses(flow, name_of(key), operation).then(|| value.clone())
            }
            Action::Call { .. } => {
                self.fact(key).filter(|fact| fact.value == *value).map(|_| value.clone())
            }
        };
        let name = name_of(key).to_owned();
        if let Some(value) = brought {
            self.brings(&name, place, value);
        }
    }

    /// What a step has just decided.
    fn decided(&self, flow: &Flow, key: &str) -> Option<Value> {
        let is_decision = |step: &Step| matches!(step.kind, Kind::Decide(_));
        flow.step(name_of(key)).filter(|step| is_decision(step))?;
        let said = self.run.timeline().iter().rfind(|entry| entry.step == key)?;
        let decided = said.decided.as_ref().filter(|_| said.seq == self.run.seq())?;
        let fact = self.fact(key).map(|fact| fact.value.clone());
        Some(fact.unwrap_or_else(|| decided.answer.clone()))
    }

    /// Notes which fact a person's answer became.
    fn said(&mut self, flow: &Flow, question: &str, answer: &Value, place: usize) {
        let asked = self.past.questions.iter().find(|asked| asked.id == question);
        let Some(key) = asked.map(|asked| asked.step.clone()) else { return };
        let is_ask = |step: &Step| matches!(step.kind, Kind::Ask(_));
        let is_asked = self.is_over(&key) && flow.step(name_of(&key)).is_some_and(is_ask);
        if is_asked || self.fact(&key).is_some_and(|fact| fact.value == *answer) {
            self.brings(name_of(&key), place, answer.clone());
        }
    }

    /// The fact with the name of a step, of the same iteration.
    fn fact(&self, key: &str) -> Option<&Fact> {
        let wanted = [frame_of(key), name_of(key)].concat();
        self.run.facts().find(|(key, _)| *key == wanted).map(|(_, fact)| fact)
    }

    /// Whether the iteration that a step is in is over: what it knew is known no more.
    fn is_over(&self, key: &str) -> bool {
        let frame = frame_of(key);
        !frame.is_empty() && !self.run.facts().any(|(key, _)| key.starts_with(frame))
    }

    /// Changes a fact in every answer that brought it, and says what differs by that.
    pub fn change(
        &self,
        file: &CaseFile,
        change: &Change,
        events: &mut BTreeMap<usize, Event>,
    ) -> Result<Difference, CaseFileError> {
        let brought = self.brought.get(&change.fact).map(Vec::as_slice).unwrap_or_default();
        let Some((_, first)) = brought.first() else { return Err(self.not_brought(&change.fact)) };
        if !brought.iter().any(|(_, fact)| change.stands_in(fact).is_ok()) {
            change.stands_in(first)?;
        }
        let mut readings = Vec::new();
        for (place, fact) in brought {
            let event = events.get(place).or(file.contents.records.get(*place).map(|r| &r.event));
            let Some(mut event) = event.cloned() else { continue };
            if change.apply(&mut event).is_ok() {
                events.insert(*place, event);
                readings.push(change.before(fact));
            }
        }
        Ok(Difference::new("", change.told(&readings, brought.len())))
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
}

/// Whether an operation is what a step or a read of that name calls.
fn uses(flow: &Flow, name: &str, operation: &str) -> bool {
    flow.all_steps().into_iter().any(|step| match &step.kind {
        Kind::Call(call) => step.id == name && call.operation == operation,
        Kind::Listen(listen) => {
            let mut reads = listen.read.iter();
            reads.any(|read| read.name == name && read.call.operation == operation)
        }
        _ => false,
    })
}

/// The step key in an effect's key: `context.case` of `tt-…/context.case/1`.
pub(super) fn step_of(effect_key: &str) -> &str {
    effect_key.split('/').nth(1).unwrap_or_default()
}

/// The name in a key: `case` of `context.case`, `tell` of `each.2.tell`.
pub(super) fn name_of(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or_default()
}

/// The iteration of a loop that a key is in: `each.2.` of `each.2.tell`.
fn frame_of(key: &str) -> &str {
    let is_name = |part: &&str| part.starts_with(|c: char| c.is_ascii_alphabetic());
    let local: usize = key.rsplit('.').take_while(is_name).map(|part| part.len() + 1).sum();
    key.get(..(key.len() + 1).saturating_sub(local)).unwrap_or_default()
}
