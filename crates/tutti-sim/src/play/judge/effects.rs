//! Whether the writes that were done are those that a story lists.

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
        let mut left: Vec<&Sent> = done.to_vec();
        for (place, wanted) in wanted.iter().enumerate() {
            for nth in 0..wanted.times {
                let found = left.iter().position(|sent| is(wanted, sent).is_ok());
                let Some(found) = found else {
                    let place = format!("effects/{key}/{place}");
                    return self.differs(&place, "effects", missing(wanted, nth, &left));
                };
                left.remove(found);
            }
        }
        let sent = left.first().filter(|_| all)?;
        let message =
            format!("nothing more should be done, but {} was", said(&sent.operation, &sent.input));
        self.at(sent.at, self.differs(&format!("effects/{key}"), "effects", message))
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
