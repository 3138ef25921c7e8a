//! A `for` under way: the same steps for each item of a list, every iteration in a frame of its own.

use std::collections::BTreeSet;
use std::slice;

use serde_json::Value;

use super::{Node, Progress, Run};
use crate::expr::{Meter, Outcome};
use crate::fact::{Fact, Key, Mark};
use crate::failure::Failure;
use crate::flow::{Flow, For, Step};
use crate::view::StepState;

/// A loop under way. What an iteration that is over left behind is dropped, so that the tenth
/// costs what the hundredth does.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ForNode {
    /// The items, as facts of the loop's own name for one.
    items: Vec<Fact>,
    /// How many iterations have begun.
    begun: usize,
    /// All iterations before this one are over.
    first: usize,
    /// Iterations after it that are over, too.
    over: BTreeSet<usize>,
    /// What each iteration came to, if the loop collects.
    collected: Vec<Option<Fact>>,
    failure: Option<Failure>,
    /// What failed is what an iteration should come to, and none of its steps.
    is_own_failure: bool,
    /// Something in an iteration that is over was not as planned.
    adapted: bool,
}

impl ForNode {
    pub(super) fn advance(run: &mut Run, flow: &Flow, step: &Step, each: &For) -> Progress {
        let key = run.key(&step.id);
        let mut node = match run.nodes.remove(&key) {
            Some(Node::For(node)) => node,
            _ => match items(run, each) {
                Ok(items) => {
                    run.iterations.insert(key.clone(), items.len());
                    Box::new(Self::new(items))
                }
                Err(failure) => {
                    run.nodes.insert(key, Node::Failed(failure.clone()));
                    return Progress::Failed(failure);
                }
            },
        };
        let progress = node.drive(run, flow, (step, &key), each);
        if progress == Progress::Done {
            let results = node.results(run, &step.id, each);
            run.learn(results);
            if node.adapted {
                run.ended.insert(key.clone(), StepState::Adapted);
            }
        }
        run.nodes.insert(key, Node::For(node));
        progress
    }

    fn new(items: Vec<Fact>) -> Self {
        Self {
            collected: vec![None; items.len()],
            items,
            begun: 0,
            first: 0,
            over: BTreeSet::new(),
            failure: None,
            is_own_failure: false,
            adapted: false,
        }
    }

    /// Goes on with the iterations under way and begins as many as may be at once. After a failure
    /// none begins; those under way end first.
    fn drive(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        (step, key): (&Step, &str),
        each: &For,
    ) -> Progress {
        let mut under_way = 0;
        for iteration in self.first..self.items.len() {
            if under_way == each.at_once || (self.failure.is_some() && iteration >= self.begun) {
                break;
            }
            // Which iterations are over changes as others end.
            if iteration < self.first || self.over.contains(&iteration) {
                continue;
            }
            match self.iterate(run, flow, key, each, iteration) {
                Progress::Pending => under_way += 1,
                Progress::Done => self.end(run, key, iteration),
                Progress::Failed(failure) => {
                    self.fails(run, flow, (step, key), iteration, failure);
                    self.over.insert(iteration);
                }
            }
            if run.state.is_final() {
                return Progress::Pending;
            }
        }
        match &self.failure {
            _ if under_way > 0 => Progress::Pending,
            Some(failure) => Progress::Failed(failure.clone()),
            None => Progress::Done,
        }
    }

    /// What failed first is what the loop fails with, and stays, so that people can be told which
    /// step it was. Of what fails then, while iterations under way end, they hear at once.
    fn fails(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        (step, key): (&Step, &str),
        iteration: usize,
        failure: Failure,
    ) {
        if self.failure.is_none() {
            self.failure = Some(failure);
            return;
        }
        let place = format!("{key}.{iteration}");
        let frame = format!("{place}.");
        run.within(&frame, |run| {
            let mine = |key: &str| key.starts_with(&frame);
            run.tell_failed(flow, (&place, &step.title), &failure, mine);
        });
    }

    fn iterate(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        key: &str,
        each: &For,
        iteration: usize,
    ) -> Progress {
        let block = format!("{key}.{iteration}");
        run.within(&format!("{block}."), |run| {
            if iteration >= self.begun {
                self.begun = iteration + 1;
                if let Some(item) = self.items.get(iteration) {
                    run.learn(item.clone());
                }
            }
            let progress = run.block(flow, &each.steps, &block);
            let Some(collect) = each.collect.as_ref().filter(|_| progress == Progress::Done) else {
                return progress;
            };
            match run.computed(&each.item, collect) {
                Ok(fact) => {
                    if let Some(place) = self.collected.get_mut(iteration) {
                        *place = Some(fact);
                    }
                    progress
                }
                Err(failure) => {
                    self.is_own_failure |= self.failure.is_none();
                    Progress::Failed(failure)
                }
            }
        })
    }

    /// Why it failed, if none of its steps did.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.failure.as_ref().filter(|_| self.is_own_failure)
    }

    fn end(&mut self, run: &mut Run, key: &str, iteration: usize) {
        self.adapted |= run.forget(&format!("{key}.{iteration}."));
        self.over.insert(iteration);
        while self.over.remove(&self.first) {
            self.first += 1;
        }
    }

    /// What the iterations came to, one for each item, as the fact of the step.
    fn results(&self, run: &Run, id: &str, each: &For) -> Fact {
        let known = self.collected.iter().flatten();
        let values: Vec<Value> = match each.collect {
            Some(_) => known.clone().map(|fact| fact.value.clone()).collect(),
            None => self.items.iter().map(|item| item.value.clone()).collect(),
        };
        let mut fact = run.derived(id, values.into());
        let every = "[]".to_owned();
        for made in known.clone() {
            fact.labels.join(&made.labels);
            for Mark { path, labels } in &made.marks {
                fact.mark([slice::from_ref(&every), path].concat(), labels);
            }
        }
        if known.clone().any(|made| !made.private.is_empty()) {
            fact.private.push(vec![every.clone()]);
        }
        if each.collect.is_none() {
            for item in &self.items {
                fact.labels.join(&item.labels_at(&[]));
                let below = item.private.iter().map(|path| {
                    std::iter::once(every.clone()).chain(path.iter().cloned()).collect()
                });
                fact.private.extend(below.collect::<Vec<_>>());
            }
        }
        fact
    }
}

/// The items of the list, each with what is known about it and its parts.
fn items(run: &Run, each: &For) -> Result<Vec<Fact>, Failure> {
    let tagged = match each.list.evaluate(run, &mut Meter::default()) {
        Outcome::Known(tagged) => tagged,
        Outcome::Missing { paths, .. } => {
            let path = paths.into_iter().next().unwrap_or_default();
            return Err(Failure::Missing { path });
        }
        Outcome::Failed(error) => {
            let code = error.code.to_string();
            return Err(Failure::Invalid { code, message: error.to_string() });
        }
    };
    let Value::Array(values) = tagged.value else {
        let message = format!("`{}` is no list", each.list.source());
        return Err(Failure::Invalid { code: "no_list".to_owned(), message });
    };
    if values.len() > each.limit {
        let what = format!("{} items, and the limit is {}", values.len(), each.limit);
        return Err(Failure::OverBudget { what });
    }
    // Where the list is a part of a fact, its items keep what is known about their own parts.
    let origin = each.list.path().and_then(|(root, path)| Some((run.scoped(root)?, path)));
    let item = |(index, value): (usize, Value)| match origin {
        Some((fact, path)) => {
            let path: Vec<Key> = path.iter().cloned().chain([Key::Index(index)]).collect();
            fact.part(&each.item, &path)
        }
        None => {
            let labels = tagged.labels.clone();
            let private = if labels.private { vec![Vec::new()] } else { Vec::new() };
            Fact { private, ..Fact::labelled(&each.item, "tutti", run.now, value, labels) }
        }
    };
    Ok(values.into_iter().enumerate().map(item).collect())
}
