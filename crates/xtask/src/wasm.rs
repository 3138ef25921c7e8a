//! From the crate `tutti-forge` to a WebAssembly module and the JavaScript around it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::glue;

const TARGET: &str = "wasm32-unknown-unknown";

/// Builds `dist/app/tutti_forge.wasm` and `crates/tutti-forge/js/gen/glue.js`.
pub fn build() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize()?;
    let target = env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), PathBuf::from);
    // Panic messages carry source paths; shipped ones must not tell where they were built.
    let remap = format!("--remap-path-prefix={}=tutti", root.display());
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .current_dir(&root)
        .args(["build", "--release", "--package", "tutti-forge", "--target", TARGET])
        .env("RUSTFLAGS", remap)
        .status()
        .context("cargo could not be started")?;
    ensure!(built.success(), "the module did not build");
    let module = target.join(TARGET).join("release/tutti_forge.wasm");
    let out = target.join("bindgen");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(&module).web(true)?;
    bindgen.omit_default_module_path(true).typescript(false);
    bindgen.remove_producers_section(true).remove_name_section(false);
    bindgen.generate(&out)?;
    let app = root.join("dist/app");
    fs::create_dir_all(&app)?;
    fs::copy(out.join("tutti_forge_bg.wasm"), app.join("tutti_forge.wasm"))?;
    let js = fs::read_to_string(out.join("tutti_forge.js"))?;
    let gen_dir = root.join("crates/tutti-forge/js/gen");
    fs::create_dir_all(&gen_dir)?;
    fs::write(gen_dir.join("glue.js"), glue::factory(&js)?)?;
    Ok(())
}
