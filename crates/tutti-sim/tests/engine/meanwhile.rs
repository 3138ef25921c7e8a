//! What is said while a worker waits for an answer: heard before anything more leaves, and nothing
//! that was answered is lost over it.

use serde_json::json;
use tutti_core::event::{Brake, Effect, Event, Reply, Said};
use tutti_core::session::{Session, Turn};
use tutti_core::view::RunState;

use crate::toy::{Play, begin, flow, run};

/// Two mails, which nobody can look for: one on its way, one still to leave.
fn mailing() -> (Play, Session, Turn) {
    let mail =
        |id: &str| json!({"id": id, "call": "toy.mail.send", "with": {"to": id, "text": "hi"}});
    let mut run = begin(&flow(json!([mail("one"), mail("two")])));
    let mut session = run.open();
    let turn = session.step(Vec::new(), run.now);
    assert!(run.storage.execute(turn.commit.as_ref().unwrap()));
    assert_eq!(turn.effects.len(), 1);
    (run, session, turn)
}

fn sent(turn: &Turn) -> Vec<Event> {
    let answer = |effect: &Effect| {
        let result = Reply::Ok(json!({}));
        Event::Answered { effect: effect.id.clone(), result, took_ms: 1 }
    };
    turn.effects.iter().map(answer).collect()
}

fn said(id: &str, answer: Said) -> Event {
    let (id, account, name) = (id.to_owned(), "dana".to_owned(), "Dana".to_owned());
    Event::Said { id, account, name, answer }
}

fn cancel() -> Event {
    said("c", Said::Cancel { reason: "enough".to_owned() })
}

#[test]
fn a_turn_is_taken_back_with_the_answers_it_has() {
    let (mut run, mut session, turn) = mailing();
    run.post(cancel());
    let next = session.step(sent(&turn), run.now);
    assert_eq!(next.effects.len(), 1, "the second mail is about to leave");
    assert!(!run.storage.execute(next.commit.as_ref().unwrap()));

    assert_eq!(session.take_back(run.storage.row.clone(), &[]), Ok(true));
    let last = session.step(Vec::new(), run.now);
    assert!(run.storage.execute(last.commit.as_ref().unwrap()));
    assert_eq!((last.over, last.effects.len()), (true, 0));
    assert_eq!(run.storage.row.letters, []);
    let view = run.view();
    assert_eq!((view.state, view.gaps), (RunState::Cancelled, Vec::new()));
}

#[test]
fn nothing_is_taken_back_of_a_run_that_another_worker_has() {
    let (mut run, mut session, turn) = mailing();
    run.storage.row = run.storage.row.clone().claim("another");
    let next = session.step(sent(&turn), run.now);
    assert!(!run.storage.execute(next.commit.as_ref().unwrap()));
    assert_eq!(session.take_back(run.storage.row.clone(), &[]), Ok(false));
}

#[test]
fn a_fence_is_not_taken_for_a_commit() {
    let (run, mut session, turn) = mailing();
    let fenced = run.storage.row.clone().deliver(cancel(), run.now);
    let next = session.step(sent(&turn), run.now);
    let commit = next.commit.unwrap();
    assert_eq!((fenced.version, &fenced.writer), (commit.row.version, &commit.row.writer));
    assert!(!fenced.is_stored_as(&commit.row));
    assert!(commit.row.is_stored_as(&commit.row));
}

#[test]
fn what_is_let_go_held_and_let_go_again_at_once_leaves_once() {
    let mail = json!({"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"}});
    let mut run = run(json!([{"id": "rest", "wait": "1m"}, mail]));
    run.say("dana", Said::hold(Brake::Pause, String::new()));
    run.now += 120_000;
    run.go();
    assert_eq!(run.end(), "held: paused by Dana", "its wait is over, and the mail is withheld");
    let resume = || Said::Resume { brake: Brake::Pause };
    let hold = Said::hold(Brake::Pause, String::new());
    for (id, answer) in [("a", resume()), ("b", hold), ("c", resume())] {
        run.post(said(id, answer));
    }
    let turn = run.open().step(Vec::new(), run.now);
    assert_eq!(turn.effects.len(), 1, "{:?}", turn.effects);
}
