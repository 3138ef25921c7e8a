//! A flow document as text: what it says, and where in the text a JSON pointer leads.
//!
//! Problems name places as JSON pointers (RFC 6901); people look at lines. The page reads the same
//! texts (`static/app/src/settings/source.ts`); `tests/yaml/cases.json` holds both to one meaning.

mod node;
mod scalar;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::{Map, Value};
use tutti_core::pointer::escaped;

use self::node::{Content, Node};

/// A document and the way back from it to its text.
#[derive(Debug)]
pub struct Document {
    /// What the text says.
    pub value: Value,
    /// Where each value is, by JSON pointer; of a member it is the name.
    places: BTreeMap<String, Range<usize>>,
}

/// Why a text is no document.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// A stable name, `yaml_tag`.
    pub code: &'static str,
    /// What is wrong with it.
    pub message: String,
    /// What to do about it.
    pub hint: &'static str,
    /// The bytes of the text where it is.
    pub at: Range<usize>,
}

impl Document {
    /// Reads a YAML text; JSON is YAML, too.
    ///
    /// # Errors
    /// The first place where the text is not YAML, or says what no JSON can.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        let root = node::read(text)?;
        let mut places = BTreeMap::new();
        places.insert(String::new(), root.at.clone());
        let value = flatten(root, "", &mut places);
        Ok(Self { value, places })
    }

    /// The bytes of the text that a pointer leads to, or of the nearest thing around it.
    pub fn find(&self, pointer: &str) -> Range<usize> {
        let mut pointer = pointer;
        loop {
            match (self.places.get(pointer), pointer.rsplit_once('/')) {
                (Some(place), _) => return place.clone(),
                (None, Some((around, _))) => pointer = around,
                (None, None) => return 0..0,
            }
        }
    }
}

/// A node as JSON, with the places of all its parts.
fn flatten(node: Node, at: &str, places: &mut BTreeMap<String, Range<usize>>) -> Value {
    match node.content {
        Content::Scalar(value) => value,
        Content::List(items) => {
            let item = |(index, item): (usize, Node)| {
                let at = format!("{at}/{index}");
                places.insert(at.clone(), item.at.clone());
                flatten(item, &at, places)
            };
            Value::Array(items.into_iter().enumerate().map(item).collect())
        }
        Content::Map(members) => {
            let member = |(name, (place, value)): (String, (Range<usize>, Node))| {
                let at = format!("{at}/{}", escaped(&name));
                places.insert(at.clone(), place);
                (name, flatten(value, &at, places))
            };
            Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TEXT: &str = "id: a\nsteps:\n  - { id: b, call: 'x.y', with: { n: 1.5 } }\n  - \
                        &again\n    id: \"ü/~\"\n    set: [yes, null, true]\n";

    #[test]
    fn says_what_the_text_says() {
        let document = Document::read(TEXT).unwrap();
        let expected = json!({"id": "a", "steps": [
            {"id": "b", "call": "x.y", "with": {"n": 1.5}},
            {"id": "ü/~", "set": ["yes", null, true]},
        ]});
        assert_eq!(document.value, expected);
    }

    #[test]
    fn a_pointer_leads_to_a_name_an_item_or_what_is_around_it() {
        let document = Document::read(TEXT).unwrap();
        let at = |pointer: &str| &TEXT[document.find(pointer)];
        let table = [
            ("/id", "id"),
            ("/steps/0/with/n", "n"),
            ("/steps/0/with/missing/deep", "with"),
            ("/steps/1/set/2", "true"),
            ("/nothing", "id"),
        ];
        for (pointer, word) in table {
            assert_eq!(at(pointer), word, "{pointer}");
        }
    }

    /// The page is held to the same table by `static/app/src/settings/said.test.ts`.
    #[test]
    fn page_and_command_read_the_same() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/yaml/cases.json");
        let cases: Vec<Value> =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut unlike = String::new();
        for case in &cases {
            let text = case["text"].as_str().unwrap();
            let (says, refused) = match Document::read(text) {
                Ok(document) => (Some(document.value), None),
                Err(error) => {
                    let inside = error.at.end <= text.len() && text.get(error.at.clone()).is_some();
                    assert!(inside && !error.message.is_empty(), "{text:?}: {error:?}");
                    (None, Some(json!(error.code)))
                }
            };
            if (says.as_ref(), refused.as_ref()) != (case.get("says"), case.get("refused")) {
                unlike += &format!("{case}\n  {says:?} {refused:?}\n");
            }
        }
        assert!(unlike.is_empty(), "{unlike}");
        assert!(cases.len() > 100);
    }

    #[test]
    fn what_is_no_yaml_has_a_place() {
        for text in ["a: [1,\nb: 2", "a: 1\na: 2", "a: *nothing", "\u{1}: 1"] {
            let error = Document::read(text).unwrap_err();
            assert!(!error.message.is_empty() && error.at.end <= text.len().max(1), "{text:?}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("a: {}1{}", "[".repeat(20_000), "]".repeat(20_000));
        assert!(Document::read(&deep).is_err());
        let deep = |depth: usize| -> String {
            (0..depth).map(|n| format!("{}a:\n", " ".repeat(n))).collect()
        };
        assert!(Document::read(&deep(2_000)).is_err());
        assert!(Document::read(&deep(100)).is_ok());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "[-a-c:{}\\[\\],#&*!|>'\"%@`?~ \n\t0-9.ü]{0,80}") {
            if let Ok(document) = Document::read(&text) {
                let place = document.find("/a/0/b");
                prop_assert!(place.start <= text.len() && text.is_char_boundary(place.start));
                prop_assert!(text.get(place).is_some());
            }
        }
    }
}
