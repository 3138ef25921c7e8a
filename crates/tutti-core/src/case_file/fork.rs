//! What if: the run once more with some facts changed, as far as the record has answers.
//!
//! Nothing is performed. Every effect the changed run wants is answered from the record, if there
//! it has the same key and the same payload; the first that has no answer is where knowledge ends.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::change::Change;
use super::recorded::{Past, Recorded};
use super::{CaseFile, CaseFileError};
use crate::event::{Effect, Event};
use crate::run::Run;

/// A run as it might have been.
#[derive(Debug, Clone)]
pub struct Forked {
    /// The run, as far as it is known.
    pub run: Run,
    /// The record it is known up to.
    pub at: u64,
    /// What is not as it was, in words.
    pub differences: Vec<Difference>,
    /// Why no more is known; absent if the run is over.
    pub ends: Option<String>,
}

/// Something that would be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The step it is about; empty for the run itself.
    pub step: String,
    /// In one sentence.
    pub text: String,
}

impl Difference {
    pub(super) fn new(step: &str, text: String) -> Self {
        Self { step: step.to_owned(), text }
    }
}

impl CaseFile {
    /// The run with these facts changed: `case.priority` and what it would be.
    ///
    /// # Errors
    /// A fact that no answer brought, or a part it does not have.
    pub fn fork(&self, facts: Vec<(String, Value)>) -> Result<Forked, CaseFileError> {
        let changes: Vec<Change> =
            facts.into_iter().map(|(path, value)| Change::new(&path, value)).collect();
        let recorded = Recorded::new(self);
        let mut differences = Vec::new();
        let mut changed = BTreeMap::new();
        for (place, change) in changes.iter().enumerate() {
            if changes.iter().take(place).any(|earlier| earlier.is_about(change)) {
                return Err(CaseFileError::twice(&change.path));
            }
            differences.push(recorded.change(self, change, &mut changed)?);
        }
        let past = Past::default();
        let mut fork = Fork { file: self, recorded, changes, changed, past, at: 0 };
        let run = fork.play();
        differences.extend(fork.differences(&run));
        let ends = fork.ends(&run);
        Ok(Forked { at: fork.at, differences, ends, run })
    }
}

/// The run as it might have been, under way.
pub(super) struct Fork<'f> {
    pub file: &'f CaseFile,
    pub recorded: Recorded,
    pub past: Past,
    /// What is changed.
    pub changes: Vec<Change>,
    /// The events that bring changed facts, as they would be, by their place.
    changed: BTreeMap<usize, Event>,
    /// The last record that means anything to it.
    at: u64,
}

impl Fork<'_> {
    /// Goes along the record until the run wants what the record has no answer to.
    fn play(&mut self) -> Run {
        let contents = &self.file.contents;
        let mut run = Run::new(&contents.run, &contents.project);
        for (place, record) in contents.records.iter().enumerate() {
            let (was_over, told) = (run.state().is_final(), run.timeline().len());
            let fits = match &record.event {
                Event::Answered { effect, .. } => self.is_answered(&run, effect),
                _ => true,
            };
            if fits {
                self.fold(&mut run, place, record.at);
            }
            // What was answered earlier than it is asked for here.
            while let Some(place) = self.overdue(&run, place) {
                self.fold(&mut run, place, record.at);
            }
            if !was_over || run.timeline().len() != told {
                self.at = record.seq;
            }
            if self.unknown(&run).next().is_some() {
                break;
            }
        }
        run
    }

    fn fold(&mut self, run: &mut Run, place: usize, at: i64) {
        let recorded = self.file.contents.records.get(place).map(|record| &record.event);
        let Some(event) = self.changed.get(&place).or(recorded) else { return };
        let effects = run.on(&self.file.flow, event.clone(), at);
        self.past.note(run, &self.file.flow, effects);
    }

    /// Whether the effect is wanted, with the payload it had.
    fn is_answered(&self, run: &Run, effect: &str) -> bool {
        run.in_flight().any(|wanted| wanted.id == effect && self.is_recorded(wanted))
    }

    fn is_recorded(&self, wanted: &Effect) -> bool {
        let recorded = self.recorded.past.effects.get(&wanted.id);
        recorded.is_some_and(|recorded| recorded.action == wanted.action)
    }

    fn overdue(&self, run: &Run, now: usize) -> Option<usize> {
        let wanted = run.in_flight().filter(|wanted| self.is_recorded(wanted));
        let places = wanted.filter_map(|wanted| self.recorded.answers.get(&wanted.id));
        places.filter(|place| **place <= now).min().copied()
    }

    /// What is wanted and was not, or not like this.
    pub fn unknown<'r>(&'r self, run: &'r Run) -> impl Iterator<Item = &'r Effect> {
        run.in_flight().filter(|wanted| !self.is_recorded(wanted))
    }
}
