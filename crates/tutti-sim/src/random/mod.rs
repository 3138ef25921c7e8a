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
mod rehearsal;
mod rehearsed;
mod report;
mod shaped;
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
pub use self::rehearsal::Rehearsal;
pub use self::rehearsed::{End, Rehearsed, rehearse};
pub use self::report::{Report, simulate};
pub use self::shrink::shrink;
pub use self::weather::Weather;

use std::collections::BTreeSet;
use std::panic;
use std::sync::Arc;

use serde_json::Value;
use tutti_core::view::RunView;

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
    /// What is played.
    pub piece: Piece,
}

/// What is played.
#[derive(Debug, Clone)]
pub enum Piece {
    /// A random flow among toys.
    Draft(Draft),
    /// A flow of somebody's own.
    Own(Arc<Rehearsal>),
}

impl Piece {
    /// The random flow's document.
    pub fn document(&self) -> Option<&Value> {
        match self {
            Self::Draft(draft) => Some(&draft.document),
            Self::Own(_) => None,
        }
    }

    /// The flow of somebody's own.
    fn own(&self) -> Option<&Rehearsal> {
        match self {
            Self::Draft(_) => None,
            Self::Own(rehearsal) => Some(rehearsal),
        }
    }
}

impl Scenario {
    /// The scenario of a seed.
    pub fn new(seed: u64) -> Self {
        let dice = Dice::new(seed);
        Self { seed, dice, weather: Weather::of(&dice), piece: Piece::Draft(draft(&dice)) }
    }

    /// A rehearsal in the weather of a seed.
    pub fn of(seed: u64, rehearsal: &Arc<Rehearsal>) -> Self {
        let dice = Dice::new(seed);
        let piece = Piece::Own(Arc::clone(rehearsal));
        Self { seed, dice, weather: Weather::of(&dice).bearable(), piece }
    }
}

/// What came of a scenario.
#[derive(Debug, Clone, Default)]
pub struct Played {
    /// What was seen.
    pub notes: Notes,
    /// What people see of the run in the end.
    pub view: Option<RunView>,
    /// The steps it came to, by their ids.
    pub reached: BTreeSet<String>,
    /// The first promise that was broken.
    pub broken: Option<Broken>,
    /// What happened, line by line, if it was asked for.
    pub trace: Vec<String>,
}

/// Plays a scenario to its end, or to the first promise that is broken.
pub fn play(scenario: &Scenario, traced: bool) -> Played {
    let played = panic::catch_unwind(|| match Stage::new(scenario, traced) {
        Err(broken) => Played { broken: Some(broken), ..Played::default() },
        Ok(mut stage) => {
            let played = stage.play().and_then(|()| stage.notes.hold(CALM, true, String::new));
            let broken = played.err();
            let (view, reached) = (Some(stage.view()), stage.reached());
            let trace = stage.trace.unwrap_or_default();
            Played { notes: stage.notes, view, reached, broken, trace }
        }
    });
    played.unwrap_or_else(|_| {
        let broken = Broken { promise: CALM, detail: "the message is above".to_owned() };
        Played { broken: Some(broken), ..Played::default() }
    })
}
