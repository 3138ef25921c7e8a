//! Outcomes: what an evaluation comes to. Known, missing or failed; never two of them.

use std::collections::BTreeSet;

use serde_json::Value;

use super::error::{ErrorCode, ExprError};
use crate::label::Labels;

/// What an expression came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A value.
    Known(Tagged),
    /// It depends on something that is not known.
    Missing {
        /// Where something was looked for, as a person would write it; the first 32 places.
        paths: BTreeSet<String>,
        /// What is known about how it came to be missing.
        labels: Labels,
    },
    /// A mistake in the expression, or in what it was applied to.
    Failed(ExprError),
}

/// A value and what is known about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Tagged {
    /// The value.
    pub value: Value,
    /// Its trust and where it came from.
    pub labels: Labels,
}

/// What a condition came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It depends on something that is not known.
    Unknown {
        /// What is missing.
        paths: BTreeSet<String>,
        /// What is known about how it came to be missing.
        labels: Labels,
    },
    /// A mistake in the expression, or in what it was applied to.
    Failed(ExprError),
}

/// The most places that are named where a condition could not be decided.
const TOLD_MAX: usize = 3;

impl Condition {
    /// Why it could not be decided, for people; nothing if it could.
    pub fn trouble(&self) -> Option<String> {
        match self {
            Self::True | Self::False => None,
            Self::Unknown { paths, .. } => {
                let named: Vec<String> =
                    paths.iter().take(TOLD_MAX).map(|path| format!("`{path}`")).collect();
                Some(match named.len() {
                    0 => "a value is missing".to_owned(),
                    1 => format!("{} is missing", named.concat()),
                    _ => format!("{} are missing", named.join(", ")),
                })
            }
            Self::Failed(error) => Some(error.to_string()),
        }
    }
}

impl Outcome {
    /// The outcome as a condition; a value that is neither true nor false is a mistake.
    pub fn condition(self) -> Condition {
        match self {
            Self::Known(Tagged { value: Value::Bool(true), .. }) => Condition::True,
            Self::Known(Tagged { value: Value::Bool(false), .. }) => Condition::False,
            Self::Known(_) => {
                let message = "a condition must come to true or false";
                Condition::Failed(
                    ExprError::new(ErrorCode::NoOverload, message)
                        .hint("compare it with something"),
                )
            }
            Self::Missing { paths, labels } => Condition::Unknown { paths, labels },
            Self::Failed(error) => Condition::Failed(error),
        }
    }
}
