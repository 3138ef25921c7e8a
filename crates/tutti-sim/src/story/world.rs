//! The script of the world: what operations and the model answer.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Map, Value};
use tutti_core::failure::Failure;

use super::{Size, Span};

/// What each operation answers: the first answer whose `with` fits is given.
pub type World = BTreeMap<String, Vec<Answer>>;

/// One answer of an operation: it `gives` something, or it `fails`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Answer {
    /// The arguments it is for, or some of them; `*` in a text stands for anything.
    pub with: Map<String, Value>,
    /// What comes back.
    pub gives: Option<Value>,
    /// Texts and lists in what comes back, by their path, that go on until they have such a size:
    /// `{ description: 3 MB }`.
    pub large: BTreeMap<String, Size>,
    /// How it fails.
    pub fails: Option<Fails>,
    /// A write that fails was done all the same: only its answer was lost.
    pub done: bool,
    /// The other side's word for a failure that was `rejected`.
    pub code: Option<String>,
    /// The other side's words for a failure.
    pub message: Option<String>,
    /// The HTTP status of a failure that was `unavailable`.
    pub status: Option<u16>,
    /// How long the other side asks to wait, for a failure that was `rate_limited`.
    pub retry_after: Option<Span>,
    /// How long the answer takes; longer than the effect may take is a timeout.
    pub slow: Option<Span>,
    /// How often it is given; for ever, if nothing is said.
    pub times: Option<u32>,
    /// What the world answers first once this was given.
    pub then: World,
}

/// One answer of the model.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Said {
    /// The fields of the answer, with `evidence` where the step asks for quotes.
    pub answer: Option<Map<String, Value>>,
    /// A text instead, as it comes.
    pub text: Option<String>,
    /// How it fails.
    pub fails: Option<Fails>,
    /// How long the service asks to wait, for a failure that was `rate_limited`.
    pub retry_after: Option<Span>,
    /// How long the answer takes; longer than two minutes is a timeout.
    pub slow: Option<Span>,
    /// How many tokens it used; 1000, if nothing is said.
    pub tokens: Option<u64>,
    /// What it cost, in US dollars.
    #[schemars(range(min = 0))]
    pub usd: f64,
}

/// The kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fails {
    /// No answer in time.
    Timeout,
    /// The request never arrived.
    Unreachable,
    /// A server error (5xx).
    Unavailable,
    /// Too many calls (429).
    RateLimited,
    /// The credentials were not accepted (401).
    Unauthorized,
    /// The credentials do not allow it (403).
    Forbidden,
    /// There is no such target (404).
    NotFound,
    /// The target changed meanwhile (409, 412).
    Conflict,
    /// The other side refused the content (400).
    Rejected,
    /// The answer could not be read.
    Malformed,
    /// The answer was larger than any that is read.
    TooLarge,
}

impl Answer {
    /// The failure it tells of, if it does.
    pub fn failure(&self) -> Option<Failure> {
        let told = |usual: &str| self.message.clone().unwrap_or_else(|| usual.to_owned());
        let failure = match self.fails? {
            Fails::Unavailable => Failure::Unavailable { status: self.status.unwrap_or(503) },
            Fails::RateLimited => {
                let after_ms = self.retry_after.and_then(|span| u64::try_from(span.0).ok());
                Failure::RateLimited { after_ms }
            }
            Fails::Rejected => {
                let code = self.code.clone().unwrap_or_else(|| "400".to_owned());
                Failure::Rejected { code, message: told("it was refused") }
            }
            Fails::Forbidden => Failure::Forbidden { message: told("it is not allowed") },
            Fails::NotFound => Failure::NotFound { message: told("there is no such thing") },
            Fails::Conflict => Failure::Conflict { message: told("it has changed") },
            other => other.plain(&told("it could not be read")),
        };
        Some(failure)
    }
}

impl Said {
    /// The failure it tells of, if it does.
    pub fn failure(&self) -> Option<Failure> {
        let answer =
            Answer { fails: self.fails, retry_after: self.retry_after, ..Answer::default() };
        answer.failure()
    }
}

impl Fails {
    /// The failures that say nothing more than what they are.
    fn plain(self, reason: &str) -> Failure {
        match self {
            Self::Unauthorized => Failure::Unauthorized,
            Self::Unreachable => Failure::Unreachable {
                host: "the other side".to_owned(),
                reason: "no connection".to_owned(),
                after_ms: None,
            },
            Self::Malformed => Failure::Malformed { reason: reason.to_owned() },
            Self::TooLarge => Failure::TooLarge { reason: reason.to_owned() },
            _ => Failure::Timeout,
        }
    }
}
