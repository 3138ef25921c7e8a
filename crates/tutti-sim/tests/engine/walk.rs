//! Switch, fork, catch and set: which way a run goes.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::failure::Failure;
use tutti_core::view::StepState;

use crate::toy::{Fault, begin, flow, run};

fn order(id: &str) -> Value {
    json!({"id": id, "call": "toy.order.place", "with": {"what": id}})
}

fn placed(run: &crate::toy::Play) -> Vec<String> {
    run.outside.orders.values().map(|order| order["what"].as_str().unwrap().to_owned()).collect()
}

fn switch(first: &str, second: &str) -> Value {
    json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        {"id": "way", "switch": [
            {"when": first, "do": [order("first")]},
            {"when": second, "do": [order("second")]},
            {"default": true, "do": [order("default")]},
            {"unknown": true, "do": [order("unknown")]},
        ]},
    ])
}

#[test]
fn a_switch_takes_the_first_arm_that_holds() {
    let table = [
        ("thing.tier == \"gold\"", "true", "first"),
        ("thing.tier == \"iron\"", "true", "second"),
        ("false", "false", "default"),
        // Nothing says that the second arm is the first that holds.
        ("thing.nothing == 1", "true", "unknown"),
        ("true", "thing.nothing == 1", "first"),
        ("false", "thing.nothing == 1", "unknown"),
        ("thing.tier > 5", "true", "unknown"),
    ];
    for (first, second, taken) in table {
        assert_eq!(placed(&run(switch(first, second))), [taken], "{first} | {second}");
    }
}

#[test]
fn the_arms_not_taken_are_not_on_the_strip() {
    let view = run(switch("false", "true")).view();
    let tiles: Vec<&str> = view.strip.iter().map(|tile| tile.step.as_str()).collect();
    assert_eq!(tiles, ["thing", "second"]);
}

fn fork() -> Value {
    json!([
        {"id": "all", "fork": {"a": [order("a1"), order("a2")], "b": [order("b1")]}},
        order("after"),
    ])
}

#[test]
fn a_fork_joins_before_the_run_goes_on() {
    let run = run(fork());
    assert_eq!(run.end(), "completed: everything was done");
    expect![[r#"
        a1#write1 ok
        b1#write1 ok
        a2#write1 ok
        after#write1 ok"#]]
    .assert_eq(&run.outside.log.join("\n"));
}

#[test]
fn a_failing_branch_lets_the_others_finish_and_nothing_after_begin() {
    let mut run = begin(&flow(fork()));
    run.outside.fault(
        "toy.order.place",
        [Fault::Instead(Failure::Rejected { code: "400".to_owned(), message: "no".to_owned() })],
    );
    run.go();
    assert_eq!(run.end(), "failed: A1: refused by the other side (400): no");
    assert_eq!(placed(&run), ["b1"]);
    let state = |id: &str| {
        let view = run.view();
        view.strip.iter().find(|tile| tile.step == id).map(|tile| tile.state)
    };
    assert_eq!(state("all"), Some(StepState::Failed));
    assert_eq!(state("after"), Some(StepState::Planned));
}

fn caught(catch: Value) -> crate::toy::Play {
    let mut run = begin(&flow(json!([
        {"id": "thing", "title": "Read it", "call": "toy.thing.get", "with": {"id": "gone"},
         "catch": catch},
        order("after"),
    ])));
    run.go();
    run
}

#[test]
fn a_catch_takes_another_path() {
    let run = caught(json!([
        {"on": ["timeout"], "gap": "not this one"},
        {"on": ["not_found"], "do": [order("instead")]},
    ]));
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(placed(&run), ["after", "instead"]);
    expect![[r#"
        adapted Read it | not found: no such thing; took the other path
        done Instead confirmed
        done After confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn a_catch_goes_on_with_a_default_that_keeps_its_labels() {
    let run = caught(json!([{"default": {"text": "${trigger.said}"}}]));
    assert_eq!(run.end(), "completed: everything was done");
    let strip = run.view().strip;
    assert_eq!(strip[0].state, StepState::Adapted);
}

#[test]
fn a_default_that_is_missing_itself_is_a_failure() {
    let run = caught(json!([{"default": "${trigger.nothing}"}]));
    assert_eq!(run.end(), "failed: Read it: `trigger.nothing` is missing");
}

#[test]
fn a_catch_can_leave_a_gap_that_the_run_ends_with() {
    let run = caught(json!([{"gap": "nobody was told"}]));
    assert_eq!(
        run.end(),
        "completed_with_gaps: done, but: nobody was told (not found: no such thing)"
    );
    assert_eq!(run.view().gaps.len(), 1);
    assert_eq!(placed(&run), ["after"]);
}

#[test]
fn a_failure_without_a_catch_ends_the_run() {
    let run = caught(json!([{"on": ["timeout"], "gap": "not this one"}]));
    assert_eq!(run.end(), "failed: Read it: not found: no such thing");
    assert!(placed(&run).is_empty());
}

#[test]
fn a_catch_around_steps_meets_what_failed_inside() {
    let run = run(json!([
        {"id": "all", "fork": {"a": [{"id": "x", "call": "toy.thing.get", "with": {"id": "gone"}}],
                               "b": [order("b1")]},
         "catch": [{"on": ["not_found"], "do": [order("instead")]}]},
        order("after"),
    ]));
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(placed(&run), ["after", "b1", "instead"]);
}

#[test]
fn a_set_of_something_missing_fails_once_and_stays_failed() {
    let run = run(json!([
        {"id": "all", "fork": {
            "a": [order("late")],
            "b": [{"id": "sum", "set": "${late.order}"}],
        }},
    ]));
    assert_eq!(run.end(), "failed: Sum: `late` is missing");
    assert_eq!(placed(&run), ["late"]);
}

#[test]
fn an_optional_argument_that_is_missing_is_left_out_and_that_is_said() {
    let run = run(json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        {"id": "do", "title": "Set it", "call": "toy.thing.set",
         "with": {"id": "t1", "text": "new", "title": "For ${thing.none}"}},
    ]));
    assert_eq!(run.end(), "completed: everything was done");
    let line = run.view().timeline[1].adapted.clone().unwrap();
    assert_eq!(line, "`thing.none` is missing; went without `title`");
}

#[test]
fn nothing_missing_is_sent_as_if_it_were_empty() {
    let table = [
        (json!({"to": "x", "rows": ["${thing.tier}", "${thing.none}"]}), "`thing.none` is missing"),
        (json!({"to": "${thing.none}"}), "`thing.none` is missing"),
        (json!({"to": "for ${thing.nothing.at.all}"}), "`thing.nothing` is missing"),
        (json!({"to": "${thing.owner}"}), "`to` came to something of another kind"),
    ];
    for (with, reason) in table {
        let run = run(json!([
            {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
            {"id": "do", "call": "toy.link.put", "with": with},
        ]));
        assert_eq!(run.end(), format!("failed: Do: {reason}"), "{with}");
        assert!(run.outside.links.is_empty());
    }
}
