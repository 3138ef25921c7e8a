//! What every file owes its reader: a first sentence that says why it exists, and nothing that
//! only means something on the machine it was written on.

use std::fs;

use serde_json::Value;

use super::{root, told};

/// Files in the repository, with their text; pictures and the like are left out.
fn tracked() -> Vec<(String, String)> {
    let names = told("git", &["ls-files", "-z"]);
    let names = names.split_terminator('\0');
    names
        .filter_map(|name| Some((name.to_owned(), fs::read_to_string(root().join(name)).ok()?)))
        .collect()
}

/// Whether people read this file as a program. Styles belong to the component beside them.
fn is_source(name: &str) -> bool {
    [".cjs", ".js", ".mjs", ".mts", ".rs", ".ts", ".tsx"].iter().any(|end| name.ends_with(end))
}

/// The comment a file begins with, up to the first line that is none.
fn opening(text: &str) -> String {
    let lines = text.lines().skip_while(|line| line.starts_with("#!"));
    let comment = lines.map_while(|line| {
        let line = line.trim();
        ["//!", "//", "/**", "*/", "/*", "*"].iter().find_map(|sign| line.strip_prefix(sign))
    });
    comment.collect::<Vec<_>>().join(" ").trim().to_owned()
}

#[test]
fn every_source_opens_with_why_it_exists() {
    let sources: Vec<_> = tracked().into_iter().filter(|(name, _)| is_source(name)).collect();
    assert!(sources.len() > 100, "{} sources", sources.len());
    let silent: Vec<String> = sources
        .into_iter()
        .filter(|(_, text)| {
            let opening = opening(text);
            let is_sentence = opening.split_whitespace().count() >= 4
                && opening.contains(['.', ':', '?', ';'])
                && !opening.starts_with("eslint")
                && !opening.starts_with('@');
            !is_sentence
        })
        .map(|(name, _)| name)
        .collect();
    assert_eq!(silent, [""; 0], "these do not say why they exist");
}

#[test]
fn nothing_is_left_for_later_or_for_one_machine() {
    // In pieces, so that this file does not find itself.
    let words = [
        ["TO", "DO"],
        ["FIX", "ME"],
        ["XX", "X:"],
        ["registry.", "npmjs"],
        ["registry.", "yarnpkg"],
        ["static.", "crates.io"],
        ["index.", "crates.io"],
        ["pypi.", "org"],
        ["proxy.", "golang"],
        ["artifact", "ory"],
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
    ]
    .map(|pieces| pieces.concat());
    let mut found = Vec::new();
    for (name, text) in tracked() {
        for (number, line) in text.lines().enumerate() {
            for word in words.iter().filter(|word| stands_alone(line, word)) {
                found.push(format!("{name}:{}: {word}", number + 1));
            }
        }
    }
    assert_eq!(found, [""; 0]);
}

/// Whether the word is there and not the end of a longer one, as in `network/` or a URL's path.
fn stands_alone(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line.get(..at).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "_.*~}".contains(c))
    })
}

/// The npm packages of this repository: their folders, ending in `/`, and their lock files.
fn locked() -> Vec<(String, String)> {
    let locks = tracked().into_iter().filter_map(|(name, text)| {
        name.strip_suffix("package-lock.json").map(|folder| (folder.to_owned(), text))
    });
    let locks: Vec<_> = locks.collect();
    assert!(!locks.is_empty());
    locks
}

#[test]
fn lock_files_name_no_place_to_fetch_from() {
    for (folder, lock) in locked() {
        assert!(!lock.contains("\"resolved\": \"http"), "{folder}package-lock.json names hosts");
        let settings = fs::read_to_string(root().join(&folder).join(".npmrc")).unwrap_or_default();
        let kept_out = settings.contains("omit-lockfile-registry-resolved=true");
        assert!(kept_out, "{folder}.npmrc lets hosts into the next lock file");
    }
}

#[test]
fn lock_files_fit_their_packages() {
    for (folder, lock) in locked() {
        let package = fs::read_to_string(root().join(&folder).join("package.json")).unwrap();
        let package: Value = serde_json::from_str(&package).unwrap();
        let lock: Value = serde_json::from_str(&lock).unwrap();
        for kind in ["dependencies", "devDependencies", "optionalDependencies"] {
            let locked = &lock["packages"][""][kind];
            assert_eq!(&package[kind], locked, "{folder}package.json: `npm ci` would refuse");
        }
    }
}
