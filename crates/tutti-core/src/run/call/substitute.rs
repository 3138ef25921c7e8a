//! The plain `${path}` templates an operation declares: no expressions, only look-ups.

use std::collections::BTreeMap;

use serde_json::Value;

/// Fills the templates of a call; what is not there is left out.
pub(in crate::run) fn fill(with: &BTreeMap<String, Value>, names: &Value) -> Value {
    let filled = with.iter().map(|(name, value)| (name.clone(), substitute(value, names)));
    Value::Object(filled.filter(|(_, value)| !value.is_null()).collect())
}

/// Replaces `${path}` look-ups; exactly one keeps its type, a missing one is null or empty.
pub(super) fn substitute(template: &Value, names: &Value) -> Value {
    match template {
        Value::String(text) => substitute_text(text, names),
        Value::Array(items) => items.iter().map(|item| substitute(item, names)).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), substitute(value, names))).collect()
        }
        other => other.clone(),
    }
}

fn substitute_text(text: &str, names: &Value) -> Value {
    let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if let Some(path) = whole.filter(|path| !path.contains("${")) {
        return at(names, path).cloned().unwrap_or(Value::Null);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("${") {
        let Some((path, tail)) = tail.split_once('}') else { break };
        out.push_str(head);
        match at(names, path) {
            Some(Value::String(text)) => out.push_str(text),
            Some(other) => out.push_str(&other.to_string()),
            None => {}
        }
        rest = tail;
    }
    out.push_str(rest);
    Value::String(out)
}

/// The value at a dotted path.
pub(super) fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').filter(|key| !key.is_empty()).try_fold(value, |value, key| {
        value.get(key).or_else(|| key.parse::<usize>().ok().and_then(|i| value.get(i)))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn looks_values_up_and_keeps_the_type_of_one() {
        let names = json!({"input": {"n": 42, "list": [{"id": "a"}]}});
        let table = [
            ("${input.n}", json!(42)),
            ("no. ${input.n} of ${input.list.0.id}", json!("no. 42 of a")),
            ("${input.none}", json!(null)),
            ("[${input.none}]", json!("[]")),
            ("${input.n", json!("${input.n")),
            ("half ${input.n", json!("half ${input.n")),
            ("plain", json!("plain")),
        ];
        for (template, expected) in table {
            assert_eq!(substitute(&json!(template), &names), expected, "{template}");
        }
    }
}
