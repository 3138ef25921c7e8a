//! Patterns: the regular expressions of `matches`, run in time linear in the text.
//!
//! The syntax is RE2's without Unicode classes: literals, `.`, `[a-z]`, `\d \w \s \b` (ASCII),
//! `^ $`, groups, `|`, `* + ? {n,m}`, and `(?i)` or `(?s)` at the beginning. A pattern matches if
//! any part of the text does. All ways to match are followed at once, so nothing backtracks.

use super::error::{ErrorCode, ExprError};
use super::meter::Meter;

/// A program of steps over characters.
pub(super) struct Pattern {
    steps: Vec<Step>,
    /// `(?i)`: upper and lower case are the same.
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

#[derive(Debug, Clone, Copy)]
enum Edge {
    Start,
    End,
    /// Between a word's character and another; or not so.
    Word(bool),
}

/// Characters in any of the ranges; or in none of them.
#[derive(Debug, Clone, Default)]
struct Set {
    not: bool,
    ranges: Vec<(char, char)>,
}

/// A pattern as it was written.
enum Part {
    Take(Set),
    Edge(Edge),
    Sequence(Vec<Part>),
    Either(Vec<Part>),
    Repeat(Box<Part>, usize, Option<usize>),
}

const MAX_STEPS: usize = 2_000;
const MAX_NESTING: usize = 24;
const MAX_REPEAT: usize = 1_000;

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')];

fn wrong(message: impl Into<String>) -> ExprError {
    ExprError::new(ErrorCode::BadConversion, format!("no pattern: {}", message.into()))
}

impl Pattern {
    pub(super) fn read(source: &str, meter: &mut Meter) -> Result<Self, ExprError> {
        meter.scan(source)?;
        let (flags, rest) = match source.strip_prefix("(?").and_then(|rest| rest.split_once(')')) {
            Some((flags, rest)) if !flags.is_empty() && flags.chars().all(|c| "is".contains(c)) => {
                (flags, rest)
            }
            _ => ("", source),
        };
        let mut reader = Reader { rest, depth: 0, dot_all: flags.contains('s') };
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
        let other_case = || {
            let mut cases = c.to_lowercase().chain(c.to_uppercase());
            cases.any(|c| set.lists(c))
        };
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

struct Reader<'s> {
    rest: &'s str,
    depth: usize,
    dot_all: bool,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let mut chars = self.rest.chars();
        let next = chars.next();
        self.rest = chars.as_str();
        next
    }

    fn accept(&mut self, wanted: &str) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn either(&mut self) -> Result<Part, ExprError> {
        let mut parts = vec![self.sequence()?];
        while self.accept("|") {
            parts.push(self.sequence()?);
        }
        Ok(Part::Either(parts))
    }

    fn sequence(&mut self) -> Result<Part, ExprError> {
        let mut parts = Vec::new();
        while !self.rest.is_empty() && !self.rest.starts_with(['|', ')']) {
            let part = self.single()?;
            parts.push(self.repeated(part)?);
        }
        Ok(Part::Sequence(parts))
    }

    fn repeated(&mut self, part: Part) -> Result<Part, ExprError> {
        let (least, most) = if self.accept("*") {
            (0, None)
        } else if self.accept("+") {
            (1, None)
        } else if self.accept("?") {
            (0, Some(1))
        } else if let Some(bounds) = self.bounds() {
            bounds
        } else {
            return Ok(part);
        };
        // Lazy or not makes no difference to whether there is a match.
        self.accept("?");
        if self.rest.starts_with(['*', '+', '?']) {
            return Err(wrong("a repetition of a repetition"));
        }
        if least > MAX_REPEAT || most.is_some_and(|most| most > MAX_REPEAT || most < least) {
            return Err(wrong("these bounds of a repetition"));
        }
        Ok(Part::Repeat(Box::new(part), least, most))
    }

    /// `{n}`, `{n,}` or `{n,m}`; any other brace stands for itself.
    fn bounds(&mut self) -> Option<(usize, Option<usize>)> {
        let (inside, rest) = self.rest.strip_prefix('{')?.split_once('}')?;
        let number = |digits: &str| {
            digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok()).flatten()
        };
        let bounds = match inside.split_once(',') {
            None => (number(inside)?, Some(number(inside)?)),
            Some((least, "")) => (number(least)?, None),
            Some((least, most)) => (number(least)?, Some(number(most)?)),
        };
        self.rest = rest;
        Some(bounds)
    }

    fn single(&mut self) -> Result<Part, ExprError> {
        Ok(match self.next() {
            Some('(') => return self.group(),
            Some('[') => Part::Take(self.set()?),
            Some('.') if self.dot_all => Part::Take(Set { not: true, ranges: Vec::new() }),
            Some('.') => Part::Take(Set { not: true, ranges: vec![('\n', '\n')] }),
            Some('^') => Part::Edge(Edge::Start),
            Some('$') => Part::Edge(Edge::End),
            Some('\\') => match self.rest.chars().next() {
                Some('b') => self.edge(Edge::Word(true)),
                Some('B') => self.edge(Edge::Word(false)),
                Some('A') => self.edge(Edge::Start),
                Some('z') => self.edge(Edge::End),
                _ => Part::Take(self.escape()?),
            },
            Some('*' | '+' | '?') => return Err(wrong("a repetition of nothing")),
            Some(c) => Part::Take(one(c)),
            None => Part::Sequence(Vec::new()),
        })
    }

    fn edge(&mut self, edge: Edge) -> Part {
        self.next();
        Part::Edge(edge)
    }

    fn group(&mut self) -> Result<Part, ExprError> {
        if self.accept("?P<") || self.accept("?<") {
            let end = self.rest.find('>').ok_or_else(|| wrong("a name without end"))?;
            self.rest = self.rest.get(end + 1..).unwrap_or_default();
        } else if self.rest.starts_with('?') && !self.accept("?:") {
            return Err(wrong("this kind of group is not supported"));
        }
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(wrong("groups nest too deep"));
        }
        let part = self.either()?;
        self.depth -= 1;
        if self.accept(")") { Ok(part) } else { Err(wrong("a group without end")) }
    }

    fn set(&mut self) -> Result<Set, ExprError> {
        let mut set = Set { not: self.accept("^"), ranges: Vec::new() };
        loop {
            let first = match self.next() {
                None => return Err(wrong("a set without end")),
                Some(']') if !set.ranges.is_empty() => return Ok(set),
                Some('[') if self.rest.starts_with(':') => {
                    return Err(wrong("sets by name are not supported"));
                }
                Some('\\') => self.escape()?,
                Some(c) => one(c),
            };
            let range = match first.ranges.as_slice() {
                [(from, to)] if from == to && !first.not => self.range_from(*from)?,
                _ => None,
            };
            match range {
                Some(range) => set.ranges.push(range),
                None if first.not => return Err(wrong("this escape in a set is not supported")),
                None => set.ranges.extend(first.ranges),
            }
        }
    }

    /// The rest of `a-z`, if this is one.
    fn range_from(&mut self, from: char) -> Result<Option<(char, char)>, ExprError> {
        if !self.rest.starts_with('-') || self.rest.starts_with("-]") {
            return Ok(None);
        }
        self.next();
        let to = match self.next() {
            Some('\\') => match self.escape()?.ranges.as_slice() {
                [(to, end)] if to == end => *to,
                _ => return Err(wrong("this range")),
            },
            Some(to) => to,
            None => return Err(wrong("a set without end")),
        };
        if from > to {
            Err(wrong("a range that ends before it begins"))
        } else {
            Ok(Some((from, to)))
        }
    }

    fn escape(&mut self) -> Result<Set, ExprError> {
        let class = |ranges: &[(char, char)], not| Ok(Set { not, ranges: ranges.to_vec() });
        match self.next() {
            Some('d') => class(DIGIT, false),
            Some('D') => class(DIGIT, true),
            Some('w') => class(WORD, false),
            Some('W') => class(WORD, true),
            Some('s') => class(SPACE, false),
            Some('S') => class(SPACE, true),
            Some('t') => Ok(one('\t')),
            Some('n') => Ok(one('\n')),
            Some('r') => Ok(one('\r')),
            Some('f') => Ok(one('\u{c}')),
            Some('v') => Ok(one('\u{b}')),
            Some(c) if !c.is_ascii_alphanumeric() => Ok(one(c)),
            Some(c) => Err(wrong(format!("the escape \\{c} is not supported"))),
            None => Err(wrong("nothing follows the last \\")),
        }
    }
}

fn one(c: char) -> Set {
    Set { not: false, ranges: vec![(c, c)] }
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
