//! A declaration: one operation as its YAML file says it, the core's part and ours.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use tutti_core::operation::{Access, Before, Call, Input, Once, Operation, Probe, Reversibility};

use crate::paging::Paging;
use crate::path::Path;
use crate::template::{Template, Text};

/// The file, key by key; an unknown key fails the build.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    summary: String,
    access: Access,
    once: Option<Once>,
    reversibility: Option<Reversibility>,
    #[serde(default)]
    scopes: Vec<String>,
    #[serde(default)]
    input: BTreeMap<String, Input>,
    #[serde(default)]
    untrusted: Vec<String>,
    #[serde(default)]
    pii: Vec<String>,
    request: Option<Shape>,
    marker: Option<Path>,
    before: Option<Before>,
    probe: Option<Probe>,
    inverse: Option<Call>,
    inverse_if_new: Option<Call>,
    single: Option<Path>,
    #[serde(default)]
    composite: bool,
    output: Template,
    paging: Option<Paging>,
    #[serde(default)]
    causes: Vec<String>,
    #[serde(default = "Operation::default_deadline_ms")]
    deadline_ms: u64,
    /// Executed by tests, not embedded; see `example`.
    #[serde(default, rename = "example")]
    _example: IgnoredAny,
    #[serde(default, rename = "failures")]
    _failures: IgnoredAny,
}

/// An operation and how to speak it.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// What the core sees.
    pub operation: Operation,
    /// The OAuth scopes a product call needs.
    pub scopes: Vec<String>,
    /// The request; none where the host performs the operation itself.
    pub request: Option<Shape>,
    /// Where the sent request carries the effect key: a path from `json`, `query` or `form`.
    pub marker: Option<Path>,
    /// A list in the response that must hold exactly one thing.
    pub single: Option<Path>,
    /// Whether the response holds the replies of several requests (Salesforce Composite).
    pub composite: bool,
    /// What the operation gives.
    pub output: Template,
    /// How the next page is asked for.
    pub paging: Option<Paging>,
}

/// The shape of a request.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shape {
    /// The HTTP method.
    pub method: Method,
    /// The path below the connector's base, each reference within one segment.
    pub path: Text,
    /// Parameters; absent ones are left out, a list becomes comma-separated.
    #[serde(default)]
    pub query: BTreeMap<String, Template>,
    /// A JSON body.
    pub json: Option<Template>,
    /// A form body.
    pub form: Option<BTreeMap<String, Template>>,
    /// Headers besides the connector's.
    #[serde(default)]
    pub headers: BTreeMap<String, Text>,
}

/// The HTTP methods in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[allow(missing_docs)]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// As it stands in a request line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

impl Declaration {
    /// Reads the declaration of operation `id` in any self-describing format: YAML when the
    /// crate is built, the embedded JSON when it runs.
    pub fn read<'de, D: serde::Deserializer<'de>>(id: &str, from: D) -> Result<Self, D::Error> {
        Ok(Document::deserialize(from)?.named(id))
    }
}

impl Document {
    fn named(self, id: &str) -> Declaration {
        let operation = Operation {
            id: id.to_owned(),
            summary: self.summary,
            access: self.access,
            // A read says neither; a write that says nothing is taken for the worst.
            once: self.once.unwrap_or(match self.access {
                Access::Read => Once::Read,
                Access::Write | Access::Destroy => Once::Unsafe,
            }),
            reversibility: self.reversibility.unwrap_or(match self.access {
                Access::Read => Reversibility::Reversible,
                Access::Write | Access::Destroy => Reversibility::Irreversible,
            }),
            input: self.input,
            untrusted: self.untrusted,
            pii: self.pii,
            before: self.before,
            probe: self.probe,
            inverse: self.inverse,
            inverse_if_new: self.inverse_if_new,
            marked: self.marker.is_some(),
            causes: self.causes,
            deadline_ms: self.deadline_ms,
        };
        Declaration {
            operation,
            scopes: self.scopes,
            request: self.request,
            marker: self.marker,
            single: self.single,
            composite: self.composite,
            output: self.output,
            paging: self.paging,
        }
    }
}

impl Shape {
    /// Every reference in it.
    pub fn references(&self) -> Vec<&Path> {
        let bodies = self.json.iter().chain(self.form.iter().flat_map(BTreeMap::values));
        let templates = self.query.values().chain(bodies).flat_map(Template::references);
        let texts = self.headers.values().chain([&self.path]).flat_map(Text::references);
        templates.chain(texts).collect()
    }
}
