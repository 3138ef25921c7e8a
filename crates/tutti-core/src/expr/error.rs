//! What is wrong with an expression, told so that its author can put it right.

use std::fmt;
use std::ops::Range;

use serde::{Deserialize, Serialize};

/// A fault found while reading or evaluating an expression.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// What kind of fault it is.
    pub code: ErrorCode,
    /// One sentence about this very fault.
    pub message: String,
    /// What to do about it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// The bytes of the source it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Range<usize>>,
}

/// The kinds of fault. The first six are found when an expression is read, the others when it is
/// evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The text is no expression.
    Syntax,
    /// The text is valid CEL that our subset leaves out (bytes, messages, optionals).
    Unsupported,
    /// The source is longer than an expression may be.
    TooLong,
    /// The source nests deeper than an expression may.
    TooDeep,
    /// No function or macro has this name.
    UnknownFunction,
    /// A function or macro was given the wrong number or form of arguments.
    WrongArguments,
    /// An operator or function does not take values of these types.
    NoOverload,
    /// A key is not in a map that the expression itself wrote down.
    NoSuchKey,
    /// An index is outside a list that the expression itself wrote down.
    OutOfBounds,
    /// A map was given the same key twice.
    RepeatedKey,
    /// A result does not fit its type.
    Overflow,
    /// Division or remainder by zero.
    DivideByZero,
    /// A value cannot be converted to the asked type.
    BadConversion,
    /// The result has no form in JSON (infinity, a nesting beyond reason).
    NotJson,
    /// Evaluation would take more steps or bytes than its meter allows.
    OverBudget,
}

impl ErrorCode {
    /// The stable name, as serialised.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "syntax",
            Self::Unsupported => "unsupported",
            Self::TooLong => "too_long",
            Self::TooDeep => "too_deep",
            Self::UnknownFunction => "unknown_function",
            Self::WrongArguments => "wrong_arguments",
            Self::NoOverload => "no_overload",
            Self::NoSuchKey => "no_such_key",
            Self::OutOfBounds => "out_of_bounds",
            Self::RepeatedKey => "repeated_key",
            Self::Overflow => "overflow",
            Self::DivideByZero => "divide_by_zero",
            Self::BadConversion => "bad_conversion",
            Self::NotJson => "not_json",
            Self::OverBudget => "over_budget",
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text between quotes, as JSON writes it.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

impl ExprError {
    // Out of the way of what goes well: that keeps the rest small.
    #[cold]
    #[inline(never)]
    pub(super) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: None, at: None }
    }

    #[cold]
    #[inline(never)]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Says where, unless a more exact place is known already.
    #[cold]
    #[inline(never)]
    pub(super) fn place(mut self, at: &Range<usize>) -> Self {
        self.at.get_or_insert_with(|| at.clone());
        self
    }

    /// Whether no logic may absorb it: work must stop here.
    pub(super) fn is_final(&self) -> bool {
        self.code == ErrorCode::OverBudget
    }
}
