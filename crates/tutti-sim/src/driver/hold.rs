//! One worker's hold on a run: what it hears next, what it stores, what leaves.

use tutti_core::event::Event;
use tutti_core::session::{Commit, Session};

use super::{Broken, Driver, Order, Stopped, TOOK_MS};
use crate::{Outside, Storage};

/// One worker's hold on the run.
pub(super) struct Hold {
    session: Session,
    /// Answers that are still to come, with their times.
    outstanding: Vec<(i64, Event)>,
    /// How many of the hints it has folded, and no commit has covered yet.
    folded: usize,
    /// When the run wants to go on by itself.
    wake_at: Option<i64>,
}

impl<O: Outside> Driver<O> {
    /// One worker's hold, from opening to waiting or the end, or until something else happens while it
    /// waits for answers: then it is still at work.
    ///
    /// # Errors
    /// It was killed, or a promise was broken.
    pub fn work(&mut self, until: Option<i64>) -> Result<(), Stopped> {
        let (mut hold, mut events) = match self.at_work.take() {
            Some(hold) => (hold, None),
            None => {
                let (session, outstanding) = (self.open()?, Vec::new());
                let mut hold = Hold { session, outstanding, folded: 0, wake_at: None };
                let hints = self.hints(&mut hold);
                (hold, Some(hints))
            }
        };
        loop {
            let Some(heard) = events.take().or_else(|| self.next(&mut hold, until)) else {
                self.at_work = Some(hold);
                return Ok(());
            };
            let turn = hold.session.step(heard, self.now);
            hold.wake_at = turn.wake_at;
            if let Some(commit) = &turn.commit
                && !self.save(&mut hold, commit)?
            {
                events = Some(self.hints(&mut hold));
                continue;
            }
            self.check(&turn, &hold.session)?;
            for effect in &turn.effects {
                self.boundary()?;
                let result = self.outside.perform(effect, self.now);
                let delay_ms = self.outside.delay_ms(effect);
                let at = self.now.saturating_add(i64::try_from(delay_ms).unwrap_or(i64::MAX));
                let took_ms = TOOK_MS.saturating_add(delay_ms);
                let effect = effect.id.clone();
                hold.outstanding.push((at, Event::Answered { effect, result, took_ms }));
                self.boundary()?;
            }
            if hold.outstanding.is_empty() {
                return Ok(());
            }
        }
    }

    /// Stores a turn. `false` if there is something to hear first, and nothing of it leaves.
    fn save(&mut self, hold: &mut Hold, commit: &Commit) -> Result<bool, Stopped> {
        self.boundary()?;
        let taken = self.is_taken();
        let stored = self.commit(commit);
        if taken && !stored {
            return Err(Stopped::Taken);
        }
        if !stored && self.take_back(hold)? {
            return Ok(false);
        }
        let detail = || format!("version {}", commit.row.version);
        if taken {
            let promise = "who lost a run writes nothing";
            return Err(Broken { promise, detail: detail() }.into());
        }
        if !stored {
            return Err(Broken { promise: "nobody else has a hold", detail: detail() }.into());
        }
        self.check_size()?;
        self.storage.hints.drain(..hold.folded);
        hold.folded = 0;
        self.boundary()?;
        Ok(true)
    }

    fn take_back(&self, hold: &mut Hold) -> Result<bool, Broken> {
        let Storage { row, chunks, .. } = self.storage.clone();
        hold.session
            .take_back(row, &chunks)
            .map_err(|error| Broken { promise: "what was stored opens", detail: error.to_string() })
    }

    /// The hints a worker has not folded yet.
    fn hints(&self, hold: &mut Hold) -> Vec<Event> {
        let fresh = self.storage.hints.iter().skip(hold.folded).cloned().collect();
        hold.folded = self.storage.hints.len();
        fresh
    }

    /// What a worker hears next: the answers that are there first, as many as the order says, or
    /// that its time is over, and then what was said before. Nothing, if it has to wait longer.
    fn next(&mut self, hold: &mut Hold, until: Option<i64>) -> Option<Vec<Event>> {
        let first = hold.outstanding.iter().map(|(at, _)| *at).min().unwrap_or(self.now);
        let wakes = hold.wake_at.filter(|at| *at > self.now);
        let next = wakes.unwrap_or(first).min(first);
        if until.is_some_and(|until| until < next) {
            self.now = self.now.max(until.unwrap_or_default());
            return None;
        }
        self.now = self.now.max(next);
        let mut events = Vec::new();
        if hold.wake_at.is_some_and(|at| at <= self.now) {
            hold.session.hear(&self.storage.row);
            events = self.hints(hold);
        }
        if first <= self.now {
            events.extend(self.answers(&mut hold.outstanding, first));
        }
        Some(events)
    }

    /// Of the answers of that moment, as many as the order says.
    fn answers(&self, outstanding: &mut Vec<(i64, Event)>, moment: i64) -> Vec<Event> {
        let here = |(at, _): &(i64, Event)| *at == moment;
        let answers: Vec<Event> = match self.mischief.order {
            Order::Together => {
                outstanding.extract_if(.., |each| here(each)).map(|(_, e)| e).collect()
            }
            Order::Asked | Order::Reversed => {
                let found = match self.mischief.order {
                    Order::Reversed => outstanding.iter().rposition(here),
                    _ => outstanding.iter().position(here),
                };
                found.map(|index| outstanding.remove(index).1).into_iter().collect()
            }
        };
        let copies = if self.mischief.twice { answers.clone() } else { Vec::new() };
        answers.into_iter().chain(copies).collect()
    }
}
