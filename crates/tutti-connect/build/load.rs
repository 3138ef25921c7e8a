//! Reads the connector files; whatever cannot be read is told with file, line and column.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::connector::Connector;
use crate::declaration::Declaration;
use crate::example::Examples;

/// Everything below `connectors/`.
pub struct Loaded {
    pub connectors: Vec<ConnectorFile>,
    pub operations: Vec<OperationFile>,
}

/// One `connector.yaml`.
pub struct ConnectorFile {
    pub name: String,
    pub source: Source,
    pub connector: Connector,
    pub json: String,
}

/// One `<noun>.<verb>.yaml`.
pub struct OperationFile {
    pub name: String,
    pub source: Source,
    pub declaration: Declaration,
    pub examples: Examples,
    pub json: String,
}

/// A file's text and where it is, so that problems can point into it.
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    /// A problem at the first place where `near` stands in the text.
    pub fn problem(&self, near: &str, message: &str) -> String {
        let before = self.text.find(near).and_then(|at| self.text.get(..at)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        format!("{}:{line}:{column}: {message}", self.path)
    }

    fn read<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_saphyr::from_str(&self.text).map_err(|error| self.unreadable(&error))
    }

    fn unreadable(&self, error: &serde_saphyr::Error) -> String {
        let message = error.without_snippet().to_string();
        match error.location() {
            None => format!("{}: {message}", self.path),
            Some(at) => {
                let (line, column) = (at.line(), at.column());
                let told = message.trim_end_matches(&format!(" at line {line}, column {column}"));
                format!("{}:{line}:{column}: {told}", self.path)
            }
        }
    }
}

/// Reads every tool's folder, telling all problems at once.
pub fn load(folder: &Path) -> Result<Loaded, Vec<String>> {
    let mut loaded = Loaded { connectors: Vec::new(), operations: Vec::new() };
    let mut problems = Vec::new();
    for tool in entries(folder).map_err(|problem| vec![problem])? {
        for file in entries(&tool).map_err(|problem| vec![problem])? {
            problems.extend(load_file(&tool, &file, &mut loaded).err());
        }
    }
    if problems.is_empty() { Ok(loaded) } else { Err(problems) }
}

fn load_file(tool: &Path, file: &Path, loaded: &mut Loaded) -> Result<(), String> {
    let tool = name(tool);
    let path = format!("connectors/{tool}/{}", name(file));
    let text = fs::read_to_string(file).map_err(|error| format!("{path}: {error}"))?;
    let source = Source { path, text };
    match name(file).strip_suffix(".yaml") {
        Some("connector") => {
            let (connector, json) = (source.read()?, embedded(&source)?);
            loaded.connectors.push(ConnectorFile { name: tool, source, connector, json });
        }
        Some(verb) => {
            let id = format!("{tool}.{verb}");
            let declaration = serde_saphyr::with_deserializer_from_str(&source.text, |yaml| {
                Declaration::read(&id, yaml)
            });
            let declaration = declaration.map_err(|error| source.unreadable(&error))?;
            let (examples, json) = (source.read()?, embedded(&source)?);
            let file = OperationFile { name: id, source, declaration, examples, json };
            loaded.operations.push(file);
        }
        None => return Err(source.problem("", "not a .yaml file")),
    }
    Ok(())
}

/// What goes into the crate: everything but the examples.
fn embedded(source: &Source) -> Result<String, String> {
    let mut value: Value = source.read()?;
    if let Some(object) = value.as_object_mut() {
        object.remove("example");
        object.remove("failures");
    }
    Ok(value.to_string())
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let listed = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>, std::io::Error>>()
    });
    let mut entries = listed.map_err(|error| format!("{}: {error}", folder.display()))?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
