//! A write whose worker is lost, or which nobody waits for any more: what it left is followed up.

use serde_json::Value;

use super::{CallNode, Run, outcome::told};
use crate::event::{Effect, Reply};
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::operation::Once;
use crate::view::{EffectState, StepState};

impl CallNode {
    /// Another worker took over while this effect was in flight.
    pub(in crate::run) fn resumed(&mut self, run: &mut Run, flow: &Flow, effect: Effect) {
        if self.overtaken {
            self.fall_in_doubt(Failure::Timeout);
            return self.stays_in_doubt(run, flow);
        }
        if !effect.is_write() {
            return run.emit(&self.step, effect);
        }
        self.fall_in_doubt(Failure::Timeout);
        let operation = flow.operation(&self.operation);
        let has_probe = operation.is_some_and(|operation| operation.probe.is_some());
        match operation.map(|operation| operation.once) {
            Some(_) if has_probe => {
                self.probe(run, flow);
            }
            Some(_) if self.is_called_off(run) => self.call_off(run, flow),
            // It leaves as the same try.
            Some(Once::Idempotent | Once::Keyed) if self.is_stale(run, flow) => {
                self.attempts -= 1;
                self.read_before(run, flow);
            }
            Some(Once::Read | Once::Idempotent | Once::Keyed) => run.emit(&self.step, effect),
            Some(Once::Probed | Once::Unsafe) | None => self.over(run, flow, Err(Failure::Timeout)),
        }
    }

    /// The run ended, or went on without it, while this write was on its way: nothing can hold it
    /// back any more.
    pub(in crate::run) fn overtaken(&mut self, run: &mut Run, flow: &Flow) {
        if std::mem::replace(&mut self.overtaken, true) {
            return;
        }
        let Some(operation) = flow.operation(&self.operation) else { return };
        let mut entry = self.timeline_entry(run, operation, EffectState::Unknown, &Value::Null);
        entry.state = StepState::Waiting;
        entry.detail = "it had left already; what became of it is not known yet".to_owned();
        run.timeline.push(entry);
    }

    /// What became of such a write. It is noted and nothing more is done about it.
    pub(in crate::run) fn late(&self, run: &mut Run, flow: &Flow, result: &Reply, took_ms: u64) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        let (state, output) = match result {
            Reply::Ok(output) | Reply::Excerpt(Excerpt { value: output, .. }) => {
                (EffectState::Confirmed, output)
            }
            // An earlier try of it may have happened, whatever this one came to.
            Reply::Failed(failure) if self.is_in_doubt() || failure.may_have_happened() => {
                (EffectState::Unknown, &Value::Null)
            }
            Reply::Failed(_) => (EffectState::Failed, &Value::Null),
        };
        if state == EffectState::Confirmed {
            run.spend.actions += 1;
        }
        match self.undoes {
            Some(index) => self.undone_late(run, flow, index, result),
            None if state == EffectState::Confirmed => {
                run.keep(flow, self.written(run, output));
                run.leave_children(|step| step == self.step);
            }
            None if state == EffectState::Unknown => {
                run.keep_in_doubt(flow, self.written(run, &Value::Null));
            }
            None => {}
        }
        let mut entry = self.timeline_entry(run, operation, state, output);
        entry.took_ms = Some(took_ms);
        entry.detail = match result {
            Reply::Ok(_) | Reply::Excerpt(_) => "it had left already, and was done".to_owned(),
            Reply::Failed(Failure::Refused { policy }) => {
                entry.state = StepState::Failed;
                policy.clone()
            }
            Reply::Failed(failure) => {
                entry.state = StepState::Failed;
                format!("it had left already: {}", told(failure, state == EffectState::Unknown))
            }
        };
        run.timeline.push(entry);
    }
}
