//! Flows that run flows, and that tell each other what happened.

use serde_json::{Value, json};
use tutti_core::flow::Flow;

use crate::toy::{Play, begin, catalogue, flow, link};

fn notify() -> Value {
    json!({"id": "notify", "run": {
        "flow": "notify-customers", "with": {"case": "${trigger.id}"}, "within": "2h"}})
}

/// A run that started another one and waits for it.
fn waiting(more: Value) -> Play {
    let mut step = notify();
    step.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let order = json!({"id": "order", "call": "toy.order.place",
                       "with": {"what": "${notify.told}"}});
    let mut run = begin(&flow(json!([step, order])));
    stands(&mut run, json!({"over": false, "done": false, "reason": "at work", "output": null}));
    run.go();
    run
}

fn stands(run: &mut Play, child: Value) {
    run.outside.children.insert("child".to_owned(), child);
}

#[test]
fn a_flow_runs_another_and_goes_on_with_what_it_brought() {
    let mut run = waiting(json!({}));
    let started = &run.outside.started["tt-test/notify_start/1"];
    assert_eq!(*started, json!({"flow": "notify-customers", "input": {"case": "t1"}, "depth": 0}));
    assert_eq!(
        run.end(),
        "waiting_outside: Wait for notify-customers: waiting for tutti.run:child"
    );
    let brought = json!({"over": true, "done": true, "reason": "", "output": {"told": "3"}});
    stands(&mut run, brought);
    run.signal("end", "tutti.run:child");
    assert_eq!(run.end(), "completed: everything was done", "{}", run.lines());
    assert_eq!(run.outside.orders["tt-test/order/1"]["what"], "3");
}

#[test]
fn one_that_fails_fails_the_step_and_one_that_lasts_too_long_too() {
    let failed = json!({"over": true, "done": false, "reason": "nobody was found", "output": null});
    let mut run = waiting(json!({}));
    stands(&mut run, failed.clone());
    run.sleep();
    assert_eq!(run.end(), "failed: notify-customers did not do it: nobody was found");
    let catch = json!({"catch": [{"on": ["sub_flow_failed"], "default": {"told": "none"}}]});
    let mut run = waiting(catch);
    stands(&mut run, failed);
    run.sleep();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.orders["tt-test/order/1"]["what"], "none");
    let mut run = waiting(json!({}));
    for _ in 0..24 {
        run.sleep();
    }
    assert_eq!(run.end(), "failed: notify-customers did not do it: at work");
}

#[test]
fn a_flow_says_what_it_takes_and_what_it_brings() {
    let document = json!({
        "id": "notify-customers", "name": "Notify", "trigger": {"run": {
            "case": {"type": "text", "required": true}, "count": {"type": "integer"}}},
        "steps": [{"id": "a", "set": {"n": 3}}],
        "output": {"told": "${a.n}", "case": "${trigger.case}"},
    });
    let flow = link(&document);
    assert_eq!(flow.trigger.accepts(&json!({"case": "5"})), Ok(()));
    let refused = |inputs: Value| flow.trigger.accepts(&inputs).unwrap_err();
    assert_eq!(refused(json!({})), "it needs `case`");
    assert_eq!(refused(json!({"case": []})), "`case` must be a text");
    assert_eq!(refused(json!({"case": "5", "cas": 1})), "it takes no `cas`");
    let other = link(&crate::toy::flow(json!([{"id": "a", "set": {"n": 3}}])));
    assert!(other.trigger.accepts(&json!({})).is_err(), "it is begun by events");

    let mut run = begin(&document);
    run.go();
    assert_eq!(run.end(), "failed: `trigger.case` is missing", "it cannot bring what it lacks");
    let mut document = document;
    document["output"] = json!({"told": "${a.n}"});
    let mut run = begin(&document);
    run.go();
    assert_eq!(*run.stored().output(), json!({"told": 3}));
}

#[test]
fn what_a_stranger_wrote_stays_so_in_the_flow_that_is_run() {
    use tutti_core::event::Event;
    use tutti_core::run::Run;
    let document = json!({
        "id": "n", "name": "N", "trigger": {"run": {"words": {"type": "text"}}},
        "steps": [{"id": "note", "call": "toy.note.add",
                   "with": {"on": "${trigger.words}", "text": "hi"}}],
    });
    let flow = link(&document);
    for (untrusted, state) in [(vec![], "running"), (vec!["/words".to_owned()], "waiting_person")] {
        let mut run = Run::new("tt-test", "PAY");
        let trigger = json!({"words": "t1"});
        let started = Event::Started { trigger, source: "run".to_owned(), untrusted, depth: 1 };
        run.on(&flow, started, 1);
        run.on(&flow, Event::Woke, 1);
        assert_eq!(json!(run.state()), state);
    }
}

#[test]
fn a_flow_tells_others_that_something_happened() {
    let mut run = begin(&flow(json!([
        {"id": "tell", "emit": {"event": "shop.restocked", "key": "${trigger.id}",
                                "with": {"count": 3}}},
    ])));
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    let told = json!({"event": "shop.restocked", "key": "t1", "payload": {"count": 3}});
    assert_eq!(run.outside.emitted, [told]);
}

#[test]
fn mistakes_have_their_place() {
    let problems = |step: Value| -> Vec<String> {
        let problems = Flow::check(&flow(json!([step])), &catalogue()).1;
        problems.iter().map(|problem| format!("{} {}", problem.at, problem.message)).collect()
    };
    let run = |body: Value| problems(json!({"id": "sub", "run": body}));
    assert_eq!(run(json!({"flow": "x"})), ["/steps/0/run/within it could wait for ever"]);
    assert_eq!(
        run(json!({"flow": "x", "within": "1h", "with": {"a": "${nope.b}"}})),
        ["/steps/0/run/with/a `nope` is not known here"]
    );
    assert_eq!(run(json!({"within": "1h"})), ["/steps/0/run/flow a text is missing here"]);
    let emit = problems(json!({"id": "e", "emit": {"event": "x"}}));
    assert_eq!(emit, ["/steps/0/emit/key `tutti.event.emit` needs `key`"]);
}
