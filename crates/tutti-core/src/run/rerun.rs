//! Running a part once more: from one step on, with what was learned before it.
//!
//! The steps before it stay done. Those from it on are forgotten and done anew, with effect keys of
//! their own: what they write is written once more, so it is listed before anybody agrees.

use std::collections::{BTreeMap, BTreeSet};

use super::fork::collect;
use super::frame::{frame_of, local};
use super::ledger::{Happened, IN_DOUBT, Write};
use super::whole::{FINALLY, FLOW};
use super::{Node, Run};
use crate::flow::{Flow, Kind, Step};
use crate::view::{Beginning, EntryKind, RunState};

/// A step that can be begun at, with the steps that are done anew there and not only after it.
struct Stretch<'f> {
    step: &'f Step,
    ids: BTreeSet<&'f str>,
}

impl Run {
    /// Where a run that is over can begin anew, in the order of the flow, and what is written once
    /// more: there, and wherever it goes on from there.
    pub fn beginnings(&self, flow: &Flow) -> Vec<Beginning> {
        let stretches = self.stretches(flow);
        let places = stretches.iter().enumerate();
        let places: BTreeMap<&str, usize> =
            places.flat_map(|(at, stretch)| stretch.ids.iter().map(move |id| (*id, at))).collect();
        let beginning = |Stretch { step, .. }: &Stretch| Beginning {
            step: step.id.clone(),
            title: step.title.clone(),
            system: step.system().to_owned(),
            writes: Vec::new(),
        };
        let mut beginnings: Vec<Beginning> = stretches.iter().map(beginning).collect();
        let there = |write: &&Write| !write.is_undone() && write.happened != Happened::No;
        for write in self.ledger.iter().filter(there) {
            let at = places.get(root(&write.step)).copied();
            if let Some(beginning) = at.and_then(|at| beginnings.get_mut(at)) {
                beginning.writes.push(match write.is_in_doubt() {
                    true => format!("{} ({IN_DOUBT})", write.title),
                    false => write.title.clone(),
                });
            }
        }
        beginnings
    }

    /// What a run that is over would write once more from this step on, by title; nothing if it
    /// cannot begin there.
    pub fn would_repeat(&self, flow: &Flow, step: &str) -> Option<Vec<String>> {
        let mut from = self.beginnings(flow).into_iter().skip_while(|one| one.step != step);
        let first = from.next()?;
        Some(first.writes.into_iter().chain(from.flat_map(|one| one.writes)).collect())
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
        self.begun = self.seq;
        // Whoever asks for it once more gives it its time once more.
        self.held_ms = self.now - self.started_at;
        self.held_since = self.now;
        self.ended_at = None;
        self.state = RunState::Running;
        self.reason.clear();
    }

    /// The steps that are done anew: this one, those after it, and all that is nested in them.
    /// `None` where it was never reached, or stands in a loop or beside others.
    fn forgotten<'f>(&self, flow: &'f Flow, step: &str) -> Option<BTreeSet<&'f str>> {
        let stretches = self.stretches(flow);
        let from = stretches.iter().position(|stretch| stretch.step.id == step)?;
        Some(stretches.into_iter().skip(from).flat_map(|stretch| stretch.ids).collect())
    }

    /// The flow of a run that is over, cut where it can begin anew. Wherever that is, what is done
    /// about a failure of the flow, and what is done last, comes after it.
    fn stretches<'f>(&self, flow: &'f Flow) -> Vec<Stretch<'f>> {
        let mut stretches = Vec::new();
        // Soon it is known what became of a write that is on its way still.
        if self.state.is_final() && self.in_flight.is_empty() {
            self.cut(&flow.steps, "", &mut stretches);
        }
        if let Some(last) = stretches.last_mut() {
            flow.blocks().into_iter().skip(1).for_each(|after| collect(after, &mut last.ids));
        }
        stretches
    }

    fn cut<'f>(&self, block: &'f [Step], key: &str, into: &mut Vec<Stretch<'f>>) {
        let reached = self.cursors.get(key).copied().unwrap_or_default();
        for (at, step) in block.iter().enumerate() {
            let mut ids = BTreeSet::new();
            collect(std::slice::from_ref(step), &mut ids);
            if at > reached {
                // Only an earlier time can have come as far.
                if let Some(before) = into.last_mut() {
                    before.ids.append(&mut ids);
                }
                continue;
            }
            let below = self.below(step);
            if let Some((within, _)) = &below {
                let mut theirs = BTreeSet::new();
                collect(within, &mut theirs);
                ids.retain(|id| !theirs.contains(id));
            }
            into.push(Stretch { step, ids });
            if let Some((within, key)) = below {
                self.cut(within, &key, into);
            }
        }
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
