//! Turns that are taken back: a commit was refused because there is something to hear first, not
//! because another worker has the run.

use super::{Row, Session, SessionError};
use crate::event::Event;
use crate::journal::{Chunk, Records};

/// How far the journal of a run is stored.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) seq: u64,
    pub(super) head: String,
    /// Whether by this session.
    pub(super) own: bool,
}

/// What there was before a commit was handed out.
pub(super) struct Handed {
    stored: Stored,
    writer: String,
    claims: u32,
    /// What happened since, as records.
    since: Records,
}

impl Session {
    /// Notes what there is before a commit is handed out.
    pub(super) fn hand_out(&mut self) {
        let stored = Stored { seq: self.run.seq(), head: self.row.head.clone(), own: true };
        self.handed = Some(Handed {
            stored: std::mem::replace(&mut self.stored, stored),
            writer: self.row.writer.clone(),
            claims: self.row.claims,
            since: self.row.open.clone(),
        });
    }

    /// Goes back to what is stored, because a commit was refused and there is something to hear
    /// first: nothing that it guards has left. Answers what happened since, for the next step, which
    /// hears the other first. `None` if another worker has the run.
    ///
    /// # Errors
    /// What is stored does not open.
    pub fn take_back(
        &mut self,
        row: Row,
        chunks: &[Chunk],
    ) -> Result<Option<Vec<Event>>, SessionError> {
        let Some(Handed { stored, writer, claims, since }) = self.handed.take() else {
            return Ok(None);
        };
        if (&row.head, &row.writer, row.claims) != (&stored.head, &writer, claims) {
            return Ok(None);
        }
        let since = since.iter().flatten().filter(|record| record.seq > stored.seq);
        // The session's own records follow from the others.
        let own =
            |event: &Event| matches!(event, Event::Woke | Event::Resumed | Event::GaveUp { .. });
        let events = since.map(|record| record.event).filter(|event| !own(event)).collect();
        let fresh = !stored.own;
        *self = Self::open(row, chunks, self.flow.clone(), &self.writer)?;
        self.fresh = fresh;
        self.stored.own = stored.own;
        Ok(Some(events))
    }
}
