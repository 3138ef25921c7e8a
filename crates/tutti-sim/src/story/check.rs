//! Whether what a story names is there: operations, steps, decisions, the trigger's source.

use tutti_core::flow::{Flow, Kind, nearest};
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
            problems.operations(&at, world, &known);
        }
        problems.patterns(self, &known);
        let own = flow.trigger.topic.split_once(':').map_or("", |(_, source)| source);
        if let Some(given) = self.trigger.source.as_deref().filter(|given| *given != own) {
            let message = format!("`{}` is started by `{own}`, not by `{given}`", flow.id);
            problems.add("/trigger/source".to_owned(), &message, "leave it out, or name that one");
        }
        let steps = flow.all_steps();
        let decides = steps.iter().filter(|step| matches!(step.kind, Kind::Decide(_)));
        let decides: Vec<&str> = decides.map(|step| step.id.as_str()).collect();
        for decision in self.model.keys().filter(|name| !decides.contains(&name.as_str())) {
            let message = format!("no step `{decision}` decides anything");
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

impl Problems {
    fn operations(&mut self, at: &str, world: &World, known: &[&str]) {
        for (operation, answers) in world {
            let at = format!("{at}/{}", escaped(operation));
            if !known.contains(&operation.as_str()) {
                let message = format!("there is no operation `{operation}`");
                self.add(at.clone(), &message, &nearest(operation, known));
            }
            for (index, answer) in answers.iter().enumerate() {
                self.operations(&format!("{at}/{index}/then"), &answer.then, known);
            }
        }
    }

    fn patterns(&mut self, story: &Story, known: &[&str]) {
        let Some(expect) = &story.expect else { return };
        let never = expect.never.iter().map(|pattern| pattern.operation.as_str());
        let calls = expect.calls.iter().map(|called| called.operation.as_str());
        let mut named: Vec<(String, &str)> = Vec::new();
        named.extend(never.enumerate().map(|(i, id)| (format!("/expect/never/{i}/operation"), id)));
        named.extend(calls.enumerate().map(|(i, id)| (format!("/expect/calls/{i}/operation"), id)));
        if let Some(effects) = &expect.effects {
            let at = |i| format!("/expect/effects/{}/{i}/operation", effects.key());
            let wanted = effects.wanted().iter().map(|wanted| wanted.operation.as_str());
            named.extend(wanted.enumerate().map(|(i, id)| (at(i), id)));
        }
        for (at, id) in named {
            if !known.iter().any(|operation| is_like(id, operation)) {
                let message = format!("there is no operation `{id}`");
                self.add(at, &message, &nearest(id, known));
            }
        }
    }
}
