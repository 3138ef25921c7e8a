//! `tutti check`: what is wrong with flows, all of it, with places and hints.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tutti_core::flow::{DOCUMENT_BYTES_MAX, Flow, Project};
use tutti_core::problem::{Problem, Severity};
use tutti_sim::play::has_zone;

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
    /// What the text says, if it is YAML.
    #[serde(skip)]
    document: Option<Document>,
    /// The flow, as far as it could be read.
    #[serde(skip)]
    flow: Option<Flow>,
}

impl Check {
    /// Checks them all, says what is wrong, and whether anything is.
    pub fn run(&self) -> ExitCode {
        let (mut all, mut troubles) = (Vec::new(), Vec::new());
        for file in files::listed(&self.flows) {
            match file.and_then(|file| checked(&file)) {
                Ok(checked) => all.push(checked),
                Err(trouble) => troubles.push(trouble),
            }
        }
        together(&mut all);
        if self.json {
            told::json(&serde_json::json!({ "flows": all, "unread": troubles }));
        } else {
            for_people(&all);
        }
        told::all(all.iter().all(|file| file.ok), &troubles)
    }
}

fn checked(path: &Path) -> Result<Checked, String> {
    let read = files::read(path, DOCUMENT_BYTES_MAX)?;
    let (file, text) = (read.file, read.text);
    let mut checked =
        Checked { file, ok: true, problems: Vec::new(), text, document: None, flow: None };
    if read.too_large {
        let message = format!("a flow can have {} KB", DOCUMENT_BYTES_MAX / 1024);
        checked.add(vec![Problem::error("too_large", "", message).hint("split it")]);
        return Ok(checked);
    }
    match Document::read(&checked.text) {
        Err(error) => {
            checked.ok = false;
            checked.problems = vec![Placed::syntax(error, &checked.text)];
        }
        Ok(document) => {
            let (flow, mut problems) = Flow::check(&document.value, tutti_connect::catalogue());
            problems.extend(flow.iter().flat_map(|flow| flow.unknown_zones(has_zone)));
            (checked.document, checked.flow) = (Some(document), flow);
            checked.add(problems);
        }
    }
    Ok(checked)
}

/// What can only be seen with all of them at hand. Who gives one file alone does not say that it
/// is all there is.
fn together(checked: &mut [Checked]) {
    let absent = if checked.len() == 1 { Severity::Warning } else { Severity::Error };
    let twins: Vec<Option<Problem>> = checked.iter().map(|file| twin(file, checked)).collect();
    let flows = checked.iter().filter_map(|file| file.flow.as_ref());
    let project = Project::new(flows.collect(), Some(absent));
    let found =
        |file: &Checked| file.flow.as_ref().map(|flow| project.problems(flow)).unwrap_or_default();
    let found: Vec<Vec<Problem>> = checked.iter().map(found).collect();
    for ((file, problems), twin) in checked.iter_mut().zip(found).zip(twins) {
        file.add(problems.into_iter().chain(twin).collect());
    }
}

/// That another file says the same `id`: a project has one flow of each.
fn twin(file: &Checked, all: &[Checked]) -> Option<Problem> {
    let id = |file: &Checked| file.flow.as_ref().map(|flow| flow.id.clone());
    let own = id(file)?;
    let other =
        all.iter().find(|other| other.file != file.file && id(other).as_ref() == Some(&own))?;
    let message = format!("two files say `id: {own}`");
    let hint = format!("the other is {}; let each flow have an id of its own", other.file);
    Some(Problem::error("duplicate_id", "/id", message).hint(hint))
}

impl Checked {
    /// Adds problems, each with its place in the text.
    fn add(&mut self, problems: Vec<Problem>) {
        let placed = problems.into_iter().map(|problem| {
            let place = self.document.as_ref().map_or(0..0, |document| document.find(&problem.at));
            Placed::new(problem, place, &self.text)
        });
        let placed: Vec<Placed> = placed.collect();
        self.problems.extend(placed);
        self.problems.sort_by_key(|problem| problem.place.start);
        self.ok = !self.problems.iter().any(Placed::is_error);
    }
}

fn for_people(checked: &[Checked]) {
    for file in checked {
        for problem in &file.problems {
            let problem = problem.render(&file.file, &file.text, told::colour());
            told::print(&format!("{problem}\n"));
        }
    }
    let wrong = checked.iter().filter(|file| !file.ok).count();
    let problems = match checked.iter().map(|file| file.problems.len()).sum() {
        1 => "1 problem".to_owned(),
        more => format!("{more} problems"),
    };
    match (wrong, checked.len()) {
        (_, 0) => {}
        (0, 1) => told::say("The flow is sound."),
        (0, all) => told::say(format!("All {all} flows are sound.")),
        (_, 1) => told::say(format!("{problems}; the flow cannot be enabled.")),
        (wrong, all) => told::say(format!("{problems}; {wrong} of {all} flows cannot be enabled.")),
    }
}
