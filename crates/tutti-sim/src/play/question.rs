//! What people are asked in a play, and how what they say in a story becomes an answer to it.

use serde_json::{Map, Value};
use tutti_core::event::{Brake, Said, Way};
use tutti_core::view::RunView;

use crate::story::{Person, Says};

/// A question somebody was asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// When it was first seen, in milliseconds since 1970.
    pub at: i64,
    /// Names it; another one even where the same is asked again.
    pub id: String,
    /// The step it is about.
    pub step: String,
    /// What it is about, for people.
    pub title: String,
    /// Who is asked: an account id, or empty for whoever may answer.
    pub who: String,
    /// Why.
    pub why: String,
    /// The operation that is held; empty for a question to which only people know the answer.
    pub operation: String,
    /// The arguments of what is held.
    pub with: Value,
    /// Whether it was asked before and something changed.
    pub again: bool,
    /// The effect that is held; empty where nothing is.
    effect: String,
    kind: Kind,
    /// How it can go on with what got stuck.
    ways: Vec<Way>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Whether something may leave.
    Approval,
    /// A form.
    Form,
    /// How to go on with what got stuck.
    Stuck,
    /// What leaves by itself, unless it is recalled.
    Recallable,
}

/// What people are asked at this moment.
pub fn questions(view: &RunView, at: i64) -> Vec<Question> {
    let approvals = view.approvals.iter().map(|card| {
        let with = card.changes.iter().map(|each| (each.field.clone(), each.after.clone()));
        Question {
            at,
            id: card.payload_hash.clone(),
            step: card.step.clone(),
            title: card.title.clone(),
            who: card.approver.clone(),
            why: card.why.clone(),
            operation: card.operation.clone(),
            with: Value::Object(with.collect()),
            again: card.asked_again.is_some(),
            effect: card.effect.clone(),
            kind: Kind::Approval,
            ways: Vec::new(),
        }
    });
    let others = view.questions.iter().map(|question| {
        let recallable = question.ways.iter().any(|way| way.way == Way::Recall);
        let stuck = !question.ways.is_empty();
        let why = if question.why.is_empty() { &question.question } else { &question.why };
        Question {
            at,
            id: question.id.clone(),
            step: question.step.clone(),
            title: question.title.clone(),
            who: question.who.clone(),
            why: why.clone(),
            operation: String::new(),
            with: Value::Object(Map::new()),
            again: false,
            effect: String::new(),
            kind: match (recallable, stuck) {
                (true, _) => Kind::Recallable,
                (_, true) => Kind::Stuck,
                _ => Kind::Form,
            },
            ways: question.ways.iter().map(|way| way.way).collect(),
        }
    });
    approvals.chain(others).collect()
}

impl Question {
    /// Whether somebody has to answer, since nothing goes on by itself.
    pub fn must_be_answered(&self) -> bool {
        self.kind != Kind::Recallable
    }

    /// Whether this person is asked, or may answer what is put to nobody in particular.
    pub fn is_to(&self, person: &Person) -> bool {
        self.who.is_empty() || self.who == person.who
    }

    /// Whether it is what this person waits for, and can be answered with their word, whoever is asked.
    pub fn is_about(&self, person: &Person) -> bool {
        let own = self.step.rsplit('.').next();
        let step = person.step.as_deref();
        let kind = match person.says {
            Says::Approve | Says::Reject | Says::Modify => Kind::Approval,
            Says::Answer => Kind::Form,
            Says::Recall | Says::Now => Kind::Recallable,
            _ => Kind::Stuck,
        };
        let can = way(person.says).is_none_or(|way| self.ways.contains(&way));
        can && self.kind == kind && step.is_none_or(|step| self.step == step || own == Some(step))
    }
}

/// What a person says, if it can be said now.
pub fn said(person: &Person, view: &RunView, asked: &[Question]) -> Option<Said> {
    let reason = person.reason.clone();
    match person.says {
        Says::Cancel => (!view.state.is_final()).then_some(Said::Cancel { reason }),
        Says::Pause => (!view.state.is_final()).then_some(Said::hold(Brake::Pause, reason)),
        // It holds the flow, and so also what is done about a run that is over.
        Says::Stop => Some(Said::hold(Brake::Stop, reason)),
        Says::Resume | Says::Lift => {
            let brake = brake(person.says);
            view.brakes.contains(&brake).then_some(Said::Resume { brake })
        }
        Says::Undo => {
            let effects = person.steps.iter().flat_map(|step| writes_of(step, view)).collect();
            view.state.is_final().then_some(Said::Undo { effects, reason })
        }
        Says::Rerun => {
            let step = person.step.clone().unwrap_or_default();
            let begins = view.beginnings.iter().any(|beginning| beginning.step == step);
            begins.then_some(Said::Rerun { step, reason, seen: None })
        }
        _ => {
            let mut asked = asked.iter();
            let found = asked.find(|question| question.is_about(person) && question.is_to(person));
            found.map(|question| answer(person, question))
        }
    }
}

/// The question that is answered for good: who lets something leave at once can be overruled at the same
/// moment.
pub fn answers(said: &Said) -> Option<String> {
    match said {
        Said::Resolve { way: Way::Now | Way::Recall, .. } => None,
        Said::Approve { payload_hash: id, .. }
        | Said::Modify { payload_hash: id, .. }
        | Said::Reject { payload_hash: id, .. }
        | Said::Answer { question: id, .. }
        | Said::Resolve { question: id, .. } => Some(id.clone()),
        _ => None,
    }
}

/// The keys of what a step wrote, in each item of a loop and each time it was done; where it wrote
/// nothing, the one it would have had.
fn writes_of(step: &str, view: &RunView) -> Vec<String> {
    let is_its = |key: &&str| {
        let place = key.split('/').nth(1).unwrap_or_default();
        place == step || place.rsplit('.').next() == Some(step)
    };
    let did = view.timeline.iter().filter_map(|entry| entry.did.as_ref());
    let keys = did.map(|did| did.effect_key.as_str()).filter(is_its);
    let mut keys: Vec<String> = keys.map(str::to_owned).collect();
    if keys.is_empty() {
        keys.push(format!("{}/{step}/1", view.id));
    }
    keys.dedup();
    keys
}

fn answer(person: &Person, asked: &Question) -> Said {
    let (question, reason) = (asked.id.clone(), person.reason.clone());
    let (effect, payload_hash) = (asked.effect.clone(), asked.id.clone());
    if let Some(way) = way(person.says) {
        return Said::Resolve { question, way, reason };
    }
    match person.says {
        Says::Approve => Said::Approve { effect, payload_hash },
        Says::Reject => Said::Reject { effect, payload_hash, reason },
        Says::Modify => Said::Modify { effect, payload_hash, changes: person.changes.clone() },
        _ => Said::Answer { question, answer: person.answer.clone() },
    }
}

/// How it is to go on, if that is what somebody says.
fn way(says: Says) -> Option<Way> {
    Some(match says {
        Says::Again => Way::Again,
        Says::Happened => Way::Happened,
        Says::Without => Way::Without,
        Says::Recall => Way::Recall,
        Says::Now => Way::Now,
        Says::End => Way::Stop,
        _ => return None,
    })
}

/// The brake that somebody presses or lifts.
fn brake(says: Says) -> Brake {
    if matches!(says, Says::Stop | Says::Lift) { Brake::Stop } else { Brake::Pause }
}
