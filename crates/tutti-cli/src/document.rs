//! A flow document as text: what it says, and where in the text a JSON pointer leads.
//!
//! Problems name places as JSON pointers (RFC 6901); people look at lines.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::thread;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use serde_saphyr::{Location, Spanned};
use tutti_core::pointer::escaped;

/// How deep a document may be nested, as in most readers of JSON.
const DEPTH_MAX: usize = 128;
/// Stack for reading that deep.
const STACK_BYTES: usize = 64 * 1024 * 1024;

/// A document and the way back from it to its text.
#[derive(Debug)]
pub struct Document {
    /// What the text says.
    pub value: Value,
    /// Where each value is, by JSON pointer; of a member it is the name.
    places: BTreeMap<String, Range<usize>>,
}

/// The text is not YAML.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct SyntaxError {
    /// What is wrong with it.
    pub message: String,
    /// The bytes of the text where it is.
    pub at: Range<usize>,
}

impl Document {
    /// Reads a YAML text; JSON is YAML, too.
    ///
    /// # Errors
    /// The first place where the text is not YAML.
    pub fn read(text: &str) -> Result<Self, SyntaxError> {
        // Each level takes more stack than a test's or a library's thread has for so many.
        let reader = thread::Builder::new().stack_size(STACK_BYTES);
        let read = thread::scope(|scope| {
            reader.spawn_scoped(scope, || Self::read_here(text)).ok().and_then(|it| it.join().ok())
        });
        let trouble = || SyntaxError { message: "it could not be read".to_owned(), at: 0..0 };
        read.unwrap_or_else(|| Err(trouble()))
    }

    fn read_here(text: &str) -> Result<Self, SyntaxError> {
        let options = serde_saphyr::options! {
            // As on the page: `yes` is a word, as YAML 1.2 has it.
            strict_booleans: true,
            budget: serde_saphyr::budget! { max_depth: DEPTH_MAX },
        };
        let read = serde_saphyr::from_str_with_options(text, options);
        let root: Spanned<Node> = read.map_err(|error| SyntaxError {
            message: in_own_words(&error.without_snippet().to_string()),
            at: error.location().map(|place| bytes(place, text)).unwrap_or(0..0),
        })?;
        let mut places = BTreeMap::new();
        places.insert(String::new(), bytes(root.referenced, text));
        let value = root.value.flatten("", text, &mut places);
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

/// What a reader says, in our words and without the line and column it says it of: those are shown
/// beside it.
fn in_own_words(message: &str) -> String {
    let told = message.split(" at line ").next().unwrap_or(message);
    if told.contains("Depth") || told.contains("recursion limit") {
        return format!("it is nested deeper than {DEPTH_MAX}");
    }
    if told.starts_with("budget breached") || told.starts_with("alias replay") {
        return "it has more parts than are read".to_owned();
    }
    if told.starts_with("alias references unknown anchor") {
        return "no `&` before it marks what this `*` repeats".to_owned();
    }
    match told.strip_prefix("duplicate mapping key") {
        Some(rest) => {
            let key = rest.split(", set ").next().unwrap_or_default().trim_start_matches(": ");
            format!("`{key}` stands here twice")
        }
        None => told.to_owned(),
    }
}

/// The bytes of a place, by its line and column: where the text is no YAML, nothing else is told.
/// What spans lines is shown by its first.
fn bytes(place: Location, text: &str) -> Range<usize> {
    let line = usize::try_from(place.line()).unwrap_or_default().saturating_sub(1);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
    let column = usize::try_from(place.column()).unwrap_or_default().saturating_sub(1);
    let before: usize = rest.chars().take(column).map(char::len_utf8).sum();
    let word = rest.get(before..).unwrap_or_default();
    let width = word.find([':', ',', '}', ']', ' ']).unwrap_or(word.len()).max(1);
    let from = start + before;
    from..(from + width).min(text.len().max(from))
}

/// A YAML node whose parts know where they are.
enum Node {
    Scalar(Value),
    List(Vec<Spanned<Node>>),
    Map(Vec<(Spanned<String>, Spanned<Node>)>),
}

impl Node {
    fn flatten(self, at: &str, text: &str, places: &mut BTreeMap<String, Range<usize>>) -> Value {
        match self {
            Self::Scalar(value) => value,
            Self::List(items) => {
                let item = |(index, item): (usize, Spanned<Node>)| {
                    let at = format!("{at}/{index}");
                    places.insert(at.clone(), bytes(item.referenced, text));
                    item.value.flatten(&at, text, places)
                };
                Value::Array(items.into_iter().enumerate().map(item).collect())
            }
            Self::Map(members) => {
                let member = |(name, value): (Spanned<String>, Spanned<Node>)| {
                    let at = format!("{at}/{}", escaped(&name.value));
                    places.insert(at.clone(), bytes(name.referenced, text));
                    (name.value, value.value.flatten(&at, text, places))
                };
                Value::Object(members.into_iter().map(member).collect::<Map<_, _>>())
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Nodes)
    }
}

struct Nodes;

impl<'de> Visitor<'de> for Nodes {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Scalar(Value::Null))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Node, E> {
        Ok(Node::Scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Node::Map(members))
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

    #[test]
    fn what_is_no_yaml_has_a_place() {
        for text in ["a: [1,\nb: 2", "a: 1\na: 2", "a: *nothing", "\u{1}: 1"] {
            let error = Document::read(text).unwrap_err();
            assert!(!error.message.is_empty() && error.at.end <= text.len().max(1), "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_in_our_words() {
        let many = "- [a, b, c, d, e, f, g, h]\n".repeat(50_000);
        let table = [
            ("a: 1\na: 2", "`a` stands here twice"),
            ("a: *nothing", "no `&` before it marks what this `*` repeats"),
            (many.as_str(), "it has more parts than are read"),
        ];
        for (text, message) in table {
            assert_eq!(Document::read(text).unwrap_err().message, message);
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
