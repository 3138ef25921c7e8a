//! The agenda: what is going to happen, by time; what falls on the same moment in the order noted.

use std::collections::BTreeMap;

use tutti_core::event::{Effect, Event, Reply};

use super::people::Visit;

/// Something that is going to happen.
#[derive(Debug, Clone)]
pub(super) enum Happening {
    /// The queue hands the run to a worker; once more, if the one before did not finish.
    Message { again: bool },
    /// An effect's answer reaches the worker that waits for it.
    Answer { worker: u32, effect: String, result: Reply },
    /// Somebody says something, or something happens outside.
    Letter(Event),
    /// Somebody comes to answer what they were asked.
    Visit(Visit),
    /// A write that was given up on happens after all.
    Lands(Effect),
    /// A worker that was thought dead goes on.
    Awakes { worker: u32 },
    /// The world is another from now on, by a change of its story.
    Change(usize),
    /// The job that runs may wait for is done.
    JobDone,
    /// The flow that runs may run as a step is over.
    FlowDone { well: bool },
}

/// What is going to happen.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: BTreeMap<(i64, u64), Happening>,
    noted: u64,
}

impl Agenda {
    pub(super) fn note(&mut self, at: i64, what: Happening) {
        self.noted += 1;
        self.entries.insert((at, self.noted), what);
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<i64> {
        self.entries.keys().next().map(|(at, _)| *at)
    }

    pub(super) fn next(&mut self) -> Option<Happening> {
        self.entries.pop_first().map(|(_, what)| what)
    }

    /// Takes out the writes of this effect key that are still to happen.
    pub(super) fn landings(&mut self, key: &str) -> Vec<Effect> {
        let of_key = |_: &(i64, u64), what: &mut Happening| matches!(what, Happening::Lands(effect) if effect.key == key);
        let landings = self.entries.extract_if(.., of_key).filter_map(|(_, what)| match what {
            Happening::Lands(effect) => Some(effect),
            _ => None,
        });
        landings.collect()
    }

    /// The answers to a worker that come at that very moment.
    pub(super) fn answers_at(&mut self, at: i64, to: u32) -> Vec<(String, Reply)> {
        let mine = |key: &(i64, u64), what: &mut Happening| {
            key.0 == at && matches!(what, Happening::Answer { worker, .. } if *worker == to)
        };
        let answers = self.entries.extract_if(.., mine).filter_map(|(_, what)| match what {
            Happening::Answer { effect, result, .. } => Some((effect, result)),
            _ => None,
        });
        answers.collect()
    }
}
