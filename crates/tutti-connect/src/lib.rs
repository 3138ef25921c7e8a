//! Tutti speaks REST here: an operation and its arguments become a request, a reply a value.
//!
//! What each tool can do is data under `connectors/`: one YAML file per operation, checked and
//! compiled in by the build script. There is no YAML parser and no I/O in this crate.

mod auth;
mod brings;
mod call;
mod catalogue;
mod connector;
mod declaration;
mod encode;
mod events;
mod form;
mod page;
mod paging;
mod path;
mod reply;
mod scope;
mod secret;
mod template;

// The build script's checks, tested here because a build script has no tests of its own.
#[cfg(test)]
#[path = "../build/check.rs"]
mod check;
#[cfg(test)]
#[allow(dead_code)]
#[path = "../build/load.rs"]
mod load;
#[cfg(test)]
#[path = "../build/typos.rs"]
mod typos;

#[doc(hidden)]
pub mod example;

pub use auth::{ACCESS_TOKEN, Secrets, Token, authorize, read_token, token_request};
pub use call::{Call, request};
#[cfg(feature = "examples")]
pub use catalogue::example_outputs;
pub use catalogue::{Connectors, catalogue, connector};
pub use connector::{Auth, Base, Connector, Field};
pub use declaration::Declaration;
pub use events::{Echo, Events, Hook, Verify};
pub use page::{Page, Pages, read};
pub use secret::Secret;
