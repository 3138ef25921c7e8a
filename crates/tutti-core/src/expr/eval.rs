//! The evaluator: walks the tree once, carrying labels and what is missing.

use std::collections::BTreeMap;

use super::Scope;
use super::arithmetic::{combine, negate, no_overload};
use super::ast::{Kind, Literal, Look, Node, Operator};
use super::call::{call, scan_key};
use super::compare::{comparable, equal, order};
use super::error::{ErrorCode, ExprError, quoted};
use super::functions::Function;
use super::item::{Item, Lookup};
use super::logic::Logic;
use super::meter::{ITEM, Meter};
use super::place::Place;
use super::stop::{Answer, Stop};
use super::tag::Tag;
use super::value::{Text, Val};

/// One evaluation. What it makes borrows from the tree and from the facts.
pub(super) struct Evaluator<'a, 'm> {
    pub(super) source: &'a str,
    pub(super) scope: &'a dyn Scope,
    pub(super) meter: &'m mut Meter,
    /// The variables of the macros around, outermost first; the item of one may be missing.
    pub(super) variables: Vec<Answer<'a>>,
}

impl<'a> Evaluator<'a, '_> {
    pub(super) fn eval(&mut self, node: &'a Node) -> Answer<'a> {
        self.meter.step(1)?;
        let answer = match &node.kind {
            Kind::Literal(literal) => Ok(Item::literal(self.literal(literal))),
            Kind::Look(look) => self.look(look),
            Kind::Variable(slot) => match self.variables.get(*slot) {
                Some(answer) => answer.clone(),
                None => Err(ExprError::new(ErrorCode::Syntax, "a variable without a macro").into()),
            },
            Kind::Member(of, name) => self.member(node, of, name),
            Kind::Index(of, key) => self.index(node, of, key),
            Kind::Not(of) => self.not(of),
            Kind::Negate(of) => self.eval(of).and_then(|item| Ok(negate(&item)?)),
            Kind::Binary(operator, a, b) => self.binary(*operator, a, b),
            Kind::And(parts) => self.logic(parts, false),
            Kind::Or(parts) => self.logic(parts, true),
            Kind::Choose(parts) => self.choose(parts),
            Kind::List(items) => self.list(items),
            Kind::Map(entries) => self.map(entries),
            Kind::Call(function, arguments) => self.call(node, *function, arguments),
            Kind::Has(of) => self.has(of),
            Kind::Each(each) => self.each(each),
        };
        answer.map_err(|stop| match stop {
            Stop::Failed(error) => Stop::Failed(Box::new(error.place(&node.at))),
            missing => missing,
        })
    }

    fn literal(&self, literal: &'a Literal) -> Val<'a> {
        match literal {
            Literal::Null => Val::Null,
            Literal::Bool(flag) => Val::Bool(*flag),
            Literal::Int(number) => Val::Int(*number),
            Literal::Uint(number) => Val::Uint(*number),
            Literal::Double(number) => Val::Double(*number),
            Literal::Text(text) => Val::Text(Text::Borrowed(text)),
            Literal::List(list) => Val::Json(list),
        }
    }

    fn look(&mut self, look: &'a Look) -> Answer<'a> {
        let Some(fact) = self.scope.fact(&look.root) else {
            return Err(Stop::missing(look.root.clone(), Tag::default()));
        };
        match Place::find(look, fact) {
            Ok((place, value)) => Ok(Item::read(value, place, &Tag::default())),
            Err(path) => {
                let tag = Tag::of(fact.own_labels(&look.path));
                Err(Stop::missing(path, tag.absent()))
            }
        }
    }

    fn member(&mut self, node: &'a Node, of: &'a Node, name: &'a str) -> Answer<'a> {
        let of = self.eval(of)?;
        let lookup = of.member(name);
        self.found(node, &of, &Val::Text(Text::Borrowed(name)), lookup)
    }

    fn index(&mut self, node: &'a Node, of: &'a Node, key: &'a Node) -> Answer<'a> {
        let (of, key) = self.pair(of, key)?;
        scan_key(&key, self.meter)?;
        let lookup = of.lookup(&key.val);
        let chosen = key.tag().derived();
        self.found(node, &of, &key.val, lookup).map(|item| item.chosen(&chosen))
    }

    fn found(
        &self,
        node: &'a Node,
        of: &Item<'a>,
        key: &Val<'a>,
        lookup: Lookup<'a>,
    ) -> Answer<'a> {
        match lookup {
            Lookup::Found(item) => Ok(item),
            Lookup::Missing(path, tag) => {
                Err(Stop::missing(path.unwrap_or_else(|| self.text(node)), tag))
            }
            Lookup::Mistake => Err(absent(of, key).into()),
            Lookup::NoOverload => {
                let message = format!("{} has no {} in it", of.val.kind(), key.kind());
                Err(ExprError::new(ErrorCode::NoOverload, message).into())
            }
        }
    }

    /// What the author wrote for this node.
    pub(super) fn text(&self, node: &Node) -> String {
        self.source.get(node.at.clone()).unwrap_or_default().to_owned()
    }

    fn not(&mut self, of: &'a Node) -> Answer<'a> {
        let (flag, tag) = self.truth(of)?;
        Ok(Item::new(Val::Bool(!flag), tag.derived()))
    }

    /// The value of a condition and its labels.
    pub(super) fn truth(&mut self, node: &'a Node) -> Result<(bool, Tag<'a>), Stop<'a>> {
        let item = self.eval(node)?;
        match item.val {
            Val::Bool(flag) => Ok((flag, item.tag())),
            other => {
                let message = format!("a condition is true or false, not {}", other.kind());
                Err(ExprError::new(ErrorCode::NoOverload, message).place(&node.at).into())
            }
        }
    }

    /// Both operands, or everything that keeps them from having a value.
    fn pair(&mut self, a: &'a Node, b: &'a Node) -> Result<(Item<'a>, Item<'a>), Stop<'a>> {
        match (self.eval(a), self.eval(b)) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (Err(a), Err(b)) => Err(a.and(b)),
            (Err(stop), _) | (_, Err(stop)) => Err(stop),
        }
    }

    /// All arguments, or everything that keeps them from having a value.
    pub(super) fn all<'n>(
        &mut self,
        nodes: impl Iterator<Item = &'a Node>,
    ) -> Result<Vec<Item<'a>>, Stop<'a>> {
        let mut items = Vec::with_capacity(nodes.size_hint().0);
        let mut stopped: Option<Stop<'a>> = None;
        for node in nodes {
            match (self.eval(node), stopped.take()) {
                (Ok(item), None) => items.push(item),
                (Ok(_), before) => stopped = before,
                (Err(stop), None) => stopped = Some(stop),
                (Err(stop), Some(before)) => stopped = Some(before.and(stop)),
            }
        }
        stopped.map_or(Ok(items), Err)
    }

    fn binary(&mut self, operator: Operator, a: &'a Node, b: &'a Node) -> Answer<'a> {
        let (a, b) = self.pair(a, b)?;
        let result = match operator {
            Operator::Equal => equal(&a.val, &b.val, self.meter)?,
            Operator::Unequal => !equal(&a.val, &b.val, self.meter)?,
            Operator::In => return self.contains(&a, &b),
            Operator::Less
            | Operator::LessOrEqual
            | Operator::Greater
            | Operator::GreaterOrEqual => {
                if let (Val::Text(a), Val::Text(_)) = (&a.val, &b.val) {
                    self.meter.scan(a)?;
                }
                let found = order(&a.val, &b.val);
                if found.is_none() && !comparable(&a.val, &b.val) {
                    return Err(no_overload(operator, &a.val, &b.val).into());
                }
                match operator {
                    Operator::Less => found.is_some_and(|order| order.is_lt()),
                    Operator::LessOrEqual => found.is_some_and(|order| order.is_le()),
                    Operator::Greater => found.is_some_and(|order| order.is_gt()),
                    _ => found.is_some_and(|order| order.is_ge()),
                }
            }
            _ => return Ok(combine(operator, &a, &b, self.meter)?),
        };
        Ok(Item::new(Val::Bool(result), a.tag().joined(&b.tag()).derived()))
    }

    /// `a in b`: an item of a list, or a key of a map.
    fn contains(&mut self, a: &Item<'a>, b: &Item<'a>) -> Answer<'a> {
        let (found, tag) = if b.val.is_list() {
            let mut found = false;
            for item in (0..).map_while(|index| b.val.nth(index)) {
                found = equal(&a.val, &item, self.meter)?;
                if found {
                    break;
                }
            }
            (found, b.tag())
        } else if b.val.len().is_some() {
            scan_key(a, self.meter)?;
            (matches!(b.lookup(&a.val), Lookup::Found(_)), b.shape_tag())
        } else {
            return Err(no_overload(Operator::In, &a.val, &b.val).into());
        };
        Ok(Item::new(Val::Bool(found), a.tag().joined(&tag).derived()))
    }

    /// `&&` (decided by false) and `||` (decided by true): a deciding part decides whatever the
    /// others are, missing or wrong; else what is missing may still decide, so that comes first.
    fn logic(&mut self, parts: &'a [Node], deciding: bool) -> Answer<'a> {
        let mut logic = Logic::new(deciding);
        for part in parts {
            let truth = self.truth(part);
            if logic.add(truth)? {
                break;
            }
        }
        logic.end()
    }

    fn choose(&mut self, parts: &'a [Node; 3]) -> Answer<'a> {
        let [condition, then, otherwise] = parts;
        let (flag, tag) = self.truth(condition)?;
        let item = self.eval(if flag { then } else { otherwise })?;
        Ok(item.chosen(&tag.derived()))
    }

    fn list(&mut self, nodes: &'a [Node]) -> Answer<'a> {
        let items = self.all(nodes.iter())?;
        self.meter.grow(items.len() * ITEM)?;
        Ok(Item::literal(Val::list(items, false)))
    }

    fn map(&mut self, nodes: &'a [(Node, Node)]) -> Answer<'a> {
        let mut items = self.all(nodes.iter().flat_map(|(key, value)| [key, value]))?.into_iter();
        self.meter.grow(items.len() * ITEM)?;
        let mut entries = BTreeMap::new();
        let mut tag = Tag::default();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            let Some(name) = key.val.map_key().filter(|_| !matches!(key.val, Val::Double(_)))
            else {
                let message = format!("{} cannot be a key of a map", key.val.kind());
                return Err(ExprError::new(ErrorCode::NoOverload, message).into());
            };
            scan_key(&key, self.meter)?;
            tag.join(&key.tag());
            if entries.insert(name, value).is_some() {
                return Err(ExprError::new(ErrorCode::RepeatedKey, "a key is there twice").into());
            }
        }
        Ok(Item::new(Val::map(entries, false), tag.derived()))
    }

    fn call(&mut self, node: &'a Node, function: Function, arguments: &'a [Node]) -> Answer<'a> {
        match (function, arguments) {
            (Function::Missing, [x]) => self.missing(x),
            (Function::Trusted, [x]) => self.trusted(x),
            (Function::Private, [x]) => self.private(x),
            (Function::Provenance, [x]) => self.provenance(x),
            (Function::FirstOf, _) => self.first_of(node, arguments),
            (Function::Default, [x, y]) => self.default(x, y),
            _ => {
                let items = self.all(arguments.iter())?;
                Ok(call(function, &items, self.meter)?)
            }
        }
    }

    /// `has(x.y)`: whether there is such a member.
    fn has(&mut self, of: &'a Node) -> Answer<'a> {
        match self.eval(of) {
            Ok(item) => Ok(Item::new(Val::Bool(true), item.shape_tag().derived())),
            Err(Stop::Missing(missing)) => Ok(Item::new(Val::Bool(false), missing.tag.derived())),
            // Only the last key may be absent from a map that the expression wrote.
            Err(Stop::Failed(error)) if error.code == ErrorCode::NoSuchKey => {
                let Kind::Member(within, _) = &of.kind else {
                    return Err(Stop::Failed(error));
                };
                let tag = self.eval(within)?.shape_tag();
                Ok(Item::new(Val::Bool(false), tag.derived()))
            }
            Err(failed) => Err(failed),
        }
    }
}

fn absent(of: &Item<'_>, key: &Val<'_>) -> ExprError {
    if of.val.is_list() {
        return ExprError::new(ErrorCode::OutOfBounds, "index out of bounds");
    }
    let message = match key {
        Val::Text(name) => format!("no such key: {}", quoted(name)),
        _ => "no such key".to_owned(),
    };
    ExprError::new(ErrorCode::NoSuchKey, message)
}
