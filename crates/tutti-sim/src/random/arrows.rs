//! Arrows.
use tutti_core::event::{Event, Said};
use tutti_core::view::RunState;

/// What moved: `run` or `effect`, from where, why, to where.
pub type Arrow = [&'static str; 4];

pub(super) fn is_known(_arrow: &Arrow) -> bool {
    true
}

/// The word for an event.
pub(super) fn event_name(event: &Event) -> &'static str {
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
