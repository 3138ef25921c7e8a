//! The walk: from the first step not over, as far as it goes now.

use serde_json::{Value, json};

use super::decide::fact::no_choice;
use super::{AskNode, CallNode, DecideNode, ForNode, ListenNode, Node, Progress, Run};
use crate::expr::{Condition, Expression, Meter, Outcome, Template};
use crate::fact::{self, Fact};
use crate::failure::Failure;
use crate::flow::{Arm, Flow, Kind, Raise, Remedy, Span, Step, When};
use crate::gate;
use crate::label::{Labels, Provenance};
use crate::view::{Entry, EntryKind, StepState};

impl Run {
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
        let key = self.key(&step.id);
        if let Some(state) = self.ended.get(&key) {
            // A failed step was given up by its block; everything else is done.
            debug_assert_ne!(*state, StepState::Failed);
            return Progress::Done;
        }
        if matches!(self.nodes.get(&key), Some(Node::Call(call)) if call.is_stuck()) {
            self.go_on_choosing(flow, step);
        }
        let progress = match self.nodes.get(&key) {
            Some(Node::Instead(catch)) => return self.instead(flow, step, *catch),
            Some(Node::Failed(failure)) => return Progress::Failed(failure.clone()),
            Some(Node::Ask(_)) => AskNode::go_on(self, &key),
            _ => match &step.kind {
                Kind::Call(_) => CallNode::advance(self, flow, step),
                Kind::Decide(decide) => DecideNode::advance(self, flow, step, decide),
                Kind::Switch(arms) => self.switch(flow, step, arms),
                Kind::Fork(fork) => self.fork(flow, step, fork),
                Kind::For(each) => ForNode::advance(self, flow, step, each),
                Kind::Try(steps) => self.block(flow, steps, &key),
                Kind::Listen(listen) => ListenNode::advance(self, flow, step, listen),
                Kind::Ask(ask) => AskNode::advance(self, step, ask),
                Kind::Run(sub) => self.child(flow, step, sub),
                Kind::Wait(span) => self.wait(&key, span),
                Kind::Set(template) => self.set(&step.id, template),
                Kind::Raise(raise) => self.raise(&key, raise),
            },
        };
        match progress {
            Progress::Done => {
                self.ended.entry(key).or_insert(StepState::Done);
                Progress::Done
            }
            Progress::Failed(failure) => self.caught(flow, step, failure),
            Progress::Pending => Progress::Pending,
        }
    }

    pub(super) fn set(&mut self, id: &str, template: &Template) -> Progress {
        match self.computed(id, template) {
            Ok(fact) => {
                self.learn(fact);
                Progress::Done
            }
            Err(failure) => {
                self.nodes.insert(self.key(id), Node::Failed(failure.clone()));
                Progress::Failed(failure)
            }
        }
    }

    fn wait(&mut self, key: &str, span: &Span) -> Progress {
        let until = match self.nodes.get(key) {
            Some(Node::Wait(until)) => *until,
            _ => match self.end_of(span) {
                Ok(until) => until,
                Err(failure) => {
                    self.nodes.insert(key.to_owned(), Node::Failed(failure.clone()));
                    return Progress::Failed(failure);
                }
            },
        };
        self.nodes.insert(key.to_owned(), Node::Wait(until));
        if until <= self.now { Progress::Done } else { Progress::Pending }
    }

    /// When a length of time that begins now is over.
    pub(super) fn end_of(&self, span: &Span) -> Result<i64, Failure> {
        let until = match span {
            Span::For(ms) => return Ok(self.now.saturating_add(*ms)),
            Span::Until(until) => until,
        };
        let no_time = |message: String| Failure::Invalid { code: "no_time".to_owned(), message };
        match until.evaluate(self, &mut Meter::default()) {
            Outcome::Known(tagged) => crate::expr::moment_ms(&tagged.value)
                .ok_or_else(|| no_time(format!("`{}` is no moment", until.source()))),
            Outcome::Missing { paths, .. } => {
                Err(Failure::Missing { path: paths.into_iter().next().unwrap_or_default() })
            }
            Outcome::Failed(error) => Err(no_time(error.to_string())),
        }
    }

    /// Fails on purpose, with the flow's own word for it.
    fn raise(&mut self, key: &str, raise: &Raise) -> Progress {
        let filled = raise.message.fill(self, &mut Meter::default());
        let private = filled.labels.values().any(|labels| labels.private);
        let message = match (filled.missing.first(), filled.failed.first(), filled.value) {
            (Some(path), ..) => format!("{}, and `{path}` is missing", raise.error),
            (None, Some((_, error)), _) => {
                format!("{}, and its message could not be made: {error}", raise.error)
            }
            (None, None, Value::String(text)) => text,
            (None, None, other) => other.to_string(),
        };
        let failure = Failure::Raised { error: raise.error.clone(), message, private };
        self.nodes.insert(key.to_owned(), Node::Failed(failure.clone()));
        Progress::Failed(failure)
    }

    /// A fact made from others; it is no more to be trusted than they are.
    pub(super) fn computed(&self, id: &str, template: &Template) -> Result<Fact, Failure> {
        let filled = template.fill(self, &mut Meter::default());
        if let Some((_, error)) = filled.failed.first() {
            let code = error.code.to_string();
            return Err(Failure::Invalid { code, message: error.to_string() });
        }
        if let Some(path) = filled.missing.first() {
            return Err(Failure::Missing { path: path.clone() });
        }
        let mut fact = self.derived(id, filled.value);
        for (pointer, labels) in &filled.labels {
            let mut path: Vec<String> = fact::keys(pointer).collect();
            if labels.private {
                fact.private.push(path.clone());
            }
            // Which parts are private is known; items of a list are told apart by nobody.
            let labels = Labels { private: false, ..labels.clone() };
            path.truncate(path.iter().position(|key| key == "[]").unwrap_or(path.len()));
            fact.mark(path, &labels);
        }
        Ok(fact)
    }

    fn switch(&mut self, flow: &Flow, step: &Step, arms: &[Arm]) -> Progress {
        let key = self.key(&step.id);
        let taken = match self.nodes.get(&key) {
            Some(Node::Switch(taken)) => Some(*taken),
            _ => self.choose(step, arms),
        };
        let Some((taken, arm)) = taken.and_then(|t| arms.get(t).map(|arm| (t, arm))) else {
            return Progress::Done;
        };
        self.nodes.insert(key.clone(), Node::Switch(taken));
        self.block(flow, &arm.steps, &format!("{key}.arm{taken}"))
    }

    /// The first arm that holds, else the default. Where something missing keeps an arm from being
    /// decided, none after it is the first that holds: the arm for unknown is taken, and why is said.
    fn choose(&mut self, step: &Step, arms: &[Arm]) -> Option<usize> {
        let of = |kind: fn(&When) -> bool| arms.iter().position(|arm| kind(&arm.when));
        for (i, arm) in arms.iter().enumerate() {
            if let When::Holds(condition) = &arm.when {
                let held = self.holds(condition);
                if let Some(trouble) = held.trouble() {
                    self.adapted(step, format!("could not be decided: {trouble}"));
                    return of(|when| matches!(when, When::Unknown));
                }
                if held == Condition::True {
                    return Some(i);
                }
            }
        }
        of(|when| matches!(when, When::Default))
    }

    /// A failure meets the step's `catch`: the first that lists its kind.
    fn caught(&mut self, flow: &Flow, step: &Step, failure: Failure) -> Progress {
        let key = self.key(&step.id);
        let found = step.catch.iter().enumerate().find(|(_, catch)| catch.is_for(&failure));
        let own = self.nodes.get(&key).is_some_and(Node::is_given_up);
        let Some((index, catch)) = found.filter(|_| !own && !self.is_ended_here()) else {
            return Progress::Failed(failure);
        };
        let trouble = self.trouble(&key, &failure);
        match &catch.remedy {
            Remedy::Instead(_) => {
                // The other path can tell what failed, by the name of the step.
                let about = self.about(&step.id, &failure);
                self.learn(about);
                self.adapted(step, format!("{trouble}; took the other path"));
                self.nodes.insert(key, Node::Instead(index));
                return self.instead(flow, step, index);
            }
            Remedy::Default(template) => {
                let fact = match self.computed(&step.id, template) {
                    Ok(fact) => fact,
                    Err(failure) => {
                        self.nodes.insert(key, Node::Failed(failure.clone()));
                        return Progress::Failed(failure);
                    }
                };
                self.learn(fact.defaulted());
                self.adapted(step, format!("{trouble}; used a default"));
            }
            Remedy::Gap(gap) => {
                let gap = self.numbered(gap);
                self.gap(&key, &gap, &failure);
                self.adapted(step, format!("{trouble}; went on without it"));
            }
            Remedy::Ask(who) => return self.ask_instead(flow, step, failure, who),
            Remedy::Agent(agent) => return self.ask_agent(flow, step, (index, agent), &failure),
        }
        self.ended.insert(key, StepState::Adapted);
        Progress::Done
    }

    /// What a step failed with, in words that do not hide a doubt.
    fn trouble(&self, key: &str, failure: &Failure) -> String {
        match self.nodes.get(key) {
            Some(Node::Call(call)) => call.told(failure),
            _ => failure.to_string(),
        }
    }

    /// A person says how a call goes on, or answers what no model could.
    fn ask_instead(
        &mut self,
        flow: &Flow,
        step: &Step,
        failure: Failure,
        who: &Template,
    ) -> Progress {
        let who = gate::person(who, self);
        match &step.kind {
            Kind::Decide(decide) if no_choice(self, &decide.answer).is_none() => {
                AskNode::instead_of_model(self, step, decide, &failure, who)
            }
            Kind::Call(_) => {
                let key = self.key(&step.id);
                self.with_node(&key, |run, node| {
                    if let Node::Call(call) = node {
                        call.get_stuck(run, flow, who);
                    }
                });
                Progress::Pending
            }
            _ => Progress::Failed(failure),
        }
    }

    /// Says on the timeline what was done instead.
    fn adapted(&mut self, step: &Step, what: String) {
        let key = self.key(&step.id);
        if let Some(entry) = self.soften(&key, &what) {
            entry.detail.clear();
            return;
        }
        let mut entry = self.entry(EntryKind::Run, &key, "tutti", &step.title);
        entry.state = StepState::Adapted;
        entry.adapted = Some(what);
        self.timeline.push(entry);
    }

    /// The line of a failure that was just written becomes the line of what was done about it.
    pub(super) fn soften(&mut self, key: &str, what: &str) -> Option<&mut Entry> {
        let seq = self.seq;
        let own = self.timeline.iter_mut().rev().find(|entry| entry.step == key);
        let entry = own.filter(|own| own.state == StepState::Failed && own.seq == seq)?;
        entry.state = StepState::Adapted;
        entry.adapted = Some(what.to_owned());
        Some(entry)
    }

    fn instead(&mut self, flow: &Flow, step: &Step, catch: usize) -> Progress {
        let steps = match step.catch.get(catch).map(|catch| &catch.remedy) {
            Some(Remedy::Instead(steps)) => steps.as_slice(),
            _ => &[],
        };
        let key = self.key(&step.id);
        let progress = self.block(flow, steps, &format!("{key}!{catch}"));
        if progress == Progress::Done {
            self.ended.insert(key, StepState::Adapted);
        }
        progress
    }

    pub(super) fn holds(&self, condition: &Expression) -> Condition {
        condition.evaluate(self, &mut Meter::default()).condition()
    }

    /// What is known of a failure, as the fact `id`. What the other side said stays its words.
    pub(super) fn about(&self, id: &str, failure: &Failure) -> Fact {
        let words = json!({"kind": failure.kind(), "message": failure.to_string()});
        let message = ["failure.message".to_owned()];
        let fact = self.derived(id, json!({"failure": words})).with_untrusted(&message);
        if failure.is_private() { fact.with_private(&message) } else { fact }
    }

    /// A fact the flow made itself.
    pub(super) fn derived(&self, id: &str, value: Value) -> Fact {
        let labels = Labels { provenance: [Provenance::Derived].into(), ..Labels::default() };
        Fact::labelled(id, "tutti", self.now, value, labels)
    }
}
