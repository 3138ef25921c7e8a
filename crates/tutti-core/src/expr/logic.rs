//! `&&`, `||` and the macros that join conditions: what decides, and what keeps from deciding.

use super::error::ExprError;
use super::item::Item;
use super::stop::{Answer, Missing, Stop};
use super::tag::Tag;
use super::value::Val;

/// The parts of a conjunction or disjunction, seen one after the other.
pub(super) struct Logic<'a> {
    deciding: bool,
    decided: bool,
    tag: Tag<'a>,
    missing: Option<Box<Missing<'a>>>,
    failed: Option<Box<ExprError>>,
}

impl<'a> Logic<'a> {
    pub(super) fn new(deciding: bool) -> Self {
        Self { deciding, decided: false, tag: Tag::default(), missing: None, failed: None }
    }

    /// Takes one part; true once the whole is decided.
    pub(super) fn add(
        &mut self,
        truth: Result<(bool, Tag<'a>), Stop<'a>>,
    ) -> Result<bool, Stop<'a>> {
        match truth {
            Ok((flag, tag)) => {
                self.tag.join(&tag);
                self.decided = flag == self.deciding;
            }
            Err(Stop::Missing(missing)) => match &mut self.missing {
                Some(before) => before.add(*missing),
                none => *none = Some(missing),
            },
            Err(Stop::Failed(error)) if error.is_final() => return Err(Stop::Failed(error)),
            Err(Stop::Failed(error)) => {
                self.failed.get_or_insert(error);
            }
        }
        Ok(self.decided)
    }

    pub(super) fn end(self) -> Answer<'a> {
        let mut tag = self.tag;
        if let Some(mut missing) = self.missing {
            if !self.decided {
                missing.tag.join(&tag.derived());
                return Err(Stop::Missing(missing));
            }
            tag.join(&missing.tag);
        }
        match self.failed {
            Some(error) if !self.decided => Err(Stop::Failed(error)),
            _ => Ok(Item::new(Val::Bool(self.decided == self.deciding), tag.derived())),
        }
    }
}
