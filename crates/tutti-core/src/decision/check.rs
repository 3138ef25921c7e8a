//! The checks an answer must survive: it is JSON, of the asked shape, and its quotes are real.

use serde_json::{Map, Value};

use super::Shown;
use crate::schema::Schema;
use crate::view::Evidence;

/// The fewest characters of a quote that proves anything.
const QUOTE_CHARS_MIN: usize = 6;

/// An answer that survived all checks, its common parts taken apart from the flow's own fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The flow's own fields.
    pub fields: Map<String, Value>,
    /// Quotes that are in the facts.
    pub evidence: Vec<Evidence>,
    /// Per cent, in the model's own estimate.
    pub confidence: Option<u8>,
    /// Why.
    pub reasons: String,
    /// What else was considered.
    pub alternatives: Vec<String>,
}

/// Checks the text of an answer.
///
/// # Errors
/// Everything that is wrong with it, each in a sentence a model can act on.
pub fn check(text: &str, schema: &Value, shown: &[Shown]) -> Result<Checked, Vec<String>> {
    let value = parse(text)?;
    let schema = Schema::parse(schema)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let (value, mut faults) = match schema.accept(value.clone()) {
        Ok(value) => (value, Vec::new()),
        Err(faults) => (value, faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>()),
    };
    let mut evidence = Vec::new();
    for item in value.get("evidence").and_then(Value::as_array).into_iter().flatten() {
        let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let (source, quote) = (text("sourceId"), text("quote"));
        let again =
            |known: &Evidence| known.fact == source && squeezed(&known.quote) == squeezed(quote);
        if evidence.iter().any(again) {
            faults.push(format!("the quote `{quote}` is given twice; give another one"));
            continue;
        }
        match shown.iter().find(|fact| fact.id == source) {
            Some(fact) if is_quoted(quote, fact) => evidence.push(Evidence {
                fact: fact.id.clone(),
                source: fact.source.clone(),
                system: fact.source.split(' ').next().unwrap_or_default().to_lowercase(),
                quote: quote.to_owned(),
            }),
            Some(_) => faults.push(format!("the quote `{quote}` is not in the fact `{source}`")),
            None => faults.push(format!("there is no fact `{source}`")),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    let Value::Object(mut fields) = value else { return Err(vec!["not an object".to_owned()]) };
    fields.remove("evidence");
    let confidence = fields.remove("confidence").and_then(|value| value.as_u64());
    let reasons = fields.remove("reasons");
    let alternatives = fields.remove("alternatives");
    let texts = |value: Value| value.as_str().map(str::to_owned);
    Ok(Checked {
        fields,
        evidence,
        confidence: confidence.and_then(|value| u8::try_from(value).ok()),
        reasons: reasons.and_then(texts).unwrap_or_default(),
        alternatives: match alternatives {
            Some(Value::Array(items)) => items.into_iter().filter_map(texts).collect(),
            _ => Vec::new(),
        },
    })
}

/// Reads the one object an answer holds, with or without a code fence around it.
fn parse(text: &str) -> Result<Value, Vec<String>> {
    let text = text.trim();
    let inner = text.strip_prefix("```").and_then(|rest| rest.strip_suffix("```"));
    let inner = inner.map_or(text, |inner| inner.trim_start_matches("json").trim());
    match serde_json::from_str(inner) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(vec!["the answer is not one JSON object".to_owned()]),
        Err(error) => Err(vec![format!("the answer is not JSON: {error}")]),
    }
}

/// Whether the words stand in the fact as it was shown; line breaks and runs of blanks are alike.
fn is_quoted(quote: &str, fact: &Shown) -> bool {
    let quote = squeezed(quote);
    quote.chars().count() >= QUOTE_CHARS_MIN
        && (squeezed(&fact.text).contains(&quote)
            || fact.leaves.iter().any(|leaf| squeezed(leaf).contains(&quote)))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown() -> Vec<Shown> {
        let text = "{\n  \"subject\": \"Checkout returns 502\",\n  \"tier\": \"Enterprise\"\n}";
        vec![Shown {
            id: "case".into(),
            source: "Salesforce case 5".into(),
            text: text.into(),
            leaves: vec!["Checkout returns 502".into(), "line one\nline two".into()],
        }]
    }

    fn run(answer: Value) -> Result<Vec<String>, Vec<String>> {
        let schema = json!({"type": "object"});
        check(&answer.to_string(), &schema, &shown())
            .map(|checked| checked.evidence.into_iter().map(|e| e.quote).collect())
    }

    fn quoting(quote: &str) -> Value {
        json!({"evidence": [{"sourceId": "case", "quote": quote}]})
    }

    #[test]
    fn quotes_must_be_in_the_fact() {
        assert!(run(quoting("Checkout returns 502")).is_ok());
        assert!(run(quoting("\"tier\": \"Enterprise\"")).is_ok());
        assert!(run(quoting("line one line two")).is_ok());
        assert!(run(quoting("Checkout returns 503")).is_err());
        assert!(run(quoting("502")).is_err(), "too short to prove anything");
        let one = json!({"sourceId": "case", "quote": "Checkout returns 502"});
        assert!(run(json!({"evidence": [one, one]})).is_err(), "once is not twice");
        assert!(run(json!({"evidence": [{"sourceId": "no", "quote": "Checkout"}]})).is_err());
    }

    #[test]
    fn a_code_fence_is_no_fault_and_prose_is() {
        assert!(check("```json\n{\"a\": 1}\n```", &json!({}), &[]).is_ok());
        assert!(check("Sure! {\"a\": 1}", &json!({}), &[]).is_err());
        assert!(check("[1]", &json!({}), &[]).is_err());
    }
}
