//! What may have happened, and nobody waits for it any more: it is told as such, and counted once.

use serde_json::{Value, json};
use tutti_core::event::{Brake, Event, Reply, Said};
use tutti_core::failure::Failure;
use tutti_core::view::EffectState;

use crate::toy::{Fault, Play, begin, flow, run};

fn tea() -> Value {
    json!({"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}})
}

fn unreachable() -> Failure {
    Failure::Unreachable { host: "toy".to_owned(), reason: "away".to_owned(), after_ms: None }
}

fn said(id: &str, answer: Said) -> Event {
    let (id, account, name) = (id.to_owned(), "dana".to_owned(), "Dana".to_owned());
    Event::Said { id, account, name, answer }
}

fn hold() -> Said {
    Said::hold(Brake::Pause, String::new())
}

/// A run that is held, and whose worker was lost with its order on its way.
fn lost_and_held() -> Play {
    let mut run = begin(&flow(json!([tea(), {"id": "rest", "wait": "1h"}])));
    let mut session = run.open();
    let turn = session.step(Vec::new(), run.now);
    assert!(run.storage.execute(&turn.commit.unwrap()), "it has left");
    run.say("dana", hold());
    assert_eq!(run.end(), "held: paused by Dana");
    run
}

#[test]
fn a_write_that_is_looked_for_when_its_run_ends_is_told() {
    let mut run = begin(&flow(json!([
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
    ])));
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    run.outside.fault("toy.note.list", [Fault::Instead(unreachable())]);
    assert!(run.hold(None).unwrap());
    assert_eq!(json!(run.storage.row.state), "running", "it is going to be looked for");
    run.cancel();
    assert_eq!(run.outside.notes.len(), 1);
    let told = "failed Note unknown | no answer in time; whether it happened is not known";
    assert!(run.lines().contains(told), "{}", run.lines());
}

#[test]
fn what_a_late_refusal_says_of_one_try_is_not_said_of_the_one_before() {
    let mut run = begin(&flow(json!([
        {"id": "race", "join": "first", "fork": {"a": [tea()], "b": [{"id": "nap", "wait": "2s"}]}},
        {"id": "rest", "wait": "1h"},
    ])));
    let mut session = run.open();
    let (start, mut left) = (run.now, Vec::new());
    let mut step = |after_ms, failure: Option<Failure>| {
        let answer = failure.and_then(|failure| {
            let (effect, result) = (left.pop()?, Reply::Failed(failure));
            Some(Event::Answered { effect, result, took_ms: 5 })
        });
        let turn = session.step(answer.into_iter().collect(), start + after_ms);
        assert!(turn.commit.is_none_or(|commit| run.storage.execute(&commit)));
        left.extend(turn.effects.into_iter().map(|effect| effect.id));
    };
    step(0, None);
    step(0, Some(Failure::Timeout));
    step(1_000, None);
    // The other branch is done, and the second try of this one is still on its way.
    step(2_000, None);
    step(2_001, Some(Failure::Forbidden { message: "no".to_owned() }));
    let last = run.view().timeline.into_iter().filter_map(|entry| entry.did).next_back();
    assert_eq!(last.unwrap().outcome, EffectState::Unknown, "{}", run.lines());
}

#[test]
fn a_no_to_the_next_try_says_nothing_of_the_one_before() {
    let set = json!({"name": "colour", "value": "red"});
    let mut run = begin(&flow(json!([{"id": "paint", "call": "toy.flag.set", "with": set}])));
    let faults = [
        Fault::Afterwards(Failure::Timeout),
        Fault::Instead(Failure::Forbidden { message: "no".to_owned() }),
    ];
    run.outside.fault("toy.flag.set", faults);
    run.go();
    assert_eq!(run.outside.flags["colour"], "red");
    run.cancel();
    let told = "failed Paint unknown | not allowed: no; whether it happened is not known";
    assert!(run.lines().contains(told), "{}", run.lines());
}

#[test]
fn what_a_brake_kept_from_being_sent_again_is_one_call() {
    let mut run = lost_and_held();
    run.say("dana", Said::Resume { brake: Brake::Pause });
    assert_eq!(run.view().spend.calls, 1, "{}", run.lines());
    assert_eq!(run.outside.orders.len(), 1);
}

#[test]
fn what_a_brake_kept_from_being_sent_again_is_told_when_its_run_ends() {
    let mut run = lost_and_held();
    run.cancel();
    assert_eq!(run.view().spend.calls, 1);
    let told = "failed Tea unknown | no answer in time; whether it happened is not known";
    assert!(run.lines().contains(told), "{}", run.lines());
}

#[test]
fn a_stop_that_was_heard_before_makes_nobody_look_for_what_has_not_left() {
    let mut run = run(json!([{"id": "rest", "wait": "1h"}, tea()]));
    run.post(said("once", hold()));
    run.go();
    run.say("dana", Said::Resume { brake: Brake::Pause });
    run.now += 2 * 3_600_000;
    let mut session = run.open();
    let turn = session.step(vec![said("once", hold())], run.now);
    let ids: Vec<&str> = turn.effects.iter().map(|effect| effect.id.as_str()).collect();
    assert_eq!(ids, ["tt-test/tea/1#write1"], "it leaves, and once");
}
