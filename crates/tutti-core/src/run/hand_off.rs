//! The hand-off packet: what a person needs who goes on where a run could not.

use super::ledger::Happened;
use super::{Node, Run};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::{Done, HandOff, RunState, StepState};

impl Run {
    /// What is known, was done and is missing, and what to do next; for a run that failed, or waits
    /// for somebody to say how it goes on.
    pub(super) fn hand_off(&self, flow: &Flow) -> Option<HandOff> {
        let suggestion = match self.state {
            RunState::Failed => self.failure.as_ref().map_or(OUT_OF_TIME, Failure::advice),
            RunState::WaitingPerson => self.live_nodes().find_map(|(_, node)| match node {
                Node::Call(call) => call.stuck_failure().map(Failure::advice),
                Node::Ask(ask) => ask.is_instead_of_model().then_some(UNDECIDED),
                _ => None,
            })?,
            _ => return None,
        };
        let mut missing = self.gaps(flow);
        // Of what was not reached only the steps of the flow itself are told, not every way in them.
        let unreached =
            flow.steps.iter().filter(|step| self.step_state(step) == StepState::Planned);
        missing.extend(unreached.map(|step| step.title.clone()));
        let facts = self.facts.keys().filter(|name| !name.contains('.'));
        // All of them: their values are short here, and the page folds them away.
        let known = self.saw(facts);
        let known_done = self
            .ledger
            .iter()
            .filter(|write| matches!(write.happened, Happened::Yes | Happened::Said));
        let done = known_done.map(|write| Done {
            title: write.title.clone(),
            operation: write.operation.clone(),
            undo: write.undo.clone(),
        });
        Some(HandOff { known, done: done.collect(), missing, suggestion: suggestion.to_owned() })
    }
}

/// What to do about a run that no failure ended.
const OUT_OF_TIME: &str = "Look at what it waited for, then run it once more from there.";
/// What to do about what no model got right.
const UNDECIDED: &str = "Look at what is known, then decide it yourself.";
