//! Brakes: while one is on, a run hears everything and nothing of it leaves.

use super::{Node, Run};
use crate::event::{Brake, Effect};
use crate::flow::Flow;
use crate::view::EntryKind;

/// What somebody did, and why if that was said.
pub(super) fn because(what: &str, reason: &str) -> String {
    let reason = reason.trim();
    if reason.is_empty() { what.to_owned() } else { format!("{what}: {reason}") }
}

impl Run {
    /// Whether this brake is on.
    pub fn is_held_by(&self, brake: Brake) -> bool {
        self.held.contains_key(&brake)
    }

    pub(super) fn hold(&mut self, brake: Brake, name: &str, reason: &str) {
        if self.held.contains_key(&brake) {
            return;
        }
        let why = match brake {
            Brake::Pause => format!("paused by {name}"),
            Brake::Stop => format!("held by a stop of {name}"),
        };
        let why = because(&why, reason);
        if self.held.is_empty() {
            self.held_since = self.now;
        }
        let text = match brake {
            Brake::Pause => format!("{name} paused it"),
            Brake::Stop => format!("{name} stopped what the flow does"),
        };
        self.brake_entry(&text, reason);
        self.held.insert(brake, why);
    }

    /// These effects had not left when a brake was put on.
    pub(super) fn withhold(&mut self, unsent: &[String]) {
        for id in unsent {
            self.withheld.extend(self.in_flight.remove(id));
        }
    }

    /// Once no brake is on, what was wanted meanwhile leaves.
    pub(super) fn release(&mut self, flow: &Flow, brake: Brake, name: &str) {
        if self.held.remove(&brake).is_none() {
            return;
        }
        self.brake_entry(&format!("{name} let it go on"), "");
        if self.held.is_empty() {
            // Once a run is over, no time of it passes.
            if !self.is_over() {
                self.held_ms = self.held_ms.saturating_add(self.now - self.held_since);
            }
            self.let_leave(flow);
        }
    }

    /// What was withheld leaves, or stays withheld by what still holds the run.
    pub(super) fn let_leave(&mut self, flow: &Flow) {
        for (node, effect) in std::mem::take(&mut self.withheld) {
            let mut reads_anew = false;
            if effect.is_write() && !self.resent.contains(&effect.id) {
                self.with_node(&node, |run, node| {
                    if let Node::Call(call) = node {
                        reads_anew = call.reads_anew(run, flow);
                    }
                });
            }
            if !reads_anew {
                self.emit(&node, effect);
            }
        }
    }

    /// Whether the effect with this id leaves once no brake is on.
    pub fn is_withheld(&self, effect: &str) -> bool {
        self.withheld.iter().any(|(_, withheld)| withheld.id == effect)
    }

    /// What was withheld leaves no more. The budget counts what may have left before.
    pub(super) fn drop_withheld(&mut self, dropped: impl Fn(&str, &Effect) -> bool) {
        let (calls, resent) = (&mut self.spend.calls, &self.resent);
        self.withheld.retain(|(node, effect)| {
            let is_dropped = dropped(node, effect);
            *calls += u64::from(is_dropped && resent.contains(&effect.id));
            !is_dropped
        });
    }

    /// There is nothing left that a person could have paused.
    pub(super) fn forget_pause(&mut self) {
        self.held.remove(&Brake::Pause);
    }

    fn brake_entry(&mut self, text: &str, detail: &str) {
        let mut entry = self.entry(EntryKind::Person, "", "person", text);
        entry.detail = detail.to_owned();
        self.timeline.push(entry);
    }
}
