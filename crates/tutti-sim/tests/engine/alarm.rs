//! Alarms: one message on its way is enough for a run that waits, and a run is never left without.

use serde_json::json;
use tutti_core::event::{Effect, Event, Reply};

use crate::toy::{Play, begin, flow};

const MINUTE: i64 = 60_000;

/// A run that looks every five minutes, or when it is told to, for `within`.
fn waiting(within: &str) -> Play {
    begin(&flow(json!([{"id": "wait", "listen": {
        "to": [{"event": "toy.job", "key": "j1"}],
        "read": {"job": {"use": "toy.job.get", "with": {"id": "j1"}}},
        "until": "job.status == 'done'", "poll": "5m", "within": within,
    }}])))
}

fn still_running(effect: &Effect) -> Event {
    let result = Reply::Ok(json!({"id": "j1", "status": "running"}));
    Event::Answered { effect: effect.id.clone(), result, took_ms: 0 }
}

fn told(id: &str) -> Event {
    Event::Signal { id: id.to_owned(), topic: "toy.job:j1".to_owned(), payload: json!({}) }
}

/// What a worker that comes `at` minutes after the start leaves: the alarm it sets, in minutes.
fn visit(run: &mut Play, start: i64, at: i64, mut events: Vec<Event>) -> Option<i64> {
    let now = start + at * MINUTE;
    run.now = now;
    let mut session = run.open();
    loop {
        let turn = session.step(std::mem::take(&mut events), now);
        if let Some(commit) = &turn.commit {
            assert!(run.storage.execute(commit));
        }
        if turn.in_flight == 0 {
            return turn.alarm_at.map(|at| (at - start) / MINUTE);
        }
        assert_eq!(turn.alarm_at, None, "whoever is at work sets none");
        events = turn.effects.iter().map(still_running).collect();
    }
}

#[test]
fn an_alarm_that_rings_earlier_is_enough_and_whoever_hears_it_sets_the_next() {
    let mut run = waiting("1h");
    let start = run.now;
    for (at, events, alarm, why) in [
        (0, vec![], Some(5), "it looks every five minutes"),
        (2, vec![told("a")], None, "that of minute 5 is on its way"),
        (4, vec![told("b")], None, "still"),
        (5, vec![], Some(9), "it rings; nothing is due, but the next look is"),
        (9, vec![], Some(14), "that look"),
        (9, vec![], None, "the same message once more"),
        (14, vec![], Some(19), "that look"),
    ] {
        assert_eq!(visit(&mut run, start, at, events), alarm, "minute {at}: {why}");
    }
}

#[test]
fn an_alarm_that_comes_too_late_is_not_enough() {
    let mut run = begin(&flow(json!([
        {"id": "both", "fork": {
            "long": [{"id": "long", "wait": "10m"}],
            "short": [{"id": "read", "call": "toy.job.get", "with": {"id": "j1"}},
                      {"id": "short", "wait": "1m"}],
        }},
    ])));
    let start = run.now;
    let mut session = run.open();
    let turn = session.step(vec![], start);
    let turn = session.step(turn.effects.iter().map(still_running).collect(), start);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    assert_eq!(turn.alarm_at, Some(start + MINUTE));
    assert_eq!(visit(&mut run, start, 1, vec![]), Some(10), "the next one");
}

#[test]
fn what_is_far_away_is_left_to_whoever_looks_for_what_is_due() {
    let mut run = begin(&flow(json!([{"id": "rest", "wait": "2h"}])));
    let start = run.now;
    assert_eq!(visit(&mut run, start, 0, vec![]), None);
    assert_eq!(visit(&mut run, start, 104, vec![]), None);
    assert_eq!(visit(&mut run, start, 106, vec![]), Some(120), "near enough now");
}
