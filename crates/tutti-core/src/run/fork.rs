//! A fork under way: branches at the same time, all of them needed or only the first so many.

use std::collections::BTreeSet;

use serde_json::json;

use super::frame::{frames, local};
use super::{Node, Progress, Run};
use crate::failure::Failure;
use crate::flow::{Branch, Flow, Fork, Kind, Step};
use crate::view::EntryKind;

impl Run {
    /// All branches as far as they go; over when as many are done as are needed, and the rest is
    /// stopped then. One that fails lets the others finish; the first that did is what it fails with.
    pub(super) fn fork(&mut self, flow: &Flow, step: &Step, fork: &Fork) -> Progress {
        let key = self.key(&step.id);
        let mut failed = self.failed_branches(&key).to_vec();
        let mut done = Vec::new();
        let mut pending = false;
        for branch in &fork.branches {
            match self.block(flow, &branch.steps, &format!("{key}.{}", branch.name)) {
                Progress::Done => done.push(branch.name.as_str()),
                Progress::Pending => pending = true,
                Progress::Failed(_) if failed.iter().any(|(name, _)| *name == branch.name) => {}
                Progress::Failed(failure) => {
                    if !failed.is_empty() {
                        self.tell_branch_failed(flow, step, branch, &failure);
                    }
                    failed.push((branch.name.clone(), failure));
                    self.nodes.insert(key.clone(), Node::Fork(failed.clone()));
                }
            }
            if self.state.is_final() {
                return Progress::Pending;
            }
            if done.len() == fork.join {
                self.go_on_with(flow, step, fork, (&done, &failed));
                let fact = self.derived(&step.id, json!({"done": done}));
                self.learn(fact);
                return Progress::Done;
            }
        }
        match failed.into_iter().next() {
            Some((_, failure)) if !pending => Progress::Failed(failure),
            _ => Progress::Pending,
        }
    }

    /// The branches of a fork that failed, and why, the first first.
    fn failed_branches(&self, key: &str) -> &[(String, Failure)] {
        match self.nodes.get(key) {
            Some(Node::Fork(failed)) => failed,
            _ => &[],
        }
    }

    /// Nobody hears of it by what the fork comes to.
    fn tell_branch_failed(&mut self, flow: &Flow, step: &Step, branch: &Branch, why: &Failure) {
        let mine = self.among(&ids(&[branch]));
        let place = format!("{}.{}", self.key(&step.id), branch.name);
        self.tell_failed(flow, (&place, &step.title), why, mine);
    }

    /// Stops the branches that nobody needs any more, and says which, and which had failed.
    fn go_on_with(
        &mut self,
        flow: &Flow,
        step: &Step,
        fork: &Fork,
        (done, failed): (&[&str], &[(String, Failure)]),
    ) {
        let others = fork.branches.iter().filter(|branch| !done.contains(&branch.name.as_str()));
        let (lost, stopped): (Vec<&Branch>, Vec<&Branch>) =
            others.partition(|branch| failed.iter().any(|(name, _)| *name == branch.name));
        // The first was not told: the fork could have failed with it.
        if let Some((name, failure)) = failed.first()
            && let Some(first) = lost.iter().find(|branch| branch.name == *name)
        {
            self.tell_branch_failed(flow, step, first, failure);
        }
        self.nodes.remove(&self.key(&step.id));
        let told = [named("stopped", &stopped), named("failed", &lost)];
        let told: Vec<String> = told.into_iter().flatten().collect();
        if told.is_empty() {
            return;
        }
        self.stop_steps(flow, &ids(&[stopped, lost].concat()));
        let text = format!("{}: went on with {}", step.title, done.join(", "));
        let mut entry = self.entry(EntryKind::Run, &self.key(&step.id), "tutti", &text);
        entry.detail = told.join("; ");
        self.timeline.push(entry);
    }

    /// Nothing more begins in these steps.
    fn stop_steps(&mut self, flow: &Flow, ids: &BTreeSet<&str>) {
        let mine = self.among(ids);
        self.let_go(flow, &mine);
        // A write that nobody waits for is still to be heard of.
        self.nodes.retain(|key, node| !mine(key) || node.is_overtaken());
    }

    /// Whether a key is of one of these steps, in the iteration that is looked at.
    fn among(&self, ids: &BTreeSet<&str>) -> impl Fn(&str) -> bool + use<> {
        let frame = self.frame.clone();
        let ids: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        move |key| {
            let own = key.strip_prefix(&frame).and_then(|own| own.split(['.', '?']).next());
            own.is_some_and(|id| ids.contains(id))
        }
    }

    /// Whether a fork around this key failed with what another of its branches came to.
    pub(super) fn is_beside(&self, flow: &Flow, key: &str) -> bool {
        flow.path_to(local(key)).into_iter().any(|around| {
            let Kind::Fork(fork) = &around.kind else { return false };
            let first = frames(key)
                .find_map(|frame| self.failed_branches(&[frame, &around.id].concat()).first());
            let branch =
                fork.branches.iter().find(|one| first.is_some_and(|(name, _)| *name == one.name));
            branch.is_some_and(|branch| !ids(&[branch]).contains(local(key)))
        })
    }
}

/// `stopped: slow, slower`
fn named(what: &str, branches: &[&Branch]) -> Option<String> {
    let names: Vec<&str> = branches.iter().map(|branch| branch.name.as_str()).collect();
    (!names.is_empty()).then(|| format!("{what}: {}", names.join(", ")))
}

/// The ids of the steps in these branches.
fn ids<'f>(branches: &[&'f Branch]) -> BTreeSet<&'f str> {
    let mut ids = BTreeSet::new();
    for branch in branches {
        collect(&branch.steps, &mut ids);
    }
    ids
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
