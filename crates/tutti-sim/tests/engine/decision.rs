//! Decisions: what an answer must survive, and what becomes of one that does not.

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::event::Reply;
use tutti_core::failure::Failure;
use tutti_core::view::{Decided, StepState};

use crate::toy::{Play, begin, flow};

fn document() -> Value {
    flow(json!([
        {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
        {"id": "known", "call": "toy.thing.search", "with": {"query": "x"}},
        {"id": "pick", "title": "Pick one", "decide": {
            "question": "Which one, ${thing.owner.email}?",
            "facts": ["thing", "known"],
            "answer": {
                "level": {"one_of": ["high", "middle", "low"]},
                "target": {"one_of_fact": "known.items.map(i, i.id)", "optional": true},
                "words": {"text": 200, "optional": true},
                "number": {"number": true, "optional": true},
            },
            "evidence": 1,
            "floor": [{"when": "thing.tier == 'gold'", "field": "level", "at_least": "middle"}],
            "otherwise": [
                {"when": "thing.tier == 'iron'", "answer": {"level": "high"}},
                {"answer": {"level": "low", "target": "${known.items[0].id}"}},
            ],
        }},
    ]))
}

fn quote(words: &str) -> Value {
    json!([{"sourceId": "thing", "quote": words}])
}

fn good(level: &str) -> Value {
    json!({"level": level, "target": "t1", "evidence": quote("words of a customer")})
}

fn decided_with(document: &Value, answers: &[Value]) -> Play {
    let mut run = begin(document);
    for answer in answers {
        let text = answer.as_str().map_or_else(|| answer.to_string(), str::to_owned);
        run.outside.answer(text);
    }
    run.go();
    run
}

fn decided(answers: &[Value]) -> (Decided, Option<String>) {
    let run = decided_with(&document(), answers);
    assert_eq!(run.end(), "completed: everything was done");
    assert!(run.outside.answers.is_empty(), "every answer was wanted");
    let entry = run.view().timeline.into_iter().find(|entry| entry.decided.is_some()).unwrap();
    (entry.decided.unwrap(), entry.adapted)
}

#[test]
fn a_checked_answer_counts_with_its_quotes() {
    let (decided, adapted) = decided(&[good("high")]);
    assert_eq!(decided.answer, json!({"level": "high", "target": "t1"}));
    assert_eq!(decided.evidence[0].quote, "words of a customer");
    assert_eq!(decided.by, "model toy-1");
    assert_eq!(adapted, None);
}

#[test]
fn the_one_repair_names_the_fault_and_then_the_rules_answer() {
    let bad = [
        (json!("Sure! Here you are."), "the answer is not JSON"),
        (json!({"level": "huge", "evidence": quote("words of a customer")}), ""),
        (
            json!({"level": "high", "evidence": quote("words nobody wrote")}),
            "the quote `words nobody wrote` is not in a value of the fact `thing`",
        ),
        (json!({"level": "high", "evidence": [{"sourceId": "none", "quote": "words of a"}]}), ""),
        (json!({"level": "high", "target": "t9", "evidence": quote("words of a customer")}), ""),
        (json!({"level": "high", "extra": 1, "evidence": quote("words of a customer")}), ""),
        (json!({"level": "high"}), ""),
    ];
    for (answer, fault) in bad {
        let run = decided_with(&document(), &[answer.clone(), good("high")]);
        let repair = run.outside.asked[1].messages.last().unwrap();
        assert!(repair.text.starts_with("Your answer cannot be used:\n- "), "{}", repair.text);
        assert!(repair.text.contains(fault), "{}", repair.text);
        assert_eq!(run.view().strip[2].state, StepState::Adapted);

        let (decided, adapted) = decided(&[answer.clone(), answer]);
        assert_eq!(decided.by, "rules");
        assert_eq!(decided.answer["target"], "t1");
        assert!(adapted.unwrap().ends_with("decided by the flow's rules"));
    }
}

#[test]
fn a_floor_raises_and_never_lowers() {
    let level = |given: &str| {
        let (decided, _) = decided(&[good(given)]);
        (decided.answer["level"].as_str().unwrap().to_owned(), decided.raised.len())
    };
    assert_eq!(level("low"), ("middle".to_owned(), 1));
    assert_eq!(level("middle"), ("middle".to_owned(), 0));
    assert_eq!(level("high"), ("high".to_owned(), 0));
    let bad = json!("no");
    let (by_rules, _) = decided(&[bad.clone(), bad]);
    assert_eq!(by_rules.answer["level"], "middle", "a floor holds for rules too");
}

#[test]
fn a_ceiling_lowers_and_never_raises_and_wins_over_a_floor() {
    let mut document = document();
    document["steps"][2]["decide"]["ceiling"] =
        json!([{"when": "thing.tier == 'gold'", "field": "level", "at_most": "low"}]);
    let level = |answers: &[Value]| {
        let run = decided_with(&document, answers);
        let decided = run.view().timeline.into_iter().find_map(|entry| entry.decided).unwrap();
        (decided.answer["level"].clone(), decided.raised)
    };
    let (floor, ceiling) = ("to at least middle", "to at most low");
    for (answers, moved) in [
        (vec![good("high")], vec![ceiling]),
        (vec![good("low")], vec![floor, ceiling]),
        (vec![json!("no"), json!("no")], vec![floor, ceiling]),
    ] {
        let (level, told) = level(&answers);
        assert_eq!(level, "low", "{answers:?}");
        let told: Vec<_> = told.iter().map(|it| it.split(" because").next().unwrap()).collect();
        let moved: Vec<_> = moved.iter().map(|words| format!("level {words}")).collect();
        assert_eq!(told, moved, "{answers:?}");
    }
    document["steps"][2]["decide"]["ceiling"][0]["when"] = json!("thing.tier == 'iron'");
    let decided = decided_with(&document, &[good("high")]);
    let decided = decided.view().timeline.into_iter().find_map(|entry| entry.decided).unwrap();
    assert_eq!(decided.answer["level"], "high", "one that does not hold changes nothing");
}

#[test]
fn what_was_quoted_can_be_named_and_is_tainted() {
    let mut document = document();
    let steps = document["steps"].as_array_mut().unwrap();
    let quotes = "${pick.evidence.map(e, e.fact + ': ' + e.quote).join('; ')}";
    steps.push(json!({"id": "told", "set": {
        "quotes": quotes, "tainted": "${!trusted(pick.evidence)}", "level": "${trusted(pick.level)}",
    }}));
    for (answers, quotes) in
        [(vec![good("high")], "thing: words of a customer"), (vec![json!("no"), json!("no")], "")]
    {
        let mut run = decided_with(&document, &answers);
        let opened = run.open();
        let (_, told) = opened.run().facts().find(|(name, _)| *name == "told").unwrap();
        assert_eq!(told.value, json!({"quotes": quotes, "tainted": true, "level": true}));
    }
}

#[test]
fn a_model_that_does_not_answer_is_asked_again_and_then_not_any_more() {
    let busy = || Reply::Failed(Failure::RateLimited { after_ms: None });
    let mut run = begin(&document());
    run.outside.answers.extend([busy(), busy()]);
    run.outside.answer(good("high"));
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    let mut run = begin(&document());
    run.outside.answers.extend([busy(), busy(), busy()]);
    run.go();
    assert_eq!(run.end(), "completed: everything was done");
    assert!(run.lines().contains("too many calls; decided by the flow's rules"), "{}", run.lines());
}

#[test]
fn without_rules_a_decision_nobody_can_make_fails() {
    let mut document = document();
    document["steps"][2]["decide"].as_object_mut().unwrap().remove("otherwise");
    let run = decided_with(&document, &[json!("no"), json!("no")]);
    assert!(
        run.end().starts_with("failed: Pick one: the answer could not be read"),
        "{}",
        run.end()
    );
}

#[test]
fn a_budget_that_is_used_up_leaves_it_to_the_rules() {
    let bad = json!("no");
    let budgets = [
        (json!({"tokens": 0}), vec![], "over budget: 0 tokens"),
        // The question has some 800 tokens; with its answer it does not fit.
        (json!({"tokens": 1_000}), vec![], "over budget: 1000 tokens"),
        // The first answer uses 110 tokens; what is left is too little for the repair.
        (json!({"tokens": 1_100}), vec![bad], "over budget: 1100 tokens"),
        (json!({"usd": 0}), vec![], "over budget: $0.00"),
    ];
    for (budget, answers, said) in budgets {
        let mut document = document();
        document["budget"] = budget;
        let run = decided_with(&document, &answers);
        assert_eq!(run.end(), "completed: everything was done");
        assert!(run.lines().contains(said), "{}", run.lines());
        assert_eq!(run.outside.asked.len(), answers.len());
    }
}

#[test]
fn an_answer_is_no_longer_than_what_is_left() {
    let mut document = document();
    document["budget"] = json!({"tokens": 2_000, "usd": 0.5});
    let run = decided_with(&document, &[good("high")]);
    let asked = &run.outside.asked[0];
    let most = asked.tokens() + u64::from(asked.max_output_tokens);
    assert_eq!((most, asked.max_usd_micros), (2_000, 250_000));
}

/// Two of the decisions beside each other.
fn two() -> Value {
    let mut document = document();
    let pick = document["steps"][2].take();
    let branch = |id: &str| {
        let mut pick = pick.clone();
        pick["id"] = json!(id);
        json!([pick])
    };
    document["steps"][2] =
        json!({"id": "both", "fork": {"one": branch("a"), "other": branch("b")}});
    document
}

#[test]
fn questions_beside_each_other_share_what_is_left() {
    let mut document = two();
    document["budget"] = json!({"tokens": 2_000});
    let run = decided_with(&document, &[good("high"), good("low")]);
    assert_eq!(run.end(), "completed: everything was done");
    let at: Vec<i64> =
        run.view().timeline.iter().filter(|e| e.decided.is_some()).map(|e| e.at).collect();
    assert_eq!(at[1] - at[0], 5_000, "the second waits until the first is answered");
    let left: Vec<u64> = run.outside.asked.iter().map(|asked| asked.max_usd_micros).collect();
    assert_eq!(left, [500_000, 500_000], "half of what is left, for others may come beside it");
}

#[test]
fn what_costs_more_than_its_part_may_have_all_that_is_left() {
    let mut document = two();
    document["budget"] = json!({"usd": 1});
    let dear = || Reply::Failed(Failure::OverBudget { what: "$0.5000".to_owned() });
    let mut run = begin(&document);
    run.outside.answers.extend([dear(), dear(), dear()]);
    run.outside.answer(good("high").to_string());
    run.go();
    let parts: Vec<u64> = run.outside.asked.iter().map(|asked| asked.max_usd_micros).collect();
    assert_eq!(parts, [500_000, 250_000, 1_000_000, 1_000_000]);
    assert!(run.lines().contains("decided by the flow's rules"), "{}", run.lines());
}

#[test]
fn personal_data_reaches_no_model_not_even_by_the_question() {
    let mut document = document();
    let answer = &mut document["steps"][2]["decide"]["answer"];
    answer["who"] = json!({"one_of_fact": "[thing.owner.email]", "optional": true});
    let run = decided_with(&document, &[good("high")]);
    let question = json!(run.outside.asked[0]).to_string();
    assert!(!question.contains("dana@"), "{question}");
    assert!(question.contains("Which one, [masked]?"));
}

/// Where a value of the decision chooses the target of a write: left, or held.
fn chosen(field: &str, answer: Value, change: impl Fn(&mut Value)) -> bool {
    let mut document = document();
    let step = json!({"id": "do", "call": "toy.note.add",
                      "with": {"on": format!("${{pick.{field}}}"), "text": "hi"}});
    document["steps"].as_array_mut().unwrap().push(step);
    change(&mut document["steps"][2]["decide"]);
    let run = decided_with(&document, &[answer]);
    match run.end().as_str() {
        "completed: everything was done" => true,
        "waiting_person: waiting for approval: Do" => false,
        other => panic!("{other}"),
    }
}

#[test]
fn a_checked_choice_is_endorsed_and_free_text_is_not() {
    let evidence = quote("words of a customer");
    let with = |more: Value| {
        let mut answer = good("high");
        answer.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        answer
    };
    let same = |_: &mut Value| {};
    assert!(chosen("level", good("high"), same));
    assert!(chosen("target", good("high"), same));
    assert!(!chosen("words", with(json!({"words": "t1"})), same));
    assert!(!chosen("number", with(json!({"number": 1})), same), "a number is free as well");
    let tainted = |decide: &mut Value| {
        decide["answer"]["target"]["one_of_fact"] = json!("known.items.map(i, i.text)");
    };
    let answer = json!({"level": "high", "target": "words of a customer", "evidence": evidence});
    assert!(!chosen("target", answer.clone(), tainted), "the options were a stranger's");
    let list = |decide: &mut Value| {
        decide["answer"]["target"] =
            json!({"list_of": {"one_of_fact": "known.items.map(i, i.text)"}});
    };
    let mut answer = answer;
    answer["target"] = json!(["words of a customer"]);
    assert!(!chosen("target[0]", answer, list), "a list of them is no better");
}

#[test]
fn a_choice_without_a_quote_is_a_guess() {
    let unquoted = |decide: &mut Value| decide["evidence"] = json!(0);
    assert!(!chosen("target", json!({"level": "high", "target": "t1"}), unquoted));
    assert!(chosen("target", good("high"), unquoted), "one that quotes all the same is none");
}

#[test]
fn what_it_saw_is_shown_with_its_source() {
    let run = decided_with(&document(), &[good("high")]);
    let entry = run.view().timeline.into_iter().find(|entry| entry.decided.is_some()).unwrap();
    let saw: Vec<String> = entry
        .saw
        .iter()
        .map(|saw| format!("{} ({}) {}", saw.fact, saw.source, saw.untrusted))
        .collect();
    expect![[r#"
        known (toy things by search) true
        thing (toy thing t1) true"#]]
    .assert_eq(&saw.join("\n"));
}
