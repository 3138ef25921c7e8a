//! Consent: what people were asked and what they said, kept by somebody who does not ask the
//! engine's gate.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};
use tutti_core::event::{Event, Reply, Said, Way};
use tutti_core::flow::Flow;
use tutti_core::operation::Operation;
use tutti_core::view::{ApprovalView, QuestionView, RunView};

use super::people::Matter;
use super::place::Place;

/// What a person agreed to.
#[derive(Debug, Clone)]
pub(super) struct Yes {
    pub(super) input: Map<String, Value>,
    pub(super) version: Option<String>,
}

/// Questions, answers, and what was read before the writes they are about.
#[derive(Debug, Clone, Default)]
pub(super) struct Consent {
    /// The cards people see, by effect key, each with the target's version it is about.
    cards: BTreeMap<String, (ApprovalView, Option<String>)>,
    /// The questions people see, by id, each with the effect key it is about.
    questions: BTreeMap<String, (QuestionView, String)>,
    pub(super) yes: BTreeMap<String, Yes>,
    pub(super) denied: BTreeSet<String>,
    /// When a write can leave that can be recalled, by effect key.
    pub(super) recallable: BTreeMap<String, i64>,
    /// How often somebody had a stuck call tried again, by effect key.
    pub(super) again: BTreeMap<String, u32>,
    /// What was read last before a write, by effect key.
    pub(super) read: BTreeMap<String, Value>,
    /// Writes that left before, by effect key.
    pub(super) tried: BTreeSet<String>,
    /// Somebody said that the run ends here: of its steps nothing more leaves.
    pub(super) ended: bool,
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
            Reply::Failed(_) | Reply::Excerpt(_) => None,
        };
    }

    /// Notes what a person says, by what people see before it is heard; tells what the answer is
    /// to whom, if it is one.
    pub(super) fn said(
        &mut self,
        flow: &Flow,
        event: &Event,
        (now, held): (i64, bool),
    ) -> Option<(String, &'static str)> {
        let Event::Said { id, account, answer, .. } = event else { return None };
        if !self.heard.insert(id.clone()) {
            return None;
        }
        // Only a brake keeps a question whose time is over from being over.
        if let Some(key) = self.late(answer, now).filter(|_| held) {
            return Some((key, "unsuited"));
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
                    Way::Stop => {
                        let place = Place::of(flow, key);
                        self.ended |= !place.is_last && !place.is_undoing;
                    }
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

    /// The effect of a question whose time is over.
    fn late(&self, answer: &Said, now: i64) -> Option<String> {
        let (key, until) = match answer {
            Said::Approve { effect, .. }
            | Said::Modify { effect, .. }
            | Said::Reject { effect, .. } => (effect, self.cards.get(effect)?.0.until),
            Said::Answer { question, .. } | Said::Resolve { question, .. } => {
                let (asked, key) = self.questions.get(question)?;
                (key, asked.until)
            }
            _ => return None,
        };
        until.is_some_and(|until| until < now).then(|| key.clone())
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
pub(super) fn version(operation: Option<&Operation>, read: Option<&Value>) -> Option<String> {
    let path = operation?.before.as_ref()?.version.as_ref()?;
    let value = read?.get(path)?;
    Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
