//! Budgets: what a run may use, whatever it tries again.

use serde_json::{Value, json};
use tutti_core::event::{Event, Reply};
use tutti_core::failure::Failure;

use crate::toy::{Fault, begin, flow};
use tutti_sim::START;

fn limited(budget: Value) -> crate::toy::Play {
    let order = |id: &str| json!({"id": id, "call": "toy.order.place", "with": {"what": id}});
    let mut document = flow(json!([order("a"), order("b"), order("c")]));
    document["budget"] = budget;
    begin(&document)
}

#[test]
fn calls_are_counted_and_the_one_too_many_is_not_made() {
    let mut run = limited(json!({"calls": 2}));
    run.go();
    assert_eq!(run.end(), "failed: C: over budget: 2 calls");
    assert_eq!(run.outside.log.len(), 2);
}

#[test]
fn tries_and_probes_count_too() {
    let mut run = limited(json!({"calls": 2}));
    let busy = Failure::RateLimited { after_ms: None };
    run.outside.fault("toy.order.place", [Fault::Instead(busy)]);
    run.go();
    assert_eq!(run.end(), "failed: B: over budget: 2 calls");
    let mut document = flow(json!([
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
    ]));
    document["budget"] = json!({"calls": 1});
    let mut run = begin(&document);
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    run.go();
    let expected = "waiting_person: Note: over budget: 1 call; whether it happened is not known";
    assert_eq!(run.end(), expected);
    assert_eq!(run.view().spend.calls, 1);
}

#[test]
fn a_run_s_time_ends_it_and_it_wakes_for_that() {
    let mut document = flow(json!([
        {"id": "wait", "listen": {"to": [{"event": "toy.job", "key": "x"}],
                                  "until": "false", "within": "20h"}},
    ]));
    document["budget"] = json!({"wall": "2h"});
    let mut run = begin(&document);
    run.go();
    assert_eq!(run.storage.row.due_at, Some(START + 7_200_000));
    run.sleep();
    assert_eq!(run.end(), "failed: its time was over before it was done");
}

#[test]
fn a_crash_does_not_give_back_what_was_spent() {
    let mut run = limited(json!({"calls": 2}));
    run.mischief.kill_at = Some(5);
    run.go();
    assert_eq!(run.end(), "failed: C: over budget: 2 calls");
}

#[test]
fn what_wants_to_leave_when_the_time_is_over_does_not_count_as_sent() {
    let mut document = flow(json!([
        {"id": "do", "call": "toy.thing.set", "with": {"id": "t1", "text": "new"}},
    ]));
    document["budget"] = json!({"wall": "1m"});
    let mut run = begin(&document);
    let mut session = run.open();
    let turn = session.step(vec![], START);
    let answer = Event::Answered {
        effect: turn.effects[0].id.clone(),
        result: Reply::Ok(json!({"version": 1})),
        took_ms: 60_000,
    };
    let turn = session.step(vec![answer], START + 60_000);
    assert!(turn.over && turn.effects.is_empty() && turn.in_flight == 0);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    assert!(run.view().timeline.iter().all(|entry| entry.did.is_none()), "{}", run.lines());
}
