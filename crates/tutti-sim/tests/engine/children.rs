//! Children of a run that nobody waits for any more: each is told to stop, once, and the run says so.

use serde_json::{Value, json};
use tutti_core::event::{Brake, Event, Said};
use tutti_core::failure::Failure;

use crate::toy::{Fault, Play, begin, flow};
use tutti_sim::Mischief;

const CANCEL: &str = "undo.0/0#write1 ok";
const TOLD: &str = "done Told notify-customers to stop confirmed";

pub fn notify() -> Value {
    json!({"id": "notify", "run": {
        "flow": "notify-customers", "with": {"case": "${trigger.id}"}, "within": "2h"}})
}

/// A run of this flow whose child is at work.
fn waiting(document: &Value) -> Play {
    waiting_with(document, Mischief::default())
}

fn waiting_with(document: &Value, mischief: Mischief) -> Play {
    let mut run = begin(document);
    run.mischief = mischief;
    let child = json!({"over": false, "done": false, "reason": "at work", "output": null});
    run.outside.children.insert("child".to_owned(), child);
    run.go();
    run
}

/// How often the child was told.
fn told(run: &Play) -> usize {
    run.outside
        .log
        .iter()
        .filter(|line| line.starts_with("undo.") && line.contains("#write"))
        .count()
}

fn sleep_through(run: &mut Play) {
    while !run.storage.row.state.is_final() {
        run.sleep();
    }
}

#[test]
fn a_run_that_ends_stops_what_it_waits_for() {
    type Ends = fn(&mut Play);
    let table: [(&str, Value, Ends, &str); 4] = [
        ("cancel", json!({}), |run| run.cancel(), "cancelled: stopped by Dana: not needed"),
        (
            "its time is over",
            json!({"budget": {"wall": "1h"}}),
            sleep_through,
            "failed: its time was over before it was done",
        ),
        (
            "its step waited long enough",
            json!({}),
            sleep_through,
            "failed: notify-customers did not do it: at work",
        ),
        (
            "it has no calls left",
            json!({"budget": {"calls": 5}}),
            sleep_through,
            "failed: Wait for notify-customers: over budget: 5 calls",
        ),
    ];
    for (what, more, ends, end) in table {
        let mut document = flow(json!([notify()]));
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut run = waiting(&document);
        ends(&mut run);
        assert_eq!(run.end(), end, "{what}");
        assert_eq!(run.outside.stopped, ["tt-test/undo.0/0"], "{what}");
        assert!(run.lines().contains(TOLD), "{what}: {}", run.lines());
        assert!(run.outside.log.contains(&CANCEL.to_owned()), "{:?}", run.outside.log);
    }
}

#[test]
fn a_step_that_gave_up_stops_it_while_the_run_goes_on() {
    let mut step = notify();
    step["catch"] = json!([{"on": ["sub_flow_failed"], "default": {"told": "none"}}]);
    let rest = json!({"id": "rest", "wait": "1h"});
    let mut run = waiting(&flow(json!([step, rest])));
    while told(&run) == 0 {
        run.sleep();
    }
    assert_eq!(run.end(), "waiting_outside: Rest", "{}", run.lines());
    assert!(run.lines().contains(TOLD), "{}", run.lines());
    sleep_through(&mut run);
    assert_eq!((run.end().as_str(), told(&run)), ("completed: everything was done", 1));
}

#[test]
fn a_branch_that_lost_stops_it() {
    let order = json!({"id": "order", "call": "toy.order.place", "with": {"what": "tea"}});
    let race = |more: Value| {
        let quick = json!([{"id": "short", "wait": "1m"}, order.clone()]);
        json!([{"id": "race", "join": "first", "fork": {"slow": [notify()], "quick": quick}}, more])
    };
    // The run goes on, or is over with it.
    for (more, ends) in
        [(json!({"id": "rest", "wait": "1h"}), 2), (json!({"id": "n", "set": 1}), 1)]
    {
        let mut run = waiting(&flow(race(more)));
        for _ in 0..ends {
            run.sleep();
        }
        assert_eq!(run.end(), "completed: everything was done", "{}", run.lines());
        assert_eq!(run.outside.stopped, ["tt-test/undo.0/0"]);
        assert!(run.lines().contains("Race: went on with quick"), "{}", run.lines());
    }
}

#[test]
fn each_iteration_stops_its_own() {
    let each = json!({"id": "each", "for": {
        "each": "item", "in": "['x', 'y', 'z']", "limit": 3, "at_once": 2, "do": [notify()]}});
    let mut run = waiting(&flow(json!([each])));
    run.cancel();
    let told: Vec<_> = run.outside.log.iter().filter(|line| line.starts_with("undo.")).collect();
    assert_eq!(told, ["undo.0/0#write1 ok", "undo.1/0#write1 ok"]);
}

#[test]
fn one_that_came_to_its_end_is_left_alone() {
    let end = |done: bool| json!({"over": true, "done": done, "reason": "x", "output": {"a": "1"}});
    for done in [true, false] {
        let rest = json!({"id": "rest", "wait": "1h"});
        let mut run = waiting(&flow(json!([notify(), rest])));
        run.outside.children.insert("child".to_owned(), end(done));
        run.signal("end", "tutti.run:child");
        run.cancel();
        assert_eq!(told(&run), 0, "{}", run.lines());
    }
    // Its end was not heard of yet: it takes the word as nothing.
    let mut run = waiting(&flow(json!([notify()])));
    run.outside.children.insert("child".to_owned(), end(true));
    run.cancel();
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.stopped.is_empty());
    assert_eq!(told(&run), 1);
}

#[test]
fn killed_anywhere_a_run_tells_its_child_all_the_same() {
    let mut plain = waiting(&flow(json!([notify()])));
    plain.cancel();
    for kill_at in 0..plain.boundaries {
        let mischief = Mischief { kill_at: Some(kill_at), ..Mischief::default() };
        let mut run = waiting_with(&flow(json!([notify()])), mischief);
        run.cancel();
        assert_eq!(run.end(), plain.end(), "killed at {kill_at}");
        assert_eq!(run.outside.stopped, plain.outside.stopped, "killed at {kill_at}");
        assert!(run.lines().contains(TOLD), "killed at {kill_at}: {}", run.lines());
    }
}

#[test]
fn one_that_could_not_be_told_is_named() {
    let mut run = waiting(&flow(json!([notify()])));
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("tutti.run.cancel", [Fault::Instead(forbidden)]);
    run.cancel();
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.lines().contains("failed Tell notify-customers to stop failed"), "{}", run.lines());

    let mut document = flow(json!([notify()]));
    document["policies"] = json!([{"never": "effect.operation == 'tutti.run.cancel'"}]);
    let mut run = waiting(&document);
    run.cancel();
    assert!(run.outside.stopped.is_empty());
    assert!(
        run.lines().contains("failed Tell notify-customers to stop refused"),
        "{}",
        run.lines()
    );
}

#[test]
fn who_stops_the_run_twice_does_not_keep_it_from_telling() {
    let mut run = waiting(&flow(json!([notify()])));
    let slow = Failure::Unreachable { host: "h".into(), reason: "r".into(), after_ms: None };
    run.outside.fault("tutti.run.cancel", [Fault::Instead(slow)]);
    let cancel = |id: &str| Event::Said {
        id: id.to_owned(),
        account: "dana".to_owned(),
        name: "Dana".to_owned(),
        answer: Said::Cancel { reason: "enough".to_owned() },
    };
    run.post(cancel("first"));
    assert!(run.hold(None).unwrap());
    assert_eq!(json!(run.storage.row.state), "running", "it waits to try again");
    run.post(cancel("second"));
    run.go();
    assert_eq!(run.end(), "cancelled: stopped by Dana: enough");
    assert_eq!(run.outside.stopped, ["tt-test/undo.0/0"]);
}

#[test]
fn a_stop_of_the_flow_holds_that_too() {
    let mut run = waiting(&flow(json!([notify()])));
    run.say("dana", Said::hold(Brake::Stop, String::new()));
    run.cancel();
    assert_eq!((run.end().as_str(), told(&run)), ("held: held by a stop of Dana", 0));
    run.say("dana", Said::Resume { brake: Brake::Stop });
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert_eq!(told(&run), 1);
}

#[test]
fn what_was_left_can_be_begun_anew_with_a_child_of_its_own() {
    let mut run = waiting(&flow(json!([notify()])));
    run.cancel();
    run.say("dana", Said::Rerun { step: "notify".to_owned(), reason: String::new(), seen: None });
    assert_eq!(run.outside.started.len(), 2, "{:?}", run.outside.started);
}
