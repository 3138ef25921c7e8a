//! What is done about failures.

use super::super::reader::{At, nearest};
use super::super::{Catch, Kind, Remedy};
use super::Linker;

/// Failure names a `catch` may list.
pub(super) const FAILURES: [&str; 18] = [
    "timeout",
    "unreachable",
    "unavailable",
    "rate_limited",
    "unauthorized",
    "forbidden",
    "not_found",
    "conflict",
    "rejected",
    "malformed",
    "too_large",
    "missing",
    "invalid",
    "refused",
    "over_budget",
    "unanswered",
    "expired",
    "raised",
];
/// What a `catch` can do; one of them.
const REMEDIES: [&str; 5] = ["do", "default", "gap", "ask", "agent"];

impl Linker<'_> {
    /// What is done about failures of the step `of`.
    pub(super) fn catches(&mut self, of: &str, at: &At, depth: usize) -> Vec<Catch> {
        self.caught_before(at);
        self.problems.list(at).filter_map(|one| self.catch(of, &one, depth)).collect()
    }

    /// What a flow does about failures of its steps: it has no result of its own to put in place.
    pub(super) fn only_for_steps(&mut self, catches: &[Catch], at: &At) {
        for (catch, at) in catches.iter().zip(at.items()) {
            if !matches!(catch.remedy, Remedy::Instead(_) | Remedy::Gap(_)) {
                let message = "only a step can do this about its failure";
                self.problems.error(&at, "only_for_steps", message, "give `do` or `gap`");
            }
        }
    }

    fn catch(&mut self, of: &str, at: &At, depth: usize) -> Option<Catch> {
        if !self.problems.only(at, &["on", "do", "default", "gap", "ask", "agent"]) {
            return None;
        }
        let on = self.problems.texts(&at.get("on"));
        // What is caught here was raised before, in the steps that are caught.
        let known: Vec<&str> =
            FAILURES.iter().copied().chain(self.raised.iter().map(String::as_str)).collect();
        for kind in on.iter().filter(|kind| !known.contains(&kind.as_str())) {
            let message = format!("`{kind}` is no kind of failure");
            let hint = nearest(kind, &known);
            self.problems.error(&at.get("on"), "unknown_failure", message, &hint);
        }
        let message = "it is not said what to do then";
        let remedy = match self.problems.one_of(at, &REMEDIES, "no_remedy", message)? {
            "do" => Remedy::Instead(self.block(&at.get("do"), depth + 1)),
            "default" => Remedy::Default(self.template(&at.get("default"))?),
            "ask" => Remedy::Ask(self.template(&at.get("ask"))?),
            "agent" => Remedy::Agent(Box::new(self.exception_agent(of, &at.get("agent"))?)),
            _ => {
                let gap = at.get("gap");
                self.shown(&gap);
                Remedy::Gap(self.problems.text(&gap)?)
            }
        };
        Some(Catch { on, remedy })
    }

    /// Whether a step of this kind can do what it is to do about its failures.
    pub(super) fn can_be_done(&mut self, kind: Option<&Kind>, catches: &[Catch], at: &At) {
        for (catch, at) in catches.iter().zip(at.items()) {
            if let Some(kind) = kind {
                self.default_fits(kind, &at.get("default"));
            }
            let can = match catch.remedy {
                Remedy::Ask(_) => matches!(kind, None | Some(Kind::Call(_) | Kind::Decide(_))),
                Remedy::Agent(_) => matches!(kind, None | Some(Kind::Call(_))),
                _ => true,
            };
            if !can {
                let message = "what this step met cannot be asked about";
                let hint = "put the `catch` on the step inside that can fail";
                self.problems.error(&at, "cannot_ask", message, hint);
            }
        }
    }

    /// What stands behind a `catch` that takes every failure.
    fn caught_before(&mut self, catches: &At) {
        let takes_all = |catch: &At| catch.value.is_object() && !catch.has("on");
        for catch in catches.items().skip_while(|catch| !takes_all(catch)).skip(1) {
            let message = "this is never taken: a `catch` before it takes every failure";
            self.problems.warning(&catch, "never_reached", message, "put it before that one");
        }
    }
}
