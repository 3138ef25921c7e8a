//! What came back to a call, and what is made of it.

use serde_json::Value;

use super::super::ledger::{Happened, TakenBack, Write};
use super::excerpt::too_large;
use super::words::spoken;
use super::{CallNode, Phase, Run, Then};
use crate::event::Reply;
use crate::fact::Fact;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::label::{Labels, Trust};
use crate::operation::{Access, Once};
use crate::recovery::{Recovery, Tried, recover};
use crate::view::{EffectState, Entry, StepState, Undo};

impl CallNode {
    pub(in crate::run) fn answered(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        result: Reply,
        took_ms: u64,
    ) {
        match (&self.phase, result) {
            (Phase::Reading | Phase::Checking, Reply::Ok(value)) => self.looked(run, flow, value),
            (Phase::Reading | Phase::Checking, Reply::Failed(failure)) => {
                self.look_failed(run, flow, failure);
            }
            (Phase::Reading | Phase::Checking, Reply::Excerpt(excerpt)) => {
                match self.can_do_with(flow, &excerpt) {
                    true => self.looked(run, flow, excerpt.value),
                    false => self.look_failed(run, flow, too_large(&excerpt)),
                }
            }
            (Phase::Leaving, Reply::Ok(value)) => self.confirmed(run, flow, value, took_ms),
            (Phase::Leaving, Reply::Excerpt(excerpt)) => {
                self.shortened(run, flow, excerpt, took_ms);
            }
            (Phase::Leaving, Reply::Failed(failure)) => self.failed(run, flow, failure),
            (Phase::Probing, Reply::Ok(value)) => self.probed(run, flow, &value, took_ms),
            (Phase::Probing, Reply::Failed(failure)) => self.probe_failed(run, flow, failure),
            (Phase::Probing, Reply::Excerpt(excerpt)) => match self.may_hide(run, flow, &excerpt) {
                true => self.probe_failed(run, flow, too_large(&excerpt)),
                false => self.probed(run, flow, &excerpt.value, took_ms),
            },
            (
                Phase::Held
                | Phase::Recallable { .. }
                | Phase::Stuck(_)
                | Phase::Paused { .. }
                | Phase::Over(_),
                _,
            ) => {}
        }
    }

    /// What stands there now is known.
    fn looked(&mut self, run: &mut Run, flow: &Flow, before: Value) {
        self.failed_looks = 0;
        self.read_at = run.now;
        let earlier = std::mem::replace(&mut self.before, before);
        if let Some(write) = self.undoes.and_then(|index| run.ledger.get(index).cloned()) {
            return self.looked_before_undo(run, flow, &write);
        }
        // It has left already, and just so.
        if self.finds_its_own(run, flow) && self.ordinal == self.round {
            return self.leave(run, flow);
        }
        match self.would_overwrite(run, flow, earlier) {
            Some(message) => {
                self.adapted = None;
                self.over(run, flow, Err(Failure::Conflict { message }));
            }
            None => self.pass_gate(run, flow),
        }
    }

    fn look_failed(&mut self, run: &mut Run, flow: &Flow, failure: Failure) {
        let before = flow.operation(&self.operation).and_then(|o| o.before.as_ref());
        let optional = before.is_some_and(|before| before.optional);
        if optional && matches!(failure, Failure::NotFound { .. }) {
            self.failed_looks = 0;
            self.before = Value::Null;
            return self.pass_gate(run, flow);
        }
        let checking = matches!(self.phase, Phase::Checking);
        let then = if checking { Then::Check } else { Then::Read };
        self.failed_looks += 1;
        match recover(&failure, Tried::read(self.failed_looks, self.retry)) {
            Recovery::Retry { after_ms } => self.pause(run, after_ms, then),
            _ => self.over(run, flow, Err(failure)),
        }
    }

    fn failed(&mut self, run: &mut Run, flow: &Flow, failure: Failure) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        let read = operation.access == Access::Read;
        let maybe = failure.may_have_happened();
        self.failed_at = run.now;
        if maybe && !read {
            self.fall_in_doubt(failure.clone());
        }
        let tried = Tried {
            once: if read { Once::Read } else { operation.once },
            attempts: self.attempts - self.forgiven,
            has_before: operation.before.is_some(),
            has_probe: operation.probe.is_some() && !read,
            retry: self.retry,
        };
        match recover(&failure, tried) {
            Recovery::Retry { .. } if self.is_called_off(run) => {
                self.call_off(run, flow);
            }
            Recovery::Retry { after_ms } => {
                self.adapt(&failure, "tried again");
                // If it may have happened, the target may differ because of us.
                let recheck = self.approval.is_some() && !maybe;
                self.pause(run, after_ms, if recheck { Then::Check } else { Then::Leave });
            }
            Recovery::Probe => {
                self.look_for_it(run, flow);
            }
            Recovery::ReadAgain => {
                self.adapt(&failure, "read it again and applied the change to what is there");
                self.reads_again = true;
                self.read_before(run, flow);
            }
            Recovery::GiveUp => self.over(run, flow, Err(failure)),
        }
    }

    pub(super) fn confirmed(&mut self, run: &mut Run, flow: &Flow, output: Value, took_ms: u64) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        if operation.access != Access::Read {
            run.spend.actions += 1;
        }
        self.heed_inverse(run, flow, &output);
        self.doubt = None;
        let mut entry = self.timeline_entry(run, operation, EffectState::Confirmed, &output);
        entry.took_ms = Some(took_ms);
        let id = self.fact_id().to_owned();
        // Looking again and finding the same is not worth a line.
        let same = run.scoped(&id).is_some_and(|known| known.value == output);
        if !self.title.is_empty() || self.round == 1 || !same {
            run.timeline.push(entry);
        }
        self.phase = Phase::Over(Ok(()));
        if let Some(index) = self.undoes {
            return run.note_taken_back(index, TakenBack { key: self.key(run), output });
        }
        if operation.access != Access::Read {
            run.keep(flow, self.written(run, &output));
        }
        let mut fact = Fact::observed(&id, &spoken(operation, &self.input), run.now, output);
        // What somebody's words choose to be read is no more to be trusted than they are.
        let tainted = |labels: &Labels| labels.trust == Trust::Untrusted;
        if operation.access == Access::Read && self.labels.values().any(tainted) {
            fact.labels.trust = Trust::Untrusted;
        }
        run.learn(fact.with_untrusted(&operation.untrusted).with_private(&operation.pii));
    }

    /// What the ledger keeps of it.
    pub(in crate::run) fn written(&self, run: &Run, output: &Value) -> Write {
        Write {
            key: self.key(run),
            ordinal: self.ordinal,
            attempts: self.attempts,
            looks: self.looks,
            step: self.step.clone(),
            title: run.numbered(&self.title),
            operation: self.operation.clone(),
            input: self.input.clone(),
            before: self.first.as_ref().unwrap_or(&self.before).clone(),
            output: output.clone(),
            happened: if self.vouched { Happened::Said } else { Happened::Yes },
            undo: Undo::Possible,
            taken_back: None,
        }
    }

    pub(super) fn over(&mut self, run: &mut Run, flow: &Flow, result: Result<(), Failure>) {
        if let (Err(failure), Some(operation)) = (&result, flow.operation(&self.operation)) {
            let state = match failure {
                // A no to the next try says nothing of the one before.
                _ if self.is_in_doubt() => EffectState::Unknown,
                Failure::Refused { .. } => EffectState::Refused,
                _ => EffectState::Failed,
            };
            let mut entry = self.timeline_entry(run, operation, state, &Value::Null);
            entry.state = StepState::Failed;
            entry.detail = self.told(failure);
            if !self.is_known_trouble(run, &entry) {
                run.timeline.push(entry);
            }
        }
        self.phase = Phase::Over(result);
    }

    /// Looking again and failing the same way is not worth a line either.
    fn is_known_trouble(&self, run: &Run, entry: &Entry) -> bool {
        let last = run.timeline.iter().rev().find(|known| known.step == self.step);
        let same = |known: &Entry| known.text == entry.text && known.detail == entry.detail;
        self.title.is_empty() && self.round > 1 && last.is_some_and(same)
    }

    /// What it came to, in words that do not hide a doubt.
    pub(in crate::run) fn told(&self, failure: &Failure) -> String {
        told(failure, self.is_in_doubt())
    }

    pub(super) fn adapt(&mut self, failure: &Failure, what: &str) {
        self.adapted = Some(format!("{failure}; {what}"));
    }
}

pub(super) fn told(failure: &Failure, in_doubt: bool) -> String {
    match in_doubt {
        true => format!("{failure}; whether it happened is not known"),
        false => failure.to_string(),
    }
}
