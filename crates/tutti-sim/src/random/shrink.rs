//! Shrinking: the same promise broken with less trouble and fewer steps, so that a person can read it.

use serde_json::Value;

use super::{Piece, Scenario, play};

/// Takes away troubles, and steps of a random flow, for as long as the same promise stays broken.
pub fn shrink(scenario: &Scenario) -> Scenario {
    let mut least = scenario.clone();
    let Some(broken) = play(&least, false).broken else { return least };
    loop {
        let smaller = milder(&least).chain(shorter(&least)).find(|smaller| {
            play(smaller, false).broken.is_some_and(|other| other.promise == broken.promise)
        });
        match smaller {
            Some(smaller) => least = smaller,
            None => return least,
        }
    }
}

fn milder(scenario: &Scenario) -> impl Iterator<Item = Scenario> {
    let weathers = scenario.weather.milder().into_iter();
    weathers.map(|weather| Scenario { weather, ..scenario.clone() })
}

/// The same flow without one of its steps, policies or catches; what does not link any more breaks
/// another promise, and is not taken.
fn shorter(scenario: &Scenario) -> impl Iterator<Item = Scenario> + use<'_> {
    let mut lists = Vec::new();
    if let Some(document) = scenario.piece.document() {
        find_lists(document, String::new(), &mut lists);
    }
    lists.into_iter().flat_map(move |(pointer, length)| {
        (0..length).filter_map(move |index| without(scenario, &pointer, index))
    })
}

fn without(scenario: &Scenario, pointer: &str, index: usize) -> Option<Scenario> {
    let mut smaller = scenario.clone();
    let Piece::Draft(draft) = &mut smaller.piece else { return None };
    let list = draft.document.pointer_mut(pointer)?.as_array_mut()?;
    (index < list.len()).then(|| list.remove(index))?;
    Some(smaller)
}

/// Lists of objects, outermost first: steps, policies, arms, catches.
fn find_lists(value: &Value, at: String, into: &mut Vec<(String, usize)>) {
    match value {
        Value::Array(items) => {
            if items.iter().any(Value::is_object) {
                into.push((at.clone(), items.len()));
            }
            for (index, item) in items.iter().enumerate() {
                find_lists(item, format!("{at}/{index}"), into);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                find_lists(member, format!("{at}/{name}"), into);
            }
        }
        _ => {}
    }
}
