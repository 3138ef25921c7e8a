//! Case files: what they hold, what they never hold, and what is said of damaged ones.

use std::sync::OnceLock;

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};
use tutti_core::case_file::{CaseFile, CaseFileError, Contents};
use tutti_core::event::Said;
use tutti_core::flow::Flow;
use tutti_core::journal::{Record, Records};
use tutti_core::run::Run;

use crate::toy::{Play, begin, catalogue, flow};

const EMAIL: &str = "dana@toy.example";

/// A thing is read, a model triages it, and its owner approves a letter that names her.
fn document() -> Value {
    let mut document = flow(json!([
        {"id": "triage", "title": "Triage it", "decide": {
            "question": "How urgent?", "facts": ["thing"], "evidence": 1,
            "answer": {"urgency": {"one_of": ["now", "later"]}, "why": {"text": 200}},
        }},
        {"id": "route", "title": "Choose the path", "switch": [
            {"when": "triage.urgency == 'now'", "do": [
                {"id": "note", "title": "Note it", "call": "toy.note.add",
                 "with": {"on": "t1", "text": "${triage.why} (${thing.owner.email})"}},
                {"id": "reply", "title": "Send the letter", "call": "toy.letter.send",
                 "with": {"to": "t1", "text": "Ask ${thing.owner.email}"}},
            ]},
            {"default": true, "do": [
                {"id": "flag", "title": "Flag it", "call": "toy.flag.set",
                 "with": {"name": "later", "value": true}},
            ]},
            {"unknown": true, "do": []},
        ]},
    ]));
    document["context"] = json!({"thing": {"use": "toy.thing.get", "with": {"id": "t1"}}});
    document["start_if"] = json!("thing.tier != 'none'");
    document["policies"] = json!([{
        "approve": "effect.operation == 'toy.letter.send'", "by": "${thing.owner.account_id}",
        "why": "It names ${thing.owner.email}.",
    }]);
    document
}

/// The run as far as the question to Dana.
fn asked() -> Play {
    let mut run = begin(&document());
    let thing = run.outside.things.get_mut("t1").unwrap();
    thing["text"] = json!("Written by Dana (dana@toy.example), not by Danatella");
    run.outside.answer(json!({
        "urgency": "now", "why": "Dana says \"now\", see dana@toy.example",
        "evidence": [{"sourceId": "thing", "quote": "Written by Dana"}],
    }));
    run.go();
    run
}

fn played() -> Play {
    let mut run = asked();
    run.approve("dana");
    assert_eq!(run.end(), "completed: everything was done");
    run
}

fn export(run: &Play) -> Result<CaseFile, CaseFileError> {
    CaseFile::export(&run.storage.row, &run.storage.chunks, &run.flow, 1_800_000_000_000)
}

/// The case file of the whole run, made once.
fn exported() -> &'static CaseFile {
    static FILE: OnceLock<CaseFile> = OnceLock::new();
    FILE.get_or_init(|| export(&played()).unwrap())
}

/// The same as text.
fn sound() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(|| exported().to_json())
}

/// The code and the message, or `sound`.
fn opened(text: &str) -> String {
    match CaseFile::open(text) {
        Ok(_) => "sound".to_owned(),
        Err(error) => format!("{}: {error}\n  hint: {}", error.code, error.hint),
    }
}

/// The file with its contents changed by somebody who takes care that it chains up again.
fn forged(change: impl FnOnce(&mut Contents)) -> String {
    let mut contents = exported().contents().clone();
    change(&mut contents);
    contents.head = contents.seal();
    json!(contents).to_string()
}

#[test]
fn what_was_exported_opens_and_replays_to_the_same_state() {
    let run = played();
    let file = export(&run).unwrap();
    let again = CaseFile::open(&file.to_json()).unwrap();
    assert_eq!(again.contents(), file.contents());
    assert_eq!(again.replay(None).state_hash(again.flow()), file.contents().state_hash);
    assert_eq!(file.contents().source_head, run.storage.row.head);
    assert_eq!(file.contents().records.len() as u64, run.stored().seq());
    assert_eq!(again.replay(None).reason(), "everything was done");
    assert!(again.remarks().is_empty());
}

#[test]
fn every_event_of_a_run_can_be_returned_to() {
    let file = exported();
    let mut live = Run::new(&file.contents().run, &file.contents().project);
    for record in &file.contents().records {
        live.on(file.flow(), record.event.clone(), record.at);
        assert!(file.replay(Some(record.seq)) == live, "after {}", record.seq);
    }
    assert_eq!(file.replay(Some(0)).seq(), 0);
}

#[test]
fn people_are_pseudonyms_everywhere_and_the_run_is_the_same() {
    let run = played();
    let file = export(&run).unwrap();
    let text = file.to_json();
    for word in [EMAIL, "Dana ", "Dana\"", "\"dana\""] {
        assert!(!text.contains(word), "{word} in {text}");
    }
    assert!(text.contains("Danatella"), "a longer word is another word");
    let lines = |run: &Run, flow: &Flow| -> String {
        let viewer = tutti_core::run::Viewer { account: "", is_admin: false };
        let view = run.view(flow, 1, viewer);
        view.timeline.iter().map(|e| format!("{:?} {} | {}\n", e.state, e.text, e.detail)).collect()
    };
    let replayed = file.replay(None);
    expect![[r#"
        Done Read toy thing t1 | Do toy.thing.get
        Done Triage it | now
        Done Note it | Do toy.note.add
        Waiting Asked for approval | Send the letter
        Done ‹name 1› approved it | Send the letter
        Done Send the letter | Do toy.letter.send
        Done Finished | everything was done
    "#]]
    .assert_eq(&lines(&replayed, file.flow()));
    let fact = |name: &str| replayed.facts().find(|(key, _)| *key == name).unwrap().1.value.clone();
    assert_eq!(fact("thing")["owner"]["email"], "‹email 1›");
    assert_eq!(fact("thing")["owner"]["account_id"], "‹account 1›");
    assert_eq!(fact("triage")["why"], "‹name 1› says \"now\", see ‹email 1›");
}

#[test]
fn a_run_that_still_waits_can_be_exported_with_its_question() {
    let mut run = asked();
    let file = export(&run).unwrap();
    assert_eq!(file.replay(None).asked(file.flow()).len(), 1);
    let text = file.to_json();
    assert!(!text.contains(EMAIL) && !text.contains("\"dana\""), "{text}");
    run.cancel();
    let file = export(&run).unwrap();
    assert_eq!(file.replay(None).reason(), "stopped by ‹name 1›: not needed");
}

#[test]
fn a_run_that_looks_into_personal_data_is_not_told_otherwise() {
    let mut document = document();
    document["steps"][1]["switch"][0]["when"] = json!("thing.owner.email.endsWith('.example')");
    let mut run = begin(&document);
    run.outside.answer(json!({
        "urgency": "later", "why": "because",
        "evidence": [{"sourceId": "thing", "quote": "words of a customer"}],
    }));
    run.go();
    let error = export(&run).unwrap_err();
    assert_eq!(error.code, "not_redactable");
    assert_eq!(
        error.message,
        "without its personal data the run cannot be replayed: at event 4 it would do something \
         else"
    );
}

#[test]
fn a_journal_that_was_changed_is_not_exported() {
    let mut run = played();
    let later = |(place, record): (usize, Record)| Record {
        at: record.at + i64::from(place == 2),
        ..record
    };
    let row = &mut run.storage.row;
    let journal = row.journal(&[]).unwrap();
    row.sealed = journal.iter().flatten().enumerate().map(later).collect::<Records>().pack();
    row.open = Records::default();
    assert_eq!(export(&run).unwrap_err().code, "journal");
}

#[test]
fn each_kind_of_damage_has_its_message() {
    let file = exported();
    let sound = sound();
    let changed = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}");
        sound.replacen(from, to, 1)
    };
    let table: [(&str, String); 14] = [
        ("untouched", sound.to_owned()),
        ("cut off", sound[..sound.len() / 2].to_owned()),
        ("empty", String::new()),
        ("one byte of an answer", changed("words of", "words 0f")),
        ("one byte of the flow", changed("Choose the path", "Choose the bath")),
        ("one byte of the header", changed("\"exported_at\":1", "\"exported_at\":2")),
        ("one byte of a time", changed("\"seq\":2,\"at\":1", "\"seq\":2,\"at\":2")),
        ("a record removed", forged(|file| drop(file.records.remove(3)))),
        ("records in another order", forged(|file| file.records.swap(3, 4))),
        ("the last record removed", {
            let mut contents = file.contents().clone();
            contents.records.pop();
            json!(contents).to_string()
        }),
        ("other format", changed("\"format\":1", "\"format\":2")),
        ("no JSON", "id: toy".to_owned()),
        ("other JSON", "{\"name\": \"package\"}".to_owned()),
        ("100 MB", " ".repeat(100 * 1024 * 1024)),
    ];
    let told: String =
        table.iter().map(|(damage, text)| format!("{damage}\n  {}\n", opened(text))).collect();
    expect![[r#"
        untouched
          sound
        cut off
          cut_off: the file ends in the middle: it was cut off
          hint: export the run again and leave the file as it is
        empty
          cut_off: the file is empty
          hint: export the run again and leave the file as it is
        one byte of an answer
          chain: something in the file was changed or removed after it was written: what it holds does not chain up to its head
          hint: export the run again and leave the file as it is
        one byte of the flow
          chain: something in the file was changed or removed after it was written: what it holds does not chain up to its head
          hint: export the run again and leave the file as it is
        one byte of the header
          chain: something in the file was changed or removed after it was written: what it holds does not chain up to its head
          hint: export the run again and leave the file as it is
        one byte of a time
          chain: something in the file was changed or removed after it was written: what it holds does not chain up to its head
          hint: export the run again and leave the file as it is
        a record removed
          sequence: record 4 is missing or in another place: after 3 comes 5
          hint: export the run again and leave the file as it is
        records in another order
          sequence: record 4 is missing or in another place: after 3 comes 5
          hint: export the run again and leave the file as it is
        the last record removed
          chain: something in the file was changed or removed after it was written: what it holds does not chain up to its head
          hint: export the run again and leave the file as it is
        other format
          format: the case file has format 2, this release reads 1
          hint: replay it with release 0.1.0, which wrote it
        no JSON
          not_json: this is no JSON, as is seen at line 1, column 1
          hint: give the file that “Export case file” on the panel saved
        other JSON
          no_case_file: this is JSON, but no case file: no `format`
          hint: give the file that “Export case file” on the panel saved
        100 MB
          too_large: a case file can have 8 MB
          hint: a run as long as that can be looked at on its panel only
    "#]].assert_eq(&told);
}

#[test]
fn what_would_be_read_over_is_found() {
    let sound = sound();
    let head = |text: &str| format!("{}\"seq\":1,", text);
    let with = |from: &str, to: &str| {
        assert!(sound.contains(from), "{from}");
        opened(&sound.replacen(from, to, 1)).lines().next().unwrap_or_default().to_owned() + "\n"
    };
    let told = [
        with(&head("{"), &head("{\"note\":1,")),
        with(&head("{"), &head("{\"at\":1,")),
        with(&head("{"), "{\"seq\":1,\"seq\":1,"),
        with("\"event\":{", "\"event\":{\"note\":{\"a\":1},"),
        with("\"event\":{", "\"event\":{\"type\":\"signal\","),
        with("\"event\":{", "\"event\":{\"depth\":0,"),
        with("\"flow\":{", "\"flow\":{\"name\":\"Other\","),
        with("\"operations\":{", "\"operations\":{\"toy.note.add\":{},"),
    ];
    expect![[r#"
        written: something in the file was changed after it was written: `/records/0/note` is not what was read there
        written: something in the file was changed after it was written: `at` stands there twice (line 1, column 4893)
        written: something in the file was changed after it was written: `seq` stands there twice (line 1, column 4875)
        written: something in the file was changed after it was written: `/records/0/event/note` is not what was read there
        written: something in the file was changed after it was written: `type` stands there twice (line 1, column 4928)
        written: something in the file was changed after it was written: `/records/0/event/depth` is not what was read there
        written: something in the file was changed after it was written: `name` stands there twice (line 1, column 301)
        written: something in the file was changed after it was written: `toy.note.add` stands there twice (line 1, column 3704)
    "#]].assert_eq(&told.concat());
}

#[test]
fn a_forger_who_closes_the_chain_is_told_by_the_state() {
    let check = |text: &str, expected: Expect| expected.assert_eq(&opened(text));
    check(
        &forged(|file| drop(file.records.pop())),
        expect![[r#"
        state: replaying its records comes to another state than the one it names
          hint: export the run again and leave the file as it is"#]],
    );
    check(
        &forged(|file| file.flow["steps"][0]["decide"]["answer"] = json!(7)),
        expect![[r#"
        flow: the flow in it does not link: /steps/0/decide/answer: the fields of the answer are needed here
          hint: export the run again and leave the file as it is"#]],
    );
    let old = forged(|file| {
        file.engine = "0.0.1".to_owned();
        file.records.pop();
    });
    check(
        &old,
        expect![[r#"
        state: replaying its records comes to another state than the one it names
          hint: it was written by release 0.0.1, this is 0.1.0; replay it with that one"#]],
    );
}

#[test]
fn records_that_no_run_has_are_refused_though_they_chain_up() {
    type Change = fn(&mut Contents);
    let table: [(&str, Change); 5] = [
        ("nothing", |file| file.records.clear()),
        ("no start", |file| drop(file.records.remove(0))),
        ("another start", |file| {
            let start = file.records[0].clone();
            file.records.insert(2, start);
        }),
        ("back in time", |file| file.records[3].at = 1),
        ("an answer twice", |file| {
            let answer = file.records[2].clone();
            file.records.insert(3, answer);
        }),
    ];
    let mut told = String::new();
    for (what, change) in table {
        let text = forged(|file| {
            change(file);
            let mut run = Run::new(&file.run, &file.project);
            for (record, seq) in file.records.iter_mut().zip(1..) {
                record.seq = seq;
                run.on(exported().flow(), record.event.clone(), record.at);
            }
            file.state_hash = run.state_hash(exported().flow());
        });
        let remarks = CaseFile::open(&text).map(|file| file.remarks().join(", "));
        told.push_str(&format!("{what}: {} {}\n", opened(&text), remarks.unwrap_or_default()));
    }
    expect![[r#"
        nothing: impossible: there are no records in it
          hint: export the run again and leave the file as it is 
        no start: impossible: record 1 does not start the run
          hint: export the run again and leave the file as it is 
        another start: impossible: record 3 starts the run once more
          hint: export the run again and leave the file as it is 
        back in time: impossible: record 4 is older than the one before it
          hint: export the run again and leave the file as it is 
        an answer twice: sound event 4 answers what was not asked then: it means nothing to the run
    "#]]
    .assert_eq(&told);
}

#[test]
fn a_file_of_another_release_is_compared_all_the_same() {
    let file = CaseFile::open(&forged(|file| file.engine = "0.0.1".to_owned())).unwrap();
    expect!["written by release 0.0.1, replayed by 0.1.0: the state is the same nevertheless"]
        .assert_eq(&file.remarks().join("\n"));
}

/// What would be otherwise, where knowledge ends, and how far that is.
fn forked(facts: &[(&str, Value)]) -> String {
    forked_of(exported(), facts)
}

fn forked_of(file: &CaseFile, facts: &[(&str, Value)]) -> String {
    let facts = facts.iter().map(|(path, value)| ((*path).to_owned(), value.clone())).collect();
    let forked = match file.fork(facts) {
        Ok(forked) => forked,
        Err(error) => return format!("{}: {error}\n{}\n", error.code, error.hint),
    };
    let mut told: String = forked.differences.iter().map(|d| format!("{}\n", d.text)).collect();
    told.push_str(&format!("{:?}\n", forked.ends));
    told
}

#[test]
fn a_fork_says_what_would_be_otherwise() {
    let check = |facts: &[(&str, Value)], expected: Expect| expected.assert_eq(&forked(facts));
    check(
        &[("triage.urgency", json!("later"))],
        expect![[r#"
        `triage.urgency` is "later", not "now"
        Choose the path: takes the default, not `triage.urgency == 'now'`
        Flag it: calls `toy.flag.get`, which the run did not do
        Some("what `toy.flag.get` would answer is not on record")
    "#]],
    );
    check(
        &[("triage.why", json!("Because."))],
        expect![[r#"
        `triage.why` is "Because.", not "‹name 1› says \"now\", see ‹email 1›"
        Note it: `text` is "Because. (‹email 1›)", not "‹name 1› says \"now\", see ‹email 1› (‹email 1›)"
        Some("what `toy.note.add` would answer is not on record")
    "#]],
    );
    check(
        &[("thing.tier", json!("none"))],
        expect![[r#"
        `thing.tier` is "none", not "gold"
        Note it: is not done
        Send the letter: is not done
        The run ends completed: its start condition does not hold; it was completed: everything was done
        None
    "#]],
    );
    check(
        &[("thing.tier", json!("silver"))],
        expect![[r#"
        `thing.tier` is "silver", not "gold"
        Triage it: the model is asked something else
        Some("what the model would answer is not on record")
    "#]],
    );
    check(
        &[("trigger.said", json!("nothing"))],
        expect![[r#"
        `trigger.said` is "nothing", not "words of a stranger"
        None
    "#]],
    );
    check(
        &[("note.id", json!(7))],
        expect![[r#"
        `note.id` is 7, not 0
        None
    "#]],
    );
    check(
        &[("triage.urgency", json!("tomorrow"))],
        expect![[r#"
        `triage.urgency` is "tomorrow", not "now"
        Triage it: the answer is not accepted, and the model is asked to repair it
        Some("what the model would answer is not on record")
    "#]],
    );
    check(
        &[("values.tier", json!(1))],
        expect![[r#"
        derived_fact: `values` is made by the flow from other facts
        change what it is made from
    "#]],
    );
    check(
        &[("nothing", json!(1))],
        expect![[r#"
        no_such_fact: no answer brought the fact `nothing`
        facts of this run that can be: note, reply, thing, triage, trigger
    "#]],
    );
    check(
        &[("thing.tier.deep", json!(1))],
        expect![[r#"
            no_such_part: there is no `thing.tier.deep`
            name a part of the fact as it is
        "#]],
    );
}

/// Three things are read, each in an iteration that its answer ends, unless it is of brass.
fn looped() -> Play {
    let mut run = begin(&flow(json!([
        {"id": "each", "for": {"each": "which", "in": "['t1', 't2', 't1']", "limit": 5, "do": [
            {"id": "look", "call": "toy.thing.get", "with": {"id": "${which}"}},
            {"id": "gold", "title": "Note it", "switch": [
                {"when": "look.tier == 'brass'", "do": [
                    {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "brass"}},
                ]},
                {"default": true, "do": []},
                {"unknown": true, "do": []},
            ]},
        ], "collect": "${look.tier}"}},
    ])));
    let thing = run.outside.things["t1"].clone();
    run.outside.things.insert("t2".to_owned(), thing);
    run.outside.things.get_mut("t2").unwrap()["tier"] = json!("silver");
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    run
}

#[test]
fn each_reading_of_a_fact_is_changed_and_told() {
    let file = export(&looped()).unwrap();
    let check = |facts: &[(&str, Value)], expected: Expect| {
        expected.assert_eq(&forked_of(&file, facts));
    };
    check(
        &[("look.tier", json!("gold"))],
        expect![[r#"
        `look.tier` is "gold", not "silver"
        None
    "#]],
    );
    check(
        &[("look.tier", json!("brass"))],
        expect![[r#"
        `look.tier` is "brass", not "gold" or "silver"
        Note: calls `toy.note.add`, which the run did not do
        Some("what `toy.note.add` would answer is not on record")
    "#]],
    );
    check(
        &[("look.tier", json!("a")), ("look.tier", json!("b"))],
        expect![[r#"
        twice: `look.tier` is changed twice
        give it once
    "#]],
    );
    let forked = file.fork(vec![("look.tier".to_owned(), json!("gold"))]).unwrap();
    let each = forked.run.facts().find(|(key, _)| *key == "each").unwrap().1.value.clone();
    assert_eq!(each, json!(["gold", "gold", "gold"]));
}

#[test]
fn what_a_floor_moves_is_said() {
    let mut document = document();
    document["steps"][0]["decide"]["floor"] =
        json!([{"when": "thing.tier == 'gold'", "field": "urgency", "at_least": "now"}]);
    let mut run = begin(&document);
    run.outside.answer(json!({
        "urgency": "now", "why": "because",
        "evidence": [{"sourceId": "thing", "quote": "words of a customer"}],
    }));
    run.go();
    let told = forked_of(&export(&run).unwrap(), &[("triage.urgency", json!("later"))]);
    expect![[r#"
        `triage.urgency` is "later", not "now"
        Triage it: a floor moves urgency to at least now because thing.tier == 'gold'
        Some("the record ends; the run would be waiting person: waiting for approval: Send the letter")
    "#]].assert_eq(&told);
}

#[test]
fn a_fork_is_known_up_to_where_it_ends() {
    let forked = exported().fork(vec![("thing.tier".to_owned(), json!("none"))]).unwrap();
    assert_eq!((forked.run.state().is_final(), forked.at), (true, 3));
}

#[test]
fn a_fork_in_which_a_person_sees_something_else_does_not_take_her_yes() {
    let mut document = flow(json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        {"id": "reply", "title": "Send the letter", "call": "toy.letter.send",
         "with": {"to": "t1", "text": "It is ${thing.tier}"}},
    ]));
    document["autonomy"] = json!("approve");
    document["policies"] = json!([{"approve": "true", "by": "dana"}]);
    let mut run = begin(&document);
    run.go();
    run.approve("dana");
    assert_eq!(run.end(), "completed: everything was done");
    let file = export(&run).unwrap();
    let forked = file.fork(vec![("thing.tier".to_owned(), json!("silver"))]).unwrap();
    assert_eq!(forked.run.reason(), "waiting for approval: Send the letter");
    expect!["Send the letter: what a person would say to that is not on record"]
        .assert_eq(&forked.ends.unwrap());
    let forked = file.fork(vec![("thing.heading".to_owned(), json!("New title"))]).unwrap();
    assert_eq!(forked.run.reason(), "everything was done");
}

#[test]
fn what_a_person_answered_is_told_without_her_and_can_be_otherwise() {
    let mut document = flow(json!([
        {"id": "place", "title": "Ask for the place", "ask": {
            "question": "Where is it, ${thing.owner.email}?", "within": "1h",
            "who": "${thing.owner.account_id}",
            "answer": {"where": {"one_of": ["prod", "staging"]}, "words": {"text": 80}},
        }},
        {"id": "route", "title": "Choose the path", "switch": [
            {"when": "place.where == 'prod'", "do": [
                {"id": "order", "title": "Order it", "call": "toy.order.place",
                 "with": {"what": "${place.words}"}},
            ]},
            {"default": true, "do": []},
            {"unknown": true, "do": []},
        ]},
    ]));
    document["context"] = json!({"thing": {"use": "toy.thing.get", "with": {"id": "t1"}}});
    let mut run = begin(&document);
    run.go();
    let question = run.view().questions[0].id.clone();
    let answer = json!({"where": "prod", "words": "Dana (dana@toy.example) says so"});
    let answer = answer.as_object().unwrap().clone();
    run.say("dana", Said::Answer { question, answer });
    assert_eq!(run.end(), "completed: everything was done");
    let file = export(&run).unwrap();
    assert!(!file.to_json().contains(EMAIL) && !file.to_json().contains("Dana"));
    let replayed = file.replay(None);
    let place = replayed.facts().find(|(key, _)| *key == "place").unwrap().1;
    assert_eq!(place.value["words"], "‹name 1› (‹email 1›) says so");
    let forked = file.fork(vec![("place.where".to_owned(), json!("staging"))]).unwrap();
    let told: Vec<String> = forked.differences.into_iter().map(|d| d.text).collect();
    expect![[r#"
        `place.where` is "staging", not "prod"
        Choose the path: takes the default, not `place.where == 'prod'`
        Order it: is not done"#]]
    .assert_eq(&told.join("\n"));
    assert_eq!(forked.ends, None);
}

#[test]
fn what_was_taken_back_after_the_end_is_in_the_file() {
    let mut run = played();
    run.say("admin", Said::Undo { effects: Vec::new(), reason: "wrong thing".to_owned() });
    let file = CaseFile::open(&export(&run).unwrap().to_json()).unwrap();
    let last = file.replay(None);
    let viewer = tutti_core::run::Viewer { account: "", is_admin: false };
    let timeline = last.view(file.flow(), 1, viewer).timeline;
    assert!(timeline.iter().any(|entry| entry.detail == "wrong thing"));
    assert!(file.fork(Vec::new()).unwrap().run == last);
}

#[test]
fn a_fork_with_nothing_changed_is_the_run() {
    let file = exported();
    let forked = file.fork(Vec::new()).unwrap();
    assert_eq!(forked.run.state_hash(file.flow()), file.contents().state_hash);
    assert_eq!((forked.differences, forked.ends), (Vec::new(), None));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_bytes_there_are_the_verifier_answers(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(CaseFile::open(&String::from_utf8_lossy(&bytes)).is_err());
    }

    #[test]
    fn a_changed_byte_is_noticed(at in any::<prop::sample::Index>(), byte in 0x20_u8..0x7f) {
        let mut bytes = sound().as_bytes().to_vec();
        let at = at.index(bytes.len());
        prop_assume!(bytes[at] != byte);
        bytes[at] = byte;
        let text = String::from_utf8_lossy(&bytes);
        let same = || {
            // `1e5` and `1E5` are one number; what is read is what counts.
            serde_json::from_str::<Contents>(&text).is_ok_and(|read| read == *exported().contents())
        };
        prop_assert!(CaseFile::open(&text).is_err() || same());
    }

    #[test]
    fn a_file_in_pieces_never_stops_the_verifier(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..60), 1..6),
    ) {
        let mut bytes = sound().as_bytes().to_vec();
        for (at, length) in cuts {
            let at = at.index(bytes.len());
            let piece: Vec<u8> = bytes.drain(at..(at + length).min(bytes.len())).collect();
            let to = (at * 7 + length) % (bytes.len() + 1);
            bytes.splice(to..to, piece);
        }
        let _ = CaseFile::open(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_journal_of_anything_is_replayed_to_some_state(
        kinds in prop::collection::vec((0_usize..40, 0_i64..100_000), 0..60),
    ) {
        let events: Vec<_> = exported().contents().records.iter().map(|r| r.event.clone()).collect();
        let text = forged(|file| {
            file.records = kinds.iter().enumerate().map(|(place, (kind, at))| {
                let event = events[kind % events.len()].clone();
                Record { seq: place as u64 + 1, at: *at, event }
            }).collect();
        });
        let opened = opened(&text);
        let known = ["sound", "state", "impossible"].into_iter().any(|it| opened.starts_with(it));
        prop_assert!(known, "{opened}");
    }
}

#[test]
fn the_toys_are_in_the_file() {
    let used = exported().contents().operations.len();
    assert!(used > 0 && used < catalogue().len());
}
