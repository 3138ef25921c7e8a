//! Gathering context: every read starts as soon as what it needs is known.

use std::fmt::{self, Write};

use serde_json::{Map, Value};

use super::{CallNode, Node, Progress, Run};
use crate::expr::{Condition, Meter, Outcome, Scope};
use crate::fact::{Fact, Mark};
use crate::failure::Failure;
use crate::flow::{Flow, Gather, ValueRule};
use crate::label::{Labels, Provenance, Trust};
use crate::view::{RunState, Saw, StepState};

/// What comes before the names of the reads before the first step.
const CONTEXT: &str = "context";
/// The most characters of a fact's value that the panel shows.
const SUMMARY_CHARS_MAX: usize = 160;

impl Run {
    /// Gathers the context, then computes the flow's values, then asks whether to go on.
    pub(super) fn gather_context(&mut self, flow: &Flow) -> Progress {
        if self.facts.contains_key("values") {
            return Progress::Done;
        }
        match self.gather(flow, &flow.context, CONTEXT, 1) {
            Progress::Done => {}
            other => return other,
        }
        let values = self.values(&flow.values);
        self.learn(values);
        if let Some(started_by) = &flow.started_by {
            let filled = started_by.fill(self, &mut Meter::default());
            if let (true, Some(text)) = (filled.missing.is_empty(), filled.value.as_str()) {
                self.started_by = text.chars().take(120).collect();
            }
        }
        match flow.start_if.as_ref().map(|condition| self.holds(condition)) {
            None | Some(Condition::True) => Progress::Done,
            Some(Condition::False) => {
                self.end(flow, RunState::Completed, "its start condition does not hold".to_owned());
                Progress::Pending
            }
            Some(undecided) => {
                let trouble = undecided.trouble().unwrap_or_default();
                let reason = format!("whether to start could not be decided: {trouble}");
                self.end(flow, RunState::CompletedWithGaps, reason);
                Progress::Pending
            }
        }
    }

    /// Starts every read whose needs are known; over when all are over, whatever came of each.
    pub(super) fn gather(
        &mut self,
        flow: &Flow,
        gathers: &[Gather],
        prefix: &str,
        round: u32,
    ) -> Progress {
        let mut pending = false;
        let mut moved = true;
        while std::mem::take(&mut moved) {
            pending = false;
            for gather in gathers {
                let key = format!("{prefix}.{}", gather.name);
                let done = format!("{key}@{round}");
                if self.ended.contains_key(&done) {
                    continue;
                }
                if self.waits_for_others(gather, gathers, prefix, round) {
                    pending = true;
                    continue;
                }
                let needed = !gather.optional && prefix == CONTEXT;
                match CallNode::read(self, flow, &gather.call, &key, (round, needed)) {
                    Progress::Pending => pending = true,
                    // What could not be read is missing now, whatever it was at an earlier look;
                    // expressions will say so.
                    Progress::Failed(failure) => {
                        self.learn(Fact::observed(&gather.name, "", self.now, Value::Null));
                        if gather.optional {
                            let what = format!("{failure}; went on without it");
                            if let Some(entry) = self.soften(&key, &what) {
                                entry.detail.clear();
                            }
                            self.ended.insert(done, StepState::Adapted);
                        } else {
                            self.ended.insert(done, StepState::Failed);
                        }
                        moved = true;
                    }
                    Progress::Done => {
                        self.ended.insert(done, StepState::Done);
                        moved = true;
                    }
                }
            }
        }
        match (pending, self.failed_read(gathers, prefix, round)) {
            (true, _) => Progress::Pending,
            (false, Some((_, failure))) => Progress::Failed(failure),
            (false, None) => Progress::Done,
        }
    }

    /// The read that failed although it was needed; rather the first cause than one that only
    /// lacked what another should have brought.
    fn failed_read(
        &self,
        gathers: &[Gather],
        prefix: &str,
        round: u32,
    ) -> Option<(String, Failure)> {
        let failed = gathers.iter().filter_map(|gather| {
            let key = format!("{prefix}.{}", gather.name);
            let state = self.ended.get(&format!("{key}@{round}"))?;
            let failure = self.nodes.get(&key).and_then(Node::failure)?;
            (*state == StepState::Failed).then(|| (gather.name.clone(), failure.clone()))
        });
        failed.min_by_key(|(_, failure)| matches!(failure, Failure::Missing { .. }))
    }

    /// Why the steps could not even begin, if that is so.
    pub(super) fn why_not_begun(&self, flow: &Flow) -> Option<String> {
        if self.facts.contains_key("values") {
            return None;
        }
        let (name, failure) = self.failed_read(&flow.context, CONTEXT, 1)?;
        Some(format!("`{name}` could not be read: {failure}"))
    }

    /// Whether a read needs a sibling that is not known yet.
    fn waits_for_others(
        &self,
        gather: &Gather,
        gathers: &[Gather],
        prefix: &str,
        round: u32,
    ) -> bool {
        gather.call.with.references().iter().any(|reference| {
            let sibling = gathers.iter().any(|other| other.name == reference.root);
            let done = format!("{prefix}.{}@{round}", reference.root);
            sibling && reference.root != gather.name && !self.ended.contains_key(&done)
        })
    }

    /// The fact `values`: each value with how it came to be known.
    fn values(&self, rules: &[ValueRule]) -> Fact {
        let mut members = Map::new();
        let mut marks = Vec::new();
        let mut private = Vec::new();
        for rule in rules {
            let known =
                rule.first_of.iter().enumerate().find_map(|(i, expression)| {
                    match expression.evaluate(self, &mut Meter::default()) {
                        Outcome::Known(tagged) if !tagged.value.is_null() => Some((i, tagged)),
                        _ => None,
                    }
                });
            let (value, labels) = match (known, &rule.default) {
                (Some((0, tagged)), _) => (tagged.value, tagged.labels),
                // A fallback is a conclusion of ours, not what the first source said.
                (Some((_, mut tagged)), _) => {
                    tagged.labels.provenance = [Provenance::Derived].into();
                    (tagged.value, tagged.labels)
                }
                (None, Some(default)) if rule.first_of.is_empty() => {
                    (default.clone(), Labels::default())
                }
                (None, Some(default)) => {
                    let provenance = [Provenance::Defaulted].into();
                    (default.clone(), Labels { provenance, ..Labels::default() })
                }
                (None, None) => continue,
            };
            if labels.private {
                private.push(vec![rule.name.clone()]);
            }
            members.insert(rule.name.clone(), value);
            marks.push(Mark { path: vec![rule.name.clone()], labels });
        }
        let (source, labels) = ("Tutti flow values", Labels::default());
        let fact = Fact::labelled("values", source, self.now, members.into(), labels);
        Fact { marks, private, ..fact }
    }

    /// The facts looked at, for the panel: what, when, and a short form of it.
    pub(super) fn saw<'a>(&self, names: impl Iterator<Item = &'a String>) -> Vec<Saw> {
        let names: std::collections::BTreeSet<&String> = names.collect();
        let given = ["run", "flow", "values", "subject"];
        let facts = names.into_iter().filter(|name| !given.contains(&name.as_str()));
        facts.filter_map(|name| self.fact(name)).map(saw).collect()
    }
}

/// One fact as the panel shows it.
fn saw(fact: &Fact) -> Saw {
    let system = fact.source.split([' ', '.']).next().unwrap_or_default().to_lowercase();
    let mut beginning = Beginning { text: String::new(), left: SUMMARY_CHARS_MAX };
    let left_out: String =
        fact.left_out.iter().map(|part| format!("[too large: {part}] ")).collect();
    if write!(beginning, "{}", fact.value).is_err() {
        beginning.text.push('…');
    }
    Saw {
        fact: fact.id.clone(),
        source: fact.source.clone(),
        system,
        observed_at: fact.observed_at,
        summary: left_out + &beginning.text,
        untrusted: fact.trust_at(&[]) == Trust::Untrusted || !fact.left_out.is_empty(),
    }
}

/// The beginning of a text. What does not fit stops the writer, so that a fact of many pages costs
/// no more than a short one.
struct Beginning {
    text: String,
    /// How many characters still fit.
    left: usize,
}

impl fmt::Write for Beginning {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for c in more.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(c);
        }
        Ok(())
    }
}
