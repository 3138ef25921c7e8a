//! Making a case file: the run is folded twice side by side, as it was and without its personal
//! data, and only if both went the same way the second is written down.
//!
//! A person's yes is bound to a hash of what was shown; without personal data another thing would
//! have been shown. So each answer gets the hash its question has in the redacted run.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::redaction::Redaction;
use super::{BYTES_MAX, CaseFile, CaseFileError, Contents, ENGINE, FORMAT};
use crate::event::{Action, Effect, Event};
use crate::flow::Flow;
use crate::journal::{Chunk, Record};
use crate::operation::Operation;
use crate::run::{Run, Viewer};
use crate::session::{Row, Session};

impl CaseFile {
    /// Makes the case file of a stored run, `now` in milliseconds since 1970.
    ///
    /// # Errors
    /// The journal is damaged, the file would be too large, or what the run did depends on personal
    /// data itself.
    pub fn export(
        row: &Row,
        chunks: &[Chunk],
        flow: &Flow,
        now: i64,
    ) -> Result<Self, CaseFileError> {
        Session::open(row.clone(), chunks, flow.clone(), "").map_err(CaseFileError::journal)?;
        // Whatever could not be read was refused by the session.
        let journal = row.journal(chunks).unwrap_or_default();
        let records: Vec<Record> = journal.iter().flatten().collect();
        let mut redaction = personal_data(row, flow, &records);
        let document = redaction.value(&flow.document);
        let redacted_flow = Flow::link(&document, &flow.operations).map_err(|problems| {
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            CaseFileError::not_redactable(&format!("the flow would not link: {first}"))
        })?;
        let mut pair = Pair {
            original: Run::new(&row.run, &row.project),
            redacted: Run::new(&row.run, &row.project),
            asked: Asked::default(),
            flow,
            redacted_flow: &redacted_flow,
        };
        let records: Result<Vec<Record>, CaseFileError> =
            records.iter().map(|record| pair.fold(record, &mut redaction)).collect();
        let records = records?;
        pair.agree_in_the_end(&redaction, row.flow_version)?;
        let mut contents = Contents {
            format: FORMAT,
            engine: ENGINE.to_owned(),
            exported_at: now,
            run: row.run.clone(),
            project: row.project.clone(),
            source_head: row.head.clone(),
            flow_version: row.flow_version,
            flow: document,
            operations: flow.operations.clone(),
            state_hash: pair.redacted.state_hash(&redacted_flow),
            head: String::new(),
            records,
        };
        contents.head = contents.seal();
        contents.check_order()?;
        contents.check_course()?;
        let file = Self { contents, flow: redacted_flow };
        if file.to_json().len() > BYTES_MAX { Err(CaseFileError::too_large()) } else { Ok(file) }
    }
}

/// All personal data of a run, found before any of it is replaced: what one answer declares may
/// stand in an earlier one.
fn personal_data(row: &Row, flow: &Flow, records: &[Record]) -> Redaction {
    let mut redaction = Redaction::default();
    let mut run = Run::new(&row.run, &row.project);
    let mut asked = Asked::default();
    for record in records {
        redaction.learn(&record.event, asked.operation(flow, &record.event));
        asked.note(&run.on(flow, record.event.clone(), record.at));
        run.asked(flow).iter().for_each(|question| redaction.learn_account(&question.who));
    }
    redaction
}

/// Which operation each effect calls.
#[derive(Default)]
struct Asked(BTreeMap<String, String>);

impl Asked {
    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            if let Action::Call { operation, .. } = &effect.action {
                self.0.insert(effect.id.clone(), operation.clone());
            }
        }
    }

    /// What an event answers.
    fn operation<'f>(&self, flow: &'f Flow, event: &Event) -> Option<&'f Operation> {
        match event {
            Event::Answered { effect, .. } => flow.operation(self.0.get(effect)?),
            _ => None,
        }
    }
}

/// The run as it was and as it is told.
struct Pair<'f> {
    original: Run,
    redacted: Run,
    asked: Asked,
    flow: &'f Flow,
    redacted_flow: &'f Flow,
}

impl Pair<'_> {
    /// Folds one record on both sides and gives it as it is told.
    fn fold(
        &mut self,
        record: &Record,
        redaction: &mut Redaction,
    ) -> Result<Record, CaseFileError> {
        let Record { seq, at, event } = record;
        let operation = self.asked.operation(self.flow, event);
        let told = redaction.event(event, operation).map_err(|error| {
            CaseFileError::not_redactable(&format!("event {seq} would not be one: {error}"))
        })?;
        let wanted = self.original.on(self.flow, event.clone(), *at);
        let wanted_too = self.redacted.on(self.redacted_flow, told.clone(), *at);
        self.asked.note(&wanted);
        let ids = |effects: &[Effect]| -> BTreeSet<String> {
            effects.iter().map(|effect| effect.id.clone()).collect()
        };
        let other = |what| CaseFileError::not_redactable(&format!("at event {seq} it {what}"));
        if ids(&wanted) != ids(&wanted_too) {
            return Err(other("would do something else"));
        }
        if self.original.state() != self.redacted.state() {
            return Err(other("would stand elsewhere"));
        }
        let (asked, asked_too) =
            (self.original.asked(self.flow), self.redacted.asked(self.redacted_flow));
        if asked.len() != asked_too.len() {
            return Err(other("would ask something else"));
        }
        for (asked, asked_too) in asked.into_iter().zip(asked_too) {
            redaction.same_question(asked.id, asked_too.id);
        }
        Ok(Record { seq: *seq, at: *at, event: told })
    }

    /// Both came to the same, word for word but for the pseudonyms.
    fn agree_in_the_end(&self, redaction: &Redaction, version: u64) -> Result<(), CaseFileError> {
        let nobody = Viewer { account: "", is_admin: false };
        let course = |run: &Run, flow: &Flow| -> Value {
            let view = run.view(flow, version, nobody);
            let entry = |e: &crate::view::Entry| {
                let outcome = e.did.as_ref().map(|did| (&did.effect_key, did.outcome));
                json!([e.seq, e.kind, e.step, e.state, outcome])
            };
            json!({
                "steps": run.ended_steps(),
                "arms": run.arms().collect::<BTreeMap<_, _>>(),
                "in_flight": run.in_flight().map(|effect| &effect.id).collect::<Vec<_>>(),
                "timeline": view.timeline.iter().map(entry).collect::<Vec<_>>(),
                "spend": view.spend,
                "gaps": view.gaps.len(),
            })
        };
        let other = |what: &str| Err(CaseFileError::not_redactable(what));
        if course(&self.original, self.flow) != course(&self.redacted, self.redacted_flow) {
            return other("its steps would end in another way");
        }
        if redaction.text(self.original.reason()) != self.redacted.reason() {
            return other("it would end for another reason");
        }
        Ok(())
    }
}
