//! An excerpt: what a run keeps of an answer that is too large to carry, and what was left out.
//!
//! A part that is left out is `null` in the value, and so it is missing to every expression, check
//! and template: a text that was cut is never taken for the whole. Its beginning stands beside the
//! value, for people and models to read.

use std::borrow::Cow;
use std::{fmt, io};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::failure::Failure;
use crate::pointer::{escaped, unescaped};

/// The most characters of one answer that are read, counted as JavaScript counts them. As values it
/// takes some twenty times as much memory at worst, and an invocation has 512 MB.
const READ_CHARS_MAX: u32 = 8 * 1024 * 1024;
/// The most bytes of one answer, as JSON, that a run keeps. Packed into a chunk of the journal, even
/// text that cannot be packed stays well below the 240 KiB that Forge stores under one key.
pub const BYTES_MAX: usize = 160 * 1024;
/// A part is left out alone if it is at least such a share of what it lies in; smaller ones go with
/// all that is beside them.
const SHARE: usize = 8;
/// The most parts that are left out one by one; then all of the answer is.
const PARTS_MAX: usize = 8;
/// How deep a part that is left out lies at most: each level is measured anew.
const DEPTH_MAX: usize = 12;
/// The most characters of its beginning that are kept: as many as a model is shown of any text.
const BEGINNING_CHARS: usize = 4_000;

/// What is kept of an answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The answer, with `null` for each part that was left out.
    pub value: Value,
    /// What was left out.
    pub left_out: Vec<LeftOut>,
}

/// A part that was left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// JSON pointer to where it was.
    pub at: String,
    /// How it began: a text as it is, everything else as JSON.
    pub beginning: String,
    /// How many characters it had.
    pub chars: usize,
}

impl Excerpt {
    /// What a run keeps of an answer; nothing is left out of one that is small enough.
    pub fn of(value: Value) -> Self {
        let mut excerpt = Self { value, left_out: Vec::new() };
        while is_large(&excerpt.value) {
            let at = largest(&excerpt.value);
            excerpt.leave_out(at);
        }
        excerpt
    }

    /// Whether all that stands at or below a dotted path is there.
    pub fn holds(&self, path: &str) -> bool {
        let keys: Vec<&str> = path.split('.').filter(|key| !key.is_empty()).collect();
        self.left_out.iter().all(|part| {
            let mut both = part.at.split('/').skip(1).zip(&keys);
            both.any(|(one, other)| unescaped(one) != **other)
        })
    }

    fn leave_out(&mut self, at: String) {
        let whole = at.is_empty() || self.left_out.len() == PARTS_MAX;
        match self.value.pointer_mut(&at).filter(|_| !whole) {
            Some(part) => self.left_out.push(LeftOut::of(at, &part.take())),
            None => {
                let mut all = LeftOut::of(String::new(), &self.value.take());
                all.chars += self.left_out.iter().map(|part| part.chars).sum::<usize>();
                self.left_out = vec![all];
            }
        }
    }
}

impl LeftOut {
    fn of(at: String, part: &Value) -> Self {
        let text = match part {
            Value::String(text) => Cow::Borrowed(text.as_str()),
            other => Cow::Owned(other.to_string()),
        };
        let beginning = text.chars().take(BEGINNING_CHARS).collect();
        Self { at, beginning, chars: text.chars().count() }
    }

    /// The beginning, with a notice of how much is not there.
    pub fn text(&self) -> String {
        let left_out = self.chars.saturating_sub(self.beginning.chars().count());
        format!("{} [{left_out} characters left out]", self.beginning)
    }
}

/// What was left out, for people: `description (3000000 characters)`.
impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.at.trim_start_matches('/').replace('/', ".");
        let name = if name.is_empty() { "the answer" } else { &name };
        write!(f, "{name} ({} characters)", self.chars)
    }
}

/// JSON pointer to the part to leave out: the largest, and within it again, as far as the largest
/// holds much of what it lies in.
fn largest(value: &Value) -> String {
    let (mut at, mut place, mut whole) = (String::new(), value, bytes(value));
    for _ in 0..DEPTH_MAX {
        let parts: Vec<(String, &Value)> = match place {
            Value::Object(members) => {
                members.iter().map(|(name, part)| (escaped(name).into_owned(), part)).collect()
            }
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, part)| (index.to_string(), part)).collect()
            }
            _ => return at,
        };
        let sized = parts.into_iter().map(|(key, part)| (bytes(part), key, part));
        match sized.max_by_key(|(size, ..)| *size) {
            Some((size, key, part)) if size >= whole / SHARE => {
                at = format!("{at}/{key}");
                (place, whole) = (part, size);
            }
            _ => return at,
        }
    }
    at
}

/// What an answer of so many characters fails with, if that is more than is read.
pub fn unread(chars: u32) -> Option<Failure> {
    let reason = || format!("it has {chars} characters, and {READ_CHARS_MAX} are read");
    (chars > READ_CHARS_MAX).then(|| Failure::TooLarge { reason: reason() })
}

/// Whether an answer is too large to be kept whole.
pub fn is_large(value: &Value) -> bool {
    bytes(value) > BYTES_MAX
}

/// How many bytes a value has as JSON.
fn bytes(value: &Value) -> usize {
    let mut counted = Counted(0);
    // To count cannot fail.
    let _ = serde_json::to_writer(&mut counted, value);
    counted.0
}

/// Takes what is written and keeps its length alone.
struct Counted(usize);

impl io::Write for Counted {
    fn write(&mut self, written: &[u8]) -> io::Result<usize> {
        self.0 += written.len();
        Ok(written.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(excerpt: &Excerpt) -> Vec<String> {
        excerpt.left_out.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_small_stays_whole() {
        let value = json!({"text": "x".repeat(BYTES_MAX - 20), "n": 1});
        assert_eq!(Excerpt::of(value.clone()), Excerpt { value, left_out: Vec::new() });
    }

    #[test]
    fn a_large_text_is_left_out_and_all_beside_it_stays() {
        let text = "é".repeat(3_000_000);
        let excerpt =
            Excerpt::of(json!({"key": "PAY-1", "notes": [{"a/b": text}, {"a/b": "short"}]}));
        let kept = json!({"key": "PAY-1", "notes": [{"a/b": null}, {"a/b": "short"}]});
        assert_eq!(excerpt.value, kept);
        assert_eq!(excerpt.left_out[0].at, "/notes/0/a~1b");
        assert_eq!(excerpt.left_out[0].beginning, "é".repeat(4_000));
        assert!(excerpt.left_out[0].text().ends_with("é [2996000 characters left out]"));
    }

    #[test]
    fn a_list_of_many_small_things_is_left_out_as_a_whole() {
        let items: Vec<_> = (0..20_000).map(|n| json!({"id": n})).collect();
        let excerpt = Excerpt::of(json!({"items": items, "total": 20_000}));
        assert_eq!(excerpt.value, json!({"items": null, "total": 20_000}));
        assert_eq!(told(&excerpt), ["items (248891 characters)"]);
        assert!(excerpt.left_out[0].beginning.starts_with(r#"[{"id":0},{"id":1},"#));
    }

    #[test]
    fn knows_what_it_holds() {
        let part = |at: &str| LeftOut { at: at.to_owned(), beginning: String::new(), chars: 0 };
        let holds = |at, path| Excerpt { value: Value::Null, left_out: vec![part(at)] }.holds(path);
        assert!(holds("/body/text", "body.version") && holds("/body", "version"));
        assert!(!holds("/body/text", "body") && !holds("/body", "body.version"));
        assert!(!holds("/notes/3/text", "notes") && !holds("/notes", "") && !holds("", "notes"));
        assert!(!holds("/a~1b/c~0d", "a/b") && holds("/a~1b", "a~1b"));
    }

    #[test]
    fn only_as_much_is_left_out_as_must_be() {
        let text = |n: usize| "x".repeat(n * 1024);
        let excerpt = Excerpt::of(json!({"a": text(60), "b": text(61), "c": text(62)}));
        assert_eq!(excerpt.value, json!({"a": text(60), "b": text(61), "c": null}));
    }

    #[test]
    fn what_is_kept_is_bounded_whatever_the_answer() {
        let nested = (0..30).fold(
            json!("x".repeat(200_000)),
            |below, _| json!({"below": below, "beside": "y".repeat(10_000)}),
        );
        let lists: Vec<_> = (0..16).map(|_| vec!["z".repeat(20_000); 3]).collect();
        // As deep as JSON is read.
        let deep = (0..120).fold(json!("x".repeat(BYTES_MAX)), |below, _| json!([below, "beside"]));
        for value in
            [nested, deep, json!(lists), json!("x".repeat(1_000_000)), json!(vec![0; 100_000])]
        {
            let excerpt = Excerpt::of(value);
            assert!(bytes(&excerpt.value) <= BYTES_MAX);
            assert!(bytes(&json!(excerpt)) <= BYTES_MAX + PARTS_MAX * (BEGINNING_CHARS + 1_000));
            assert!(!excerpt.left_out.is_empty());
        }
    }
}
