//! A template: JSON with `${path}` look-ups and named forms, and nothing more: no conditions, no
//! loops, no functions. What needs more is a form in Rust or a composite of operations.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use tutti_core::failure::Failure;

use crate::form::Form;
use crate::path::Path;
use crate::scope::Scope;

/// JSON to be filled in.
#[derive(Debug, Clone, PartialEq)]
pub enum Template {
    /// A value as it stands.
    Literal(Value),
    /// Exactly one reference: keeps the type of what it finds.
    Reference(Path),
    /// Text with references inside.
    Text(Text),
    /// A list; absent items are left out.
    List(Vec<Template>),
    /// An object; absent members are left out.
    Object(BTreeMap<String, Template>),
    /// A named form.
    Form(Box<Form>),
}

impl Template {
    /// Fills the template in; nothing if it is an absent value as a whole.
    pub fn fill(&self, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
        match self {
            Self::Literal(value) => Ok(Some(value.clone())),
            Self::Reference(path) => Ok(scope.whole(path)?.cloned()),
            Self::Text(text) => Ok(text.fill(scope)?.map(Value::String)),
            Self::List(items) => {
                let filled = items.iter().filter_map(|item| item.fill(scope).transpose());
                Ok(Some(Value::Array(filled.collect::<Result<_, _>>()?)))
            }
            Self::Object(members) => {
                let mut object = Map::new();
                for (name, member) in members {
                    if let Some(value) = member.fill(scope)? {
                        object.insert(name.clone(), value);
                    }
                }
                Ok(Some(Value::Object(object)))
            }
            Self::Form(form) => form.fill(scope),
        }
    }

    /// Every reference, those to a form's own names aside.
    pub fn references(&self) -> Vec<&Path> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Reference(path) => vec![path],
            Self::Text(text) => text.references(),
            Self::List(items) => items.iter().flat_map(Self::references).collect(),
            Self::Object(members) => members.values().flat_map(Self::references).collect(),
            Self::Form(form) => form.references(),
        }
    }
}

/// Text with references inside.
#[derive(Debug, Clone, PartialEq)]
pub struct Text(Vec<Part>);

#[derive(Debug, Clone, PartialEq)]
enum Part {
    Literal(String),
    Reference(Path),
}

impl Text {
    /// Fills the text in; nothing if a reference in it may be absent and is.
    pub fn fill(&self, scope: &Scope<'_>) -> Result<Option<String>, Failure> {
        self.fill_with(scope, str::to_owned)
    }

    /// Fills the text in, each found part encoded for the place where it goes.
    pub fn fill_with(
        &self,
        scope: &Scope<'_>,
        encode: impl Fn(&str) -> String,
    ) -> Result<Option<String>, Failure> {
        let mut filled = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(text) => filled.push_str(text),
                Part::Reference(path) => match scope.part(path)? {
                    Some(found) => filled.push_str(&encode(&found)),
                    None => return Ok(None),
                },
            }
        }
        Ok(Some(filled))
    }

    /// Every reference in it.
    pub fn references(&self) -> Vec<&Path> {
        let reference = |part| match part {
            &Part::Literal(_) => None,
            Part::Reference(path) => Some(path),
        };
        self.0.iter().filter_map(reference).collect()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (path, tail) = after.split_once('}').ok_or("`${` without its `}`")?;
            if !before.is_empty() {
                parts.push(Part::Literal(before.to_owned()));
            }
            parts.push(Part::Reference(path.parse().map_err(|error| format!("{error}"))?));
            rest = tail;
        }
        if !rest.is_empty() {
            parts.push(Part::Literal(rest.to_owned()));
        }
        Ok(Self(parts))
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TemplateVisitor)
    }
}

struct TemplateVisitor;

impl<'de> Visitor<'de> for TemplateVisitor {
    type Value = Template;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value, a text with `${path}` references, or a form")
    }

    fn visit_unit<E>(self) -> Result<Template, E> {
        Ok(Template::Literal(Value::Null))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Template, E> {
        Ok(Template::Literal(flag.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Template, E> {
        Ok(Template::Literal(number.into()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Template, E> {
        Ok(Template::Literal(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Template, E> {
        Ok(Template::Literal(number.into()))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Template, E> {
        let Text(mut parts) = Text::parse(text).map_err(E::custom)?;
        match (parts.pop(), parts.is_empty()) {
            (None, _) => Ok(Template::Literal("".into())),
            (Some(Part::Literal(text)), true) => Ok(Template::Literal(text.into())),
            (Some(Part::Reference(path)), true) => Ok(Template::Reference(path)),
            (Some(last), false) => {
                parts.push(last);
                Ok(Template::Text(Text(parts)))
            }
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Template, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Template::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Template, A::Error> {
        let mut members = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name.starts_with('$') && members.is_empty() {
                let form = Form::read(&name, &mut map)?;
                return match map.next_key::<String>()? {
                    None => Ok(Template::Form(Box::new(form))),
                    Some(other) => {
                        Err(de::Error::custom(format!("`{name}` stands alone, without `{other}`")))
                    }
                };
            }
            members.insert(name, map.next_value()?);
        }
        Ok(Template::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tutti_core::operation::Input;

    use super::*;
    use crate::scope::Absence;

    fn fill(template: Value, input: Value) -> Result<Option<Value>, String> {
        let template: Template = serde_json::from_value(template).unwrap();
        let inputs: BTreeMap<String, Input> = serde_json::from_value(json!({
            "must": { "type": "any", "required": true }, "may": { "type": "any" },
        }))
        .unwrap();
        let scope = Scope::new(Absence::Request(&inputs), vec![("input", &input)]);
        template.fill(&scope).map_err(|failure| failure.to_string())
    }

    #[test]
    fn one_reference_keeps_its_type_and_text_becomes_text() {
        let input = json!({ "must": 7, "may": null });
        assert_eq!(fill(json!("${input.must}"), input.clone()), Ok(Some(json!(7))));
        assert_eq!(fill(json!("n=${input.must}!"), input.clone()), Ok(Some(json!("n=7!"))));
        assert_eq!(fill(json!(["${input.may}"]), input), Ok(Some(json!([null]))));
    }

    #[test]
    fn only_an_optional_argument_may_be_absent() {
        let template = json!({ "a": "${input.may}", "b": [1, "${input.may}"] });
        assert_eq!(fill(template, json!({})), Ok(Some(json!({ "b": [1] }))));
        let missing = |path: &str| Err(format!("`{path}` is missing"));
        assert_eq!(fill(json!("${input.must}"), json!({})), missing("input.must"));
        assert_eq!(fill(json!("is ${input.may}"), json!({})), missing("input.may"));
        assert_eq!(fill(json!("${before.x}"), json!({})), missing("before.x"));
    }

    #[test]
    fn mistakes_are_told() {
        let told = |template: Value| serde_json::from_value::<Template>(template).unwrap_err();
        let wrong = told(json!("${input.a")).to_string();
        assert!(wrong.starts_with("`${` without its `}`"), "{wrong}");
        let wrong = told(json!({ "$add": 1 })).to_string();
        assert!(wrong.contains("unknown form `$add`, expected one of `$adf`"), "{wrong}");
        let wrong = told(json!({ "$adf": "x", "y": 1 })).to_string();
        assert!(wrong.contains("`$adf` stands alone, without `y`"), "{wrong}");
    }
}
