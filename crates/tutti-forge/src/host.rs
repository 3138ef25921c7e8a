//! The host: everything this instance can reach, handed in by each invocation and by nothing else.

mod http;

use js_sys::Reflect;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tutti_core::session::SessionError;
use wasm_bindgen::prelude::*;

/// How long an invocation trusts what it has read of connections and breakers, in milliseconds.
const RECENT_MS: u32 = 10_000;

#[wasm_bindgen]
extern "C" {
    /// One invocation's way out; all of it is bound to the invocation it was made in.
    #[derive(Clone)]
    pub type Host;

    /// The host's clock, milliseconds since 1970.
    #[wasm_bindgen(method, js_name = now)]
    fn clock(this: &Host) -> f64;

    /// Asks for something the platform offers, as JSON and a text beside it.
    #[wasm_bindgen(method, catch, js_name = port)]
    async fn call(this: &Host, port: &str, json: &str, text: &str) -> Result<JsValue, JsValue>;

    /// The same, with what was read within so many milliseconds.
    #[wasm_bindgen(method, catch, js_name = recent)]
    async fn call_recent(
        this: &Host,
        port: &str,
        json: &str,
        within_ms: u32,
    ) -> Result<JsValue, JsValue>;

    /// Performs HTTP; `target` says with whose credentials.
    #[wasm_bindgen(method, catch)]
    async fn fetch(
        this: &Host,
        target: &str,
        request: web_sys::Request,
    ) -> Result<JsValue, JsValue>;
}

/// What the platform answered instead of what was asked.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PortError {
    /// It refused, with a code of its own.
    #[error("the platform answered {code}: {message}")]
    Refused {
        /// `KEY_CONFLICT`, `CONDITIONAL_CHECK_FAILED`, ….
        code: String,
        /// Its words.
        message: String,
    },
    /// It answered something else than it should.
    #[error("the platform's answer to `{port}` could not be read: {reason}")]
    Unreadable {
        /// The port.
        port: &'static str,
        /// Why not.
        reason: String,
    },
    /// What it keeps of a run is nothing this release can open.
    #[error("{}; {}", .0, .0.hint())]
    Unopened(#[from] SessionError),
}

impl PortError {
    /// Whether the platform refused for this reason.
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { code, .. } if code == wanted)
    }
}

impl Host {
    /// Milliseconds since 1970, by the host's clock.
    pub fn now(&self) -> i64 {
        self.clock() as i64
    }

    /// Asks the platform.
    pub async fn port<T: DeserializeOwned>(
        &self,
        port: &'static str,
        arguments: impl Serialize,
    ) -> Result<T, PortError> {
        self.port_with(port, arguments, "").await
    }

    /// The same with a text beside the arguments, handed over as it is.
    pub async fn port_with<T: DeserializeOwned>(
        &self,
        port: &'static str,
        arguments: impl Serialize,
        beside: &str,
    ) -> Result<T, PortError> {
        let asked = written(port, arguments)?;
        answered(port, self.call(port, &asked, beside).await)
    }

    /// Asks the platform for what may be a few seconds old: what this invocation read of it before,
    /// and has not written since, is not read again.
    pub async fn recent<T: DeserializeOwned>(
        &self,
        port: &'static str,
        arguments: impl Serialize,
    ) -> Result<T, PortError> {
        let asked = written(port, arguments)?;
        answered(port, self.call_recent(port, &asked, RECENT_MS).await)
    }
}

/// What a port is asked, as JSON.
fn written(port: &'static str, arguments: impl Serialize) -> Result<String, PortError> {
    let unreadable =
        |error: serde_json::Error| PortError::Unreadable { port, reason: error.to_string() };
    serde_json::to_string(&arguments).map_err(unreadable)
}

/// What a port answered, read.
fn answered<T: DeserializeOwned>(
    port: &'static str,
    answer: Result<JsValue, JsValue>,
) -> Result<T, PortError> {
    let answer = answer.map_err(|error| refused(&error))?;
    let text = answer.as_string().unwrap_or_else(|| "null".to_owned());
    serde_json::from_str(&text)
        .map_err(|error| PortError::Unreadable { port, reason: error.to_string() })
}

fn refused(error: &JsValue) -> PortError {
    let text =
        |name: &str| Reflect::get(error, &name.into()).ok().and_then(|text| text.as_string());
    PortError::Refused {
        code: text("code").or_else(|| text("name")).unwrap_or_default(),
        message: text("message").or_else(|| error.as_string()).unwrap_or_default(),
    }
}

/// What a handler answers: a value, or an error a person can act on.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// It worked.
    Ok(Value),
    /// It did not.
    Error(crate::api::ApiError),
}
