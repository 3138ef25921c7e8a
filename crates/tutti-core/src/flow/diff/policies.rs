//! What changed about the policies: one is known by what it asks for and its condition.

use serde_json::Value;

use super::words::{shown, shown_beside};
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
    for (here, there, how) in [(&gone, &come, "removed"), (&come, &gone, "added")] {
        for (index, policy) in here {
            let policy = in_words(policy, there);
            differences.add(format!("/policies/{index}"), format!("a policy was {how}: {policy}"));
        }
    }
}

/// A policy for people, cut where it begins to differ from the others: `never` “…”, `why` “…”.
fn in_words(policy: &Value, others: &[Item]) -> String {
    let others = || others.iter().map(|(_, other)| *other);
    let Some(members) = policy.as_object() else { return shown_beside(policy, others()) };
    let (verbs, more): (Vec<_>, Vec<_>) =
        members.iter().partition(|(name, _)| VERBS.contains(&name.as_str()));
    let part = |(name, value): (&String, &Value)| {
        format!("`{name}` {}", shown_beside(value, others().filter_map(|other| other.get(name))))
    };
    verbs.into_iter().chain(more).map(part).collect::<Vec<_>>().join(", ")
}

/// What a policy can ask for.
const VERBS: [&str; 3] = ["never", "approve", "allow"];

/// What a policy asks for, and when.
fn rule(policy: &Value) -> Option<(&'static str, &Value)> {
    VERBS.into_iter().find_map(|verb| Some((verb, policy.get(verb)?)))
}
