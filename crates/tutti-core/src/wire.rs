//! Requests and replies as plain data: what the speaking crates make and the edge sends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where a request goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// The Jira site, as the app.
    Jira,
    /// The Confluence site, as the app.
    Confluence,
    /// Any other host, by absolute URL.
    Outside,
}

/// An HTTP request without credentials.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Where it goes.
    pub target: Target,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: String,
    /// A path with query for the products (`/rest/api/3/…`, `/wiki/…`), else an absolute URL.
    /// Every variable part is percent-encoded already.
    pub url: String,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: Option<String>,
}

/// An HTTP answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body as text.
    pub body: String,
}
