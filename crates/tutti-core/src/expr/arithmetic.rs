//! The arithmetic operators. What does not fit its type is an error, never a wrapped number.

use super::ast::Operator;
use super::error::{ErrorCode, ExprError};
use super::item::Item;
use super::meter::{ITEM, Meter};
use super::value::Val;

/// `a` and `b` combined by an arithmetic operator.
pub(super) fn combine<'a>(
    operator: Operator,
    a: &Item<'a>,
    b: &Item<'a>,
    meter: &mut Meter,
) -> Result<Item<'a>, ExprError> {
    if operator == Operator::Add && a.val.is_list() && b.val.is_list() {
        return concatenate(a, b, meter);
    }
    let tag = a.tag().joined(&b.tag()).derived();
    let val = match (&a.val, &b.val) {
        (Val::Int(a), Val::Int(b)) => Val::Int(ints(operator, *a, *b)?),
        (Val::Uint(a), Val::Uint(b)) => Val::Uint(uints(operator, *a, *b)?),
        (a, b) => match (double(a), double(b)) {
            (Some(x), Some(y)) => {
                Val::Double(doubles(operator, x, y).ok_or_else(|| no_overload(operator, a, b))?)
            }
            _ => others(operator, a, b, meter)?,
        },
    };
    Ok(Item::new(val, tag))
}

/// A number as a double, where at least one of two is one: JSON knows one kind of number only, so
/// `5` and `5.0` from the same field must not differ in what can be done with them.
fn double(val: &Val<'_>) -> Option<f64> {
    #[allow(clippy::cast_precision_loss)]
    match val {
        Val::Double(number) => Some(*number),
        Val::Int(number) => Some(*number as f64),
        _ => None,
    }
}

fn ints(operator: Operator, a: i64, b: i64) -> Result<i64, ExprError> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide if b == 0 => return Err(by_zero(operator)),
        Operator::Divide => a.checked_div(b),
        _ if b == 0 => return Err(by_zero(operator)),
        _ => a.checked_rem(b),
    };
    result.ok_or_else(|| overflow("int"))
}

fn uints(operator: Operator, a: u64, b: u64) -> Result<u64, ExprError> {
    let result = match operator {
        Operator::Add => a.checked_add(b),
        Operator::Subtract => a.checked_sub(b),
        Operator::Multiply => a.checked_mul(b),
        Operator::Divide => return a.checked_div(b).ok_or_else(|| by_zero(operator)),
        _ => return a.checked_rem(b).ok_or_else(|| by_zero(operator)),
    };
    result.ok_or_else(|| overflow("uint"))
}

fn doubles(operator: Operator, a: f64, b: f64) -> Option<f64> {
    Some(match operator {
        Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Multiply => a * b,
        Operator::Divide => a / b,
        _ => return None,
    })
}

fn others<'a>(
    operator: Operator,
    a: &Val<'a>,
    b: &Val<'a>,
    meter: &mut Meter,
) -> Result<Val<'a>, ExprError> {
    let too_far = || overflow("time");
    match (operator, a, b) {
        (Operator::Add, Val::Text(a), Val::Text(b)) => {
            meter.grow(a.len() + b.len())?;
            meter.step((a.len() + b.len()) / 64)?;
            Ok(Val::text([&**a, &**b].concat()))
        }
        (Operator::Add, Val::Timestamp(time), Val::Duration(span))
        | (Operator::Add, Val::Duration(span), Val::Timestamp(time)) => {
            time.plus(*span).map(Val::Timestamp).ok_or_else(too_far)
        }
        (Operator::Subtract, Val::Timestamp(time), Val::Duration(span)) => {
            span.negated().and_then(|span| time.plus(span)).map(Val::Timestamp).ok_or_else(too_far)
        }
        (Operator::Subtract, Val::Timestamp(a), Val::Timestamp(b)) => {
            a.since(*b).map(Val::Duration).ok_or_else(too_far)
        }
        (Operator::Add, Val::Duration(a), Val::Duration(b)) => {
            a.plus(*b).map(Val::Duration).ok_or_else(too_far)
        }
        (Operator::Subtract, Val::Duration(a), Val::Duration(b)) => {
            b.negated().and_then(|b| a.plus(b)).map(Val::Duration).ok_or_else(too_far)
        }
        _ => Err(no_overload(operator, a, b)),
    }
}

/// Lists joined end to end; the items keep their labels.
fn concatenate<'a>(a: &Item<'a>, b: &Item<'a>, meter: &mut Meter) -> Result<Item<'a>, ExprError> {
    let mut items = Vec::new();
    for list in [a, b] {
        items.extend(elements(list, meter)?);
    }
    let tag = a.shape_tag().joined(&b.shape_tag()).derived();
    Ok(Item::new(Val::list(items, a.is_open() || b.is_open()), tag))
}

/// The items of a list, each with its labels; one that is null stays null.
pub(super) fn elements<'a>(list: &Item<'a>, meter: &mut Meter) -> Result<Vec<Item<'a>>, ExprError> {
    let count = list.val.len().unwrap_or(0);
    meter.step(count)?;
    meter.grow(count.saturating_mul(ITEM))?;
    let index = |index| Val::Int(i64::try_from(index).unwrap_or(i64::MAX));
    Ok((0..count).map(|at| list.found_or_null(&index(at))).collect())
}

/// `-a`.
pub(super) fn negate<'a>(a: &Item<'a>) -> Result<Item<'a>, ExprError> {
    let val = match &a.val {
        Val::Int(number) => Val::Int(number.checked_neg().ok_or_else(|| overflow("int"))?),
        Val::Double(number) => Val::Double(-number),
        Val::Duration(span) => Val::Duration(span.negated().ok_or_else(|| overflow("duration"))?),
        other => {
            let message = format!("`-` does not take {}", other.kind());
            return Err(ExprError::new(ErrorCode::NoOverload, message));
        }
    };
    Ok(Item::new(val, a.tag().derived()))
}

pub(super) fn no_overload(operator: Operator, a: &Val<'_>, b: &Val<'_>) -> ExprError {
    let (sign, a, b) = (operator.sign(), a.kind(), b.kind());
    let error =
        ExprError::new(ErrorCode::NoOverload, format!("`{sign}` does not take {a} and {b}"));
    match (a, b) {
        ("string", "int" | "uint" | "double" | "bool")
        | ("int" | "uint" | "double" | "bool", "string") => {
            error.hint("convert one of them: string(x), int(x) or double(x)")
        }
        ("timestamp" | "duration", "string") | ("string", "timestamp" | "duration") => {
            error.hint("convert the text: timestamp(x) or duration(x)")
        }
        _ => error,
    }
}

fn overflow(kind: &str) -> ExprError {
    ExprError::new(ErrorCode::Overflow, format!("the result does not fit into {kind}"))
}

fn by_zero(operator: Operator) -> ExprError {
    let message = if operator == Operator::Divide { "division by zero" } else { "modulus by zero" };
    ExprError::new(ErrorCode::DivideByZero, message)
}
