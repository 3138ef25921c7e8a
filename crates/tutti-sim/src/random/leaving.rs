//! The moment an effect leaves: what must hold then, and what becomes of it outside.

use tutti_core::event::{Action, Brake, Effect, Reply};
use tutti_core::flow::Flow;
use tutti_core::operation::{Once, Operation};
use tutti_core::view::RunState;

use super::Piece;
use super::agenda::Happening;
use super::model;
use super::place::Place;
use super::promises::{AHEAD, CANCEL, CLASS, HELD, STOPPED, WALL};
use super::stage::Stage;
use super::weather::{Fate, latest_ms};
use super::worker::{Worker, spoken};
use crate::Broken;
use crate::toys::Fault;

impl Stage<'_> {
    /// What must hold when an effect leaves, and what becomes of it.
    pub(super) fn perform(&mut self, worker: &mut Worker, effect: &Effect) -> Result<(), Broken> {
        self.may_leave(worker, effect)?;
        let operation = operation_of(&self.flow, effect);
        let times = self.world.times();
        let mut die = self.die(&format!("fate {} {times}", effect.id));
        let races = Place::of(&self.flow, &effect.key).races;
        let fate = Fate::of(&mut die, &self.scenario.weather, effect, operation, races);
        if let Action::Ask { question } = &effect.action {
            let said = model::answer(&mut die, question, self.scenario.weather.faults);
            self.world.hears(said);
        }
        if fate.fault == Some(Fault::Meddled) {
            self.world.meddle();
        }
        let result = match fate.fault {
            Some(Fault::Instead(failure)) => Reply::Failed(failure),
            Some(Fault::Afterwards(failure)) => {
                match fate.lands_ms {
                    Some(ms) => self.agenda.note(self.now + ms, Happening::Lands(effect.clone())),
                    None => drop(self.world.does(effect, self.now, &mut self.notes)?),
                }
                Reply::Failed(failure)
            }
            Some(Fault::Meddled) | None => self.world.does(effect, self.now, &mut self.notes)?,
        };
        let (number, id) = (worker.number, effect.id.clone());
        self.say(|| format!("worker {number} sends {id}: {}", spoken(&result)));
        if effect.is_write() {
            self.world.sent.insert(effect.key.clone());
        }
        worker.awaits.insert(effect.id.clone());
        let answer = Happening::Answer { worker: number, effect: effect.id.clone(), result };
        if let Some(ms) = fate.copy_ms {
            self.agenda.note(self.now + ms, answer.clone());
        }
        self.agenda.note(self.now + fate.answer_ms, answer);
        Ok(())
    }

    fn may_leave(&mut self, worker: &Worker, effect: &Effect) -> Result<(), Broken> {
        let (stored, notes, id) = (&self.stored.run, &mut self.notes, &effect.id);
        let still = worker.ledger.still_ms;
        let limit = stored.started_at().saturating_add(self.flow.budget.wall_ms + still);
        // What is taken back has all the time it needs.
        let in_time = worker.at < limit || worker.ledger.ended.is_some();
        notes.hold(WALL, in_time, || id.clone())?;
        notes.hold(STOPPED, !worker.ledger.run.state().is_final(), || id.clone())?;
        let place = Place::of(&self.flow, &effect.key);
        let goes_on = !worker.ledger.consent.ended || place.is_last || place.is_undoing;
        notes.hold(CANCEL, goes_on, || id.clone())?;
        if !effect.is_write() {
            return Ok(());
        }
        for (brake, (letter, holds)) in &self.brakes {
            // A pause is for runs that are not over, and ends with them.
            let counts = *brake == Brake::Stop || worker.ledger.never_ended();
            let is_on = *holds && counts && worker.ledger.has_heard(letter);
            notes.hold(HELD, !is_on, || id.clone())?;
        }
        notes.hold(AHEAD, stored.awaited(id) == Some(effect), || id.clone())?;
        notes.hold(STOPPED, !stored.state().is_final(), || id.clone())?;
        notes.hold(HELD, stored.state() != RunState::Held, || id.clone())?;
        let operation = operation_of(&self.flow, effect);
        let known = operation.is_some_and(|operation| operation.once != Once::Read);
        notes.hold(CLASS, known, || id.clone())?;
        let rules = match &self.scenario.piece {
            Piece::Draft(draft) => &draft.rules,
            Piece::Own(rehearsal) => &rehearsal.rules,
        };
        self.stored.consent.judge(&self.flow, rules, effect, worker.at, notes)?;
        self.stored.consent.tried.insert(effect.key.clone());
        Ok(())
    }

    /// A dying worker's last request may have left all the same.
    pub(super) fn leaves_nevertheless(&mut self, effect: &Effect) -> Result<(), Broken> {
        let mut die = self.die(&format!("last {}", self.boundaries));
        if effect.is_write() && die.in_100(50) {
            let operation = operation_of(&self.flow, effect);
            let after_ms = die.between(0, latest_ms(operation));
            self.say(|| format!("{} has left", effect.id));
            self.world.sent.insert(effect.key.clone());
            self.stored.consent.tried.insert(effect.key.clone());
            if after_ms <= 0 {
                return self.lands(effect);
            }
            self.agenda.note(self.now + after_ms, Happening::Lands(effect.clone()));
        }
        Ok(())
    }
}

/// The operation that an effect is a call of.
fn operation_of<'f>(flow: &'f Flow, effect: &Effect) -> Option<&'f Operation> {
    match &effect.action {
        Action::Call { operation, .. } => flow.operation(operation),
        Action::Ask { .. } => None,
    }
}
