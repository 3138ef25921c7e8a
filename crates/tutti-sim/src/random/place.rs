//! A place: the step that an effect belongs to, and all that is around it.

use tutti_core::flow::{Autonomy, Flow, Kind, Remedy, Step};
use tutti_core::recovery::Retry;

/// Where in the flow an effect belongs. What is gathered before the first step belongs to none,
/// and neither does what takes a write back.
pub(super) struct Place<'f> {
    step: Option<&'f Step>,
    /// The keys of the step and of all around it, outermost first.
    pub(super) path: Vec<String>,
    /// Its fork may go on without it.
    pub(super) races: bool,
    /// It is a part of what is done last.
    pub(super) is_last: bool,
    /// It takes a write back.
    pub(super) is_undoing: bool,
}

impl<'f> Place<'f> {
    /// The place of an effect key: `run/each.2.wait.pipeline/1` is a read of the step `wait` in the
    /// third iteration of `each`.
    pub(super) fn of(flow: &'f Flow, effect_key: &str) -> Self {
        let own = effect_key.split('/').nth(1).unwrap_or_default();
        // `tell?0.1` is a model's first choice how `tell` goes on.
        let own = own.split('?').next().unwrap_or_default();
        let steps = flow.path_to(step_id(own));
        let mut path = Vec::new();
        let mut frame = String::new();
        for step in &steps {
            let key = format!("{frame}{}", step.id);
            let below = own.strip_prefix(&key).and_then(|below| below.strip_prefix('.'));
            if let (Kind::For(_), Some(below)) = (&step.kind, below) {
                let iteration = below.split('.').next().unwrap_or_default();
                frame = format!("{key}.{iteration}.");
            }
            path.push(key);
        }
        let races = steps.iter().any(|step| match &step.kind {
            Kind::Fork(fork) => fork.join < fork.branches.len(),
            _ => false,
        });
        let is_undoing = own.starts_with("undo.");
        let root = steps.first().map(|step| step.id.as_str());
        let is_last = flow.finally.iter().any(|step| Some(step.id.as_str()) == root);
        Self { step: steps.last().copied(), path, races, is_last, is_undoing }
    }

    /// Whether a model may choose how it goes on.
    pub(super) fn has_agent(&self) -> bool {
        let mut catches = self.step.into_iter().flat_map(|step| &step.catch);
        catches.any(|catch| matches!(catch.remedy, Remedy::Agent(_)))
    }

    pub(super) fn retry(&self, flow: &Flow) -> Retry {
        self.step.and_then(|step| step.retry).unwrap_or(flow.retry)
    }

    pub(super) fn autonomy(&self, flow: &Flow) -> Autonomy {
        self.step.and_then(|step| step.autonomy).unwrap_or(flow.autonomy)
    }
}

/// The step's id in a key: what follows the number of the innermost iteration.
fn step_id(own: &str) -> &str {
    let segments: Vec<&str> = own.split('.').collect();
    let is_number = |segment: &&str| segment.chars().all(|c| c.is_ascii_digit());
    let after = segments.iter().rposition(is_number).map_or(0, |last| last + 1);
    segments.get(after).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::step_id;

    #[test]
    fn a_key_names_its_step() {
        let table = [
            ("s12", "s12"),
            ("each.2.s12", "s12"),
            ("each.2.inner.10.wait.job3", "wait"),
            ("context.thing", "context"),
        ];
        for (key, step) in table {
            assert_eq!(step_id(key), step);
        }
    }
}
