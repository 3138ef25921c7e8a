//! `tutti replay` as people run it: what it prints and how it ends.

#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};
use std::sync::OnceLock;

use expect_test::{Expect, expect};
use serde_json::{Value, json};
use tutti_core::case_file::{CaseFile, Contents};
use tutti_core::event::{Action, Effect, Reply};
use tutti_core::flow::Flow;
use tutti_sim::{Driver, Outside};

/// A case is read, and the channel for its urgency is told.
fn document() -> Value {
    json!({
        "id": "tell", "name": "Tell the channel",
        "trigger": {"webhook": "salesforce.case", "once_per": ["caseId"]},
        "context": {"case": {"use": "salesforce.case.get", "with": {"id": "${trigger.caseId}"}}},
        "steps": [
            {"id": "route", "title": "Choose the channel", "switch": [
                {"when": "case.priority == 'High'", "do": [
                    {"id": "tell", "title": "Tell #urgent", "done": "Told #urgent",
                     "call": "slack.message.post",
                     "with": {"channel": "C-URGENT", "text": "${case.owner.name}, look at ${case.number}"}},
                ]},
                {"default": true, "do": []},
                {"unknown": true, "do": []},
            ]},
        ],
    })
}

struct Tools;

impl Outside for Tools {
    fn perform(&mut self, effect: &Effect, _now: i64) -> Reply {
        Reply::Ok(match &effect.action {
            Action::Call { operation, .. } if operation == "salesforce.case.get" => json!({
                "id": "5008", "number": "00012077", "priority": "High",
                "subject": "It \u{1b}[31mblinks", "owner": {"name": "Dana Reyes"},
            }),
            _ => json!({"channel": "C-URGENT", "ts": "1.0"}),
        })
    }
}

/// The case file of one run, made once.
fn contents() -> &'static Contents {
    static CONTENTS: OnceLock<Contents> = OnceLock::new();
    CONTENTS.get_or_init(|| {
        let flow = Flow::link(&document(), tutti_connect::catalogue()).unwrap();
        let trigger = json!({"caseId": "5008"});
        let mut run = Driver::start(flow, Tools, "PAY", trigger, "salesforce.case");
        run.go().unwrap();
        let storage = &run.storage;
        let file = CaseFile::export(&storage.row, &storage.chunks, &run.flow, run.now).unwrap();
        file.contents().clone()
    })
}

fn sound() -> String {
    json!(contents()).to_string()
}

fn replay(text: &[u8], arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("case.json"), text).unwrap();
    tutti(&[&["replay", "case.json"], arguments].concat(), folder.path())
}

fn tutti(arguments: &[&str], folder: &Path) -> Output {
    let tutti = env!("CARGO_BIN_EXE_tutti");
    Command::new(tutti).args(arguments).current_dir(folder).output().unwrap()
}

/// What is printed of a file, and the exit code.
fn check(text: &[u8], arguments: &[&str], code: i32, expected: Expect) {
    let output = replay(text, arguments);
    let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    expected.assert_eq(&without_hashes(&told));
    assert_eq!(output.status.code(), Some(code));
}

/// Hashes say whether anything changed, and change with everything.
fn without_hashes(told: &str) -> String {
    let is_hash = |word: &str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = told.split_inclusive([' ', ';', '\n']);
    let hidden = |word: &str| match word.get(..16).filter(|_| word.len() < 18) {
        Some(hash) if is_hash(hash) => word.replace(hash, "HASH"),
        _ => word.to_owned(),
    };
    words.map(hidden).collect()
}

#[test]
fn a_sound_file_is_verified_and_its_run_is_shown() {
    check(
        sound().as_bytes(),
        &[],
        0,
        expect![[r#"
            Tell the channel · tt-test · flow version 1 · PAY
            Verified: 4 events chain up to HASH; the state is HASH

            At event 4 of 4, 10 Mar 2026 09:00:00 UTC: completed, everything was done

            Timeline
                 3 10 Mar 2026 09:00:00 ✓ Read Salesforce case 5008 · Read a case with its owner
                 4 10 Mar 2026 09:00:00 ✓ Told #urgent · Post a message to a channel
                   slack.message.post · tt-test/tell/1
                 4 10 Mar 2026 09:00:00 ✓ Finished · everything was done

            Facts
              case · Salesforce case 5008
                {"id":"5008","number":"00012077","owner":{"name":"‹name 1›"},"priority":"High","subject":"It \u001b[31mblinks"}
              flow · tutti
                {"id":"tell","name":"Tell the channel","project":"PAY"}
              run · tutti
                {"depth":0,"id":"tt-test","started_at":1773133200000}
              tell · Slack message C-URGENT
                {"channel":"C-URGENT","ts":"1.0"}
              trigger · salesforce.case
                {"caseId":"5008"}
              values · Tutti flow values
                {}
        "#]],
    );
}

#[test]
fn the_run_is_shown_as_it_was_after_any_event() {
    check(
        sound().as_bytes(),
        &["--at", "3"],
        0,
        expect![[r#"
            Tell the channel · tt-test · flow version 1 · PAY
            Verified: 4 events chain up to HASH; the state is HASH

            At event 3 of 4, 10 Mar 2026 09:00:00 UTC: running

            Timeline
                 3 10 Mar 2026 09:00:00 ✓ Read Salesforce case 5008 · Read a case with its owner

            Facts
              case · Salesforce case 5008
                {"id":"5008","number":"00012077","owner":{"name":"‹name 1›"},"priority":"High","subject":"It \u001b[31mblinks"}
              flow · tutti
                {"id":"tell","name":"Tell the channel","project":"PAY"}
              run · tutti
                {"depth":0,"id":"tt-test","started_at":1773133200000}
              trigger · salesforce.case
                {"caseId":"5008"}
              values · Tutti flow values
                {}
        "#]],
    );
    check(
        sound().as_bytes(),
        &["--at", "9"],
        2,
        expect![[r#"
        tutti: case.json: its events are 1 to 4
    "#]],
    );
}

#[test]
fn what_if_is_told_in_words() {
    check(
        sound().as_bytes(),
        &["--with", "case.priority=Low"],
        0,
        expect![[r#"
            Tell the channel · tt-test · flow version 1 · PAY
            Verified: 4 events chain up to HASH

            What if
              `case.priority` is "Low", not "High"
              Choose the channel: takes the default, not `case.priority == 'High'`
              Tell #urgent: is not done

            At event 3 of 4, 10 Mar 2026 09:00:00 UTC: completed, everything was done

            Timeline
                 3 10 Mar 2026 09:00:00 ✓ Read Salesforce case 5008 · Read a case with its owner
                 3 10 Mar 2026 09:00:00 ✓ Finished · everything was done

            Facts
              case · Salesforce case 5008
                {"id":"5008","number":"00012077","owner":{"name":"‹name 1›"},"priority":"Low","subject":"It \u001b[31mblinks"}
              flow · tutti
                {"id":"tell","name":"Tell the channel","project":"PAY"}
              run · tutti
                {"depth":0,"id":"tt-test","started_at":1773133200000}
              trigger · salesforce.case
                {"caseId":"5008"}
              values · Tutti flow values
                {}
        "#]],
    );
    check(
        sound().as_bytes(),
        &["--with", "case.number=7"],
        0,
        expect![[r#"
            Tell the channel · tt-test · flow version 1 · PAY
            Verified: 4 events chain up to HASH

            What if
              `case.number` is 7, not "00012077"
              Tell #urgent: `text` is "‹name 1›, look at 7", not "‹name 1›, look at 00012077"
              Known up to event 3: what `slack.message.post` would answer is not on record

            At event 3 of 4, 10 Mar 2026 09:00:00 UTC: running

            Timeline
                 3 10 Mar 2026 09:00:00 ✓ Read Salesforce case 5008 · Read a case with its owner

            Facts
              case · Salesforce case 5008
                {"id":"5008","number":7,"owner":{"name":"‹name 1›"},"priority":"High","subject":"It \u001b[31mblinks"}
              flow · tutti
                {"id":"tell","name":"Tell the channel","project":"PAY"}
              run · tutti
                {"depth":0,"id":"tt-test","started_at":1773133200000}
              trigger · salesforce.case
                {"caseId":"5008"}
              values · Tutti flow values
                {}
        "#]],
    );
    check(
        sound().as_bytes(),
        &["--with", "case.prioritty=Low"],
        2,
        expect![[r#"
            case.json: there is no `case.prioritty`
              help: did you mean `priority`?
        "#]],
    );
    check(
        sound().as_bytes(),
        &["--with", "cases.number=7"],
        2,
        expect![[r#"
        case.json: no answer brought the fact `cases`
          help: facts of this run that can be: case, tell, trigger
    "#]],
    );
}

#[test]
fn every_damage_has_its_message() {
    let cut = sound();
    let other_byte = sound().replacen("00012077", "00012078", 1);
    let removed = {
        let mut contents = contents().clone();
        contents.records.remove(1);
        json!(contents).to_string()
    };
    let reordered = {
        let mut contents = contents().clone();
        contents.records.swap(1, 2);
        json!(contents).to_string()
    };
    let other_format = sound().replacen("\"format\":1", "\"format\":9", 1);
    let large = vec![b' '; 100 * 1024 * 1024];
    let table: [(&str, &[u8]); 9] = [
        ("cut off", &cut.as_bytes()[..cut.len() - 9]),
        ("one byte changed", other_byte.as_bytes()),
        ("a record removed", removed.as_bytes()),
        ("records reordered", reordered.as_bytes()),
        ("other format", other_format.as_bytes()),
        ("not JSON", b"id: tell\n"),
        ("not even text", &[0, 159, 146, 150]),
        ("other JSON", b"[1, 2]"),
        ("100 MB", &large),
    ];
    let mut told = String::new();
    for (damage, text) in table {
        let output = replay(text, &[]);
        assert_eq!(output.status.code(), Some(1), "{damage}");
        told.push_str(&format!("{damage}\n{}", String::from_utf8(output.stdout).unwrap()));
    }
    expect![[r#"
        cut off
        case.json: the file ends in the middle: it was cut off
          help: export the run again and leave the file as it is
        one byte changed
        case.json: something in the file was changed or removed after it was written: what it holds does not chain up to its head
          help: export the run again and leave the file as it is
        a record removed
        case.json: record 2 is missing or in another place: after 1 comes 3
          help: export the run again and leave the file as it is
        records reordered
        case.json: record 2 is missing or in another place: after 1 comes 3
          help: export the run again and leave the file as it is
        other format
        case.json: the case file has format 9, this release reads 1
          help: replay it with release 0.1.0, which wrote it
        not JSON
        case.json: this is no JSON, as is seen at line 1, column 1
          help: give the file that “Export case file” on the panel saved
        not even text
        case.json: this is no JSON, as is seen at line 1, column 1
          help: give the file that “Export case file” on the panel saved
        other JSON
        case.json: this is JSON, but no case file: no `format`
          help: give the file that “Export case file” on the panel saved
        100 MB
        case.json: a case file can have 8 MB
          help: a run as long as that can be looked at on its panel only
    "#]].assert_eq(&told);
}

#[test]
fn a_file_of_another_release_is_replayed_with_a_note() {
    let mut contents = contents().clone();
    contents.engine = "0.0.9".to_owned();
    contents.head = contents.seal();
    let output = replay(json!(contents).to_string().as_bytes(), &[]);
    let told = String::from_utf8(output.stdout).unwrap();
    let note = told.lines().find(|line| line.starts_with("Note")).unwrap();
    expect![
        "Note: written by release 0.0.9, replayed by 0.1.0: the state is the same nevertheless"
    ]
    .assert_eq(note);
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn programs_get_json_whatever_comes_of_it() {
    let said = |text: &[u8], arguments: &[&str], code: i32| -> Value {
        let output = replay(text, arguments);
        assert_eq!(output.status.code(), Some(code));
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let shown = said(sound().as_bytes(), &["--json"], 0);
    assert_eq!(shown["state_hash"], json!(contents().state_hash));
    assert_eq!(shown["run"]["state"], "completed");
    assert_eq!(shown["facts"]["case"]["value"]["owner"]["name"], "‹name 1›");
    assert_eq!(shown["fork"], Value::Null);
    let forked = said(sound().as_bytes(), &["--json", "--with", "case.priority=\"Low\""], 0);
    assert_eq!(forked["fork"]["differences"][1]["step"], "route");
    assert_eq!(said(b"{}", &["--json"], 1)["error"]["code"], "no_case_file");
    let unasked = said(sound().as_bytes(), &["--json", "--with", "nothing=1"], 2);
    assert_eq!(unasked["error"]["code"], "no_such_fact");
}

#[test]
fn what_cannot_be_done_ends_with_two() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in
        [&["replay"][..], &["replay", "none.json"], &["replay", "a", "--with", "nothing"]]
    {
        let output = tutti(arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}
