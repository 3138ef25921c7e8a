//! The checks an answer must survive: it is JSON, of the asked shape, and its quotes are real.

use serde_json::{Map, Value};

use super::Shown;
use super::quote::Quotes;
use crate::schema::Schema;
use crate::strict::Strict;
use crate::view::Evidence;

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
pub fn check(text: &str, asked: &Value, shown: &[Shown]) -> Result<Checked, Vec<String>> {
    let value = parse(text)?;
    let schema = Schema::parse(asked)
        .map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    let (value, mut faults) = match schema.accept(value.clone()) {
        Ok(value) => (value, Vec::new()),
        Err(faults) => (value, faults.into_iter().map(|fault| fault.message).collect::<Vec<_>>()),
    };
    let mut quotes = Quotes::default();
    for item in value.get("evidence").and_then(Value::as_array).into_iter().flatten() {
        let text = |name| item.get(name).and_then(Value::as_str).unwrap_or_default();
        let (source, quote) = (text("sourceId"), text("quote"));
        match shown.iter().find(|fact| fact.id == source) {
            Some(fact) => faults.extend(quotes.add(quote, fact)),
            None => faults.push(format!("there is no fact `{source}`")),
        }
    }
    let needed = asked.pointer("/properties/evidence/minItems").and_then(Value::as_u64);
    // A rule of the flow's own gives none.
    let needed = needed.filter(|_| value.get("evidence").is_some()).unwrap_or_default();
    faults.extend(quotes.too_few(needed));
    let evidence = quotes.evidence;
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
        Ok(Strict(value @ Value::Object(_))) => Ok(value),
        Ok(_) => Err(vec!["the answer is not one JSON object".to_owned()]),
        Err(error) if error.is_data() => Err(vec![format!("the answer says two things: {error}")]),
        Err(error) => Err(vec![format!("the answer is not JSON: {error}")]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::decision::show;
    use crate::fact::Fact;

    fn shown() -> Vec<Shown> {
        let value = json!({
            "subject": "Checkout returns 502", "lines": "line one\nline \"two\"", "count": 1234567,
            "place": {"description": "Nobody can pay"}, "email": "[masked]",
        });
        vec![show(&Fact::observed("case", "Salesforce case 5", 0, value))]
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
        assert!(run(quoting("line one line \"two\"")).is_ok());
        assert!(run(quoting("line one\\nline \\\"two\\\"")).is_ok(), "as it stands in JSON");
        assert!(run(quoting("1234567")).is_ok());
        assert!(run(quoting("Checkout returns 503")).is_err());
        assert!(run(quoting("502")).is_err(), "too short to prove anything");
        assert!(run(json!({"evidence": [{"sourceId": "no", "quote": "Checkout"}]})).is_err());
    }

    #[test]
    fn what_nobody_said_is_no_quote() {
        assert!(run(quoting("description")).is_err(), "the name of a member");
        assert!(run(quoting("\"subject\": \"Checkout returns 502\"")).is_err());
        assert!(run(quoting("[masked]")).is_err(), "words of ours");
    }

    #[test]
    fn words_count_once() {
        let table: [(&[&str], usize); 5] = [
            (&["Checkout returns 502", "Nobody can pay"], 2),
            (&["Checkout returns 502", "Checkout returns 502"], 1),
            (&["Checkout returns 502", "Checkout   returns 5"], 1),
            (&["Checkout", "Checkout returns 502", "returns 502"], 2),
            (&["Nobody", "can pay"], 2),
        ];
        for (quotes, count) in table {
            let quote = |quote: &&str| json!({"sourceId": "case", "quote": quote});
            let evidence: Vec<_> = quotes.iter().map(quote).collect();
            let answer = json!({"evidence": evidence}).to_string();
            let asked = |n: usize| json!({"properties": {"evidence": {"minItems": n}}});
            assert!(check(&answer, &asked(count), &shown()).is_ok(), "{quotes:?}");
            let more = check(&answer, &asked(count + 1), &shown());
            assert!(more.is_err(), "{quotes:?}");
        }
    }

    #[test]
    fn what_is_said_twice_is_not_said() {
        let answers = [
            r#"{"severity": "S3", "severity": "S1"}"#,
            r#"{"severity": "S1", "severity": "S1"}"#,
            r#"{"to": {"channel": "a", "channel": "b"}}"#,
            r#"{"to": [{"\u0061": 1, "a": 2}]}"#,
        ];
        for answer in answers {
            let faults = check(answer, &json!({}), &[]).unwrap_err();
            assert!(faults.concat().contains("stands there twice"), "{answer}: {faults:?}");
        }
        let twice_below = r#"{"one": {"name": 1}, "other": {"name": 2}}"#;
        assert!(check(twice_below, &json!({}), &[]).is_ok());
    }

    #[test]
    fn a_code_fence_is_no_fault_and_prose_is() {
        assert!(check("```json\n{\"a\": 1}\n```", &json!({}), &[]).is_ok());
        assert!(check("Sure! {\"a\": 1}", &json!({}), &[]).is_err());
        assert!(check("[1]", &json!({}), &[]).is_err());
    }
}
