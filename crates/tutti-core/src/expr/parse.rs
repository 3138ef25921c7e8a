//! The parser: precedence climbing over tokens, bounded in length and depth.

use std::ops::Range;

use super::ast::{Kind, Node, Operator};
use super::error::{ErrorCode, ExprError};
use super::token::{Lexer, Token};

/// The longest source an expression may have, in bytes.
const MAX_LENGTH: usize = 16 << 10;
/// How deep parentheses, arguments and the like may nest. Reading so deep takes a megabyte of stack
/// in a debug build and a fifth of that in a release.
const MAX_NESTING: usize = 48;
/// How high the tree may be; chains like `a + b + c` grow it without nesting.
const MAX_HEIGHT: usize = 96;

pub(super) type Parsed<T = Node> = Result<T, ExprError>;

/// Reads a whole source as one expression.
pub(super) fn whole(source: &str) -> Parsed {
    let mut parser = Parser::new(source, 0)?;
    let node = parser.expression()?;
    match &parser.token {
        Token::End => Ok(node),
        _ => Err(parser.unexpected("an operator or the end")),
    }
}

/// Reads the expression that starts at `from` and ends before a `}` of its own; gives the place
/// of that brace, too.
pub(super) fn until_brace(source: &str, from: usize) -> Parsed<(Node, usize)> {
    let mut parser = Parser::new(source, from)?;
    let node = parser.expression()?;
    match &parser.token {
        Token::Sign("}") => Ok((node, parser.at.start)),
        Token::End => Err(ExprError::new(ErrorCode::Syntax, "`${` is not closed")
            .hint("write $${ for a plain ${")
            .place(&(from..source.len()))),
        _ => Err(parser.unexpected("an operator or `}`")),
    }
}

pub(super) struct Parser<'s> {
    pub(super) source: &'s str,
    /// Where the expression begins.
    from: usize,
    lexer: Lexer<'s>,
    pub(super) token: Token,
    pub(super) at: Range<usize>,
    /// Where the token before ended.
    end: usize,
    depth: usize,
    /// The variables of the macros around, outermost first.
    pub(super) variables: Vec<String>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, from: usize) -> Parsed<Self> {
        let mut lexer = Lexer::new(source, from);
        let (token, at) = lexer.next()?;
        Ok(Self { source, from, lexer, token, at, end: from, depth: 0, variables: Vec::new() })
    }

    pub(super) fn advance(&mut self) -> Parsed<Token> {
        let (token, at) = self.lexer.next()?;
        if at.end - self.from > MAX_LENGTH {
            let message = format!("an expression has at most {MAX_LENGTH} bytes");
            return Err(ExprError::new(ErrorCode::TooLong, message)
                .hint("split it up with `values`")
                .place(&(self.from..at.end)));
        }
        self.end = self.at.end;
        self.at = at;
        Ok(std::mem::replace(&mut self.token, token))
    }

    pub(super) fn is(&self, sign: &str) -> bool {
        matches!(&self.token, Token::Sign(found) if *found == sign)
    }

    pub(super) fn accept(&mut self, sign: &str) -> Parsed<bool> {
        let found = self.is(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    pub(super) fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.accept(sign)? { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> ExprError {
        let found = match &self.token {
            Token::End => "the end".to_owned(),
            _ => format!("`{}`", self.source.get(self.at.clone()).unwrap_or_default()),
        };
        let error = self.error(format!("expected {wanted}, found {found}"));
        match &self.token {
            Token::Sign("=") => error.hint("compare with =="),
            Token::Name(name) if name == "and" => error.hint("write &&"),
            Token::Name(name) if name == "or" => error.hint("write ||"),
            _ => error,
        }
    }

    fn error(&self, message: impl Into<String>) -> ExprError {
        ExprError::new(ErrorCode::Syntax, message).place(&self.at)
    }

    /// A node from `start` to the last token taken, unless it is too deep.
    pub(super) fn node(&self, kind: Kind, start: usize) -> Parsed {
        let node = Node::new(kind, start..self.end);
        if node.height > MAX_HEIGHT { Err(too_high(&node.at)) } else { Ok(node) }
    }

    pub(super) fn expression(&mut self) -> Parsed {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(too_deep(&self.at));
        }
        let start = self.at.start;
        let condition = self.operation(0)?;
        let node = if self.accept("?")? {
            let then = self.operation(0)?;
            self.expect(":")?;
            let otherwise = self.expression()?;
            self.node(Kind::Choose(Box::new([condition, then, otherwise])), start)?
        } else {
            condition
        };
        self.depth -= 1;
        Ok(node)
    }

    /// Operands and the operators between them that bind at least as tightly as `level`.
    fn operation(&mut self, level: u8) -> Parsed {
        let start = self.at.start;
        let mut left = self.unary()?;
        while let Some((infix, binds)) = self.infix().filter(|(_, binds)| *binds >= level) {
            self.advance()?;
            let right = self.operation(binds + 1)?;
            left = self.node(combined(infix, left, right), start)?;
        }
        Ok(left)
    }

    fn infix(&self) -> Option<(Infix, u8)> {
        let (operator, binds) = match &self.token {
            Token::Sign("||") => return Some((Infix::Or, 0)),
            Token::Sign("&&") => return Some((Infix::And, 1)),
            Token::Name(name) if name == "in" => (Operator::In, 2),
            Token::Sign("==") => (Operator::Equal, 2),
            Token::Sign("!=") => (Operator::Unequal, 2),
            Token::Sign("<") => (Operator::Less, 2),
            Token::Sign("<=") => (Operator::LessOrEqual, 2),
            Token::Sign(">") => (Operator::Greater, 2),
            Token::Sign(">=") => (Operator::GreaterOrEqual, 2),
            Token::Sign("+") => (Operator::Add, 3),
            Token::Sign("-") => (Operator::Subtract, 3),
            Token::Sign("*") => (Operator::Multiply, 4),
            Token::Sign("/") => (Operator::Divide, 4),
            Token::Sign("%") => (Operator::Remainder, 4),
            _ => return None,
        };
        Some((Infix::Binary(operator), binds))
    }

    fn unary(&mut self) -> Parsed {
        let mut signs: Vec<(bool, usize)> = Vec::new();
        while self.is("!") || self.is("-") {
            signs.push((self.is("-"), self.at.start));
            self.advance()?;
            if signs.len() > MAX_HEIGHT {
                return Err(too_high(&self.at));
            }
        }
        // The sign of a literal belongs to it, else the smallest integer could not be written.
        let negative = match (signs.last(), &self.token) {
            (Some((true, start)), Token::Int(_) | Token::Double(_)) => Some(*start),
            _ => None,
        };
        if negative.is_some() {
            signs.pop();
        }
        let mut node = self.picked(negative)?;
        for (minus, start) in signs.into_iter().rev() {
            let kind = if minus { Kind::Negate(Box::new(node)) } else { Kind::Not(Box::new(node)) };
            node = self.node(kind, start)?;
        }
        Ok(node)
    }
}

/// What stands between two operands.
#[derive(Clone, Copy)]
enum Infix {
    Or,
    And,
    Binary(Operator),
}

/// Chains of `&&` and of `||` become one flat node, however long they are.
fn combined(infix: Infix, left: Node, right: Node) -> Kind {
    match (infix, left.kind) {
        (Infix::And, Kind::And(mut parts)) => {
            parts.push(right);
            Kind::And(parts)
        }
        (Infix::Or, Kind::Or(mut parts)) => {
            parts.push(right);
            Kind::Or(parts)
        }
        (infix, kind) => {
            let left = Node { kind, ..left };
            match infix {
                Infix::And => Kind::And(vec![left, right]),
                Infix::Or => Kind::Or(vec![left, right]),
                Infix::Binary(operator) => Kind::Binary(operator, Box::new(left), Box::new(right)),
            }
        }
    }
}

fn too_high(at: &Range<usize>) -> ExprError {
    let message = format!("at most {MAX_HEIGHT} operators, members and calls follow each other");
    ExprError::new(ErrorCode::TooDeep, message).hint("split it up with `values`").place(at)
}

fn too_deep(at: &Range<usize>) -> ExprError {
    ExprError::new(ErrorCode::TooDeep, format!("an expression nests at most {MAX_NESTING} deep"))
        .hint("split it up with `values`")
        .place(at)
}
