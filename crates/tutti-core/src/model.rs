//! What the core asks of a language model and what it gets back, in no vendor's dialect.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;

/// One question to a model. The dialect crates turn it into a vendor's request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// The decision's id in the flow, for the vendor's log and for scripted models.
    pub decision: String,
    /// Which try this is, from 1.
    pub attempt: u32,
    /// The model to use; the connection's default if absent.
    #[serde(default)]
    pub model: Option<String>,
    /// The conversation, system first.
    pub messages: Vec<Message>,
    /// The JSON Schema the answer must satisfy.
    pub answer: Value,
    /// The most tokens the answer may use.
    pub max_output_tokens: u32,
    /// The most it may cost, answer included, in millionths of a US dollar. Only whoever asks knows
    /// the prices.
    pub max_usd_micros: u64,
}

/// A shorter answer is not worth asking for.
pub(crate) const OUTPUT_TOKENS_MIN: u32 = 250;
/// How many bytes of what is sent are taken for a token: rather too few, so that budgets hold. A
/// token of English is four bytes or more, and one of Chinese about three.
const TOKEN_BYTES: usize = 3;

impl Question {
    /// How many tokens a model reads of it, rather too many than too few.
    pub fn tokens(&self) -> u64 {
        let said: usize = self.messages.iter().map(|message| message.text.len()).sum();
        (said + self.answer.to_string().len()).div_ceil(TOKEN_BYTES) as u64
    }

    /// How many tokens it may use, its answer included.
    pub(crate) fn most_tokens(&self) -> u64 {
        self.tokens() + u64::from(self.max_output_tokens)
    }

    /// Why it is not asked where it would cost more than it may.
    pub fn too_dear(&self) -> Failure {
        let what = format!("${:.4} left for a question", self.max_usd_micros as f64 / 1e6);
        Failure::OverBudget { what }
    }

    /// The same question with an answer no longer than what it may cost allows, at these prices in
    /// millionths of a US dollar for a token read and one written.
    ///
    /// # Errors
    /// `over_budget`: no answer worth asking for can be paid.
    pub fn affordable(mut self, price_in: f64, price_out: f64) -> Result<Self, Failure> {
        let left = self.max_usd_micros as f64 - (self.tokens() as f64 * price_in).ceil();
        if left < f64::from(OUTPUT_TOKENS_MIN) * price_out {
            return Err(self.too_dear());
        }
        if price_out > 0.0 {
            let paid = (left / price_out).floor() as u32;
            self.max_output_tokens = self.max_output_tokens.min(paid);
        }
        Ok(self)
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub text: String,
}

/// Who speaks in a conversation with a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The instructions.
    System,
    /// What we ask and show.
    User,
    /// What the model said.
    Assistant,
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// The text as it came; parsing it is the core's business.
    pub text: String,
    /// The model that answered, as it calls itself.
    pub model: String,
    /// Tokens read.
    pub input_tokens: u64,
    /// Tokens written.
    pub output_tokens: u64,
    /// Millionths of a US dollar it cost, if the admin entered prices.
    #[serde(default)]
    pub usd_micros: u64,
    /// Whether the answer was cut at the token limit.
    pub truncated: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A question of 1,000 tokens that may cost so many cents.
    fn question(cents: u64) -> Question {
        let answer = json!({});
        let text = "x".repeat(3_000 - answer.to_string().len());
        Question {
            decision: "triage".to_owned(),
            attempt: 1,
            model: None,
            messages: vec![Message { role: Role::User, text }],
            answer,
            max_output_tokens: 4_000,
            max_usd_micros: cents * 10_000,
        }
    }

    #[test]
    fn an_answer_is_as_long_as_what_is_left_pays_for() {
        // Dollars for a million tokens read and written, cents left, and what the answer may have.
        let table = [
            ((0.0, 0.0), 0, Some(4_000)),
            ((2.0, 8.0), 100, Some(4_000)),
            ((2.0, 8.0), 2, Some(2_250)),
            ((2.0, 8.0), 1, Some(1_000)),
            ((30.0, 60.0), 1, None),
            ((30.0, 0.0), 3, Some(4_000)),
            ((0.0, 60.0), 1, None),
        ];
        for ((read, written), cents, expected) in table {
            let asked = question(cents).affordable(read, written);
            let allowed = asked.map(|asked| asked.max_output_tokens).ok();
            assert_eq!(allowed, expected, "${read} and ${written}, {cents} cents left");
        }
    }
}
