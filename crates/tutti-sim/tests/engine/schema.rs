//! The schema of flows says no to what the linker says no to, as far as a schema can. That it says
//! yes to all that links is asserted wherever a test links a document.

use serde_json::{Value, json};

use crate::toy::{flow, unlike_schema};

/// A flow with everything in it that a schema knows of.
fn whole() -> Value {
    json!({
        "id": "whole", "name": "Whole", "about": "All of it",
        "trigger": {"webhook": "toy.thing", "once_per": ["id"], "newest_by": {"key": "id", "at": "at"}},
        "start_if": "thing.tier == 'gold'", "started_by": "Thing ${thing.id}", "subject": "thing.id",
        "context": {"thing": {"use": "toy.thing.get", "with": {"id": "t1"}, "optional": true}},
        "values": {"channel": "C1", "tier": {"first_of": ["thing.tier"], "default": "none"}},
        "steps": [
            {"id": "triage", "title": "Triage", "done": "Triaged", "decide": {
                "question": "?", "facts": ["thing"], "evidence": 1, "model": "small",
                "answer": {
                    "severity": {"one_of": ["S1", "S2"], "about": "How bad"},
                    "key": {"one_of_fact": "thing.items", "optional": true},
                    "words": {"list_of": {"text": 60}}, "sure": {"flag": true}, "n": {"number": true},
                    "more": {"object": {"a": {"text": 5}}},
                },
                "floor": [{"when": "true", "field": "severity", "at_least": "S2"}],
                "ceiling": [{"when": "false", "field": "severity", "at_most": "S2"}],
                "otherwise": [{"when": "true", "answer": {"severity": "S2"}}],
            }},
            {"id": "route", "switch": [
                {"when": "triage.severity == 'S1'", "do": [{"id": "pause", "wait": "5m"}]},
                {"default": true, "do": []}, {"unknown": true, "do": []},
            ]},
            {"id": "both", "join": "first", "fork": {
                "one": [{"id": "a", "call": "toy.note.add", "with": {"on": "t1", "text": "x"},
                         "retry": {"attempts": 5, "delay": "10s"}, "autonomy": "approve",
                         "catch": [{"on": ["timeout"], "gap": "x"}, {"ask": "${thing.owner}"},
                                   {"agent": {"may": ["again"], "facts": ["thing"], "else": "dana"}}]}],
                "two": [{"id": "b", "set": {"x": 1}}],
            }},
            {"id": "each", "for": {"each": "item", "in": "[1]", "limit": 5, "at_once": 2,
                                   "do": [{"id": "c", "wait": "1s"}], "collect": "${item}"}},
            {"id": "safe", "try": [{"id": "no", "raise": {"error": "mine", "message": "x"}}],
             "catch": [{"on": ["mine"], "do": []}, {"default": {"x": 1}}]},
            {"id": "fixed", "listen": {
                "to": [{"event": "toy.job", "key": "j1"}], "until": "job.done", "poll": "5m",
                "read": {"job": {"use": "toy.job.get", "with": {"id": "j1"}}},
                "within": "2h", "else": [],
            }},
            {"id": "person", "ask": {"question": "Which?", "who": "dana", "within": {"until": "thing.due"},
                                     "answer": {"which": {"text": 60}}}},
            {"id": "other", "run": {"flow": "notify", "with": {"case": "1"}, "within": "2h"}},
            {"id": "said", "emit": {"event": "thing.told", "key": "t1", "with": {"x": 1}}},
        ],
        "catch": [{"gap": "x"}], "finally": [{"id": "last", "wait": "1s"}],
        "policies": [{"never": "false"}, {"approve": "true", "by": "dana", "why": "x", "within": "1h"},
                     {"allow": "true", "recall": "10m"}],
        "budget": {"tokens": 10, "usd": 0.5, "calls": 5, "wall": "1h"},
        "retry": {"attempts": 2}, "autonomy": "act_with_recall", "output": {"x": 1},
        "limits": {"at_once": 5, "per_hour": 100},
    })
}

#[test]
fn a_flow_with_everything_fits() {
    assert_eq!(unlike_schema(&whole()), None);
    for trigger in [
        json!({"event": "e", "coalesce": "30s", "per": ["issue.key"]}),
        json!({"run": {"case": {"type": "text", "required": true, "about": "The case"}}}),
    ] {
        let mut document = whole();
        document["trigger"] = trigger;
        assert_eq!(unlike_schema(&document), None);
    }
}

#[test]
fn what_is_broken_does_not_fit() {
    let broken = [
        ("/id", json!("Bad Name")),
        ("/name", json!(" ")),
        ("/trigger", json!({"webhook": "a", "event": "b", "once_per": ["id"]})),
        ("/trigger/once_per", json!(7)),
        ("/trigger", json!({"webhook": "a"})),
        ("/trigger", json!({"webhook": "a", "once_per": "id", "per": "id"})),
        ("/trigger", json!({"webhook": "a", "once_per": "id", "coalesce": "30s"})),
        ("/trigger", json!({"run": {"case": {"type": "texts"}}})),
        ("/context/thing", json!({"with": {"id": "t1"}})),
        ("/context/thing/optional", json!("yes")),
        ("/values/tier", json!({"first_of": ["a"], "defalt": 1})),
        ("/steps", json!([])),
        ("/steps/0/decide/answer/severity", json!({"one_of": ["S1"]})),
        ("/steps/0/decide/answer/severity", json!({"one_of": ["S1", "S2"], "text": 5})),
        ("/steps/0/decide/evidence", json!(99)),
        ("/steps/0/decide/floor/0", json!({"field": "severity"})),
        ("/steps/0/decide/ceiling/0", json!({"when": "true", "field": "a", "at_least": "S2"})),
        ("/steps/1/switch", json!([{"default": true, "do": []}])),
        ("/steps/1/switch/0", json!({"when": "true", "default": true})),
        ("/steps/1/switch/0/do/0/wait", json!("soon")),
        ("/steps/2/fork", json!({"one": []})),
        ("/steps/2/join", json!("most")),
        ("/steps/2/fork/one/0", json!({"id": "a", "wait": "1s", "with": {}})),
        ("/steps/2/fork/one/0", json!({"id": "a", "wait": "1s", "call": "toy.page.get"})),
        ("/steps/2/fork/one/0", json!({"id": "a"})),
        ("/steps/2/fork/one/0/retry/attempts", json!(99)),
        ("/steps/2/fork/one/0/catch/0", json!({"on": ["timeout"]})),
        ("/steps/3/for/limit", json!(0)),
        ("/steps/3/for", json!({"each": "i", "in": "x", "do": [{"id": "c", "wait": "1s"}]})),
        ("/steps/4/try", json!([])),
        ("/steps/4/try/0/raise", json!({"error": "mine"})),
        ("/steps/5/listen", json!({"until": "true"})),
        ("/steps/5/listen/to/0", json!({"event": "toy.job"})),
        ("/steps/6/ask", json!({"question": "?", "answer": {}})),
        ("/steps/6/ask/within", json!({"til": "x"})),
        ("/steps/7/run", json!({"flow": "notify"})),
        ("/steps/8/emit", json!({"event": "thing.told"})),
        ("/steps/2/fork/one/0/catch/2/agent/may", json!(["happened"])),
        ("/limits/at_once", json!(0)),
        ("/policies/1", json!({"approve": "true"})),
        ("/policies/0", json!({"never": "true", "recall": "5m"})),
        ("/policies/0", json!({"whenever": "true"})),
        ("/budget/wall", json!(5)),
        ("/autonomy", json!("always")),
        ("/nonsense", json!(1)),
    ];
    for (at, value) in broken {
        let mut document = whole();
        match document.pointer_mut(at) {
            Some(place) => *place = value.clone(),
            None => document[at.trim_start_matches('/')] = value.clone(),
        }
        assert!(unlike_schema(&document).is_some(), "{at} {value}");
    }
    let mut document = flow(json!([{"id": "a", "wait": "1s"}]));
    document.as_object_mut().unwrap().remove("trigger");
    assert!(unlike_schema(&document).is_some());
}
