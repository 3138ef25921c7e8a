//! Items: values with their labels, and how one looks into them.

use serde_json::Value;

use super::error::quoted;
use super::place::{Place, Step};
use super::tag::Tag;
use super::value::{MapKey, Text, Val};

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

/// All labels of all these.
pub(super) fn join<'a, 'i>(items: impl Iterator<Item = &'i Item<'a>>) -> Tag<'a>
where
    'a: 'i,
{
    items.fold(Tag::default(), |tag, item| tag.joined(&item.tag()))
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
            (None, Val::List(list)) => tag.joined(list.tag()).derived(),
            (None, Val::Map(map)) => tag.joined(map.tag()).derived(),
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

    /// The labels of the names of its members. Where others wrote texts of a fact they may have chosen
    /// its names as well.
    pub(super) fn keys_tag(&self) -> Tag<'a> {
        let shape = self.shape_tag();
        match &self.place {
            Some(place) if place.has_foreign_words() => shape.tainted(),
            _ => shape,
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
                        None => self.nothing(Some(format!("[{}]", quoted(name)))),
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
