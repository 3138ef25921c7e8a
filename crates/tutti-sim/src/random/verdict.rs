//! The verdict on a write that leaves: whether it might, by somebody who does not ask the engine's
//! gate.

use serde_json::Value;
use tutti_core::event::{Action, Effect};
use tutti_core::flow::{Autonomy, Flow};
use tutti_core::operation::{Operation, Reversibility};

use super::consent::{Consent, version};
use super::draft::Rules;
use super::place::Place;
use super::promises::{BEFORE, CONSENT, DENIED, FORBIDDEN, Notes, RECALL, TAINT};
use crate::Broken;

/// What texts of strangers and of models hold in the simulated world, and nothing else does.
const STRANGE: &str = "words of";
/// The thing that only a default names.
const DEFAULTED: &str = "t2";
/// The project the flow belongs to, as its issues begin.
const OWN: &str = "PAY-";

impl Consent {
    /// Holds a write that leaves against all that was said.
    pub(super) fn judge(
        &self,
        flow: &Flow,
        rules: &Rules,
        effect: &Effect,
        now: i64,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let Action::Call { operation: id, input, before, write: true, untrusted } = &effect.action
        else {
            return Ok(());
        };
        let Some(operation) = flow.operation(id) else { return Ok(()) };
        let detail = || format!("{} with {input}", effect.id);
        let at_home = !rules.are_all || is_at_home(id, input);
        notes.hold(FORBIDDEN, !rules.never.contains(id) && at_home, detail)?;
        notes.hold(DENIED, !self.denied.contains(&effect.key), detail)?;
        if let Some(wanted) = &operation.before {
            let read = self.read.get(&effect.key);
            let there = read == Some(before) && (wanted.optional || !before.is_null());
            notes.hold(BEFORE, there, || format!("{}: {before} and not {read:?}", effect.id))?;
        }
        // Whoever takes a write back asked for just this.
        let place = Place::of(flow, &effect.key);
        if place.is_undoing {
            return Ok(());
        }
        let unmarked = unmarked(input, "", untrusted);
        notes.hold(TAINT, unmarked.is_none(), || format!("{}: {unmarked:?}", effect.id))?;
        let autonomy = place.autonomy(flow);
        if needs_a_yes(rules, operation, input, autonomy) {
            let yes = self.yes.get(&effect.key);
            let version = version(Some(operation), Some(before));
            // What it finds of its own making is no change of the target.
            let is_own = self.tried.contains(&effect.key) && is_set(operation, input, before);
            let covered = yes.is_some_and(|yes| {
                Some(&yes.input) == input.as_object() && (yes.version == version || is_own)
            });
            notes.hold(CONSENT, covered, || {
                format!("{} with {input} on version {version:?}, and the yes is {yes:?}", effect.id)
            })?;
        }
        if autonomy == Autonomy::ActWithRecall {
            let until = self.recallable.get(&effect.key);
            notes.hold(RECALL, until.is_some_and(|until| *until <= now), detail)?;
        }
        Ok(())
    }
}

/// Where words of a stranger stand that are not marked as such.
fn unmarked(value: &Value, at: &str, marked: &[String]) -> Option<String> {
    let is_marked = || marked.iter().any(|mark| at.starts_with(mark.as_str()));
    match value {
        Value::String(text) if text.contains(STRANGE) && !is_marked() => Some(at.to_owned()),
        Value::Object(members) => {
            let mut members = members.iter();
            members.find_map(|(name, member)| unmarked(member, &format!("{at}/{name}"), marked))
        }
        _ => None,
    }
}

/// Whether what was read is what the write sets.
fn is_set(operation: &Operation, input: &Value, read: &Value) -> bool {
    let Some(inverse) = operation.inverse.as_ref().filter(|of| of.operation == operation.id) else {
        return false;
    };
    inverse.with.iter().all(|(name, template)| {
        let path = template.as_str().and_then(|text| text.strip_prefix("${before."));
        let there = path.map(|path| read.get(path.trim_end_matches('}')));
        let ours = input.get(name);
        ours.is_none() || there.is_none_or(|there| there == ours)
    })
}

fn is_at_home(operation: &str, input: &Value) -> bool {
    let issue = input.get("issue").and_then(Value::as_str).unwrap_or_default();
    !operation.starts_with("jira.") || issue.starts_with(OWN)
}

fn needs_a_yes(rules: &Rules, operation: &Operation, input: &Value, autonomy: Autonomy) -> bool {
    let shaky = operation.input.iter().filter(|(_, declared)| declared.target).any(|(name, _)| {
        let target = input.get(name).and_then(Value::as_str).unwrap_or_default();
        target.contains(STRANGE) || target == DEFAULTED
    });
    let cautious =
        operation.reversibility == Reversibility::Irreversible || autonomy == Autonomy::Approve;
    let house_asks = shaky || (cautious && !rules.allow.contains(&operation.id));
    rules.approve.contains(&operation.id) || (rules.are_all && house_asks)
}
