//! What those who watch the engine at work may ask: where each effect stands, what is over.

use std::collections::BTreeMap;

use super::{Node, Run};
use crate::event::Effect;
use crate::view::{Entry, Spend};

impl Run {
    /// Where each effect stands that is not forgotten yet, by its key. The words are those of the
    /// picture in `run::call`: `reading`, `held`, `checking`, `leaving`, `probing`, and `to-read`,
    /// `to-leave` and so on for a pause before it; at its end `confirmed`, `failed`, `refused` or
    /// `unknown`, and `overtaken` if it left and nobody waits for it any more. While a person can
    /// do something about it: `held`, `recallable`, `stuck`. Of a question to a model: `asking`,
    /// `to-ask`, `decided`, `undecided`; of one to a person: `asked`, `answered`, `unanswered`.
    pub fn effects(&self) -> BTreeMap<String, &'static str> {
        let stands = self.nodes.iter().filter_map(|(step, node)| match node {
            Node::Call(call) => Some((call.key(self), call.stands())),
            Node::Ask(ask) => Some((self.effect_key(step, self.generation()), ask.stands())),
            Node::Decide(decide) => {
                Some((self.effect_key(step, self.generation()), decide.stands()))
            }
            _ => None,
        });
        stands.collect()
    }

    /// Whether nothing of the step with this key (`tell`, in a loop `each.2.tell`) begins any more.
    pub fn is_step_over(&self, step: &str) -> bool {
        self.ended.contains_key(step)
    }

    /// Whether the letter with this id was heard.
    pub fn has_heard(&self, letter: &str) -> bool {
        self.heard.contains(letter)
    }

    /// The effect with this id, if its answer is awaited.
    pub fn awaited(&self, effect: &str) -> Option<&Effect> {
        self.in_flight.get(effect).map(|(_, effect)| effect)
    }

    /// Whether nobody waits for the effect with this id any more.
    pub fn is_overtaken(&self, effect: &str) -> bool {
        let node = self.in_flight.get(effect).and_then(|(node, _)| self.nodes.get(node));
        node.is_some_and(Node::is_overtaken)
    }

    /// What it used so far.
    pub fn spend(&self) -> Spend {
        self.spend
    }

    /// What happened so far, for people.
    pub fn timeline(&self) -> &[Entry] {
        &self.timeline
    }
}
