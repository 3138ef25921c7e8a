//! Random runs: a seed is a flow, a world, and everything that goes wrong; the engine's promises
//! are put to the test after every event of it.
//!
//! Reading order: [`draft`] writes the flow, [`Weather`] says how much goes wrong, `stage` plays
//! the run with its workers, `ledger` watches, [`PROMISES`] is what must hold.

mod agenda;
mod arrows;
mod closing;
mod commit;
mod consent;
mod dice;
mod draft;
mod leaving;
mod ledger;
mod model;
mod outside;
mod people;
mod place;
mod promises;
mod report;
mod shrink;
mod stage;
mod tables;
mod verdict;
mod weather;
mod worker;

pub use self::arrows::Arrow;
pub use self::dice::Dice;
pub use self::draft::{Draft, Rules, draft};
pub use self::promises::{Notes, PROMISES};
pub use self::report::{Report, simulate};
pub use self::shrink::shrink;
pub use self::weather::Weather;

use std::panic;

use self::promises::CALM;
use self::stage::Stage;
use crate::Broken;

/// Everything a seed decides.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// The seed.
    pub seed: u64,
    /// All chance in it.
    pub dice: Dice,
    /// How much goes wrong.
    pub weather: Weather,
    /// The flow.
    pub draft: Draft,
}

impl Scenario {
    /// The scenario of a seed.
    pub fn new(seed: u64) -> Self {
        let dice = Dice::new(seed);
        Self { seed, dice, weather: Weather::of(&dice), draft: draft(&dice) }
    }
}

/// What came of a scenario.
#[derive(Debug, Clone)]
pub struct Played {
    /// What was seen.
    pub notes: Notes,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
    /// What happened, line by line, if it was asked for.
    pub trace: Vec<String>,
}

/// Plays a scenario to its end, or to the first promise that is broken.
pub fn play(scenario: &Scenario, traced: bool) -> Played {
    let played = panic::catch_unwind(|| match Stage::new(scenario, traced) {
        Err(broken) => Played { notes: Notes::default(), broken: Some(broken), trace: Vec::new() },
        Ok(mut stage) => {
            let played = stage.play().and_then(|()| stage.notes.hold(CALM, true, String::new));
            let broken = played.err();
            Played { notes: stage.notes, broken, trace: stage.trace.unwrap_or_default() }
        }
    });
    played.unwrap_or_else(|_| {
        let broken = Broken { promise: CALM, detail: "the message is above".to_owned() };
        Played { notes: Notes::default(), broken: Some(broken), trace: Vec::new() }
    })
}
