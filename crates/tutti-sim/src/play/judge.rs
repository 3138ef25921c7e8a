//! Judging a play: the first thing that is not as the story expects, in words.

use serde_json::Value;
use tutti_core::expr::{Expression, Meter, Outcome};
use tutti_core::view::Spend;

use super::fits::{Misfit, fits, is_like};
use super::outside::Sent;
use super::told::{line, span};
use super::{Difference, Played, Question, Variation};
use crate::story::{
    Amount, AskedFor, Called, Effects, Expect, FactExpected, Story, Wanted, as_value,
};

/// The most characters of a value that are shown.
const SHOWN_MAX: usize = 200;

/// The first difference, if there is one. How much was used and which lines there are is judged
/// only where no worker died: another worker asks again, and says so.
pub(super) fn judge(story: &Story, played: &Played, variation: Variation) -> Option<Difference> {
    let expect = story.expect.as_ref()?;
    let judge = Judge { story, expect, played };
    let all = judge
        .state()
        .or_else(|| judge.effects())
        .or_else(|| judge.never())
        .or_else(|| judge.asked())
        .or_else(|| judge.gaps())
        .or_else(|| judge.facts());
    if variation.kill_at.is_some() {
        return all;
    }
    all.or_else(|| judge.timeline())
        .or_else(|| judge.calls())
        .or_else(|| judge.spend())
        .or_else(|| judge.took())
}

struct Judge<'s> {
    story: &'s Story,
    expect: &'s Expect,
    played: &'s Played,
}

impl Judge<'_> {
    fn differs(&self, place: &str, code: &'static str, message: String) -> Option<Difference> {
        let at = self.played.view.ended_at.unwrap_or(self.played.now);
        let difference = Difference::new(&format!("/expect/{place}"), message, at);
        Some(Difference { code, ..difference })
    }

    fn at(&self, at: i64, difference: Option<Difference>) -> Option<Difference> {
        let moment = super::moment(at);
        difference.map(|difference| Difference { at_ms: at, moment, ..difference })
    }

    fn state(&self) -> Option<Difference> {
        let view = &self.played.view;
        if view.state != self.expect.state {
            let (wanted, is) = (word(self.expect.state), word(view.state));
            let why = if view.reason.is_empty() { "" } else { ": " };
            let message = format!("the run should be {wanted}, but it is {is}{why}{}", view.reason);
            return self.differs("state", "state", message);
        }
        let reason = self.expect.reason.as_ref()?;
        if view.reason.contains(reason.as_str()) {
            return None;
        }
        let message = format!("the reason should say “{reason}”, but it is “{}”", view.reason);
        self.differs("reason", "reason", message)
    }

    fn effects(&self) -> Option<Difference> {
        let effects = self.expect.effects.as_ref()?;
        let done: Vec<&Sent> = self.played.effects.iter().collect();
        match effects {
            Effects::InOrder(wanted) => self.in_order(wanted, &done),
            Effects::Set(wanted) => self.some("set", wanted, &done, true),
            Effects::Some(wanted) => self.some("some", wanted, &done, false),
        }
    }

    fn in_order(&self, wanted: &[Wanted], done: &[&Sent]) -> Option<Difference> {
        let each = wanted.iter().enumerate();
        let each =
            each.flat_map(|(place, wanted)| std::iter::repeat_n((place, wanted), wanted.times));
        let mut done = done.iter().enumerate();
        for (place, wanted) in each {
            let place = format!("effects/in_order/{place}");
            let Some((number, sent)) = done.next() else {
                let message = format!(
                    "{} should be done, but nothing more was",
                    said(&wanted.operation, &as_value(&wanted.with))
                );
                return self.differs(&place, "effects", message);
            };
            if let Err(how) = is(wanted, sent) {
                let message = format!(
                    "effect {} should be {}, but {how}",
                    number + 1,
                    said(&wanted.operation, &as_value(&wanted.with))
                );
                return self.at(sent.at, self.differs(&place, "effects", message));
            }
        }
        let (_, sent) = done.next()?;
        let message =
            format!("nothing more should be done, but {} was", said(&sent.operation, &sent.input));
        self.at(sent.at, self.differs("effects/in_order", "effects", message))
    }

    fn some(&self, key: &str, wanted: &[Wanted], done: &[&Sent], all: bool) -> Option<Difference> {
        let mut left: Vec<&Sent> = done.to_vec();
        for (place, wanted) in wanted.iter().enumerate() {
            for nth in 0..wanted.times {
                let found = left.iter().position(|sent| is(wanted, sent).is_ok());
                let Some(found) = found else {
                    let place = format!("effects/{key}/{place}");
                    return self.differs(&place, "effects", missing(wanted, nth, &left));
                };
                left.remove(found);
            }
        }
        let sent = left.first().filter(|_| all)?;
        let message =
            format!("nothing more should be done, but {} was", said(&sent.operation, &sent.input));
        self.at(sent.at, self.differs(&format!("effects/{key}"), "effects", message))
    }

    fn never(&self) -> Option<Difference> {
        self.expect.never.iter().enumerate().find_map(|(place, never)| {
            let with = as_value(&never.with);
            let sent = self.played.sent.iter().find(|sent| {
                is_like(&never.operation, &sent.operation) && fits(&with, &sent.input).is_ok()
            })?;
            let message = format!(
                "{} should never be called, but {} was",
                said(&never.operation, &with),
                said(&sent.operation, &sent.input)
            );
            self.at(sent.at, self.differs(&format!("never/{place}"), "never", message))
        })
    }

    fn asked(&self) -> Option<Difference> {
        let wanted = self.expect.asked.as_ref()?;
        let mut asked = self.played.asked.iter();
        for (place, wanted) in wanted.iter().enumerate() {
            let place = format!("asked/{place}");
            let Some(asked) = asked.next() else {
                let message = format!("{} should be asked, but nobody was", question(wanted));
                return self.differs(&place, "asked", message);
            };
            let Some(how) = otherwise(wanted, asked) else { continue };
            let message = format!("{} should be asked, but {how}", question(wanted));
            return self.at(asked.at, self.differs(&place, "asked", message));
        }
        let asked = asked.next()?;
        let message = format!("nothing more should be asked, but “{}” was", asked.title);
        self.at(asked.at, self.differs("asked", "asked", message))
    }

    fn gaps(&self) -> Option<Difference> {
        let wanted = self.expect.gaps.as_ref()?;
        let mut left: Vec<&String> = self.played.view.gaps.iter().collect();
        for (place, wanted) in wanted.iter().enumerate() {
            let Some(found) = left.iter().position(|gap| gap.contains(wanted.as_str())) else {
                let gaps: Vec<String> = left.iter().map(|gap| format!("“{gap}”")).collect();
                let gaps = if gaps.is_empty() {
                    "there is none".to_owned()
                } else {
                    format!("there is {}", gaps.join(", "))
                };
                let message = format!("there should be a gap “{wanted}”, but {gaps}");
                return self.differs(&format!("gaps/{place}"), "gaps", message);
            };
            left.remove(found);
        }
        let gap = left.first()?;
        self.differs("gaps", "gaps", format!("there should be no other gap, but there is “{gap}”"))
    }

    fn facts(&self) -> Option<Difference> {
        self.expect.facts.iter().find_map(|(source, wanted)| {
            let place = format!("facts/{}", source.replace('~', "~0").replace('/', "~1"));
            let outcome =
                Expression::parse(source).ok()?.evaluate(&self.played.run, &mut Meter::default());
            self.differs(&place, "facts", fact(source, wanted, outcome)?)
        })
    }

    fn timeline(&self) -> Option<Difference> {
        let lines: Vec<String> = self.played.view.timeline.iter().map(line).collect();
        let mut from = 0;
        for (place, wanted) in self.expect.timeline.iter().enumerate() {
            let rest = lines.get(from..).unwrap_or_default();
            let found = rest.iter().position(|line| line.contains(wanted.as_str()));
            if let Some(found) = found {
                from += found + 1;
                continue;
            }
            let earlier = lines.iter().any(|line| line.contains(wanted.as_str()));
            let happened = match (earlier, from.checked_sub(1).and_then(|last| lines.get(last))) {
                (true, Some(last)) => format!("it comes before “{last}”"),
                (_, Some(last)) => format!("there is none after “{last}”"),
                (_, None) => "there is none".to_owned(),
            };
            let message = format!("a line should say “{wanted}”, but {happened}");
            return self.differs(&format!("timeline/{place}"), "timeline", message);
        }
        None
    }

    fn calls(&self) -> Option<Difference> {
        self.expect.calls.iter().enumerate().find_map(|(place, wanted)| {
            let place = format!("calls/{place}");
            let with = as_value(&wanted.with);
            let sent = self.played.sent.iter().filter(|sent| {
                is_like(&wanted.operation, &sent.operation) && fits(&with, &sent.input).is_ok()
            });
            let at: Vec<i64> = sent.map(|sent| sent.at - self.story.clock.0).collect();
            self.differs(&place, "calls", called(wanted, &with, &at)?)
        })
    }

    fn spend(&self) -> Option<Difference> {
        let wanted = self.expect.spend.as_ref()?;
        let Spend { actions, calls, tokens, usd_micros } = self.played.view.spend;
        let amounts = [
            ("actions", wanted.actions, actions as f64),
            ("calls", wanted.calls, calls as f64),
            ("tokens", wanted.tokens, tokens as f64),
            ("usd", wanted.usd, usd_micros as f64 / 1e6),
        ];
        amounts.into_iter().find_map(|(name, wanted, used)| {
            let wanted = wanted.filter(|wanted| !wanted.holds(used))?;
            let message = format!("it should use {wanted} {name}, but it used {used}");
            self.differs(&format!("spend/{name}"), "spend", message)
        })
    }

    fn took(&self) -> Option<Difference> {
        let bounds = self.expect.took?;
        let view = &self.played.view;
        let took = view.ended_at.unwrap_or(self.played.now) - view.started_at;
        let (word, bound) = match (bounds.at_least, bounds.at_most) {
            (Some(least), _) if took < least.0 => ("at least", least),
            (_, Some(most)) if took > most.0 => ("at most", most),
            _ => return None,
        };
        let message =
            format!("it should take {word} {}, but it took {}", span(bound.0), span(took));
        self.differs("took", "took", message)
    }
}

impl Amount {
    fn holds(self, used: f64) -> bool {
        match self {
            Self::Exactly(amount) => amount == used,
            Self::Within { at_least, at_most } => {
                at_least.is_none_or(|least| used >= least)
                    && at_most.is_none_or(|most| used <= most)
            }
        }
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        match self {
            Self::Exactly(amount) => write!(f, "{amount}"),
            Self::Within { at_least: Some(least), at_most: Some(most) } => {
                write!(f, "{least} to {most}")
            }
            Self::Within { at_least: Some(least), .. } => write!(f, "at least {least}"),
            Self::Within { at_most, .. } => write!(f, "at most {}", at_most.unwrap_or_default()),
        }
    }
}

/// Whether a write is the one that was wanted, or how it is not.
fn is(wanted: &Wanted, sent: &Sent) -> Result<(), String> {
    if !is_like(&wanted.operation, &sent.operation) {
        return Err(format!("it was {}", said(&sent.operation, &sent.input)));
    }
    fits(&as_value(&wanted.with), &sent.input).map_err(|misfit| told(&misfit))
}

/// What is said of a write that is not among those that were done.
fn missing(wanted: &Wanted, nth: usize, left: &[&Sent]) -> String {
    let what = said(&wanted.operation, &as_value(&wanted.with));
    if nth > 0 {
        let times = if nth == 1 { "once".to_owned() } else { format!("{nth} times") };
        return format!("{what} should be done {} times, but it was done {times}", wanted.times);
    }
    let near = left.iter().find(|sent| is_like(&wanted.operation, &sent.operation));
    match near.map(|sent| is(wanted, sent)) {
        Some(Err(how)) => format!("{what} should be done, but {how}"),
        _ => format!("{what} should be done, but it was not"),
    }
}

/// How a question is not the one that was wanted, if it is not.
fn otherwise(wanted: &AskedFor, asked: &Question) -> Option<String> {
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

fn called(wanted: &Called, with: &Value, at: &[i64]) -> Option<String> {
    let what = said(&wanted.operation, with);
    if let Some(times) = wanted.times.filter(|times| *times != at.len()) {
        return Some(format!("{what} should be called {times} times, but it was {}", at.len()));
    }
    let wanted: Vec<i64> = wanted.at.as_ref()?.iter().map(|span| span.0).collect();
    // What is not slow takes no time worth writing down.
    let spans = |all: &[i64]| all.iter().map(|ms| span(*ms)).collect::<Vec<_>>().join(", ");
    (wanted != at).then(|| {
        format!("{what} should be called after {}, but it was after {}", spans(&wanted), spans(at))
    })
}

fn fact(source: &str, wanted: &FactExpected, outcome: Outcome) -> Option<String> {
    let tagged = match outcome {
        Outcome::Known(tagged) => tagged,
        Outcome::Missing { .. } if wanted.missing => return None,
        Outcome::Missing { .. } => {
            return Some(format!("`{source}` should be known, but it is not"));
        }
        Outcome::Failed(error) => return Some(format!("`{source}` cannot be told: {error}")),
    };
    if wanted.missing {
        return Some(format!("`{source}` should not be known, but it is {}", shown(&tagged.value)));
    }
    if let Some(misfit) = wanted.is.as_ref().and_then(|value| fits(value, &tagged.value).err()) {
        let path = if misfit.path.is_empty() {
            source.to_owned()
        } else {
            format!("{source}.{}", misfit.path)
        };
        return Some(format!("{}", Misfitting(&Misfit { path, ..misfit })));
    }
    if let Some(origin) = &wanted.provenance {
        let (is, should) = (&tagged.labels.provenance, origin.iter().copied().collect());
        if *is != should {
            let word = |set: &std::collections::BTreeSet<_>| {
                let words: Vec<String> = set.iter().map(word).collect();
                if words.is_empty() {
                    "written in the flow".to_owned()
                } else {
                    words.join(" and ")
                }
            };
            return Some(format!("`{source}` should be {}, but it is {}", word(&should), word(is)));
        }
    }
    let trust = wanted.trust.filter(|trust| *trust != tagged.labels.trust)?;
    Some(format!("`{source}` should be {}, but it is {}", word(trust), word(tagged.labels.trust)))
}

/// A misfit as a sentence of its own.
struct Misfitting<'m>(&'m Misfit);

impl std::fmt::Display for Misfitting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let Misfit { path, wanted, given } = self.0;
        let given = given.as_ref().map_or_else(|| "not there".to_owned(), shown);
        write!(f, "`{path}` should be {}, but it is {given}", shown(wanted))
    }
}

/// A misfit after a “but”.
fn told(misfit: &Misfit) -> String {
    let given = misfit.given.as_ref().map_or_else(|| "not there".to_owned(), shown);
    format!("its `{}` is {given}", misfit.path)
}

/// A call in words.
fn said(operation: &str, with: &Value) -> String {
    match with.as_object().is_some_and(serde_json::Map::is_empty) {
        true => format!("`{operation}`"),
        false => format!("`{operation}` with {}", shown(with)),
    }
}

fn question(wanted: &AskedFor) -> String {
    let who = wanted.who.as_deref().unwrap_or("somebody");
    match &wanted.step {
        Some(step) => format!("{who} about `{step}`"),
        None => who.to_owned(),
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= SHOWN_MAX {
        return text;
    }
    text.chars().take(SHOWN_MAX).chain(['…']).collect()
}

/// A word of the engine as stories write it.
fn word(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().map(|word| word.replace('_', " ")).unwrap_or_default()
}
