//! What is known of a run beside its panel, for those who replay it: its facts, the arms it took,
//! how its steps ended, and what people are asked.

use std::collections::BTreeMap;

use super::{Node, Run};
use crate::fact::Fact;
use crate::view::StepState;

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

    /// What people are asked now.
    pub fn asked(&self) -> Vec<Asked> {
        let asked = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) if call.is_held() => {
                let approval = call.approval.as_ref()?;
                let (hash, who) = (approval.question_hash(), approval.approver.clone());
                Some(Asked { effect: call.key(self), hash, who })
            }
            _ => None,
        });
        asked.collect()
    }
}

/// A question to a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asked {
    /// The key of the held effect.
    pub effect: String,
    /// What an answer must carry.
    pub hash: String,
    /// Who is asked: an account id, or empty if the rule names nobody.
    pub who: String,
}
