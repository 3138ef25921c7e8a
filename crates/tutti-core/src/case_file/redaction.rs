//! Pseudonyms: the same word of personal data becomes the same `‹name 1›` wherever it stands.
//!
//! A word is personal because an operation declares the part it stood in, or because somebody said
//! something under it. It is then replaced everywhere: in what a model or a customer wrote, in
//! arguments, in the flow itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::event::{Event, Reply};
use crate::excerpt::{Excerpt, LeftOut};
use crate::fact::{self, split};
use crate::operation::Operation;
use crate::private::each_part;

/// What is replaced, and by what.
#[derive(Debug, Default)]
pub(super) struct Redaction {
    /// Pseudonyms by what they stand for.
    known: BTreeMap<String, String>,
    /// How many pseudonyms of each kind there are.
    counts: BTreeMap<String, usize>,
    /// Words to look for by their first character, longest first, each with its pseudonym.
    words: BTreeMap<char, Vec<(String, String)>>,
    /// Ids of questions to people, with those of the redacted run.
    questions: BTreeMap<String, String>,
}

impl Redaction {
    /// Learns the personal data in an event; `operation` is what it answers, if it answers a call.
    pub fn learn(&mut self, event: &Event, operation: Option<&Operation>) {
        match event {
            Event::Said { id, account, name, .. } => {
                self.learn_account(account);
                self.word("name", name);
                // It is a digest of who said what.
                self.word("answer", id);
            }
            Event::Answered { result, .. } => {
                let (value, left_out): (_, &[LeftOut]) = match result {
                    Reply::Ok(value) => (value, &[]),
                    Reply::Excerpt(Excerpt { value, left_out }) => (value, left_out),
                    Reply::Failed(_) => return,
                };
                self.accounts_in(value);
                for path in operation.into_iter().flat_map(|operation| &operation.pii) {
                    let path = split(path);
                    let kind = path.iter().rfind(|key| *key != "[]").map_or("person", |key| key);
                    each_part(&mut value.clone(), &path, &mut |part| self.words_of(kind, part));
                    // Whoever is named in a beginning cannot be told apart from the rest of it.
                    for part in left_out {
                        let at: Vec<String> = fact::keys(&part.at).collect();
                        if fact::overlap(&path, &at) {
                            self.word(kind, &part.beginning);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    /// Learns somebody's account id.
    pub fn learn_account(&mut self, account: &str) {
        if !account.starts_with("role:") {
            self.word("account", account);
        }
    }

    /// Whatever tool names a person, `account_id` is who it is in Jira.
    fn accounts_in(&mut self, value: &Value) {
        match value {
            Value::Object(members) => {
                let account = members.get("account_id").and_then(Value::as_str);
                account.into_iter().for_each(|account| self.learn_account(account));
                members.values().for_each(|value| self.accounts_in(value));
            }
            Value::Array(items) => items.iter().for_each(|value| self.accounts_in(value)),
            _ => {}
        }
    }

    /// Notes that an answer to the one question is an answer to the other in the redacted run.
    pub fn same_question(&mut self, original: String, redacted: String) {
        self.questions.insert(original, redacted);
    }

    fn words_of(&mut self, kind: &str, part: &Value) {
        match part {
            Value::String(text) => self.word(kind, text),
            Value::Array(items) => items.iter().for_each(|item| self.words_of(kind, item)),
            Value::Object(members) => members.values().for_each(|item| self.words_of(kind, item)),
            _ => {}
        }
    }

    fn word(&mut self, kind: &str, text: &str) {
        let text = text.trim();
        if text.is_empty() || self.known.contains_key(text) {
            return;
        }
        let pseudonym = self.pseudonym(kind, text);
        // Models answer with JSON in a text, where some characters stand escaped.
        let escaped = Value::from(text).to_string();
        let escaped = escaped.trim_matches('"');
        self.look_for(text, &pseudonym);
        if escaped != text {
            self.look_for(escaped, &pseudonym);
        }
        if !text.is_ascii() {
            self.look_for(&ascii(escaped), &pseudonym);
        }
    }

    fn pseudonym(&mut self, kind: &str, text: &str) -> String {
        let count = self.counts.entry(kind.to_owned()).or_default();
        *count += 1;
        let pseudonym = format!("‹{kind} {count}›");
        self.known.insert(text.to_owned(), pseudonym.clone());
        pseudonym
    }

    fn look_for(&mut self, word: &str, pseudonym: &str) {
        let Some(first) = word.chars().next() else { return };
        let words = self.words.entry(first).or_default();
        words.push((word.to_owned(), pseudonym.to_owned()));
        words.sort_by_key(|(word, _)| std::cmp::Reverse(word.len()));
    }

    /// The event with pseudonyms. Where a part that is declared personal is no text, it becomes
    /// one.
    ///
    /// # Errors
    /// A word of personal data is one that events are made of.
    pub fn event(
        &mut self,
        event: &Event,
        operation: Option<&Operation>,
    ) -> Result<Event, serde_json::Error> {
        let mut event = event.clone();
        if let Event::Answered {
            result: Reply::Ok(value) | Reply::Excerpt(Excerpt { value, .. }),
            ..
        } = &mut event
        {
            for path in operation.into_iter().flat_map(|operation| &operation.pii) {
                let path = split(path);
                let kind = path.iter().rfind(|key| *key != "[]").map_or("person", |key| key);
                each_part(value, &path, &mut |part| self.numbers_of(kind, part));
            }
        }
        serde_json::from_value(self.value(&serde_json::to_value(&event)?))
    }

    /// Numbers are no words to look for elsewhere: 42 may be anything.
    fn numbers_of(&mut self, kind: &str, part: &mut Value) {
        match part {
            Value::Number(number) => {
                let text = number.to_string();
                let known = self.known.get(&text).cloned();
                *part = known.unwrap_or_else(|| self.pseudonym(kind, &text)).into();
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.numbers_of(kind, item)),
            Value::Object(all) => all.values_mut().for_each(|item| self.numbers_of(kind, item)),
            _ => {}
        }
    }

    /// The value with pseudonyms in its texts and names of members.
    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(members) => {
                let member =
                    |(name, value): (&String, &Value)| (self.text(name), self.value(value));
                Value::Object(members.iter().map(member).collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    /// The text with pseudonyms.
    pub fn text(&self, text: &str) -> String {
        if let Some(question) = self.questions.get(text) {
            return question.clone();
        }
        let mut told = String::with_capacity(text.len());
        let mut rest = text;
        let mut before = None;
        while let Some(next) = rest.chars().next() {
            let (word, instead) = match self.word_at(rest, before) {
                Some((word, pseudonym)) => (word.len(), pseudonym),
                None => (next.len_utf8(), rest.get(..next.len_utf8()).unwrap_or_default()),
            };
            told.push_str(instead);
            before = rest.get(..word).and_then(|word| word.chars().next_back());
            rest = rest.get(word..).unwrap_or_default();
        }
        told
    }

    /// The word that a text begins with, if it is not a part of a longer one.
    fn word_at(&self, text: &str, before: Option<char>) -> Option<(&str, &str)> {
        let first = text.chars().next()?;
        if before.is_some_and(|before| is_joined(before, first)) {
            return None;
        }
        let words = self.words.get(&first)?.iter();
        let ends = |word: &str| {
            let after = text.get(word.len()..).and_then(|rest| rest.chars().next());
            let last = word.chars().next_back();
            !last.zip(after).is_some_and(|(last, after)| is_joined(last, after))
        };
        let mut found = words.filter(|(word, _)| text.starts_with(word.as_str()) && ends(word));
        found.next().map(|(word, pseudonym)| (word.as_str(), pseudonym.as_str()))
    }
}

/// Whether two characters side by side are of one word. Scripts without case are written without
/// blanks, or join words to their neighbours: there nothing tells where a word ends.
fn is_joined(one: char, other: char) -> bool {
    let cased = |c: char| c.is_lowercase() || c.is_uppercase() || c.is_numeric();
    cased(one) && cased(other)
}

/// JSON's escapes for what is not ASCII.
fn ascii(text: &str) -> String {
    let mut units = [0; 2];
    let escape = |c: char| {
        if c.is_ascii() {
            return c.to_string();
        }
        c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answered(value: Value) -> Event {
        Event::Answered { effect: "e".to_owned(), result: Reply::Ok(value), took_ms: 1 }
    }

    fn operation(pii: &[&str]) -> Operation {
        serde_json::from_value(json!({
            "id": "toy.user.get", "summary": "", "access": "read", "once": "read",
            "reversibility": "reversible", "input": {}, "pii": pii,
        }))
        .unwrap()
    }

    fn told(event: &Event, operation: &Operation) -> Value {
        let mut redaction = Redaction::default();
        redaction.learn(event, Some(operation));
        match redaction.event(event, Some(operation)).unwrap() {
            Event::Answered { result: Reply::Ok(value), .. } => value,
            other => panic!("{other:?}"),
        }
    }

    fn redacted(names: &[&str], text: &str) -> String {
        let mut redaction = Redaction::default();
        let event = answered(json!({"names": names}));
        redaction.learn(&event, Some(&operation(&["names[]"])));
        redaction.text(text)
    }

    #[test]
    fn a_word_is_found_wherever_it_stands_alone() {
        let table: [(&[&str], &str, &str); 10] = [
            (&["Dana"], "Dana, Dana's and (Dana)", "‹names 1›, ‹names 1›'s and (‹names 1›)"),
            (&["Dana"], "Danatella xDana dana Dana2", "Danatella xDana dana Dana2"),
            (&["Dana", "Dana Reyes"], "Dana Reyes is Dana", "‹names 2› is ‹names 1›"),
            (&["dana", "dana@x.example"], "dana@x.example", "‹names 2›"),
            (&["Jörg Öst"], "von Jörg Öst.", "von ‹names 1›."),
            (&["田中"], "田中さんは", "‹names 1›さんは"),
            (&["D \"X\" Y"], r#"{"by": "D \"X\" Y"}"#, r#"{"by": "‹names 1›"}"#),
            (&["Jörg"], r#"{"by": "J\u00f6rg"}"#, r#"{"by": "‹names 1›"}"#),
            (&["", "  "], "nothing to find", "nothing to find"),
            (&[" Dana "], "Dana", "‹names 1›"),
        ];
        for (names, text, expected) in table {
            assert_eq!(redacted(names, text), expected);
        }
    }

    #[test]
    fn declared_parts_are_replaced_whatever_they_are_and_members_named_after_people() {
        let value = json!({
            "phone": 4_930_123, "house": 42, "name": "Dana", "account_id": "712:dana",
            "by": {"Dana": "712:dana"}, "chief": {"name": "Ben", "email": null},
        });
        let expected = json!({
            "phone": "‹phone 1›", "house": 42, "name": "‹name 1›", "account_id": "‹account 1›",
            "by": {"‹name 1›": "‹account 1›"}, "chief": {"name": "‹chief 1›", "email": null},
        });
        assert_eq!(told(&answered(value), &operation(&["phone", "name", "chief"])), expected);
    }

    #[test]
    fn what_would_be_no_event_any_more_is_an_error() {
        let event = answered(json!({"name": "answered"}));
        let operation = operation(&["name"]);
        let mut redaction = Redaction::default();
        redaction.learn(&event, Some(&operation));
        assert!(redaction.event(&event, Some(&operation)).is_err());
    }
}
