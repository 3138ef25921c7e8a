//! A case file as it stands there: each member of an object once, and nothing that is not read. The
//! chain is made from what was read, and so cannot tell what was read over.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::{Map, Value};

use super::CaseFileError;
use crate::pointer::escaped;

/// What a text says.
pub(super) fn read(text: &str) -> Result<Value, CaseFileError> {
    let read = serde_json::from_str(text).map(|Strict(value)| value);
    read.map_err(|error| match error.classify() {
        Category::Data => CaseFileError::written(&error.to_string()),
        _ => CaseFileError::unreadable(&error),
    })
}

/// Whether a document says what was read of it and no more.
pub(super) fn compare(written: &Value, read: &Value) -> Result<(), CaseFileError> {
    match difference(written, read) {
        None => Ok(()),
        Some(at) => Err(CaseFileError::written(&format!("`{at}` is not what was read there"))),
    }
}

/// Where a document is not what was read of it.
fn difference(written: &Value, read: &Value) -> Option<String> {
    let below = |key: &str, at: String| format!("/{}{at}", escaped(key));
    match (written, read) {
        (Value::Object(written), Value::Object(read)) => {
            let lost = read.keys().find(|key| !written.contains_key(*key));
            let lost = lost.map(|key| below(key, String::new()));
            let other = written.iter().find_map(|(key, written)| match read.get(key) {
                Some(read) => difference(written, read).map(|at| below(key, at)),
                None => Some(below(key, String::new())),
            });
            other.or(lost)
        }
        (Value::Array(written), Value::Array(read)) if written.len() == read.len() => {
            let mut items = written.iter().zip(read).enumerate();
            items.find_map(|(index, (written, read))| {
                difference(written, read).map(|at| below(&index.to_string(), at))
            })
        }
        _ => (written != read).then(String::new),
    }
}

/// A value in which no object has a member twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values).map(Self)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Strict(value))) = map.next_entry::<String, Strict>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format_args!("`{name}` stands there twice")));
            }
            members.insert(name, value);
        }
        Ok(members.into())
    }
}
