//! Whether what is known in the end is what a story says.

use std::collections::BTreeSet;

use tutti_core::expr::Outcome;
use tutti_core::label::Provenance;

use super::words::shown;
use crate::play::fits::{Misfit, fits};
use crate::play::told::word;
use crate::story::FactExpected;

/// What is said of a fact that is not as it should be.
pub(super) fn fact(source: &str, wanted: &FactExpected, outcome: Outcome) -> Option<String> {
    let tagged = match outcome {
        Outcome::Known(tagged) => tagged,
        Outcome::Missing { .. } if wanted.missing => return None,
        Outcome::Missing { .. } => {
            return Some(format!("`{source}` should be known, but it is not"));
        }
        Outcome::Failed(error) => return Some(format!("`{source}` cannot be told: {error}")),
    };
    if wanted.missing {
        let value = shown(&tagged.value);
        return Some(format!("`{source}` should not be known, but it is {value}"));
    }
    let misfit = wanted.is.as_ref().and_then(|value| fits(value, &tagged.value).err());
    if let Some(Misfit { path, wanted, given }) = misfit {
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        let given = given.as_ref().map_or_else(|| "not there".to_owned(), shown);
        return Some(format!(
            "`{source}{dot}{path}` should be {}, but it is {given}",
            shown(&wanted)
        ));
    }
    let is = &tagged.labels.provenance;
    let should: Option<BTreeSet<Provenance>> =
        wanted.provenance.as_ref().map(|kinds| kinds.iter().copied().collect());
    if let Some(should) = should.filter(|should| should != is) {
        return Some(format!("`{source}` should be {}, but it is {}", origin(&should), origin(is)));
    }
    let trust = wanted.trust.filter(|trust| *trust != tagged.labels.trust)?;
    let (should, is) = (word(trust), word(tagged.labels.trust));
    Some(format!("`{source}` should be {should}, but it is {is}"))
}

fn origin(kinds: &BTreeSet<Provenance>) -> String {
    let words: Vec<String> = kinds.iter().map(word).collect();
    if words.is_empty() { "written in the flow".to_owned() } else { words.join(" and ") }
}
