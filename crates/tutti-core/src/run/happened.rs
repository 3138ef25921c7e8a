//! What each event means to a run.

use serde_json::{Value, json};

use super::brake::because;
use super::frame::local;
use super::trigger::TRIGGER;
use super::undo::UNDO;
use super::{Node, Run};
use crate::event::{Brake, Reply, Said};
use crate::fact::Fact;
use crate::flow::Flow;
use crate::label::Labels;
use crate::view::{Entry, EntryKind, RunState, StepState};

impl Run {
    pub(super) fn start(
        &mut self,
        flow: &Flow,
        trigger: Value,
        source: &str,
        (untrusted, depth): (&[String], u32),
    ) {
        // A run begins once, whatever the queue says.
        if self.facts.contains_key(TRIGGER) {
            return;
        }
        self.started_at = self.now;
        self.state = RunState::Running;
        let run = json!({"id": self.id, "started_at": self.now, "depth": depth});
        let about = json!({"id": flow.id, "name": flow.name, "project": self.project});
        self.learn(Fact::labelled("run", "tutti", self.now, run, Labels::default()));
        self.learn(Fact::labelled("flow", "tutti", self.now, about, Labels::default()));
        self.learn(self.trigger(flow, trigger, source, untrusted));
        self.started_by = source.to_owned();
    }

    pub(super) fn answered(&mut self, flow: &Flow, effect: &str, result: Reply, took_ms: u64) {
        let Some((key, sent)) = self.in_flight.remove(effect) else { return };
        self.spend.calls += 1;
        self.with_node(&key, |run, node| match node {
            // It was sent before the step was done anew.
            Node::Call(call) if call.key(run) != sent.key => {}
            Node::Call(call) if call.is_overtaken() => call.late(run, flow, &result, took_ms),
            Node::Call(call) => call.answered(run, flow, result, took_ms),
            Node::Decide(decide) => decide.answered(run, flow, result, took_ms),
            _ => {}
        });
    }

    /// Takes a node out for as long as something is done with it, in its frame.
    pub(super) fn with_node(&mut self, key: &str, what: impl FnOnce(&mut Self, &mut Node)) {
        let Some(mut node) = self.nodes.remove(key) else { return };
        self.within(key, |run| what(run, &mut node));
        self.nodes.insert(key.to_owned(), node);
    }

    pub(super) fn signalled(&mut self, flow: &Flow, id: &str, topic: &str, payload: &Value) {
        if !self.heard.insert(id.to_owned()) {
            return;
        }
        let ignored = match topic {
            "stale_event" => Some("Ignored an older event"),
            "echo" => Some("Ignored events of its own making"),
            _ => None,
        };
        if let Some(text) = ignored {
            let mut entry = self.entry(EntryKind::Event, "", "tutti", text);
            entry.detail = format!("{topic} {payload}");
            self.timeline.push(entry);
            return;
        }
        if self.is_over() {
            return;
        }
        self.renewed(flow, topic, payload);
        let mut heard = Vec::new();
        for (key, node) in &mut self.nodes {
            if let Node::Listen(listen) = node
                && listen.hear(topic)
            {
                heard.push(key.clone());
            }
        }
        if let Some(step) = heard.first() {
            let title = flow.step(local(step)).map_or(step.as_str(), |step| step.title.as_str());
            let then = if self.held.is_empty() {
                "so it was looked at"
            } else {
                "and it is looked at once the run goes on"
            };
            let title = self.numbered_at(step, title);
            let text = format!("{title}: something happened, {then}");
            let system = topic.split('.').next().unwrap_or("tutti");
            let mut entry = self.entry(EntryKind::Event, step, system, &text);
            entry.detail = topic.to_owned();
            self.timeline.push(entry);
        }
    }

    pub(super) fn said(&mut self, flow: &Flow, id: &str, account: &str, name: &str, answer: Said) {
        if !self.heard.insert(id.to_owned()) {
            return;
        }
        match &answer {
            // These two are for runs that are over.
            Said::Undo { effects, reason } => return self.undo(name, reason, effects),
            Said::Rerun { seen: Some(seen), .. } if *seen < self.begun => return,
            Said::Rerun { step, reason, .. } => return self.rerun(flow, step, name, reason),
            // A brake that is on when a run ends holds what is taken back of it until its release.
            Said::Resume { brake } => return self.release(flow, *brake, name),
            // A stop holds the flow, so also what is taken back or done once more of a run that is over.
            Said::Hold { brake, reason, unsent }
                if *brake == Brake::Stop || !self.state.is_final() =>
            {
                self.hold(*brake, name, reason);
                return self.withhold(unsent);
            }
            _ if self.state.is_final() => return,
            Said::Cancel { reason } => return self.cancel(flow, name, reason),
            // Nobody is asked anything while it is taken back.
            _ if self.is_over() => return,
            _ => {}
        }
        let keys: Vec<String> = self.nodes.keys().cloned().collect();
        for key in keys {
            if self.is_too_late(&key) {
                continue;
            }
            self.with_node(&key, |run, node| match (node, &answer) {
                (Node::Call(call), Said::Resolve { question, way, reason }) => {
                    call.resolved(run, flow, (account, name), question, (*way, reason));
                }
                (Node::Call(call), _) => call.said(run, flow, account, name, &answer),
                (Node::Ask(ask), Said::Answer { question, answer }) => {
                    ask.said(run, flow, (account, name), question, answer);
                }
                _ => {}
            });
        }
    }

    /// Whether a question is past its time. Only a brake keeps such a one from being over.
    fn is_too_late(&self, key: &str) -> bool {
        let until = match self.nodes.get(key) {
            Some(Node::Call(call)) => call.wake_at(),
            Some(Node::Ask(ask)) => ask.wake_at(),
            _ => None,
        };
        !self.held.is_empty() && until.is_some_and(|until| until < self.now)
    }

    fn cancel(&mut self, flow: &Flow, name: &str, reason: &str) {
        let entry = self.entry(EntryKind::Person, "", "person", &format!("{name} stopped it"));
        self.timeline.push(Entry { detail: reason.to_owned(), ..entry });
        if self.undoing.is_some() {
            return self.stop_undoing(flow);
        }
        self.end(flow, RunState::Cancelled, because(&format!("stopped by {name}"), reason));
    }

    /// Nobody knows what became of the effects in flight: each class has its own way on.
    pub(super) fn resumed(&mut self, flow: &Flow) {
        self.lost(flow, |_, _| true);
    }

    /// The worker that waited for these nodes' effects is lost.
    pub(super) fn lost(&mut self, flow: &Flow, mine: impl Fn(&Self, &str) -> bool) {
        let ids: Vec<String> = self.in_flight.keys().cloned().collect();
        for id in ids {
            if !self.in_flight.get(&id).is_some_and(|(key, _)| mine(self, key)) {
                continue;
            }
            let Some((key, effect)) = self.in_flight.remove(&id) else { continue };
            // It was sent, and the budget counts it.
            self.spend.calls += 1;
            self.with_node(&key, |run, node| match node {
                Node::Call(call) => call.resumed(run, flow, effect),
                _ => run.emit(&key, effect),
            });
            // Sent again under its own name it is the same call, now or once no brake is on.
            if self.in_flight.contains_key(&id) || self.is_withheld(&id) {
                self.spend.calls -= 1;
                self.resent.insert(id);
            }
        }
    }

    pub(super) fn end(&mut self, flow: &Flow, state: RunState, reason: String) {
        if self.state.is_final() {
            return;
        }
        // What it tells its children is still wanted.
        self.let_go(flow, |key| !key.starts_with(UNDO));
        if !self.held.is_empty() {
            self.held_ms = self.held_ms.saturating_add(self.now - self.held_since);
        }
        self.forget_pause();
        let text = match state {
            RunState::Completed => "Finished",
            RunState::CompletedWithGaps => "Finished with gaps",
            RunState::Cancelled => "Stopped",
            _ => "Failed",
        };
        let mut entry = self.entry(EntryKind::Run, "", "tutti", text);
        entry.detail.clone_from(&reason);
        if state == RunState::Failed {
            entry.state = StepState::Failed;
        }
        self.timeline.push(entry);
        self.state = state;
        self.reason = reason;
        self.ended_at = Some(self.now);
    }

    /// Nobody waits for these nodes' effects any more. Of what is in flight only the writes that
    /// have left matter then, and are followed up. Those of this very event have not left: they are
    /// dropped with it. Of a write that left and is looked for, or was about to be tried again, or
    /// which another worker may have sent before, people are told that it may have happened.
    pub(super) fn let_go(&mut self, flow: &Flow, mine: impl Fn(&str) -> bool) {
        self.leave_children(&mine);
        self.drop_withheld(|key, _| mine(key));
        let (in_flight, resent) = (&mut self.in_flight, &self.resent);
        let before = in_flight.len();
        let mut unsent = 0;
        self.out.retain(|effect| {
            let kept = in_flight.get(&effect.id).is_some_and(|(key, _)| !mine(key));
            if !kept && in_flight.remove(&effect.id).is_some() {
                unsent += usize::from(!resent.contains(&effect.id));
            }
            kept
        });
        in_flight.retain(|_, (key, effect)| effect.is_write() || !mine(key));
        // The others have been sent: nobody hears the answer, and the budget counts them all the
        // same.
        self.spend.calls += (before - in_flight.len() - unsent) as u64;
        let left = in_flight.values().map(|(key, _)| key.clone()).filter(|key| mine(key));
        for key in left.collect::<Vec<_>>() {
            self.with_node(&key, |run, node| {
                if let Node::Call(call) = node {
                    call.overtaken(run, flow);
                }
            });
        }
        let of_mine: Vec<String> = self.nodes.keys().filter(|key| mine(key)).cloned().collect();
        for key in of_mine {
            self.with_node(&key, |run, node| {
                if let Node::Call(call) = node {
                    call.left_in_doubt(run, flow);
                }
            });
        }
    }
}
