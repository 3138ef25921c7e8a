//! Conversions between types, and from milliseconds and JSON text.

use serde_json::Number;

use super::call::no_overload;
use super::error::{ErrorCode, ExprError, quoted};
use super::functions::Function;
use super::item::Item;
use super::json::to_json;
use super::meter::Meter;
use super::time::{Duration, Timestamp};
use super::value::Val;

type Converted<'a> = Result<Val<'a>, ExprError>;

/// The result of a conversion; `None` if `function` is none.
pub(super) fn convert<'a>(
    function: Function,
    arguments: &[Item<'a>],
    meter: &mut Meter,
) -> Option<Converted<'a>> {
    let [item] = arguments else { return None };
    let val = &item.val;
    if let Val::Text(text) = val
        && let Err(error) = meter.scan(text)
    {
        return Some(Err(error));
    }
    let wrong = || no_overload(function, arguments);
    let result = match function {
        Function::Int => int(val).unwrap_or_else(|| Err(wrong())),
        Function::Uint => uint(val).unwrap_or_else(|| Err(wrong())),
        Function::Double => double(val).unwrap_or_else(|| Err(wrong())),
        Function::String => string(val, meter).unwrap_or_else(|| Err(wrong())),
        Function::Bool => boolean(val).unwrap_or_else(|| Err(wrong())),
        Function::Timestamp => timestamp(val).unwrap_or_else(|| Err(wrong())),
        Function::Duration => duration(val).unwrap_or_else(|| Err(wrong())),
        Function::Time => match val {
            Val::Int(millis) => Timestamp::from_millis(*millis)
                .map(Val::Timestamp)
                .ok_or_else(|| out_of_range("timestamp")),
            _ => Err(wrong()),
        },
        _ => return None,
    };
    Some(result)
}

fn out_of_range(kind: &str) -> ExprError {
    ExprError::new(ErrorCode::Overflow, format!("the value does not fit into {kind}"))
}

fn unreadable(text: &str, kind: &str) -> ExprError {
    let short: String = text.chars().take(40).collect();
    ExprError::new(ErrorCode::BadConversion, format!("{} is no {kind}", quoted(&short)))
}

// 2^63 and 2^64: the first doubles that do not fit.
const INT_END: f64 = 9_223_372_036_854_775_808.0;
const UINT_END: f64 = 18_446_744_073_709_551_616.0;

#[allow(clippy::cast_possible_truncation)]
fn int<'a>(val: &Val<'a>) -> Option<Converted<'a>> {
    let fits = match val {
        Val::Int(number) => Some(*number),
        Val::Uint(number) => i64::try_from(*number).ok(),
        // The largest double below 2^63 is further away than one; the least int itself is refused,
        // since a double near it may have been rounded up to it.
        Val::Double(number) => (*number > -INT_END && *number < INT_END).then_some(*number as i64),
        Val::Timestamp(time) => Some(time.seconds()),
        Val::Text(text) => {
            return Some(text.parse().map(Val::Int).map_err(|_| unreadable(text, "int")));
        }
        _ => return None,
    };
    Some(fits.map(Val::Int).ok_or_else(|| out_of_range("int")))
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn uint<'a>(val: &Val<'a>) -> Option<Converted<'a>> {
    let fits = match val {
        Val::Uint(number) => Some(*number),
        Val::Int(number) => u64::try_from(*number).ok(),
        Val::Double(number) => (*number >= 0.0 && *number < UINT_END).then_some(*number as u64),
        Val::Text(text) => {
            return Some(text.parse().map(Val::Uint).map_err(|_| unreadable(text, "uint")));
        }
        _ => return None,
    };
    Some(fits.map(Val::Uint).ok_or_else(|| out_of_range("uint")))
}

#[allow(clippy::cast_precision_loss)]
fn double<'a>(val: &Val<'a>) -> Option<Converted<'a>> {
    let number = match val {
        Val::Double(number) => *number,
        Val::Int(number) => *number as f64,
        Val::Uint(number) => *number as f64,
        Val::Text(text) => {
            return Some(text.parse().map(Val::Double).map_err(|_| unreadable(text, "double")));
        }
        _ => return None,
    };
    Some(Ok(Val::Double(number)))
}

fn boolean<'a>(val: &Val<'a>) -> Option<Converted<'a>> {
    match val {
        Val::Bool(flag) => Some(Ok(Val::Bool(*flag))),
        Val::Text(text) => Some(match &**text {
            "true" | "True" | "TRUE" | "t" | "1" => Ok(Val::Bool(true)),
            "false" | "False" | "FALSE" | "f" | "0" => Ok(Val::Bool(false)),
            other => Err(unreadable(other, "bool")),
        }),
        _ => None,
    }
}

fn string<'a>(val: &Val<'a>, meter: &mut Meter) -> Option<Converted<'a>> {
    if let Val::Text(text) = val {
        return Some(Ok(Val::Text(text.clone())));
    }
    let text = scalar_text(val)?;
    Some(meter.grow(text.len()).map(|()| Val::text(text)))
}

/// A scalar as a person would read it.
fn scalar_text(val: &Val<'_>) -> Option<String> {
    Some(match val {
        Val::Bool(flag) => flag.to_string(),
        Val::Int(number) => number.to_string(),
        Val::Uint(number) => number.to_string(),
        Val::Double(number) => double_text(*number),
        Val::Timestamp(time) => time.to_string(),
        Val::Duration(span) => span.to_string(),
        Val::Text(text) => text.to_string(),
        Val::Null | Val::Json(_) | Val::List(_) | Val::Map(_) => return None,
    })
}

/// A double with as few digits as tell it from its neighbours: `2.5`, `3`, `1e+300`, `2.5e-07`.
///
/// The digits come from serde_json, so that no second way to print doubles is linked.
fn double_text(number: f64) -> String {
    let Some(json) = Number::from_f64(number).map(|number| number.to_string()) else {
        let infinite = if number > 0.0 { "+Inf" } else { "-Inf" };
        return (if number.is_nan() { "NaN" } else { infinite }).to_owned();
    };
    let (sign, json) = json.strip_prefix('-').map_or(("", &*json), |rest| ("-", rest));
    let (mantissa, exponent) = json.split_once(['e', 'E']).unwrap_or((json, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = format!("{whole}{fraction}");
    let leading = digits.len() - digits.trim_start_matches('0').len();
    let digits = digits.trim_matches('0');
    if digits.is_empty() {
        return format!("{sign}0");
    }
    // The number is 0.DIGITS times ten to this power.
    let shift = |count: usize| i32::try_from(count).unwrap_or_default();
    let power = exponent.parse().unwrap_or(0) + shift(whole.len()) - shift(leading);
    let text = match usize::try_from(power) {
        Ok(power @ 1..=21) if digits.len() <= power => format!("{digits:0<power$}"),
        Ok(power @ 1..=21) => {
            let (whole, fraction) = digits.split_at_checked(power).unwrap_or((digits, ""));
            format!("{whole}.{fraction}")
        }
        _ if (-3..=0).contains(&power) => {
            let zeros = "0".repeat(power.unsigned_abs() as usize);
            format!("0.{zeros}{digits}")
        }
        _ => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            format!("{first}{point}{rest}e{:+03}", power - 1)
        }
    };
    format!("{sign}{text}")
}

/// Any value as part of a text: lists and maps as JSON.
pub(super) fn display(val: &Val<'_>, meter: &mut Meter) -> Result<String, ExprError> {
    let text = match scalar_text(val) {
        Some(text) => text,
        None => to_json(val, 0, meter)?.to_string(),
    };
    meter.grow(text.len())?;
    Ok(text)
}

fn timestamp<'a>(val: &Val<'a>) -> Option<Converted<'a>> {
    let time = match val {
        Val::Timestamp(time) => Ok(*time),
        Val::Int(seconds) => {
            Timestamp::from_seconds(*seconds).ok_or_else(|| out_of_range("timestamp"))
        }
        Val::Text(text) => Timestamp::parse(text).ok_or_else(|| {
            unreadable(text, "timestamp").hint("write it like 2026-03-10T08:59:40Z")
        }),
        _ => return None,
    };
    Some(time.map(Val::Timestamp))
}

fn duration<'a>(val: &Val<'a>) -> Option<Converted<'a>> {
    let span = match val {
        Val::Duration(span) => Ok(*span),
        Val::Text(text) => Duration::parse(text)
            .ok_or_else(|| unreadable(text, "duration").hint("write it like 1h30m or 90s")),
        _ => return None,
    };
    Some(span.map(Val::Duration))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_are_written_like_the_standard_library_writes_them() {
        for number in [0.0, 1.0, 2.5, 0.1, 123_456.789, 1e20, 0.0001, 0.000_123, 5e15, 1e16, 1.5e17]
        {
            assert_eq!(double_text(number), number.to_string());
            assert_eq!(double_text(-number), (-number).to_string());
        }
        let told =
            [1e21, 1.5e21, 1e22, 1e-5, 1.25e-7, 5e-324, f64::MAX, f64::NAN, f64::NEG_INFINITY];
        assert_eq!(
            told.map(double_text).join(" "),
            "1e+21 1.5e+21 1e+22 1e-05 1.25e-07 5e-324 1.7976931348623157e+308 NaN -Inf"
        );
    }
}
