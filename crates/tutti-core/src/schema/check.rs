//! Holding a value against a schema, and saying in plain words where it does not fit.

use serde_json::Value;

use super::compare::{is_multiple, order, same};
use super::words::{either, must_be, one_of, shown};
use super::{Fault, Rule, Schema, limit};
use crate::pointer::Pointer;

/// No more are told; nobody repairs more at once.
const FAULTS: usize = 20;
/// How many rules one check may look at, so that no schema can make it endless.
const WORK: usize = 200_000;
/// How deep a check may go, for the stack's sake.
const DEPTH: usize = 200;

pub fn check(schema: &Schema, value: &Value) -> Vec<Fault> {
    let mut checker = Checker::new(schema);
    let mut faults = Faults::default();
    checker.part(0, value, &Pointer::Root, &mut faults);
    if checker.gave_up {
        // Whatever was found until then is not all; a "not" may even have turned it around.
        let message = "the value is too large or too deep to be checked".to_owned();
        return vec![Fault { at: String::new(), keyword: "too_large", message }];
    }
    faults.0
}

#[derive(Default)]
struct Faults(Vec<Fault>);

impl Faults {
    fn add(&mut self, place: &Pointer<'_>, keyword: &'static str, message: String) {
        if self.0.len() < FAULTS {
            self.0.push(Fault { at: place.text(), keyword, message });
        }
    }

    fn are_none(&self) -> bool {
        self.0.is_empty()
    }
}

pub struct Checker<'a> {
    schema: &'a Schema,
    work: usize,
    depth: usize,
    gave_up: bool,
}

impl<'a> Checker<'a> {
    pub fn new(schema: &'a Schema) -> Self {
        Self { schema, work: WORK, depth: DEPTH, gave_up: false }
    }

    /// Whether `value` fits one part of the schema, as far as it can be said.
    pub fn fits(&mut self, part: usize, value: &Value) -> bool {
        self.misses(part, value, &Pointer::Root).are_none() && !self.gave_up
    }

    fn misses(&mut self, part: usize, value: &Value, place: &Pointer<'_>) -> Faults {
        let mut faults = Faults::default();
        self.part(part, value, place, &mut faults);
        faults
    }

    fn part(&mut self, part: usize, value: &Value, place: &Pointer<'_>, faults: &mut Faults) {
        let schema = self.schema;
        if self.depth == 0 {
            self.gave_up = true;
        }
        if self.gave_up {
            return;
        }
        self.depth -= 1;
        for rule in schema.part(part) {
            self.spend(1);
            self.rule(rule, value, place, faults);
        }
        self.depth += 1;
    }

    /// Counts work; says whether there is any left.
    pub fn spend(&mut self, work: usize) -> bool {
        self.work = self.work.saturating_sub(work);
        self.gave_up |= self.work == 0;
        !self.gave_up
    }

    fn rule(&mut self, rule: &Rule, value: &Value, place: &Pointer<'_>, faults: &mut Faults) {
        match rule {
            Rule::Never => {
                faults.add(place, "false", format!("{} is not allowed", place.words()));
            }
            Rule::Reference(pointer) => {
                self.part(self.schema.referred(pointer), value, place, faults);
            }
            Rule::Type(kinds) => {
                if !kinds.iter().any(|kind| kind.holds(value)) {
                    let kinds = kinds.iter().map(|kind| kind.words()).collect();
                    let message = must_be(place, &either(kinds), value);
                    faults.add(place, "type", message);
                }
            }
            Rule::Enum(allowed) => {
                self.spend(allowed.len());
                if !allowed.iter().any(|one| same(one, value)) {
                    faults.add(place, "enum", must_be(place, &one_of(allowed), value));
                }
            }
            Rule::Const(only) => {
                if !same(only, value) {
                    faults.add(place, "const", must_be(place, &shown(only), value));
                }
            }
            Rule::Size { keyword, limit } => {
                let message = limit::size(keyword, *limit, value, place);
                message.into_iter().for_each(|message| faults.add(place, keyword, message));
            }
            Rule::Bound { keyword, limit } => {
                let message = limit::bound(keyword, limit, value, place);
                message.into_iter().for_each(|message| faults.add(place, keyword, message));
            }
            Rule::MultipleOf(step) => {
                if value.as_number().is_some_and(|number| !is_multiple(number, step)) {
                    let message = must_be(place, &format!("a multiple of {step}"), value);
                    faults.add(place, "multipleOf", message);
                }
            }
            Rule::Required(names) => {
                let Some(members) = value.as_object() else { return };
                for name in names.iter().filter(|name| !members.contains_key(name.as_str())) {
                    let missing = Pointer::Member(place, name);
                    faults.add(place, "required", format!("{} is missing", missing.words()));
                }
            }
            Rule::Members { .. } => self.members(rule, value, place, faults),
            Rule::Items { first, rest } => self.items(first, *rest, value, place, faults),
            Rule::UniqueItems => self.unique(value, place, faults),
            Rule::AllOf(parts) => {
                parts.iter().for_each(|part| self.part(*part, value, place, faults));
            }
            Rule::AnyOf(parts) => {
                let (fitting, nearest) = self.forms(parts, 1, value, place);
                if fitting == 0 {
                    faults.add(place, "anyOf", nearest.no_form(place, parts.len()));
                }
            }
            Rule::OneOf(parts) => match self.forms(parts, 2, value, place) {
                (0, nearest) => faults.add(place, "oneOf", nearest.no_form(place, parts.len())),
                (1, _) => {}
                _ => {
                    let message = format!("{} must have only one of its forms", place.words());
                    faults.add(place, "oneOf", message);
                }
            },
            Rule::Not(part) => {
                if self.misses(*part, value, place).are_none() {
                    let message = format!("{} must not be {}", place.words(), shown(value));
                    faults.add(place, "not", message);
                }
            }
        }
    }

    fn members(&mut self, rule: &Rule, value: &Value, place: &Pointer<'_>, faults: &mut Faults) {
        let (Rule::Members { known, others }, Some(members)) = (rule, value.as_object()) else {
            return;
        };
        for (name, member) in members {
            let inner = Pointer::Member(place, name);
            match (known.get(name), others) {
                (Some(part), _) => self.part(*part, member, &inner, faults),
                (None, Some(part)) if self.schema.part(*part) == [Rule::Never] => {
                    let names = known.keys().cloned().collect::<Vec<_>>().join(", ");
                    let known = if names.is_empty() { "nothing" } else { &names };
                    let message = format!("{} is not known; known here: {known}", inner.words());
                    faults.add(&inner, "additionalProperties", message);
                }
                (None, Some(part)) => self.part(*part, member, &inner, faults),
                (None, None) => {}
            }
        }
    }

    fn items(
        &mut self,
        first: &[usize],
        rest: Option<usize>,
        value: &Value,
        place: &Pointer<'_>,
        faults: &mut Faults,
    ) {
        let Some(items) = value.as_array() else { return };
        for (index, item) in items.iter().enumerate() {
            let inner = Pointer::Item(place, index);
            match (first.get(index).copied(), rest) {
                (None, Some(part)) if self.schema.part(part) == [Rule::Never] => {
                    let message = format!("{} must end before item {index}", place.words());
                    return faults.add(place, "items", message);
                }
                (Some(part), _) | (None, Some(part)) => self.part(part, item, &inner, faults),
                (None, None) => {}
            }
        }
    }

    fn unique(&mut self, value: &Value, place: &Pointer<'_>, faults: &mut Faults) {
        let Some(items) = value.as_array() else { return };
        let mut sorted: Vec<&Value> = items.iter().collect();
        sorted.sort_by(|left, right| order(left, right));
        let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
        if let Some((twice, _)) = pairs.find(|(left, right)| same(left, right)) {
            let message = format!("{} holds {} more than once", place.words(), shown(twice));
            faults.add(place, "uniqueItems", message);
        }
    }

    /// How many of some forms fit, and what keeps the nearest of the others from it. Looks no
    /// further than `enough` that fit.
    fn forms(
        &mut self,
        parts: &[usize],
        enough: usize,
        value: &Value,
        place: &Pointer<'_>,
    ) -> (usize, Faults) {
        let mut fitting = 0;
        let mut nearest: Option<Faults> = None;
        for part in parts {
            let misses = self.misses(*part, value, place);
            if misses.are_none() {
                fitting += 1;
            } else if nearest
                .as_ref()
                .is_none_or(|near| misses.distance(place) < near.distance(place))
            {
                nearest = Some(misses);
            }
            if fitting == enough {
                break;
            }
        }
        (fitting, nearest.unwrap_or_default())
    }
}

impl Faults {
    /// How far a value is from a form: the wrong type is farthest, then another constant, which
    /// is how forms are told apart, then the number of faults.
    fn distance(&self, place: &Pointer<'_>) -> (bool, usize, usize) {
        let at = place.text();
        let is_other_type = |fault: &Fault| fault.keyword == "type" && fault.at == at;
        let is_other_value = |fault: &&Fault| matches!(fault.keyword, "const" | "enum");
        let others = self.0.iter().filter(is_other_value).count();
        (self.0.iter().any(is_other_type), others, self.0.len())
    }

    fn no_form(&self, place: &Pointer<'_>, forms: usize) -> String {
        let near: Vec<&str> = self.0.iter().map(|fault| fault.message.as_str()).collect();
        let near = near.join("; ");
        format!("{} has none of the {forms} forms it may have; nearest: {near}", place.words())
    }
}
