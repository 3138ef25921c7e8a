//! Room in the budget: a question is put where it and its answer fit in what is left beside those that
//! are being asked, so that no run uses more than it may, however many it asks at once.

use super::super::Run;
use crate::event::Action;
use crate::flow::Flow;
use crate::model::{OUTPUT_TOKENS_MIN, Question};

/// Whether there is room for a question.
pub(super) enum Room {
    /// For an answer of so many tokens, and so much money for both.
    Free { tokens: u32, usd_micros: u64 },
    /// Not before those that are being asked are answered.
    Taken,
    /// Not any more; of what nothing is left, for people.
    Full(String),
}

/// How much of the money that is left a question may take: nobody here knows what it costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Share {
    /// Others may come beside it.
    Half,
    /// None is asked beside it.
    All,
}

impl Run {
    /// How much room there is for a question.
    pub(super) fn room_for(&self, flow: &Flow, question: &Question, share: Share) -> Room {
        let budget = &flow.budget;
        let asked: Vec<&Question> = self.being_asked().collect();
        let money = budget.usd_micros.saturating_sub(self.spend.usd_micros);
        if money == 0 {
            return Room::Full(format!("${:.2}", budget.usd_micros as f64 / 1e6));
        }
        let tokens = budget.tokens.saturating_sub(self.spend.tokens + question.tokens());
        if tokens < u64::from(OUTPUT_TOKENS_MIN) {
            return Room::Full(format!("{} tokens", budget.tokens));
        }
        let taken: u64 = asked.iter().map(|asked| asked.most_tokens()).sum();
        let tokens = u32::try_from(tokens.saturating_sub(taken)).unwrap_or(u32::MAX);
        let taken: u64 = asked.iter().map(|asked| asked.max_usd_micros).sum();
        let usd_micros = match share {
            Share::Half => money.saturating_sub(taken).div_ceil(2),
            Share::All if asked.is_empty() => money,
            Share::All => 0,
        };
        match tokens < OUTPUT_TOKENS_MIN || usd_micros == 0 {
            true => Room::Taken,
            false => Room::Free { tokens, usd_micros },
        }
    }

    /// The questions on their way, those that a brake holds back included.
    fn being_asked(&self) -> impl Iterator<Item = &Question> {
        let effects = self.in_flight.values().chain(&self.withheld);
        effects.filter_map(|(_, effect)| match &effect.action {
            Action::Ask { question } => Some(question),
            Action::Call { .. } => None,
        })
    }
}
