//! Gathering: events of the same subject within a window become one run.

use tutti_core::event::Event;
use tutti_core::flow::{Coalesce, is_earlier};
use tutti_core::session::Row;

use super::Start;
use super::claim::{Claim, taken};
use super::payload::{happened_at, joined};
use crate::host::{Host, PortError};
use crate::inbound::Refusal;
use crate::store;

/// How often a row is written against others who write it at the same time.
const TRIES: usize = 4;

/// Where an event that is gathered belongs.
enum Place {
    /// To this run.
    Open(Box<Row>),
    /// To a run of this id, which is to be made.
    Free(String),
}

impl Start<'_> {
    /// Events of the same subject within a window are one run, with the payload of the last.
    pub(super) async fn gather(&self, host: &Host, coalesce: &Coalesce) -> Result<(), Refusal> {
        let about = joined(&coalesce.per, self.payload).ok_or(Refusal::Incomplete)?;
        for _ in 0..TRIES {
            let now = host.now();
            let done = match self.place(host, coalesce, &about, now).await? {
                Place::Open(row) => self.add(host, *row).await?,
                Place::Free(run) => {
                    let due_at = Some(now + coalesce.window_ms);
                    let row = Row { due_at, ..self.row(&run, now) };
                    self.claim(host, row, None).await? != Claim::Theirs
                }
            };
            if done {
                return Ok(());
            }
        }
        Err(Refusal::Unavailable)
    }

    /// Where an event that is gathered belongs. A run stays open from its first event on, so that
    /// of the window before may still be; one that was taken up early, because a person stopped
    /// it, leaves the rest of its window to the next.
    async fn place(
        &self,
        host: &Host,
        coalesce: &Coalesce,
        about: &str,
        now: i64,
    ) -> Result<Place, PortError> {
        let window = now.div_euclid(coalesce.window_ms);
        let id = |n: i64| self.run_id(&format!("{about}|{}", n * coalesce.window_ms));
        let gathers = |row: &Row| row.trigger().is_some() && row.due_at > Some(now);
        let this = store::row(host, &id(window)).await?;
        if let Some(row) = this.clone().filter(gathers) {
            return Ok(Place::Open(Box::new(row)));
        }
        if let Some(row) = store::row(host, &id(window - 1)).await?.filter(gathers) {
            return Ok(Place::Open(Box::new(row)));
        }
        let run = if this.is_none() { id(window) } else { id(window + 1) };
        let taken = if this.is_none() { None } else { store::row(host, &run).await? };
        Ok(taken.map_or(Place::Free(run), |row| Place::Open(Box::new(row))))
    }

    /// Adds the event to a run that gathers; answers whether nobody was faster. An event that says
    /// what is known already, or something older, costs no write.
    async fn add(&self, host: &Host, row: Row) -> Result<bool, PortError> {
        let Some(known) = row.trigger() else { return Ok(false) };
        let trigger = &self.intake.trigger;
        let (was, is) = (happened_at(trigger, &known), happened_at(trigger, self.payload));
        let older = is.zip(was).is_some_and(|(is, was)| is_earlier(&is, &was));
        if known == *self.payload || older {
            return Ok(true);
        }
        let expect = row.version;
        // An event from outside among them ends no circle.
        let depth = row.depth.max(self.depth);
        let started = Event::Started {
            trigger: self.payload.clone(),
            source: self.source(),
            untrusted: self.untrusted.to_vec(),
            depth,
        };
        let row = Row { depth, ..row };
        let row = row.gather(started, host.now());
        taken(store::transact(host, &store::gathering(&row, expect)).await)
    }
}
