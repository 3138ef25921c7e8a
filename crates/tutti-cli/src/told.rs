//! How a command ends: what it says, and its exit code.

use std::io::{self, IsTerminal};
use std::process::ExitCode;

/// Says why a command could not be carried out.
pub fn trouble(trouble: &str) -> ExitCode {
    eprintln!("tutti: {trouble}");
    ExitCode::from(2)
}

/// Ends with 0 if all is well, else with 1.
pub fn ended(well: bool) -> ExitCode {
    ExitCode::from(u8::from(!well))
}

/// Whether people look at what is printed, and may see colours.
pub fn colour() -> bool {
    io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Says how far long work is, on a terminal and nowhere else; an empty text takes it away.
pub fn progress(text: &str) {
    if io::stderr().is_terminal() {
        eprint!("\r{text}\u{1b}[K");
    }
}
