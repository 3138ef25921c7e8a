//! Waiting for something outside: woken by a signal or the clock, decided by reading the truth.
//!
//! A signal is a hint and never believed: each wake reads the facts again and asks the condition.

use super::{Node, Progress, Run};
use crate::expr::{Condition, Meter};
use crate::failure::Failure;
use crate::flow::{Flow, Listen, Step};
use crate::view::{EntryKind, StepState};

/// A step that waits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ListenNode {
    /// What it wants to hear of.
    topics: Vec<String>,
    /// Which reading of the facts this is, from 1.
    round: u32,
    /// Whether that reading is over.
    settled: bool,
    /// A signal came since the last reading began.
    heard: bool,
    started_at: i64,
    /// When it gives up waiting.
    until: i64,
    /// When it looks by itself.
    poll_at: Option<i64>,
    /// The time was over; its `else` runs.
    expired: bool,
    /// Why the last reading could not be made.
    trouble: Option<Failure>,
}

impl ListenNode {
    pub(super) fn advance(run: &mut Run, flow: &Flow, step: &Step, listen: &Listen) -> Progress {
        let key = run.key(&step.id);
        let mut node = match run.nodes.remove(&key) {
            Some(Node::Listen(node)) => node,
            _ => match Self::start(run, listen) {
                Ok(node) => Box::new(node),
                Err(failure) => {
                    run.nodes.insert(key, Node::Failed(failure.clone()));
                    return Progress::Failed(failure);
                }
            },
        };
        let progress = node.drive(run, flow, step, listen);
        match &progress {
            Progress::Failed(failure) if !node.expired || listen.otherwise.is_none() => {
                run.nodes.insert(key, Node::Failed(failure.clone()));
            }
            _ if progress == Progress::Pending || node.expired => {
                run.nodes.insert(key, Node::Listen(node));
            }
            _ => {}
        }
        progress
    }

    fn start(run: &Run, listen: &Listen) -> Result<Self, Failure> {
        let mut topics = Vec::new();
        for topic in &listen.to {
            let filled = topic.key.fill(run, &mut Meter::default());
            if let Some(path) = filled.missing.first() {
                return Err(Failure::Missing { path: path.clone() });
            }
            let key = filled.value.as_str().map_or_else(|| filled.value.to_string(), str::to_owned);
            topics.push(format!("{}:{key}", topic.event));
        }
        Ok(Self {
            topics,
            round: 1,
            settled: false,
            heard: false,
            started_at: run.now,
            until: run.end_of(&listen.within)?,
            poll_at: None,
            expired: false,
            trouble: None,
        })
    }

    fn drive(&mut self, run: &mut Run, flow: &Flow, step: &Step, listen: &Listen) -> Progress {
        loop {
            if self.expired {
                let Some(otherwise) = &listen.otherwise else {
                    return Progress::Failed(self.too_late());
                };
                return run.block(flow, otherwise, &format!("{}.else", run.key(&step.id)));
            }
            if self.settled {
                let due = self.heard || self.poll_at.is_some_and(|at| at <= run.now);
                if !due && self.until > run.now {
                    return Progress::Pending;
                }
                self.round += 1;
                self.settled = false;
                // What is heard from here on may be newer than what is read now.
                self.heard = false;
            }
            match run.gather(flow, &listen.read, &run.key(&step.id), self.round) {
                Progress::Pending => return Progress::Pending,
                Progress::Done => self.trouble = None,
                // There will be no other look.
                Progress::Failed(failure @ Failure::OverBudget { .. }) => {
                    return Progress::Failed(failure);
                }
                // An outside that cannot be read now is read again at the next look.
                Progress::Failed(failure) => self.trouble = Some(failure),
            }
            self.settled = true;
            if matches!(run.holds(&listen.until), Condition::True) {
                self.note(run, step, &step.done, None);
                return Progress::Done;
            }
            if self.until <= run.now {
                self.expired = true;
                self.tell_expired(run, step, listen);
                continue;
            }
            self.poll_at = listen.poll_ms.map(|ms| run.now.saturating_add(ms.max(1)));
        }
    }

    fn tell_expired(&self, run: &mut Run, step: &Step, listen: &Listen) {
        if listen.otherwise.is_none() {
            let mut entry = run.entry(EntryKind::Event, &run.key(&step.id), "tutti", &step.title);
            entry.state = StepState::Failed;
            entry.detail = self.too_late().to_string();
            return run.timeline.push(entry);
        }
        let what = match &self.trouble {
            Some(failure) => format!("{failure}; could not look in time"),
            None => "waited long enough; took the path for that".to_owned(),
        };
        let text = format!("{}: it did not come in time", step.title);
        self.note(run, step, &text, Some(what));
    }

    fn too_late(&self) -> Failure {
        let trouble =
            self.trouble.as_ref().map(|failure| format!("; the last look failed: {failure}"));
        Failure::Expired { trouble: trouble.unwrap_or_default() }
    }

    fn note(&self, run: &mut Run, step: &Step, text: &str, adapted: Option<String>) {
        let mut entry = run.entry(EntryKind::Event, &run.key(&step.id), step.system(), text);
        entry.took_ms = u64::try_from(run.now - self.started_at).ok();
        if adapted.is_some() {
            entry.state = StepState::Adapted;
        }
        entry.adapted = adapted;
        run.timeline.push(entry);
    }

    /// Whether this step waits for that.
    pub(super) fn hear(&mut self, topic: &str) -> bool {
        let mine = self.topics().iter().any(|wanted| wanted == topic);
        self.heard |= mine;
        mine
    }

    /// What it wants to hear of, as long as it waits.
    pub(super) fn topics(&self) -> &[String] {
        if self.expired { &[] } else { &self.topics }
    }

    /// What it waits for, for people, and what keeps it from seeing.
    pub(super) fn waits_for(&self, title: &str) -> Option<String> {
        if self.expired {
            return None;
        }
        let mut text = title.to_owned();
        if !self.topics.is_empty() {
            text.push_str(&format!(": waiting for {}", self.topics.join(", ")));
        }
        if let Some(failure) = &self.trouble {
            text.push_str(&format!("; the last look failed: {failure}"));
        }
        Some(text)
    }

    /// When it looks by itself. While it reads, the reads have their own times.
    pub(super) fn wake_at(&self) -> Option<i64> {
        if self.expired || !self.settled {
            return None;
        }
        Some(self.poll_at.map_or(self.until, |at| at.min(self.until)))
    }
}
