//! Consent: what people were asked and what they said, kept by somebody who does not ask the
//! engine's gate, and held against every write that leaves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use tutti_core::event::{Action, Effect, Event, Reply, Said, Way};
use tutti_core::flow::{Autonomy, Flow};
use tutti_core::operation::{Operation, Reversibility};
use tutti_core::view::{ApprovalView, QuestionView, RunView};

use super::draft::Rules;
use super::people::Matter;
use super::place::Place;
use super::promises::{BEFORE, CONSENT, DENIED, FORBIDDEN, Notes, RECALL, TAINT};
use crate::Broken;

/// What texts of strangers and of models hold in the simulated world, and nothing else does.
const STRANGE: &str = "words of";
/// The thing that only a default names.
const DEFAULTED: &str = "t2";
/// The project the flow belongs to, as its issues begin.
const OWN: &str = "PAY-";

/// What a person agreed to.
#[derive(Debug, Clone)]
struct Yes {
    input: Map<String, Value>,
    version: Option<String>,
}

/// Questions, answers, and what was read before the writes they are about.
#[derive(Debug, Clone, Default)]
pub(super) struct Consent {
    /// The cards people see, by effect key, each with the target's version it is about.
    cards: BTreeMap<String, (ApprovalView, Option<String>)>,
    /// The questions people see, by id, each with the effect key it is about.
    questions: BTreeMap<String, (QuestionView, String)>,
    yes: BTreeMap<String, Yes>,
    denied: BTreeSet<String>,
    /// When a write can leave that can be recalled, by effect key.
    recallable: BTreeMap<String, i64>,
    /// How often somebody had a stuck call tried again, by effect key.
    pub(super) again: BTreeMap<String, u32>,
    /// What was read last before a write, by effect key.
    read: BTreeMap<String, Value>,
    heard: BTreeSet<String>,
}

impl Consent {
    /// Notes an answer to a read before a write.
    pub(super) fn read(&mut self, effect: &str, result: &Reply) {
        let Some((key, label)) = effect.rsplit_once('#') else { return };
        if !label.starts_with("read") && !label.starts_with("check") {
            return;
        }
        match result {
            Reply::Ok(value) => self.read.insert(key.to_owned(), value.clone()),
            Reply::Failed(failure) if failure.kind() == "not_found" => {
                self.read.insert(key.to_owned(), Value::Null)
            }
            Reply::Failed(_) => None,
        };
    }

    /// Notes what a person says, by what people see before it is heard; tells what the answer is
    /// to whom, if it is one.
    pub(super) fn said(
        &mut self,
        flow: &Flow,
        event: &Event,
        now: i64,
    ) -> Option<(String, &'static str)> {
        let Event::Said { id, account, answer, .. } = event else { return None };
        if !self.heard.insert(id.clone()) {
            return None;
        }
        match answer {
            Said::Approve { effect, payload_hash }
            | Said::Modify { effect, payload_hash, .. }
            | Said::Reject { effect, payload_hash, .. } => {
                self.said_to_card(flow, account, answer, (effect, payload_hash))
            }
            Said::Answer { question, answer } => {
                let (_, key) =
                    self.questions.get(question).filter(|(q, _)| is_for(&q.who, account))?;
                let way = answer.get("way").and_then(Value::as_str).unwrap_or_default();
                Some((key.clone(), if way == "sideways" { "unsuited" } else { "answer" }))
            }
            Said::Resolve { question, way, .. } => {
                let (asked, key) = self.questions.get(question)?;
                let offered = asked.ways.iter().any(|offered| offered.way == *way);
                if !offered || !is_for(&asked.who, account) {
                    return None;
                }
                match way {
                    Way::Recall => _ = self.denied.insert(key.clone()),
                    Way::Now => _ = self.recallable.insert(key.clone(), now),
                    Way::Again => {
                        self.denied.remove(key);
                        *self.again.entry(key.clone()).or_default() += 1;
                    }
                    _ => {}
                }
                Some((key.clone(), way_name(*way)))
            }
            _ => None,
        }
    }

    fn said_to_card(
        &mut self,
        flow: &Flow,
        account: &str,
        answer: &Said,
        (effect, hash): (&String, &String),
    ) -> Option<(String, &'static str)> {
        let (card, version) = self.cards.get(effect)?;
        if !is_for(&card.approver, account) || card.payload_hash != *hash {
            return None;
        }
        let mut input: Map<String, Value> =
            card.changes.iter().map(|c| (c.field.clone(), c.after.clone())).collect();
        let what = match answer {
            Said::Reject { .. } => {
                self.denied.insert(effect.clone());
                return Some((effect.clone(), "reject"));
            }
            Said::Modify { changes, .. } => {
                let known = &flow.operation(&card.operation)?.input;
                if changes.keys().any(|name| !known.contains_key(name)) {
                    return Some((effect.clone(), "unsuited"));
                }
                input.extend(changes.clone());
                "modify"
            }
            _ => "approve",
        };
        // Whoever is asked once more can think better of it.
        self.denied.remove(effect);
        self.yes.insert(effect.clone(), Yes { input, version: version.clone() });
        Some((effect.clone(), what))
    }

    /// Notes what people are asked now. `stands` tells which effects are in which phase.
    pub(super) fn asked(
        &mut self,
        flow: &Flow,
        view: &RunView,
        stands: &BTreeMap<String, &'static str>,
    ) {
        let known = std::mem::take(&mut self.cards);
        for card in &view.approvals {
            let same = known.get(&card.effect).filter(|(k, _)| k.payload_hash == card.payload_hash);
            let version = match same {
                Some((_, version)) => version.clone(),
                None => version(flow.operation(&card.operation), self.read.get(&card.effect)),
            };
            self.cards.insert(card.effect.clone(), (card.clone(), version));
        }
        self.questions.clear();
        for question in &view.questions {
            let about = |(key, stands): &(&String, &&str)| {
                let open = matches!(**stands, "stuck" | "recallable" | "asked");
                open && key.split('/').nth(1) == Some(question.step.as_str())
            };
            let Some((key, stands)) = stands.iter().find(about) else { continue };
            if let ("recallable", Some(until)) = (*stands, question.until) {
                self.recallable.insert(key.clone(), until);
            }
            self.questions.insert(question.id.clone(), (question.clone(), key.clone()));
        }
    }

    /// What people are asked.
    pub(super) fn matters(&self) -> Vec<Matter> {
        let cards = self.cards.values().map(|(card, _)| Matter::Approval(card.clone()));
        let questions = self.questions.values();
        let questions = questions.map(|(question, _)| Matter::Question(question.clone()));
        cards.chain(questions).collect()
    }

    /// The effect a question is about.
    pub(super) fn subject(&self, question: &str) -> Option<&String> {
        self.questions.get(question).map(|(_, key)| key)
    }

    /// Holds a write that leaves against all that was said.
    pub(super) fn judge(
        &self,
        flow: &Flow,
        rules: &Rules,
        effect: &Effect,
        now: i64,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let Action::Call { operation: id, input, before, write: true, untrusted } = &effect.action
        else {
            return Ok(());
        };
        let Some(operation) = flow.operation(id) else { return Ok(()) };
        let detail = || format!("{} with {input}", effect.id);
        notes.hold(FORBIDDEN, !rules.never.contains(id) && is_at_home(id, input), detail)?;
        notes.hold(DENIED, !self.denied.contains(&effect.key), detail)?;
        if let Some(wanted) = &operation.before {
            let read = self.read.get(&effect.key);
            let there = read == Some(before) && (wanted.optional || !before.is_null());
            notes.hold(BEFORE, there, || format!("{}: {before} and not {read:?}", effect.id))?;
        }
        // Whoever takes a write back asked for just this.
        let place = Place::of(flow, &effect.key);
        if place.is_undoing {
            return Ok(());
        }
        let unmarked = unmarked(input, "", untrusted);
        notes.hold(TAINT, unmarked.is_none(), || format!("{}: {unmarked:?}", effect.id))?;
        let autonomy = place.autonomy(flow);
        if needs_a_yes(rules, operation, input, autonomy) {
            let yes = self.yes.get(&effect.key);
            let version = version(Some(operation), Some(before));
            let covered = yes
                .is_some_and(|yes| Some(&yes.input) == input.as_object() && yes.version == version);
            notes.hold(CONSENT, covered, || {
                format!("{} with {input} on version {version:?}, and the yes is {yes:?}", effect.id)
            })?;
        }
        if autonomy == Autonomy::ActWithRecall {
            let until = self.recallable.get(&effect.key);
            notes.hold(RECALL, until.is_some_and(|until| *until <= now), detail)?;
        }
        Ok(())
    }
}

/// Where words of a stranger stand that are not marked as such.
fn unmarked(value: &Value, at: &str, marked: &[String]) -> Option<String> {
    let is_marked = || marked.iter().any(|mark| at.starts_with(mark.as_str()));
    match value {
        Value::String(text) if text.contains(STRANGE) && !is_marked() => Some(at.to_owned()),
        Value::Object(members) => {
            let mut members = members.iter();
            members.find_map(|(name, member)| unmarked(member, &format!("{at}/{name}"), marked))
        }
        _ => None,
    }
}

fn is_for(who: &str, account: &str) -> bool {
    who.is_empty() || who == account
}

fn way_name(way: Way) -> &'static str {
    match way {
        Way::Again => "again",
        Way::Happened => "happened",
        Way::Without => "without",
        Way::Stop => "stop",
        Way::Recall => "recall",
        Way::Now => "now",
    }
}

/// What identifies the target's version in what was read.
fn version(operation: Option<&Operation>, read: Option<&Value>) -> Option<String> {
    let path = operation?.before.as_ref()?.version.as_ref()?;
    let value = read?.get(path)?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn is_at_home(operation: &str, input: &Value) -> bool {
    let issue = input.get("issue").and_then(Value::as_str).unwrap_or_default();
    !operation.starts_with("jira.") || issue.starts_with(OWN)
}

fn needs_a_yes(rules: &Rules, operation: &Operation, input: &Value, autonomy: Autonomy) -> bool {
    let shaky = operation.input.iter().filter(|(_, declared)| declared.target).any(|(name, _)| {
        let target = input.get(name).and_then(Value::as_str).unwrap_or_default();
        target.contains(STRANGE) || target == DEFAULTED
    });
    let cautious =
        operation.reversibility == Reversibility::Irreversible || autonomy == Autonomy::Approve;
    rules.approve.contains(&operation.id)
        || shaky
        || (cautious && !rules.allow.contains(&operation.id))
}
