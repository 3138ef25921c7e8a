//! How a call reads on the timeline.

use std::borrow::Cow;

use serde_json::Value;

use super::{CallNode, Run};
use crate::operation::{Access, Operation};
use crate::view::{Did, EffectState, Entry, EntryKind, StepState};

/// The most characters of a target's name that are shown.
const TARGET_CHARS_MAX: usize = 60;

impl CallNode {
    pub(super) fn timeline_entry(
        &self,
        run: &Run,
        operation: &Operation,
        outcome: EffectState,
        output: &Value,
    ) -> Entry {
        let write = operation.access != Access::Read;
        let kind = if write { EntryKind::Action } else { EntryKind::Read };
        let text = match (self.title.is_empty(), outcome) {
            (false, EffectState::Confirmed) => self.done.clone(),
            (false, _) => self.title.clone(),
            (true, EffectState::Confirmed) => format!("Read {}", spoken(operation, &self.input)),
            (true, _) => format!("Could not read {}", spoken(operation, &self.input)),
        };
        let mut entry = run.entry(kind, &self.step, operation.tool(), &text);
        entry.detail.clone_from(&operation.summary);
        entry.adapted.clone_from(&self.adapted);
        if self.adapted.is_some() {
            entry.state = StepState::Adapted;
        }
        entry.saw = run.saw(self.sources());
        entry.did = write.then(|| Did {
            effect_key: self.key(run),
            operation: operation.id.clone(),
            access: operation.access,
            once: operation.once,
            reversibility: operation.reversibility,
            outcome,
            attempts: self.attempts,
            changes: self.changes(operation),
            output: output.clone(),
            undo: None,
        });
        entry
    }
}

/// What an operation was about, for people: `Salesforce case 5008d00000ACME01`. What was searched
/// for is not said: a query is long, and may hold an address of somebody.
pub(super) fn spoken(operation: &Operation, input: &Value) -> String {
    let (tool, rest) = operation.id.split_once('.').unwrap_or((&operation.id, ""));
    let (nouns, verb) = rest.rsplit_once('.').unwrap_or((rest, ""));
    let tool = tool_name(tool);
    let noun = nouns.replace(['.', '_'], " ");
    if matches!(verb, "search" | "find" | "query" | "lookup") {
        return format!("{tool} {} by search", plural(&noun));
    }
    // The argument named like the noun is the target: `merge_request` rather than `project`.
    let required = operation.input.iter().filter(|(_, declared)| declared.required);
    let own = required.clone().find(|(name, _)| nouns.rsplit('.').next() == Some(name));
    let target = own.or_else(|| required.clone().next()).and_then(|(name, _)| input.get(name));
    let target = match target {
        Some(Value::String(text)) => Cow::Borrowed(beginning(text)),
        Some(value @ Value::Number(_)) => Cow::Owned(value.to_string()),
        _ => Cow::default(),
    };
    let mut text = match verb {
        "list" if target.is_empty() => format!("{tool} {}", plural(&noun)),
        "list" => format!("{tool} {} of {target}", plural(&noun)),
        _ => format!("{tool} {noun} {target}"),
    };
    text.truncate(text.trim_end().len());
    text
}

fn beginning(text: &str) -> &str {
    let end = text.char_indices().nth(TARGET_CHARS_MAX).map(|(end, _)| end);
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

pub(super) fn tool_name(tool: &str) -> &str {
    match tool {
        "gitlab" => "GitLab",
        "github" => "GitHub",
        "jira" => "Jira",
        "salesforce" => "Salesforce",
        "confluence" => "Confluence",
        "slack" => "Slack",
        other => other,
    }
}

fn plural(noun: &str) -> String {
    match noun.strip_suffix('y') {
        Some(stem) if !noun.ends_with("ey") => format!("{stem}ies"),
        _ => format!("{noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn say(id: &str, required: &[&str], input: &Value) -> String {
        let inputs: Value = required
            .iter()
            .map(|name| ((*name).to_owned(), json!({"type": "any", "required": true})))
            .collect::<serde_json::Map<_, _>>()
            .into();
        let operation = json!({
            "id": id, "summary": "", "access": "read", "once": "read",
            "reversibility": "reversible", "input": inputs,
        });
        spoken(&serde_json::from_value(operation).unwrap(), input)
    }

    #[test]
    fn names_the_target_and_never_the_query() {
        let jql = json!({"jql": "project = PAY AND statusCategory != Done"});
        let table = [
            (say("jira.issue.search", &["jql"], &jql), "Jira issues by search"),
            (say("jira.user.find", &["email"], &json!({"email": "a@b.c"})), "Jira users by search"),
            (say("salesforce.case.get", &["id"], &json!({"id": "5008"})), "Salesforce case 5008"),
            (
                say(
                    "gitlab.pipeline.get",
                    &["project", "pipeline"],
                    &json!({"project": 42, "pipeline": 5001}),
                ),
                "GitLab pipeline 5001",
            ),
            (
                say("jira.comment.list", &["issue"], &json!({"issue": "PAY-1"})),
                "Jira comments of PAY-1",
            ),
            (say("slack.message.history", &[], &json!({})), "Slack message"),
        ];
        for (said, expected) in table {
            assert_eq!(said, expected);
        }
    }
}
