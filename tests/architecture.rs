//! The house holds together: the arrows of ARCHITECTURE.md, what the module imports, and what
//! every file owes its reader. `manifest.yml` and the pages' types are judged in `tutti-forge`.

#[path = "architecture/arrows.rs"]
mod arrows;
#[path = "architecture/files.rs"]
mod files;
#[path = "architecture/imports.rs"]
mod imports;

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// What a command prints when it is run in the repository.
fn told(program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> String {
    let run = Command::new(program).args(arguments).current_dir(root()).output().unwrap();
    assert!(run.status.success(), "{}", String::from_utf8_lossy(&run.stderr));
    String::from_utf8(run.stdout).unwrap()
}
