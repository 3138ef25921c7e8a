//! Tokens: the words of an expression, each with its place.

use std::ops::Range;

use super::error::{ErrorCode, ExprError, quoted};

/// A word of the language.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Int(u64),
    Uint(u64),
    Double(f64),
    Text(String),
    Name(String),
    /// A name between backticks: only ever a member.
    Quoted(String),
    Sign(&'static str),
    End,
}

/// The sign that begins with these letters, the longest there is.
fn sign(first: char, second: Option<char>) -> Option<&'static str> {
    Some(match (first, second) {
        ('&', Some('&')) => "&&",
        ('|', Some('|')) => "||",
        ('=', Some('=')) => "==",
        ('!', Some('=')) => "!=",
        ('<', Some('=')) => "<=",
        ('>', Some('=')) => ">=",
        ('<', _) => "<",
        ('>', _) => ">",
        ('+', _) => "+",
        ('-', _) => "-",
        ('*', _) => "*",
        ('/', _) => "/",
        ('%', _) => "%",
        ('!', _) => "!",
        ('?', _) => "?",
        (':', _) => ":",
        ('.', _) => ".",
        (',', _) => ",",
        ('(', _) => "(",
        (')', _) => ")",
        ('[', _) => "[",
        (']', _) => "]",
        ('{', _) => "{",
        ('}', _) => "}",
        ('=', _) => "=",
        _ => return None,
    })
}

/// Reads tokens one after the other; it never looks behind the one it is asked for.
pub(super) struct Lexer<'s> {
    source: &'s str,
    position: usize,
}

impl<'s> Lexer<'s> {
    pub(super) fn new(source: &'s str, position: usize) -> Self {
        Self { source, position }
    }

    fn rest(&self) -> &'s str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    /// Skips bytes; those of a letter beyond ASCII are all kept, or none of them.
    fn skip_while(&mut self, keep: impl Fn(u8) -> bool) -> &'s str {
        let rest = self.rest();
        let end = rest.bytes().position(|c| !keep(c)).unwrap_or(rest.len());
        self.position += end;
        rest.get(..end).unwrap_or_default()
    }

    fn error(&self, start: usize, message: impl Into<String>) -> ExprError {
        ExprError::new(ErrorCode::Syntax, message).place(&(start..self.position.max(start)))
    }

    /// The next token and its place.
    pub(super) fn next(&mut self) -> Result<(Token, Range<usize>), ExprError> {
        self.skip_blank();
        let start = self.position;
        let token = self.token(start)?;
        Ok((token, start..self.position))
    }

    fn skip_blank(&mut self) {
        loop {
            self.skip_while(|c| matches!(c, b' ' | b'\t' | b'\n' | b'\r' | 0xc));
            if !self.rest().starts_with("//") {
                return;
            }
            self.skip_while(|c| c != b'\n');
        }
    }

    fn token(&mut self, start: usize) -> Result<Token, ExprError> {
        let rest = self.rest();
        let mut chars = rest.chars();
        let (first, second) = (chars.next(), chars.next());
        match first {
            None => Ok(Token::End),
            Some('0'..='9') => self.number(start),
            Some('.') if second.is_some_and(|c| c.is_ascii_digit()) => self.number(start),
            Some('"' | '\'') => self.text(start, false),
            Some('r' | 'R' | 'b' | 'B') if self.is_prefixed_text() => self.prefixed_text(start),
            Some(c) if c == '_' || c.is_ascii_alphabetic() => {
                let name = self.skip_while(|c| c == b'_' || c.is_ascii_alphanumeric());
                Ok(Token::Name(name.to_owned()))
            }
            Some('`') => self.quoted_name(start),
            Some(other) => match sign(other, second) {
                Some(sign) => {
                    self.position += sign.len();
                    Ok(Token::Sign(sign))
                }
                None => {
                    self.bump();
                    Err(self.error(
                        start,
                        format!("{} is no part of any expression", quoted(&other.to_string())),
                    ))
                }
            },
        }
    }

    fn quoted_name(&mut self, start: usize) -> Result<Token, ExprError> {
        self.bump();
        let plain = |c: u8| c.is_ascii_alphanumeric() || b"_.-/ ".contains(&c);
        let name = self.skip_while(plain).to_owned();
        match self.bump() {
            Some('`') if !name.is_empty() => Ok(Token::Quoted(name)),
            _ => Err(self.error(start, "a name between backticks is not closed, or not plain")),
        }
    }

    fn number(&mut self, start: usize) -> Result<Token, ExprError> {
        let digits = |c: u8| c.is_ascii_digit();
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.position += 2;
            let hex = self.skip_while(|c| c.is_ascii_hexdigit());
            return self.integer(start, u64::from_str_radix(hex, 16).ok());
        }
        self.skip_while(digits);
        let mut fraction = false;
        let mut ahead = self.rest().bytes();
        if ahead.next() == Some(b'.') && ahead.next().is_some_and(digits) {
            self.bump();
            self.skip_while(digits);
            fraction = true;
        }
        if self.has_exponent() {
            self.bump();
            self.skip_while(|c| matches!(c, b'+' | b'-'));
            self.skip_while(digits);
            fraction = true;
        }
        let text = self.source.get(start..self.position).unwrap_or_default();
        if fraction {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            return number
                .map(Token::Double)
                .ok_or_else(|| self.error(start, "this number is too large"));
        }
        self.integer(start, text.parse().ok())
    }

    fn has_exponent(&self) -> bool {
        let mut ahead = self.rest().chars().peekable();
        if !matches!(ahead.next(), Some('e' | 'E')) {
            return false;
        }
        ahead.next_if(|c| matches!(c, '+' | '-'));
        ahead.next().is_some_and(|c| c.is_ascii_digit())
    }

    fn integer(&mut self, start: usize, number: Option<u64>) -> Result<Token, ExprError> {
        let unsigned = matches!(self.peek(), Some('u' | 'U'));
        if unsigned {
            self.bump();
        }
        let number = number.ok_or_else(|| self.error(start, "this is no number that fits"))?;
        if self.peek().is_some_and(|c| c == '_' || c.is_ascii_alphanumeric()) {
            self.bump();
            return Err(self.error(start, "a number runs into a name"));
        }
        Ok(if unsigned { Token::Uint(number) } else { Token::Int(number) })
    }

    fn is_prefixed_text(&self) -> bool {
        let rest = self.rest().trim_start_matches(['r', 'R', 'b', 'B']);
        self.rest().len() - rest.len() <= 2 && rest.starts_with(['"', '\''])
    }

    fn prefixed_text(&mut self, start: usize) -> Result<Token, ExprError> {
        let prefix = self.skip_while(|c| matches!(c, b'r' | b'R' | b'b' | b'B'));
        if prefix.contains(['b', 'B']) {
            let message = "bytes are not supported";
            let error = ExprError::new(ErrorCode::Unsupported, message).hint("write a string");
            return Err(error.place(&(start..self.position)));
        }
        if prefix.len() > 1 {
            return Err(self.error(start, "a string has one `r` before it at most"));
        }
        self.text(start, true)
    }

    fn text(&mut self, start: usize, raw: bool) -> Result<Token, ExprError> {
        let quotes = ["\"\"\"", "'''", "\"", "'"];
        let close = quotes.into_iter().find(|quote| self.rest().starts_with(quote)).unwrap_or("'");
        self.position += close.len();
        let mut text = String::new();
        loop {
            if self.rest().starts_with(close) {
                self.position += close.len();
                return Ok(Token::Text(text));
            }
            match self.bump() {
                None => return Err(self.error(start, "a string is not closed")),
                Some('\n' | '\r') if close.len() == 1 => {
                    return Err(self
                        .error(start, "a string is not closed on its line")
                        .hint("write \\n, or use three quotes"));
                }
                Some('\\') if !raw => text.push(self.escape()?),
                Some(c) => text.push(c),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ExprError> {
        let start = self.position.saturating_sub(1);
        let plain = match self.bump() {
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('v') => '\u{b}',
            Some(c @ ('\\' | '?' | '"' | '\'' | '`')) => c,
            Some('x' | 'X') => return self.code(start, 2, 16),
            Some('u') => return self.code(start, 4, 16),
            Some('U') => return self.code(start, 8, 16),
            Some('0'..='3') => {
                self.position -= 1;
                return self.code(start, 3, 8);
            }
            _ => return Err(self.error(start, "this is no escape")),
        };
        Ok(plain)
    }

    fn code(&mut self, start: usize, length: usize, radix: u32) -> Result<char, ExprError> {
        let digits = self.rest().get(..length).filter(|d| d.chars().all(|c| c.is_digit(radix)));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, radix).ok());
        let found = code.and_then(char::from_u32);
        self.position += digits.map_or(0, str::len);
        found.ok_or_else(|| self.error(start, "this escape names no character"))
    }
}
