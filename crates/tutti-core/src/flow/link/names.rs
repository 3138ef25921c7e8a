//! Names: which there are, which are taken, and whether what is named is known by then.

use std::collections::BTreeSet;

use super::super::Brought;
use super::super::reader::{At, nearest};
use super::{Linker, RESERVED};
use crate::expr::{Expression, Reference, Template};
use crate::pointer::Pointer;
use crate::problem::Problem;

impl Linker<'_> {
    /// A name that may appear in keys, paths and expressions.
    pub(super) fn name(&mut self, at: &At) -> Option<String> {
        let name = self.problems.text(at)?;
        self.well_formed(&name, at).then_some(name)
    }

    /// Whether these letters can be a name; says so if not.
    pub(super) fn well_formed(&mut self, name: &str, at: &At) -> bool {
        let fits = name.len() <= 60
            && name.starts_with(|c: char| c.is_ascii_lowercase())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
        if !fits {
            let hint = "a small letter first, then letters, digits, - or _, at most 60";
            self.problems.error(at, "bad_name", format!("`{name}` cannot be a name"), hint);
        }
        fits
    }

    /// Takes a name for the whole flow; says so if it is taken.
    pub(super) fn take(&mut self, name: &str, at: &At) {
        let free = self.taken.insert(name.to_owned());
        self.know(name, free, at);
    }

    /// Takes a name for as long as it is known, so that another loop may use it again.
    pub(super) fn bind(&mut self, name: &str, at: &At) {
        let free = !self.names.contains(name);
        self.know(name, free, at);
    }

    /// Links a part that knows only these names and its own: of the arms of a switch only one is gone
    /// through. Flows that are stored are taken as they are.
    pub(super) fn apart<T>(
        &mut self,
        names: &BTreeSet<String>,
        link: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if !self.catalogue.judges() {
            return link(self);
        }
        let others = std::mem::replace(&mut self.names, names.clone());
        let linked = link(self);
        self.names.extend(others);
        linked
    }

    fn know(&mut self, name: &str, free: bool, at: &At) {
        self.names.insert(name.to_owned());
        if RESERVED.contains(&name) || !free {
            let message = format!("`{name}` is taken already");
            self.problems.error(at, "duplicate_name", message, "choose another name");
        }
        self.nameable(name, at);
    }

    pub(super) fn expression(&mut self, at: &At) -> Option<Expression> {
        let expression = self.problems.expression(at)?;
        self.names_in(&expression, at);
        if let Some(error) = expression.constant_fault().filter(|_| self.catalogue.judges()) {
            self.problems.bad_expression(at.pointer.text(), &error);
        }
        Some(expression)
    }

    /// Reads an expression whose problems were reported already.
    pub(super) fn problems_free_expression(&self, at: &At) -> Option<Expression> {
        at.value.as_str().and_then(|source| Expression::parse(source).ok())
    }

    pub(super) fn optional_expression(&mut self, at: &At) -> Option<Expression> {
        if at.is_null() { None } else { self.expression(at) }
    }

    pub(super) fn template(&mut self, at: &At) -> Option<Template> {
        let template = self.problems.template(at)?;
        let faults = template.constant_faults().into_iter().filter(|_| self.catalogue.judges());
        for (below, error) in faults {
            self.problems.bad_expression(at.pointer.text() + &below, &error);
        }
        template.each_text(&at.pointer, &mut |pointer, references| {
            for reference in references {
                self.known_part(&reference, pointer);
            }
        });
        Some(template)
    }

    pub(super) fn optional_template(&mut self, at: &At) -> Option<Template> {
        if at.is_null() { None } else { self.template(at) }
    }

    pub(super) fn names_in(&mut self, expression: &Expression, at: &At) {
        for reference in expression.references() {
            self.known_part(&reference, &at.pointer);
        }
    }

    fn known_part(&mut self, reference: &Reference<'_>, at: &Pointer<'_>) {
        let Reference { root, path } = reference;
        self.known_name(root, at);
        if let Some(member) = path.first() {
            self.brought_member(root, member, at);
            if *root == "values" && self.names.contains("values") {
                self.own_value(member, at);
            }
        }
        if let (Some(step), Some(member)) = (self.runs.get(*root), path.first()) {
            let (step, member) = (step.clone(), (*member).to_owned());
            self.brought.push(Brought { step, member, at: at.text() });
        }
    }

    pub(super) fn known_name(&mut self, name: &str, at: &Pointer<'_>) {
        if !self.names.contains(name) {
            let known: Vec<&str> = self.names.iter().map(String::as_str).collect();
            let hint = nearest(name, &known);
            let message = format!("`{name}` is not known here");
            self.problems.0.push(Problem::error("unknown_name", at.text(), message).hint(hint));
        }
    }
}
