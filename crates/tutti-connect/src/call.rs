//! A call: an operation with its arguments, and the request it makes.

use std::collections::BTreeMap;

use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::wire::Request;

use crate::catalogue::catalogue;
use crate::connector::{Base, Connector};
use crate::declaration::{Declaration, Shape};
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
    let unasked = || invalid(format!("`{}` is performed without a request", call.operation));
    filled(connector, declaration.request.as_ref().ok_or_else(unasked)?, &scope)
}

fn filled(connector: &Connector, shape: &Shape, scope: &Scope<'_>) -> Result<Request, Failure> {
    let path = required(&shape.path, shape.path.fill_with(scope, encode::percent)?)?;
    let mut url = base(connector, scope)? + &encode::checked_path(path)?;
    let query = parameters(&shape.query, scope)?;
    if !query.is_empty() {
        url = url + "?" + &encode::query(&query);
    }

    let mut headers = BTreeMap::from([("accept".to_owned(), "application/json".to_owned())]);
    for (name, value) in connector.headers.iter().chain(&shape.headers) {
        let value = required(value, value.fill(scope)?)?;
        // A read has no effect key to hand on.
        if value.is_empty() {
            continue;
        }
        headers.insert(name.to_ascii_lowercase(), encode::checked_header(name, value)?);
    }
    // Slack warns where the charset is not said; everybody else takes it.
    let json_type = "application/json; charset=utf-8";
    let body = match (&shape.json, &shape.form) {
        (Some(json), _) => json.fill(scope)?.map(|json| (json_type, json.to_string())),
        (None, Some(form)) => {
            let form = encode::query(&parameters(form, scope)?);
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
        Base::Product(_) | Base::Host => Ok(String::new()),
        Base::Url(text) => address(text, scope),
    }
}

/// An address from a connection's settings, accepted only if nothing in it could change where a
/// path below it leads. People paste addresses with a slash at the end.
pub(crate) fn address(text: &Text, scope: &Scope<'_>) -> Result<String, Failure> {
    let filled = text.fill_with(scope, |setting| setting.trim_end_matches('/').to_owned())?;
    let url = required(text, filled)?;
    let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let plain = |rest: &str| {
        !rest.starts_with('/')
            && !rest.contains(['?', '#', '@', '\\', ' '])
            && !["..", "//"].iter().any(|part| rest.contains(part))
    };
    match host {
        Some(rest) if !rest.is_empty() && plain(rest) => Ok(url),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(input: Value) -> Result<Request, Failure> {
        let connector = json!({
            "name": "Vendor", "base": { "url": "https://vendor.example" },
            "headers": { "X-Version": "2" },
        });
        let connector: Connector = serde_json::from_value(connector).unwrap();
        let declaration = json!({
            "summary": "", "access": "read", "output": null,
            "input": { "text": { "type": "text", "required": true }, "tags": { "type": "list" } },
            "request": {
                "method": "POST", "path": "/${input.text}", "headers": { "x-note": "${input.text}" },
                "query": { "tags": "${input.tags}" }, "form": { "t": "${input.text}" },
            },
        });
        let declaration = Declaration::read("vendor.thing.make", declaration).unwrap();
        let names = vec![("input", &input)];
        let scope = Scope::new(Absence::Request(&declaration.operation.input), names);
        filled(&connector, &declaration.request.unwrap(), &scope)
    }

    #[test]
    fn a_form_a_list_and_headers() {
        let request = made(json!({ "text": "a/b &", "tags": ["x", 1] })).unwrap();
        assert_eq!(request.url, "https://vendor.example/a%2Fb%20%26?tags=x%2C1");
        assert_eq!(request.body.as_deref(), Some("t=a%2Fb%20%26"));
        let headers: Vec<_> = request.headers.iter().map(|(k, v)| format!("{k}: {v}")).collect();
        assert_eq!(
            headers,
            [
                "accept: application/json",
                "content-type: application/x-www-form-urlencoded",
                "x-note: a/b &",
                "x-version: 2",
            ]
        );
    }

    #[test]
    fn what_fits_nowhere_is_refused() {
        let missing = Failure::Missing { path: "input.text".into() };
        assert_eq!(made(json!({ "text": null })), Err(missing));
        for input in [
            json!({ "text": "a\nb: c" }),
            json!({ "text": ["a"] }),
            json!({ "text": "a", "tags": [{}] }),
        ] {
            assert_eq!(made(input.clone()).unwrap_err().kind(), "rejected", "{input}");
        }
    }
}
