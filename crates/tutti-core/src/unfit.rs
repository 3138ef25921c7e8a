//! What serde says of a value that does not fit, in the words of our own checks.

use crate::flow::nearest;

/// Why a value does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// The member that means nothing there, if it is one.
    pub unknown: Option<String>,
}

impl Unfit {
    /// Reads what serde says; words of our own stay as they are, behind a `;` the hint.
    pub fn of(said: &str) -> Self {
        let mut words = said.split('`').skip(1).step_by(2);
        match words.next() {
            Some(word) if said.starts_with("unknown ") => {
                let known: Vec<&str> = words.collect();
                Self {
                    message: format!("`{word}` means nothing here"),
                    hint: nearest(word, &known),
                    unknown: said.starts_with("unknown field").then(|| word.to_owned()),
                }
            }
            Some(word) if said.starts_with("missing field") => {
                Self::new(format!("`{word}` is missing here"), format!("add `{word}: …`"))
            }
            Some(word) if said.starts_with("duplicate field") => {
                Self::new(format!("`{word}` stands here twice"), "name it once".to_owned())
            }
            _ if said.starts_with("data did not match any variant") => {
                Self::new("this is nothing that can stand here".to_owned(), String::new())
            }
            _ => Self::other(said),
        }
    }

    fn new(message: String, hint: String) -> Self {
        Self { message, hint, unknown: None }
    }

    fn other(said: &str) -> Self {
        let (told, hint) = said.split_once("; ").unwrap_or((said, ""));
        let wrong = ["invalid type: ", "invalid value: "];
        let other = wrong.iter().find_map(|wrong| told.strip_prefix(wrong));
        let other = other.and_then(|told| told.split_once(", expected "));
        let message = other
            .map(|(is, needed)| format!("{} is needed here, not {}", wanted(needed), given(is)));
        Self::new(message.unwrap_or_else(|| told.to_owned()), hint.to_owned())
    }
}

/// What serde wants, in words.
fn wanted(needed: &str) -> &str {
    match needed {
        "a sequence" => "a list",
        "a map" => "an object",
        "a string" => "a text",
        "a boolean" => "true or false",
        "newtype variant" => "an object with one key",
        "unit" => "a word alone",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number of at least 0",
        "i64" => "a whole number",
        "f64" => "a number",
        other if other.starts_with("struct ") => "an object",
        other if other.starts_with("variant ") => "a word",
        other => other,
    }
}

/// What serde was given, in words.
fn given(is: &str) -> &str {
    match is {
        "sequence" => "a list",
        "map" => "an object",
        "null" | "unit value" => "nothing",
        "unit variant" => "a word alone",
        // ``integer `5` ``, `string "none"`.
        other => match ["integer ", "floating point ", "boolean ", "string "]
            .iter()
            .find_map(|kind| other.strip_prefix(kind))
        {
            Some(value) => value,
            None => other,
        },
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::{Value, json};

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only what does not fit is looked at")]
    struct Shop {
        name: String,
        #[serde(default)]
        floors: u16,
        #[serde(default)]
        open: Option<bool>,
        #[serde(default)]
        kind: Kind,
        #[serde(default)]
        till: Option<Till>,
    }

    #[derive(Debug, Default, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        #[default]
        Bakery,
        Bank,
    }

    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    #[expect(dead_code, reason = "only what does not fit is looked at")]
    enum Till {
        Number(u16),
        Named { name: String },
    }

    #[test]
    fn no_word_of_the_library_is_left() {
        let told = |shop: Value| {
            let error = serde_json::from_value::<Shop>(shop).unwrap_err();
            let Unfit { message, hint, .. } = Unfit::of(&error.to_string());
            format!("{message} [{hint}]")
        };
        let table = [
            (json!({}), "`name` is missing here [add `name: …`]"),
            (json!({"name": "x", "nmae": 1}), "`nmae` means nothing here [did you mean `name`?]"),
            (json!({"name": ["x"]}), "a text is needed here, not a list []"),
            (json!({"name": null}), "a text is needed here, not nothing []"),
            (json!("x"), "an object is needed here, not \"x\" []"),
            (
                json!({"name": "x", "floors": 70_000}),
                "a whole number from 0 to 65535 is needed here, not `70000` []",
            ),
            (json!({"name": "x", "open": "yes"}), "true or false is needed here, not \"yes\" []"),
            (
                json!({"name": "x", "kind": "bnak"}),
                "`bnak` means nothing here [did you mean `bank`?]",
            ),
            (json!({"name": "x", "till": true}), "this is nothing that can stand here []"),
        ];
        for (shop, expected) in table {
            assert_eq!(told(shop.clone()), expected, "{shop}");
        }
    }
}
