//! Turns that are taken back: a commit was refused because there is something to hear first, not
//! because another worker has the run.

use super::{Row, Session, SessionError};
use crate::event::Event;
use crate::journal::{Chunk, Record, Records};

/// How far the journal of a run is stored.
#[derive(Clone)]
pub(super) struct Stored {
    pub(super) seq: u64,
    pub(super) head: String,
}

/// Where the run stood as a turn began.
#[derive(Clone, Copy)]
pub(super) struct Before {
    pub(super) seq: u64,
    pub(super) fresh: bool,
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
        let stored = Stored { seq: self.run.seq(), head: self.row.head.clone() };
        self.handed = Some(Handed {
            stored: std::mem::replace(&mut self.stored, stored),
            writer: self.row.writer.clone(),
            claims: self.row.claims,
            since: self.row.open.clone(),
        });
    }

    /// Goes back to where the last turn began, because its commit was refused and there is something
    /// to hear first: nothing that it guards has left. What the turns before it asked did leave, so
    /// they stay. What happened in the last one is folded by the next step, before what there is to
    /// hear. `false` if another worker has the run.
    ///
    /// # Errors
    /// What is stored does not open.
    pub fn take_back(&mut self, row: Row, chunks: &[Chunk]) -> Result<bool, SessionError> {
        let Some(Handed { stored, writer, claims, since }) = self.handed.take() else {
            return Ok(false);
        };
        if (&row.head, &row.writer, row.claims) != (&stored.head, &writer, claims) {
            return Ok(false);
        }
        let Before { seq, fresh } = self.before;
        let since = since.iter().flatten().filter(|record| record.seq > stored.seq);
        let (kept, since): (Vec<Record>, Vec<Record>) = since.partition(|record| record.seq <= seq);
        *self = Self::open(row, chunks, self.flow.clone(), &self.writer)?;
        self.fresh = fresh;
        for Record { at, event, .. } in kept {
            self.fold(event, at, &mut Vec::new());
        }
        // The session's own records follow from the others.
        let own =
            |event: &Event| matches!(event, Event::Woke | Event::Resumed | Event::GaveUp { .. });
        let since = since.into_iter().map(|record| record.event);
        self.taken_back = since.filter(|event| !own(event)).collect();
        let letters = std::mem::take(&mut self.row.letters);
        self.hear_of(letters);
        Ok(true)
    }
}
