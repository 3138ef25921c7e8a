//! Comparing as JSON Schema does: `1` and `1.0` are one number, and `19.99` is a multiple of `0.01`.

use std::cmp::Ordering;

use serde_json::{Number, Value};

/// An order over all values in which equal values are equal, whatever way they are written.
pub fn order(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => order_numbers(left, right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        (Value::Array(left), Value::Array(right)) => {
            let pairs = left.iter().zip(right).map(|(left, right)| order(left, right));
            first_difference(pairs).then(left.len().cmp(&right.len()))
        }
        (Value::Object(left), Value::Object(right)) => {
            let pairs = left.iter().zip(right);
            let pairs = pairs.map(|(left, right)| left.0.cmp(right.0).then(order(left.1, right.1)));
            first_difference(pairs).then(left.len().cmp(&right.len()))
        }
        _ => rank(left).cmp(&rank(right)),
    }
}

/// Whether two values are equal.
pub fn same(left: &Value, right: &Value) -> bool {
    order(left, right) == Ordering::Equal
}

fn first_difference(mut pairs: impl Iterator<Item = Ordering>) -> Ordering {
    pairs.find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

/// Compares by value, exactly: a large integer never becomes a float on the way.
pub fn order_numbers(left: &Number, right: &Number) -> Ordering {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => left.cmp(&right),
        // A float with a fraction lies where floats are finer than integers.
        _ => float(left).total_cmp(&float(right)),
    }
}

/// Whether a number has no fraction; `1.0` has none.
pub fn is_whole(number: &Number) -> bool {
    !number.is_f64() || float(number).fract() == 0.0
}

fn whole(number: &Number) -> Option<i128> {
    // Every float without a fraction below this is exact as an integer.
    const REACH: f64 = 1e38;
    let float = float(number);
    let fits = number.is_f64() && float.fract() == 0.0 && float.abs() < REACH;
    number.as_i128().or_else(|| fits.then_some(float as i128))
}

fn float(number: &Number) -> f64 {
    number.as_f64().unwrap_or_default()
}

/// Whether `number` is a multiple of `of`, as the decimals that were written: dividing floats
/// would say no to 19.99 and 0.01.
pub fn is_multiple(number: &Number, of: &Number) -> bool {
    let (Some(number), Some(of)) = (Decimal::of(number), Decimal::of(of)) else { return false };
    match (of.digits, number.exponent - of.exponent) {
        (0, _) => false,
        (modulus, shift @ 0..) => {
            let mut rest = number.digits % modulus;
            for _ in 0..shift {
                rest = rest * 10 % modulus;
            }
            rest == 0
        }
        (modulus, shift) => {
            let scale = 10_u128.checked_pow(shift.unsigned_abs());
            let modulus = scale.and_then(|scale| modulus.checked_mul(scale));
            // No number has so many digits but zero.
            modulus.map_or(number.digits == 0, |modulus| number.digits % modulus == 0)
        }
    }
}

/// `digits × 10^exponent`, without the sign. The digits are those of a 64-bit number, at most 20.
struct Decimal {
    digits: u128,
    exponent: i32,
}

impl Decimal {
    fn of(number: &Number) -> Option<Self> {
        let text = number.to_string();
        let (digits, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let exponent: i32 = exponent.parse().ok()?;
        let digits = format!("{}{fraction}", whole.trim_start_matches('-'));
        let shift = i32::try_from(fraction.len()).ok()?;
        Some(Self { digits: digits.parse().ok()?, exponent: exponent.checked_sub(shift)? })
    }
}
