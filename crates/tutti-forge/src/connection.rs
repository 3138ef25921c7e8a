//! A connection: a tool's public settings, and its credentials, looked up at the last moment.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_connect::{ACCESS_TOKEN, Auth, Connector, Secret};
use tutti_core::failure::Failure;

use crate::host::{Host, PortError};
use crate::store;

/// How much earlier than it ends a token is replaced, in milliseconds.
const TOKEN_MARGIN_MS: i64 = 60_000;

/// The model's prices in US$: for a million tokens read, and for a million written.
pub const PRICES: [&str; 2] = ["usd_per_million_in", "usd_per_million_out"];

/// A price as an admin enters it.
pub fn price(text: &str) -> Option<f64> {
    text.parse().ok().filter(|price: &f64| price.is_finite() && *price >= 0.0)
}

/// A tool's settings as they are stored. Secrets lie elsewhere; only which are set is known here.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Connection {
    /// Public settings by field.
    pub values: BTreeMap<String, String>,
    /// The secret fields that were entered.
    pub secrets: Vec<String>,
    /// Whether the last check worked, and what it said.
    pub checked: Option<Checked>,
    /// How often it was saved, which tells a check whether somebody did meanwhile.
    #[serde(default)]
    pub saves: u64,
}

/// What came of the last check.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Checked {
    /// When.
    pub at: i64,
    /// Whether it worked.
    pub ok: bool,
    /// What was said.
    pub detail: String,
}

#[derive(Serialize, Deserialize)]
struct StoredToken {
    access: String,
    expires_at_ms: Option<i64>,
}

/// The key of a tool's settings.
fn settings_key(tool: &str) -> String {
    format!("connection:{tool}")
}

/// The key of one of a tool's secrets.
pub fn secret_key(tool: &str, field: &str) -> String {
    format!("connection.{tool}.{field}")
}

/// The settings of a tool, if it was connected.
pub async fn load(host: &Host, tool: &str) -> Result<Option<Connection>, PortError> {
    let value = store::get(host, &settings_key(tool)).await?;
    Ok(value.and_then(|value| serde_json::from_value(value).ok()))
}

/// Writes the settings of a tool.
pub async fn save(host: &Host, tool: &str, connection: &Connection) -> Result<(), PortError> {
    store::set(host, &settings_key(tool), &json!(connection)).await
}

/// Forgets a tool's settings and secrets.
pub async fn remove(host: &Host, tool: &str, secrets: &[String]) -> Result<(), PortError> {
    let _: Value = host.port("delete", json!({"key": settings_key(tool)})).await?;
    for field in secrets {
        let _: Value = host.port("forget", json!({"key": secret_key(tool, field)})).await?;
    }
    let _: Value = host.port("forget", json!({"key": token_key(tool)})).await?;
    Ok(())
}

fn token_key(tool: &str) -> String {
    format!("token.{tool}")
}

/// One secret.
pub async fn secret(host: &Host, key: &str) -> Result<Option<Secret>, Failure> {
    let text: Option<String> =
        host.recent("secret", json!({"key": key})).await.map_err(|error| store::trouble(&error))?;
    Ok(text.filter(|text| !text.is_empty()).map(Secret::new))
}

/// The secrets that sign this connector's requests, a token bought if need be. `fresh` asks for a
/// new one even if the old should still hold.
pub async fn credentials(
    host: &Host,
    tool: &str,
    connector: &Connector,
    settings: &Value,
    fresh: bool,
) -> Result<BTreeMap<String, Secret>, Failure> {
    let mut secrets = BTreeMap::new();
    let names = match &connector.auth {
        Auth::None => return Ok(secrets),
        Auth::Header { secret, .. } | Auth::Bearer { secret } => vec![secret.clone()],
        Auth::ClientCredentials { client_secret, .. } => {
            if let (false, Some(token)) = (fresh, stored_token(host, tool).await?) {
                secrets.insert(ACCESS_TOKEN.to_owned(), token);
                return Ok(secrets);
            }
            vec![client_secret.clone()]
        }
    };
    for name in names {
        if let Some(secret) = secret(host, &secret_key(tool, &name)).await? {
            secrets.insert(name, secret);
        }
    }
    if let Some(token) = bought_token(host, tool, connector, settings, &secrets).await? {
        secrets.insert(ACCESS_TOKEN.to_owned(), token);
    }
    Ok(secrets)
}

async fn stored_token(host: &Host, tool: &str) -> Result<Option<Secret>, Failure> {
    let Some(text) = secret(host, &token_key(tool)).await? else { return Ok(None) };
    let Ok(token) = serde_json::from_str::<StoredToken>(text.expose()) else { return Ok(None) };
    let ends = token.expires_at_ms.unwrap_or(i64::MAX);
    let good = ends.saturating_sub(TOKEN_MARGIN_MS) > host.now();
    Ok(good.then(|| Secret::new(token.access)))
}

async fn bought_token(
    host: &Host,
    tool: &str,
    connector: &Connector,
    settings: &Value,
    secrets: &BTreeMap<String, Secret>,
) -> Result<Option<Secret>, Failure> {
    let find = |name: &str| secrets.get(name).map(|secret| Secret::new(secret.expose()));
    let Some(request) = tutti_connect::token_request(connector, settings, &find)? else {
        return Ok(None);
    };
    let reply = host.send(&request, 30_000).await?;
    let token = tutti_connect::read_token(connector, &reply, host.now())?;
    let kept = StoredToken {
        access: token.access.expose().to_owned(),
        expires_at_ms: token.expires_at_ms,
    };
    let text = serde_json::to_string(&kept).unwrap_or_default();
    let stored = host.port::<Value>("keep", json!({"key": token_key(tool), "value": text}));
    stored.await.map_err(|error| store::trouble(&error))?;
    Ok(Some(token.access))
}

/// The settings as templates see them. Each call needs them; a change counts within seconds.
pub async fn settings(host: &Host, tool: &str) -> Result<Value, Failure> {
    let stored = host.recent::<Option<Connection>>("get", json!({"key": settings_key(tool)})).await;
    let connection = stored.map_err(|error| store::trouble(&error))?;
    let missing = || Failure::Missing { path: format!("the connection to {tool}") };
    connection.map(|connection| json!(connection.values)).ok_or_else(missing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_a_number_of_dollars() {
        for (text, expected) in [("0.25", Some(0.25)), ("2", Some(2.0)), ("0", Some(0.0))] {
            assert_eq!(price(text), expected, "{text}");
        }
        for text in ["0,25", "abc", "-3", "", "$2", "inf", "NaN"] {
            assert_eq!(price(text), None, "{text}");
        }
    }
}
