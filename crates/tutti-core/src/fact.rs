//! A fact: a dated piece of context with a source, a trust label and marks on its parts.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::excerpt::LeftOut;
use crate::label::{Labels, Provenance, Trust};
use crate::pointer::{escaped, unescaped};

/// A dated value with a source. Everything an expression can name is one: the trigger, gathered
/// context, results of steps, decisions, and the flow's own values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    /// The name expressions use, unique within its scope.
    pub id: String,
    /// What it was read with and from, for people: `salesforce.case.get 5008d00000ACME01`.
    pub source: String,
    /// When it was observed, in milliseconds since 1970 UTC.
    pub observed_at: i64,
    /// The value itself.
    pub value: Value,
    /// The labels of the value as far as no mark says otherwise.
    pub labels: Labels,
    /// Labels of single parts; the longest matching path wins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub marks: Vec<Mark>,
    /// Parts that are personal data; masked before any model sees them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub private: Vec<Vec<String>>,
    /// Parts that were too large to be kept: they are missing, and here is how they began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// Labels of one part of a fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    /// Keys from the root; `[]` stands for every item of a list.
    pub path: Vec<String>,
    /// What holds at and below that path.
    pub labels: Labels,
}

/// One step into a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A member of an object.
    Name(String),
    /// An item of a list.
    Index(usize),
}

impl Fact {
    /// A trusted fact observed by reading `source`.
    pub fn observed(id: &str, source: &str, observed_at: i64, value: Value) -> Self {
        Self::labelled(id, source, observed_at, value, Labels::observed(id))
    }

    /// A fact with these labels.
    pub fn labelled(
        id: &str,
        source: &str,
        observed_at: i64,
        value: Value,
        labels: Labels,
    ) -> Self {
        Self {
            id: id.to_owned(),
            source: source.to_owned(),
            observed_at,
            value,
            labels,
            marks: Vec::new(),
            private: Vec::new(),
            left_out: Vec::new(),
        }
    }

    /// Marks dotted paths (`items[].email`) as personal data.
    pub fn with_private(mut self, paths: &[String]) -> Self {
        self.private.extend(paths.iter().map(|path| split(path)));
        self
    }

    /// Marks dotted paths (`items[].summary`) as free text written by others.
    pub fn with_untrusted(mut self, paths: &[String]) -> Self {
        for path in paths {
            let labels = Labels { trust: Trust::Untrusted, ..self.labels.clone() };
            self.marks.push(Mark { path: split(path), labels });
        }
        self
    }

    /// Notes which parts were too large to be kept.
    pub fn with_left_out(mut self, parts: Vec<LeftOut>) -> Self {
        self.left_out = parts;
        self
    }

    /// Marks one dotted path with how it came to be known.
    pub fn with_provenance(mut self, path: &str, provenance: Provenance) -> Self {
        let labels = Labels { provenance: [provenance].into(), ..self.labels.clone() };
        self.marks.push(Mark { path: split(path), labels });
        self
    }

    /// Joins labels to those of one part; they taint nothing beside it.
    pub fn mark(&mut self, path: Vec<String>, labels: &Labels) {
        if path.is_empty() {
            return self.labels.join(labels);
        }
        match self.marks.iter_mut().find(|mark| mark.path == path) {
            Some(mark) => mark.labels.join(labels),
            None => self.marks.push(Mark { path, labels: labels.clone() }),
        }
    }

    /// The same as what a flow takes where nothing is known, however it came by it.
    pub fn defaulted(mut self) -> Self {
        let own = std::iter::once(&mut self.labels);
        for labels in own.chain(self.marks.iter_mut().map(|mark| &mut mark.labels)) {
            labels.provenance = [Provenance::Defaulted].into();
        }
        self
    }

    /// The part at `path`, or how many keys could be followed before something was missing.
    /// A `null` is a missing value: vendors write it where there is none.
    pub fn at(&self, path: &[Key]) -> Result<&Value, usize> {
        let mut value = &self.value;
        for (depth, key) in path.iter().enumerate() {
            let next = match key {
                Key::Name(name) => value.get(name.as_str()),
                Key::Index(index) => value.get(*index),
            };
            value = next.ok_or(depth)?;
        }
        if value.is_null() { Err(path.len()) } else { Ok(value) }
    }

    /// The labels of the part at `path`. A part that contains marked parts joins all of them.
    pub fn labels_at(&self, path: &[Key]) -> Labels {
        let mut labels = self.own_labels(path).clone();
        for inner in self.inner_labels(path) {
            labels.join(inner);
        }
        labels
    }

    /// The lowest trust of the part at `path` and of all in it.
    pub fn trust_at(&self, path: &[Key]) -> Trust {
        let inner = self.inner_labels(path).map(|labels| labels.trust);
        inner.fold(self.own_labels(path).trust, Ord::max)
    }

    /// What holds for the part at `path` itself, whatever marks say about parts inside it.
    pub fn own_labels(&self, path: &[Key]) -> &Labels {
        self.marks
            .iter()
            .filter(|mark| mark.path.len() <= path.len() && agrees(&mark.path, path))
            .max_by_key(|mark| mark.path.len())
            .map_or(&self.labels, |mark| &mark.labels)
    }

    /// Whether the part at `path` as a whole is personal data.
    pub fn is_private(&self, path: &[Key]) -> bool {
        self.private.iter().any(|marked| marked.len() <= path.len() && agrees(marked, path))
    }

    /// Whether the part at `path`, or any part inside it, is personal data.
    pub fn holds_private(&self, path: &[Key]) -> bool {
        self.private.iter().any(|marked| agrees(marked, path))
    }

    /// The part at `path` as a fact of its own, with all that is known about it and inside it.
    pub fn part(&self, id: &str, path: &[Key]) -> Fact {
        let below = |marked: &[String]| {
            let deeper = marked.len() > path.len() && agrees(marked, path);
            deeper.then(|| marked.get(path.len()..).unwrap_or_default().to_vec())
        };
        let mark =
            |mark: &Mark| Some(Mark { path: below(&mark.path)?, labels: mark.labels.clone() });
        let private = |marked: &Vec<String>| {
            // What is private as a whole is so in every part.
            let whole = marked.len() <= path.len() && agrees(marked, path);
            if whole { Some(Vec::new()) } else { below(marked) }
        };
        let here: String = path.iter().map(Key::pointer).collect();
        let left_out = |part: &LeftOut| {
            let at = part.at.strip_prefix(&here)?;
            let below = at.is_empty() || at.starts_with('/');
            below.then(|| LeftOut { at: at.to_owned(), ..part.clone() })
        };
        Fact {
            id: id.to_owned(),
            source: self.source.clone(),
            observed_at: self.observed_at,
            value: self.at(path).cloned().unwrap_or_default(),
            labels: self.own_labels(path).clone(),
            marks: self.marks.iter().filter_map(mark).collect(),
            private: self.private.iter().filter_map(private).collect(),
            left_out: self.left_out.iter().filter_map(left_out).collect(),
        }
    }

    /// What marks say about parts inside the part at `path`.
    pub fn inner_labels(&self, path: &[Key]) -> impl Iterator<Item = &Labels> {
        self.marks
            .iter()
            .filter(|mark| mark.path.len() > path.len() && agrees(&mark.path, path))
            .map(|mark| &mark.labels)
    }
}

impl Key {
    /// The key as a step of a JSON pointer.
    fn pointer(&self) -> String {
        match self {
            Self::Name(name) => format!("/{}", escaped(name)),
            Self::Index(index) => format!("/{index}"),
        }
    }
}

/// Splits `items[].fields.summary` into `items`, `[]`, `fields`, `summary`.
pub fn split(path: &str) -> Vec<String> {
    path.split('.')
        .flat_map(|part| {
            let name = part.trim_end_matches("[]");
            let lists = (part.len() - name.len()) / 2;
            let name = (!name.is_empty()).then(|| name.to_owned());
            name.into_iter().chain(std::iter::repeat_n("[]".to_owned(), lists))
        })
        .collect()
}

/// The keys of a JSON pointer as marks know them: an index stands for every item of its list.
pub fn keys(pointer: &str) -> impl Iterator<Item = String> {
    pointer.split('/').skip(1).map(|key| match key.parse::<usize>() {
        Ok(_) => "[]".to_owned(),
        Err(_) => unescaped(key).into_owned(),
    })
}

/// Whether one of two parts, as marks name them, lies in the other or is it.
pub fn overlap(one: &[String], other: &[String]) -> bool {
    one.iter().zip(other).all(|(one, other)| one == other)
}

/// Whether a mark and a path agree on all the keys that both have.
fn agrees(mark: &[String], path: &[Key]) -> bool {
    mark.iter().zip(path).all(|(want, key)| match key {
        Key::Name(name) => want == name,
        Key::Index(_) => want == "[]",
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn case() -> Fact {
        let value = json!({"id": "5", "tier": null, "items": [{"key": "PAY-1", "summary": "hi"}]});
        Fact::observed("case", "salesforce.case.get 5", 0, value)
            .with_untrusted(&["items[].summary".to_owned()])
    }

    fn name(text: &str) -> Key {
        Key::Name(text.to_owned())
    }

    #[test]
    fn a_null_is_missing_and_says_where() {
        assert_eq!(case().at(&[name("tier")]), Err(1));
        assert_eq!(case().at(&[name("nothing"), name("below")]), Err(0));
        assert_eq!(case().at(&[name("id")]), Ok(&json!("5")));
    }

    #[test]
    fn a_mark_taints_its_part_and_what_contains_it() {
        let first = [name("items"), Key::Index(0)];
        let trust = |path: &[Key]| {
            assert_eq!(case().labels_at(path).trust, case().trust_at(path));
            case().trust_at(path)
        };
        assert_eq!(trust(&[name("id")]), Trust::Trusted);
        assert_eq!(trust(&[&first[..], &[name("key")]].concat()), Trust::Trusted);
        assert_eq!(trust(&[&first[..], &[name("summary")]].concat()), Trust::Untrusted);
        assert_eq!(trust(&first), Trust::Untrusted, "the whole item holds tainted text");
        assert_eq!(trust(&[]), Trust::Untrusted);
    }
}
