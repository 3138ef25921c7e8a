//! Patterns: the regular expressions of `matches`, run in time linear in the text.
//!
//! The syntax is RE2's without Unicode classes: literals, `.`, `[a-z]`, `\d \w \s \b` (ASCII),
//! `^ $`, groups, `|`, `* + ? {n,m}`, and `(?i)` (ASCII) or `(?s)` at the beginning. A pattern matches if
//! any part of the text does. All ways to match are followed at once, so nothing backtracks.

mod syntax;

use self::syntax::{Edge, Part, Reader, Set, wrong};
use super::error::ExprError;
use super::meter::Meter;

/// A program of steps over characters.
pub(super) struct Pattern {
    steps: Vec<Step>,
    /// `(?i)`: upper and lower case of ASCII are the same.
    fold: bool,
}

#[derive(Debug, Clone)]
enum Step {
    /// Takes one character.
    Take(Set),
    /// Takes nothing, but holds only here.
    Edge(Edge),
    /// Goes on at two places.
    Fork(usize, usize),
    Jump(usize),
    Match,
}

/// The largest program.
const MAX_STEPS: usize = 2_000;

impl Pattern {
    pub(super) fn read(source: &str, meter: &mut Meter) -> Result<Self, ExprError> {
        meter.scan(source)?;
        let (flags, rest) = match source.strip_prefix("(?").and_then(|rest| rest.split_once(')')) {
            Some((flags, rest)) if !flags.is_empty() && flags.chars().all(|c| "is".contains(c)) => {
                (flags, rest)
            }
            _ => ("", source),
        };
        let mut reader = Reader::new(rest, flags.contains('s'));
        let part = reader.either()?;
        if !reader.rest.is_empty() {
            return Err(wrong("a parenthesis too many"));
        }
        let mut pattern = Self { steps: Vec::new(), fold: flags.contains('i') };
        pattern.write(&part, meter)?;
        pattern.push(Step::Match)?;
        Ok(pattern)
    }

    fn push(&mut self, step: Step) -> Result<usize, ExprError> {
        if self.steps.len() >= MAX_STEPS {
            return Err(wrong("it is too large"));
        }
        self.steps.push(step);
        Ok(self.steps.len() - 1)
    }

    fn set(&mut self, at: usize, step: Step) {
        if let Some(place) = self.steps.get_mut(at) {
            *place = step;
        }
    }

    fn write(&mut self, part: &Part, meter: &mut Meter) -> Result<(), ExprError> {
        // Repeating what takes nothing writes nothing, but takes time.
        meter.step(1)?;
        match part {
            Part::Take(set) => self.push(Step::Take(set.clone())).map(drop),
            Part::Edge(edge) => self.push(Step::Edge(*edge)).map(drop),
            Part::Sequence(parts) => parts.iter().try_for_each(|part| self.write(part, meter)),
            Part::Either(parts) => self.write_either(parts, meter),
            Part::Repeat(part, least, most) => {
                for _ in 0..*least {
                    self.write(part, meter)?;
                }
                match most {
                    None => {
                        let fork = self.push(Step::Match)?;
                        self.write(part, meter)?;
                        let end = self.push(Step::Jump(fork))? + 1;
                        self.set(fork, Step::Fork(fork + 1, end));
                    }
                    Some(most) => {
                        let mut forks = Vec::new();
                        for _ in *least..*most {
                            forks.push(self.push(Step::Match)?);
                            self.write(part, meter)?;
                        }
                        let end = self.steps.len();
                        forks.into_iter().for_each(|at| self.set(at, Step::Fork(at + 1, end)));
                    }
                }
                Ok(())
            }
        }
    }

    fn write_either(&mut self, parts: &[Part], meter: &mut Meter) -> Result<(), ExprError> {
        let mut jumps = Vec::new();
        for (index, part) in parts.iter().enumerate() {
            if index + 1 == parts.len() {
                self.write(part, meter)?;
                break;
            }
            let fork = self.push(Step::Match)?;
            self.write(part, meter)?;
            jumps.push(self.push(Step::Match)?);
            self.set(fork, Step::Fork(fork + 1, self.steps.len()));
        }
        let end = self.steps.len();
        jumps.into_iter().for_each(|at| self.set(at, Step::Jump(end)));
        Ok(())
    }

    /// Whether any part of the text matches.
    pub(super) fn is_in(&self, text: &str, meter: &mut Meter) -> Result<bool, ExprError> {
        let mut seen = vec![0_usize; self.steps.len()];
        // Where to go on at this character, and the steps that wait to take it.
        let (mut places, mut taking) = (Vec::new(), Vec::new());
        let mut before = None;
        let mut chars = text.chars();
        for round in 1.. {
            places.push(0);
            let after = chars.next();
            while let Some(place) = places.pop() {
                match seen.get_mut(place) {
                    Some(last) if *last != round => *last = round,
                    _ => continue,
                }
                match self.steps.get(place) {
                    Some(Step::Take(_)) => taking.push(place),
                    Some(Step::Edge(edge)) if edge.holds(before, after) => places.push(place + 1),
                    Some(Step::Fork(a, b)) => places.extend([*a, *b]),
                    Some(Step::Jump(to)) => places.push(*to),
                    Some(Step::Match) => return Ok(true),
                    Some(Step::Edge(_)) | None => {}
                }
            }
            meter.step(1 + taking.len() / 4)?;
            let Some(c) = after else { break };
            for place in taking.drain(..) {
                if let Some(Step::Take(set)) = self.steps.get(place)
                    && self.takes(set, c)
                {
                    places.push(place + 1);
                }
            }
            before = Some(c);
        }
        Ok(false)
    }

    fn takes(&self, set: &Set, c: char) -> bool {
        let other_case = || set.lists(c.to_ascii_lowercase()) || set.lists(c.to_ascii_uppercase());
        (set.lists(c) || (self.fold && other_case())) != set.not
    }
}

impl Set {
    fn lists(&self, c: char) -> bool {
        self.ranges.iter().any(|(first, last)| (*first..=*last).contains(&c))
    }
}

impl Edge {
    fn holds(self, before: Option<char>, after: Option<char>) -> bool {
        let is_word = |c: Option<char>| c.is_some_and(|c| c == '_' || c.is_ascii_alphanumeric());
        match self {
            Self::Start => before.is_none(),
            Self::End => after.is_none(),
            Self::Word(wanted) => (is_word(before) != is_word(after)) == wanted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(pattern: &str, text: &str) -> Result<bool, String> {
        let mut meter = Meter::default();
        let pattern = Pattern::read(pattern, &mut meter).map_err(|error| error.message)?;
        pattern.is_in(text, &mut meter).map_err(|error| error.message)
    }

    #[test]
    fn patterns_match_any_part() {
        let yes = [
            ("", ""),
            ("", "a"),
            ("b", "abc"),
            ("^a.c$", "abc"),
            ("gr(a|e)y", "grey"),
            ("^(a|b|)$", ""),
            ("^[A-Z]+-\\d+$", "PAY-88"),
            ("[^a]", "ab"),
            ("a{2,3}b", "xaab"),
            ("^a{0}$", ""),
            ("^(ab){2}$", "abab"),
            ("(a*)*b", "aaab"),
            ("\\bfix\\b", "a fix."),
            ("(?i)^straße$", "STRAßE"),
            ("(?s)a.b", "a\nb"),
            ("[]a]", "]"),
            ("[a-]", "-"),
            ("a{,2}", "a{,2}"),
            ("\\.", "."),
            ("[\\d.]+$", "v1.2"),
            ("(?:x|y)+?z", "xyxz"),
            ("😀{2}", "😀😀"),
            ("x|^$", ""),
            ("(?P<key>a)", "a"),
            ("^\\S+\\s\\W$", "ab !"),
        ];
        for (pattern, text) in yes {
            assert_eq!(is_in(pattern, text), Ok(true), "{pattern:?} in {text:?}");
        }
        let no = [
            ("^b", "abc"),
            ("a$", "ab"),
            ("a.b", "a\nb"),
            ("^[^a]$", "a"),
            ("a{3}", "aa"),
            ("\\bfix\\b", "prefix"),
            ("\\d", "x"),
            ("(?i)x", "y"),
            ("foo|bar", ""),
        ];
        for (pattern, text) in no {
            assert_eq!(is_in(pattern, text), Ok(false), "{pattern:?} in {text:?}");
        }
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        for pattern in [
            "(",
            ")",
            "[",
            "[]",
            "a**",
            "*",
            "a{2,1}",
            "a{1001}",
            "\\",
            "\\p",
            "(?=a)",
            "[z-a]",
            "((a{100}){100}){100}",
            "[[:alpha:]]",
            "\\1",
            "(?P<a",
        ] {
            let result = is_in(pattern, "a");
            assert!(
                result.as_ref().is_err_and(|m| m.starts_with("no pattern")),
                "{pattern}: {result:?}"
            );
        }
        assert!(is_in(&"(".repeat(5_000), "a").is_err());
    }

    #[test]
    fn nothing_backtracks() {
        let text = "a".repeat(5_000);
        assert_eq!(is_in("^(a+)+$", &format!("{text}!")), Ok(false));
        assert!(is_in("(((){1000}){1000}){1000}", "a").unwrap_err().contains("steps"));
        assert!(is_in("(a?){200}a{200}$", &"a".repeat(100_000)).unwrap_err().contains("steps"));
    }
}
