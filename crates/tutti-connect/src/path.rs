//! A path: the way from a name to a value inside it, `response.records[0].Owner.Email`.

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde_json::Value;

/// A parsed path; its first step is a name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Path {
    root: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Name(String),
    Index(usize),
}

/// Why a text is no path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no path; expected something like `input.issue` or `response.items[0].id`")]
pub struct NoPath(String);

impl Path {
    /// The first name.
    pub fn root(&self) -> &str {
        &self.root
    }

    /// The second name, if the path goes into its root by name.
    pub fn field(&self) -> Option<&str> {
        match self.steps.first() {
            Some(Step::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// Follows the path from the value its root stands for.
    pub fn within<'v>(&self, root: &'v Value) -> Option<&'v Value> {
        self.steps.iter().try_fold(root, |value, step| match step {
            Step::Name(name) => value.get(name),
            Step::Index(index) => value.get(index),
        })
    }

    /// Follows the path from an object that holds its root.
    pub fn find<'v>(&self, object: &'v Value) -> Option<&'v Value> {
        object.get(&self.root).and_then(|root| self.within(root))
    }
}

impl FromStr for Path {
    type Err = NoPath;

    fn from_str(text: &str) -> Result<Self, NoPath> {
        let wrong = || NoPath(text.to_owned());
        let mut names = text.split('.');
        let (root, indexes) =
            name_and_indexes(names.next().unwrap_or_default()).ok_or_else(wrong)?;
        let mut steps = indexes;
        for part in names {
            let (name, indexes) = name_and_indexes(part).ok_or_else(wrong)?;
            steps.push(Step::Name(name));
            steps.extend(indexes);
        }
        Ok(Self { root, steps })
    }
}

/// Splits `items[0][1]` into its name and its indexes.
fn name_and_indexes(part: &str) -> Option<(String, Vec<Step>)> {
    let (name, mut rest) = part.split_at(part.find('[').unwrap_or(part.len()));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    if name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    let mut indexes = Vec::new();
    while let Some(inner) = rest.strip_prefix('[') {
        let (index, after) = inner.split_once(']')?;
        indexes.push(Step::Index(index.parse().ok()?));
        rest = after;
    }
    rest.is_empty().then(|| (name.to_owned(), indexes))
}

impl TryFrom<String> for Path {
    type Error = NoPath;

    fn try_from(text: String) -> Result<Self, NoPath> {
        text.parse()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.root)?;
        self.steps.iter().try_for_each(|step| match step {
            Step::Name(name) => write!(f, ".{name}"),
            Step::Index(index) => write!(f, "[{index}]"),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn follows_names_and_indexes() {
        let value = json!({ "response": [{ "a": { "b-c": [1, [2, 3]] } }] });
        let path: Path = "response[0].a.b-c[1][0]".parse().unwrap();
        assert_eq!(path.find(&value), Some(&json!(2)));
        assert_eq!(path.to_string(), "response[0].a.b-c[1][0]");
        assert_eq!((path.root(), path.field()), ("response", None));
        assert_eq!("response.a".parse::<Path>().unwrap().find(&value), None);
    }

    #[test]
    fn refuses_what_is_no_path() {
        for text in ["", ".a", "a.", "a..b", "a[", "a[x]", "a[0", "a[0]b", "a b", "a[-1]", "${a}"] {
            assert!(text.parse::<Path>().is_err(), "{text}");
        }
    }
}
