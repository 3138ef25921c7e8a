//! The engine without a boundary: the benchmark's flows driven natively, in memory. Prints JSON.
//!
//! `scripts/bench engine` runs it beside everything else; alone it is `cargo bench -p tutti-sim`.
#![allow(clippy::disallowed_methods, clippy::indexing_slicing, clippy::unwrap_used, missing_docs)]

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Event, Reply};
use tutti_core::flow::Flow;
use tutti_core::operation::Operation;
use tutti_core::session::{Row, Session, begin};
use tutti_sim::Storage;

const ROUNDS: usize = 7;
const LINEAR: &str = include_str!("flows/linear.json");

/// Plays one run to its end and says how many effects it had; every effect is answered at once.
fn play(flow: &Flow, id: &str, items: u64) -> u64 {
    let items: Vec<u64> = (0..items).collect();
    let trigger = json!({"id": id, "count": 0, "items": items});
    let started =
        Event::Started { trigger, source: "bench".to_owned(), untrusted: Vec::new(), depth: 0 };
    let mut storage = Storage::new(begin(Row::new(id, "PAY", flow, 1), started, 1));
    let mut session = Session::open(storage.row.clone(), &[], flow.clone(), "bench").unwrap();
    let mut events = Vec::new();
    let mut effects = 0;
    loop {
        let turn = session.step(std::mem::take(&mut events), 2);
        if let Some(commit) = &turn.commit {
            assert!(storage.execute(commit), "nobody else writes");
        }
        if turn.over {
            return effects;
        }
        effects += turn.effects.len() as u64;
        events = turn.effects.iter().map(answer).collect();
        assert!(!events.is_empty(), "{}", session.run().reason());
    }
}

fn answer(effect: &Effect) -> Event {
    let Action::Call { input, .. } = &effect.action else { unreachable!("no model is asked") };
    let result = Reply::Ok(json!({"value": input["value"]}));
    Event::Answered { effect: effect.id.clone(), result, took_ms: 1 }
}

/// A flow with the operations it uses, as `tests/bench/flows` has them.
fn read(text: &str) -> (Value, BTreeMap<String, Operation>) {
    let mut all: Value = serde_json::from_str(text).unwrap();
    (all["document"].take(), serde_json::from_value(all["operations"].take()).unwrap())
}

/// A loop with one effect an item.
fn each((mut document, operations): (Value, BTreeMap<String, Operation>)) -> Flow {
    let mut put = document["steps"][0].take();
    put["with"]["value"] = json!("${item}");
    let each = json!({"each": "item", "in": "trigger.items", "limit": 1000, "do": [put]});
    document["steps"] = json!([{"id": "each", "for": each}]);
    document["budget"] = json!({"calls": 5000});
    Flow::link(&document, &operations).unwrap()
}

fn per_second(flow: &Flow, runs: u64, effects_per_run: u64) -> f64 {
    let items = if effects_per_run > 10 { effects_per_run } else { 0 };
    let mut rounds: Vec<f64> = (0..ROUNDS)
        .map(|round| {
            let begun = Instant::now();
            let effects: u64 =
                (0..runs).map(|run| play(flow, &format!("r{round}-{run}"), items)).sum();
            assert_eq!(effects, runs * effects_per_run);
            effects as f64 / begun.elapsed().as_secs_f64()
        })
        .collect();
    rounds.sort_by(f64::total_cmp);
    rounds[ROUNDS / 2]
}

fn main() {
    let (document, operations) = read(LINEAR);
    let linear = Flow::link(&document, &operations).unwrap();
    let (document, operations) = read(include_str!("flows/mixed.json"));
    let mixed = Flow::link(&document, &operations).unwrap();
    let each = each(read(LINEAR));
    println!(
        "{}",
        json!({
            "linear": per_second(&linear, 300, 10).round(),
            "mixed": per_second(&mixed, 300, 10).round(),
            "each_200": per_second(&each, 15, 200).round(),
            "each_1000": per_second(&each, 3, 1000).round(),
        })
    );
}
