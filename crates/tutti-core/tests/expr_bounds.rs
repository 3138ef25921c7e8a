//! Whatever the text, reading and evaluating it ends soon, without a panic, within its meter.

// Tests may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/expressions.rs"]
mod expressions;

use proptest::prelude::*;
use serde_json::{Value, json};
use tutti_core::expr::{ErrorCode, Expression, Meter, Outcome, Scope, Template};
use tutti_core::fact::Fact;

struct Facts(Vec<Fact>);

impl Scope for Facts {
    fn fact(&self, name: &str) -> Option<&Fact> {
        self.0.iter().find(|fact| fact.id == name)
    }
}

fn facts() -> Facts {
    let variables = expressions::variables();
    let each = variables.as_object().unwrap().iter();
    let untrusted = ["[].key".to_owned(), "a".to_owned()];
    Facts(
        each.map(|(name, value)| {
            Fact::observed(name, name, 0, value.clone()).with_untrusted(&untrusted)
        })
        .collect(),
    )
}

/// Tokens in any order: mostly no expressions, but of the right sounds.
fn soup() -> BoxedStrategy<String> {
    let token = prop_oneof![
        4 => expressions::words(&[
            "n", "s", "ints", "issues", "m", "x", "true", "null", "1", "2.5", "'a'", "\"", "'''",
            "missing", "nobody.here", "9223372036854775808", "1e999", "0x", "5u", "b'a'", "//",
        ]),
        4 => expressions::words(&[
            "+", "-", "*", "/", "%", "==", "<", "&&", "||", "!", "?", ":", ".", ",", "(", ")", "[",
            "]", "{", "}", "in", "=", "${", "$", "\\",
        ]),
        2 => expressions::words(&[
            ".filter(x, ", ".map(x, ", ".all(x, ", "has(", "size(", "missing(", "default(", "json(",
            "first_of(", ".split(", ".join(", "put(", "merge(", "distinct(", "min(", "time(",
            "timestamp(", "duration(", ".replace(", ".substring(", "provenance(", "trusted(",
        ]),
        1 => "\\PC{0,3}",
    ];
    prop::collection::vec(token, 0..30).prop_map(|tokens| tokens.join(" ")).boxed()
}

/// Reads and evaluates; the places of all errors lie within the source.
fn try_out(source: &str) -> Result<(), TestCaseError> {
    let inside = |at: &Option<std::ops::Range<usize>>| match at {
        Some(at) => source.get(at.clone()).is_some(),
        None => false,
    };
    let expression = match Expression::parse(source) {
        Ok(expression) => expression,
        Err(error) => {
            prop_assert!(inside(&error.at), "{:?}: {:?}", source, error);
            return Ok(());
        }
    };
    expression.references();
    let (steps, bytes) = (20_000, 1 << 20);
    let mut meter = Meter::new(steps, bytes);
    let outcome = expression.evaluate(&facts(), &mut meter);
    if let Outcome::Failed(error) = &outcome {
        prop_assert!(inside(&error.at), "{:?}: {:?}", source, error);
    }
    let over = matches!(&outcome, Outcome::Failed(e) if e.code == ErrorCode::OverBudget);
    prop_assert_eq!(over, meter.steps() > steps || meter.bytes() > bytes);
    // The same again is the same again.
    prop_assert_eq!(outcome, expression.evaluate(&facts(), &mut Meter::new(steps, bytes)));
    // What was read once is read again from its saved form.
    let saved = serde_json::to_value(&expression).unwrap();
    prop_assert_eq!(serde_json::from_value::<Expression>(saved).unwrap(), expression);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text(source in "\\PC{0,80}") {
        try_out(&source)?;
    }

    #[test]
    fn any_tokens(source in soup()) {
        try_out(&source)?;
    }

    #[test]
    fn any_well_typed_expression(source in expressions::expression()) {
        try_out(&source)?;
    }

    #[test]
    fn any_template(texts in prop::collection::vec(prop_oneof!["\\PC{0,20}", soup()], 0..4)) {
        let value = json!({"list": texts, "one": texts.concat(), "n": null});
        match Template::parse(&value) {
            Ok(template) => {
                let filled = template.fill(&facts(), &mut Meter::new(20_000, 1 << 20));
                prop_assert!(filled.failed.iter().all(|(at, _)| filled.value.pointer(at) == Some(&Value::Null)));
                prop_assert!(filled.labels.keys().all(|at| value.pointer(at).is_some_and(Value::is_string)));
            }
            Err(problems) => {
                prop_assert!(problems.iter().all(|(at, _)| value.pointer(at).is_some_and(Value::is_string)));
            }
        }
    }
}

/// Runs on a stack as small as the one that WebAssembly gives us.
fn on_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap();
}

#[test]
fn deep_nesting_needs_little_stack() {
    on_small_stack(|| {
        let shapes: [(&str, &str, &str); 14] = [
            ("(", "1", ")"),
            ("[", "1", "]"),
            ("{'a': ", "1", "}"),
            ("!", "true", ""),
            ("-", "n", ""),
            ("1 + (", "1", ")"),
            ("true ? 1 : ", "1", ""),
            ("true && (", "true", ")"),
            ("size(string(", "1", "))"),
            ("[1].map(x, ", "1", ")"),
            ("default(n, ", "1", ")"),
            ("first_of(m.none, ", "1", ")"),
            ("", "m", "[0]"),
            ("", "'a'", " + 'a'"),
        ];
        for (open, inside, close) in shapes {
            let mut deepest = 0;
            for depth in [1, 10, 22, 23, 24, 46, 47, 48, 49, 93, 94, 95, 96, 97, 1_000, 4_000] {
                let source = open.repeat(depth) + inside + &close.repeat(depth);
                match Expression::parse(&source) {
                    Ok(expression) => {
                        expression.references();
                        let outcome = expression.evaluate(&facts(), &mut Meter::default());
                        drop((expression.clone(), outcome));
                        deepest = depth;
                    }
                    Err(error) => assert!(
                        matches!(error.code, ErrorCode::TooDeep | ErrorCode::TooLong),
                        "{source}: {error:?}"
                    ),
                }
            }
            assert!(deepest >= 22, "{open}{inside}{close} only {deepest} deep");
        }
    });
}

#[test]
fn explosions_end_at_the_meter() {
    let over = |source: &str| {
        let mut meter = Meter::default();
        let outcome = Expression::parse(source).unwrap().evaluate(&facts(), &mut meter);
        assert!(
            matches!(&outcome, Outcome::Failed(e) if e.code == ErrorCode::OverBudget),
            "{source}: {outcome:?}"
        );
    };
    let ten = "[1,2,3,4,5,6,7,8,9,10]";
    let all = |body: &str| {
        let mut source = body.to_owned();
        for name in ["a", "b", "c", "d", "e", "f", "g"] {
            source = format!("{ten}.map({name}, {source})");
        }
        source
    };
    over(&all("1"));
    over(&all("[a, b]"));
    // No logic absorbs it.
    over(&format!("{} == [] || true", all("1")));
    let exists = ["a", "b", "c", "d", "e", "f", "g"]
        .iter()
        .fold("false".to_owned(), |body, name| format!("{ten}.exists({name}, {body})"));
    over(&exists);
    // Doubling by replacement.
    let doubled = (0..30).fold("'aaaa'".to_owned(), |text, _| format!("{text}.replace('a', 'aa')"));
    over(&doubled);
    // A source that is too long is not even read.
    let long = format!("'{}'", "a".repeat(20_000));
    assert_eq!(Expression::parse(&long).unwrap_err().code, ErrorCode::TooLong);
}

#[test]
fn deep_values_are_no_danger() {
    on_small_stack(|| {
        let mut value = json!(1);
        for _ in 0..120 {
            value = json!([value]);
        }
        let facts = Facts(vec![Fact::observed("deep", "deep", 0, value)]);
        let come_to = |source: &str| {
            Expression::parse(source).unwrap().evaluate(&facts, &mut Meter::default())
        };
        assert!(matches!(come_to("deep"), Outcome::Failed(e) if e.code == ErrorCode::NotJson));
        assert!(matches!(come_to("deep == deep"), Outcome::Known(_)));
        let text = "[".repeat(5_000) + &"]".repeat(5_000);
        let facts = Facts(vec![Fact::observed("text", "text", 0, json!(text))]);
        let outcome =
            Expression::parse("json(text)").unwrap().evaluate(&facts, &mut Meter::default());
        assert!(matches!(outcome, Outcome::Failed(e) if e.code == ErrorCode::BadConversion));
    });
}
