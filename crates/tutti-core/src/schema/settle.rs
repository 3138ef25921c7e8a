//! Taking away the nulls with which a model says "left out".

use serde_json::Value;

use super::check::Checker;
use super::{Rule, Schema};

/// How deep this looks, for the stack's sake.
const DEPTH: usize = 200;

pub fn settle(schema: &Schema, mut answer: Value) -> Value {
    let mut settler = Settler { schema, checker: Checker::new(schema) };
    settler.part(0, &mut answer, DEPTH);
    answer
}

struct Settler<'a> {
    schema: &'a Schema,
    checker: Checker<'a>,
}

impl Settler<'_> {
    fn part(&mut self, part: usize, value: &mut Value, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        let schema = self.schema;
        for rule in schema.part(part) {
            if !self.checker.spend(1) {
                return;
            }
            match rule {
                Rule::Reference(pointer) => self.part(schema.referred(pointer), value, depth),
                Rule::AllOf(parts) => parts.iter().for_each(|part| self.part(*part, value, depth)),
                Rule::AnyOf(parts) | Rule::OneOf(parts) => self.choice(parts, value, depth),
                Rule::Members { known, .. } => {
                    let Some(members) = value.as_object_mut() else { continue };
                    let is_needed = |name: &String| {
                        let rules = schema.part(part).iter();
                        rules.into_iter().any(
                            |rule| matches!(rule, Rule::Required(names) if names.contains(name)),
                        )
                    };
                    members.retain(|name, member| {
                        let Some(part) = known.get(name) else { return true };
                        self.part(*part, member, depth);
                        !member.is_null() || is_needed(name) || self.checker.fits(*part, member)
                    });
                }
                Rule::Items { first, rest } => {
                    for (index, item) in value.as_array_mut().into_iter().flatten().enumerate() {
                        if let Some(part) = first.get(index).copied().or(*rest) {
                            self.part(part, item, depth);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    /// Settles for the first form that fits then; a value that has none stays as it is.
    fn choice(&mut self, parts: &[usize], value: &mut Value, depth: usize) {
        for part in parts {
            let mut settled = value.clone();
            self.part(*part, &mut settled, depth);
            if self.checker.fits(*part, &settled) {
                *value = settled;
                return;
            }
        }
    }
}
