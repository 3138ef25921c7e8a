//! Values as differences tell them: long ones are cut, so that what differs is seen.

use serde_json::Value;

/// The most characters of a value that are shown.
const SHOWN_MAX: usize = 80;
/// How many of them stand before the first that differs.
const BEFORE: usize = 30;

/// A value for people: texts in quotes, the rest as JSON, long ones cut.
pub(super) fn shown(value: &Value) -> String {
    Words::of(value).cut(0)
}

/// Two values that differ, both cut around the first difference.
pub(super) fn shown_both(old: &Value, new: &Value) -> (String, String) {
    let (old, new) = (Words::of(old), Words::of(new));
    let from = old.alike(&new);
    (old.cut(from), new.cut(from))
}

/// A value cut around where it begins to differ from the one that is most like it.
pub(super) fn shown_beside<'v>(value: &Value, others: impl Iterator<Item = &'v Value>) -> String {
    let value = Words::of(value);
    let from = others.map(|other| value.alike(&Words::of(other))).max();
    value.cut(from.unwrap_or_default())
}

/// What the items of a part are called, where they are more than items.
const ITEMS: [(&str, &str); 8] = [
    ("steps", "step"),
    ("switch", "arm"),
    ("floor", "floor"),
    ("ceiling", "ceiling"),
    ("otherwise", "rule"),
    ("catch", "catch"),
    ("to", "event"),
    ("first_of", "try"),
];

/// A place for people: `decide.floor[0].at_least` is `at_least` of floor 1.
pub(super) fn place(path: &str) -> String {
    let Some((list, rest)) = path.rsplit_once('[') else { return format!("`{path}`") };
    let parts = rest.split_once(']').and_then(|(index, below)| {
        Some((index.parse::<usize>().ok()?.saturating_add(1), below.trim_start_matches('.')))
    });
    let Some((number, below)) = parts else { return format!("`{path}`") };
    let (around, name) = list.rsplit_once('.').unwrap_or(("", list));
    let item = match ITEMS.iter().find(|(known, _)| *known == name) {
        // Which step it is was said before; within another list that one is named, too.
        Some((_, item)) if !around.contains('[') => format!("{item} {number}"),
        Some((_, item)) => format!("{item} {number} of {}", place(around)),
        None => format!("item {number} of {}", place(list)),
    };
    if below.is_empty() { item } else { format!("`{below}` of {item}") }
}

/// What is written for a value, and the quotes around it.
struct Words {
    chars: Vec<char>,
    quotes: [&'static str; 2],
}

impl Words {
    fn of(value: &Value) -> Self {
        match value {
            Value::String(text) => Self { chars: visible(text), quotes: ["“", "”"] },
            other => Self { chars: visible(&other.to_string()), quotes: ["", ""] },
        }
    }

    /// How many characters both begin with.
    fn alike(&self, other: &Self) -> usize {
        self.chars.iter().zip(&other.chars).take_while(|(one, other)| one == other).count()
    }

    /// What is around a place: all of a short text, the beginning where the place is in it.
    fn cut(&self, place: usize) -> String {
        let [open, close] = self.quotes;
        let all = self.chars.len();
        let from = if all <= SHOWN_MAX || place + BEFORE < SHOWN_MAX {
            0
        } else {
            place.saturating_sub(BEFORE)
        };
        let kept: String = self.chars.iter().skip(from).take(SHOWN_MAX).collect();
        let before = if from > 0 { "…" } else { "" };
        let after = if all > from + SHOWN_MAX { "…" } else { "" };
        format!("{open}{before}{kept}{after}{close}")
    }
}

/// A text with a sign for each character that would not be seen, so that no two look the same.
fn visible(text: &str) -> Vec<char> {
    let mut chars = Vec::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' ' => chars.push(c),
            '\n' => chars.push('⏎'),
            '\t' => chars.push('⇥'),
            c if is_unseen(c) => chars.extend(format!("⟨U+{:04X}⟩", u32::from(c)).chars()),
            c => chars.push(c),
        }
    }
    chars
}

/// White space and what steers a text without being seen in it.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}')
}
