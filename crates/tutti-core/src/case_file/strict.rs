//! A case file as it stands there: each member of an object once, and nothing that is not read. The
//! chain is made from what was read, and so cannot tell what was read over.

use serde_json::Value;
use serde_json::error::Category;

use super::CaseFileError;
use super::error::in_words;
use crate::pointer::escaped;
use crate::strict::Strict;

/// What a text says.
pub(super) fn read(text: &str) -> Result<Value, CaseFileError> {
    let read = serde_json::from_str(text).map(|Strict(value)| value);
    read.map_err(|error| match error.classify() {
        Category::Data => CaseFileError::written(&in_words(&error)),
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
