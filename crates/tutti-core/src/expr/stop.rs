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

/// What was looked for and is not there.
#[derive(Debug, Clone)]
pub(super) struct Missing<'a> {
    pub(super) paths: BTreeSet<String>,
    pub(super) tag: Tag<'a>,
}

impl<'a> Stop<'a> {
    pub(super) fn missing(path: String, tag: Tag<'a>) -> Self {
        Self::Missing(Box::new(Missing { paths: BTreeSet::from([path]), tag }))
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
    pub(super) fn add(&mut self, other: Missing<'a>) {
        self.paths.extend(other.paths);
        self.tag.join(&other.tag);
    }
}

impl From<ExprError> for Stop<'_> {
    fn from(error: ExprError) -> Self {
        Self::Failed(Box::new(error))
    }
}
