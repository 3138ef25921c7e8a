//! Small forms of text and numbers.

use serde_json::Value;
use tutti_core::failure::Failure;

use crate::scope::{Scope, invalid};
use crate::template::Template;

/// `$lines`: the lines one below the other, without those whose only reference is absent.
pub fn lines(lines: &[Template], scope: &Scope<'_>) -> Result<Value, Failure> {
    let mut texts = Vec::new();
    for line in lines {
        match line.fill(scope)? {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) => texts.push(text),
            Some(Value::Array(_) | Value::Object(_)) => {
                return Err(invalid("a list or an object stands where a line should be"));
            }
            Some(value) => texts.push(value.to_string()),
        }
    }
    Ok(texts.join("\n").into())
}

/// `$next`: the number a versioned resource must be given to become the next version.
pub fn next(value: &Value) -> Result<Value, Failure> {
    let next = value.as_i64().and_then(|number| number.checked_add(1));
    next.map(Value::from).ok_or_else(|| invalid(format!("`{value}` is not a whole number")))
}

/// `$no_quick_actions`: GitLab runs a line that starts with `/` as a command of the author, so
/// text that somebody else wrote could merge or close; an escaped slash only looks like one.
pub fn no_quick_actions(text: &str) -> String {
    let escaped = text.split('\n').map(|line| match line.trim_start() {
        command if command.starts_with('/') => {
            let (indent, command) = line.split_at(line.len() - command.len());
            format!("{indent}\\{command}")
        }
        _ => line.to_owned(),
    });
    escaped.collect::<Vec<_>>().join("\n")
}

/// A `$soql` reference: a quoted literal out of which no text can break.
pub fn soql_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for c in text.chars() {
        match c {
            '\\' | '\'' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            _ => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn counts_on() {
        assert_eq!(next(&json!(14)), Ok(json!(15)));
        assert!(next(&json!("14")).is_err() && next(&json!(i64::MAX)).is_err());
    }

    #[test]
    fn commands_become_text() {
        let text = "Please look.\n/close\n  /assign @eve\na/b";
        let expected = "Please look.\n\\/close\n  \\/assign @eve\na/b";
        assert_eq!(no_quick_actions(text), expected);
    }

    proptest! {
        #[test]
        fn no_text_breaks_out_of_a_literal(text in "[a'\\\\\n]{0,12}|\\PC*") {
            let literal = soql_literal(&text);
            let inner = &literal[1..literal.len() - 1];
            let mut chars = inner.chars();
            while let Some(c) = chars.next() {
                prop_assert!(c != '\'' && c != '\n');
                if c == '\\' {
                    prop_assert!(matches!(chars.next(), Some('\\' | '\'' | 'n' | 'r')));
                }
            }
        }
    }
}
