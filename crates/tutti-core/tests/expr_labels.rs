//! No taint is lost: what changes when untrusted text changes is labelled untrusted.

// Tests may stop at the first surprise.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

#[path = "support/expressions.rs"]
mod expressions;

use proptest::prelude::*;
use serde_json::{Value, json};
use tutti_core::expr::{Expression, Meter, Outcome, Scope};
use tutti_core::fact::Fact;
use tutti_core::label::Trust;

struct Facts(Vec<Fact>);

impl Scope for Facts {
    fn fact(&self, name: &str) -> Option<&Fact> {
        self.0.iter().find(|fact| fact.id == name)
    }
}

/// The same facts, but for what others wrote: `s`, the texts and the keys of issues.
fn world(s: &str, texts: [&str; 3], keys: [&str; 2]) -> Facts {
    let mut variables = expressions::variables();
    variables["s"] = json!(s);
    variables["texts"] = json!(texts);
    for (index, key) in keys.iter().enumerate() {
        variables["issues"][index]["key"] = json!(key);
    }
    let fact = |(name, value): (&String, &Value)| {
        let untrusted: &[&str] = match name.as_str() {
            "s" => &[""],
            "texts" => &["[]"],
            "issues" => &["[].key"],
            _ => &[],
        };
        let untrusted: Vec<String> = untrusted.iter().map(|path| (*path).to_owned()).collect();
        Fact::observed(name, name, 0, value.clone()).with_untrusted(&untrusted)
    };
    Facts(variables.as_object().unwrap().iter().map(fact).collect())
}

/// The value as far as there is one, and whether it may be trusted.
fn seen(outcome: &Outcome) -> (Option<&Value>, bool) {
    match outcome {
        Outcome::Known(tagged) => (Some(&tagged.value), tagged.labels.trust == Trust::Trusted),
        _ => (None, false),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_others_can_change_is_untrusted(source in expressions::expression()) {
        let expression = Expression::parse(&source).unwrap();
        let worlds = [
            world("PAY-12", ["a", "bc", ""], ["PAY-1", "OPS-2"]),
            world("a", ["x", "", "PAY-12"], ["a", "PAY-12"]),
            world("", ["", "a", "a"], ["", "PAY-1"]),
        ];
        let outcomes = worlds.map(|world| expression.evaluate(&world, &mut Meter::default()));
        let (first, _) = seen(&outcomes[0]);
        if outcomes.iter().any(|outcome| seen(outcome).0 != first) {
            for outcome in &outcomes {
                prop_assert!(!seen(outcome).1, "{}: {:?}", source, outcomes);
            }
        }
    }
}
