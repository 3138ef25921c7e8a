//! What a call wants next: to read what it replaces, to pass the gate, to leave, to be looked for.

use serde_json::{Value, json};

use super::super::frame::local;
use super::since::sets_values;
use super::substitute::{at, fill};
use super::{CallNode, Phase, Run, call_effect};
use crate::approval::{Approval, payload_hash};
use crate::event::Action;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::gate::{self, Ruling, Wanted};
use crate::label::Trust;
use crate::operation::{Access, Operation};
use crate::view::{EntryKind, StepState};

/// How long what was read before a write is taken for what is there, in milliseconds.
const READ_MS: i64 = 60_000;

const TARGET_CHANGED: &str = "The target changed since it was approved, so it is asked again.";
const FOR_ANOTHER: &str = "As it is now, somebody else has to approve it.";

impl CallNode {
    /// Reads what the write replaces, if its operation says how.
    pub(super) fn read_before(&mut self, run: &mut Run, flow: &Flow) {
        self.look(run, flow, "read", Phase::Reading);
    }

    /// Reads the target once more between a person's yes and the write.
    pub(super) fn check(&mut self, run: &mut Run, flow: &Flow) {
        self.look(run, flow, "check", Phase::Checking);
    }

    fn look(&mut self, run: &mut Run, flow: &Flow, label: &str, phase: Phase) {
        let before = flow.operation(&self.operation).and_then(|o| o.before.as_ref());
        let Some(before) = before else { return self.pass_gate(run, flow) };
        let input = fill(&before.with, &json!({"input": self.input}));
        self.looks += 1;
        let label = format!("{label}{}", self.looks);
        if self.call(run, flow, &label, &before.operation, input, false) {
            self.phase = phase;
        }
    }

    pub(super) fn pass_gate(&mut self, run: &mut Run, flow: &Flow) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        let wanted = Wanted {
            operation,
            step: local(&self.step),
            input: &self.input,
            labels: &self.labels,
            autonomy: self.autonomy,
            project: &run.project,
        };
        match gate::rule(flow, &wanted, run) {
            Ruling::Pass { recall_ms } => self.leave_after(run, flow, recall_ms),
            Ruling::Refuse { policy } => self.over(run, flow, Err(Failure::Refused { policy })),
            // Whoever took it back asked for just this.
            Ruling::Ask { .. } if self.undoes.is_some() => self.leave(run, flow),
            Ruling::Ask { by, why, policy, within, recall_ms } => {
                let hash = payload_hash(&self.operation, &self.input);
                let version = self.version(operation);
                let given = self.approval.as_ref();
                let bound = given.is_some_and(|given| given.binds(&hash, &version));
                if bound && given.is_some_and(|given| given.is_from(&by)) {
                    return self.leave_after(run, flow, recall_ms);
                }
                let again = if bound { FOR_ANOTHER } else { TARGET_CHANGED };
                let until = match within.map(|span| run.end_of(&span)).transpose() {
                    Ok(until) => until,
                    Err(failure) => return self.over(run, flow, Err(failure)),
                };
                self.could_recall = false;
                let approval = Approval {
                    payload_hash: hash,
                    version,
                    approver: by,
                    why,
                    policy,
                    asked_at: run.now,
                    until,
                    approved_by: None,
                    asked_again: given.is_some().then(|| again.to_owned()),
                };
                self.ask(run, approval);
            }
        }
    }

    fn ask(&mut self, run: &mut Run, approval: Approval) {
        let again = approval.asked_again.is_some();
        let text = if again { "Asked again" } else { "Asked for approval" };
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", text);
        entry.state = StepState::Waiting;
        entry.detail.clone_from(&self.title);
        run.timeline.push(entry);
        self.approval = Some(approval);
        self.phase = Phase::Held;
    }

    /// Leaves after a while in which what it replaces may have changed: that is read again.
    pub(super) fn leave_later(&mut self, run: &mut Run, flow: &Flow) {
        match self.is_stale(run, flow) {
            true => self.read_before(run, flow),
            false => self.leave(run, flow),
        }
    }

    /// It was held back, and is not sent as it is if what it replaces was read too long ago: that is
    /// read again, whether it leaves then is ruled anew.
    pub(in crate::run) fn reads_anew(&mut self, run: &mut Run, flow: &Flow) -> bool {
        let stale = matches!(self.phase, Phase::Leaving) && self.is_stale(run, flow);
        if stale {
            self.attempts -= 1;
            self.read_before(run, flow);
        }
        stale
    }

    /// Whether what it replaces was read too long ago. Of a write that may have happened what was
    /// there before it stays known, unless the values tell whether what is there now is its own and
    /// nobody said yes to what there was.
    pub(super) fn is_stale(&self, run: &Run, flow: &Flow) -> bool {
        let reads = flow.operation(&self.operation).filter(|o| o.before.is_some());
        let tells = reads.is_some_and(|o| {
            let own = || sets_values(&self.written(run, &Value::Null), o);
            self.first.is_none() || (self.approval.is_none() && own())
        });
        tells && run.now.saturating_sub(self.read_at) > READ_MS
    }

    pub(super) fn leave(&mut self, run: &mut Run, flow: &Flow) {
        if self.is_called_off(run) {
            return self.call_off(run, flow);
        }
        self.attempts += 1;
        let write = flow.operation(&self.operation).is_some_and(|o| o.access != Access::Read);
        let label = format!("{}{}", if write { "write" } else { "get" }, self.attempts);
        let operation = self.operation.clone();
        let input = self.input.clone();
        if self.call(run, flow, &label, &operation, input, write) {
            self.phase = Phase::Leaving;
        }
    }

    /// Looks for what may have happened: its own write, or the one it would take back.
    pub(super) fn probe(&mut self, run: &mut Run, flow: &Flow) {
        let write = self.looked_for(run);
        let Some(probe) = flow.operation(&write.operation).and_then(|o| o.probe.as_ref()) else {
            return self.over(run, flow, Err(Failure::Timeout));
        };
        let names = json!({
            "input": write.input, "before": write.before, "effect_key": write.key,
        });
        let input = fill(&probe.with, &names);
        self.looks += 1;
        let label = format!("probe{}", self.looks);
        if self.call(run, flow, &label, &probe.operation, input, false) {
            if let Some(doubt) = self.doubt.clone().filter(|_| self.ordinal == self.round) {
                self.adapt(&doubt, "looked whether it had happened");
            }
            self.phase = Phase::Probing;
        }
    }

    /// Sends one call, if the budget has room for it.
    fn call(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        label: &str,
        operation: &str,
        input: Value,
        write: bool,
    ) -> bool {
        // Whatever it costs: nobody else would take it back, or tell a child to stop.
        if self.undoes.is_none()
            && let Err(failure) = run.take_call(flow)
        {
            self.over(run, flow, Err(failure));
            return false;
        }
        let deadline_ms = flow.operation(operation).map_or(60_000, |o| o.deadline_ms);
        let before = if write { self.before.clone() } else { Value::Null };
        let tainted = self.labels.iter().filter(|(_, of)| write && of.trust == Trust::Untrusted);
        let untrusted = tainted.map(|(pointer, _)| pointer.clone()).collect();
        let operation = operation.to_owned();
        let action = Action::Call { operation, input, before, write, untrusted };
        // A look has the key of the same look before the run began anew.
        let label = match run.reruns {
            again @ 1.. if self.title.is_empty() => format!("{label}.{again}"),
            _ => label.to_owned(),
        };
        let effect = call_effect(&self.key(run), &label, deadline_ms, action);
        run.emit(&self.step, effect);
        true
    }

    /// What identifies the target's version in what was read before.
    fn version(&self, operation: &Operation) -> Option<String> {
        let path = operation.before.as_ref()?.version.as_deref()?;
        let value = at(&self.before, path)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }
}
