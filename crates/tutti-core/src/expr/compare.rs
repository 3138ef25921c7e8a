//! Equality and order, as CEL has them: numbers compare across types, other types never equal.

use std::cmp::Ordering;

use super::error::{ErrorCode, ExprError};
use super::meter::Meter;
use super::value::Val;

/// Nesting beyond any that a reader of JSON lets in.
const MAX_NESTING: usize = 200;

/// Whether two values are equal; values of different types are not, and that is no error.
pub(super) fn equal(a: &Val<'_>, b: &Val<'_>, meter: &mut Meter) -> Result<bool, ExprError> {
    nested(a, b, 0, meter)
}

fn nested(a: &Val<'_>, b: &Val<'_>, depth: usize, meter: &mut Meter) -> Result<bool, ExprError> {
    if depth > MAX_NESTING {
        return Err(ExprError::new(ErrorCode::TooDeep, "the values compared nest too deep"));
    }
    meter.step(1)?;
    match (a, b) {
        (Val::Null, Val::Null) => Ok(true),
        (Val::Text(a), Val::Text(b)) => {
            if a.len() == b.len() {
                meter.scan(a)?;
            }
            Ok(a == b)
        }
        _ if a.is_list() && b.is_list() => lists(a, b, depth, meter),
        _ if a.len().is_some() && b.len().is_some() => maps(a, b, depth, meter),
        _ => Ok(order(a, b) == Some(Ordering::Equal)),
    }
}

fn lists(a: &Val<'_>, b: &Val<'_>, depth: usize, meter: &mut Meter) -> Result<bool, ExprError> {
    if a.len() != b.len() {
        return Ok(false);
    }
    let mut index = 0;
    while let Some((a, b)) = a.nth(index).zip(b.nth(index)) {
        if !nested(&a, &b, depth + 1, meter)? {
            return Ok(false);
        }
        index += 1;
    }
    Ok(true)
}

fn maps(a: &Val<'_>, b: &Val<'_>, depth: usize, meter: &mut Meter) -> Result<bool, ExprError> {
    if a.is_list() || b.is_list() || a.len() != b.len() {
        return Ok(false);
    }
    meter.step(a.len().unwrap_or(0))?;
    for key in a.keys() {
        let same = match a.get(&key).zip(b.get(&key)) {
            Some((a, b)) => nested(&a, &b, depth + 1, meter)?,
            None => false,
        };
        if !same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The order of two scalars; `None` if they have none.
pub(super) fn order(a: &Val<'_>, b: &Val<'_>) -> Option<Ordering> {
    match (a, b) {
        (Val::Bool(a), Val::Bool(b)) => Some(a.cmp(b)),
        (Val::Text(a), Val::Text(b)) => Some(a.cmp(b)),
        (Val::Timestamp(a), Val::Timestamp(b)) => Some(a.cmp(b)),
        (Val::Duration(a), Val::Duration(b)) => Some(a.cmp(b)),
        (Val::Double(a), Val::Double(b)) => a.partial_cmp(b),
        // Integers are compared with doubles as doubles, rounded if they are large, as CEL does.
        (Val::Double(a), b) => a.partial_cmp(&rounded(b)?),
        (a, Val::Double(b)) => rounded(a)?.partial_cmp(b),
        (a, b) => Some(integer(a)?.cmp(&integer(b)?)),
    }
}

/// Whether the two could have an order, were none of them NaN.
pub(super) fn comparable(a: &Val<'_>, b: &Val<'_>) -> bool {
    is_number(a) && is_number(b) || order(a, b).is_some()
}

fn is_number(val: &Val<'_>) -> bool {
    matches!(val, Val::Int(_) | Val::Uint(_) | Val::Double(_))
}

fn integer(val: &Val<'_>) -> Option<i128> {
    match val {
        Val::Int(number) => Some(i128::from(*number)),
        Val::Uint(number) => Some(i128::from(*number)),
        _ => None,
    }
}

#[allow(clippy::cast_precision_loss)]
fn rounded(val: &Val<'_>) -> Option<f64> {
    integer(val).map(|number| number as f64)
}
