//! Places: where in which fact a value was read, so that its labels stay exact to the path.

use std::fmt::Write;
use std::rc::Rc;

use serde_json::Value;

use super::ast::Look;
use super::error::quoted;
use super::tag::Tag;
use crate::fact::{Fact, Key};
use crate::label::Trust;

/// A part of a fact: the path written in the expression, then the keys found by evaluating.
#[derive(Debug, Clone)]
pub(super) struct Place<'a> {
    look: &'a Look,
    fact: &'a Fact,
    /// The last of the keys after the written path, each knowing the one before.
    tail: Option<Rc<Link<'a>>>,
}

#[derive(Debug)]
struct Link<'a> {
    before: Option<Rc<Link<'a>>>,
    key: Step<'a>,
}

/// A key that borrows its name.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'a> {
    Name(&'a str),
    Index(usize),
}

impl<'a> Step<'a> {
    pub(super) fn of(self, value: &'a Value) -> Option<&'a Value> {
        match self {
            Self::Name(name) => value.get(name),
            Self::Index(index) => value.get(index),
        }
    }
}

impl<'a> Place<'a> {
    /// The part that `look` names in `fact`, or the text of the path as far as it is missing.
    pub(super) fn find(look: &'a Look, fact: &'a Fact) -> Result<(Self, &'a Value), String> {
        match fact.at(&look.path) {
            Ok(value) => Ok((Self { look, fact, tail: None }, value)),
            Err(depth) => {
                // A null on the way is what is missing, not what was looked for in it.
                let followed = look.path.get(..depth).unwrap_or_default();
                let upto = if fact.at(followed).is_ok() { depth + 1 } else { depth };
                Err(text(&look.root, look.path.get(..upto).unwrap_or(&look.path)))
            }
        }
    }

    pub(super) fn below(&self, key: Step<'a>) -> Self {
        let tail = Some(Rc::new(Link { before: self.tail.clone(), key }));
        Self { look: self.look, fact: self.fact, tail }
    }

    /// Whether others wrote any text of its fact.
    pub(super) fn has_foreign_words(&self) -> bool {
        let marks = self.fact.marks.iter().map(|mark| &mark.labels);
        marks.chain([&self.fact.labels]).any(|labels| labels.trust == Trust::Untrusted)
    }

    /// The path as a person would write it.
    pub(super) fn text(&self) -> String {
        text(&self.look.root, &self.path())
    }

    fn path(&self) -> Vec<Key> {
        let mut tail = Vec::new();
        let mut link = self.tail.as_ref();
        while let Some(Link { before, key }) = link.map(Rc::as_ref) {
            tail.push(match key {
                Step::Name(name) => Key::Name((*name).to_owned()),
                Step::Index(index) => Key::Index(*index),
            });
            link = before.as_ref();
        }
        self.look.path.iter().cloned().chain(tail.into_iter().rev()).collect()
    }

    /// The labels of the part and of all parts inside it.
    pub(super) fn tag(&self) -> Tag<'a> {
        self.with_path(|fact, path| {
            let own = Tag::of(fact.own_labels(path));
            let tag = fact.inner_labels(path).fold(own, |tag, inner| tag.joined(&Tag::of(inner)));
            tag.kept_private(fact.holds_private(path))
        })
    }

    /// The labels of the part itself: what can be said without reading what it holds.
    pub(super) fn own_tag(&self) -> Tag<'a> {
        self.with_path(|fact, path| {
            Tag::of(fact.own_labels(path)).kept_private(fact.is_private(path))
        })
    }

    fn with_path(&self, read: impl Fn(&'a Fact, &[Key]) -> Tag<'a>) -> Tag<'a> {
        if self.fact.marks.is_empty() && self.fact.private.is_empty() {
            return Tag::of(&self.fact.labels);
        }
        match &self.tail {
            None => read(self.fact, &self.look.path),
            Some(_) => read(self.fact, &self.path()),
        }
    }
}

fn text(root: &str, keys: &[Key]) -> String {
    let mut text = root.to_owned();
    for key in keys {
        // Writing into a string cannot fail.
        let _ = match key {
            Key::Name(name) if is_plain(name) => write!(text, ".{name}"),
            Key::Name(name) => write!(text, "[{}]", quoted(name)),
            Key::Index(index) => write!(text, "[{index}]"),
        };
    }
    text
}

fn is_plain(name: &str) -> bool {
    name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii())
}
