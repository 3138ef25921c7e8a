//! A run as a whole: its context, its steps, what is done about their failure, what is done last.

use serde_json::{Value, json};

use super::undo::UNDO;
use super::{Node, Progress, Run};
use crate::expr::{Meter, Outcome, Template};
use crate::flow::{Flow, Remedy, Step};
use crate::view::{EntryKind, RunState, StepState};

/// The node of the flow itself; no step can be called so.
pub(super) const FLOW: &str = "flow";
/// The block of what is done last.
pub(super) const FINALLY: &str = "finally";

impl Run {
    /// Does everything that can be done now, then says where the run stands.
    pub(super) fn advance(&mut self, flow: &Flow) {
        if self.state.is_final() {
            return;
        }
        // Where nothing is left to take back, there is nothing to hold.
        if let Some(why) = self.held.values().next().filter(|_| !self.has_undone()) {
            self.state = RunState::Held;
            self.reason.clone_from(why);
            return;
        }
        if self.undoing.is_some() {
            return self.go_on_undoing(flow);
        }
        if self.now >= self.deadline(flow) {
            let reason = "its time was over before it was done";
            return self.end(flow, RunState::Failed, reason.to_owned());
        }
        let context = self.gather_context(flow);
        let progress = match self.unless_ended(flow, context) {
            Progress::Pending => Progress::Pending,
            context => self.steps_and_finally(flow, context),
        };
        if self.state.is_final() {
            return;
        }
        self.find_subject(flow);
        let progress = match (progress, &flow.output) {
            (Progress::Done, Some(output)) => self.bring(output),
            (progress, _) => progress,
        };
        match progress {
            Progress::Done => {
                let (state, reason) = self.how_it_was_done(flow);
                self.end(flow, state, reason);
            }
            Progress::Failed(failure) => {
                let reason = self.why_failed(flow, &failure);
                self.failure = Some(failure);
                self.end(flow, RunState::Failed, self.as_known(&reason));
                self.failed = Some(reason);
            }
            Progress::Pending => self.settle_state(flow),
        }
    }

    /// Computes what a flow that runs it as a step gets; a run that cannot say it has failed.
    fn bring(&mut self, output: &Template) -> Progress {
        match self.computed("output", output) {
            Ok(fact) => {
                self.output = fact.value;
                Progress::Done
            }
            Err(failure) => Progress::Failed(failure),
        }
    }

    /// What is done last is done whatever became of the context and of the steps.
    fn steps_and_finally(&mut self, flow: &Flow, context: Progress) -> Progress {
        let main = match (self.main.clone(), context) {
            (Some(main), _) => main,
            (None, Progress::Done) => {
                let steps = self.steps(flow);
                match self.unless_ended(flow, steps) {
                    Progress::Pending => return Progress::Pending,
                    main => main,
                }
            }
            (None, failed) => failed,
        };
        if flow.finally.is_empty() || self.state.is_final() {
            return main;
        }
        if self.main.is_none() {
            self.tell_outcome(&main);
            self.main = Some(main.clone());
        }
        match (self.block(flow, &flow.finally, FINALLY), &main) {
            (Progress::Pending, _) => Progress::Pending,
            (Progress::Failed(failure), Progress::Done) => Progress::Failed(failure),
            // Why the steps failed is what people need to know first.
            (Progress::Failed(failure), _) => {
                let text = "What is done last could not be done";
                let mut entry = self.entry(EntryKind::Run, "", "tutti", text);
                entry.state = StepState::Failed;
                let why = self.why_failed_last(flow, &failure);
                entry.detail = self.as_known(&why);
                self.timeline.push(entry);
                main
            }
            _ => main,
        }
    }

    /// What is done last can tell how it went: `run.failure` is missing if it went well.
    fn tell_outcome(&mut self, main: &Progress) {
        let Progress::Failed(failure) = main else { return };
        let failed = self.about("run", failure);
        let Some(run) = self.facts.get_mut("run") else { return };
        if let (Value::Object(members), Some(told)) = (&mut run.value, failed.value.get("failure"))
        {
            members.insert("failure".to_owned(), told.clone());
        }
        run.marks.extend(failed.marks);
        run.private.extend(failed.private);
    }

    /// It has not gone either way yet.
    pub(super) fn forget_outcome(&mut self) {
        self.main = None;
        self.failure = None;
        self.failed = None;
        self.spared = 0;
        let Some(run) = self.facts.get_mut("run") else { return };
        if let Value::Object(members) = &mut run.value {
            members.remove("failure");
        }
        run.marks.clear();
        run.private.clear();
    }

    /// How far the context or the steps are, unless somebody said that the run ends here: then
    /// whatever else is under way in them ends with it.
    fn unless_ended(&mut self, flow: &Flow, progress: Progress) -> Progress {
        if self.main.is_some() {
            return progress;
        }
        let Some(failure) = self.ended_at().and_then(Node::failure).cloned() else {
            return progress;
        };
        let mine = |key: &str| !key.starts_with(UNDO);
        self.let_go(flow, mine);
        let ended = &self.ended;
        self.nodes.retain(|key, node| !mine(key) || ended.contains_key(key) || node.is_settled());
        Progress::Failed(failure)
    }

    fn steps(&mut self, flow: &Flow) -> Progress {
        if let Some(Node::Instead(catch)) = self.nodes.get(FLOW) {
            return self.instead_of_steps(flow, *catch);
        }
        let failure = match self.block(flow, &flow.steps, "") {
            Progress::Failed(failure) => failure,
            other => return other,
        };
        let found = flow.catch.iter().enumerate().find(|(_, catch)| catch.is_for(&failure));
        let Some((index, catch)) = found.filter(|_| !self.is_ended_here()) else {
            return Progress::Failed(failure);
        };
        let what = match &catch.remedy {
            Remedy::Gap(gap) => {
                self.gap(FLOW, gap, &failure);
                "ended with a gap"
            }
            _ => "took the other path",
        };
        let mut entry = self.entry(EntryKind::Run, "", "tutti", "The steps could not be done");
        entry.state = StepState::Adapted;
        let why = self.why_failed(flow, &failure);
        entry.adapted = Some(format!("{}; {what}", self.as_known(&why)));
        self.timeline.push(entry);
        self.tell_outcome(&Progress::Failed(failure));
        self.nodes.insert(FLOW.to_owned(), Node::Instead(index));
        self.instead_of_steps(flow, index)
    }

    fn instead_of_steps(&mut self, flow: &Flow, catch: usize) -> Progress {
        match self.instead_taken(flow) {
            Some(steps) => self.block(flow, steps, &format!("{FLOW}!{catch}")),
            None => Progress::Done,
        }
    }

    /// The other path that was taken because the steps failed.
    pub(super) fn instead_taken<'f>(&self, flow: &'f Flow) -> Option<&'f [Step]> {
        let Some(Node::Instead(catch)) = self.nodes.get(FLOW) else { return None };
        match flow.catch.get(*catch).map(|catch| &catch.remedy) {
            Some(Remedy::Instead(steps)) => Some(steps),
            _ => None,
        }
    }

    /// Whether somebody said that the run ends here, so that no `catch` takes what its steps failed
    /// with. What is done last has begun after that.
    pub(super) fn is_ended_here(&self) -> bool {
        self.main.is_none() && self.ended_at().is_some()
    }

    /// Where somebody said so, in the steps or in what was to be known before them.
    fn ended_at(&self) -> Option<&Node> {
        let mut steps = self.nodes.iter().filter(|(key, _)| !key.starts_with(UNDO));
        steps.find(|(_, node)| node.is_given_up()).map(|(_, node)| node)
    }

    fn find_subject(&mut self, flow: &Flow) {
        if self.subject.is_some() {
            return;
        }
        let Some(expression) = &flow.subject else { return };
        if let Outcome::Known(tagged) = expression.evaluate(self, &mut Meter::default()) {
            self.subject = tagged.value.as_str().map(str::to_owned);
            if let Some(subject) = &self.subject {
                let about = self.derived("subject", json!({"key": subject}));
                self.learn(about);
            }
        }
    }
}
