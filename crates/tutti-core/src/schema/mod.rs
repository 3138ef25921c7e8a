//! JSON Schema: what a tool takes and what a model may answer, in the part of draft 2020-12 that
//! tools and answers use.
//!
//! What is not understood is refused when the schema is read, never passed over: a schema that
//! only seems to be checked is worse than none. Annotations (`title`, `default`, `format`, …)
//! assert nothing and are let pass. <https://json-schema.org/draft/2020-12>

mod check;
mod compare;
mod limit;
mod parse;
mod reference;
mod settle;
mod words;

use std::collections::BTreeMap;

use serde_json::{Number, Value};

use crate::problem::Problem;

/// A schema that was read and understood.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// The schema itself, first, and every schema within it. They refer to each other by index,
    /// for references may lead in a circle.
    parts: Vec<Vec<Rule>>,
    /// The parts by JSON pointer, which is how references name them.
    places: BTreeMap<String, usize>,
}

/// What is wrong with a value, in words a model or a person can act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer into the value; `""` is the whole.
    pub at: String,
    /// The keyword of the schema that was not satisfied; `too_large` if checking took too long.
    pub keyword: &'static str,
    /// What is wrong, in one sentence: `` `severity` must be one of S1, S2, not `high` ``.
    pub message: String,
}

impl Schema {
    /// Reads a schema; all that cannot be read or is not supported is told at once.
    pub fn parse(schema: &Value) -> Result<Self, Vec<Problem>> {
        parse::parse(schema)
    }

    /// Everything that is wrong with `value`, up to a number that helps; nothing if it fits.
    pub fn check(&self, value: &Value) -> Vec<Fault> {
        check::check(self, value)
    }

    /// Accepts a model's answer, or tells what is wrong with it. Models write `null` for what they
    /// leave out, and some are made to: such a `null` is taken away where a member may be absent
    /// and may not be `null`.
    pub fn accept(&self, answer: Value) -> Result<Value, Vec<Fault>> {
        if self.check(&answer).is_empty() {
            return Ok(answer);
        }
        let settled = settle::settle(self, answer);
        let faults = self.check(&settled);
        if faults.is_empty() { Ok(settled) } else { Err(faults) }
    }

    fn part(&self, index: usize) -> &[Rule] {
        self.parts.get(index).map_or(&[], Vec::as_slice)
    }

    fn referred(&self, pointer: &str) -> usize {
        // Reading the schema made sure that it is there.
        self.places.get(pointer).copied().unwrap_or_default()
    }
}

/// One keyword, or two that only have a meaning together.
#[derive(Debug, Clone, PartialEq)]
enum Rule {
    /// The schema `false`.
    Never,
    /// `$ref`, by the JSON pointer of its target.
    Reference(String),
    Type(Vec<Kind>),
    Enum(Vec<Value>),
    Const(Value),
    /// `properties` and `additionalProperties`.
    Members {
        known: BTreeMap<String, usize>,
        others: Option<usize>,
    },
    Required(Vec<String>),
    /// `prefixItems` and `items`.
    Items {
        first: Vec<usize>,
        rest: Option<usize>,
    },
    UniqueItems,
    /// `minLength`, `maxItems` and their like.
    Size {
        keyword: &'static str,
        limit: u64,
    },
    /// `minimum`, `exclusiveMaximum` and their like.
    Bound {
        keyword: &'static str,
        limit: Number,
    },
    MultipleOf(Number),
    AnyOf(Vec<usize>),
    OneOf(Vec<usize>),
    AllOf(Vec<usize>),
    Not(usize),
}

/// The types of JSON Schema: those of JSON, and the numbers without a fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    const ALL: [(&'static str, Kind, &'static str); 7] = [
        ("null", Kind::Null, "null"),
        ("boolean", Kind::Boolean, "true or false"),
        ("integer", Kind::Integer, "an integer"),
        ("number", Kind::Number, "a number"),
        ("string", Kind::String, "a string"),
        ("array", Kind::Array, "a list"),
        ("object", Kind::Object, "an object"),
    ];

    fn of(word: &str) -> Option<Kind> {
        Self::ALL.iter().find(|(name, ..)| *name == word).map(|(_, kind, _)| *kind)
    }

    fn words(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind, _)| *kind == self).map_or("", |(.., words)| words)
    }

    fn holds(self, value: &Value) -> bool {
        match self {
            Kind::Null => value.is_null(),
            Kind::Boolean => value.is_boolean(),
            Kind::Integer => value.as_number().is_some_and(compare::is_whole),
            Kind::Number => value.is_number(),
            Kind::String => value.is_string(),
            Kind::Array => value.is_array(),
            Kind::Object => value.is_object(),
        }
    }
}

#[cfg(test)]
mod tests;
