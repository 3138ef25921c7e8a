//! A connection's public settings: where the model is and what its endpoint can do.

use serde::Deserialize;
use serde_json::Value;
use tutti_core::failure::Failure;

/// The settings an admin makes.
#[derive(Debug, Deserialize)]
pub struct Connection {
    pub base_url: String,
    pub model: Option<String>,
    #[serde(default)]
    pub json_schema: JsonSchema,
    #[serde(default)]
    pub max_tokens_field: MaxTokensField,
}

/// Whether the endpoint takes a JSON Schema for the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JsonSchema {
    #[default]
    On,
    Off,
}

/// What the endpoint calls the limit of an answer's length.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaxTokensField {
    #[default]
    MaxCompletionTokens,
    MaxTokens,
}

/// Reads and checks the settings.
pub fn read(settings: &Value) -> Result<Connection, Failure> {
    if settings.get("base_url").is_none_or(Value::is_null) {
        return Err(Failure::Missing { path: "connection.base_url".into() });
    }
    let mut connection =
        Connection::deserialize(settings).map_err(|error| invalid(&error.to_string()))?;
    connection.base_url.truncate(connection.base_url.trim_end_matches('/').len());
    if host(&connection.base_url).is_none() {
        return Err(invalid("`base_url` is not an address such as https://api.openai.com/v1"));
    }
    Ok(connection)
}

/// The host in a plain `http` or `https` address: one without credentials, query or blanks.
pub fn host(url: &str) -> Option<&str> {
    let (_, rest) =
        url.split_once("://").filter(|(scheme, _)| matches!(*scheme, "https" | "http"))?;
    let odd = |char: char| !char.is_ascii_graphic() || "@?#\\".contains(char);
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    (!host.is_empty() && !rest.contains(odd)).then_some(host)
}

/// The settings cannot be used; somebody has to change them.
pub fn invalid(message: &str) -> Failure {
    Failure::Rejected { code: "invalid_connection".into(), message: message.into() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_address_is_plain_or_refused() {
        for (url, expected) in [
            ("https://api.openai.com/v1", Some("api.openai.com")),
            ("http://127.0.0.1:11434/v1/", Some("127.0.0.1")),
            ("http://[::1]:8000/v1", Some("[::1]")),
            ("ftp://models.example/v1", None),
            ("https:///v1", None),
            ("https://key@models.example/v1", None),
            ("https://models.example/v1?key=1", None),
            ("https://models.example/v 1", None),
            ("models.example", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn settings_say_what_is_wrong_with_them() {
        let told = |settings: Value| read(&settings).unwrap_err().to_string();
        assert_eq!(told(json!({"model": "m"})), "`connection.base_url` is missing");
        assert_eq!(told(json!(null)), "`connection.base_url` is missing");
        let odd = json!({"base_url": "https://models.example", "json_schema": "maybe"});
        assert!(told(odd).contains("unknown variant `maybe`"));
        let trimmed = read(&json!({"base_url": "https://models.example/v1//"})).unwrap();
        assert_eq!(trimmed.base_url, "https://models.example/v1");
    }
}
