//! What a saved run tells of itself, one line for each thing.

use serde_json::{Value, json};
use tutti_core::event::{Action, Effect, Event};
use tutti_core::journal::Record;
use tutti_core::run::Viewer;
use tutti_core::view::{Entry, Undo};

use super::Resumed;

/// Who may see everything.
const ADMIN: Viewer = Viewer { account: "admin", is_admin: true };

impl Resumed {
    /// Everything a person sees of it, and what it wants to hear of.
    pub(super) fn stands(&mut self, when: &str) {
        let (run, flow) = (self.session.run(), self.session.flow());
        let view = run.view(flow, self.session.row().flow_version, ADMIN);
        let mut lines = vec![format!("{when}: {} {}", word(json!(view.state)), view.reason)];
        lines.extend(view.wake_at.map(|at| format!("wakes at {at}")));
        lines.extend(run.topics().iter().map(|topic| format!("hears of {topic}")));
        lines.extend(run.in_flight().map(|effect| format!("awaits {}", effect.id)));
        lines.extend(view.approvals.iter().map(|card| {
            format!("asks “{}” to approve {} {}", card.approver, card.effect, card.payload_hash)
        }));
        lines.extend(view.questions.iter().map(|question| {
            format!("asks “{}” {}: {}", question.who, question.id, question.question)
        }));
        lines.extend(view.gaps.iter().map(|gap| format!("lacks {gap}")));
        lines.extend(view.timeline.iter().map(entry));
        self.told.push_str(&lines.join("\n  "));
        self.told.push('\n');
    }

    pub(super) fn heard(&mut self, record: &Record) {
        let what = match &record.event {
            Event::Answered { effect, result, .. } => format!("{effect}: {}", json!(result)),
            Event::Signal { topic, .. } => format!("signal {topic}"),
            Event::Said { name, answer, .. } => format!("{name} says {}", json!(answer)),
            Event::Started { source, .. } => format!("started by {source}"),
            Event::Woke => "woke".to_owned(),
            Event::Resumed => "another worker took over".to_owned(),
            Event::GaveUp { reason } => format!("given up: {reason}"),
        };
        self.told.push_str(&format!("{} at {}: {what}\n", record.seq, record.at));
    }

    pub(super) fn wants(&mut self, effect: &Effect) {
        let what = match &effect.action {
            Action::Call { operation, input, before, .. } if before.is_null() => {
                format!("{operation} {input}")
            }
            Action::Call { operation, input, before, .. } => {
                format!("{operation} {input} in place of {before}")
            }
            Action::Ask { question } => format!("a decision on {}", question.decision),
        };
        self.told.push_str(&format!("  wants {}: {what}\n", effect.id));
    }
}

fn entry(entry: &Entry) -> String {
    let mut line = format!("{} {}: {}", entry.seq, word(json!(entry.state)), entry.text);
    for more in [Some(&entry.detail), entry.adapted.as_ref()].into_iter().flatten() {
        if !more.is_empty() {
            line.push_str(&format!(" | {more}"));
        }
    }
    if let Some(did) = &entry.did {
        line.push_str(&format!(" ({}{})", word(json!(did.outcome)), undo(did.undo.as_ref())));
    }
    line
}

fn undo(undo: Option<&Undo>) -> String {
    match undo {
        None => String::new(),
        Some(Undo::Possible) => ", can be undone".to_owned(),
        Some(Undo::Done { .. }) => ", undone".to_owned(),
        Some(Undo::Impossible { why, .. }) => format!(", cannot be undone: {why}"),
    }
}

fn word(value: Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
