//! The time between "it may leave" and "it leaves", in which a person can recall a write.

use serde_json::json;

use super::super::brake::because;
use super::{CallNode, Phase, Run};
use crate::digest;
use crate::event::Way;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::{EntryKind, StepState};

impl CallNode {
    /// Leaves at once, or once nobody recalled it for so many milliseconds.
    pub(super) fn leave_after(&mut self, run: &mut Run, flow: &Flow, recall_ms: Option<i64>) {
        let Some(ms) = recall_ms.filter(|_| !self.could_recall && self.attempts == 0) else {
            return self.leave(run, flow);
        };
        let text = format!("{}: can be recalled", self.title);
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", &text);
        entry.state = StepState::Waiting;
        run.timeline.push(entry);
        self.phase = Phase::Recallable { since: run.now, until: run.now.saturating_add(ms) };
    }

    pub(in crate::run) fn is_recallable(&self) -> bool {
        matches!(self.phase, Phase::Recallable { .. })
    }

    /// Who may recall it: whoever was asked, or whoever may answer for the project.
    pub(super) fn may_recall(&self) -> &str {
        self.approval.as_ref().map(|approval| approval.approver.as_str()).unwrap_or_default()
    }

    pub(super) fn recall_id(&self, run: &Run, until: i64) -> String {
        digest::of_value(&json!([self.key(run), "recall", until]))
    }

    /// It is recalled, or shall leave now.
    pub(super) fn recalled(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        name: &str,
        (way, reason): (Way, &str),
    ) {
        if way == Way::Recall {
            let what = format!("{name} recalled it");
            self.note(run, &what, reason, StepState::Done);
            let policy = because(&what, reason);
            return self.over(run, flow, Err(Failure::Refused { policy }));
        }
        self.note(run, &format!("{name} let it leave at once"), reason, StepState::Done);
        self.could_recall = true;
        self.check(run, flow);
    }
}
