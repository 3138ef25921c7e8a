//! The exception agent: a model chooses among the ways that are open how a failed call goes on. It
//! can choose nothing else, and what it cannot judge goes to a person; so does what a person or a
//! policy refused.

use serde_json::Value;

use super::{DecideNode, Node, Progress, Run};
use crate::event::Way;
use crate::failure::Failure;
use crate::flow::{ExceptionAgent, Flow, Remedy, Step};
use crate::gate;

/// How often it may have one call tried again before a person is asked.
const AGAIN_MAX: u32 = 2;

impl Run {
    /// A call failed where the flow lets a model choose: the question how to go on is put, as to a
    /// person, and the model is asked for its answer first.
    pub(super) fn ask_agent(
        &mut self,
        flow: &Flow,
        step: &Step,
        (catch, agent): (usize, &ExceptionAgent),
        failure: &Failure,
    ) -> Progress {
        let about = self.about(&step.id, failure);
        self.learn(about);
        let who = agent.who.as_ref().map(|who| gate::person(who, self)).unwrap_or_default();
        let key = self.key(&step.id);
        let mut asked = 0;
        self.with_node(&key, |run, node| {
            if let Node::Call(call) = node {
                call.get_stuck(run, flow, who);
                let persons = call.is_in_doubt() || matches!(failure, Failure::Refused { .. });
                asked = if persons { u32::MAX } else { call.count_choice() };
            }
        });
        if asked <= AGAIN_MAX {
            self.agent_chooses(flow, step, &agent_key(&key, catch, asked), agent);
        }
        Progress::Pending
    }

    /// Goes on with a choice under way, if the call at this step waits for one.
    pub(super) fn go_on_choosing(&mut self, flow: &Flow, step: &Step) {
        let prefix = choices_of(&self.key(&step.id));
        let choice = self.nodes.range(prefix.clone()..).next().map(|(key, _)| key.clone());
        let Some(choice) = choice.filter(|key| key.starts_with(&prefix)) else { return };
        for (catch, one) in step.catch.iter().enumerate() {
            match &one.remedy {
                Remedy::Agent(agent) if choice.starts_with(&format!("{prefix}{catch}.")) => {
                    self.agent_chooses(flow, step, &choice, agent);
                }
                _ => {}
            }
        }
    }

    /// Somebody chose: what else was asked about it is no longer waited for.
    pub(super) fn forget_choices(&mut self, step: &str) {
        let prefix = choices_of(step);
        self.nodes.retain(|key, _| !key.starts_with(&prefix));
        self.drop_withheld(|key, _| key.starts_with(&prefix));
    }

    fn agent_chooses(&mut self, flow: &Flow, step: &Step, choice: &str, agent: &ExceptionAgent) {
        let key = self.key(&step.id);
        let done = format!("Chose how to go on: {}", step.title);
        match DecideNode::drive(self, flow, choice.to_owned(), &done, &agent.decide) {
            Progress::Pending => return,
            Progress::Done => {
                let fact = self.facts.remove(choice);
                let way = fact.and_then(|fact| way(&fact.value));
                self.with_node(&key, |run, node| {
                    if let (Node::Call(call), Some(way)) = (node, way) {
                        call.chosen(run, flow, way);
                    }
                });
            }
            // Nobody but a person is left to ask, and is asked already.
            Progress::Failed(_) => {}
        }
        self.nodes.remove(choice);
        self.ended.remove(choice);
    }
}

/// What the keys of a step's choices begin with.
fn choices_of(step: &str) -> String {
    format!("{step}?")
}

/// Where the choice number `asked` is kept while it is made; every choice is one of its own.
fn agent_key(step: &str, catch: usize, asked: u32) -> String {
    format!("{}{catch}.{asked}", choices_of(step))
}

fn way(answer: &Value) -> Option<Way> {
    match answer.get("way").and_then(Value::as_str)? {
        "again" => Some(Way::Again),
        "without" => Some(Way::Without),
        "stop" => Some(Way::Stop),
        _ => None,
    }
}
