//! Whether an expression can be a condition, as far as that can be seen without its facts.

use super::Expression;
use super::ast::{Form, Kind, Literal, Node, Operator};
use super::functions::Function;

impl Expression {
    /// What it is whatever its facts are, if that is neither true nor false.
    pub(crate) fn other_than_truth(&self) -> Option<&'static str> {
        other_than_truth(&self.root)
    }
}

fn other_than_truth(node: &Node) -> Option<&'static str> {
    match &node.kind {
        Kind::Literal(literal) => of_literal(literal),
        Kind::Not(inner) => other_than_truth(inner),
        Kind::And(parts) | Kind::Or(parts) => parts.iter().find_map(other_than_truth),
        Kind::Choose(parts) => {
            let [_, then, otherwise] = parts.as_ref();
            other_than_truth(then).and(other_than_truth(otherwise))
        }
        Kind::Negate(_) => Some("a number"),
        Kind::Binary(operator, ..) => of_operator(*operator),
        Kind::List(_) => Some("a list"),
        Kind::Map(_) => Some("an object"),
        Kind::Each(each) if matches!(each.form, Form::Filter | Form::Map) => Some("a list"),
        Kind::Call(function, _) => of_function(*function),
        Kind::Look(_)
        | Kind::Variable(_)
        | Kind::Member(..)
        | Kind::Index(..)
        | Kind::Has(_)
        | Kind::Each(_) => None,
    }
}

fn of_literal(literal: &Literal) -> Option<&'static str> {
    match literal {
        Literal::Bool(_) => None,
        Literal::Null => Some("missing"),
        Literal::Int(_) | Literal::Uint(_) | Literal::Double(_) => Some("a number"),
        Literal::Text(_) => Some("a text"),
        Literal::List(_) => Some("a list"),
    }
}

fn of_operator(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Equal
        | Operator::Unequal
        | Operator::Less
        | Operator::LessOrEqual
        | Operator::Greater
        | Operator::GreaterOrEqual
        | Operator::In => None,
        Operator::Add => Some("a sum"),
        Operator::Subtract => Some("a difference"),
        Operator::Multiply | Operator::Divide | Operator::Remainder => Some("a number"),
    }
}

fn of_function(function: Function) -> Option<&'static str> {
    match function {
        Function::Size | Function::Int | Function::Uint | Function::Double | Function::Get(_) => {
            Some("a number")
        }
        Function::LowerAscii
        | Function::UpperAscii
        | Function::Trim
        | Function::Join
        | Function::Replace
        | Function::Substring
        | Function::String
        | Function::Json
        | Function::Provenance => Some("a text"),
        Function::Split | Function::Distinct => Some("a list"),
        Function::Put | Function::Merge => Some("an object"),
        Function::Timestamp | Function::Time => Some("a moment"),
        Function::Duration => Some("a length of time"),
        Function::Contains
        | Function::StartsWith
        | Function::EndsWith
        | Function::Matches
        | Function::Bool
        | Function::Dyn
        | Function::Min
        | Function::Max
        | Function::Missing
        | Function::Trusted
        | Function::Private
        | Function::FirstOf
        | Function::Default => None,
    }
}
