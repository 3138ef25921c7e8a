//! Frames: the iterations of loops a step is in. Names are looked up from the innermost outwards, so
//! that every iteration has its own item and its own results.
//!
//! A key is a step's id, or that of a read below it, after the loops around it and the number of
//! each one's iteration: `tell`, `each.2.tell`, `each.2.wait.pipeline`.

use super::Run;
use crate::fact::Fact;
use crate::view::StepState;

/// The frame a key is in: `each.2.` for `each.2.tell`, nothing outside of loops.
pub(super) fn frame_of(key: &str) -> &str {
    let mut at = 0;
    let mut end = 0;
    for segment in key.split_inclusive('.') {
        at += segment.len();
        let iteration = segment.strip_suffix('.').is_some_and(|iteration| {
            // A name begins with a letter.
            iteration.starts_with(|c: char| c.is_ascii_digit())
        });
        if iteration {
            end = at;
        }
    }
    key.get(..end).unwrap_or_default()
}

/// A key without its frame.
pub(super) fn local(key: &str) -> &str {
    key.get(frame_of(key).len()..).unwrap_or_default()
}

/// The frame around a frame.
pub(super) fn around(frame: &str) -> Option<&str> {
    let (looped, _turn) = frame.strip_suffix('.')?.rsplit_once('.')?;
    Some(frame_of(looped))
}

/// The frames a key is in, the innermost first, and what is outside of loops last.
pub(super) fn frames(key: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(frame_of(key)), |frame| around(frame))
}

impl Run {
    /// What a step or a fact is kept under in the iteration that is looked at.
    pub(super) fn key(&self, id: &str) -> String {
        [&self.frame, id].concat()
    }

    /// The fact of that name that is nearest to the iteration that is looked at.
    pub(super) fn scoped(&self, name: &str) -> Option<&Fact> {
        self.scoped_with_key(name).map(|(_, fact)| fact)
    }

    pub(super) fn scoped_with_key(&self, name: &str) -> Option<(&str, &Fact)> {
        let mut frame = self.frame.as_str();
        loop {
            let found = match frame {
                "" => self.facts.get_key_value(name),
                _ => self.facts.get_key_value(&format!("{frame}{name}")),
            };
            match found {
                Some((key, fact)) => return Some((key.as_str(), fact)),
                None => frame = around(frame)?,
            }
        }
    }

    /// Does something in the frame of `key`.
    pub(super) fn within<T>(&mut self, key: &str, what: impl FnOnce(&mut Self) -> T) -> T {
        let frame = frame_of(key).to_owned();
        let outer = std::mem::replace(&mut self.frame, frame);
        let result = what(self);
        self.frame = outer;
        result
    }

    /// Drops what an iteration that is over left behind; says whether something was not as planned.
    pub(super) fn forget(&mut self, frame: &str) -> bool {
        let mine = |key: &String| key.starts_with(frame);
        let adapted = self.ended.iter().any(|(key, s)| mine(key) && *s == StepState::Adapted);
        // A write that nobody waits for is still to be heard of.
        self.nodes.retain(|key, node| !mine(key) || node.is_overtaken());
        self.iterations.retain(|key, _| !mine(key));
        self.ended.retain(|key, _| !mine(key));
        self.facts.retain(|key, _| !mine(key));
        self.cursors.retain(|key, _| !mine(key) && format!("{key}.") != frame);
        adapted
    }

    /// `Told #support` is `Told #support (2 of 5)` in a loop.
    pub(super) fn numbered(&self, text: &str) -> String {
        self.numbered_in(&self.frame, text)
    }

    /// The same in the frame of `key`.
    pub(super) fn numbered_at(&self, key: &str, text: &str) -> String {
        self.numbered_in(frame_of(key), text)
    }

    fn numbered_in(&self, frame: &str, text: &str) -> String {
        let mut told = text.to_owned();
        let mut frame = Some(frame).filter(|frame| !frame.is_empty());
        while let Some((looped, iteration)) =
            frame.and_then(|frame| frame.strip_suffix('.')?.rsplit_once('.'))
        {
            let iteration = iteration.parse::<usize>().unwrap_or_default() + 1;
            told.push_str(&format!(
                " ({iteration} of {})",
                self.iterations.get(looped).unwrap_or(&iteration)
            ));
            frame = frame.and_then(around).filter(|frame| !frame.is_empty());
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_tells_its_frame() {
        let table = [
            ("tell", "", "tell"),
            ("context.case", "", "context.case"),
            ("each.2.tell", "each.2.", "tell"),
            ("each.2.wait.pipeline", "each.2.", "wait.pipeline"),
            ("each.2.inner.10.tell", "each.2.inner.10.", "tell"),
        ];
        for (key, frame, name) in table {
            assert_eq!((frame_of(key), local(key)), (frame, name));
        }
    }

    #[test]
    fn frames_are_nested() {
        assert_eq!(around("each.2.inner.10."), Some("each.2."));
        assert_eq!(around("each.2."), Some(""));
        assert_eq!(around(""), None);
        let all: Vec<&str> = frames("each.2.inner.10.tell").collect();
        assert_eq!(all, ["each.2.inner.10.", "each.2.", ""]);
    }
}
