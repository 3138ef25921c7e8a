//! A reader over a JSON document that collects every problem with its place instead of stopping.

use std::fmt::Display;
use std::ops::RangeInclusive;

use serde_json::Value;

use crate::duration;
use crate::expr::{ExprError, Expression, Template};
use crate::pointer::Pointer;
use crate::problem::{Problem, Severity};

/// A place in the document while it is read.
#[derive(Clone, Copy)]
pub(crate) struct At<'a> {
    pub value: &'a Value,
    pub pointer: Pointer<'a>,
}

/// All problems found so far.
#[derive(Default)]
pub struct Problems(pub Vec<Problem>);

static NULL: Value = Value::Null;

/// The code of a key without a value.
pub(crate) const EMPTY: &str = "empty";
/// The key whose value may be anything, nothing included.
const DATA: &str = "default";

impl<'a> At<'a> {
    pub fn root(value: &'a Value) -> Self {
        Self { value, pointer: Pointer::Root }
    }

    /// The member `key`, or a null with the pointer it would have.
    pub fn get<'b>(&'b self, key: &'b str) -> At<'b> {
        let value = self.value.get(key).unwrap_or(&NULL);
        At { value, pointer: Pointer::Member(&self.pointer, key) }
    }

    /// The same place, with something else there.
    pub fn holding<'b>(&self, value: &'b Value) -> At<'b>
    where
        'a: 'b,
    {
        At { value, pointer: self.pointer }
    }

    pub fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    pub fn is_null(&self) -> bool {
        self.value.is_null()
    }

    /// The members of an object, in the order of their names.
    pub fn members<'b>(&'b self) -> impl Iterator<Item = (&'b str, At<'b>)> {
        self.value.as_object().into_iter().flatten().map(|(name, value)| {
            (name.as_str(), At { value, pointer: Pointer::Member(&self.pointer, name) })
        })
    }

    /// The items of a list.
    pub fn items<'b>(&'b self) -> impl Iterator<Item = At<'b>> {
        let items = self.value.as_array().into_iter().flatten().enumerate();
        items.map(|(index, value)| At { value, pointer: Pointer::Item(&self.pointer, index) })
    }
}

impl Problems {
    pub fn error(&mut self, at: &At, code: &str, message: impl Into<String>, hint: &str) {
        self.0.push(Problem::error(code, at.pointer.text(), message).hint(hint));
    }

    /// Something to look at that keeps nothing from running.
    pub fn warning(&mut self, at: &At, code: &str, message: impl Into<String>, hint: &str) {
        self.warning_at(at.pointer.text(), code, message, hint);
    }

    /// The same at a place that was read before.
    pub fn warning_at(
        &mut self,
        at: impl Into<String>,
        code: &str,
        message: impl Into<String>,
        hint: &str,
    ) {
        let problem = Problem::error(code, at, message).hint(hint);
        self.0.push(Problem { severity: Severity::Warning, ..problem });
    }

    /// Says that a key was written and its value was not: nobody means its absence by that.
    pub fn not_empty(&mut self, key: &str, at: &At) {
        if at.is_null() {
            let message = format!("`{key}` is empty");
            self.error(at, EMPTY, message, "write a value, or leave the key out");
        }
    }

    /// Names keys that mean nothing here, with the nearest one that does, and keys without a value.
    pub fn only(&mut self, at: &At, known: &[&str]) -> bool {
        let given = at.value.as_object().into_iter().flat_map(|object| object.keys());
        for key in given.filter(|key| known.contains(&key.as_str()) && *key != DATA) {
            self.not_empty(key, &at.get(key));
        }
        self.among(at, known)
    }

    /// Names keys that mean nothing here; the value of one that does may be anything.
    pub fn among(&mut self, at: &At, known: &[&str]) -> bool {
        let Some(object) = at.value.as_object() else {
            let hint = "write `name: value` on lines of their own";
            self.error(at, "wrong_type", "names with their values are needed here", hint);
            return false;
        };
        for key in object.keys().filter(|key| !known.contains(&key.as_str())) {
            let message = format!("`{key}` means nothing here");
            self.error(&at.get(key), "unknown_key", message, &nearest(key, known));
        }
        true
    }

    /// The items of a list; nothing at all is an empty one.
    pub fn list<'b>(&mut self, at: &'b At<'b>) -> impl Iterator<Item = At<'b>> + use<'b> {
        if !at.value.is_array() && !at.is_null() {
            self.error(at, "wrong_type", "a list is needed here", "begin each item with a dash");
        }
        at.items()
    }

    /// The members of an object; nothing at all is an empty one.
    pub fn object<'b>(
        &mut self,
        at: &'b At<'b>,
    ) -> impl Iterator<Item = (&'b str, At<'b>)> + use<'b> {
        if !at.value.is_object() && !at.is_null() {
            let hint = "write `name: value` on lines of their own";
            self.error(at, "wrong_type", "names with their values are needed here", hint);
        }
        at.members()
    }

    /// The one of these keys that is there.
    pub fn one_of<'k>(
        &mut self,
        at: &At,
        keys: &[&'k str],
        code: &str,
        message: impl Display,
    ) -> Option<&'k str> {
        let members = at.value.as_object().into_iter().flatten();
        let mut given = members.filter_map(|(name, _)| keys.iter().find(|key| *key == name));
        let (one, another) = (given.next(), given.next());
        if let (Some(key), None) = (one, another) {
            return Some(key);
        }
        let message = match one {
            Some(_) => "only one of these can be meant".to_owned(),
            None => message.to_string(),
        };
        self.error(at, code, message, &format!("give exactly one of {}", keys.join(", ")));
        None
    }

    /// A text that may be left out.
    pub fn word(&mut self, at: &At) -> Option<String> {
        if at.is_null() { None } else { self.text(at) }
    }

    /// True or false; false if left out.
    pub fn flag(&mut self, at: &At) -> bool {
        if !at.value.is_boolean() && !at.is_null() {
            self.error(at, "wrong_type", "true or false is needed here", "without quotes");
        }
        at.value.as_bool().unwrap_or(false)
    }

    pub fn text(&mut self, at: &At) -> Option<String> {
        match at.value {
            Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
            Value::Null => {
                let pointer = at.pointer.text();
                let name = pointer.rsplit('/').next().unwrap_or_default();
                let hint = format!("add `{name}: …`");
                self.error(at, "missing", "a text is missing here", &hint);
                None
            }
            _ => {
                self.error(at, "wrong_type", "a text is needed here", "put it in quotes");
                None
            }
        }
    }

    pub fn texts(&mut self, at: &At) -> Vec<String> {
        if at.value.is_string() {
            return self.text(at).into_iter().collect();
        }
        self.list(at).filter_map(|item| self.text(&item)).collect()
    }

    pub fn duration(&mut self, at: &At) -> Option<i64> {
        if at.is_null() {
            return None;
        }
        let text = at.value.as_str().unwrap_or_default();
        let ms = duration::parse_ms(text);
        if ms.is_none() && duration::is_too_long(text) {
            let message = "this is longer than 366 days";
            self.error(at, "bad_duration", message, "366d is the most");
        } else if ms.is_none() {
            self.error(at, "bad_duration", "this is no length of time", "write 90s, 5m, 2h or 1d");
        }
        ms
    }

    pub fn number(&mut self, at: &At) -> Option<f64> {
        let number = at.value.as_f64().filter(|n| *n >= 0.0);
        if number.is_none() && !at.is_null() {
            let hint = "for example 2, without quotes";
            self.error(at, "wrong_type", "a number of at least 0 is needed here", hint);
        }
        number
    }

    /// A whole number within bounds.
    pub fn count(&mut self, at: &At, bounds: RangeInclusive<usize>) -> Option<usize> {
        let given = at.value.as_u64().and_then(|n| usize::try_from(n).ok());
        let fits = given.filter(|n| bounds.contains(n));
        if fits.is_none() && !at.is_null() {
            let message =
                format!("a whole number from {} to {} is needed", bounds.start(), bounds.end());
            self.error(at, "out_of_bounds", message, "");
        }
        fits
    }

    pub fn expression(&mut self, at: &At) -> Option<Expression> {
        let source = self.text(at)?;
        let inner = source.trim();
        let inner = inner.strip_prefix("${").and_then(|s| s.strip_suffix('}')).unwrap_or(inner);
        Expression::parse(inner)
            .map_err(|error| self.bad_expression(at.pointer.text(), &error))
            .ok()
    }

    pub fn template(&mut self, at: &At) -> Option<Template> {
        Template::parse(at.value)
            .map_err(|errors| {
                for (below, error) in errors {
                    self.bad_expression(at.pointer.text() + &below, &error);
                }
            })
            .ok()
    }

    pub fn bad_expression(&mut self, pointer: String, error: &ExprError) {
        let message = error.to_string();
        let hint = error.hint.as_deref().unwrap_or("write it like `case.priority == \"High\"`");
        self.0.push(Problem::error("bad_expression", pointer, message).hint(hint));
    }
}

/// The most known words a hint lists.
const LISTED_MAX: usize = 16;

/// "did you mean …", if one of the known words is near enough, else the list of them, or of the
/// nearest.
pub fn nearest(word: &str, known: &[&str]) -> String {
    let mut by_distance: Vec<_> = known.iter().map(|k| (distance(word, k), *k)).collect();
    by_distance.sort_unstable();
    match by_distance.first() {
        None => "nothing can be named here".to_owned(),
        Some((d, near)) if *d <= 1 + near.len() / 4 => format!("did you mean `{near}`?"),
        _ if known.len() <= LISTED_MAX => format!("possible here: {}", known.join(", ")),
        _ => {
            let near: Vec<_> = by_distance.iter().take(LISTED_MAX).map(|(_, k)| *k).collect();
            format!("possible here, among others: {}", near.join(", "))
        }
    }
}

/// Levenshtein distance over the bytes of two short words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate().take(64) {
        let mut corner = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            left = (above + 1).min(left + 1).min(corner + usize::from(x != y));
            corner = above;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proposes_the_word_that_was_meant() {
        assert_eq!(nearest("swich", &["switch", "call"]), "did you mean `switch`?");
        assert_eq!(nearest("zzz", &["switch", "call"]), "possible here: switch, call");
        let many: Vec<String> = (0..20).map(|n| format!("operation{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(nearest("zzz", &many).starts_with("possible here, among others: operation"));
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
