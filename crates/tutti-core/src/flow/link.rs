//! Linking: from a document to a flow, with every problem found, not only the first.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::answer::{Shape, read_fields};
use super::reader::{At, Problems, nearest};
use super::{
    Arm, Autonomy, Branch, Budget, Catch, Decide, Floor, Flow, Gather, Kind, Listen, NewestBy,
    Policy, Remedy, Ruling, Step, Topic, Trigger, Use, ValueRule, Verdict, When,
};
use crate::expr::{Expression, Template};
use crate::operation::{Access, Catalogue, InputKind, Operation};
use crate::problem::{Problem, Severity};

/// The most steps a flow may have, nested ones included.
const STEPS_MAX: usize = 500;
/// How deep blocks may be nested.
const DEPTH_MAX: usize = 16;
/// Failure names a `catch` may list.
const FAILURES: [&str; 13] = [
    "timeout",
    "unreachable",
    "unavailable",
    "rate_limited",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "rejected",
    "malformed",
    "missing",
    "refused",
    "over_budget",
];
/// Names every expression can use.
const GIVEN: [&str; 4] = ["trigger", "run", "flow", "values"];

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
        let mut linker = Linker {
            catalogue,
            problems: Problems::default(),
            operations: BTreeMap::new(),
            names: GIVEN.map(str::to_owned).into(),
            steps: 0,
        };
        let flow = linker.flow(&At::root(document));
        (flow, linker.problems.0)
    }
}

struct Linker<'c> {
    catalogue: &'c dyn Catalogue,
    problems: Problems,
    operations: BTreeMap<String, Operation>,
    /// What expressions can name so far.
    names: BTreeSet<String>,
    steps: usize,
}

impl Linker<'_> {
    fn flow(&mut self, at: &At) -> Option<Flow> {
        const KEYS: [&str; 13] = [
            "id",
            "name",
            "about",
            "trigger",
            "start_if",
            "started_by",
            "context",
            "values",
            "subject",
            "steps",
            "policies",
            "budget",
            "autonomy",
        ];
        if !self.problems.only(at, &KEYS) {
            return None;
        }
        let id = self.name(&at.get("id"));
        let name = self.problems.text(&at.get("name"));
        let trigger = self.trigger(&at.get("trigger"));
        let context = self.gathers(&at.get("context"));
        let values = self.values(&at.get("values"));
        let start_if = self.optional_expression(&at.get("start_if"));
        let started_by = self.optional_template(&at.get("started_by"));
        let steps = self.block(&at.get("steps"), 0);
        if self.problems.0.is_empty() && steps.is_empty() {
            let hint = "add at least one step";
            self.problems.error(&at.get("steps"), "no_steps", "this flow does nothing", hint);
        }
        let subject = self.optional_expression(&at.get("subject"));
        self.names.insert("effect".to_owned());
        let policies = at.get("policies").items().iter().filter_map(|p| self.policy(p)).collect();
        let budget = self.budget(&at.get("budget"));
        let autonomy = self.autonomy(&at.get("autonomy")).unwrap_or(Autonomy::Act);
        Some(Flow {
            document: at.value.clone(),
            id: id?,
            name: name?,
            trigger: trigger?,
            context,
            values,
            start_if,
            subject,
            started_by,
            steps,
            policies,
            budget,
            autonomy,
            operations: std::mem::take(&mut self.operations),
        })
    }

    /// A name that may appear in keys, paths and expressions.
    fn name(&mut self, at: &At) -> Option<String> {
        let name = self.problems.text(at)?;
        let fits = name.len() <= 60
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !fits {
            let hint = "a small letter first, then letters, digits, - or _, at most 60";
            self.problems.error(at, "bad_name", format!("`{name}` cannot be a name"), hint);
        }
        fits.then_some(name)
    }

    fn trigger(&mut self, at: &At) -> Option<Trigger> {
        if !self.problems.only(at, &["webhook", "event", "once_per", "newest_by"]) {
            return None;
        }
        let topic = match (at.has("webhook"), at.has("event")) {
            (true, false) => format!("webhook:{}", self.problems.text(&at.get("webhook"))?),
            (false, true) => format!("event:{}", self.problems.text(&at.get("event"))?),
            _ => {
                let hint = "give either `webhook` or `event`";
                self.problems.error(at, "no_trigger", "it is not said what starts the flow", hint);
                return None;
            }
        };
        let path = |text: &String| text.split('.').map(str::to_owned).collect::<Vec<_>>();
        let once_per = self.problems.texts(&at.get("once_per"));
        if once_per.is_empty() {
            let hint = "name the payload fields that make two deliveries the same event";
            self.problems.error(&at.get("once_per"), "no_key", "one event could run twice", hint);
        }
        let newest = at.get("newest_by");
        let newest_by = if newest.is_null() {
            None
        } else {
            self.problems.only(&newest, &["key", "at"]);
            let key = self.problems.text(&newest.get("key"));
            let when = self.problems.text(&newest.get("at"));
            key.zip(when).map(|(key, when)| NewestBy { key: path(&key), at: path(&when) })
        };
        Some(Trigger { topic, once_per: once_per.iter().map(path).collect(), newest_by })
    }

    /// Context is gathered as its needs become known, so any member may name any other but itself.
    fn gathers(&mut self, at: &At) -> Vec<Gather> {
        for (name, at) in at.members() {
            if !self.names.insert(name.to_owned()) {
                let message = format!("`{name}` is taken already");
                self.problems.error(&at, "duplicate_name", message, "choose another name");
            }
        }
        at.members().into_iter().filter_map(|(name, at)| self.gather(name, &at)).collect()
    }

    fn gather(&mut self, name: &str, at: &At) -> Option<Gather> {
        if !self.problems.only(at, &["use", "with", "optional"]) {
            return None;
        }
        let call = self.call(&at.get("use"), &at.get("with"))?;
        let access = self.operations.get(&call.operation).map(|operation| operation.access);
        if access != Some(Access::Read) {
            let message = format!("`{}` changes something; context only reads", call.operation);
            self.problems.error(&at.get("use"), "not_a_read", message, "make it a step");
        }
        let itself = call.with.references().iter().any(|reference| reference.root == name);
        if itself {
            let message = format!("`{name}` needs itself to be read");
            self.problems.error(&at.get("with"), "cycle", message, "");
        }
        let optional = at.get("optional").value.as_bool().unwrap_or(false);
        Some(Gather { name: name.to_owned(), call, optional })
    }

    fn values(&mut self, at: &At) -> Vec<ValueRule> {
        let mut rules = Vec::new();
        for (name, at) in at.members() {
            if !at.value.is_object() || !(at.has("first_of") || at.has("default")) {
                let default = Some(at.value.clone());
                rules.push(ValueRule { name: name.to_owned(), first_of: Vec::new(), default });
                continue;
            }
            self.problems.only(&at, &["first_of", "default"]);
            let tries = at.get("first_of").items();
            let first_of = tries.iter().filter_map(|one| self.expression(one)).collect();
            let default = at.has("default").then(|| at.get("default").value.clone());
            rules.push(ValueRule { name: name.to_owned(), first_of, default });
        }
        rules
    }

    fn block(&mut self, at: &At, depth: usize) -> Vec<Step> {
        if depth > DEPTH_MAX {
            let message = format!("blocks are nested deeper than {DEPTH_MAX}");
            self.problems.error(at, "too_deep", message, "move a part into a flow of its own");
            return Vec::new();
        }
        if !at.value.is_array() && !at.is_null() {
            self.problems.error(at, "wrong_type", "a list of steps is needed here", "");
        }
        at.items().iter().filter_map(|item| self.step(item, depth)).collect()
    }

    fn step(&mut self, at: &At, depth: usize) -> Option<Step> {
        const KINDS: [&str; 6] = ["call", "decide", "switch", "fork", "listen", "set"];
        let keys = ["id", "title", "with", "catch", "autonomy"];
        let known: Vec<&str> = KINDS.iter().copied().chain(keys).collect();
        self.steps += 1;
        if self.steps == STEPS_MAX + 1 {
            let message = format!("a flow can have {STEPS_MAX} steps");
            self.problems.error(at, "too_many_steps", message, "split it");
        }
        if self.steps > STEPS_MAX || !self.problems.only(at, &known) {
            return None;
        }
        let id = self.name(&at.get("id"))?;
        if self.names.contains(&id) {
            let message = format!("`{id}` is taken already");
            self.problems.error(&at.get("id"), "duplicate_name", message, "choose another name");
        }
        let kinds: Vec<&str> = KINDS.iter().copied().filter(|kind| at.has(kind)).collect();
        let &[kind] = kinds.as_slice() else {
            let hint = format!("give exactly one of {}", KINDS.join(", "));
            self.problems.error(at, "no_kind", format!("it is not said what `{id}` does"), &hint);
            return None;
        };
        if at.has("with") && kind != "call" {
            self.problems.error(&at.get("with"), "unknown_key", "only a `call` has `with`", "");
        }
        let kind = self.kind(kind, at, depth);
        self.names.insert(id.clone());
        let catches = at.get("catch").items();
        let catch = catches.iter().filter_map(|one| self.catch(one, depth)).collect();
        let autonomy = self.autonomy(&at.get("autonomy"));
        let title = at.get("title").value.as_str().map_or_else(|| spaced(&id), str::to_owned);
        Some(Step { id, title, kind: kind?, catch, autonomy, at: at.pointer.clone() })
    }

    fn kind(&mut self, kind: &str, at: &At, depth: usize) -> Option<Kind> {
        let body = at.get(kind);
        match kind {
            "call" => self.call(&body, &at.get("with")).map(Kind::Call),
            "decide" => self.decide(&body).map(|decide| Kind::Decide(Box::new(decide))),
            "switch" => Some(Kind::Switch(self.switch(&body, depth))),
            "fork" => Some(Kind::Fork(self.fork(&body, depth))),
            "listen" => self.listen(&body, depth).map(|listen| Kind::Listen(Box::new(listen))),
            _ => self.template(&body).map(Kind::Set),
        }
    }

    fn call(&mut self, at: &At, with: &At) -> Option<Use> {
        let id = self.problems.text(at)?;
        let Some(operation) = self.hold(&id) else {
            let message = format!("there is no operation `{id}`");
            self.problems.error(at, "unknown_operation", message, &self.nearest_operation(&id));
            return None;
        };
        let known: Vec<&str> = operation.input.keys().map(String::as_str).collect();
        if with.value.is_object() {
            self.problems.only(with, &known);
        }
        for (name, input) in &operation.input {
            let given = with.get(name);
            if input.required && given.is_null() {
                let message = format!("`{id}` needs `{name}`");
                self.problems.error(&given, "missing_argument", message, &input.about);
            } else if !fits(input.kind, given.value) {
                let message = format!("`{name}` must be {}", described(input.kind));
                self.problems.error(&given, "wrong_type", message, &input.about);
            }
        }
        let empty = Value::Object(serde_json::Map::new());
        let with = if with.is_null() { At { value: &empty, ..with.clone() } } else { with.clone() };
        Some(Use { operation: id, with: self.template(&with)? })
    }

    /// Holds an operation and the ones it leans on.
    fn hold(&mut self, id: &str) -> Option<Operation> {
        let operation = self.catalogue.operation(id)?.clone();
        let leans_on = [
            operation.before.as_ref().map(|before| before.operation.clone()),
            operation.probe.as_ref().map(|probe| probe.operation.clone()),
            operation.inverse.as_ref().map(|inverse| inverse.operation.clone()),
        ];
        self.operations.insert(id.to_owned(), operation.clone());
        for other in leans_on.into_iter().flatten() {
            if !self.operations.contains_key(&other) {
                self.hold(&other);
            }
        }
        Some(operation)
    }

    fn nearest_operation(&self, id: &str) -> String {
        let tool = id.split('.').next().unwrap_or_default();
        let all = self.catalogue.ids();
        let same_tool: Vec<&str> =
            all.iter().copied().filter(|o| o.split('.').next() == Some(tool)).collect();
        nearest(id, if same_tool.is_empty() { &all } else { &same_tool })
    }

    fn decide(&mut self, at: &At) -> Option<Decide> {
        const KEYS: [&str; 7] =
            ["question", "facts", "answer", "evidence", "floor", "otherwise", "model"];
        if !self.problems.only(at, &KEYS) {
            return None;
        }
        let question = self.template(&at.get("question"));
        if at.get("question").is_null() {
            self.problems.text(&at.get("question"));
        }
        for fact in at.get("facts").items() {
            let name = fact.value.as_str().unwrap_or_default();
            self.known_name(name, &fact);
        }
        let facts = self.problems.texts(&at.get("facts"));
        let answer = read_fields(&at.get("answer"), &mut self.problems, true);
        for (_, field) in at.get("answer").members() {
            if let Some(source) = self.problems_free_expression(&field.get("one_of_fact")) {
                self.names_in(&source, &field.get("one_of_fact"));
            }
        }
        let floors = at.get("floor").items();
        let floor = floors.iter().filter_map(|one| self.floor(one, &answer)).collect();
        let rulings = at.get("otherwise").items();
        let otherwise = rulings.iter().filter_map(|one| self.ruling(one)).collect();
        let evidence = self.problems.number(&at.get("evidence")).unwrap_or(0.0) as usize;
        let model = at.get("model").value.as_str().map(str::to_owned);
        Some(Decide { question: question?, facts, answer, evidence, floor, otherwise, model })
    }

    fn floor(&mut self, at: &At, answer: &[super::Field]) -> Option<Floor> {
        self.problems.only(at, &["when", "field", "at_least"]);
        let when = self.expression(&at.get("when"));
        let field = self.problems.text(&at.get("field"))?;
        let at_least = self.problems.text(&at.get("at_least"))?;
        let words = answer.iter().find(|f| f.name == field).and_then(|f| match &f.shape {
            Shape::OneOf(words) => Some(words),
            _ => None,
        });
        match words {
            Some(words) if words.contains(&at_least) => {}
            Some(words) => {
                let known: Vec<&str> = words.iter().map(String::as_str).collect();
                let message = format!("`{at_least}` is no value of `{field}`");
                let hint = nearest(&at_least, &known);
                self.problems.error(&at.get("at_least"), "unknown_value", message, &hint);
            }
            None => {
                let message = format!("`{field}` is no `one_of` field of the answer");
                self.problems.error(&at.get("field"), "unknown_field", message, "");
            }
        }
        Some(Floor { when: when?, field, at_least })
    }

    fn ruling(&mut self, at: &At) -> Option<Ruling> {
        self.problems.only(at, &["when", "answer", "default"]);
        let when = self.optional_expression(&at.get("when"));
        Some(Ruling { when, answer: self.template(&at.get("answer"))? })
    }

    fn switch(&mut self, at: &At, depth: usize) -> Vec<Arm> {
        let mut arms = Vec::new();
        for arm in at.items() {
            self.problems.only(&arm, &["when", "default", "unknown", "do"]);
            let steps = self.block(&arm.get("do"), depth + 1);
            let when = if arm.has("default") {
                When::Default
            } else if arm.has("unknown") {
                When::Unknown
            } else {
                match self.expression(&arm.get("when")) {
                    Some(condition) => When::Holds(condition),
                    None => continue,
                }
            };
            arms.push(Arm { when, steps });
        }
        if !arms.iter().any(|arm| matches!(arm.when, When::Unknown)) {
            let hint = "add `- unknown: true` with what to do when a value is missing";
            self.problems.error(at, "no_unknown_arm", "nothing is said about missing values", hint);
        }
        arms
    }

    fn fork(&mut self, at: &At, depth: usize) -> Vec<Branch> {
        let mut branches = Vec::new();
        for (name, at) in at.members() {
            branches.push(Branch { name: name.to_owned(), steps: self.block(&at, depth + 1) });
        }
        if branches.len() < 2 {
            self.problems.error(at, "too_few", "a fork needs at least two branches", "");
        }
        branches
    }

    fn listen(&mut self, at: &At, depth: usize) -> Option<Listen> {
        if !self.problems.only(at, &["to", "read", "until", "poll", "within", "else"]) {
            return None;
        }
        let topics = at.get("to").items();
        let to = topics.iter().filter_map(|topic| self.topic(topic)).collect();
        let read = self.gathers(&at.get("read"));
        let until = self.expression(&at.get("until"));
        let poll_ms = self.problems.duration(&at.get("poll"));
        let within_ms = self.problems.duration(&at.get("within"));
        if at.get("within").is_null() {
            let hint = "say `within: 2h`, and with `else` what to do then";
            self.problems.error(&at.get("within"), "no_limit", "it could wait for ever", hint);
        }
        let otherwise = self.block(&at.get("else"), depth + 1);
        Some(Listen { to, read, until: until?, poll_ms, within_ms: within_ms?, otherwise })
    }

    fn topic(&mut self, at: &At) -> Option<Topic> {
        self.problems.only(at, &["event", "key"]);
        let event = self.problems.text(&at.get("event"))?;
        Some(Topic { event, key: self.template(&at.get("key"))? })
    }

    fn catch(&mut self, at: &At, depth: usize) -> Option<Catch> {
        if !self.problems.only(at, &["on", "do", "default", "gap"]) {
            return None;
        }
        let on = self.problems.texts(&at.get("on"));
        for kind in on.iter().filter(|kind| !FAILURES.contains(&kind.as_str())) {
            let message = format!("`{kind}` is no kind of failure");
            let hint = nearest(kind, &FAILURES);
            self.problems.error(&at.get("on"), "unknown_failure", message, &hint);
        }
        let remedy = if at.has("do") {
            Remedy::Instead(self.block(&at.get("do"), depth + 1))
        } else if at.has("default") {
            Remedy::Default(self.template(&at.get("default"))?)
        } else if at.has("gap") {
            Remedy::Gap(self.problems.text(&at.get("gap"))?)
        } else {
            let hint = "give one of do, default, gap";
            self.problems.error(at, "no_remedy", "it is not said what to do then", hint);
            return None;
        };
        Some(Catch { on, remedy })
    }

    fn policy(&mut self, at: &At) -> Option<Policy> {
        self.problems.only(at, &["never", "approve", "allow", "by", "why", "within"]);
        let verdicts =
            [("never", Verdict::Never), ("approve", Verdict::Approve), ("allow", Verdict::Allow)];
        let Some((key, verdict)) = verdicts.into_iter().find(|(key, _)| at.has(key)) else {
            let hint = "give one of never, approve, allow";
            self.problems.error(at, "no_verdict", "this policy asks for nothing", hint);
            return None;
        };
        let when = self.expression(&at.get(key));
        let by = self.optional_template(&at.get("by"));
        if verdict == Verdict::Approve && by.is_none() {
            let hint = "by: '${owner.accountId}'";
            self.problems.error(&at.get("by"), "no_approver", "it is not said who is asked", hint);
        }
        let why = self.optional_template(&at.get("why"));
        let within_ms = self.problems.duration(&at.get("within"));
        Some(Policy { verdict, when: when?, by, why, within_ms })
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
        if let Some(calls) = self.problems.number(&at.get("calls")) {
            budget.calls = calls as u64;
        }
        if let Some(wall_ms) = self.problems.duration(&at.get("wall")) {
            budget.wall_ms = wall_ms;
        }
        budget
    }

    fn autonomy(&mut self, at: &At) -> Option<Autonomy> {
        match at.value.as_str() {
            None if at.is_null() => None,
            Some("act") => Some(Autonomy::Act),
            Some("approve") => Some(Autonomy::Approve),
            _ => {
                let message = "this is no degree of autonomy that exists yet";
                self.problems.error(at, "unknown_autonomy", message, "approve or act");
                None
            }
        }
    }

    fn expression(&mut self, at: &At) -> Option<Expression> {
        let expression = self.problems.expression(at)?;
        self.names_in(&expression, at);
        Some(expression)
    }

    /// Reads an expression whose problems were reported already.
    fn problems_free_expression(&self, at: &At) -> Option<Expression> {
        at.value.as_str().and_then(|source| Expression::parse(source).ok())
    }

    fn optional_expression(&mut self, at: &At) -> Option<Expression> {
        if at.is_null() { None } else { self.expression(at) }
    }

    fn template(&mut self, at: &At) -> Option<Template> {
        let template = self.problems.template(at)?;
        for reference in template.references() {
            self.known_name(&reference.root, at);
        }
        Some(template)
    }

    fn optional_template(&mut self, at: &At) -> Option<Template> {
        if at.is_null() { None } else { self.template(at) }
    }

    fn names_in(&mut self, expression: &Expression, at: &At) {
        for reference in expression.references() {
            self.known_name(&reference.root, at);
        }
    }

    fn known_name(&mut self, name: &str, at: &At) {
        if !self.names.contains(name) {
            let known: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let hint = nearest(name, &known);
            let message = format!("`{name}` is not known here");
            self.problems.error(at, "unknown_name", message, &hint);
        }
    }
}

/// `find_cause` becomes `Find cause`.
fn spaced(id: &str) -> String {
    let text = id.replace(['_', '-'], " ");
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Whether a written value can be of this kind; what holds a reference is known only at run time.
fn fits(kind: InputKind, value: &Value) -> bool {
    if value.is_null() || value.as_str().is_some_and(|text| text.contains("${")) {
        return true;
    }
    match kind {
        InputKind::Text | InputKind::LongText => value.is_string() || value.is_number(),
        InputKind::Integer => value.is_i64() || value.is_u64(),
        InputKind::Number => value.is_number(),
        InputKind::Boolean => value.is_boolean(),
        InputKind::List => value.is_array(),
        InputKind::Object => value.is_object(),
        InputKind::Any => true,
    }
}

fn described(kind: InputKind) -> &'static str {
    match kind {
        InputKind::Text | InputKind::LongText => "a text",
        InputKind::Integer => "a whole number",
        InputKind::Number => "a number",
        InputKind::Boolean => "true or false",
        InputKind::List => "a list",
        InputKind::Object => "an object",
        InputKind::Any => "any value",
    }
}
