//! A fork under way: branches at the same time, all of them needed or only the first so many.

use std::collections::BTreeSet;

use serde_json::json;

use super::{Progress, Run};
use crate::flow::{Branch, Flow, Fork, Step};
use crate::view::EntryKind;

impl Run {
    /// All branches as far as they go; over when as many are done as are needed, and the rest is
    /// stopped then. One that fails lets the others finish.
    pub(super) fn fork(&mut self, flow: &Flow, step: &Step, fork: &Fork) -> Progress {
        let key = self.key(&step.id);
        let mut done = Vec::new();
        let mut pending = false;
        let mut failed = None;
        for branch in &fork.branches {
            match self.block(flow, &branch.steps, &format!("{key}.{}", branch.name)) {
                Progress::Done => done.push(branch.name.as_str()),
                Progress::Pending => pending = true,
                Progress::Failed(failure) => failed = failed.or(Some(failure)),
            }
            if self.state.is_final() {
                return Progress::Pending;
            }
            if done.len() == fork.join {
                self.stop_others(flow, step, fork, &done);
                let fact = self.derived(&step.id, json!({"done": done}));
                self.learn(fact);
                return Progress::Done;
            }
        }
        match failed {
            Some(failure) if !pending => Progress::Failed(failure),
            _ => Progress::Pending,
        }
    }

    /// Stops the branches that nobody needs any more, and says which.
    fn stop_others(&mut self, flow: &Flow, step: &Step, fork: &Fork, done: &[&str]) {
        let others = fork.branches.iter().filter(|branch| !done.contains(&branch.name.as_str()));
        let others: Vec<&Branch> = others.collect();
        if others.is_empty() {
            return;
        }
        let mut ids = BTreeSet::new();
        for branch in &others {
            collect(&branch.steps, &mut ids);
        }
        self.stop_steps(flow, &ids);
        let names: Vec<&str> = others.iter().map(|branch| branch.name.as_str()).collect();
        let text = format!("{}: went on with {}", step.title, done.join(", "));
        let mut entry = self.entry(EntryKind::Run, &self.key(&step.id), "tutti", &text);
        entry.detail = format!("stopped: {}", names.join(", "));
        self.timeline.push(entry);
    }

    /// Nothing more begins in these steps.
    fn stop_steps(&mut self, flow: &Flow, ids: &BTreeSet<&str>) {
        let frame = self.frame.clone();
        let mine = |key: &str| {
            let own = key.strip_prefix(&frame).and_then(|own| own.split(['.', '?']).next());
            own.is_some_and(|id| ids.contains(id))
        };
        self.let_go(flow, mine);
        // A write that nobody waits for is still to be heard of.
        self.nodes.retain(|key, node| !mine(key) || node.is_overtaken());
    }
}

/// The ids of steps and of all that is nested in them.
pub(super) fn collect<'f>(steps: &'f [Step], into: &mut BTreeSet<&'f str>) {
    for step in steps {
        into.insert(&step.id);
        for block in step.blocks() {
            collect(block, into);
        }
    }
}
