//! A ledger: one line of history, told again event by event, and held against every promise that
//! can be judged from the journal alone.

use std::collections::{BTreeMap, BTreeSet};

use tutti_core::event::{Effect, Event, Reply, Said};
use tutti_core::failure::Failure;
use tutti_core::flow::Flow;
use tutti_core::journal::Record;
use tutti_core::run::{Run, Viewer};
use tutti_core::view::{RunState, RunView, Spend, StepState};

use super::arrows::Arrow;
use super::consent::Consent;
use super::place::Place;
use super::promises::{
    ARROWS, CALLS, COUNTED, FINAL, HELD, IDLE, Notes, QUIET, REASON, REPLAY, TOKENS, TRIES, VIEW,
};
use crate::Broken;

/// Who looks at the panel of a simulated run.
pub(super) const ADMIN: Viewer<'static> = Viewer { account: "admin", is_admin: true };

/// How often a model may have a call tried once more.
const CHOICES_MAX: u32 = 2;

/// An effect key, and what an event means to it.
type Meant = Option<(String, &'static str)>;

/// One line of history.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    pub(super) run: Run,
    pub(super) consent: Consent,
    /// How many effects were ever wanted.
    wanted: u64,
    /// Ids of those whose answer is awaited.
    awaited: BTreeSet<String>,
    stands: BTreeMap<String, &'static str>,
    /// Keys of effects that were held back once, because their connection failed again and again.
    spared: BTreeSet<String>,
    spent: Spend,
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
            awaited: BTreeSet::new(),
            stands: BTreeMap::new(),
            spared: BTreeSet::new(),
            spent: Spend::default(),
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
        self.run.on(flow, record.event.clone(), record.at);
        let (now, reason) = (self.run.state(), self.run.reason());
        for arrow in Arrow::of_run(state, &record.event, now, reason) {
            notes.arrow(ARROWS, arrow)?;
        }
        self.follow_effects(&record.event, meant, notes)?;
        self.follow_end(&record.event, state, notes)?;
        self.follow_wants(flow, notes)?;
        self.follow_spend(flow, notes)?;
        self.follow_view(flow, notes)
    }

    /// What the event is to which effect: an outcome, or a person's answer.
    fn meant(&mut self, flow: &Flow, record: &Record) -> Meant {
        match &record.event {
            Event::Answered { effect, result, .. } => {
                let key = self.run.awaited(effect)?.key.clone();
                self.consent.read(effect, result);
                let outcome = match result {
                    Reply::Ok(_) => "ok",
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
            event @ Event::Said { .. } => self.consent.said(flow, event, record.at),
            _ => None,
        }
    }

    fn follow_effects(
        &mut self,
        event: &Event,
        meant: Meant,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let now = self.run.effects();
        let before = std::mem::replace(&mut self.stands, now);
        let keys: BTreeSet<&String> = before.keys().chain(self.stands.keys()).collect();
        for key in keys {
            let from = before.get(key).copied().unwrap_or("new");
            // What is over and forgotten within one event is not seen: loops drop what they leave.
            let Some(to) = self.stands.get(key).copied() else { continue };
            // A run that begins anew reads again what it had read.
            let from = if is_over(from) && to == "leaving" { "new" } else { from };
            let addressed = meant.as_ref().filter(|(whom, _)| whom == key);
            let why = match (addressed, event) {
                (Some((_, outcome)), _) => outcome,
                (None, _) if from == to => continue,
                (None, _) if from == "new" => "begins",
                // While a brake was on nobody had looked what to do about it.
                (None, _) if is_over(from) && to == "stuck" => "asked-about",
                (None, Event::Answered { .. }) if from == "stuck" => "chosen",
                (None, Event::Resumed) if is_on_its_way(from) => "worker-lost",
                (None, _) if from.starts_with("to-") || waits_for_a_time(from) => "time",
                (None, _) => "dropped",
            };
            let stray = why == "dropped"
                && to != "overtaken"
                && matches!(event, Event::Answered { .. })
                && meant.is_none();
            notes.hold(IDLE, !stray, || format!("{key} went from {from} to {to} on {event:?}"))?;
            for arrow in Arrow::of_effect(from, why, to, self.is_out_of_budget(key)) {
                notes.arrow(ARROWS, arrow)?;
            }
        }
        Ok(())
    }

    /// Whether the event just told found no room for a call of this effect.
    fn is_out_of_budget(&self, key: &str) -> bool {
        let step = key.split('/').nth(1);
        let mut now = self.run.timeline().iter().rev().take_while(|e| e.seq == self.run.seq());
        now.any(|entry| {
            let told = [Some(&entry.detail), entry.adapted.as_ref()];
            let out = told.into_iter().flatten().any(|told| told.starts_with("over budget"));
            out && step == Some(entry.step.as_str())
        })
    }

    /// A run that is over stays so, unless it begins anew; taking back does not change how it ended.
    fn follow_end(
        &mut self,
        event: &Event,
        was: RunState,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let state = self.run.state();
        let now = (state, self.run.reason().to_owned());
        let said = match event {
            Event::Said { answer, .. } => Some(answer),
            _ => None,
        };
        if was.is_final() && matches!(said, Some(Said::Rerun { .. })) {
            self.ended = None;
        }
        let same = !state.is_final() || self.ended.as_ref().is_none_or(|ended| *ended == now);
        notes.hold(FINAL, same, || format!("{:?} became {now:?}", self.ended))?;
        if state.is_final() {
            self.ended = Some(now);
        }
        Ok(())
    }

    /// Effects that were not wanted before.
    fn follow_wants(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
        let now: BTreeSet<String> = self.run.in_flight().map(|effect| effect.id.clone()).collect();
        let before = std::mem::replace(&mut self.awaited, now);
        let fresh: Vec<&Effect> =
            self.run.in_flight().filter(|effect| !before.contains(&effect.id)).collect();
        self.wanted += fresh.len() as u64;
        for effect in fresh {
            self.begins(flow, effect, notes)?;
        }
        Ok(())
    }

    /// What must hold for an effect that is wanted for the first time.
    fn begins(&self, flow: &Flow, effect: &Effect, notes: &mut Notes) -> Result<(), Broken> {
        let place = Place::of(flow, &effect.key);
        let over = place.path.iter().find(|key| self.run.is_step_over(key));
        notes.hold(QUIET, over.is_none(), || format!("{}, and {over:?} is over", effect.id))?;
        let held = self.run.state() == RunState::Held;
        notes.hold(HELD, !held, || effect.id.clone())?;
        let nth = effect.id.rsplit_once("#write").and_then(|(_, nth)| nth.parse::<u32>().ok());
        if let Some(nth) = nth {
            let again = self.consent.again.get(&effect.key).copied().unwrap_or_default();
            let chosen = if place.has_agent() { CHOICES_MAX } else { 0 };
            let spared = u32::from(self.spared.contains(&effect.key));
            let most = (place.retry(flow).attempts + spared) * (1 + again + chosen);
            notes.hold(TRIES, nth <= most, || format!("{}, {again} times again", effect.id))?;
        }
        if effect.id.contains("#ask") {
            let (before, now) = (self.spent, self.run.spend());
            let room = |spent: Spend| {
                spent.tokens < flow.budget.tokens && spent.usd_micros < flow.budget.usd_micros
            };
            notes
                .hold(TOKENS, room(before) && room(now), || format!("{} at {now:?}", effect.id))?;
        }
        Ok(())
    }

    fn follow_spend(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
        let (was, now) = (self.spent, self.run.spend());
        self.spent = now;
        let grows = now.calls >= was.calls
            && now.actions >= was.actions
            && now.tokens >= was.tokens
            && now.usd_micros >= was.usd_micros;
        let counted = now.calls + self.awaited.len() as u64;
        let all = self.wanted;
        notes.hold(COUNTED, grows && counted == all, || {
            format!("{all} effects were wanted and {counted} are counted; {was:?}, then {now:?}")
        })?;
        let limit = flow.budget.calls;
        notes.hold(CALLS, all <= limit, || format!("{all} calls, and the budget has {limit}"))
    }

    fn follow_view(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
        let run = &self.run;
        let told = run.state() == RunState::Running || !run.reason().is_empty();
        notes.hold(REASON, told, || format!("{:?}", run.state()))?;
        let view = run.view(flow, 1, ADMIN);
        let wrong = self.disagrees(&view);
        notes.hold(VIEW, wrong.is_none(), || {
            format!("{}: {:?}", wrong.unwrap_or_default(), view.strip)
        })?;
        self.consent.asked(flow, &view, &self.stands);
        Ok(())
    }

    /// What a view says that is not so.
    fn disagrees(&self, view: &RunView) -> Option<&'static str> {
        let run = &self.run;
        let (over, past) = (run.state().is_final(), self.ended.is_some());
        let held = run.state() == RunState::Held;
        let done = matches!(run.state(), RunState::Completed | RunState::CompletedWithGaps);
        let stands = |word: &str| self.stands.values().any(|stands| *stands == word);
        let asks = stands("stuck") || stands("recallable") || stands("asked");
        let open = [StepState::Running, StepState::Waiting];
        let said = [
            (view.state != run.state() || view.reason != run.reason(), "another state"),
            (view.ended_at.is_some() != past, "an end where there is none, or none"),
            (view.wake_at.is_some() && (over || held), "a time to wake"),
            (view.wake_at.is_none() && !past && !held, "no time to wake"),
            (!past && stands("held") == view.approvals.is_empty(), "approvals, or none"),
            (!past && asks == view.questions.is_empty(), "questions, or none"),
            (past && !view.approvals.is_empty(), "approvals after the end"),
            (past && !view.questions.is_empty(), "questions after the end"),
            (past && !view.planned.is_empty(), "plans after the end"),
            (
                run.state() == RunState::WaitingPerson
                    && view.approvals.is_empty()
                    && view.questions.is_empty(),
                "a person is waited for, and nobody is asked",
            ),
            (run.state() == RunState::Completed && !view.gaps.is_empty(), "no gaps, and there are"),
            (done && view.strip.iter().any(|tile| open.contains(&tile.state)), "an open step"),
            (view.timeline.iter().any(|entry| entry.seq > run.seq()), "something of the future"),
        ];
        said.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| what)
    }
}

fn is_over(stands: &str) -> bool {
    matches!(stands, "confirmed" | "failed" | "refused" | "unknown")
}

/// Whether an answer is awaited there.
fn is_on_its_way(stands: &str) -> bool {
    matches!(stands, "reading" | "checking" | "leaving" | "probing" | "asking" | "overtaken")
}

/// Whether time alone may end that.
fn waits_for_a_time(stands: &str) -> bool {
    matches!(stands, "held" | "recallable" | "asked")
}
