//! Flows beside each other: what is wrong with one can only be seen with those that it runs at hand.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Map, Value};

use super::trigger::{Fault, TOLD};
use super::{Brought, Flow, Step, SubRun, nearest, told_topic};
use crate::expr::Template;
use crate::operation::InputKind;
use crate::problem::{Problem, Severity};

/// The most flows of a circle that are named one by one.
const NAMED_MAX: usize = 8;

/// Flows that can run each other.
pub struct Project<'f> {
    flows: Vec<&'f Flow>,
    places: BTreeMap<&'f str, usize>,
    /// The flows that run each one.
    callers: Vec<Vec<usize>>,
    /// The flows that run each one, or tell of what starts it.
    starters: Vec<Vec<usize>>,
    /// How bad it is if one runs a flow that is not among them; nothing, if that says nothing.
    absent: Option<Severity>,
}

impl<'f> Project<'f> {
    /// These flows, and how bad it is if one of them runs another than these.
    pub fn new(flows: Vec<&'f Flow>, absent: Option<Severity>) -> Self {
        let places: BTreeMap<&str, usize> =
            flows.iter().enumerate().map(|(place, flow)| (flow.id.as_str(), place)).collect();
        let mut callers = vec![Vec::new(); flows.len()];
        for (place, flow) in flows.iter().enumerate() {
            let run = flow.runs().filter_map(|(_, sub)| places.get(sub.flow.as_str()));
            for run in run {
                if let Some(callers) = callers.get_mut(*run) {
                    callers.push(place);
                }
            }
        }
        let mut starters = callers.clone();
        for (place, flow) in flows.iter().enumerate() {
            let topics: Vec<String> = flow.tells().map(|(_, event)| told_topic(&event)).collect();
            let others = starters.iter_mut().zip(&flows).filter(|_| !topics.is_empty());
            for (starters, other) in others {
                if other.id != flow.id && topics.contains(&other.trigger.topic) {
                    starters.push(place);
                }
            }
        }
        for all in callers.iter_mut().chain(&mut starters) {
            all.dedup();
        }
        Self { flows, places, callers, starters, absent }
    }

    /// What is wrong with one of them that it does not show alone.
    pub fn problems(&self, flow: &Flow) -> Vec<Problem> {
        let mut problems = Vec::new();
        let ways = self.ways_to(flow, &self.callers);
        for (step, sub) in flow.runs() {
            let place = self.places.get(sub.flow.as_str()).copied();
            let Some(other) = place.and_then(|place| self.flows.get(place)) else {
                problems.extend(self.absence(step, sub));
                continue;
            };
            if let Some(way) = place.and_then(|place| way_back(&ways, place)) {
                problems.push(self.circle(flow, step, &way));
            }
            not_taken(step, sub, other, &mut problems);
            let brought = flow.brought.iter().filter(|brought| brought.step == step.id);
            problems.extend(brought.filter_map(|brought| not_brought(brought, other)));
        }
        let ways = self.ways_to(flow, &self.starters);
        for (step, event) in flow.tells() {
            problems.extend(self.echo(flow, step, &event, &ways));
            problems.extend(self.unheard(flow, step, &event));
        }
        problems.extend(self.untold(flow));
        problems
    }

    fn absence(&self, step: &Step, sub: &SubRun) -> Option<Problem> {
        let message = format!("the flow `{}` is not among those that were looked at", sub.flow);
        let hint = "look at both together, and see that the name is right";
        let problem = Problem::error("absent_flow", format!("{}/run/flow", step.at), message);
        Some(Problem { severity: self.absent?, ..problem.hint(hint) })
    }

    /// For every flow that leads to this one the next on its shortest way there, and how far it is.
    fn ways_to(&self, flow: &Flow, callers: &[Vec<usize>]) -> BTreeMap<usize, usize> {
        let mut next = BTreeMap::new();
        let Some(goal) = self.places.get(flow.id.as_str()).copied() else { return next };
        next.insert(goal, goal);
        let mut open = VecDeque::from([goal]);
        while let Some(place) = open.pop_front() {
            for caller in callers.get(place).into_iter().flatten() {
                next.entry(*caller).or_insert_with(|| {
                    open.push_back(*caller);
                    place
                });
            }
        }
        next
    }

    /// What would start the flow again and again, each time by another event.
    fn echo(
        &self,
        flow: &Flow,
        step: &Step,
        event: &str,
        ways: &BTreeMap<usize, usize>,
    ) -> Option<Problem> {
        let topic = told_topic(event);
        let starts =
            |(_, other): &(usize, &&Flow)| other.id != flow.id && other.trigger.topic == topic;
        let mut started = self.flows.iter().enumerate().filter(starts);
        let way = started.find_map(|(place, _)| way_back(ways, place))?;
        let message = format!("this flow would start itself: {}", self.round(flow, &way, "starts"));
        let hint = "after 8 runs the step fails; see that one of them does not answer the other";
        let problem = Problem::error("tells_itself", event_at(flow, step), message);
        Some(Problem { severity: Severity::Warning, ..problem.hint(hint) })
    }

    /// An event of which a flow tells, and none of them hears.
    fn unheard(&self, flow: &Flow, step: &Step, event: &str) -> Option<Problem> {
        let started = self.flows.iter().filter_map(|flow| flow.trigger.topic.strip_prefix(TOLD));
        let heard: BTreeSet<&str> =
            self.flows.iter().flat_map(|flow| flow.hears()).chain(started).collect();
        if !self.is_whole() || heard.contains(event) {
            return None;
        }
        let message = format!("no flow is started by `{event}` or listens to it");
        let hint = nearest(event, &Vec::from_iter(heard));
        let problem = Problem::error("unheard_event", event_at(flow, step), message).hint(hint);
        Some(Problem { severity: Severity::Warning, ..problem })
    }

    /// An event that starts a flow, and of which none of them tells.
    fn untold(&self, flow: &Flow) -> Option<Problem> {
        let event = flow.trigger.topic.strip_prefix(TOLD)?;
        let told = self.flows.iter().flat_map(|flow| flow.tells()).map(|(_, event)| event);
        let told: BTreeSet<String> = told.collect();
        let any = self.flows.iter().any(|flow| flow.tells_of_any());
        if any || !self.is_whole() || told.contains(event) {
            return None;
        }
        let message = format!("no flow tells of `{event}`, so this one would never start");
        let hint = nearest(event, &told.iter().map(String::as_str).collect::<Vec<_>>());
        let problem = Problem::error("unknown_event", "/trigger/event", message).hint(hint);
        Some(Problem { severity: Severity::Warning, ..problem })
    }

    /// Whether these are all flows there are, as far as anybody has said.
    fn is_whole(&self) -> bool {
        self.absent == Some(Severity::Error)
    }

    fn circle(&self, flow: &Flow, step: &Step, way: &[usize]) -> Problem {
        let message = format!("this flow would run itself: {}", self.round(flow, way, "runs"));
        let hint = "let one of them end without running the next";
        Problem::error("runs_itself", format!("{}/run/flow", step.at), message).hint(hint)
    }

    /// The flows of a circle, one after the other.
    fn round(&self, flow: &Flow, way: &[usize], verb: &str) -> String {
        let on_way = way.iter().filter_map(|place| self.flows.get(*place));
        let ids = std::iter::once(&flow.id).chain(on_way.map(|flow| &flow.id));
        let mut named: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
        if let Some(more @ 1..) = named.len().checked_sub(NAMED_MAX) {
            let left_out = NAMED_MAX - 1..named.len() - 1;
            named.splice(left_out, [format!("{more} more, the last of which")]);
        }
        named.join(&format!(" {verb} "))
    }
}

/// Where a step names the event of which it tells.
fn event_at(flow: &Flow, step: &Step) -> String {
    let is_emit = flow.document.pointer(&format!("{}/emit", step.at)).is_some();
    format!("{}/{}/event", step.at, if is_emit { "emit" } else { "with" })
}

/// From a flow to the one all ways lead to, both included.
fn way_back(ways: &BTreeMap<usize, usize>, from: usize) -> Option<Vec<usize>> {
    let mut place = from;
    let mut way = vec![place];
    loop {
        let next = *ways.get(&place)?;
        if next == place {
            return Some(way);
        }
        place = next;
        way.push(place);
    }
}

/// What of the inputs given the other flow does not take, as far as they are written out.
fn not_taken(step: &Step, sub: &SubRun, other: &Flow, problems: &mut Vec<Problem>) {
    let is_made = |value: &Value| Template::parse(value).is_ok_and(|it| it.is_one_expression());
    let suits =
        |kind: InputKind, value: &Value| is_made(value) || kind.suits(value) && kind.fits(value);
    let takes: Vec<&str> = other.trigger.inputs.keys().map(String::as_str).collect();
    for Fault { input, text } in other.trigger.faults(&sub.with, suits) {
        let (at, hint) = match input {
            None => ("flow".to_owned(), "give it `trigger: { run: { … } }`".to_owned()),
            Some(name) if sub.with.get(name).is_none() => ("with".to_owned(), "add it".to_owned()),
            Some(name) if takes.contains(&name) => {
                (format!("with/{name}"), format!("see the `trigger` of `{}`", other.id))
            }
            Some(name) => (format!("with/{name}"), nearest(name, &takes)),
        };
        let message = format!("`{}` cannot begin: {text}", other.id);
        problems
            .push(Problem::error("bad_input", format!("{}/run/{at}", step.at), message).hint(hint));
    }
}

/// What is named of the result and is not in what the other flow brings, as far as that is written
/// out.
fn not_brought(brought: &Brought, other: &Flow) -> Option<Problem> {
    let brings = match other.output.as_ref().map(Template::source) {
        Some(Value::Object(brings)) => brings,
        Some(_) => return None,
        None => Map::new(),
    };
    if brings.contains_key(&brought.member) {
        return None;
    }
    let message = format!("`{}` brings no `{}`, so it is always missing", other.id, brought.member);
    let known: Vec<&str> = brings.keys().map(String::as_str).collect();
    let hint = match known.as_slice() {
        [] => format!("give it `output: {{ {}: … }}`", brought.member),
        known => nearest(&brought.member, known),
    };
    let problem = Problem::error("not_brought", &brought.at, message).hint(hint);
    Some(Problem { severity: Severity::Warning, ..problem })
}
