//! The time between "it may leave" and "it leaves", in which a person can recall a write.

use serde_json::json;

use super::{CallNode, Phase, Run};
use crate::digest;
use crate::event::Way;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::{EntryKind, QuestionView, StepState, WayView};

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
    fn may_recall(&self) -> &str {
        self.approval.as_ref().map(|approval| approval.approver.as_str()).unwrap_or_default()
    }

    fn recall_id(&self, run: &Run, until: i64) -> String {
        digest::of_value(&json!([self.key(run), "recall", until]))
    }

    /// Hears that it is recalled, or that it shall leave now.
    pub(super) fn recalled(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        (account, name): (&str, &str),
        question: &str,
        (way, reason): (Way, &str),
    ) {
        let Phase::Recallable { until, .. } = self.phase else { return };
        let mine = self.may_recall().is_empty() || self.may_recall() == account;
        if !mine || question != self.recall_id(run, until) {
            return;
        }
        match way {
            Way::Recall => {
                self.note(run, &format!("{name} recalled it"), reason, StepState::Done);
                let policy = format!("{name} recalled it: {reason}");
                self.over(run, flow, Err(Failure::Refused { policy }));
            }
            Way::Now => {
                self.note(run, &format!("{name} let it leave at once"), reason, StepState::Done);
                self.could_recall = true;
                self.check(run, flow);
            }
            _ => {}
        }
    }

    pub(super) fn recall_view(&self, run: &Run, flow: &Flow) -> Option<QuestionView> {
        let Phase::Recallable { since, until } = self.phase else { return None };
        let ways = [(Way::Recall, "Recall it"), (Way::Now, "Send it now")];
        Some(QuestionView {
            id: self.recall_id(run, until),
            step: self.step.clone(),
            title: self.title.clone(),
            system: self.operation(flow).map(|o| o.tool().to_owned()).unwrap_or_default(),
            question: "It leaves by itself unless it is recalled.".to_owned(),
            why: String::new(),
            who: self.may_recall().to_owned(),
            who_name: String::new(),
            mine: false,
            asked_at: since,
            until: Some(until),
            schema: None,
            ways: ways.map(|(way, label)| WayView { way, label: label.to_owned() }).into(),
        })
    }
}
