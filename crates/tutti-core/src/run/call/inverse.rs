//! A call that takes a write back, unless somebody has changed what was written since.

use serde_json::{Map, Value, json};

use super::super::ledger::{Happened, Write};
use super::super::undo::{UNASKED, undo_key};
use super::marker::mentions;
use super::since::{Since, restored, since};
use super::substitute::{at, substitute};
use super::{CallNode, Node, Phase, Progress, Run, Then};
use crate::event::Reply;
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::flow::{Autonomy, Flow};
use crate::operation::{Access, Call};
use crate::view::Undo;

impl CallNode {
    /// Drives the taking back of the write at `index` of the ledger.
    pub(in crate::run) fn undo(run: &mut Run, flow: &Flow, index: usize, round: u32) -> Progress {
        let key = undo_key(index);
        let mut node = match run.nodes.remove(&key) {
            Some(Node::Call(node)) if node.round == round => node,
            _ => match Self::inverse(run, flow, index, &key, round) {
                Some(node) => {
                    let mut node = Box::new(node);
                    match node.looks_before_undo(run) {
                        Some(_) if node.can_look(run, flow) => node.probe(run, flow),
                        _ => node.take_back(run, flow),
                    }
                    node
                }
                None => return Progress::Done,
            },
        };
        node.woke(run, flow);
        let progress = match &node.phase {
            Phase::Over(Ok(_)) => Progress::Done,
            Phase::Over(Err(failure)) if node.is_gone(run, flow, failure) => Progress::Done,
            Phase::Over(Err(failure)) => Progress::Failed(failure.clone()),
            _ => Progress::Pending,
        };
        run.nodes.insert(key, Node::Call(node));
        progress
    }

    fn inverse(run: &Run, flow: &Flow, index: usize, key: &str, round: u32) -> Option<Self> {
        let write = run.ledger.get(index)?;
        let inverse = write.inverse(flow.operation(&write.operation)?)?;
        let (title, done) = match round {
            UNASKED => {
                let child = write.input.get("flow").and_then(Value::as_str).unwrap_or_default();
                let doubt = if write.is_in_doubt() { ", if it began" } else { "" };
                (format!("Tell {child} to stop{doubt}"), format!("Told {child} to stop{doubt}"))
            }
            _ => {
                let doubt = if write.is_in_doubt() { ", if it happened" } else { "" };
                undo_titles(&format!("{}{doubt}", write.title))
            }
        };
        Some(Self {
            title,
            done,
            autonomy: Autonomy::Act,
            input: arguments(write, inverse),
            undoes: Some(index),
            ..Self::new(key, flow, &inverse.operation, round)
        })
    }

    /// Takes it back, if all is known that this takes.
    fn take_back(&mut self, run: &mut Run, flow: &Flow) {
        match self.lacks(flow) {
            Some(path) => self.over(run, flow, Err(Failure::Missing { path })),
            None => self.read_before(run, flow),
        }
    }

    /// The place in the ledger of what it would take back, as long as nobody has seen whether it
    /// happened and what came of it. A child is told to stop, whether it began or not.
    pub(super) fn looks_before_undo(&self, run: &Run) -> Option<usize> {
        let index = self.undoes.filter(|_| !self.is_unasked() && !self.is_in_doubt())?;
        run.ledger.get(index).filter(|write| write.is_unseen()).map(|_| index)
    }

    fn can_look(&self, run: &Run, flow: &Flow) -> bool {
        let operation = flow.operation(&self.looked_for(run).operation);
        operation.is_some_and(|operation| operation.probe.is_some())
    }

    /// The write that is looked for: its own, or what it would take back.
    pub(super) fn looked_for(&self, run: &Run) -> Write {
        let other = self.looks_before_undo(run).and_then(|index| run.ledger.get(index)).cloned();
        other.unwrap_or_else(|| self.written(run, &Value::Null))
    }

    /// What it takes back had happened, and this came of it.
    pub(super) fn found_before_undo(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        index: usize,
        output: Value,
    ) {
        let Some(write) = run.ledger.get_mut(index) else { return };
        write.happened = Happened::Yes;
        write.output = output;
        let write = write.clone();
        let operation = flow.operation(&write.operation);
        if let Some(inverse) = operation.and_then(|operation| write.inverse(operation)) {
            self.input = arguments(&write, inverse);
        }
        (self.title, self.done) = undo_titles(&write.title);
        self.take_back(run, flow);
    }

    /// What it would take back is not there, and was not when it was looked for again.
    pub(super) fn nothing_to_undo(&mut self, run: &mut Run, flow: &Flow) {
        let write = self.looked_for(run);
        run.settle_write(&write.step, &write.key);
        self.adapted = Some("it had not happened; there was nothing to take back".to_owned());
        self.confirmed(run, flow, Value::Null, 0);
    }

    /// Whether what we made is not there any more: it was taken back already.
    fn is_gone(&self, run: &Run, flow: &Flow, failure: &Failure) -> bool {
        // What only looks for what we made does not say so.
        if self.looks_before_undo(run).is_some() && self.can_look(run, flow) {
            return false;
        }
        let destroys = self.operation(flow).is_some_and(|o| o.access == Access::Destroy);
        destroys && matches!(failure, Failure::NotFound { .. })
    }

    /// Whether it takes back what nobody asked to: it tells a child to stop.
    pub(super) fn is_unasked(&self) -> bool {
        self.undoes.is_some() && self.ordinal == UNASKED
    }

    /// Whether it was stopped that it is taken back: nothing of it leaves any more.
    pub(super) fn is_called_off(&self, run: &Run) -> bool {
        self.undoes.is_some() && !self.is_unasked() && run.is_undoing_stopped()
    }

    /// It does not leave, or not once more.
    pub(super) fn call_off(&mut self, run: &mut Run, flow: &Flow) {
        let policy = "it was stopped before it happened".to_owned();
        let why = self.doubt.clone().unwrap_or(Failure::Refused { policy });
        self.over(run, flow, Err(why));
    }

    /// It is stopped that it is taken back while it waits to leave once more.
    pub(in crate::run) fn stop_undoing(&mut self, run: &mut Run, flow: &Flow) {
        let waits = matches!(self.phase, Phase::Leaving | Phase::Paused { then: Then::Leave, .. });
        if waits && !self.overtaken {
            self.call_off(run, flow);
        }
    }

    /// What takes back may answer that there was nothing left to take back.
    pub(super) fn heed_inverse(&mut self, run: &mut Run, flow: &Flow, output: &Value) {
        let Some((index, told)) = self.undoes.zip(self.took_nothing(run, flow, output)) else {
            return;
        };
        match self.is_unasked() {
            // An earlier try may be what stopped it.
            true if self.is_in_doubt() => return,
            true => {}
            false => self.done.clone_from(&self.title),
        }
        self.adapted = Some(told.clone());
        run.note_undo(index, Undo::Impossible { why: told, again: false });
    }

    fn took_nothing(&self, run: &Run, flow: &Flow, output: &Value) -> Option<String> {
        let write = run.ledger.get(self.undoes?)?;
        let inverse = write.inverse(flow.operation(&write.operation)?)?;
        let unless = inverse.unless.as_ref()?;
        (at(output, &unless.not) == Some(&Value::Bool(false))).then(|| unless.told.clone())
    }

    /// What became of it is told when nobody waits for it any more.
    pub(super) fn undone_late(&self, run: &mut Run, flow: &Flow, index: usize, result: &Reply) {
        let undo = match result {
            Reply::Ok(output) | Reply::Excerpt(Excerpt { value: output, .. }) => {
                match self.took_nothing(run, flow, output) {
                    Some(why) => Undo::Impossible { why, again: false },
                    None => Undo::Done { at: run.now },
                }
            }
            Reply::Failed(failure) if self.is_gone(run, flow, failure) => {
                Undo::Done { at: run.now }
            }
            Reply::Failed(failure) if failure.may_have_happened() => return,
            Reply::Failed(failure) => Undo::Impossible { why: failure.to_string(), again: true },
        };
        run.note_undo(index, undo);
    }

    /// What it would need to know, and nobody told: a person said that the write had happened, and
    /// not what came of it.
    fn lacks(&self, flow: &Flow) -> Option<String> {
        let mut inputs = self.operation(flow)?.input.iter();
        let lacking = inputs.find(|(name, declared)| {
            declared.required && self.input.get(name.as_str()).is_none_or(Value::is_null)
        });
        lacking.map(|(name, _)| name.clone())
    }

    /// What was read before the write is taken back; it may not be ours any more.
    pub(super) fn looked_before_undo(&mut self, run: &mut Run, flow: &Flow, write: &Write) {
        // What took back a later write is ours as well.
        let ours = self.undoes.map(|index| run.taken_back_since(flow, index)).unwrap_or_default();
        let since = flow.operation(&write.operation).map(|operation| {
            since(write, operation, write.inverse(operation), (&self.before, &ours))
        });
        match since {
            Some(Since::Changed(what)) => {
                let message = format!("somebody changed {what} since");
                self.over(run, flow, Err(Failure::Conflict { message }));
            }
            Some(Since::Restored) => {
                self.adapted = Some("it was as before already; nothing was sent".to_owned());
                self.confirmed(run, flow, Value::Null, 0);
            }
            _ => self.pass_gate(run, flow),
        }
    }
}

/// The arguments of the inverse. What the write left alone is not set back either.
fn arguments(write: &Write, inverse: &Call) -> Value {
    let names = json!({
        "input": write.input, "before": write.before, "output": write.output,
        "effect_key": write.key,
    });
    let same = inverse.operation == write.operation;
    let filled = inverse.with.iter().filter_map(|(name, template)| {
        let left_alone = same && restored(template).is_some() && write.input.get(name).is_none();
        (!left_alone).then(|| (name.clone(), substitute(template, &names)))
    });
    Value::Object(filled.collect::<Map<_, _>>())
}

/// Whether a template of an inverse says something of what came of the write.
pub(in crate::run) fn names_output(template: &Value) -> bool {
    mentions(template, "${output")
}

/// What the taking back of a write is called, and is called once it is done.
fn undo_titles(what: &str) -> (String, String) {
    (format!("Undo: {what}"), format!("Undid: {what}"))
}
