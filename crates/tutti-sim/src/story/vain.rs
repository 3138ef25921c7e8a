//! What a story expects in vain: it holds whatever happens, so that it shows nothing.

use serde_json::{Map, Value};
use tutti_core::expr::Expression;
use tutti_core::pointer::escaped;

use super::read::Problems;
use super::{Amount, Effects, Expect, Span, Story};

/// Parts that say nothing when they are empty, and what may have been meant.
const EMPTY: [(&str, &str); 10] = [
    ("/effects/some", "`set: []` says that nothing was done"),
    ("/never", "name an operation; `slack.*` stands for all of a tool"),
    ("/calls", "`calls: [{ operation: '*', times: 0 }]` says that nothing was called"),
    ("/facts", "name a fact, or leave it out"),
    ("/timeline", "give words of a line, or leave it out"),
    ("/once", "give words of a line, or leave it out"),
    ("/spend", "for example `spend: { calls: 3 }`"),
    ("/took", "for example `took: { at_most: 5m }`"),
    ("/hand_off/known", "name a fact, or leave it out"),
    ("/hand_off/missing", "give words of what is missing, or leave it out"),
];

impl Problems {
    /// What of `expect` cannot fail; `document` is what stands there.
    pub(super) fn vain(&mut self, document: &Value, story: &Story) {
        let Some(expect) = &story.expect else { return };
        self.silent("/expect", document);
        for (part, hint) in EMPTY {
            if document.pointer(part).is_some_and(is_empty) {
                self.add(format!("/expect{part}"), "nothing is expected here", hint);
            }
        }
        for (place, wanted) in expect.effects.iter().flat_map(Effects::wanted).enumerate() {
            if wanted.times == 0 {
                let key = expect.effects.as_ref().map_or("", Effects::key);
                let at = format!("/expect/effects/{key}/{place}/times");
                self.add(at, "this is no effect", "list below `never` what must not be called");
            }
        }
        for (source, fact) in &expect.facts {
            let says = fact.is.is_some() || fact.provenance.is_some() || fact.trust.is_some();
            if fact.missing && says {
                let at = format!("/expect/facts/{}/missing", escaped(source));
                let message = "nothing more can be said of what is not known";
                self.add(at, message, "leave out `missing`, or all but it");
            }
            if fact.is.as_ref().and_then(Value::as_object).is_some_and(Map::is_empty) {
                let at = format!("/expect/facts/{}/is", escaped(source));
                self.add(at, "any map is like that", "name a member that it has");
            }
            if Expression::parse(source).is_ok_and(|it| it.references().is_empty()) {
                let at = format!("/expect/facts/{}", escaped(source));
                self.add(at, "this is about no fact", "name one, for example `trigger.id`");
            }
        }
        self.no_less_than_nothing(expect);
    }

    /// Bounds that nothing is beyond.
    fn no_less_than_nothing(&mut self, expect: &Expect) {
        let none = |amount: Option<Amount>| matches!(amount, Some(Amount::Within { at_least: Some(least), at_most: None }) if least <= 0.0);
        let spend = expect.spend.clone().unwrap_or_default();
        let took = expect.took.unwrap_or_default();
        let no_time = took.at_least == Some(Span(0)) && took.at_most.is_none();
        for (place, is_none) in [
            ("spend/actions", none(spend.actions)),
            ("spend/calls", none(spend.calls)),
            ("spend/tokens", none(spend.tokens)),
            ("spend/usd", none(spend.usd)),
            ("took", no_time),
        ] {
            if is_none {
                let at = format!("/expect/{place}/at_least");
                self.add(at, "it is never less than that", "say more, or give `at_most`");
            }
        }
    }

    /// Keys below which nothing stands, which say no more than keys that are not there.
    fn silent(&mut self, at: &str, value: &Value) {
        match value {
            Value::Null => {
                let hint = match at.rsplit('/').next() {
                    Some("is") => "`missing: true`, if it is not known",
                    _ => "say what is expected, or leave it out",
                };
                self.add(at.to_owned(), "nothing is said here", hint);
            }
            Value::String(text) if text.trim().is_empty() => {
                let hint = "say what is expected, or leave it out";
                self.add(at.to_owned(), "nothing is said here", hint);
            }
            Value::Object(members) => {
                for (name, value) in members {
                    // Values are compared as they are, and nobody in particular may be asked.
                    let compared = matches!(name.as_str(), "with" | "is") && !value.is_null();
                    if !compared && name != "who" {
                        self.silent(&format!("{at}/{}", escaped(name)), value);
                    }
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.silent(&format!("{at}/{index}"), item);
                }
            }
            _ => {}
        }
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty)
        || value.as_object().is_some_and(serde_json::Map::is_empty)
}
