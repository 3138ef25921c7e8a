//! The walk: from the first step not over, as far as it goes now.

use serde_json::json;

use super::{CallNode, DecideNode, ListenNode, Node, Progress, Run};
use crate::expr::{Condition, Expression, Meter};
use crate::fact::Fact;
use crate::failure::Failure;
use crate::flow::{Arm, Branch, Catch, Flow, Kind, Remedy, Step, When};
use crate::label::{Labels, Provenance};
use crate::view::{EntryKind, RunState, StepState};

impl Run {
    /// Does everything that can be done now, then says where the run stands.
    pub(super) fn advance(&mut self, flow: &Flow) {
        if self.state.is_final() {
            self.out.clear();
            return;
        }
        if self.now >= self.started_at.saturating_add(flow.budget.wall_ms) {
            return self.end(RunState::Failed, "its time was over before it was done".to_owned());
        }
        let progress = match self.gather_context(flow) {
            Progress::Done => self.block(flow, &flow.steps, ""),
            other => other,
        };
        if self.state.is_final() {
            return;
        }
        self.find_subject(flow);
        match progress {
            Progress::Done if self.gaps.is_empty() => {
                self.end(RunState::Completed, "everything was done".to_owned());
            }
            Progress::Done => {
                let reason = format!("done, but: {}", self.gaps.join("; "));
                self.end(RunState::CompletedWithGaps, reason);
            }
            Progress::Failed(failure) => self.end(RunState::Failed, failure.to_string()),
            Progress::Pending => self.settle_state(),
        }
    }

    /// The steps of a block, one after the other. Only the step at the cursor is looked at.
    pub(super) fn block(&mut self, flow: &Flow, steps: &[Step], key: &str) -> Progress {
        loop {
            let at = self.cursors.get(key).copied().unwrap_or_default();
            let Some(step) = steps.get(at) else { return Progress::Done };
            match self.step(flow, step) {
                Progress::Done => {
                    self.cursors.insert(key.to_owned(), at + 1);
                }
                other => return other,
            }
            if self.state.is_final() {
                return Progress::Pending;
            }
        }
    }

    fn step(&mut self, flow: &Flow, step: &Step) -> Progress {
        if let Some(state) = self.ended.get(&step.id) {
            // A failed step was given up by its block; everything else is done.
            debug_assert_ne!(*state, StepState::Failed);
            return Progress::Done;
        }
        let progress = match self.nodes.get(&step.id) {
            Some(Node::Instead(catch)) => return self.instead(flow, step, *catch),
            _ => match &step.kind {
                Kind::Call(_) => CallNode::advance(self, flow, step),
                Kind::Decide(decide) => DecideNode::advance(self, flow, step, decide),
                Kind::Switch(arms) => self.switch(flow, step, arms),
                Kind::Fork(branches) => self.fork(flow, branches, &step.id),
                Kind::Listen(listen) => ListenNode::advance(self, flow, step, listen),
                Kind::Set(template) => {
                    let filled = template.fill(self, &mut Meter::default());
                    match filled.missing.first() {
                        Some(path) => Progress::Failed(Failure::Missing { path: path.clone() }),
                        None => {
                            let mut fact = self.derived(&step.id, filled.value);
                            for labels in filled.labels.values() {
                                fact.labels.join(labels);
                            }
                            self.learn(fact);
                            Progress::Done
                        }
                    }
                }
            },
        };
        match progress {
            Progress::Done => {
                self.ended.entry(step.id.clone()).or_insert(StepState::Done);
                Progress::Done
            }
            Progress::Failed(failure) => self.caught(flow, step, failure),
            Progress::Pending => Progress::Pending,
        }
    }

    fn switch(&mut self, flow: &Flow, step: &Step, arms: &[Arm]) -> Progress {
        let taken = match self.nodes.get(&step.id) {
            Some(Node::Switch(taken)) => Some(*taken),
            _ => self.choose(arms),
        };
        let Some((taken, arm)) = taken.and_then(|t| arms.get(t).map(|arm| (t, arm))) else {
            return Progress::Done;
        };
        self.nodes.insert(step.id.clone(), Node::Switch(taken));
        self.block(flow, &arm.steps, &format!("{}.{taken}", step.id))
    }

    /// The first arm that holds, else the one for unknown if something missing kept one from
    /// being decided, else the default.
    fn choose(&self, arms: &[Arm]) -> Option<usize> {
        let mut unknown = false;
        for (i, arm) in arms.iter().enumerate() {
            if let When::Holds(condition) = &arm.when {
                match self.holds(condition) {
                    Condition::True => return Some(i),
                    Condition::False => {}
                    _ => unknown = true,
                }
            }
        }
        let of = |kind: fn(&When) -> bool| arms.iter().position(|arm| kind(&arm.when));
        if unknown {
            return of(|when| matches!(when, When::Unknown));
        }
        of(|when| matches!(when, When::Default))
    }

    /// All branches as far as they go; over when all are over.
    fn fork(&mut self, flow: &Flow, branches: &[Branch], key: &str) -> Progress {
        let mut pending = false;
        let mut failed = None;
        for branch in branches {
            match self.block(flow, &branch.steps, &format!("{key}.{}", branch.name)) {
                Progress::Done => {}
                Progress::Pending => pending = true,
                Progress::Failed(failure) => failed = failed.or(Some(failure)),
            }
        }
        match (pending, failed) {
            (true, _) => Progress::Pending,
            (false, Some(failure)) => Progress::Failed(failure),
            (false, None) => Progress::Done,
        }
    }

    /// A failure meets the step's `catch`: the first that lists its kind.
    fn caught(&mut self, flow: &Flow, step: &Step, failure: Failure) -> Progress {
        let catches = |catch: &Catch| {
            catch.on.is_empty() || catch.on.iter().any(|kind| kind == failure.kind())
        };
        let found = step.catch.iter().enumerate().find(|(_, catch)| catches(catch));
        let Some((index, catch)) = found else { return Progress::Failed(failure) };
        let title = &step.title;
        let mut entry = self.entry(EntryKind::Run, &step.id, "tutti", title);
        entry.state = StepState::Adapted;
        match &catch.remedy {
            Remedy::Instead(_) => {
                entry.adapted = Some(format!("{failure}; took the other path"));
                self.timeline.push(entry);
                self.nodes.insert(step.id.clone(), Node::Instead(index));
                self.instead(flow, step, index)
            }
            Remedy::Default(template) => {
                let value = template.fill(self, &mut Meter::default()).value;
                entry.adapted = Some(format!("{failure}; used a default"));
                self.timeline.push(entry);
                let mut fact = self.derived(&step.id, value);
                fact.labels.provenance = [Provenance::Defaulted].into();
                self.learn(fact);
                self.ended.insert(step.id.clone(), StepState::Adapted);
                Progress::Done
            }
            Remedy::Gap(gap) => {
                entry.adapted = Some(format!("{failure}; went on without it"));
                self.timeline.push(entry);
                self.gaps.push(format!("{gap} ({failure})"));
                self.ended.insert(step.id.clone(), StepState::Adapted);
                Progress::Done
            }
        }
    }

    fn instead(&mut self, flow: &Flow, step: &Step, catch: usize) -> Progress {
        let steps = match step.catch.get(catch).map(|catch| &catch.remedy) {
            Some(Remedy::Instead(steps)) => steps.as_slice(),
            _ => &[],
        };
        let progress = self.block(flow, steps, &format!("{}!{catch}", step.id));
        if progress == Progress::Done {
            self.ended.insert(step.id.clone(), StepState::Adapted);
        }
        progress
    }

    pub(super) fn holds(&self, condition: &Expression) -> Condition {
        condition.evaluate(self, &mut Meter::default()).condition()
    }

    /// A fact the flow made itself.
    pub(super) fn derived(&self, id: &str, value: serde_json::Value) -> Fact {
        let labels = Labels { provenance: [Provenance::Derived].into(), ..Labels::default() };
        Fact { labels, ..Fact::observed(id, "tutti", self.now, value) }
    }

    fn find_subject(&mut self, flow: &Flow) {
        if self.subject.is_some() {
            return;
        }
        let Some(expression) = &flow.subject else { return };
        if let crate::expr::Outcome::Known(tagged) =
            expression.evaluate(self, &mut Meter::default())
        {
            self.subject = tagged.value.as_str().map(str::to_owned);
            if let Some(subject) = &self.subject {
                let about = self.derived("subject", json!({"key": subject}));
                self.learn(about);
            }
        }
    }

    /// Where a run that is not over stands: at work, asking, or waiting.
    fn settle_state(&mut self) {
        let asked = self.nodes.values().find_map(|node| match node {
            Node::Call(call) => call.asking(),
            _ => None,
        });
        let backing_off = self.nodes.values().any(|node| match node {
            Node::Call(call) => call.backs_off(),
            Node::Decide(decide) => decide.backs_off(),
            _ => false,
        });
        let (state, reason) = if !self.in_flight.is_empty() || backing_off {
            (RunState::Running, String::new())
        } else if let Some(why) = asked {
            (RunState::WaitingPerson, why)
        } else {
            let heard = self.topics().into_iter().collect::<Vec<_>>().join(", ");
            (RunState::WaitingOutside, format!("waiting for {heard}"))
        };
        self.state = state;
        self.reason = reason;
    }

    /// When the run wakes by itself, if nothing else happens.
    pub fn wake_at(&self, flow: &Flow) -> Option<i64> {
        if self.state.is_final() {
            return None;
        }
        let waits = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) => call.wake_at(),
            Node::Decide(decide) => decide.wake_at(),
            Node::Listen(listen) => listen.wake_at(),
            Node::Switch(_) | Node::Instead(_) => None,
        });
        let deadline = self.started_at.saturating_add(flow.budget.wall_ms);
        waits.chain([deadline]).min()
    }
}
