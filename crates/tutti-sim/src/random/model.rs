//! The model of the simulated world: good answers as a rule, and every way to be wrong.

use serde_json::{Value, json};
use tutti_core::model::Question;

use super::dice::Die;

/// What the model says to a question: the whole answer as a dialect would hand it on.
pub(super) fn answer(die: &mut Die, question: &Question, wrong_in_100: u64) -> Value {
    let text = if die.in_100(wrong_in_100) { wrong(die, question) } else { right(die, question) };
    json!({
        "text": text, "model": "toy-1", "truncated": false,
        "input_tokens": die.pick(&[50u64, 100, 400]), "output_tokens": 10 + die.below(40),
        "usd_micros": die.pick(&[0u64, 300, 12_000]),
    })
}

fn right(die: &mut Die, question: &Question) -> String {
    let ways = question.answer.pointer("/properties/way/enum").and_then(Value::as_array);
    let place = die.below(ways.map_or(0, Vec::len) as u64) as usize;
    let way = ways.and_then(|ways| ways.get(place)).cloned().unwrap_or_default();
    let mut answer = json!({"way": way, "evidence": evidence(question), "reasons": "it seems so"});
    let has_note = question.answer.pointer("/properties/note").is_some();
    if has_note
        && die.in_100(50)
        && let Some(members) = answer.as_object_mut()
    {
        members.insert("note".to_owned(), json!("words of a model"));
        members.insert("confidence".to_owned(), json!(die.below(101)));
    }
    answer.to_string()
}

/// As many quotes as are asked for.
fn evidence(question: &Question) -> Value {
    let least = question.answer.pointer("/properties/evidence/minItems").and_then(Value::as_u64);
    let quote = json!({"sourceId": "thing", "quote": "\"tier\": \"gold\""});
    match least {
        Some(0) | None => json!([]),
        Some(_) => json!([quote]),
    }
}

fn wrong(die: &mut Die, question: &Question) -> String {
    match die.below(6) {
        0 => "I would rather not say.".to_owned(),
        1 => json!({"way": "sideways", "evidence": evidence(question)}).to_string(),
        2 => json!({"evidence": evidence(question)}).to_string(),
        3 => json!({"way": "up", "evidence": [{"sourceId": "thing", "quote": "never said so"}]})
            .to_string(),
        4 => json!({"way": "up", "evidence": [], "more": true}).to_string(),
        _ => String::new(),
    }
}
