//! Limits: how long a text or list may be, and how large a number.

use serde_json::{Number, Value};

use super::compare::order_numbers;
use super::words::must_be;
use crate::pointer::Pointer;

/// What is wrong with the size of a value, if anything is. Other kinds of values have no such size.
pub fn size(keyword: &str, limit: u64, value: &Value, place: &Pointer<'_>) -> Option<String> {
    let (size, one, many) = match (keyword, value) {
        ("minLength" | "maxLength", Value::String(text)) => {
            (text.chars().count(), "character", "characters")
        }
        ("minItems" | "maxItems", Value::Array(items)) => (items.len(), "item", "items"),
        ("minProperties" | "maxProperties", Value::Object(members)) => {
            (members.len(), "member", "members")
        }
        _ => return None,
    };
    let is_least = keyword.starts_with("min");
    let fits = if is_least { size as u64 >= limit } else { size as u64 <= limit };
    let most = if is_least { "at least" } else { "at most" };
    let noun = if limit == 1 { one } else { many };
    (!fits).then(|| format!("{} must have {most} {limit} {noun}, not {size}", place.words()))
}

/// What is wrong with a number, if anything is.
pub fn bound(keyword: &str, limit: &Number, value: &Value, place: &Pointer<'_>) -> Option<String> {
    let order = order_numbers(value.as_number()?, limit);
    let (fits, words) = match keyword {
        "minimum" => (order.is_ge(), "at least"),
        "maximum" => (order.is_le(), "at most"),
        "exclusiveMinimum" => (order.is_gt(), "more than"),
        _ => (order.is_lt(), "less than"),
    };
    (!fits).then(|| must_be(place, &format!("{words} {limit}"), value))
}
