//! The gate: what may leave, what is asked about, what never leaves.

use serde_json::{Value, json};

use crate::toy::{begin, flow};

/// The end of a run that wants one write under these policies.
fn ruled(write: Value, policies: Value, more: Value) -> String {
    let mut step = write;
    step["id"] = json!("do");
    let mut document = flow(json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        step,
    ]));
    document["policies"] = policies;
    document.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let mut run = begin(&document);
    run.go();
    let end = run.end();
    let left = !run.outside.writes().is_empty();
    assert_eq!(left, end.starts_with("completed"), "{end}");
    match end.split_once(": ") {
        Some(("waiting_person", _)) => {
            let card = run.view().approvals.remove(0);
            format!("asked ({}) {}", card.policy, card.why)
        }
        Some(("failed", reason)) => reason.to_owned(),
        _ => "left".to_owned(),
    }
}

fn set() -> Value {
    json!({"call": "toy.thing.set", "with": {"id": "t1", "text": "new"}})
}

fn letter() -> Value {
    json!({"call": "toy.letter.send", "with": {"to": "t1", "text": "hello"}})
}

#[test]
fn never_wins_over_approve_and_approve_over_allow() {
    let never = json!({"never": "effect.access == 'write'"});
    let approve = json!({"approve": "effect.access == 'write'", "by": "dana", "why": "Look."});
    let allow = json!({"allow": "effect.access == 'write'"});
    let table = [
        (json!([]), "left"),
        (json!([allow]), "left"),
        (json!([allow, approve]), "asked (effect.access == 'write') Look."),
        (json!([allow, approve, never]), "Do: refused: effect.access == 'write'"),
    ];
    for (policies, expected) in table {
        assert_eq!(ruled(set(), policies, json!({})), expected);
    }
}

#[test]
fn what_cannot_be_decided_counts_as_met_by_a_rule_that_protects() {
    let unknown = "thing.nothing == 1";
    let table = [
        (
            json!([{"never": unknown}]),
            "Do: refused: `thing.nothing == 1` could not be decided: `thing.nothing` is missing",
        ),
        (json!([{"approve": unknown, "by": "dana"}]), "asked (thing.nothing == 1) "),
        // A mistake in the rule is no way round it either.
        (
            json!([{"never": "thing.tier > 5"}]),
            "Do: refused: `thing.tier > 5` could not be decided: `>` does not take string and int",
        ),
    ];
    for (policies, expected) in table {
        assert_eq!(ruled(set(), policies, json!({})), expected);
    }
    let held = "asked (what cannot be taken back needs a person) This cannot be taken back.";
    assert_eq!(ruled(letter(), json!([{"allow": unknown}]), json!({})), held);
}

#[test]
fn what_cannot_be_taken_back_needs_a_person_or_a_rule_that_names_it() {
    let held = "asked (what cannot be taken back needs a person) This cannot be taken back.";
    assert_eq!(ruled(letter(), json!([]), json!({})), held);
    let allow = json!([{"allow": "effect.reversibility == 'irreversible'"}]);
    assert_eq!(ruled(letter(), allow, json!({})), "left");
    let whatever = json!([{"allow": "true"}]);
    assert_eq!(ruled(letter(), whatever, json!({})), held, "that names nothing");
}

#[test]
fn autonomy_approve_asks_about_every_write() {
    let asked = "asked (autonomy: approve) This step asks before it acts.";
    assert_eq!(ruled(set(), json!([]), json!({"autonomy": "approve"})), asked);
    let mut alone = set();
    alone["autonomy"] = json!("act");
    assert_eq!(ruled(alone, json!([]), json!({"autonomy": "approve"})), "left");
}

#[test]
fn a_stranger_s_words_choose_no_target_whatever_is_allowed() {
    let tainted = json!({"call": "toy.note.add", "with": {"on": "${thing.text}", "text": "hi"}});
    let held = "asked (a tainted, guessed or defaulted value chooses the target) \
                The value of “on” comes from free text.";
    assert_eq!(ruled(tainted.clone(), json!([]), json!({})), held);
    assert_eq!(ruled(tainted, json!([{"allow": "true"}]), json!({})), held);
    let content = json!({"call": "toy.note.add", "with": {"on": "t1", "text": "${thing.text}"}});
    assert_eq!(ruled(content, json!([]), json!({})), "left", "they may fill content");
}

#[test]
fn a_defaulted_value_chooses_no_target_and_one_of_the_flow_s_own_does() {
    let to = |name: &str| {
        json!({"call": "toy.note.add",
               "with": {"on": format!("${{values.{name}}}"), "text": "hi"}})
    };
    let values = json!({"values": {
        "guess": {"first_of": ["trigger.nothing"], "default": "t1"},
        "known": {"first_of": ["trigger.id"], "default": "t2"},
        "plain": "t1",
    }});
    let held = "asked (a tainted, guessed or defaulted value chooses the target) \
                The value of “on” is a default, for nothing better was known.";
    assert_eq!(ruled(to("guess"), json!([]), values.clone()), held);
    assert_eq!(ruled(to("known"), json!([]), values.clone()), "left");
    assert_eq!(ruled(to("plain"), json!([]), values), "left");
}

#[test]
fn taint_survives_set_and_default() {
    let steps = |through: Value| {
        json!([
            {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
            through,
            {"id": "do", "call": "toy.note.add", "with": {"on": "${way.it}", "text": "hi"}},
        ])
    };
    let ways = [
        json!({"id": "way", "set": {"it": "${thing.text}"}}),
        json!({"id": "way", "call": "toy.thing.get", "with": {"id": "gone"},
               "catch": [{"default": {"it": "${thing.text}"}}]}),
    ];
    for way in ways {
        let run = crate::toy::run(steps(way));
        assert!(run.end().starts_with("waiting_person"), "{}", run.end());
    }
}

#[test]
fn a_flow_writes_only_in_its_own_project() {
    let touch = |with: Value| json!({"call": "jira.issue.touch", "with": with});
    let refused = "Do: refused: a flow writes only in its own project, PAY";
    let table = [
        (json!({"issue": "PAY-1"}), "left"),
        (json!({"issue": "OPS-1"}), refused),
        (json!({"issue": "PAYX-1"}), refused),
        (json!({"issue": "10042"}), refused),
        (json!({"issue": 10042}), refused),
        (json!({"issue": "PAY-1", "project": "OPS"}), refused),
    ];
    for (with, expected) in table {
        let allow = json!([{"allow": "true"}]);
        assert_eq!(ruled(touch(with.clone()), allow, json!({})), expected, "{with}");
    }
}

#[test]
fn policies_see_where_arguments_come_from() {
    let write = json!({"call": "toy.thing.set", "with": {"id": "t1", "text": "${values.tier}"}});
    let values = json!({"values": {
        "tier": {"first_of": ["trigger.nothing"], "default": "Standard"},
    }});
    let never = json!([{"never": "'defaulted' in provenance(effect.input.text)"}]);
    let refused = "Do: refused: 'defaulted' in provenance(effect.input.text)";
    assert_eq!(ruled(write, never, values), refused);
    let tainted = json!({"call": "toy.thing.set", "with": {"id": "t1", "text": "${thing.text}"}});
    let never = json!([{"never": "!trusted(effect.input.text)"}]);
    let refused = "Do: refused: !trusted(effect.input.text)";
    assert_eq!(ruled(tainted, never, json!({})), refused);
}
