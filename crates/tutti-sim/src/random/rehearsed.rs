//! What came of a rehearsal: how the flow ended, what was never reached, and whether every promise
//! of the engine held.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;
use serde_json::json;
use tutti_core::flow::{Kind, Step};
use tutti_core::view::RunView;

use super::report::spread;
use super::{Played, Rehearsal, Scenario, play};
use crate::Broken;

/// One way in which a flow ended.
#[derive(Debug, Clone, Default, Serialize)]
pub struct End {
    /// In how many seeds.
    pub seeds: u64,
    /// The first of them.
    pub first: u64,
    /// Why, and in how many seeds.
    pub reasons: BTreeMap<String, u64>,
}

/// What came of a flow in many kinds of weather.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Rehearsed {
    /// How many seeds were played.
    pub seeds: u64,
    /// How it ended, by the state.
    pub ends: BTreeMap<String, End>,
    /// In how many seeds each step was reached, by its id.
    pub reached: BTreeMap<String, u64>,
    /// Parts it could not do, and in how many seeds.
    pub gaps: BTreeMap<String, u64>,
    /// The most calls that one run made.
    pub calls: u64,
    /// How often a promise of the engine was put to the test.
    pub tested: u64,
    /// Promises broken, by seed.
    pub broken: BTreeMap<u64, String>,
}

/// Plays a rehearsal in the weather of these seeds, on so many threads.
pub fn rehearse(
    rehearsal: &Arc<Rehearsal>,
    seeds: Range<u64>,
    threads: usize,
    progress: &(dyn Fn(u64) + Sync),
) -> Rehearsed {
    let one = |seed, all: &mut Rehearsed| {
        all.add(seed, &play(&Scenario::of(seed, rehearsal), false));
        progress(seed);
        true
    };
    let mut all = Rehearsed::default();
    // A `set` and a `raise` are silent: no run tells of them.
    let told = |step: &&Step| !matches!(step.kind, Kind::Set(_) | Kind::Raise(_));
    let flow = rehearsal.flow();
    let written = |step: &&Step| written(&flow.path_to(&step.id)).any(|of| of.id == step.id);
    for step in flow.all_steps().into_iter().filter(told).filter(written) {
        all.reached.insert(step.id.clone(), 0);
    }
    for part in spread(seeds, threads, one) {
        all.join(part);
    }
    all
}

/// The steps of a path that somebody wrote: what a `run` comes to is spelled out for it.
pub(super) fn written<'f>(path: &[&'f Step]) -> impl Iterator<Item = &'f Step> {
    let spelled_out = |pair: &[&Step]| match pair {
        [around, step] => match &around.kind {
            Kind::Run(sub) => sub.steps.iter().any(|inner| inner.id == step.id),
            _ => false,
        },
        _ => false,
    };
    let sub = path.windows(2).position(spelled_out);
    path.iter().take(sub.map_or(path.len(), |sub| sub + 1)).copied()
}

impl Rehearsed {
    /// Steps that no seed reached, in the order of their names.
    pub fn never_reached(&self) -> Vec<&str> {
        self.reached.iter().filter(|(_, seeds)| **seeds == 0).map(|(id, _)| id.as_str()).collect()
    }

    fn add(&mut self, seed: u64, played: &Played) {
        self.seeds += 1;
        self.tested += played.notes.tested.values().sum::<u64>();
        if let Some(Broken { promise, detail }) = &played.broken {
            self.broken.insert(seed, format!("{promise}: {detail}"));
        }
        let Some(view) = &played.view else { return };
        let end = self.ends.entry(state(view)).or_insert(End { first: seed, ..End::default() });
        end.seeds += 1;
        end.first = end.first.min(seed);
        *end.reasons.entry(view.reason.clone()).or_default() += 1;
        self.calls = self.calls.max(view.spend.calls);
        for gap in &view.gaps {
            *self.gaps.entry(gap.clone()).or_default() += 1;
        }
        for step in &played.reached {
            *self.reached.entry(step.clone()).or_default() += 1;
        }
    }

    fn join(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.tested += other.tested;
        self.calls = self.calls.max(other.calls);
        self.broken.extend(other.broken);
        sum(&mut self.reached, other.reached);
        sum(&mut self.gaps, other.gaps);
        for (state, end) in other.ends {
            let first = end.first;
            let known = self.ends.entry(state).or_insert(End { first, ..End::default() });
            known.seeds += end.seeds;
            known.first = known.first.min(first);
            sum(&mut known.reasons, end.reasons);
        }
    }
}

fn sum(into: &mut BTreeMap<String, u64>, more: BTreeMap<String, u64>) {
    for (name, count) in more {
        *into.entry(name).or_default() += count;
    }
}

/// The state a run ended in, for people.
fn state(view: &RunView) -> String {
    json!(view.state).as_str().unwrap_or_default().replace('_', " ")
}
