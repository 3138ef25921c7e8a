//! Whether what a story names is there: operations and their arguments, steps, decisions, facts, the
//! trigger's source.

use std::collections::BTreeSet;

use serde_json::{Map, Value};
use tutti_core::expr::Expression;
use tutti_core::flow::{Flow, Kind, Remedy, Step, nearest};
use tutti_core::operation::Catalogue;
use tutti_core::pointer::escaped;
use tutti_core::problem::Problem;

use super::read::Problems;
use super::{Story, World};
use crate::play::is_like;

impl Story {
    /// What the story names and neither its flow nor the catalogue knows.
    pub fn check(&self, flow: &Flow, catalogue: &dyn Catalogue) -> Vec<Problem> {
        let mut problems = Problems(Vec::new());
        let known = catalogue.ids();
        let mut worlds = vec![("/world".to_owned(), &self.world)];
        let changes = self.change.iter().enumerate();
        worlds.extend(changes.map(|(i, each)| (format!("/change/{i}/world"), &each.world)));
        for (at, world) in worlds {
            problems.operations(&at, world, &known, catalogue);
        }
        problems.patterns(self, &known, catalogue);
        problems.facts(self, flow);
        problems.reach(self, flow, catalogue);
        let own = flow.trigger.topic.split_once(':').map_or("", |(_, source)| source);
        if let Some(given) = self.trigger.source.as_deref().filter(|given| *given != own) {
            let message = format!("`{}` is started by `{own}`, not by `{given}`", flow.id);
            problems.add("/trigger/source".to_owned(), &message, "leave it out, or name that one");
        }
        let steps = flow.all_steps();
        let asks = |step: &&&Step| matches!(step.kind, Kind::Decide(_)) || has_agent(step);
        let decides = steps.iter().filter(asks);
        let decides: Vec<&str> = decides.map(|step| step.id.as_str()).collect();
        for decision in self.model.keys().filter(|name| !decides.contains(&name.as_str())) {
            let message = format!("no step `{decision}` asks a model");
            let at = format!("/model/{}", escaped(decision));
            problems.add(at, &message, &nearest(decision, &decides));
        }
        let ids: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
        let mut named: Vec<(String, &str)> = Vec::new();
        for (index, person) in self.people.iter().enumerate() {
            named.extend(person.step.as_deref().map(|id| (format!("/people/{index}/step"), id)));
            let steps = person.steps.iter().enumerate();
            named.extend(steps.map(|(i, id)| (format!("/people/{index}/steps/{i}"), id.as_str())));
        }
        let asked = self.expect.iter().filter_map(|expect| expect.asked.as_ref()).flatten();
        for (index, asked) in asked.enumerate() {
            let at = format!("/expect/asked/{index}/step");
            named.extend(asked.step.as_deref().map(|id| (at, id)));
        }
        for (at, id) in named.into_iter().filter(|(_, id)| !ids.contains(id)) {
            problems.add(at, &format!("there is no step `{id}`"), &nearest(id, &ids));
        }
        problems.0
    }
}

/// Whether a model chooses how it goes on.
fn has_agent(step: &Step) -> bool {
    step.catch.iter().any(|catch| matches!(catch.remedy, Remedy::Agent(_)))
}

/// An operation that is meant, and some of its arguments.
type Pattern<'s> = (&'s String, &'s Map<String, Value>);

impl Problems {
    fn operations(&mut self, at: &str, world: &World, known: &[&str], catalogue: &dyn Catalogue) {
        for (operation, answers) in world {
            let at = format!("{at}/{}", escaped(operation));
            if !known.contains(&operation.as_str()) {
                let message = format!("there is no operation `{operation}`");
                self.add(at.clone(), &message, &nearest(operation, known));
            }
            for (index, answer) in answers.iter().enumerate() {
                let at = format!("{at}/{index}");
                self.arguments(&at, operation, &answer.with, catalogue);
                self.operations(&format!("{at}/then"), &answer.then, known, catalogue);
            }
        }
    }

    fn patterns(&mut self, story: &Story, known: &[&str], catalogue: &dyn Catalogue) {
        let Some(expect) = &story.expect else { return };
        let never = expect.never.iter().map(|pattern| (&pattern.operation, &pattern.with));
        let calls = expect.calls.iter().map(|called| (&called.operation, &called.with));
        let mut named: Vec<(String, Pattern<'_>)> = Vec::new();
        named.extend(never.enumerate().map(|(i, named)| (format!("/expect/never/{i}"), named)));
        named.extend(calls.enumerate().map(|(i, named)| (format!("/expect/calls/{i}"), named)));
        if let Some(effects) = &expect.effects {
            let at = |i| format!("/expect/effects/{}/{i}", effects.key());
            let wanted = effects.wanted().iter().map(|wanted| (&wanted.operation, &wanted.with));
            named.extend(wanted.enumerate().map(|(i, named)| (at(i), named)));
        }
        let any = "*".to_owned();
        for (i, asked) in expect.asked.iter().flatten().enumerate() {
            let operation = asked.operation.as_ref().unwrap_or(&any);
            named.push((format!("/expect/asked/{i}"), (operation, &asked.with)));
        }
        for (at, (id, with)) in named {
            if !known.iter().any(|operation| is_like(id, operation)) {
                let message = format!("there is no operation `{id}`");
                self.add(format!("{at}/operation"), &message, &nearest(id, known));
            }
            self.arguments(&at, id, with, catalogue);
        }
    }

    /// An argument that none of the operations has that are meant could never be met.
    fn arguments(
        &mut self,
        at: &str,
        pattern: &str,
        with: &Map<String, Value>,
        catalogue: &dyn Catalogue,
    ) {
        if with.is_empty() {
            return;
        }
        let meant = catalogue.ids().into_iter().filter(|id| is_like(pattern, id));
        let meant = meant.filter_map(|id| catalogue.operation(id));
        let inputs = meant.flat_map(|operation| operation.input.keys().map(String::as_str));
        let known: Vec<&str> = inputs.collect::<BTreeSet<&str>>().into_iter().collect();
        // What is no operation was said already.
        for name in with.keys().filter(|name| !known.is_empty() && !known.contains(&name.as_str()))
        {
            let at = format!("{at}/with/{}", escaped(name));
            self.add(at, &format!("`{pattern}` has no argument `{name}`"), &nearest(name, &known));
        }
    }

    /// A fact that a flow cannot have is missing whatever happens.
    fn facts(&mut self, story: &Story, flow: &Flow) {
        let (names, values) = (names(flow), flow.values.iter().map(|value| value.name.as_str()));
        let (names, values): (Vec<&str>, Vec<&str>) =
            (names.into_iter().collect(), values.collect());
        for source in story.expect.iter().flat_map(|expect| expect.facts.keys()) {
            let Ok(expression) = Expression::parse(source) else { continue };
            for reference in expression.references() {
                let (name, known) = match (reference.root, reference.path.first()) {
                    ("values", Some(value)) => (*value, &values),
                    (root, _) => (root, &names),
                };
                if !known.contains(&name) {
                    let at = format!("/expect/facts/{}", escaped(source));
                    let message = format!("the flow knows no `{name}`");
                    self.add(at, &message, &nearest(name, known));
                }
            }
        }
    }
}

/// The names that a run of a flow can come to know.
fn names(flow: &Flow) -> BTreeSet<&str> {
    let steps = flow.all_steps();
    let reads = steps.iter().filter_map(|step| match &step.kind {
        Kind::Listen(listen) => Some(listen.read.iter()),
        _ => None,
    });
    let read = flow.context.iter().chain(reads.flatten()).map(|read| read.name.as_str());
    let ids = steps.iter().map(|step: &&Step| step.id.as_str());
    ["trigger", "run", "flow", "values"].into_iter().chain(read).chain(ids).collect()
}
