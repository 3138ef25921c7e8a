//! What a word without quotes says: YAML 1.2's core schema, in the numbers that JSON keeps exactly.

use serde_json::Value;

/// The largest number up to which all whole numbers are kept exactly, by us and by pages.
const NUMBER_MAX: f64 = 9_007_199_254_740_991.0;

/// What a plain scalar says; nothing if it is a number that cannot be kept.
pub fn plain(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "true" | "True" | "TRUE" => Some(true.into()),
        "false" | "False" | "FALSE" => Some(false.into()),
        _ => number(text).map_or_else(|| Some(text.into()), kept),
    }
}

/// A number as JSON, whole ones without a fraction.
fn kept(number: f64) -> Option<Value> {
    if number.is_nan() || number.abs() > NUMBER_MAX {
        return None;
    }
    Some(if number.fract() == 0.0 { (number as i64).into() } else { number.into() })
}

/// The number that these characters are, if they are one.
fn number(text: &str) -> Option<f64> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        let digits = text.strip_prefix(prefix).filter(|digits| is_all(digits, radix));
        if let Some(digits) = digits {
            return Some(u64::from_str_radix(digits, radix).map_or(f64::INFINITY, |n| n as f64));
        }
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(f64::NAN),
        _ => {}
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |digits: &str| digits.is_empty() || is_all(digits, 10);
    let is_mantissa =
        is_digits(whole) && is_digits(fraction) && mantissa.len() > 1 || is_all(mantissa, 10);
    let is_exponent = exponent
        .is_none_or(|exponent| is_all(exponent.strip_prefix(['+', '-']).unwrap_or(exponent), 10));
    if is_mantissa && is_exponent { text.parse().ok() } else { None }
}

/// Whether there are digits of this radix and nothing else.
fn is_all(digits: &str, radix: u32) -> bool {
    !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
}
