//! What the user interface's functions answer. TypeScript types are generated from these.

use serde::Serialize;
use tutti_core::problem::Problem;
use tutti_core::view::{RunState, RunView, Tile};

/// An error a person can act on.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ApiError {
    /// A stable name.
    pub code: String,
    /// What went wrong, in one sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// What is wrong with a document, if that is it.
    pub problems: Vec<Problem>,
}

/// The issue panel.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Panel {
    /// The server's clock, milliseconds since 1970.
    pub now: i64,
    /// Who looks.
    pub me: String,
    /// The issue's key.
    pub issue: String,
    /// Its runs, newest first.
    pub runs: Vec<RunView>,
    /// Where changes are announced, if the platform gave a token.
    pub channel: Option<Channel>,
    /// The stop that holds them.
    pub stopped: Option<Stopped>,
}

/// A stop that stands.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Stopped {
    /// Since when.
    pub at: i64,
    /// Who pressed it.
    pub by: String,
    /// What is stopped: `this site`, `the project PAY`, `this flow`.
    pub what: String,
}

/// The breaker of a flow is open: no run starts until an admin has looked.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Tripped {
    /// Since when.
    pub at: i64,
    /// Why, in one sentence.
    pub why: String,
}

/// A run to take along.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Exported {
    /// What to call the file.
    pub name: String,
    /// What is in it.
    pub text: String,
}

/// Where changes are announced.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Channel {
    /// Its name.
    pub name: String,
    /// What lets the page listen.
    pub token: String,
}

/// A project's flows and newest runs.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Flows {
    /// The server's clock, milliseconds since 1970.
    pub now: i64,
    /// The project's key.
    pub project: String,
    /// Its flows.
    pub flows: Vec<FlowRow>,
    /// Its newest runs.
    pub runs: Vec<RunRow>,
    /// The stop of the project or the site.
    pub stopped: Option<Stopped>,
}

/// One flow in the list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FlowRow {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Whether it starts runs.
    pub enabled: bool,
    /// The current version.
    pub version: u64,
    /// What starts it, for people.
    pub trigger: String,
    /// Its top-level steps.
    pub tiles: Vec<Tile>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Runs among the newest hundred of the project.
    pub runs: u64,
    /// How many of them wait for a person.
    pub waiting: u64,
    /// When the newest of them started.
    pub last_run_at: Option<i64>,
    /// Its own stop.
    pub stopped: Option<Stopped>,
    /// Why it starts no run, if its breaker is open.
    pub tripped: Option<Tripped>,
}

/// One run in the list.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct RunRow {
    /// Its id.
    pub id: String,
    /// The flow's id.
    pub flow: String,
    /// The flow's name.
    pub name: String,
    /// The issue on whose panel it shows.
    pub subject: Option<String>,
    /// Where it stands.
    pub state: RunState,
    /// Why.
    pub reason: String,
    /// When it started.
    pub started_at: i64,
    /// What started it.
    pub started_by: String,
}

/// One flow as written.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct FlowDocument {
    /// Its id.
    pub id: String,
    /// The YAML as written.
    pub source: String,
    /// The current version.
    pub version: u64,
    /// Whether it starts runs.
    pub enabled: bool,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// The site's connections and web triggers.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Connections {
    /// The server's clock, milliseconds since 1970.
    pub now: i64,
    /// One for each tool that needs credentials, and the model.
    pub connections: Vec<ConnectionRow>,
    /// One for each tool that can call us.
    pub hooks: Vec<HookRow>,
    /// The stop of the whole site.
    pub stopped: Option<Stopped>,
}

/// One connection.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ConnectionRow {
    /// The tool, or `model`.
    pub tool: String,
    /// For people.
    pub name: String,
    /// What it is for.
    pub about: String,
    /// Its form.
    pub fields: Vec<ConnectionField>,
    /// How it stands.
    pub status: ConnectionStatus,
    /// Why, in one sentence.
    pub detail: String,
    /// When that was found out.
    pub checked_at: Option<i64>,
    /// Until when nobody calls, because it failed again and again.
    pub held_until: Option<i64>,
}

/// How a connection stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ConnectionStatus {
    /// Something it needs was not entered.
    NotConnected,
    /// Entered, never tried.
    NotChecked,
    /// It worked when last tried.
    Connected,
    /// It did not work when last tried.
    Unhealthy,
}

/// One field of a connection's form. Secrets go in and never come out.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ConnectionField {
    /// Its name.
    pub key: String,
    /// For people.
    pub label: String,
    /// Whether it is kept as a secret.
    pub secret: bool,
    /// Whether the connection needs it.
    pub required: bool,
    /// What it looks like.
    pub example: String,
    /// Its value, unless it is a secret.
    pub value: Option<String>,
    /// Whether it was entered.
    pub set: bool,
}

/// One web trigger.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HookRow {
    /// The tool that calls.
    pub tool: String,
    /// For people.
    pub name: String,
    /// How to set it up over there.
    pub about: String,
    /// Where it calls.
    pub url: String,
    /// Whether a secret was entered; without one every call is refused.
    pub set: bool,
}
