//! A page: what one reply gives, and how the pages of a list become one output.

use serde_json::Value;
use tutti_core::excerpt;
use tutti_core::failure::Failure;
use tutti_core::operation::Access;
use tutti_core::wire::{Reply, Request};

use crate::call::{Call, request};
use crate::catalogue::catalogue;
use crate::declaration::Declaration;
use crate::paging::Paging;
use crate::reply::{accepted, accepted_parts};
use crate::scope::{Absence, Scope, invalid};

/// What one reply gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The operation's output, as far as this reply goes.
    pub output: Value,
    /// The request for what comes after it.
    pub next: Option<Request>,
}

/// Reads a reply to a call, of its first page or any later one.
pub fn read(call: &Call<'_>, reply: &Reply, now_ms: i64) -> Result<Page, Failure> {
    let (connector, declaration) = call.look_up()?;
    let body = accepted(connector, reply, now_ms)?;
    if body.is_null() && promises_a_body(declaration) {
        return Err(Failure::Malformed { reason: "the answer is empty".into() });
    }
    if declaration.composite {
        accepted_parts(connector, &body)?;
    }
    if let Some(path) = &declaration.single {
        only_one(path.within(&body))?;
    }
    let key = Value::from(call.effect_key);
    let absence = match declaration.operation.access {
        Access::Read => Absence::Tolerated,
        Access::Write | Access::Destroy => Absence::Promised,
    };
    let scope: Scope<'_> = call.scope(absence, &key).with("response", &body);
    let output = declaration.output.fill(&scope)?.unwrap_or(Value::Null);
    let next = match &declaration.paging {
        Some(paging) => paging.next(request(call)?, reply, &body)?,
        None => None,
    };
    Ok(Page { output, next })
}

fn promises_a_body(declaration: &Declaration) -> bool {
    let output = declaration.output.references();
    declaration.single.is_some() || output.iter().any(|path| path.root() == "response")
}

/// An operation for one thing must not pick one of several: it might pick the wrong person.
fn only_one(list: Option<&Value>) -> Result<(), Failure> {
    match list.and_then(Value::as_array).map(Vec::as_slice) {
        Some([_]) => Ok(()),
        Some([]) => Err(Failure::NotFound { message: "nothing matches".into() }),
        Some(several) => Err(Failure::Rejected {
            code: "ambiguous".into(),
            message: format!("{} things match where one is meant", several.len()),
        }),
        None => Err(Failure::Malformed { reason: "a list was expected".into() }),
    }
}

/// The pages of one call, put together up to the operation's cap.
#[derive(Debug)]
pub struct Pages {
    paging: Option<Paging>,
    read: usize,
    output: Value,
}

impl Pages {
    /// No page yet of `operation`.
    pub fn of(operation: &str) -> Result<Self, Failure> {
        let declaration = catalogue().declaration(operation);
        let declaration =
            declaration.ok_or_else(|| invalid(format!("there is no operation `{operation}`")))?;
        Ok(Self { paging: declaration.paging.clone(), read: 0, output: Value::Null })
    }

    /// Adds a page and says which request comes next, if one should.
    pub fn add(&mut self, page: Page) -> Option<Request> {
        self.read += 1;
        let Page { output, next } = page;
        let Some(paging) = &self.paging else {
            self.output = output;
            return None;
        };
        match (items(&mut self.output, paging), output) {
            (Some(all), mut later) => {
                all.extend(items(&mut later, paging).map(std::mem::take).unwrap_or_default())
            }
            (None, first) => self.output = first,
        }
        let enough = self.read >= paging.max_pages || excerpt::is_large(&self.output);
        if next.is_some() && enough {
            // What was left out is told, never silently dropped.
            if let Some(output) = self.output.as_object_mut() {
                output.insert("more".into(), true.into());
            }
            return None;
        }
        next
    }

    /// The operation's output over all pages.
    pub fn into_output(self) -> Value {
        self.output
    }
}

fn items<'v>(output: &'v mut Value, paging: &Paging) -> Option<&'v mut Vec<Value>> {
    output.get_mut(&paging.items)?.as_array_mut()
}
