//! Weather: how much goes wrong around a run, and what becomes of one effect in it.

use tutti_core::event::{Action, Effect};
use tutti_core::failure::Failure;
use tutti_core::operation::{Access, Once, Operation};

use super::dice::{Dice, Die};
use crate::toys::Fault;

/// What goes wrong how often, in per cent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weather {
    /// Calls that fail, or whose answer is lost.
    pub faults: u64,
    /// Workers that die, at each boundary.
    pub crashes: u64,
    /// Workers that fall asleep and go on with a stale hold.
    pub sleepers: u64,
    /// Commits that are not answered, or answered wrongly.
    pub storage: u64,
    /// Answers, letters and messages that come twice.
    pub copies: u64,
    /// Messages of the queue that are lost.
    pub losses: u64,
    /// People and events that interfere: cancels, late and wrong answers, stray signals.
    pub people: u64,
}

impl Weather {
    /// Nothing goes wrong.
    pub const CALM: Self =
        Self { faults: 0, crashes: 0, sleepers: 0, storage: 0, copies: 0, losses: 0, people: 0 };

    /// The weather of a seed: each trouble is absent, rare or frequent.
    pub fn of(dice: &Dice) -> Self {
        let mut die = dice.about("weather");
        if die.in_100(8) {
            return Self::CALM;
        }
        Self {
            faults: die.pick(&[0, 5, 10, 20, 40]),
            crashes: die.pick(&[0, 0, 0, 1, 1, 3, 3, 8, 30]),
            sleepers: die.pick(&[0, 0, 0, 3, 10]),
            storage: die.pick(&[0, 0, 10, 30]),
            copies: die.pick(&[0, 0, 10, 40]),
            losses: die.pick(&[0, 0, 30]),
            people: die.pick(&[0, 10, 40, 90]),
        }
    }

    /// The same as a flow should bear it: where workers die all the time every run is given up.
    pub fn bearable(&self) -> Self {
        Self {
            faults: self.faults.min(5),
            crashes: self.crashes.min(1),
            sleepers: self.sleepers.min(1),
            people: self.people.min(10),
            ..*self
        }
    }

    /// The same with one trouble less, for each there is.
    pub fn milder(&self) -> Vec<Self> {
        let all = [
            Self { faults: 0, ..*self },
            Self { crashes: 0, ..*self },
            Self { sleepers: 0, ..*self },
            Self { storage: 0, ..*self },
            Self { copies: 0, ..*self },
            Self { losses: 0, ..*self },
            Self { people: 0, ..*self },
        ];
        all.into_iter().filter(|milder| milder != self).collect()
    }
}

/// What becomes of one effect.
#[derive(Debug, Clone)]
pub(super) struct Fate {
    /// What goes wrong.
    pub fault: Option<Fault>,
    /// When its answer comes, after it left.
    pub answer_ms: i64,
    /// When it happens outside, if that is not at once.
    pub lands_ms: Option<i64>,
    /// When the same answer comes once more.
    pub copy_ms: Option<i64>,
}

impl Fate {
    pub(super) fn of(
        die: &mut Die,
        weather: &Weather,
        effect: &Effect,
        operation: Option<&Operation>,
        races: bool,
    ) -> Self {
        let mut fate = Self { fault: None, answer_ms: 0, lands_ms: None, copy_ms: None };
        // Few different times, so that answers often meet. A write may take so long that nobody
        // waits for it any more.
        fate.answer_ms = match effect.is_write() {
            true if races => die.pick(&[5, 40, 20_000, 20_000]),
            true => die.pick(&[5, 5, 40, 700, 20_000]),
            false => die.pick(&[5, 5, 5, 40, 700]),
        };
        let settles = settles(effect, operation);
        // What is looked for after a fault meets another one more often, or hardly ever would.
        let often = match effect.id.rsplit_once('#').map(|(_, label)| label) {
            Some(label) if label.starts_with("probe") => (5 * weather.faults).min(80),
            Some(label) if label.starts_with("write") && (settles || races) => {
                (3 * weather.faults).min(70)
            }
            Some(label) if label.starts_with("get") || label.starts_with("write") => weather.faults,
            _ => (3 * weather.faults).min(70),
        };
        if die.in_100(often) {
            let fault = fault(die, effect, operation);
            if let Fault::Instead(Failure::Timeout) | Fault::Afterwards(Failure::Timeout) = fault {
                fate.answer_ms = i64::try_from(effect.deadline_ms).unwrap_or(i64::MAX);
            }
            let late = if settles { 90 } else { 50 };
            if matches!(fault, Fault::Afterwards(_)) && die.in_100(late) {
                // The connection broke, and the other side has not got to it yet.
                fate.answer_ms = 5;
                let late = die.between(0, latest_ms(operation));
                fate.lands_ms = Some(late).filter(|late| *late > 0);
            }
            fate.fault = Some(fault);
        }
        if die.in_100(weather.copies) {
            fate.copy_ms = Some(fate.answer_ms + die.pick(&[0, 5, 3_000, 100_000]));
        }
        fate
    }
}

/// The latest that a write can happen after it left and nobody could hear of it, and at once if that
/// is 0: it is looked for again after its operation's settle delay for this very reason.
pub(super) fn latest_ms(operation: Option<&Operation>) -> i64 {
    let Some(operation) = operation else { return 0 };
    match (&operation.probe, operation.once) {
        (Some(probe), _) => i64::try_from(probe.settle_ms.saturating_sub(1)).unwrap_or(0),
        (None, Once::Unsafe) => 600_000,
        (None, _) => 900,
    }
}

/// Whether a write is looked for twice, since the other side may get to it after the first look. It
/// comes up in few flows, so that what can go wrong with it must do so more often.
fn settles(effect: &Effect, operation: Option<&Operation>) -> bool {
    let probe = operation.and_then(|operation| operation.probe.as_ref());
    effect.is_write() && probe.is_some_and(|probe| probe.settle_ms > 0)
}

fn fault(die: &mut Die, effect: &Effect, operation: Option<&Operation>) -> Fault {
    let message = || "the weather".to_owned();
    let lost = [
        Failure::Timeout,
        Failure::Unavailable { status: 502 },
        Failure::Malformed { reason: message() },
    ];
    let unreachable = |after_ms| {
        let host = "toy.example".to_owned();
        Failure::Unreachable { host, reason: message(), after_ms }
    };
    let mut plain = vec![
        unreachable(None),
        unreachable(Some(120_000)),
        Failure::RateLimited { after_ms: None },
        Failure::RateLimited { after_ms: Some(5_000) },
        Failure::RateLimited { after_ms: Some(7_200_000) },
        Failure::Unauthorized,
        Failure::Forbidden { message: message() },
        Failure::Conflict { message: message() },
        Failure::Rejected { code: "400".to_owned(), message: message() },
    ];
    // "It is not there" about what is to be removed would be a lie that nobody can see through.
    let reads_to_undo = effect.key.contains("/undo.") && effect.id.contains("#read");
    if !reads_to_undo && operation.is_none_or(|operation| operation.access != Access::Destroy) {
        plain.push(Failure::NotFound { message: message() });
    }
    let is_call = matches!(effect.action, Action::Call { .. });
    match die.below(12) {
        0..8 if settles(effect, operation) => Fault::Afterwards(one(die, &lost)),
        0..4 if effect.is_write() => Fault::Afterwards(one(die, &lost)),
        4 if is_call => Fault::Meddled,
        5..8 => Fault::Instead(one(die, &lost)),
        _ => Fault::Instead(one(die, &plain)),
    }
}

fn one(die: &mut Die, of: &[Failure]) -> Failure {
    let place = die.below(of.len() as u64) as usize;
    of.get(place).cloned().unwrap_or(Failure::Timeout)
}
