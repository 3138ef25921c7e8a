//! Approvals: a person's yes covers exactly what it was given to, and nothing else.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::event::{Event, Said};
use tutti_core::failure::Failure;
use tutti_core::run::Viewer;
use tutti_core::view::{ApprovalView, RunState};

use crate::toy::{Fault, Play, begin, flow};

fn document() -> Value {
    let mut document = flow(json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        {"id": "do", "title": "Set the thing", "call": "toy.thing.set",
         "with": {"id": "t1", "text": "new words"}},
    ]));
    document["policies"] = json!([
        {"approve": "effect.operation == 'toy.thing.set'", "by": "dana",
         "why": "The tier is ${thing.tier}.", "within": "1h"},
        {"never": "effect.input.text == 'forbidden'"},
    ]);
    document
}

fn asked() -> Play {
    let mut run = begin(&document());
    run.go();
    run
}

/// Dana's yes to what is asked, for a worker that has not heard it yet.
fn yes(run: &Play) -> Event {
    let ApprovalView { effect, payload_hash, .. } = card(run);
    Event::Said {
        id: "yes".to_owned(),
        account: "dana".to_owned(),
        name: "Dana".to_owned(),
        answer: Said::Approve { effect, payload_hash },
    }
}

fn card(run: &Play) -> ApprovalView {
    run.view().approvals.first().cloned().expect("somebody is asked")
}

fn text(run: &Play) -> &Value {
    &run.outside.things["t1"]["text"]
}

#[test]
fn a_held_effect_shows_exactly_what_will_be_sent() {
    let run = asked();
    assert_eq!(run.end(), "waiting_person: waiting for approval: Set the thing");
    assert!(run.outside.writes().is_empty());
    let card = card(&run);
    assert_eq!(card.why, "The tier is gold.");
    assert_eq!(card.approver_name, "Dana");
    assert_eq!(card.until, Some(run.now + 3_600_000));
    assert_eq!(card.then, "it is not sent, and the run ends there");
    assert!(!card.mine, "the question is Dana's");
    let changes: Vec<(String, Value, Value)> =
        card.changes.into_iter().map(|c| (c.field, c.before, c.after)).collect();
    let expected = [
        ("id".to_owned(), Value::Null, json!("t1")),
        ("text".to_owned(), json!("words of a customer"), json!("new words")),
    ];
    assert_eq!(changes, expected);
}

#[test]
fn a_before_value_is_found_under_the_name_it_has_there() {
    let mut document = document();
    document["steps"][1]["with"]["title"] = json!("New title");
    let mut run = begin(&document);
    run.go();
    let title = card(&run).changes.into_iter().find(|change| change.field == "title").unwrap();
    assert_eq!(title.before, json!("Old title"), "the inverse says that it is `heading`");
}

#[test]
fn yes_lets_it_leave_after_a_last_look() {
    let mut run = asked();
    run.approve("dana");
    assert_eq!(run.end(), "completed: everything was done");
    expect![[r#"
        thing#get1 ok
        do#read1 ok
        do#check2 ok
        do#write1 ok"#]]
    .assert_eq(&run.outside.log.join("\n"));
    expect![[r#"
        done Thing 
        waiting Asked for approval | Set the thing
        done Dana approved it | Set the thing
        done Set the thing confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn no_keeps_it_and_says_who_and_why() {
    let mut run = asked();
    let ApprovalView { effect, payload_hash, .. } = card(&run);
    run.say("dana", Said::Reject { effect, payload_hash, reason: "too early".to_owned() });
    assert_eq!(run.end(), "failed: Set the thing: refused: Dana said no: too early");
    assert!(run.outside.writes().is_empty());
}

#[test]
fn a_change_binds_the_yes_to_the_new_words() {
    let mut run = asked();
    let ApprovalView { effect, payload_hash, .. } = card(&run);
    let changes = json!({"text": "better words"}).as_object().unwrap().clone();
    run.say("dana", Said::Modify { effect, payload_hash, changes });
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(*text(&run), json!("better words"));
    let did = run
        .view()
        .timeline
        .pop()
        .and_then(|_| run.view().timeline.into_iter().find_map(|entry| entry.did));
    let change = did.unwrap().changes.into_iter().find(|c| c.field == "text").unwrap();
    assert_eq!(json!(change.provenance), json!(["asked"]));
}

#[test]
fn never_rules_are_asked_again_about_a_change() {
    let mut run = asked();
    let ApprovalView { effect, payload_hash, .. } = card(&run);
    let changes = json!({"text": "forbidden"}).as_object().unwrap().clone();
    run.say("dana", Said::Modify { effect, payload_hash, changes });
    let reason = "failed: Set the thing: refused: effect.input.text == 'forbidden'";
    assert_eq!(run.end(), reason);
    assert!(run.outside.writes().is_empty());
}

#[test]
fn a_change_the_operation_does_not_take_changes_nothing_and_the_question_stands() {
    for changes in [json!({"colour": "red"}), json!({"text": null}), json!({"text": ["a"]})] {
        let mut run = asked();
        let ApprovalView { effect, payload_hash, .. } = card(&run);
        let changes = changes.as_object().unwrap().clone();
        run.say("dana", Said::Modify { effect, payload_hash, changes });
        assert_eq!(run.storage.row.state, RunState::WaitingPerson);
        assert_eq!(card(&run).changes[1].after, json!("new words"));
        assert!(run.lines().contains("Dana changed it | "), "{}", run.lines());
    }
}

#[test]
fn an_answer_to_another_payload_is_no_answer() {
    let mut run = asked();
    let effect = card(&run).effect;
    run.say("dana", Said::Approve { effect, payload_hash: "0".repeat(64) });
    assert_eq!(run.storage.row.state, RunState::WaitingPerson);
    let ApprovalView { payload_hash, .. } = card(&run);
    let effect = "tt-test/other/1".to_owned();
    run.say("dana", Said::Approve { effect, payload_hash });
    assert_eq!(run.storage.row.state, RunState::WaitingPerson);
    assert!(run.outside.writes().is_empty());
}

#[test]
fn an_answer_of_somebody_else_is_no_answer() {
    let mut run = asked();
    run.approve("mallory");
    assert_eq!(run.storage.row.state, RunState::WaitingPerson);
    run.approve("dana");
    assert_eq!(run.storage.row.state, RunState::Completed);
}

#[test]
fn where_nobody_is_named_whoever_the_edge_let_through_may_answer() {
    let mut document = document();
    document["policies"][0]["by"] = json!("${thing.none}");
    let mut run = begin(&document);
    run.go();
    let seen = |is_admin| {
        let viewer = Viewer { account: "someone", is_admin };
        run.stored().view(&run.flow, 1, viewer).approvals[0].mine
    };
    assert!(seen(true) && !seen(false));
    run.approve("someone");
    assert_eq!(run.storage.row.state, RunState::Completed);
}

#[test]
fn text_of_a_stranger_names_no_approver() {
    let mut document = document();
    document["policies"][0]["by"] = json!("${thing.text}");
    let mut run = begin(&document);
    run.go();
    assert_eq!(card(&run).approver, "");
}

#[test]
fn a_target_that_changed_between_question_and_answer_is_asked_about_again() {
    let mut run = asked();
    run.outside.touch("t1");
    run.approve("dana");
    assert_eq!(run.storage.row.state, RunState::WaitingPerson);
    assert!(run.outside.writes().is_empty());
    let again = card(&run).asked_again.unwrap();
    assert_eq!(again, "The target changed since it was approved, so it is asked again.");
    run.approve("dana");
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn a_pause_before_the_next_try_does_not_outlive_the_approval() {
    // The other side asks for an hour's wait; meanwhile somebody changes the target.
    let mut run = asked();
    let busy = Failure::RateLimited { after_ms: Some(3_600_000) };
    run.outside.fault("toy.thing.set", [Fault::Instead(busy)]);
    let yes = yes(&run);
    run.post(yes);
    run.work(None).unwrap();
    assert_eq!(run.storage.row.state, RunState::Running, "it pauses");
    run.outside.touch("t1");
    run.sleep();
    assert_eq!(run.storage.row.state, RunState::WaitingPerson, "{}", run.lines());
    assert_eq!(run.outside.writes().len(), 1);
}

#[test]
fn a_question_nobody_answers_runs_out() {
    let mut run = asked();
    run.sleep();
    assert_eq!(run.now - tutti_sim::START, 3_600_000);
    assert_eq!(run.end(), "failed: Set the thing: refused: nobody answered in time");
    assert!(run.outside.writes().is_empty());
}

#[test]
fn what_happens_when_nobody_answers_is_what_the_card_says() {
    let table = [
        (
            json!([{"gap": "it stays as it was"}]),
            "completed_with_gaps",
            "it is not sent, and the run ends with a gap: it stays as it was",
        ),
        (
            json!([{"on": ["refused"], "do": []}]),
            "completed",
            "it is not sent, and the flow takes its other path",
        ),
        (
            json!([{"on": ["refused"], "default": 1}]),
            "completed",
            "it is not sent, and the flow goes on with a default",
        ),
        (
            json!([{"on": ["timeout"], "do": []}]),
            "failed",
            "it is not sent, and the run ends there",
        ),
    ];
    for (catch, state, then) in table {
        let mut document = document();
        document["steps"][1]["catch"] = catch;
        let mut run = begin(&document);
        run.go();
        assert_eq!(card(&run).then, then);
        run.sleep();
        assert!(run.end().starts_with(&format!("{state}:")), "{}", run.end());
    }
}

#[test]
fn the_same_answer_twice_is_one() {
    let mut run = asked();
    run.mischief.twice = true;
    let yes = yes(&run);
    run.post(yes.clone());
    run.post(yes);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.writes().len(), 1);
}

#[test]
fn what_was_approved_and_did_not_happen_is_looked_at_again_before_the_next_try() {
    let mut run = begin(&flow(json!([
        {"id": "do", "title": "Write to them", "call": "toy.letter.send",
         "with": {"to": "t1", "text": "hello"}},
    ])));
    run.go();
    run.outside.fault("toy.letter.send", [Fault::Instead(Failure::Timeout)]);
    let yes = yes(&run);
    run.post(yes);
    run.work(None).unwrap();
    assert_eq!(run.storage.row.state, RunState::Running, "it lets what it looks for settle");
    run.outside.touch("t1");
    run.sleep();
    assert_eq!(run.storage.row.state, RunState::WaitingPerson, "{}", run.lines());
    assert_eq!(run.outside.writes().len(), 1);
    run.approve("dana");
    assert_eq!(run.end(), "completed: everything was done");
}
