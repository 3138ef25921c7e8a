//! What an expression comes to that names no fact: it is known before there are any.

use serde_json::Value;

use super::{Expression, Meter, Outcome, Scope};
use crate::fact::Fact;

/// Where no name means anything.
struct NoFacts;

impl Scope for NoFacts {
    fn fact(&self, _name: &str) -> Option<&Fact> {
        None
    }
}

impl Expression {
    /// Its value, if it is the same whatever the facts are.
    pub(crate) fn constant(&self) -> Option<Value> {
        if !self.references().is_empty() {
            return None;
        }
        match self.evaluate(&NoFacts, &mut Meter::default()) {
            Outcome::Known(tagged) => Some(tagged.value),
            Outcome::Missing { .. } | Outcome::Failed(_) => None,
        }
    }
}
