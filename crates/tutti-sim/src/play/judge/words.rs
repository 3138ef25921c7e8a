//! How expectations and what happened are put into words.

use serde_json::Value;

use crate::play::Question;
use crate::play::fits::{Misfit, fits, is_like};
use crate::story::{AskedFor, as_value};

/// The most characters of a value that are shown.
const SHOWN_MAX: usize = 200;

/// A call in words.
pub(super) fn said(operation: &str, with: &Value) -> String {
    match with.as_object().is_some_and(serde_json::Map::is_empty) {
        true => format!("`{operation}`"),
        false => format!("`{operation}` with {}", shown(with)),
    }
}

/// A misfit after a “but”.
pub(super) fn told(misfit: &Misfit) -> String {
    let given = misfit.given.as_ref().map_or_else(|| "not there".to_owned(), shown);
    format!("its `{}` is {given}", misfit.path)
}

pub(super) fn question(wanted: &AskedFor) -> String {
    let who = wanted.who.as_deref().unwrap_or("somebody");
    match &wanted.step {
        Some(step) => format!("{who} about `{step}`"),
        None => who.to_owned(),
    }
}

/// How a question is not the one that was wanted, if it is not.
pub(super) fn otherwise(wanted: &AskedFor, asked: &Question) -> Option<String> {
    let is = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|it| is_like(it, is));
    let because = wanted.why.as_deref().is_none_or(|why| asked.why.contains(why));
    let checks = [
        ("is about", is(&wanted.step, &asked.step), &asked.step),
        ("is for", is(&wanted.who, &asked.who), &asked.who),
        ("is whether to call", is(&wanted.operation, &asked.operation), &asked.operation),
        ("says why:", because, &asked.why),
    ];
    if let Some((how, _, is)) = checks.iter().find(|(_, fits, _)| !fits) {
        return Some(format!("the question {how} `{is}`"));
    }
    if let Err(misfit) = fits(&as_value(&wanted.with), &asked.with) {
        return Some(told(&misfit));
    }
    let first = if asked.again { "again" } else { "for the first time" };
    let differs = wanted.again.is_some_and(|wanted| wanted != asked.again);
    differs.then(|| format!("it was asked {first}"))
}

pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    text.chars().take(SHOWN_MAX).chain(['…']).collect()
}
