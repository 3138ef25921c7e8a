//! Runs that earlier releases stored go on as they did then: each is opened, told what happened,
//! and must want, record and show the same. What a release stored stays as it is for ever.

#![cfg(test)]

use std::fs;
use std::path::{Path, PathBuf};

use expect_test::expect_file;
use serde_json::{Value, json};
use tutti_core::case_file::CaseFile;
use tutti_core::packed::Packed;
use tutti_core::session::{FORMAT, Row, SessionError};
use tutti_sim::saved::{Astray, Saved};

/// How many things a run can be at, at least.
const LEAST: usize = 20;

/// What every release stored, by how the file's name ends.
fn files(ends: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/saved");
    let releases = fs::read_dir(folder).unwrap().map(|release| release.unwrap().path());
    let files = releases
        .filter(|release| release.is_dir())
        .flat_map(|release| fs::read_dir(release).unwrap().map(|file| file.unwrap().path()));
    let mut files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|end| end == ends)).collect();
    files.sort();
    files
}

fn read(file: &Path) -> Saved {
    serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap()
}

/// One of those that the first release stored.
fn saved(name: &str) -> Saved {
    let name = format!("0.1.0/{name}.json");
    read(files("json").iter().find(|file| file.ends_with(&name)).unwrap())
}

#[test]
fn every_run_that_was_ever_stored_goes_on_as_it_did() {
    let files = files("json");
    assert!(files.len() >= LEAST, "{} runs", files.len());
    for file in files {
        let told = read(&file).resume().unwrap_or_else(|astray| panic!("{file:?}: {astray}"));
        expect_file![file.with_extension("txt")].assert_eq(&told);
    }
}

#[test]
fn every_case_file_that_was_ever_written_is_sound() {
    let files = files("case");
    assert!(files.len() >= LEAST, "{} case files", files.len());
    for file in files {
        let opened = CaseFile::open(&fs::read_to_string(&file).unwrap());
        assert_eq!(opened.err(), None, "{file:?}");
    }
}

#[test]
fn a_row_of_another_format_is_refused_and_it_is_said_what_to_do() {
    let later = |row: &mut Value| row["format"] = json!(FORMAT + 1);
    let mut saved = saved("approval");
    later(&mut saved.row);
    // What such a row holds beside is not looked at: it may mean something else.
    saved.row["state"] = json!("dreaming");
    saved.row.as_object_mut().unwrap().remove("topics");
    let Err(Astray::Unopened(error)) = saved.resume() else { panic!("it was opened") };
    assert_eq!(error, SessionError::Format { found: FORMAT + 1 });
    assert_eq!(error.code(), "format");
    assert!(error.hint().starts_with("a later release wrote it"), "{}", error.hint());

    let earlier = json!({"format": FORMAT - 1}).to_string();
    let error = Row::read(&earlier).unwrap_err();
    assert!(error.hint().starts_with("deploy the release that wrote it"), "{}", error.hint());
}

#[test]
fn what_is_no_row_is_refused_and_not_taken_for_none() {
    for (text, why) in [
        ("", "EOF"),
        ("{}", "missing field `format`"),
        (r#"{"format": "2"}"#, "invalid type"),
        (&json!({"format": FORMAT}).to_string(), "missing field `run`"),
    ] {
        let error = Row::read(text).unwrap_err();
        assert_eq!(error.code(), "row", "{text}");
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn a_run_that_goes_another_way_is_noticed() {
    // A yes to something else, and nothing is sent.
    let mut saved = saved("approval");
    saved.then[0]["event"]["answer"]["payload_hash"] = json!("another");
    let told = saved.resume().unwrap();
    assert!(!told.contains("wants"), "{told}");
    // What the engine does by itself, it does when it is time.
    let mut early = self::saved("waiting");
    early.then[0]["at"] = json!(early.row["updated_at"].as_i64().unwrap() + 1);
    assert!(matches!(early.resume(), Err(Astray::Otherwise { .. })));
    let mut saved = self::saved("approval");
    let packed: Packed = serde_json::from_value(saved.row["sealed"].clone()).unwrap();
    let journal = packed.unpack().unwrap();
    let changed = journal.replace("words of a stranger", "words of somebody");
    assert_ne!(changed, journal);
    saved.row["sealed"] = json!(Packed::pack(&changed));
    assert_eq!(saved.resume(), Err(SessionError::Chain { chunk: 0 }.into()));
}
