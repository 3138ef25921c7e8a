//! The parser's operands: literals, names, calls, macros, and what is picked from them.

use std::ops::Range;

use super::ast::{Each, Form, Kind, Literal, Look, Node};
use super::error::{ErrorCode, ExprError};
use super::functions::{Function, Style};
use super::parse::{Parsed, Parser};
use super::token::Token;
use crate::fact::Key;

/// Words that name nothing, so that CEL stays embeddable in other languages.
fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "as" | "break"
            | "const"
            | "continue"
            | "else"
            | "for"
            | "function"
            | "if"
            | "import"
            | "let"
            | "loop"
            | "package"
            | "namespace"
            | "return"
            | "var"
            | "void"
            | "while"
            | "in"
    )
}

/// Whether it means something to the language, so that nothing can be called so.
pub(crate) fn is_word(name: &str) -> bool {
    is_reserved(name) || matches!(name, "true" | "false" | "null")
}

impl Parser<'_> {
    /// A primary and the members, indices and methods that follow it.
    pub(super) fn picked(&mut self, negative: Option<usize>) -> Parsed {
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
        if is_reserved(&name) {
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
            let of = Node { kind, ..of };
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
