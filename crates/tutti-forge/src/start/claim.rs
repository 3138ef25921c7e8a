//! A claim: the row of a run, written by whoever is the first, where anything may start at all.

use futures_util::future::try_join3;
use serde_json::Value;
use tutti_core::session::Row;

use super::Start;
use crate::admission;
use crate::host::{Host, PortError};
use crate::stop::Switches;
use crate::store::{self, Lane, Message, Transaction};

/// A flow that starts more often for one issue, within `LOOP_MS`, goes round in circles.
const LOOP_RUNS: usize = 10;
/// See `LOOP_RUNS`; in milliseconds.
const LOOP_MS: i64 = 10 * 60_000;

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Claim {
    /// The row was written.
    Ours,
    /// Somebody was faster: the row is there.
    Theirs,
    /// There is no row: a stop stands, or the flow's breaker is open.
    Barred,
}

impl Start<'_> {
    /// Writes the row of a new run and sees to it that somebody takes it up. Where a stop stands,
    /// or the flow's breaker is open, nothing starts.
    pub(super) async fn claim(
        &self,
        host: &Host,
        row: Row,
        remembered: Option<(String, Value)>,
    ) -> Result<Claim, PortError> {
        let desk = admission::desk(host, &self.head.project, &self.head.id);
        let about = store::runs_about(host, &row, LOOP_RUNS);
        let (desk, about, switches) = try_join3(desk, about, Switches::read(host)).await?;
        if desk.tripped.is_some() {
            return Ok(Claim::Barred);
        }
        let since = desk.reopened_at.max(host.now() - LOOP_MS);
        let lately = about.iter().filter(|run| run.started_at > since).count();
        if let Some(issue) = row.issue.as_deref()
            && lately >= LOOP_RUNS
        {
            let why = format!("it started {LOOP_RUNS} times within 10 minutes for {issue}");
            admission::trip(host, self.head, &why).await?;
            return Ok(Claim::Barred);
        }
        let remembered = remembered.as_ref().map(|(key, value)| (key.as_str(), value.clone()));
        let lane = if self.intake.is_admitted() { Lane::Queue } else { Lane::Open };
        let gathers = self.intake.trigger.coalesce.is_some();
        if gathers {
            // Asked for before it is there: events that find it ask for nothing any more.
            self.put_up(host, &row).await?;
        }
        let transaction = store::creation(&row, lane, remembered);
        let claim = write(host, &row, &transaction, switches).await?;
        if claim == Claim::Ours && !gathers {
            self.put_up(host, &row).await?;
        }
        Ok(claim)
    }

    /// Puts up a run that nobody has taken up yet: in the queue, or at its flow's desk.
    pub(super) async fn put_up(&self, host: &Host, row: &Row) -> Result<(), PortError> {
        if self.intake.is_admitted() {
            return admission::expect(host, row).await;
        }
        store::enqueue(host, &Message::of(&row.run), 0).await
    }
}

/// Writes the row, unless it is there already or a stop stands.
async fn write(
    host: &Host,
    row: &Row,
    creation: &Transaction,
    mut switches: Switches,
) -> Result<Claim, PortError> {
    loop {
        if !switches.allow(&row.project, &row.flow) {
            return Ok(Claim::Barred);
        }
        let mut transaction = creation.clone();
        switches.guard(&mut transaction);
        if taken(store::transact(host, &transaction).await)? {
            return Ok(Claim::Ours);
        }
        if store::row(host, &row.run).await?.is_some() {
            return Ok(Claim::Theirs);
        }
        // Somebody turned a switch meanwhile.
        switches = Switches::read(host).await?;
    }
}

/// Whether a transaction was taken, or somebody was faster.
pub(super) fn taken(done: Result<(), PortError>) -> Result<bool, PortError> {
    match done {
        Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => Ok(false),
        done => done.map(|()| true),
    }
}
