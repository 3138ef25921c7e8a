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
        println!("{schema:#}");
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
        let mut silent = Vec::new();
        for (name, schema) in [("flow", flow()), ("story", tutti_sim::story::schema())] {
            keys(&schema, name, &mut silent);
        }
        assert_eq!(silent, [""; 0]);
    }

    /// Collects the keys of objects that have no description, neither here nor where they refer to.
    fn keys(schema: &Value, at: &str, silent: &mut Vec<String>) {
        let Some(members) = schema.as_object() else { return };
        for (key, inner) in members {
            if key == "properties" {
                for (name, property) in inner.as_object().unwrap() {
                    let told = property
                        .get("description")
                        .is_some_and(|text| !text.as_str().unwrap().is_empty())
                        || property.get("$ref").is_some()
                        || property.get("const").is_some()
                        || at.contains("/if");
                    if !told {
                        silent.push(format!("{at}/{name}"));
                    }
                    keys(property, &format!("{at}/{name}"), silent);
                }
            } else if let Some(list) = inner.as_array() {
                list.iter().for_each(|one| keys(one, &format!("{at}/{key}"), silent));
            } else {
                keys(inner, &format!("{at}/{key}"), silent);
            }
        }
    }
}
