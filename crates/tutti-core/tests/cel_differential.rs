//! The `cel` crate as a second opinion: on generated expressions without missing values both
//! evaluators come to the same result, or both to an error.

// Tests may stop at the first surprise; and `cel` makes maps from hash maps only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_types
)]

#[path = "support/expressions.rs"]
mod expressions;

use std::collections::HashMap;
use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;
use tutti_core::expr::{ErrorCode, Expression, Meter, Outcome, Scope};
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
    Facts(each.map(|(name, value)| Fact::observed(name, name, 0, value.clone())).collect())
}

/// Our result, or why there is none.
fn ours(source: &str) -> Result<Value, (ErrorCode, String)> {
    let expression = Expression::parse(source).map_err(|e| (e.code, e.to_string()))?;
    match expression.evaluate(&facts(), &mut Meter::default()) {
        Outcome::Known(tagged) => Ok(tagged.value),
        // An index beyond a fact's list is missing for us and an error for them: no value for both.
        Outcome::Missing { paths, .. } => Err((ErrorCode::OutOfBounds, format!("{paths:?}"))),
        Outcome::Failed(error) => Err((error.code, error.to_string())),
    }
}

/// JSON numbers as CEL's int where they are whole.
fn theirs_of(value: &Value) -> cel::Value {
    match value {
        Value::Null => cel::Value::Null,
        Value::Bool(flag) => (*flag).into(),
        Value::String(text) => text.clone().into(),
        Value::Number(number) => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().unwrap().into(),
        },
        Value::Array(items) => items.iter().map(theirs_of).collect::<Vec<_>>().into(),
        Value::Object(entries) => {
            let entries = entries.iter().map(|(name, value)| (name.clone(), theirs_of(value)));
            entries.collect::<HashMap<String, cel::Value>>().into()
        }
    }
}

fn theirs(source: &str) -> Result<Value, String> {
    let environment = Arc::new(cel::Env::stdlib());
    let program = environment.compile(source).map_err(|error| error.to_string())?;
    let mut context = cel::Context::with_env(environment);
    for (name, value) in expressions::variables().as_object().unwrap() {
        context.add_variable_from_value(name.as_str(), theirs_of(value));
    }
    let value = program.execute(&context).map_err(|error| error.to_string())?;
    value.json().map_err(|error| error.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn both_come_to_the_same(source in expressions::expression()) {
        match (ours(&source), theirs(&source)) {
            (Ok(ours), Ok(theirs)) => prop_assert_eq!(ours, theirs, "{}", source),
            (Err(_), Err(_)) => {}
            // Infinity is no JSON for us; they write null.
            (Err((ErrorCode::NotJson, _)), Ok(_)) => {}
            (ours, theirs) => prop_assert!(false, "{}\n ours: {:?}\n theirs: {:?}", source, ours, theirs),
        }
    }
}
