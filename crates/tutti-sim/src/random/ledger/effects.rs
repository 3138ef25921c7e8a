//! What an event did to the effects of a run: how each moved, which are new, what they cost.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use tutti_core::event::{Action, Effect, Event, Said};
use tutti_core::flow::{CALLS_FOR_LAST, Flow};
use tutti_core::view::{EffectState, RunState, Undo};

use super::super::arrows::Arrow;
use super::super::place::Place;
use super::super::promises::{
    ANEW, ARROWS, CALLS, COUNTED, HELD, IDLE, LATE, Notes, QUIET, SPENT, TRIES,
};
use super::{ADMIN, Ledger, Meant};
use crate::Broken;

/// How often a model may have a call tried once more.
const CHOICES_MAX: u32 = 2;

/// How the topic begins by which a run hears that a connection has new credentials.
pub(in crate::random) const RENEWED: &str = "connection.renewed:";

impl Ledger {
    pub(super) fn follow_effects(
        &mut self,
        event: &Event,
        meant: Meant,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let now = self.run.effects();
        let before = std::mem::replace(&mut self.stands, now);
        let again =
            self.reruns > 0 || matches!(event, Event::Said { answer: Said::Rerun { .. }, .. });
        let keys: BTreeSet<&String> = before.keys().chain(self.stands.keys()).collect();
        for key in keys {
            let from = before.get(key).copied().unwrap_or("new");
            // What is over and forgotten within one event is not seen: loops drop what they leave.
            let Some(to) = self.stands.get(key).copied() else { continue };
            let addressed = meant.as_ref().filter(|(whom, _)| whom == key);
            let why = match (addressed, event) {
                (Some((_, outcome)), _) => outcome,
                (None, _) if from == to => continue,
                (None, _) if from == "new" => "begins",
                // While a brake was on nobody had looked what to do about it.
                (None, _) if is_over(from) && to == "stuck" => "asked-about",
                (None, Event::Answered { .. }) if from == "stuck" => "chosen",
                (None, Event::Signal { topic, .. })
                    if from == "stuck" && topic.starts_with(RENEWED) =>
                {
                    "renewed"
                }
                (None, Event::Said { answer: Said::Resume { .. }, .. })
                    if (from, to) == ("leaving", "reading") =>
                {
                    "let-go"
                }
                // While a brake was on nobody had looked at what was chosen.
                (None, Event::Said { answer: Said::Resume { .. }, .. }) if from == "stuck" => {
                    "chosen"
                }
                (None, Event::Resumed) if is_on_its_way(from) => "worker-lost",
                (None, _) if to == "unknown" => "dropped",
                (None, _) if from.starts_with("to-") || waits_for_a_time(from) => "time",
                (None, _) => "dropped",
            };
            // A run that begins anew reads again what it had read, and goes on with what it had left
            // in doubt.
            let ended = is_over(from) || matches!(from, "stuck" | "overtaken");
            let begun = !is_over(to) && to != "overtaken" || to == "unknown" && from != to;
            let anew = matches!(why, "dropped" | "asked-about") && ended && again && begun;
            let (from, why) = if anew { ("new", "begins") } else { (from, why) };
            let stray = why == "dropped"
                && to != "overtaken"
                && matches!(event, Event::Answered { .. })
                && meant.is_none();
            notes.hold(IDLE, !stray, || format!("{key} went from {from} to {to} on {event:?}"))?;
            if let ("overtaken", Some((_, outcome))) = (from, addressed) {
                self.is_told_late(key, outcome, notes)?;
            }
            if why == "renewed" {
                *self.renewed.entry(key.clone()).or_default() += 1;
            }
            for arrow in Arrow::of_effect(from, why, to, self.is_out_of_budget(key)) {
                notes.arrow(ARROWS, arrow)?;
            }
        }
        Ok(())
    }

    /// Of a write that nobody waits for people hear what its answer says, and that is all.
    fn is_told_late(&self, key: &str, outcome: &str, notes: &mut Notes) -> Result<(), Broken> {
        let really = match outcome {
            "ok" => EffectState::Confirmed,
            "timeout" | "unavailable" | "malformed" => EffectState::Unknown,
            _ => EffectState::Failed,
        };
        let now = self.run.timeline().iter().rev().take_while(|entry| entry.seq == self.run.seq());
        let dids = now.filter_map(|entry| entry.did.as_ref());
        let told = dids.filter(|did| did.effect_key == key).map(|did| did.outcome).next();
        let follows = self.run.in_flight().any(|effect| effect.key == key);
        // An earlier try of it may have happened.
        let doubt = told == Some(EffectState::Unknown) && really == EffectState::Failed;
        notes.hold(LATE, (doubt || told == Some(really)) && !follows, || {
            format!("{key} was {outcome} and is told {told:?}; it leaves once more: {follows}")
        })
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

    /// Effects that were not wanted before.
    pub(super) fn follow_wants(
        &mut self,
        flow: &Flow,
        event: &Event,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        self.forget_unsent(flow, event);
        let before = std::mem::take(&mut self.awaited);
        self.awaited = self.run.in_flight().map(|effect| effect.id.clone()).collect();
        let fresh: Vec<&Effect> =
            self.run.in_flight().filter(|effect| !before.contains(&effect.id)).collect();
        self.wanted += fresh.len() as u64;
        self.awaited.extend(before.into_iter().filter(|id| self.run.is_withheld(id)));
        let owed = fresh.iter().filter(|effect| Place::of(flow, &effect.key).is_undoing);
        self.owed += owed.count() as u64;
        let last = fresh.iter().filter(|effect| Place::of(flow, &effect.key).is_last);
        self.last += last.count() as u64;
        for effect in &fresh {
            self.begins(flow, effect, notes)?;
        }
        let writes = fresh.into_iter().filter_map(write).collect::<Vec<_>>();
        self.writes.extend(writes);
        Ok(())
    }

    /// What was wanted in the turn in which a brake was put on has not left.
    fn forget_unsent(&mut self, flow: &Flow, event: &Event) {
        let Event::Said { answer: Said::Hold { unsent, .. }, .. } = event else { return };
        for id in unsent.iter().filter(|id| self.run.is_withheld(id)) {
            if self.awaited.remove(id) {
                let place = Place::of(flow, id.split('#').next().unwrap_or_default());
                self.wanted -= 1;
                self.owed -= u64::from(place.is_undoing);
                self.last -= u64::from(place.is_last);
            }
        }
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
            let again: u32 = [&self.consent.again, &self.renewed]
                .iter()
                .map(|times| times.get(&effect.key).copied().unwrap_or_default())
                .sum();
            let chosen = if place.has_agent() { CHOICES_MAX } else { 0 };
            let spared = u32::from(self.spared.contains(&effect.key));
            let times = 1 + again + chosen + self.reruns;
            let most = (place.retry(flow).attempts + spared) * times;
            notes.hold(TRIES, nth <= most, || format!("{}, {again} times again", effect.id))?;
            self.is_not_in_doubt(flow, effect, notes)?;
        }
        Ok(())
    }

    /// The same write of the same step is not under way under another name while people are told
    /// that nobody knows whether it happened, unless it was taken back. What takes back can be asked
    /// for again: an inverse that was done already changes nothing.
    fn is_not_in_doubt(
        &self,
        flow: &Flow,
        effect: &Effect,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let Some((key, wanted)) = write(effect).filter(|_| self.reruns > 0) else { return Ok(()) };
        let (step, _) = key.rsplit_once('/').unwrap_or_default();
        if step.contains("/undo.") {
            return Ok(());
        }
        let same = self.writes.iter().filter(|(other, earlier)| {
            let same_step = other.rsplit_once('/').is_some_and(|(of, _)| of == step);
            same_step && **other != key && **earlier == wanted && wanted.0 != "tutti.run.start"
        });
        let earlier: Vec<&String> = same.map(|(other, _)| other).collect();
        if earlier.is_empty() {
            return Ok(());
        }
        let view = self.run.view(flow, 1, ADMIN);
        let mut last = BTreeMap::new();
        let dids = view.timeline.iter().filter_map(|entry| entry.did.as_ref());
        last.extend(dids.map(|did| (&did.effect_key, did)));
        let doubt = earlier.into_iter().find(|key| {
            let told = last.get(key);
            told.is_some_and(|did| {
                did.outcome == EffectState::Unknown && !is_settled(did.undo.as_ref())
            })
        });
        notes.hold(ANEW, doubt.is_none(), || format!("{}, and {doubt:?}", effect.id))
    }

    pub(super) fn follow_spend(&mut self, flow: &Flow, notes: &mut Notes) -> Result<(), Broken> {
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
        let most = flow.budget;
        notes.hold(
            SPENT,
            now.tokens <= most.tokens && now.usd_micros <= most.usd_micros,
            || format!("{now:?} of {most:?}"),
        )?;
        let limit = most.calls;
        let (owed, spared) = (self.owed, self.spared_before + self.last.min(CALLS_FOR_LAST));
        notes.hold(CALLS, all - owed <= limit + spared, || {
            format!("{all} calls, {owed} to take back and {spared} to spare, of {limit}")
        })
    }
}

/// Whether nothing is left of a write that may have happened.
fn is_settled(undo: Option<&Undo>) -> bool {
    match undo {
        Some(Undo::Done { .. }) => true,
        Some(Undo::Impossible { why, .. }) => why == "it had not happened",
        _ => false,
    }
}

/// The key of a write and what it does.
fn write(effect: &Effect) -> Option<(String, (String, Value))> {
    match &effect.action {
        Action::Call { operation, input, write: true, .. } => {
            Some((effect.key.clone(), (operation.clone(), input.clone())))
        }
        _ => None,
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
