//! Labels: how far a value can be trusted and where it came from; they travel with it everywhere.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// Whether a value may choose targets, recipients and tools, or only fill content.
///
/// The order is the join: the least trusted part decides.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Trust {
    /// A system field: an id, a status, a number kept by a product.
    #[default]
    Trusted,
    /// Free text a person or a foreign tool wrote: customers, comments, MCP, the web.
    Untrusted,
}

/// How a value came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Provenance {
    /// Read from a system.
    Observed,
    /// Computed from other values.
    Derived,
    /// Filled in by the flow because nothing was known.
    Defaulted,
    /// Answered by a person.
    Asked,
    /// A model's word, without checked evidence.
    Guessed,
}

/// Everything that is known about a value besides the value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Labels {
    /// The lowest trust of all its parts.
    pub trust: Trust,
    /// The kinds of origin of all its parts; empty for a literal written in the flow.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub provenance: BTreeSet<Provenance>,
    /// The names of the facts it was made from.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub sources: BTreeSet<String>,
    /// Whether any part is personal data.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub private: bool,
}

impl Labels {
    /// The labels of one observed, trusted value of the fact `source`.
    pub fn observed(source: &str) -> Self {
        Self {
            trust: Trust::Trusted,
            provenance: BTreeSet::from([Provenance::Observed]),
            sources: BTreeSet::from([source.to_owned()]),
            private: false,
        }
    }

    /// Adds what another part brings: trust falls to the lower one, origins add up.
    pub fn join(&mut self, other: &Labels) {
        self.trust = self.trust.max(other.trust);
        self.private |= other.private;
        self.provenance.extend(&other.provenance);
        self.sources.extend(other.sources.iter().cloned());
    }

    /// Whether any part is tainted, defaulted or guessed, so that it may not pick a target alone.
    pub fn is_shaky(&self) -> bool {
        self.trust == Trust::Untrusted
            || self.provenance.contains(&Provenance::Guessed)
            || self.provenance.contains(&Provenance::Defaulted)
    }
}
