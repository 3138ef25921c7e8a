//! What people see of a run after an event, held against the run itself.

use tutti_core::flow::Flow;
use tutti_core::run::Viewer;
use tutti_core::view::{RunState, RunView, StepState};

use super::super::promises::{Notes, REASON, VIEW};
use super::Ledger;
use crate::Broken;

/// Who looks at the panel of a simulated run.
pub(in crate::random) const ADMIN: Viewer<'static> = Viewer { account: "admin", is_admin: true };

impl Ledger {
    pub(super) fn follow_view(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
        let run = &self.run;
        let told = run.state() == RunState::Running || !run.reason().is_empty();
        notes.hold(REASON, told, || format!("{:?}", run.state()))?;
        let view = run.view(flow, 1, ADMIN);
        let wrong = self.disagrees(&view);
        notes.hold(VIEW, wrong.is_none(), || {
            format!("{}: {:?}", wrong.unwrap_or_default(), view.strip)
        })?;
        self.consent.asked(flow, &view, &self.stands);
        Ok(())
    }

    /// What a view says that is not so.
    fn disagrees(&self, view: &RunView) -> Option<&'static str> {
        let run = &self.run;
        let (over, past) = (run.state().is_final(), self.ended.is_some());
        let held = run.state() == RunState::Held;
        let done = matches!(run.state(), RunState::Completed | RunState::CompletedWithGaps);
        let stands = |word: &str| self.stands.values().any(|stands| *stands == word);
        let asks = stands("stuck") || stands("recallable") || stands("asked");
        let gaps = !view.gaps.is_empty();
        let lacks = run.reason().starts_with("done, but");
        let open = [StepState::Running, StepState::Waiting];
        let said = [
            (view.state != run.state() || view.reason != run.reason(), "another state"),
            (view.ended_at.is_some() != past, "an end where there is none, or none"),
            (view.wake_at.is_some() && (over || held), "a time to wake"),
            (view.wake_at.is_none() && !past && !held, "no time to wake"),
            (!past && stands("held") == view.approvals.is_empty(), "approvals, or none"),
            (!past && asks == view.questions.is_empty(), "questions, or none"),
            (past && !view.approvals.is_empty(), "approvals after the end"),
            (past && !view.questions.is_empty(), "questions after the end"),
            (past && !view.planned.is_empty(), "plans after the end"),
            (
                run.state() == RunState::WaitingPerson
                    && view.approvals.is_empty()
                    && view.questions.is_empty(),
                "a person is waited for, and nobody is asked",
            ),
            (run.state() == RunState::Completed && gaps, "no gaps, and there are"),
            (lacks && !gaps, "gaps, and there are none"),
            (done && view.strip.iter().any(|tile| open.contains(&tile.state)), "an open step"),
            (view.timeline.iter().any(|entry| entry.seq > run.seq()), "something of the future"),
        ];
        said.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| what)
    }
}
