//! Two versions of a flow, and what is said about them.

use expect_test::{Expect, expect};
use serde_json::{Value, json};

use super::diff;

fn flow() -> Value {
    json!({
        "id": "tell", "name": "Tell everybody",
        "trigger": {"webhook": "salesforce.case", "once_per": ["caseId"]},
        "context": {"case": {"use": "salesforce.case.get", "with": {"id": "${trigger.caseId}"}}},
        "values": {"channel": "C-ESC"},
        "steps": [
            {"id": "read", "call": "jira.issue.get", "with": {"issue": "PAY-88"}},
            {"id": "pause", "wait": "5m"},
            {"id": "route", "switch": [
                {"when": "case.priority == 'High'", "do": [
                    {"id": "tell", "call": "slack.message.post", "title": "Tell them",
                     "with": {"channel": "C-ESC", "text": "hi"}},
                    {"id": "note", "call": "gitlab.note.add", "with": {"project": 42, "text": "hi"}},
                ]},
                {"unknown": true, "do": []},
            ]},
            {"id": "both", "fork": {
                "one": [{"id": "a", "wait": "1s"}], "two": [{"id": "b", "wait": "1s"}],
            }},
        ],
        "policies": [{"never": "effect.tool == 'jira'"}, {"never": "effect.tool == 'slack'"}],
        "budget": {"calls": 200},
    })
}

/// What is said when the flow is changed so.
fn check(change: impl Fn(&mut Value), expected: Expect) {
    check_both(|_| {}, change, expected);
}

/// What is said from the flow changed in one way to the flow changed in another.
fn check_both(one: impl Fn(&mut Value), other: impl Fn(&mut Value), expected: Expect) {
    let (mut old, mut new) = (flow(), flow());
    one(&mut old);
    other(&mut new);
    let said = diff(&old, &new);
    let lines: Vec<String> = said.iter().map(|d| format!("{} {}\n", d.at, d.sentence)).collect();
    expected.assert_eq(lines.concat().trim_start());
    assert_eq!(diff(&new, &old).is_empty(), said.is_empty());
}

#[test]
fn the_same_says_nothing() {
    check(|_| {}, expect![[""]]);
    check(|flow| flow["about"] = Value::Null, expect![[""]]);
}

#[test]
fn parts_of_the_flow() {
    check(
        |flow| {
            flow["name"] = json!("Tell all");
            flow["autonomy"] = json!("approve");
            flow["trigger"]["once_per"] = json!(["caseId", "eventId"]);
            flow["budget"] = json!({"calls": 100, "wall": "2h"});
            flow["values"] = json!({"channel": "C-ALL", "tier": "gold"});
            flow["context"]["case"]["optional"] = json!(true);
            flow["context"]["user"] = json!({"use": "jira.user.get"});
            flow["policies"] = json!([{"never": "effect.tool == 'slack'"}, {"allow": "true"}]);
        },
        expect![[r#"
            /name the name went from “Tell everybody” to “Tell all”
            /autonomy the autonomy is new: “approve”
            /trigger/once_per the trigger’s once_per went from ["caseId"] to ["caseId","eventId"]
            /context/case/optional the fact `case`: `optional` is new: true
            /context/user the fact `user` was added
            /values/channel the value `channel`: it went from “C-ESC” to “C-ALL”
            /values/tier the value `tier` was added
            /policies/0 a policy was removed: `never` “effect.tool == 'jira'”
            /policies/1 a policy was added: `allow` “true”
            /budget/calls the budget for calls went from 200 to 100
            /budget/wall the budget for wall is new: “2h”
        "#]],
    );
    check(
        |flow| flow["policies"].as_array_mut().unwrap().reverse(),
        expect![[r#"
            /policies a policy comes in another place than before
        "#]],
    );
}

#[test]
fn what_a_step_does() {
    check(
        |flow| {
            flow["steps"][0]["with"] = json!({"issue": "PAY-89", "fields": "all"});
            flow["steps"][1]["wait"] = json!("10m");
            let tell = &mut flow["steps"][2]["switch"][0]["do"][0];
            tell["call"] = json!("slack.message.update");
            tell["title"] = json!("Tell all of them");
            tell["with"] = json!({"channel": "C-ESC", "ts": "1"});
            tell["retry"] = json!({"attempts": 5});
            tell["catch"] = json!([{"gap": "nobody was told"}]);
            flow["steps"][3]["join"] = json!("first");
        },
        expect![[r#"
            /steps/0/with/fields the step `read` now gives `fields` as “all”
            /steps/0/with/issue the step `read` now gives `issue` as “PAY-89” instead of “PAY-88”
            /steps/1/wait the step `pause` now waits 10m instead of 5m
            /steps/2/switch/0/do/0/call the step `tell` now uses slack.message.update instead of slack.message.post
            /steps/2/switch/0/do/0/title the step `tell` now is called “Tell all of them” instead of “Tell them”
            /steps/2/switch/0/do/0/with/text the step `tell` no longer gives `text`
            /steps/2/switch/0/do/0/with/ts the step `tell` now gives `ts` as “1”
            /steps/2/switch/0/do/0/catch the step `tell`: `catch` is new: [{"gap":"nobody was told"}]
            /steps/2/switch/0/do/0/retry the step `tell`: `retry` is new: {"attempts":5}
            /steps/3/join the step `both`: `join` is new: “first”
        "#]],
    );
    check(
        |flow| flow["steps"][1] = json!({"id": "pause", "set": {"x": 1}}),
        expect![[r#"
        /steps/1 the step `pause` is a `set` now instead of a `wait`
    "#]],
    );
}

#[test]
fn where_steps_stand() {
    check(
        |flow| {
            let steps = flow["steps"].as_array_mut().unwrap();
            steps.insert(0, json!({"id": "new", "wait": "1s"}));
            steps.insert(2, json!({"id": "newer", "wait": "1s"}));
            steps.retain(|step| step["id"] != "pause");
        },
        expect![[r#"
            /steps/1 the step `pause` was removed
            /steps/0 a step `new` was added first
            /steps/2 a step `newer` was added after `read`
        "#]],
    );
    check(
        |flow| flow["steps"].as_array_mut().unwrap().swap(0, 1),
        expect![[r#"
        /steps/0 the step `pause` was moved; it now comes first
    "#]],
    );
    check(
        |flow| {
            let note = flow["steps"][2]["switch"][0]["do"].as_array_mut().unwrap().remove(1);
            flow["steps"][3]["fork"]["two"].as_array_mut().unwrap().insert(0, note);
        },
        expect![[r#"
            /steps/3/fork/two/0 the step `note` was moved; it now comes first in the branch `two` of `both`
        "#]],
    );
    check(
        |flow| {
            let arm = json!({"when": "case.trial", "do": [{"id": "queue", "wait": "1s"}]});
            flow["steps"][2]["switch"].as_array_mut().unwrap().insert(0, arm);
        },
        expect![[r#"
            /steps/2/switch/0 the step `route`: an item of `switch` was added: {"when":"case.trial"}
            /steps/2/switch/0/do/0 a step `queue` was added first in `route` where `case.trial`
        "#]],
    );
    check(
        |flow| {
            let steps = flow["steps"].as_array_mut().unwrap();
            let read = steps.remove(0);
            steps.insert(0, json!({"id": "safe", "try": [read]}));
        },
        expect![[r#"
            /steps/0 a step `safe` was added first
            /steps/0/try/0 the step `read` was moved; it now comes first in `safe`
        "#]],
    );
}

#[test]
fn arms_are_known_by_their_conditions() {
    let arm = |when: &str, step: &str| json!({"when": when, "do": [{"id": step, "wait": "1s"}]});
    let of = |arms: Value| move |flow: &mut Value| flow["steps"][2]["switch"] = arms.clone();
    let both = [arm("high", "hi"), arm("low", "lo")];
    let swapped = json!([both[1], both[0]]);
    check_both(
        of(json!(both)),
        of(swapped),
        expect![[r#"
        /steps/2/switch the arms of `route` come in another order than before
    "#]],
    );
    let exchanged = json!([arm("low", "hi"), arm("high", "lo")]);
    check_both(
        of(json!(both)),
        of(exchanged),
        expect![[r#"
        /steps/2/switch the arms of `route` come in another order than before
        /steps/2/switch/0/do/0 the step `hi` was moved; it now comes first in `route` where `low`
        /steps/2/switch/1/do/0 the step `lo` was moved; it now comes first in `route` where `high`
    "#]],
    );
    let other = json!([both[1], arm("higher", "hi")]);
    check_both(
        of(json!(both)),
        of(other),
        expect![[r#"
        /steps/2/switch the arms of `route` come in another order than before
        /steps/2/switch/1/when the step `route`: `when` of arm 2 went from “high” to “higher”
    "#]],
    );
    let default = json!([{"when": "high", "do": []}, {"default": true, "do": [both[0]["do"][0]]}]);
    check_both(
        of(json!([both[0], {"default": true, "do": []}])),
        of(default),
        expect![[r#"
        /steps/2/switch/1/do/0 the step `hi` was moved; it now comes first in the default of `route`
    "#]],
    );
}

#[test]
fn paths_beside_the_steps_are_named() {
    let nap = json!([{"id": "nap", "wait": "1s"}]);
    check(
        |flow| flow["finally"] = nap.clone(),
        expect![[r#"
        /finally/0 a step `nap` was added first in what is done last
    "#]],
    );
    check(
        |flow| {
            flow["finally"] = json!([flow["steps"].as_array_mut().unwrap().remove(1)]);
            flow["steps"][0]["catch"] = json!([{"on": ["timeout"], "do": nap}]);
        },
        expect![[r#"
            /steps/0/catch the step `read`: `catch` is new: [{"on":["timeout"]}]
            /steps/0/catch/0/do/0 a step `nap` was added first in the `catch` of `read`
            /finally/0 the step `pause` was moved; it now comes first in what is done last
        "#]],
    );
    let listen = |otherwise: Value| {
        move |flow: &mut Value| {
            flow["steps"][1] = json!({"id": "wait", "listen": {
                "to": [{"event": "toy.job", "key": "x"}], "until": "true", "within": "1h"}});
            if !otherwise.is_null() {
                flow["steps"][1]["listen"]["else"] = otherwise.clone();
            }
        }
    };
    check_both(
        listen(json!([])),
        listen(Value::Null),
        expect![[r#"
        /steps/1/listen/else the step `wait` now fails with `expired` when its time is over
    "#]],
    );
    check_both(
        listen(nap.clone()),
        listen(Value::Null),
        expect![[r#"
        /steps/1/listen/else/0 the step `nap` was removed
        /steps/1/listen/else the step `wait` now fails with `expired` when its time is over
    "#]],
    );
    check_both(
        listen(nap.clone()),
        listen(json!([])),
        expect![[r#"
        /steps/1/listen/else/0 the step `nap` was removed
    "#]],
    );
}

#[test]
fn long_texts_are_cut_around_what_differs() {
    let text = |end: &str| format!("{} {end} {}", "long words ".repeat(20), "more ".repeat(40));
    check_both(
        |flow| {
            flow["about"] = json!(text("before"));
            flow["policies"][0] = json!({"never": text("one"), "unless": "x"});
            flow["steps"][2]["switch"][0]["do"][0]["with"]["text"] = json!(text("Hello"));
            flow["steps"][2]["switch"][0]["do"][0]["title"] = json!("a\tb c");
        },
        |flow| {
            flow["about"] = json!(text("after"));
            flow["policies"][0] = json!({"never": text("two"), "unless": "x"});
            flow["steps"][2]["switch"][0]["do"][0]["with"]["text"] = json!(text("Hello "));
            flow["steps"][2]["switch"][0]["do"][0]["title"] = json!("a  b\u{a0}c");
        },
        expect![[r#"
            /about the sentence about it went from “… words long words long words  before more more more more more more more more mor…” to “… words long words long words  after more more more more more more more more more…”
            /steps/2/switch/0/do/0/title the step `tell` now is called “a  b⟨U+00A0⟩c” instead of “a⇥b c”
            /steps/2/switch/0/do/0/with/text the step `tell` now gives `text` as “… long words long words  Hello  more more more more more more more more more more…” instead of “… long words long words  Hello more more more more more more more more more more …”
            /policies/0/never a policy: `never` went from “… words long words long words  one more more more more more more more more more m…” to “… words long words long words  two more more more more more more more more more m…”
        "#]],
    );
    check(
        |flow| flow["name"] = json!("Tell\neverybody"),
        expect![[r#"
        /name the name went from “Tell everybody” to “Tell⏎everybody”
    "#]],
    );
}

#[test]
fn items_are_counted() {
    let check = |old: Value, new: Value, expected: Expect| {
        check_both(
            |flow| flow["values"]["list"] = old.clone(),
            |flow| flow["values"]["list"] = new.clone(),
            expected,
        );
    };
    check(
        json!([1, 2, 2]),
        json!([1, 2, 2, 1]),
        expect![[r#"
        /values/list/3 the value `list`: an item was added: 1
    "#]],
    );
    check(
        json!([1, 2, 2]),
        json!([2, 1]),
        expect![[r#"
        /values/list/2 the value `list`: an item was removed: 2
    "#]],
    );
    check(
        json!({"in": [1, 1]}),
        json!({"in": [1]}),
        expect![[r#"
        /values/list/in/1 the value `list`: an item of `in` was removed: 1
    "#]],
    );
}

#[test]
fn a_branch_comes_or_goes_though_nothing_is_in_it() {
    check(
        |flow| {
            let fork = flow["steps"][3]["fork"].as_object_mut().unwrap();
            fork.insert("none".to_owned(), json!([]));
            fork.remove("two");
        },
        expect![[r#"
            /steps/3/fork/two/0 the step `b` was removed
            /steps/3/fork/none the step `both` has a new branch `none`
            /steps/3/fork/two the step `both` no longer has the branch `two`
        "#]],
    );
}

#[test]
fn a_policy_is_known_by_its_condition_and_an_arm_by_its_steps() {
    let approve = json!({"approve": "effect.tool == 'gitlab'", "by": "dana", "within": "1h"});
    let add = |flow: &mut Value, policy: &Value| {
        flow["policies"].as_array_mut().unwrap().insert(0, policy.clone());
    };
    let mut longer = approve.clone();
    longer["within"] = json!("4h");
    check_both(
        |flow| add(flow, &approve),
        |flow| add(flow, &longer),
        expect![[r#"
            /policies/0/within the policy `approve` “effect.tool == 'gitlab'”: `within` went from “1h” to “4h”
        "#]],
    );
    check(
        |flow| flow["policies"][1]["never"] = json!("effect.tool == 'gitlab'"),
        expect![[r#"
            /policies/1/never a policy: `never` went from “effect.tool == 'slack'” to “effect.tool == 'gitlab'”
        "#]],
    );
    let catch = |on: Value| json!([{"on": on, "do": [{"id": "c", "wait": "1s"}]}]);
    check_both(
        |flow| flow["steps"][0]["catch"] = catch(json!(["not_found", "timeout"])),
        |flow| flow["steps"][0]["catch"] = catch(json!(["not_found"])),
        expect![[r#"
            /steps/0/catch/0/on/1 the step `read`: an item of `on` of catch 1 was removed: “timeout”
        "#]],
    );
}

#[test]
fn places_in_lists_are_told_in_words() {
    let decide = |level: &str, way: &str| {
        json!({"id": "triage", "decide": {
            "floor": [{"when": "true", "field": "s", "at_least": level}],
            "otherwise": [{"answer": {"s": "S1"}}, {"answer": {"s": level}}],
        }, "catch": [{"on": ["invalid"], "agent": {"may": [way, "stop"]}}]})
    };
    check_both(
        |flow| flow["steps"][0] = decide("S1", "again"),
        |flow| {
            flow["steps"][0] = decide("S2", "without");
            flow["steps"][2]["switch"][0]["when"] = json!("true");
            flow["policies"][1] = json!({"approve": "true", "by": "dana", "within": "1h"});
        },
        expect![[r#"
            /steps/0/catch/0/agent/may/0 the step `triage`: item 1 of `agent.may` of catch 1 went from “again” to “without”
            /steps/0/decide/floor/0/at_least the step `triage`: `at_least` of floor 1 went from “S1” to “S2”
            /steps/0/decide/otherwise/1/answer/s the step `triage`: `answer.s` of rule 2 went from “S1” to “S2”
            /steps/2/switch/0/when the step `route`: `when` of arm 1 went from “case.priority == 'High'” to “true”
            /policies/1 a policy was removed: `never` “effect.tool == 'slack'”
            /policies/1 a policy was added: `approve` “true”, `by` “dana”, `within` “1h”
        "#]],
    );
    let list =
        |value: u8| json!({"id": "read", "set": {"of": [{"a.b[x]": 1}, {"c[": [value, 2]}]}});
    check_both(
        |flow| flow["steps"][0] = list(1),
        |flow| flow["steps"][0] = list(3),
        expect![[r#"
            /steps/0/set/of/1/c[/0 the step `read`: item 1 of `set.of[1].c[` went from 1 to 3
        "#]],
    );
}

#[test]
fn nothing_that_differs_goes_untold() {
    check(
        |flow| {
            flow["bugdet"] = json!({"calls": 1});
            flow["name"] = json!("Other");
        },
        expect![[r#"
            /name the name went from “Tell everybody” to “Other”
            /bugdet `bugdet` is new: {"calls":1}
        "#]],
    );
    check(
        |flow| flow["steps"] = json!([{"wait": "1s"}]),
        expect![[r#"
        /steps/0 the step `read` was removed
        /steps/1 the step `pause` was removed
        /steps/2 the step `route` was removed
        /steps/2/switch/0/do/0 the step `tell` was removed
        /steps/2/switch/0/do/1 the step `note` was removed
        /steps/3 the step `both` was removed
        /steps/3/fork/one/0 the step `a` was removed
        /steps/3/fork/two/0 the step `b` was removed
    "#]],
    );
    check(
        |flow| flow["steps"][0]["id"] = Value::Null,
        expect![[r#"
        /steps/0 the step `read` was removed
    "#]],
    );
    check(
        |flow| *flow = json!([1]),
        expect![[r#"
            /id the id is gone; it was “tell”
            /name the name is gone; it was “Tell everybody”
            /trigger/once_per the trigger’s once_per is gone; it was ["caseId"]
            /trigger/webhook the trigger’s webhook is gone; it was “salesforce.case”
            /context/case the fact `case` was removed
            /values/channel the value `channel` was removed
            /steps/0 the step `read` was removed
            /steps/1 the step `pause` was removed
            /steps/2 the step `route` was removed
            /steps/2/switch/0/do/0 the step `tell` was removed
            /steps/2/switch/0/do/1 the step `note` was removed
            /steps/3 the step `both` was removed
            /steps/3/fork/one/0 the step `a` was removed
            /steps/3/fork/two/0 the step `b` was removed
            /policies/0 a policy was removed: `never` “effect.tool == 'jira'”
            /policies/1 a policy was removed: `never` “effect.tool == 'slack'”
            /budget/calls the budget for calls is gone; it was 200
        "#]],
    );
    check_both(
        |flow| *flow = json!("one"),
        |flow| *flow = json!("two"),
        expect![[r#"
         the flow: it went from “one” to “two”
    "#]],
    );
    check_both(
        |flow| flow["steps"] = json!([{"wait": "1s"}]),
        |flow| flow["steps"] = json!([{"wait": "2s"}]),
        expect![[r#"
            /steps/0/wait the flow: `wait` of step 1 went from “1s” to “2s”
        "#]],
    );
}
