//! The meter: what bounds an evaluation in time and memory.

use super::error::{ErrorCode, ExprError};

/// Counts the steps and bytes that evaluations take and ends them when there are too many.
///
/// A step is one node evaluated, one item visited or 64 bytes of text read; a byte is one byte of
/// text or 64 for each item made. One meter may serve many evaluations: it keeps counting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meter {
    steps: u64,
    bytes: u64,
    max_steps: u64,
    max_bytes: u64,
}

/// What one item of a list or map is taken to weigh.
pub(super) const ITEM: usize = 64;

impl Default for Meter {
    /// 200,000 steps (some ten milliseconds) and 4 MB: far beyond what a flow needs.
    fn default() -> Self {
        Self::new(200_000, 4 << 20)
    }
}

impl Meter {
    /// A meter that allows so many steps and bytes.
    pub fn new(max_steps: u64, max_bytes: u64) -> Self {
        Self { steps: 0, bytes: 0, max_steps, max_bytes }
    }

    /// The steps taken so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The bytes made so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Counts steps before they are taken.
    pub(super) fn step(&mut self, count: usize) -> Result<(), ExprError> {
        self.steps = self.steps.saturating_add(count as u64);
        if self.steps > self.max_steps { Err(over("steps", self.max_steps)) } else { Ok(()) }
    }

    /// Counts bytes before they are allocated.
    pub(super) fn grow(&mut self, count: usize) -> Result<(), ExprError> {
        self.bytes = self.bytes.saturating_add(count as u64);
        if self.bytes > self.max_bytes { Err(over("bytes", self.max_bytes)) } else { Ok(()) }
    }

    /// Counts the reading of text.
    pub(super) fn scan(&mut self, text: &str) -> Result<(), ExprError> {
        self.step(1 + text.len() / 64)
    }
}

#[cold]
fn over(what: &str, limit: u64) -> ExprError {
    ExprError::new(ErrorCode::OverBudget, format!("evaluation takes more than {limit} {what}"))
        .hint("look at fewer items, or at shorter texts")
}
