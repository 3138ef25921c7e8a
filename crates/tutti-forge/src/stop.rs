//! Stop switches: for one flow, a project or the whole site. They lie in one row: one read tells
//! all, and whatever would send something, or start a run, is committed on the condition that
//! nobody turned a switch since it was read.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::session::Row;

use crate::admission;
use crate::host::{Host, PortError};
use crate::store::{self, Lane, Message, Transaction, When};

/// Further away than any run's next wake, in milliseconds.
const FAR_MS: i64 = 366 * 24 * 3_600_000;
/// How long it is remembered who lifted a stop, in milliseconds. The sweep wakes runs within
/// minutes; after this nobody asks any more.
const LIFTED_MS: i64 = 30 * 24 * 3_600_000;
/// How often the switches are written against others who turn one at the same time.
const TRIES: usize = 4;
/// The key of the one row.
const SITE: &str = "site";

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

/// What the switches over a flow say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stops {
    /// The widest stop that stands.
    pub standing: Option<Stop>,
    /// The one that was lifted last.
    pub lifted: Option<Stop>,
}

/// All switches of a site that were ever used, as they were read.
#[derive(Debug, Clone, Default)]
pub struct Switches {
    stops: BTreeMap<String, Stop>,
    version: Option<u64>,
}

impl Reach<'_> {
    /// What its switch is called in the row.
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

impl Switches {
    /// Reads them.
    pub async fn read(host: &Host) -> Result<Self, PortError> {
        let Some(stored) = store::entity(host, "stop", SITE).await? else {
            return Ok(Self::default());
        };
        let body = stored.get("body").and_then(Value::as_str).unwrap_or_default();
        let unreadable = |error: serde_json::Error| PortError::Unreadable {
            port: "get",
            reason: error.to_string(),
        };
        // Nothing may leave because a stop could not be read.
        let stops = serde_json::from_str(body).map_err(unreadable)?;
        Ok(Self { stops, version: stored.get("version").and_then(Value::as_u64) })
    }

    /// The stop at one switch, if it stands.
    pub fn at(&self, reach: Reach<'_>) -> Option<&Stop> {
        self.stops.get(&reach.key()).filter(|stop| stop.stands)
    }

    /// What the switches over a flow say.
    pub fn over(&self, project: &str, flow: &str) -> Stops {
        let all = over(project, flow).map(|reach| self.stops.get(&reach.key()));
        let (standing, lifted): (Vec<&Stop>, Vec<&Stop>) =
            all.into_iter().flatten().partition(|stop| stop.stands);
        let lifted = lifted.into_iter().max_by_key(|stop| stop.at);
        Stops { standing: standing.first().copied().cloned(), lifted: lifted.cloned() }
    }

    /// Whether no stop stands over a flow.
    pub fn allow(&self, project: &str, flow: &str) -> bool {
        self.over(project, flow).standing.is_none()
    }

    /// Lets a transaction through only if no switch was turned since these were read.
    pub fn guard(&self, transaction: &mut Transaction) {
        transaction.check_entity("stop", SITE, When::unchanged(self.version));
    }

    /// The transaction of a switch that is turned.
    pub fn turning(&self, reach: Reach<'_>, stop: &Stop) -> Transaction {
        let mut stops = self.stops.clone();
        stops.retain(|_, old| old.stands || stop.at - old.at < LIFTED_MS);
        stops.insert(reach.key(), stop.clone());
        let value = json!({
            "version": self.version.unwrap_or_default() + 1,
            "body": serde_json::to_string(&stops).unwrap_or_default(),
        });
        let mut transaction = Transaction::default();
        transaction.set_entity("stop", SITE, &value, Some(When::unchanged(self.version)));
        transaction
    }
}

/// Presses a switch, or lifts its stop, and tells the runs. What was committed before may still
/// leave; nothing else does.
pub async fn turn(
    host: &Host,
    reach: Reach<'_>,
    stands: bool,
    who: (&str, &str),
) -> Result<Stop, PortError> {
    let stop = written(host, reach, stands, who).await?;
    let lane = if stands { Lane::Open } else { Lane::Stopped };
    let runs = store::runs_in(host, lane, host.now() + FAR_MS).await?;
    let runs: Vec<Row> = runs.into_iter().filter(|row| reach.holds(row)).collect();
    store::enqueue_all(host, runs.iter().map(|row| Message::of(&row.run))).await?;
    if !stands {
        admission::wake(host, |project, flow| reach.covers(project, flow)).await?;
    }
    Ok(stop)
}

/// Writes that a switch was turned. One that is there already is left as it is.
async fn written(
    host: &Host,
    reach: Reach<'_>,
    stands: bool,
    (account, name): (&str, &str),
) -> Result<Stop, PortError> {
    let mut tries = 0;
    loop {
        let switches = Switches::read(host).await?;
        if let Some(stop) = switches.stops.get(&reach.key()).filter(|stop| stop.stands == stands) {
            return Ok(stop.clone());
        }
        let stop = Stop {
            at: host.now(),
            account: account.to_owned(),
            name: name.to_owned(),
            reach: reach.words(),
            stands,
        };
        tries += 1;
        match store::transact(host, &switches.turning(reach, &stop)).await {
            Err(error) if error.is("CONDITIONAL_CHECK_FAILED") && tries < TRIES => {}
            done => return done.map(|()| stop),
        }
    }
}

/// Wakes the runs of stops that were lifted, whom nobody has woken yet.
pub async fn sweep(host: &Host) -> Result<(), PortError> {
    let held = store::runs_in(host, Lane::Stopped, host.now()).await?;
    if held.is_empty() {
        return Ok(());
    }
    let switches = Switches::read(host).await?;
    let woken = held.iter().filter(|row| switches.allow(&row.project, &row.flow));
    store::enqueue_all(host, woken.map(|row| Message::of(&row.run))).await
}
