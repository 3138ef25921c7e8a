//! The command behind `scripts/simulate`: plays many seeds, or one so that a person can read it.

// The command reads its seed from the environment, and tells how long it took.
#![allow(clippy::disallowed_methods)]

use std::process::ExitCode;
use std::thread;
use std::time::Instant;

use tutti_sim::random::{Scenario, play, shrink, simulate};

const USAGE: &str = "simulate [--seeds N] [--to-first]\n  SEED=N  plays this seed alone and tells all of it\n  SHRINK=1 with SEED, tells the least that breaks the same promise";

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (mut seeds, mut to_first) = (2_000, false);
    while let Some(argument) = arguments.next() {
        match (argument.as_str(), arguments.next()) {
            ("--seeds", Some(count)) if count.parse::<u64>().is_ok() => {
                seeds = count.parse().unwrap_or(seeds);
            }
            ("--to-first", None) => to_first = true,
            _ => {
                eprintln!("{USAGE}");
                return ExitCode::from(2);
            }
        }
    }
    match std::env::var("SEED").map(|seed| seed.parse::<u64>()) {
        Ok(Ok(seed)) => one(seed),
        Ok(Err(error)) => {
            eprintln!("SEED: {error}\n{USAGE}");
            ExitCode::from(2)
        }
        Err(_) => many(seeds, to_first),
    }
}

fn many(seeds: u64, to_first: bool) -> ExitCode {
    let started = Instant::now();
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let report = simulate(0..seeds, threads, to_first);
    println!("{report} in {:.1} s", started.elapsed().as_secs_f64());
    if report.is_sound() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The flow, the weather, what happened, and the first promise that was broken.
fn one(seed: u64) -> ExitCode {
    let mut scenario = Scenario::new(seed);
    if std::env::var_os("SHRINK").is_some() {
        scenario = shrink(&scenario);
    }
    let played = play(&scenario, true);
    println!(
        "{:#}\n{:#?}\n",
        scenario.piece.document().unwrap_or(&serde_json::Value::Null),
        scenario.weather
    );
    for line in &played.trace {
        println!("{line}");
    }
    match played.broken {
        None => {
            println!("\nevery promise held");
            ExitCode::SUCCESS
        }
        Some(broken) => {
            println!("\nbroken: {broken}");
            ExitCode::FAILURE
        }
    }
}
