//! Whether the writes that were done are those that a story lists.

use std::collections::BTreeSet;

use super::Judge;
use super::words::{said, told};
use crate::play::fits::{fits, is_like};
use crate::play::{Difference, Sent};
use crate::story::{Effects, Wanted, as_value};

impl Judge<'_> {
    pub(super) fn effects(&self) -> Option<Difference> {
        let effects = self.expect.effects.as_ref()?;
        let done: Vec<&Sent> = self.played.effects.iter().collect();
        match effects {
            Effects::InOrder(wanted) => self.in_order(wanted, &done),
            Effects::Set(wanted) => self.some("set", wanted, &done, true),
            Effects::Some(wanted) => self.some("some", wanted, &done, false),
        }
    }

    fn in_order(&self, wanted: &[Wanted], done: &[&Sent]) -> Option<Difference> {
        let each = wanted.iter().enumerate();
        let each =
            each.flat_map(|(place, wanted)| std::iter::repeat_n((place, wanted), wanted.times));
        let mut done = done.iter().enumerate();
        for (place, wanted) in each {
            let place = format!("effects/in_order/{place}");
            let Some((number, sent)) = done.next() else {
                let message = format!(
                    "{} should be done, but nothing more was",
                    said(&wanted.operation, &as_value(&wanted.with))
                );
                return self.differs(&place, "effects", message);
            };
            if let Err(how) = is(wanted, sent) {
                let message = format!(
                    "effect {} should be {}, but {how}",
                    number + 1,
                    said(&wanted.operation, &as_value(&wanted.with))
                );
                return self.at(sent.at, self.differs(&place, "effects", message));
            }
        }
        let (_, sent) = done.next()?;
        let message =
            format!("nothing more should be done, but {} was", said(&sent.operation, &sent.input));
        self.at(sent.at, self.differs("effects/in_order", "effects", message))
    }

    fn some(&self, key: &str, wanted: &[Wanted], done: &[&Sent], all: bool) -> Option<Difference> {
        let each = wanted.iter().enumerate();
        let slots: Vec<(usize, &Wanted)> =
            each.flat_map(|(place, one)| std::iter::repeat_n((place, one), one.times)).collect();
        let mut meant = Meant { slots: &slots, done, slot_of: vec![None; done.len()] };
        for (slot, (place, wanted)) in slots.iter().enumerate() {
            if !meant.find_for(slot, &mut BTreeSet::new()) {
                let nth = slots.iter().take(slot).filter(|(of, _)| of == place).count();
                let message = missing(wanted, nth, &meant.left().collect::<Vec<_>>());
                return self.differs(&format!("effects/{key}/{place}"), "effects", message);
            }
        }
        let sent = meant.left().next().filter(|_| all)?;
        let message =
            format!("nothing more should be done, but {} was", said(&sent.operation, &sent.input));
        self.at(sent.at, self.differs(&format!("effects/{key}"), "effects", message))
    }
}

/// Which write each wanted one means: where several fit, they are given out so that all find one.
struct Meant<'a> {
    slots: &'a [(usize, &'a Wanted)],
    done: &'a [&'a Sent],
    /// The slot that each write was given to.
    slot_of: Vec<Option<usize>>,
}

impl<'a> Meant<'a> {
    /// Finds a write for a slot, and another one for whichever has it; `tried` are those that did not
    /// help.
    fn find_for(&mut self, slot: usize, tried: &mut BTreeSet<usize>) -> bool {
        let Some((_, wanted)) = self.slots.get(slot) else { return false };
        let each = self.done.iter().zip(&self.slot_of).enumerate();
        let fits =
            each.filter(|(index, (sent, _))| !tried.contains(index) && is(wanted, sent).is_ok());
        let mut fits: Vec<(usize, Option<usize>)> =
            fits.map(|(index, (_, slot))| (index, *slot)).collect();
        // Those that nothing means first: then few have to change.
        fits.sort_by_key(|(_, other)| other.is_some());
        for (index, other) in fits {
            if tried.insert(index) && other.is_none_or(|other| self.find_for(other, tried)) {
                if let Some(of) = self.slot_of.get_mut(index) {
                    *of = Some(slot);
                }
                return true;
            }
        }
        false
    }

    /// The writes that nothing means.
    fn left(&self) -> impl Iterator<Item = &'a Sent> {
        let each = self.done.iter().zip(&self.slot_of);
        each.filter_map(|(sent, slot)| slot.is_none().then_some(*sent))
    }
}

/// Whether a write is the one that was wanted, or how it is not.
fn is(wanted: &Wanted, sent: &Sent) -> Result<(), String> {
    if !is_like(&wanted.operation, &sent.operation) {
        return Err(format!("it was {}", said(&sent.operation, &sent.input)));
    }
    fits(&as_value(&wanted.with), &sent.input).map_err(|misfit| told(&misfit))
}

/// What is said of a write that is not among those that were done.
fn missing(wanted: &Wanted, nth: usize, left: &[&Sent]) -> String {
    let what = said(&wanted.operation, &as_value(&wanted.with));
    if nth > 0 {
        let times = if nth == 1 { "once".to_owned() } else { format!("{nth} times") };
        return format!("{what} should be done {} times, but it was done {times}", wanted.times);
    }
    let near = left.iter().find(|sent| is_like(&wanted.operation, &sent.operation));
    match near.map(|sent| is(wanted, sent)) {
        Some(Err(how)) => format!("{what} should be done, but {how}"),
        _ => format!("{what} should be done, but it was not"),
    }
}
