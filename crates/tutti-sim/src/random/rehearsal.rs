//! A rehearsal: a flow of somebody's own, to be played again and again in bad weather. Its world
//! answers as a story says and, where that says nothing, as the operations' examples do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use tutti_core::event::Event;
use tutti_core::flow::{Flow, Kind, Step};
use tutti_core::run::Run;
use tutti_core::view::{RunView, StepState};

use super::agenda::Happening;
use super::draft::Rules;
use super::ledger::{ADMIN, RENEWED};
use super::rehearsed::written;
use super::stage::Stage;
use crate::play::step_of;
use crate::story::{Answer, Story};

/// The issue that everything is about where nobody says which.
const ISSUE: &str = "PAY-88";

/// A flow and the world it is rehearsed in.
#[derive(Debug, Clone)]
pub struct Rehearsal {
    pub(super) flow: Flow,
    pub(super) story: Story,
    /// What its policies mean, as far as that is plain.
    pub(super) rules: Rules,
}

impl Rehearsal {
    /// The rehearsal of a flow in a story's world. What people and models say there is not taken:
    /// they say something else in each seed.
    pub fn new(flow: Flow, mut story: Story, examples: &BTreeMap<String, Value>) -> Self {
        for id in flow.operations.keys() {
            let Some(gives) = examples.get(id).cloned() else { continue };
            let answer = Answer { gives: Some(gives), ..Answer::default() };
            story.world.entry(id.clone()).or_default().push(answer);
        }
        Self { rules: Rules::named(&flow), flow, story }
    }

    /// The flow.
    pub fn flow(&self) -> &Flow {
        &self.flow
    }

    /// The least story of a flow: its trigger says something wherever the flow reads of it.
    pub fn made_up(flow: &Value) -> Value {
        let mut payload = Value::Object(Map::new());
        read_of_trigger(flow, &mut payload);
        let (project, _) = ISSUE.split_once('-').unwrap_or_default();
        json!({"story": "made up", "project": project, "trigger": {"payload": payload}})
    }
}

impl Stage<'_> {
    /// What the world's story says of what happens and when.
    pub(super) fn open_story(&mut self, story: &Story) {
        for (index, change) in story.change.iter().enumerate() {
            self.agenda.note(self.now + change.at.0, Happening::Change(index));
        }
        for (index, event) in story.events.iter().enumerate() {
            let id = event.id.clone().unwrap_or_else(|| format!("event {index}"));
            self.happens_outside(event.at.0, id, &event.topic, event.payload.clone());
        }
    }

    /// What a run waits to hear of happens as a rule, sooner or later.
    pub(super) fn is_heard_of(&mut self) {
        let topics = self.storage.row.topics.clone();
        // What becomes of the toys is on the agenda from the beginning.
        let is_own = self.scenario.piece.own().is_some();
        for topic in topics.into_iter().filter(|topic| is_own || topic.starts_with(RENEWED)) {
            let mut die = self.die(&format!("topic {topic}"));
            if self.asked.insert(topic.clone()) && die.in_100(70) {
                let after = die.pick(&[1_000i64, 90_000, 1_200_000, 20_000_000]);
                self.happens_outside(after, format!("{topic} after {after}"), &topic, json!({}));
            }
        }
    }

    fn happens_outside(&mut self, after_ms: i64, id: String, topic: &str, payload: Value) {
        let topic = topic.to_owned();
        self.post(after_ms, Event::Signal { id, topic, payload });
    }

    /// What people see of the run now.
    pub(super) fn view(&self) -> RunView {
        self.stored.run.view(&self.flow, 1, ADMIN)
    }

    /// The steps that the run came to: those it tells of, those that stand at something, what they
    /// are inside of, and what it must have come by.
    pub(super) fn reached(&self) -> BTreeSet<String> {
        let run = &self.stored.run;
        let strip = self.view().strip.into_iter();
        let begun = strip.filter(|tile| tile.state != StepState::Planned).map(|tile| tile.step);
        let told = run.timeline().iter().map(|entry| entry.step.clone());
        let silent = run.ended_steps().keys().cloned();
        let arms = run.arms().map(|(step, _)| step.to_owned());
        let keys: Vec<String> = begun.chain(told).chain(silent).chain(arms).collect();
        let paths = keys.iter().map(|key| self.flow.path_to(step_of(key)));
        let mut reached = BTreeSet::new();
        for path in paths {
            reached.extend(written(&path).map(|step| step.id.clone()));
        }
        for block in self.flow.blocks() {
            come_by(block, run, &mut reached);
        }
        reached
    }
}

/// Steps that leave nothing behind: what stands before a step that was reached in its block, and
/// what a loop has done for each of its items.
fn come_by(block: &[Step], run: &Run, reached: &mut BTreeSet<String>) {
    for step in block {
        for inner in step.blocks() {
            come_by(inner, run, reached);
        }
        if let Kind::For(each) = &step.kind
            && has_gone_through(run, &step.id)
        {
            reached.extend(each.steps.iter().map(|step| step.id.clone()));
        }
    }
    let last = block.iter().rposition(|step| reached.contains(&step.id));
    let before = block.iter().take(last.unwrap_or_default());
    reached.extend(before.map(|step| step.id.clone()));
}

/// Whether a loop came to its end, and not for want of items.
fn has_gone_through(run: &Run, id: &str) -> bool {
    let came_to = run.facts().find(|(name, _)| *name == id).map(|(_, fact)| &fact.value);
    let some = came_to.and_then(Value::as_array).is_some_and(|items| !items.is_empty());
    let done = [StepState::Done, StepState::Adapted];
    some && run.ended_steps().get(id).is_some_and(|state| done.contains(state))
}

/// What starts the run.
pub(super) fn trigger(flow: &Flow, own: Option<&Story>) -> Event {
    let Some(story) = own else {
        let trigger = json!({"id": "t1", "said": "words of a stranger", "n": 3});
        let (source, untrusted) = ("toy.thing".to_owned(), vec!["/said".to_owned()]);
        return Event::Started { trigger, source, untrusted, depth: 0 };
    };
    let source = flow.trigger.topic.split_once(':').map_or("", |(_, source)| source);
    let source = story.trigger.source.as_deref().unwrap_or(source).to_owned();
    let trigger = story.trigger.payload.clone();
    Event::Started { trigger, source, untrusted: Vec::new(), depth: 0 }
}

/// Notes what all expressions below read of the trigger.
fn read_of_trigger(value: &Value, payload: &mut Value) {
    match value {
        Value::String(text) => {
            for read in text.split("trigger.").skip(1) {
                let end = read.find(|c: char| !c.is_ascii_alphanumeric() && !"_.".contains(c));
                let path = read.get(..end.unwrap_or(read.len())).unwrap_or_default();
                say(payload, path.trim_end_matches('.'));
            }
        }
        Value::Array(items) => items.iter().for_each(|item| read_of_trigger(item, payload)),
        Value::Object(members) => members.values().for_each(|each| read_of_trigger(each, payload)),
        _ => {}
    }
}

/// Puts something at a path of the payload.
fn say(payload: &mut Value, path: &str) {
    let mut at = payload;
    let mut name = "";
    for segment in path.split('.') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(members) = at.as_object_mut() else { return };
        at = members.entry(segment).or_insert(Value::Null);
        name = segment;
    }
    if at.is_null() {
        *at = json!(if name == "key" { ISSUE.to_owned() } else { format!("some {name}") });
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::promises::{CONSENT, FORBIDDEN};
    use super::super::{Scenario, play, rehearse};
    use super::*;
    use crate::toys::catalogue;

    #[test]
    fn a_made_up_trigger_says_what_the_flow_reads() {
        let flow = json!({
            "subject": "trigger.issue.key",
            "context": {"case": {"use": "x", "with": {"id": "${trigger.caseId} of ${trigger.a.b}."}}},
            "steps": [{"when": "size(trigger.a) > 0 && trigger.a.b == trigger.caseId"}],
        });
        let payload = json!({
            "issue": {"key": "PAY-88"}, "caseId": "some caseId", "a": {"b": "some b"},
        });
        assert_eq!(Rehearsal::made_up(&flow)["trigger"]["payload"], payload);
    }

    /// The rehearsal of a flow that orders tea, under these policies.
    fn tea(policies: Value) -> Rehearsal {
        let flow = json!({
            "id": "own", "name": "Own", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
            "steps": [{"id": "tea", "call": "toy.order.place", "with": {"what": "tea"}}],
            "policies": policies,
        });
        let story = json!({
            "project": "PAY", "trigger": {"payload": {"id": "t1"}},
            "world": {"toy.order.place": [{"gives": {"order": "o1"}}]},
        });
        let flow = Flow::link(&flow, &catalogue()).unwrap();
        Rehearsal::new(flow, Story::read(&story).unwrap(), &BTreeMap::new())
    }

    fn broken(rehearsal: Rehearsal) -> BTreeSet<&'static str> {
        let rehearsal = Arc::new(rehearsal);
        let played = (0..20).map(|seed| play(&Scenario::of(seed, &rehearsal), false));
        played.filter_map(|played| played.broken).map(|broken| broken.promise).collect()
    }

    #[test]
    fn a_wrong_verdict_of_the_gate_is_seen() {
        let when = "effect.operation == 'toy.order.place'";
        let never = (json!([{"never": when}]), FORBIDDEN);
        let approve = (json!([{"approve": when, "by": "dana"}]), CONSENT);
        for (policies, promise) in [never, approve] {
            let ruled = tea(policies);
            // A gate that knows nothing of the policy lets the order leave.
            let rules = ruled.rules.clone();
            assert_eq!(broken(Rehearsal { rules, ..tea(json!([])) }), [promise].into());
            assert_eq!(broken(ruled), [].into(), "{promise}");
        }
    }

    #[test]
    fn steps_that_say_nothing_are_reached_all_the_same() {
        let wait = |id: &str| json!({"id": id, "wait": "1s"});
        let switch = |id: &str, when: &str| {
            let arms = json!([{"when": when, "do": []}, {"unknown": true, "do": []}]);
            json!({"id": id, "switch": arms})
        };
        let order =
            |id: &str| json!({"id": id, "call": "toy.order.place", "with": {"what": "tea"}});
        let flow = json!({
            "id": "own", "name": "Own", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
            "steps": [
                wait("first"),
                switch("way", "trigger.id == 't1'"),
                {"id": "each", "for": {
                    "each": "item", "in": "[1, 2]", "limit": 5,
                    "do": [switch("which", "item == 1"), wait("rest"), order("tea"), wait("nap")],
                }},
                {"id": "none", "for": {
                    "each": "item", "in": "[1].filter(n, n > 1)", "limit": 5,
                    "do": [wait("never")],
                }},
                {"id": "safe", "try": [wait("calm"), order("milk")]},
                {"id": "risky", "try": [
                    {"id": "no", "raise": {"error": "no_tea", "message": "no"}},
                ], "catch": [{"on": ["no_tea"], "do": [order("water")]}]},
                {"id": "other", "run": {"flow": "other", "with": {}, "within": "1h"},
                 "catch": [{"do": [order("juice")]}]},
                {"id": "long", "wait": "90d"},
                order("late"),
            ],
            "budget": {"wall": "1d"},
        });
        let story = json!({
            "project": "PAY", "trigger": {"payload": {"id": "t1"}},
            "world": {"toy.order.place": [{"gives": {"order": "o1"}}]},
        });
        let flow = Flow::link(&flow, &catalogue()).unwrap();
        let story = Story::read(&story).unwrap();
        let rehearsal = Arc::new(Rehearsal::new(flow, story, &BTreeMap::new()));
        let rehearsed = rehearse(&rehearsal, 0..40, 1, &|_| ());
        assert_eq!(rehearsed.broken, BTreeMap::new());
        assert_eq!(rehearsed.never_reached(), ["late", "never"]);
    }

    #[test]
    fn what_happens_in_a_story_has_the_id_that_it_gives() {
        let flow = json!({
            "id": "own", "name": "Own", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
            "steps": [{"id": "rest", "wait": "1h"}],
        });
        let older = |at: &str, id: &str| {
            let payload = json!({"of": "the story"});
            json!({"at": at, "topic": "stale_event", "id": id, "payload": payload})
        };
        let story = json!({
            "project": "PAY", "trigger": {"payload": {"id": "t1"}},
            "events": [older("1m", "one"), older("2m", "one"), older("3m", "other")],
        });
        let flow = Flow::link(&flow, &catalogue()).unwrap();
        let story = Story::read(&story).unwrap();
        let rehearsal = Arc::new(Rehearsal::new(flow, story, &BTreeMap::new()));
        for seed in 0..20 {
            let played = play(&Scenario::of(seed, &rehearsal), false);
            assert_eq!(played.broken, None, "seed {seed}");
            let timeline = played.view.unwrap().timeline;
            let heard = timeline.iter().filter(|entry| entry.detail.contains("the story")).count();
            assert_eq!(heard, 2, "seed {seed}: the same id twice is one event");
        }
    }
}
