//! Where a run stands: at work, asking, waiting, and why; when it wakes; why it failed.

use super::frame::local;
use super::{Node, Run};
use crate::failure::Failure;
use crate::flow::Flow;
use crate::view::RunState;

impl Run {
    /// Where a run that is not over stands.
    pub(super) fn settle_state(&mut self, flow: &Flow) {
        let backing_off = self.nodes.values().any(|node| match node {
            Node::Call(call) => call.backs_off(),
            Node::Decide(decide) => decide.backs_off(),
            _ => false,
        });
        let (state, reason) = if !self.in_flight.is_empty() || backing_off {
            (RunState::Running, String::new())
        } else if let Some(asking) = self.what_is_asked() {
            (RunState::WaitingPerson, asking)
        } else {
            (RunState::WaitingOutside, self.what_is_awaited(flow))
        };
        self.state = state;
        self.reason = reason;
    }

    fn what_is_asked(&self) -> Option<String> {
        let asked = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) => call.asking(),
            _ => None,
        });
        let titles: Vec<&str> = asked.collect();
        (!titles.is_empty()).then(|| format!("waiting for approval: {}", titles.join("; ")))
    }

    fn what_is_awaited(&self, flow: &Flow) -> String {
        let of = |key: &String| flow.step(local(key));
        // In the order of the document, the iterations of a loop in theirs.
        let mut waits: Vec<(&str, String)> = Vec::new();
        for (key, node) in &self.nodes {
            let text = match (node, of(key)) {
                (Node::Listen(listen), Some(step)) => listen.waits_for(&step.title),
                (Node::Wait(until), Some(step)) if *until > self.now => Some(step.title.clone()),
                _ => None,
            };
            waits.extend(text.zip(of(key)).map(|(text, step)| (step.at.as_str(), text)));
        }
        waits.sort_by_key(|(at, _)| *at);
        let waits: Vec<String> = waits.into_iter().map(|(_, text)| text).collect();
        if waits.is_empty() { "waiting for its time".to_owned() } else { waits.join("; ") }
    }

    /// Why it could not go on, naming the step.
    pub(super) fn why_failed(&self, flow: &Flow, failure: &Failure) -> String {
        let failed = self.nodes.iter().filter(|(key, node)| {
            !self.ended.contains_key(*key) && node.failure() == Some(failure)
        });
        let steps = failed.filter_map(|(key, node)| Some((flow.step(local(key))?, node)));
        let Some((step, node)) = steps.min_by_key(|(step, _)| step.at.as_str()) else {
            return failure.to_string();
        };
        match node {
            Node::Call(call) if call.is_in_doubt() => {
                format!("{}: {failure}; whether it happened is not known", step.title)
            }
            _ => format!("{}: {failure}", step.title),
        }
    }

    /// When the run wakes by itself, if nothing else happens.
    pub fn wake_at(&self, flow: &Flow) -> Option<i64> {
        if self.state.is_final() {
            return None;
        }
        let waits = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) => call.wake_at(),
            Node::Decide(decide) => decide.wake_at(),
            Node::Listen(listen) => listen.wake_at(),
            Node::Wait(until) => Some(*until).filter(|until| *until > self.now),
            Node::Switch(_) | Node::For(_) | Node::Instead(_) | Node::Failed(_) => None,
        });
        let deadline = self.started_at.saturating_add(flow.budget.wall_ms);
        waits.chain([deadline]).min()
    }
}
