//! HTTP through the host: a request as the platform's `fetch` takes it, and whatever comes of it as a
//! reply or a failure.

use std::collections::BTreeMap;

use gloo_net::http::{Headers, Method, RequestBuilder, Response};
use js_sys::{JsString, Promise, Reflect};
use tutti_core::excerpt;
use tutti_core::failure::Failure;
use tutti_core::wire::{Reply, Request, Target};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::Host;

impl Host {
    /// Performs one HTTP request; whatever goes wrong is a failure, never a panic.
    pub async fn send(&self, request: &Request, deadline_ms: u64) -> Result<Reply, Failure> {
        let target = match request.target {
            Target::Jira => "jira",
            Target::Confluence => "confluence",
            Target::Outside => "outside",
        };
        self.send_to(target, request, deadline_ms).await
    }

    /// The same to Jira, as the person who uses the app now.
    pub async fn send_as_person(
        &self,
        request: &Request,
        deadline_ms: u64,
    ) -> Result<Reply, Failure> {
        self.send_to("jira_as_person", request, deadline_ms).await
    }

    async fn send_to(
        &self,
        target: &str,
        request: &Request,
        deadline_ms: u64,
    ) -> Result<Reply, Failure> {
        let host = host_of(&request.url);
        let built = build(request, deadline_ms)?;
        let sent = self.fetch(target, built.into()).await;
        let answer = sent.map_err(|error| unreached(&host, &error))?;
        // The platform's Response is of another realm: it only has to quack like one.
        let response = Response::from(answer.unchecked_into::<web_sys::Response>());
        read(response, &host).await
    }
}

fn build(request: &Request, deadline_ms: u64) -> Result<gloo_net::http::Request, Failure> {
    let malformed = |reason: String| Failure::Malformed { reason };
    let method = match request.method.as_str() {
        "GET" => Method::GET,
        "POST" => Method::POST,
        "PUT" => Method::PUT,
        "PATCH" => Method::PATCH,
        "DELETE" => Method::DELETE,
        other => return Err(malformed(format!("no method `{other}`"))),
    };
    // A Request needs an absolute URL; the host takes the product's path off again.
    let url = match request.target {
        Target::Jira => format!("https://jira.invalid{}", request.url),
        Target::Confluence => format!("https://confluence.invalid{}", request.url),
        Target::Outside => request.url.clone(),
    };
    let headers = Headers::new();
    for (name, value) in &request.headers {
        if !is_header(name, value) {
            return Err(malformed(format!("the header `{name}` cannot be sent")));
        }
        headers.set(name, value);
    }
    let deadline_ms = u32::try_from(deadline_ms).unwrap_or(u32::MAX);
    let stop = web_sys::AbortSignal::timeout_with_u32(deadline_ms);
    let builder =
        RequestBuilder::new(&url).method(method).headers(headers).abort_signal(Some(&stop));
    let built = match &request.body {
        Some(body) => builder.body(body.as_str()),
        None => builder.build(),
    };
    built.map_err(|error| malformed(error.to_string()))
}

async fn read(response: Response, host: &str) -> Result<Reply, Failure> {
    let status = response.status();
    let headers: BTreeMap<String, String> =
        response.headers().entries().map(|(name, value)| (name.to_lowercase(), value)).collect();
    let response: web_sys::Response = response.into();
    let text = settle(response.text().map(JsValue::from)).await;
    let text = text.map_err(|error| unreached(host, &error))?;
    let length = text.dyn_ref::<JsString>().map_or(0, JsString::length);
    let Some(failure) = excerpt::unread(length) else {
        return Ok(Reply { status, headers, body: text.as_string().unwrap_or_default() });
    };
    if (200..300).contains(&status) {
        return Err(failure);
    }
    // Why it was refused is told by its status, too.
    Ok(Reply { status, headers, body: String::new() })
}

/// Waits for a promise, or takes a plain value as it is.
async fn settle(value: Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(Promise::resolve(&value?)).await
}

/// Reads any rejection, even a string or nothing, as a failure.
fn unreached(host: &str, error: &JsValue) -> Failure {
    let text = |value: &JsValue, name: &str| {
        Reflect::get(value, &name.into()).ok().and_then(|text| text.as_string())
    };
    let name = text(error, "name").unwrap_or_default();
    let cause = Reflect::get(error, &"cause".into()).unwrap_or(JsValue::UNDEFINED);
    let code = text(&cause, "code").or_else(|| text(error, "code")).unwrap_or_default();
    let message = text(error, "message").or_else(|| error.as_string()).unwrap_or_default();
    // Only these say that nothing left; of everything else the request may have arrived.
    let never_left = ["ENOTFOUND", "ECONNREFUSED", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT"];
    if name == "REQUEST_EGRESS_ALLOWLIST_ERR" || name == "ExternalEndpointNotAllowedError" {
        return Failure::Refused {
            policy: format!("this site does not allow calls to {host} yet"),
        };
    }
    if never_left.contains(&code.as_str()) {
        return Failure::Unreachable { host: host.to_owned(), reason: code, after_ms: None };
    }
    if name == "TypeError" && code.is_empty() && message.contains("URL") {
        return Failure::Malformed { reason: message };
    }
    Failure::Timeout
}

fn is_header(name: &str, value: &str) -> bool {
    let token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !name.is_empty() && name.chars().all(token) && !value.chars().any(|c| c.is_control())
}

/// The host part of a URL, for messages.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default().to_owned()
}
