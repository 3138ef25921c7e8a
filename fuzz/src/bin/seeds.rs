//! Makes the seeds that fuzzing starts from out of what the repository holds: flows, stories, saved
//! runs and their case files. A fuzzer that begins with nothing hardly gets past the JSON parser.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use tutti_core::journal::{Chunk, Records};
use tutti_core::packed::Packed;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Longer documents are fuzzed too slowly to be worth it.
const SEED_BYTES_MAX: usize = 64 * 1024;

fn main() -> Outcome<()> {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR"));
    let repository = fuzz.join("..");
    let mut seeds = Seeds { corpus: fuzz.join("corpus"), made: 0 };
    let mut expressions = BTreeSet::new();
    for file in files(&[&repository.join("templates"), &repository.join("tests/stories")], "yaml")? {
        let document: Value = serde_saphyr::from_str(&fs::read_to_string(file)?)?;
        texts(&document, &mut expressions);
        let flow = document.get("flow").filter(|flow| flow.is_object()).unwrap_or(&document);
        if flow.get("steps").is_some() {
            seeds.plant("flow", &flow.to_string())?;
        }
    }
    for expression in expressions {
        seeds.plant("expression", &expression)?;
    }
    let saved = repository.join("tests/saved");
    for file in files(&[&saved], "json")? {
        seeds.plant("saved_run", &opened(&fs::read_to_string(file)?)?.to_string())?;
    }
    for file in files(&[&saved], "case")? {
        seeds.plant("case_file", fs::read_to_string(file)?.trim_end())?;
    }
    println!("{} seeds", seeds.made);
    Ok(())
}

/// Where the seeds go, each named after its own hash as libFuzzer does.
struct Seeds {
    corpus: PathBuf,
    made: usize,
}

impl Seeds {
    fn plant(&mut self, target: &str, seed: &str) -> Outcome<()> {
        if seed.len() <= SEED_BYTES_MAX {
            let folder = self.corpus.join(target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(tutti_core::digest::sha256_hex(seed)), seed)?;
            self.made += 1;
        }
        Ok(())
    }
}

/// All files with an ending in these folders and those below.
fn files(folders: &[&Path], ending: &str) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for folder in folders {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                found.extend(files(&[&path], ending)?);
            } else if path.extension().is_some_and(|it| it == ending) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Every text of a document: conditions, templates and plain words alike.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|member| texts(member, found)),
        _ => {}
    }
}

/// A saved run as the target reads it: whatever is packed in storage is plain text.
fn opened(saved: &str) -> Outcome<Value> {
    let mut saved: Map<String, Value> = serde_json::from_str(saved)?;
    let mut part = |name: &str| saved.remove(name).unwrap_or_default();
    let (flow, mut row, open, then) = (part("flow"), part("row"), part("journal"), part("then"));
    let chunks: Vec<Chunk> = serde_json::from_value(part("chunks"))?;
    let unpacked = |packed: &Packed| Records::unpack(packed).map(|records| json!(records));
    let chunks: Result<Vec<Value>, _> = chunks.iter().map(|it| unpacked(&it.records)).collect();
    let packed = row.as_object_mut().and_then(|row| row.remove("sealed")).unwrap_or(json!(""));
    let sealed = unpacked(&serde_json::from_value(packed)?)?;
    Ok(json!({
        "flow": flow, "row": row, "chunks": chunks?, "sealed": sealed, "open": open, "then": then,
    }))
}
