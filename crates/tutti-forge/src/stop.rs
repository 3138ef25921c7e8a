//! Stop switches: for one flow, a project or the whole site. A stop is a row, and whatever would
//! send something, or start a run, is committed on the condition that there is none.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::host::{Host, PortError};
use crate::store::{self, Transaction};

/// What is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach<'a> {
    /// Everything on this site.
    Site,
    /// All flows of a project.
    Project(&'a str),
    /// One flow of a project.
    Flow(&'a str, &'a str),
}

/// A stop that stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// When it was pressed.
    pub at: i64,
    /// By whom, as an Atlassian account id.
    pub account: String,
    /// By whom, for people.
    pub name: String,
    /// What is stopped, for people: `this site`, `the project PAY`, `this flow`.
    pub reach: String,
}

impl Reach<'_> {
    /// The key of its row.
    fn key(self) -> String {
        match self {
            Self::Site => "site".to_owned(),
            Self::Project(project) => format!("project:{project}"),
            Self::Flow(project, flow) => format!("flow:{}", store::flow_key(project, flow)),
        }
    }

    /// For people.
    fn words(self) -> String {
        match self {
            Self::Site => "this site".to_owned(),
            Self::Project(project) => format!("the project {project}"),
            Self::Flow(..) => "this flow".to_owned(),
        }
    }
}

/// The stops a flow obeys, the widest first.
fn over<'a>(project: &'a str, flow: &'a str) -> [Reach<'a>; 3] {
    [Reach::Site, Reach::Project(project), Reach::Flow(project, flow)]
}

/// Lets a transaction through only where no stop stands.
pub fn guard(transaction: &mut Transaction, project: &str, flow: &str) {
    for reach in over(project, flow) {
        transaction.check_entity("stop", &reach.key(), json!({"absent": "at"}));
    }
}

/// The stop at one switch.
pub async fn at(host: &Host, reach: Reach<'_>) -> Result<Option<Stop>, PortError> {
    let stored = store::entity(host, "stop", &reach.key()).await?;
    let body = stored.as_ref().and_then(|stored| stored.get("body")?.as_str());
    Ok(body.and_then(|body| serde_json::from_str(body).ok()))
}

/// The widest stop that stands for a flow.
pub async fn standing(host: &Host, project: &str, flow: &str) -> Result<Option<Stop>, PortError> {
    for reach in over(project, flow) {
        if let Some(stop) = at(host, reach).await? {
            return Ok(Some(stop));
        }
    }
    Ok(None)
}

/// The transaction that presses a switch; the first press counts.
pub fn pressing(reach: Reach<'_>, at: i64, account: &str, name: &str) -> Transaction {
    let (account, name) = (account.to_owned(), name.to_owned());
    let stop = Stop { at, account, name, reach: reach.words() };
    let value = json!({"at": at, "body": serde_json::to_string(&stop).unwrap_or_default()});
    let mut transaction = Transaction::default();
    let when = Some(json!({"absent": "at"}));
    transaction.set_entity("stop", &reach.key(), value, when);
    transaction
}

/// The transaction that lifts a stop.
pub fn lifting(reach: Reach<'_>) -> Transaction {
    let mut transaction = Transaction::default();
    transaction.delete_entity("stop", reach.key());
    transaction
}
