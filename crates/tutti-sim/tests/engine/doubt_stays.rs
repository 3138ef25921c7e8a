//! A write of which nobody knows whether it happened stays so: whatever the flow goes on with,
//! whoever runs it once more or takes it back meets it as what it is.

use serde_json::{Value, json};
use tutti_core::event::{Said, Way};
use tutti_core::failure::Failure;
use tutti_core::view::{QuestionView, Undo};

use crate::toy::{Fault, Play, begin, flow};

fn paint() -> Value {
    let with = json!({"name": "colour", "value": "red"});
    json!({"id": "paint", "call": "toy.flag.set", "with": with})
}

fn note(catch: Value) -> Value {
    let with = json!({"on": "t1", "text": "hi"});
    json!({"id": "note", "call": "toy.note.add", "with": with, "catch": catch})
}

fn rejected() -> Failure {
    Failure::Rejected { code: "400".to_owned(), message: "bad search".to_owned() }
}

fn conflict() -> Failure {
    Failure::Conflict { message: "stale".to_owned() }
}

/// A note whose answer is lost and which cannot be looked for; it really happened, or did not.
fn lost_note(catch: Value, happened: bool) -> Play {
    let mut run = begin(&flow(json!([note(catch), {"id": "rest", "set": {"x": 1}}])));
    let lost = if happened { Fault::Afterwards } else { Fault::Instead };
    run.outside.fault("toy.note.add", [lost(Failure::Timeout)]);
    run.outside.fault("toy.note.list", [Fault::Instead(rejected())]);
    run.go();
    run
}

fn asked(run: &Play) -> QuestionView {
    run.view()
        .questions
        .first()
        .cloned()
        .unwrap_or_else(|| panic!("{}\n{}", run.end(), run.lines()))
}

fn resolve(run: &mut Play, way: Way) {
    let question = asked(run).id;
    run.say("admin", Said::Resolve { question, way, reason: "seen".to_owned() });
}

fn rerun(run: &mut Play, step: &str) {
    run.now += 1;
    run.say("dana", Said::Rerun { step: step.to_owned(), reason: "mended".to_owned(), seen: None });
}

fn undo(run: &mut Play) {
    run.say("dana", Said::Undo { effects: Vec::new(), reason: "wrong".to_owned() });
}

/// What became of the first write since.
fn undone(run: &Play) -> Option<Undo> {
    run.view().timeline.into_iter().find_map(|entry| entry.did).unwrap().undo
}

#[test]
fn a_value_of_its_own_is_not_taken_for_what_was_there_before() {
    let mut run = begin(&flow(json!([paint()])));
    run.outside.flags.insert("colour".to_owned(), json!("blue"));
    let faults = [Fault::Afterwards(Failure::Timeout), Fault::Instead(conflict())];
    run.outside.fault("toy.flag.set", faults);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    undo(&mut run);
    assert_eq!(run.outside.flags["colour"], "blue", "{}", run.lines());
}

#[test]
fn nobody_is_asked_again_because_of_a_change_of_its_own() {
    let mut document = flow(json!([paint()]));
    document["policies"] =
        json!([{"approve": "effect.operation == 'toy.flag.set'", "by": "dana", "within": "1h"}]);
    let mut run = begin(&document);
    let slow = Failure::RateLimited { after_ms: Some(60_000) };
    let faults = [Fault::Afterwards(Failure::Timeout), Fault::Instead(slow)];
    run.outside.fault("toy.flag.set", faults);
    run.go();
    run.approve("dana");
    assert_eq!(run.end(), "completed: everything was done");
    undo(&mut run);
    assert!(run.outside.flags.is_empty(), "{}", run.lines());
}

#[test]
fn what_somebody_changed_meanwhile_is_not_written_over() {
    let mut run = begin(&flow(json!([paint()])));
    run.outside.flags.insert("colour".to_owned(), json!("blue"));
    run.outside.fault("toy.flag.set", [Fault::Instead(conflict())]);
    let slow = Failure::RateLimited { after_ms: Some(60_000) };
    run.outside.fault("toy.flag.get", [Fault::Meddled, Fault::Instead(slow)]);
    assert!(run.hold(None).unwrap());
    run.outside.flags.insert("colour".to_owned(), json!("green"));
    run.go();
    assert_eq!(run.outside.flags["colour"], "green", "{}", run.lines());
    let why =
        "failed: Paint: the target changed meanwhile: somebody changed `value` since it was read";
    assert_eq!(run.end(), why);
    assert!(!run.lines().contains("applied the change"), "{}", run.lines());
}

#[test]
fn a_catch_for_what_was_refused_does_not_take_what_may_have_happened() {
    let run = lost_note(json!([{"on": ["rejected"], "gap": "no note"}]), true);
    assert_eq!(asked(&run).why.matches("whether it happened is not known").count(), 1);
    assert_eq!(run.outside.notes.len(), 1);
}

#[test]
fn a_catch_for_what_came_back_takes_it_and_the_doubt_is_told() {
    for (catch, end) in [
        (
            json!([{"on": ["timeout"], "gap": "no note"}]),
            "completed_with_gaps: done, but: no note (no answer in time; whether it happened is not \
             known)",
        ),
        (
            json!([{"on": ["timeout"], "default": {"id": 0}}]),
            "completed_with_gaps: done, but: whether “Note” happened is not known",
        ),
        (
            json!([{"on": ["timeout"], "do": [{"id": "other", "set": {"x": 2}}]}]),
            "completed_with_gaps: done, but: whether “Note” happened is not known",
        ),
    ] {
        let run = lost_note(catch, true);
        assert_eq!(run.end(), end, "{}", run.lines());
    }
}

#[test]
fn run_once_more_it_is_listed_and_looked_for_first() {
    for happened in [true, false] {
        let mut run = lost_note(json!([]), happened);
        resolve(&mut run, Way::Stop);
        let packet = run.view().hand_off.unwrap();
        assert_eq!(packet.missing[0], "whether “Note” happened is not known");
        let would = run.stored().would_repeat(&run.flow, "note").unwrap();
        assert_eq!(would, ["Note (whether it happened is not known)"]);
        rerun(&mut run, "note");
        assert_eq!(run.end(), "completed: everything was done", "{}", run.lines());
        assert_eq!(run.outside.notes.len(), 1, "{}", run.lines());
        assert_eq!(run.outside.notes.values().next().unwrap(), "hi\n\ntt-test/note/1");
    }
}

#[test]
fn run_once_more_it_may_still_be_in_doubt() {
    let mut run = lost_note(json!([]), true);
    resolve(&mut run, Way::Stop);
    run.outside.fault("toy.note.list", [Fault::Instead(rejected())]);
    rerun(&mut run, "note");
    resolve(&mut run, Way::Happened);
    assert_eq!(run.end(), "completed: everything was done", "{}", run.lines());
    assert_eq!(run.outside.notes.len(), 1);
}

#[test]
fn run_once_more_a_person_says_of_an_unsafe_one_whether_it_happened() {
    let mail = json!({"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"}});
    for (way, mails) in [(Way::Happened, 1), (Way::Again, 2)] {
        let mut run = begin(&flow(json!([mail])));
        run.outside.fault("toy.mail.send", [Fault::Afterwards(Failure::Timeout)]);
        run.go();
        run.cancel();
        rerun(&mut run, "mail");
        assert_eq!(run.outside.mails.len(), 1, "nobody knows yet");
        resolve(&mut run, way);
        assert_eq!(run.end(), "completed: everything was done");
        assert_eq!(run.outside.mails.len(), mails, "{}", run.lines());
    }
}

#[test]
fn another_write_of_the_same_step_is_another_effect() {
    let steps = json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "${thing.text}"}},
    ]);
    let mut run = begin(&flow(steps));
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    run.outside.fault("toy.note.list", [Fault::Instead(rejected())]);
    run.go();
    resolve(&mut run, Way::Stop);
    run.outside.things.get_mut("t1").unwrap()["text"] = json!("other words");
    rerun(&mut run, "thing");
    let end = "completed_with_gaps: done, but: whether “Note” happened is not known";
    assert_eq!(run.end(), end, "of the first one");
    assert_eq!(run.outside.notes.len(), 2);
    undo(&mut run);
    assert!(run.outside.notes.is_empty(), "{}", run.lines());
}

#[test]
fn it_is_looked_for_before_it_is_taken_back() {
    let mut run = lost_note(json!([{"on": ["timeout"], "gap": "no note"}]), true);
    assert_eq!(undone(&run), Some(Undo::Possible));
    undo(&mut run);
    assert!(run.outside.notes.is_empty(), "{}", run.lines());
    assert!(matches!(undone(&run), Some(Undo::Done { .. })), "{:?}", undone(&run));
    assert!(run.lines().contains("Undid: Note confirmed"), "{}", run.lines());
}

#[test]
fn what_had_not_happened_needs_no_undo() {
    let mut run = lost_note(json!([{"on": ["timeout"], "gap": "no note"}]), false);
    undo(&mut run);
    let why = "it had not happened".to_owned();
    assert_eq!(undone(&run), Some(Undo::Impossible { why, again: false }));
    assert!(run.lines().contains("there was nothing to take back"), "{}", run.lines());
}

#[test]
fn a_cancelled_run_takes_back_what_was_in_doubt_by_what_is_there_now() {
    for committed in [true, false] {
        let mut run = begin(&flow(json!([paint()])));
        run.outside.flags.insert("colour".to_owned(), json!("blue"));
        let lost = if committed { Fault::Afterwards } else { Fault::Instead };
        run.outside.fault("toy.flag.set", [1, 2, 3].map(|_| lost(Failure::Timeout)));
        run.go();
        assert!(asked(&run).why.contains("whether it happened is not known"));
        run.cancel();
        undo(&mut run);
        assert_eq!(run.outside.flags["colour"], "blue", "{}", run.lines());
        assert!(matches!(undone(&run), Some(Undo::Done { .. })), "{:?}", undone(&run));
    }
}

#[test]
fn a_write_known_not_to_have_happened_failed_with_what_came_back() {
    let down = Failure::Unavailable { status: 503 };
    let catch = json!([{"on": ["unavailable"], "gap": "no note"}]);
    let mut run = begin(&flow(json!([note(catch)])));
    run.outside.fault("toy.note.add", [1, 2, 3].map(|_| Fault::Instead(down.clone())));
    let start = run.now;
    run.go();
    let end = "completed_with_gaps: done, but: no note (the other side failed with status 503)";
    assert_eq!(run.end(), end, "{}", run.lines());
    // Looked for 2 s and 10 s after each try, which is longer than there is to be between them.
    assert_eq!(run.now - start, 3 * 10_000);
}

#[test]
fn what_used_up_its_calls_can_be_taken_back() {
    let mut document = flow(json!([note(json!([])), paint()]));
    document["budget"] = json!({"calls": 3});
    let mut run = begin(&document);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    undo(&mut run);
    assert!(run.outside.notes.is_empty() && run.outside.flags.is_empty(), "{}", run.lines());
}

#[test]
fn nothing_is_done_anew_while_a_write_of_it_is_on_its_way() {
    let mut run = begin(&flow(json!([
        {"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}},
    ])));
    let mut session = run.open();
    let mut start = |session: &mut tutti_core::session::Session, events| {
        let turn = session.step(events, run.now);
        assert!(turn.commit.is_none_or(|commit| run.storage.execute(&commit)));
        turn.effects
    };
    start(&mut session, Vec::new());
    let cancel = Said::Cancel { reason: "no".to_owned() };
    let (id, account, name) = ("c".to_owned(), "dana".to_owned(), "Dana".to_owned());
    let cancel = tutti_core::event::Event::Said { id, account, name, answer: cancel };
    start(&mut session, vec![cancel]);
    assert_eq!(session.run().would_repeat(&run.flow, "tea"), None);
}

#[test]
fn what_undo_found_out_stays_known() {
    let catch = json!([{"on": ["timeout"], "default": {"id": 0}}]);
    let mut run = lost_note(catch, false);
    undo(&mut run);
    assert_eq!(run.view().gaps, Vec::<String>::new());
    rerun(&mut run, "rest");
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.view().gaps, Vec::<String>::new(), "{}", run.lines());
}

#[test]
fn what_was_not_looked_for_is_not_told_as_if_it_was() {
    let mut run = begin(&flow(json!([note(json!([]))])));
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    assert!(run.hold(None).unwrap());
    run.cancel();
    assert!(!run.lines().contains("looked"), "{}", run.lines());
}
