//! What a fork tells: where it went another way, what it would do, where knowledge ends.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::Value;

use super::Difference;
use super::fork::Fork;
use super::recorded::{Past, name_of, step_of};
use crate::event::{Action, Effect};
use crate::flow::{Kind, Step, When};
use crate::run::Run;

impl Fork<'_> {
    pub fn differences(&self, run: &Run) -> Vec<Difference> {
        let mut differences = Vec::new();
        for (step, arm) in &self.past.arms {
            if let Some(was) = self.recorded.past.arms.get(step).filter(|was| *was != arm) {
                let (is, was) = (self.arm(step, *arm), self.arm(step, *was));
                let text = format!("{}: takes {is}, not {was}", self.title(step));
                differences.push(Difference::new(step, text));
            }
        }
        for (step, state) in &self.past.ended {
            if let Some(was) = self.recorded.past.ended.get(step).filter(|was| *was != state) {
                let text = format!("{}: {}, not {}", self.title(step), word(*state), word(*was));
                differences.push(Difference::new(step, text));
            }
        }
        differences.extend(self.kept_within(run));
        for effect in self.unknown(run) {
            differences.push(Difference::new(step_of(&effect.key), self.otherwise(effect)));
        }
        if run.state().is_final() {
            differences.extend(self.undone());
            let told = |run: &Run| format!("{}: {}", state(run), run.reason());
            let (is, was) = (told(run), told(&self.recorded.run));
            if is != was {
                differences.push(Difference::new("", format!("The run ends {is}; it was {was}")));
            }
        }
        differences
    }

    /// Where the flow's floors and ceilings move what was changed.
    fn kept_within(&self, run: &Run) -> Vec<Difference> {
        let mut moved = Vec::new();
        for entry in run.timeline() {
            let decision = name_of(&entry.step);
            let touched = |bound: &&String| {
                let field = bound.split(' ').next().unwrap_or_default();
                self.changes.iter().any(|change| change.touches(decision, field))
            };
            let bounds = entry.decided.iter().flat_map(|decided| &decided.raised);
            for bound in bounds.filter(touched) {
                let kind = if bound.contains(" to at least ") { "floor" } else { "ceiling" };
                let text = format!("{}: a {kind} moves {bound}", self.title(&entry.step));
                let difference = Difference::new(&entry.step, text);
                if !moved.contains(&difference) {
                    moved.push(difference);
                }
            }
        }
        moved
    }

    /// Writes that are not wanted any more, once for each key, in the order of the flow.
    fn undone(&self) -> Vec<Difference> {
        let wanted = writes(&self.past);
        let undone = writes(&self.recorded.past);
        let undone = undone.into_iter().filter(|(key, _)| !wanted.contains_key(key));
        let mut undone: Vec<_> = undone.collect();
        let steps = self.file.flow.all_steps();
        undone.sort_by_key(|(_, key)| steps.iter().position(|step| step.id == name_of(key)));
        undone
            .into_iter()
            .map(|(_, step)| Difference::new(step, format!("{}: is not done", self.title(step))))
            .collect()
    }

    /// In what an effect differs from those on record.
    fn otherwise(&self, effect: &Effect) -> String {
        let title = self.title(step_of(&effect.key));
        let recorded = self.recorded.past.effects.get(&effect.id).map(|effect| &effect.action);
        match (&effect.action, recorded) {
            (Action::Ask { question }, _) if question.attempt > 1 => {
                format!("{title}: the answer is not accepted, and the model is asked to repair it")
            }
            (Action::Ask { .. }, _) => format!("{title}: the model is asked something else"),
            (Action::Call { input, .. }, Some(Action::Call { input: was, .. })) if input != was => {
                let names: BTreeSet<&String> = [input, was]
                    .into_iter()
                    .filter_map(Value::as_object)
                    .flat_map(|o| o.keys())
                    .collect();
                let other = names.into_iter().filter(|name| input.get(*name) != was.get(*name));
                let shown = |value: Option<&Value>| {
                    value.map_or_else(|| "nothing".to_owned(), ToString::to_string)
                };
                let other: Vec<String> = other
                    .map(|n| format!("`{n}` is {}, not {}", shown(input.get(n)), shown(was.get(n))))
                    .collect();
                format!("{title}: {}", other.join("; "))
            }
            (Action::Call { .. }, Some(_)) => {
                format!("{title}: what it replaces is something else")
            }
            (Action::Call { operation, .. }, None) => {
                format!("{title}: calls `{operation}`, which the run did not do")
            }
        }
    }

    /// Why no more is known.
    pub fn ends(&self, run: &Run) -> Option<String> {
        if run.state().is_final() {
            return None;
        }
        if let Some(effect) = self.unknown(run).next() {
            let what = match &effect.action {
                Action::Ask { .. } => "what the model would answer".to_owned(),
                Action::Call { operation, .. } => format!("what `{operation}` would answer"),
            };
            return Some(format!("{what} is not on record"));
        }
        let asked = run.asked(&self.file.flow);
        let other = asked.iter().find(|asked| !self.recorded.past.questions.contains(asked));
        if let Some(asked) = other {
            let title = self.title(&asked.step);
            return Some(format!("{title}: what a person would say to that is not on record"));
        }
        Some(format!("the record ends; the run would be {}: {}", state(run), run.reason()))
    }

    fn step(&self, key: &str) -> Option<&Step> {
        self.file.flow.step(name_of(key))
    }

    fn title(&self, key: &str) -> String {
        self.step(key).map_or_else(|| format!("`{}`", name_of(key)), |step| step.title.clone())
    }

    fn arm(&self, step: &str, arm: usize) -> String {
        let arms = match self.step(step).map(|step| &step.kind) {
            Some(Kind::Switch(arms)) => arms.as_slice(),
            _ => &[],
        };
        match arms.get(arm).map(|arm| &arm.when) {
            Some(When::Holds(condition)) => format!("`{}`", condition.source()),
            Some(When::Default) => "the default".to_owned(),
            Some(When::Unknown) | None => "the path for unknown".to_owned(),
        }
    }
}

/// The steps of the writes that left, by effect key.
fn writes(past: &Past) -> BTreeMap<&str, &str> {
    let writes = past.effects.values().filter(|effect| effect.is_write());
    writes.map(|effect| (effect.key.as_str(), step_of(&effect.key))).collect()
}

fn word<T: Serialize>(state: T) -> String {
    let word = serde_json::to_value(state).unwrap_or_default();
    word.as_str().unwrap_or_default().replace('_', " ")
}

fn state(run: &Run) -> String {
    word(run.state())
}
