//! A ledger: one line of history, told again event by event, and held against every promise that
//! can be judged from the journal alone.

mod effects;
mod panel;

pub(super) use self::effects::RENEWED;
pub(super) use self::panel::ADMIN;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tutti_core::event::{Brake, Event, Reply, Said};
use tutti_core::failure::Failure;
use tutti_core::flow::{CALLS_FOR_LAST, Flow};
use tutti_core::journal::Record;
use tutti_core::run::Run;
use tutti_core::view::{RunState, Spend};

use super::arrows::Arrow;
use super::consent::Consent;
use super::promises::{ARROWS, CANCEL, FINAL, HEARD, Notes, REPLAY};
use crate::Broken;

/// What is said at the end of why a run failed, as long as it is so.
const DOUBT_LEFT: &str = "; whether it happened is not known";

/// An effect key, and what an event means to it.
type Meant = Option<(String, &'static str)>;

/// One line of history.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    pub(super) run: Run,
    pub(super) consent: Consent,
    /// How many effects were ever wanted.
    wanted: u64,
    /// Of these, those that took something back, which cost what they cost.
    owed: u64,
    /// Calls of what was done last since the run began, or began anew.
    last: u64,
    /// Calls that what was done last could make beyond the budget, the times before.
    spared_before: u64,
    /// Ids of those whose answer is awaited, or was until a brake kept them from being sent again.
    awaited: BTreeSet<String>,
    stands: BTreeMap<String, &'static str>,
    /// What each write was to do, by effect key.
    writes: BTreeMap<String, (String, Value)>,
    /// How often it began anew.
    reruns: u32,
    /// Keys of effects that were held back once, because their connection failed again and again.
    spared: BTreeSet<String>,
    /// How often each was tried anew because its connection has new credentials, by key.
    renewed: BTreeMap<String, u32>,
    spent: Spend,
    /// The ids of letters folded so far.
    letters: BTreeSet<String>,
    /// How the steps ended; what is taken back afterwards does not change that.
    pub(super) ended: Option<(RunState, String)>,
    /// How long it was held, or over before it began anew, in milliseconds.
    pub(super) still_ms: i64,
    last_at: i64,
}

impl Ledger {
    pub(super) fn new(id: &str, project: &str) -> Self {
        Self {
            run: Run::new(id, project),
            consent: Consent::default(),
            wanted: 0,
            owed: 0,
            last: 0,
            spared_before: 0,
            awaited: BTreeSet::new(),
            stands: BTreeMap::new(),
            writes: BTreeMap::new(),
            reruns: 0,
            spared: BTreeSet::new(),
            renewed: BTreeMap::new(),
            spent: Spend::default(),
            letters: BTreeSet::new(),
            ended: None,
            still_ms: 0,
            last_at: 0,
        }
    }

    /// Tells one more event, as it would be read from storage.
    pub(super) fn fold(
        &mut self,
        flow: &Flow,
        record: &Record,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let text = serde_json::to_string(record).unwrap_or_default();
        let read = serde_json::from_str::<Record>(&text);
        let same = read.as_ref().is_ok_and(|read| read == record);
        notes.hold(REPLAY, same, || format!("{text} came back as {read:?}"))?;

        let state = self.run.state();
        if state == RunState::Held || self.ended.is_some() {
            self.still_ms += record.at - self.last_at;
        }
        self.last_at = record.at;
        let meant = self.meant(flow, record);
        let fresh = self.hears(flow, record, notes)?;
        let (now, reason) = (self.run.state(), self.run.reason());
        for arrow in Arrow::of_run(state, &record.event, now, reason) {
            notes.arrow(ARROWS, arrow)?;
        }
        self.follow_effects(&record.event, meant, notes)?;
        self.follow_end(&record.event, (state, fresh), notes)?;
        self.follow_wants(flow, &record.event, notes)?;
        self.follow_spend(flow, notes)?;
        self.follow_view(flow, notes)
    }

    /// Folds the event, and says whether it was new: a letter that was folded before changes nothing
    /// that time would not.
    fn hears(&mut self, flow: &Flow, record: &Record, notes: &mut Notes) -> Result<bool, Broken> {
        let again = match &record.event {
            Event::Said { id, .. } | Event::Signal { id, .. } => !self.letters.insert(id.clone()),
            _ => false,
        };
        let before = again.then(|| self.run.clone());
        self.run.on(flow, record.event.clone(), record.at);
        let Some(mut waited) = before else { return Ok(true) };
        waited.on(flow, Event::Woke, record.at);
        notes.hold(HEARD, waited == self.run, || format!("{:?}", record.event))?;
        Ok(false)
    }

    /// Whether a letter was folded.
    pub(super) fn has_heard(&self, letter: &str) -> bool {
        self.letters.contains(letter)
    }

    /// Whether it was not over yet.
    pub(super) fn never_ended(&self) -> bool {
        self.ended.is_none() && self.reruns == 0
    }

    /// What the event is to which effect: an outcome, or a person's answer.
    fn meant(&mut self, flow: &Flow, record: &Record) -> Meant {
        match &record.event {
            Event::Answered { effect, result, .. } => {
                let key = self.run.awaited(effect)?.key.clone();
                self.consent.read(effect, result);
                let outcome = match result {
                    Reply::Ok(_) | Reply::Excerpt(_) => "ok",
                    Reply::Failed(Failure::Unreachable { after_ms: Some(_), .. }) => {
                        self.spared.insert(key.clone());
                        "unreachable"
                    }
                    Reply::Failed(failure) => failure.kind(),
                };
                Some((key, outcome))
            }
            // What is said to a run that is over, or to one that takes back, is no answer.
            Event::Said { .. } if self.ended.is_some() => None,
            event @ Event::Said { .. } => {
                let held =
                    [Brake::Pause, Brake::Stop].iter().any(|brake| self.run.is_held_by(*brake));
                self.consent.said(flow, event, (record.at, held))
            }
            _ => None,
        }
    }

    /// Whether people are told that it was run once more just now.
    fn begins_anew(&self, said: Option<&Said>) -> bool {
        let mut now = self.run.timeline().iter().rev().take_while(|e| e.seq == self.run.seq());
        matches!(said, Some(Said::Rerun { .. })) && now.any(|e| e.text.contains("ran it once more"))
    }

    /// Whether it failed as it did before, and a doubt of it came or went.
    fn learned(&self, now: &Option<(RunState, String)>) -> bool {
        let Some(((was, before), (is, reason))) = self.ended.as_ref().zip(now.as_ref()) else {
            return false;
        };
        let bare = |text: &str| text.trim_end_matches(DOUBT_LEFT).to_owned();
        was == is && *is == RunState::Failed && bare(before) == bare(reason)
    }

    /// A run that is over stays so, unless it begins anew; taking back does not change how it ended.
    fn follow_end(
        &mut self,
        event: &Event,
        (was, fresh): (RunState, bool),
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let now = self.run.ended().map(|(state, reason)| (state, reason.to_owned()));
        let said = match event {
            Event::Said { answer, .. } => Some(answer),
            _ => None,
        };
        if was.is_final() && self.begins_anew(said) {
            self.ended = None;
            self.consent.ended = false;
            self.reruns += 1;
            self.spared_before += self.last.min(CALLS_FOR_LAST);
            self.last = 0;
            // Its time begins anew.
            self.still_ms = self.last_at - self.run.started_at();
        }
        let cancels = fresh && matches!(said, Some(Said::Cancel { .. }));
        if cancels && !was.is_final() && self.ended.is_none() {
            let cancelled = now.as_ref().is_some_and(|(state, _)| *state == RunState::Cancelled);
            notes.hold(CANCEL, cancelled, || format!("{:?}", self.run.state()))?;
        }
        let same = self.ended.is_none() || now == self.ended;
        let done = |end: &Option<(RunState, String)>| match end {
            Some((state, _)) => matches!(state, RunState::Completed | RunState::CompletedWithGaps),
            None => false,
        };
        let learned = done(&self.ended) && done(&now) || self.learned(&now);
        notes.hold(FINAL, same || learned, || format!("{:?} became {now:?}", self.ended))?;
        self.ended = now;
        Ok(())
    }
}
