//! Whether a run that could not go on hands over what a person needs.

use tutti_core::view::{Done, Undo};

use super::{Difference, Judge};
use crate::play::fits::is_like;
use crate::story::DoneExpected;

impl Judge<'_> {
    pub(super) fn hand_off(&self) -> Option<Difference> {
        let wanted = self.expect.hand_off.as_ref()?;
        let differs = |part: &str, message: String| {
            self.differs(&format!("hand_off/{part}"), "hand_off", message)
        };
        let Some(is) = &self.played.view.hand_off else {
            return differs(
                "",
                "it should hand over what is known, but it hands over nothing".into(),
            );
        };
        let known: Vec<&str> = is.known.iter().map(|saw| saw.fact.as_str()).collect();
        if let Some(fact) = wanted.known.iter().find(|fact| !known.contains(&fact.as_str())) {
            let known = known.join("`, `");
            return differs(
                "known",
                format!("it should hand over `{fact}`, but it does `{known}`"),
            );
        }
        if let Some(done) = wanted.done.as_ref().filter(|done| !are_done(done, &is.done)) {
            let named = |done: &Done| format!("`{}` ({})", done.operation, undo(done));
            let is: Vec<String> = is.done.iter().map(named).collect();
            let (many, is) = (done.len(), is.join(", "));
            return differs(
                "done",
                format!("it should list {many} writes as told, but lists [{is}]"),
            );
        }
        let missing = |words: &&String| !is.missing.iter().any(|is| is.contains(words.as_str()));
        if let Some(words) = wanted.missing.iter().find(missing) {
            let is = is.missing.join("”, “");
            return differs("missing", format!("“{words}” should be missing, but “{is}” is"));
        }
        let suggestion = wanted.suggestion.as_ref()?;
        if is.suggestion.contains(suggestion.as_str()) {
            return None;
        }
        let message = format!("it should suggest “{suggestion}”, but says “{}”", is.suggestion);
        differs("suggestion", message)
    }
}

fn are_done(wanted: &[DoneExpected], done: &[Done]) -> bool {
    let fits = |(wanted, done): (&DoneExpected, &Done)| {
        let possible = matches!(done.undo, Undo::Possible);
        is_like(&wanted.operation, &done.operation)
            && wanted.undo.is_none_or(|undo| undo == possible)
    };
    wanted.len() == done.len() && wanted.iter().zip(done).all(fits)
}

fn undo(done: &Done) -> &'static str {
    match done.undo {
        Undo::Possible => "can be undone",
        Undo::Done { .. } => "was undone",
        Undo::Impossible { .. } => "cannot be undone",
    }
}
