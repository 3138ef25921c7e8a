//! Waiting for the outside: woken by a signal or the clock, decided by reading.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::failure::Failure;
use tutti_core::view::RunState;

use crate::toy::{Fault, Play, begin, flow};

fn document() -> Value {
    flow(json!([
        {"id": "wait", "title": "Wait for the job", "listen": {
            "to": [{"event": "toy.job", "key": "${trigger.id}"}],
            "read": {"job": {"use": "toy.job.get", "with": {"id": "j1"}}},
            "until": "job.status == 'done'",
            "poll": "5m", "within": "1h",
            "else": [{"id": "late", "call": "toy.order.place", "with": {"what": "late"}}],
        }},
        {"id": "after", "call": "toy.order.place", "with": {"what": "${job.status}"}},
    ]))
}

fn waiting() -> Play {
    let mut run = begin(&document());
    run.go();
    assert_eq!(run.storage.row.state, RunState::WaitingOutside);
    run
}

fn finish(run: &mut Play) {
    run.outside.jobs.insert("j1".to_owned(), json!({"id": "j1", "status": "done"}));
}

fn looks(run: &Play) -> usize {
    run.outside.log.iter().filter(|line| line.starts_with("wait.job")).count()
}

#[test]
fn it_says_what_it_waits_for_and_when_it_looks() {
    let run = waiting();
    assert_eq!(run.end(), "waiting_outside: Wait for the job: waiting for toy.job:t1");
    assert_eq!(run.storage.row.due_at, Some(run.now + 300_000));
    assert_eq!(run.storage.row.topics, ["toy.job:t1".to_owned()].into());
}

#[test]
fn a_signal_wakes_it_and_the_reading_decides() {
    let mut run = waiting();
    run.signal("s1", "toy.job:t1");
    assert_eq!(run.storage.row.state, RunState::WaitingOutside, "a signal is only a hint");
    assert_eq!(looks(&run), 2);
    finish(&mut run);
    run.signal("s2", "toy.job:t1");
    assert_eq!(run.end(), "completed: everything was done");
    assert!(run.storage.row.topics.is_empty());
}

#[test]
fn a_signal_of_something_else_or_heard_before_wakes_nothing() {
    let mut run = waiting();
    run.signal("s1", "toy.job:t2");
    assert_eq!(looks(&run), 1);
    run.signal("s2", "toy.job:t1");
    run.signal("s2", "toy.job:t1");
    assert_eq!(looks(&run), 2);
}

#[test]
fn the_clock_wakes_it_without_a_signal() {
    let mut run = waiting();
    run.sleep();
    assert_eq!(looks(&run), 2);
    finish(&mut run);
    run.sleep();
    assert_eq!(run.end(), "completed: everything was done");
    expect![[r#"
        done Read toy job j1 
        done Read toy job j1 
        done Wait for the job 
        done After confirmed
        done Finished | everything was done
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn when_the_time_is_over_it_takes_the_path_for_that() {
    let mut run = waiting();
    for _ in 0..12 {
        run.sleep();
    }
    assert_eq!(run.now - tutti_sim::START, 3_600_000);
    assert_eq!(run.end(), "completed: everything was done");
    let what: Vec<&Value> = run.outside.orders.values().map(|order| &order["what"]).collect();
    assert_eq!(what, ["running", "late"]);
    assert!(run.storage.row.topics.is_empty());
}

#[test]
fn what_happened_before_the_wait_is_found_by_reading() {
    let mut run = begin(&document());
    run.post(tutti_core::event::Event::Signal {
        id: "early".to_owned(),
        topic: "toy.job:t1".to_owned(),
        payload: json!({}),
    });
    finish(&mut run);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(looks(&run), 1);
}

#[test]
fn it_is_stored_as_listening_before_it_reads() {
    // What happens between the reading and the storing would be heard of by nobody.
    let mut run = begin(&document());
    run.mischief.kill_at = Some(2);
    assert!(run.work(None).is_err(), "killed before the first reading");
    assert!(run.outside.log.is_empty());
    assert_eq!(run.storage.row.topics, ["toy.job:t1".to_owned()].into());
}

#[test]
fn a_reading_that_fails_for_good_is_said_once_and_seen_while_waiting() {
    let mut run = begin(&document());
    run.outside.fault("toy.job.get", vec![Fault::Instead(Failure::Unauthorized); 4]);
    run.go();
    for _ in 0..3 {
        run.sleep();
    }
    assert_eq!(
        run.end(),
        "waiting_outside: Wait for the job: waiting for toy.job:t1; \
         the last look failed: the credentials were not accepted"
    );
    expect![[r#"
        failed Could not read toy job j1 | the credentials were not accepted
    "#]]
    .assert_eq(&run.lines());
    run.sleep();
    assert_eq!(run.end(), "waiting_outside: Wait for the job: waiting for toy.job:t1");
}

fn two_reads() -> Value {
    let mut document = document();
    let listen = &mut document["steps"][0]["listen"];
    listen["read"]["flag"] = json!({"use": "toy.flag.get", "with": {"name": "f"}});
    listen["until"] = json!("job.status == 'done' && flag.value == true");
    document
}

#[test]
fn one_reading_that_fails_does_not_cut_the_others_short() {
    let mut run = begin(&two_reads());
    // The flag cannot be read at all; the job is busy and is asked for again.
    run.outside.fault("toy.job.get", [Fault::Instead(Failure::RateLimited { after_ms: None })]);
    run.go();
    assert_eq!(run.storage.row.state, RunState::WaitingOutside);
    assert_eq!(looks(&run), 2, "the second look is the second try");
}

#[test]
fn a_reading_of_an_earlier_look_is_not_believed_any_more() {
    let mut run = begin(&two_reads());
    run.outside.flags.insert("f".to_owned(), json!(true));
    run.go();
    // Now the job is done, but the flag cannot be read: what it was then says nothing.
    finish(&mut run);
    run.outside.fault("toy.flag.get", [Fault::Instead(Failure::Unauthorized)]);
    run.sleep();
    assert_eq!(run.storage.row.state, RunState::WaitingOutside);
    run.sleep();
    assert_eq!(run.end(), "completed: everything was done");
}

#[test]
fn it_wakes_once_for_one_look() {
    let mut run = begin(&two_reads());
    run.go();
    let woken = |run: &Play| {
        let records = run.storage.records();
        records.iter().filter(|record| record.event == tutti_core::event::Event::Woke).count()
    };
    let before = woken(&run);
    run.sleep();
    assert_eq!(woken(&run), before + 1, "not again for each of its readings");
}
