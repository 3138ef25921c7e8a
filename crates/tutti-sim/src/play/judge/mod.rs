//! Judging a play: the first thing that is not as the story expects, in words.

mod effects;
mod facts;
mod hand_off;
mod words;

use serde_json::Value;
use tutti_core::expr::{Expression, Meter};
use tutti_core::pointer::escaped;
use tutti_core::view::Spend;

use self::facts::fact;
use self::words::{otherwise, question, said};
use super::fits::{fits, is_like};
use super::told::{line, span, word};
use super::{Difference, Played, Variation};
use crate::story::{Called, Expect, Story, as_value};

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
        .or_else(|| judge.hand_off())
        .or_else(|| judge.facts())
        .or_else(|| judge.once());
    if variation.changes_hands() {
        return all;
    }
    all.or_else(|| judge.timeline())
        .or_else(|| judge.calls())
        .or_else(|| judge.spend())
        .or_else(|| judge.took())
}

/// One play, and what should have come of it.
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
            let place = format!("facts/{}", escaped(source));
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

    fn once(&self) -> Option<Difference> {
        self.expect.once.iter().enumerate().find_map(|(place, wanted)| {
            let lines = self.played.view.timeline.iter();
            let said = lines.filter(|entry| line(entry).contains(wanted.as_str())).count();
            let message = format!("“{wanted}” should be said once, but it was {}", often(said));
            (said != 1).then(|| self.differs(&format!("once/{place}"), "once", message))?
        })
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

fn called(wanted: &Called, with: &Value, at: &[i64]) -> Option<String> {
    let what = said(&wanted.operation, with);
    if let Some(times) = wanted.times.filter(|times| *times != at.len()) {
        let (wanted, is) = (often(times), often(at.len()));
        return Some(format!("{what} should be called {wanted}, but it was {is}"));
    }
    if wanted.times.is_none() && wanted.at.is_none() && at.is_empty() {
        return Some(format!("{what} should be called, but it never was"));
    }
    let wanted: Vec<i64> = wanted.at.as_ref()?.iter().map(|span| span.0).collect();
    // What is not slow takes no time worth writing down.
    let spans = |all: &[i64]| all.iter().map(|ms| span(*ms)).collect::<Vec<_>>().join(", ");
    (wanted != at).then(|| {
        format!("{what} should be called after {}, but it was after {}", spans(&wanted), spans(at))
    })
}

fn often(times: usize) -> String {
    match times {
        0 => "never".to_owned(),
        1 => "once".to_owned(),
        more => format!("{more} times"),
    }
}
