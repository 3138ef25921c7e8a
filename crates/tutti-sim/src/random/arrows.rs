//! Arrows: how a run or an effect moved, and what it heard where; the legal ones are in `tables`.

use std::fmt;

use tutti_core::event::{Event, Said};
use tutti_core::view::RunState;

/// In place of where it moved: that it was heard there at all.
pub(super) const HEARD: &str = "heard";
/// Why a run fails whose time is over.
const OUT_OF_TIME: &str = "its time was over before it was done";
/// How something moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Arrow {
    /// What moved: `run`, or `effect`.
    pub what: &'static str,
    /// From where.
    pub from: &'static str,
    /// Why.
    pub why: &'static str,
    /// To where.
    pub to: &'static str,
}

impl Arrow {
    /// How a run moved, and what it heard where.
    pub(super) fn of_run(from: RunState, event: &Event, to: RunState, reason: &str) -> [Self; 2] {
        let why = event_name(event);
        let stays = from.is_final() && from == to;
        let to = if stays { "over" } else { state_name(to) };
        let from = if from.is_final() { "over" } else { state_name(from) };
        let moved = match why {
            _ if !stays && reason == OUT_OF_TIME => Self::new("run", "any", "deadline", to),
            "approve" | "modify" | "reject" | "answer" | "resolve" => {
                Self::new("run", from, "person", to)
            }
            _ => Self::new("run", from, why, to),
        };
        [moved, Self::new("run", from, why, HEARD)]
    }

    /// How an effect moved, and which outcome it had where.
    pub(super) fn of_effect(
        from: &'static str,
        why: &'static str,
        to: &'static str,
        out_of_budget: bool,
    ) -> Vec<Self> {
        let moved = match (kind_of(why), to) {
            // What it failed with before is told once more when somebody says that it happened.
            _ if out_of_budget && why != "happened" => Self::new("effect", "any", "no-budget", to),
            // Somebody spoke when it was too late already.
            ("unsuited", "unanswered" | "refused") => Self::new("effect", from, "time", to),
            (why, _) => Self::new("effect", from, why, to),
        };
        let heard = Self::new("effect", from, why, HEARD);
        if is_outcome(why) { vec![moved, heard] } else { vec![moved] }
    }

    pub(super) fn new(
        what: &'static str,
        from: &'static str,
        why: &'static str,
        to: &'static str,
    ) -> Self {
        Self { what, from, why, to }
    }
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, from, why, to } = self;
        write!(f, "{what:6} {from:15} {why:12} -> {to}")
    }
}

/// Outcomes that are treated alike: what passes, what may have happened, what stays so.
fn kind_of(why: &'static str) -> &'static str {
    match why {
        "unreachable" | "rate_limited" => "passing",
        "timeout" | "unavailable" | "malformed" => "in-doubt",
        "unauthorized" | "forbidden" | "not_found" | "conflict" | "rejected" => "lasting",
        other => other,
    }
}

/// Whether it is what came back of a call.
fn is_outcome(why: &'static str) -> bool {
    why == "ok" || why != kind_of(why)
}

/// The word for an event.
fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Started { .. } => "started",
        Event::Answered { .. } => "answered",
        Event::Signal { .. } => "signal",
        Event::Said { answer, .. } => match answer {
            Said::Approve { .. } => "approve",
            Said::Modify { .. } => "modify",
            Said::Reject { .. } => "reject",
            Said::Answer { .. } => "answer",
            Said::Resolve { .. } => "resolve",
            Said::Hold { .. } => "hold",
            Said::Resume { .. } => "resume",
            Said::Undo { .. } => "undo",
            Said::Rerun { .. } => "rerun",
            Said::Cancel { .. } => "cancel",
        },
        Event::Woke => "woke",
        Event::Resumed => "resumed",
        Event::GaveUp { .. } => "gave-up",
    }
}

/// The word for a run's state.
pub(super) fn state_name(state: RunState) -> &'static str {
    match state {
        RunState::Running => "running",
        RunState::WaitingPerson => "waiting-person",
        RunState::WaitingOutside => "waiting-outside",
        RunState::Held => "held",
        RunState::Completed => "completed",
        RunState::CompletedWithGaps => "completed-with-gaps",
        RunState::Cancelled => "cancelled",
        RunState::Failed => "failed",
    }
}
