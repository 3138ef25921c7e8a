//! Values and places as differences tell them.

use serde_json::Value;

/// The most characters of a value that are shown.
const SHOWN_MAX: usize = 80;

/// A value for people: texts in quotes, the rest as JSON, long ones cut.
pub(super) fn shown(value: &Value) -> String {
    let (text, open, close) = match value {
        Value::String(text) => (text.split_whitespace().collect::<Vec<_>>().join(" "), "“", "”"),
        other => (other.to_string(), "", ""),
    };
    let cut = text.chars().count() > SHOWN_MAX;
    let kept: String = text.chars().take(SHOWN_MAX).collect();
    format!("{open}{kept}{}{close}", if cut { "…" } else { "" })
}
