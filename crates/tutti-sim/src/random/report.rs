//! The report: many seeds played, what was seen in them, and what was broken.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use super::arrows::Arrow;
use super::{Notes, PROMISES, Scenario, play, tables};
use crate::Broken;

/// The most broken seeds that are told one by one.
const TOLD_MAX: usize = 10;

/// What came of many seeds.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// How many were played.
    pub seeds: u64,
    /// In how many of them each arrow was taken.
    pub arrows: BTreeMap<Arrow, u64>,
    /// How often each promise was put to the test.
    pub tested: BTreeMap<&'static str, u64>,
    /// Promises broken, by seed.
    pub broken: BTreeMap<u64, Broken>,
}

/// Plays these seeds on so many threads; to the first that breaks a promise, if that is enough.
pub fn simulate(seeds: Range<u64>, threads: usize, to_first: bool) -> Report {
    let one = |seed, report: &mut Report| {
        let played = play(&Scenario::new(seed), false);
        let go_on = !to_first || played.broken.is_none();
        report.add(seed, &played.notes, played.broken);
        go_on
    };
    let mut report = Report::default();
    for part in spread(seeds, threads, one) {
        report.join(part);
    }
    report
}

/// Plays seeds on so many threads, each with a report of its own, for as long as `one` says so.
pub(super) fn spread<R: Default + Send>(
    seeds: Range<u64>,
    threads: usize,
    one: impl Fn(u64, &mut R) -> bool + Sync,
) -> Vec<R> {
    let next = AtomicU64::new(seeds.start);
    let enough = AtomicBool::new(false);
    let worker = || {
        let mut report = R::default();
        while !enough.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                break;
            }
            if !one(seed, &mut report) {
                enough.store(true, Ordering::Relaxed);
            }
        }
        report
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    })
}

impl Report {
    fn add(&mut self, seed: u64, notes: &Notes, broken: Option<Broken>) {
        self.seeds += 1;
        for arrow in &notes.arrows {
            *self.arrows.entry(*arrow).or_default() += 1;
        }
        for (promise, times) in &notes.tested {
            *self.tested.entry(promise).or_default() += times;
        }
        self.broken.extend(broken.map(|broken| (seed, broken)));
    }

    fn join(&mut self, other: Self) {
        self.seeds += other.seeds;
        for (arrow, seeds) in other.arrows {
            *self.arrows.entry(arrow).or_default() += seeds;
        }
        for (promise, times) in other.tested {
            *self.tested.entry(promise).or_default() += times;
        }
        self.broken.extend(other.broken);
    }

    /// Arrows of the tables that no seed took and some should have.
    pub fn never_taken(&self) -> Vec<Arrow> {
        let taken = |arrow: &&Arrow| !self.arrows.contains_key(arrow);
        tables::expected().iter().filter(taken).copied().collect()
    }

    /// Promises that no seed put to the test.
    pub fn never_tested(&self) -> Vec<&'static str> {
        PROMISES.into_iter().filter(|promise| !self.tested.contains_key(promise)).collect()
    }

    /// Whether everything held, and everything was seen.
    pub fn is_sound(&self) -> bool {
        self.broken.is_empty() && self.never_taken().is_empty() && self.never_tested().is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "arrows, and in how many seeds each was taken")?;
        for (arrow, seeds) in &self.arrows {
            writeln!(f, "{seeds:7}  {arrow}")?;
        }
        writeln!(f, "\npromises, and how often each was put to the test")?;
        for promise in PROMISES {
            writeln!(f, "{:9}  {promise}", self.tested.get(promise).copied().unwrap_or_default())?;
        }
        for arrow in self.never_taken() {
            writeln!(f, "\nnever taken: {arrow}")?;
        }
        for promise in self.never_tested() {
            writeln!(f, "\nnever put to the test: {promise}")?;
        }
        for (seed, broken) in self.broken.iter().take(TOLD_MAX) {
            writeln!(f, "\nbroken: {broken}\n  SEED={seed} scripts/simulate")?;
        }
        let (seeds, broken) = (self.seeds, self.broken.len());
        let (taken, missed) = (self.arrows.len(), self.never_taken().len());
        write!(f, "\n{seeds} seeds, {broken} broken; {taken} arrows taken, {missed} missed")
    }
}
