//! The shape of a decision's answer, as a flow declares it and as a model is shown it.

use serde_json::{Value, json};

use super::reader::{At, Problems};
use crate::expr::Expression;

/// One field of an answer.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it may hold.
    pub shape: Shape,
    /// Whether it may be left out.
    pub optional: bool,
    /// One phrase for the model.
    pub about: String,
}

/// What a field may hold. Choices are endorsed once they pass the checks; free text never is.
#[derive(Debug, Clone)]
pub enum Shape {
    /// One of these words, strongest first.
    OneOf(Vec<String>),
    /// One of the values this expression lists from facts.
    OneOfFact(Expression),
    /// Free text of at most so many characters.
    Text(usize),
    /// Yes or no.
    Flag,
    /// A number.
    Number,
    /// A list.
    ListOf(Box<Shape>),
    /// An object.
    Object(Vec<Field>),
}

const KINDS: [&str; 7] = ["one_of", "one_of_fact", "text", "flag", "number", "list_of", "object"];

/// Names the model's answer always has besides the flow's own.
const RESERVED: [&str; 4] = ["evidence", "confidence", "reasons", "alternatives"];

impl Shape {
    /// Whether a checked value of this shape is a choice among what the flow lists, and not free:
    /// a number can say which merge request is meant just as well as a word can.
    pub fn is_choice(&self) -> bool {
        match self {
            Self::OneOf(_) | Self::OneOfFact(_) | Self::Flag => true,
            Self::Text(_) | Self::Number | Self::Object(_) => false,
            Self::ListOf(inner) => inner.is_choice(),
        }
    }

    /// The JSON Schema of this shape; `options` lists what a fact-bound choice may be now.
    pub fn schema(&self, options: &dyn Fn(&Expression) -> Vec<Value>) -> Value {
        match self {
            Self::OneOf(words) => json!({"type": "string", "enum": words}),
            Self::OneOfFact(source) => json!({"enum": options(source)}),
            Self::Text(max) => json!({"type": "string", "maxLength": max}),
            Self::Flag => json!({"type": "boolean"}),
            Self::Number => json!({"type": "number"}),
            Self::ListOf(inner) => {
                json!({"type": "array", "maxItems": 50, "items": inner.schema(options)})
            }
            Self::Object(fields) => object_schema(fields, options),
        }
    }
}

/// The JSON Schema of an object with these fields.
pub fn object_schema(fields: &[Field], options: &dyn Fn(&Expression) -> Vec<Value>) -> Value {
    let mut properties = serde_json::Map::new();
    let mut required = Vec::new();
    for field in fields {
        let mut schema = field.shape.schema(options);
        if let (false, Some(schema)) = (field.about.is_empty(), schema.as_object_mut()) {
            schema.insert("description".to_owned(), Value::String(field.about.clone()));
        }
        // A choice without options cannot be made; leaving it out is then the only honest answer.
        let impossible = schema.get("enum") == Some(&json!([]));
        if !impossible {
            properties.insert(field.name.clone(), schema);
        }
        if !field.optional {
            required.push(field.name.clone());
        }
    }
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

/// Reads the `answer` of a decision.
pub(super) fn read_fields(at: &At, problems: &mut Problems, top: bool) -> Vec<Field> {
    if !at.value.is_object() {
        let hint = "for example `severity: { one_of: [S1, S2, S3] }`";
        problems.error(at, "wrong_type", "the fields of the answer are needed here", hint);
        return Vec::new();
    }
    let mut fields = Vec::new();
    for (name, at) in at.members() {
        if top && RESERVED.contains(&name) {
            let message = format!("`{name}` is a field of every answer already");
            problems.error(&at, "reserved_name", message, "choose another name");
        }
        if let Some(field) = read_field(name, &at, problems) {
            fields.push(field);
        }
    }
    fields
}

fn read_field(name: &str, at: &At, problems: &mut Problems) -> Option<Field> {
    let known: Vec<&str> = KINDS.iter().copied().chain(["optional", "about"]).collect();
    if !problems.only(at, &known) {
        return None;
    }
    let about = problems.word(&at.get("about")).unwrap_or_default();
    let optional = problems.flag(&at.get("optional"));
    let shape = read_shape(at, problems)?;
    Some(Field { name: name.to_owned(), shape, optional, about })
}

fn read_shape(at: &At, problems: &mut Problems) -> Option<Shape> {
    let message = "it is not said what this field may hold";
    let kind = problems.one_of(at, &KINDS, "no_shape", message)?;
    let value = at.get(kind);
    match kind {
        "one_of" => {
            let words = problems.texts(&value);
            if words.len() < 2 {
                problems.error(&value, "too_few", "a choice needs at least two words", "add one");
            }
            Some(Shape::OneOf(words))
        }
        "one_of_fact" => problems.expression(&value).map(Shape::OneOfFact),
        "text" => {
            let max = problems.number(&value).map_or(2_000, |max| max as usize);
            Some(Shape::Text(max.clamp(1, 20_000)))
        }
        "flag" => Some(Shape::Flag),
        "number" => Some(Shape::Number),
        "list_of" => read_shape(&value, problems).map(|inner| Shape::ListOf(Box::new(inner))),
        _ => Some(Shape::Object(read_fields(&value, problems, false))),
    }
}
