//! What a person is asked about a call: how it goes on, or whether it leaves at all.

use super::{CallNode, Phase, Run};
use crate::event::Way;
use crate::flow::Flow;
use crate::view::{QuestionView, WayView};

impl CallNode {
    /// Hears a way to go on. An answer to another question, not from who is asked, or that is not
    /// among the ways that are open, is none.
    pub(in crate::run) fn resolved(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        (account, name): (&str, &str),
        question: &str,
        (way, reason): (Way, &str),
    ) {
        let Some(asked) = self.question_view(run, flow) else { return };
        let mine = asked.who.is_empty() || asked.who == account;
        let open = asked.ways.iter().any(|open| open.way == way);
        if !mine || !open || asked.id != question {
            return;
        }
        match self.phase {
            Phase::Recallable { .. } => self.recalled(run, flow, name, (way, reason)),
            _ => self.go_on(run, flow, name, (way, reason)),
        }
    }

    /// The question that stands, if one does.
    pub(in crate::run) fn question_view(&self, run: &Run, flow: &Flow) -> Option<QuestionView> {
        let view = |id: String, ways: &[Way]| QuestionView {
            id,
            step: self.step.clone(),
            title: self.name().to_owned(),
            system: self.operation(flow).map(|o| o.tool().to_owned()).unwrap_or_default(),
            question: String::new(),
            why: String::new(),
            who: String::new(),
            who_name: String::new(),
            mine: false,
            asked_at: run.now,
            until: None,
            schema: None,
            ways: ways.iter().map(|way| self.way_view(*way)).collect(),
        };
        match &self.phase {
            Phase::Stuck(stuck) => Some(QuestionView {
                question: "How shall it go on?".to_owned(),
                why: self.trouble(flow, stuck),
                who: stuck.who.clone(),
                asked_at: stuck.asked_at,
                ..view(self.stuck_id(run, stuck), &self.ways(flow))
            }),
            Phase::Recallable { since, until } => Some(QuestionView {
                question: "It leaves by itself unless it is recalled.".to_owned(),
                who: self.may_recall().to_owned(),
                asked_at: *since,
                until: Some(*until),
                ..view(self.recall_id(run, *until), &[Way::Recall, Way::Now])
            }),
            _ => None,
        }
    }

    fn way_view(&self, way: Way) -> WayView {
        let label = match way {
            Way::Again if self.is_in_doubt() => "It did not happen: do it",
            Way::Again => "Try again",
            Way::Happened => "It happened",
            Way::Without => "Go on without it",
            Way::Stop => "End the run",
            Way::Recall => "Recall it",
            Way::Now => "Send it now",
        };
        WayView { way, label: label.to_owned() }
    }
}
