//! The planted bugs still fit the engine: each patch says what it breaks, and applies.
//! `scripts/mutants` shows that the simulation finds them.

#![cfg(test)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// How many there are at least.
const LEAST: usize = 8;

#[test]
fn every_planted_bug_applies() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let found = fs::read_dir(root.join("tests/mutations")).unwrap();
    let patches: Vec<_> = found.map(|entry| entry.unwrap().path()).collect();
    assert!(patches.len() >= LEAST, "{patches:?}");
    for patch in patches {
        let text = fs::read_to_string(&patch).unwrap();
        let sentence = text.lines().next().unwrap();
        assert!(sentence.ends_with('.') && !sentence.starts_with("---"), "{patch:?}: {sentence}");
        let git = Command::new("git")
            .args(["apply", "--check", "-C1"])
            .arg(&patch)
            .current_dir(&root)
            .output()
            .unwrap();
        assert!(git.status.success(), "{patch:?}: {}", String::from_utf8_lossy(&git.stderr));
    }
}
