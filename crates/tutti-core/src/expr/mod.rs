//! Expressions: a declared subset of CEL, in which missing-ness and labels flow through everything.
//!
//! The meaning is CEL's (<https://github.com/google/cel-spec>), whose conformance files judge it.
//! An evaluation is total and bounded: a [`Meter`] counts its steps and bytes, and sources are
//! limited in length and depth.
//!
//! # The subset
//!
//! Literals (int, `1u`, double, strings with all escapes, raw and triple-quoted, bool, `null`, list,
//! map), `x.y`, `x["y"]`, `x[0]`, `.x`, `! -`, `* / %`, `+ -`, `== != < <= > >= in`, `&& ||`, `?:`,
//! and the macros `has`, `all`, `exists`, `exists_one`, `filter`, `map` (two or three arguments).
//!
//! | | functions |
//! |---|---|
//! | text | `contains` `startsWith` `endsWith` `matches` `lowerAscii` `upperAscii` `trim` `split` `join` `replace` `substring` |
//! | any | `size` `min` `max` `distinct` `int` `uint` `double` `string` `bool` `dyn` `json(text)` |
//! | maps | `put(map, key, value)`, `merge(a, b)` (one level deep; b wins) |
//! | time | `timestamp` `duration` `time(ms)`, and of a timestamp, in UTC or at an offset like `"+02:00"`: `getFullYear` `getMonth` `getDate` `getDayOfMonth` `getDayOfWeek` `getDayOfYear` `getHours` `getMinutes` `getSeconds` `getMilliseconds` |
//! | what is known | `missing(x)` `first_of(a, b, …)` `default(x, y)` `trusted(x)` `provenance(x)` |
//!
//! Left out of CEL: bytes, messages, types as values, optionals, macros with two variables, and time
//! zones by name. One thing is more than CEL: int and double mix in arithmetic, since JSON has but
//! one kind of number and a field that holds `5` today may hold `5.5` tomorrow.
//!
//! # What is missing
//!
//! The result has three values: known, missing, failed. A member or item that a *fact* does not
//! have is missing, and so is a `null` that is read from one (by member, index or variable: vendors
//! write it where there is nothing); likewise a root name without a fact. The same holds for what was
//! made from facts (`filter`, `merge`, `split`, …) and for `json(text)`; but what a list or map
//! *written in the expression* does not have is a mistake, as in CEL. A `null` deep inside a value that
//! is passed on as a whole stays there.
//!
//! What depends on something missing is missing, with the paths (the first 32): never empty, never an error.
//! Only these see past it: `&&` and `||` where another part decides (`false && unknown` is false),
//! `has`, `missing`, `first_of` and `default`. The latter three take a `null` of the expression's own
//! for missing, too. A fault (`1 + "a"`) wins over a missing operand, since no value would mend it;
//! in logic a missing part wins over a fault, since its value could decide.
//!
//! # Labels
//!
//! Trust joins to the lowest; provenance and sources join as sets.
//!
//! - A literal has no labels.
//! - A pure look-up has the fact's labels of exactly that path, also through variables of macros.
//!   Lists and maps keep the labels of each part; taken as a whole they have those of all parts.
//! - Whatever an operator, function or condition had a hand in says `derived` where its parts said
//!   `observed`; `defaulted`, `asked` and `guessed` stay.
//! - Conditions choose, so their labels join those of what they chose: `?:`, `&&`, the predicates of
//!   macros, computed keys. A tainted condition taints its choice.
//! - `size`, `has` and `missing` read the shape of a list or map, not what it holds: the count of
//!   tickets is not tainted by their texts.
//! - `default(x, y)` is `y` with `defaulted` when x is missing. Once it had to skip something,
//!   `first_of` says `derived` where what it takes says `observed`; what was asked stays so, and what a
//!   guess or a default kept away leaves `guessed` or `defaulted`. Both join the sources of what was
//!   missing.
//! - `trusted` and `provenance` speak about labels, which the engine made: their own trust is full.

mod absence;
mod arithmetic;
mod ast;
mod call;
mod compare;
mod compared;
mod constant;
mod convert;
mod each;
mod error;
mod eval;
mod fault;
mod functions;
mod item;
mod json;
mod logic;
mod meter;
mod outcome;
mod parse;
mod pattern;
mod place;
mod primary;
mod stop;
mod tag;
mod template;
mod text;
mod time;
mod token;
mod truth;
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
pub(crate) use self::primary::is_word;
pub use self::template::{Filled, Template};
pub(crate) use self::time::date;
pub use self::time::{moment_ms, moment_text};

use self::ast::{Kind, Node};
use self::eval::Evaluator;
use self::stop::Stop;
use crate::fact::{Fact, Key};

/// What root names mean.
///
/// ```
/// use serde_json::json;
/// use tutti_core::expr::{Condition, Expression, Meter, Scope};
/// use tutti_core::fact::Fact;
///
/// struct Case(Fact);
/// impl Scope for Case {
///     fn fact(&self, name: &str) -> Option<&Fact> {
///         (name == "case").then_some(&self.0)
///     }
/// }
///
/// let value = json!({"priority": "High", "tier": null});
/// let case = Case(Fact::observed("case", "salesforce.case.get", 0, value));
/// let is = |source: &str| {
///     let expression = Expression::parse(source).map_err(|error| error.to_string())?;
///     Ok::<_, String>(expression.evaluate(&case, &mut Meter::default()).condition())
/// };
/// assert_eq!(is("case.priority in ['High', 'Critical']")?, Condition::True);
/// assert!(matches!(is("case.tier == 'Enterprise'")?, Condition::Unknown { .. }));
/// assert_eq!(is("case.tier == 'Enterprise' && case.priority == 'Low'")?, Condition::False);
/// # Ok::<_, String>(())
/// ```
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
    fn within(text: Arc<str>, at: Range<usize>, root: Node) -> Self {
        Self { text, at, root }
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
    pub fn references(&self) -> BTreeSet<Reference<'_>> {
        let mut found = BTreeSet::new();
        self.root.collect(false, &mut Vec::new(), &mut found);
        found
    }

    /// The fact it names and the way into it, if it is nothing but that: `similar.items`.
    pub fn path(&self) -> Option<(&str, &[Key])> {
        match &self.root.kind {
            Kind::Look(look) => Some((&look.root, &look.path)),
            _ => None,
        }
    }

    /// Evaluates it over the facts of `scope`.
    pub fn evaluate(&self, scope: &dyn Scope, meter: &mut Meter) -> Outcome {
        let mut evaluator = Evaluator { source: &self.text, scope, meter, variables: Vec::new() };
        match evaluator.eval(&self.root) {
            Ok(item) => match json::to_json(&item.val, 0, meter) {
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
