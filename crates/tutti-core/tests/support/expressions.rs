//! Generates well-typed expressions over a few variables.

use proptest::prelude::*;
use serde_json::{Value, json};

/// The variables that generated expressions use; nothing in them is missing.
pub fn variables() -> Value {
    json!({
        "n": 7, "d": 2.5, "s": "PAY-12", "yes": true,
        "ints": [3, 1, 2, 1], "texts": ["a", "bc", ""],
        "m": {"a": 1, "b": -2},
        "issues": [{"key": "PAY-1", "votes": 3, "open": true}, {"key": "OPS-2", "votes": 0, "open": false}],
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Bool,
    Int,
    Double,
    Text,
    Ints,
    Texts,
}

const KINDS: [Kind; 6] = [Kind::Bool, Kind::Int, Kind::Double, Kind::Text, Kind::Ints, Kind::Texts];

/// Expressions of every kind that are up to so many levels high.
#[derive(Clone)]
struct Level(Vec<BoxedStrategy<String>>);

impl Level {
    fn of(&self, kind: Kind) -> BoxedStrategy<String> {
        self.0[kind as usize].clone()
    }
}

/// A well-typed expression; it may still divide by zero, overflow or reach beyond a list.
pub fn expression() -> BoxedStrategy<String> {
    let lowest = Level(KINDS.map(leaf).to_vec());
    let highest =
        (0..4).fold(lowest, |below, _| Level(KINDS.map(|kind| above(kind, &below)).to_vec()));
    prop::strategy::Union::new(highest.0).boxed()
}

/// One of these words.
pub fn words(words: &'static [&'static str]) -> BoxedStrategy<String> {
    prop::sample::select(words).prop_map(str::to_owned).boxed()
}

fn leaf(kind: Kind) -> BoxedStrategy<String> {
    match kind {
        Kind::Bool => words(&["true", "false", "yes", "issues[0].open", "issues[1].open"]),
        Kind::Int => words(&[
            "0",
            "1",
            "2",
            "-3",
            "n",
            "m.a",
            "m['b']",
            "issues[0].votes",
            "ints[2]",
            "0x10",
            "9223372036854775807",
            "-9223372036854775808",
        ]),
        Kind::Double => words(&["0.5", "-1.25", "d", "1e3", ".25", "3.0"]),
        Kind::Text => words(&[
            "''",
            "'a'",
            "\"PAY-12\"",
            "s",
            "texts[1]",
            "issues[0].key",
            "r'\\n'",
            "'\\u00fc\\x41'",
            "'''it's'''",
        ]),
        Kind::Ints => words(&["[]", "ints", "[1, 2]", "[n]", "[0, 0]"]),
        Kind::Texts => words(&["texts", "['x', 'y']", "[s]", "['a']"]),
    }
}

fn above(kind: Kind, below: &Level) -> BoxedStrategy<String> {
    let sub = |kind| below.of(kind);
    let choose = (sub(Kind::Bool), sub(kind), sub(kind))
        .prop_map(|(when, a, b)| format!("({when} ? {a} : {b})"));
    let own = match kind {
        Kind::Bool => booleans(below),
        Kind::Int => integers(below),
        Kind::Double => prop_oneof![
            binary(Kind::Double, &["+", "-", "*"], below),
            sub(Kind::Int).prop_map(|a| format!("double({a})")),
            sub(Kind::Double).prop_map(|a| format!("-({a})")),
        ]
        .boxed(),
        Kind::Text => prop_oneof![
            binary(Kind::Text, &["+"], below),
            sub(Kind::Int).prop_map(|a| format!("string({a})")),
            sub(Kind::Bool).prop_map(|a| format!("string({a})")),
        ]
        .boxed(),
        Kind::Ints => prop_oneof![
            binary(Kind::Ints, &["+"], below),
            (sub(Kind::Ints), small(Kind::Bool))
                .prop_map(|(list, when)| format!("{list}.filter(i, {when})")),
            (sub(Kind::Ints), small(Kind::Int))
                .prop_map(|(list, make)| format!("{list}.map(i, {make})")),
            (sub(Kind::Ints), small(Kind::Bool), small(Kind::Int))
                .prop_map(|(list, when, make)| format!("{list}.map(i, {when}, {make})")),
            Just("issues.map(x, x.votes)".to_owned()),
        ]
        .boxed(),
        Kind::Texts => prop_oneof![
            binary(Kind::Texts, &["+"], below),
            Just("issues.filter(x, x.open).map(x, x.key)".to_owned()),
            sub(Kind::Ints).prop_map(|list| format!("{list}.map(i, string(i))")),
        ]
        .boxed(),
    };
    prop_oneof![1 => leaf(kind), 4 => own, 1 => choose].boxed()
}

/// A small expression that may use the variable `i`.
fn small(kind: Kind) -> BoxedStrategy<String> {
    match kind {
        Kind::Bool => words(&[
            "i > 1",
            "i == n",
            "i % 2 == 0",
            "i in ints",
            "true",
            "10 / i > 3",
            "size(s) > i",
            "texts.exists(t, size(t) == i)",
        ]),
        _ => words(&["i", "i * 2", "i - n", "i * i", "size(string(i))", "7 / i"]),
    }
}

fn binary(kind: Kind, signs: &'static [&'static str], below: &Level) -> BoxedStrategy<String> {
    (below.of(kind), prop::sample::select(signs), below.of(kind))
        .prop_map(|(a, sign, b)| format!("({a} {sign} {b})"))
        .boxed()
}

fn booleans(below: &Level) -> BoxedStrategy<String> {
    let sub = |kind| below.of(kind);
    prop_oneof![
        binary(Kind::Bool, &["&&", "||", "==", "!="], below),
        binary(Kind::Int, &["<", "<=", ">", ">=", "==", "!="], below),
        binary(Kind::Double, &["<", "<=", ">", ">=", "==", "!="], below),
        binary(Kind::Text, &["<", "<=", ">", ">=", "==", "!="], below),
        binary(Kind::Ints, &["==", "!="], below),
        (sub(Kind::Int), sub(Kind::Ints)).prop_map(|(a, b)| format!("{a} in {b}")),
        (sub(Kind::Text), sub(Kind::Texts)).prop_map(|(a, b)| format!("{a} in {b}")),
        sub(Kind::Text).prop_map(|a| format!("{a} in m")),
        sub(Kind::Bool).prop_map(|a| format!("!({a})")),
        (sub(Kind::Text), words(&["contains", "startsWith", "endsWith"]), sub(Kind::Text))
            .prop_map(|(a, name, b)| format!("{a}.{name}({b})")),
        (sub(Kind::Ints), words(&["all", "exists", "exists_one"]), small(Kind::Bool))
            .prop_map(|(list, name, when)| format!("{list}.{name}(i, {when})")),
        words(&["has(m.a)", "has(m.z)", "issues.exists(x, x.key == s)", "m.all(k, m[k] < 2)"]),
    ]
    .boxed()
}

fn integers(below: &Level) -> BoxedStrategy<String> {
    let sub = |kind| below.of(kind);
    prop_oneof![
        binary(Kind::Int, &["+", "-", "*", "/", "%"], below),
        sub(Kind::Text).prop_map(|a| format!("size({a})")),
        sub(Kind::Ints).prop_map(|a| format!("size({a})")),
        sub(Kind::Int).prop_map(|a| format!("-({a})")),
        (sub(Kind::Ints), sub(Kind::Int)).prop_map(|(a, b)| format!("({a})[{b} % 2]")),
        sub(Kind::Double).prop_map(|a| format!("int({a})")),
    ]
    .boxed()
}
