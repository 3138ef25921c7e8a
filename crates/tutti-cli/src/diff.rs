//! `tutti diff`: what changed between two versions of a flow, in words.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};
use tutti_core::flow::DOCUMENT_BYTES_MAX;
use tutti_core::flow::diff::diff;

use crate::document::Document;
use crate::{files, told};

/// Compares two versions of a flow.
#[derive(clap::Args)]
pub struct Diff {
    /// The flow as it was, a YAML file
    #[arg(value_name = "A")]
    old: PathBuf,
    /// The flow as it is
    #[arg(value_name = "B")]
    new: PathBuf,
    /// Say it as one JSON document
    #[arg(long)]
    json: bool,
}

impl Diff {
    /// Says what changed; 1 if anything did.
    pub fn run(&self) -> ExitCode {
        let read = read(&self.old).and_then(|old| Ok((old, read(&self.new)?)));
        let (old, new) = match read {
            Ok(read) => read,
            Err(trouble) => return told::trouble(&trouble, self.json),
        };
        let differences = diff(&old, &new);
        if self.json {
            told::json(&json!({ "differences": differences }));
        } else if differences.is_empty() {
            told::say("They say the same.");
        } else {
            for difference in &differences {
                told::say(&difference.sentence);
            }
        }
        told::ended(differences.is_empty())
    }
}

fn read(path: &Path) -> Result<Value, String> {
    let files::Text { file, text, too_large } = files::read(path, DOCUMENT_BYTES_MAX)?;
    if too_large {
        return Err(format!("{file}: a flow can have {} KB", DOCUMENT_BYTES_MAX / 1024));
    }
    let document = Document::read(&text).map_err(|error| {
        let line = text.get(..error.at.start).unwrap_or_default().matches('\n').count() + 1;
        format!("{file}:{line}: {error}")
    })?;
    let is_flow = ["id", "steps"].iter().any(|key| document.value.get(key).is_some());
    if is_flow { Ok(document.value) } else { Err(format!("{file}: this is no flow")) }
}
