//! The admin page: connections, the model, and the secrets of web triggers.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tutti_connect::Hook;
use tutti_core::run::renewal_topic;

use super::{
    ApiError, Caller, ConnectionField, ConnectionRow, ConnectionStatus, Connections, HookRow, Need,
    Stopped, require, stopped,
};
use crate::breaker::{self, Circuit};
use crate::connection::{self, Checked, Connection, PRICES, price};
use crate::host::Host;
use crate::inbound;
use crate::perform::{self, OperationCall};
use crate::stop::{Reach, Switches};

/// The connection to the language model, which is no connector.
const MODEL: &str = "model";
/// The longest value of a field, in characters.
const VALUE_CHARS_MAX: usize = 8_000;

pub async fn call(
    function: &str,
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<Value, ApiError> {
    require(host, caller, Need::AdministerSite).await?;
    let tool = payload.get("tool").and_then(Value::as_str).unwrap_or_default();
    match function {
        "connections" => all(host).await.map(|all| json!(all)),
        "save_connection" => save(known(tool)?, payload, host).await.map(|row| json!(row)),
        "check_connection" => check(known(tool)?, host).await.map(|row| json!(row)),
        "remove_connection" => {
            let fields = fields(known(tool)?);
            let secrets: Vec<String> =
                fields.into_iter().filter(|field| field.secret).map(|field| field.key).collect();
            connection::remove(host, tool, &secrets).await?;
            Ok(json!(row(tool, None, None)))
        }
        "stop_site" => {
            let stands = payload.get("stopped").and_then(Value::as_bool);
            let stands = stands.ok_or_else(|| ApiError::missing("stopped"))?;
            stopped(host, Reach::Site, stands, caller).await.map(|stopped| json!(stopped))
        }
        "save_hook" => save_hook(tool, payload, host).await.map(|row| json!(row)),
        other => Err(ApiError::unknown(other)),
    }
}

/// The tools an admin connects, in the order of the page.
pub fn tools() -> impl Iterator<Item = &'static str> {
    let asks = |tool: &&str| !fields(tool).is_empty();
    tutti_connect::catalogue().tools().filter(asks).chain([MODEL])
}

/// The tools that call us.
pub fn hooks() -> impl Iterator<Item = (&'static str, &'static Hook)> {
    let hook = |tool| Some((tool, tutti_connect::connector(tool)?.events.hook.as_ref()?));
    tutti_connect::catalogue().tools().filter_map(hook)
}

fn known(tool: &str) -> Result<&str, ApiError> {
    let known = tools().any(|known| known == tool);
    if known { Ok(tool) } else { Err(ApiError::new("not_found", format!("no tool `{tool}`"))) }
}

async fn all(host: &Host) -> Result<Connections, ApiError> {
    let mut connections = Vec::new();
    for tool in tools() {
        let outage = breaker::open(host, tool).await?;
        connections.push(row(tool, connection::load(host, tool).await?, outage));
    }
    let mut rows = Vec::new();
    for (tool, hook) in hooks() {
        rows.push(hook_row(tool, hook, host).await?);
    }
    let stopped = Switches::read(host).await?.at(Reach::Site).map(Stopped::from);
    Ok(Connections { now: host.now(), connections, hooks: rows, stopped })
}

/// The form of a tool, empty.
pub fn fields(tool: &str) -> Vec<ConnectionField> {
    let field = |key: &str, label: &str, secret, required, example: &str| ConnectionField {
        key: key.to_owned(),
        label: label.to_owned(),
        secret,
        required,
        example: example.to_owned(),
        value: None,
        set: false,
    };
    if tool == MODEL {
        let [read, written] = PRICES;
        return vec![
            field("base_url", "Address", false, true, "https://api.openai.com/v1"),
            field("model", "Model", false, true, "gpt-5-mini"),
            field("api_key", "API key", true, false, "sk-…"),
            field(read, "US$ per million tokens read", false, false, "0.25"),
            field(written, "US$ per million tokens written", false, false, "2.00"),
        ];
    }
    let connector = tutti_connect::connector(tool);
    let declared = connector.into_iter().flat_map(|connector| &connector.fields);
    declared.map(|f| field(&f.key, &f.label, f.secret, true, &f.example)).collect()
}

fn row(tool: &str, stored: Option<Connection>, outage: Option<Circuit>) -> ConnectionRow {
    let stored = stored.unwrap_or_default();
    let mut fields = fields(tool);
    for field in &mut fields {
        field.value = stored.values.get(&field.key).cloned().filter(|_| !field.secret);
        field.set = field.value.is_some() || stored.secrets.contains(&field.key);
    }
    let missing = fields.iter().find(|field| field.required && !field.set);
    let held_until = outage.as_ref().and_then(|circuit| circuit.open_until);
    let (status, detail) = match (missing, &stored.checked) {
        _ if let Some(circuit) = &outage => {
            let Circuit { failures, reason, .. } = circuit;
            (ConnectionStatus::Unhealthy, format!("{failures} calls in a row failed: {reason}"))
        }
        (Some(field), _) => {
            (ConnectionStatus::NotConnected, format!("“{}” is missing", field.label))
        }
        (None, None) => (ConnectionStatus::NotChecked, "not tried yet".to_owned()),
        (None, Some(check)) if check.ok => (ConnectionStatus::Connected, check.detail.clone()),
        (None, Some(check)) => (ConnectionStatus::Unhealthy, check.detail.clone()),
    };
    let connector = tutti_connect::connector(tool);
    let (name, about) = connector.map_or(
        (
            "Language model",
            "Any server that speaks OpenAI's chat completions. It decides within the limits a flow sets.",
        ),
        |connector| (&connector.name, &connector.about),
    );
    ConnectionRow {
        tool: tool.to_owned(),
        name: name.to_owned(),
        about: about.to_owned(),
        fields,
        status,
        detail,
        held_until,
        checked_at: stored.checked.map(|checked| checked.at),
    }
}

/// Stores what was entered, all of it or nothing; an empty secret keeps the one there is.
async fn save(tool: &str, payload: &Value, host: &Host) -> Result<ConnectionRow, ApiError> {
    let given = payload.get("values").cloned().unwrap_or_default();
    let given: BTreeMap<String, String> = serde_json::from_value(given)
        .map_err(|error| ApiError::new("bad_request", error.to_string()))?;
    let entered = entered(tool, &given)?;
    let mut stored = connection::load(host, tool).await?.unwrap_or_default();
    let address = entered.iter().find(|(field, _)| field.key == "base_url");
    let moved =
        address.is_some_and(|(_, new)| stored.values.get("base_url").is_some_and(|old| old != new));
    if moved {
        // Secrets were entered for the old address; nobody may send them to another.
        connection::remove(host, tool, &std::mem::take(&mut stored.secrets)).await?;
    }
    for (field, text) in entered {
        if !field.secret {
            if text.is_empty() {
                stored.values.remove(&field.key);
            } else {
                stored.values.insert(field.key, text);
            }
        } else if !text.is_empty() {
            let key = connection::secret_key(tool, &field.key);
            let _: Value = host.port("keep", json!({"key": key, "value": text})).await?;
            if !stored.secrets.contains(&field.key) {
                stored.secrets.push(field.key);
            }
        }
    }
    stored.checked = None;
    stored.saves += 1;
    connection::save(host, tool, &stored).await?;
    renewed(tool, host).await;
    Ok(row(tool, Some(stored), None))
}

/// The fields that were entered with what is to be stored of them, if each can hold it.
fn entered(
    tool: &str,
    given: &BTreeMap<String, String>,
) -> Result<Vec<(ConnectionField, String)>, ApiError> {
    let mut entered = Vec::new();
    for field in fields(tool) {
        let Some(text) = given.get(&field.key).map(|text| text.trim()) else { continue };
        if text.chars().count() > VALUE_CHARS_MAX || text.chars().any(char::is_control) {
            let message = format!("“{}” cannot hold this", field.label);
            return Err(ApiError::new("bad_value", message).hint("it must be one short line"));
        }
        if field.key == "base_url" && !is_address(text) {
            return Err(ApiError::new("bad_value", "the address must be like https://host")
                .hint("no user name, no query, nothing after it but a path"));
        }
        if PRICES.contains(&field.key.as_str()) && !text.is_empty() && price(text).is_none() {
            let message = format!("“{}” must be a number", field.label);
            return Err(ApiError::new("bad_value", message).hint("write it like 0.25"));
        }
        let kept = if field.secret { text } else { text.trim_end_matches('/') };
        let kept = kept.to_owned();
        entered.push((field, kept));
    }
    Ok(entered)
}

/// Runs that wait for this tool's credentials go on, in the name of whoever renewed them.
async fn renewed(tool: &str, host: &Host) {
    let news = json!({"by": perform::display_name(host).await, "at": host.now()});
    // The credentials are stored in any case; whom this does not reach is still asked.
    let _ = inbound::signal(host, &renewal_topic(tool), &news).await;
}

fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || ".-_:/".contains(c);
    !rest.is_empty() && rest.chars().all(plain) && !rest.starts_with('/')
}

/// Tries the connection with the cheapest call there is.
async fn check(tool: &str, host: &Host) -> Result<ConnectionRow, ApiError> {
    let Some(before) = connection::load(host, tool).await? else {
        return Ok(row(tool, None, None));
    };
    let tried = if tool == MODEL {
        perform::try_model(host).await
    } else {
        let missing = || ApiError::missing("check");
        let connector = tutti_connect::connector(tool).ok_or_else(missing)?;
        let operation = connector.check.as_deref().ok_or_else(missing)?;
        let none = json!({});
        let call =
            OperationCall { operation, input: &none, before: None, untrusted: &[], effect_key: "" };
        call.answered(host, tool, connector, 20_000).await.map(|_| "works".to_owned())
    };
    let mut stored = match connection::load(host, tool).await? {
        Some(now) if now.saves == before.saves => now,
        // What was tried is not what is stored any more.
        other => return Ok(row(tool, other, None)),
    };
    if tried.is_ok() {
        breaker::close(host, tool).await;
    }
    let (ok, detail) = match tried {
        Ok(detail) => (true, detail),
        Err(failure) => (false, failure.to_string()),
    };
    stored.checked = Some(Checked { at: host.now(), ok, detail });
    connection::save(host, tool, &stored).await?;
    if ok {
        renewed(tool, host).await;
    }
    Ok(row(tool, Some(stored), None))
}

async fn hook_row(tool: &str, hook: &Hook, host: &Host) -> Result<HookRow, ApiError> {
    let url: String = host.port("hook_url", json!({"tool": tool})).await?;
    let secret: Option<String> =
        host.port("secret", json!({"key": format!("hook.{tool}")})).await?;
    Ok(HookRow {
        tool: tool.to_owned(),
        name: tutti_connect::connector(tool).map(|it| it.name.clone()).unwrap_or_default(),
        about: hook.about.clone(),
        url,
        set: secret.is_some_and(|secret| !secret.is_empty()),
    })
}

async fn save_hook(tool: &str, payload: &Value, host: &Host) -> Result<HookRow, ApiError> {
    let found = hooks().find(|(known, _)| *known == tool);
    let (tool, hook) =
        found.ok_or_else(|| ApiError::new("not_found", format!("no hook `{tool}`")))?;
    let secret = payload.get("secret").and_then(Value::as_str).unwrap_or_default();
    if secret.chars().count() < 16 || secret.chars().any(char::is_control) {
        return Err(ApiError::new("weak_secret", "the secret must have at least 16 characters")
            .hint("let a password manager make one"));
    }
    let key = format!("hook.{tool}");
    let _: Value = host.port("keep", json!({"key": key, "value": secret})).await?;
    hook_row(tool, hook, host).await
}
