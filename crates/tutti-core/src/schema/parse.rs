//! Reading a schema: every keyword is understood, an annotation, or a problem.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{Kind, Rule, Schema, reference};
use crate::pointer::escaped;
use crate::problem::Problem;

/// How deep a schema may nest.
const DEPTH: usize = 64;
/// How many schemas there may be in one.
const PARTS: usize = 5_000;

/// Keywords that assert nothing. `format` and `content*` are among them in draft 2020-12.
const ANNOTATIONS: [&str; 14] = [
    "$schema",
    "$comment",
    "title",
    "description",
    "default",
    "examples",
    "deprecated",
    "readOnly",
    "writeOnly",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "$defs",
];

/// Reads a schema, or tells everything that is wrong with it.
pub fn parse(schema: &Value) -> Result<Schema, Vec<Problem>> {
    let mut reader = Reader {
        schema: Schema { parts: Vec::new(), places: BTreeMap::new() },
        problems: Vec::new(),
        too_large: false,
        references: BTreeMap::new(),
    };
    reader.part(schema, String::new(), DEPTH);
    reader.problems.extend(reference::astray(&reader.schema, &reader.references));
    if reader.problems.is_empty() { Ok(reader.schema) } else { Err(reader.problems) }
}

struct Reader {
    schema: Schema,
    problems: Vec<Problem>,
    too_large: bool,
    /// The places that hold a `$ref`, by part.
    references: BTreeMap<usize, String>,
}

impl Reader {
    /// Reads the schema at `at` and gives its index. It is entered before the schemas within it.
    fn part(&mut self, schema: &Value, at: String, depth: usize) -> usize {
        let index = self.schema.parts.len();
        self.schema.parts.push(Vec::new());
        self.schema.places.insert(at.clone(), index);
        if depth == 0 || index >= PARTS {
            if !self.too_large {
                let message = format!("a schema of more than {DEPTH} levels or {PARTS} parts");
                self.problems.push(Problem::error("schema_too_large", at, message));
            }
            self.too_large = true;
            return index;
        }
        let rules = match schema {
            Value::Bool(true) => Vec::new(),
            Value::Bool(false) => vec![Rule::Never],
            Value::Object(keywords) => self.rules(keywords, index, &at, depth - 1),
            _ => self.wrong(&at, "a schema is an object, `true` or `false`").unwrap_or_default(),
        };
        if let Some(part) = self.schema.parts.get_mut(index) {
            *part = rules;
        }
        index
    }

    fn rules(
        &mut self,
        keywords: &Map<String, Value>,
        index: usize,
        at: &str,
        depth: usize,
    ) -> Vec<Rule> {
        for pool in ["$defs", "definitions"] {
            if let Some(definitions) = keywords.get(pool) {
                self.named(definitions, &step(at, pool), depth);
            }
        }
        let mut rules = Vec::new();
        for (keyword, value) in keywords {
            let place = step(at, keyword);
            if keyword == "$ref" {
                self.references.insert(index, place.clone());
            }
            rules.extend(self.rule(keywords, keyword, value, place, depth));
        }
        rules
    }

    /// The rule a keyword stands for. Keywords that work together are read at the first of them.
    fn rule(
        &mut self,
        all: &Map<String, Value>,
        keyword: &str,
        value: &Value,
        at: String,
        depth: usize,
    ) -> Option<Rule> {
        let text = "it must be a string";
        match keyword {
            "$ref" => match value.as_str() {
                Some(target) => self.reference(target, &at),
                None => self.wrong(&at, text),
            },
            "type" => self.kinds(value, &at).map(Rule::Type),
            "enum" => match value.as_array() {
                Some(values) => Some(Rule::Enum(values.clone())),
                None => self.wrong(&at, "it must be a list of values"),
            },
            "const" => Some(Rule::Const(value.clone())),
            "required" => self.names(value, &at).map(Rule::Required),
            "properties" => {
                let known = self.named(value, &at, depth);
                let others = all.get("additionalProperties");
                let others =
                    others.map(|more| self.part(more, beside(&at, "additionalProperties"), depth));
                Some(Rule::Members { known, others })
            }
            "additionalProperties" if all.contains_key("properties") => None,
            "additionalProperties" => {
                let others = Some(self.part(value, at, depth));
                Some(Rule::Members { known: BTreeMap::new(), others })
            }
            "prefixItems" => {
                let first = self.listed(value, &at, depth);
                let rest = all.get("items");
                let rest = rest.map(|rest| self.part(rest, beside(&at, "items"), depth));
                Some(Rule::Items { first, rest })
            }
            "items" if all.contains_key("prefixItems") => None,
            "items" => {
                Some(Rule::Items { first: Vec::new(), rest: Some(self.part(value, at, depth)) })
            }
            "uniqueItems" => match value.as_bool() {
                Some(unique) => unique.then_some(Rule::UniqueItems),
                None => self.wrong(&at, "it must be `true` or `false`"),
            },
            "anyOf" => Some(Rule::AnyOf(self.listed(value, &at, depth))),
            "oneOf" => Some(Rule::OneOf(self.listed(value, &at, depth))),
            "allOf" => Some(Rule::AllOf(self.listed(value, &at, depth))),
            "not" => Some(Rule::Not(self.part(value, at, depth))),
            "$id" if at == "/$id" => None,
            "definitions" => None,
            known if ANNOTATIONS.contains(&known) || known.starts_with("x-") => None,
            other => self.numeric(other, value, at),
        }
    }

    /// The keywords whose value is a number, and what is none of ours.
    fn numeric(&mut self, keyword: &str, value: &Value, at: String) -> Option<Rule> {
        const SIZES: [&str; 6] =
            ["minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"];
        const BOUNDS: [&str; 4] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];
        if let Some(keyword) = SIZES.into_iter().find(|name| *name == keyword) {
            return match size(value) {
                Some(limit) => Some(Rule::Size { keyword, limit }),
                None => self.wrong(&at, "it must be a whole number from 0"),
            };
        }
        if let Some(keyword) = BOUNDS.into_iter().find(|name| *name == keyword) {
            return match value.as_number() {
                Some(limit) => Some(Rule::Bound { keyword, limit: limit.clone() }),
                None => self.wrong(&at, "it must be a number"),
            };
        }
        if keyword == "multipleOf" {
            return match value.as_number().filter(|number| number.as_f64() > Some(0.0)) {
                Some(number) => Some(Rule::MultipleOf(number.clone())),
                None => self.wrong(&at, "it must be a number over 0"),
            };
        }
        let message = format!("the keyword `{keyword}` is not supported here");
        let hint = "Leave it out, or say it in `description`: what is not checked must not look as \
                    if it were.";
        self.problems.push(Problem::error("unsupported_keyword", at, message).hint(hint));
        None
    }

    fn kinds(&mut self, value: &Value, at: &str) -> Option<Vec<Kind>> {
        let words: Option<Vec<&str>> = match value {
            Value::String(word) => Some(vec![word]),
            Value::Array(words) => words.iter().map(Value::as_str).collect(),
            _ => None,
        };
        let kinds = words.and_then(|words| words.into_iter().map(Kind::of).collect());
        let names = Kind::ALL.map(|(name, ..)| name).join(", ");
        kinds.or_else(|| self.wrong(at, &format!("it must be one or a list of {names}")))
    }

    fn names(&mut self, value: &Value, at: &str) -> Option<Vec<String>> {
        let names = value.as_array().map(|names| names.iter().map(Value::as_str));
        let names = names.and_then(|names| names.map(|name| name.map(str::to_owned)).collect());
        names.or_else(|| self.wrong(at, "it must be a list of names"))
    }

    fn named(&mut self, value: &Value, at: &str, depth: usize) -> BTreeMap<String, usize> {
        let Some(schemas) = value.as_object() else {
            return self.wrong(at, "it must be an object of schemas").unwrap_or_default();
        };
        let read = |(name, schema): (&String, &Value)| {
            (name.clone(), self.part(schema, step(at, name), depth))
        };
        schemas.iter().map(read).collect()
    }

    fn listed(&mut self, value: &Value, at: &str, depth: usize) -> Vec<usize> {
        let Some(schemas) = value.as_array().filter(|schemas| !schemas.is_empty()) else {
            return self.wrong(at, "it must be a list of schemas").unwrap_or_default();
        };
        let read = |(place, schema)| self.part(schema, format!("{at}/{place}"), depth);
        schemas.iter().enumerate().map(read).collect()
    }

    fn reference(&mut self, target: &str, at: &str) -> Option<Rule> {
        match reference::pointer(target) {
            Some(pointer) => Some(Rule::Reference(pointer)),
            None => {
                let message = format!("`{target}` does not point into this schema");
                let problem = Problem::error("unknown_reference", at, message);
                self.problems.push(problem.hint("Write it like `#/$defs/name`."));
                None
            }
        }
    }

    fn wrong<T>(&mut self, at: &str, message: &str) -> Option<T> {
        self.problems.push(Problem::error("invalid_schema", at, message));
        None
    }
}

/// A size; `2.0` is one too.
fn size(value: &Value) -> Option<u64> {
    let whole = || value.as_f64().filter(|size| *size >= 0.0 && size.fract() == 0.0);
    value.as_u64().or_else(|| whole().map(|size| size as u64))
}

/// The pointer one step below.
pub fn step(at: &str, name: &str) -> String {
    format!("{at}/{}", escaped(name))
}

/// The pointer of another keyword of the same schema.
fn beside(at: &str, keyword: &str) -> String {
    step(at.rsplit_once('/').map_or("", |(parent, _)| parent), keyword)
}
