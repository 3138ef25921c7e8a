//! The parser: precedence climbing over tokens, bounded in length and depth.

use std::ops::Range;

use super::ast::{Each, Form, Kind, Literal, Look, Node, Operator};
use super::error::{ErrorCode, ExprError};
use super::functions::{Function, Style};
use super::token::{Lexer, Token};
use crate::fact::Key;

/// The longest source an expression may have, in bytes.
const MAX_LENGTH: usize = 16 << 10;
/// How deep parentheses, arguments and the like may nest. Reading so deep takes a megabyte of stack
/// in a debug build and a fifth of that in a release.
const MAX_NESTING: usize = 48;
/// How high the tree may be; chains like `a + b + c` grow it without nesting.
const MAX_HEIGHT: usize = 96;

/// Words that name nothing, so that CEL stays embeddable in other languages.
const RESERVED: [&str; 17] = [
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

type Parsed<T = Node> = Result<T, ExprError>;

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

struct Parser<'s> {
    source: &'s str,
    /// Where the expression begins.
    from: usize,
    lexer: Lexer<'s>,
    token: Token,
    at: Range<usize>,
    /// Where the token before ended.
    end: usize,
    depth: usize,
    /// The variables of the macros around, outermost first.
    variables: Vec<String>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, from: usize) -> Parsed<Self> {
        let mut lexer = Lexer::new(source, from);
        let (token, at) = lexer.next()?;
        Ok(Self { source, from, lexer, token, at, end: from, depth: 0, variables: Vec::new() })
    }

    fn advance(&mut self) -> Parsed<Token> {
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

    fn is(&self, sign: &str) -> bool {
        matches!(&self.token, Token::Sign(found) if *found == sign)
    }

    fn accept(&mut self, sign: &str) -> Parsed<bool> {
        let found = self.is(sign);
        if found {
            self.advance()?;
        }
        Ok(found)
    }

    fn expect(&mut self, sign: &str) -> Parsed<()> {
        if self.accept(sign)? { Ok(()) } else { Err(self.unexpected(&format!("`{sign}`"))) }
    }

    fn unexpected(&self, wanted: &str) -> ExprError {
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
    fn node(&self, kind: Kind, start: usize) -> Parsed {
        let node = Node::new(kind, start..self.end);
        if node.height > MAX_HEIGHT { Err(too_deep(&node.at)) } else { Ok(node) }
    }

    fn expression(&mut self) -> Parsed {
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
                return Err(too_deep(&self.at));
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

    /// A primary and the members, indices and methods that follow it.
    fn picked(&mut self, negative: Option<usize>) -> Parsed {
        let start = negative.unwrap_or(self.at.start);
        let mut node = self.primary(negative)?;
        loop {
            if self.accept(".")? {
                node = self.member_or_method(node, start)?;
            } else if self.accept("[")? {
                self.refuse_optional()?;
                let key = self.expression()?;
                self.expect("]")?;
                node = self.node(index(node, key), start)?;
            } else if self.is("{") && matches!(node.kind, Kind::Look(_)) {
                return Err(ExprError::new(ErrorCode::Unsupported, "messages are not supported")
                    .hint("write a map: {\"key\": value}")
                    .place(&self.at));
            } else {
                return Ok(node);
            }
        }
    }

    fn refuse_optional(&self) -> Parsed<()> {
        if !self.is("?") {
            return Ok(());
        }
        Err(ExprError::new(ErrorCode::Unsupported, "optional values are not supported")
            .hint("what is missing is unknown by itself; see missing() and default()")
            .place(&self.at))
    }

    fn member_or_method(&mut self, of: Node, start: usize) -> Parsed {
        self.refuse_optional()?;
        let at = self.at.clone();
        let name = match self.advance()? {
            Token::Name(name) if !matches!(&*name, "true" | "false" | "null" | "in") => name,
            Token::Quoted(name) => return self.node(member(of, name), start),
            _ => return Err(ExprError::new(ErrorCode::Syntax, "expected a name").place(&at)),
        };
        if !self.accept("(")? {
            return self.node(member(of, name), start);
        }
        if let Some(form) = form(&name) {
            return self.each(form, of, start);
        }
        let mut arguments = vec![of];
        arguments.extend(self.list(")")?);
        self.call(&name, Style::Method, arguments, start, &at)
    }

    fn call(
        &self,
        name: &str,
        style: Style,
        arguments: Vec<Node>,
        start: usize,
        at: &Range<usize>,
    ) -> Parsed {
        let function = Function::find(name, style, arguments.len()).map_err(|e| e.place(at))?;
        self.node(Kind::Call(function, arguments), start)
    }

    fn primary(&mut self, negative: Option<usize>) -> Parsed {
        let start = negative.unwrap_or(self.at.start);
        match &self.token {
            Token::Sign("(") => {
                self.advance()?;
                let inner = self.expression()?;
                self.expect(")")?;
                Ok(inner)
            }
            Token::Sign("[") => {
                self.advance()?;
                let items = self.list("]")?;
                self.node(Node::list(items), start)
            }
            Token::Sign("{") => {
                self.advance()?;
                self.map(start)
            }
            Token::Name(name) if !matches!(&**name, "true" | "false" | "null") => self.named(start),
            _ => self.plain(negative, start),
        }
    }

    /// A primary without parts.
    fn plain(&mut self, negative: Option<usize>, start: usize) -> Parsed {
        let at = self.at.clone();
        let wrong = |message: &str| ExprError::new(ErrorCode::Syntax, message).place(&at);
        let literal = match self.advance()? {
            Token::Int(number) => Literal::Int(
                signed(number, negative.is_some())
                    .ok_or_else(|| wrong("this integer does not fit into 64 bits"))?,
            ),
            Token::Double(number) if negative.is_some() => Literal::Double(-number),
            Token::Double(number) => Literal::Double(number),
            Token::Uint(number) => Literal::Uint(number),
            Token::Text(text) => Literal::Text(text),
            Token::Name(name) if name == "true" => Literal::Bool(true),
            Token::Name(name) if name == "false" => Literal::Bool(false),
            Token::Name(_) => Literal::Null,
            // A leading dot says "from the root": it sees past the variables of macros.
            Token::Sign(".") => match self.advance()? {
                Token::Name(name) => return self.node(look(name), start),
                _ => return Err(wrong("expected a name")),
            },
            Token::End => return Err(wrong("expected a value, found the end")),
            Token::Sign(_) | Token::Quoted(_) => {
                let found = self.source.get(at.clone()).unwrap_or_default();
                return Err(wrong(&format!("expected a value, found `{found}`")));
            }
        };
        self.node(Kind::Literal(literal), start)
    }

    /// A variable, a fact or a call.
    fn named(&mut self, start: usize) -> Parsed {
        let at = self.at.clone();
        let Token::Name(name) = self.advance()? else { return Err(self.unexpected("a name")) };
        if name == "in" || RESERVED.contains(&name.as_str()) {
            let message = format!("`{name}` is a reserved word and names nothing");
            return Err(ExprError::new(ErrorCode::Syntax, message).place(&at));
        }
        if self.accept("(")? {
            if name == "has" {
                return self.has(start);
            }
            let arguments = self.list(")")?;
            return self.call(&name, Style::Global, arguments, start, &at);
        }
        match self.variables.iter().rposition(|variable| *variable == name) {
            Some(slot) => self.node(Kind::Variable(slot), start),
            None => self.node(look(name), start),
        }
    }

    fn has(&mut self, start: usize) -> Parsed {
        let argument = self.expression()?;
        self.expect(")")?;
        let picks = match &argument.kind {
            Kind::Look(look) => !look.path.is_empty(),
            kind => matches!(kind, Kind::Member(..)),
        };
        if picks {
            return self.node(Kind::Has(Box::new(argument)), start);
        }
        Err(ExprError::new(ErrorCode::WrongArguments, "has() asks for a member: has(case.owner)")
            .hint("for anything else there is missing()")
            .place(&argument.at))
    }

    fn list(&mut self, close: &'static str) -> Parsed<Vec<Node>> {
        let mut items = Vec::new();
        while !self.accept(close)? {
            self.refuse_optional()?;
            items.push(self.expression()?);
            if !self.accept(",")? {
                self.expect(close)?;
                break;
            }
        }
        Ok(items)
    }

    fn map(&mut self, start: usize) -> Parsed {
        let mut entries = Vec::new();
        while !self.accept("}")? {
            self.refuse_optional()?;
            let key = self.expression()?;
            self.expect(":")?;
            entries.push((key, self.expression()?));
            if !self.accept(",")? {
                self.expect("}")?;
                break;
            }
        }
        self.node(Kind::Map(entries), start)
    }

    fn each(&mut self, form: Form, range: Node, start: usize) -> Parsed {
        let at = self.at.clone();
        let wrong = |message: &str| {
            ExprError::new(ErrorCode::WrongArguments, message)
                .hint("write it like items.filter(item, item.open)")
                .place(&at)
        };
        let Token::Name(variable) = self.advance()? else {
            return Err(wrong("a macro begins with the name of its variable"));
        };
        if !self.is(",") {
            return Err(wrong("a macro takes the name of its variable, then what to do with it"));
        }
        self.advance()?;
        self.variables.push(variable);
        let mut bodies = self.list(")")?;
        self.variables.pop();
        let last = bodies.pop();
        let (when, make) = match (form, bodies.pop(), last) {
            (Form::Map, when, make @ Some(_)) => (when, make),
            (_, None, when @ Some(_)) => (when, None),
            _ => return Err(wrong("a macro was given the wrong number of arguments")),
        };
        if !bodies.is_empty() {
            return Err(wrong("a macro was given the wrong number of arguments"));
        }
        self.node(Kind::Each(Box::new(Each { form, range, when, make })), start)
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
            let left = Node::new(kind, left.at);
            match infix {
                Infix::And => Kind::And(vec![left, right]),
                Infix::Or => Kind::Or(vec![left, right]),
                Infix::Binary(operator) => Kind::Binary(operator, Box::new(left), Box::new(right)),
            }
        }
    }
}

fn too_deep(at: &Range<usize>) -> ExprError {
    ExprError::new(ErrorCode::TooDeep, format!("an expression nests at most {MAX_NESTING} deep"))
        .hint("split it up with `values`")
        .place(at)
}

fn signed(number: u64, negative: bool) -> Option<i64> {
    if negative { 0_i64.checked_sub_unsigned(number) } else { i64::try_from(number).ok() }
}

fn look(root: String) -> Kind {
    Kind::Look(Look { root, path: Vec::new() })
}

/// A member of a static path makes the path longer.
fn member(of: Node, name: String) -> Kind {
    match of.kind {
        Kind::Look(mut look) => {
            look.path.push(Key::Name(name));
            Kind::Look(look)
        }
        _ => Kind::Member(Box::new(of), name),
    }
}

/// A literal index of a static path makes the path longer, too.
fn index(of: Node, key: Node) -> Kind {
    let fixed = match &key.kind {
        Kind::Literal(Literal::Text(name)) => Some(Key::Name(name.clone())),
        Kind::Literal(Literal::Int(index)) => usize::try_from(*index).ok().map(Key::Index),
        _ => None,
    };
    match (of.kind, fixed) {
        (Kind::Look(mut look), Some(key)) => {
            look.path.push(key);
            Kind::Look(look)
        }
        (kind, _) => {
            let of = Node::new(kind, of.at);
            Kind::Index(Box::new(of), Box::new(key))
        }
    }
}

fn form(name: &str) -> Option<Form> {
    Some(match name {
        "all" => Form::All,
        "exists" => Form::Exists,
        "exists_one" | "existsOne" => Form::ExistsOne,
        "filter" => Form::Filter,
        "map" => Form::Map,
        _ => return None,
    })
}
