//! Many random runs, and every promise of the engine held against each of their events. `SEEDS=N`
//! plays more or fewer; `scripts/simulate` tells the tables, and one seed for a person to read.

// How many seeds are played is told by the environment.
#![allow(clippy::disallowed_methods)]
#![cfg(test)]

use std::thread;

use tutti_sim::random::{Piece, Scenario, play, shrink, simulate};

/// How many seeds are played, and from which number on every arrow must have been taken.
const SEEDS: u64 = 2_000;

#[test]
fn every_promise_holds_and_every_arrow_is_taken() {
    let asked = std::env::var("SEEDS").ok();
    let seeds = asked.map_or(SEEDS, |seeds| seeds.parse().expect("SEEDS is a number"));
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let report = simulate(0..seeds, threads, false);
    if seeds >= SEEDS {
        assert!(report.is_sound(), "{report}");
    } else {
        assert!(report.broken.is_empty(), "{report}");
    }
}

#[test]
fn the_same_seed_is_the_same_run() {
    for seed in 0..40 {
        let scenario = Scenario::new(seed);
        let (once, again) = (play(&scenario, true), play(&scenario, true));
        assert_eq!(once.trace, again.trace, "seed {seed}");
        assert_eq!(once.broken, again.broken);
        assert!(!once.trace.is_empty());
    }
}

#[test]
fn what_is_broken_can_be_told_with_less() {
    // A flow that cannot be linked stays so when everything else is taken away from it.
    let mut scenario =
        (0..).map(Scenario::new).find(|scenario| scenario.weather.faults > 0).unwrap();
    let Piece::Draft(draft) = &mut scenario.piece else { unreachable!() };
    draft.document["start_if"] = serde_json::json!("nobody.knows == 1");
    let broken = play(&scenario, false).broken.expect("it does not link");
    let least = shrink(&scenario);
    assert_eq!(play(&least, false).broken.map(|least| least.promise), Some(broken.promise));
    assert_eq!(least.weather.faults, 0);
    assert!(least.piece.document().unwrap()["steps"].as_array().unwrap().is_empty());
}
