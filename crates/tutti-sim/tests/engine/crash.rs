//! Killed at any boundary, a run ends as if nothing had been, and does nothing twice.

use serde_json::{Value, json};
use tutti_core::event::{Effect, Event, Reply, Said};
use tutti_core::journal::{self, Record, Records};
use tutti_core::packed::Packed;
use tutti_core::run::Run;
use tutti_core::session::Session;

use crate::toy::{Play, begin};
use tutti_sim::{Mischief, Order, Outside};

/// A flow with every kind of step and every class of write but the unsafe one.
fn document() -> Value {
    json!({
        "id": "all", "name": "All of it", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
        "context": {
            "thing": {"use": "toy.thing.get", "with": {"id": "${trigger.id}"}},
            "items": {"use": "toy.thing.search", "with": {"query": "${thing.tier}"}},
        },
        "values": {"tier": {"first_of": ["thing.tier"], "default": "none"}},
        "subject": "thing.id",
        "steps": [
            {"id": "pick", "decide": {
                "question": "Which?", "facts": ["thing"],
                "answer": {"way": {"one_of": ["up", "down"]}}, "evidence": 1,
                "otherwise": [{"answer": {"way": "up"}}]}},
            {"id": "route", "switch": [
                {"when": "pick.way == 'up'", "do": [
                    {"id": "all", "fork": {
                        "a": [
                            {"id": "link", "call": "toy.link.put", "with": {"to": "x"}},
                            {"id": "flag", "call": "toy.flag.set", "with": {"name": "f", "value": 1}},
                        ],
                        "b": [
                            {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}},
                            {"id": "row", "call": "toy.page.append", "with": {"row": "r"}},
                        ],
                        "c": [{"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}}],
                    }},
                ]},
                {"unknown": true, "do": []},
            ]},
            {"id": "wait", "listen": {
                "to": [{"event": "toy.job", "key": "j1"}],
                "read": {"job": {"use": "toy.job.get", "with": {"id": "j1"}}},
                "until": "job.status == 'done'", "poll": "5m", "within": "1h"}},
            {"id": "gone", "call": "toy.thing.get", "with": {"id": "none"},
             "catch": [{"on": ["not_found"], "do": [
                {"id": "second", "call": "toy.note.add", "with": {"on": "t1", "text": "ho"}}]}]},
            {"id": "each", "for": {
                "each": "item", "in": "['x', 'y', 'z']", "limit": 3, "at_once": 2,
                "collect": "${memo.id}", "do": [
                    {"id": "memo", "call": "toy.note.add", "with": {"on": "t1", "text": "${item}"}},
                    {"id": "careful", "try": [
                        {"id": "stop", "raise": {"error": "too_much", "message": "${item}"}}],
                     "catch": [{"on": ["too_much"], "do": [
                        {"id": "cup", "call": "toy.order.place", "with": {"what": "${item}"}}]}]},
                ]}},
            {"id": "rest", "wait": "5s"},
            {"id": "race", "join": "first", "fork": {
                "slow": [
                    {"id": "long", "wait": "1h"},
                    {"id": "never", "call": "toy.order.place", "with": {"what": "never"}}],
                "quick": [{"id": "short", "call": "toy.order.place", "with": {"what": "short"}}]}},
            {"id": "send", "call": "toy.letter.send", "with": {"to": "t1", "text": "hello"}},
        ],
    })
}

/// Plays the whole story; the worker dies where `mischief` says.
fn play(mischief: Mischief) -> Play {
    let mut run = begin(&document());
    run.mischief = mischief;
    // Answers that are lost with a worker are asked for again.
    for _ in 0..2 {
        run.outside.answer(json!({
            "way": "up", "evidence": [{"sourceId": "thing", "quote": "words of a customer"}],
        }));
    }
    run.go();
    run.sleep();
    run.outside.jobs.insert("j1".to_owned(), json!({"id": "j1", "status": "done"}));
    run.signal("done", "toy.job:j1");
    if run.view().approvals.is_empty() {
        run.sleep();
    }
    if !run.view().approvals.is_empty() {
        run.approve("dana");
    }
    run
}

/// Whether the journal, folded once more, gives the very run that a worker holds.
fn replays(run: &mut Play) {
    let session = run.open();
    let held = session.run();
    assert!(run.stored() == *held);
    let text = serde_json::to_string(&run.storage.records()).unwrap();
    let records: Vec<Record> = serde_json::from_str(&text).unwrap();
    let mut again = Run::new("tt-test", "PAY");
    for record in records {
        again.on(&run.flow, record.event, record.at);
    }
    assert!(again == *held, "also from its stored form");
    let hash = |run: &Run| run.state_hash(session.flow());
    assert_eq!(hash(&again), hash(held));
}

/// It asks what became of a commit that was not answered by its own name and the row's version.
#[test]
fn a_worker_that_was_thought_dead_does_not_take_a_claim_for_its_own_commit() {
    let mut run = begin(&document());
    let mut slow = run.open();
    let mut turn = slow.step(Vec::new(), run.now);
    while turn.commit.is_none() {
        let mut answered = |effect: &Effect| {
            let result = run.outside.perform(effect, 0);
            Event::Answered { effect: effect.id.clone(), result, took_ms: 0 }
        };
        let answers = turn.effects.iter().map(&mut answered).collect();
        turn = slow.step(answers, run.now);
    }
    assert!(run.storage.execute(&turn.commit.unwrap()));
    run.storage.row = run.storage.row.clone().claim("another");
    let cancel = Said::Cancel { reason: String::new() };
    let (id, name) = ("1".to_owned(), "Dana".to_owned());
    let said = Event::Said { id, account: "dana".to_owned(), name, answer: cancel };
    let commit = slow.step(vec![said], run.now).commit.unwrap();
    assert!(!run.storage.execute(&commit));
    assert_eq!(run.storage.row.version, commit.row.version, "both are the next");
    assert_ne!(run.storage.row.writer, commit.row.writer);
}

#[test]
fn the_story_ends_well_without_any_mischief() {
    let mut run = play(Mischief::default());
    assert_eq!(run.end(), "completed: everything was done", "{}", run.lines());
    assert_eq!(run.outside.made.len(), 13);
    assert!(run.outside.made.values().all(|made| *made == 1));
    replays(&mut run);
}

#[test]
fn killed_at_any_boundary_it_ends_the_same_and_does_nothing_twice() {
    for order in [Order::Asked, Order::Together] {
        let plain = play(Mischief { order, ..Mischief::default() });
        let boundaries = plain.boundaries;
        assert!(boundaries > 50, "{boundaries}");
        for kill_at in 0..boundaries {
            let mischief = Mischief { kill_at: Some(kill_at), order, ..Mischief::default() };
            let mut run = play(mischief);
            assert_eq!(run.end(), plain.end(), "killed at {kill_at}\n{}", run.lines());
            assert_eq!(run.outside.state(), plain.outside.state(), "killed at {kill_at}");
            for (key, made) in &run.outside.made {
                assert_eq!(*made, 1, "{key}, killed at {kill_at}");
            }
            replays(&mut run);
        }
    }
}

#[test]
fn the_same_holds_when_answers_come_twice_and_the_storage_does_not_answer() {
    let plain = play(Mischief::default());
    for kill_at in (0..plain.boundaries).map(Some).chain([None]) {
        let mischief = Mischief {
            kill_at,
            taken_at: None,
            twice: true,
            mute_storage: true,
            order: Order::Reversed,
        };
        let run = play(mischief);
        assert_eq!(run.end(), plain.end(), "killed at {kill_at:?}");
        assert_eq!(run.outside.made, plain.outside.made, "killed at {kill_at:?}");
    }
}

#[test]
fn an_unsafe_write_is_made_at_most_once_wherever_the_worker_dies() {
    let document = crate::toy::flow(json!([
        {"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"}},
    ]));
    let mut ends = Vec::new();
    for kill_at in 0..6 {
        let mut run = begin(&document);
        run.mischief.kill_at = Some(kill_at);
        run.go();
        ends.push(format!("{} mails, {}", run.outside.mails.len(), run.end()));
    }
    let lost = "waiting_person: Mail: no answer in time; whether it happened is not known";
    let well = "completed: everything was done";
    let expected = [
        format!("1 mails, {well}"),
        format!("0 mails, {lost}"),
        format!("0 mails, {lost}"),
        format!("1 mails, {lost}"),
        format!("1 mails, {lost}"),
        format!("1 mails, {well}"),
    ];
    assert_eq!(ends, expected);
}

#[test]
fn a_worker_that_lost_its_hold_sends_no_further_write() {
    let mut run = begin(&document());
    run.outside.answer(json!({
        "way": "up", "evidence": [{"sourceId": "thing", "quote": "words of a customer"}],
    }));
    let mut answers = Vec::new();
    let mut zombie = run.open();
    // The zombie works until its first writes are on their way, then sleeps.
    loop {
        let turn = zombie.step(std::mem::take(&mut answers), run.now);
        let written = turn.commit.is_some();
        if let Some(commit) = turn.commit {
            assert!(run.storage.execute(&commit));
        }
        for effect in &turn.effects {
            answers.push(performed(&mut run, effect));
        }
        if written {
            break;
        }
    }
    let before = run.outside.state();
    run.outside.answer(json!({
        "way": "up", "evidence": [{"sourceId": "thing", "quote": "words of a customer"}],
    }));
    // Another takes over and brings the run to where it waits.
    run.now += 600_000;
    run.go();
    let after = run.outside.state();
    assert_ne!(before, after);
    // It wakes up and goes on with the answers it has: every write needs a commit, and none works.
    let mut refused = 0;
    while let Some(answer) = answers.pop() {
        let turn = zombie.step(vec![answer], run.now);
        match turn.commit {
            Some(commit) => {
                assert!(!run.storage.execute(&commit));
                refused += 1;
                break;
            }
            None => {
                for effect in &turn.effects {
                    assert!(!effect.is_write());
                    answers.push(performed(&mut run, effect));
                }
            }
        }
    }
    assert_eq!(refused, 1);
    assert_eq!(run.outside.state(), after);
}

fn performed(run: &mut Play, effect: &tutti_core::event::Effect) -> tutti_core::event::Event {
    use tutti_sim::Outside;
    let now = run.now;
    let result = run.outside.perform(effect, now);
    tutti_core::event::Event::Answered { effect: effect.id.clone(), result, took_ms: 1 }
}

#[test]
fn a_long_journal_is_sealed_and_opened_again() {
    let mut document = document();
    document["budget"] = json!({"calls": 5000, "wall": "30d"});
    document["steps"][2]["listen"]["within"] = json!("20d");
    let mut run = begin(&document);
    run.outside.answer(json!({
        "way": "up", "evidence": [{"sourceId": "thing", "quote": "words of a customer"}],
    }));
    run.go();
    for _ in 0..250 {
        run.sleep();
    }
    assert!(!run.storage.chunks.is_empty());
    replays(&mut run);

    let mut row = run.storage.row.clone();
    assert_eq!(row.open.as_str(), "", "a run that rests has packed all of it");
    row.sealed = without(&row.sealed, 0);
    assert!(Session::open(row, &run.storage.chunks, run.flow.clone(), "w").is_err());
    let mut chunks = run.storage.chunks.clone();
    chunks[0].records = without(&chunks[0].records, 1);
    let row = run.storage.row.clone();
    assert!(Session::open(row.clone(), &chunks, run.flow.clone(), "w").is_err());
    assert!(Session::open(row, &[], run.flow.clone(), "w").is_err());
}

#[test]
fn many_large_answers_at_once_are_sealed_in_parts_that_can_be_stored() {
    let mut run = begin(&json!({
        "id": "read", "name": "Read a lot", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
        "steps": [{"id": "each", "for": {
            "each": "item", "in": "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]", "limit": 10, "at_once": 10,
            "do": [{"id": "thing", "call": "toy.thing.get", "with": {"id": "t${item}"}}]}}],
    }));
    let open = |run: &Play| {
        Session::open(run.storage.row.clone(), &run.storage.chunks, run.flow.clone(), "w").unwrap()
    };
    let mut session = open(&run);
    let asked = session.step(Vec::new(), run.now).effects;
    assert_eq!(asked.len(), 10);
    let mut seed = 1;
    let answered = asked.into_iter().map(|effect| {
        let result = Reply::of(Ok(json!({"text": noise(&mut seed, 150_000)})));
        Event::Answered { effect: effect.id, result, took_ms: 1 }
    });
    let commit = session.step(answered.collect(), run.now).commit.unwrap();
    assert!(run.storage.execute(&commit));
    let largest = run.storage.chunks.iter().map(|chunk| chunk.records.len()).max().unwrap();
    assert!((150_000..240 * 1024).contains(&largest), "{largest} bytes under one key");
    assert!(commit.row.sealed.len() + commit.row.open.as_str().len() < 7 * 1024);
    assert_eq!(open(&run).run(), session.run());
}

/// Text in which nothing repeats.
fn noise(seed: &mut u64, bytes: usize) -> String {
    let next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b' ' + u8::try_from((*seed >> 33) % 95).unwrap())
    };
    std::iter::repeat_with(next).take(bytes).collect()
}

/// Records of which one is gone.
fn without(packed: &Packed, gone: usize) -> Packed {
    let records = Records::unpack(packed).unwrap();
    let kept = records.iter().enumerate().filter(|(index, _)| *index != gone);
    kept.map(|(_, record)| record.unwrap()).collect::<Records>().pack()
}

#[test]
fn a_record_of_another_release_is_named() {
    let mut run = begin(&document());
    let line = r#"{"seq":2,"at":1773133200000,"event":{"type":"unheard_of"}}"#;
    let row = &mut run.storage.row;
    row.head = journal::link(&row.head, line);
    row.open.push(line);
    let opened = Session::open(row.clone(), &[], run.flow.clone(), "w");
    let error = opened.err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.starts_with("record 2 of the journal cannot be read"), "{error}");
}
