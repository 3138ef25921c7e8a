//! The end of a seed: what must be so once nothing is left to happen.

use tutti_core::run::Run;
use tutti_core::session::{Row, Session};

use super::arrows::state_name;
use super::outside::travels;
use super::promises::{ENDS, HEARS, THAW, VIEW};
use super::stage::Stage;
use crate::{Broken, Storage};

/// How long after its time a run may end whose workers die, in milliseconds.
const LATE_MS: i64 = 12 * 3_600_000;

impl Stage<'_> {
    /// What must be so once nothing is left to happen.
    pub(super) fn close(&mut self) -> Result<(), Broken> {
        let (row, flow) = (&self.storage.row, &self.flow);
        let state = state_name(row.state);
        self.notes.hold(ENDS, row.state.is_final(), || format!("it is left {state}"))?;
        for id in &self.said {
            let heard = self.stored.run.has_heard(id);
            self.notes.hold(HEARS, heard, || format!("{id:?} is lost"))?;
        }
        let view = self.view();
        let limit = self.start.saturating_add(flow.budget.wall_ms).saturating_add(LATE_MS);
        let ended = self.ended_at.unwrap_or(i64::MAX);
        self.notes.hold(ENDS, ended <= limit, || {
            format!("it ended {} s after its time", (ended - limit) / 1_000)
        })?;
        self.notes.hold(VIEW, travels(&view), || "it does not survive being sent".to_owned())?;
        self.thaws_from_text()?;
        self.world.told(&view.timeline, &self.troubled, &mut self.notes)
    }

    /// What is stored, written out and read again, opens as the run that was held.
    fn thaws_from_text(&mut self) -> Result<(), Broken> {
        let copy = |error: serde_json::Error| Broken { promise: THAW, detail: error.to_string() };
        let row = serde_json::to_string(&self.storage.row).map_err(copy)?;
        let chunks = serde_json::to_string(&self.storage.chunks).map_err(copy)?;
        // The open records are kept beside the row, as they are.
        let open = self.storage.row.open.clone();
        let stored = Storage {
            row: Row { open, ..serde_json::from_str(&row).map_err(copy)? },
            chunks: serde_json::from_str(&chunks).map_err(copy)?,
            hints: Vec::new(),
        };
        let session = Session::open(stored.row, &stored.chunks, self.flow.clone(), "reader")
            .map_err(|error| Broken { promise: THAW, detail: error.to_string() })?;
        let hash = |run: &Run| run.state_hash(&self.flow);
        let same =
            *session.run() == self.stored.run && hash(session.run()) == hash(&self.stored.run);
        self.notes.hold(THAW, same, || "the end".to_owned())
    }
}
