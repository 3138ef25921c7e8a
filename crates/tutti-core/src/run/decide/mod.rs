//! A decision under way: ask, check, one repair, then the flow's rules.

pub(super) mod fact;
mod masked;
mod room;

use std::collections::BTreeMap;

use serde_json::Value;

use self::fact::{
    Bounded, answer_fact, headline, keep_marks, keep_within, no_choice, options, with_evidence,
};
use self::masked::Masked;
use self::room::{Room, Share};
use super::frame::local;
use super::{Node, Progress, Run};
use crate::decision::{self, Checked, Shown};
use crate::event::{Action, Effect, Reply};
use crate::expr::{Condition, Meter};
use crate::failure::Failure;
use crate::flow::{Decide, Flow, Step};
use crate::label::{Labels, Provenance};
use crate::model::{Answer, Message, Question, Role};
use crate::recovery::{Recovery, Tried, recover};
use crate::view::{Decided, EntryKind, StepState};

/// The most tokens one answer may use.
const OUTPUT_TOKENS_MAX: u32 = 4_000;
/// How long one answer may take, in milliseconds.
const DEADLINE_MS: u64 = 120_000;
/// How long a question waits for those that are being asked, in milliseconds: what they leave of the
/// budget is known then.
const ROOM_MS: i64 = 5_000;
/// How often a model is asked: the question, and one repair.
const ASKED_MAX: u32 = 2;

/// Who decided.
#[derive(Clone, Copy)]
enum By<'a> {
    /// A model, by its name.
    Model(&'a str),
    /// The flow's rules; with what is known about each value of the answer.
    Rules(&'a BTreeMap<String, Labels>),
}

impl<'a> By<'a> {
    fn name(self) -> &'a str {
        match self {
            Self::Model(name) => name,
            Self::Rules(_) => "rules",
        }
    }
}

/// A decision under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DecideNode {
    step: String,
    done: String,
    shown: Vec<Shown>,
    schema: Value,
    messages: Vec<Message>,
    /// Questions put, the repair included.
    asked: u32,
    /// Tries of the present question.
    tries: u32,
    paused_until: Option<i64>,
    /// How much of the money that is left it may take.
    share: Share,
    /// What was not as planned.
    adapted: Option<String>,
    over: Option<Result<(), Failure>>,
}

impl DecideNode {
    pub(super) fn advance(run: &mut Run, flow: &Flow, step: &Step, decide: &Decide) -> Progress {
        Self::drive(run, flow, run.key(&step.id), &step.done, decide)
    }

    /// Goes on with the decision kept at `key`, or begins it.
    pub(super) fn drive(
        run: &mut Run,
        flow: &Flow,
        key: String,
        done: &str,
        decide: &Decide,
    ) -> Progress {
        let mut node = match run.nodes.remove(&key) {
            Some(Node::Decide(node)) => node,
            _ => {
                let mut node = Box::new(Self::new(run, &key, done, decide));
                match no_choice(run, &decide.answer) {
                    Some(path) => node.over = Some(Err(Failure::Missing { path })),
                    None => node.ask(run, flow, decide),
                }
                node
            }
        };
        if node.paused_until.is_some_and(|until| until <= run.now) {
            node.paused_until = None;
            node.ask(run, flow, decide);
        }
        let progress = match &node.over {
            None => Progress::Pending,
            Some(Ok(())) => Progress::Done,
            Some(Err(failure)) => Progress::Failed(failure.clone()),
        };
        if progress == Progress::Done && node.adapted.is_some() {
            run.ended.insert(key.clone(), StepState::Adapted);
        }
        run.nodes.insert(key, Node::Decide(node));
        progress
    }

    fn new(run: &Run, key: &str, done: &str, decide: &Decide) -> Self {
        let facts = decide.facts.iter().filter_map(|name| run.scoped(name));
        let shown: Vec<Shown> = facts.map(decision::show).collect();
        // Whatever reaches the model, the question and the options too, is masked first.
        let masked = Masked::new(run);
        let schema = decision::schema(decide, &|source| options(&masked, source).values);
        let question = decide.question.fill(&masked, &mut Meter::default()).value;
        let question = question.as_str().map_or_else(|| question.to_string(), str::to_owned);
        let fence = decision::fence(&run.id, key);
        let text = decision::question_text(&question, &shown, &fence, &schema);
        let messages = vec![
            Message { role: Role::System, text: decision::system_text(&fence) },
            Message { role: Role::User, text },
        ];
        Self {
            step: key.to_owned(),
            done: done.to_owned(),
            shown,
            schema,
            messages,
            asked: 0,
            tries: 0,
            paused_until: None,
            share: Share::Half,
            adapted: None,
            over: None,
        }
    }

    /// Puts the present question, if the budget has room for it; else the rules answer.
    fn ask(&mut self, run: &mut Run, flow: &Flow, decide: &Decide) {
        let mut question = Question {
            decision: local(&self.step).to_owned(),
            attempt: self.asked + u32::from(self.tries == 0),
            model: decide.model.clone(),
            messages: self.messages.clone(),
            answer: self.schema.clone(),
            max_output_tokens: OUTPUT_TOKENS_MAX,
            max_usd_micros: 0,
        };
        match run.room_for(flow, &question, self.share) {
            Room::Full(what) => return self.by_rules(run, decide, Failure::OverBudget { what }),
            Room::Taken => {
                self.paused_until = Some(run.now.saturating_add(ROOM_MS));
                return;
            }
            Room::Free { tokens, usd_micros } => {
                question.max_output_tokens = tokens.min(OUTPUT_TOKENS_MAX);
                question.max_usd_micros = usd_micros;
            }
        }
        if let Err(failure) = run.take_call(flow) {
            return self.by_rules(run, decide, failure);
        }
        self.asked = question.attempt;
        self.tries += 1;
        let key = run.effect_key(&self.step, run.generation());
        let id = format!("{key}#ask{}.{}", self.asked, self.tries);
        let action = Action::Ask { question };
        run.emit(&self.step.clone(), Effect { id, key, action, deadline_ms: DEADLINE_MS });
    }

    pub(super) fn answered(&mut self, run: &mut Run, flow: &Flow, result: Reply, took_ms: u64) {
        let Some(decide) = flow.decision(local(&self.step)) else { return };
        match result {
            Reply::Failed(failure) => self.failed(run, flow, decide, failure),
            Reply::Excerpt(_) => {
                let reason = "a model says no more than it is asked for".to_owned();
                self.failed(run, flow, decide, Failure::TooLarge { reason });
            }
            Reply::Ok(value) => match serde_json::from_value::<Answer>(value) {
                Ok(answer) => self.judge(run, flow, decide, &answer, took_ms),
                Err(error) => {
                    let failure = Failure::Malformed { reason: error.to_string() };
                    self.failed(run, flow, decide, failure);
                }
            },
        }
    }

    fn failed(&mut self, run: &mut Run, flow: &Flow, decide: &Decide, failure: Failure) {
        // It cost more than its part; all that is left may still be enough.
        if matches!(failure, Failure::OverBudget { .. }) && self.share == Share::Half {
            self.share = Share::All;
            return self.ask(run, flow, decide);
        }
        let tried = Tried::read(self.tries, flow.retry);
        match recover(&failure, tried) {
            Recovery::Retry { after_ms } => {
                self.adapted = Some(format!("{failure}; asked again"));
                self.paused_until = Some(run.now.saturating_add(after_ms));
            }
            _ => self.by_rules(run, decide, failure),
        }
    }

    fn judge(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        decide: &Decide,
        answer: &Answer,
        took_ms: u64,
    ) {
        run.spend.tokens += answer.input_tokens + answer.output_tokens;
        run.spend.usd_micros += answer.usd_micros;
        match decision::check(&answer.text, &self.schema, &self.shown) {
            Ok(checked) => {
                let by = format!("model {}", answer.model);
                self.decided(run, decide, checked, By::Model(&by), Some(took_ms));
            }
            Err(faults) if self.asked < ASKED_MAX => {
                let first = faults.first().cloned().unwrap_or_default();
                self.adapted = Some(format!("the answer could not be used ({first}); repaired"));
                let said = Message { role: Role::Assistant, text: answer.text.clone() };
                let text = decision::repair_text(&faults);
                self.messages.extend([said, Message { role: Role::User, text }]);
                self.tries = 0;
                self.ask(run, flow, decide);
            }
            Err(faults) => {
                let reason = faults.first().cloned().unwrap_or_default();
                self.by_rules(run, decide, Failure::Malformed { reason });
            }
        }
    }

    /// No answer of a model survived: the first rule that applies answers.
    fn by_rules(&mut self, run: &mut Run, decide: &Decide, failure: Failure) {
        let ruling = decide.otherwise.iter().find(|ruling| {
            let holds = ruling.when.as_ref().map(|when| run.holds(when));
            matches!(holds, None | Some(Condition::True))
        });
        self.adapted = Some(format!("{failure}; decided by the flow's rules"));
        let Some(ruling) = ruling else {
            self.over = Some(Err(failure));
            return;
        };
        let filled = ruling.answer.fill(run, &mut Meter::default());
        let schema = without_evidence(&self.schema);
        match decision::check(&filled.value.to_string(), &schema, &[]) {
            Ok(checked) => self.decided(run, decide, checked, By::Rules(&filled.labels), None),
            Err(faults) => {
                let wrong = faults.join("; ");
                self.over = Some(Err(match filled.missing.into_iter().next() {
                    Some(path) => Failure::Missing { path },
                    None => Failure::Malformed {
                        reason: format!("a rule's answer has the wrong shape: {wrong}"),
                    },
                }));
            }
        }
    }

    fn decided(
        &mut self,
        run: &mut Run,
        decide: &Decide,
        mut checked: Checked,
        by: By,
        took_ms: Option<u64>,
    ) {
        let Bounded { moved: raised, undecided } = keep_within(run, decide, &mut checked);
        let told: Vec<String> = self.adapted.take().into_iter().chain(undecided).collect();
        self.adapted = (!told.is_empty()).then(|| told.join("; "));
        let mut entry = run.entry(EntryKind::Decision, &self.step, "model", &self.done);
        entry.detail = headline(&decide.answer, &checked.fields);
        entry.took_ms = took_ms;
        entry.adapted.clone_from(&self.adapted);
        if self.adapted.is_some() {
            entry.state = StepState::Adapted;
        }
        entry.saw = run.saw(decide.facts.iter());
        let fields = Value::Object(checked.fields.clone());
        let quoted = !checked.evidence.is_empty();
        entry.decided = Some(Decided {
            answer: fields.clone(),
            reasons: checked.reasons,
            confidence: checked.confidence,
            alternatives: checked.alternatives,
            evidence: checked.evidence.clone(),
            by: by.name().to_owned(),
            raised,
        });
        run.timeline.push(entry);
        // A rule is the flow's own conclusion; a model that quotes nothing has guessed.
        let guessed = matches!(by, By::Model(_)) && !quoted;
        let origin = if guessed { Provenance::Guessed } else { Provenance::Derived };
        let mut fact =
            answer_fact(run, local(&self.step), by.name(), &decide.answer, fields, origin);
        if let By::Rules(labels) = by {
            keep_marks(&mut fact, labels);
        }
        let quotes = decide.evidence > 0;
        run.learn(if quotes { with_evidence(fact, &checked.evidence) } else { fact });
        self.over = Some(Ok(()));
    }

    /// Why it could not be made.
    pub(super) fn failure(&self) -> Option<&Failure> {
        self.over.as_ref().and_then(|over| over.as_ref().err())
    }

    pub(super) fn backs_off(&self) -> bool {
        self.paused_until.is_some()
    }

    pub(super) fn wake_at(&self) -> Option<i64> {
        self.paused_until
    }

    /// Where it stands, in one word.
    pub(super) fn stands(&self) -> &'static str {
        match (&self.over, self.paused_until) {
            (Some(Ok(())), _) => "decided",
            (Some(Err(_)), _) => "undecided",
            (None, Some(_)) => "to-ask",
            (None, None) => "asking",
        }
    }
}

/// Rules need no quotes: they are the evidence themselves.
fn without_evidence(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "evidence");
    }
    schema
}
