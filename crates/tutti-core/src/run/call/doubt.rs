//! A write of which nobody knows whether it happened: from a try that brought no answer until it is
//! found, or known not to have happened, or a person says so. What nobody follows any more stays so
//! in the ledger, where undoing and running once more find it.

use serde_json::Value;

use super::super::ledger::Write;
use super::since::{changed_since, is_ours};
use super::{CallNode, Run, Then};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::operation::{Once, Operation};
use crate::recovery::wait_ms;

impl CallNode {
    pub(in crate::run) fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// What came back to a try leaves open whether it happened.
    pub(super) fn fall_in_doubt(&mut self, failure: Failure) {
        self.first.get_or_insert_with(|| self.before.clone());
        self.doubt = Some(failure);
    }

    /// It was looked for and was not there, or a person says so: what it ended with is no doubt.
    pub(super) fn settle_doubt(&mut self, run: &mut Run) -> Option<Failure> {
        self.first = None;
        run.settle_write(&self.step, &self.key(run));
        self.doubt.take()
    }

    /// It is known elsewhere that the write with this key did not happen.
    pub(in crate::run) fn forget_doubt(&mut self, run: &Run, key: &str) {
        if self.is_in_doubt() && self.key(run) == key {
            self.doubt = None;
            self.first = None;
        }
    }

    /// It failed in doubt, or nobody follows it any more.
    pub(super) fn stays_in_doubt(&self, run: &mut Run, flow: &Flow) {
        if self.is_in_doubt() && self.undoes.is_none() {
            run.keep_in_doubt(flow, self.written(run, &Value::Null));
        }
    }

    /// Nobody waits any more for what may have happened, and it is not going to be looked for.
    pub(in crate::run) fn left_in_doubt(&mut self, run: &mut Run, flow: &Flow) {
        // What became of one that is overtaken is still awaited, or was told.
        if self.overtaken {
            return;
        }
        if let Some(failure) = self.doubt.clone().filter(|_| !self.is_over() && !self.is_stuck()) {
            self.over(run, flow, Err(failure));
        }
        self.stays_in_doubt(run, flow);
    }

    /// Begins, or goes on with what an earlier time left in doubt: the same write of the same step
    /// is one effect, however often the run begins anew.
    pub(super) fn begin_write(&mut self, run: &mut Run, flow: &Flow, operation: &Operation) {
        let Some(earlier) = run.write_in_doubt(flow, &self.step, &self.operation, &self.input)
        else {
            return self.read_before(run, flow);
        };
        (self.ordinal, self.attempts, self.looks) =
            (earlier.ordinal, earlier.attempts, earlier.looks);
        self.forgiven = self.attempts;
        self.first = Some(earlier.before);
        self.doubt = Some(Failure::Timeout);
        let what = "whether it had happened the time before was not known";
        match operation.once {
            _ if operation.probe.is_some() => {
                self.adapted = Some(format!("{what}; looked for it"));
                self.probe(run, flow);
            }
            Once::Read | Once::Idempotent | Once::Keyed => {
                self.adapted = Some(format!("{what}; twice is the same as once"));
                self.read_before(run, flow);
            }
            Once::Probed | Once::Unsafe => self.over(run, flow, Err(Failure::Timeout)),
        }
    }

    /// It was looked for often enough and is not there, so that it is tried again; `failure` is
    /// what came back to the last try. The time it was looked for is a part of the wait.
    pub(super) fn try_again(&mut self, run: &mut Run, flow: &Flow, failure: &Failure) {
        let tries = self.attempts - self.forgiven;
        if self.ordinal != self.round && tries == 0 {
            // In this round nobody has seen yet whether it may leave.
            return self.read_before(run, flow);
        }
        let then = if self.approval.is_some() { Then::Check } else { Then::Leave };
        let until = self.failed_at.saturating_add(wait_ms(failure, tries, self.retry));
        match then {
            _ if until > run.now => self.pause(run, until - run.now, then),
            Then::Check => self.check(run, flow),
            _ => self.leave_later(run, flow),
        }
    }

    /// Whether what is there now is what it wrote itself, so that it says nothing of what was there
    /// before. Else that is forgotten: what is there now is somebody's.
    pub(super) fn finds_its_own(&mut self, run: &Run, flow: &Flow) -> bool {
        let Some(operation) = flow.operation(&self.operation) else { return false };
        if self.first.is_none() {
            return false;
        }
        let ours = is_ours(&self.written(run, &Value::Null), operation, &self.before);
        if !ours {
            self.first = None;
        }
        ours
    }

    /// What somebody changed of what it sets, where the other side said that it changed: the flow
    /// knew nothing of it when it made up its mind. Where a person agrees, they see what is there.
    pub(super) fn would_overwrite(
        &mut self,
        run: &Run,
        flow: &Flow,
        before: Value,
    ) -> Option<String> {
        let changed = std::mem::take(&mut self.reads_again) && self.approval.is_none();
        let operation = flow.operation(&self.operation).filter(|_| changed)?;
        let write = Write { before, ..self.written(run, &Value::Null) };
        let what = changed_since(&write, operation, &self.before)?;
        Some(format!("somebody changed {what} since it was read"))
    }
}

impl Run {
    /// What an earlier time of a step left in doubt, if it was this very write.
    fn write_in_doubt(
        &self,
        flow: &Flow,
        step: &str,
        operation: &str,
        input: &Value,
    ) -> Option<Write> {
        let same = |write: &&Write| write.operation == operation && write.input == *input;
        let mut doubts = self.ledger.of_step(step).rev().filter(|write| write.is_in_doubt());
        let left = doubts.find(same);
        left.filter(|write| !write.is_undone() && !self.is_start(flow, &write.step)).cloned()
    }
}
