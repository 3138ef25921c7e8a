//! Values during an evaluation: borrowed from facts wherever possible, each with its tag.

use std::cell::OnceCell;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Deref;
use std::rc::Rc;

use serde_json::{Number, Value};

use super::error::{ErrorCode, ExprError};
use super::meter::{ITEM, Meter};
use super::place::{Place, Step};
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
    /// The labels of all items, once somebody has asked.
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

/// A value and what is known about it.
#[derive(Debug, Clone)]
pub(super) struct Item<'a> {
    pub(super) val: Val<'a>,
    /// Without a place: all labels of a scalar; of a list or map those of its shape, as its items
    /// have their own. With a place: what choosing that place depended on.
    tag: Tag<'a>,
    /// Where in a fact a list or an object lies.
    place: Option<Place<'a>>,
}

/// How looking into a value can fail to find something.
#[derive(Debug)]
pub(super) enum Lookup<'a> {
    Found(Item<'a>),
    /// Nothing there: the path if it is in a fact, and the labels of not being there.
    Missing(Option<String>, Tag<'a>),
    /// Nothing there, and the expression itself made what was looked into.
    Mistake,
    /// Such a value holds nothing.
    NoOverload,
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

/// All labels of all these.
pub(super) fn join<'a, 'i>(items: impl Iterator<Item = &'i Item<'a>>) -> Tag<'a>
where
    'a: 'i,
{
    items.fold(Tag::default(), |tag, item| tag.joined(&item.tag()))
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
    fn name(&self) -> String {
        match self {
            Self::Bool(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.to_string(),
        }
    }
}

impl<'a> Item<'a> {
    /// A scalar with all its labels, or a list or map with those of its shape.
    pub(super) fn new(val: Val<'a>, tag: Tag<'a>) -> Self {
        Self { val, tag, place: None }
    }

    pub(super) fn literal(val: Val<'a>) -> Self {
        Self::new(val, Tag::default())
    }

    /// A value read at a place of a fact, chosen in dependence of `chosen`.
    pub(super) fn read(value: &'a Value, place: Place<'a>, chosen: &Tag<'a>) -> Self {
        let val = Val::of(value);
        if matches!(val, Val::Json(_)) {
            return Self { val, tag: chosen.clone(), place: Some(place) };
        }
        let tag = place.tag();
        Self::new(val, if chosen.is_empty() { tag } else { tag.joined(chosen).derived() })
    }

    /// All labels of the value and of everything in it.
    pub(super) fn tag(&self) -> Tag<'a> {
        let tag = self.tag.clone();
        match (&self.place, &self.val) {
            (Some(place), _) if tag.is_empty() => place.tag(),
            (Some(place), _) => tag.joined(&place.tag()).derived(),
            (None, Val::List(list)) => {
                tag.joined(list.tag.get_or_init(|| join(list.items.iter()))).derived()
            }
            (None, Val::Map(map)) => {
                tag.joined(map.tag.get_or_init(|| join(map.entries.values()))).derived()
            }
            (None, _) => tag,
        }
    }

    /// The labels of its shape: how many items it has and under which keys.
    pub(super) fn shape_tag(&self) -> Tag<'a> {
        match &self.place {
            Some(place) => self.tag.clone().joined(&place.own_tag()),
            None => self.tag.clone(),
        }
    }

    /// Whether what is not in it is missing rather than a mistake.
    pub(super) fn is_open(&self) -> bool {
        match &self.val {
            Val::List(list) => list.open,
            Val::Map(map) => map.open,
            // JSON that lies nowhere was written in the expression.
            _ => self.place.is_some(),
        }
    }

    /// The value, now that something else has chosen it.
    pub(super) fn chosen(mut self, by: &Tag<'a>) -> Self {
        if !by.is_empty() {
            self.tag = self.tag.joined(by).derived();
        }
        self
    }

    /// The value with one more kind of origin.
    pub(super) fn marked(mut self, by: Tag<'a>) -> Self {
        self.tag = self.tag.derived().joined(&by);
        self
    }

    /// What lies under a computed key or index.
    pub(super) fn lookup(&self, key: &Val<'a>) -> Lookup<'a> {
        match &self.val {
            Val::Json(Value::Array(_)) | Val::List(_) => match key.whole().map(usize::try_from) {
                Some(Ok(index)) => self.step(Step::Index(index)),
                Some(Err(_)) => self.nothing(None),
                None => Lookup::NoOverload,
            },
            Val::Json(value) => match key {
                Val::Text(Text::Borrowed(name)) => self.step(Step::Name(name)),
                Val::Text(Text::Made(name)) => {
                    // The name in the fact lives long enough, the computed one does not.
                    let entry = value.as_object().and_then(|object| object.get_key_value(&**name));
                    match entry {
                        Some((name, _)) => self.step(Step::Name(name)),
                        None => self.nothing(Some(format!("[{name:?}]"))),
                    }
                }
                _ if key.map_key().is_some() => self.nothing(None),
                _ => Lookup::NoOverload,
            },
            Val::Map(map) => match key.map_key() {
                Some(key) => self.entry(map.entries.get(&key)),
                None if matches!(key, Val::Double(_)) => self.nothing(None),
                None => Lookup::NoOverload,
            },
            _ => Lookup::NoOverload,
        }
    }

    /// The member with this name.
    pub(super) fn member(&self, name: &'a str) -> Lookup<'a> {
        match &self.val {
            Val::Json(Value::Object(_)) => self.step(Step::Name(name)),
            Val::Map(map) => self.entry(map.entries.get(&MapKey::Text(Text::Borrowed(name)))),
            _ => Lookup::NoOverload,
        }
    }

    /// The same, but `null` with the labels of its absence where nothing is.
    pub(super) fn found_or_null(&self, key: &Val<'a>) -> Item<'a> {
        match self.lookup(key) {
            Lookup::Found(item) => item,
            Lookup::Missing(_, tag) => Item::new(Val::Null, tag),
            Lookup::Mistake | Lookup::NoOverload => Item::literal(Val::Null),
        }
    }

    /// The item with this number.
    pub(super) fn at(&self, index: usize) -> Lookup<'a> {
        self.step(Step::Index(index))
    }

    fn step(&self, step: Step<'a>) -> Lookup<'a> {
        match (&self.val, step) {
            (Val::List(list), Step::Index(index)) => self.entry(list.items.get(index)),
            (Val::Json(value), _) => match (step.of(value), &self.place) {
                (Some(Value::Null) | None, Some(place)) => {
                    let place = place.below(step);
                    let tag = self.tag.clone().joined(&place.tag());
                    Lookup::Missing(Some(place.text()), tag.absent())
                }
                (Some(value @ (Value::Array(_) | Value::Object(_))), Some(place)) => {
                    Lookup::Found(Item {
                        val: Val::Json(value),
                        tag: self.tag.clone(),
                        place: Some(place.below(step)),
                    })
                }
                (Some(value), Some(place)) => {
                    Lookup::Found(Item::read(value, place.below(step), &self.tag))
                }
                (Some(Value::Null) | None, None) => self.nothing(None),
                (Some(value), None) => Lookup::Found(Item::new(Val::of(value), self.tag.clone())),
            },
            _ => Lookup::NoOverload,
        }
    }

    fn entry(&self, entry: Option<&Item<'a>>) -> Lookup<'a> {
        match entry {
            Some(item) if !(self.is_open() && matches!(item.val, Val::Null)) => {
                Lookup::Found(item.clone().chosen(&self.tag))
            }
            _ => self.nothing(None),
        }
    }

    fn nothing(&self, key: Option<String>) -> Lookup<'a> {
        if !self.is_open() {
            return Lookup::Mistake;
        }
        let text = self.place.as_ref().zip(key).map(|(place, key)| place.text() + &key);
        Lookup::Missing(text, self.shape_tag().absent())
    }
}

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
            .ok_or_else(|| ExprError::new(ErrorCode::NotJson, format!("JSON has no {number}")))?,
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
                    let message = format!("two keys are both {:?} in JSON", key.name());
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
