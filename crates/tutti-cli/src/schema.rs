//! `tutti schema`: the JSON Schemas of stories and flows, for editors that complete and check.

use std::process::ExitCode;

use clap::ValueEnum;
use serde_json::{Value, json};
use tutti_core::operation::{Catalogue, Input, InputKind};

use crate::told;

/// The schema of flows, kept as a file so that editors can be pointed at it.
const FLOW: &str = include_str!("../../../docs/schema/flow.json");

/// Prints a JSON Schema.
#[derive(clap::Args)]
pub struct Schema {
    /// Of what
    of: Kind,
    /// It is JSON in any case
    #[arg(long, hide = true)]
    json: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// Flows, with the operations there are and their arguments
    Flow,
    /// Stories
    Story,
}

impl Schema {
    /// Prints it.
    pub fn run(&self) -> ExitCode {
        let schema = match self.of {
            Kind::Flow => flow(),
            Kind::Story => tutti_sim::story::schema(),
        };
        told::json(&schema);
        told::ended(!schema.is_null())
    }
}

/// The schema of flows, with the operations of this release.
fn flow() -> Value {
    let mut schema: Value = serde_json::from_str(FLOW).unwrap_or_default();
    let choices: Vec<Value> =
        operations().map(|(id, about, _)| json!({"const": id, "description": about})).collect();
    if let Some(operation) = schema.pointer_mut("/$defs/operation") {
        *operation = json!({"description": operation.get("description"), "oneOf": choices});
    }
    for (place, key) in [("/$defs/step", "call"), ("/$defs/gather", "use")] {
        let arguments = operations().map(|(id, _, arguments)| {
            json!({
                "if": {"properties": {key: {"const": id}}, "required": [key]},
                "then": {"properties": {"with": arguments}},
            })
        });
        let arguments: Vec<Value> = arguments.collect();
        if let Some(members) = schema.pointer_mut(place).and_then(Value::as_object_mut) {
            members.insert("allOf".to_owned(), arguments.into());
        }
    }
    schema
}

/// Each operation with what it does and the schema of its arguments.
fn operations() -> impl Iterator<Item = (&'static str, &'static str, Value)> {
    let catalogue = tutti_connect::catalogue();
    catalogue.ids().into_iter().filter_map(|id| {
        let operation = catalogue.operation(id)?;
        let input = operation.input.iter();
        let required: Vec<&String> =
            input.clone().filter(|(_, input)| input.required).map(|(name, _)| name).collect();
        let properties = input.map(|(name, input)| (name.clone(), argument(input)));
        let properties: serde_json::Map<String, Value> = properties.collect();
        let arguments = json!({
            "type": "object", "properties": properties, "required": required,
            "additionalProperties": false,
        });
        Some((operation.id.as_str(), operation.summary.as_str(), arguments))
    })
}

/// An argument: of its type, or a text with an expression in it.
fn argument(input: &Input) -> Value {
    let kinds = match input.kind {
        InputKind::Text | InputKind::LongText => vec!["string", "number"],
        InputKind::Integer => vec!["integer", "string"],
        InputKind::Number => vec!["number", "string"],
        InputKind::Boolean => vec!["boolean", "string"],
        InputKind::List => vec!["array", "string"],
        InputKind::Object => vec!["object", "string"],
        InputKind::Calendar => return json!({"$ref": "#/$defs/calendar"}),
        InputKind::WorkingTime => vec!["string"],
        InputKind::Any => return json!({"description": input.about}),
    };
    json!({"description": input.about, "type": kinds})
}

#[cfg(test)]
mod tests {
    use expect_test::expect_file;

    use super::*;

    #[test]
    fn the_schema_of_stories_in_the_docs_is_the_one_of_the_types() {
        let schema = format!("{:#}\n", tutti_sim::story::schema());
        expect_file!["../../../docs/schema/story.json"].assert_eq(&schema);
    }

    #[test]
    fn every_key_says_what_it_is() {
        let flow: Value = serde_json::from_str(FLOW).unwrap();
        let mut silent = Vec::new();
        for (name, schema) in [("flow", flow), ("story", tutti_sim::story::schema())] {
            keys(&schema, name, &mut silent);
        }
        assert_eq!(silent, [""; 0]);
    }

    /// Collects the keys that say nothing about themselves and refer to nothing that does.
    fn keys(schema: &Value, at: &str, silent: &mut Vec<String>) {
        if let Some(items) = schema.as_array() {
            return items.iter().for_each(|item| keys(item, at, silent));
        }
        for (key, inner) in schema.as_object().into_iter().flatten() {
            let names = if key == "properties" { inner.as_object() } else { None };
            for (name, key) in names.into_iter().flatten() {
                let told = key["description"].as_str().is_some_and(|told| !told.is_empty());
                if !told && key.get("$ref").is_none() && schema["description"].is_null() {
                    silent.push(format!("{at}/{name}"));
                }
            }
            keys(inner, &format!("{at}/{key}"), silent);
        }
    }

    #[test]
    fn operations_are_choices_with_their_arguments() {
        let flow = flow();
        let choices = flow["$defs"]["operation"]["oneOf"].as_array().unwrap();
        let post = choices.iter().find(|choice| choice["const"] == "slack.message.post").unwrap();
        assert_eq!(post["description"], "Post a message to a channel");
        let arguments = flow["$defs"]["step"]["allOf"].as_array().unwrap();
        let of_post = |it: &&Value| it["if"]["properties"]["call"]["const"] == "slack.message.post";
        let with = &arguments.iter().find(of_post).unwrap()["then"]["properties"]["with"];
        assert_eq!(with["required"], json!(["channel", "text"]));
    }
}
