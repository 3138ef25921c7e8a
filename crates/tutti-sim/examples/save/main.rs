//! Stores runs as this release does, one for each thing a run can be at, and the case file of each at
//! its end: `docs/saved-runs.md`.
//!
//! Run once for each release that changes what is stored; what is there already stays as it is.

mod cases;

use std::error::Error;
use std::fs;
use std::path::Path;

use serde_json::json;
use tutti_core::case_file::CaseFile;
use tutti_core::flow::Flow;
use tutti_sim::saved::Saved;
use tutti_sim::toys::{Toys, catalogue};
use tutti_sim::{Driver, Storage};

use self::cases::{CASES, Case};

fn main() -> Result<(), Box<dyn Error>> {
    let release = env!("CARGO_PKG_VERSION");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/saved").join(release);
    fs::create_dir_all(&folder)?;
    for case in CASES {
        let file = folder.join(format!("{}.json", case.name));
        if file.exists() {
            println!("kept    {}", case.name);
            continue;
        }
        let (saved, run) = saved(case)?;
        fs::write(file, format!("{:#}\n", json!(saved)))?;
        let Storage { row, chunks, .. } = &run.storage;
        let taken_along = CaseFile::export(row, chunks, &run.flow, run.now)?;
        fs::write(folder.join(format!("{}.case", case.name)), taken_along.to_json() + "\n")?;
        println!("stored  {}", case.name);
    }
    Ok(())
}

/// Plays a case to where it is stored, and from there to its end.
fn saved(case: &Case) -> Result<(Saved, Driver<Toys>), Box<dyn Error>> {
    let document = json!({
        "id": "toy", "name": "Toy flow", "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
        "budget": {"wall": "30d"}, "steps": (case.steps)(),
    });
    let flow = Flow::link(&document, &catalogue()).map_err(|problems| format!("{problems:#?}"))?;
    let trigger = json!({"id": "t1", "said": "words of a stranger"});
    let mut run = Driver::start(flow, Toys::new(), "PAY", trigger, "toy.thing");
    (case.before)(&mut run)?;
    let saved = Saved::of(case.about, &run);
    let known = run.storage.records().len();
    (case.then)(&mut run)?;
    if !run.storage.row.state.is_final() {
        return Err(format!("{} does not end: {}", case.name, run.storage.row.reason).into());
    }
    Ok((saved.then(known, &run.storage.records()), run))
}
