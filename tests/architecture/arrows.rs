//! Which crate may know which: arrows run downward only, siblings never see each other.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

use super::{root, told};

/// Every crate of the workspace and those it sees, its tests included.
const ARROWS: [(&str, &[&str]); 7] = [
    ("tutti-core", &[]),
    ("tutti-sim", &["tutti-core"]),
    ("tutti-connect", &["tutti-core", "tutti-sim"]),
    ("tutti-llm", &["tutti-core"]),
    ("tutti-forge", &["tutti-core", "tutti-connect", "tutti-llm"]),
    ("tutti-cli", &["tutti-core", "tutti-connect", "tutti-sim"]),
    ("xtask", &[]),
];

/// All that the deciding crate is built on; `ts-rs` only where the pages' types are tested.
const CORE_NEEDS: [&str; 7] =
    ["base64", "miniz_oxide", "serde", "serde_json", "sha2", "thiserror", "ts-rs"];

/// What belongs to the browser's and Node's side, and therefore to `tutti-forge` alone.
const EDGE: [&str; 5] = ["gloo-net", "js-sys", "wasm-bindgen", "wasm-bindgen-futures", "web-sys"];

/// What the app is built on by decision, each with the name it has in source.
const FIXED: [(&str, &str); 8] = [
    ("gloo-net", "gloo_net::"),
    ("js-sys", "js_sys::"),
    ("serde", "serde::"),
    ("serde_json", "serde_json::"),
    ("thiserror", "thiserror::"),
    ("wasm-bindgen", "#[wasm_bindgen"),
    ("wasm-bindgen-futures", "wasm_bindgen_futures::"),
    ("web-sys", "web_sys::"),
];

/// Clocks, chance and names out of thin air: a run must be the same when it is told again.
const NEVER_IN_THE_MODULE: [&str; 6] = ["chrono", "getrandom", "rand", "time", "ulid", "uuid"];

type Names = BTreeSet<String>;

fn packages() -> Vec<Package> {
    let manifest = root().join("Cargo.toml");
    MetadataCommand::new().manifest_path(manifest).no_deps().exec().unwrap().packages
}

fn names(names: &[&str]) -> Names {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// What a crate declares, tests' own needs left out if only `shipped` counts.
fn declared(package: &Package, shipped: bool) -> Names {
    let counts = |kind| !shipped || kind != DependencyKind::Development;
    let dependencies = package.dependencies.iter().filter(|each| counts(each.kind));
    dependencies.map(|each| each.name.clone()).collect()
}

#[test]
fn every_crate_sees_those_below_it_and_no_other() {
    let expected: BTreeMap<String, Names> =
        ARROWS.iter().map(|(name, below)| ((*name).to_owned(), names(below))).collect();
    let packages = packages();
    let ours: Names = packages.iter().map(|package| package.name.to_string()).collect();
    let seen: BTreeMap<String, Names> = packages
        .iter()
        .map(|package| (package.name.to_string(), &declared(package, false) & &ours))
        .collect();
    assert_eq!(seen, expected);
}

#[test]
fn the_core_needs_little_else() {
    let packages = packages();
    let core = packages.iter().find(|package| package.name == "tutti-core").unwrap();
    assert_eq!(declared(core, true), names(&CORE_NEEDS));
    let typescript = core.dependencies.iter().find(|each| each.name == "ts-rs").unwrap();
    assert!(typescript.optional, "the core must build without ts-rs");
}

#[test]
fn only_the_edge_touches_javascript() {
    for package in packages() {
        let touched = &declared(&package, false) & &names(&EDGE);
        let expected = if package.name == "tutti-forge" { names(&EDGE) } else { Names::new() };
        assert_eq!(touched, expected, "{}", package.name);
        let is_module = package.targets.iter().any(|target| target.is_cdylib());
        assert_eq!(is_module, package.name == "tutti-forge", "{}", package.name);
    }
}

#[test]
fn the_simulated_world_is_never_shipped() {
    for package in packages() {
        let shipped = declared(&package, true).contains("tutti-sim");
        assert!(!shipped || package.name == "tutti-cli", "{}", package.name);
    }
}

#[test]
fn what_is_fixed_is_used_and_not_only_declared() {
    let tracked = told("git", &["ls-files", "crates/tutti-forge/src/*.rs"]);
    let lines: Vec<String> = tracked
        .lines()
        .flat_map(|file| {
            let text = fs::read_to_string(root().join(file)).unwrap();
            text.lines().map(|line| line.trim_start().to_owned()).collect::<Vec<_>>()
        })
        .filter(|line| !line.starts_with("//"))
        .collect();
    let packages = packages();
    let edge = packages.iter().find(|package| package.name == "tutti-forge").unwrap();
    for (name, word) in FIXED {
        assert!(declared(edge, true).contains(name), "{name} is not declared");
        assert!(lines.iter().any(|line| line.contains(word)), "{name} is declared but not used");
    }
}

#[test]
fn nothing_in_the_module_can_ask_for_time_or_chance() {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tree = told(
        cargo,
        &[
            "tree",
            "--package=tutti-forge",
            "--target=wasm32-unknown-unknown",
            "--edges=normal",
            "--prefix=none",
            "--format={p}",
        ],
    );
    let inside: Names =
        tree.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned).collect();
    assert!(inside.contains("wasm-bindgen"), "{inside:?}");
    assert_eq!(&inside & &names(&NEVER_IN_THE_MODULE), Names::new());
}
