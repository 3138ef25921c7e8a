//! What changed about the steps: which came, went and moved, and what each does differently.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::words::{shown, shown_both};
use super::{Differences, known, names};
use crate::pointer::escaped;

/// What a step can do.
const KINDS: [&str; 13] = [
    "call", "decide", "switch", "fork", "for", "try", "run", "listen", "ask", "wait", "emit",
    "set", "raise",
];

/// A step where it stands, without the steps inside it.
struct Standing<'v> {
    id: &'v str,
    at: String,
    /// The block it stands in, by the id of the step around it and the way into it.
    block: String,
    /// The id of the step around it, if there is one.
    around: Option<&'v str>,
    /// The same block in words, after “first”; empty for the steps of the flow.
    inside: String,
    /// The step before it in its block.
    after: Option<&'v str>,
    body: Value,
}

pub(super) fn compare(differences: &mut Differences, old: &Value, new: &Value) {
    let (mut before, now) = (standing(old), standing(new));
    let renamed = rename_arms(&mut before, &now);
    let (before, now) = (before.steps, now.steps);
    let find = |all: &'_ [Standing<'_>], id: &str| all.iter().position(|step| step.id == id);
    for step in before.iter().filter(|step| find(&now, step.id).is_none()) {
        differences.add(&step.at, format!("the step `{}` was removed", step.id));
    }
    let moved = moved(&before, &now);
    for step in &now {
        let Some(was) = find(&before, step.id).and_then(|index| before.get(index)) else {
            differences.add(&step.at, format!("a step `{}` was added {}", step.id, step.place()));
            continue;
        };
        if moved.contains(&step.id) {
            let sentence =
                format!("the step `{}` was moved; it now comes {}", step.id, step.place());
            differences.add(&step.at, sentence);
        }
        body(differences, step, &was.body, &renamed);
    }
}

/// All steps of a document, and its blocks, empty ones included.
#[derive(Default)]
struct Whole<'v> {
    steps: Vec<Standing<'v>>,
    blocks: BTreeSet<String>,
}

/// Where the condition of an arm changed, or what a `catch` is for, the arm is the one that took
/// its place: the one in which all the steps stand now, that no other had. Gives these blocks by
/// the names they had.
fn rename_arms(before: &mut Whole, now: &Whole) -> BTreeMap<String, String> {
    let mut renamed = BTreeMap::new();
    for gone in before.blocks.difference(&now.blocks) {
        let to = now.steps.iter().filter(|step| {
            before
                .steps
                .iter()
                .any(|was| was.id == step.id && was.block == *gone && was.around == step.around)
        });
        let to: BTreeSet<&str> = to.map(|step| step.block.as_str()).collect();
        if let Some(block) =
            to.first().filter(|block| to.len() == 1 && !before.blocks.contains(**block))
        {
            renamed.insert(gone.clone(), (*block).to_owned());
        }
    }
    for step in &mut before.steps {
        if let Some(block) = renamed.get(&step.block) {
            step.block.clone_from(block);
        }
    }
    renamed
}

impl Standing<'_> {
    /// Where it stands, in words.
    fn place(&self) -> String {
        match self.after {
            Some(after) => format!("after `{after}`"),
            None => format!("first {}", self.inside).trim_end().to_owned(),
        }
    }
}

/// What a step does differently.
fn body(
    differences: &mut Differences,
    step: &Standing,
    was: &Value,
    renamed: &BTreeMap<String, String>,
) {
    let kind = |value: &Value| KINDS.into_iter().find(|kind| value.get(kind).is_some());
    let (id, at, is) = (step.id, step.at.as_str(), &step.body);
    if let (Some(before), Some(now)) = (kind(was), kind(is))
        && before != now
    {
        let sentence = format!("the step `{id}` is a `{now}` now instead of a `{before}`");
        return differences.add(at, sentence);
    }
    let mut told = vec!["id", "with", "fork", "switch"];
    for (key, what) in [("call", "uses"), ("wait", "waits"), ("title", "is called")] {
        let (Some(old), Some(new)) = (known(was.get(key)), known(is.get(key))) else { continue };
        told.push(key);
        if old != new {
            let (old, new) = both(key, old, new);
            let sentence = format!("the step `{id}` now {what} {new} instead of {old}");
            differences.add(format!("{at}/{key}"), sentence);
        }
    }
    arguments(differences, step, was.get("with"), is.get("with"));
    branches(differences, step, was.get("fork"), is.get("fork"));
    arms(differences, step, was.get("switch"), is.get("switch"), renamed);
    otherwise(differences, step, was.pointer("/listen/else"), is.pointer("/listen/else"));
    let rest = |body: &Value| {
        let members = body.as_object().into_iter().flatten();
        let rest = members.filter(|(key, value)| !told.contains(&key.as_str()) && !value.is_null());
        let mut rest: Map<String, Value> =
            rest.map(|(key, value)| (key.clone(), value.clone())).collect();
        if let Some(listen) = rest.get_mut("listen").and_then(Value::as_object_mut) {
            listen.remove("else");
        }
        Value::Object(rest)
    };
    differences.inside(at, &format!("the step `{id}`:"), "", &rest(was), &rest(is));
}

/// What a step gives its operation.
fn arguments(
    differences: &mut Differences,
    step: &Standing,
    was: Option<&Value>,
    is: Option<&Value>,
) {
    let id = step.id;
    for name in names(was, is) {
        let of = |with: Option<&'_ Value>| known(with.and_then(|with| with.get(&name))).cloned();
        let sentence = match (of(was), of(is)) {
            (Some(old), Some(new)) if old != new => {
                let (old, new) = shown_both(&old, &new);
                format!("the step `{id}` now gives `{name}` as {new} instead of {old}")
            }
            (None, Some(new)) => format!("the step `{id}` now gives `{name}` as {}", shown(&new)),
            (Some(_), None) => format!("the step `{id}` no longer gives `{name}`"),
            _ => continue,
        };
        differences.add(format!("{}/with/{}", step.at, escaped(&name)), sentence);
    }
}

/// The branches of a fork that came and went: one without steps is told by nothing else.
fn branches(
    differences: &mut Differences,
    step: &Standing,
    was: Option<&Value>,
    is: Option<&Value>,
) {
    let id = step.id;
    for name in names(was, is) {
        let at = format!("{}/fork/{}", step.at, escaped(&name));
        let of = |fork: Option<&'_ Value>| fork.and_then(|fork| fork.get(&name)).cloned();
        match (of(was), of(is)) {
            (None, Some(_)) => {
                differences.add(at, format!("the step `{id}` has a new branch `{name}`"));
            }
            (Some(_), None) => {
                differences.add(at, format!("the step `{id}` no longer has the branch `{name}`"));
            }
            (Some(was), Some(is)) => {
                let what = format!("the step `{id}`:");
                differences.inside(&at, &what, &format!("fork.{name}"), &was, &is);
            }
            (None, None) => {}
        }
    }
}

/// Whether a step that listens has a way on when its time is over: an empty one is told by nothing
/// else.
fn otherwise(
    differences: &mut Differences,
    step: &Standing,
    was: Option<&Value>,
    is: Option<&Value>,
) {
    let now = match (known(was), known(is)) {
        (Some(_), None) => "fails with `expired`",
        (None, Some(_)) => "goes on by its `else`",
        _ => return,
    };
    let sentence = format!("the step `{}` now {now} when its time is over", step.id);
    differences.add(format!("{}/listen/else", step.at), sentence);
}

/// The arms of a switch, each beside the one that it was: the one with its condition, or that its
/// steps stood in, or else one that is left.
fn arms(
    differences: &mut Differences,
    step: &Standing,
    was: Option<&Value>,
    is: Option<&Value>,
    renamed: &BTreeMap<String, String>,
) {
    let (Some(Value::Array(old)), Some(Value::Array(new))) = (was, is) else {
        let what = format!("the step `{}`: `switch`", step.id);
        return differences.whole(&format!("{}/switch", step.at), &what, was, is);
    };
    let block =
        |(index, arm): (usize, &Value)| format!("{}.switch[{}].do", step.id, arm_name(index, arm));
    let names: Vec<String> = new.iter().enumerate().map(block).collect();
    let found = old.iter().enumerate().map(|(index, arm)| {
        let name = block((index, arm));
        let name = renamed.get(&name).unwrap_or(&name);
        names.iter().position(|now| now == name)
    });
    let mut found: Vec<Option<usize>> = found.collect();
    let kept: Vec<usize> = found.iter().flatten().copied().collect();
    if !kept.is_sorted() {
        let sentence = format!("the arms of `{}` come in another order than before", step.id);
        differences.add(format!("{}/switch", step.at), sentence);
    }
    let left: Vec<usize> = (0..new.len()).filter(|index| !kept.contains(index)).collect();
    let mut rest = left.iter().copied().filter(|_| old.len() == new.len());
    for place in found.iter_mut().filter(|place| place.is_none()) {
        *place = rest.next();
    }
    let at = format!("{}/switch", step.at);
    let what = format!("the step `{}`:", step.id);
    for (was, place) in old.iter().zip(&found) {
        let Some((place, is)) = place.and_then(|place| Some((place, new.get(place)?))) else {
            continue;
        };
        differences.inside(&format!("{at}/{place}"), &what, &format!("switch[{place}]"), was, is);
    }
    let gone = old.iter().enumerate().zip(&found).filter(|(_, place)| place.is_none());
    let gone: Vec<(usize, &Value)> = gone.map(|(item, _)| item).collect();
    let come = new.iter().enumerate().filter(|(index, _)| !found.contains(&Some(*index)));
    let come: Vec<(usize, &Value)> = come.collect();
    differences.gone_and_come(&at, &format!("{what} an item of `switch`"), &gone, &come);
}

/// Words of the language stand for themselves; words for people are quoted.
fn both(key: &str, old: &Value, new: &Value) -> (String, String) {
    match (old.as_str(), new.as_str()) {
        (Some(old), Some(new)) if key != "title" => (old.to_owned(), new.to_owned()),
        _ => shown_both(old, new),
    }
}

/// Ids of steps that stand elsewhere than before: in another block, or in another order among those
/// that stayed in theirs.
fn moved<'v>(before: &[Standing], now: &[Standing<'v>]) -> Vec<&'v str> {
    let places: BTreeMap<&str, (usize, &str)> =
        before.iter().enumerate().map(|(i, step)| (step.id, (i, step.block.as_str()))).collect();
    let mut moved = Vec::new();
    let mut blocks: BTreeMap<&str, Vec<(usize, &'v str)>> = BTreeMap::new();
    for step in now {
        match places.get(step.id) {
            Some((index, block)) if *block == step.block => {
                blocks.entry(&step.block).or_default().push((*index, step.id));
            }
            Some(_) => moved.push(step.id),
            None => {}
        }
    }
    for stayed in blocks.values() {
        let kept = longest_rising(stayed);
        moved.extend(stayed.iter().map(|(_, id)| *id).filter(|id| !kept.contains(id)));
    }
    moved
}

/// As many of the steps as possible that still stand in their old order.
fn longest_rising<'v>(steps: &[(usize, &'v str)]) -> Vec<&'v str> {
    // For each step the longest row that ends with it: its length, and the step before.
    let mut rows: Vec<(usize, Option<usize>)> = Vec::new();
    for (index, (place, _)) in steps.iter().enumerate() {
        let earlier = steps.iter().zip(&rows).take(index).enumerate();
        let fitting = earlier.filter(|(_, ((other, _), _))| other < place);
        let best = fitting.max_by_key(|(_, (_, (length, _)))| *length);
        rows.push(best.map_or((1, None), |(before, (_, (length, _)))| (length + 1, Some(before))));
    }
    let longest = rows.iter().enumerate().max_by_key(|(_, (length, _))| *length);
    let mut next = longest.map(|(index, _)| index);
    let mut kept = Vec::new();
    while let Some(index) = next {
        kept.extend(steps.get(index).map(|(_, id)| *id));
        next = rows.get(index).and_then(|(_, before)| *before);
    }
    kept
}

/// All steps of a document, each where it stands.
fn standing(document: &Value) -> Whole<'_> {
    let mut all = Whole::default();
    for key in ["steps", "finally"] {
        if let Some(steps) = document.get(key) {
            let inside = if key == "finally" { "in what is done last" } else { "" };
            block(steps, &format!("/{key}"), key, (None, inside), &mut all);
        }
    }
    all
}

fn block<'v>(
    steps: &'v Value,
    at: &str,
    name: &str,
    (around, inside): (Option<&'v str>, &str),
    into: &mut Whole<'v>,
) {
    into.blocks.insert(name.to_owned());
    let mut after = None;
    for (index, step) in steps.as_array().into_iter().flatten().enumerate() {
        let Some(id) = step.get("id").and_then(Value::as_str) else { continue };
        let at = format!("{at}/{index}");
        let place = into.steps.len();
        into.steps.push(Standing {
            id,
            at: at.clone(),
            block: name.to_owned(),
            around,
            inside: inside.to_owned(),
            after,
            body: Value::Null,
        });
        let body = without_steps(step, &at, id, id, into);
        if let Some(standing) = into.steps.get_mut(place) {
            standing.body = body;
        }
        after = Some(id);
    }
}

/// A value of a step without the blocks of steps in it, which are noted in their turn.
fn without_steps<'v>(
    value: &'v Value,
    at: &str,
    way: &str,
    around: &'v str,
    into: &mut Whole<'v>,
) -> Value {
    match value {
        Value::Object(members) => {
            let mut rest = Map::new();
            for (key, inner) in members {
                let at = format!("{at}/{}", escaped(key));
                if is_block(key, inner, way) {
                    let inside = inside(way, key, around);
                    let name = format!("{way}.{key}");
                    block(inner, &at, &name, (Some(around), &inside), into);
                    if way.ends_with(".fork") || key == "else" {
                        // That there is such a branch, whatever is in it.
                        rest.insert(key.clone(), Value::Bool(true));
                    }
                } else {
                    let way = format!("{way}.{key}");
                    rest.insert(key.clone(), without_steps(inner, &at, &way, around, into));
                }
            }
            Value::Object(rest)
        }
        Value::Array(items) => {
            let items = items.iter().enumerate().map(|(index, item)| {
                let way = format!("{way}[{}]", arm_name(index, item));
                without_steps(item, &format!("{at}/{index}"), &way, around, into)
            });
            items.collect()
        }
        other => other.clone(),
    }
}

/// What an arm is known by: its condition, so that one put before it changes nothing.
fn arm_name(index: usize, arm: &Value) -> String {
    let condition = arm.get("when").or_else(|| arm.get("on")).map(Value::to_string);
    let other = ["default", "unknown"].into_iter().find(|key| arm.get(key).is_some());
    condition.or_else(|| other.map(str::to_owned)).unwrap_or_else(|| index.to_string())
}

/// A block of a step in words: which of its arms, branches and other paths it is.
fn inside(way: &str, key: &str, around: &str) -> String {
    let within = way.strip_prefix(around).unwrap_or(way);
    let arm = within.strip_prefix(".switch[").and_then(|arm| arm.strip_suffix(']'));
    match (within, key, arm) {
        (".fork", branch, _) => format!("in the branch `{branch}` of `{around}`"),
        (_, "else", _) => format!("in the `else` of `{around}`"),
        (_, _, Some("default")) => format!("in the default of `{around}`"),
        (_, _, Some("unknown")) => format!("in the path for unknown of `{around}`"),
        (_, _, Some(condition)) => match serde_json::from_str::<String>(condition) {
            Ok(condition) => format!("in `{around}` where `{condition}`"),
            Err(_) => format!("in `{around}`"),
        },
        _ if within.starts_with(".catch[") => format!("in the `catch` of `{around}`"),
        _ => format!("in `{around}`"),
    }
}

/// Whether a member of a step is a block of steps.
fn is_block(key: &str, value: &Value, way: &str) -> bool {
    let steps = |value: &Value| {
        let items = value.as_array().into_iter().flatten();
        items.clone().count() > 0 && items.clone().all(|item| item.get("id").is_some())
    };
    (matches!(key, "do" | "else" | "try") || way.ends_with(".fork"))
        && (steps(value) || value == &Value::Array(Vec::new()))
}
