//! What can be read and cannot be meant: conditions that are none, arms and steps that are never
//! reached, events that never come, texts that are shown otherwise than they were written.

use serde_json::Value;

use super::super::reader::{At, nearest};
use super::super::{Arm, Kind, Step, When};
use super::Linker;
use crate::expr::{Expression, is_word, moment_ms};
use crate::pointer::Pointer;
use crate::problem::Problem;

impl Linker<'_> {
    /// A flow that was linked before is not judged anew: what a later release refuses must not
    /// keep its runs from going on.
    pub(super) fn refuse(&mut self, at: &At, code: &str, message: String, hint: &str) {
        if self.catalogue.judges() {
            self.problems.error(at, code, message, hint);
        }
    }

    /// An expression that must be true or false.
    pub(super) fn condition(&mut self, at: &At) -> Option<Expression> {
        let condition = self.expression(at)?;
        if let Some(kind) = condition.other_than_truth() {
            let hint = "compare it with something: `case.priority == \"High\"`";
            let message = format!("this is never true or false: a part of it is always {kind}");
            self.refuse(at, "no_truth", message, hint);
        }
        Some(condition)
    }

    pub(super) fn optional_condition(&mut self, at: &At) -> Option<Expression> {
        if at.is_null() { None } else { self.condition(at) }
    }

    /// A moment that is written out, and is none.
    pub(super) fn moment(&mut self, until: &Expression, at: &At) {
        let is_none = |value| moment_ms(&value).is_none();
        if self.catalogue.judges() && until.constant().is_some_and(is_none) {
            let hint = "name a moment, `due.at`, or write a length of time: `wait: 10m`";
            self.refuse(at, "no_moment", "this is never a moment".to_owned(), hint);
        }
    }

    /// A list that is written out, and is none or longer than its limit.
    pub(super) fn listed(&mut self, list: &Expression, limit: Option<usize>, at: &At) {
        if !self.catalogue.judges() {
            return;
        }
        match (list.constant(), limit) {
            (Some(Value::Array(items)), Some(limit)) if items.len() > limit => {
                let message = format!("these are {} items, and the limit is {limit}", items.len());
                self.refuse(at, "too_many_items", message, "raise `limit`, or name fewer");
            }
            (None | Some(Value::Array(_)), _) => {}
            _ => {
                let message = "this is never a list".to_owned();
                self.refuse(at, "no_list", message, "write it like `[1, 2]`, or name one");
            }
        }
    }

    /// `default: true` says that it is this arm, `flag: true` that it is a flag; nothing else says
    /// anything.
    pub(super) fn marks(&mut self, of: &At, key: &str, hint: &str) {
        let at = of.get(key);
        if at.value.as_bool() != Some(true) {
            self.refuse(&at, "wrong_type", format!("`{key}` is always `true`"), hint);
        }
    }

    pub(super) fn one_of_each(&mut self, at: &At, arms: &[Arm]) {
        let defaults = arms.iter().filter(|arm| matches!(arm.when, When::Default)).count();
        let unknowns = arms.iter().filter(|arm| matches!(arm.when, When::Unknown)).count();
        for (key, count) in [("default", defaults), ("unknown", unknowns)] {
            let last = at.items().filter(|arm| arm.has(key)).last();
            if let Some(arm) = last.filter(|_| count > 1) {
                let message = format!("there is another `{key}` before this, so it is never taken");
                self.refuse(&arm.get(key), "duplicate_arm", message, "make one arm of them");
            }
        }
    }

    /// What the flow says about itself.
    pub(super) fn sentence(&mut self, at: &At) {
        if !at.value.is_string() && !at.is_null() {
            let message = "a text is needed here".to_owned();
            self.refuse(at, "wrong_type", message, "put it in quotes");
        }
    }

    /// Arms with a condition that one before has, too.
    pub(super) fn another_condition(&mut self, at: &At) {
        let mut seen = Vec::new();
        for arm in at.items() {
            let when = arm.get("when");
            let Some(condition) = when.value.as_str().map(|it| it.trim().to_owned()) else {
                continue;
            };
            if seen.contains(&condition) {
                let message = "an arm before this has the same condition, so it is never taken";
                self.refuse(&when, "duplicate_arm", message.to_owned(), "make one arm of them");
            }
            seen.push(condition);
        }
    }

    /// What stands behind a step that always fails.
    pub(super) fn reached(&mut self, steps: &[Step]) {
        for pair in steps.windows(2) {
            let [step, next] = pair else { continue };
            if matches!(step.kind, Kind::Raise(_)) && step.catch.is_empty() {
                let message = format!("this is never reached: `{}` always fails", step.id);
                let hint = "put it before, or give that step a `catch`";
                self.problems.warning_at(&next.at, "never_reached", message, hint);
            }
        }
    }

    /// A name for expressions, which read a dash as a minus and know words of their own.
    pub(super) fn nameable(&mut self, name: &str, at: &At) {
        if !self.catalogue.judges() {
            return;
        }
        if is_word(name) {
            let message = format!("no expression can name `{name}`: it is a word of theirs");
            self.problems.warning(at, "unnameable", message, "choose another name");
        } else if name.contains('-') {
            let message = format!("no expression can name `{name}`: a dash is a minus there");
            let hint = format!("write `{}`", name.replace('-', "_"));
            self.problems.warning(at, "unnameable", message, &hint);
        }
    }

    /// A member of the flow's own values.
    pub(super) fn own_value(&mut self, member: &str, at: &Pointer<'_>) {
        if self.catalogue.judges() && !self.values.contains(member) {
            let known: Vec<&str> = self.values.iter().map(String::as_str).collect();
            let hint = match known.is_empty() {
                true => format!("write it at the top: `values: {{ {member}: … }}`"),
                false => nearest(member, &known),
            };
            let message = format!("the flow has no value `{member}`");
            self.problems.0.push(Problem::error("unknown_value", at.text(), message).hint(hint));
        }
    }

    /// What a name stands for: what this operation brings.
    pub(super) fn brings(&mut self, name: &str, operation: &str) {
        let members = self.catalogue.brings(operation);
        if !members.is_empty() {
            self.brings.insert(name.to_owned(), members);
        }
    }

    /// A member of what an operation brought, or of its failure on the way for that.
    pub(super) fn brought_member(&mut self, name: &str, member: &str, at: &Pointer<'_>) {
        let Some(members) = self.brings.get(name) else { return };
        if member == "failure" || members.iter().any(|known| known == member) {
            return;
        }
        let known: Vec<&str> = members.iter().map(String::as_str).collect();
        let hint = nearest(member, &known);
        let message = format!("`{name}` brings no `{member}`, so it is always missing");
        self.problems.warning_at(at.text(), "not_brought", message, &hint);
    }

    /// An event that runs listen to. Flows tell each other of events of any name.
    pub(super) fn heard(&mut self, event: &str, at: &At) {
        let known = self.catalogue.heard();
        let tool = |event: &str| event.split('.').next().map(str::to_owned);
        if !known.contains(&event) && known.iter().any(|one| tool(one) == tool(event)) {
            let message = format!("no tool tells of `{event}`");
            let hint = format!(
                "{} Flows may tell each other of it with `emit`.",
                sentence(&nearest(event, &known))
            );
            self.problems.warning(at, "unknown_event", message, &hint);
        }
    }

    /// What starts a flow: `webhook:salesforce.case`. Flows tell each other of events of any name.
    pub(super) fn starts(&mut self, topic: &str, at: &At) {
        let known = self.catalogue.starts();
        let (kind, name) = topic.split_once(':').unwrap_or_default();
        let of_kind: Vec<&str> = known
            .iter()
            .filter_map(|known| known.split_once(':').filter(|it| it.0 == kind))
            .map(|(_, name)| name)
            .collect();
        let is_told = kind == "event" && name.starts_with("tutti:");
        if !known.is_empty() && !is_told && !of_kind.contains(&name) {
            let message = format!("there is no {kind} `{name}`, so this flow would never start");
            self.refuse(at, "unknown_event", message, &nearest(name, &of_kind));
        }
    }

    /// Values that are taken as they stand, at any depth.
    pub(super) fn literal(&mut self, at: &At) {
        if at.value.as_str().is_some_and(|text| text.contains("${")) {
            let hint = "name it under `first_of`, or make the text in a step with `set`";
            let message = "this is no template: the value is taken as it stands here".to_owned();
            self.refuse(at, "no_template", message, hint);
        }
        at.items().for_each(|item| self.literal(&item));
        at.members().for_each(|(_, member)| self.literal(&member));
    }

    /// A text that people read as it stands.
    pub(super) fn shown(&mut self, at: &At) -> Option<String> {
        let text = self.problems.word(at)?;
        if text.contains("${") {
            let hint = "write what is the same for every run";
            let message = "this is no template: it is shown as it stands here".to_owned();
            self.refuse(at, "no_template", message, hint);
        }
        self.readable(&text, at);
        Some(text)
    }

    /// Whether a text is shown as it was written: characters that move others about would let it
    /// look like another.
    pub(super) fn readable(&mut self, text: &str, at: &At) {
        let hides = |c: &char| {
            c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        if let Some(c) = text.trim().chars().find(hides) {
            let message = format!("U+{:04X} cannot stand in what people read", c as u32);
            self.refuse(at, "bad_character", message, "take it out");
        }
    }
}

fn sentence(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    if !text.ends_with('?') {
        text.push('.');
    }
    text
}
