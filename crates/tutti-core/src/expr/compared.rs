//! The texts that an expression compares with what it refers to, as far as they are written out.

use serde_json::Value;

use super::Expression;
use super::ast::{Kind, Literal, Node, Operator, Reference};

impl Expression {
    /// What is compared by `==`, `!=` or `in` with which texts.
    pub(crate) fn compared(&self) -> Vec<(Reference<'_>, &str)> {
        let mut found = Vec::new();
        compared(&self.root, &mut found);
        found
    }
}

fn compared<'n>(node: &'n Node, found: &mut Vec<(Reference<'n>, &'n str)>) {
    let sides = match &node.kind {
        Kind::Binary(Operator::Equal | Operator::Unequal, a, b) => vec![(a, b), (b, a)],
        Kind::Binary(Operator::In, a, b) => vec![(a, b)],
        _ => Vec::new(),
    };
    for (one, other) in sides {
        if let Some(reference) = one.reference(&[]) {
            found.extend(texts(other).into_iter().map(|text| (reference.clone(), text)));
        }
    }
    node.kind.each_child(|child| compared(child, found));
}

fn texts(node: &Node) -> Vec<&str> {
    match &node.kind {
        Kind::Literal(Literal::Text(text)) => vec![text],
        Kind::Literal(Literal::List(list)) => {
            list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
        }
        Kind::List(items) => items.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_compared_with_texts() {
        let table = [
            ("effect.tool == 'slack'", "effect.tool slack"),
            ("'slack' != effect['tool']", "effect.tool slack"),
            (
                "!(effect.tool in ['a', 1, 'b']) && (x ? y.z == 'c' : true)",
                "effect.tool a, effect.tool b, y.z c",
            ),
            ("effect.tool in ['a', x.y]", "effect.tool a"),
            ("xs.exists(x, x == 'a' || effect.tool == 'b')", "effect.tool b"),
            ("effect.tool.startsWith('a') || effect.tool == x || 'a' in effect.tool", ""),
        ];
        for (source, expected) in table {
            let expression = Expression::parse(source).unwrap();
            let found = expression.compared();
            let told = found.iter().map(|(reference, text)| format!("{reference} {text}"));
            assert_eq!(told.collect::<Vec<_>>().join(", "), expected, "{source}");
        }
    }
}
