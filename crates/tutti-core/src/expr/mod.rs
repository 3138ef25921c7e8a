//! Expressions: a declared subset of CEL, in which missing-ness and labels flow through everything.

mod absence;
mod arithmetic;
mod ast;
mod call;
mod compare;
mod convert;
mod each;
mod error;
mod eval;
mod functions;
mod meter;
mod outcome;
mod parse;
mod pattern;
mod place;
mod stop;
mod tag;
mod template;
mod text;
mod time;
mod token;
mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use self::ast::Reference;
pub use self::error::{ErrorCode, ExprError};
pub use self::meter::Meter;
pub use self::outcome::{Condition, Outcome, Tagged};
pub use self::template::{Filled, Template};

use self::ast::Node;
use self::eval::Evaluator;
use self::stop::Stop;
use crate::fact::Fact;

/// What root names mean.
pub trait Scope {
    /// The fact with this name, if there is one yet.
    fn fact(&self, name: &str) -> Option<&Fact>;
}

/// An expression, parsed once and evaluated often.
#[derive(Debug, Clone)]
pub struct Expression {
    /// What holds the expression: itself, or the string of a template.
    text: Arc<str>,
    /// Where in the text it is.
    at: Range<usize>,
    root: Node,
}

impl Expression {
    /// Reads an expression.
    pub fn parse(source: &str) -> Result<Self, ExprError> {
        let root = parse::whole(source)?;
        Ok(Self { text: source.into(), at: 0..source.len(), root })
    }

    /// An expression that is a part of a longer text.
    fn within(text: &str, at: Range<usize>, root: Node) -> Self {
        Self { text: text.into(), at, root }
    }

    /// The text whose bytes the places of its nodes count.
    fn text(&self) -> &str {
        &self.text
    }

    /// The expression as it was written.
    pub fn source(&self) -> &str {
        self.text.get(self.at.clone()).unwrap_or_default()
    }

    /// What it refers to: roots and static paths, also those that its macros reach item by item.
    pub fn references(&self) -> BTreeSet<Reference> {
        let mut found = BTreeSet::new();
        self.root.collect(&mut Vec::new(), &mut found);
        found
    }

    /// Evaluates it over the facts of `scope`.
    pub fn evaluate(&self, scope: &dyn Scope, meter: &mut Meter) -> Outcome {
        let mut evaluator = Evaluator { source: &self.text, scope, meter, variables: Vec::new() };
        match evaluator.eval(&self.root) {
            Ok(item) => match value::to_json(&item.val, 0, meter) {
                Ok(value) => Outcome::Known(Tagged { value, labels: item.tag().labels() }),
                Err(error) => Outcome::Failed(error.place(&self.root.at)),
            },
            Err(Stop::Missing(missing)) => {
                Outcome::Missing { paths: missing.paths, labels: missing.tag.labels() }
            }
            Err(Stop::Failed(error)) => Outcome::Failed(*error),
        }
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}
impl Eq for Expression {}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.source())
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.source())
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        Self::parse(&source).map_err(de::Error::custom)
    }
}
