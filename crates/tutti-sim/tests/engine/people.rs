//! What only a person can say, and what a person can hold.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::event::{Brake, Said, Way};
use tutti_core::failure::Failure;
use tutti_core::view::QuestionView;

use crate::toy::{Fault, Play, begin, flow, run};

/// What was ordered.
fn ordered(run: &Play) -> Vec<String> {
    let what = |order: &Value| order["what"].as_str().unwrap().to_owned();
    run.outside.orders.values().map(what).collect()
}

fn ask(catch: Value) -> Value {
    json!([
        {"id": "place", "title": "Ask for the environment", "done": "Know the environment",
         "ask": {"question": "Which one is ${trigger.id} about?", "who": "dana", "within": "4h",
                 "answer": {"environment": {"one_of": ["prod", "staging"]},
                            "words": {"text": 40, "optional": true}}},
         "catch": catch},
        {"id": "order", "call": "toy.order.place", "with": {"what": "${place.environment}"},
         "catch": [{"on": ["missing"], "gap": "no order"}]},
    ])
}

fn asked(run: &Play) -> QuestionView {
    run.view().questions.first().cloned().expect("somebody is asked")
}

fn answer(run: &mut Play, account: &str, answer: Value) {
    let question = asked(run).id;
    let Value::Object(answer) = answer else { panic!("an object") };
    run.say(account, Said::Answer { question, answer });
}

fn resolve(run: &mut Play, way: Way) {
    let question = asked(run).id;
    run.say("admin", Said::Resolve { question, way, reason: "I looked".to_owned() });
}

#[test]
fn what_a_person_answers_is_a_fact_that_says_so() {
    let mut run = run(ask(json!([])));
    assert_eq!(run.end(), "waiting_person: waiting for an answer: Ask for the environment");
    let question = asked(&run);
    assert_eq!(question.question, "Which one is t1 about?");
    assert_eq!(question.schema.unwrap()["properties"]["environment"]["enum"][0], "prod");
    answer(&mut run, "dana", json!({"environment": "prod", "words": "said freely"}));
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(ordered(&run)[0], "prod");
    expect![[r#"
        waiting Asked: Which one is t1 about? 
        done Know the environment | Dana: prod
        done Order confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn an_answer_of_somebody_else_of_the_wrong_shape_or_to_another_question_is_none() {
    let mut run = run(ask(json!([])));
    answer(&mut run, "mallory", json!({"environment": "prod"}));
    let other = Said::Answer { question: "other".to_owned(), answer: serde_json::Map::new() };
    run.say("dana", other);
    answer(&mut run, "dana", json!({"environment": "moon"}));
    assert_eq!(run.end(), "waiting_person: waiting for an answer: Ask for the environment");
    let lines = run.lines();
    assert!(lines.contains("Dana’s answer could not be taken"), "{lines}");
    assert!(lines.contains("prod, staging") || lines.contains("prod or staging"), "{lines}");
    answer(&mut run, "dana", json!({"environment": "staging"}));
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn a_question_nobody_answers_ends_and_the_flow_says_how() {
    let mut run = run(ask(json!([{"on": ["unanswered"], "gap": "environment"}])));
    let begun = run.now;
    run.sleep();
    assert_eq!(run.now - begun, 4 * 3_600_000);
    let expected = "completed_with_gaps: done, but: environment (nobody answered in time); \
                    no order (`place` is missing)";
    assert_eq!(run.end(), expected);
    let mut silent = crate::toy::run(ask(json!([])));
    silent.sleep();
    assert_eq!(silent.end(), "failed: Ask for the environment: nobody answered in time");
}

fn mail() -> Play {
    let mut run = begin(&flow(json!([
        {"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"}},
        {"id": "order", "call": "toy.order.place", "with": {"what": "tea"}},
    ])));
    run.outside.fault("toy.mail.send", [Fault::Afterwards(Failure::Timeout)]);
    run.go();
    run
}

#[test]
fn a_person_says_whether_a_write_in_doubt_happened() {
    for (way, end, mails) in [
        (Way::Happened, "completed: everything was done", 1),
        (Way::Again, "completed: everything was done", 2),
        (
            Way::Without,
            "completed_with_gaps: done, but: Mail (no answer in time; whether it happened is not known)",
            1,
        ),
        (Way::Stop, "failed: Mail: no answer in time; whether it happened is not known", 1),
    ] {
        let mut run = mail();
        let question = asked(&run);
        assert_eq!(question.why, "Mail: no answer in time; whether it happened is not known");
        resolve(&mut run, way);
        assert_eq!(run.end(), end, "{way:?}");
        assert_eq!(run.outside.mails.len(), mails, "{way:?}");
        assert_eq!(ordered(&run).len(), usize::from(way != Way::Stop), "{way:?}");
    }
}

#[test]
fn an_answer_counts_once_and_only_for_its_question() {
    let mut run = mail();
    run.outside.fault("toy.mail.send", [Fault::Afterwards(Failure::Timeout)]);
    let first = asked(&run).id;
    resolve(&mut run, Way::Again);
    assert_ne!(asked(&run).id, first, "stuck again is another question");
    let old = Said::Resolve { question: first, way: Way::Again, reason: String::new() };
    run.say("admin", old);
    assert_eq!(run.outside.mails.len(), 2);
}

#[test]
fn refused_credentials_wait_for_a_person_and_the_run_goes_on_from_there() {
    let mut run = begin(&flow(json!([
        {"id": "link", "call": "toy.link.put", "with": {"to": "x"}},
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ])));
    run.outside.fault("toy.order.place", [Fault::Instead(Failure::Unauthorized)]);
    run.go();
    assert_eq!(run.end(), "waiting_person: reconnect toy");
    assert!(ordered(&run).is_empty());
    resolve(&mut run, Way::Again);
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(
        run.outside.writes(),
        ["link#write1 ok", "tea#write1 unauthorized", "tea#write2 ok"]
    );
}

#[test]
fn new_credentials_let_what_waits_for_them_go_on_by_itself() {
    let mut run = begin(&flow(json!([
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ])));
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    run.outside.fault("toy.note.list", [Fault::Instead(Failure::Unauthorized)]);
    run.outside.fault("toy.order.place", [Fault::Instead(Failure::Unauthorized)]);
    run.go();
    let doubt = "waiting_person: reconnect toy; whether “Note” happened is not known";
    assert_eq!(run.end(), doubt);
    assert!(run.storage.row.topics.contains("connection.renewed:toy"));
    run.signal("other", "connection.renewed:slack");
    assert_eq!(run.end(), doubt);
    for (again, end) in
        [("first", "waiting_person: reconnect toy"), ("second", "completed: everything was done")]
    {
        let by = json!({"by": "Jonas Weber"});
        (*run).signal(again, "connection.renewed:toy", by).unwrap();
        assert_eq!(run.end(), end);
    }
    assert_eq!(run.outside.notes.len(), 1, "it was looked for before anything was done again");
    assert!(run.lines().contains("Jonas Weber reconnected toy | tried again"), "{}", run.lines());
    assert!(run.storage.row.topics.is_empty());
}

#[test]
fn a_catch_of_the_flow_comes_before_the_question() {
    let mut run = begin(&flow(json!([
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"},
         "catch": [{"on": ["unauthorized"], "gap": "no tea"}]},
    ])));
    run.outside.fault("toy.order.place", [Fault::Instead(Failure::Unauthorized)]);
    run.go();
    let expected = "completed_with_gaps: done, but: no tea (the credentials were not accepted)";
    assert_eq!(run.end(), expected);
}

#[test]
fn context_that_needs_new_credentials_cannot_be_left_out() {
    let mut document = flow(json!([{"id": "a", "set": {"x": 1}}]));
    document["context"] = json!({"thing": {"use": "toy.thing.get", "with": {"id": "t1"}}});
    let mut run = begin(&document);
    run.outside.fault("toy.thing.get", [Fault::Instead(Failure::Unauthorized)]);
    run.go();
    let ways: Vec<Way> = asked(&run).ways.iter().map(|offered| offered.way).collect();
    assert_eq!(ways, [Way::Again, Way::Stop]);
    resolve(&mut run, Way::Without);
    assert_eq!(run.end(), "waiting_person: reconnect toy", "what is not offered is no answer");
    resolve(&mut run, Way::Again);
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn a_flow_can_ask_about_any_failure_of_a_call() {
    let document = flow(json!([
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"},
         "catch": [{"on": ["forbidden"], "ask": "dana"}]},
    ]));
    let forbidden = || Fault::Instead(Failure::Forbidden { message: "no".to_owned() });
    for (way, end) in [
        (Way::Again, "completed: everything was done"),
        (Way::Stop, "failed: Tea: not allowed: no"),
    ] {
        let mut run = begin(&document);
        run.outside.fault("toy.order.place", [forbidden()]);
        run.go();
        assert_eq!(run.end(), "waiting_person: Tea: not allowed: no");
        resolve(&mut run, way);
        assert_eq!(run.end(), "waiting_person: Tea: not allowed: no", "Dana is asked, not admin");
        let question = asked(&run).id;
        run.say("dana", Said::Resolve { question, way, reason: String::new() });
        assert_eq!(run.end(), end);
    }
}

#[test]
fn a_person_decides_what_no_model_could() {
    let document = flow(json!([
        {"id": "pick", "decide": {"question": "Which?", "facts": [],
                                  "answer": {"way": {"one_of": ["up", "down"]}}},
         "catch": [{"ask": "dana"}]},
        {"id": "order", "call": "toy.order.place", "with": {"what": "${pick.way}"}},
    ]));
    let mut run = begin(&document);
    for _ in 0..2 {
        run.outside.answer(json!({"way": "sideways"}));
    }
    run.go();
    let question = asked(&run);
    assert!(question.why.contains("must be"), "{}", question.why);
    let packet = run.view().hand_off.unwrap();
    assert_eq!(packet.suggestion, "Look at what is known, then decide it yourself.");
    assert_eq!(packet.missing, ["Order"]);
    answer(&mut run, "dana", json!({"way": "down"}));
    assert_eq!(run.end(), "completed: everything was done");
    assert!(run.view().hand_off.is_none());
    assert_eq!(ordered(&run), ["down"]);
}

fn undo_all() -> Said {
    Said::Undo { effects: Vec::new(), reason: String::new() }
}

fn hold(run: &mut Play, brake: Brake) {
    run.say("dana", Said::hold(brake, "wait a bit".to_owned()));
}

fn resume(run: &mut Play, brake: Brake) {
    run.say("dana", Said::Resume { brake });
}

#[test]
fn while_it_is_held_nothing_leaves_and_everything_is_heard() {
    let mut run = run(json!([
        {"id": "done", "listen": {"to": [{"event": "toy.job", "key": "j"}],
                                 "read": {"job": {"use": "toy.job.get", "with": {"id": "j1"}}},
                                 "until": "job.status == 'done'", "within": "20h"}},
        {"id": "letter", "call": "toy.letter.send", "with": {"to": "t1", "text": "hello"}},
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ]));
    let looked = run.outside.log.len();
    hold(&mut run, Brake::Pause);
    assert_eq!(run.end(), "held: paused by Dana: wait a bit");
    run.outside.jobs.insert("j1".to_owned(), json!({"id": "j1", "status": "done"}));
    run.signal("s", "toy.job:j");
    assert_eq!(run.end(), "held: paused by Dana: wait a bit");
    assert_eq!(run.outside.log.len(), looked, "it does not even look");
    resume(&mut run, Brake::Pause);
    assert_eq!(run.end(), "waiting_person: waiting for approval: Letter");
    hold(&mut run, Brake::Stop);
    run.approve("admin");
    assert_eq!(run.end(), "held: held by a stop of Dana: wait a bit");
    assert!(run.outside.writes().is_empty(), "the yes is heard, and nothing leaves");
    resume(&mut run, Brake::Stop);
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn every_brake_is_released_by_itself_and_the_time_it_held_is_not_the_run_s() {
    let mut document = flow(json!([
        {"id": "rest", "wait": "1h"},
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ]));
    document["budget"] = json!({"wall": "2h"});
    let mut run = begin(&document);
    run.go();
    hold(&mut run, Brake::Pause);
    hold(&mut run, Brake::Stop);
    run.now += 30 * 3_600_000;
    resume(&mut run, Brake::Stop);
    assert_eq!(run.end(), "held: paused by Dana: wait a bit");
    resume(&mut run, Brake::Pause);
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn a_held_run_can_be_stopped_for_good() {
    let mut run = run(json!([
        {"id": "rest", "wait": "1h"},
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ]));
    hold(&mut run, Brake::Pause);
    run.cancel();
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    resume(&mut run, Brake::Pause);
    assert!(run.outside.writes().is_empty());
}

#[test]
fn a_pause_ends_with_the_run() {
    let mut run = run(json!([
        {"id": "tea", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
        {"id": "rest", "wait": "1h"},
    ]));
    hold(&mut run, Brake::Pause);
    assert_eq!(run.view().brakes, [Brake::Pause]);
    run.cancel();
    assert!(run.view().brakes.is_empty());
    hold(&mut run, Brake::Pause);
    run.say("dana", undo_all());
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.notes.is_empty(), "nothing holds it back");
}

#[test]
fn a_stop_outlasts_the_run_and_holds_what_is_taken_back_too() {
    let mut run = run(json!([
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
        {"id": "rest", "wait": "1h"},
    ]));
    hold(&mut run, Brake::Stop);
    run.cancel();
    run.say("dana", undo_all());
    assert_eq!(run.end(), "held: held by a stop of Dana: wait a bit");
    assert_eq!(run.outside.notes.len(), 1);
    resume(&mut run, Brake::Stop);
    assert_eq!(run.end(), "cancelled: stopped by Dana: not needed");
    assert!(run.outside.notes.is_empty());
}
