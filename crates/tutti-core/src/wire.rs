//! Requests and replies as plain data: what the speaking crates make and the edge sends.

use std::collections::BTreeMap;
use std::fmt;

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

/// An HTTP request. Credentials enter it last, when it leaves.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
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

/// Shows which headers there are and hides what they hold: one of them may be a credential.
impl fmt::Debug for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Request")
            .field("target", &self.target)
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &self.headers.keys())
            .field("body", &self.body)
            .finish()
    }
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
