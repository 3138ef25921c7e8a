//! Running a part once more: from one step on, with what was learned before it.
//!
//! The steps before it stay done. Those from it on are forgotten and done anew, with effect keys of
//! their own: what they write is written once more, so it is listed before anybody agrees.

use std::collections::BTreeSet;

use super::fork::collect;
use super::frame::{frame_of, local};
use super::whole::{FINALLY, FLOW};
use super::{Node, Run};
use crate::flow::{Flow, Kind, Step};
use crate::view::{EntryKind, RunState, Undo};

impl Run {
    /// What a run that is over would write once more from this step on, by title; nothing if it
    /// cannot begin there.
    pub fn would_repeat(&self, flow: &Flow, step: &str) -> Option<Vec<String>> {
        let again = self.forgotten(flow, step)?;
        let repeated = self.ledger.iter().filter(|write| {
            again.contains(root(&write.step)) && !matches!(write.undo, Undo::Done { .. })
        });
        Some(repeated.map(|write| write.title.clone()).collect())
    }

    /// Begins anew at a step of a run that is over.
    pub(super) fn rerun(&mut self, flow: &Flow, step: &str, name: &str, reason: &str) {
        if !self.state.is_final() {
            return;
        }
        let Some(again) = self.forgotten(flow, step) else { return };
        let mine = |key: &str| again.contains(root(key));
        let whole = |key: &str| matches!(root(key), FLOW | FINALLY);
        self.nodes.retain(|key, node| !(mine(key) || whole(key)) || node.is_overtaken());
        self.cursors.retain(|key, _| !(mine(key) || whole(key)));
        self.gaps.retain(|gap| !(mine(&gap.step) || whole(&gap.step)));
        self.ended.retain(|key, _| !mine(key));
        self.facts.retain(|key, _| !mine(key));
        self.iterations.retain(|key, _| !mine(key));
        self.forget_outcome();
        self.begin_at(flow, step);
        let title = flow.step(step).map(|step| step.title.as_str()).unwrap_or_default();
        let text = format!("{name} ran it once more from “{title}” on");
        let mut entry = self.entry(EntryKind::Person, "", "person", &text);
        entry.detail = reason.to_owned();
        self.timeline.push(entry);
        self.reruns += 1;
        self.held_ms += self.now - self.ended_at.unwrap_or(self.now);
        self.held_since = self.now;
        self.ended_at = None;
        self.state = RunState::Running;
        self.reason.clear();
    }

    /// The steps that are done anew: this one, those after it, and all that is nested in them.
    /// `None` where it was never reached, or stands in a loop or beside others.
    fn forgotten<'f>(&self, flow: &'f Flow, step: &str) -> Option<BTreeSet<&'f str>> {
        if !self.state.is_final() {
            return None;
        }
        let mut again = BTreeSet::new();
        let path = flow.path_to(step);
        let mut block = flow.steps.as_slice();
        let mut key = String::new();
        for (depth, on_path) in path.iter().enumerate() {
            let at = block.iter().position(|one| one.id == on_path.id)?;
            if self.cursors.get(&key).copied().unwrap_or_default() < at {
                return None;
            }
            let later = if depth + 1 == path.len() { at } else { at + 1 };
            collect(block.get(later..)?, &mut again);
            if depth + 1 < path.len() {
                (block, key) = self.below(on_path)?;
            }
        }
        flow.blocks().into_iter().skip(1).for_each(|instead| collect(instead, &mut again));
        (!path.is_empty()).then_some(again)
    }

    /// The one block of a step that was gone through in order.
    fn below<'f>(&self, step: &'f Step) -> Option<(&'f [Step], String)> {
        match (&step.kind, self.nodes.get(&step.id)) {
            (Kind::Try(steps), None) => Some((steps, step.id.clone())),
            (Kind::Switch(arms), Some(Node::Switch(taken))) => {
                Some((&arms.get(*taken)?.steps, format!("{}.arm{taken}", step.id)))
            }
            _ => None,
        }
    }

    /// Puts the cursors of the blocks around a step on the way to it.
    fn begin_at(&mut self, flow: &Flow, step: &str) {
        let mut block = flow.steps.as_slice();
        let mut key = String::new();
        for on_path in flow.path_to(step) {
            let at = block.iter().position(|one| one.id == on_path.id).unwrap_or_default();
            self.cursors.insert(key, at);
            self.ended.remove(&on_path.id);
            match self.below(on_path) {
                Some(next) => (block, key) = next,
                None => break,
            }
        }
    }
}

/// The step a key belongs to that stands in no loop: `each` for `each.2.tell`, `wait` for
/// `wait.pipeline`.
fn root(key: &str) -> &str {
    let outermost = if frame_of(key).is_empty() { local(key) } else { key };
    outermost.split(['.', '!', '?']).next().unwrap_or_default()
}
