//! Policies: what each says, and whether it means anything that a write can be.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::reader::{At, nearest};
use super::super::{Autonomy, Flow, Policy, Verdict};
use super::Linker;
use crate::expr::Expression;
use crate::gate::EFFECT_MEMBERS;
use crate::operation::{Access, Once, Reversibility};

impl Linker<'_> {
    pub(super) fn policies(&mut self, at: &At) -> Vec<Policy> {
        self.problems.list(at).filter_map(|policy| self.policy(&policy)).collect()
    }

    fn policy(&mut self, at: &At) -> Option<Policy> {
        self.problems.only(at, &["never", "approve", "allow", "by", "why", "within", "recall"]);
        let verdicts =
            [("never", Verdict::Never), ("approve", Verdict::Approve), ("allow", Verdict::Allow)];
        let keys = verdicts.map(|(key, _)| key);
        let key = self.problems.one_of(at, &keys, "no_verdict", "this policy asks for nothing")?;
        let verdict = verdicts.into_iter().find(|(known, _)| *known == key)?.1;
        let when = self.condition(&at.get(key));
        if let Some(when) = &when {
            self.meant(when, &at.get(key));
        }
        let by = self.optional_template(&at.get("by"));
        if verdict == Verdict::Approve && by.is_none() {
            let hint = "by: '${owner.account_id}'";
            self.problems.error(&at.get("by"), "no_approver", "it is not said who is asked", hint);
        }
        let why = self.optional_template(&at.get("why"));
        let within = self.within(&at.get("within"));
        let recall_ms = self.problems.duration(&at.get("recall"));
        if verdict == Verdict::Never && at.has("recall") {
            let message = "what never leaves cannot be recalled";
            self.problems.error(&at.get("recall"), "unknown_key", message, "leave it out");
        }
        Some(Policy { verdict, when: when?, by, why, within, recall_ms })
    }

    /// What is asked of `effect` is something that it has, and what that is compared with a word that
    /// it can be: a policy about another one protects nothing, or everything.
    fn meant(&mut self, when: &Expression, at: &At) {
        for reference in when.references() {
            let ("effect", [member, ..]) = (reference.root, reference.path.as_slice()) else {
                continue;
            };
            if !EFFECT_MEMBERS.contains(member) {
                let message = format!("`effect` has no `{member}`");
                self.refuse(at, "unknown_member", message, &nearest(member, &EFFECT_MEMBERS));
            }
        }
        for (reference, text) in when.compared() {
            let ("effect", [member]) = (reference.root, reference.path.as_slice()) else {
                continue;
            };
            let known = self.words_of(member);
            if known.is_empty() || known.iter().any(|known| known == text) {
                self.only_reads(member, text, at);
                continue;
            }
            let known: Vec<&str> = known.iter().map(String::as_str).collect();
            let hint = match *member {
                "operation" => self.nearest_operation(text),
                _ => nearest(text, &known),
            };
            let (code, message) = match *member {
                "operation" => ("unknown_operation", format!("there is no operation `{text}`")),
                "tool" => ("unknown_tool", format!("there is no tool `{text}`")),
                _ => ("unknown_value", format!("`{text}` is no value of `effect.{member}`")),
            };
            self.refuse(at, code, message, &hint);
        }
    }

    /// No policy judges what only reads.
    fn only_reads(&mut self, member: &str, text: &str, at: &At) {
        let reads = match member {
            "operation" => {
                self.catalogue.operation(text).is_some_and(|it| it.access == Access::Read)
            }
            "access" | "once" => text == "read",
            _ => false,
        };
        if reads && self.catalogue.judges() {
            let message =
                format!("policies judge what writes, so `effect.{member}` is never `{text}`");
            let hint = "reads need no leave; name what writes, or leave it out";
            self.problems.warning(at, "never_judged", message, hint);
        }
    }

    /// The words that this member of `effect` can be; nothing if it can be any.
    fn words_of(&self, member: &str) -> Vec<String> {
        let operations = || self.catalogue.ids().into_iter();
        let words = match member {
            "operation" => return operations().map(str::to_owned).collect(),
            "tool" => {
                let tool = |id: &str| id.split('.').next().unwrap_or_default().to_owned();
                let mut tools: Vec<String> = operations().map(tool).collect();
                tools.dedup();
                return tools;
            }
            "access" => json!([Access::Read, Access::Write, Access::Destroy]),
            "once" => {
                json!([Once::Read, Once::Idempotent, Once::Keyed, Once::Probed, Once::Unsafe])
            }
            "reversibility" => {
                use Reversibility::{Compensable, Irreversible, Reversible};
                json!([Reversible, Compensable, Irreversible])
            }
            _ => Value::Null,
        };
        let words = words.as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(str::to_owned).collect()
    }

    /// What only the whole flow tells about its policies.
    pub(super) fn judge_policies(&mut self, flow: &Flow, at: &At) {
        self.steps_meant(flow, at);
        self.arguments_meant(flow, at);
        self.allows(flow, at);
    }

    /// The steps that policies name.
    fn steps_meant(&mut self, flow: &Flow, at: &At) {
        let steps = flow.all_steps();
        let known: Vec<&str> = steps.iter().map(|step| step.id.as_str()).collect();
        for (policy, at) in flow.policies.iter().zip(at.items()) {
            for (reference, text) in policy.when.compared() {
                let is_step = reference.root == "effect" && reference.path == ["step"];
                let place = ["never", "approve", "allow"].into_iter().find(|key| at.has(key));
                if let Some(key) = place.filter(|_| is_step && !known.contains(&text)) {
                    let message = format!("there is no step `{text}`");
                    let hint = nearest(text, &known);
                    self.problems.warning(&at.get(key), "unknown_step", message, &hint);
                }
            }
        }
    }

    /// The arguments that policies name: one that no write of the flow has is never known.
    fn arguments_meant(&mut self, flow: &Flow, at: &At) {
        let writes = flow.operations.values().filter(|it| it.access != Access::Read);
        let known: BTreeSet<&str> =
            writes.flat_map(|it| it.input.keys().map(String::as_str)).collect();
        let known: Vec<&str> = known.into_iter().collect();
        for (policy, at) in flow.policies.iter().zip(at.items()) {
            let key = ["never", "approve", "allow"].into_iter().find(|key| at.has(key));
            for reference in policy.when.references() {
                let ("effect", ["input", name, ..], Some(key)) =
                    (reference.root, reference.path.as_slice(), key)
                else {
                    continue;
                };
                if !known.contains(name) {
                    let message = format!("nothing that this flow writes has an argument `{name}`");
                    let hint = nearest(name, &known);
                    self.problems.warning(&at.get(key), "unknown_argument", message, &hint);
                }
            }
        }
    }

    /// An `allow` that lets nothing leave that would not leave anyway.
    fn allows(&mut self, flow: &Flow, at: &At) {
        let approves = |autonomy: Option<Autonomy>| autonomy == Some(Autonomy::Approve);
        let asks = approves(Some(flow.autonomy))
            || flow.all_steps().iter().any(|step| approves(step.autonomy));
        if asks {
            return;
        }
        for (policy, at) in flow.policies.iter().zip(at.items()) {
            let idle = policy.verdict == Verdict::Allow
                && policy.recall_ms.is_none()
                && !policy.names_effect();
            if idle && at.has("allow") {
                let message = "this allows nothing that would not leave anyway";
                let hint = "what cannot be taken back is allowed by a condition on \
                            `effect.operation` or `effect.reversibility`";
                self.problems.warning(&at.get("allow"), "allows_nothing", message, hint);
            }
        }
    }
}
