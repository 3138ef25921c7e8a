//! The words of a fault: places as people write them, values as they were given.

use serde_json::Value;

use super::parse::step;

/// Longer values are cut; whoever wrote them knows them.
const SHOWN_CHARS: usize = 60;
/// Of more values than these only the first are named.
const SHOWN_VALUES: usize = 50;

/// Where in the value we are.
pub enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'a str),
    Item(&'a Place<'a>, usize),
}

impl Place<'_> {
    /// The place as a JSON pointer.
    pub fn pointer(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(parent, name) => step(&parent.pointer(), name),
            Place::Item(parent, index) => format!("{}/{index}", parent.pointer()),
        }
    }

    /// The place as people write it: `items[0].key`.
    fn path(&self) -> String {
        match self {
            Place::Root => String::new(),
            Place::Member(Place::Root, name) => (*name).to_owned(),
            Place::Member(parent, name) => format!("{}.{name}", parent.path()),
            Place::Item(parent, index) => format!("{}[{index}]", parent.path()),
        }
    }

    /// The place in a sentence.
    pub fn words(&self) -> String {
        match self {
            Place::Root => "the value".to_owned(),
            place => format!("`{}`", place.path()),
        }
    }
}

/// `` `count` must be an integer, not `many` ``.
pub fn must_be(place: &Place<'_>, what: &str, value: &Value) -> String {
    format!("{} must be {what}, not {}", place.words(), shown(value))
}

/// `one of S1, S2, S3`.
pub fn one_of(values: &[Value]) -> String {
    let named: Vec<String> = values.iter().take(SHOWN_VALUES).map(plain).collect();
    let more = if values.len() > SHOWN_VALUES { ", …" } else { "" };
    format!("one of {}{more}", named.join(", "))
}

/// A value within a sentence, set off and cut.
pub fn shown(value: &Value) -> String {
    format!("`{}`", plain(value))
}

/// A value as it is written, a text without its quotes. It never has more than one line.
fn plain(value: &Value) -> String {
    let text = match value {
        Value::String(text) if !text.is_empty() => text.replace(char::is_control, " "),
        other => other.to_string(),
    };
    match text.char_indices().nth(SHOWN_CHARS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// `a string`, `a string or null`, `a string, a list or null`.
pub fn either(mut names: Vec<&str>) -> String {
    match names.pop() {
        Some(last) if names.is_empty() => last.to_owned(),
        Some(last) => format!("{} or {last}", names.join(", ")),
        None => "nothing".to_owned(),
    }
}
