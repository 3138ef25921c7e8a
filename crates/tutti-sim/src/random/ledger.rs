//! A ledger: one line of history, told again event by event, and held against every promise that
//! can be judged from the journal alone.

use std::collections::{BTreeMap, BTreeSet};

use tutti_core::event::{Effect, Event, Reply};
use tutti_core::flow::Flow;
use tutti_core::journal::Record;
use tutti_core::run::{Run, Viewer};
use tutti_core::view::{RunState, RunView, Spend, StepState};

use super::arrows::{event_name, state_name};
use super::consent::Consent;
use super::place::Place;
use super::promises::{
    CALLS, COUNTED, FINAL, IDLE, Notes, QUIET, REASON, REPLAY, TOKENS, TRIES, VIEW,
};
use crate::Broken;

/// Who looks at the panel of a simulated run.
pub(super) const ADMIN: Viewer<'static> = Viewer { account: "admin", is_admin: true };

/// One line of history.
#[derive(Debug, Clone)]
pub(super) struct Ledger {
    pub(super) run: Run,
    pub(super) consent: Consent,
    /// The ids of all effects that were ever wanted.
    wanted: BTreeSet<String>,
    stands: BTreeMap<String, &'static str>,
    spent: Spend,
    ended: Option<(RunState, String)>,
}

impl Ledger {
    pub(super) fn new(id: &str, project: &str) -> Self {
        Self {
            run: Run::new(id, project),
            consent: Consent::default(),
            wanted: BTreeSet::new(),
            stands: BTreeMap::new(),
            spent: Spend::default(),
            ended: None,
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
        let meant = self.meant(flow, &record.event);
        self.run.on(flow, record.event.clone(), record.at);
        notes.arrows.insert([
            "run",
            state_name(state),
            event_name(&record.event),
            state_name(self.run.state()),
        ]);
        self.follow_effects(&record.event, meant, notes)?;
        self.follow_wants(flow, notes)?;
        self.follow_spend(flow, notes)?;
        self.follow_view(flow, notes)
    }

    /// What the event is to which effect: an outcome, or a person's answer.
    fn meant(&mut self, flow: &Flow, event: &Event) -> Option<(String, &'static str)> {
        match event {
            Event::Answered { effect, result, .. } => {
                let awaited = self.run.awaited(effect)?;
                let key = awaited.key.clone();
                self.consent.read(effect, result, Place::of(flow, &key).operation(flow));
                let outcome = match result {
                    Reply::Ok(_) => "ok",
                    Reply::Failed(failure) => failure.kind(),
                };
                Some((key, outcome))
            }
            Event::Said { .. } if self.run.state().is_final() => None,
            Event::Said { .. } => self.consent.said(flow, event),
            _ => None,
        }
    }

    fn follow_effects(
        &mut self,
        event: &Event,
        meant: Option<(String, &'static str)>,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let now = self.run.effects();
        let before = std::mem::replace(&mut self.stands, now);
        let keys: BTreeSet<&String> = before.keys().chain(self.stands.keys()).collect();
        for key in keys {
            let from = before.get(key).copied().unwrap_or("new");
            let to = self.stands.get(key).copied().unwrap_or("gone");
            let addressed = meant.as_ref().filter(|(whom, _)| whom == key);
            let why = match (addressed, event) {
                (Some((_, outcome)), _) => outcome,
                (None, _) if from == to => continue,
                (None, _) if from == "new" => "begins",
                (None, Event::Resumed) if is_on_its_way(from) => "worker-lost",
                (None, _) if from.starts_with("to-") || from == "held" => "time",
                (None, _) => "dropped",
            };
            let stray =
                why == "dropped" && matches!(event, Event::Answered { .. }) && meant.is_none();
            notes.hold(IDLE, !stray, || format!("{key} went from {from} to {to} on {event:?}"))?;
            // What is over and forgotten is no arrow: a loop drops what its iterations leave.
            if to != "gone" || why != "dropped" {
                notes.arrows.insert(["effect", from, why, to]);
            }
        }
        let over = self.ended.as_ref();
        let same = over.is_none_or(|(state, reason)| {
            *state == self.run.state() && *reason == *self.run.reason()
        });
        notes.hold(FINAL, same, || format!("{over:?} became {:?}", self.run.state()))?;
        if self.run.state().is_final() {
            self.ended = Some((self.run.state(), self.run.reason().to_owned()));
        }
        Ok(())
    }

    /// Effects that are wanted for the first time.
    fn follow_wants(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
        let fresh: Vec<&Effect> =
            self.run.in_flight().filter(|effect| !self.wanted.contains(&effect.id)).collect();
        for effect in &fresh {
            let step = Place::of(flow, &effect.key);
            let over = step.path.iter().find(|key| self.run.is_step_over(key));
            notes.hold(QUIET, over.is_none(), || format!("{}, and {over:?} is over", effect.id))?;
            let tries = effect.id.rsplit_once("#write").and_then(|(_, nth)| nth.parse().ok());
            if let Some(nth) = tries {
                let nth: u32 = nth;
                notes.hold(TRIES, nth <= step.retry(flow).attempts, || effect.id.clone())?;
            }
            if !effect.is_write() && effect.id.contains("#ask") {
                let room = self.spent.tokens < flow.budget.tokens
                    && self.spent.usd_micros < flow.budget.usd_micros;
                let spent = self.run.spend();
                let still =
                    spent.tokens < flow.budget.tokens && spent.usd_micros < flow.budget.usd_micros;
                notes.hold(TOKENS, room && still, || format!("{} at {spent:?}", effect.id))?;
            }
        }
        let fresh: Vec<String> = fresh.into_iter().map(|effect| effect.id.clone()).collect();
        self.wanted.extend(fresh);
        Ok(())
    }

    fn follow_spend(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
        let (was, now) = (self.spent, self.run.spend());
        self.spent = now;
        let grows = now.calls >= was.calls
            && now.actions >= was.actions
            && now.tokens >= was.tokens
            && now.usd_micros >= was.usd_micros;
        let counted = now.calls + self.run.in_flight().count() as u64;
        let all = self.wanted.len() as u64;
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
        self.consent.asked(flow, &view.approvals);
        Ok(())
    }

    /// What a view says that is not so.
    fn disagrees(&self, view: &RunView) -> Option<&'static str> {
        let run = &self.run;
        let over = run.state().is_final();
        let done = matches!(run.state(), RunState::Completed | RunState::CompletedWithGaps);
        let held = self.stands.values().any(|stands| *stands == "held");
        let open = [StepState::Running, StepState::Waiting];
        let said = [
            (view.state != run.state() || view.reason != run.reason(), "another state"),
            (view.ended_at.is_some() != over, "an end where there is none, or none"),
            (view.wake_at.is_some() == over, "a time to wake after the end, or none before"),
            (
                !over && held == view.approvals.is_empty(),
                "questions that are not asked, or not all",
            ),
            (over && !view.approvals.is_empty(), "questions after the end"),
            (over && !view.planned.is_empty(), "plans after the end"),
            (run.state() == RunState::WaitingPerson && !held, "a person is asked, and none is"),
            (run.state() == RunState::Completed && !view.gaps.is_empty(), "no gaps, and there are"),
            (done && view.strip.iter().any(|tile| open.contains(&tile.state)), "an open step"),
            (view.timeline.iter().any(|entry| entry.seq > run.seq()), "something of the future"),
        ];
        said.into_iter().find(|(wrong, _)| *wrong).map(|(_, what)| what)
    }
}

/// Whether an answer is awaited there.
fn is_on_its_way(stands: &str) -> bool {
    matches!(stands, "reading" | "checking" | "leaving" | "probing" | "asking" | "overtaken")
}
