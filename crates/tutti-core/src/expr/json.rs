//! Results as JSON: the only place where parts of facts are copied.

use serde_json::{Number, Value};

use super::error::{ErrorCode, ExprError, quoted};
use super::meter::{ITEM, Meter};
use super::value::Val;

/// The deepest a result may nest; what reads saved JSON back gives up at 128.
const MAX_NESTING: usize = 100;

/// A value as JSON.
pub(super) fn to_json(val: &Val<'_>, depth: usize, meter: &mut Meter) -> Result<Value, ExprError> {
    if depth > MAX_NESTING {
        return Err(ExprError::new(ErrorCode::NotJson, "the result nests too deep"));
    }
    meter.step(1)?;
    meter.grow(ITEM)?;
    Ok(match val {
        Val::Null => Value::Null,
        Val::Bool(flag) => Value::Bool(*flag),
        Val::Int(number) => Value::from(*number),
        Val::Uint(number) => Value::from(*number),
        Val::Double(number) => Number::from_f64(*number)
            .map(Value::Number)
            .ok_or_else(|| ExprError::new(ErrorCode::NotJson, "JSON has no infinity and no NaN"))?,
        Val::Text(text) => {
            meter.grow(text.len())?;
            Value::String(text.to_string())
        }
        Val::Timestamp(time) => Value::String(time.to_string()),
        Val::Duration(span) => Value::String(span.to_string()),
        Val::Json(value) => copy(value, depth, meter)?,
        Val::List(list) => {
            let items = list.items.iter().map(|item| to_json(&item.val, depth + 1, meter));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Val::Map(map) => {
            let mut object = serde_json::Map::new();
            for (key, item) in &map.entries {
                let name = key.name();
                meter.grow(name.len())?;
                if object.insert(name, to_json(&item.val, depth + 1, meter)?).is_some() {
                    let message = format!("two keys are both {} in JSON", quoted(&key.name()));
                    return Err(ExprError::new(ErrorCode::NotJson, message));
                }
            }
            Value::Object(object)
        }
    })
}

/// A copy of a part of a fact, counted.
fn copy(value: &Value, depth: usize, meter: &mut Meter) -> Result<Value, ExprError> {
    match value {
        Value::Array(items) => {
            meter.grow(ITEM * items.len())?;
            let items = items.iter().map(|item| to_json(&Val::of(item), depth + 1, meter));
            Ok(Value::Array(items.collect::<Result<_, _>>()?))
        }
        Value::Object(entries) => {
            let mut object = serde_json::Map::new();
            for (name, item) in entries {
                meter.grow(name.len())?;
                object.insert(name.clone(), to_json(&Val::of(item), depth + 1, meter)?);
            }
            Ok(Value::Object(object))
        }
        scalar => to_json(&Val::of(scalar), depth, meter),
    }
}
