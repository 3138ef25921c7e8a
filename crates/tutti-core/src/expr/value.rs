//! Values during an evaluation, borrowed from facts wherever possible.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use serde_json::{Number, Value};

use super::item::{Item, join};
use super::tag::Tag;
use super::time::{Duration, Timestamp};

/// A value without its labels.
#[derive(Debug, Clone)]
pub(super) enum Val<'a> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(Text<'a>),
    Timestamp(Timestamp),
    Duration(Duration),
    /// A list or an object inside a fact, or a list of literals.
    Json(&'a Value),
    List(Rc<List<'a>>),
    Map(Rc<Map<'a>>),
}

/// A text of a fact or of the source, or one that was computed.
#[derive(Debug, Clone)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Made(Rc<str>),
}

/// A list that was written or computed.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) items: Vec<Item<'a>>,
    /// Whether it came from outside, so that what is not in it is missing rather than a mistake.
    pub(super) open: bool,
    tag: OnceCell<Tag<'a>>,
}

/// A map that was written or computed.
#[derive(Debug)]
pub(super) struct Map<'a> {
    pub(super) entries: BTreeMap<MapKey<'a>, Item<'a>>,
    /// As with lists.
    pub(super) open: bool,
    tag: OnceCell<Tag<'a>>,
}

/// A key of a map; whole numbers are the same key whatever their type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum MapKey<'a> {
    Bool(bool),
    Number(i128),
    Text(Text<'a>),
}

impl<'a> List<'a> {
    /// All labels of all items; joined once, as large lists are asked often.
    pub(super) fn tag(&self) -> &Tag<'a> {
        self.tag.get_or_init(|| join(self.items.iter()))
    }
}

impl<'a> Map<'a> {
    /// As with lists.
    pub(super) fn tag(&self) -> &Tag<'a> {
        self.tag.get_or_init(|| join(self.entries.values()))
    }
}

impl Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Made(text) => text,
        }
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}
impl Eq for Text<'_> {}
impl PartialOrd for Text<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Text<'_> {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl<'a> Val<'a> {
    pub(super) fn list(items: Vec<Item<'a>>, open: bool) -> Self {
        Self::List(Rc::new(List { items, open, tag: OnceCell::new() }))
    }

    pub(super) fn map(entries: BTreeMap<MapKey<'a>, Item<'a>>, open: bool) -> Self {
        Self::Map(Rc::new(Map { entries, open, tag: OnceCell::new() }))
    }

    pub(super) fn text(text: impl Into<Rc<str>>) -> Self {
        Self::Text(Text::Made(text.into()))
    }

    /// A value of a fact, its parts left where they are.
    pub(super) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Bool(*flag),
            Value::String(text) => Self::Text(Text::Borrowed(text)),
            Value::Array(_) | Value::Object(_) => Self::Json(value),
            Value::Number(number) => Self::number(number),
        }
    }

    pub(super) fn number(number: &Number) -> Self {
        match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Self::Int(number),
            (_, Some(number)) => Self::Uint(number),
            _ => Self::Double(number.as_f64().unwrap_or(f64::NAN)),
        }
    }

    /// The item with this number, without its labels.
    pub(super) fn nth(&self, index: usize) -> Option<Val<'a>> {
        match self {
            Self::Json(Value::Array(items)) => items.get(index).map(Val::of),
            Self::List(list) => list.items.get(index).map(|item| item.val.clone()),
            _ => None,
        }
    }

    /// What a map holds under this key, without its labels.
    pub(super) fn get(&self, key: &MapKey<'_>) -> Option<Val<'a>> {
        match (self, key) {
            (Self::Json(Value::Object(object)), MapKey::Text(name)) => {
                object.get(&**name).map(Val::of)
            }
            (Self::Map(map), key) => map.entries.get(key).map(|item| item.val.clone()),
            _ => None,
        }
    }

    /// The keys of a map, in order.
    pub(super) fn keys(&self) -> Vec<MapKey<'a>> {
        match self {
            Self::Json(Value::Object(object)) => {
                object.keys().map(|name| MapKey::Text(Text::Borrowed(name))).collect()
            }
            Self::Map(map) => map.entries.keys().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// The name of its type, for people.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Timestamp(_) => "timestamp",
            Self::Duration(_) => "duration",
            Self::Json(Value::Array(_)) | Self::List(_) => "list",
            Self::Json(_) | Self::Map(_) => "map",
        }
    }

    /// How many items a list or map has.
    pub(super) fn len(&self) -> Option<usize> {
        match self {
            Self::Json(Value::Array(items)) => Some(items.len()),
            Self::Json(Value::Object(entries)) => Some(entries.len()),
            Self::List(list) => Some(list.items.len()),
            Self::Map(map) => Some(map.entries.len()),
            _ => None,
        }
    }

    pub(super) fn is_list(&self) -> bool {
        matches!(self, Self::List(_) | Self::Json(Value::Array(_)))
    }

    /// The same value as a key of a map, if it can be one.
    pub(super) fn map_key(&self) -> Option<MapKey<'a>> {
        match self {
            Self::Bool(flag) => Some(MapKey::Bool(*flag)),
            Self::Text(text) => Some(MapKey::Text(text.clone())),
            _ => self.whole().map(MapKey::Number),
        }
    }

    /// A whole number of whatever type.
    pub(super) fn whole(&self) -> Option<i128> {
        match self {
            Self::Int(number) => Some(i128::from(*number)),
            Self::Uint(number) => Some(i128::from(*number)),
            // Beyond 2^64 no index or key can lie.
            #[allow(clippy::cast_possible_truncation)]
            Self::Double(number) if number.fract() == 0.0 && number.abs() < 2e19 => {
                Some(*number as i128)
            }
            _ => None,
        }
    }
}

impl<'a> MapKey<'a> {
    pub(super) fn val(&self) -> Val<'a> {
        match self {
            Self::Bool(flag) => Val::Bool(*flag),
            Self::Text(text) => Val::Text(text.clone()),
            Self::Number(number) => match i64::try_from(*number) {
                Ok(number) => Val::Int(number),
                Err(_) => Val::Uint(u64::try_from(*number).unwrap_or(u64::MAX)),
            },
        }
    }

    /// The name in JSON, where every key is a text.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Bool(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.to_string(),
        }
    }
}
