//! The user interface's functions: one surface per module, each checking the caller's permission
//! on the server before anything else.

pub(crate) mod admin;
mod panel;
mod settings;
mod types;
#[cfg(test)]
mod typescript;

use serde_json::Value;
use tutti_core::problem::Problem;

pub use self::panel::session as open;
pub use self::types::{
    ApiError, Channel, ConnectionField, ConnectionRow, ConnectionStatus, Connections, Exported,
    FlowDocument, FlowRow, Flows, HookRow, Panel, RunRow, Stopped, Tripped,
};
use crate::host::{Answer, Host, PortError};
use crate::perform;
use crate::stop::{self, Reach, Stop};

/// One call of the user interface. Only `account` can be trusted; the rest came with the page.
pub struct Caller {
    /// The Atlassian account id, given by the platform.
    pub account: String,
    /// The project's key, as the page says.
    pub project: String,
    /// The issue's key, as the page says.
    pub issue: String,
}

/// Calls one function of a surface.
pub async fn call(surface: &str, request: &Value, host: &Host) -> Answer {
    let text = |pointer: &str| {
        request.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let caller = Caller {
        account: text("/account"),
        project: text("/extension/project/key"),
        issue: text("/extension/issue/key"),
    };
    let function = text("/function");
    let payload = request.get("payload").cloned().unwrap_or_default();
    let done = match surface {
        "panel" => panel::call(&function, &payload, &caller, host).await,
        "settings" => settings::call(&function, payload, &caller, host).await,
        "admin" => admin::call(&function, &payload, &caller, host).await,
        _ => Err(ApiError::unknown(surface)),
    };
    done.map_or_else(Answer::Error, Answer::Ok)
}

/// What a caller must be allowed to do.
pub enum Need<'a> {
    /// See the issue.
    Browse(&'a str),
    /// Administer the project.
    AdministerProject(&'a str),
    /// Administer the site.
    AdministerSite,
}

/// Asks Jira whether the caller may; never the page.
/// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/#api-rest-api-3-permissions-check-post
pub async fn allowed(host: &Host, caller: &Caller, need: Need<'_>) -> Result<bool, ApiError> {
    if caller.account.is_empty() {
        return Ok(false);
    }
    let checked = match need {
        Need::Browse(issue) => perform::may(host, "BROWSE_PROJECTS", None, Some(issue)).await,
        Need::AdministerProject(project) => {
            perform::may(host, "ADMINISTER_PROJECTS", Some(project), None).await
        }
        Need::AdministerSite => perform::may(host, "ADMINISTER", None, None).await,
    };
    checked.map_err(|failure| {
        ApiError::new("permission_check", format!("Jira could not be asked: {failure}"))
            .hint("try again in a moment")
    })
}

/// The same, as a refusal.
pub async fn require(host: &Host, caller: &Caller, need: Need<'_>) -> Result<(), ApiError> {
    let who = match need {
        Need::Browse(_) => "people who may see this work item",
        Need::AdministerProject(_) => "administrators of this project",
        Need::AdministerSite => "Jira administrators",
    };
    if allowed(host, caller, need).await? {
        return Ok(());
    }
    Err(ApiError::new("forbidden", format!("this is for {who}")).hint("ask one of them"))
}

/// Presses a stop switch, or lifts its stop, in the caller's name.
async fn stopped(
    host: &Host,
    reach: Reach<'_>,
    stands: bool,
    caller: &Caller,
) -> Result<Option<Stopped>, ApiError> {
    let name = perform::display_name(host).await;
    let stop = stop::turn(host, reach, stands, (&caller.account, &name)).await?;
    Ok(Some(stop).filter(|stop| stop.stands).as_ref().map(Stopped::from))
}

impl From<&Stop> for Stopped {
    fn from(stop: &Stop) -> Self {
        Self { at: stop.at, by: stop.name.clone(), what: stop.reach.clone() }
    }
}

impl From<PortError> for ApiError {
    fn from(error: PortError) -> Self {
        let hint = "load it again to see where it stands, and try again in a moment";
        if let PortError::Unopened(error) = &error {
            return Self::new(error.code(), error.to_string()).hint(error.hint());
        }
        if error.is("CONDITIONAL_CHECK_FAILED") {
            return Self::new("changed_meanwhile", "somebody else changed this just now")
                .hint("load it again");
        }
        Self::new("storage", error.to_string()).hint(hint)
    }
}

impl ApiError {
    /// An error with a stable code and a sentence for people.
    pub fn new(code: &str, message: impl Into<String>) -> Self {
        let message = sentence(&message.into());
        Self { code: code.to_owned(), message, hint: String::new(), problems: Vec::new() }
    }

    /// The same with what to do about it.
    pub fn hint(mut self, hint: &str) -> Self {
        self.hint = sentence(hint);
        self
    }

    /// The same with everything that is wrong with a document.
    pub fn problems(mut self, problems: Vec<Problem>) -> Self {
        self.problems = problems;
        self
    }

    fn unknown(name: &str) -> Self {
        Self::new("unknown_function", format!("there is no function `{name}`"))
    }

    fn missing(name: &str) -> Self {
        Self::new("bad_request", format!("`{name}` is missing"))
    }
}

/// With a capital letter, as people read it on a page.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}", chars.as_str())
}
