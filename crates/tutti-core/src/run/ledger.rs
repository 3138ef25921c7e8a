//! The ledger: what a run wrote, whether it happened as far as anybody knows, and what became of it.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::call::{fill, names_output};
use super::{Node, Run};
use crate::flow::Flow;
use crate::operation::{Call, Operation, Reversibility};
use crate::view::Undo;

/// What a run wrote, in the order it was confirmed; each write keeps its place.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Ledger {
    writes: Vec<Write>,
    /// The places of a step's writes, so that the thousandth is found as fast as the first.
    places: BTreeMap<String, Vec<usize>>,
}

impl Ledger {
    pub fn iter(&self) -> std::slice::Iter<'_, Write> {
        self.writes.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.writes.is_empty()
    }

    pub fn get(&self, place: usize) -> Option<&Write> {
        self.writes.get(place)
    }

    pub fn get_mut(&mut self, place: usize) -> Option<&mut Write> {
        self.writes.get_mut(place)
    }

    /// What this step wrote, by its key.
    pub fn of_step(&self, step: &str) -> impl DoubleEndedIterator<Item = &Write> {
        self.places_of(step).iter().filter_map(|place| self.writes.get(*place))
    }

    /// The place of a step's write with this effect key.
    fn place(&self, step: &str, key: &str) -> Option<usize> {
        let is_it = |place: &usize| self.writes.get(*place).is_some_and(|write| write.key == key);
        self.places_of(step).iter().copied().find(is_it)
    }

    fn places_of(&self, step: &str) -> &[usize] {
        self.places.get(step).map(Vec::as_slice).unwrap_or_default()
    }

    fn push(&mut self, write: Write) {
        self.places.entry(write.step.clone()).or_default().push(self.writes.len());
        self.writes.push(write);
    }
}

/// A confirmed write, or one that may have happened.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Write {
    /// Its effect key.
    pub key: String,
    /// The number at the end of that.
    pub ordinal: u32,
    /// How often it left.
    pub attempts: u32,
    /// How often it was read or looked for.
    pub looks: u32,
    /// The key of the step.
    pub step: String,
    pub title: String,
    pub operation: String,
    pub input: Value,
    pub before: Value,
    pub output: Value,
    pub happened: Happened,
    /// What became of it since.
    pub undo: Undo,
    /// What took it back.
    pub taken_back: Option<TakenBack>,
}

/// The effect that took a write back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TakenBack {
    /// Its effect key.
    pub key: String,
    /// What came of it.
    pub output: Value,
}

/// Whether a write happened, as far as anybody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Happened {
    /// It did.
    Yes,
    /// A person says so; what came of it is not known.
    Said,
    /// It left, and nobody knows.
    Unknown,
    /// It was not known once, and is known now not to have.
    No,
}

impl Write {
    pub fn is_in_doubt(&self) -> bool {
        self.happened == Happened::Unknown
    }

    /// Whether it may be there, and nobody knows.
    pub fn is_open_doubt(&self) -> bool {
        self.is_in_doubt() && !self.is_undone()
    }

    /// Whether it is looked for before it is taken back.
    pub fn is_unseen(&self) -> bool {
        matches!(self.happened, Happened::Said | Happened::Unknown)
    }

    pub fn is_undone(&self) -> bool {
        matches!(self.undo, Undo::Done { .. })
    }

    /// Whether it can be taken back, as far as is known.
    pub fn can_be_undone(&self) -> bool {
        matches!(self.undo, Undo::Possible | Undo::Impossible { again: true, .. })
    }

    /// The operation and templates that take it back.
    pub fn inverse<'f>(&self, operation: &'f Operation) -> Option<&'f Call> {
        let of_new = operation.inverse_if_new.as_ref().filter(|_| self.before.is_null());
        of_new.or(operation.inverse.as_ref())
    }

    /// Whether it can be taken back though nobody knows what came of it.
    pub fn is_undone_blind(&self, flow: &Flow) -> bool {
        let inverse = flow.operation(&self.operation).and_then(|of| self.inverse(of));
        inverse.is_some_and(|inverse| !inverse.with.values().any(names_output))
    }
}

impl Run {
    pub(super) fn keep(&mut self, flow: &Flow, write: Write) {
        let operation = flow.operation(&write.operation);
        let undo = match operation.map(|operation| (operation, write.inverse(operation))) {
            Some((operation, Some(inverse))) if flow.operation(&inverse.operation).is_some() => {
                let is_found = !write.is_unseen() || operation.probe.is_some();
                let only_if = inverse.only_if.as_ref();
                match operation.reversibility {
                    Reversibility::Irreversible => cannot("it cannot be taken back"),
                    _ if only_if
                        .is_some_and(|only_if| !only_if.holds(&write.input, &write.before)) =>
                    {
                        cannot("it was so before already")
                    }
                    _ if is_found || write.is_undone_blind(flow) => Undo::Possible,
                    _ => cannot("whether it happened is not known, and cannot be found out"),
                }
            }
            _ => cannot("there is no way to take it back"),
        };
        let kept = self.ledger.place(&write.step, &write.key);
        match kept.and_then(|place| self.ledger.get_mut(place)) {
            // What was in doubt is not any more; whether it was taken back is known already.
            Some(kept) if kept.is_undone() => kept.happened = write.happened,
            Some(kept) => *kept = Write { undo, ..write },
            None => self.ledger.push(Write { undo, ..write }),
        }
        let last = self.ledger.writes.len() - 1;
        self.note_child(flow, kept.unwrap_or(last));
    }

    /// A write may have happened, and nobody waits for it any more. If it started a child, that is
    /// told to stop, where what takes it back need not know the child.
    pub(super) fn keep_in_doubt(&mut self, flow: &Flow, write: Write) {
        let kept = self.ledger.of_step(&write.step).find(|kept| kept.key == write.key);
        if kept.is_some_and(|kept| kept.happened != Happened::No) {
            return;
        }
        let step = write.step.clone();
        let is_start = self.is_start(flow, &write.step);
        self.keep(flow, Write { happened: Happened::Unknown, ..write });
        if is_start {
            self.leave_children(|of| of == step);
        }
    }

    /// It is known now that this write, once in doubt, did not happen.
    pub(super) fn settle_write(&mut self, step: &str, key: &str) {
        let kept = self.ledger.place(step, key).and_then(|place| self.ledger.get_mut(place));
        if let Some(kept) = kept.filter(|kept| kept.is_unseen()) {
            kept.happened = Happened::No;
            kept.undo = cannot("it had not happened");
        }
        let mut nodes = std::mem::take(&mut self.nodes);
        for node in nodes.values_mut() {
            if let Node::Call(call) = node {
                call.forget_doubt(self, key);
            }
        }
        self.nodes = nodes;
    }

    /// Whether this write is on its way still: soon it is known what became of it, and before that
    /// it is neither taken back nor done anew.
    pub(super) fn is_late(&self, key: &str) -> bool {
        self.in_flight.values().any(|(_, effect)| effect.is_write() && effect.key == key)
    }

    /// Notes what became of a write, by its place in the ledger.
    pub(super) fn note_undo(&mut self, index: usize, undo: Undo) {
        if let Some(write) = self.ledger.get_mut(index) {
            write.undo = undo;
        }
    }

    /// Notes what took a write back, by its place in the ledger.
    pub(super) fn note_taken_back(&mut self, index: usize, taken_back: TakenBack) {
        if let Some(write) = self.ledger.get_mut(index) {
            write.taken_back = Some(taken_back);
        }
    }

    /// What took back the writes that came after this one, to the same target.
    pub(super) fn taken_back_since(&self, flow: &Flow, index: usize) -> Vec<TakenBack> {
        let target = |write: &Write| {
            let before = flow.operation(&write.operation)?.before.as_ref()?;
            Some((before.operation.clone(), fill(&before.with, &json!({"input": write.input}))))
        };
        let own = self.ledger.get(index).and_then(target);
        let later = self.ledger.iter().skip(index + 1).filter(|write| target(write) == own);
        later.filter_map(|write| write.taken_back.clone()).filter(|_| own.is_some()).collect()
    }

    /// What became of a write, by its effect key.
    pub(super) fn undo_of(&self, effect_key: &str) -> Option<&Undo> {
        self.ledger.iter().find(|write| write.key == effect_key).map(|write| &write.undo)
    }

    /// What took this write back was done: it is undone, unless it turned out that there was nothing
    /// to take back.
    pub(super) fn note_undone(&mut self, index: usize) {
        if self.ledger.get(index).is_some_and(Write::can_be_undone) {
            self.note_undo(index, Undo::Done { at: self.now });
        }
    }
}

/// What is said of a write that may have happened.
pub(super) const IN_DOUBT: &str = "whether it happened is not known";

fn cannot(why: &str) -> Undo {
    Undo::Impossible { why: why.to_owned(), again: false }
}
