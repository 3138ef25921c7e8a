//! Build steps that must be Rust: `cargo xtask wasm` makes the module and its glue, `cargo xtask
//! types` the pages' TypeScript types.

mod glue;
mod types;
mod wasm;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let task = std::env::args().nth(1).unwrap_or_default();
    match task.as_str() {
        "wasm" => wasm::build(),
        "types" => types::write(),
        other => bail!("no task `{other}`; there are: wasm, types"),
    }
}
