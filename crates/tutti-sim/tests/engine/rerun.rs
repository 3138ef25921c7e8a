//! Running once more from a step on: what was learned stays, what is written again is said first.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::event::Said;
use tutti_core::failure::Failure;

use crate::toy::{Fault, Play, begin, flow, run};

fn order(id: &str) -> Value {
    json!({"id": id, "call": "toy.order.place", "with": {"what": id}})
}

fn rerun(run: &mut Play, step: &str) {
    run.now += 1;
    let (step, reason) = (step.to_owned(), "mended".to_owned());
    run.say("dana", Said::Rerun { step, reason, seen: None });
}

fn made(run: &Play) -> Vec<&str> {
    run.outside.orders.keys().map(|key| key.trim_start_matches("tt-test/")).collect()
}

#[test]
fn a_run_that_failed_goes_on_where_it_failed() {
    let mut run = begin(&flow(json!([order("a"), order("b"), order("c")])));
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("toy.order.place", [Fault::Instead(forbidden)]);
    run.go();
    assert_eq!(run.end(), "failed: A: not allowed: no");
    rerun(&mut run, "a");
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(made(&run), ["a/2", "b/2", "c/2"]);
}

#[test]
fn what_would_be_written_again_is_listed_and_has_keys_of_its_own() {
    let mut run = run(json!([order("a"), order("b"), order("c")]));
    let stored = run.stored();
    assert_eq!(stored.would_repeat(&run.flow, "b"), Some(vec!["B".to_owned(), "C".to_owned()]));
    assert_eq!(stored.would_repeat(&run.flow, "none"), None);
    rerun(&mut run, "b");
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(made(&run), ["a/1", "b/1", "b/2", "c/1", "c/2"]);
    expect![[r#"
        done A confirmed
        done B confirmed
        done C confirmed
        done Finished | everything was done
        done Dana ran it once more from “B” on | mended
        done B confirmed
        done C confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
    assert!(run.stored() == *run.open().run());
}

#[test]
fn it_begins_inside_the_arm_that_was_taken_and_nowhere_that_was_not_reached() {
    let arm = |condition: &str, step: Value| json!({"when": condition, "do": [step]});
    let document = flow(json!([
        {"id": "route", "switch": [
            arm("trigger.id == 't1'", order("yes")),
            arm("trigger.id == 't2'", order("no")),
            {"unknown": true, "do": []}]},
        {"id": "each", "for": {"each": "x", "in": "['p', 'q']", "limit": 2, "do": [order("inner")]}},
        order("last"),
    ]));
    let mut run = begin(&document);
    run.go();
    for unreachable in ["no", "inner"] {
        assert_eq!(run.stored().would_repeat(&run.flow, unreachable), None, "{unreachable}");
        rerun(&mut run, unreachable);
    }
    assert_eq!(made(&run).len(), 4, "nothing was begun");
    rerun(&mut run, "yes");
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(made(&run).len(), 8);
    rerun(&mut run, "each");
    assert_eq!(made(&run).len(), 11, "both items and what follows");
}

/// Where a run that is over can begin anew, and what is written once more by each of these steps.
fn beginnings(run: &Play) -> String {
    let beginnings = run.view().beginnings.into_iter();
    beginnings.map(|one| format!("{}: {}\n", one.step, one.writes.join(", "))).collect()
}

#[test]
fn each_write_is_listed_once_at_the_last_step_that_repeats_it() {
    let mut document = flow(json!([
        order("a"),
        {"id": "both", "fork": {"x": [order("left")], "y": [order("right")]}},
        {"id": "inside", "try": [order("b"), order("c")]},
        {"id": "each", "for": {"each": "x", "in": "['p', 'q']", "limit": 2, "do": [order("item")]}},
        {"id": "route", "switch": [
            {"when": "trigger.id == 't1'", "do": [order("yes")]},
            {"default": true, "do": [order("no")]}, {"unknown": true, "do": []}]},
    ]));
    document["finally"] = json!([order("last")]);
    let mut run = begin(&document);
    assert_eq!(beginnings(&run), "", "it is not over");
    run.go();
    expect![[r#"
        a: A
        both: Left, Right
        inside: 
        b: B
        c: C
        each: Item (1 of 2), Item (2 of 2)
        route: 
        yes: Yes, Last
    "#]]
    .assert_eq(&beginnings(&run));
    let all = run.stored().would_repeat(&run.flow, "c").unwrap();
    assert_eq!(all, ["C", "Item (1 of 2)", "Item (2 of 2)", "Yes", "Last"]);
}

#[test]
fn what_a_first_time_wrote_beyond_where_a_second_ended_is_listed_too() {
    let mut run = run(json!([
        {"id": "text", "call": "toy.thing.set", "with": {"id": "t1", "text": "ours"}},
        order("a"), order("b"),
    ]));
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("toy.order.place", [Fault::Instead(forbidden)]);
    rerun(&mut run, "a");
    assert_eq!(run.end(), "failed: A: not allowed: no");
    assert_eq!(beginnings(&run), "text: Text\na: A, B\n");
    let effects = vec!["tt-test/text/1".to_owned()];
    run.say("dana", Said::Undo { effects, reason: String::new() });
    assert_eq!(beginnings(&run), "text: \na: A, B\n", "what was taken back is not written twice");
}

#[test]
fn gaps_of_what_is_done_anew_are_gone_and_its_time_begins_anew() {
    let mut document = flow(json!([
        {"id": "a", "call": "toy.order.place", "with": {"what": "a"}, "catch": [{"gap": "no a"}]},
        order("b"),
    ]));
    document["budget"] = json!({"wall": "1h"});
    let mut run = begin(&document);
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("toy.order.place", [Fault::Instead(forbidden)]);
    run.go();
    assert_eq!(run.end(), "completed_with_gaps: done, but: no a (not allowed: no)");
    run.now += 5 * 3_600_000;
    rerun(&mut run, "a");
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn what_is_spent_stays_spent() {
    let mut document = flow(json!([order("a"), order("b")]));
    document["budget"] = json!({"calls": 3});
    let mut run = begin(&document);
    run.go();
    rerun(&mut run, "a");
    assert_eq!(run.end(), "failed: B: over budget: 3 calls");
}

#[test]
fn how_the_steps_ended_before_is_forgotten() {
    let mut document = flow(json!([order("a"), order("b")]));
    document["catch"] = json!([
        {"on": ["forbidden"], "gap": "not everything was ordered"},
        {"do": [order("instead")]}]);
    document["finally"] = json!([{"id": "how", "switch": [
        {"when": "has(run.failure)", "do": [order("sorry")]},
        {"default": true, "do": []}, {"unknown": true, "do": []}]}]);
    let mut run = begin(&document);
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("toy.order.place", [Fault::Instead(forbidden)]);
    run.go();
    assert_eq!(
        run.end(),
        "completed_with_gaps: done, but: not everything was ordered (not allowed: no)"
    );
    rerun(&mut run, "a");
    assert_eq!(run.end(), "completed: everything was done");

    let mut run = begin(&document);
    let taken = Failure::Conflict { message: "taken".to_owned() };
    run.outside.fault("toy.order.place", [Fault::Instead(taken)]);
    run.go();
    assert_eq!(made(&run), ["instead/1", "sorry/1"]);
    let listed = run.stored().would_repeat(&run.flow, "a");
    assert_eq!(listed, Some(vec!["Instead".to_owned(), "Sorry".to_owned()]));
    rerun(&mut run, "a");
    assert_eq!(made(&run), ["a/2", "b/2", "instead/1", "sorry/1"]);
}

#[test]
fn once_more_is_for_the_run_as_it_was_seen() {
    let mut run = run(json!([order("a"), order("b")]));
    let (seen, step) = (Some(run.open().run().seq()), "b".to_owned());
    let once_more = || Said::Rerun { step: step.clone(), reason: String::new(), seen };
    run.say("dana", once_more());
    run.go();
    assert_eq!(made(&run), ["a/1", "b/1", "b/2"]);
    run.say("eli", once_more());
    run.go();
    assert_eq!(made(&run), ["a/1", "b/1", "b/2"], "Eli saw what Dana saw");
}
