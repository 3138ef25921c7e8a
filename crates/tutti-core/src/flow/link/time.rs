//! Lengths of time that are written out, against the time and the calls that a run has.

use std::collections::BTreeSet;

use super::super::reader::At;
use super::super::{Autonomy, Flow, Kind, Listen, Span, Step, SubRun};
use super::Linker;
use crate::duration::spoken;
use crate::gate::RECALL_MS;

/// What is said of whatever waits for the outside.
const LISTENS: &str = "this waits up to";

impl Linker<'_> {
    /// What can never be waited for to its end.
    pub(super) fn times(&mut self, flow: &Flow, at: &At) {
        let inside: BTreeSet<&str> =
            flow.runs().flat_map(|(_, sub)| &sub.steps).map(|step| step.id.as_str()).collect();
        let steps = flow.all_steps();
        for step in steps.into_iter().filter(|step| !inside.contains(step.id.as_str())) {
            self.step_times(flow, step);
        }
        if flow.autonomy == Autonomy::ActWithRecall {
            self.recall(flow, RECALL_MS, at.get("autonomy").pointer.text());
        }
        for (policy, at) in flow.policies.iter().zip(at.get("policies").items()) {
            if let Some(within) = &policy.within {
                let place = at.get("within").pointer.text();
                self.approval_ends_in_time(flow, within, policy.recall_ms.unwrap_or(0), place);
            }
            if let Some(ms) = policy.recall_ms {
                self.recall(flow, ms, at.get("recall").pointer.text());
            }
        }
    }

    fn step_times(&mut self, flow: &Flow, step: &Step) {
        let place = |below: &str| format!("{}/{below}", step.at);
        match &step.kind {
            Kind::Wait(span) => self.ends_in_time(flow, span, "this waits", place("wait")),
            Kind::Ask(ask) => {
                self.ends_in_time(flow, &ask.within, "this question stands", place("ask/within"));
            }
            Kind::Listen(listen) => {
                let hint = "let `poll` be longer";
                self.ends_in_time(flow, &listen.within, LISTENS, place("listen/within"));
                self.looks(flow, listen, place("listen/poll"), hint);
            }
            Kind::Run(sub) => {
                if let Some(listen) = listen_of(sub) {
                    let hint = "let `within` be shorter";
                    self.ends_in_time(flow, &listen.within, LISTENS, place("run/within"));
                    self.looks(flow, listen, place("run/within"), hint);
                }
            }
            _ => {}
        }
        if step.autonomy == Some(Autonomy::ActWithRecall) {
            self.recall(flow, RECALL_MS, place("autonomy"));
        }
    }

    /// Whether there are calls enough to look as often as is said.
    fn looks(&mut self, flow: &Flow, listen: &Listen, place: String, hint: &str) {
        let (Span::For(ms), Some(poll_ms)) = (&listen.within, listen.poll_ms) else { return };
        let looks = ms.min(&flow.budget.wall_ms) / poll_ms.max(1);
        let reads = u64::try_from(looks).unwrap_or_default() * listen.read.len() as u64;
        let calls = flow.budget.calls;
        if reads > calls {
            let message = format!("this looks up to {reads} times, and the run has {calls} calls");
            let hint = format!("{hint}, or give the run more with `budget: {{ calls: … }}`");
            self.problems.warning_at(place, "too_many_calls", message, &hint);
        }
    }

    /// A run that has no call at all, and makes some.
    pub(super) fn calls(&mut self, flow: &Flow, budget: &At) {
        let calls = |step: &&Step| {
            // What is done last has calls of its own.
            let is_last = step.at.starts_with("/finally");
            !is_last && matches!(step.kind, Kind::Call(_) | Kind::Decide(_) | Kind::Listen(_))
        };
        let makes_some = !flow.context.is_empty() || flow.all_steps().iter().any(calls);
        if flow.budget.calls == 0 && makes_some {
            let hint = "give the run as many `calls` as its steps make";
            let message = "the run has no call, and this flow makes some";
            self.problems.warning(&budget.get("calls"), "too_many_calls", message, hint);
        }
    }

    fn recall(&mut self, flow: &Flow, ms: i64, place: String) {
        self.ends_in_time(flow, &Span::For(ms), "what leaves can be recalled for", place);
    }

    /// A question, and how long what is allowed then can be recalled.
    fn approval_ends_in_time(&mut self, flow: &Flow, within: &Span, recall: i64, place: String) {
        match within {
            Span::For(ms) if *ms < flow.budget.wall_ms && recall < flow.budget.wall_ms => {
                let what = "this question, and what can be recalled then, stand";
                self.ends_in_time(flow, &Span::For(ms.saturating_add(recall)), what, place);
            }
            _ => self.ends_in_time(flow, within, "this question stands", place),
        }
    }

    fn ends_in_time(&mut self, flow: &Flow, span: &Span, what: &str, place: String) {
        let wall = flow.budget.wall_ms;
        if let Span::For(ms) = span
            && *ms >= wall
        {
            let (ms, wall) = (spoken(*ms), spoken(wall));
            let message = format!("{what} {ms}, and the run's time is over after {wall}");
            let hint = "give the run more time with `budget: { wall: … }`, or say less here";
            self.problems.warning_at(place, "too_long", message, hint);
        }
    }
}

/// Where a step that runs another flow waits for it.
fn listen_of(sub: &SubRun) -> Option<&Listen> {
    sub.steps.iter().find_map(|step| match &step.kind {
        Kind::Listen(listen) => Some(listen.as_ref()),
        _ => None,
    })
}
