//! What a call makes of an answer that is not kept whole: it goes on with what is there, unless it
//! needs just what is not.

use serde_json::Value;

use super::marker::search;
use super::{CallNode, Run};
use crate::excerpt::Excerpt;
use crate::failure::Failure;
use crate::flow::Flow;

impl CallNode {
    /// Whether a write can do with this of what stood there before it: what identifies the version
    /// must be there, and what would be put back.
    pub(super) fn can_do_with(&self, flow: &Flow, excerpt: &Excerpt) -> bool {
        let Some(operation) = flow.operation(&self.operation) else { return false };
        let version = operation.before.as_ref().and_then(|before| before.version.as_deref());
        let inverse = operation.inverse.iter().flat_map(|inverse| inverse.with.values());
        let mut needed: Vec<&str> = version.into_iter().collect();
        inverse.for_each(|template| paths_before(template, &mut needed));
        needed.into_iter().all(|path| excerpt.holds(path))
    }

    /// Whether what a probe did not find may be in what was left out.
    pub(super) fn may_hide(&self, run: &Run, flow: &Flow, excerpt: &Excerpt) -> bool {
        let write = self.looked_for(run);
        let probe = flow.operation(&write.operation).and_then(|o| o.probe.as_ref());
        let Some(probe) = probe else { return false };
        // It is looked for in a list, or else in the one text that would hold it.
        let place = probe.find.as_deref().unwrap_or(&probe.path);
        let there = [probe.path.as_str(), place].map(|path| excerpt.holds(path));
        let found = search(&excerpt.value, probe.find.as_deref(), &probe.path, &write.key);
        found.is_none() && there.contains(&false)
    }

    /// It was done, and what came back is not kept whole: that is told, and the fact knows it.
    pub(super) fn shortened(&mut self, run: &mut Run, flow: &Flow, excerpt: Excerpt, took_ms: u64) {
        let notice = format!("{}; its beginning was kept", too_large(&excerpt));
        let before = self.adapted.take().map(|before| format!("{before}; "));
        self.adapted = Some(before.unwrap_or_default() + &notice);
        let Excerpt { value, left_out } = excerpt;
        self.confirmed(run, flow, value, took_ms);
        let key = run.key(self.fact_id());
        if let Some(fact) = run.facts.get_mut(&key).filter(|_| self.undoes.is_none()) {
            fact.left_out = left_out;
        }
    }
}

/// What was left out, as a failure for whoever cannot do without.
pub(super) fn too_large(excerpt: &Excerpt) -> Failure {
    let parts: Vec<String> = excerpt.left_out.iter().map(ToString::to_string).collect();
    Failure::TooLarge { reason: parts.join(", ") }
}

/// The paths in what was read before that a template looks up.
fn paths_before<'t>(template: &'t Value, paths: &mut Vec<&'t str>) {
    match template {
        Value::String(text) => {
            let looked_up =
                text.split("${before").skip(1).filter_map(|rest| rest.split('}').next());
            paths.extend(looked_up.map(|path| path.trim_start_matches('.')));
        }
        Value::Array(items) => items.iter().for_each(|item| paths_before(item, paths)),
        Value::Object(members) => members.values().for_each(|item| paths_before(item, paths)),
        _ => {}
    }
}
