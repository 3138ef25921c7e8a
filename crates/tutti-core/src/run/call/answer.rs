//! What a person says to a held call: yes, yes but, or no.

use serde_json::{Map, Value};

use super::super::brake::because;
use super::{CallNode, Run};
use crate::approval::payload_hash;
use crate::event::Said;
use crate::failure::Failure;
use crate::flow::Flow;
use crate::label::{Labels, Provenance};
use crate::view::{EntryKind, StepState};

impl CallNode {
    /// Hears an answer. One that is not for this question, or not from who is asked, is no answer.
    pub(in crate::run) fn said(
        &mut self,
        run: &mut Run,
        flow: &Flow,
        account: &str,
        name: &str,
        answer: &Said,
    ) {
        let (effect, hash) = match answer {
            Said::Approve { effect, payload_hash }
            | Said::Modify { effect, payload_hash, .. }
            | Said::Reject { effect, payload_hash, .. } => (effect, payload_hash),
            _ => return,
        };
        if !self.is_held() || *effect != self.key(run) {
            return;
        }
        let heard = self.approval.as_ref().is_some_and(|a| a.hears(account, hash));
        if !heard {
            return;
        }
        match answer {
            Said::Reject { reason, .. } => return self.rejected(run, flow, name, reason),
            Said::Modify { changes, .. } => {
                if let Err(fault) = self.modify(flow, changes) {
                    return self.note(
                        run,
                        &format!("{name} changed it"),
                        &fault,
                        StepState::Failed,
                    );
                }
                let title = self.title.clone();
                self.note(run, &format!("{name} changed and approved it"), &title, StepState::Done);
            }
            _ => {
                let title = self.title.clone();
                self.note(run, &format!("{name} approved it"), &title, StepState::Done);
            }
        }
        if let Some(approval) = self.approval.as_mut() {
            approval.payload_hash = payload_hash(&self.operation, &self.input);
            approval.approved_by = Some(account.to_owned());
        }
        self.check(run, flow);
    }

    fn rejected(&mut self, run: &mut Run, flow: &Flow, name: &str, reason: &str) {
        self.note(run, &format!("{name} rejected it"), reason, StepState::Failed);
        let policy = because(&format!("{name} said no"), reason);
        self.over(run, flow, Err(Failure::Refused { policy }));
    }

    /// Puts a person's arguments in place of ours; none of them, if one does not suit.
    fn modify(&mut self, flow: &Flow, changes: &Map<String, Value>) -> Result<(), String> {
        let Some(operation) = flow.operation(&self.operation) else { return Ok(()) };
        for (name, value) in changes {
            let Some(declared) = operation.input.get(name) else {
                return Err(format!("there is no argument `{name}`, so nothing was changed"));
            };
            let is_blank = value.as_str().is_some_and(|text| text.trim().is_empty());
            let is_empty = declared.required && (value.is_null() || is_blank);
            if !declared.kind.suits(value) || is_empty {
                return Err(format!("`{name}` cannot be that, so nothing was changed"));
            }
        }
        let Some(input) = self.input.as_object_mut() else { return Ok(()) };
        for (name, value) in changes {
            let below = format!("/{name}/");
            self.labels.retain(|pointer, _| !pointer.starts_with(&below));
            let provenance = [Provenance::Asked].into();
            self.labels.insert(format!("/{name}"), Labels { provenance, ..Labels::default() });
            input.insert(name.clone(), value.clone());
        }
        input.retain(|_, value| !value.is_null());
        Ok(())
    }

    pub(super) fn note(&self, run: &mut Run, text: &str, detail: &str, state: StepState) {
        let mut entry = run.entry(EntryKind::Person, &self.step, "person", text);
        entry.detail = detail.to_owned();
        entry.state = state;
        run.timeline.push(entry);
    }
}
