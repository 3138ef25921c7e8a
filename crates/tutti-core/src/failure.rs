//! Failure: what can go wrong with an effect, told by what can be done about it.

use serde::{Deserialize, Serialize};

/// Why an effect did not bring what was asked. What happens next is decided in `recovery`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Failure {
    /// No answer in time, or the connection broke after the request left.
    #[error("no answer in time")]
    Timeout,
    /// The request never reached the other side: name, connection or TLS failed.
    #[error("`{host}` could not be reached: {reason}")]
    Unreachable {
        /// The host that was called.
        host: String,
        /// The cause, as the platform names it.
        reason: String,
        /// When it is worth another try, in milliseconds, where that is known: the connection was
        /// not tried because it has failed again and again.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after_ms: Option<u64>,
    },
    /// The other side answered with a server error (5xx).
    #[error("the other side failed with status {status}")]
    Unavailable {
        /// The HTTP status.
        status: u16,
    },
    /// Too many calls (429); `after_ms` is the wait the other side asked for.
    #[error("too many calls")]
    RateLimited {
        /// Milliseconds to wait, if the other side said so.
        after_ms: Option<u64>,
    },
    /// The credentials were not accepted (401).
    #[error("the credentials were not accepted")]
    Unauthorized,
    /// The credentials do not allow this (403).
    #[error("not allowed: {message}")]
    Forbidden {
        /// The other side's words, shortened.
        message: String,
    },
    /// The target does not exist or cannot be seen (404, 410).
    #[error("not found: {message}")]
    NotFound {
        /// The other side's words, shortened.
        message: String,
    },
    /// The target changed since it was read (409, 412).
    #[error("the target changed meanwhile: {message}")]
    Conflict {
        /// The other side's words, shortened.
        message: String,
    },
    /// The other side understood the request and refused its content (other 4xx, or `ok: false`).
    #[error("refused by the other side ({code}): {message}")]
    Rejected {
        /// The vendor's error code, or the HTTP status as text.
        code: String,
        /// The other side's words, shortened.
        message: String,
    },
    /// The answer was not what the API promises.
    #[error("the answer could not be read: {reason}")]
    Malformed {
        /// What was wrong with it.
        reason: String,
    },
    /// The answer is larger than what can be read or kept of it.
    #[error("the answer is too large: {reason}")]
    TooLarge {
        /// What is too large for what.
        reason: String,
    },
    /// Something the effect needs is not known.
    #[error("`{path}` is missing")]
    Missing {
        /// What was looked for.
        path: String,
    },
    /// A value of the flow's own cannot be used where it stands.
    #[error("{message}")]
    Invalid {
        /// The expression's error code, or what it should have been: `no_list`.
        code: String,
        /// What is wrong, in one sentence.
        message: String,
    },
    /// A policy of the flow, the project or the site forbids it.
    #[error("refused: {policy}")]
    Refused {
        /// The policy, as written, or what a person said.
        policy: String,
    },
    /// A budget of the run is used up.
    #[error("over budget: {what}")]
    OverBudget {
        /// The counter and its limit.
        what: String,
    },
    /// Nobody answered what was asked.
    #[error("nobody answered in time")]
    Unanswered,
    /// What was waited for did not come.
    #[error("it did not come in time{trouble}")]
    Expired {
        /// Why the last look could not be made, if it could not: `; the last look failed: …`.
        trouble: String,
    },
    /// The flow itself said that something is wrong.
    #[error("{message}")]
    Raised {
        /// The flow's own name for it.
        error: String,
        /// What is wrong, in the flow's words.
        message: String,
        /// Whether personal data stands in these words.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        private: bool,
    },
}

impl Failure {
    /// Whether the same call may succeed later without anybody changing anything.
    pub fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::Unreachable { .. }
                | Self::Unavailable { .. }
                | Self::RateLimited { .. }
                | Self::Malformed { .. }
        )
    }

    /// Whether personal data may stand in its words: what could not be computed is told with the
    /// values it was to be computed from.
    pub fn is_private(&self) -> bool {
        matches!(self, Self::Raised { private: true, .. } | Self::Invalid { .. })
    }

    /// Whether the effect may have happened although no usable answer came.
    pub fn may_have_happened(&self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::Unavailable { .. }
                | Self::Malformed { .. }
                | Self::TooLarge { .. }
        )
    }

    /// The stable name used in flows (`catch: [{ on: [timeout] }]`) and in the journal.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Timeout => "timeout",
            Self::Unreachable { .. } => "unreachable",
            Self::Unavailable { .. } => "unavailable",
            Self::RateLimited { .. } => "rate_limited",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden { .. } => "forbidden",
            Self::NotFound { .. } => "not_found",
            Self::Conflict { .. } => "conflict",
            Self::Rejected { .. } => "rejected",
            Self::Malformed { .. } => "malformed",
            Self::TooLarge { .. } => "too_large",
            Self::Missing { .. } => "missing",
            Self::Invalid { .. } => "invalid",
            Self::Refused { .. } => "refused",
            Self::OverBudget { .. } => "over_budget",
            Self::Unanswered => "unanswered",
            Self::Expired { .. } => "expired",
            Self::Raised { .. } => "raised",
        }
    }

    /// What a person can do about it, in one sentence.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Timeout | Self::Unreachable { .. } | Self::Unavailable { .. } => {
                "See whether the other side is up again, then run it once more from there."
            }
            Self::RateLimited { .. } => "Wait until calls are let through again, then run it on.",
            Self::Unauthorized => "Connect the tool anew, then run it once more from there.",
            Self::Forbidden { .. } => "Have the connection’s account allowed to do this.",
            Self::NotFound { .. } => "See whether it was moved or deleted, and mend the flow.",
            Self::Conflict { .. } => "Look at what was changed meanwhile, then decide by hand.",
            Self::Rejected { .. } | Self::Malformed { .. } => {
                "Mend what the other side does not take, then run it once more from there."
            }
            Self::TooLarge { .. } => "Ask for less of it, then run it once more from there.",
            Self::Invalid { .. } => "Mend the flow, then run it once more from there.",
            Self::Missing { .. } => "Add what is missing, or give the flow a default for it.",
            Self::Refused { .. } => "Talk to whoever refused it, or change the policy.",
            Self::OverBudget { .. } => "Raise the flow’s budget if this was worth it.",
            Self::Expired { .. } => "See what became of it, then run it once more from there.",
            Self::Unanswered => "Ask again, or let the flow go on without the answer.",
            Self::Raised { .. } => "Do what the flow says is needed, then run it on.",
        }
    }

    /// Whether a `catch` that lists this name means it: its kind, or the name it was raised with.
    pub fn is_called(&self, name: &str) -> bool {
        name == self.kind() || matches!(self, Self::Raised { error, .. } if error == name)
    }
}
