//! Consent: what people were asked and what they said, kept by somebody who does not ask the
//! engine's gate, and held against every write that leaves.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use tutti_core::event::{Action, Effect, Event, Reply, Said};
use tutti_core::flow::{Autonomy, Flow};
use tutti_core::operation::{Operation, Reversibility};
use tutti_core::view::ApprovalView;

use super::draft::Rules;
use super::promises::{BEFORE, CONSENT, DENIED, FORBIDDEN, Notes};
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
    yes: BTreeMap<String, Yes>,
    denied: BTreeSet<String>,
    /// What was read last before a write, by effect key.
    read: BTreeMap<String, Value>,
    heard: BTreeSet<String>,
}

impl Consent {
    /// Notes an answer to a read before a write.
    pub(super) fn read(&mut self, effect: &str, result: &Reply, operation: Option<&Operation>) {
        let Some((key, label)) = effect.rsplit_once('#') else { return };
        if !label.starts_with("read") && !label.starts_with("check") {
            return;
        }
        let optional = operation.and_then(|o| o.before.as_ref()).is_some_and(|b| b.optional);
        match result {
            Reply::Ok(value) => self.read.insert(key.to_owned(), value.clone()),
            Reply::Failed(failure) if optional && failure.kind() == "not_found" => {
                self.read.insert(key.to_owned(), Value::Null)
            }
            Reply::Failed(_) => None,
        };
    }

    /// Notes what a person says, by the cards as they are before it is heard; tells what the
    /// answer is to whom, if it is one.
    pub(super) fn said(&mut self, flow: &Flow, event: &Event) -> Option<(String, &'static str)> {
        let Event::Said { id, account, answer, .. } = event else { return None };
        if !self.heard.insert(id.clone()) {
            return None;
        }
        let (effect, hash) = match answer {
            Said::Approve { effect, payload_hash }
            | Said::Modify { effect, payload_hash, .. }
            | Said::Reject { effect, payload_hash, .. } => (effect, payload_hash),
            _ => return None,
        };
        let (card, version) = self.cards.get(effect)?;
        let asked = card.approver.is_empty() || card.approver == *account;
        if !asked || card.payload_hash != *hash {
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
        self.yes.insert(effect.clone(), Yes { input, version: version.clone() });
        Some((effect.clone(), what))
    }

    /// Notes the cards that people see now.
    pub(super) fn asked(&mut self, flow: &Flow, cards: &[ApprovalView]) {
        let known = std::mem::take(&mut self.cards);
        for card in cards {
            let same = known.get(&card.effect).filter(|(k, _)| k.payload_hash == card.payload_hash);
            let version = match same {
                Some((_, version)) => version.clone(),
                None => version(flow.operation(&card.operation), self.read.get(&card.effect)),
            };
            self.cards.insert(card.effect.clone(), (card.clone(), version));
        }
    }

    /// The cards that people see.
    pub(super) fn cards(&self) -> impl Iterator<Item = &ApprovalView> {
        self.cards.values().map(|(card, _)| card)
    }

    /// Holds a write that leaves against all that was said.
    pub(super) fn judge(
        &self,
        flow: &Flow,
        rules: &Rules,
        effect: &Effect,
        autonomy: Autonomy,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let Action::Call { operation: id, input, before, write: true } = &effect.action else {
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
        if needs_a_yes(rules, operation, input, autonomy) {
            let yes = self.yes.get(&effect.key);
            let version = version(Some(operation), Some(before));
            let covered = yes
                .is_some_and(|yes| Some(&yes.input) == input.as_object() && yes.version == version);
            notes.hold(CONSENT, covered, || {
                format!("{} with {input} on version {version:?}, and the yes is {yes:?}", effect.id)
            })?;
        }
        Ok(())
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
