//! What an engine must keep whatever happens, as one table; and the notes of who watched it.

use std::collections::{BTreeMap, BTreeSet};

use super::arrows::Arrow;
use super::tables;
use crate::Broken;

pub(super) const CALM: &str = "nothing panics";
pub(super) const LINKS: &str = "a flow of the generator links";
pub(super) const ONCE: &str = "nothing is made twice for one effect key";
pub(super) const AHEAD: &str = "a write leaves only while the stored run waits for it";
pub(super) const STOPPED: &str = "nothing leaves after the end of its run";
pub(super) const FORBIDDEN: &str = "what a policy forbids never leaves";
pub(super) const DENIED: &str = "what a person denied never leaves";
pub(super) const CONSENT: &str =
    "what needs a yes leaves as it was approved, to what it was approved for";
pub(super) const TAINT: &str = "what strangers and models wrote leaves marked as such";
pub(super) const RECALL: &str = "what can be recalled does not leave before its time";
pub(super) const CANCEL: &str = "who stops a run stops it";
pub(super) const HEARS: &str = "what people say is heard, whatever is lost";
pub(super) const HEARD: &str = "the same letter once more is nothing but the passing of time";
pub(super) const HELD: &str = "nothing begins to leave while a brake is on";
pub(super) const CLASS: &str = "every write is of an operation whose class is known";
pub(super) const BEFORE: &str = "every write carries what it replaces, as it was read last";
pub(super) const TRIES: &str = "nothing is tried more often than its flow says";
pub(super) const CALLS: &str =
    "no more calls are made than the budget has, retries included, and what is done last has a few";
pub(super) const COUNTED: &str = "what was spent is never forgotten";
pub(super) const SPENT: &str = "no more tokens and no more money are used than the budget has";
pub(super) const WALL: &str = "nothing leaves once the run's time is over";
pub(super) const LEASE: &str = "a run that is not over is due some time, later than now";
pub(super) const REASON: &str = "every state but running has a reason";
pub(super) const QUIET: &str = "a step that is over begins nothing";
pub(super) const IDLE: &str = "an event that nobody waits for changes no effect";
pub(super) const FINAL: &str =
    "a run that is over stays as it ended, but for what is learned of a doubt";
pub(super) const THAW: &str = "what was stored opens as the very run that was held";
pub(super) const REPLAY: &str = "the journal, written out and read again, gives the same run";
pub(super) const VIEW: &str = "what people see agrees with the run";
pub(super) const TRUTH: &str = "what people are told of a write is true outside";
pub(super) const LATE: &str =
    "what became of a write that nobody waits for any more is told, and nothing follows from it";
pub(super) const DOUBT: &str = "nobody is told of a doubt where there was none";
pub(super) const ANEW: &str = "what may have happened is not done once more as something else";
pub(super) const RESTORED: &str =
    "what is told to be set back is not what the run itself had put there";
pub(super) const UNDONE: &str = "what is told to be taken back is gone, and nothing else";
pub(super) const CHILDREN: &str = "no child is left at work that nobody waits for";
pub(super) const ENDS: &str = "every run ends, and in its time";
pub(super) const ARROWS: &str = "nothing moves along an arrow that is not in the table";

/// All promises, in the order in which they are reported.
pub const PROMISES: [&str; 38] = [
    CALM, LINKS, ONCE, AHEAD, STOPPED, FORBIDDEN, DENIED, CONSENT, TAINT, RECALL, HELD, CLASS,
    BEFORE, TRIES, CALLS, COUNTED, SPENT, WALL, LEASE, REASON, QUIET, IDLE, HEARS, HEARD, CANCEL,
    FINAL, THAW, REPLAY, VIEW, TRUTH, LATE, DOUBT, ANEW, RESTORED, UNDONE, CHILDREN, ENDS, ARROWS,
];

/// What was seen while watching: the arrows taken, and how often each promise was put to the test.
#[derive(Debug, Clone, Default)]
pub struct Notes {
    /// Arrows taken.
    pub arrows: BTreeSet<Arrow>,
    /// Promises put to the test, and how often.
    pub tested: BTreeMap<&'static str, u64>,
}

impl Notes {
    /// Notes an arrow taken; one that is not in the table is a broken promise.
    pub(super) fn arrow(&mut self, promise: &'static str, arrow: Arrow) -> Result<(), Broken> {
        let known = tables::is_legal(&arrow);
        self.arrows.insert(arrow);
        self.hold(promise, known, || arrow.to_string())
    }

    /// Puts a promise to the test.
    pub(super) fn hold(
        &mut self,
        promise: &'static str,
        held: bool,
        detail: impl FnOnce() -> String,
    ) -> Result<(), Broken> {
        *self.tested.entry(promise).or_default() += 1;
        if held { Ok(()) } else { Err(Broken { promise, detail: detail() }) }
    }
}
