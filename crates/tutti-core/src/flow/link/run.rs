//! Flows that run flows: the step that runs another one, the trigger of one that is run, and telling
//! other flows that something happened.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::reader::{At, nearest};
use super::super::{Kind, RUN, SubRun, Trigger};
use super::Linker;
use crate::operation::{Input, InputKind};

/// How often a flow looks by itself whether the one it runs is over.
const LOOK: &str = "5m";

impl Linker<'_> {
    /// The trigger of a flow that others run: the inputs it takes.
    pub(super) fn run_by_flows(&mut self, at: &At) -> Trigger {
        let mut inputs = BTreeMap::new();
        for (name, at) in self.problems.object(&at.get("run")) {
            if !self.well_formed(name, &at) {
                continue;
            }
            if let Some(input) = self.input(&at) {
                inputs.insert(name.to_owned(), input);
            }
        }
        let (topic, once_per) = (RUN.to_owned(), Vec::new());
        Trigger { topic, once_per, newest_by: None, coalesce: None, inputs }
    }

    /// One input: `{ type: text, required: true }`.
    fn input(&mut self, at: &At) -> Option<Input> {
        if !self.problems.only(at, &["type", "required", "target", "about"]) {
            return None;
        }
        let kind = self.input_kind(&at.get("type"));
        let required = self.problems.flag(&at.get("required"));
        let target = self.problems.flag(&at.get("target"));
        let about = self.problems.word(&at.get("about")).unwrap_or_default();
        Some(Input { kind: kind?, required, target, about })
    }

    fn input_kind(&mut self, at: &At) -> Option<InputKind> {
        let word = self.problems.text(at)?;
        let kinds = InputKind::ALL.map(|kind| (json!(kind), kind));
        let known: Vec<&str> = kinds.iter().filter_map(|(known, _)| known.as_str()).collect();
        let kind = kinds.iter().find(|(known, _)| *known == word).map(|(_, kind)| *kind);
        if kind.is_none() {
            let message = format!("`{word}` is no type of an input");
            self.problems.error(at, "bad_input", message, &nearest(&word, &known));
        }
        kind
    }

    /// A step that runs another flow: it is started, waited for, and fails if that one failed.
    pub(super) fn sub_run(&mut self, id: &str, at: &At, depth: usize) -> Option<SubRun> {
        if !self.problems.only(at, &["flow", "with", "within"]) {
            return None;
        }
        let flow = self.problems.text(&at.get("flow"))?;
        if flow.contains("${") {
            let message = "which flow it is must be known before it runs";
            let hint = "name it by its id, and choose among several with a `switch`";
            self.problems.error(&at.get("flow"), "no_template", message, hint);
            return None;
        }
        let with = at.get("with");
        let found = self.problems.0.len();
        if !with.is_null() {
            self.template(&with)?;
        }
        let within = at.get("within");
        let within_ms = self.problems.duration(&within);
        self.some_time(within_ms, &within);
        if at.get("within").is_null() {
            let hint = "within: 2h";
            self.problems.error(&at.get("within"), "no_limit", "it could wait for ever", hint);
        }
        if self.problems.0.len() > found {
            return None;
        }
        // Expressions know no dashes in names.
        let name = id.replace('-', "_");
        let input = if with.is_null() { json!({}) } else { with.value.clone() };
        let steps = spelled_out(&name, &flow, &input, at.get("within").value);
        let steps = self.block(&at.holding(&steps), depth + 1);
        let output = json!(format!("${{{name}_run.output}}"));
        let output = self.template(&at.holding(&output))?;
        Some(SubRun { flow, with: input, steps, output })
    }

    /// A step that tells other flows that something happened.
    pub(super) fn emit(&mut self, at: &At) -> Option<Kind> {
        if !self.problems.only(at, &["event", "key", "with"]) {
            return None;
        }
        let mut arguments = json!({
            "event": at.get("event").value, "key": at.get("key").value,
        });
        if let (true, Some(arguments)) = (at.has("with"), arguments.as_object_mut()) {
            arguments.insert("payload".to_owned(), at.get("with").value.clone());
        }
        let operation = json!("tutti.event.emit");
        let found = self.problems.0.len();
        let call = self.call(&at.holding(&operation), &at.holding(&arguments));
        // What the operation calls its payload stands here under `with`.
        let (payload, with) = (at.get("payload").pointer.text(), at.get("with").pointer.text());
        for problem in self.problems.0.iter_mut().skip(found) {
            if let Some(below) = problem.at.strip_prefix(&payload) {
                problem.at = format!("{with}{below}");
                problem.message = problem.message.replace("`payload`", "`with`");
            }
        }
        call.map(Kind::Call)
    }
}

/// The steps that running another flow comes to.
fn spelled_out(name: &str, flow: &str, input: &Value, within: &Value) -> Value {
    let start = format!("{name}_start");
    let look = format!("{name}_run");
    let run = format!("${{{start}.run}}");
    json!([
        {"id": start, "title": format!("Start {flow}"), "done": format!("Started {flow}"),
         "call": "tutti.run.start", "with": {"flow": flow, "input": input, "depth": "${run.depth}"}},
        {"id": format!("{name}_end"), "title": format!("Wait for {flow}"),
         "done": format!("{flow} came to its end"), "listen": {
            "to": [{"event": "tutti.run", "key": run}],
            "read": {&look: {"use": "tutti.run.get", "with": {"run": run}}},
            "until": format!("{look}.over"), "poll": LOOK, "within": within,
            // Whether it was done in time is looked at next.
            "else": []}},
        {"id": format!("{name}_check"), "title": format!("Whether {flow} did it"), "switch": [
            {"when": format!("{look}.done"), "do": []},
            {"default": true, "do": [
                {"id": format!("{name}_failed"), "title": format!("{flow} did not do it"),
                 "raise": {"error": "sub_flow_failed", "message": format!("${{{look}.reason}}")}}]},
            {"unknown": true, "do": [
                {"id": format!("{name}_unknown"), "title": format!("{flow} may not have done it"),
                 "raise": {"error": "sub_flow_failed",
                    "message": format!("what became of {flow} could not be read")}}]}]},
    ])
}
