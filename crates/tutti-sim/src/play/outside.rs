//! The world of a story: it answers as the script says, and it remembers what was done to it, so
//! that a write whose answer was lost can be found and one that never happened cannot.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Reply};
use tutti_core::excerpt;
use tutti_core::failure::Failure;
use tutti_core::model::Question;
use tutti_core::operation::{Once, Operation, Probe};

use super::calendar::calendar;
use super::fits::fits;
use super::model::{self, Model};
use super::trace::{Trace, put, show};
use crate::Outside;
use crate::story::{Answer, Span, Story, World, as_value};

/// Something was sent to the world.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The operation.
    pub operation: String,
    /// Its arguments.
    pub input: Value,
    /// The key of the effect.
    pub key: String,
    /// Whether it changes anything.
    pub write: bool,
    /// Whether it was done, so that the world is different now.
    pub done: bool,
    /// When.
    pub at: i64,
}

/// What the script does not say.
#[derive(Debug, Clone, PartialEq)]
pub struct Unscripted {
    /// When it was wanted.
    pub at: i64,
    /// Where in the story an answer belongs.
    pub place: String,
    /// What was wanted.
    pub message: String,
    /// What to add.
    pub hint: String,
}

/// What was answered to an effect.
struct Given {
    reply: Reply,
    delay_ms: u64,
    /// The operation, if it only reads.
    read: Option<String>,
}

/// One answer of the script, and how often it can still be given.
#[derive(Debug, Clone)]
struct Line {
    answer: Answer,
    left: Option<u32>,
}

/// The world as the script has it.
pub struct Scripted {
    /// Operations with their answers; what came last comes first.
    layers: Vec<BTreeMap<String, Vec<Line>>>,
    model: Model,
    operations: BTreeMap<String, Operation>,
    /// What was answered, by effect id: who asks the very same again because a worker died before it
    /// heard is told the same, unless what was read has changed since.
    given: BTreeMap<String, Given>,
    /// What the writes that were done have given, by effect key.
    traces: BTreeMap<String, Trace>,
    /// All that was sent, in order.
    pub sent: Vec<Sent>,
    /// The first thing that was wanted and is not scripted.
    pub unscripted: Option<Unscripted>,
}

impl Scripted {
    /// The world of a story at its beginning.
    pub fn new(story: &Story, operations: &BTreeMap<String, Operation>) -> Self {
        let mut world = Self {
            layers: Vec::new(),
            model: Model::new(&story.model),
            operations: operations.clone(),
            given: BTreeMap::new(),
            traces: BTreeMap::new(),
            sent: Vec::new(),
            unscripted: None,
        };
        world.change(&story.world);
        world
    }

    /// From now on these answers come first.
    pub fn change(&mut self, world: &World) {
        if world.is_empty() {
            return;
        }
        let line = |answer: &Answer| Line { answer: answer.clone(), left: answer.times };
        let lines = |answers: &Vec<Answer>| answers.iter().map(line).collect();
        let layer = world.iter().map(|(id, answers)| (id.clone(), lines(answers)));
        let is_changed = |id: &String| world.contains_key(id);
        self.given.retain(|_, given| !given.read.as_ref().is_some_and(is_changed));
        self.layers.insert(0, layer.collect());
    }

    /// The first write that made something for a second time.
    pub fn made_twice(&self) -> Option<&Sent> {
        let done = |sent: &&Sent| sent.write && sent.done;
        self.sent.iter().enumerate().find_map(|(index, sent)| {
            let counts = self.operations.get(&sent.operation).is_some_and(makes_anew);
            let mut earlier = self.sent.iter().take(index).filter(done);
            (counts && done(&sent) && earlier.any(|other| other.key == sent.key)).then_some(sent)
        })
    }

    /// The first answer of the model that was never asked for, by its place in the story.
    pub fn unused(&self) -> Option<String> {
        self.model.unused()
    }

    /// How often something was made anew for this effect key.
    pub fn made(&self, key: &str) -> usize {
        let counts = |sent: &&Sent| {
            let anew = self.operations.get(&sent.operation).is_some_and(makes_anew);
            anew && sent.write && sent.done && sent.key == key
        };
        self.sent.iter().filter(counts).count()
    }

    /// The writes that were done, each once.
    pub fn effects(&self) -> Vec<&Sent> {
        let mut effects: Vec<&Sent> = Vec::new();
        for sent in self.sent.iter().filter(|sent| sent.write && sent.done) {
            if !effects.iter().any(|known| known.key == sent.key) {
                effects.push(sent);
            }
        }
        effects
    }

    fn pick(&mut self, operation: &str, input: &Value) -> Option<Answer> {
        let lines = self.layers.iter_mut().filter_map(|layer| layer.get_mut(operation)).flatten();
        let mut open = lines.filter(|line| line.left != Some(0));
        let line = open.find(|line| fits(&as_value(&line.answer.with), input).is_ok())?;
        line.left = line.left.map(|left| left - 1);
        Some(line.answer.clone())
    }

    fn call(
        &mut self,
        effect: &Effect,
        id: &str,
        input: &Value,
        write: bool,
        now: i64,
    ) -> (Reply, u64) {
        let answer = self.pick(id, input);
        if let (None, Some(reply)) = (&answer, calendar(id, input, now)) {
            self.note(effect, (id, input), write, true, now);
            return (reply, 0);
        }
        // Who looks whether something was done needs no script: the world remembers.
        let Some(answer) = answer.or_else(|| is_probe(effect).then(nothing)) else {
            let message = format!("`{id}` was called with {input}, and the world has no answer");
            let hint = format!("add below `world:` for example `{id}: [{{ gives: {{…}} }}]`");
            return (self.lacks("/world", message, hint, now), 0);
        };
        let (failure, delay) = paced(answer.failure(), answer.slow, effect.deadline_ms);
        let gave = answer.given();
        let done = failure.is_none() || answer.done;
        self.note(effect, (id, input), write, done, now);
        if write && done {
            let probe = self.operations.get(id).and_then(|operation| operation.probe.clone());
            self.traces.insert(effect.key.clone(), Trace { probe, gave: gave.clone() });
        }
        self.change(&answer.then);
        match failure.or_else(|| unread(&gave)) {
            Some(failure) => (Reply::Failed(failure), delay),
            None if write => (Reply::of(Ok(gave)), delay),
            None => (Reply::of(Ok(self.with_trace(gave, effect, id))), delay),
        }
    }

    fn note(
        &mut self,
        effect: &Effect,
        (operation, input): (&str, &Value),
        write: bool,
        done: bool,
        at: i64,
    ) {
        self.sent.push(Sent {
            operation: operation.to_owned(),
            input: input.clone(),
            key: effect.key.clone(),
            write,
            done,
            at,
        });
    }

    /// What a probe sees of what was written with its key: that, or that there is nothing.
    fn with_trace(&self, mut read: Value, effect: &Effect, operation: &str) -> Value {
        let here = |probe: &&Probe| probe.operation == operation;
        // Who takes a write back looks for it under a name of its own, before anything else.
        let looks_for_other =
            effect.key.contains("/undo.") && !self.traces.contains_key(&effect.key);
        let mine = |key: &String| *key == effect.key || looks_for_other;
        let traces = self.traces.iter().filter(|(key, _)| mine(key)).filter_map(|(key, trace)| {
            Some((key, trace.probe.as_ref().filter(here)?, &trace.gave))
        });
        let traces: Vec<_> = traces.collect();
        if traces.is_empty() {
            let mut all = self.operations.values().filter_map(|operation| operation.probe.as_ref());
            let list = all.find(here).and_then(|probe| probe.find.as_ref());
            if let (Some(list), true) = (list, read == json!({})) {
                put(&mut read, list, json!([]));
            }
        }
        traces.into_iter().fold(read, |read, (key, probe, gave)| show(read, probe, key, gave))
    }

    fn ask(&mut self, question: &Question, now: i64, deadline_ms: u64) -> (Reply, u64) {
        if let Some(failure) = self.model.too_dear(question) {
            return (Reply::Failed(failure), 0);
        }
        let decision = step_of(&question.decision);
        let said = match self.model.said(decision) {
            Ok(said) => said,
            Err(nth) => {
                let message = format!(
                    "the model was asked about `{decision}` for the {nth} time, and no answer is left"
                );
                let hint =
                    format!("add below `model:` to `{decision}` for example `{{ answer: {{…}} }}`");
                return (self.lacks("/model", message, hint, now), 0);
            }
        };
        let (failure, delay) = paced(said.failure(), said.slow, deadline_ms);
        match failure {
            Some(failure) => (Reply::Failed(failure), delay),
            None => (Reply::Ok(model::answer(&said)), delay),
        }
    }

    fn lacks(&mut self, place: &str, message: String, hint: String, now: i64) -> Reply {
        let place = place.to_owned();
        self.unscripted.get_or_insert(Unscripted { at: now, place, message, hint });
        Reply::Failed(Failure::Malformed { reason: "the story has no answer".to_owned() })
    }
}

impl Outside for Scripted {
    fn perform(&mut self, effect: &Effect, now: i64) -> Reply {
        if let Some(given) = self.given.get(&effect.id) {
            return given.reply.clone();
        }
        let (reply, delay_ms) = match &effect.action {
            Action::Ask { question } => self.ask(question, now, effect.deadline_ms),
            Action::Call { operation, input, write, .. } => {
                self.call(effect, operation, input, *write, now)
            }
        };
        let read = match &effect.action {
            Action::Call { operation, write: false, .. } => Some(operation.clone()),
            _ => None,
        };
        self.given.insert(effect.id.clone(), Given { reply: reply.clone(), delay_ms, read });
        reply
    }

    fn delay_ms(&self, effect: &Effect) -> u64 {
        self.given.get(&effect.id).map_or(0, |given| given.delay_ms)
    }
}

/// Whether doing it twice makes two things: what carries our key, or nothing at all, does.
fn makes_anew(operation: &Operation) -> bool {
    matches!(operation.once, Once::Probed | Once::Unsafe) || operation.probe.is_some()
}

/// Whether an effect looks for what another effect with its key has done.
fn is_probe(effect: &Effect) -> bool {
    effect.id.rsplit('#').next().is_some_and(|label| label.starts_with("probe"))
}

/// The failure and how long it takes to come: what is slower than it may be is a timeout.
fn paced(failure: Option<Failure>, slow: Option<Span>, deadline_ms: u64) -> (Option<Failure>, u64) {
    let delay = slow.and_then(|slow| u64::try_from(slow.0).ok()).unwrap_or_default();
    if delay > deadline_ms { (Some(Failure::Timeout), deadline_ms) } else { (failure, delay) }
}

/// The failure of an answer that is longer than any that is read.
fn unread(gave: &Value) -> Option<Failure> {
    excerpt::unread(u32::try_from(gave.to_string().encode_utf16().count()).unwrap_or(u32::MAX))
}

/// The answer of a world in which there is nothing of ours.
fn nothing() -> Answer {
    Answer { gives: Some(json!({})), ..Answer::default() }
}

/// The step in a key: `tell` for `each.2.tell`, and for `each.2.tell?0.1`, a model's first choice how
/// it goes on.
pub fn step_of(key: &str) -> &str {
    let step = key.split('?').next().unwrap_or_default();
    step.rsplit('.').next().unwrap_or_default()
}
