//! What is wrong with an expression whatever its facts are: each time it is evaluated it fails there.

use super::ast::{Kind, Literal, Node, Operator};
use super::error::{ErrorCode, ExprError};
use super::functions::Function;
use super::pattern::Pattern;
use super::{Expression, Meter};

impl Expression {
    /// A division by zero that is written out, or a pattern that is none.
    pub(crate) fn constant_fault(&self) -> Option<ExprError> {
        fault(&self.root)
    }
}

fn fault(node: &Node) -> Option<ExprError> {
    let own = match &node.kind {
        Kind::Binary(Operator::Divide | Operator::Remainder, _, by) if is_zero(by) => {
            Some(ExprError::new(ErrorCode::DivideByZero, "this divides by zero"))
        }
        Kind::Call(Function::Matches, arguments) => arguments.get(1).and_then(unreadable),
        _ => None,
    };
    let hint = "it would fail each time it is computed; write it otherwise";
    let mut found = own.map(|error| error.place(&node.at).hint(hint));
    node.kind.each_child(|child| {
        if found.is_none() {
            found = fault(child);
        }
    });
    found
}

fn is_zero(node: &Node) -> bool {
    matches!(node.kind, Kind::Literal(Literal::Int(0) | Literal::Uint(0)))
}

fn unreadable(pattern: &Node) -> Option<ExprError> {
    let Kind::Literal(Literal::Text(pattern)) = &pattern.kind else { return None };
    Pattern::read(pattern, &mut Meter::default()).err()
}
