//! Authorisation: where a connection's secrets go into a request, the last step before it leaves.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;
use tutti_core::failure::Failure;
use tutti_core::operation::Input;
use tutti_core::wire::{Reply, Request, Target};

use crate::call::address;
use crate::connector::{Auth, Connector};
use crate::encode;
use crate::reply::accepted;
use crate::scope::{Absence, Scope, invalid};
use crate::secret::Secret;

/// The name under which the secret of a client-credentials connection is its current token.
pub const ACCESS_TOKEN: &str = "access_token";

/// Finds a secret of the connection by its name.
pub type Secrets<'a> = &'a dyn Fn(&str) -> Option<Secret>;

/// Signs a request. For client credentials the secret asked for is [`ACCESS_TOKEN`].
pub fn authorize(
    connector: &Connector,
    request: &mut Request,
    secrets: Secrets<'_>,
) -> Result<(), Failure> {
    let (header, value) = match &connector.auth {
        Auth::None => return Ok(()),
        Auth::Header { name, secret } => {
            (name.as_str(), found(secrets, secret)?.expose().to_owned())
        }
        Auth::Bearer { secret } => ("authorization", bearer(&found(secrets, secret)?)),
        Auth::ClientCredentials { .. } => ("authorization", bearer(&found(secrets, ACCESS_TOKEN)?)),
    };
    request.headers.insert(header.to_owned(), encode::checked_header(header, value)?);
    Ok(())
}

/// The request that buys a token, or nothing for a connector that needs none. It holds the
/// client's secret in its body.
pub fn token_request(
    connector: &Connector,
    connection: &Value,
    secrets: Secrets<'_>,
) -> Result<Option<Request>, Failure> {
    let Auth::ClientCredentials { token_url, client_id, client_secret } = &connector.auth else {
        return Ok(None);
    };
    let no_inputs: BTreeMap<String, Input> = BTreeMap::new();
    let scope = Scope::new(Absence::Request(&no_inputs), vec![("connection", connection)]);
    let missing = |path: String| Failure::Missing { path };
    let id = connection.get(client_id).and_then(Value::as_str);
    let id = id.ok_or_else(|| missing(format!("connection.{client_id}")))?;
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let form = encode::query(&[
        pair("grant_type", "client_credentials"),
        pair("client_id", id),
        pair("client_secret", found(secrets, client_secret)?.expose()),
    ]);
    let headers =
        [("accept", "application/json"), ("content-type", "application/x-www-form-urlencoded")];
    Ok(Some(Request {
        target: Target::Outside,
        method: "POST".into(),
        url: address(token_url, &scope)?,
        headers: headers.into_iter().map(|(name, value)| pair(name, value)).collect(),
        body: Some(form),
    }))
}

/// A token and how long it lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What signs requests.
    pub access: Secret,
    /// When it ends, if the vendor says so; otherwise it lasts until a request is refused.
    pub expires_at_ms: Option<i64>,
}

/// Reads the answer to a token request. OAuth says 400 where it means that the credentials are
/// wrong (RFC 6749, 5.2).
pub fn read_token(connector: &Connector, reply: &Reply, now_ms: i64) -> Result<Token, Failure> {
    #[derive(Deserialize)]
    struct Granted {
        access_token: String,
        expires_in: Option<i64>,
    }
    if matches!(reply.status, 400 | 401 | 403) {
        return Err(Failure::Unauthorized);
    }
    let body = accepted(connector, reply, now_ms)?;
    // The parser's message could quote the token; it is not passed on.
    let granted: Granted = serde_json::from_value(body)
        .map_err(|_| Failure::Malformed { reason: "the answer holds no access token".into() })?;
    let lasts = |seconds: i64| now_ms.saturating_add(seconds.saturating_mul(1000));
    Ok(Token {
        access: Secret::new(granted.access_token),
        expires_at_ms: granted.expires_in.map(lasts),
    })
}

fn found(secrets: Secrets<'_>, name: &str) -> Result<Secret, Failure> {
    let secret =
        secrets(name).ok_or_else(|| Failure::Missing { path: format!("secret.{name}") })?;
    match secret.expose() {
        "" => Err(invalid(format!("the secret `{name}` is empty"))),
        _ => Ok(secret),
    }
}

fn bearer(secret: &Secret) -> String {
    format!("Bearer {}", secret.expose())
}
