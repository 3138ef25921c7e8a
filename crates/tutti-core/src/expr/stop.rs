//! Why an evaluation has no value: something is missing, or something is wrong.

use std::collections::BTreeSet;

use super::error::ExprError;
use super::item::Item;
use super::tag::Tag;

/// The outcome of evaluating a node.
pub(super) type Answer<'a> = Result<Item<'a>, Stop<'a>>;

#[derive(Debug, Clone)]
pub(super) enum Stop<'a> {
    Missing(Box<Missing<'a>>),
    Failed(Box<ExprError>),
}

/// The most paths that are told.
const MAX_PATHS: usize = 32;

/// What was looked for and is not there.
#[derive(Debug, Clone)]
pub(super) struct Missing<'a> {
    pub(super) paths: BTreeSet<String>,
    pub(super) tag: Tag<'a>,
}

impl<'a> Stop<'a> {
    pub(super) fn missing(path: String, tag: Tag<'a>) -> Self {
        Self::Missing(Box::new(Missing::new(path, tag)))
    }

    /// Both of two operands have no value. A fault is one whatever a missing value may be; of two
    /// faults the first counts.
    pub(super) fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Missing(mut a), Self::Missing(b)) => {
                a.add(*b);
                Self::Missing(a)
            }
            (Self::Missing(_), failed) => failed,
            (failed, _) => failed,
        }
    }
}

impl<'a> Missing<'a> {
    pub(super) fn new(path: String, tag: Tag<'a>) -> Self {
        let mut paths = BTreeSet::new();
        paths.insert(path);
        Self { paths, tag }
    }

    pub(super) fn add(&mut self, other: Missing<'a>) {
        // Thousands of items may lack the same member; a person reads a few.
        let room = MAX_PATHS.saturating_sub(self.paths.len());
        self.paths.extend(other.paths.into_iter().take(room));
        self.tag.join(&other.tag);
    }
}

impl From<ExprError> for Stop<'_> {
    fn from(error: ExprError) -> Self {
        Self::Failed(Box::new(error))
    }
}
