//! The digest of where a run stands, for comparing a replay with what was replayed, on whatever
//! machine and by whatever release.
//!
//! It covers what a run means to the world: what it knows, what it did and decided, what it waits
//! for. Each part is named here, and sentences for people are left out, so that neither another
//! name inside the engine nor a better word on the panel makes a sound case file look damaged.
//! Whether two runs of one release are the same in everything, `==` tells.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::Run;
use super::decide::fact::EVIDENCE;
use super::ledger::{Happened, Write};
use super::trigger::TRIGGER;
use crate::digest;
use crate::event::{Action, Effect};
use crate::fact::Fact;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::{Decided, Entry, Undo};

impl Run {
    /// The digest of what the fold came to; equal digests mean runs that stand at the same.
    pub fn state_hash(&self, flow: &Flow) -> String {
        let asked: Vec<Value> =
            self.asked(flow).iter().map(|asked| json!([asked.step, asked.id, asked.who])).collect();
        let decided: BTreeSet<&str> = self
            .timeline
            .iter()
            .filter(|entry| entry.decided.is_some())
            .map(|entry| entry.step.as_str())
            .collect();
        let facts: BTreeMap<&str, Value> =
            self.facts().map(|(key, known)| (key, fact(known, decided.contains(key)))).collect();
        let (spend, gaps) = (self.spend, self.gaps.iter().map(|gap| &gap.step));
        digest::of_value(&json!({
            "run": self.id, "project": self.project, "events": self.seq,
            "state": self.state, "failure": self.failure.as_ref().map(Failure::kind),
            "started": self.started_at, "started_by": self.started_by, "ended": self.ended_at,
            "wakes": self.wake_at(flow), "brakes": self.held.keys().collect::<Vec<_>>(),
            "subject": self.subject, "topics": self.topics(), "heard": self.heard,
            "facts": facts,
            "steps": self.ended, "arms": self.arms().collect::<BTreeMap<_, _>>(),
            "asked": asked,
            "in_flight": self.in_flight().map(effect).collect::<Vec<_>>(),
            "withheld": self.withheld.iter().map(|(_, held)| effect(held)).collect::<Vec<_>>(),
            "decided": self.timeline.iter().filter_map(decision).collect::<Vec<_>>(),
            "did": self.timeline.iter().filter_map(outcome).collect::<Vec<_>>(),
            "written": self.ledger.iter().map(written).collect::<Vec<_>>(),
            "spend": [spend.actions, spend.calls, spend.tokens, spend.usd_micros],
            "gaps": gaps.collect::<Vec<_>>(), "output": self.output,
        }))
    }
}

/// What a decision quoted is covered where it was decided, and whose words the trigger's are follows
/// from the first record and the flow: case files of earlier releases have neither here.
fn fact(fact: &Fact, decided: bool) -> Value {
    let quoted = |path: &[String]| decided && path.first().is_some_and(|name| name == EVIDENCE);
    let follows = |path: &[String]| fact.id == TRIGGER || quoted(path);
    let marks = fact.marks.iter().filter(|mark| !follows(&mark.path));
    let mut value = fact.value.clone();
    if let Some(members) = value.as_object_mut().filter(|_| decided) {
        members.remove(EVIDENCE);
    }
    let mut hashed = json!({
        "value": value, "at": fact.observed_at, "labels": fact.labels,
        "marks": marks.map(|mark| json!([mark.path, mark.labels])).collect::<Vec<_>>(),
        "private": fact.private,
    });
    // Not a word of it where nothing was, so that case files of earlier releases verify.
    if let Some(members) = hashed.as_object_mut().filter(|_| !fact.left_out.is_empty()) {
        members.insert("left_out".to_owned(), json!(fact.left_out));
    }
    hashed
}

/// What an effect asks for. What a model is asked is made of facts, which are covered, and of words.
fn effect(effect: &Effect) -> Value {
    match &effect.action {
        Action::Call { operation, input, .. } => json!([effect.id, operation, input]),
        Action::Ask { .. } => json!([effect.id]),
    }
}

fn decision(entry: &Entry) -> Option<Value> {
    let Decided { answer, confidence, evidence, .. } = entry.decided.as_ref()?;
    let quotes: Vec<_> = evidence.iter().map(|found| (&found.fact, &found.quote)).collect();
    Some(json!([entry.seq, entry.step, answer, confidence, quotes]))
}

fn outcome(entry: &Entry) -> Option<Value> {
    let did = entry.did.as_ref()?;
    Some(json!([entry.seq, entry.step, did.effect_key, did.operation, did.outcome, did.attempts]))
}

fn written(write: &Write) -> Value {
    let undo = match &write.undo {
        Undo::Possible => json!("possible"),
        Undo::Done { at } => json!(["done", at]),
        Undo::Impossible { again, .. } => json!(["impossible", again]),
    };
    let mut hashed =
        json!([write.key, write.operation, write.input, write.before, write.output, undo]);
    // Not a word of it where nothing was in doubt, so that case files of earlier releases verify.
    let doubt = match write.happened {
        Happened::Yes => None,
        Happened::Said => Some("said"),
        Happened::Unknown => Some("unknown"),
        Happened::No => Some("not"),
    };
    if let Some(parts) = hashed.as_array_mut() {
        parts.extend(doubt.map(Value::from));
    }
    hashed
}
