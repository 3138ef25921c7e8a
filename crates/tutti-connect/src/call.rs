//! A call: an operation with its arguments, and the request it makes.

use std::collections::BTreeMap;

use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::wire::Request;

use crate::catalogue::catalogue;
use crate::connector::{Base, Connector};
use crate::declaration::Declaration;
use crate::encode;
use crate::scope::{Absence, Scope, invalid};
use crate::template::{Template, Text};

/// An operation and everything its request is made of.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The operation's id.
    pub operation: &'a str,
    /// Its arguments.
    pub input: &'a Value,
    /// What its `before` read, if it has one and that was done.
    pub before: Option<&'a Value>,
    /// The effect's key, written where the operation has a place for it.
    pub effect_key: &'a str,
    /// The connection's public settings.
    pub connection: &'a Value,
}

/// The request of a call, without credentials.
pub fn request(call: &Call<'_>) -> Result<Request, Failure> {
    let (connector, declaration) = call.look_up()?;
    let key = Value::from(call.effect_key);
    let scope = call.scope(Absence::Request(&declaration.operation.input), &key);
    let shape = &declaration.request;

    let path = required(&shape.path, shape.path.fill_with(&scope, encode::percent)?)?;
    let mut url = base(connector, &scope)? + &encode::checked_path(path)?;
    let parameters = parameters(&shape.query, &scope)?;
    if !parameters.is_empty() {
        url = url + "?" + &encode::query(&parameters);
    }

    let mut headers = BTreeMap::from([("accept".to_owned(), "application/json".to_owned())]);
    for (name, value) in connector.headers.iter().chain(&shape.headers) {
        let value = required(value, value.fill(&scope)?)?;
        headers.insert(name.to_ascii_lowercase(), encode::checked_header(name, value)?);
    }
    // Slack warns where the charset is not said; everybody else takes it.
    let json_type = "application/json; charset=utf-8";
    let body = match (&shape.json, &shape.form) {
        (Some(json), _) => json.fill(&scope)?.map(|json| (json_type, json.to_string())),
        (None, Some(form)) => {
            let form = encode::query(&self::parameters(form, &scope)?);
            Some(("application/x-www-form-urlencoded", form))
        }
        (None, None) => None,
    };
    let body = body.map(|(kind, body)| {
        headers.insert("content-type".into(), kind.into());
        body
    });
    let (target, method) = (connector.base.target(), shape.method.name().to_owned());
    Ok(Request { target, method, url, headers, body })
}

impl<'a> Call<'a> {
    /// The connector and the declaration of the operation.
    pub(crate) fn look_up(&self) -> Result<(&'static Connector, &'static Declaration), Failure> {
        let tool = self.operation.split('.').next().unwrap_or_default();
        let known = catalogue().connector(tool).zip(catalogue().declaration(self.operation));
        known.ok_or_else(|| invalid(format!("there is no operation `{}`", self.operation)))
    }

    /// The names a template of this call sees.
    pub(crate) fn scope<'s>(&self, absence: Absence<'s>, effect_key: &'s Value) -> Scope<'s>
    where
        'a: 's,
    {
        let mut names = vec![
            ("input", self.input),
            ("connection", self.connection),
            ("effect_key", effect_key),
        ];
        names.extend(self.before.map(|before| ("before", before)));
        Scope::new(absence, names)
    }
}

/// The URL before the path; nothing for a product, whose address the platform knows.
fn base(connector: &Connector, scope: &Scope<'_>) -> Result<String, Failure> {
    match &connector.base {
        Base::Product(_) => Ok(String::new()),
        Base::Url(text) => checked_base(required(text, text.fill(scope)?)?),
    }
}

/// Accepts the address of a site only if nothing in it could change where a path below it leads.
pub(crate) fn checked_base(url: String) -> Result<String, Failure> {
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |rest: &str| !rest.starts_with('/') && !rest.contains(['?', '#', '@', '\\', ' ']);
    match host {
        Some(rest) if !rest.is_empty() && plain(rest) && !rest.contains("..") => Ok(url),
        _ => Err(invalid(format!("`{url}` is not the address of a site"))),
    }
}

/// Name and text of each parameter that is there; a list becomes comma-separated.
fn parameters(
    templates: &BTreeMap<String, Template>,
    scope: &Scope<'_>,
) -> Result<Vec<(String, String)>, Failure> {
    let mut pairs = Vec::new();
    for (name, template) in templates {
        let text = match template.fill(scope)? {
            None | Some(Value::Null) => continue,
            Some(Value::Array(items)) => {
                items.iter().map(scalar).collect::<Result<Vec<_>, _>>()?.join(",")
            }
            Some(value) => scalar(&value)?,
        };
        pairs.push((name.clone(), text));
    }
    Ok(pairs)
}

fn scalar(value: &Value) -> Result<String, Failure> {
    match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(invalid("a parameter must be text, a number, a flag or a list of these")),
    }
}

/// A text that must be there; in a request, absence was a failure already.
fn required(text: &Text, filled: Option<String>) -> Result<String, Failure> {
    let first = || text.references().first().map_or_else(String::new, ToString::to_string);
    filled.ok_or_else(|| Failure::Missing { path: first() })
}
