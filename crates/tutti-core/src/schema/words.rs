//! The words of a fault: places as people write them, values as they were given.

use serde_json::Value;

use crate::pointer::Pointer;

/// Longer values are cut; whoever wrote them knows them.
const SHOWN_CHARS: usize = 60;
/// Of more values than these only the first are named.
const SHOWN_VALUES: usize = 50;

impl Pointer<'_> {
    /// The place as people write it: `items[0].key`.
    fn path(&self) -> String {
        match self {
            Self::Root => String::new(),
            Self::Member(Self::Root, name) => (*name).to_owned(),
            Self::Member(parent, name) => format!("{}.{name}", parent.path()),
            Self::Item(parent, index) => format!("{}[{index}]", parent.path()),
        }
    }

    /// The place in a sentence.
    pub fn words(&self) -> String {
        match self {
            Self::Root => "the value".to_owned(),
            place => format!("`{}`", place.path()),
        }
    }
}

/// `` `count` must be an integer, not `many` ``.
pub fn must_be(place: &Pointer<'_>, what: &str, value: &Value) -> String {
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
