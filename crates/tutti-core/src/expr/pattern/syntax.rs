//! How patterns are written.

use crate::expr::error::{ErrorCode, ExprError};

/// A pattern as it was written.
pub(super) enum Part {
    Take(Set),
    Edge(Edge),
    Sequence(Vec<Part>),
    Either(Vec<Part>),
    Repeat(Box<Part>, usize, Option<usize>),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Edge {
    Start,
    End,
    /// Between a word's character and another; or not so.
    Word(bool),
}

/// Characters in any of the ranges; or in none of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Set {
    pub(super) not: bool,
    pub(super) ranges: Vec<(char, char)>,
}

/// How deep groups may nest.
const MAX_NESTING: usize = 24;
/// The largest bound of a repetition.
const MAX_REPEAT: usize = 1_000;

const DIGIT: &[(char, char)] = &[('0', '9')];
const WORD: &[(char, char)] = &[('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')];
const SPACE: &[(char, char)] = &[('\t', '\n'), ('\u{c}', '\r'), (' ', ' ')];

pub(super) fn wrong(message: impl Into<String>) -> ExprError {
    ExprError::new(ErrorCode::BadConversion, format!("no pattern: {}", message.into()))
}

pub(super) struct Reader<'s> {
    pub(super) rest: &'s str,
    depth: usize,
    dot_all: bool,
}

impl<'s> Reader<'s> {
    pub(super) fn new(rest: &'s str, dot_all: bool) -> Self {
        Self { rest, depth: 0, dot_all }
    }

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

    pub(super) fn either(&mut self) -> Result<Part, ExprError> {
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
