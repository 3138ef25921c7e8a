//! Finding our marker in what a probe read.

use serde_json::Value;

use super::substitute::at;

/// The first item whose text at `path` holds the effect key.
pub(super) fn search<'v>(
    value: &'v Value,
    find: Option<&str>,
    path: &str,
    key: &str,
) -> Option<&'v Value> {
    let place = find.map_or(Some(value), |find| at(value, find))?;
    let holds = |item: &&Value| at(item, path).is_some_and(|found| mentions(found, key));
    match place {
        Value::Array(items) => items.iter().find(holds),
        other => Some(other).filter(holds),
    }
}

/// Whether a value is, or any text within it holds, the key as a whole word: `…/note/1` is not
/// `…/note/12`.
pub(super) fn mentions(value: &Value, key: &str) -> bool {
    match value {
        Value::String(text) => text.match_indices(key).any(|(start, _)| {
            let after = text.get(start + key.len()..).and_then(|rest| rest.chars().next());
            !after.is_some_and(|c| c.is_ascii_digit())
        }),
        Value::Array(items) => items.iter().any(|item| mentions(item, key)),
        Value::Object(members) => members.values().any(|item| mentions(item, key)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn finds_the_key_and_no_longer_one() {
        let notes = json!({"notes": [
            {"id": 1, "text": "hello"},
            {"id": 2, "text": "Tutti-Run: tt-a/note/12"},
            {"id": 3, "text": "said\n\nTutti-Run: tt-a/note/1"},
        ]});
        let found = search(&notes, Some("notes"), "text", "tt-a/note/1");
        assert_eq!(found.and_then(|note| note.get("id")), Some(&json!(3)));
        assert_eq!(search(&notes, Some("notes"), "text", "tt-a/note/2"), None);
        assert_eq!(search(&notes, Some("nowhere"), "text", "tt-a/note/1"), None);
    }

    #[test]
    fn the_whole_output_can_be_the_item() {
        let case = json!({"id": "5", "tutti_run": "tt-a/mark/1"});
        assert_eq!(search(&case, None, "tutti_run", "tt-a/mark/1"), Some(&case));
        assert_eq!(search(&json!({"tutti_run": null}), None, "tutti_run", "tt-a/mark/1"), None);
    }
}
