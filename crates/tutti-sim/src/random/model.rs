//! The model of the simulated world: good answers as a rule, and every way to be wrong.

use serde_json::{Value, json};
use tutti_core::event::Reply;
use tutti_core::model::Question;

use super::dice::Die;
use super::shaped::shaped;

/// How long a quote is.
const QUOTE_CHARS: usize = 12;

/// What the model says to a question: the whole answer as a dialect would hand it on, which may
/// use all that the question allows.
pub(super) fn answer(die: &mut Die, question: &Question, wrong_in_100: u64) -> Reply {
    let usd_micros = die.pick(&[0u64, 300, 12_000]);
    if usd_micros > question.max_usd_micros {
        return Reply::Failed(question.too_dear());
    }
    let most = u64::from(question.max_output_tokens);
    let text = if die.in_100(wrong_in_100) { wrong(die, question) } else { right(die, question) };
    let written = die.pick(&[10, 50, most]);
    Reply::Ok(json!({
        "text": text, "model": "toy-1", "truncated": false, "usd_micros": usd_micros,
        "input_tokens": question.tokens(), "output_tokens": written,
    }))
}

fn right(die: &mut Die, question: &Question) -> String {
    if question.answer.pointer("/properties/way").is_none() {
        return of_its_shape(die, question).to_string();
    }
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

/// Whatever the question's schema allows, with quotes that are there.
fn of_its_shape(die: &mut Die, question: &Question) -> Value {
    let mut answer = shaped(die, &question.answer);
    let least = question.answer.pointer("/properties/evidence/minItems").and_then(Value::as_u64);
    if let Some(members) = answer.as_object_mut() {
        let least = usize::try_from(least.unwrap_or_default()).unwrap_or_default();
        members.insert("evidence".to_owned(), quotes(question).into_iter().take(least).collect());
    }
    answer
}

/// Words of the facts that are shown, each with its fact.
fn quotes(question: &Question) -> Vec<Value> {
    let mut quotes = Vec::new();
    let mut fact = "";
    for line in question.messages.iter().flat_map(|message| message.text.lines()) {
        if let Some((id, _)) = line.strip_prefix('[').and_then(|rest| rest.split_once("] ")) {
            fact = id;
        } else if !fact.is_empty() {
            // The names of members are nobody's words.
            let value = line.split_once("\": ").map_or(line, |(_, value)| value);
            let words: Vec<char> =
                value.trim().trim_end_matches(',').trim_matches('"').chars().collect();
            let chunks = words.chunks(QUOTE_CHARS).filter(|chunk| chunk.len() == QUOTE_CHARS);
            let chunks = chunks.map(|chunk| chunk.iter().collect::<String>());
            quotes.extend(chunks.map(|quote| json!({"sourceId": fact, "quote": quote})));
        }
    }
    quotes
}

/// As many quotes as are asked for.
fn evidence(question: &Question) -> Value {
    let least = question.answer.pointer("/properties/evidence/minItems").and_then(Value::as_u64);
    let quote = json!({"sourceId": "thing", "quote": "Old title"});
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
