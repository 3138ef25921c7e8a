//! The failure table, through whole runs: what each class of operation does about each failure.

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tutti_core::failure::Failure;

use crate::toy::{Fault, Play, begin, flow};

fn failures() -> Vec<Failure> {
    let message = || "no".to_owned();
    vec![
        Failure::Timeout,
        Failure::Unreachable { host: "toy.example".to_owned(), reason: message(), after_ms: None },
        Failure::Unavailable { status: 503 },
        Failure::RateLimited { after_ms: Some(5_000) },
        Failure::Unauthorized,
        Failure::Forbidden { message: message() },
        Failure::NotFound { message: message() },
        Failure::Conflict { message: message() },
        Failure::Rejected { code: "400".to_owned(), message: message() },
        Failure::Malformed { reason: message() },
    ]
}

fn one(operation: &str) -> Value {
    let with = match operation {
        "toy.thing.get" => json!({"id": "t1"}),
        "toy.thing.set" => json!({"id": "t1", "text": "new"}),
        "toy.link.put" => json!({"to": "there"}),
        "toy.order.place" => json!({"what": "tea"}),
        "toy.note.add" => json!({"on": "t1", "text": "hello"}),
        "toy.page.append" => json!({"row": "a"}),
        _ => json!({"to": "t1", "text": "hello"}),
    };
    flow(json!([{"id": "do", "title": "Do it", "call": operation, "with": with}]))
}

fn met(operation: &str, fault: Fault) -> Play {
    let mut run = begin(&one(operation));
    run.outside.fault(operation, [fault]);
    run.go();
    run
}

/// One row per failure: the calls that were made, and how the run ended.
fn check(operation: &str, expected: Expect) {
    let mut rows = String::new();
    for failure in failures() {
        let kind = failure.kind();
        let run = met(operation, Fault::Instead(failure));
        let calls = run.outside.log.join(", ").replace("do#", "");
        rows.push_str(&format!("{kind:12} {calls} => {}\n", run.end()));
    }
    expected.assert_eq(&rows);
}

#[test]
fn a_read_is_repeated_when_it_fails_in_passing() {
    check(
        "toy.thing.get",
        expect![[r#"
            timeout      get1 timeout, get2 ok => completed: everything was done
            unreachable  get1 unreachable, get2 ok => completed: everything was done
            unavailable  get1 unavailable, get2 ok => completed: everything was done
            rate_limited get1 rate_limited, get2 ok => completed: everything was done
            unauthorized get1 unauthorized => waiting_person: reconnect toy
            forbidden    get1 forbidden => failed: Do it: not allowed: no
            not_found    get1 not_found => failed: Do it: not found: no
            conflict     get1 conflict => failed: Do it: the target changed meanwhile: no
            rejected     get1 rejected => failed: Do it: refused by the other side (400): no
            malformed    get1 malformed, get2 ok => completed: everything was done
        "#]],
    );
}

#[test]
fn an_idempotent_write_is_repeated_and_a_conflict_is_read_again() {
    check(
        "toy.thing.set",
        expect![[r#"
            timeout      read1 ok, write1 timeout, write2 ok => completed: everything was done
            unreachable  read1 ok, write1 unreachable, write2 ok => completed: everything was done
            unavailable  read1 ok, write1 unavailable, write2 ok => completed: everything was done
            rate_limited read1 ok, write1 rate_limited, write2 ok => completed: everything was done
            unauthorized read1 ok, write1 unauthorized => waiting_person: reconnect toy
            forbidden    read1 ok, write1 forbidden => failed: Do it: not allowed: no
            not_found    read1 ok, write1 not_found => failed: Do it: not found: no
            conflict     read1 ok, write1 conflict, read2 ok, write2 ok => completed: everything was done
            rejected     read1 ok, write1 rejected => failed: Do it: refused by the other side (400): no
            malformed    read1 ok, write1 malformed, write2 ok => completed: everything was done
        "#]],
    );
}

#[test]
fn an_idempotent_write_without_a_pre_image_gives_up_on_conflict() {
    check(
        "toy.link.put",
        expect![[r#"
            timeout      write1 timeout, write2 ok => completed: everything was done
            unreachable  write1 unreachable, write2 ok => completed: everything was done
            unavailable  write1 unavailable, write2 ok => completed: everything was done
            rate_limited write1 rate_limited, write2 ok => completed: everything was done
            unauthorized write1 unauthorized => waiting_person: reconnect toy
            forbidden    write1 forbidden => failed: Do it: not allowed: no
            not_found    write1 not_found => failed: Do it: not found: no
            conflict     write1 conflict => failed: Do it: the target changed meanwhile: no
            rejected     write1 rejected => failed: Do it: refused by the other side (400): no
            malformed    write1 malformed, write2 ok => completed: everything was done
        "#]],
    );
}

#[test]
fn a_keyed_write_is_repeated_with_its_key() {
    check(
        "toy.order.place",
        expect![[r#"
            timeout      write1 timeout, write2 ok => completed: everything was done
            unreachable  write1 unreachable, write2 ok => completed: everything was done
            unavailable  write1 unavailable, write2 ok => completed: everything was done
            rate_limited write1 rate_limited, write2 ok => completed: everything was done
            unauthorized write1 unauthorized => waiting_person: reconnect toy
            forbidden    write1 forbidden => failed: Do it: not allowed: no
            not_found    write1 not_found => failed: Do it: not found: no
            conflict     write1 conflict => failed: Do it: the target changed meanwhile: no
            rejected     write1 rejected => failed: Do it: refused by the other side (400): no
            malformed    write1 malformed, write2 ok => completed: everything was done
        "#]],
    );
}

#[test]
fn a_probed_write_is_looked_for_twice_before_it_is_repeated() {
    check(
        "toy.note.add",
        expect![[r#"
            timeout      write1 timeout, probe1 ok, probe2 ok, write2 ok => completed: everything was done
            unreachable  write1 unreachable, write2 ok => completed: everything was done
            unavailable  write1 unavailable, probe1 ok, probe2 ok, write2 ok => completed: everything was done
            rate_limited write1 rate_limited, write2 ok => completed: everything was done
            unauthorized write1 unauthorized => waiting_person: reconnect toy
            forbidden    write1 forbidden => failed: Do it: not allowed: no
            not_found    write1 not_found => failed: Do it: not found: no
            conflict     write1 conflict => failed: Do it: the target changed meanwhile: no
            rejected     write1 rejected => failed: Do it: refused by the other side (400): no
            malformed    write1 malformed, probe1 ok, probe2 ok, write2 ok => completed: everything was done
        "#]],
    );
}

#[test]
fn an_idempotent_write_with_a_probe_is_looked_for_too() {
    check(
        "toy.page.append",
        expect![[r#"
            timeout      read1 ok, write1 timeout, probe2 ok, write2 ok => completed: everything was done
            unreachable  read1 ok, write1 unreachable, write2 ok => completed: everything was done
            unavailable  read1 ok, write1 unavailable, probe2 ok, write2 ok => completed: everything was done
            rate_limited read1 ok, write1 rate_limited, write2 ok => completed: everything was done
            unauthorized read1 ok, write1 unauthorized => waiting_person: reconnect toy
            forbidden    read1 ok, write1 forbidden => failed: Do it: not allowed: no
            not_found    read1 ok, write1 not_found => failed: Do it: not found: no
            conflict     read1 ok, write1 conflict, read2 ok, write2 ok => completed: everything was done
            rejected     read1 ok, write1 rejected => failed: Do it: refused by the other side (400): no
            malformed    read1 ok, write1 malformed, probe2 ok, write2 ok => completed: everything was done
        "#]],
    );
}

#[test]
fn an_unsafe_write_that_may_have_happened_is_never_repeated() {
    check(
        "toy.mail.send",
        expect![[r#"
            timeout      write1 timeout => waiting_person: Do it: no answer in time; whether it happened is not known
            unreachable  write1 unreachable, write2 ok => completed: everything was done
            unavailable  write1 unavailable => waiting_person: Do it: the other side failed with status 503; whether it happened is not known
            rate_limited write1 rate_limited, write2 ok => completed: everything was done
            unauthorized write1 unauthorized => waiting_person: reconnect toy
            forbidden    write1 forbidden => failed: Do it: not allowed: no
            not_found    write1 not_found => failed: Do it: not found: no
            conflict     write1 conflict => failed: Do it: the target changed meanwhile: no
            rejected     write1 rejected => failed: Do it: refused by the other side (400): no
            malformed    write1 malformed => waiting_person: Do it: the answer could not be read: no; whether it happened is not known
        "#]],
    );
}

#[test]
fn what_happened_although_no_answer_came_is_adopted() {
    for operation in ["toy.note.add", "toy.page.append"] {
        for failure in [Failure::Timeout, Failure::Unavailable { status: 500 }] {
            let run = met(operation, Fault::Afterwards(failure));
            assert_eq!(run.end(), "completed: everything was done");
            assert_eq!(run.outside.made["tt-test/do/1"], 1, "{operation}");
            assert_eq!(run.outside.writes().len(), 1, "{operation} left once");
            let entry = run.view().timeline.remove(0);
            let adapted = "no answer came, but it had happened; nothing was repeated";
            assert_eq!(entry.adapted.as_deref(), Some(adapted));
        }
    }
    let run = met("toy.order.place", Fault::Afterwards(Failure::Timeout));
    assert_eq!(run.outside.made["tt-test/do/1"], 1, "the key keeps the second from counting");
}

#[test]
fn tries_end_and_the_reason_names_the_step() {
    let mut run = begin(&one("toy.order.place"));
    run.outside
        .fault("toy.order.place", vec![Fault::Instead(Failure::RateLimited { after_ms: None }); 3]);
    run.go();
    assert_eq!(run.end(), "failed: Do it: too many calls");
    assert_eq!(run.now - tutti_sim::START, 5_000, "one second, then four");
}

#[test]
fn whether_an_unsafe_write_happened_stays_open_and_is_said() {
    let run = met("toy.mail.send", Fault::Afterwards(Failure::Timeout));
    let expected = "waiting_person: Do it: no answer in time; whether it happened is not known";
    assert_eq!(run.end(), expected);
    expect![[r#"
        failed Do it unknown | no answer in time; whether it happened is not known
        waiting Asked how to go on: Do it: no answer in time; whether it happened is not known 
    "#]]
    .assert_eq(&run.lines());
}

#[test]
fn a_conflict_is_applied_to_what_is_there_now() {
    let mut run = begin(&one("toy.page.append"));
    run.outside.fault("toy.page.append", [Fault::Meddled]);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    let rows: Vec<&Value> = run.outside.page.iter().map(|row| &row["row"]).collect();
    assert_eq!(rows, ["somebody else's", "a"], "nothing of theirs is lost");
}

#[test]
fn a_target_that_does_not_exist_yet_is_no_failure_where_that_is_said() {
    let steps = json!([{"id": "do", "call": "toy.flag.set", "with": {"name": "f", "value": [1]}}]);
    let run = crate::toy::run(steps);
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.flags["f"], json!([1]));
}

#[test]
fn failed_looks_are_counted_in_a_row_and_not_in_all() {
    let fails = || Fault::Instead(Failure::Timeout);
    let mut run = begin(&one("toy.page.append"));
    run.outside.fault("toy.page.append", [Fault::Meddled]);
    run.outside.fault("toy.page.get", [fails(), fails(), Fault::Meddled, fails()]);
    run.go();
    assert_eq!(run.end(), "completed: everything was done", "{:?}", run.outside.log);
    let mut run = begin(&one("toy.page.append"));
    run.outside.fault("toy.page.get", [fails(), fails(), fails()]);
    run.go();
    assert_eq!(run.end(), "failed: Do it: no answer in time");
}

#[test]
fn a_probe_that_cannot_look_leaves_it_in_doubt() {
    let mut run = begin(&one("toy.note.add"));
    run.outside.fault("toy.note.add", [Fault::Afterwards(Failure::Timeout)]);
    run.outside.fault("toy.note.list", [Fault::Instead(Failure::Unauthorized)]);
    run.go();
    assert_eq!(run.end(), "waiting_person: reconnect toy; whether “Do it” happened is not known");
    assert_eq!(run.outside.writes().len(), 1);
}

#[test]
fn a_step_or_the_flow_can_say_how_often_it_is_tried() {
    let tried = |of_flow: Value, of_step: Value| {
        let mut document = one("toy.thing.get");
        document["retry"] = of_flow;
        document["steps"][0]["retry"] = of_step;
        let mut run = begin(&document);
        let begun = run.now;
        run.outside.fault("toy.thing.get", vec![Fault::Instead(Failure::Timeout); 9]);
        run.go();
        (run.outside.log.len(), (run.now - begun) / 1_000)
    };
    let null = || Value::Null;
    assert_eq!(tried(null(), null()), (3, 1 + 4));
    assert_eq!(tried(json!({"attempts": 1}), null()), (1, 0));
    assert_eq!(tried(json!({"attempts": 1}), json!({"attempts": 2, "delay": "30s"})), (2, 30));
    assert_eq!(tried(null(), json!({"delay": "2s"})), (3, 2 + 8));
}
