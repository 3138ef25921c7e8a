//! What if a fact were another: the answer that brought it, changed in one place.

use serde_json::{Map, Value};

use super::CaseFileError;
use crate::event::{Event, Reply, Said};
use crate::excerpt::Excerpt;
use crate::flow::nearest;

/// What to do about a part that is not there.
const AS_IT_IS: &str = "name a part of the fact as it is";

/// How many of the values that a fact had are told.
const READINGS_MAX: usize = 3;

/// A fact changed in one place.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// As it was given: `case.priority`, `known.issues[0].key`.
    pub path: String,
    /// The fact.
    pub fact: String,
    /// The keys below it.
    keys: Vec<String>,
    /// What it would be.
    pub value: Value,
}

impl Change {
    pub fn new(path: &str, value: Value) -> Self {
        let dotted = path.replace('[', ".").replace(']', "");
        let mut keys = dotted.split('.').map(str::to_owned);
        let fact = keys.next().unwrap_or_default();
        Self { path: path.to_owned(), fact, keys: keys.collect(), value }
    }

    /// Whether it is about the same place as another.
    pub fn is_about(&self, other: &Self) -> bool {
        self.fact == other.fact && self.keys == other.keys
    }

    /// Whether it changes this field of a decision.
    pub fn touches(&self, decision: &str, field: &str) -> bool {
        self.fact == decision && self.keys.first().is_none_or(|key| key == field)
    }

    /// What it is and was, where the fact was read several times, in one sentence.
    pub fn told(&self, readings: &[&Value], all: usize) -> String {
        let mut was: Vec<String> = Vec::new();
        for reading in readings.iter().filter(|reading| ***reading != self.value) {
            let reading = reading.to_string();
            if !was.contains(&reading) {
                was.push(reading);
            }
        }
        let more = was.len().saturating_sub(READINGS_MAX);
        was.truncate(READINGS_MAX);
        if more > 0 {
            was.push(format!("{more} others"));
        }
        let was = match was.as_slice() {
            [] => "as it was".to_owned(),
            [one] => format!("not {one}"),
            [most @ .., last] => format!("not {} or {last}", most.join(", ")),
        };
        let changed = readings.len();
        let part =
            if changed < all { format!(" in {changed} of {all} readings") } else { String::new() };
        format!("`{}` is {}{part}, {was}", self.path, self.value)
    }

    /// What stands there now.
    pub fn before<'v>(&self, fact: &'v Value) -> &'v Value {
        let mut place = fact;
        for key in &self.keys {
            let index = || key.parse::<usize>().ok().and_then(|index| place.get(index));
            place = place.get(key).or_else(index).unwrap_or(&Value::Null);
        }
        place
    }

    /// Whether a fact has such a part; all may be within what is not known.
    pub fn stands_in(&self, fact: &Value) -> Result<(), CaseFileError> {
        let mut place = fact;
        for key in &self.keys {
            let found = match place {
                Value::Null => return Ok(()),
                Value::Array(items) => key.parse().ok().and_then(|index: usize| items.get(index)),
                other => other.get(key),
            };
            place = found.ok_or_else(|| {
                let known: Vec<&str> = place
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.as_str())
                    .collect();
                match known.is_empty() {
                    true => self.no_such_part(AS_IT_IS),
                    false => self.no_such_part(&nearest(key, &known)),
                }
            })?;
        }
        Ok(())
    }

    fn no_such_part(&self, hint: &str) -> CaseFileError {
        CaseFileError::new("no_such_part", format!("there is no `{}`", self.path), hint)
    }

    /// Changes the event that brought the fact.
    pub fn apply(&self, event: &mut Event) -> Result<(), CaseFileError> {
        match event {
            Event::Started { trigger, .. } => self.put(trigger),
            Event::Answered { result: Reply::Ok(value), .. } => {
                let text = value.get("text").and_then(Value::as_str);
                match text.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
                    // A model's answer: the decision is what its text says.
                    Some(mut answer) if value.get("model").is_some() => {
                        self.put(&mut answer)?;
                        if let Some(text) = value.get_mut("text") {
                            *text = answer.to_string().into();
                        }
                        Ok(())
                    }
                    _ => self.put(value),
                }
            }
            Event::Answered { result: Reply::Excerpt(excerpt), .. } => {
                self.put(&mut excerpt.value)?;
                let Excerpt { value, left_out } = excerpt;
                left_out.retain(|part| value.pointer(&part.at).is_some_and(Value::is_null));
                Ok(())
            }
            Event::Said { answer: Said::Answer { answer, .. }, .. } => {
                let mut changed = Value::Object(std::mem::take(answer));
                self.put(&mut changed)?;
                if let Value::Object(fields) = changed {
                    *answer = fields;
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn put(&self, value: &mut Value) -> Result<(), CaseFileError> {
        let mut place = value;
        for key in &self.keys {
            if place.is_null() {
                *place = Value::Object(Map::new());
            }
            let found = match place {
                Value::Object(members) => Some(members.entry(key.as_str()).or_insert(Value::Null)),
                Value::Array(items) => {
                    key.parse().ok().and_then(|index: usize| items.get_mut(index))
                }
                _ => None,
            };
            place = found.ok_or_else(|| self.no_such_part(AS_IT_IS))?;
        }
        place.clone_from(&self.value);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(path: &str, value: Value) -> Result<Value, &'static str> {
        let mut fact = json!({"tier": "gold", "items": [{"key": "A-1"}], "none": null});
        let change = Change::new(path, value);
        change
            .stands_in(&fact)
            .and_then(|()| change.put(&mut fact))
            .map(|()| fact)
            .map_err(|error| error.code)
    }

    #[test]
    fn a_part_is_changed_made_or_not_there() {
        let table = [
            ("f.tier", Ok(json!({"tier": 1, "items": [{"key": "A-1"}], "none": null}))),
            ("f.items[0].key", Ok(json!({"tier": "gold", "items": [{"key": 1}], "none": null}))),
            ("f.items.0", Ok(json!({"tier": "gold", "items": [1], "none": null}))),
            (
                "f.none.below",
                Ok(json!({"tier": "gold", "items": [{"key": "A-1"}], "none": {"below": 1}})),
            ),
            ("f", Ok(json!(1))),
            ("f.items[1].key", Err("no_such_part")),
            ("f.tier.below", Err("no_such_part")),
            ("f.teir", Err("no_such_part")),
            ("f.items[0].kye", Err("no_such_part")),
        ];
        for (path, expected) in table {
            assert_eq!(changed(path, json!(1)), expected, "{path}");
        }
    }
}
