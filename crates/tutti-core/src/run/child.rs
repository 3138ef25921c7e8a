//! Children: the runs that steps of this one started and wait for. Each is told to stop once nobody
//! waits for it any more: its parent is over, its step gave up waiting, or a fork went on without it.
//!
//! To tell it is the inverse of the call that started it, so the gate, retries and crashes hold for
//! it as they do for undo. A run is not over before its children are told.
//!
//! A start that nobody knows the outcome of is taken back, too, if its inverse says nothing of its
//! output. One on its way is waited for: for its answer, or for the worker that looks after what a
//! lost one left. By then it was performed, unless that worker lives on without its hold; against
//! this the inverse itself must be good for a start that comes after it.

use serde_json::Value;

use super::frame::local;
use super::undo::{UNASKED, UNDO, Undoing, undo_key};
use super::{CallNode, Node, Progress, Run};
use crate::event::Way;
use crate::failure::Failure;
use crate::flow::{Flow, Step, SubRun};
use crate::view::{RunState, Undo};

/// A run that a step started, and whose end it did not see.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Child {
    /// The place in the ledger of the call that started it.
    write: usize,
    /// The key of that call's step.
    step: String,
    /// Nobody waits for it any more.
    left: bool,
}

impl Run {
    /// A write was confirmed: it may have been the start of a child.
    pub(super) fn note_child(&mut self, flow: &Flow, write: usize) {
        let Some(written) = self.ledger.get(write) else { return };
        let is_known = self.children.iter().any(|child| child.write == write);
        if written.undo == Undo::Possible && self.is_start(flow, &written.step) && !is_known {
            self.children.push(Child { write, step: written.step.clone(), left: false });
        }
    }

    /// Runs another flow as a step, and lets go of it unless its end was seen.
    pub(super) fn child(&mut self, flow: &Flow, step: &Step, sub: &SubRun) -> Progress {
        let start = sub.start().map(|id| self.key(id)).unwrap_or_default();
        if let Some(way) = self.unnamed(&start) {
            return self.goes_unheard(flow, step, &start, way);
        }
        let progress = self.block(flow, &sub.steps, &self.key(&step.id));
        match &progress {
            Progress::Pending => {}
            _ if self.has_seen_end(sub) => self.children.retain(|child| child.step != start),
            _ => self.leave_child(flow, &start),
        }
        match progress {
            Progress::Done => self.set(&step.id, &sub.output),
            other => other,
        }
    }

    /// What a person said of this start, that it happened or that it is left out, where nobody knows the
    /// run by its name and so nobody can wait for it.
    fn unnamed(&self, start: &str) -> Option<Way> {
        let Some(Node::Call(call)) = self.nodes.get(start) else { return None };
        let named = || self.facts.get(start).is_some_and(|fact| fact.value.get("run").is_some());
        let way = if call.is_vouched() { Way::Happened } else { Way::Without };
        (call.is_done() && !named()).then_some(way)
    }

    /// Goes on without the end of a run. One that a person says has begun is left at work.
    fn goes_unheard(&mut self, flow: &Flow, step: &Step, start: &str, way: Way) -> Progress {
        if way == Way::Happened {
            self.children.retain(|child| child.step != start);
            let key = self.key(&step.id);
            if !self.gaps.iter().any(|gap| gap.step == key) {
                let what = self.numbered(&step.title);
                self.gap(&key, &what, &Failure::Timeout);
            }
        } else {
            self.leave_child(flow, start);
        }
        Progress::Done
    }

    /// Its step gave up waiting, or never heard that it had begun.
    fn leave_child(&mut self, flow: &Flow, start: &str) {
        self.with_node(start, |run, node| {
            if let Node::Call(call) = node {
                call.left_in_doubt(run, flow);
            }
        });
        self.leave_children(|step| step == start);
    }

    /// Whether this step is the call by which another starts a child.
    pub(super) fn is_start(&self, flow: &Flow, step: &str) -> bool {
        let id = local(step);
        flow.runs().any(|(_, sub)| sub.start() == Some(id))
    }

    fn has_seen_end(&self, sub: &SubRun) -> bool {
        let seen = sub.look().and_then(|name| self.facts.get(&self.key(name)));
        seen.and_then(|fact| fact.value.get("over")) == Some(&true.into())
    }

    /// Nobody waits any more for what these steps started.
    pub(super) fn leave_children(&mut self, mine: impl Fn(&str) -> bool) {
        for child in self.children.iter_mut().filter(|child| mine(&child.step)) {
            child.left = true;
        }
    }

    /// The places in the ledger of those that nobody waits for and that are not told yet.
    pub(super) fn left_children(&self) -> Vec<usize> {
        self.children.iter().filter(|child| child.left).map(|child| child.write).collect()
    }

    /// Whether it has children to tell still, or awaits to hear of some whether they began.
    pub(super) fn has_children_left(&self, flow: &Flow) -> bool {
        !self.left_children().is_empty() || self.awaits_start(flow)
    }

    /// Whether the start of a child is on its way that nobody waits for.
    fn awaits_start(&self, flow: &Flow) -> bool {
        self.in_flight.values().any(|(key, _)| self.is_left_start(flow, key))
    }

    fn is_left_start(&self, flow: &Flow, node: &str) -> bool {
        match self.nodes.get(node) {
            Some(Node::Call(call)) if call.is_overtaken() => {
                let write = call.written(self, &Value::Null);
                self.is_start(flow, &write.step) && write.is_undone_blind(flow)
            }
            _ => false,
        }
    }

    /// Workers died again and again, and the run is given up. What they told children, and the
    /// starts nobody heard of, are still looked after; what it took back is given up with it.
    pub(super) fn look_after_children(&mut self, flow: &Flow) {
        let tells = |run: &Self, key: &str| {
            key.starts_with(UNDO) && run.nodes.get(key).is_some_and(|node| !node.is_overtaken())
        };
        self.lost(flow, |run, key| tells(run, key) || run.is_left_start(flow, key));
    }

    /// Tells the children that nobody waits for to stop. A run that was over has this left to do,
    /// and is as over as it was once it is done. Whoever `stops` a run is heard before it is known what
    /// an earlier worker has sent, so nothing leaves with that very event.
    pub(super) fn stop_children(&mut self, flow: &Flow, stops: bool) {
        if !self.has_children_left(flow) {
            return;
        }
        if self.state.is_final() {
            let ended = (self.state, std::mem::take(&mut self.reason));
            self.undoing = Some(Undoing::of_children(ended));
            self.state = RunState::Running;
            self.advance(flow);
            if stops {
                return;
            }
        }
        if !self.held.is_empty() {
            return;
        }
        for write in self.left_children() {
            match CallNode::undo(self, flow, write, UNASKED) {
                Progress::Pending => continue,
                Progress::Done => self.note_undone(write),
                Progress::Failed(failure) => self.note_not_undone(write, failure.to_string()),
            }
            self.told(write);
        }
        if self.undoing.is_some() {
            self.go_on_undoing(flow);
        } else if !self.left_children().is_empty() {
            self.settle_state(flow);
        }
    }

    /// Whether there is a child to be told at the next event.
    pub(super) fn has_to_tell(&self) -> bool {
        self.left_children().into_iter().any(|write| !self.nodes.contains_key(&undo_key(write)))
    }

    /// Workers died on telling them again and again: those that are left stay as they are.
    pub(super) fn give_up_children(&mut self, reason: &str) {
        for write in self.left_children() {
            self.note_not_undone(write, reason.to_owned());
            self.told(write);
        }
    }

    fn told(&mut self, write: usize) {
        self.children.retain(|child| child.write != write);
        let key = undo_key(write);
        self.nodes.retain(|of, node| *of != key || node.is_overtaken());
    }
}
