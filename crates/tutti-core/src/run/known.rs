//! What is known of a run beside its panel, for those who replay it: its facts, the arms it took,
//! how its steps ended, and what people are asked.

use std::collections::BTreeMap;

use super::{Node, Run};
use crate::fact::Fact;
use crate::flow::Flow;
use crate::view::{QuestionView, StepState};

impl Run {
    /// The facts by name, those of an iteration of a loop with its frame before it.
    pub fn facts(&self) -> impl Iterator<Item = (&str, &Fact)> {
        self.facts.iter().map(|(key, fact)| (key.as_str(), fact))
    }

    /// Which arm each switch took, counted from 0, by step key.
    pub fn arms(&self) -> impl Iterator<Item = (&str, usize)> {
        self.nodes.iter().filter_map(|(key, node)| match node {
            Node::Switch(taken) => Some((key.as_str(), *taken)),
            _ => None,
        })
    }

    /// How each step that is over ended, by step key.
    pub fn ended_steps(&self) -> &BTreeMap<String, StepState> {
        &self.ended
    }

    /// What people are asked now: to approve, to answer, to say how it goes on.
    pub fn asked(&self, flow: &Flow) -> Vec<Asked> {
        let question = |view: QuestionView| Asked { step: view.step, id: view.id, who: view.who };
        let asked = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) if call.is_held() => {
                let approval = call.approval.as_ref()?;
                let (id, who) = (approval.question_hash(), approval.approver.clone());
                Some(Asked { step: call.step.clone(), id, who })
            }
            Node::Call(call) => call.question_view(self, flow).map(question),
            Node::Ask(ask) => ask.view(self).map(question),
            _ => None,
        });
        asked.collect()
    }
}

/// A question to a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The key of the step that asks.
    pub step: String,
    /// What an answer must carry: of an approval a hash of what would be sent.
    pub id: String,
    /// Who is asked: an account id, or empty if nobody is named.
    pub who: String,
}
