//! One use of an operation, from its arguments to its confirmed outcome.
//!
//! ```text
//! start ──read──────────────────────────────> Leaving ──ok──> Over
//!   └─write─> Reading ──gate──> Held ──yes──> Checking ──same──> Leaving
//!                 ^  └─pass────────────────────────────────────────^ │ timeout, probed class
//!                 └──── conflict: read again, re-apply ──────────────┤
//!                                   Probing <────────────────────────┘ found ──> Over
//!                                      └─absent, settle─> Probing ─absent─> Leaving
//! any call that fails in passing waits in Paused and is tried again; the table is in `recovery`
//! ```

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{Node, Progress, Run, call_effect};
use crate::approval::{Approval, payload_hash};
use crate::event::{Action, Effect, Reply, Said};
use crate::expr::{Meter, Template};
use crate::fact::Fact;
use crate::failure::Failure;
use crate::flow::{Flow, Step, Use};
use crate::gate::{self, Ruling, Wanted};
use crate::label::Labels;
use crate::operation::{Access, Once, Operation};
use crate::recovery::{ATTEMPTS_MAX, Recovery, Tried, recover};
use crate::view::{Change, Did, EffectState, Entry, EntryKind, StepState};

/// What is known about each argument, by JSON pointer.
type ArgumentLabels = BTreeMap<String, Labels>;

/// One use of an operation under way.
#[derive(Debug, Clone)]
pub(super) struct CallNode {
    /// The step key it belongs to; also the name of the fact it makes.
    pub(super) step: String,
    title: String,
    operation: String,
    autonomy: crate::flow::Autonomy,
    ordinal: u32,
    pub(super) input: Value,
    labels: ArgumentLabels,
    phase: Phase,
    /// How often it left.
    attempts: u32,
    /// How often it was read or looked for; names each try.
    looks: u32,
    /// How often a probe found nothing.
    absences: u32,
    pub(super) before: Value,
    pub(super) approval: Option<Approval>,
    /// What was not as planned, and what was done instead.
    adapted: Option<String>,
}

#[derive(Debug, Clone)]
enum Phase {
    /// What it replaces is being read.
    Reading,
    /// A person is asked.
    Held,
    /// A person said yes; the target is read once more.
    Checking,
    /// Written ahead, on its way.
    Leaving,
    /// It may have happened; being looked for.
    Probing,
    /// Waiting to go on with what it was at.
    Paused { until: i64, then: Then },
    /// Over.
    Over(Result<Value, Failure>),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Then {
    Read,
    Check,
    Leave,
    Probe,
}

impl CallNode {
    /// Drives the step's call as far as it goes now.
    pub(super) fn advance(run: &mut Run, flow: &Flow, step: &Step) -> Progress {
        let crate::flow::Kind::Call(call) = &step.kind else { return Progress::Done };
        let autonomy = step.autonomy.unwrap_or(flow.autonomy);
        Self::drive(run, flow, call, &step.id, &step.title, autonomy, 1)
    }

    /// The same for a call that is no step of its own: a piece of context, a read while waiting.
    pub(super) fn read(run: &mut Run, flow: &Flow, call: &Use, key: &str, round: u32) -> Progress {
        Self::drive(run, flow, call, key, "", flow.autonomy, round)
    }

    fn drive(
        run: &mut Run,
        flow: &Flow,
        call: &Use,
        key: &str,
        title: &str,
        autonomy: crate::flow::Autonomy,
        ordinal: u32,
    ) -> Progress {
        let mut node = match run.nodes.remove(key) {
            Some(Node::Call(node)) if node.ordinal == ordinal => node,
            _ => {
                let mut node = Box::new(CallNode {
                    step: key.to_owned(),
                    title: title.to_owned(),
                    operation: call.operation.clone(),
                    autonomy,
                    ordinal,
                    input: Value::Null,
                    labels: BTreeMap::new(),
                    phase: Phase::Reading,
                    attempts: 0,
                    looks: 0,
                    absences: 0,
                    before: Value::Null,
                    approval: None,
                    adapted: None,
                });
                node.start(run, flow, &call.with);
                node
            }
        };
        node.woke(run, flow);
        let progress = match &node.phase {
            Phase::Over(Ok(_)) => Progress::Done,
            Phase::Over(Err(failure)) => Progress::Failed(failure.clone()),
            _ => Progress::Pending,
        };
        if progress == Progress::Done && node.adapted.is_some() {
            run.ended.insert(key.to_owned(), StepState::Adapted);
        }
        run.nodes.insert(key.to_owned(), Node::Call(node));
        progress
    }

    fn start(&mut self, run: &mut Run, flow: &Flow, with: &Template) {
        let Some(operation) = flow.operation(&self.operation) else {
            return self.over(run, flow, Err(Failure::Missing { path: self.operation.clone() }));
        };
        match arguments(with, operation, run) {
            Err(failure) => self.over(run, flow, Err(failure)),
            Ok((input, labels)) => {
                self.input = input;
                self.labels = labels;
                match operation.access {
                    Access::Read => self.leave(run, flow),
                    Access::Write | Access::Destroy => self.read_before(run, flow),
                }
            }
        }
    }

    fn woke(&mut self, run: &mut Run, flow: &Flow) {
        match self.phase {
            Phase::Paused { until, then } if until <= run.now => match then {
                Then::Read => self.read_before(run, flow),
                Then::Check => self.check(run, flow),
                Then::Leave => self.leave(run, flow),
                Then::Probe => self.probe(run, flow),
            },
            Phase::Held => {
                let until = self.approval.as_ref().and_then(|approval| approval.until);
                if until.is_some_and(|until| until <= run.now) {
                    let policy = "nobody answered in time".to_owned();
                    self.over(run, flow, Err(Failure::Refused { policy }));
                }
            }
            _ => {}
        }
    }

    // ---- what it wants next ------------------------------------------------------------------

    /// Reads what the write replaces, if its operation says how.
    fn read_before(&mut self, run: &mut Run, flow: &Flow) {
        if self.look(run, flow, "read").is_some() {
            self.phase = Phase::Reading;
        } else if !matches!(self.phase, Phase::Over(_)) {
            self.pass_gate(run, flow);
        }
    }

    /// Reads the target once more between a person's yes and the write.
    fn check(&mut self, run: &mut Run, flow: &Flow) {
        if self.look(run, flow, "check").is_some() {
            self.phase = Phase::Checking;
        } else if !matches!(self.phase, Phase::Over(_)) {
            self.pass_gate(run, flow);
        }
    }

    fn look(&mut self, run: &mut Run, flow: &Flow, label: &str) -> Option<()> {
        let before = flow.operation(&self.operation)?.before.as_ref()?;
        let names = json!({"input": self.input});
        let input = fill(&before.with, &names);
        self.looks += 1;
        let label = format!("{label}{}", self.looks);
        self.call(run, flow, &label, &before.operation, input, false).then_some(())
    }

    fn pass_gate(&mut self, run: &mut Run, flow: &Flow) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        let hash = payload_hash(&self.operation, &self.input);
        let version = self.version(operation);
        let stands = self.approval.as_ref().is_some_and(|approval| {
            approval.approved_by.is_some()
                && approval.payload_hash == hash
                && approval.version == version
        });
        let wanted = Wanted {
            operation,
            step: &self.step,
            input: &self.input,
            labels: &self.labels,
            autonomy: self.autonomy,
            project: &run.project,
        };
        match gate::rule(flow, &wanted, run) {
            Ruling::Pass => self.leave(run, flow),
            Ruling::Refuse { policy } => self.over(run, flow, Err(Failure::Refused { policy })),
            Ruling::Ask { .. } if stands => self.leave(run, flow),
            Ruling::Ask { by, why, policy, within_ms } => {
                let asked_again = self.approval.as_ref().map(|_| {
                    "The target changed since it was approved, so it is asked again.".to_owned()
                });
                let again = asked_again.is_some();
                self.approval = Some(Approval {
                    payload_hash: hash,
                    version,
                    approver: by,
                    why,
                    policy,
                    asked_at: run.now,
                    until: within_ms.map(|ms| run.now.saturating_add(ms)),
                    approved_by: None,
                    asked_again,
                });
                self.phase = Phase::Held;
                let text = if again { "Asked again" } else { "Asked for approval" };
                let mut entry = run.entry(EntryKind::Person, &self.step, "person", text);
                entry.state = StepState::Waiting;
                entry.detail.clone_from(&self.title);
                run.timeline.push(entry);
            }
        }
    }

    fn leave(&mut self, run: &mut Run, flow: &Flow) {
        self.attempts += 1;
        let write = flow.operation(&self.operation).is_some_and(|o| o.access != Access::Read);
        let label = format!("{}{}", if write { "write" } else { "get" }, self.attempts);
        let operation = self.operation.clone();
        let input = self.input.clone();
        if self.call(run, flow, &label, &operation, input, write) {
            self.phase = Phase::Leaving;
        }
    }

    fn probe(&mut self, run: &mut Run, flow: &Flow) {
        let Some(probe) = flow.operation(&self.operation).and_then(|o| o.probe.as_ref()) else {
            return self.over(run, flow, Err(Failure::Timeout));
        };
        let names = json!({
            "input": self.input, "before": self.before, "effect_key": self.key(run),
        });
        let input = fill(&probe.with, &names);
        self.looks += 1;
        let label = format!("probe{}", self.looks);
        if self.call(run, flow, &label, &probe.operation, input, false) {
            self.phase = Phase::Probing;
        }
    }

    /// Sends one call, if the budget has room for it.
    fn call(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        label: &str,
        operation: &str,
        input: Value,
        write: bool,
    ) -> bool {
        if let Err(failure) = run.may_call(flow) {
            self.over(run, flow, Err(failure));
            return false;
        }
        let deadline_ms = flow.operation(operation).map_or(60_000, |o| o.deadline_ms);
        let before = if write { self.before.clone() } else { Value::Null };
        let action = Action::Call { operation: operation.to_owned(), input, before, write };
        let effect = call_effect(&self.key(run), label, deadline_ms, action);
        run.emit(&self.step, effect);
        true
    }

    // ---- what came back ----------------------------------------------------------------------

    pub(super) fn answered(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        _effect: &Effect,
        result: Reply,
        took_ms: u64,
    ) {
        match (&self.phase, result) {
            (Phase::Reading | Phase::Checking, Reply::Ok(value)) => {
                self.before = value;
                self.pass_gate(run, flow);
            }
            (Phase::Reading | Phase::Checking, Reply::Failed(failure)) => {
                self.look_failed(run, flow, failure);
            }
            (Phase::Leaving, Reply::Ok(value)) => self.confirmed(run, flow, value, took_ms),
            (Phase::Leaving, Reply::Failed(failure)) => self.failed(run, flow, failure),
            (Phase::Probing, Reply::Ok(value)) => self.probed(run, flow, &value, took_ms),
            (Phase::Probing, Reply::Failed(failure)) => self.probe_failed(run, flow, failure),
            (Phase::Held | Phase::Paused { .. } | Phase::Over(_), _) => {}
        }
    }

    fn look_failed(&mut self, run: &mut Run, flow: &Flow, failure: Failure) {
        let checking = matches!(self.phase, Phase::Checking);
        let operation = flow.operation(&self.operation);
        let optional = operation.and_then(|o| o.before.as_ref()).is_some_and(|b| b.optional);
        if optional && matches!(failure, Failure::NotFound { .. }) {
            self.before = Value::Null;
            return self.pass_gate(run, flow);
        }
        let then = if checking { Then::Check } else { Then::Read };
        let tried = Tried::read(self.looks);
        match recover(&failure, tried) {
            Recovery::Retry { after_ms } => self.pause(run, after_ms, then),
            _ => self.over(run, flow, Err(failure)),
        }
    }

    fn failed(&mut self, run: &mut Run, flow: &Flow, failure: Failure) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        let read = operation.access == Access::Read;
        let tried = Tried {
            once: if read { Once::Read } else { operation.once },
            attempts: self.attempts,
            has_before: operation.before.is_some(),
            has_probe: operation.probe.is_some() && !read,
        };
        match recover(&failure, tried) {
            Recovery::Retry { after_ms } => {
                self.adapt(run, &failure, "tried again");
                self.pause(run, after_ms, Then::Leave);
            }
            Recovery::Probe => {
                self.adapt(run, &failure, "looked whether it had happened");
                self.probe(run, flow);
            }
            Recovery::ReadAgain => {
                self.adapt(run, &failure, "read it again and applied the change to what is there");
                self.read_before(run, flow);
            }
            Recovery::GiveUp => self.over(run, flow, Err(failure)),
        }
    }

    fn probed(&mut self, run: &mut Run, flow: &Flow, value: &Value, took_ms: u64) {
        let Some(probe) = flow.operation(&self.operation).and_then(|o| o.probe.as_ref()) else {
            return;
        };
        if let Some(found) = search(value, probe.find.as_deref(), &probe.path, &self.key(run)) {
            let names = json!({"found": found, "input": self.input, "before": self.before});
            let output = substitute(&probe.output, &names);
            self.adapted = Some("no answer came, but it had happened; nothing was repeated".into());
            return self.confirmed(run, flow, output, took_ms);
        }
        self.absences += 1;
        if self.absences == 1 && probe.settle_ms > 0 {
            let settle_ms = i64::try_from(probe.settle_ms).unwrap_or(i64::MAX);
            return self.pause(run, settle_ms, Then::Probe);
        }
        self.absences = 0;
        if self.attempts >= ATTEMPTS_MAX {
            return self.over(run, flow, Err(Failure::Timeout));
        }
        self.leave(run, flow);
    }

    fn probe_failed(&mut self, run: &mut Run, flow: &Flow, failure: Failure) {
        let tried = Tried::read(self.looks);
        match recover(&failure, tried) {
            Recovery::Retry { after_ms } => self.pause(run, after_ms, Then::Probe),
            // Whether it happened stays unknown; saying "failed" would invite a second one.
            _ => self.over(run, flow, Err(failure)),
        }
    }

    fn confirmed(&mut self, run: &mut Run, flow: &Flow, output: Value, took_ms: u64) {
        let Some(operation) = flow.operation(&self.operation) else { return };
        if operation.access != Access::Read {
            run.spend.actions += 1;
        }
        let mut entry = self.timeline_entry(run, operation, EffectState::Confirmed, &output);
        entry.took_ms = Some(took_ms);
        let source = spoken(operation, &self.input);
        let fact = Fact::observed(&self.step, &source, run.now, output.clone());
        let id = self.step.rsplit('.').next().unwrap_or_default().to_owned();
        // Looking again and finding the same is not worth a line.
        let same = run.facts.get(&id).is_some_and(|known| known.value == output);
        if self.ordinal == 1 || !same {
            run.timeline.push(entry);
        }
        let fact = fact.with_untrusted(&operation.untrusted).with_private(&operation.pii);
        run.learn(Fact { id, ..fact });
        self.phase = Phase::Over(Ok(output));
    }

    pub(super) fn said(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        account: &str,
        name: &str,
        answer: &Said,
    ) {
        let (effect, hash) = match answer {
            Said::Approve { effect, payload_hash }
            | Said::Modify { effect, payload_hash, .. }
            | Said::Reject { effect, payload_hash, .. } => (effect, payload_hash),
            Said::Cancel { .. } => return,
        };
        let held = matches!(self.phase, Phase::Held) && *effect == self.key(run);
        let Some(approval) = self.approval.as_mut().filter(|_| held) else { return };
        if approval.payload_hash != *hash {
            return;
        }
        if !approval.approver.is_empty() && approval.approver != account {
            return;
        }
        let text = match answer {
            Said::Approve { .. } => format!("{name} approved it"),
            Said::Modify { .. } => format!("{name} changed and approved it"),
            _ => format!("{name} rejected it"),
        };
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", &text);
        entry.detail.clone_from(&self.title);
        if let Said::Reject { reason, .. } = answer {
            entry.detail.clone_from(reason);
            entry.state = StepState::Failed;
            run.timeline.push(entry);
            let policy = format!("{name} said no: {reason}");
            return self.over(run, flow, Err(Failure::Refused { policy }));
        }
        run.timeline.push(entry);
        if let (Said::Modify { changes, .. }, Some(input)) = (answer, self.input.as_object_mut()) {
            input.extend(changes.clone());
            for field in changes.keys() {
                let asked = Labels {
                    provenance: [crate::label::Provenance::Asked].into(),
                    ..Labels::default()
                };
                self.labels.insert(format!("/{field}"), asked);
            }
            approval.payload_hash = payload_hash(&self.operation, &self.input);
        }
        approval.approved_by = Some(account.to_owned());
        self.check(run, flow);
    }

    /// Another worker took over while this effect was in flight.
    pub(super) fn resumed(&mut self, run: &mut Run, flow: &Flow, effect: Effect) {
        if !effect.is_write() {
            return run.emit(&self.step.clone(), effect);
        }
        let operation = flow.operation(&self.operation);
        let has_probe = operation.is_some_and(|operation| operation.probe.is_some());
        match operation.map(|operation| operation.once) {
            Some(_) if has_probe => {
                self.adapt(run, &Failure::Timeout, "looked whether it had happened");
                self.probe(run, flow);
            }
            Some(Once::Read | Once::Idempotent | Once::Keyed) => {
                run.emit(&self.step.clone(), effect);
            }
            Some(Once::Probed | Once::Unsafe) | None => self.over(run, flow, Err(Failure::Timeout)),
        }
    }

    // ---- how it stands -----------------------------------------------------------------------

    fn over(&mut self, run: &mut Run, flow: &Flow, result: Result<Value, Failure>) {
        if let (Err(failure), Some(operation)) = (&result, flow.operation(&self.operation)) {
            let state = match failure {
                Failure::Refused { .. } => EffectState::Refused,
                _ => EffectState::Failed,
            };
            let mut entry = self.timeline_entry(run, operation, state, &Value::Null);
            entry.state = StepState::Failed;
            entry.detail = failure.to_string();
            run.timeline.push(entry);
        }
        self.phase = Phase::Over(result);
    }

    fn pause(&mut self, run: &Run, after_ms: i64, then: Then) {
        self.phase = Phase::Paused { until: run.now.saturating_add(after_ms), then };
    }

    fn adapt(&mut self, _run: &Run, failure: &Failure, what: &str) {
        self.adapted = Some(format!("{failure}; {what}"));
    }

    pub(super) fn key(&self, run: &Run) -> String {
        run.effect_key(&self.step, self.ordinal)
    }

    /// What identifies the target's version in what was read before.
    fn version(&self, operation: &Operation) -> Option<String> {
        let path = operation.before.as_ref()?.version.as_deref()?;
        let value = at(&self.before, path)?;
        Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    }

    pub(super) fn asking(&self) -> Option<String> {
        matches!(self.phase, Phase::Held).then(|| format!("waiting for approval: {}", self.title))
    }

    pub(super) fn is_held(&self) -> bool {
        matches!(self.phase, Phase::Held)
    }

    pub(super) fn backs_off(&self) -> bool {
        matches!(self.phase, Phase::Paused { .. })
    }

    pub(super) fn wake_at(&self) -> Option<i64> {
        match &self.phase {
            Phase::Paused { until, .. } => Some(*until),
            Phase::Held => self.approval.as_ref().and_then(|approval| approval.until),
            _ => None,
        }
    }

    pub(super) fn operation<'f>(&self, flow: &'f Flow) -> Option<&'f Operation> {
        flow.operation(&self.operation)
    }

    pub(super) fn title(&self) -> &str {
        &self.title
    }

    /// The arguments field by field, beside what was read before.
    pub(super) fn changes(&self) -> Vec<Change> {
        let members = self.input.as_object().into_iter().flatten();
        members
            .map(|(field, after)| {
                let mut labels = Labels::default();
                for (pointer, of) in &self.labels {
                    if pointer.trim_start_matches('/').split('/').next() == Some(field) {
                        labels.join(of);
                    }
                }
                Change {
                    field: field.clone(),
                    before: self.before.get(field).cloned().unwrap_or(Value::Null),
                    after: after.clone(),
                    provenance: labels.provenance.into_iter().collect(),
                }
            })
            .collect()
    }

    /// The facts the arguments were made from.
    pub(super) fn sources(&self) -> impl Iterator<Item = &String> {
        self.labels.values().flat_map(|labels| &labels.sources)
    }

    fn timeline_entry(
        &self,
        run: &Run,
        operation: &Operation,
        outcome: EffectState,
        output: &Value,
    ) -> Entry {
        let write = operation.access != Access::Read;
        let kind = if write { EntryKind::Action } else { EntryKind::Read };
        let text = if self.title.is_empty() {
            format!("Read {}", spoken(operation, &self.input))
        } else {
            self.title.clone()
        };
        let mut entry = run.entry(kind, &self.step, operation.tool(), &text);
        entry.detail.clone_from(&operation.summary);
        entry.adapted.clone_from(&self.adapted);
        if self.adapted.is_some() {
            entry.state = StepState::Adapted;
        }
        entry.saw = run.saw(self.sources());
        entry.did = write.then(|| Did {
            effect_key: self.key(run),
            operation: operation.id.clone(),
            access: operation.access,
            once: operation.once,
            reversibility: operation.reversibility,
            outcome,
            attempts: self.attempts,
            changes: self.changes(),
            output: output.clone(),
        });
        entry
    }
}

/// Fills the arguments of an operation; an optional one whose value is missing is left out.
fn arguments(
    with: &Template,
    operation: &Operation,
    run: &Run,
) -> Result<(Value, ArgumentLabels), Failure> {
    let filled = with.fill(run, &mut Meter::default());
    if let Some((_, error)) = filled.failed.first() {
        return Err(Failure::Rejected { code: error.code.to_string(), message: error.to_string() });
    }
    let mut input = match filled.value {
        Value::Object(input) => input,
        _ => Map::new(),
    };
    input.retain(|_, value| !value.is_null());
    for (name, declared) in &operation.input {
        if declared.required && !input.contains_key(name) {
            let path = filled.missing.first().unwrap_or(name).clone();
            return Err(Failure::Missing { path });
        }
    }
    Ok((Value::Object(input), filled.labels))
}

/// Fills the plain `${path}` templates an operation declares.
fn fill(with: &BTreeMap<String, Value>, names: &Value) -> Value {
    let filled = with.iter().map(|(name, value)| (name.clone(), substitute(value, names)));
    Value::Object(filled.filter(|(_, value)| !value.is_null()).collect())
}

/// Replaces `${path}` look-ups; exactly one keeps its type, a missing one is null or empty.
pub(super) fn substitute(template: &Value, names: &Value) -> Value {
    match template {
        Value::String(text) => substitute_text(text, names),
        Value::Array(items) => items.iter().map(|item| substitute(item, names)).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), substitute(value, names))).collect()
        }
        other => other.clone(),
    }
}

fn substitute_text(text: &str, names: &Value) -> Value {
    let whole = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    if let Some(path) = whole.filter(|path| !path.contains("${")) {
        return at(names, path).cloned().unwrap_or(Value::Null);
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once("${") {
        out.push_str(head);
        let Some((path, tail)) = tail.split_once('}') else {
            rest = tail;
            break;
        };
        match at(names, path) {
            Some(Value::String(text)) => out.push_str(text),
            Some(other) => out.push_str(&other.to_string()),
            None => {}
        }
        rest = tail;
    }
    out.push_str(rest);
    Value::String(out)
}

/// The value at a dotted path.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').filter(|key| !key.is_empty()).try_fold(value, |value, key| {
        value.get(key).or_else(|| key.parse::<usize>().ok().and_then(|i| value.get(i)))
    })
}

/// The first item whose text at `path` holds the effect key.
fn search<'v>(value: &'v Value, find: Option<&str>, path: &str, key: &str) -> Option<&'v Value> {
    let place = find.map_or(Some(value), |find| at(value, find))?;
    let holds = |item: &&Value| at(item, path).is_some_and(|found| mentions(found, key));
    match place {
        Value::Array(items) => items.iter().find(holds),
        other => Some(other).filter(holds),
    }
}

/// Whether a value is, or any text within it holds, the key as a whole word.
fn mentions(value: &Value, key: &str) -> bool {
    match value {
        Value::String(text) => text.match_indices(key).any(|(start, _)| {
            let after = text.get(start + key.len()..).and_then(|rest| rest.chars().next());
            !after.is_some_and(|c| c.is_ascii_digit())
        }),
        Value::Array(items) => items.iter().any(|item| mentions(item, key)),
        Value::Object(members) => members.values().any(|item| mentions(item, key)),
        _ => false,
    }
}

/// What an operation was about, for people: `Salesforce case 5008d00000ACME01`.
pub(super) fn spoken(operation: &Operation, input: &Value) -> String {
    let mut parts = operation.id.split('.');
    let tool = match parts.next().unwrap_or_default() {
        "gitlab" => "GitLab",
        "github" => "GitHub",
        "jira" => "Jira",
        "salesforce" => "Salesforce",
        "confluence" => "Confluence",
        "slack" => "Slack",
        other => other,
    };
    let nouns: Vec<&str> = parts.collect();
    let noun = nouns.iter().take(nouns.len().saturating_sub(1)).copied().collect::<Vec<_>>();
    let noun = noun.join(" ").replace('_', " ");
    let target = operation.input.iter().find(|(_, declared)| declared.required);
    let target = target.and_then(|(name, _)| input.get(name));
    let target = match target {
        Some(Value::String(text)) => text.chars().take(60).collect(),
        Some(value @ Value::Number(_)) => value.to_string(),
        _ => String::new(),
    };
    format!("{tool} {noun} {target}").trim_end().to_owned()
}
