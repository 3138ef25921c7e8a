//! Looking whether a write happened, and what is made of what is found, or not.

use serde_json::{Value, json};

use super::marker::search;
use super::substitute::substitute;
use super::{CallNode, Run, Then};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::operation::Probe;
use crate::recovery::{BACKOFF, Recovery, Tried, recover};

impl CallNode {
    /// Looks whether what has just left happened, once the other side had time for it.
    pub(super) fn look_for_it(&mut self, run: &mut Run, flow: &Flow) {
        let probe = flow.operation(&self.operation).and_then(|o| o.probe.as_ref());
        match probe.map(settle_ms).unwrap_or_default() {
            0 => self.probe(run, flow),
            wait_ms => self.pause(run, wait_ms, Then::Probe),
        }
    }

    pub(super) fn probed(&mut self, run: &mut Run, flow: &Flow, value: &Value, took_ms: u64) {
        let write = self.looked_for(run);
        let probe = flow.operation(&write.operation).and_then(|o| o.probe.as_ref());
        let Some(probe) = probe else { return };
        self.failed_looks = 0;
        if let Some(found) = search(value, probe.find.as_deref(), &probe.path, &write.key) {
            let names = json!({"found": found, "input": write.input, "before": write.before});
            let output = substitute(&probe.output, &names);
            if let Some(index) = self.looks_before_undo(run) {
                return self.found_before_undo(run, flow, index, output);
            }
            self.adapted = Some("no answer came, but it had happened; nothing was repeated".into());
            return self.confirmed(run, flow, output, took_ms);
        }
        self.absent(run, flow, probe);
    }

    /// Nothing was found: believed at the second look, where the other side may lag behind.
    pub(super) fn absent(&mut self, run: &mut Run, flow: &Flow, probe: &Probe) {
        self.absences += 1;
        if self.absences == 1 && probe.settle_ms > 0 {
            return self.pause(run, settle_ms(probe).saturating_mul(BACKOFF), Then::Probe);
        }
        self.absences = 0;
        if self.looks_before_undo(run).is_some() {
            return self.nothing_to_undo(run, flow);
        }
        let failure = self.settle_doubt(run).unwrap_or(Failure::Timeout);
        if self.attempts - self.forgiven >= self.retry.attempts {
            return self.over(run, flow, Err(failure));
        }
        self.try_again(run, flow, &failure);
    }

    pub(super) fn probe_failed(&mut self, run: &mut Run, flow: &Flow, failure: Failure) {
        self.failed_looks += 1;
        match recover(&failure, Tried::read(self.failed_looks, self.retry)) {
            Recovery::Retry { after_ms } => self.pause(run, after_ms, Then::Probe),
            // It stays in doubt; saying "it did not happen" would invite a second one.
            _ => self.over(run, flow, Err(failure)),
        }
    }
}

fn settle_ms(probe: &Probe) -> i64 {
    i64::try_from(probe.settle_ms).unwrap_or(i64::MAX)
}
