//! What the simulation found, each as the smallest run that shows it.

use serde_json::{Value, json};
use tutti_core::event::{Brake, Effect, Event, Reply, Said, Way};
use tutti_core::failure::Failure;
use tutti_core::session::Turn;
use tutti_core::view::{EffectState, StepState, Undo};

use crate::toy::{Fault, Play, begin, flow, run};

fn order(id: &str) -> Value {
    json!({"id": id, "call": "toy.order.place", "with": {"what": id}})
}

fn note() -> Value {
    json!({"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}})
}

fn answered(effect: &Effect, result: Reply) -> Event {
    Event::Answered { effect: effect.id.clone(), result, took_ms: 1 }
}

fn of<'t>(turn: &'t Turn, step: &str) -> &'t Effect {
    turn.effects.iter().find(|effect| effect.key.contains(step)).unwrap()
}

/// Goes on with a call that got stuck.
fn resolve(run: &mut Play, way: Way) {
    let question = run.view().questions[0].id.clone();
    run.say("dana", Said::Resolve { question, way, reason: String::new() });
}

fn undo(run: &mut Play) {
    run.say("dana", Said::Undo { effects: Vec::new(), reason: String::new() });
}

fn hold(run: &mut Play, brake: Brake) {
    run.say("dana", Said::hold(brake, String::new()));
}

/// What became of the undoing of the first write.
fn undone(run: &Play) -> Option<Undo> {
    run.view().timeline.into_iter().find_map(|entry| entry.did.and_then(|did| did.undo))
}

#[test]
fn what_a_dead_worker_had_sent_counts() {
    let mut document = flow(json!([note()]));
    document["budget"] = json!({"calls": 2});
    let mut run = begin(&document);
    // It dies with its write on the way; the probe is the second call, and there is no third.
    run.mischief.kill_at = Some(2);
    run.go();
    assert_eq!(run.view().spend.calls, 2, "{}", run.lines());
    assert!(run.outside.notes.is_empty());
}

#[test]
fn a_call_that_had_no_arguments_leaves_with_none_when_it_is_tried_again() {
    let mut run = run(json!([
        {"id": "tea", "call": "toy.order.place", "with": {"what": "${trigger.nothing}"},
         "catch": [{"ask": "dana"}]},
    ]));
    resolve(&mut run, Way::Again);
    assert!(run.outside.orders.is_empty(), "{:?}", run.outside.orders);
    assert_eq!(run.end(), "waiting_person: Tea: `trigger.nothing` is missing");
}

#[test]
fn while_a_brake_is_on_the_last_word_to_a_call_holds() {
    let mut run = run(json!([
        {"id": "tea", "call": "toy.order.place", "with": {"what": "${trigger.nothing}"},
         "catch": [{"ask": "dana"}]},
    ]));
    hold(&mut run, Brake::Pause);
    resolve(&mut run, Way::Again);
    resolve(&mut run, Way::Without);
    run.say("dana", Said::Resume { brake: Brake::Pause });
    let end = "completed_with_gaps: done, but: Tea (`trigger.nothing` is missing)";
    assert_eq!(run.end(), end, "{}", run.lines());
}

#[test]
fn a_brake_that_was_on_at_the_end_can_be_released_after_it() {
    let mut run = run(json!([note(), {"id": "rest", "wait": "1h"}]));
    hold(&mut run, Brake::Stop);
    run.cancel();
    undo(&mut run);
    assert_eq!(run.end(), "held: held by a stop of Dana");
    assert_eq!(run.outside.notes.len(), 1, "nothing leaves while it is on");
    run.say("dana", Said::Resume { brake: Brake::Stop });
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.notes.is_empty());
}

#[test]
fn what_a_lost_worker_sent_in_a_branch_that_lost_is_told_and_counted() {
    let mut run = begin(&flow(json!([{"id": "race", "join": "first", "fork": {
        "a": [{"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"},
               "catch": [{"gap": "no mail"}]}],
        "b": [order("tea")],
    }}])));
    let mut session = run.open();
    let turn = session.step(vec![], run.now);
    assert!(run.storage.execute(&turn.commit.unwrap()), "both are on their way");
    run.go();
    let view = run.view();
    assert_eq!(view.spend.calls, 2, "{}", run.lines());
    let tea = view.timeline.iter().find(|entry| entry.step == "tea").unwrap();
    assert_eq!(tea.detail, "no answer in time; whether it happened is not known");
}

#[test]
fn a_write_that_is_stopped_in_the_moment_it_is_wanted_does_not_leave() {
    let thing = json!({"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}});
    let other = json!({"id": "other", "call": "toy.thing.get", "with": {"id": "t1"}});
    let mut run = begin(&flow(json!([
        {"id": "race", "join": "first", "fork": {"a": [thing, order("tea")], "b": [other]}},
        {"id": "rest", "wait": "1h"},
    ])));
    let mut session = run.open();
    let turn = session.step(vec![], run.now);
    let answer = |step| answered(of(&turn, step), Reply::Ok(json!({"id": "t1"})));
    let next = session.step(vec![answer("thing"), answer("other")], run.now);
    assert!(next.effects.is_empty(), "{:?}", next.effects);
    assert!(run.storage.execute(&next.commit.unwrap()));
    let timeline = run.view().timeline.into_iter();
    let mut told = timeline.filter_map(|entry| Some((entry.did?, entry.detail)));
    let (did, detail) = told.next_back().unwrap();
    assert_eq!(did.outcome, EffectState::Failed);
    assert_eq!(detail, "it was stopped before it left");
}

#[test]
fn a_model_s_choice_ends_with_the_branch_it_was_asked_in() {
    let mut tea = order("tea");
    tea["catch"] = json!([{"agent": {"else": "dana"}}]);
    let mut run = begin(&flow(json!([
        {"id": "race", "join": "first", "fork": {"a": [tea], "b": [{"id": "nap", "wait": "1s"}]}},
        {"id": "rest", "wait": "1h"},
    ])));
    let message = "no".to_owned();
    run.outside.fault("toy.order.place", [Fault::Instead(Failure::Forbidden { message })]);
    let mut session = run.open();
    let turn = session.step(vec![], run.now);
    assert!(run.storage.execute(turn.commit.as_ref().unwrap()));
    let refused = Reply::Failed(Failure::Forbidden { message: "no".to_owned() });
    let turn = session.step(vec![answered(of(&turn, "tea"), refused)], run.now);
    assert_eq!(turn.effects.len(), 1, "the model is asked");
    let turn = session.step(vec![], run.now + 2_000);
    assert_eq!(turn.in_flight, 0, "and then nobody waits for its answer");
}

#[test]
fn what_a_person_refused_is_no_model_s_to_choose() {
    let mut tea = order("tea");
    tea["autonomy"] = json!("act_with_recall");
    tea["catch"] = json!([{"agent": {"else": "dana"}}]);
    let mut run = run(json!([tea]));
    run.outside.answer(json!({"way": "again"}));
    resolve(&mut run, Way::Recall);
    assert!(run.outside.asked.is_empty(), "the model is not asked");
    assert_eq!(run.view().questions.len(), 1, "a person is");
}

#[test]
fn what_is_being_taken_back_is_followed_up_when_somebody_stops_that() {
    let mut run = run(json!([note()]));
    let undo = Said::Undo { effects: Vec::new(), reason: String::new() };
    let said = |id: &str, answer| {
        let (id, account, name) = (id.to_owned(), "dana".to_owned(), "Dana".to_owned());
        Event::Said { id, account, name, answer }
    };
    let mut session = run.open();
    let turn = session.step(vec![said("1", undo)], run.now);
    let cancel = Said::Cancel { reason: "enough".to_owned() };
    assert!(run.storage.execute(turn.commit.as_ref().unwrap()));
    session.step(vec![said("2", cancel)], run.now);
    let turn = session.step(vec![answered(of(&turn, "undo"), Reply::Ok(json!({})))], run.now);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    assert!(matches!(undone(&run), Some(Undo::Done { .. })), "{:?}", undone(&run));
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn a_run_stays_as_it_ended_when_its_taking_back_is_given_up() {
    let mut run = run(json!([note()]));
    let account = "dana".to_owned();
    let answer = Said::Undo { effects: Vec::new(), reason: String::new() };
    let name = account.clone();
    let mut session = run.open();
    let turn =
        session.step(vec![Event::Said { id: "1".to_owned(), account, name, answer }], run.now);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    run.storage.row.claims = 3;
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    let why = "given up: 3 workers died on it one after the other; \
               whether it was undone all the same is not known";
    assert_eq!(undone(&run), Some(Undo::Impossible { why: why.to_owned(), again: true }));
}

#[test]
fn what_a_person_says_happened_is_found_by_its_mark() {
    let mut run = begin(&flow(json!([note()])));
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    run.outside.fault("toy.note.list", vec![Fault::Instead(Failure::Unauthorized); 1]);
    run.go();
    resolve(&mut run, Way::Happened);
    undo(&mut run);
    assert!(matches!(undone(&run), Some(Undo::Done { .. })), "{:?}", undone(&run));
    assert!(run.outside.notes.is_empty());
}

#[test]
fn a_finished_run_shows_no_step_at_work() {
    let run = run(json!([
        {"id": "way", "switch": [{"when": "true", "do": [
            {"id": "both", "try": [{"id": "stop", "raise": {"error": "no", "message": "no"}}]}]},
            {"unknown": true, "do": []}],
         "catch": [{"gap": "not done"}]},
    ]));
    let strip: Vec<StepState> = run.view().strip.into_iter().map(|tile| tile.state).collect();
    assert_eq!(strip, [StepState::Failed]);
}

#[test]
fn the_time_after_the_end_is_not_the_run_s() {
    let mut document = flow(json!([note(), order("tea"), {"id": "rest", "wait": "1h"}]));
    document["budget"] = json!({"wall": "2h"});
    let mut run = begin(&document);
    run.go();
    run.sleep();
    run.now += 10 * 3_600_000;
    undo(&mut run);
    run.now += 3_600_000;
    run.say("dana", Said::Rerun { step: "tea".to_owned(), reason: String::new(), seen: None });
    assert_eq!(run.end(), "waiting_outside: Rest");
}
