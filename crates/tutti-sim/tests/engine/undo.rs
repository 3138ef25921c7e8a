//! Taking back what a run wrote: the last first, nothing that somebody changed since, once.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::event::{Brake, Effect, Event, Reply, Said};
use tutti_core::failure::Failure;
use tutti_core::session::Session;
use tutti_core::view::Undo;

use crate::toy::{Fault, Play, begin, flow, run};
use tutti_sim::Outside;

fn steps() -> Value {
    json!([
        {"id": "text", "call": "toy.thing.set", "with": {"id": "t1", "text": "ours"}},
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
        {"id": "flag", "call": "toy.flag.set", "with": {"name": "f", "value": 2}},
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ])
}

fn undo(run: &mut Play, effects: &[&str]) {
    let effects = effects.iter().map(|effect| format!("tt-test/{effect}/1")).collect();
    run.say("dana", Said::Undo { effects, reason: "wrong case".to_owned() });
}

/// What can, could or could not be taken back, write by write.
fn undos(run: &Play) -> String {
    let mut lines = String::new();
    for did in run.view().timeline.into_iter().filter_map(|entry| entry.did) {
        let undo = match did.undo {
            Some(Undo::Possible) => "possible".to_owned(),
            Some(Undo::Done { .. }) => "done".to_owned(),
            Some(Undo::Impossible { why, again }) => format!("{why} (again: {again})"),
            None => continue,
        };
        lines.push_str(&format!("{}: {undo}\n", did.operation));
    }
    lines
}

#[test]
fn a_run_that_is_over_can_be_undone_and_says_what_could_not() {
    let mut run = run(steps());
    let before = run.outside.things["t1"]["text"].clone();
    assert_eq!(before, "ours");
    expect![[r#"
        toy.thing.set: possible
        toy.note.add: possible
        toy.flag.set: possible
        toy.order.place: there is no way to take it back (again: false)
    "#]]
    .assert_eq(&undos(&run));
    undo(&mut run, &[]);
    assert_eq!(run.end(), "completed: everything was done", "it is as over as it was");
    assert_eq!(run.outside.things["t1"]["text"], "words of a customer");
    assert!(run.outside.notes.is_empty() && run.outside.flags.is_empty());
    expect![[r#"
        toy.thing.set: done
        toy.note.add: done
        toy.flag.set: done
        toy.order.place: there is no way to take it back (again: false)
    "#]]
    .assert_eq(&undos(&run));
    expect![[r#"
        done Text confirmed
        done Note confirmed
        done Flag confirmed
        done Tea confirmed
        done Finished | everything was done
        done Dana undid 3 writes | wrong case
        done Undid: Flag confirmed
        done Undid: Note confirmed
        done Undid: Text confirmed
        done Undid 3 of 4 writes | Tea: there is no way to take it back
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn what_somebody_changed_since_stays_as_it_is() {
    let mut run = run(steps());
    run.outside.things.get_mut("t1").unwrap()["text"] = json!("a person's");
    run.outside.flags.insert("f".to_owned(), json!(7));
    undo(&mut run, &[]);
    assert_eq!(run.outside.things["t1"]["text"], "a person's");
    assert_eq!(run.outside.flags["f"], 7);
    assert!(run.outside.notes.is_empty(), "the rest is taken back");
    expect![[r#"
        toy.thing.set: the target changed meanwhile: somebody changed `text` since (again: true)
        toy.note.add: done
        toy.flag.set: the target changed meanwhile: somebody changed `value` since (again: true)
        toy.order.place: there is no way to take it back (again: false)
    "#]]
    .assert_eq(&undos(&run));
    // Once the person has put it back to what the run wrote, it can be undone after all.
    run.outside.things.get_mut("t1").unwrap()["text"] = json!("ours");
    undo(&mut run, &["text"]);
    assert_eq!(run.outside.things["t1"]["text"], "words of a customer");
}

#[test]
fn what_is_as_before_already_is_not_written_again() {
    let mut run = run(steps());
    run.outside.things.get_mut("t1").unwrap()["text"] = json!("words of a customer");
    let writes = run.outside.writes().len();
    undo(&mut run, &["text"]);
    assert_eq!(run.outside.writes().len(), writes);
    assert!(undos(&run).starts_with("toy.thing.set: done"));
}

#[test]
fn one_write_alone_can_be_undone_and_the_same_wish_twice_is_one() {
    let mut run = run(steps());
    undo(&mut run, &["note"]);
    assert!(run.outside.notes.is_empty());
    assert_eq!(run.outside.things["t1"]["text"], "ours");
    let writes = run.outside.writes().len();
    undo(&mut run, &["note"]);
    run.now += 1;
    undo(&mut run, &["note"]);
    assert_eq!(run.outside.writes().len(), writes);
    assert!(run.lines().contains("Dana wanted to undo what is undone already"));
}

#[test]
fn a_stopped_run_can_be_undone_and_nothing_else_of_it_wakes_up() {
    let mut run = run(json!([
        {"id": "text", "call": "toy.thing.set", "with": {"id": "t1", "text": "ours"}},
        {"id": "all", "fork": {
            "a": [{"id": "letter", "call": "toy.letter.send", "with": {"to": "t1", "text": "x"}}],
            "b": [{"id": "job", "wait": "1h"},
                  {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}}],
        }},
    ]));
    let card = run.view().approvals[0].clone();
    run.cancel();
    run.outside.fault("toy.thing.get", vec![Fault::Instead(Failure::Timeout)]);
    undo(&mut run, &[]);
    run.say("admin", Said::Approve { effect: card.effect, payload_hash: card.payload_hash });
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert_eq!(run.outside.things["t1"]["text"], "words of a customer", "after a second look");
    assert!(run.outside.orders.is_empty() && run.outside.things["t1"].get("letter").is_none());
}

#[test]
fn what_never_rules_forbid_is_not_undone_either() {
    let mut document = flow(steps());
    document["policies"] = json!([{"never": "effect.operation == 'toy.note.remove'"}]);
    let mut run = begin(&document);
    run.go();
    undo(&mut run, &[]);
    assert_eq!(run.outside.notes.len(), 1);
    assert!(undos(&run).contains("refused"), "{}", undos(&run));
}

#[test]
fn a_worker_that_dies_while_undoing_is_followed_by_one_that_goes_on() {
    let plain = {
        let mut run = run(steps());
        undo(&mut run, &[]);
        run
    };
    let begun = run(steps()).boundaries;
    for kill_at in begun..plain.boundaries {
        let mut run = run(steps());
        run.mischief.kill_at = Some(kill_at);
        undo(&mut run, &[]);
        let thing = &run.outside.things["t1"];
        assert_eq!(thing["text"], "words of a customer", "killed at {kill_at}");
        assert!(run.outside.notes.is_empty() && run.outside.flags.is_empty());
        assert_eq!(undos(&run), undos(&plain), "killed at {kill_at}");
        assert_eq!(run.end(), plain.end(), "killed at {kill_at}");
    }
}

#[test]
fn undoing_can_be_stopped_and_held() {
    let mut run = run(steps());
    run.say("dana", Said::hold(Brake::Stop, String::new()));
    assert_eq!(run.end(), "completed: everything was done", "what is over stays over");
    undo(&mut run, &["text"]);
    assert_eq!(run.end(), "held: held by a stop of Dana");
    assert_eq!(run.outside.things["t1"]["text"], "ours", "nothing leaves");
    run.cancel();
    assert_eq!(run.end(), "completed: everything was done");
}

fn said(answer: Said) -> Event {
    let id = format!("{answer:?}");
    Event::Said { id, account: "dana".to_owned(), name: "Dana".to_owned(), answer }
}

fn stop() -> Event {
    said(Said::Cancel { reason: "enough".to_owned() })
}

fn hold() -> Event {
    said(Said::hold(Brake::Stop, String::new()))
}

fn store(run: &mut Play, session: &mut Session, event: Event) -> Option<Effect> {
    let turn = session.step(vec![event], run.now);
    if let Some(commit) = &turn.commit {
        assert!(run.storage.execute(commit));
    }
    turn.effects.into_iter().next()
}

/// A run of one step that is being taken back: the inverse write has just been let go.
fn taking_back(step: Value) -> (Play, Session, Effect) {
    let mut run = run(json!([step]));
    let mut session = run.open();
    let mut event = said(Said::Undo { effects: Vec::new(), reason: String::new() });
    loop {
        let effect = store(&mut run, &mut session, event).expect("it goes on");
        if effect.is_write() {
            return (run, session, effect);
        }
        event = performed(&mut run, &effect);
    }
}

fn answered(effect: &Effect, result: Reply) -> Event {
    Event::Answered { effect: effect.id.clone(), result, took_ms: 5 }
}

fn performed(run: &mut Play, effect: &Effect) -> Event {
    let now = run.now;
    answered(effect, run.outside.perform(effect, now))
}

/// Another worker takes over, and hears this first.
fn next_worker(run: &mut Play, letter: Event) {
    run.post(letter);
    run.storage.row.claims += 1;
    run.storage.row.version += 1;
    run.go();
}

fn text() -> Value {
    json!({"id": "text", "call": "toy.thing.set", "with": {"id": "t1", "text": "ours"}})
}

fn note() -> Value {
    json!({"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}})
}

/// What is said of what may have been taken back.
const UNKNOWN: &str = "no answer in time; whether it was undone all the same is not known";

#[test]
fn what_was_being_taken_back_when_that_was_stopped_is_noted_as_it_turns_out() {
    let failed = |failure| Some(Reply::Failed(failure));
    let table = [
        (None, "done", "done Undid: Text"),
        (failed(Failure::RateLimited { after_ms: Some(60_000) }), "possible", "failed Undo: Text"),
        (failed(Failure::Unauthorized), "the credentials were", "failed Undo: Text"),
        (
            failed(Failure::Timeout),
            UNKNOWN,
            "failed Undo: Text unknown | no answer in time; whether",
        ),
    ];
    for (instead, undo, line) in table {
        let (mut run, mut session, write) = taking_back(text());
        let answer = match instead {
            None => performed(&mut run, &write),
            Some(reply) => answered(&write, reply),
        };
        assert_eq!(store(&mut run, &mut session, stop()), None);
        let next = store(&mut run, &mut session, answer.clone());
        assert_eq!(next, None, "nothing more leaves after {answer:?}");
        assert!(session.run().state().is_final(), "{answer:?}");
        assert!(undos(&run).starts_with(&format!("toy.thing.set: {undo}")), "{}", undos(&run));
        assert!(run.lines().contains(line), "{}", run.lines());
    }
}

/// A mail, which is taken back by a note: that can be looked for.
fn mail() -> Value {
    json!({"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"}})
}

#[test]
fn once_that_is_stopped_what_is_in_doubt_is_looked_for_or_said_to_be_unknown() {
    let unknown = format!("{UNKNOWN} (again: true)");
    let table = [
        (text(), true, unknown.as_str()),
        (text(), false, unknown.as_str()),
        (note(), true, unknown.as_str()),
        (note(), false, unknown.as_str()),
        (mail(), true, "done"),
        (mail(), false, "possible"),
    ];
    for (step, happened, undo) in table {
        let (mut run, _, write) = taking_back(step);
        if happened {
            performed(&mut run, &write);
        }
        let before = run.outside.writes().len();
        next_worker(&mut run, stop());
        assert_eq!(run.end(), "completed: everything was done");
        assert!(undos(&run).ends_with(&format!(": {undo}\n")), "{}", undos(&run));
        assert_eq!(run.outside.writes().len(), before, "nothing is sent once more");
        let line = "unknown | no answer in time; whether it happened is not known";
        assert_eq!(run.lines().contains(line), undo == unknown, "{}", run.lines());
    }
}

#[test]
fn what_waits_to_be_sent_once_more_is_not_sent_once_that_is_stopped() {
    let (mut run, mut session, write) = taking_back(text());
    let again = answered(&write, Reply::Failed(Failure::Timeout));
    assert_eq!(store(&mut run, &mut session, again), None, "it waits to be sent again");
    assert!(!session.run().state().is_final());
    assert_eq!(store(&mut run, &mut session, stop()), None);
    assert_eq!(run.end(), "completed: everything was done", "and there is nothing to wait for");
    assert!(undos(&run).starts_with(&format!("toy.thing.set: {UNKNOWN}")), "{}", undos(&run));
}

#[test]
fn a_run_that_failed_hands_off_what_may_have_been_taken_back() {
    let trouble = json!({"id": "stop", "raise": {"error": "trouble", "message": "no"}});
    let mut run = run(json!([text(), trouble]));
    run.outside.fault("toy.thing.set", [Fault::Afterwards(Failure::Timeout)]);
    let letter = said(Said::Undo { effects: Vec::new(), reason: String::new() });
    run.post(letter);
    assert!(run.hold(None).unwrap());
    run.say("dana", Said::Cancel { reason: "enough".to_owned() });
    assert_eq!(run.end(), "failed: Stop: no");
    let done = run.view().hand_off.unwrap().done;
    let why = UNKNOWN.to_owned();
    assert_eq!(done[0].undo, Undo::Impossible { why, again: true });
}

#[test]
fn a_brake_does_not_make_a_stopped_undo_wait_for_ever() {
    let (mut run, _, write) = taking_back(text());
    performed(&mut run, &write);
    next_worker(&mut run, hold());
    run.say("dana", Said::Cancel { reason: "enough".to_owned() });
    assert_eq!(run.end(), "held: held by a stop of Dana");
    run.say("dana", Said::Resume { brake: Brake::Stop });
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(undos(&run), format!("toy.thing.set: {UNKNOWN} (again: true)\n"));
}

#[test]
fn an_undo_that_is_given_up_takes_what_it_hears_late() {
    let given_up = Event::GaveUp { reason: "3 workers died".to_owned() };
    let (mut run, mut session, write) = taking_back(text());
    store(&mut run, &mut session, given_up.clone());
    let unknown = "given up: 3 workers died; whether it was undone all the same is not known";
    assert_eq!(undos(&run), format!("toy.thing.set: {unknown} (again: true)\n"));
    let answer = performed(&mut run, &write);
    store(&mut run, &mut session, answer);
    assert!(undos(&run).lines().all(|line| line == "toy.thing.set: done"), "{}", undos(&run));
    assert!(run.lines().contains("done Undid: Text confirmed | it had left already, and was done"));

    let (mut run, mut session, write) = taking_back(text());
    store(&mut run, &mut session, given_up);
    store(&mut run, &mut session, answered(&write, Reply::Failed(Failure::Unauthorized)));
    assert!(undos(&run).starts_with("toy.thing.set: the credentials were"), "{}", undos(&run));
}
