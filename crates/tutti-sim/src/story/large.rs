//! A large part of an answer: a story names it and its size, and not each of its words.

use serde_json::{Map, Value};

use super::{Answer, Size};

impl Answer {
    /// What comes back, its large parts as large as they shall be.
    pub fn given(&self) -> Value {
        let mut given = self.gives.clone().unwrap_or_else(|| Map::new().into());
        for (path, size) in &self.large {
            if let Some(part) = given.pointer_mut(&pointer(path)) {
                enlarge(part, *size);
            }
        }
        given
    }

    /// The first part that shall be large and is nothing that can be.
    pub fn not_large(&self) -> Option<&str> {
        let gives = self.gives.as_ref();
        let can_be = |path: &String| match gives.and_then(|given| given.pointer(&pointer(path))) {
            Some(Value::String(text)) => !text.is_empty(),
            Some(Value::Array(items)) => !items.is_empty(),
            _ => false,
        };
        self.large.keys().find(|path| !can_be(path)).map(String::as_str)
    }
}

/// Says a text, or lists the items of a list, again and again.
fn enlarge(part: &mut Value, Size(bytes): Size) {
    match part {
        Value::String(text) if !text.is_empty() => {
            let said = format!("{text} ");
            *text = said.repeat(bytes.div_ceil(said.len()));
        }
        Value::Array(items) if !items.is_empty() => {
            let once: usize = items.iter().map(|item| item.to_string().len() + 1).sum();
            let times = bytes.div_ceil(once);
            *items = std::iter::repeat_n(&*items, times).flatten().cloned().collect();
        }
        _ => {}
    }
}

fn pointer(path: &str) -> String {
    path.split('.').map(|key| format!("/{key}")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(gives: Value, path: &str) -> Answer {
        let large = [(path.to_owned(), Size(2_000))].into();
        Answer { gives: Some(gives), large, ..Answer::default() }
    }

    #[test]
    fn a_text_is_said_again_and_a_list_goes_on() {
        let given = answer(json!({"a": {"text": "Again."}, "b": 1}), "a.text").given();
        assert_eq!(given["a"]["text"].as_str().map(str::len), Some(2_002));
        assert_eq!(given["b"], 1);
        let given = answer(json!({"items": [{"id": 1}, {"id": 2}]}), "items").given();
        assert_eq!(given["items"].as_array().map(Vec::len), Some(224));
    }

    #[test]
    fn what_has_no_words_cannot_be_large() {
        let gives = json!({"text": "", "n": 1, "items": []});
        for path in ["text", "n", "items", "nothing"] {
            assert_eq!(answer(gives.clone(), path).not_large(), Some(path));
        }
    }
}
