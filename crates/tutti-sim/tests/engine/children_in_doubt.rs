//! Children of which nobody knows whether they began when nobody waits for them any more: each is
//! told to stop all the same, once it is known or nobody is left who could know.

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Event, Reply, Said, Way};
use tutti_core::failure::Failure;
use tutti_core::flow::Flow;
use tutti_core::operation::Operation;
use tutti_core::session::{Session, Turn};
use tutti_core::view::Undo;
use tutti_sim::{Mischief, Outside, Storage};

use crate::children::notify;
use crate::toy::{Fault, Play, begin, begin_linked, catalogue, flow, link};

const START: &str = "tt-test/notify_start/1";
const CANCELLED: &str = "cancelled: stopped by Dana: not needed";
const TOLD: &str = "done Told notify-customers to stop confirmed";
const TOLD_IN_DOUBT: &str = "done Told notify-customers to stop, if it began confirmed";

/// A run of this flow that no worker has taken up; its child would be at work.
fn fresh(document: &Value) -> Play {
    with_child(begin(document))
}

fn with_child(mut run: Play) -> Play {
    let child = json!({"over": false, "done": false, "reason": "at work", "output": null});
    run.outside.children.insert("child".to_owned(), child);
    run
}

/// Steps that run another flow and nothing else.
fn alone() -> Value {
    flow(json!([notify()]))
}

/// Its next starts happen, and nobody hears of it.
fn lose_answers(run: &mut Play, times: usize) {
    run.outside.fault("tutti.run.start", vec![Fault::Afterwards(Failure::Timeout); times]);
}

/// How often something was sent that tells a child to stop.
fn tellings(run: &Play) -> usize {
    run.outside.log.iter().filter(|line| line.starts_with("undo.")).count()
}

fn resolve(run: &mut Play, way: Way) {
    let question = run.view().questions.into_iter().next().unwrap().id;
    run.say("admin", Said::Resolve { question, way, reason: String::new() });
}

/// Its worker lets the start leave and is lost before it hears of it.
fn lose_worker(run: &mut Play) {
    let mut session = run.open();
    let turn = session.step(Vec::new(), run.now);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    let now = run.now;
    run.outside.perform(&turn.effects[0], now);
}

#[test]
fn one_whose_start_is_in_doubt_is_told_when_its_run_ends() {
    type Ends = fn(&mut Play);
    let table: [(&str, usize, Ends, &str); 6] = [
        (
            "it was about to be tried again",
            1,
            |run| {
                assert!(run.hold(None).unwrap());
                run.cancel();
            },
            CANCELLED,
        ),
        (
            "a person is asked what became of it",
            3,
            |run| {
                run.go();
                run.cancel();
            },
            CANCELLED,
        ),
        (
            "that person ends the run",
            3,
            |run| {
                run.go();
                resolve(run, Way::Stop);
            },
            "failed: Start notify-customers: no answer in time",
        ),
        (
            "that person goes on without it",
            3,
            |run| {
                run.go();
                resolve(run, Way::Without);
            },
            "completed_with_gaps: done, but: Start notify-customers (no answer in time)",
        ),
        (
            "nobody answers that in the run's time",
            3,
            |run| {
                run.go();
                run.sleep();
            },
            "failed: its time was over before it was done",
        ),
        (
            "its worker died",
            0,
            |run| {
                lose_worker(run);
                run.cancel();
            },
            CANCELLED,
        ),
    ];
    for (what, timeouts, ends, end) in table {
        let mut run = fresh(&alone());
        lose_answers(&mut run, timeouts);
        ends(&mut run);
        assert_eq!(run.end(), end, "{what}");
        assert_eq!(run.outside.stopped, ["tt-test/undo.0/0"], "{what}");
        assert_eq!(tellings(&run), 1, "{what}: {:?}", run.outside.log);
        assert!(run.lines().contains(TOLD_IN_DOUBT), "{what}: {}", run.lines());
        let doubt = run.view().timeline.into_iter().find_map(|entry| entry.did).unwrap();
        assert!(matches!(doubt.undo, Some(Undo::Done { .. })), "{what}: {doubt:?}");
    }
}

#[test]
fn each_iteration_tells_its_own() {
    let each = json!({"id": "each", "for": {
        "each": "item", "in": "['x', 'y', 'z']", "limit": 3, "at_once": 2, "do": [notify()]}});
    let mut run = fresh(&flow(json!([each])));
    lose_answers(&mut run, 2);
    assert!(run.hold(None).unwrap());
    run.cancel();
    let told: Vec<_> = run.outside.log.iter().filter(|line| line.starts_with("undo.")).collect();
    assert_eq!(told, ["undo.0/0#write1 ok", "undo.1/0#write1 ok"], "{}", run.lines());
}

#[test]
fn one_that_begins_after_it_was_told_stops_at_once() {
    let mut run = fresh(&alone());
    let mut lost = run.open();
    let start = lost.step(Vec::new(), run.now);
    assert!(run.storage.execute(&start.commit.unwrap()));
    // Nobody sees that the worker lives on and is slow.
    run.now += 300_000;
    run.cancel();
    assert_eq!(run.end(), CANCELLED);
    assert!(run.lines().contains(TOLD_IN_DOUBT), "{}", run.lines());
    assert!(run.outside.stopped.is_empty(), "there was nothing to stop");
    let now = run.now;
    run.outside.perform(&start.effects[0], now);
    assert_eq!(run.outside.stopped, ["tt-test/undo.0/0"]);
}

#[test]
fn a_branch_that_lost_and_a_step_that_gave_up_tell_it_while_the_run_goes_on() {
    let rest = json!({"id": "rest", "wait": "1h"});
    let quick = json!([{"id": "short", "wait": "2s"}]);
    let fork = json!({"slow": [notify()], "quick": quick});
    let mut caught = notify();
    caught["catch"] = json!([{"on": ["timeout"], "default": {"told": "none"}}]);
    for step in [json!({"id": "race", "join": "first", "fork": fork}), caught] {
        let mut run = fresh(&flow(json!([step, rest])));
        lose_answers(&mut run, 3);
        run.go();
        assert_eq!(run.end(), "waiting_outside: Rest", "{}", run.lines());
        assert_eq!(run.outside.stopped, ["tt-test/undo.0/0"]);
        assert!(run.lines().contains(TOLD_IN_DOUBT), "{}", run.lines());
        run.sleep();
        assert_eq!((run.end().as_str(), tellings(&run)), ("completed: everything was done", 1));
    }
}

fn cancel() -> Event {
    let answer = Said::Cancel { reason: "not needed".to_owned() };
    let (account, name) = ("dana".to_owned(), "Dana".to_owned());
    Event::Said { id: "c".to_owned(), account, name, answer }
}

/// A worker of a run that has just let the start of its child leave.
fn starting(run: &mut Play) -> (Session, Effect) {
    let mut session = run.open();
    let turn = session.step(Vec::new(), run.now);
    assert!(run.storage.execute(&turn.commit.unwrap()));
    (session, turn.effects.into_iter().next().unwrap())
}

/// The same when somebody cancels the run.
fn cancelled_meanwhile() -> (Play, Session, Effect) {
    let mut run = fresh(&alone());
    let (session, start) = starting(&mut run);
    run.post(cancel());
    (run, session, start)
}

/// The worker hears that the start is answered and, when it cannot store that, that it is cancelled.
fn answer(run: &mut Play, session: &mut Session, start: &Effect, result: Reply) -> Turn {
    let answered = Event::Answered { effect: start.id.clone(), result, took_ms: 5 };
    let refused = session.step(vec![answered], run.now);
    assert!(!run.storage.execute(&refused.commit.unwrap()), "somebody said something");
    let Storage { row, chunks, .. } = run.storage.clone();
    assert_eq!(session.take_back(row, &chunks), Ok(true));
    let turn = session.step(Vec::new(), run.now);
    assert!(run.storage.execute(turn.commit.as_ref().unwrap()));
    turn
}

#[test]
fn one_that_was_on_its_way_is_told_as_soon_as_it_is_known() {
    for (fault, told) in [(None, TOLD), (Some(Failure::Timeout), TOLD_IN_DOUBT)] {
        let (mut run, mut session, start) = cancelled_meanwhile();
        let now = run.now;
        run.outside.fault("tutti.run.start", fault.map(Fault::Afterwards));
        let result = run.outside.perform(&start, now);
        let turn = answer(&mut run, &mut session, &start, result);
        assert!(!turn.over);
        let [cancel] = turn.effects.as_slice() else { panic!("{:?}", turn.effects) };
        let Action::Call { operation, input, .. } = &cancel.action else { panic!("{cancel:?}") };
        let by_start = json!({"run": {"flow": "notify-customers", "started_by": START}});
        assert_eq!((operation.as_str(), input), ("tutti.run.cancel", &by_start));
        let result = run.outside.perform(cancel, now);
        let answered = Event::Answered { effect: cancel.id.clone(), result, took_ms: 5 };
        let turn = session.step(vec![answered], now);
        assert!(turn.over && run.storage.execute(&turn.commit.unwrap()));
        assert_eq!(run.end(), CANCELLED);
        assert!(run.lines().contains(told), "{}", run.lines());
    }
}

#[test]
fn one_that_was_on_its_way_and_did_not_begin_is_not_told() {
    let (mut run, mut session, start) = cancelled_meanwhile();
    let turn = answer(&mut run, &mut session, &start, Reply::Failed(Failure::Unauthorized));
    assert!(turn.over && turn.effects.is_empty(), "nothing was started");
    assert_eq!((run.end().as_str(), tellings(&run)), (CANCELLED, 0));
}

#[test]
fn one_that_was_on_its_way_when_its_worker_was_lost_is_told_by_the_next() {
    let (mut run, session, start) = cancelled_meanwhile();
    drop(session);
    let now = run.now;
    run.outside.perform(&start, now);
    run.now += 300_000;
    run.go();
    assert_eq!(run.end(), CANCELLED);
    assert_eq!((run.outside.stopped.len(), tellings(&run)), (1, 1));
    assert!(run.lines().contains(TOLD_IN_DOUBT), "{}", run.lines());
}

#[test]
fn workers_that_die_one_after_the_other_do_not_keep_it_from_being_told() {
    let mut run = fresh(&alone());
    lose_worker(&mut run);
    run.storage.row.claims = 3;
    while !run.storage.row.state.is_final() {
        run.sleep();
    }
    assert_eq!(run.end(), "failed: given up: 3 workers died on it one after the other");
    assert_eq!((run.outside.stopped.len(), tellings(&run)), (1, 1), "{}", run.lines());
}

#[test]
fn given_up_anywhere_a_run_tells_it_all_the_same() {
    let mut caught = notify();
    caught["catch"] = json!([{"on": ["timeout"], "default": {"told": "none"}}]);
    let document = flow(json!([caught, {"id": "rest", "wait": "1h"}]));
    let fresh = || {
        let mut run = fresh(&document);
        lose_answers(&mut run, 3);
        run
    };
    let mut plain = fresh();
    plain.go();
    assert!(plain.boundaries > 12, "{}", plain.boundaries);
    for kill_at in 0..plain.boundaries {
        let mut run = fresh();
        run.mischief = Mischief { kill_at: Some(kill_at), ..Mischief::default() };
        while run.hold(None).unwrap() {
            run.now = run.storage.row.due_at.unwrap();
        }
        run.storage.row.claims = 3;
        while !run.storage.row.state.is_final() {
            run.sleep();
        }
        let end = "failed: given up: 3 workers died on it one after the other";
        assert_eq!(run.end(), end, "at {kill_at}");
        let began = !run.outside.started.is_empty();
        assert_eq!(run.outside.stopped.len(), usize::from(began), "at {kill_at}: {}", run.lines());
    }
}

#[test]
fn killed_anywhere_a_run_tells_it_all_the_same() {
    let play = |mischief| {
        let mut run = fresh(&alone());
        run.mischief = mischief;
        lose_answers(&mut run, 1);
        run.hold(None).unwrap();
        run.cancel();
        run
    };
    let plain = play(Mischief::default());
    assert!(plain.boundaries > 6, "{}", plain.boundaries);
    for kill_at in 0..plain.boundaries {
        let run = play(Mischief { kill_at: Some(kill_at), ..Mischief::default() });
        assert_eq!(run.end(), CANCELLED, "killed at {kill_at}");
        let began = !run.outside.started.is_empty();
        assert_eq!(run.outside.stopped.len(), usize::from(began), "killed at {kill_at}");
    }
}

#[test]
fn what_could_not_be_told_can_be_told_by_who_undoes_it() {
    let mut run = fresh(&alone());
    lose_answers(&mut run, 1);
    let forbidden = Failure::Forbidden { message: "no".to_owned() };
    run.outside.fault("tutti.run.cancel", [Fault::Instead(forbidden)]);
    assert!(run.hold(None).unwrap());
    run.cancel();
    let failed = "failed Tell notify-customers to stop, if it began failed";
    assert!(run.lines().contains(failed), "{}", run.lines());
    assert!(run.outside.stopped.is_empty());
    run.say("dana", Said::Undo { effects: Vec::new(), reason: String::new() });
    assert_eq!(run.outside.stopped, ["tt-test/undo.0/1"]);
    let undid = "done Undid: Start notify-customers, if it happened confirmed";
    assert!(run.lines().contains(undid), "{}", run.lines());
    run.say("dana", Said::Undo { effects: Vec::new(), reason: String::new() });
    assert_eq!(tellings(&run), 2, "there is nothing left to undo");
}

/// The flow as an earlier release linked it: who tells a child to stop has to know its id.
fn linked_before() -> Flow {
    let mut operations = catalogue();
    let inverse = json!({"use": "tutti.run.cancel", "with": {"run": "${output.run}"}});
    let start: &mut Operation = operations.get_mut("tutti.run.start").unwrap();
    start.inverse = Some(serde_json::from_value(inverse).unwrap());
    link(&alone());
    Flow::link(&alone(), &operations).unwrap()
}

#[test]
fn a_run_of_an_earlier_release_is_over_at_once_and_tells_what_it_knows() {
    let mut run = with_child(begin_linked(linked_before()));
    let (mut session, start) = starting(&mut run);
    let now = run.now;
    let turn = session.step(vec![cancel()], now);
    assert!(turn.over && run.storage.execute(&turn.commit.unwrap()));
    assert_eq!(run.end(), CANCELLED);
    let result = run.outside.perform(&start, now);
    let turn = session.step(vec![Event::Answered { effect: start.id, result, took_ms: 5 }], now);
    let [cancel] = turn.effects.as_slice() else { panic!("{:?}", turn.effects) };
    let Action::Call { input, .. } = &cancel.action else { panic!("{cancel:?}") };
    assert_eq!(input, &json!({"run": "child"}));
    run.outside.perform(cancel, now);
    assert_eq!(run.outside.stopped.len(), 1);

    let mut run = with_child(begin_linked(linked_before()));
    lose_answers(&mut run, 1);
    assert!(run.hold(None).unwrap());
    run.cancel();
    assert_eq!((run.end().as_str(), tellings(&run)), (CANCELLED, 0));
    let named = "failed Start notify-customers unknown | no answer in time; \
                 whether it happened is not known";
    assert!(run.lines().contains(named), "{}", run.lines());
}
