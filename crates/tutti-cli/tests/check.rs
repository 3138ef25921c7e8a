//! `tutti check` as authors run it: what it prints and how it ends.

#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use serde_json::Value;

const SOUND: &str = "id: sound
name: Sound
trigger: { webhook: salesforce.case, once_per: [caseId] }
steps:
  - id: pause
    wait: 10m
";

fn tutti(arguments: &[&str], folder: &Path) -> Output {
    let tutti = env!("CARGO_BIN_EXE_tutti");
    Command::new(tutti).args(arguments).current_dir(folder).output().unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Checks one file; gives the exit code and what was printed.
fn check(text: &[u8], code: i32, expected: Expect) {
    let folder = folder(&[("flow.yaml", text)]);
    let output = tutti(&["check", "flow.yaml"], folder.path());
    expected.assert_eq(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn a_sound_flow_is_said_to_be_sound() {
    check(
        SOUND.as_bytes(),
        0,
        expect![[r#"
        The flow is sound.
    "#]],
    );
}

#[test]
fn the_shipped_templates_are_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = tutti(&["check", "templates"], &root);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_calendar_among_the_values_is_judged_where_it_is_written() {
    let values = "values:
  support:
    zone: Europe/Berlin
    hours: { mon-fri: [09:00-17:00, 16:00-18:00], sat: 22:00-06:00 }
    holidays: [2026-12-25, 31-12]
steps:
";
    let uses = "wait: 10m
  - id: due
    call: tutti.calendar.after
    with: { calendar: '${values.support}', span: 2d }
  - id: now
    call: tutti.calendar.is_open
    with: { calendar: { zone: '${values.support.zone}', hours: {} } }
  - id: then
    call: tutti.calendar.is_open
    with: { calendar: { zone: UTC } }
";
    check(
        SOUND.replace("steps:\n", values).replace("wait: 10m\n", uses).as_bytes(),
        1,
        expect![[r#"
            error: these hours overlap
             --> flow.yaml:7:14
              |
            7 |     hours: { mon-fri: [09:00-17:00, 16:00-18:00], sat: 22:00-06:00 }
              |              ^^^^^^^ overlap
              |
              = help: let each begin when the one before is over

            error: `22:00-06:00` does not end after its start
             --> flow.yaml:7:51
              |
            7 |     hours: { mon-fri: [09:00-17:00, 16:00-18:00], sat: 22:00-06:00 }
              |                                                   ^^^ backwards
              |
              = help: hours past midnight are two: 22:00-24:00, and 00:00-06:00 on the next day

            error: `31-12` is no date
             --> flow.yaml:8:28
              |
            8 |     holidays: [2026-12-25, 31-12]
              |                            ^^^^^ bad_date
              |
              = help: write 2026-12-24, or 12-24 for every year

            error: `span` must be a length of working time: 90s, 30m or 4h
              --> flow.yaml:14:44
               |
            14 |     with: { calendar: '${values.support}', span: 2d }
               |                                            ^^^^ wrong_type
               |
               = help: How much working time, for example 4h; 0s is over as soon as it is open

            error: it is never open
              --> flow.yaml:20:13
               |
            20 |     with: { calendar: { zone: UTC } }
               |             ^^^^^^^^ never_open
               |
               = help: say for example `hours: { mon-fri: 09:00-17:00 }`

            5 problems; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn each_problem_is_shown_with_its_line_and_a_hint() {
    let text = SOUND.replace("wait: 10m", "wait: soon\n  - { id: tell, call: slack.mesage.post }")
        + "nonsense: true # ümläut\n";
    check(
        text.as_bytes(),
        1,
        expect![[r#"
            error: this is no length of time
             --> flow.yaml:6:5
              |
            6 |     wait: soon
              |     ^^^^ bad_duration
              |
              = help: write 90s, 5m, 2h or 1d

            error: there is no operation `slack.mesage.post`
             --> flow.yaml:7:17
              |
            7 |   - { id: tell, call: slack.mesage.post }
              |                 ^^^^ unknown_operation
              |
              = help: did you mean `slack.message.post`?

            error: `nonsense` means nothing here
             --> flow.yaml:8:1
              |
            8 | nonsense: true # ümläut
              | ^^^^^^^^ unknown_key
              |
              = help: possible here, among others: context, name, steps, values, budget, finally, limits, output, policies, retry, subject, about, autonomy, catch, id, start_if

            3 problems; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn what_is_no_yaml_is_shown_where_it_breaks() {
    check(
        b"id: x\nsteps: [1,\nname: y\n",
        1,
        expect![[r#"
            error: unclosed bracket '['
             --> flow.yaml:2:8
              |
            2 | steps: [1,
              |        ^^ yaml_syntax
              |
              = help: check the indentation and the quotes around it

            1 problem; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn a_flow_that_is_too_large_is_not_read_on() {
    let mut text = SOUND.as_bytes().to_vec();
    text.resize(10 * 1024 * 1024, b'#');
    check(
        &text,
        1,
        expect![[r#"
            error: a flow can have 100 KB
             --> flow.yaml:1:1
              |
            1 | id: sound
              | ^ too_large
              |
              = help: split it

            1 problem; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn programs_get_json() {
    let folder = folder(&[("a.yaml", SOUND.as_bytes()), ("deep/b.yml", b"id: 7"), ("c.txt", b"x")]);
    let output = tutti(&["check", "--json", "."], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let flows = said["flows"].as_array().unwrap();
    let told: Vec<(&str, bool)> = flows
        .iter()
        .map(|flow| (flow["file"].as_str().unwrap(), flow["ok"].as_bool().unwrap()))
        .collect();
    assert_eq!(told, [("./a.yaml", true), ("./deep/b.yml", false)]);
    let first = &flows[1]["problems"][0];
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["at", "code", "column", "hint", "line", "message", "severity"]);
}

#[test]
fn what_cannot_be_done_ends_with_two() {
    let folder = folder(&[("latin1.yaml", b"name: \xfc")]);
    for arguments in [
        &["check", "none.yaml"][..],
        &["check", "latin1.yaml"],
        &["check"],
        &["chekc"],
        &["check", "--jsn", "latin1.yaml"],
    ] {
        let output = tutti(arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(tutti(&["check", "."], empty.path()).status.code(), Some(2));
}
