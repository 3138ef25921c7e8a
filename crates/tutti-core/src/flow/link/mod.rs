//! Linking: from a document to a flow, with every problem found, not only the first.

mod call;
mod catch;
mod context;
mod decide;
mod names;
mod policy;
mod run;
mod sense;
mod shape;
mod step;
mod time;
mod trigger;
mod wait;
mod written;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::reader::{At, EMPTY, Problems};
use super::{Autonomy, Brought, Budget, Flow};
use crate::operation::{Catalogue, Operation};
use crate::problem::{Problem, Severity};
use crate::recovery::Retry;

/// Names every expression can use.
const GIVEN: [&str; 3] = ["trigger", "run", "flow"];
/// Names that mean something to the engine, so that nothing of the flow's own may be called so.
const RESERVED: [&str; 7] = ["trigger", "run", "flow", "values", "effect", "subject", "undo"];

/// The most tries a flow may ask for.
const ATTEMPTS_MAX: usize = 10;
/// The most calls of one run: each is a line of its journal, which is read whenever it wakes.
const CALLS_MAX: usize = 10_000;

impl Flow {
    /// Checks a document against a catalogue and makes it runnable.
    ///
    /// # Errors
    /// All problems, in the order of the document; warnings alone are no error.
    pub fn link(document: &Value, catalogue: &dyn Catalogue) -> Result<Flow, Vec<Problem>> {
        let (flow, problems) = Self::check(document, catalogue);
        match flow {
            Some(flow) if problems.iter().all(|p| p.severity == Severity::Warning) => Ok(flow),
            _ => Err(problems),
        }
    }

    /// The same for people: whatever could be read, and all problems.
    pub fn check(document: &Value, catalogue: &dyn Catalogue) -> (Option<Flow>, Vec<Problem>) {
        let mut linker = Linker::new(catalogue);
        let flow = linker.flow(&At::root(document));
        let mut problems = linker.problems.0;
        let empty: BTreeSet<String> =
            problems.iter().filter(|one| one.code == EMPTY).map(|one| one.at.clone()).collect();
        problems.retain(|problem| match catalogue.judges() {
            // What else there is to say about it comes from its being empty.
            true => problem.code == EMPTY || !empty.contains(&problem.at),
            // What was linked before was taken for its absence.
            false => problem.code != EMPTY,
        });
        (flow, problems)
    }
}

struct Linker<'c> {
    catalogue: &'c dyn Catalogue,
    problems: Problems,
    operations: BTreeMap<String, Operation>,
    /// What expressions can name so far.
    names: BTreeSet<String>,
    /// What was named anywhere; the names of a loop are not known after it, but taken.
    taken: BTreeSet<String>,
    /// The steps so far that run other flows.
    runs: BTreeSet<String>,
    /// What is named of the results of steps that run other flows.
    brought: Vec<Brought>,
    /// What reads and calls bring, as far as it is known, by their names.
    brings: BTreeMap<String, Vec<String>>,
    /// The names of its own values.
    values: BTreeSet<String>,
    /// The failures of its own that it raises.
    raised: BTreeSet<String>,
    /// The values of its own that it uses as calendars.
    calendars: BTreeSet<String>,
    /// The time zones of the calendars that are written out, by their places.
    zones: BTreeMap<String, String>,
    steps: usize,
    /// How often a step at this place can be done: the limits of the loops around it together.
    iterations: usize,
}

impl<'c> Linker<'c> {
    fn new(catalogue: &'c dyn Catalogue) -> Self {
        Self {
            catalogue,
            problems: Problems::default(),
            operations: BTreeMap::new(),
            names: GIVEN.map(str::to_owned).into(),
            taken: BTreeSet::new(),
            runs: BTreeSet::new(),
            brought: Vec::new(),
            brings: BTreeMap::new(),
            values: BTreeSet::new(),
            raised: BTreeSet::new(),
            calendars: BTreeSet::new(),
            zones: BTreeMap::new(),
            steps: 0,
            iterations: 1,
        }
    }
}

impl Linker<'_> {
    fn flow(&mut self, at: &At) -> Option<Flow> {
        const KEYS: [&str; 18] = [
            "id",
            "name",
            "about",
            "trigger",
            "limits",
            "start_if",
            "started_by",
            "context",
            "values",
            "subject",
            "steps",
            "catch",
            "finally",
            "output",
            "policies",
            "budget",
            "autonomy",
            "retry",
        ];
        if !self.problems.only(at, &KEYS) {
            return None;
        }
        let id = self.name(&at.get("id"));
        let name = self.problems.text(&at.get("name"));
        self.readable(name.as_deref().unwrap_or_default(), &at.get("name"));
        self.sentence(&at.get("about"));
        let trigger = self.trigger(&at.get("trigger"));
        let limits = self.limits(&at.get("limits"), trigger.as_ref());
        let context = self.gathers(&at.get("context"));
        let values = self.values(&at.get("values"));
        self.names.insert("values".to_owned());
        self.values = values.iter().map(|rule| rule.name.clone()).collect();
        let start_if = self.optional_condition(&at.get("start_if"));
        let started_by = self.optional_template(&at.get("started_by"));
        let steps = self.block(&at.get("steps"), 0);
        if self.problems.0.is_empty() && steps.is_empty() {
            let hint = "add at least one step";
            self.problems.error(&at.get("steps"), "no_steps", "this flow does nothing", hint);
        }
        let catch = self.catches("", &at.get("catch"), 0);
        self.only_for_steps(&catch, &at.get("catch"));
        let finally = self.block(&at.get("finally"), 0);
        let subject = self.optional_expression(&at.get("subject"));
        let output = self.optional_template(&at.get("output"));
        self.names.insert("effect".to_owned());
        let policies = self.policies(&at.get("policies"));
        let budget = self.budget(&at.get("budget"));
        let autonomy = self.autonomy(&at.get("autonomy")).unwrap_or(Autonomy::Act);
        let retry = self.retry(&at.get("retry")).unwrap_or_default();
        self.calendars(&at.get("values"));
        self.starts_itself(&at.get("trigger"), trigger.as_ref());
        let flow = Flow {
            document: at.value.clone(),
            id: id?,
            name: name?,
            trigger: trigger?,
            limits,
            context,
            values,
            start_if,
            subject,
            started_by,
            steps,
            catch,
            finally,
            output,
            brought: std::mem::take(&mut self.brought),
            zones: std::mem::take(&mut self.zones),
            policies,
            budget,
            autonomy,
            retry,
            operations: std::mem::take(&mut self.operations),
        };
        if self.catalogue.judges() {
            self.judge_policies(&flow, &at.get("policies"));
            self.calls(&flow, &at.get("budget"));
            self.times(&flow, at);
        }
        Some(flow)
    }

    fn budget(&mut self, at: &At) -> Budget {
        let mut budget = Budget::default();
        if at.is_null() || !self.problems.only(at, &["tokens", "usd", "calls", "wall"]) {
            return budget;
        }
        if let Some(tokens) = self.problems.number(&at.get("tokens")) {
            budget.tokens = tokens as u64;
        }
        if let Some(usd) = self.problems.number(&at.get("usd")) {
            budget.usd_micros = (usd * 1e6) as u64;
        }
        if let Some(calls) = self.problems.count(&at.get("calls"), 0..=CALLS_MAX) {
            budget.calls = calls as u64;
        }
        if let Some(wall_ms) = self.problems.duration(&at.get("wall")) {
            budget.wall_ms = wall_ms;
        }
        budget
    }

    pub(super) fn retry(&mut self, at: &At) -> Option<Retry> {
        if at.is_null() || !self.problems.only(at, &["attempts", "delay"]) {
            return None;
        }
        let usual = Retry::default();
        let attempts = self.problems.count(&at.get("attempts"), 1..=ATTEMPTS_MAX);
        let attempts = attempts.and_then(|n| u32::try_from(n).ok()).unwrap_or(usual.attempts);
        let delay_ms = self.problems.duration(&at.get("delay")).unwrap_or(usual.delay_ms);
        Some(Retry { attempts, delay_ms })
    }

    pub(super) fn autonomy(&mut self, at: &At) -> Option<Autonomy> {
        match at.value.as_str() {
            None if at.is_null() => None,
            Some("act") => Some(Autonomy::Act),
            Some("act_with_recall") => Some(Autonomy::ActWithRecall),
            Some("approve") => Some(Autonomy::Approve),
            _ => {
                let message = "this is no degree of autonomy that exists yet";
                self.problems.error(
                    at,
                    "unknown_autonomy",
                    message,
                    "approve, act_with_recall or act",
                );
                None
            }
        }
    }
}
