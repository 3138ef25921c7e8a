//! A call that got stuck where only a person can say how to go on: nobody knows whether it
//! happened, or the other side does not accept our credentials any more.

use serde_json::{Value, json};

use super::words::tool_name;
use super::{CallNode, Phase, Run};
use crate::digest;
use crate::event::Way;
use crate::fact::Fact;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::operation::Access;
use crate::view::{EntryKind, StepState};

/// The question how to go on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stuck {
    failure: Failure,
    /// Who is asked: an account id, or empty for whoever may answer for the project.
    pub(super) who: String,
    pub(super) asked_at: i64,
}

impl CallNode {
    /// Whether only a person can say how to go on after the failure it ended with.
    pub(super) fn needs_person(&self) -> bool {
        let failed = matches!(&self.phase, Phase::Over(Err(_)));
        let refused = matches!(&self.phase, Phase::Over(Err(Failure::Unauthorized)));
        failed && !self.given_up && (self.is_in_doubt() || refused)
    }

    /// Asks a person how to go on.
    pub(in crate::run) fn get_stuck(&mut self, run: &mut Run, flow: &Flow, who: String) {
        let Phase::Over(Err(failure)) = &self.phase else { return };
        let stuck = Stuck { failure: failure.clone(), who, asked_at: run.now };
        let text = format!("Asked how to go on: {}", self.trouble(flow, &stuck));
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", &text);
        entry.state = StepState::Waiting;
        run.timeline.push(entry);
        self.phase = Phase::Stuck(stuck);
    }

    /// What keeps it, in one sentence.
    pub(super) fn trouble(&self, flow: &Flow, stuck: &Stuck) -> String {
        let tool = self.operation(flow).map(|o| tool_name(o.tool())).unwrap_or_default();
        match &stuck.failure {
            Failure::Unauthorized if self.is_in_doubt() => {
                format!("reconnect {tool}; whether “{}” happened is not known", self.title)
            }
            Failure::Unauthorized => format!("reconnect {tool}"),
            failure if self.is_in_doubt() => {
                format!("{}: {failure}; whether it happened is not known", self.title)
            }
            failure => format!("{}: {failure}", self.title),
        }
    }

    /// What a stuck call waits for, for people.
    pub(in crate::run) fn stuck_on(&self, flow: &Flow) -> Option<String> {
        match &self.phase {
            Phase::Stuck(stuck) => Some(self.trouble(flow, stuck)),
            _ => None,
        }
    }

    /// What it is stuck at.
    pub(in crate::run) fn stuck_failure(&self) -> Option<&Failure> {
        match &self.phase {
            Phase::Stuck(stuck) => Some(&stuck.failure),
            _ => None,
        }
    }

    /// The tool whose credentials it waits for.
    pub(in crate::run) fn lacks_credentials(&self) -> Option<&str> {
        let refused = self.stuck_failure() == Some(&Failure::Unauthorized);
        self.operation.split('.').next().filter(|_| refused)
    }

    /// Hears that the tool has new credentials.
    pub(in crate::run) fn renewed(&mut self, run: &mut Run, flow: &Flow, name: &str) {
        run.forget_choices(&self.step);
        let tool = tool_name(self.lacks_credentials().unwrap_or_default());
        self.note(run, &format!("{name} reconnected {tool}"), "tried again", StepState::Done);
        self.again(run, flow);
    }

    /// Names this question: the same call stuck once more is another one.
    pub(super) fn stuck_id(&self, run: &Run, stuck: &Stuck) -> String {
        digest::of_value(&json!([self.key(run), stuck.asked_at, self.attempts, self.looks]))
    }

    /// The ways on that are open.
    pub(super) fn ways(&self, flow: &Flow) -> Vec<Way> {
        let read = self.operation(flow).is_none_or(|o| o.access == Access::Read);
        let mut ways = vec![Way::Again];
        if self.is_in_doubt() {
            ways.push(Way::Happened);
        }
        // What a flow needs to know before its first step cannot be left out.
        if !(read && self.title.is_empty()) {
            ways.push(Way::Without);
        }
        ways.push(Way::Stop);
        ways
    }

    /// Which choice of a model it would be, from 1.
    pub(in crate::run) fn count_choice(&mut self) -> u32 {
        self.agent_asked += 1;
        self.agent_asked
    }

    /// A model chose among the ways that are open.
    pub(in crate::run) fn chosen(&mut self, run: &mut Run, flow: &Flow, way: Way) {
        if self.is_stuck() && self.ways(flow).contains(&way) {
            self.go_on(run, flow, "The exception agent", (way, ""));
        }
    }

    pub(super) fn go_on(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        name: &str,
        (way, reason): (Way, &str),
    ) {
        let Phase::Stuck(stuck) = &self.phase else { return };
        run.forget_choices(&self.step);
        let failure = stuck.failure.clone();
        let text = match way {
            Way::Again => format!("{name} had it tried again"),
            Way::Happened => format!("{name} said that it had happened"),
            Way::Without => format!("{name} went on without it"),
            Way::Stop => format!("{name} ended it here"),
            Way::Recall | Way::Now => return,
        };
        self.note(run, &text, reason, StepState::Done);
        // The last word holds, where a brake kept the one before from being followed.
        self.begins_anew = false;
        match way {
            Way::Again => {
                self.said_not_to_have_happened(run, flow);
                self.again(run, flow);
            }
            Way::Happened => {
                self.vouched = true;
                // Nothing of what was tried is what brought it.
                if self.adapted.is_some() {
                    self.adapt(&failure, &format!("{name} said that it had happened"));
                }
                self.confirmed(run, flow, Value::Null, 0);
            }
            Way::Without => {
                let trouble = self.told(&failure);
                run.gap(&self.step, &run.numbered(self.name()), &failure);
                self.adapted = Some(format!("{trouble}; {name} went on without it"));
                self.stays_in_doubt(run, flow);
                self.leave_out(run);
            }
            Way::Stop => {
                self.given_up = true;
                self.phase = Phase::Over(Err(failure));
            }
            Way::Recall | Way::Now => {}
        }
    }

    /// Tries as often once more as at first. Where it can be looked for, that comes first whatever
    /// was said; else what it replaces is read anew.
    fn again(&mut self, run: &mut Run, flow: &Flow) {
        // What its arguments lacked may be known by now; without them nothing may leave.
        if self.input.is_null() {
            self.begins_anew = true;
            return;
        }
        self.forgiven = self.attempts;
        self.failed_looks = 0;
        self.absences = 0;
        let read = self.operation(flow).is_none_or(|o| o.access == Access::Read);
        if self.is_in_doubt() && self.has_probe(flow) {
            self.probe(run, flow);
        } else if read {
            self.leave(run, flow);
        } else {
            self.read_before(run, flow);
        }
    }

    /// A person's word counts where it cannot be looked for. What was there before the try stays
    /// known, in case the person is wrong.
    fn said_not_to_have_happened(&mut self, run: &mut Run, flow: &Flow) {
        if !self.has_probe(flow) {
            run.settle_write(&self.step, &self.key(run));
            self.doubt = None;
        }
    }

    fn has_probe(&self, flow: &Flow) -> bool {
        self.operation(flow).is_some_and(|operation| operation.probe.is_some())
    }

    /// Over without a result: what it would have brought is missing from here on.
    fn leave_out(&mut self, run: &mut Run) {
        run.learn(Fact::observed(self.fact_id(), "", run.now, Value::Null));
        self.phase = Phase::Over(Ok(()));
    }
}
