//! Stop switches: for one flow, a project or the whole site. A stop is a row, and whatever would
//! send something, or start a run, is committed on the condition that there is none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::json;
use tutti_core::session::Row;

use crate::admission;
use crate::host::{Host, PortError};
use crate::store::{self, Lane, Transaction};

/// Further away than any run's next wake, in milliseconds.
const FAR_MS: i64 = 366 * 24 * 3_600_000;

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

/// What was last done to a switch, and by whom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// When.
    pub at: i64,
    /// Who, as an Atlassian account id.
    pub account: String,
    /// Who, for people.
    pub name: String,
    /// What is stopped, for people: `this site`, `the project PAY`, `this flow`.
    pub reach: String,
    /// Whether it stands, or was lifted.
    pub stands: bool,
}

/// What a flow's switches say.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stops {
    /// The widest stop that stands.
    pub standing: Option<Stop>,
    /// The one that was lifted last.
    pub lifted: Option<Stop>,
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

    /// Whether a flow obeys this switch.
    fn covers(self, project: &str, flow: &str) -> bool {
        over(project, flow).contains(&self)
    }

    /// The same for a run.
    fn holds(self, row: &Row) -> bool {
        self.covers(&row.project, &row.flow)
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

/// What was last done to one switch.
async fn last(host: &Host, reach: Reach<'_>) -> Result<Option<Stop>, PortError> {
    let stored = store::entity(host, "stop", &reach.key()).await?;
    let body = stored.as_ref().and_then(|stored| stored.get("body")?.as_str());
    Ok(body.and_then(|body| serde_json::from_str(body).ok()))
}

/// The stop at one switch, if it stands.
pub async fn at(host: &Host, reach: Reach<'_>) -> Result<Option<Stop>, PortError> {
    Ok(last(host, reach).await?.filter(|stop| stop.stands))
}

/// What the switches over a flow say.
pub async fn over_flow(host: &Host, project: &str, flow: &str) -> Result<Stops, PortError> {
    let mut stops = Stops::default();
    for reach in over(project, flow) {
        match last(host, reach).await? {
            Some(stop) if stop.stands => stops.standing = stops.standing.or(Some(stop)),
            Some(stop) => {
                stops.lifted = stops.lifted.into_iter().chain([stop]).max_by_key(|stop| stop.at);
            }
            None => {}
        }
    }
    Ok(stops)
}

/// The transaction of a switch that is pressed or lifted. Only a stop that stands has the
/// attribute commits look for.
pub fn turning(reach: Reach<'_>, stop: &Stop) -> Transaction {
    let mut value = json!({"body": serde_json::to_string(stop).unwrap_or_default()});
    if let (true, Some(members)) = (stop.stands, value.as_object_mut()) {
        members.insert("at".to_owned(), json!(stop.at));
    }
    let mut transaction = Transaction::default();
    transaction.set_entity("stop", &reach.key(), value, None);
    transaction
}

/// Presses a switch, or lifts its stop, and tells the runs. What was committed before may still
/// leave; nothing else does.
pub async fn turn(
    host: &Host,
    reach: Reach<'_>,
    stands: bool,
    (account, name): (&str, &str),
) -> Result<Stop, PortError> {
    let was = last(host, reach).await?.filter(|stop| stop.stands == stands);
    let stop = was.unwrap_or_else(|| Stop {
        at: host.now(),
        account: account.to_owned(),
        name: name.to_owned(),
        reach: reach.words(),
        stands,
    });
    store::transact(host, &turning(reach, &stop)).await?;
    let lane = if stands { Lane::Open } else { Lane::Stopped };
    let runs = store::runs_in(host, lane, host.now() + FAR_MS).await?;
    let runs: Vec<Row> = runs.into_iter().filter(|row| reach.holds(row)).collect();
    store::enqueue_all(host, runs.iter().map(|row| row.run.as_str())).await?;
    if !stands {
        admission::wake(host, |project, flow| reach.covers(project, flow)).await?;
    }
    Ok(stop)
}

/// Wakes the runs of stops that were lifted, whom nobody has woken yet.
pub async fn sweep(host: &Host) -> Result<(), PortError> {
    let mut free: BTreeMap<(String, String), bool> = BTreeMap::new();
    let mut woken = Vec::new();
    for row in store::runs_in(host, Lane::Stopped, host.now()).await? {
        let flow = (row.project.clone(), row.flow.clone());
        if !free.contains_key(&flow) {
            let stops = over_flow(host, &row.project, &row.flow).await?;
            free.insert(flow.clone(), stops.standing.is_none());
        }
        if free.get(&flow).copied().unwrap_or_default() {
            woken.push(row.run);
        }
    }
    store::enqueue_all(host, woken.iter().map(String::as_str)).await
}
