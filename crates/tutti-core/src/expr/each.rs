//! The macros over lists and maps: `all`, `exists`, `exists_one`, `filter` and `map`.

use super::ast::{Each, Form};
use super::error::{ErrorCode, ExprError};
use super::eval::Evaluator;
use super::item::{Item, Lookup};
use super::logic::Logic;
use super::meter::ITEM;
use super::stop::{Answer, Stop};
use super::tag::Tag;
use super::value::{MapKey, Val};

impl<'a> Evaluator<'a, '_> {
    pub(super) fn each(&mut self, each: &'a Each) -> Answer<'a> {
        let range = self.eval(&each.range)?;
        let Some(count) = range.val.len() else {
            let message = format!("{} has no items to go over", range.val.kind());
            let error = ExprError::new(ErrorCode::NoOverload, message);
            return Err(error.place(&each.range.at).into());
        };
        let keys = if range.val.is_list() {
            None
        } else {
            self.meter.step(count)?;
            Some(range.val.keys())
        };
        let items = Items { each, count, keys, shape: range.shape_tag(), range };
        match each.form {
            Form::All | Form::Exists => self.quantify(&items),
            Form::ExistsOne => self.exists_one(&items),
            Form::Filter | Form::Map => self.collect(&items),
        }
    }

    /// Does some work with the variable standing for `item`.
    fn with<T>(&mut self, item: Answer<'a>, work: impl FnOnce(&mut Self) -> T) -> T {
        self.variables.push(item);
        let result = work(self);
        self.variables.pop();
        result
    }

    /// What the variable stands for.
    fn bound(&self, items: &Items<'a>, index: usize) -> Answer<'a> {
        match items.at(index) {
            Lookup::Found(item) => Ok(item),
            Lookup::Missing(path, tag) => {
                let path =
                    path.unwrap_or_else(|| format!("{}[{index}]", self.text(&items.each.range)));
                Err(Stop::missing(path, tag))
            }
            Lookup::Mistake | Lookup::NoOverload => Ok(Item::literal(Val::Null)),
        }
    }

    fn quantify(&mut self, items: &Items<'a>) -> Answer<'a> {
        let mut logic = Logic::new(items.each.form == Form::Exists);
        logic.add(Ok((items.each.form == Form::All, items.shape.clone())))?;
        for index in 0..items.count {
            let bound = self.bound(items, index);
            let truth = self.with(bound, |this| this.when(items.each));
            if logic.add(truth)? {
                break;
            }
        }
        logic.end()
    }

    fn exists_one(&mut self, items: &Items<'a>) -> Answer<'a> {
        let mut tag = items.shape.clone();
        let mut found = 0_usize;
        let mut stopped: Option<Stop<'a>> = None;
        for index in 0..items.count {
            let bound = self.bound(items, index);
            match self.with(bound, |this| this.when(items.each)) {
                Ok((flag, by)) => {
                    tag.join(&by);
                    found += usize::from(flag);
                }
                Err(stop) => stopped = Some(add(stopped, stop)?),
            }
        }
        match stopped {
            Some(stop) => Err(stop),
            None => Ok(Item::new(Val::Bool(found == 1), tag.derived())),
        }
    }

    /// `filter` keeps items, `map` makes new ones; both may have a condition.
    fn collect(&mut self, items: &Items<'a>) -> Answer<'a> {
        let mut kept = Vec::new();
        let mut tag = items.shape.clone();
        let mut stopped: Option<Stop<'a>> = None;
        for index in 0..items.count {
            let bound = self.bound(items, index);
            let made = self.with(bound, |this| {
                let (keep, by) = this.when(items.each)?;
                if !keep {
                    return Ok((None, by));
                }
                let made = match &items.each.make {
                    Some(make) => this.eval(make)?,
                    None => match this.variables.last() {
                        Some(item) => item.clone()?,
                        None => Item::literal(Val::Null),
                    },
                };
                Ok((Some(made), by))
            });
            match made {
                Ok((made, by)) => {
                    tag.join(&by);
                    if let Some(item) = made {
                        self.meter.grow(ITEM)?;
                        kept.push(item);
                    }
                }
                Err(stop) => stopped = Some(add(stopped, stop)?),
            }
        }
        match stopped {
            Some(stop) => Err(stop),
            None => Ok(Item::new(Val::list(kept, items.range.is_open()), tag.derived())),
        }
    }

    fn when(&mut self, each: &'a Each) -> Result<(bool, Tag<'a>), Stop<'a>> {
        match &each.when {
            Some(when) => self.truth(when),
            None => Ok((true, Tag::default())),
        }
    }
}

/// What a macro goes over.
struct Items<'a> {
    each: &'a Each,
    range: Item<'a>,
    /// The keys, if the range is a map.
    keys: Option<Vec<MapKey<'a>>>,
    count: usize,
    shape: Tag<'a>,
}

impl<'a> Items<'a> {
    fn at(&self, index: usize) -> Lookup<'a> {
        match &self.keys {
            None => self.range.at(index),
            Some(keys) => {
                let key = keys.get(index).map_or(Val::Null, MapKey::val);
                Lookup::Found(Item::new(key, self.range.keys_tag().derived()))
            }
        }
    }
}

/// Goes on to collect what is missing; a fault ends it at once.
fn add<'a>(before: Option<Stop<'a>>, stop: Stop<'a>) -> Result<Stop<'a>, Stop<'a>> {
    match (before, stop) {
        (_, failed @ Stop::Failed(_)) => Err(failed),
        (None, missing) => Ok(missing),
        (Some(before), missing) => Ok(before.and(missing)),
    }
}
