//! A problem with something a person wrote: a code, a place, a message and a hint.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with a flow document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{at}: {message}")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Problem {
    /// Whether it keeps the flow from being enabled.
    pub severity: Severity,
    /// A stable name, `unknown_operation`.
    pub code: String,
    /// JSON pointer into the document; `""` is the whole.
    pub at: String,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
}

/// How bad a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Severity {
    /// The flow cannot be enabled.
    Error,
    /// It can, but somebody should look.
    Warning,
}

impl Problem {
    /// A problem that keeps the flow from being enabled.
    pub fn error(code: &str, at: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            code: code.to_owned(),
            at: at.into(),
            message: message.into(),
            hint: String::new(),
        }
    }

    /// The same with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}
