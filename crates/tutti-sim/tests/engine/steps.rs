//! For, try, wait and raise: the same for many, a catch for some, time, and failing on purpose.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::failure::Failure;
use tutti_core::view::{RunState, StepState};

use crate::toy::{Fault, Play, begin, flow, run};

/// A world with so many more things that orders can be placed for.
fn many(count: usize, steps: Value) -> Play {
    let mut document = flow(steps);
    document["budget"] = json!({"calls": 5_000});
    let mut run = begin(&document);
    run.outside.things.clear();
    for n in 0..count {
        let id = format!("t{n:03}");
        let thing = json!({"id": id, "version": 1, "text": "a stranger's words", "tier": n % 2});
        run.outside.things.insert(id, thing);
    }
    run.go();
    run
}

fn each(more: Value, steps: Value) -> Value {
    let mut each = json!({"each": "item", "in": "found.items", "limit": 300, "do": steps});
    each.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    json!([
        {"id": "found", "call": "toy.thing.search", "with": {"query": "x"}},
        {"id": "each", "for": each},
    ])
}

fn order() -> Value {
    json!({"id": "order", "call": "toy.order.place", "with": {"what": "tea for ${item.id}"}})
}

/// The writes that left, with when they did relative to each other.
fn log(run: &Play) -> String {
    run.outside.log.join("\n")
}

#[test]
fn a_loop_does_the_same_for_each_item_in_order() {
    let run = many(
        3,
        each(
            json!({}),
            json!([order(), {"id": "note", "call": "toy.note.add",
        "with": {"on": "t1", "text": "${order.order}"}}]),
        ),
    );
    assert_eq!(run.end(), "completed: everything was done");
    expect![[r#"
        found#get1 ok
        each.0.order#write1 ok
        each.0.note#write1 ok
        each.1.order#write1 ok
        each.1.note#write1 ok
        each.2.order#write1 ok
        each.2.note#write1 ok"#]]
    .assert_eq(&log(&run));
    let made: Vec<&str> =
        run.outside.notes.values().map(|n| n.split('\n').next().unwrap()).collect();
    // Each iteration saw its own order, and its own key marks what it made.
    let keys = [0, 1, 2].map(|n| format!("tt-test/each.{n}.order/1"));
    assert_eq!(made, keys);
    assert!(run.lines().contains("Order (2 of 3)"), "{}", run.lines());
}

#[test]
fn some_iterations_can_be_under_way_at_once() {
    let run = many(4, each(json!({"at_once": 3}), json!([order()])));
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.orders.len(), 4);
    let mut waiting = begin(&flow(json!([{"id": "each", "for": {
        "each": "item", "in": "[1, 2, 3, 4]", "limit": 4, "at_once": 3,
        "do": [{"id": "mail", "call": "toy.order.place", "autonomy": "approve",
                "with": {"what": "${string(item)}"}}]}}])));
    waiting.go();
    assert_eq!(waiting.view().approvals.len(), 3, "no more than three at a time");
    waiting.approve("admin");
    waiting.go();
    assert_eq!(waiting.outside.orders.len(), 1);
    assert_eq!(waiting.view().approvals.len(), 3, "the fourth took the place of the first");
}

#[test]
fn what_the_iterations_came_to_is_the_result() {
    let mut steps = each(json!({"collect": "${item.id} is ${order.order}"}), json!([order()]));
    steps.as_array_mut().unwrap().push(json!(
        {"id": "all", "call": "toy.note.add", "with": {"on": "t1", "text": "${each.join(', ')}"}}
    ));
    let run = many(2, steps);
    assert_eq!(run.end(), "completed: everything was done");
    let said = "t000 is tt-test/each.0.order/1, t001 is tt-test/each.1.order/1";
    assert!(run.outside.notes[&0].starts_with(said), "{}", run.outside.notes[&0]);
}

#[test]
fn parts_of_an_item_keep_their_own_labels() {
    let target = |to: &str| {
        let steps =
            json!([{"id": "set", "call": "toy.thing.set", "with": {"id": to, "text": "x"}}]);
        many(1, each(json!({}), steps)).view()
    };
    assert_eq!(target("${item.id}").state, RunState::Completed, "an id may choose a target");
    let asked = target("${item.text}");
    assert_eq!(asked.state, RunState::Failed, "and a stranger's words find none");
    let steps = json!([{"id": "flag", "call": "toy.flag.set",
        "with": {"name": "${item.text}", "value": 1}}]);
    let asked = many(1, each(json!({}), steps)).view();
    assert_eq!(asked.state, RunState::WaitingPerson);
    assert!(asked.approvals[0].why.contains("free text"), "{}", asked.approvals[0].why);
}

#[test]
fn a_failing_iteration_ends_the_loop_after_what_is_under_way() {
    let mut run = begin(&flow(each(json!({"at_once": 2}), json!([order()]))));
    for n in 0..4 {
        run.outside.things.insert(format!("u{n}"), json!({"id": format!("u{n}"), "text": "x"}));
    }
    run.outside.fault(
        "toy.order.place",
        [Fault::Instead(Failure::Rejected { code: "400".to_owned(), message: "no".to_owned() })],
    );
    run.go();
    assert_eq!(run.end(), "failed: Order (1 of 5): refused by the other side (400): no");
    assert_eq!(run.outside.orders.len(), 1, "the other one under way was done, no more begun");
}

#[test]
fn a_failure_caught_in_an_iteration_leaves_the_others_alone() {
    let mut order = order();
    order["catch"] = json!([{"gap": "somebody got no tea"}]);
    let mut run = begin(&flow(each(json!({}), json!([order]))));
    run.outside.things.insert("t2".to_owned(), json!({"id": "t2", "text": "x"}));
    run.outside.fault(
        "toy.order.place",
        [Fault::Instead(Failure::Rejected { code: "400".to_owned(), message: "no".to_owned() })],
    );
    run.go();
    let end = "completed_with_gaps: done, but: somebody got no tea (1 of 2) (refused by the other side (400): no)";
    assert_eq!(run.end(), end);
    assert_eq!(run.outside.orders.len(), 1);
    let view = run.view();
    let tile = view.strip.iter().find(|tile| tile.step == "each").unwrap();
    assert_eq!(tile.state, StepState::Adapted);
}

#[test]
fn a_list_that_is_none_too_long_or_missing_fails_the_step() {
    let table = [
        ("found.nothing", "missing", "`found.nothing` is missing"),
        ("'abc'", "invalid", "`'abc'` is no list"),
        ("[1, 2, 3]", "over_budget", "over budget: 3 items, and the limit is 2"),
    ];
    for (list, kind, reason) in table {
        let more = json!({"in": list, "limit": 2});
        let failed = many(1, each(more.clone(), json!([order()])));
        assert_eq!(failed.end(), format!("failed: Each: {reason}"));
        let mut steps = each(more, json!([order()]));
        steps[1]["catch"] = json!([{"on": [kind], "gap": "no list"}]);
        assert_eq!(many(1, steps).view().state, RunState::CompletedWithGaps, "{list}");
    }
    let none = many(0, each(json!({}), json!([order()])));
    assert_eq!(none.end(), "completed: everything was done");
}

#[test]
fn loops_are_nested_and_see_the_items_around_them() {
    let run = run(json!([{"id": "outer", "for": {"each": "a", "in": "[1, 2]", "limit": 2, "do": [
        {"id": "inner", "for": {"each": "b", "in": "[a * 10, a * 10 + 1]", "limit": 2, "do": [
            {"id": "order", "call": "toy.order.place", "with": {"what": "${a} ${b}"}},
        ]}},
    ]}}]));
    assert_eq!(run.end(), "completed: everything was done");
    let what: Vec<&str> =
        run.outside.orders.values().map(|order| order["what"].as_str().unwrap()).collect();
    assert_eq!(what, ["1 10", "1 11", "2 20", "2 21"]);
    assert!(run.outside.orders.contains_key("tt-test/outer.1.inner.0.order/1"));
}

#[test]
fn two_hundred_iterations_leave_as_much_behind_as_two() {
    // What is kept beside the journal must not grow with the iterations that are over.
    let kept = |count| {
        let run = many(count, each(json!({"collect": "${item.id}"}), json!([order()])));
        assert_eq!(run.outside.orders.len(), count);
        let debug = format!("{:?}", run.stored());
        debug.matches("each.").count() as f64 / count as f64
    };
    // Two lines on the timeline name each iteration's effect; nothing else does.
    assert!(kept(200) <= kept(2), "{} {}", kept(200), kept(2));
}

#[test]
fn a_catch_around_a_try_is_for_all_its_steps() {
    let first = json!({"id": "a", "call": "toy.order.place", "with": {"what": "a"}});
    let second = json!({"id": "b", "call": "toy.thing.get", "with": {"id": "none"}});
    let third = json!({"id": "c", "call": "toy.order.place", "with": {"what": "c"}});
    let other = json!({"id": "d", "call": "toy.order.place", "with": {"what": "d"}});
    let steps = json!([{"id": "careful", "try": [first, second, third],
        "catch": [{"on": ["not_found"], "do": [other]}]}]);
    let run = run(steps);
    assert_eq!(run.end(), "completed: everything was done");
    expect![[r#"
        a#write1 ok
        b#get1 not_found
        d#write1 ok"#]]
    .assert_eq(&log(&run));
}

#[test]
fn what_is_raised_can_be_caught_by_its_name() {
    let raise = json!({"id": "stop", "raise": {
        "error": "no_owner", "message": "nobody owns ${thing.id}"}});
    let steps = |catch: Value| {
        json!([
            {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
            {"id": "careful", "try": [raise.clone()], "catch": catch},
        ])
    };
    assert_eq!(run(steps(json!([]))).end(), "failed: Stop: nobody owns t1");
    let blank = json!([{"id": "stop", "raise": {
        "error": "no_owner", "message": "nobody owns ${trigger.nothing}"}}]);
    assert_eq!(run(blank).end(), "failed: Stop: no_owner, and `trigger.nothing` is missing");
    for name in ["no_owner", "raised"] {
        let caught = run(steps(json!([{"on": [name], "gap": "nobody was told"}])));
        let end = "completed_with_gaps: done, but: nobody was told (nobody owns t1)";
        assert_eq!(caught.end(), end, "{name}");
    }
}

#[test]
fn a_wait_ends_at_its_time_and_not_before() {
    let mut run = run(json!([
        {"id": "pause", "wait": "10m"},
        {"id": "after", "call": "toy.order.place", "with": {"what": "tea"}},
    ]));
    assert_eq!(run.end(), "waiting_outside: Pause");
    assert_eq!(run.view().wake_at, Some(run.now + 600_000));
    run.now += 599_999;
    run.go();
    assert!(run.outside.orders.is_empty());
    run.sleep();
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.orders.len(), 1);
}

fn race(join: Value, slow: Value, quick: Value) -> Value {
    let after = json!({"id": "after", "call": "toy.note.add",
        "with": {"on": "t1", "text": "${race.done.join(' and ')} first"}});
    json!([{"id": "race", "join": join, "fork": {"quick": quick, "slow": slow}}, after])
}

fn placing(id: &str) -> Value {
    json!({"id": id, "call": "toy.order.place", "with": {"what": id}})
}

#[test]
fn the_first_branch_that_is_done_wins_and_the_others_are_stopped() {
    let slow = json!([{"id": "long", "wait": "1h"}, placing("never")]);
    let run = run(race(json!("first"), slow, json!([placing("short")])));
    assert_eq!(run.end(), "completed: everything was done");
    assert_eq!(run.outside.orders.len(), 1);
    assert!(run.outside.notes[&0].starts_with("quick first"), "{}", run.outside.notes[&0]);
    assert!(run.lines().contains("Race: went on with quick | stopped: slow"), "{}", run.lines());
}

#[test]
fn a_question_in_a_branch_that_lost_is_asked_no_more() {
    let mut asking = placing("asking");
    asking["autonomy"] = json!("approve");
    let quick = json!([{"id": "short", "wait": "1m"}]);
    let mut run = run(race(json!(1), json!([asking]), quick));
    assert_eq!(run.view().approvals.len(), 1);
    run.sleep();
    assert_eq!(run.end(), "completed: everything was done");
    assert!(run.view().approvals.is_empty() && run.outside.orders.is_empty());
}

#[test]
fn a_write_that_left_in_a_branch_that_lost_is_followed_up() {
    let document = flow(race(
        json!("first"),
        json!([placing("slow_one"), placing("never")]),
        json!([placing("short")]),
    ));
    let mut run = begin(&document);
    let mut session = run.open();
    let turn = session.step(vec![], run.now);
    assert_eq!(turn.effects.len(), 2, "both left");
    let answer = |effect: &tutti_core::event::Effect, reply: tutti_core::event::Reply| {
        tutti_core::event::Event::Answered { effect: effect.id.clone(), result: reply, took_ms: 1 }
    };
    let ok = || tutti_core::event::Reply::Ok(json!({"order": "x"}));
    let of = |name: &str| turn.effects.iter().find(|e| e.key.contains(name)).unwrap().clone();
    let next = session.step(vec![answer(&of("short"), ok())], run.now);
    assert!(next.effects.iter().all(|effect| !effect.key.contains("never")));
    session.step(vec![answer(&of("slow_one"), ok())], run.now);
    let view =
        session.run().view(&run.flow, 1, tutti_core::run::Viewer { account: "a", is_admin: true });
    let told: Vec<&str> = view
        .timeline
        .iter()
        .filter(|entry| entry.step == "slow_one")
        .map(|entry| entry.detail.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "it had left already; what became of it is not known yet",
            "it had left already, and was done",
        ]
    );
    assert_eq!(view.spend.actions, 2);
}

#[test]
fn so_many_branches_are_enough_and_too_few_fail() {
    let three = |join: u64| {
        json!([{"id": "vote", "join": join, "fork": {
            "a": [placing("a")],
            "b": [{"id": "none", "call": "toy.thing.get", "with": {"id": "none"}}],
            "c": [placing("c")],
        }}])
    };
    assert_eq!(run(three(2)).end(), "completed: everything was done");
    assert_eq!(run(three(3)).end(), "failed: None: not found: no such thing");
    let document = flow(three(4));
    let problems = tutti_core::flow::Flow::check(&document, &crate::toy::catalogue()).1;
    assert_eq!(problems[0].code, "out_of_bounds");
}

#[test]
fn what_a_branch_that_lost_has_sent_counts() {
    let slow = json!([{"id": "read", "call": "toy.thing.get", "with": {"id": "t1"}}]);
    let document = flow(race(json!("first"), slow, json!([placing("short")])));
    let run = begin(&document);
    let mut session = { run }.open();
    let turn = session.step(vec![], tutti_sim::START);
    assert_eq!(turn.effects.len(), 2);
    let order = turn.effects.iter().find(|effect| effect.is_write()).unwrap();
    let result = tutti_core::event::Reply::Ok(json!({"order": "x"}));
    let answer =
        tutti_core::event::Event::Answered { effect: order.id.clone(), result, took_ms: 1 };
    session.step(vec![answer], tutti_sim::START);
    let viewer = tutti_core::run::Viewer { account: "a", is_admin: true };
    assert_eq!(session.run().view(session.flow(), 1, viewer).spend.calls, 2);
}

#[test]
fn what_is_awaited_is_told_in_the_order_of_the_document() {
    let branches: serde_json::Map<String, Value> = (0..12)
        .map(|n| (format!("b{n:02}"), json!([{"id": format!("w{n}"), "wait": "1h"}])))
        .collect();
    let told = run(json!([{"id": "all", "fork": branches}])).end();
    let titles: Vec<String> = (0..12).map(|n| format!("W{n}")).collect();
    assert_eq!(told, format!("waiting_outside: {}", titles.join("; ")));
}

#[test]
fn a_wait_or_a_question_can_end_at_a_moment_of_the_flow_s() {
    let two_hours = tutti_sim::START + 2 * 3_600_000;
    for due in [json!(two_hours), json!("2026-03-10T12:00:00+01:00")] {
        let mut run = run(json!([
            {"id": "due", "set": {"at": due}},
            {"id": "rest", "wait": {"until": "due.at"}},
            {"id": "job", "listen": {"to": [], "until": "false", "within": {"until": "due.at"},
                                     "else": []}},
        ]));
        run.sleep();
        assert_eq!(run.end(), "completed: everything was done");
        assert_eq!(run.now, two_hours);
    }
    let end = |due: Value| {
        let steps = json!([{"id": "due", "set": {"at": due}},
                           {"id": "rest", "wait": {"until": "due.at"}}]);
        run(steps).end()
    };
    assert_eq!(end(json!("soon")), "failed: Rest: `due.at` is no moment");
    assert_eq!(end(json!(1)), "completed: everything was done", "it is over already");
}
