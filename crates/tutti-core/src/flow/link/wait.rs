//! Steps that wait: for a time, for the outside, for a person.

use super::super::answer::read_fields;
use super::super::reader::At;
use super::super::{Ask, Listen, Span, Topic};
use super::Linker;

/// The shortest time between two looks, in milliseconds.
const POLL_MS_MIN: i64 = 10_000;

impl Linker<'_> {
    /// A length of time: `10m`, or `{ until: due.at }`.
    pub(super) fn span(&mut self, at: &At) -> Option<Span> {
        if at.value.is_object() {
            self.problems.only(at, &["until"]);
            let until = self.expression(&at.get("until"))?;
            self.moment(&until, &at.get("until"));
            return Some(Span::Until(until));
        }
        self.problems.duration(at).map(Span::For)
    }

    /// How long something outside is waited for.
    pub(super) fn within(&mut self, at: &At) -> Option<Span> {
        let span = self.span(at);
        if let Some(Span::For(ms)) = span {
            self.some_time(Some(ms), at);
        }
        span
    }

    pub(super) fn some_time(&mut self, ms: Option<i64>, at: &At) {
        if ms == Some(0) {
            let message = "this is over before anything can come of it".to_owned();
            self.refuse(at, "no_time", message, "say how long, for example `within: 4h`");
        }
    }

    pub(super) fn wait(&mut self, at: &At) -> Option<Span> {
        if at.is_null() {
            self.problems.error(at, "missing", "it is not said how long", "wait: 10m");
        }
        self.span(at)
    }

    pub(super) fn listen(&mut self, at: &At, depth: usize) -> Option<Listen> {
        if !self.problems.only(at, &["to", "read", "until", "poll", "within", "else"]) {
            return None;
        }
        let to = at.get("to");
        let to = self.problems.list(&to).filter_map(|topic| self.topic(&topic)).collect();
        let read = self.gathers(&at.get("read"));
        let until = self.condition(&at.get("until"));
        let poll_ms = self.problems.duration(&at.get("poll"));
        if poll_ms.is_some_and(|ms| ms < POLL_MS_MIN) {
            let hint = "10s is the least; a signal wakes it sooner";
            self.problems.error(&at.get("poll"), "too_often", "it would look all the time", hint);
        }
        let within = self.within(&at.get("within"));
        if at.get("within").is_null() {
            let hint = "say `within: 2h`, and with `else` what to do then";
            self.problems.error(&at.get("within"), "no_limit", "it could wait for ever", hint);
        }
        let otherwise = at.has("else").then(|| self.block(&at.get("else"), depth + 1));
        Some(Listen { to, read, until: until?, poll_ms, within: within?, otherwise })
    }

    fn topic(&mut self, at: &At) -> Option<Topic> {
        self.problems.only(at, &["event", "key"]);
        let event = self.problems.text(&at.get("event"))?;
        self.heard(&event, &at.get("event"));
        if at.get("key").is_null() {
            let hint = "key: '42/${pipeline.id}'";
            self.problems.error(&at.get("key"), "missing", "it is not said which one", hint);
            return None;
        }
        Some(Topic { event, key: self.template(&at.get("key"))? })
    }

    pub(super) fn ask(&mut self, at: &At) -> Option<Ask> {
        if !self.problems.only(at, &["question", "who", "answer", "within"]) {
            return None;
        }
        if at.get("question").is_null() {
            let hint = "question: 'Which environment is ${issue.key} about?'";
            let message = "it is not said what is asked";
            self.problems.error(&at.get("question"), "missing", message, hint);
            return None;
        }
        let question = self.template(&at.get("question"));
        let who = self.optional_template(&at.get("who"));
        let answer = read_fields(&at.get("answer"), &mut self.problems, false);
        self.option_names(&at.get("answer"));
        self.shapes(&at.get("answer"));
        let within = self.within(&at.get("within"));
        if at.get("within").is_null() {
            let hint = "say `within: 4h`, and with a `catch` on `unanswered` what to do then";
            self.problems.error(&at.get("within"), "no_limit", "it could wait for ever", hint);
        }
        Some(Ask { question: question?, who, answer, within: within? })
    }
}
