//! What a story says in vain: moments that never come, events of a run that is over, answers that
//! nobody asks for. Whoever wrote them believes that the story shows something that it does not.

use tutti_core::pointer::escaped;

use super::{Difference, Played};
use crate::story::{Crashes, Story};

/// What came when the run was over.
pub struct Late {
    /// Where in the story.
    pub place: String,
    /// What happened.
    pub what: String,
    /// When.
    pub at: i64,
}

/// The first such thing in a play in which one worker does it all.
pub(super) fn said_in_vain(story: &Story, played: &Played) -> Option<Difference> {
    let moments = [
        ("crashes", &story.crashes, played.boundaries),
        ("takeovers", &story.takeovers, played.commits),
    ];
    let mut moments = moments.into_iter();
    moments
        .find_map(|(key, named, all)| never_comes(key, named, all, played.now))
        .or_else(|| too_late(played))
        .or_else(|| never_asked(story, played))
}

/// A moment a story names that its run does not have, so that nothing would happen at it.
fn never_comes(key: &str, named: &Crashes, all: usize, now: i64) -> Option<Difference> {
    let place = named.of(all).into_iter().position(|moment| moment >= all)?;
    let message = "the run was over before this moment came".to_owned();
    let hint = format!("name one below {all}, or write `every`");
    Some(Difference { hint, ..Difference::new(&format!("/{key}/{place}"), message, now) })
}

/// What happened outside when the run was over, and meant nothing to it.
fn too_late(played: &Played) -> Option<Difference> {
    let late = played.late.as_ref()?;
    let message = format!("the run was over before {}", late.what);
    let hint = "let it be earlier, or leave it out".to_owned();
    Some(Difference { hint, ..Difference::new(&late.place, message, late.at) })
}

/// An answer of the model to what it was not asked.
fn never_asked(story: &Story, played: &Played) -> Option<Difference> {
    let mut decisions = story.model.iter();
    let (decision, asked) = decisions.find_map(|(decision, answers)| {
        let asked = played.model_asked.get(decision).copied().unwrap_or_default();
        (asked < answers.len()).then_some((decision, asked))
    })?;
    let asked_so = match asked {
        0 => format!("was never asked about `{decision}`"),
        1 => format!("was asked about `{decision}` once"),
        more => format!("was asked about `{decision}` {more} times"),
    };
    let message = format!("the model {asked_so}, so it does not come to this answer");
    let place = format!("/model/{}/{asked}", escaped(decision));
    let hint = "leave it out".to_owned();
    Some(Difference { hint, ..Difference::new(&place, message, played.now) })
}
