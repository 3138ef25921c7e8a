//! `$each`: the items of a list in the shape our output promises, instead of the vendor's.

use serde_json::Value;
use tutti_core::failure::Failure;

use super::Each;
use crate::scope::Scope;
use crate::template::Template;

impl Each {
    /// What each item becomes.
    pub fn shape(&self) -> &Template {
        &self.to
    }
}

/// Fills `to` in once for each item of `of`.
pub fn fill(form: &Each, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
    let items = match form.of.fill(scope)? {
        None => return Ok(None),
        Some(Value::Array(items)) => items,
        Some(Value::Null) => Vec::new(),
        Some(_) => return Err(Failure::Malformed { reason: "a list was expected".into() }),
    };
    let shaped =
        items.iter().filter_map(|item| form.to.fill(&scope.with("item", item)).transpose());
    Ok(Some(Value::Array(shaped.collect::<Result<_, _>>()?)))
}
