//! How a command speaks and ends: what it prints, and its exit code.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::{self, ExitCode};

use serde::Serialize;
use serde_json::json;

/// The exit code of a command that could not be carried out.
const NOT_DONE: u8 = 2;

/// Says why a command could not be carried out; programs that want JSON get it, too.
pub fn trouble(trouble: &str, as_json: bool) -> ExitCode {
    if as_json {
        json(&json!({"error": {"code": "not_done", "message": trouble}}));
    }
    complain(trouble);
    ExitCode::from(NOT_DONE)
}

/// Says what is in the way, beside what is asked for. Where even that cannot be said, the exit code
/// tells.
pub fn complain(trouble: &str) {
    let _ = writeln!(io::stderr(), "tutti: {}", visible(&trouble.replace('\n', " ")));
}

/// Ends with 0 if all is well, else with 1.
pub fn ended(well: bool) -> ExitCode {
    ExitCode::from(u8::from(!well))
}

/// Ends what was done for many files: with 2 if some could not be looked at, and says why.
pub fn all(well: bool, troubles: &[String]) -> ExitCode {
    troubles.iter().for_each(|trouble| complain(trouble));
    if troubles.is_empty() { ended(well) } else { ExitCode::from(NOT_DONE) }
}

/// Whether people look at what is printed, and may see colours.
pub fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Says how far long work is, on a terminal and nowhere else; an empty text takes it away.
pub fn progress(text: &str) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        // Work goes on though nobody is told how far it is.
        let _ = write!(stderr, "\r{}\u{1b}[K", visible(text)).and_then(|()| stderr.flush());
    }
}

/// One line for people, or a blank one before it.
pub fn say(line: impl AsRef<str>) {
    let line = line.as_ref();
    let (blank, line) = line.strip_prefix('\n').map_or(("", line), |line| ("\n", line));
    print(&format!("{blank}{}", visible(&line.replace('\n', " "))));
}

/// A document for programs.
pub fn json(value: &impl Serialize) {
    print(&format!("{:#}", json!(value)));
}

/// Lines as they are: they hold nothing that steers a terminal but colours of ours.
pub fn print(lines: &str) {
    let Err(error) = writeln!(io::stdout(), "{lines}") else { return };
    // Who stopped reading, as `head` does, knows why.
    if error.kind() != ErrorKind::BrokenPipe {
        complain(&format!("what there is to say cannot be written: {error}"));
    }
    process::exit(NOT_DONE.into());
}

/// A text to be shown. What customers wrote may hold characters that move a terminal's cursor or
/// turn the order of letters around; they are shown, not obeyed.
pub fn visible(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The same with as many bytes, so that places in it stay where they are.
pub fn visible_in_place(text: &str) -> String {
    let shown = |c: char| match c.len_utf8() {
        _ if !steers(c) || c == '\t' || c == '\r' => c,
        1 => '?',
        2 => '·',
        _ => '\u{fffd}',
    };
    text.chars().map(shown).collect()
}

fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}')
        || matches!(c, '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_a_terminal_is_shown() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}b\n\u{2066}\u{7f}ü";
        assert_eq!(visible(text), "a\u{fffd}[2J\u{fffd}\u{fffd}b\n\u{fffd}\u{fffd}ü");
        let in_place = visible_in_place(text);
        assert_eq!(in_place, "a?[2J·\u{fffd}b\n\u{fffd}?ü");
        assert_eq!(in_place.len(), text.len());
    }
}
