//! The tree of an expression, and what it refers to.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use serde_json::Value;

use super::functions::Function;
use crate::fact::Key;

/// One operation of the tree and the part of the source it was written in.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) at: Range<usize>,
    /// Nodes on the longest way down, this one included.
    pub(super) height: usize,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Literal(Literal),
    /// A fact and a path into it that is known before evaluation.
    Look(Look),
    /// A variable of a macro, by its place on the stack of variables.
    Variable(usize),
    Member(Box<Node>, String),
    Index(Box<Node>, Box<Node>),
    Not(Box<Node>),
    Negate(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    /// Condition, then, else.
    Choose(Box<[Node; 3]>),
    List(Vec<Node>),
    Map(Vec<(Node, Node)>),
    Call(Function, Vec<Node>),
    Has(Box<Node>),
    Each(Box<Each>),
}

#[derive(Debug, Clone)]
pub(super) enum Literal {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    Text(String),
    /// A list of literals, so that `in` need not make it again and again.
    List(Value),
}

impl Literal {
    /// The literal as JSON, if that is read back as the same value.
    fn json(&self) -> Option<Value> {
        match self {
            Self::Bool(flag) => Some(Value::from(*flag)),
            Self::Int(number) => Some(Value::from(*number)),
            Self::Double(number) => Some(Value::from(*number)),
            Self::Text(text) => Some(Value::from(text.as_str())),
            Self::List(list) => Some(list.clone()),
            // A null in JSON is a missing value, and JSON's whole numbers are ints.
            Self::Null | Self::Uint(_) => None,
        }
    }
}

/// A root name and the keys that follow it.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub(super) root: String,
    pub(super) path: Vec<Key>,
}

/// A macro over the items of a list or the keys of a map.
#[derive(Debug, Clone)]
pub(super) struct Each {
    pub(super) form: Form,
    pub(super) range: Node,
    /// The condition; `map` with two arguments has none.
    pub(super) when: Option<Node>,
    /// What `map` makes of an item.
    pub(super) make: Option<Node>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    All,
    Exists,
    ExistsOne,
    Filter,
    Map,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Operator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Unequal => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::In => "in",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Remainder => "%",
        }
    }
}

impl Node {
    pub(super) fn new(kind: Kind, at: Range<usize>) -> Self {
        let mut below = 0;
        kind.each_child(|child| below = below.max(child.height));
        Self { kind, at, height: below + 1 }
    }

    /// The list of these items.
    pub(super) fn list(items: Vec<Node>) -> Kind {
        let literal = |item: &Node| match &item.kind {
            Kind::Literal(literal) => literal.json(),
            _ => None,
        };
        match items.iter().map(literal).collect() {
            Some(list) => Kind::Literal(Literal::List(list)),
            None => Kind::List(items),
        }
    }

    /// The static path of what this node picks, if it only picks: the items that `filter` keeps
    /// lie at the path of the list it went over.
    pub(super) fn reference<'n>(
        &'n self,
        bound: &[Option<Reference<'n>>],
    ) -> Option<Reference<'n>> {
        match &self.kind {
            Kind::Look(look) => Some(Reference::of(look)),
            Kind::Variable(slot) => bound.get(*slot).cloned().flatten(),
            Kind::Member(of, name) => Some(of.reference(bound)?.below(name)),
            Kind::Index(of, key) => {
                let of = of.reference(bound)?;
                match &key.kind {
                    Kind::Literal(Literal::Text(name)) => Some(of.below(name)),
                    Kind::Literal(Literal::Int(_)) => Some(of.below("[]")),
                    _ => None,
                }
            }
            Kind::Each(each) if each.form == Form::Filter => each.range.reference(bound),
            _ => None,
        }
    }

    /// Collects the references at and below this node; what is only the beginning of a longer
    /// one is not counted by itself.
    pub(super) fn collect<'n>(
        &'n self,
        begins: bool,
        bound: &mut Vec<Option<Reference<'n>>>,
        found: &mut BTreeSet<Reference<'n>>,
    ) {
        let mine = self.reference(bound);
        let picks = mine.is_some();
        // A bare variable is no reference of its own either: its list is one already.
        if !begins && !matches!(self.kind, Kind::Variable(_) | Kind::Each(_)) {
            found.extend(mine);
        }
        match &self.kind {
            Kind::Member(of, _) => of.collect(picks, bound, found),
            Kind::Index(of, key) => {
                of.collect(picks, bound, found);
                key.collect(false, bound, found);
            }
            Kind::Each(each) => {
                each.range.collect(false, bound, found);
                bound.push(each.range.reference(bound).map(|range| range.below("[]")));
                for inner in each.when.iter().chain(&each.make) {
                    inner.collect(false, bound, found);
                }
                bound.pop();
            }
            kind => kind.each_child(|child| child.collect(false, bound, found)),
        }
    }
}

impl Kind {
    pub(super) fn each_child<'n>(&'n self, see: impl FnMut(&'n Node)) {
        match self {
            Self::Literal(_) | Self::Look(_) | Self::Variable(_) => {}
            Self::Member(of, _) | Self::Not(of) | Self::Negate(of) | Self::Has(of) => {
                [of.as_ref()].into_iter().for_each(see);
            }
            Self::Index(a, b) | Self::Binary(_, a, b) => {
                [a.as_ref(), b].into_iter().for_each(see);
            }
            Self::And(parts) | Self::Or(parts) | Self::List(parts) | Self::Call(_, parts) => {
                parts.iter().for_each(see);
            }
            Self::Choose(parts) => parts.iter().for_each(see),
            Self::Map(entries) => {
                entries.iter().flat_map(|(key, value)| [key, value]).for_each(see);
            }
            Self::Each(each) => {
                std::iter::once(&each.range).chain(&each.when).chain(&each.make).for_each(see);
            }
        }
    }
}

/// What an expression refers to: a root name and the path below it as far as it is known before
/// evaluation. Items of a list are written `[]`, as in marks: `similar.items[].key`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference<'n> {
    /// The name of the fact.
    pub root: &'n str,
    /// The keys below it.
    pub path: Vec<&'n str>,
}

impl<'n> Reference<'n> {
    fn of(look: &'n Look) -> Self {
        let step = |key: &'n Key| match key {
            Key::Name(name) => name.as_str(),
            Key::Index(_) => "[]",
        };
        Self { root: &look.root, path: look.path.iter().map(step).collect() }
    }

    fn below(mut self, key: &'n str) -> Self {
        self.path.push(key);
        self
    }
}

impl fmt::Display for Reference<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.root)?;
        for key in &self.path {
            if *key == "[]" { f.write_str("[]")? } else { write!(f, ".{key}")? }
        }
        Ok(())
    }
}
