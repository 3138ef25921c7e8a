//! Gaps: what a run could not do. What may have happened is one for as long as nobody knows, also after
//! the end, so how a run ended and why follows what becomes known of its doubts.

use super::Run;
use super::ledger::{IN_DOUBT, Write};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::RunState;

/// Something that could not be done.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Gap {
    /// The key of the step.
    pub step: String,
    /// What is missing.
    what: String,
    /// Why, but for whether it happened.
    why: String,
}

/// What a step failed with, in words that leave out whether it happened all the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reason {
    /// The key of the step.
    pub step: String,
    pub text: String,
}

impl Run {
    pub(super) fn gap(&mut self, step: &str, what: &str, why: &Failure) {
        let (step, what, why) = (step.to_owned(), what.to_owned(), why.to_string());
        self.gaps.push(Gap { step, what, why });
    }

    /// What is missing, and of which writes nobody knows whether they happened. A child is told to
    /// stop, whether it began or not.
    pub(super) fn gaps(&self, flow: &Flow) -> Vec<String> {
        let is_told = |step: &str| self.gaps.iter().any(|gap| gap.step == step);
        let doubts = self.ledger.iter().filter(|write| {
            write.is_open_doubt() && !is_told(&write.step) && !self.is_start(flow, &write.step)
        });
        let doubts = doubts.map(|write| format!("whether “{}” happened is not known", write.title));
        let told = self
            .gaps
            .iter()
            .map(|gap| format!("{} ({})", gap.what, self.with_doubt(&gap.step, &gap.why)));
        told.chain(doubts).collect()
    }

    /// Why it failed, as far as is known now.
    pub(super) fn as_known(&self, reason: &Reason) -> String {
        self.with_doubt(&reason.step, &reason.text)
    }

    /// What is said of a step that failed, with the doubt that is left of it.
    fn with_doubt(&self, step: &str, why: &str) -> String {
        let open = self.ledger.of_step(step).any(Write::is_open_doubt);
        if open { format!("{why}; {IN_DOUBT}") } else { why.to_owned() }
    }

    /// What a run came to whose steps are done.
    pub(super) fn how_it_was_done(&self, flow: &Flow) -> (RunState, String) {
        let gaps = self.gaps(flow);
        match gaps.is_empty() {
            true => (RunState::Completed, "everything was done".to_owned()),
            false => (RunState::CompletedWithGaps, format!("done, but: {}", gaps.join("; "))),
        }
    }

    /// How it ended is told anew, with what has become known since.
    pub(super) fn follow_doubts(&mut self, flow: &Flow) {
        // Where nothing was written there is nothing to become known.
        if self.ledger.is_empty() {
            return;
        }
        let ended = match (self.ended(), &self.failed) {
            (Some((RunState::Completed | RunState::CompletedWithGaps, _)), _) => {
                self.how_it_was_done(flow)
            }
            (Some((RunState::Failed, _)), Some(reason)) => {
                (RunState::Failed, self.as_known(reason))
            }
            _ => return,
        };
        match self.undoing.as_mut() {
            Some(undoing) => undoing.ended = ended,
            None => (self.state, self.reason) = ended,
        }
    }
}
