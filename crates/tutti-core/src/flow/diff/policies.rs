//! What changed about the policies: one is known by what it asks for and its condition.

use serde_json::Value;

use super::words::shown;
use super::{Differences, Item, list, surplus};

pub(super) fn compare(differences: &mut Differences, old: Option<&Value>, new: Option<&Value>) {
    let (before, now) = (list(old), list(new));
    let (mut gone, mut come) = (surplus(before, now), surplus(now, before));
    if gone.is_empty() && come.is_empty() {
        return differences.items("/policies", "a policy", old, new);
    }
    // First those that say it of the same, then those that say it of something else in its place.
    let alike: [fn(&Item, &Item) -> bool; 2] = [
        |(_, was), (_, is)| rule(was).is_some() && rule(was) == rule(is),
        |(before, was), (now, is)| {
            let verb = |policy| rule(policy).map(|(verb, _)| verb);
            before == now && verb(was).is_some() && verb(was) == verb(is)
        },
    ];
    for alike in alike {
        gone.retain(|was| {
            let Some(place) = come.iter().position(|is| alike(was, is)) else { return true };
            let (index, is) = come.remove(place);
            let what = match rule(was.1) {
                Some((verb, condition)) if rule(is) == rule(was.1) => {
                    format!("the policy `{verb}` {}:", shown(condition))
                }
                _ => "a policy:".to_owned(),
            };
            differences.inside(&format!("/policies/{index}"), &what, "", was.1, is);
            false
        });
    }
    differences.gone_and_come("/policies", "a policy", &gone, &come);
}

/// What a policy asks for, and when.
fn rule(policy: &Value) -> Option<(&'static str, &Value)> {
    ["never", "approve", "allow"].into_iter().find_map(|verb| Some((verb, policy.get(verb)?)))
}
