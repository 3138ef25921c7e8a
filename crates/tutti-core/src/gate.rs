//! The gate: between "the run wants an effect" and "the effect leaves".

use std::cell::OnceCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::expr::{Condition, Meter, Scope, Template};
use crate::fact::{self, Fact, Mark};
use crate::flow::{Autonomy, Flow, Policy, Span, Verdict};
use crate::label::{Labels, Provenance, Trust};
use crate::operation::{Input, Operation, Reversibility};

/// How long a write can be recalled where autonomy alone says that it can be, in milliseconds.
pub(crate) const RECALL_MS: i64 = 10 * 60_000;

/// A write that wants to leave.
pub struct Wanted<'a> {
    /// What it does.
    pub operation: &'a Operation,
    /// The step it belongs to.
    pub step: &'a str,
    /// Its arguments.
    pub input: &'a Value,
    /// What is known about each argument.
    pub labels: &'a BTreeMap<String, Labels>,
    /// How much its step may do alone.
    pub autonomy: Autonomy,
    /// The project the flow belongs to; it writes nowhere else.
    pub project: &'a str,
}

/// What the gate says.
#[derive(Debug, Clone, PartialEq)]
pub enum Ruling {
    /// It may leave.
    Pass {
        /// After so many milliseconds in which it can be recalled.
        recall_ms: Option<i64>,
    },
    /// A person must say yes first.
    Ask {
        /// Who: an account id, or empty if the rule names nobody.
        by: String,
        /// Why, for the card.
        why: String,
        /// The rule, as written.
        policy: String,
        /// How long the question stands.
        within: Option<Span>,
        /// How long it can be recalled after a yes, in milliseconds.
        recall_ms: Option<i64>,
    },
    /// It must not leave.
    Refuse {
        /// The rule, as written.
        policy: String,
    },
}

/// Decides. `never` wins over `approve`, `approve` over `allow`; a rule that cannot be decided
/// because something is missing counts as met if it says no or asks, and as not met if it allows.
pub fn rule(flow: &Flow, wanted: &Wanted, scope: &dyn Scope) -> Ruling {
    if let Some(policy) = outside_project(wanted) {
        return Ruling::Refuse { policy };
    }
    let scope = WithEffect { scope, wanted, effect: OnceCell::new() };
    let met: Vec<Met> = flow.policies.iter().filter_map(|policy| met(policy, &scope)).collect();
    let reversible = wanted.operation.reversibility != Reversibility::Irreversible;
    let of = |verdict| met.iter().find(|met| met.policy.verdict == verdict);
    if let Some(never) = of(Verdict::Never) {
        return Ruling::Refuse { policy: never.told(&scope) };
    }
    let approve = |met: &&Met| met.policy.verdict == Verdict::Approve;
    let asking: Vec<&Policy> = met.iter().filter(approve).map(|met| met.policy).collect();
    if let Some((first, others)) = asking.split_first() {
        return ask(first, others, wanted, &scope);
    }
    // Only what the rules below protect from can be allowed; nothing allows a tainted target.
    if let Some(why) = shaky_target(wanted) {
        let rule = "a tainted, guessed or defaulted value chooses the target";
        return built_in(flow, wanted, &scope, why, rule);
    }
    // What cannot be taken back is allowed by a rule that names it, not by one for whatever comes.
    let allows = |p: &&Policy| p.verdict == Verdict::Allow && (reversible || p.names_effect());
    if let Some(policy) = met.iter().map(|met| met.policy).find(allows) {
        return Ruling::Pass { recall_ms: recall_ms(wanted, policy.recall_ms) };
    }
    if !reversible {
        let why = "This cannot be taken back.".to_owned();
        return built_in(flow, wanted, &scope, why, "what cannot be taken back needs a person");
    }
    match wanted.autonomy {
        Autonomy::Act | Autonomy::ActWithRecall => {
            Ruling::Pass { recall_ms: recall_ms(wanted, None) }
        }
        Autonomy::Approve => {
            let why = "This step asks before it acts.".to_owned();
            built_in(flow, wanted, &scope, why, "autonomy: approve")
        }
    }
}

/// How long it can be recalled before it leaves: what the policy says, or what the step's autonomy
/// brings with it.
fn recall_ms(wanted: &Wanted, of_policy: Option<i64>) -> Option<i64> {
    let of_autonomy = (wanted.autonomy == Autonomy::ActWithRecall).then_some(RECALL_MS);
    of_policy.or(of_autonomy).filter(|ms| *ms > 0)
}

/// A rule of the house; whoever the flow's `approve` policies ask is asked here too.
fn built_in(flow: &Flow, wanted: &Wanted, scope: &dyn Scope, why: String, policy: &str) -> Ruling {
    let asking = asking(flow);
    // A moment was meant for what that policy asks about, and may be unknown by now.
    let within = asking.and_then(|policy| policy.within.clone());
    let within = within.filter(|span| matches!(span, Span::For(_)));
    Ruling::Ask {
        by: usual_approver(flow, scope),
        why,
        policy: policy.to_owned(),
        within,
        recall_ms: recall_ms(wanted, asking.and_then(|policy| policy.recall_ms)),
    }
}

/// The first `approve` policy, if all of them ask the same person: whoever is named for one matter
/// among several is not the one for every other.
fn asking(flow: &Flow) -> Option<&Policy> {
    let mut asking = flow.policies.iter().filter(|policy| policy.verdict == Verdict::Approve);
    let first = asking.next()?;
    asking.all(|other| other.by == first.by).then_some(first)
}

/// Whoever the flow's `approve` policies ask; nobody in particular if there is none, or if they
/// differ.
pub fn usual_approver(flow: &Flow, scope: &dyn Scope) -> String {
    let by = asking(flow).and_then(|policy| policy.by.as_ref());
    by.map(|by| person(by, scope)).unwrap_or_default()
}

/// The first policy that asks says who is asked, and why. What the others say of how long is kept, too:
/// the shortest time to answer, and the longest to recall.
fn ask(policy: &Policy, others: &[&Policy], wanted: &Wanted, scope: &dyn Scope) -> Ruling {
    let shorter = |one: Option<Span>, other: &&Policy| match (one, &other.within) {
        (Some(Span::For(one)), Some(Span::For(other))) => Some(Span::For(one.min(*other))),
        (one, other) => one.or_else(|| other.clone()),
    };
    let recall = others.iter().filter_map(|other| other.recall_ms).chain(policy.recall_ms).max();
    let why = policy.why.as_ref().map(|why| text(&why.fill(scope, &mut Meter::default()).value));
    Ruling::Ask {
        by: policy.by.as_ref().map(|by| person(by, scope)).unwrap_or_default(),
        why: why.unwrap_or_default(),
        policy: policy.when.source().to_owned(),
        within: others.iter().fold(policy.within.clone(), shorter),
        recall_ms: recall_ms(wanted, recall),
    }
}

/// The account a template names. A tainted value names nobody: text from a ticket never picks who
/// is asked. Neither does what is no name at all: nobody could answer for a list.
pub fn person(by: &Template, scope: &dyn Scope) -> String {
    let filled = by.fill(scope, &mut Meter::default());
    let tainted = filled.labels.values().any(|labels| labels.trust == Trust::Untrusted);
    let name = filled.value.as_str().map(str::trim).filter(|_| !tainted);
    name.unwrap_or_default().to_owned()
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A policy that counts.
struct Met<'f> {
    policy: &'f Policy,
    /// Why that could not be decided.
    trouble: Option<String>,
}

impl Met<'_> {
    /// Why there is the rule, or the rule as written; and whether it is only feared that it holds.
    fn told(&self, scope: &dyn Scope) -> String {
        let rule = self.policy.when.source();
        match &self.trouble {
            Some(trouble) => format!("`{rule}` could not be decided: {trouble}"),
            None => self.why(scope).unwrap_or_else(|| rule.to_owned()),
        }
    }

    /// What the rule says for people, unless it names what not everybody may read.
    fn why(&self, scope: &dyn Scope) -> Option<String> {
        let why = self.policy.why.as_ref()?.fill(scope, &mut Meter::default());
        let private = why.labels.values().any(|labels| labels.private);
        let whole = why.missing.is_empty() && why.failed.is_empty() && !private;
        Some(text(&why.value)).filter(|why| whole && !why.is_empty())
    }
}

fn met<'f>(policy: &'f Policy, scope: &dyn Scope) -> Option<Met<'f>> {
    let condition = policy.when.evaluate(scope, &mut Meter::default()).condition();
    let trouble = condition.trouble();
    let counts = match trouble {
        Some(_) => policy.verdict != Verdict::Allow,
        None => condition == Condition::True,
    };
    counts.then_some(Met { policy, trouble })
}

/// A flow writes only in its own project. An issue must be given by its key: an id could be that of
/// any project.
fn outside_project(wanted: &Wanted) -> Option<String> {
    if wanted.operation.tool() != "jira" || wanted.project.is_empty() {
        return None;
    }
    let given = |name| wanted.input.get(name).map(text);
    let foreign = given("issue").is_some_and(|key| !is_key_of(wanted.project, &key))
        || given("project").is_some_and(|project| project != wanted.project);
    foreign.then(|| format!("a flow writes only in its own project, {}", wanted.project))
}

/// Whether this is a key of an issue of the project, and nothing else.
fn is_key_of(project: &str, key: &str) -> bool {
    let number = key.strip_prefix(project).and_then(|rest| rest.strip_prefix('-'));
    let is_number =
        |number: &str| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    number.is_some_and(is_number)
}

fn shaky_target(wanted: &Wanted) -> Option<String> {
    let inputs = &wanted.operation.input;
    let shaky = wanted.labels.iter().find(|(pointer, labels)| {
        let name = pointer.trim_start_matches('/').split('/').next().unwrap_or_default();
        // Labels of the whole arguments, at the empty pointer, hold for every one of them.
        let target = |input: &Input| input.target;
        let chooses = if name.is_empty() {
            inputs.values().any(target)
        } else {
            inputs.get(name).is_some_and(target)
        };
        labels.is_shaky() && chooses
    });
    shaky.map(|(pointer, labels)| {
        let name = pointer.trim_start_matches('/');
        // A guess is never trusted, either.
        let why = if labels.provenance.contains(&Provenance::Guessed) {
            "was guessed"
        } else if labels.trust == Trust::Untrusted {
            "comes from free text"
        } else {
            "is a default, for nothing better was known"
        };
        format!("The value of “{name}” {why}.")
    })
}

/// What an effect has for policies to see.
pub(crate) const EFFECT_MEMBERS: [&str; 7] =
    ["operation", "tool", "access", "once", "reversibility", "step", "input"];

/// The effect as policies see it.
fn effect_fact(wanted: &Wanted) -> Fact {
    let mut value = json!({
        "operation": wanted.operation.id,
        "tool": wanted.operation.tool(),
        "access": wanted.operation.access,
        "once": wanted.operation.once,
        "reversibility": wanted.operation.reversibility,
        "step": wanted.step,
    });
    if let Some(members) = value.as_object_mut() {
        members.insert("input".to_owned(), wanted.input.clone());
    }
    let mut marks: BTreeMap<Vec<String>, Labels> = BTreeMap::new();
    for (pointer, labels) in wanted.labels {
        let path = std::iter::once("input".to_owned()).chain(fact::keys(pointer)).collect();
        marks.entry(path).or_default().join(labels);
    }
    let marks = marks.into_iter().map(|(path, labels)| Mark { path, labels }).collect();
    Fact { marks, ..Fact::labelled("effect", "tutti", 0, value, Labels::default()) }
}

struct WithEffect<'a> {
    scope: &'a dyn Scope,
    wanted: &'a Wanted<'a>,
    /// What policies see of it, once one looks.
    effect: OnceCell<Fact>,
}

impl Scope for WithEffect<'_> {
    fn fact(&self, name: &str) -> Option<&Fact> {
        match name {
            "effect" => Some(self.effect.get_or_init(|| effect_fact(self.wanted))),
            _ => self.scope.fact(name),
        }
    }
}
