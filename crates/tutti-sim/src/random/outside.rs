//! The outside of a simulated run: the toys, or what a story says there is, and what really
//! happened there.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Reply};
use tutti_core::flow::Flow;
use tutti_core::view::{Did, EffectState, Entry, RunView, Undo};

use super::promises::{CHILDREN, DOUBT, Notes, ONCE, RESTORED, TRUTH, UNDONE};
use crate::play::Scripted;
use crate::story::{self, Story};
use crate::toys::Toys;
use crate::{Broken, Outside};

/// What is there.
enum There {
    Toys(Box<Toys>),
    /// Where a flow of somebody's own is played: what its story says.
    Script {
        script: Box<Scripted>,
        /// What the model says next.
        said: Option<Reply>,
    },
}

/// A flag that was set.
struct Replaced {
    name: String,
    before: Option<Value>,
    ours: Value,
}

/// What is there, and what really happened there.
pub(super) struct World {
    there: There,
    /// How often each write really happened, by effect key.
    happened: BTreeMap<String, u32>,
    /// What each setting of a flag really replaced, the first time it happened, by effect key.
    replaced: BTreeMap<String, Replaced>,
    /// Writes that really left, by effect key.
    pub(super) sent: BTreeSet<String>,
}

impl World {
    pub(super) fn new() -> Self {
        let mut toys = Toys::new();
        let first = toys.things.get("t1").cloned().unwrap_or_default();
        for id in ["t2", "t3"] {
            let mut thing = first.clone();
            if let Some(members) = thing.as_object_mut() {
                members.insert("id".to_owned(), json!(id));
            }
            toys.things.insert(id.to_owned(), thing);
        }
        toys.children.insert("child".to_owned(), json!({"over": false, "done": false}));
        Self::with(There::Toys(Box::new(toys)))
    }

    /// The world of a story.
    pub(super) fn of(story: &Story, flow: &Flow) -> Self {
        let script = Box::new(Scripted::new(story, &flow.operations));
        Self::with(There::Script { script, said: None })
    }

    fn with(there: There) -> Self {
        Self { there, happened: BTreeMap::new(), replaced: BTreeMap::new(), sent: BTreeSet::new() }
    }

    /// How much was asked of it so far.
    pub(super) fn times(&self) -> usize {
        match &self.there {
            There::Toys(toys) => toys.log.len(),
            There::Script { script, .. } => script.sent.len(),
        }
    }

    /// What the model will say when it is asked now.
    pub(super) fn hears(&mut self, answer: Reply) {
        match &mut self.there {
            There::Toys(toys) => toys.answers = [answer].into(),
            There::Script { said, .. } => *said = Some(answer),
        }
    }

    /// From now on it is another one.
    pub(super) fn change(&mut self, world: &story::World) {
        if let There::Script { script, .. } = &mut self.there {
            script.change(world);
        }
    }

    /// Does what an effect asks; nothing may be made twice for one key.
    pub(super) fn does(
        &mut self,
        effect: &Effect,
        now: i64,
        notes: &mut Notes,
    ) -> Result<Reply, Broken> {
        let replaces = self.replaces(effect);
        let reply = match &mut self.there {
            There::Toys(toys) => toys.does(effect),
            There::Script { script, said } => {
                said.take().unwrap_or_else(|| script.perform(effect, now))
            }
        };
        if effect.is_write() && matches!(reply, Reply::Ok(_)) {
            *self.happened.entry(effect.key.clone()).or_default() += 1;
            if let Some(replaced) = replaces {
                self.replaced.entry(effect.key.clone()).or_insert(replaced);
            }
            let made = match &self.there {
                There::Toys(toys) => toys.made.get(&effect.key).map_or(0, |made| *made as usize),
                There::Script { script, .. } => script.made(&effect.key),
            };
            notes.hold(ONCE, made <= 1, || format!("{} was made {made} times", effect.key))?;
        }
        Ok(reply)
    }

    /// What the setting of a flag replaces.
    fn replaces(&self, effect: &Effect) -> Option<Replaced> {
        let Action::Call { operation, input, .. } = &effect.action else { return None };
        let toys = self.toys().filter(|_| operation == "toy.flag.set")?;
        let name = input.get("name")?.as_str()?.to_owned();
        let before = toys.flags.get(&name).cloned();
        Some(Replaced { name, before, ours: input.get("value")?.clone() })
    }

    fn toys(&self) -> Option<&Toys> {
        match &self.there {
            There::Toys(toys) => Some(toys),
            There::Script { .. } => None,
        }
    }

    fn toys_mut(&mut self) -> Option<&mut Toys> {
        match &mut self.there {
            There::Toys(toys) => Some(toys),
            There::Script { .. } => None,
        }
    }

    pub(super) fn has_happened(&self, key: &str) -> bool {
        self.happened.contains_key(key)
    }

    /// Somebody changes what the run is about to look at or to change.
    pub(super) fn meddle(&mut self) {
        let Some(toys) = self.toys_mut() else { return };
        toys.meddle();
        for id in ["t1", "t2", "t3"] {
            toys.touch(id);
        }
        toys.flags.insert("t1".to_owned(), json!("somebody else's"));
    }

    pub(super) fn finish_job(&mut self) {
        let Some(toys) = self.toys_mut() else { return };
        toys.jobs.insert("j1".to_owned(), json!({"id": "j1", "status": "done"}));
    }

    pub(super) fn finish_flow(&mut self, well: bool) {
        let Some(toys) = self.toys_mut() else { return };
        let end = json!({
            "over": true, "done": well, "reason": "its own", "output": {"id": "t1", "a": "gold"},
        });
        // One that was stopped stays so.
        if !is_child_over(toys) {
            toys.children.insert("child".to_owned(), end);
        }
    }

    /// Holds what people are told at the end against what really happened.
    pub(super) fn told(
        &self,
        timeline: &[Entry],
        troubled: &BTreeSet<String>,
        notes: &mut Notes,
    ) -> Result<(), Broken> {
        let mut last = BTreeMap::new();
        for did in timeline.iter().filter_map(|entry| entry.did.as_ref()) {
            last.insert(&did.effect_key, did.outcome);
        }
        let untold = self.happened.keys().find(|key| !last.contains_key(key));
        notes.hold(TRUTH, untold.is_none(), || format!("{untold:?} happened and is not told"))?;
        for (key, outcome) in last {
            // What was as before already is taken back without being sent.
            if key.contains("/undo.") {
                continue;
            }
            let really = self.happened.get(key).copied().unwrap_or_default();
            let true_ = match outcome {
                EffectState::Confirmed => really >= 1,
                EffectState::Failed | EffectState::Refused => really == 0,
                _ => true,
            };
            notes.hold(TRUTH, true_, || format!("{key} is told {outcome:?}, and was {really}"))?;
            self.undone(timeline, key, notes)?;
            self.restored(timeline, key, notes)?;
            self.left_child(timeline, key, notes)?;
            if outcome == EffectState::Unknown {
                let left = self.sent.contains(key) || troubled.contains(key);
                notes.hold(DOUBT, left, || format!("{key} never left"))?;
            }
        }
        Ok(())
    }

    /// A child that really began, whatever is known of it, has come to its end, or people are told
    /// that it may not have.
    fn left_child(&self, timeline: &[Entry], key: &str, notes: &mut Notes) -> Result<(), Broken> {
        let mut all = timeline.iter().filter_map(|entry| entry.did.as_ref());
        let is_start = |did: &&Did| did.operation == "tutti.run.start" && self.has_happened(key);
        let found = all.find(|did| did.effect_key == key && is_start(did));
        // A script does not say which run it is that it tells of.
        let Some((did, toys)) = found.zip(self.toys()) else { return Ok(()) };
        let told = matches!(did.undo, Some(Undo::Impossible { .. }));
        notes.hold(CHILDREN, told || is_child_over(toys), || format!("{key} is {:?}", did.undo))
    }

    /// A flag that only this write has ever set and that is told to be taken back is not as the write
    /// left it, unless it was so before.
    fn restored(&self, timeline: &[Entry], key: &str, notes: &mut Notes) -> Result<(), Broken> {
        let Some((set, toys)) = self.replaced.get(key).zip(self.toys()) else { return Ok(()) };
        let alone = self.replaced.values().filter(|other| other.name == set.name).count() == 1;
        let mut all = timeline.iter().filter_map(|entry| entry.did.as_ref());
        let undone =
            all.any(|did| did.effect_key == key && matches!(did.undo, Some(Undo::Done { .. })));
        if !alone || !undone || set.before.as_ref() == Some(&set.ours) {
            return Ok(());
        }
        let now = toys.flags.get(&set.name);
        notes.hold(RESTORED, now != Some(&set.ours), || format!("{key}: {now:?}"))
    }

    /// A note that is told to be taken back is gone, and one that is told to be there is.
    fn undone(&self, timeline: &[Entry], key: &str, notes: &mut Notes) -> Result<(), Broken> {
        let mut all = timeline.iter().filter_map(|entry| entry.did.as_ref());
        let did = all.find(|did| did.effect_key == key && did.operation == "toy.note.add");
        let undo = did.and_then(|did| did.undo.as_ref());
        let Some((undo, toys)) = undo.zip(self.toys()) else { return Ok(()) };
        let there = toys.notes.values().any(|note| note.ends_with(key));
        let agrees = match undo {
            Undo::Done { .. } => !there,
            // What may have happened may be there.
            Undo::Possible => there || did.is_some_and(|did| did.outcome == EffectState::Unknown),
            Undo::Impossible { why, .. } if why == "it had not happened" => !there,
            // Whoever gave up does not know what became of the last try.
            Undo::Impossible { .. } => true,
        };
        notes.hold(UNDONE, agrees, || format!("{key} is {undo:?}, and there: {there}"))
    }
}

fn is_child_over(toys: &Toys) -> bool {
    let child = toys.children.get("child").and_then(|child| child.get("over"));
    child == Some(&json!(true))
}

/// Whether a view survives being sent to a page.
pub(super) fn travels(view: &RunView) -> bool {
    let sent: Option<Value> = serde_json::to_value(view).ok();
    sent.and_then(|sent| serde_json::from_value::<RunView>(sent).ok()).as_ref() == Some(view)
}
