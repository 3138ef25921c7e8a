//! Whether something is what a story means: some members are enough, and `*` stands for anything.

use serde_json::Value;

/// The first place where something is not what was meant.
#[derive(Debug, Clone, PartialEq)]
pub struct Misfit {
    /// Where, as people write it: `items[0].text`; empty for the whole.
    pub path: String,
    /// What was meant.
    pub wanted: Value,
    /// What is there, if anything.
    pub given: Option<Value>,
}

/// Compares a value with what was meant. Of an object the named members count, of a list all
/// items; a number and a text that is written like it are the same.
///
/// # Errors
/// The first place where they differ.
pub fn fits(wanted: &Value, given: &Value) -> Result<(), Misfit> {
    compare(wanted, Some(given), String::new())
}

fn compare(wanted: &Value, given: Option<&Value>, path: String) -> Result<(), Misfit> {
    let differs =
        |path: String| Err(Misfit { path, wanted: wanted.clone(), given: given.cloned() });
    match (wanted, given) {
        (Value::Object(members), Some(Value::Object(given))) => {
            members.iter().try_for_each(|(name, wanted)| {
                let dot = if path.is_empty() { "" } else { "." };
                compare(wanted, given.get(name), format!("{path}{dot}{name}"))
            })
        }
        (Value::Array(items), Some(Value::Array(given))) if items.len() == given.len() => {
            let pairs = items.iter().zip(given).enumerate();
            pairs.into_iter().try_for_each(|(index, (wanted, given))| {
                compare(wanted, Some(given), format!("{path}[{index}]"))
            })
        }
        (Value::String(pattern), Some(Value::String(text))) if is_like(pattern, text) => Ok(()),
        (Value::String(pattern), Some(Value::Number(number)))
            if is_like(pattern, &number.to_string()) =>
        {
            Ok(())
        }
        (Value::Number(number), Some(Value::String(text))) if *text == number.to_string() => Ok(()),
        (Value::String(anything), Some(given)) if anything == "*" && !given.is_null() => Ok(()),
        (Value::Number(a), Some(Value::Number(b))) if a.as_f64() == b.as_f64() => Ok(()),
        (Value::Null, None) => Ok(()),
        (wanted, Some(given)) if wanted == given => Ok(()),
        _ => differs(path),
    }
}

/// Whether a text is like a pattern, in which each `*` stands for anything, nothing included.
pub fn is_like(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = parts.next_back() else { return rest.is_empty() };
    for part in parts {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_star_stands_for_anything() {
        for (pattern, text) in [
            ("slack.*", "slack.message.post"),
            ("*", ""),
            ("*.post", "slack.message.post"),
            ("s*.m*.post", "slack.message.post"),
            ("**bold**", "**bold**"),
            ("plain", "plain"),
            ("a*a", "aa"),
        ] {
            assert!(is_like(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("slack.*", "gitlab.note.add"), ("plain", "plainer"), ("a*a", "a"), ("a*b*c", "acb")]
        {
            assert!(!is_like(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn some_members_are_enough_and_the_first_misfit_is_told() {
        let given = json!({"id": 5008, "list": [{"text": "Hello ACME"}], "none": null});
        for wanted in [
            json!({}),
            json!({"id": "5008"}),
            json!({"id": 5008.0, "list": [{"text": "*ACME"}]}),
            json!({"id": "*", "list": "*"}),
            json!({"id": "50*"}),
            json!({"none": null, "nowhere": null}),
        ] {
            assert_eq!(fits(&wanted, &given), Ok(()), "{wanted}");
        }
        let path = |wanted| fits(&wanted, &given).unwrap_err().path;
        assert_eq!(path(json!({"list": [{"text": "Hi"}]})), "list[0].text");
        assert_eq!(path(json!({"list": []})), "list");
        assert_eq!(path(json!({"other": 1})), "other");
        assert_eq!(path(json!({"none": "*"})), "none");
        assert_eq!(path(json!({"id": "51*"})), "id");
        assert_eq!(path(json!([])), "");
    }
}
