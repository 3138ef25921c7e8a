//! Random runs in bad weather: every promise holds at every event, and every arrow is taken.

#![cfg(test)]

use tutti_sim::random::simulate;

#[test]
fn every_promise_holds_whatever_the_weather() {
    let seeds = std::env::var("SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(2_000);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let report = simulate(0..seeds, threads, false);
    println!("{report}");
    assert!(report.is_sound(), "{report}");
}
