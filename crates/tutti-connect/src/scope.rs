//! The scope: the names a template sees, and what it means when one of them holds nothing.

use std::collections::BTreeMap;

use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::operation::Input;

use crate::path::Path;

/// What a template can look up.
#[derive(Clone)]
pub struct Scope<'a> {
    names: Vec<(&'static str, &'a Value)>,
    absence: Absence<'a>,
}

/// What an absent value means; it is never silently an empty one.
#[derive(Clone, Copy)]
pub enum Absence<'a> {
    /// In a request: an optional argument leaves its key out, anything else is missing.
    Request(&'a BTreeMap<String, Input>),
    /// In the output of a read: vendors leave fields out, so the output does too.
    Tolerated,
    /// In the output of a write: undo and later steps need what the vendor promised.
    Promised,
}

impl<'a> Scope<'a> {
    /// A scope with these names.
    pub fn new(absence: Absence<'a>, names: Vec<(&'static str, &'a Value)>) -> Self {
        Self { names, absence }
    }

    /// The same scope with one more name.
    pub fn with(&self, name: &'static str, value: &'a Value) -> Self {
        let mut inner = self.clone();
        inner.names.push((name, value));
        inner
    }

    /// The value at `path`, or nothing where it may be absent.
    pub fn whole(&self, path: &Path) -> Result<Option<&'a Value>, Failure> {
        match (self.find(path), self.absence) {
            // A `null` keeps no promise, whatever the vendor meant by it.
            (Some(Value::Null), Absence::Promised) if path.root() == "response" => {
                self.absent(path)
            }
            (Some(value), _) => Ok(Some(value)),
            (None, Absence::Request(inputs)) if is_optional(path, inputs) => Ok(None),
            (None, _) => self.absent(path),
        }
    }

    /// The value at `path` as part of a longer text, where `null` says nothing either.
    pub fn part(&self, path: &Path) -> Result<Option<String>, Failure> {
        match self.find(path) {
            None | Some(Value::Null) => self.absent(path),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(_) => Err(invalid(format!("`{path}` is a list or an object, not text"))),
        }
    }

    fn find(&self, path: &Path) -> Option<&'a Value> {
        let (_, root) = self.names.iter().rev().find(|(name, _)| *name == path.root())?;
        path.within(root)
    }

    fn absent<T>(&self, path: &Path) -> Result<Option<T>, Failure> {
        match self.absence {
            Absence::Request(_) => Err(Failure::Missing { path: path.to_string() }),
            Absence::Tolerated => Ok(None),
            Absence::Promised => {
                Err(Failure::Malformed { reason: format!("`{path}` is not in the answer") })
            }
        }
    }
}

fn is_optional(path: &Path, inputs: &BTreeMap<String, Input>) -> bool {
    path.root() == "input"
        && path.field().and_then(|name| inputs.get(name)).is_some_and(|input| !input.required)
}

/// An argument that cannot be sent as it is.
pub fn invalid(message: impl Into<String>) -> Failure {
    Failure::Rejected { code: "invalid_input".into(), message: message.into() }
}
