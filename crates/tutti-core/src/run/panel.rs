//! What people see of a run: header, strip, approval cards, timeline, planned steps.

use serde_json::Value;

use super::frame::{frame_of, local};
use super::{CallNode, Node, Run};
use crate::flow::{Catch, Flow, Kind, Remedy, Step};
use crate::operation::Reversibility;
use crate::view::{
    ApprovalView, Entry, EntryKind, Evidence, Planned, QuestionView, RunState, RunView, StepState,
    Tile,
};

/// Who looks at the panel.
#[derive(Debug, Clone, Copy)]
pub struct Viewer<'a> {
    /// The Atlassian account id.
    pub account: &'a str,
    /// Whether questions that name nobody may be answered: project admins may.
    pub is_admin: bool,
}

impl Run {
    /// The run as `viewer` sees it.
    pub fn view(&self, flow: &Flow, flow_version: u64, viewer: Viewer) -> RunView {
        let mut shown = Vec::new();
        self.shown_steps(&flow.steps, &mut shown);
        if let Some(steps) = self.instead_taken(flow) {
            self.shown_steps(steps, &mut shown);
        }
        self.shown_steps(&flow.finally, &mut shown);
        let planned = shown.iter().filter(|step| self.step_state(step) == StepState::Planned);
        RunView {
            id: self.id.clone(),
            flow: flow.id.clone(),
            name: flow.name.clone(),
            flow_version,
            state: self.state,
            reason: self.reason.clone(),
            brakes: self.held.keys().copied().collect(),
            started_at: self.started_at,
            started_by: self.started_by.clone(),
            ended_at: self.ended_at,
            wake_at: self.wake_at(flow),
            subject: self.subject.clone(),
            spend: self.spend,
            strip: shown.iter().map(|step| self.tile(step)).collect(),
            approvals: self.approvals(flow, viewer),
            questions: self.questions(flow, viewer),
            timeline: self.timeline.iter().map(|entry| self.with_undo(entry)).collect(),
            planned: planned
                .filter(|_| !self.is_over())
                .map(|step| planned_step(flow, step))
                .collect(),
            hand_off: self.hand_off(flow),
            beginnings: self.beginnings(flow),
            gaps: self.gaps(flow),
        }
    }

    /// The steps worth a tile: a switch shows the arm taken, a fork is one.
    fn shown_steps<'f>(&self, steps: &'f [Step], into: &mut Vec<&'f Step>) {
        for step in steps {
            match (&step.kind, self.nodes.get(&step.id)) {
                (Kind::Switch(arms), Some(Node::Switch(taken))) => {
                    if let Some(arm) = arms.get(*taken) {
                        self.shown_steps(&arm.steps, into);
                    }
                }
                (Kind::Set(_), _) => {}
                _ => into.push(step),
            }
        }
    }

    fn tile(&self, step: &Step) -> Tile {
        Tile {
            step: step.id.clone(),
            title: step.title.clone(),
            system: step.system().to_owned(),
            state: self.step_state(step),
        }
    }

    pub(super) fn step_state(&self, step: &Step) -> StepState {
        if let Some(state) = self.ended.get(&step.id) {
            let adapted = *state == StepState::Done && self.adapted_below(step);
            return if adapted { StepState::Adapted } else { *state };
        }
        let live = match self.nodes.get(&step.id) {
            Some(Node::Call(call)) if call.is_held() => Some(StepState::Waiting),
            Some(Node::Call(call)) if call.is_stuck() || call.is_recallable() => {
                Some(StepState::Waiting)
            }
            Some(Node::Ask(ask)) if ask.asking().is_some() => Some(StepState::Waiting),
            Some(Node::Listen(_) | Node::Wait(_)) => Some(StepState::Waiting),
            // It is as its branches are.
            Some(Node::Fork(_)) => None,
            Some(node) if node.failure().is_some() => Some(StepState::Failed),
            Some(_) => Some(StepState::Running),
            None => None,
        };
        let live = live.or_else(|| {
            let below = step.blocks().into_iter().flatten().map(|below| self.step_state(below));
            let begun: Vec<StepState> = below.filter(|s| *s != StepState::Planned).collect();
            let waits = begun.contains(&StepState::Waiting) && !begun.contains(&StepState::Running);
            let state = if waits { StepState::Waiting } else { StepState::Running };
            (!begun.is_empty()).then_some(state)
        });
        match (live, self.outcome()) {
            (None, _) => StepState::Planned,
            (Some(_), RunState::Failed) => StepState::Failed,
            (Some(_), RunState::Cancelled) => StepState::Skipped,
            // What a finished run has not done failed, and something around it was done instead.
            (Some(StepState::Running | StepState::Waiting), state) if state.is_final() => {
                StepState::Failed
            }
            (Some(live), _) => live,
        }
    }

    fn adapted_below(&self, step: &Step) -> bool {
        step.blocks().into_iter().flatten().any(|below| {
            self.ended.get(&below.id) == Some(&StepState::Adapted) || self.adapted_below(below)
        })
    }

    /// A line of a write says whether it was, or can be, taken back.
    fn with_undo(&self, entry: &Entry) -> Entry {
        let mut entry = entry.clone();
        if let Some(did) = entry.did.as_mut() {
            did.undo = self.undo_of(&did.effect_key).cloned();
        }
        entry
    }

    fn approvals(&self, flow: &Flow, viewer: Viewer) -> Vec<ApprovalView> {
        if self.is_over() {
            return Vec::new();
        }
        let mut cards: Vec<(i64, ApprovalView)> = self
            .nodes
            .values()
            .filter_map(|node| match node {
                Node::Call(call) if call.is_held() => self.approval(flow, call, viewer),
                _ => None,
            })
            .collect();
        cards.sort_by_key(|(asked_at, _)| *asked_at);
        cards.into_iter().map(|(_, card)| card).collect()
    }

    /// What only a person can say, first asked first.
    fn questions(&self, flow: &Flow, viewer: Viewer) -> Vec<QuestionView> {
        if self.is_over() {
            return Vec::new();
        }
        let asked = self.nodes.values().filter_map(|node| match node {
            Node::Call(call) => call.question_view(self, flow),
            Node::Ask(ask) => ask.view(self),
            _ => None,
        });
        let mut questions: Vec<QuestionView> = asked
            .map(|question| QuestionView {
                mine: if question.who.is_empty() {
                    viewer.is_admin
                } else {
                    question.who == viewer.account
                },
                who_name: self.person(&question.who),
                ..question
            })
            .collect();
        questions.sort_by_key(|question| question.asked_at);
        questions
    }

    fn approval(
        &self,
        flow: &Flow,
        call: &CallNode,
        viewer: Viewer,
    ) -> Option<(i64, ApprovalView)> {
        let asked = call.approval.as_ref()?;
        let operation = call.operation(flow)?;
        let mine = if asked.approver.is_empty() {
            viewer.is_admin
        } else {
            asked.approver == viewer.account
        };
        let card = ApprovalView {
            effect: call.key(self),
            step: call.step.clone(),
            title: call.title().to_owned(),
            operation: operation.id.clone(),
            system: operation.tool().to_owned(),
            payload_hash: asked.question_hash(),
            changes: call.changes(operation),
            why: asked.why.clone(),
            evidence: self.evidence(call),
            reversibility: operation.reversibility,
            approver: asked.approver.clone(),
            approver_name: self.person(&asked.approver),
            mine,
            until: asked.until,
            then: unanswered(flow, &call.step),
            policy: asked.policy.clone(),
            asked_again: asked.asked_again.clone(),
        };
        Some((asked.asked_at, card))
    }

    /// The quotes behind the decisions an effect's arguments rest on; all decisions, if none.
    fn evidence(&self, call: &CallNode) -> Vec<Evidence> {
        let sources: Vec<&String> = call.sources().collect();
        let decisions = || self.timeline.iter().filter(|e| e.kind == EntryKind::Decision);
        let rests_on = |step: &str| {
            // Of the decisions in loops only those of its own iteration.
            call.step.starts_with(frame_of(step)) && sources.iter().any(|name| *name == local(step))
        };
        let own: Vec<_> = decisions().filter(|entry| rests_on(&entry.step)).collect();
        let used = if own.is_empty() { decisions().collect() } else { own };
        let decided = used.into_iter().filter_map(|entry| entry.decided.as_ref());
        decided.flat_map(|decided| decided.evidence.clone()).collect()
    }

    /// The name of an account, if any fact holds it.
    fn person(&self, account: &str) -> String {
        fn find(value: &Value, account: &str) -> Option<String> {
            match value {
                Value::Object(members) => {
                    let id = members.get("account_id").and_then(Value::as_str);
                    let name = members.get("name").and_then(Value::as_str);
                    if id == Some(account) && !account.is_empty() {
                        return name.map(str::to_owned);
                    }
                    members.values().find_map(|value| find(value, account))
                }
                Value::Array(items) => items.iter().find_map(|value| find(value, account)),
                _ => None,
            }
        }
        self.facts.values().find_map(|fact| find(&fact.value, account)).unwrap_or_default()
    }
}

/// What happens to a question that nobody answers: what the step's `catch`, or one around it, says.
fn unanswered(flow: &Flow, step: &str) -> String {
    let refused = |catch: &&Catch| catch.on.is_empty() || catch.on.iter().any(|on| on == "refused");
    let around = flow.path_to(local(step));
    let caught = around.iter().rev().find_map(|step| step.catch.iter().find(refused));
    match caught.map(|catch| &catch.remedy) {
        Some(Remedy::Instead(_)) => "it is not sent, and the flow takes its other path".to_owned(),
        Some(Remedy::Default(_)) => {
            "it is not sent, and the flow goes on with a default".to_owned()
        }
        Some(Remedy::Gap(gap)) => format!("it is not sent, and the run ends with a gap: {gap}"),
        Some(Remedy::Ask(_) | Remedy::Agent(_)) => {
            "it is not sent, and a person is asked how to go on".to_owned()
        }
        None => "it is not sent, and the run ends there".to_owned(),
    }
}

fn planned_step(flow: &Flow, step: &Step) -> Planned {
    let operation = match &step.kind {
        Kind::Call(call) => flow.operation(&call.operation),
        _ => None,
    };
    let note = match (&step.kind, operation) {
        (_, Some(o)) if o.reversibility == Reversibility::Irreversible => {
            "Needs a person's approval"
        }
        (Kind::Listen(_), _) => "Waits for it to come",
        (Kind::Fork(_), _) => "At the same time",
        (Kind::For(_), _) => "For each item",
        (Kind::Ask(_), _) => "Asks a person",
        (Kind::Run(_), _) => "Runs another flow",
        (Kind::Wait(_), _) => "Waits",
        _ => "",
    };
    Planned {
        step: step.id.clone(),
        title: step.title.clone(),
        system: step.system().to_owned(),
        note: note.to_owned(),
    }
}
