//! The commit of a worker: what must hold for it, what the storage makes of it, and who sees it.

use tutti_core::session::Commit;
use tutti_core::view::RunState;

use super::agenda::Happening;
use super::people;
use super::promises::LEASE;
use super::stage::Stage;
use super::worker::Worker;
use crate::Broken;

/// How soon after its effects' time a run must be looked after, in milliseconds.
const LEASE_MARGIN_MS: i64 = 120_000;
/// How often somebody thinks again about a run that is over.
const AFTERTHOUGHTS_MAX: u32 = 3;

/// What a commit came to, as its worker sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Committed {
    Stored,
    Lost,
}

impl Stage<'_> {
    /// Executes a commit. Where the storage does not answer, the row says whose it was.
    pub(super) fn commit(
        &mut self,
        worker: &mut Worker,
        commit: &Commit,
    ) -> Result<Committed, Broken> {
        let row = &commit.row;
        let longest = worker.session.run().in_flight().map(|effect| effect.deadline_ms).max();
        let longest = i64::try_from(longest.unwrap_or_default()).unwrap_or(i64::MAX);
        let ends = worker.at + longest;
        let leased = match row.due_at {
            Some(due) if longest > 0 && !row.state.is_final() => {
                (ends..=ends + LEASE_MARGIN_MS).contains(&due)
            }
            Some(due) => due > worker.at,
            None => row.state == RunState::Held || row.state.is_final(),
        };
        self.notes.hold(LEASE, leased, || format!("{:?} is due at {:?}", row.state, row.due_at))?;

        let mut die = self.die(&format!("commit {}", self.boundaries));
        // An answer that is lost where somebody else was first is what is hardest to get right.
        let was_first = self.storage.row.version == commit.expect;
        let odds = self.scenario.weather.storage * if was_first { 1 } else { 5 };
        let trouble = if die.in_100(odds) { 1 + die.below(3) } else { 0 };
        let stored = trouble != 1 && self.storage.execute(commit);
        if stored {
            self.stored = worker.ledger.clone();
            let folded = std::mem::take(&mut worker.hints);
            self.storage.hints.retain(|hint| !folded.contains(hint));
            self.ask_people();
        }
        let mine = self.storage.row.is_stored_as(&commit.row);
        let known = match trouble {
            0 => stored,
            // No answer: the row is read back.
            1 | 2 => mine,
            // "Somebody else was first", whatever really happened.
            _ => false,
        };
        self.say(|| {
            let told = if known { "known to be" } else { "not known to be" };
            format!("commit {}: stored {stored}, {told}", commit.row.version)
        });
        if stored && !known {
            self.doubts();
        }
        Ok(if known { Committed::Stored } else { Committed::Lost })
    }

    /// People see the questions that are stored, and have their own ideas.
    fn ask_people(&mut self) {
        let weather = self.scenario.weather;
        for matter in self.stored.consent.matters() {
            if !self.asked.insert(matter.id().to_owned()) {
                continue;
            }
            let mut die = self.die(&format!("asked {}", self.asked.len()));
            for (after, visit) in people::visits(&mut die, &weather, &matter) {
                self.agenda.note(self.now + after, Happening::Visit(visit));
            }
        }
        if self.stored.run.state().is_final() && self.afterthoughts < AFTERTHOUGHTS_MAX {
            self.afterthoughts += 1;
            let ended = self.now - self.stored.still_ms;
            self.ended_at.get_or_insert(ended);
            let mut die = self.die(&format!("afterthought {}", self.afterthoughts));
            let dids = self.stored.run.timeline().iter().filter_map(|entry| entry.did.as_ref());
            let writes: Vec<String> = dids.map(|did| did.effect_key.clone()).collect();
            let steps: Vec<String> =
                self.flow.all_steps().iter().map(|step| step.id.clone()).collect();
            for (after, letter) in people::afterthoughts(&mut die, &writes, &steps) {
                self.post(after, letter);
            }
        }
    }
}
