//! The facts as a model may see them: personal data is masked before anything is filled in.

use std::collections::BTreeMap;

use super::super::Run;
use crate::decision::mask_private;
use crate::expr::Scope;
use crate::fact::Fact;

/// A run's facts with their personal data masked.
pub(super) struct Masked<'r> {
    run: &'r Run,
    /// The facts that hold any, by key.
    masked: BTreeMap<&'r str, Fact>,
}

impl<'r> Masked<'r> {
    pub fn new(run: &'r Run) -> Self {
        let private = run.facts.iter().filter(|(_, fact)| !fact.private.is_empty());
        let masked = private.map(|(key, fact)| {
            let value = mask_private(fact);
            (key.as_str(), Fact { value, ..fact.clone() })
        });
        Self { run, masked: masked.collect() }
    }
}

impl Scope for Masked<'_> {
    fn fact(&self, name: &str) -> Option<&Fact> {
        let (key, fact) = self.run.scoped_with_key(name)?;
        Some(self.masked.get(key).unwrap_or(fact))
    }
}
