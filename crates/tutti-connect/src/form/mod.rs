//! Forms: the closed list of named shapes a template may use where plain look-ups do not reach.

mod adf;
mod adf_text;
mod each;
mod markdown;
mod mrkdwn;
mod plain;
mod table;

use serde::Deserialize;
use serde::de::{self, MapAccess};
use serde_json::Value;
use tutti_core::failure::Failure;

use crate::encode;
use crate::path::Path;
use crate::scope::{Scope, invalid};
use crate::template::{Template, Text};

/// A named form and what it is given.
#[derive(Debug, Clone, PartialEq)]
pub enum Form {
    /// Text to an Atlassian document.
    Adf(Template),
    /// An Atlassian document to text.
    AdfText(Template),
    /// An Atlassian document with one more table row.
    AppendRow(AppendRow),
    /// A list with every item reshaped.
    Each(Each),
    /// JSON as a string.
    JsonString(Template),
    /// Lines of text, absent ones left out.
    Lines(Vec<Template>),
    /// Text to Slack's markup.
    Mrkdwn(Template),
    /// The whole number after the one given.
    Next(Template),
    /// Text in which no line is a GitLab quick action.
    NoQuickActions(Template),
    /// A URL path inside a body, each reference one segment.
    Path(Text),
    /// A SOQL query, each reference a quoted literal.
    Soql(Text),
}

/// A row for the first table of a document.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AppendRow {
    to: Template,
    row: Template,
}

/// A list and the shape of its items, which see `item`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Each {
    of: Template,
    to: Template,
}

/// The names as written in YAML.
const NAMES: &str = "`$adf`, `$adf_text`, `$append_row`, `$each`, `$json_string`, `$lines`, \
                     `$mrkdwn`, `$next`, `$no_quick_actions`, `$path`, `$soql`";

impl Form {
    /// Reads what the form called `name` is given.
    pub fn read<'de, A: MapAccess<'de>>(name: &str, map: &mut A) -> Result<Self, A::Error> {
        Ok(match name {
            "$adf" => Self::Adf(map.next_value()?),
            "$adf_text" => Self::AdfText(map.next_value()?),
            "$append_row" => Self::AppendRow(map.next_value()?),
            "$each" => Self::Each(map.next_value()?),
            "$json_string" => Self::JsonString(map.next_value()?),
            "$lines" => Self::Lines(map.next_value()?),
            "$mrkdwn" => Self::Mrkdwn(map.next_value()?),
            "$next" => Self::Next(map.next_value()?),
            "$no_quick_actions" => Self::NoQuickActions(map.next_value()?),
            "$path" => Self::Path(map.next_value()?),
            "$soql" => Self::Soql(map.next_value()?),
            _ => {
                let wrong = format!("unknown form `{name}`, expected one of {NAMES}");
                return Err(de::Error::custom(wrong));
            }
        })
    }

    /// Fills the form in; nothing if what it is given is absent as a whole.
    pub fn fill(&self, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
        match self {
            Self::Adf(of) => of_text(of, scope, |text| Ok(adf::document(text))),
            Self::AdfText(of) => of_value(of, scope, adf_text::form),
            Self::AppendRow(form) => table::append_row(form, scope),
            Self::Each(form) => each::fill(form, scope),
            Self::JsonString(of) => of_value(of, scope, |value| Ok(value.to_string().into())),
            Self::Lines(lines) => plain::lines(lines, scope).map(Some),
            Self::Mrkdwn(of) => of_text(of, scope, |text| Ok(mrkdwn::message(text).into())),
            Self::Next(of) => of_value(of, scope, plain::next),
            Self::NoQuickActions(of) => {
                of_text(of, scope, |text| Ok(plain::no_quick_actions(text).into()))
            }
            Self::Path(path) => match path.fill_with(scope, encode::percent)? {
                Some(path) => Ok(Some(encode::checked_path(path)?.into())),
                None => Ok(None),
            },
            Self::Soql(query) => Ok(query.fill_with(scope, plain::soql_literal)?.map(Value::from)),
        }
    }

    /// Every reference but `item`, which is the form's own name.
    pub fn references(&self) -> Vec<&Path> {
        match self {
            Self::Adf(of)
            | Self::AdfText(of)
            | Self::JsonString(of)
            | Self::Mrkdwn(of)
            | Self::Next(of)
            | Self::NoQuickActions(of) => of.references(),
            Self::AppendRow(form) => [form.to.references(), form.row.references()].concat(),
            Self::Each(form) => {
                let outer = form.to.references().into_iter().filter(|path| path.root() != "item");
                form.of.references().into_iter().chain(outer).collect()
            }
            Self::Lines(lines) => lines.iter().flat_map(Template::references).collect(),
            Self::Path(text) | Self::Soql(text) => text.references(),
        }
    }
}

/// Applies a form to a value that is there; `null` stays `null`.
fn of_value(
    template: &Template,
    scope: &Scope<'_>,
    form: impl Fn(&Value) -> Result<Value, Failure>,
) -> Result<Option<Value>, Failure> {
    match template.fill(scope)? {
        None => Ok(None),
        Some(Value::Null) => Ok(Some(Value::Null)),
        Some(value) => form(&value).map(Some),
    }
}

/// Applies a form to text that is there.
fn of_text(
    template: &Template,
    scope: &Scope<'_>,
    form: impl Fn(&str) -> Result<Value, Failure>,
) -> Result<Option<Value>, Failure> {
    of_value(template, scope, |value| match value {
        Value::String(text) => form(text),
        Value::Number(_) | Value::Bool(_) => form(&value.to_string()),
        _ => Err(invalid("a list or an object stands where text should be")),
    })
}
