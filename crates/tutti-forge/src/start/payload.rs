//! The payload: what in an event says which run it means, and whether it is news.

use serde_json::Value;
use tutti_core::flow::Trigger;

use crate::store::{self, FlowHead};

/// The values at these places as one key; `None` if one of them is missing.
pub(super) fn joined(paths: &[Vec<String>], payload: &Value) -> Option<String> {
    let values = paths.iter().map(|path| at_path(payload, path));
    values.collect::<Option<Vec<_>>>().map(|values| values.join("|"))
}

/// What the event is about, as a key, and when it happened.
pub(super) fn newest(
    trigger: &Trigger,
    head: &FlowHead,
    payload: &Value,
) -> Option<(String, String)> {
    let by = trigger.newest_by.as_ref()?;
    let about = store::newest_key(&head.project, &head.id, &at_path(payload, &by.key)?);
    Some((about, at_path(payload, &by.at)?))
}

/// When an event happened: where its flow says, else by the time every event of Jira carries.
pub(super) fn happened_at(trigger: &Trigger, payload: &Value) -> Option<String> {
    match &trigger.newest_by {
        Some(by) => at_path(payload, &by.at),
        None => payload.get("timestamp").map(plain),
    }
}

fn at_path(payload: &Value, path: &[String]) -> Option<String> {
    let value = path.iter().try_fold(payload, |value, key| value.get(key.as_str()))?;
    (!value.is_null()).then(|| plain(value))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_delivery_without_its_key_is_incomplete() {
        let paths = [vec!["caseId".to_owned()], vec!["event".to_owned(), "id".to_owned()]];
        let whole = json!({"caseId": "5", "event": {"id": 7}});
        assert_eq!(joined(&paths, &whole).as_deref(), Some("5|7"));
        assert_eq!(joined(&paths, &json!({"caseId": "5"})), None);
        assert_eq!(joined(&paths, &json!({"caseId": "5", "event": {"id": null}})), None);
        assert_eq!(joined(&[], &whole).as_deref(), Some(""), "all events are one");
    }
}
