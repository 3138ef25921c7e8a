//! Filling a template with what its expressions come to.

use serde_json::{Map, Value};

use super::{Filled, Piece, Shape};
use crate::expr::convert::display;
use crate::expr::error::ExprError;
use crate::expr::eval::Evaluator;
use crate::expr::json::to_json;
use crate::expr::meter::Meter;
use crate::expr::stop::Stop;
use crate::expr::tag::Tag;
use crate::expr::value::Val;
use crate::expr::{Expression, Scope};
use crate::label::Labels;
use crate::pointer::Pointer;

impl Shape {
    pub(super) fn fill(
        &self,
        scope: &dyn Scope,
        meter: &mut Meter,
        at: &Pointer<'_>,
        filled: &mut Filled,
    ) -> Value {
        let made = match self {
            Self::Fixed(value) => return value.clone(),
            Self::List(items) => {
                let fill = |(index, item): (usize, &Shape)| {
                    item.fill(scope, meter, &Pointer::Item(at, index), filled)
                };
                return Value::Array(items.iter().enumerate().map(fill).collect());
            }
            Self::Object(entries) => {
                let mut object = Map::new();
                for (name, item) in entries {
                    let value = item.fill(scope, meter, &Pointer::Member(at, name), filled);
                    object.insert(name.clone(), value);
                }
                return Value::Object(object);
            }
            Self::Whole(expression) => whole(expression, scope, meter),
            Self::Text(_, pieces) => text(pieces, scope, meter),
        };
        match made {
            Ok((value, labels)) => {
                filled.labels.insert(at.text(), labels);
                return value;
            }
            Err(Stop::Missing(missing)) => filled.missing.extend(missing.paths),
            Err(Stop::Failed(error)) => filled.failed.push((at.text(), *error)),
        }
        Value::Null
    }
}

fn whole<'a>(
    expression: &'a Expression,
    scope: &'a dyn Scope,
    meter: &mut Meter,
) -> Result<(Value, Labels), Stop<'a>> {
    let item = evaluator(expression, scope, meter).eval(&expression.root)?;
    let value = to_json(&item.val, 0, meter).map_err(|error| place(error, expression))?;
    Ok((value, item.tag().labels()))
}

/// A string put together: what is missing in any piece makes the whole of it missing.
fn text<'a>(
    pieces: &'a [Piece],
    scope: &'a dyn Scope,
    meter: &mut Meter,
) -> Result<(Value, Labels), Stop<'a>> {
    let mut text = String::new();
    let mut tag = Tag::default();
    let mut stopped: Option<Stop<'a>> = None;
    for piece in pieces {
        match piece {
            Piece::Plain(plain) => text.push_str(plain),
            Piece::Filled(expression) => {
                let item = match evaluator(expression, scope, meter).eval(&expression.root) {
                    Ok(item) => item,
                    Err(stop) => {
                        stopped = Some(match stopped {
                            Some(before) => before.and(stop),
                            None => stop,
                        });
                        continue;
                    }
                };
                tag.join(&item.tag());
                let part = match &item.val {
                    Val::Text(part) => {
                        meter.grow(part.len())?;
                        text.push_str(part);
                        continue;
                    }
                    other => display(other, meter).map_err(|error| place(error, expression))?,
                };
                text.push_str(&part);
            }
        }
    }
    match stopped {
        Some(stop) => Err(stop),
        None => Ok((Value::String(text), tag.derived().labels())),
    }
}

fn evaluator<'a, 'm>(
    expression: &'a Expression,
    scope: &'a dyn Scope,
    meter: &'m mut Meter,
) -> Evaluator<'a, 'm> {
    Evaluator { source: expression.text(), scope, meter, variables: Vec::new() }
}

fn place(error: ExprError, expression: &Expression) -> ExprError {
    error.place(&expression.root.at)
}
