//! Linking: every problem of a document at once, each with its place and a hint; never a panic.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};
use tutti_core::flow::Flow;

use crate::toy::{catalogue, flow, unlike_schema};

fn problems(document: &Value) -> String {
    let (_, problems) = Flow::check(document, &catalogue());
    if problems.is_empty() {
        assert_eq!(unlike_schema(document), None);
    }
    let lines =
        problems.into_iter().map(|p| format!("{} {} {} [{}]\n", p.code, p.at, p.message, p.hint));
    lines.collect()
}

fn check(document: &Value, expected: Expect) {
    expected.assert_eq(&problems(document));
}

fn order() -> Value {
    json!({"id": "a", "call": "toy.order.place", "with": {"what": "x"}})
}

#[test]
fn a_sound_document_links() {
    check(&flow(json!([order()])), expect![[""]]);
}

#[test]
fn everything_wrong_with_the_head_is_said_at_once() {
    check(
        &json!({
            "id": "Bad Id", "nam": "x", "trigger": {"webhook": "a", "event": "b"},
            "steps": [], "policies": {"never": "true"}, "context": ["x"], "values": 7,
            "budget": {"tokens": -1, "calls": 10001, "wall": "soon", "euros": 1}, "autonomy": "full",
        }),
        expect![[r#"
            unknown_key /nam `nam` means nothing here [did you mean `name`?]
            bad_name /id `Bad Id` cannot be a name [a small letter first, then letters, digits, - or _, at most 60]
            missing /name a text is missing here [add `name: …`]
            no_trigger /trigger it is not said what starts the flow [give one of `webhook`, `event` and `run`]
            wrong_type /context names with their values are needed here [write `name: value` on lines of their own]
            wrong_type /values names with their values are needed here [write `name: value` on lines of their own]
            wrong_type /policies a list is needed here [begin each item with a dash]
            unknown_key /budget/euros `euros` means nothing here [possible here: tokens, usd, calls, wall]
            wrong_type /budget/tokens a number of at least 0 is needed here [for example 2, without quotes]
            out_of_bounds /budget/calls a whole number from 0 to 10000 is needed []
            bad_duration /budget/wall this is no length of time [write 90s, 5m, 2h or 1d]
            unknown_autonomy /autonomy this is no degree of autonomy that exists yet [approve, act_with_recall or act]
        "#]],
    );
    check(
        &json!([]),
        expect![[r#"
            wrong_type  names with their values are needed here [write `name: value` on lines of their own]
        "#]],
    );
    check(
        &json!({"id": "x", "name": "x", "trigger": {"webhook": "t"}}),
        expect![[r#"
        no_key /trigger/once_per one event could run twice [name the payload fields that make two deliveries the same event]
    "#]],
    );
}

#[test]
fn steps_are_checked_against_the_catalogue() {
    check(
        &flow(json!([
            {"id": "a", "call": "toy.thing.gett", "with": {"id": "1"}},
            {"id": "b", "call": "toy.thing.set", "with": {"idd": "1", "text": ["x"]}},
            {"id": "c", "call": "toy.thing.get", "with": "${a}"},
            {"id": "a", "call": "toy.order.place", "with": {"what": "${nothing.x} ${b.y}"}},
            {"id": "d"},
            {"id": "e", "call": "toy.order.place", "set": 1},
            {"id": "f", "sett": 1},
            {"id": "effect", "set": {"x": "${1 +}"}},
            {"id": "g", "set": null},
            {"id": "h", "set": 1, "with": {}},
            {"id": "i", "title": 5, "set": 1, "autonomy": "ask"},
            "text",
        ])),
        expect![[r#"
            unknown_operation /steps/0/call there is no operation `toy.thing.gett` [did you mean `toy.thing.get`?]
            unknown_key /steps/1/with/idd `idd` means nothing here [did you mean `id`?]
            missing_argument /steps/1/with/id `toy.thing.set` needs `id` []
            wrong_type /steps/1/with/text `text` must be a text []
            wrong_type /steps/2/with names with their values are needed here [write `name: value` on lines of their own]
            unknown_name /steps/3/with/what `nothing` is not known here [possible here: a, b, c, flow, run, trigger, values]
            duplicate_name /steps/3/id `a` is taken already [choose another name]
            no_kind /steps/4 it is not said what `d` does [give exactly one of call, decide, switch, fork, for, try, run, listen, ask, wait, emit, set, raise]
            no_kind /steps/5 only one of these can be meant [give exactly one of call, decide, switch, fork, for, try, run, listen, ask, wait, emit, set, raise]
            unknown_key /steps/6/sett `sett` means nothing here [did you mean `set`?]
            no_kind /steps/6 it is not said what `f` does [give exactly one of call, decide, switch, fork, for, try, run, listen, ask, wait, emit, set, raise]
            bad_expression /steps/7/set/x expected a value, found `}` [write it like `case.priority == "High"`]
            duplicate_name /steps/7/id `effect` is taken already [choose another name]
            missing /steps/8/set there is nothing to compute []
            unknown_key /steps/9/with only a `call` has `with` []
            unknown_autonomy /steps/10/autonomy this is no degree of autonomy that exists yet [approve, act_with_recall or act]
            wrong_type /steps/10/title a text is needed here [put it in quotes]
            wrong_type /steps/11 names with their values are needed here [write `name: value` on lines of their own]
        "#]],
    );
}

#[test]
fn blocks_and_their_ways_out_are_checked() {
    check(
        &flow(json!([
            {"id": "s", "switch": {"when": "true"}},
            {"id": "t", "switch": [{"when": "true", "default": true, "do": []},
                                   {"do": []}, {"when": "nope == 1", "do": {}}]},
            {"id": "u", "fork": {"a": []}},
            {"id": "v", "fork": [1, 2]},
            {"id": "w", "call": "toy.order.place", "with": {"what": "x"}, "catch": {"gap": "x"}},
            {"id": "x", "call": "toy.order.place", "with": {"what": "x"},
             "catch": [{"on": ["timeut"]}, {"gap": "x", "do": []}, {"default": "${zzz.q}"}]},
        ])),
        expect![[r#"
            wrong_type /steps/0/switch a list is needed here [begin each item with a dash]
            no_unknown_arm /steps/0/switch nothing is said about missing values [add `- unknown: true` with what to do when a value is missing]
            no_condition /steps/1/switch/0 only one of these can be meant [give exactly one of when, default, unknown]
            no_condition /steps/1/switch/1 it is not said when this arm is taken [give exactly one of when, default, unknown]
            wrong_type /steps/1/switch/2/do a list is needed here [begin each item with a dash]
            unknown_name /steps/1/switch/2/when `nope` is not known here [possible here: flow, run, s, trigger, values]
            no_unknown_arm /steps/1/switch nothing is said about missing values [add `- unknown: true` with what to do when a value is missing]
            too_few /steps/2/fork a fork needs at least two branches [add a branch, or take the steps out of the fork]
            wrong_type /steps/3/fork names with their values are needed here [write `name: value` on lines of their own]
            too_few /steps/3/fork a fork needs at least two branches [add a branch, or take the steps out of the fork]
            wrong_type /steps/4/catch a list is needed here [begin each item with a dash]
            never_reached /steps/5/catch/2 this is never taken: a `catch` before it takes every failure [put it before that one]
            unknown_failure /steps/5/catch/0/on `timeut` is no kind of failure [did you mean `timeout`?]
            no_remedy /steps/5/catch/0 it is not said what to do then [give exactly one of do, default, gap, ask, agent]
            no_remedy /steps/5/catch/1 only one of these can be meant [give exactly one of do, default, gap, ask, agent]
            unknown_name /steps/5/catch/2/default `zzz` is not known here [possible here: flow, run, s, t, trigger, u, v, values, w, x]
        "#]],
    );
}

#[test]
fn waiting_must_have_an_end_and_no_hurry() {
    check(
        &flow(json!([
            {"id": "l", "listen": {"to": {"event": "x"}, "until": "true"}},
            {"id": "m", "listen": {"to": [{"event": "x"}], "until": "j.x", "poll": "0s",
                                   "within": "1h",
                                   "read": {"j": {"use": "toy.order.place", "with": {"what": "x"}}}}},
        ])),
        expect![[r#"
            wrong_type /steps/0/listen/to a list is needed here [begin each item with a dash]
            no_limit /steps/0/listen/within it could wait for ever [say `within: 2h`, and with `else` what to do then]
            missing /steps/1/listen/to/0/key it is not said which one [key: '42/${pipeline.id}']
            not_a_read /steps/1/listen/read/j/use `toy.order.place` changes something; context only reads [make it a step]
            too_often /steps/1/listen/poll it would look all the time [10s is the least; a signal wakes it sooner]
        "#]],
    );
}

#[test]
fn context_may_not_wait_for_itself_nor_name_what_comes_later() {
    let mut document = flow(json!([order()]));
    document["context"] = json!({
        "a": {"use": "toy.thing.get", "with": {"id": "${b.id}"}},
        "b": {"use": "toy.thing.get", "with": {"id": "${a.id}"}},
        "c": {"use": "toy.thing.get", "with": {"id": "${c.id}"}},
        "d": {"use": "toy.thing.get", "with": {"id": "${b.id}"}},
        "e": {"use": "toy.thing.get", "with": {"id": "${values.x}"}},
        "run": {"use": "toy.thing.get", "with": {"id": "1"}},
        "x.y": {"use": "toy.thing.get", "with": {"id": "1"}, "optional": "yes"},
    });
    check(
        &document,
        expect![[r#"
            duplicate_name /context/run `run` is taken already [choose another name]
            bad_name /context/x.y `x.y` cannot be a name [a small letter first, then letters, digits, - or _, at most 60]
            unknown_name /context/e/with/id `values` is not known here [possible here: a, b, c, d, e, flow, run, trigger]
            wrong_type /context/x.y/optional true or false is needed here [without quotes]
            cycle /context/a/with `a` needs itself to be read [each must be readable once those it names are]
            cycle /context/b/with `b` needs itself to be read [each must be readable once those it names are]
            cycle /context/c/with `c` needs itself to be read [each must be readable once those it names are]
            cycle /context/d/with `d` needs itself to be read [each must be readable once those it names are]
            duplicate_name /steps/0/id `a` is taken already [choose another name]
        "#]],
    );
}

#[test]
fn decisions_are_checked() {
    check(
        &flow(json!([
            {"id": "d", "decide": {
                "facts": ["trigger", "thing"], "evidence": 99, "question": "${who.x}?",
                "answer": {
                    "level": {"one_of": ["a"]}, "evidence": {"flag": true}, "x": {},
                    "y": {"text": 10, "flag": true}, "z": {"object": {"w": {"one_of_fact": "nope.items"}}},
                },
                "floor": [{"when": "true", "field": "level", "at_least": "b"},
                          {"when": "true", "field": "none", "at_least": "b"}],
                "ceiling": [{"when": "true", "field": "level", "at_least": "a"}],
                "otherwise": {"answer": {}}, "model": 5,
            }},
            {"id": "e", "decide": {"question": "?", "answer": {"a": {"flag": true}}, "evidence": 1,
                                   "otherwise": [{"when": "true"}]}},
        ])),
        expect![[r#"
            unknown_name /steps/0/decide/question `who` is not known here [possible here: flow, run, trigger, values]
            unknown_name /steps/0/decide/facts/1 `thing` is not known here [possible here: flow, run, trigger, values]
            reserved_name /steps/0/decide/answer/evidence `evidence` is a field of every answer already [choose another name]
            too_few /steps/0/decide/answer/level/one_of a choice needs at least two words [add one]
            no_shape /steps/0/decide/answer/x it is not said what this field may hold [give exactly one of one_of, one_of_fact, text, flag, number, list_of, object]
            no_shape /steps/0/decide/answer/y only one of these can be meant [give exactly one of one_of, one_of_fact, text, flag, number, list_of, object]
            unknown_name /steps/0/decide/answer/z/object/w/one_of_fact `nope` is not known here [possible here: flow, run, trigger, values]
            unknown_value /steps/0/decide/floor/0/at_least `b` is no value of `level` [did you mean `a`?]
            unknown_field /steps/0/decide/floor/1/field `none` is no `one_of` field of the answer [possible here: level]
            unknown_key /steps/0/decide/ceiling/0/at_least `at_least` means nothing here [possible here: when, field, at_most]
            missing /steps/0/decide/ceiling/0/at_most a text is missing here [add `at_most: …`]
            wrong_type /steps/0/decide/otherwise a list is needed here [begin each item with a dash]
            bad_count /steps/0/decide/evidence a whole number up to 20 is needed here [two is a good start]
            wrong_type /steps/0/decide/model a text is needed here [put it in quotes]
            wrong_type /steps/1/decide/otherwise/0/answer a rule gives an answer [answer: { field: value }]
            no_facts /steps/1/decide/evidence there is nothing to quote from [list the facts to decide upon under `facts`]
        "#]],
    );
}

#[test]
fn policies_are_checked() {
    let mut document = flow(json!([order()]));
    document["policies"] = json!([
        {"never": "effect.input.x == 1", "approve": "true"},
        {"approve": "true"},
        {"whenever": "true"},
        {"never": "effekt.x"},
        {"approve": "true", "by": "${nobody.id}", "within": "later"},
    ]);
    check(
        &document,
        expect![[r#"
            no_verdict /policies/0 only one of these can be meant [give exactly one of never, approve, allow]
            no_approver /policies/1/by it is not said who is asked [by: '${owner.account_id}']
            unknown_key /policies/2/whenever `whenever` means nothing here [possible here: never, approve, allow, by, why, within, recall]
            no_verdict /policies/2 this policy asks for nothing [give exactly one of never, approve, allow]
            unknown_name /policies/3/never `effekt` is not known here [did you mean `effect`?]
            unknown_name /policies/4/by `nobody` is not known here [possible here: a, effect, flow, run, trigger, values]
            bad_duration /policies/4/within this is no length of time [write 90s, 5m, 2h or 1d]
        "#]],
    );
}

#[test]
fn a_flow_has_at_most_500_steps() {
    let steps = |count: usize| {
        let steps = (0..count).map(|i| json!({"id": format!("s{i}"), "set": i}));
        flow(steps.collect::<Vec<_>>().into())
    };
    assert_eq!(problems(&steps(500)), "");
    assert_eq!(
        problems(&steps(600)),
        "too_many_steps /steps/500 a flow can have 500 steps [split it]\n"
    );
}

#[test]
fn blocks_nest_at_most_16_deep() {
    let nested = |depth: usize| {
        (0..depth).fold(json!([]), |inner, i| {
            json!([{"id": format!("s{i}"),
                    "switch": [{"default": true, "do": inner}, {"unknown": true, "do": []}]}])
        })
    };
    assert_eq!(problems(&flow(nested(16))), "");
    let found = problems(&flow(nested(17)));
    assert!(found.starts_with("too_deep /steps/0/switch/0/do/"), "{found}");
    assert!(problems(&flow(nested(40))).contains("too_deep"));
}

#[test]
fn what_takes_a_write_back_is_held_too() {
    let mut all = catalogue();
    let set = all.get_mut("toy.flag.set").unwrap();
    set.inverse_if_new = Some(tutti_core::operation::Call {
        operation: "toy.order.place".to_owned(),
        with: [].into(),
        unless: None,
        only_if: None,
    });
    let document = flow(json!([
        {"id": "a", "call": "toy.flag.set", "with": {"name": "f", "value": 1}},
    ]));
    let linked = Flow::link(&document, &all).unwrap();
    let held: Vec<&str> = linked.operations.keys().map(String::as_str).collect();
    assert_eq!(held, ["toy.flag.get", "toy.flag.set", "toy.order.place"]);
}

/// Any JSON, with the words of the language strewn in.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "id",
        "name",
        "trigger",
        "webhook",
        "once_per",
        "context",
        "values",
        "steps",
        "policies",
        "call",
        "with",
        "decide",
        "switch",
        "fork",
        "listen",
        "set",
        "when",
        "default",
        "unknown",
        "do",
        "catch",
        "on",
        "gap",
        "question",
        "facts",
        "answer",
        "one_of",
        "one_of_fact",
        "text",
        "list_of",
        "object",
        "floor",
        "otherwise",
        "evidence",
        "to",
        "event",
        "key",
        "read",
        "use",
        "until",
        "poll",
        "within",
        "else",
        "never",
        "approve",
        "by",
        "budget",
        "autonomy",
        "a",
        "toy.thing.get",
        "toy.thing.set",
        "${a.b}",
        "true",
        "a.b == 1",
        "5m",
        "0s",
        "${",
        "\u{0}é",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 96, 8, move |inner| {
        let key = word.clone().prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(key, inner, 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

#[test]
fn loops_waits_and_raises_are_checked() {
    let order =
        |id: &str, what: &str| json!({"id": id, "call": "toy.order.place", "with": {"what": what}});
    check(
        &flow(json!([
            {"id": "a", "for": {"each": "i", "in": "[1]", "limit": 9, "do": [order("b", "${i}")]}},
            order("c", "${i} ${b.order} ${a[0]}"),
            {"id": "d", "for": {"each": "i", "in": "x", "at_once": 99, "limt": 1, "do": []}},
            {"id": "e", "for": {"each": "run", "in": "[1]", "at_once": 99, "limit": 0}},
            {"id": "f", "for": {"each": "b", "in": "[1]", "do": [order("g", "x")]}},
            {"id": "h", "try": []},
            {"id": "j", "wait": "soon"},
            {"id": "k", "wait": null},
            {"id": "l", "raise": {"error": "timeout", "message": "x"}},
            {"id": "m", "raise": {"error": "Bad one"}},
            {"id": "n", "try": [{"id": "o", "raise": {"error": "no_owner", "message": "x"}}],
             "catch": [{"on": ["no_owner"], "gap": "x"}, {"on": ["no_ownr"], "gap": "x"}]},
            {"id": "p", "raise": {"error": "alone"}},
            {"id": "s", "wait": "1s", "retry": {"attempts": 99, "delay": "x", "wait": 1}},
            {"id": "t", "call": "toy.page.get", "retry": {"attempts": 99, "delay": "x"}},
            {"id": "q", "for": {"each": "c", "in": "[1]", "limit": 9, "do": [order("r", "${c}")]}},
        ])),
        expect![[r#"
            unknown_name /steps/1/with/what `b` is not known here [did you mean `a`?]
            unknown_name /steps/1/with/what `i` is not known here [did you mean `a`?]
            unknown_key /steps/2/for/limt `limt` means nothing here [did you mean `limit`?]
            unknown_name /steps/2/for/in `x` is not known here [did you mean `a`?]
            no_limit /steps/2/for/limit it could go on for ever [limit: 20]
            out_of_bounds /steps/2/for/at_once a whole number from 1 to 20 is needed []
            no_steps /steps/2/for/do nothing is done for an item []
            out_of_bounds /steps/3/for/limit a whole number from 1 to 1000 is needed []
            out_of_bounds /steps/3/for/at_once a whole number from 1 to 20 is needed []
            duplicate_name /steps/3/for/each `run` is taken already [choose another name]
            no_steps /steps/3/for/do nothing is done for an item []
            no_limit /steps/4/for/limit it could go on for ever [limit: 20]
            no_steps /steps/5/try there is nothing to try [add steps]
            bad_duration /steps/6/wait this is no length of time [write 90s, 5m, 2h or 1d]
            missing /steps/7/wait it is not said how long [wait: 10m]
            duplicate_name /steps/8/raise/error `timeout` is what tools fail with [choose a word of your own]
            bad_name /steps/9/raise/error `Bad one` cannot be a name [a small letter first, then letters, digits, - or _, at most 60]
            unknown_failure /steps/10/catch/1/on `no_ownr` is no kind of failure [did you mean `no_owner`?]
            missing /steps/11/raise/message it is not said what is wrong [message: 'No owner for ${case.id}']
            unknown_key /steps/12/retry only a `call` has `retry` []
            unknown_key /steps/12/retry/wait `wait` means nothing here [possible here: attempts, delay]
            out_of_bounds /steps/12/retry/attempts a whole number from 1 to 10 is needed []
            bad_duration /steps/12/retry/delay this is no length of time [write 90s, 5m, 2h or 1d]
            out_of_bounds /steps/13/retry/attempts a whole number from 1 to 10 is needed []
            bad_duration /steps/13/retry/delay this is no length of time [write 90s, 5m, 2h or 1d]
            duplicate_name /steps/14/for/each `c` is taken already [choose another name]
            never_reached /steps/10 this is never reached: `l` always fails [put it before, or give that step a `catch`]
        "#]],
    );
}

/// A sound document with one place replaced by anything.
fn almost() -> impl Strategy<Value = Value> {
    (any::<prop::sample::Index>(), anything()).prop_map(|(place, other)| {
        let mut document = flow(json!([
            {"id": "t", "call": "toy.thing.get", "with": {"id": "1"}, "catch": [{"gap": "x"}]},
            {"id": "d", "decide": {"question": "?", "facts": ["t"], "answer": {"a": {"one_of": ["x", "y"]}},
                                   "otherwise": [{"answer": {"a": "x"}}], "evidence": 1}},
            {"id": "s", "switch": [{"when": "d.a == 'x'", "do": []}, {"unknown": true, "do": []}]},
            {"id": "l", "listen": {"to": [{"event": "e", "key": "k"}], "until": "true", "within": "1h",
                                   "read": {"j": {"use": "toy.job.get", "with": {"id": "1"}}}}},
            {"id": "f", "for": {"each": "i", "in": "[1, 2]", "limit": 5, "at_once": 2,
                                "collect": "${i}", "do": [{"id": "w", "wait": "1s"}]}},
            {"id": "y", "try": [{"id": "r", "raise": {"error": "no", "message": "${t.id}"}}],
             "catch": [{"on": ["no"], "gap": "x"}]},
        ]));
        let mut pointers = Vec::new();
        list(&document, String::new(), &mut pointers);
        let pointer: &String = place.get(&pointers);
        *document.pointer_mut(pointer).unwrap() = other;
        document
    })
}

fn list(value: &Value, at: String, into: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(k, v)| list(v, format!("{at}/{k}"), into))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, v)| list(v, format!("{at}/{i}"), into));
        }
        _ => {}
    }
    into.push(at);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn linking_never_panics(document in anything()) {
        let _ = Flow::check(&document, &catalogue());
    }

    /// What links also runs to rest, whatever it says.
    #[test]
    fn what_links_runs(document in almost()) {
        let (linked, problems) = Flow::check(&document, &catalogue());
        for problem in &problems {
            let place = problem.at.rsplit_once('/').map_or("", |(parent, _)| parent);
            prop_assert!(document.pointer(&problem.at).is_some() || document.pointer(place).is_some()
                || place.is_empty() || problem.code != "unknown_key", "{problem:?}");
        }
        if let Some(flow) = linked.filter(|_| problems.is_empty()) {
            let mut run = crate::toy::begin_linked(flow);
            for _ in 0..2 {
                run.outside.answer(json!("no"));
            }
            run.go();
        }
    }
}

#[test]
fn loops_in_loops_are_bounded_together() {
    let each = |id: &str, item: &str, limit: u32, steps: Value| json!({"id": id, "for": {"each": item, "in": "[1]", "limit": limit, "do": steps}});
    let nested = |inner: u32| {
        let inner = each("inner", "two", inner, json!([{"id": "a", "set": {"n": "${two}"}}]));
        let again = each("again", "three", 1000, json!([{"id": "b", "set": {"n": "${three}"}}]));
        flow(json!([each("outer", "one", 100, json!([inner])), again]))
    };
    check(&nested(100), expect![[""]]);
    check(
        &nested(101),
        expect![[r#"
        too_many_iterations /steps/0/for/do/0/for/limit with the loops around it this can be done 10100 times [lower the limits: 10000 times in all]
    "#]],
    );
}
