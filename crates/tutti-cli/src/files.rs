//! The files a command is given: found in folders, and read up to a size.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// A text as it was read.
pub struct Text {
    /// The file, as it was named.
    pub file: String,
    /// What it holds, or its beginning.
    pub text: String,
    /// Whether it holds more than may be.
    pub too_large: bool,
}

/// The files that are meant: those given, and the YAML files of folders given; or why there are none.
pub fn listed(given: &[PathBuf]) -> Vec<Result<PathBuf, String>> {
    let mut files = Vec::new();
    for given in given {
        let shown = given.display();
        match given.is_dir().then(|| below(given)) {
            None => files.push(Ok(given.clone())),
            Some(Ok(found)) if found.is_empty() => {
                files.push(Err(format!("{shown}: there is no YAML file in it")));
            }
            Some(Ok(found)) => files.extend(found.into_iter().map(Ok)),
            Some(Err(error)) => files.push(Err(format!("{shown}: {error}"))),
        }
    }
    // What is named twice, itself and by its folder, is one file.
    let mut seen = BTreeSet::new();
    files.retain(|file| match file {
        Ok(path) => seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone())),
        Err(_) => true,
    });
    files
}

/// The YAML files of a folder and of those in it, in the order of their names.
fn below(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries: Vec<PathBuf> = folder
        .read_dir()?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    entries.sort();
    let mut files = Vec::new();
    for entry in entries {
        if entry.is_dir() && !entry.is_symlink() {
            files.extend(below(&entry)?);
        } else if is_yaml(&entry) && !is_no_file(&entry) {
            files.push(entry);
        }
    }
    Ok(files)
}

fn is_yaml(path: &Path) -> bool {
    let is_like = |kind: &OsStr| ["yaml", "yml"].iter().any(|it| kind.eq_ignore_ascii_case(it));
    path.extension().is_some_and(is_like)
}

/// Whether it is there and is something else than a file: a pipe would be waited for without end.
fn is_no_file(path: &Path) -> bool {
    path.metadata().is_ok_and(|found| !found.is_file())
}

/// Reads a text of at most so many bytes.
pub fn read(path: &Path, bytes_max: usize) -> Result<Text, String> {
    let file = path.display().to_string();
    let trouble = |error: io::Error| format!("{file}: {error}");
    let mut bytes = Vec::new();
    // One byte more than it may have tells that it has too many.
    let limit = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    File::open(path).map_err(trouble)?.take(limit).read_to_end(&mut bytes).map_err(trouble)?;
    let too_large = bytes.len() > bytes_max;
    let text = match String::from_utf8(bytes) {
        Ok(text) => text,
        // A text that was cut may end within a character.
        Err(error) if too_large => String::from_utf8_lossy(error.as_bytes()).into_owned(),
        Err(_) => return Err(format!("{file}: this is no text in UTF-8")),
    };
    Ok(Text { file, text, too_large })
}
