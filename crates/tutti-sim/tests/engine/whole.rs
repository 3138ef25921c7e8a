//! A run as a whole: what a flow does about its own failure, and what it does last.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::failure::Failure;

use crate::toy::{Fault, Play, begin, flow};

fn order(id: &str) -> Value {
    json!({"id": id, "call": "toy.order.place", "with": {"what": id}})
}

fn forbidden() -> Fault {
    Fault::Instead(Failure::Forbidden { message: "no".to_owned() })
}

/// A flow of two orders, the first of which may be refused.
fn played(more: Value, fails: bool) -> Play {
    let mut document = flow(json!([order("a"), order("b")]));
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut run = begin(&document);
    if fails {
        run.outside.fault("toy.order.place", [forbidden()]);
    }
    run.go();
    run
}

fn writes(run: &Play) -> String {
    run.outside.writes().join(", ")
}

#[test]
fn what_is_done_last_is_done_whatever_came_of_the_steps() {
    let last = json!({"finally": [order("last")]});
    let run = played(last.clone(), false);
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(writes(&run), "a#write1 ok, b#write1 ok, last#write1 ok");
    let run = played(last, true);
    assert_eq!(run.end(), "failed: A: not allowed: no");
    assert_eq!(writes(&run), "a#write1 forbidden, last#write1 ok");
}

#[test]
fn what_is_done_last_can_tell_how_it_went() {
    let last = json!({"finally": [
        {"id": "how", "switch": [
            {"when": "has(run.failure)", "do": [
                {"id": "say", "call": "toy.order.place", "with": {"what": "${run.failure.message}"}},
            ]},
            {"default": true, "do": []}, {"unknown": true, "do": []}]},
    ]});
    assert_eq!(writes(&played(last.clone(), false)), "a#write1 ok, b#write1 ok");
    let run = played(last, true);
    assert_eq!(run.outside.orders["tt-test/say/1"]["what"], "not allowed: no");
}

#[test]
fn what_is_done_last_can_fail_itself_and_is_not_done_after_a_stop() {
    let last = json!({"finally": [
        {"id": "rest", "wait": "1h"}, order("last"),
        {"id": "bad", "raise": {"error": "untidy", "message": "it is not tidy"}},
    ]});
    let mut run = played(last.clone(), false);
    assert_eq!(run.end(), "waiting_outside: Rest");
    run.sleep();
    assert_eq!(run.end(), "failed: Bad: it is not tidy");
    let mut run = played(last, false);
    run.cancel();
    assert_eq!(writes(&run), "a#write1 ok, b#write1 ok");
}

#[test]
fn a_flow_can_take_another_path_when_its_steps_fail() {
    let catch = json!({"catch": [
        {"on": ["timeout"], "gap": "too slow"},
        {"on": ["forbidden"], "do": [
            {"id": "say", "call": "toy.order.place", "with": {"what": "${run.failure.kind}"}},
        ]},
    ], "finally": [order("last")]});
    let run = played(catch, true);
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.orders["tt-test/say/1"]["what"], "forbidden");
    expect![[r#"
        failed A failed | not allowed: no
        adapted The steps could not be done | A: not allowed: no; took the other path
        done Say confirmed
        done Last confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn a_flow_can_end_with_a_gap() {
    let run = played(json!({"catch": [{"gap": "nothing was ordered"}]}), true);
    let expected = "completed_with_gaps: done, but: nothing was ordered (not allowed: no)";
    assert_eq!(run.end(), expected);
}

#[test]
fn the_other_path_of_a_step_can_tell_what_failed() {
    let mut document = flow(json!([
        {"id": "a", "call": "toy.order.place", "with": {"what": "a"}, "catch": [{"do": [
            {"id": "say", "call": "toy.order.place", "with": {"what": "${a.failure.kind}"}},
        ]}]},
    ]));
    let mut run = begin(&document);
    run.outside.fault("toy.order.place", [forbidden()]);
    run.go();
    assert_eq!(run.outside.orders["tt-test/say/1"]["what"], "forbidden");
    // What the other side said chooses no target.
    document["steps"][0]["catch"][0]["do"][0] = json!(
        {"id": "note", "call": "toy.note.add", "with": {"on": "${a.failure.message}", "text": "x"}});
    let mut run = begin(&document);
    run.outside.fault("toy.order.place", [forbidden()]);
    run.go();
    assert_eq!(run.end(), "waiting_person: waiting for approval: Note");
}

#[test]
fn a_write_can_be_recalled_before_it_leaves() {
    use tutti_core::event::{Said, Way};
    let document = |more: Value| {
        let mut document = flow(json!([order("tea"), order("cup")]));
        document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        document
    };
    let by_autonomy = document(json!({"autonomy": "act_with_recall"}));
    let mut run = begin(&by_autonomy);
    run.go();
    assert_eq!(run.end(), "waiting_outside: Tea: leaves unless it is recalled");
    assert_eq!(writes(&run), "");
    let begun = run.now;
    run.sleep();
    assert_eq!((run.now - begun, writes(&run).as_str()), (600_000, "tea#write1 ok"));
    let card = run.view().questions[0].clone();
    let say = |way| Said::Resolve { question: card.id.clone(), way, reason: "wrong".to_owned() };
    let mut hasty = begin(&by_autonomy);
    hasty.go();
    hasty.sleep();
    hasty.say("admin", say(Way::Now));
    assert_eq!(hasty.end(), "completed: everything was done");
    run.say("admin", say(Way::Recall));
    assert_eq!(run.end(), "failed: Cup: refused: Admin recalled it: wrong");
    assert_eq!(writes(&run), "tea#write1 ok");
}

#[test]
fn what_was_approved_can_be_recalled_too_and_is_looked_at_again_before_it_leaves() {
    let mut document = flow(json!([
        {"id": "send", "call": "toy.letter.send", "with": {"to": "t1", "text": "hello"}},
    ]));
    document["policies"] = json!([
        {"approve": "effect.reversibility == 'irreversible'", "by": "dana", "recall": "10m"},
    ]);
    let mut run = begin(&document);
    run.go();
    run.approve("dana");
    assert_eq!(run.end(), "waiting_outside: Send: leaves unless it is recalled");
    run.outside.things.get_mut("t1").unwrap()["version"] = json!(9);
    run.sleep();
    assert_eq!(run.end(), "waiting_person: waiting for approval: Send", "the target changed");
    run.approve("dana");
    run.sleep();
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn a_run_that_failed_hands_off_what_a_person_needs() {
    let mut document = flow(json!([
        {"id": "text", "call": "toy.thing.set", "with": {"id": "t1", "text": "ours"}},
        order("a"), order("b"),
    ]));
    document["context"] = json!({"thing": {"use": "toy.thing.get", "with": {"id": "t1"}}});
    let mut run = begin(&document);
    run.outside.fault("toy.order.place", [forbidden()]);
    run.go();
    let packet = run.view().hand_off.unwrap();
    let known: Vec<&str> = packet.known.iter().map(|saw| saw.fact.as_str()).collect();
    assert_eq!(known, ["text", "thing", "trigger"]);
    let done: Vec<(&str, bool)> = packet
        .done
        .iter()
        .map(|done| (done.title.as_str(), done.undo == tutti_core::view::Undo::Possible))
        .collect();
    assert_eq!(done, [("Text", true)]);
    assert_eq!(packet.missing, ["B"]);
    assert_eq!(packet.suggestion, "Have the connection’s account allowed to do this.");
    assert!(played(json!({}), false).view().hand_off.is_none(), "all went well");
}
