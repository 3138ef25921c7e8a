//! Steps and the blocks they stand in.

use super::super::reader::At;
use super::super::{Arm, Branch, For, Fork, Kind, Raise, Step, When};
use super::Linker;
use super::catch::FAILURES;

/// The most steps a flow may have, nested ones included.
const STEPS_MAX: usize = 500;
/// How deep blocks may be nested.
const DEPTH_MAX: usize = 16;
/// When an arm is taken; one of them.
const ARMS: [&str; 3] = ["when", "default", "unknown"];
/// The most items a loop may go through.
const ITEMS_MAX: usize = 1_000;
/// The most iterations of loops in loops together.
const ITERATIONS_MAX: usize = 10_000;
/// The most items a loop may work on at the same time.
const AT_ONCE_MAX: usize = 20;

impl Linker<'_> {
    pub(super) fn block(&mut self, at: &At, depth: usize) -> Vec<Step> {
        if depth > DEPTH_MAX {
            let message = format!("blocks are nested deeper than {DEPTH_MAX}");
            self.problems.error(at, "too_deep", message, "move a part into a flow of its own");
            return Vec::new();
        }
        let items = self.problems.list(at);
        let steps: Vec<Step> = items.filter_map(|item| self.step(&item, depth)).collect();
        self.reached(&steps);
        steps
    }

    fn step(&mut self, at: &At, depth: usize) -> Option<Step> {
        const KINDS: [&str; 13] = [
            "call", "decide", "switch", "fork", "for", "try", "run", "listen", "ask", "wait",
            "emit", "set", "raise",
        ];
        let keys = ["id", "title", "done", "with", "join", "retry", "catch", "autonomy"];
        let known: Vec<&str> = KINDS.iter().copied().chain(keys).collect();
        self.steps += 1;
        if self.steps == STEPS_MAX + 1 {
            let message = format!("a flow can have {STEPS_MAX} steps");
            self.problems.error(at, "too_many_steps", message, "split it");
        }
        if self.steps > STEPS_MAX || !self.problems.only(at, &known) {
            return None;
        }
        let id = self.name(&at.get("id"))?;
        let message = format_args!("it is not said what `{id}` does");
        let kind = self.problems.one_of(at, &KINDS, "no_kind", message);
        for (key, of) in [("with", "call"), ("retry", "call"), ("join", "fork")] {
            if at.has(key) && kind.is_some_and(|kind| kind != of) {
                let message = format!("only a `{of}` has `{key}`");
                self.problems.error(&at.get(key), "unknown_key", message, "");
            }
        }
        let kind = kind.and_then(|kind| self.kind(kind, &id, at, depth));
        self.take(&id, &at.get("id"));
        if let Some(Kind::Run(_)) = kind {
            self.runs.insert(id.clone());
        }
        let catch = self.catches(&id, &at.get("catch"), depth);
        self.can_be_done(kind.as_ref(), &catch, &at.get("catch"));
        if let Some(Kind::Call(call)) = &kind
            && catch.is_empty()
        {
            self.brings(&id, &call.operation);
        }
        let autonomy = self.autonomy(&at.get("autonomy"));
        let retry = self.retry(&at.get("retry"));
        let title = self.shown(&at.get("title")).unwrap_or_else(|| spaced(&id));
        let done = self.shown(&at.get("done")).unwrap_or_else(|| title.clone());
        Some(Step { id, title, done, kind: kind?, catch, autonomy, retry, at: at.pointer.text() })
    }

    fn kind(&mut self, kind: &str, id: &str, at: &At, depth: usize) -> Option<Kind> {
        let body = at.get(kind);
        match kind {
            "call" => self.call(&body, &at.get("with")).map(Kind::Call),
            "decide" => self.decide(&body).map(|decide| Kind::Decide(Box::new(decide))),
            "switch" => Some(Kind::Switch(self.switch(&body, depth))),
            "fork" => Some(Kind::Fork(self.fork(&body, &at.get("join"), depth))),
            "for" => self.repeat(&body, depth).map(|each| Kind::For(Box::new(each))),
            "try" => self.attempt(&body, depth).map(Kind::Try),
            "run" => self.sub_run(id, &body, depth).map(|sub| Kind::Run(Box::new(sub))),
            "emit" => self.emit(&body),
            "ask" => self.ask(&body).map(|ask| Kind::Ask(Box::new(ask))),
            "wait" => self.wait(&body).map(Kind::Wait),
            "raise" => self.raise(&body).map(Kind::Raise),
            "listen" => self.listen(&body, depth).map(|listen| Kind::Listen(Box::new(listen))),
            _ if body.is_null() => {
                self.problems.error(&body, "missing", "there is nothing to compute", "");
                None
            }
            _ => self.template(&body).map(Kind::Set),
        }
    }

    fn switch(&mut self, at: &At, depth: usize) -> Vec<Arm> {
        let mut arms = Vec::new();
        let before = self.names.clone();
        for arm in self.problems.list(at) {
            if !self.problems.only(&arm, &["when", "default", "unknown", "do"]) {
                continue;
            }
            let steps = self.apart(&before, |linker| linker.block(&arm.get("do"), depth + 1));
            let message = "it is not said when this arm is taken";
            let when = match self.problems.one_of(&arm, &ARMS, "no_condition", message) {
                Some(key @ ("default" | "unknown")) => {
                    let hint = "leave the arm out, or say when it is taken with `when`";
                    self.marks(&arm, key, hint);
                    Some(if key == "default" { When::Default } else { When::Unknown })
                }
                Some(_) => {
                    let when = arm.get("when");
                    self.apart(&before, |linker| linker.condition(&when)).map(When::Holds)
                }
                None => None,
            };
            arms.extend(when.map(|when| Arm { when, steps }));
        }
        self.one_of_each(at, &arms);
        self.another_condition(at);
        if !arms.iter().any(|arm| matches!(arm.when, When::Unknown)) {
            let hint = "add `- unknown: true` with what to do when a value is missing";
            self.problems.error(at, "no_unknown_arm", "nothing is said about missing values", hint);
        }
        arms
    }

    fn fork(&mut self, at: &At, join: &At, depth: usize) -> Fork {
        let mut branches = Vec::new();
        for (name, at) in self.problems.object(at) {
            self.readable(name, &at);
            self.problems.not_empty(name, &at);
            branches.push(Branch { name: name.to_owned(), steps: self.block(&at, depth + 1) });
        }
        if branches.len() < 2 {
            let hint = "add a branch, or take the steps out of the fork";
            self.problems.error(at, "too_few", "a fork needs at least two branches", hint);
        }
        let all = branches.len();
        let join = match join.value.as_str() {
            Some("all") => Some(all),
            Some("first") => Some(1),
            _ => self.problems.count(join, 1..=all.max(1)),
        };
        Fork { branches, join: join.unwrap_or(all) }
    }

    fn repeat(&mut self, at: &At, depth: usize) -> Option<For> {
        if !self.problems.only(at, &["each", "in", "limit", "at_once", "do", "collect"]) {
            return None;
        }
        let list = self.expression(&at.get("in"));
        let limit = self.problems.count(&at.get("limit"), 1..=ITEMS_MAX);
        if at.get("limit").is_null() {
            let hint = "limit: 20";
            self.problems.error(&at.get("limit"), "no_limit", "it could go on for ever", hint);
        }
        if let Some(list) = &list {
            self.listed(list, limit, &at.get("in"));
        }
        let at_once = self.problems.count(&at.get("at_once"), 1..=AT_ONCE_MAX);
        let around = self.iterations;
        self.iterations = around.saturating_mul(limit.unwrap_or(1));
        if around <= ITERATIONS_MAX && self.iterations > ITERATIONS_MAX {
            let message =
                format!("with the loops around it this can be done {} times", self.iterations);
            let hint = format!("lower the limits: {ITERATIONS_MAX} times in all");
            self.problems.error(&at.get("limit"), "too_many_iterations", message, &hint);
        }
        // What is named in an iteration is known to the end of the iteration.
        let outside = self.names.clone();
        let item = self.name(&at.get("each"));
        if let Some(item) = &item {
            self.bind(item, &at.get("each"));
        }
        let steps = self.block(&at.get("do"), depth + 1);
        if steps.is_empty() {
            self.problems.error(&at.get("do"), "no_steps", "nothing is done for an item", "");
        }
        let collect = self.optional_template(&at.get("collect"));
        self.names = outside;
        self.iterations = around;
        let at_once = at_once.unwrap_or(1);
        Some(For { item: item?, list: list?, limit: limit?, at_once, steps, collect })
    }

    fn attempt(&mut self, at: &At, depth: usize) -> Option<Vec<Step>> {
        let steps = self.block(at, depth + 1);
        if at.items().next().is_none() {
            self.problems.error(at, "no_steps", "there is nothing to try", "add steps");
        }
        (!steps.is_empty()).then_some(steps)
    }

    fn raise(&mut self, at: &At) -> Option<Raise> {
        if !self.problems.only(at, &["error", "message"]) {
            return None;
        }
        let error = self.name(&at.get("error"))?;
        if FAILURES.contains(&error.as_str()) {
            let message = format!("`{error}` is what tools fail with");
            let hint = "choose a word of your own";
            self.problems.error(&at.get("error"), "duplicate_name", message, hint);
        }
        self.raised.insert(error.clone());
        if at.get("message").is_null() {
            let hint = "message: 'No owner for ${case.id}'";
            self.problems.error(
                &at.get("message"),
                "missing",
                "it is not said what is wrong",
                hint,
            );
            return None;
        }
        Some(Raise { error, message: self.template(&at.get("message"))? })
    }
}

/// `find_cause` becomes `Find cause`.
fn spaced(id: &str) -> String {
    let mut text = id.replace(['_', '-'], " ");
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}
