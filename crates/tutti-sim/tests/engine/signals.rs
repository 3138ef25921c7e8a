//! What comes from outside the loop: late, twice, out of order, or to stop everything.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::event::{Event, Reply, Said};
use tutti_core::failure::Failure;
use tutti_core::view::{EffectState, EntryKind, RunState};

use crate::toy::{Fault, begin, flow, run};
use tutti_sim::{Mischief, Order, START};

fn order(id: &str) -> Value {
    json!({"id": id, "call": "toy.order.place", "with": {"what": id}})
}

fn cancel() -> Event {
    let answer = Said::Cancel { reason: "not needed".to_owned() };
    Event::Said {
        id: "stop".to_owned(),
        account: "dana".to_owned(),
        name: "Dana".to_owned(),
        answer,
    }
}

fn answered(effect: &str, result: Reply) -> Event {
    Event::Answered { effect: effect.to_owned(), result, took_ms: 5 }
}

#[test]
fn answers_may_come_twice_and_in_any_order() {
    let steps = json!([
        {"id": "all", "fork": {"a": [order("a1"), order("a2")], "b": [order("b1")],
                               "c": [{"id": "c1", "call": "toy.note.add",
                                      "with": {"on": "t1", "text": "hi"}}]}},
        order("after"),
    ]);
    let plain = run(steps.clone()).outside.state();
    for order in [Order::Asked, Order::Reversed, Order::Together] {
        for twice in [false, true] {
            let mut run = begin(&flow(steps.clone()));
            run.mischief = Mischief { order, twice, ..Mischief::default() };
            run.go();
            assert_eq!(run.end(), "completed: everything was done");
            assert_eq!(run.outside.state(), plain);
            assert!(run.outside.made.values().all(|made| *made == 1));
        }
    }
}

#[test]
fn an_answer_nobody_waits_for_is_journaled_and_ignored() {
    let mut run = begin(&flow(json!([order("a")])));
    run.post(answered("tt-test/nothing/1#get1", Reply::Ok(json!({"order": "x"}))));
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.view().spend.calls, 1);
    assert_eq!(run.storage.records().len(), 4, "started, woke, the stray answer, the real one");
}

#[test]
fn an_event_that_was_ignored_leaves_one_line_even_after_the_end() {
    for topic in ["stale_event", "echo"] {
        let mut run = run(json!([order("a")]));
        run.signal("e-1", topic);
        run.signal("e-1", topic);
        let lines = run.lines();
        assert_eq!(lines.matches(topic).count(), 1, "{lines}");
        assert_eq!(run.end(), "completed: everything was done");
    }
}

#[test]
fn a_run_begins_once() {
    let mut run = begin(&flow(json!([order("a")])));
    let trigger = json!({"id": "another"});
    run.post(Event::Started { trigger, source: "toy".to_owned(), untrusted: Vec::new(), depth: 0 });
    run.now += 1_000;
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.view().started_at, START);
    assert_eq!(run.view().started_by, "toy.thing");
}

#[test]
fn nothing_is_sent_after_a_cancel() {
    let mut run = begin(&flow(json!([
        {"id": "wait", "listen": {"to": [{"event": "toy.job", "key": "x"}],
                                  "until": "false", "within": "1h"}},
        order("after"),
    ])));
    run.go();
    run.cancel();
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.log.is_empty());
    assert_eq!(run.storage.row.due_at, None);
    assert!(run.storage.row.topics.is_empty());
    run.signal("s", "toy.job:x");
    assert_eq!(run.lines().lines().count(), 2, "{}", run.lines());
}

#[test]
fn a_run_cancelled_before_any_worker_took_it_up_has_done_nothing() {
    let mut run = begin(&flow(json!([order("a")])));
    run.cancel();
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.log.is_empty());
    assert!(run.view().timeline.iter().all(|entry| entry.did.is_none()), "{}", run.lines());
}

#[test]
fn a_cancel_comes_before_the_answers_it_came_with() {
    let mut run = begin(&flow(json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        order("after"),
    ])));
    let mut session = run.open();
    let turn = session.step(vec![], START);
    let read = answered(&turn.effects[0].id, Reply::Ok(json!({"id": "t1"})));
    let turn = session.step(vec![read, cancel()], START + 1);
    assert!(turn.over && turn.effects.is_empty() && turn.in_flight == 0);
    assert_eq!(turn.commit.unwrap().row.state, RunState::Cancelled);
}

/// A run that is cancelled while a write is on its way.
fn overtaken(answer: Option<Reply>) -> (crate::toy::Play, Vec<String>) {
    let mut run = begin(&flow(json!([order("a"), order("b")])));
    let mut session = run.open();
    let turn = session.step(vec![], START);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    let write = turn.effects[0].id.clone();
    let turn = session.step(vec![cancel()], START + 1);
    assert!(turn.over && turn.effects.is_empty());
    assert_eq!(turn.in_flight, 1, "it cannot be held back any more");
    assert!(run.storage.execute(&turn.commit.expect("the stop is stored at once")));
    if let Some(answer) = answer {
        let turn = session.step(vec![answered(&write, answer)], START + 2);
        assert!(turn.effects.is_empty(), "nothing new is sent");
        assert!(run.storage.execute(&turn.commit.expect("the outcome is stored")));
    }
    let outcomes =
        run.view().timeline.into_iter().filter_map(|entry| {
            entry.did.map(|did| format!("{:?}: {}", did.outcome, entry.detail))
        });
    let outcomes = outcomes.collect();
    (run, outcomes)
}

#[test]
fn what_had_left_before_a_cancel_is_followed_up_and_nothing_more() {
    let (run, outcomes) = overtaken(None);
    assert_eq!(outcomes, ["Unknown: it had left already; what became of it is not known yet"]);
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");

    let (run, outcomes) = overtaken(Some(Reply::Ok(json!({"order": "x"}))));
    assert_eq!(outcomes[1], "Confirmed: it had left already, and was done");
    assert_eq!((run.view().spend.actions, run.view().spend.calls), (1, 1));
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");

    let (_, outcomes) = overtaken(Some(Reply::Failed(Failure::Unauthorized)));
    assert!(outcomes[1].starts_with("Failed: it had left already: the cred"));
    let (_, outcomes) = overtaken(Some(Reply::Failed(Failure::Timeout)));
    assert!(outcomes[1].ends_with("whether it happened is not known"), "{outcomes:?}");
}

#[test]
fn a_worker_that_takes_over_only_to_stop_sends_nothing_either() {
    let mut run = begin(&flow(json!([
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
        order("b"),
    ])));
    run.mischief.kill_at = Some(2);
    assert!(run.work(None).is_err(), "killed with the write on its way");
    run.post(cancel());
    run.go();
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.log.is_empty(), "not even a probe: {:?}", run.outside.log);
    let outcome = run.view().timeline.into_iter().find_map(|entry| entry.did).unwrap().outcome;
    assert_eq!(outcome, EffectState::Unknown);
}

#[test]
fn a_run_that_kills_its_workers_ends_and_says_so() {
    let mut run = begin(&flow(json!([order("a"), order("b")])));
    for _ in 0..3 {
        run.mischief.kill_at = Some(run.boundaries);
        assert!(run.work(None).is_err());
        run.storage.row.claims += 1;
    }
    run.mischief.kill_at = None;
    run.go();
    assert_eq!(run.end(), "failed: given up: 3 workers died on it one after the other");
    assert!(run.outside.log.is_empty());
}

#[test]
fn a_commit_forgets_the_workers_that_died_before() {
    let mut run = begin(&flow(json!([order("a")])));
    run.storage.row.claims = 2;
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.storage.row.claims, 0);
}

#[test]
fn a_person_s_words_are_on_the_timeline() {
    let mut run = begin(&flow(json!([
        {"id": "wait", "listen": {"to": [], "until": "false", "within": "1h"}},
    ])));
    run.go();
    assert_eq!(run.end(), "waiting_outside: Wait");
    run.cancel();
    let person = run.view().timeline.into_iter().find(|e| e.kind == EntryKind::Person).unwrap();
    assert_eq!((person.text.as_str(), person.detail.as_str()), ("Dana stopped it", "not needed"));
}

#[test]
fn context_is_gathered_at_once_and_one_that_fails_is_named() {
    let mut document = flow(json!([order("a")]));
    document["context"] = json!({
        "thing": {"use": "toy.thing.get", "with": {"id": "${trigger.id}"}},
        "flag": {"use": "toy.flag.get", "with": {"name": "none"}, "optional": true},
        "again": {"use": "toy.thing.get", "with": {"id": "${thing.id}"}},
    });
    let mut run = begin(&document);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    expect![[r#"
        adapted Could not read toy flag none | not found: no such thing; went on without it
        done Read toy thing t1 
        done Read toy thing t1 
        done A confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
    let mut run = begin(&document);
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("toy.thing.get", [Fault::Instead(forbidden)]);
    run.go();
    assert_eq!(run.end(), "failed: `thing` could not be read: not allowed: no");
}
