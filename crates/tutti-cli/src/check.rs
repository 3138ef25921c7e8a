//! `tutti check`: what is wrong with flows, all of it, with places and hints.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tutti_core::flow::{DOCUMENT_BYTES_MAX, Flow};
use tutti_core::problem::Problem;

use crate::document::Document;
use crate::report::Placed;
use crate::{files, told};

/// Checks flows.
#[derive(clap::Args)]
pub struct Check {
    /// YAML files, or folders that hold some
    #[arg(required = true, value_name = "FLOW")]
    flows: Vec<PathBuf>,
    /// Say it as one JSON document
    #[arg(long)]
    json: bool,
}

/// What was found out about one file.
#[derive(Serialize)]
struct Checked {
    file: String,
    /// Whether it can be enabled.
    ok: bool,
    problems: Vec<Placed>,
    #[serde(skip)]
    text: String,
}

impl Check {
    /// Checks them all, says what is wrong, and whether anything is.
    pub fn run(&self) -> ExitCode {
        let checked: Result<Vec<Checked>, String> = files::listed(&self.flows)
            .and_then(|files| files.iter().map(|file| checked(file)).collect());
        match checked {
            Err(trouble) => told::trouble(&trouble),
            Ok(checked) => {
                if self.json {
                    as_json(&checked)
                } else {
                    for_people(&checked)
                }
                told::ended(checked.iter().all(|file| file.ok))
            }
        }
    }
}

fn checked(path: &Path) -> Result<Checked, String> {
    let read = files::read(path, DOCUMENT_BYTES_MAX)?;
    let (file, text) = (read.file, read.text);
    let problems = if read.too_large {
        let message = format!("a flow can have {} KB", DOCUMENT_BYTES_MAX / 1024);
        vec![Placed::new(Problem::error("too_large", "", message).hint("split it"), 0..0, &text)]
    } else {
        problems(&text)
    };
    Ok(Checked { file, ok: !problems.iter().any(Placed::is_error), problems, text })
}

fn problems(text: &str) -> Vec<Placed> {
    let document = match Document::read(text) {
        Ok(document) => document,
        Err(error) => return vec![Placed::syntax(error, text)],
    };
    let (_, problems) = Flow::check(&document.value, tutti_connect::catalogue());
    let placed = |problem: Problem| {
        let place = document.find(&problem.at);
        Placed::new(problem, place, text)
    };
    let mut placed: Vec<Placed> = problems.into_iter().map(placed).collect();
    placed.sort_by_key(|problem| problem.place.start);
    placed
}

fn as_json(checked: &[Checked]) {
    let answer = serde_json::json!({ "flows": checked });
    println!("{answer:#}");
}

fn for_people(checked: &[Checked]) {
    for file in checked {
        for problem in &file.problems {
            println!("{}\n", problem.render(&file.file, &file.text, told::colour()));
        }
    }
    let wrong = checked.iter().filter(|file| !file.ok).count();
    let problems = match checked.iter().map(|file| file.problems.len()).sum() {
        1 => "1 problem".to_owned(),
        more => format!("{more} problems"),
    };
    match (wrong, checked.len()) {
        (0, 1) => println!("The flow is sound."),
        (0, all) => println!("All {all} flows are sound."),
        (_, 1) => println!("{problems}; the flow cannot be enabled."),
        (wrong, all) => println!("{problems}; {wrong} of {all} flows cannot be enabled."),
    }
}
