//! Compiles `connectors/` in: checks every file and writes it as JSON the crate parses on demand.

// The build reads files with the very types the crate uses; it needs only some of their functions.
#![allow(dead_code, missing_docs)]

#[path = "../src/connector.rs"]
mod connector;
#[path = "../src/declaration.rs"]
mod declaration;
#[path = "../src/encode.rs"]
mod encode;
#[path = "../src/events.rs"]
mod events;
#[path = "../src/example.rs"]
mod example;
#[path = "../src/form/mod.rs"]
mod form;
#[path = "../src/paging.rs"]
mod paging;
#[path = "../src/path.rs"]
mod path;
#[path = "../src/scope.rs"]
mod scope;
#[path = "../src/template.rs"]
mod template;

mod check;
mod load;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=connectors");
    println!("cargo::rerun-if-changed=build");
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problems) => {
            for problem in problems {
                println!("cargo::error={}", problem.replace('\n', " "));
            }
            ExitCode::FAILURE
        }
    }
}

fn compile() -> Result<(), Vec<String>> {
    let folder = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(vec![name.to_owned()]);
    let (from, to) = (folder("CARGO_MANIFEST_DIR")?, folder("OUT_DIR")?);
    let loaded = load::load(&from.join("connectors"))?;
    let problems = check::problems(&loaded);
    if !problems.is_empty() {
        return Err(problems);
    }
    let connectors = loaded.connectors.iter().map(|file| (&file.name, &file.json));
    let operations = loaded.operations.iter().map(|file| (&file.name, &file.json));
    let tables = table("CONNECTORS", connectors) + &table("OPERATIONS", operations);
    write(&to.join("connectors.rs"), tables)?;
    let examples = loaded.operations.iter().map(|file| (&file.name, &file.examples));
    let examples = serde_json::to_string(&examples.collect::<Vec<_>>());
    write(&to.join("examples.json"), examples.map_err(|error| vec![error.to_string()])?)
}

/// A sorted table of name and JSON as a Rust item.
fn table<'f>(name: &str, rows: impl Iterator<Item = (&'f String, &'f String)>) -> String {
    let mut rows: Vec<_> = rows.collect();
    rows.sort();
    let rows: String =
        rows.iter().map(|(name, json)| format!("    ({name:?}, {json:?}),\n")).collect();
    format!("static {name}: &[(&str, &str)] = &[\n{rows}];\n")
}

fn write(path: &Path, text: String) -> Result<(), Vec<String>> {
    fs::write(path, text).map_err(|error| vec![format!("{}: {error}", path.display())])
}
