//! `tutti check`: what is wrong with flows, all of it, with places and hints.

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tutti_core::flow::{DOCUMENT_BYTES_MAX, Flow};
use tutti_core::problem::Problem;

use crate::document::Document;
use crate::report::Placed;

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
        let checked: Result<Vec<Checked>, String> =
            self.files().and_then(|files| files.iter().map(|file| checked(file)).collect());
        match checked {
            Err(trouble) => {
                eprintln!("tutti: {trouble}");
                ExitCode::from(2)
            }
            Ok(checked) => {
                if self.json {
                    as_json(&checked)
                } else {
                    for_people(&checked)
                }
                ExitCode::from(u8::from(checked.iter().any(|file| !file.ok)))
            }
        }
    }

    fn files(&self) -> Result<Vec<PathBuf>, String> {
        let mut files = Vec::new();
        for given in &self.flows {
            if given.is_dir() {
                let found =
                    below(given).map_err(|error| format!("{}: {error}", given.display()))?;
                if found.is_empty() {
                    return Err(format!("{}: there is no YAML file in it", given.display()));
                }
                files.extend(found);
            } else {
                files.push(given.clone());
            }
        }
        Ok(files)
    }
}

/// The YAML files of a folder and of those in it, in the order of their names.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = folder
        .read_dir()?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() && !entry.is_symlink() {
            files.extend(below(&entry)?);
        } else if entry.extension().is_some_and(|kind| kind == "yaml" || kind == "yml") {
            files.push(entry);
        }
    }
    Ok(files)
}

fn checked(path: &Path) -> Result<Checked, String> {
    let file = path.display().to_string();
    let trouble = |error: io::Error| format!("{file}: {error}");
    let mut bytes = Vec::new();
    // One byte more than a flow may have tells that it has too many.
    let limit = u64::try_from(DOCUMENT_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(trouble)?.take(limit).read_to_end(&mut bytes).map_err(trouble)?;
    let too_large = bytes.len() > DOCUMENT_BYTES_MAX;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // A text that was cut may end within a character.
        Err(error) if too_large => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        Err(_) => return Err(format!("{file}: this is no text in UTF-8")),
    };
    let problems = if too_large {
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
        Err(error) => {
            let hint = "check the indentation and the quotes around it";
            let problem = Problem::error("yaml_syntax", "", error.message).hint(hint);
            return vec![Placed::new(problem, error.at, text)];
        }
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
    let colour = io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    for file in checked {
        for problem in &file.problems {
            println!("{}\n", problem.render(&file.file, &file.text, colour));
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
