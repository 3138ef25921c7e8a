//! Where a call stands, in one word, for whoever watches the engine at work.

use super::{CallNode, Phase, Then};
use crate::failure::Failure;

impl CallNode {
    pub(in crate::run) fn stands(&self) -> &'static str {
        if self.overtaken {
            return "overtaken";
        }
        match &self.phase {
            Phase::Reading => "reading",
            Phase::Held => "held",
            Phase::Checking => "checking",
            Phase::Leaving => "leaving",
            Phase::Probing => "probing",
            Phase::Recallable { .. } => "recallable",
            Phase::Stuck(_) => "stuck",
            Phase::Paused { then: Then::Read, .. } => "to-read",
            Phase::Paused { then: Then::Check, .. } => "to-check",
            Phase::Paused { then: Then::Leave, .. } => "to-leave",
            Phase::Paused { then: Then::Probe, .. } => "to-probe",
            Phase::Over(Ok(_)) => "confirmed",
            Phase::Over(Err(_)) if self.is_in_doubt() => "unknown",
            Phase::Over(Err(Failure::Refused { .. })) => "refused",
            Phase::Over(Err(_)) => "failed",
        }
    }
}
