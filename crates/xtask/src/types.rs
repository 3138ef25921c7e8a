//! From the Rust types to the pages' TypeScript. A test of `tutti-forge` compares the two; with
//! its leave to update it writes.

use std::env;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Writes `static/app/src/api/generated.ts`.
pub fn write() -> Result<()> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let written = Command::new(cargo)
        .args(["test", "--quiet", "--package", "tutti-forge", "--lib", "typescript"])
        .env("UPDATE_EXPECT", "1")
        .status()
        .context("cargo could not be started")?;
    ensure!(written.success(), "the types were not written");
    Ok(())
}
