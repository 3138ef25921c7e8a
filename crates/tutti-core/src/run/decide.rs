//! A decision under way: ask, check, one repair, then the flow's rules.

use serde_json::{Value, json};

use super::{Node, Progress, Run};
use crate::decision::{self, Checked, Shown};
use crate::event::{Action, Effect, Reply};
use crate::expr::{Condition, Expression, Meter, Outcome};
use crate::fact::{Fact, Mark};
use crate::failure::Failure;
use crate::flow::{Decide, Field, Flow, Kind, Shape, Step};
use crate::label::{Labels, Provenance, Trust};
use crate::model::{Answer, Message, Question, Role};
use crate::recovery::{Recovery, Tried, recover};
use crate::view::{Decided, EntryKind, StepState};

/// The most tokens one answer may use.
const OUTPUT_TOKENS_MAX: u32 = 4_000;
/// How long one answer may take, in milliseconds.
const DEADLINE_MS: u64 = 120_000;
/// How often a model is asked: the question, and one repair.
const ASKED_MAX: u32 = 2;

/// A decision under way.
#[derive(Debug, Clone)]
pub(super) struct DecideNode {
    step: String,
    title: String,
    shown: Vec<Shown>,
    schema: Value,
    messages: Vec<Message>,
    /// Questions put, the repair included.
    asked: u32,
    /// Tries of the present question.
    tries: u32,
    paused_until: Option<i64>,
    /// What was not as planned.
    adapted: Option<String>,
    over: Option<Result<(), Failure>>,
}

impl DecideNode {
    pub(super) fn advance(run: &mut Run, flow: &Flow, step: &Step, decide: &Decide) -> Progress {
        let mut node = match run.nodes.remove(&step.id) {
            Some(Node::Decide(node)) => node,
            _ => {
                let mut node = Box::new(Self::new(run, step, decide));
                node.ask(run, flow, decide);
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
            run.ended.insert(step.id.clone(), StepState::Adapted);
        }
        run.nodes.insert(step.id.clone(), Node::Decide(node));
        progress
    }

    fn new(run: &Run, step: &Step, decide: &Decide) -> Self {
        let facts = decide.facts.iter().filter_map(|name| run.facts.get(name));
        let shown: Vec<Shown> = facts.map(decision::show).collect();
        let schema = decision::schema(decide, &|source| options(run, source).0);
        let question = decide.question.fill(run, &mut Meter::default()).value;
        let question = question.as_str().map_or_else(|| question.to_string(), str::to_owned);
        let fence = decision::fence(&run.id, &step.id);
        let text = decision::question_text(&question, &shown, &fence, &schema);
        let messages = vec![
            Message { role: Role::System, text: decision::system_text(&fence) },
            Message { role: Role::User, text },
        ];
        Self {
            step: step.id.clone(),
            title: step.title.clone(),
            shown,
            schema,
            messages,
            asked: 0,
            tries: 0,
            paused_until: None,
            adapted: None,
            over: None,
        }
    }

    /// Puts the present question, if the budget has room for it; else the rules answer.
    fn ask(&mut self, run: &mut Run, flow: &Flow, decide: &Decide) {
        let used = run.spend;
        let over = if used.tokens >= flow.budget.tokens {
            Some(format!("{} tokens", flow.budget.tokens))
        } else if used.usd_micros >= flow.budget.usd_micros {
            Some(format!("${:.2}", flow.budget.usd_micros as f64 / 1e6))
        } else {
            None
        };
        if let Some(what) = over {
            return self.by_rules(run, decide, Failure::OverBudget { what });
        }
        if let Err(failure) = run.may_call(flow) {
            return self.by_rules(run, decide, failure);
        }
        if self.tries == 0 {
            self.asked += 1;
        }
        self.tries += 1;
        let question = Question {
            decision: self.step.clone(),
            attempt: self.asked,
            model: decide.model.clone(),
            messages: self.messages.clone(),
            answer: self.schema.clone(),
            max_output_tokens: OUTPUT_TOKENS_MAX,
        };
        let key = run.effect_key(&self.step, 1);
        let id = format!("{key}#ask{}.{}", self.asked, self.tries);
        let action = Action::Ask { question };
        run.emit(&self.step.clone(), Effect { id, key, action, deadline_ms: DEADLINE_MS });
    }

    pub(super) fn answered(&mut self, run: &mut Run, flow: &Flow, result: Reply, took_ms: u64) {
        let step = flow.all_steps().into_iter().find(|step| step.id == self.step);
        let Some(Kind::Decide(decide)) = step.map(|step| &step.kind) else { return };
        match result {
            Reply::Failed(failure) => self.failed(run, decide, failure),
            Reply::Ok(value) => match serde_json::from_value::<Answer>(value) {
                Ok(answer) => self.judge(run, flow, decide, &answer, took_ms),
                Err(error) => {
                    let failure = Failure::Malformed { reason: error.to_string() };
                    self.failed(run, decide, failure);
                }
            },
        }
    }

    fn failed(&mut self, run: &mut Run, decide: &Decide, failure: Failure) {
        let tried = Tried::read(self.tries);
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
                self.decided(run, decide, checked, &by, Some(took_ms));
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
        let answer = ruling.map(|ruling| ruling.answer.fill(run, &mut Meter::default()).value);
        let schema = without_evidence(&self.schema);
        let checked = answer.map(|answer| decision::check(&answer.to_string(), &schema, &[]));
        self.adapted = Some(format!("{failure}; decided by the flow's rules"));
        match checked {
            Some(Ok(checked)) => self.decided(run, decide, checked, "rules", None),
            Some(Err(faults)) => {
                let reason = format!("a rule's answer has the wrong shape: {}", faults.join("; "));
                self.over = Some(Err(Failure::Malformed { reason }));
            }
            None => self.over = Some(Err(failure)),
        }
    }

    fn decided(
        &mut self,
        run: &mut Run,
        decide: &Decide,
        mut checked: Checked,
        by: &str,
        took_ms: Option<u64>,
    ) {
        let raised = raise(run, decide, &mut checked);
        let mut entry = run.entry(EntryKind::Decision, &self.step, "model", &self.title);
        entry.detail = headline(&decide.answer, &checked);
        entry.took_ms = took_ms;
        entry.adapted.clone_from(&self.adapted);
        if self.adapted.is_some() {
            entry.state = StepState::Adapted;
        }
        entry.saw = run.saw(decide.facts.iter());
        let fields = Value::Object(checked.fields.clone());
        entry.decided = Some(Decided {
            answer: fields.clone(),
            reasons: checked.reasons,
            confidence: checked.confidence,
            alternatives: checked.alternatives,
            evidence: checked.evidence,
            by: by.to_owned(),
            raised,
        });
        run.timeline.push(entry);
        let fact = decision_fact(run, &self.step, by, decide, fields);
        run.learn(fact);
        self.over = Some(Ok(()));
    }

    pub(super) fn backs_off(&self) -> bool {
        self.paused_until.is_some()
    }

    pub(super) fn wake_at(&self) -> Option<i64> {
        self.paused_until
    }
}

/// What a fact-bound choice may be now, and whether those options can be trusted.
fn options(run: &Run, source: &Expression) -> (Vec<Value>, Trust) {
    match source.evaluate(run, &mut Meter::default()) {
        Outcome::Known(tagged) => match tagged.value {
            Value::Array(items) => (items, tagged.labels.trust),
            other => (vec![other], tagged.labels.trust),
        },
        _ => (Vec::new(), Trust::Trusted),
    }
}

/// Raises fields that the model put below a floor that holds; says which.
fn raise(run: &Run, decide: &Decide, checked: &mut Checked) -> Vec<String> {
    let mut raised = Vec::new();
    for floor in &decide.floor {
        if !matches!(run.holds(&floor.when), Condition::True) {
            continue;
        }
        let shape = decide.answer.iter().find(|f| f.name == floor.field).map(|f| &f.shape);
        let Some(Shape::OneOf(words)) = shape else { continue };
        let rank = |word: &str| words.iter().position(|w| w == word);
        let given = checked.fields.get(&floor.field).and_then(Value::as_str).and_then(rank);
        let least = rank(&floor.at_least);
        if given.zip(least).is_some_and(|(given, least)| given > least) {
            checked.fields.insert(floor.field.clone(), json!(floor.at_least));
            let why = floor.when.source();
            raised.push(format!("{} to at least {} because {why}", floor.field, floor.at_least));
        }
    }
    raised
}

/// The decision as a fact. Checked choices are endorsed; free text stays what the model wrote.
fn decision_fact(run: &Run, step: &str, by: &str, decide: &Decide, fields: Value) -> Fact {
    let mut marks = Vec::new();
    mark_fields(run, &decide.answer, &[], &mut marks);
    let labels = Labels {
        trust: Trust::Trusted,
        provenance: [Provenance::Derived].into(),
        sources: [step.to_owned()].into(),
    };
    for mark in &mut marks {
        mark.labels.sources.insert(step.to_owned());
    }
    Fact { labels, marks, ..Fact::observed(step, by, run.now, fields) }
}

fn mark_fields(run: &Run, fields: &[Field], below: &[String], marks: &mut Vec<Mark>) {
    for field in fields {
        let path = [below, std::slice::from_ref(&field.name)].concat();
        if let Shape::Object(inner) = &field.shape {
            mark_fields(run, inner, &path, marks);
            continue;
        }
        let trust = match &field.shape {
            Shape::OneOfFact(source) => options(run, source).1,
            shape if shape.is_choice() => Trust::Trusted,
            _ => Trust::Untrusted,
        };
        let provenance = [Provenance::Derived].into();
        marks.push(Mark { path, labels: Labels { trust, provenance, ..Labels::default() } });
    }
}

/// The choices in one line: `S2 · duplicate_of PAY-88 · attach_to_known`.
fn headline(fields: &[Field], checked: &Checked) -> String {
    fn words(fields: &[Field], value: &serde_json::Map<String, Value>, into: &mut Vec<String>) {
        for field in fields {
            match (&field.shape, value.get(&field.name)) {
                (Shape::Object(inner), Some(Value::Object(below))) => words(inner, below, into),
                (shape, Some(Value::String(word))) if shape.is_choice() => into.push(word.clone()),
                _ => {}
            }
        }
    }
    let mut all = Vec::new();
    words(fields, &checked.fields, &mut all);
    all.join(" · ")
}

/// Rules need no quotes: they are the evidence themselves.
fn without_evidence(schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|name| name != "evidence");
    }
    schema
}
