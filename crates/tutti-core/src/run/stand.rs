//! Where a run stands: at work, asking, waiting, and why; when it wakes; why it failed.

use super::frame::local;
use super::gap::Reason;
use super::{Node, Run};
use crate::failure::Failure;
use crate::flow::{Flow, Step};
use crate::view::{EntryKind, RunState, StepState};

impl Run {
    /// Where a run that is not over stands.
    pub(super) fn settle_state(&mut self, flow: &Flow) {
        let backing_off = self.live_nodes().find(|(_, node)| match node {
            Node::Call(call) => call.backs_off(),
            Node::Decide(decide) => decide.backs_off(),
            _ => false,
        });
        let (state, reason) = if !self.in_flight.is_empty() || self.has_to_tell() {
            (RunState::Running, String::new())
        } else if let Some((key, node)) = backing_off {
            let step = flow.step(local(key));
            let title = step.map_or("what it needs to know", |step| step.title.as_str());
            let title = self.numbered_at(key, title);
            let doubt = matches!(node, Node::Call(call) if call.is_in_doubt());
            let what = if doubt { "look whether it happened" } else { "try again" };
            (RunState::Running, format!("about to {what}: {title}"))
        } else if let Some(asking) = self.what_is_asked(flow) {
            (RunState::WaitingPerson, asking)
        } else {
            (RunState::WaitingOutside, self.what_is_awaited(flow))
        };
        self.state = state;
        self.reason = reason;
    }

    fn what_is_asked(&self, flow: &Flow) -> Option<String> {
        let told = |label: &str, titles: Vec<String>| {
            (!titles.is_empty()).then(|| format!("{label}: {}", titles.join("; ")))
        };
        let stuck = self.live_nodes().filter_map(|(_, node)| match node {
            Node::Call(call) => call.stuck_on(flow),
            _ => None,
        });
        let approvals = self.live_nodes().filter_map(|(key, node)| match node {
            Node::Call(call) => Some(self.numbered_at(key, call.asking()?)),
            _ => None,
        });
        let questions = self.live_nodes().filter_map(|(key, node)| match node {
            Node::Ask(ask) => Some(self.numbered_at(key, ask.asking()?)),
            _ => None,
        });
        let told: Vec<String> = stuck
            .chain(told("waiting for approval", approvals.collect()))
            .chain(told("waiting for an answer", questions.collect()))
            .collect();
        (!told.is_empty()).then(|| told.join("; "))
    }

    fn what_is_awaited(&self, flow: &Flow) -> String {
        let waits = self.in_order(flow).into_iter().filter_map(|(step, key, node)| {
            let title = self.numbered_at(key, &step.title);
            match node {
                Node::Listen(listen) => listen.waits_for(&title),
                Node::Call(call) if call.is_recallable() => {
                    Some(format!("{title}: leaves unless it is recalled"))
                }
                Node::Wait(until) if *until > self.now => Some(title),
                _ => None,
            }
        });
        let waits: Vec<String> = waits.collect();
        if waits.is_empty() { "waiting for its time".to_owned() } else { waits.join("; ") }
    }

    /// The nodes of steps in the order of the document, those of a loop's iterations in theirs.
    fn in_order<'a>(&'a self, flow: &'a Flow) -> Vec<(&'a Step, &'a str, &'a Node)> {
        let steps = flow.all_steps();
        let place = |key: &str| steps.iter().position(|step| step.id == local(key));
        let known = self.nodes.iter().filter_map(|(key, node)| {
            let place = place(key)?;
            Some((place, (*steps.get(place)?, key.as_str(), node)))
        });
        let mut known: Vec<_> = known.collect();
        known.sort_by_key(|(place, _)| *place);
        known.into_iter().map(|(_, known)| known).collect()
    }

    /// Why it could not go on, naming the step.
    pub(super) fn why_failed(&self, flow: &Flow, failure: &Failure) -> Reason {
        if let Some(text) = self.why_not_begun(flow) {
            return Reason { step: String::new(), text };
        }
        let all = self.failed_steps(flow, failure);
        let ended = all.iter().find(|(.., node)| node.is_given_up());
        let failed = ended.or_else(|| all.iter().find(|(_, key, _)| !self.is_beside(flow, key)));
        self.told_of(failed.copied(), failure)
    }

    /// The same of what is done last: what stands before it may have failed in the same way.
    pub(super) fn why_failed_last(&self, flow: &Flow, failure: &Failure) -> Reason {
        let failed = self.failed_steps(flow, failure).into_iter().next_back();
        self.told_of(failed, failure)
    }

    /// The steps that failed in this way and were given up, in the order of the document.
    fn failed_steps<'a>(
        &'a self,
        flow: &'a Flow,
        failure: &Failure,
    ) -> Vec<(&'a Step, &'a str, &'a Node)> {
        let nodes = self.in_order(flow).into_iter();
        let failed = nodes.filter(|(_, key, node)| {
            !self.ended.contains_key(*key) && node.failure() == Some(failure)
        });
        failed.collect()
    }

    /// A failure that another one can hide gets a line of its own, unless its step wrote one: `mine`
    /// are the keys it may have come from, else it is of this place itself.
    pub(super) fn tell_failed(
        &mut self,
        flow: &Flow,
        (place, title): (&str, &str),
        failure: &Failure,
        mine: impl Fn(&str) -> bool,
    ) {
        let mut failed = self.failed_steps(flow, failure).into_iter();
        let own = failed.find(|(_, key, _)| mine(key));
        let (key, title) = own.map_or((place, title), |(step, key, _)| (key, &step.title));
        let last = self.timeline.iter().rev().find(|entry| entry.step == key);
        if last.is_some_and(|last| last.state == StepState::Failed && last.seq > self.begun) {
            return;
        }
        let (key, title) = (key.to_owned(), title.to_owned());
        let inner = if own.is_some() { key.clone() } else { self.frame.clone() };
        let mut entry = self.within(&inner, |run| run.entry(EntryKind::Run, &key, "tutti", &title));
        entry.state = StepState::Failed;
        entry.detail = failure.to_string();
        self.timeline.push(entry);
    }

    fn told_of(&self, failed: Option<(&Step, &str, &Node)>, failure: &Failure) -> Reason {
        let (step, text) = match failed {
            Some((step, key, _)) => {
                (key.to_owned(), format!("{}: {failure}", self.numbered_at(key, &step.title)))
            }
            None => (String::new(), failure.to_string()),
        };
        Reason { step, text }
    }

    /// When its time is over; the time it was held is not counted.
    pub(super) fn deadline(&self, flow: &Flow) -> i64 {
        self.started_at.saturating_add(self.held_ms).saturating_add(flow.budget.wall_ms)
    }

    /// When the run wakes by itself, if nothing else happens.
    pub fn wake_at(&self, flow: &Flow) -> Option<i64> {
        if self.state.is_final() || !self.held.is_empty() {
            return None;
        }
        if self.has_to_tell() {
            return Some(self.now);
        }
        let waits = self.live_nodes().filter_map(|(_, node)| match node {
            Node::Call(call) => call.wake_at(),
            Node::Decide(decide) => decide.wake_at(),
            Node::Listen(listen) => listen.wake_at(),
            Node::Ask(ask) => ask.wake_at(),
            Node::Wait(until) => Some(*until).filter(|until| *until > self.now),
            Node::Switch(_) | Node::Fork(_) | Node::For(_) | Node::Instead(_) | Node::Failed(_) => {
                None
            }
        });
        // What is taken back has all the time it needs.
        let deadline = self.undoing.is_none().then(|| self.deadline(flow));
        waits.chain(deadline).min()
    }
}
