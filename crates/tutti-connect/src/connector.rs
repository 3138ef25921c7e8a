//! A connector: what all operations of one tool share.

use std::collections::BTreeMap;

use serde::Deserialize;
use tutti_core::wire::Target;

use crate::events::Events;
use crate::path::Path;
use crate::template::Text;

/// One tool as its `connector.yaml` says it; an unknown key fails the build.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Connector {
    /// The name people know.
    pub name: String,
    /// What it is for, in a few words.
    #[serde(default)]
    pub about: String,
    /// Where requests go.
    pub base: Base,
    /// How requests are authorised.
    #[serde(default)]
    pub auth: Auth,
    /// What the admin page asks for, in this order.
    #[serde(default)]
    pub fields: Vec<Field>,
    /// Headers of every request.
    #[serde(default)]
    pub headers: BTreeMap<String, Text>,
    /// Where the vendor says what went wrong.
    #[serde(default)]
    pub errors: Errors,
    /// A header besides `Retry-After` that says when the next call is welcome.
    #[serde(default)]
    pub retry_header: Option<String>,
    /// A cheap operation without arguments that proves a connection works.
    #[serde(default)]
    pub check: Option<String>,
    /// What the tool tells us by itself.
    #[serde(default)]
    pub events: Events,
}

/// Where requests go.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// To the product the app is installed in; the platform knows the address and the app.
    Product(Product),
    /// To this URL.
    Url(Text),
    /// Nowhere: the host performs these operations itself, on the app's own storage.
    Host,
}

/// The products of the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Product {
    Jira,
    Confluence,
}

impl Base {
    /// The wire's word for it.
    pub fn target(&self) -> Target {
        match self {
            Self::Product(Product::Jira) => Target::Jira,
            Self::Product(Product::Confluence) => Target::Confluence,
            Self::Url(_) | Self::Host => Target::Outside,
        }
    }
}

/// How requests are authorised; secrets are named by the field that asked for them.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Auth {
    /// Not by us: the platform signs product calls.
    #[default]
    None,
    /// A header that holds a secret.
    Header {
        /// The header's name in lower case.
        name: String,
        /// The secret's field.
        secret: String,
    },
    /// `Authorization: Bearer` with a secret.
    Bearer {
        /// The secret's field.
        secret: String,
    },
    /// OAuth 2.0 client credentials: a secret buys a token, the token signs requests.
    ClientCredentials {
        /// Where tokens are given.
        token_url: Text,
        /// The connection's setting that holds the client's id.
        client_id: String,
        /// The secret's field.
        client_secret: String,
    },
}

/// One field of the connection form.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in the connection's settings, or among its secrets.
    pub key: String,
    /// Its name for people.
    pub label: String,
    /// Where to find the value, in one sentence.
    #[serde(default)]
    pub about: String,
    /// Whether it is kept in the secret store, written but never shown.
    #[serde(default)]
    pub secret: bool,
    /// What a value looks like.
    #[serde(default)]
    pub example: String,
}

/// The shape of the vendor's errors.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Errors {
    /// Where the code may be; the first place that holds one wins.
    #[serde(default)]
    pub code: Vec<Path>,
    /// Where the message may be; all places that hold something are joined.
    #[serde(default)]
    pub message: Vec<Path>,
    /// A place that is `false` in an answer that failed in spite of its status.
    #[serde(default)]
    pub unless: Option<Path>,
    /// What the vendor's codes mean, where the status does not say it.
    #[serde(default)]
    pub kinds: BTreeMap<String, Kind>,
}

/// The failures a vendor's code can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Kind {
    Unavailable,
    RateLimited,
    Unauthorized,
    Forbidden,
    NotFound,
    Conflict,
}
