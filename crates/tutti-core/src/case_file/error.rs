//! What can be wrong with a case file, in words a person can act on.

use serde::Serialize;
use serde_json::error::Category;

use super::{BYTES_MAX, ENGINE, FORMAT, RECORDS_MAX};
use crate::problem::Problem;
use crate::unfit::Unfit;

/// Why a case file cannot be read, made or forked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct CaseFileError {
    /// A stable name.
    pub code: &'static str,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}

const EXPORT_AGAIN: &str = "export the run again and leave the file as it is";

impl CaseFileError {
    pub(super) fn new(code: &'static str, message: impl Into<String>, hint: &str) -> Self {
        Self { code, message: message.into(), hint: hint.to_owned() }
    }

    pub(super) fn too_large() -> Self {
        let message = format!("a case file can have {} MB", BYTES_MAX / 1024 / 1024);
        Self::new("too_large", message, "a run as long as that can be looked at on its panel only")
    }

    pub(super) fn too_many_records(found: usize) -> Self {
        let message = format!("a case file can have {RECORDS_MAX} records, and this has {found}");
        Self::new("too_large", message, "a run as long as that can be looked at on its panel only")
    }

    pub(super) fn empty() -> Self {
        Self::new("cut_off", "the file is empty", EXPORT_AGAIN)
    }

    /// What the reader of JSON found.
    pub(super) fn unreadable(error: &serde_json::Error) -> Self {
        match error.classify() {
            Category::Eof => {
                let message = "the file ends in the middle: it was cut off";
                Self::new("cut_off", message, EXPORT_AGAIN)
            }
            Category::Data => Self::no_case_file(&in_words(error)),
            Category::Syntax | Category::Io => {
                let hint = "give the file that “Export case file” on the panel saved";
                let place = format!("line {}, column {}", error.line(), error.column());
                Self::new("not_json", format!("this is no JSON, as is seen at {place}"), hint)
            }
        }
    }

    pub(super) fn no_case_file(why: &str) -> Self {
        let hint = "give the file that “Export case file” on the panel saved";
        Self::new("no_case_file", format!("this is JSON, but no case file: {why}"), hint)
    }

    pub(super) fn format(found: u32, engine: Option<String>) -> Self {
        let message = format!("the case file has format {found}, this release reads {FORMAT}");
        let hint = match engine {
            Some(engine) => format!("replay it with release {engine}, which wrote it"),
            None => "replay it with the release that wrote it".to_owned(),
        };
        Self::new("format", message, &hint)
    }

    pub(super) fn sequence(before: u64, found: u64) -> Self {
        let place = if before == 0 { "the first".to_owned() } else { format!("after {before}") };
        let message = format!(
            "record {} is missing or in another place: {place} comes {found}",
            before.saturating_add(1)
        );
        Self::new("sequence", message, EXPORT_AGAIN)
    }

    /// Records as no run can have them.
    pub(super) fn impossible(what: String) -> Self {
        Self::new("impossible", what, EXPORT_AGAIN)
    }

    /// One fact cannot be two things.
    pub(super) fn twice(path: &str) -> Self {
        Self::new("twice", format!("`{path}` is changed twice"), "give it once")
    }

    pub(super) fn chain() -> Self {
        let message = "something in the file was changed or removed after it was written: what it \
                       holds does not chain up to its head";
        Self::new("chain", message, EXPORT_AGAIN)
    }

    /// The text says something that is read over.
    pub(super) fn written(what: &str) -> Self {
        let message = format!("something in the file was changed after it was written: {what}");
        Self::new("written", message, EXPORT_AGAIN)
    }

    pub(super) fn flow(problems: &[Problem], engine: &str) -> Self {
        let first = problems.first().map(ToString::to_string).unwrap_or_default();
        Self::new("flow", format!("the flow in it does not link: {first}"), &with_release(engine))
    }

    pub(super) fn state(engine: &str) -> Self {
        let message = "replaying its records comes to another state than the one it names";
        Self::new("state", message, &with_release(engine))
    }

    /// A run that cannot be told without what must not be told.
    pub(super) fn not_redactable(what: &str) -> Self {
        let message = format!("without its personal data the run cannot be replayed: {what}");
        let hint = "the flow looks into a name or an address itself; such a run can be looked at \
                    on its panel only";
        Self::new("not_redactable", message, hint)
    }

    pub(super) fn journal(error: impl std::fmt::Display) -> Self {
        let hint = "the run's journal is damaged; nothing can be exported from it";
        Self::new("journal", error.to_string(), hint)
    }
}

/// What does not fit, and where in the text.
pub(super) fn in_words(error: &serde_json::Error) -> String {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let said = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    format!("{} (line {line}, column {column})", Unfit::of(said).message)
}

fn with_release(engine: &str) -> String {
    if engine == ENGINE {
        EXPORT_AGAIN.to_owned()
    } else {
        format!("it was written by release {engine}, this is {ENGINE}; replay it with that one")
    }
}
