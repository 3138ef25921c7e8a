//! A question to a person under way: what only somebody knows, or what no model could decide.

use serde_json::{Map, Value, json};

use super::decide::fact::{answer_fact, headline, no_choice, options};
use super::frame::local;
use super::{Node, Progress, Run};
use crate::digest;
use crate::expr::Meter;
use crate::failure::Failure;
use crate::flow::{Ask, Decide, Field, Flow, Kind, Step, object_schema};
use crate::gate;
use crate::label::Provenance;
use crate::schema::Schema;
use crate::view::{Entry, EntryKind, QuestionView, StepState};

/// A question a person is asked.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct AskNode {
    step: String,
    title: String,
    done: String,
    question: String,
    /// Why a person is asked what a model should have answered.
    why: String,
    /// Who: an account id, or empty for whoever may answer for the project.
    who: String,
    /// The answer's JSON Schema, with the options there were when it was asked.
    schema: Value,
    asked_at: i64,
    until: Option<i64>,
    over: Option<Result<(), Failure>>,
}

impl AskNode {
    pub(super) fn advance(run: &mut Run, step: &Step, ask: &Ask) -> Progress {
        let key = run.key(&step.id);
        if !matches!(run.nodes.get(&key), Some(Node::Ask(_))) {
            let question = ask.question.fill(run, &mut Meter::default());
            let missing = question.missing.into_iter().next();
            if let Some(path) = missing.or_else(|| no_choice(run, &ask.answer)) {
                let failure = Failure::Missing { path };
                run.nodes.insert(key, Node::Failed(failure.clone()));
                return Progress::Failed(failure);
            }
            let text = question.value.as_str().map(str::to_owned);
            let question = text.unwrap_or_else(|| question.value.to_string());
            let who = ask.who.as_ref().map(|who| gate::person(who, run)).unwrap_or_default();
            let until = match run.end_of(&ask.within) {
                Ok(until) => until,
                Err(failure) => {
                    run.nodes.insert(key, Node::Failed(failure.clone()));
                    return Progress::Failed(failure);
                }
            };
            Self::new(run, step, &ask.answer, question, who).put(run, Some(until));
        }
        Self::go_on(run, &key)
    }

    /// No answer of a model survived, so a person is asked the same.
    pub(super) fn instead_of_model(
        run: &mut Run,
        step: &Step,
        decide: &Decide,
        failure: &Failure,
        who: String,
    ) -> Progress {
        let question = decide.question.fill(run, &mut Meter::default()).value;
        let question = question.as_str().map_or_else(|| question.to_string(), str::to_owned);
        let mut node = Self::new(run, step, &decide.answer, question, who);
        node.why = failure.to_string();
        node.put(run, None);
        Self::go_on(run, &run.key(&step.id))
    }

    fn new(run: &Run, step: &Step, answer: &[Field], question: String, who: String) -> Self {
        Self {
            step: run.key(&step.id),
            title: step.title.clone(),
            done: step.done.clone(),
            question,
            why: String::new(),
            who,
            schema: object_schema(answer, &|source| options(run, source).values),
            asked_at: run.now,
            until: None,
            over: None,
        }
    }

    fn put(mut self, run: &mut Run, until: Option<i64>) {
        self.until = until;
        let text = format!("Asked: {}", self.question);
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", &text);
        entry.state = StepState::Waiting;
        entry.detail.clone_from(&self.why);
        run.timeline.push(entry);
        run.nodes.insert(self.step.clone(), Node::Ask(Box::new(self)));
    }

    /// How far the question at `key` is; time alone ends it unanswered.
    pub(super) fn go_on(run: &mut Run, key: &str) -> Progress {
        let now = run.now;
        let Some(Node::Ask(node)) = run.nodes.get_mut(key) else { return Progress::Pending };
        if node.over.is_none() && node.until.is_some_and(|until| until <= now) {
            node.over = Some(Err(Failure::Unanswered));
            let title = node.title.clone();
            let mut entry = run.entry(EntryKind::Person, key, "person", &title);
            entry.state = StepState::Failed;
            entry.detail = Failure::Unanswered.to_string();
            run.timeline.push(entry);
            return Progress::Failed(Failure::Unanswered);
        }
        match &node.over {
            None => Progress::Pending,
            Some(Ok(())) => Progress::Done,
            Some(Err(failure)) => Progress::Failed(failure.clone()),
        }
    }

    /// Hears an answer. One to another question, or not from who is asked, is no answer.
    pub(super) fn said(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        (account, name): (&str, &str),
        question: &str,
        answer: &Map<String, Value>,
    ) {
        let mine = self.who.is_empty() || self.who == account;
        if self.over.is_some() || !mine || question != self.id(run) {
            return;
        }
        let Some(shape) = flow.step(local(&self.step)).and_then(shape) else { return };
        let faults = match Schema::parse(&self.schema) {
            Ok(schema) => schema.check(&Value::Object(answer.clone())),
            Err(_) => Vec::new(),
        };
        if let Some(fault) = faults.first() {
            let text = format!("{name}’s answer could not be taken");
            let mut entry = run.entry(EntryKind::Person, &self.step, "person", &text);
            entry.state = StepState::Failed;
            entry.detail.clone_from(&fault.message);
            return run.timeline.push(entry);
        }
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", &self.done);
        entry.detail = told(name, shape, answer);
        run.timeline.push(Entry { took_ms: u64::try_from(run.now - self.asked_at).ok(), ..entry });
        let (id, fields) = (local(&self.step), Value::Object(answer.clone()));
        let fact = answer_fact(run, id, name, shape, fields, Provenance::Asked);
        run.learn(fact);
        self.over = Some(Ok(()));
    }

    /// Names this question: the same step asked anew is another one.
    fn id(&self, run: &Run) -> String {
        digest::of_value(&json!([run.effect_key(&self.step, run.generation()), self.asked_at]))
    }

    /// What a person is asked, as long as nobody answered.
    pub(super) fn asking(&self) -> Option<&str> {
        self.over.is_none().then_some(self.title.as_str())
    }

    /// Whether a person is asked because no answer of a model survived.
    pub(super) fn is_instead_of_model(&self) -> bool {
        self.over.is_none() && !self.why.is_empty()
    }

    /// Why there is no answer.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.over.as_ref().and_then(|over| over.as_ref().err())
    }

    /// Where it stands, in one word.
    pub(super) fn stands(&self) -> &'static str {
        match &self.over {
            None => "asked",
            Some(Ok(())) => "answered",
            Some(Err(_)) => "unanswered",
        }
    }

    pub(super) fn wake_at(&self) -> Option<i64> {
        if self.over.is_none() { self.until } else { None }
    }

    pub(super) fn view(&self, run: &Run) -> Option<QuestionView> {
        self.asking()?;
        Some(QuestionView {
            id: self.id(run),
            step: self.step.clone(),
            title: self.title.clone(),
            system: "person".to_owned(),
            question: self.question.clone(),
            why: self.why.clone(),
            who: self.who.clone(),
            who_name: String::new(),
            mine: false,
            asked_at: self.asked_at,
            until: self.until,
            schema: Some(self.schema.clone()),
            ways: Vec::new(),
        })
    }
}

/// The fields a step's answer has.
fn shape(step: &Step) -> Option<&[Field]> {
    match &step.kind {
        Kind::Ask(ask) => Some(&ask.answer),
        Kind::Decide(decide) => Some(&decide.answer),
        _ => None,
    }
}

fn told(name: &str, shape: &[Field], answer: &Map<String, Value>) -> String {
    let choices = headline(shape, answer);
    if choices.is_empty() { format!("{name} answered") } else { format!("{name}: {choices}") }
}
