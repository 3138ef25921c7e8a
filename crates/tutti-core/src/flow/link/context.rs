//! What is gathered, and the flow's own values.

use std::collections::BTreeMap;

use super::super::reader::At;
use super::super::{Gather, ValueRule};
use super::Linker;
use crate::operation::Access;

impl Linker<'_> {
    /// Context is gathered as its needs become known, so any member may name any other, as long as
    /// they do not need each other.
    pub(super) fn gathers(&mut self, at: &At) -> Vec<Gather> {
        for (name, at) in self.problems.object(at) {
            if self.well_formed(name, &at) {
                self.take(name, &at);
            }
        }
        let members = at.members();
        let gathers: Vec<Gather> =
            members.filter_map(|(name, at)| self.gather(name, &at)).collect();
        for name in going_round(&gathers) {
            let message = format!("`{name}` needs itself to be read");
            let hint = "each must be readable once those it names are";
            self.problems.error(&at.get(name).get("with"), "cycle", message, hint);
        }
        gathers
    }

    fn gather(&mut self, name: &str, at: &At) -> Option<Gather> {
        if !self.problems.only(at, &["use", "with", "optional"]) {
            return None;
        }
        let call = self.call(&at.get("use"), &at.get("with"))?;
        self.brings(name, &call.operation);
        let access = self.operations.get(&call.operation).map(|operation| operation.access);
        if access != Some(Access::Read) {
            let message = format!("`{}` changes something; context only reads", call.operation);
            self.problems.error(&at.get("use"), "not_a_read", message, "make it a step");
        }
        let optional = self.problems.flag(&at.get("optional"));
        Some(Gather { name: name.to_owned(), call, optional })
    }

    pub(super) fn values(&mut self, at: &At) -> Vec<ValueRule> {
        let mut rules = Vec::new();
        for (name, at) in self.problems.object(at) {
            if !at.value.is_object() || !(at.has("first_of") || at.has("default")) {
                self.literal(&at);
                let default = Some(at.value.clone());
                rules.push(ValueRule { name: name.to_owned(), first_of: Vec::new(), default });
                continue;
            }
            self.problems.only(&at, &["first_of", "default"]);
            let first_of = at.get("first_of");
            let tries = self.problems.list(&first_of);
            let first_of = tries.filter_map(|one| self.expression(&one)).collect();
            self.literal(&at.get("default"));
            let default = at.has("default").then(|| at.get("default").value.clone());
            rules.push(ValueRule { name: name.to_owned(), first_of, default });
        }
        rules
    }
}

/// The reads that can never start, because each waits for another of them.
fn going_round(gathers: &[Gather]) -> Vec<&str> {
    let mut waiting: BTreeMap<&str, Vec<&str>> = gathers
        .iter()
        .map(|gather| {
            let needs = gather.call.with.references().into_iter().map(|reference| reference.root);
            (gather.name.as_str(), needs.collect())
        })
        .collect();
    loop {
        let before = waiting.len();
        let names: Vec<&str> = waiting.keys().copied().collect();
        waiting.retain(|_, needs| needs.iter().any(|need| names.contains(need)));
        if waiting.len() == before {
            return names;
        }
    }
}
