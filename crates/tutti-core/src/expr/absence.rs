//! The functions that look at what is known about a value: whether it is there, and its labels.

use super::ast::Node;
use super::eval::Evaluator;
use super::item::Item;
use super::stop::{Answer, Missing, Stop};
use super::tag::Tag;
use super::value::Val;
use crate::label::Provenance;

impl<'a> Evaluator<'a, '_> {
    /// The value if there is one, else what is missing. `null` is no value here.
    fn known(&mut self, node: &'a Node) -> Result<Result<Item<'a>, Missing<'a>>, Stop<'a>> {
        match self.eval(node) {
            Ok(item) if matches!(item.val, Val::Null) => {
                Ok(Err(Missing::new(self.text(node), item.tag().absent())))
            }
            Ok(item) => Ok(Ok(item)),
            Err(Stop::Missing(missing)) => Ok(Err(*missing)),
            Err(failed) => Err(failed),
        }
    }

    /// `missing(x)`: whether x is missing.
    pub(super) fn missing(&mut self, x: &'a Node) -> Answer<'a> {
        Ok(match self.known(x)? {
            Ok(item) => Item::new(Val::Bool(false), item.shape_tag().derived()),
            Err(missing) => Item::new(Val::Bool(true), missing.tag.derived()),
        })
    }

    /// `trusted(x)`: whether no part of x is text that others wrote.
    pub(super) fn trusted(&mut self, x: &'a Node) -> Answer<'a> {
        let tag = self.eval(x)?.tag();
        Ok(Item::new(Val::Bool(tag.is_trusted()), tag.vouched()))
    }

    /// `private(x)`: whether any part of x is personal data.
    pub(super) fn private(&mut self, x: &'a Node) -> Answer<'a> {
        let tag = self.eval(x)?.tag();
        Ok(Item::new(Val::Bool(tag.is_private()), tag.vouched()))
    }

    /// `provenance(x)`: how the parts of x came to be known, as a list of words.
    pub(super) fn provenance(&mut self, x: &'a Node) -> Answer<'a> {
        let tag = self.eval(x)?.tag();
        let about = tag.clone().vouched();
        let word = |kind| Item::new(Val::text(name(kind)), about.clone());
        Ok(Item::new(Val::list(tag.provenance().map(word).collect(), false), about.clone()))
    }

    /// `first_of(a, b, …)`: the first that is known.
    pub(super) fn first_of(&mut self, node: &'a Node, choices: &'a [Node]) -> Answer<'a> {
        let mut skipped: Option<Missing<'a>> = None;
        for choice in choices {
            match (self.known(choice)?, &mut skipped) {
                (Ok(item), None) => return Ok(item),
                (Ok(item), Some(skipped)) => {
                    return Ok(item.chosen(&skipped.tag.clone().in_vain()));
                }
                (Err(missing), Some(skipped)) => skipped.add(missing),
                (Err(missing), none) => *none = Some(missing),
            }
        }
        let nothing = || Missing::new(self.text(node), Tag::default());
        Err(Stop::Missing(Box::new(skipped.unwrap_or_else(nothing))))
    }

    /// `default(x, y)`: x, or if it is missing y, marked as filled in.
    pub(super) fn default(&mut self, x: &'a Node, y: &'a Node) -> Answer<'a> {
        match self.known(x)? {
            Ok(item) => Ok(item),
            Err(missing) => Ok(self.eval(y)?.marked(missing.tag.with(Provenance::Defaulted))),
        }
    }
}

fn name(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Observed => "observed",
        Provenance::Derived => "derived",
        Provenance::Defaulted => "defaulted",
        Provenance::Asked => "asked",
        Provenance::Guessed => "guessed",
    }
}
