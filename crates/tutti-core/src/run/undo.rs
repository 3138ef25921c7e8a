//! Taking back what a run wrote: the last first, each by the inverse its
//! operation declares, and nothing that somebody has changed since.
//!
//! Undoing is a part of the run and of its journal. While it lasts the run is at work again; then it
//! is as over as it was.

use super::ledger::{Happened, Write};
use super::{CallNode, Node, Progress, Run};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::{EntryKind, RunState, StepState, Undo};

/// Writes being taken back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Undoing {
    /// The places in the ledger, the next one last.
    queue: Vec<usize>,
    /// Which undoing of this run it is, from 1; `UNASKED` if it is nobody's.
    round: u32,
    /// The writes that were asked for, apart from what was taken back before.
    asked: Vec<usize>,
    /// How the run had ended.
    pub ended: (RunState, String),
    /// A person stopped it: what has left is followed up, and nothing that has not leaves.
    stopped: bool,
}

impl Undoing {
    /// Nothing but children that are told to stop.
    pub fn of_children(ended: (RunState, String)) -> Self {
        Self { queue: Vec::new(), round: UNASKED, asked: Vec::new(), ended, stopped: false }
    }
}

impl Run {
    /// Whether the steps are over, though what they did may be being taken back.
    pub(super) fn is_over(&self) -> bool {
        self.state.is_final() || self.undoing.is_some()
    }

    /// How the steps ended, and why; what is taken back afterwards does not change that.
    pub fn ended(&self) -> Option<(RunState, &str)> {
        match &self.undoing {
            Some(Undoing { ended: (state, reason), .. }) => Some((*state, reason)),
            None => self.state.is_final().then_some((self.state, self.reason.as_str())),
        }
    }

    /// How the steps ended, or stand.
    pub(super) fn outcome(&self) -> RunState {
        self.ended().map_or(self.state, |(state, _)| state)
    }

    /// Begins to take back these writes of a run that is over, or all of them.
    pub(super) fn undo(&mut self, name: &str, reason: &str, effects: &[String]) {
        if !self.state.is_final() {
            return;
        }
        let wanted = self.ledger.iter().enumerate().filter(|(_, write)| {
            let named = effects.is_empty() || effects.contains(&write.key);
            named && write.happened != Happened::No
        });
        let wanted: Vec<(usize, &Write)> = wanted.collect();
        let left = wanted.iter().filter(|(_, write)| !write.is_undone());
        let asked: Vec<usize> = left.map(|(index, _)| *index).collect();
        let open = wanted.iter().filter(|(_, of)| of.can_be_undone() && !self.is_late(&of.key));
        let queue: Vec<usize> = open.map(|(index, _)| *index).collect();
        let text = match queue.len() {
            0 if wanted.is_empty() => format!("{name} wanted to undo what was never done"),
            0 if asked.is_empty() => format!("{name} wanted to undo what is undone already"),
            0 => format!("{name} wanted to undo what cannot be undone"),
            1 => format!("{name} undid a write"),
            many => format!("{name} undid {many} writes"),
        };
        let mut entry = self.entry(EntryKind::Person, "", "person", &text);
        entry.detail = reason.to_owned();
        self.timeline.push(entry);
        if queue.is_empty() {
            return;
        }
        self.undos += 1;
        let ended = (self.state, self.reason.clone());
        let round = self.undos;
        self.undoing = Some(Undoing { queue, round, asked, ended, stopped: false });
        self.state = RunState::Running;
        self.reason.clear();
    }

    /// Takes back one after the other; says whether there was anything to do.
    pub(super) fn go_on_undoing(&mut self, flow: &Flow) {
        while let Some(undoing) = &self.undoing {
            let Some(index) = undoing.queue.last().copied() else {
                return match self.has_children_left(flow) {
                    true => self.settle_state(flow),
                    false => self.undone(),
                };
            };
            let (round, stopped) = (undoing.round, undoing.stopped);
            let progress = CallNode::undo(self, flow, index, round);
            match progress {
                Progress::Pending => return self.settle_state(flow),
                Progress::Done => self.note_undone(index),
                // It can be taken back as it could before.
                Progress::Failed(Failure::Refused { .. }) if stopped => {}
                Progress::Failed(failure) => self.note_not_undone(index, failure.to_string()),
            }
            if let Some(undoing) = self.undoing.as_mut() {
                undoing.queue.pop();
            }
        }
    }

    /// The run is as over as it was, and says what somebody had taken back and what was not.
    fn undone(&mut self) {
        let Some(undoing) = self.undoing.take() else { return };
        if undoing.round != UNASKED {
            self.tell_undone(&undoing.asked);
        }
        self.nodes.retain(|key, node| !key.starts_with(UNDO) || node.is_overtaken());
        (self.state, self.reason) = undoing.ended;
    }

    /// What came of it.
    fn tell_undone(&mut self, asked: &[usize]) {
        let asked = asked.iter().filter_map(|index| self.ledger.get(*index));
        let there: Vec<&Write> = asked.filter(|write| write.happened != Happened::No).collect();
        let (done, all) = (there.iter().filter(|write| write.is_undone()).count(), there.len());
        let failed = |write: &&&Write| matches!(write.undo, Undo::Impossible { again: true, .. });
        let not = there.iter().filter(failed).count();
        let left = there.iter().filter_map(|write| match &write.undo {
            Undo::Impossible { why, .. } => Some(format!("{}: {why}", write.title)),
            _ => None,
        });
        let left = left.collect::<Vec<_>>().join("; ");
        let s = if all == 1 { "" } else { "s" };
        let text = match not {
            0 => format!("Undid {done} of {all} write{s}"),
            _ => format!("Undid {done} of {all} write{s}; {not} could not be undone"),
        };
        let mut entry = self.entry(EntryKind::Run, "", "tutti", &text);
        if not > 0 {
            entry.state = StepState::Adapted;
        }
        entry.detail = left;
        self.timeline.push(entry);
    }

    /// Nothing more is taken back: a person stopped that, too. What became of what has left is heard
    /// and looked for, and nothing is sent once more.
    pub(super) fn stop_undoing(&mut self, flow: &Flow) {
        let current = self.undoing.as_ref().and_then(|undoing| undoing.queue.last().copied());
        let key = current.map(undo_key).unwrap_or_default();
        let left = self.in_flight.values().any(|(node, effect)| *node == key && effect.is_write());
        let followed = current.filter(|index| left || self.is_undo_in_doubt(*index));
        if let Some(undoing) = self.undoing.as_mut() {
            undoing.queue = followed.into_iter().collect();
            undoing.stopped = true;
        }
        self.drop_withheld(|node, effect| {
            // What is read of a write that has left tells what became of it.
            node == key && (followed.is_none() || effect.is_write())
        });
        if followed.is_some() && !left {
            self.with_node(&key, |run, node| {
                if let Node::Call(call) = node {
                    call.stop_undoing(run, flow);
                }
            });
        }
        self.forget_pause();
        self.let_leave(flow);
    }

    /// Whether it was stopped that something is taken back, and nothing of it is under way.
    pub(super) fn has_undone(&self) -> bool {
        self.undoing.as_ref().is_some_and(|undoing| undoing.stopped && undoing.queue.is_empty())
    }

    /// Whether it was stopped that something is taken back.
    pub(super) fn is_undoing_stopped(&self) -> bool {
        self.undoing.as_ref().is_some_and(|undoing| undoing.stopped)
    }

    /// Whether nobody knows if this write of the ledger was taken back.
    fn is_undo_in_doubt(&self, index: usize) -> bool {
        let node = self.nodes.get(&undo_key(index));
        matches!(node, Some(Node::Call(call)) if call.is_in_doubt() || call.is_overtaken())
    }

    pub(super) fn note_not_undone(&mut self, index: usize, why: String) {
        let doubt = if self.is_undo_in_doubt(index) { UNDO_IN_DOUBT } else { "" };
        self.note_undo(index, Undo::Impossible { why: format!("{why}{doubt}"), again: true });
    }

    /// Workers died on the taking back again and again: what is left stays as it is.
    pub(super) fn give_up_undoing(&mut self, flow: &Flow, reason: &str) {
        self.let_go(flow, |key| key.starts_with(UNDO));
        self.give_up_children(reason);
        let queue = self.undoing.as_ref().map(|undoing| undoing.queue.clone()).unwrap_or_default();
        for index in queue {
            self.note_not_undone(index, reason.to_owned());
        }
        self.undone();
    }

    /// Calls that take back, while that lasts.
    pub(super) fn live_nodes(&self) -> impl Iterator<Item = (&String, &Node)> {
        let undoing = self.undoing.is_some();
        self.nodes.iter().filter(move |(key, _)| !undoing || key.starts_with(UNDO))
    }
}

/// What the keys of calls that take back begin with; no step can be called so.
pub(super) const UNDO: &str = "undo.";

/// The round of what nobody asked to take back: children that are told to stop.
pub(super) const UNASKED: u32 = 0;

/// What is said of a write that may have been taken back.
const UNDO_IN_DOUBT: &str = "; whether it was undone all the same is not known";

/// The key of the call that takes back the write at this place in the ledger.
pub(super) fn undo_key(index: usize) -> String {
    format!("{UNDO}{index}")
}
