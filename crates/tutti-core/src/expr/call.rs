//! Carries out the functions that want all their arguments.

use std::collections::BTreeMap;

use super::arithmetic::elements;
use super::compare::{comparable, equal, order};
use super::convert;
use super::error::{ErrorCode, ExprError, quoted};
use super::functions::{Field, Function};
use super::item::{Item, join};
use super::meter::{ITEM, Meter};
use super::tag::Tag;
use super::text;
use super::time::offset;
use super::value::{MapKey, Text, Val};

type Called<'a> = Result<Item<'a>, ExprError>;

/// `function` of known arguments.
pub(super) fn call<'a>(
    function: Function,
    arguments: &[Item<'a>],
    meter: &mut Meter,
) -> Called<'a> {
    match (function, arguments) {
        (Function::Dyn, [x]) => Ok(x.clone()),
        (Function::Size, [x]) => size(x, meter),
        (Function::Put, [map, key, value]) => put(map, key, value, meter),
        (Function::Merge, [a, b]) => merge(a, b, meter),
        (Function::Distinct, [list]) => distinct(list, meter),
        (Function::Json, [x]) => json(x, meter),
        (Function::Min | Function::Max, _) => extreme(function, arguments, meter),
        (Function::Split, _) => text::split(arguments, meter),
        (Function::Join, _) => text::join(arguments, meter),
        _ => {
            let val = match function {
                Function::Get(field) => get(field, arguments)?,
                _ => match convert::convert(function, arguments, meter) {
                    Some(result) => result?,
                    None => text::text(function, arguments, meter)?,
                },
            };
            Ok(Item::new(val, join(arguments.iter()).derived()))
        }
    }
}

/// Says that a function does not take what it was given.
#[cold]
pub(super) fn no_overload(function: Function, arguments: &[Item<'_>]) -> ExprError {
    let kinds: Vec<&str> = arguments.iter().map(|item| item.val.kind()).collect();
    let message = format!("`{}` does not take ({})", function.name(), kinds.join(", "));
    ExprError::new(ErrorCode::NoOverload, message)
}

fn size<'a>(x: &Item<'a>, meter: &mut Meter) -> Called<'a> {
    let (size, tag) = match (&x.val, x.val.len()) {
        (Val::Text(text), _) => {
            meter.scan(text)?;
            (text.chars().count(), x.tag())
        }
        (_, Some(size)) => (size, x.shape_tag()),
        _ => return Err(no_overload(Function::Size, std::slice::from_ref(x))),
    };
    Ok(Item::new(Val::Int(i64::try_from(size).unwrap_or(i64::MAX)), tag.derived()))
}

/// The least or greatest of several values, or of the items of one list.
fn extreme<'a>(function: Function, arguments: &[Item<'a>], meter: &mut Meter) -> Called<'a> {
    let listed = match arguments {
        [one] if one.val.is_list() => Some(elements(one, meter)?),
        _ => None,
    };
    let items = listed.as_deref().unwrap_or(arguments);
    meter.step(items.len())?;
    let Some((first, rest)) = items.split_first() else {
        let message = format!("`{}` of an empty list", function.name());
        return Err(ExprError::new(ErrorCode::OutOfBounds, message).hint("see default()"));
    };
    let wanted = if function == Function::Min {
        std::cmp::Ordering::Less
    } else {
        std::cmp::Ordering::Greater
    };
    let mut best = first;
    for item in rest {
        if !comparable(&best.val, &item.val) {
            return Err(no_overload(function, &[best.clone(), item.clone()]));
        }
        scan_key(item, meter)?;
        if order(&item.val, &best.val) == Some(wanted) {
            best = item;
        }
    }
    if !comparable(&best.val, &best.val) {
        return Err(no_overload(function, std::slice::from_ref(best)));
    }
    Ok(Item::new(best.val.clone(), join(arguments.iter()).derived()))
}

/// A field of a timestamp in UTC or at a fixed offset, or of a duration.
fn get<'a>(field: Field, arguments: &[Item<'a>]) -> Result<Val<'a>, ExprError> {
    let found = match arguments {
        [time, zone @ ..] => match (&time.val, zone.first().map(|zone| &zone.val)) {
            (Val::Timestamp(time), None) => Some(of_calendar(field, time.calendar(0))),
            (Val::Timestamp(time), Some(Val::Text(zone))) => {
                let offset = offset(zone).ok_or_else(|| {
                    let message = format!("{} is no offset from UTC", quoted(zone));
                    ExprError::new(ErrorCode::BadConversion, message)
                        .hint("write \"UTC\" or an offset like \"+02:00\"; zones by name are not known here")
                })?;
                Some(of_calendar(field, time.calendar(offset)))
            }
            (Val::Duration(span), None) => match field {
                Field::Hours => Some(span.whole(3600)),
                Field::Minutes => Some(span.whole(60)),
                Field::Seconds => Some(span.whole(1)),
                Field::Milliseconds => Some(span.millis()),
                _ => None,
            },
            _ => None,
        },
        [] => None,
    };
    found.map(Val::Int).ok_or_else(|| no_overload(Function::Get(field), arguments))
}

fn of_calendar(field: Field, calendar: super::time::Calendar) -> i64 {
    match field {
        Field::FullYear => calendar.year,
        Field::Month => calendar.month - 1,
        Field::Date => calendar.day,
        Field::DayOfMonth => calendar.day - 1,
        Field::DayOfWeek => calendar.day_of_week,
        Field::DayOfYear => calendar.day_of_year,
        Field::Hours => calendar.hour,
        Field::Minutes => calendar.minute,
        Field::Seconds => calendar.second,
        Field::Milliseconds => calendar.millisecond,
    }
}

/// The entries of a map, each with its labels.
fn entries<'a>(
    map: &Item<'a>,
    meter: &mut Meter,
) -> Result<Option<BTreeMap<MapKey<'a>, Item<'a>>>, ExprError> {
    if map.val.is_list() || map.val.len().is_none() {
        return Ok(None);
    }
    let keys = map.val.keys();
    meter.step(keys.len())?;
    meter.grow(keys.len().saturating_mul(ITEM))?;
    let mut found = BTreeMap::new();
    for key in keys {
        let item = map.found_or_null(&key.val());
        found.insert(key, item);
    }
    Ok(Some(found))
}

/// Counts the comparison of a key with others.
pub(super) fn scan_key(key: &Item<'_>, meter: &mut Meter) -> Result<(), ExprError> {
    if let Val::Text(text) = &key.val { meter.scan(text) } else { Ok(()) }
}

fn put<'a>(map: &Item<'a>, key: &Item<'a>, value: &Item<'a>, meter: &mut Meter) -> Called<'a> {
    let (Some(mut all), Some(name)) = (entries(map, meter)?, key.val.map_key()) else {
        return Err(no_overload(Function::Put, &[map.clone(), key.clone(), value.clone()]));
    };
    scan_key(key, meter)?;
    all.insert(name, value.clone());
    let tag = map.shape_tag().joined(&key.tag()).derived();
    // As everywhere but in what an expression writes out, a null in it is missing.
    Ok(Item::new(Val::map(all, true), tag))
}

fn merge<'a>(a: &Item<'a>, b: &Item<'a>, meter: &mut Meter) -> Called<'a> {
    let (Some(mut all), Some(over)) = (entries(a, meter)?, entries(b, meter)?) else {
        return Err(no_overload(Function::Merge, &[a.clone(), b.clone()]));
    };
    all.extend(over);
    let tag = a.shape_tag().joined(&b.shape_tag()).derived();
    Ok(Item::new(Val::map(all, true), tag))
}

/// The list without items that equal an earlier one.
fn distinct<'a>(list: &Item<'a>, meter: &mut Meter) -> Called<'a> {
    if !list.val.is_list() {
        return Err(no_overload(Function::Distinct, std::slice::from_ref(list)));
    }
    let mut kept: Vec<Item<'a>> = Vec::new();
    for item in elements(list, meter)? {
        let mut known = false;
        for other in &kept {
            if equal(&other.val, &item.val, meter)? {
                known = true;
                break;
            }
        }
        if !known {
            kept.push(item);
        }
    }
    // Which items are left depends on what all of them are.
    Ok(Item::new(Val::list(kept, list.is_open()), list.tag().derived()))
}

fn json<'a>(x: &Item<'a>, meter: &mut Meter) -> Called<'a> {
    let Val::Text(text) = &x.val else {
        return Err(no_overload(Function::Json, std::slice::from_ref(x)));
    };
    // What is read weighs more than its text, the more so the shorter its items.
    meter.step(text.len())?;
    meter.grow(text.len().saturating_mul(16))?;
    match serde_json::from_str(text) {
        Ok(value) => Ok(opened(value, &x.tag().derived())),
        Err(error) => {
            let message = format!("the text is no JSON: {error}");
            Err(ExprError::new(ErrorCode::BadConversion, message))
        }
    }
}

/// A value read from JSON text; all of it has the labels of the text.
fn opened<'a>(value: serde_json::Value, tag: &Tag<'a>) -> Item<'a> {
    let val = match value {
        serde_json::Value::Null => Val::Null,
        serde_json::Value::Bool(flag) => Val::Bool(flag),
        serde_json::Value::Number(number) => Val::number(&number),
        serde_json::Value::String(text) => Val::text(text),
        serde_json::Value::Array(items) => {
            Val::list(items.into_iter().map(|value| opened(value, tag)).collect(), true)
        }
        serde_json::Value::Object(entries) => {
            let mut made = BTreeMap::new();
            for (name, value) in entries {
                made.insert(MapKey::Text(Text::Made(name.into())), opened(value, tag));
            }
            Val::map(made, true)
        }
    };
    Item::new(val, tag.clone())
}
