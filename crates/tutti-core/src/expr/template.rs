//! Templates: JSON whose strings may hold `${…}`, filled with what the expressions come to.

mod fill;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::Value;

use super::ast::Reference;
use super::error::{ErrorCode, ExprError};
use super::meter::Meter;
use super::{Expression, Scope, parse};
use crate::label::Labels;
use crate::pointer::Pointer;

/// How deep a template may nest.
const MAX_NESTING: usize = 64;

/// A JSON value whose strings may hold `${expression}`.
///
/// A string that is exactly one `${…}` becomes what the expression comes to, with its type; in a
/// longer string the values become text, lists and maps as JSON. `$${` stands for a plain `${`.
/// Keys of objects are never templates.
#[derive(Debug, Clone)]
pub struct Template {
    shape: Shape,
}

/// A template after filling.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Filled {
    /// The value; `null` where something is missing or failed.
    pub value: Value,
    /// The labels of what was filled in, by the JSON pointer of the string that held it.
    pub labels: BTreeMap<String, Labels>,
    /// Everything that was missing, as a person would write it.
    pub missing: BTreeSet<String>,
    /// What went wrong, and where.
    pub failed: Vec<(String, ExprError)>,
}

#[derive(Debug, Clone)]
enum Shape {
    Fixed(Value),
    /// Exactly one expression.
    Whole(Expression),
    /// One expression or more in the text that was written.
    Text(Arc<str>, Vec<Piece>),
    List(Vec<Shape>),
    Object(Vec<(String, Shape)>),
}

#[derive(Debug, Clone)]
enum Piece {
    Plain(String),
    Filled(Expression),
}

impl Template {
    /// Reads a template; on failure says what is wrong at which JSON pointers.
    pub fn parse(value: &Value) -> Result<Self, Vec<(String, ExprError)>> {
        let mut problems = Vec::new();
        let shape = read(value, &Pointer::Root, &mut problems);
        if problems.is_empty() { Ok(Self { shape }) } else { Err(problems) }
    }

    /// The template as it was written.
    pub fn source(&self) -> Value {
        self.shape.source()
    }

    /// Whether it is exactly one expression: only filling tells what type that comes to.
    pub fn is_one_expression(&self) -> bool {
        matches!(self.shape, Shape::Whole(_))
    }

    /// What its expressions refer to.
    pub fn references(&self) -> BTreeSet<Reference<'_>> {
        let mut found = BTreeSet::new();
        self.each_text(&Pointer::Root, &mut |_, mut references| found.append(&mut references));
        found
    }

    /// Looks at each of its texts that holds expressions: its place below `at`, and what they refer
    /// to.
    pub(crate) fn each_text<'t>(
        &'t self,
        at: &Pointer<'_>,
        see: &mut impl FnMut(&Pointer<'_>, BTreeSet<Reference<'t>>),
    ) {
        self.shape.each_text(at, &mut |at, expressions| {
            see(at, expressions.into_iter().flat_map(Expression::references).collect());
        });
    }

    /// What is wrong with its expressions whatever the facts are, with the pointers of their texts.
    pub(crate) fn constant_faults(&self) -> Vec<(String, ExprError)> {
        let mut found = Vec::new();
        self.shape.each_text(&Pointer::Root, &mut |at, expressions| {
            let faults = expressions.into_iter().filter_map(Expression::constant_fault);
            found.extend(faults.map(|error| (at.text(), error)));
        });
        found
    }

    /// Fills it. What cannot be filled is `null` and is listed.
    pub fn fill(&self, scope: &dyn Scope, meter: &mut Meter) -> Filled {
        let mut filled = Filled::default();
        filled.value = self.shape.fill(scope, meter, &Pointer::Root, &mut filled);
        filled
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.source() == other.source()
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.source().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::parse(&value).map_err(|problems| {
            let told = problems.iter().map(|(pointer, error)| format!("{pointer}: {error}"));
            de::Error::custom(told.collect::<Vec<_>>().join("; "))
        })
    }
}

fn read(value: &Value, at: &Pointer<'_>, problems: &mut Vec<(String, ExprError)>) -> Shape {
    if at.depth() > MAX_NESTING {
        let message = format!("a template nests at most {MAX_NESTING} deep");
        problems.push((at.text(), ExprError::new(ErrorCode::TooDeep, message)));
        return Shape::Fixed(Value::Null);
    }
    match value {
        Value::String(text) => text_shape(text).unwrap_or_else(|error| {
            problems.push((at.text(), error));
            Shape::Fixed(Value::Null)
        }),
        Value::Array(items) => {
            let read_item =
                |(index, item): (usize, &Value)| read(item, &Pointer::Item(at, index), problems);
            Shape::List(items.iter().enumerate().map(read_item).collect())
        }
        Value::Object(entries) => {
            let read_entry = |(name, item): (&String, &Value)| {
                (name.clone(), read(item, &Pointer::Member(at, name), problems))
            };
            Shape::Object(entries.iter().map(read_entry).collect())
        }
        other => Shape::Fixed(other.clone()),
    }
}

fn text_shape(text: &str) -> Result<Shape, ExprError> {
    let shared: Arc<str> = text.into();
    let mut pieces = pieces(text, &shared)?;
    Ok(match (pieces.len(), pieces.pop()) {
        (1, Some(Piece::Filled(expression))) => Shape::Whole(expression),
        (1, Some(Piece::Plain(text))) => Shape::Fixed(Value::String(text)),
        (_, None) => Shape::Fixed(Value::String(String::new())),
        (_, Some(last)) => {
            pieces.push(last);
            Shape::Text(shared, pieces)
        }
    })
}

/// The plain parts of a string and the expressions between them.
fn pieces(text: &str, shared: &Arc<str>) -> Result<Vec<Piece>, ExprError> {
    let mut pieces = Vec::new();
    let mut plain = String::new();
    let mut position = 0;
    while let Some((before, after)) = text.get(position..).and_then(|rest| rest.split_once("${")) {
        position = text.len() - after.len();
        if let Some(before) = before.strip_suffix('$') {
            plain.push_str(before);
            plain.push_str("${");
            continue;
        }
        plain.push_str(before);
        if !plain.is_empty() {
            pieces.push(Piece::Plain(std::mem::take(&mut plain)));
        }
        let (node, end) = parse::until_brace(text, position)?;
        pieces.push(Piece::Filled(Expression::within(Arc::clone(shared), position..end, node)));
        position = end + 1;
    }
    plain.push_str(text.get(position..).unwrap_or_default());
    if !plain.is_empty() {
        pieces.push(Piece::Plain(plain));
    }
    Ok(pieces)
}

impl Shape {
    /// The template as it was written.
    fn source(&self) -> Value {
        match self {
            Self::Fixed(Value::String(plain)) => plain.replace("${", "$${").into(),
            Self::Fixed(value) => value.clone(),
            Self::Whole(expression) => expression.text().into(),
            Self::Text(text, _) => text.as_ref().into(),
            Self::List(items) => items.iter().map(Self::source).collect(),
            Self::Object(entries) => {
                entries.iter().map(|(name, item)| (name.clone(), item.source())).collect()
            }
        }
    }

    /// Shows the expressions of each text with its place.
    fn each_text<'t>(
        &'t self,
        at: &Pointer<'_>,
        see: &mut impl FnMut(&Pointer<'_>, Vec<&'t Expression>),
    ) {
        match self {
            Self::Fixed(_) => {}
            Self::Whole(expression) => see(at, vec![expression]),
            Self::Text(_, pieces) => {
                let filled = pieces.iter().filter_map(|piece| match piece {
                    Piece::Filled(expression) => Some(expression),
                    Piece::Plain(_) => None,
                });
                see(at, filled.collect());
            }
            Self::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    item.each_text(&Pointer::Item(at, index), see);
                }
            }
            Self::Object(entries) => {
                for (name, item) in entries {
                    item.each_text(&Pointer::Member(at, name), see);
                }
            }
        }
    }
}
