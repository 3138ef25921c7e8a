//! The `tutti` command: what flow authors run where their flows are kept.

mod check;
mod diff;
mod document;
mod files;
mod replay;
mod report;
mod run;
mod schema;
mod simulate;
mod story;
mod test;
mod told;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXIT_CODES: &str = "Exit codes: 0 all is well; 1 something is wrong with a flow or a case \
                          file, a story does not hold, or two flows differ; 2 the command could \
                          not be carried out.";

/// Checks and tries Tutti flows that are kept as YAML files, and replays runs.
#[derive(Parser)]
#[command(name = "tutti", version, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Says what is wrong with flows: every problem with its line and a hint.
    Check(check::Check),
    /// Verifies a case file and shows its run: at any event, or with a fact changed.
    Replay(replay::Replay),
    /// Plays stories: flows in scripted worlds, and what must come of them.
    Test(test::Test),
    /// Runs a flow dry, in the scripted world of a story.
    Run(run::Run),
    /// Plays a flow many times in bad weather: what came of it, and what was never reached.
    Simulate(simulate::Simulate),
    /// Says in words what changed between two versions of a flow.
    Diff(diff::Diff),
    /// Prints the JSON Schema of flows or of stories.
    Schema(schema::Schema),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    match arguments.command {
        Command::Check(check) => check.run(),
        Command::Replay(replay) => replay.run(),
        Command::Test(test) => test.run(),
        Command::Run(run) => run.run(),
        Command::Simulate(simulate) => simulate.run(),
        Command::Diff(diff) => diff.run(),
        Command::Schema(schema) => schema.run(),
    }
}

/// Says how a command is written; programs that want JSON get what is wrong, too.
fn misused(error: &clap::Error) -> ExitCode {
    let wants_json = std::env::args_os().any(|argument| argument == "--json");
    if error.use_stderr() && wants_json {
        let text = error.to_string();
        // What is wrong ends where the usage, or a tip, begins.
        let lines = text.lines().map(str::trim).take_while(|line| !line.is_empty());
        let first = lines.collect::<Vec<_>>().join(" ");
        let message = first.strip_prefix("error: ").unwrap_or(&first);
        told::json(&serde_json::json!({"error": {"code": "usage", "message": message}}));
    }
    // Where even that cannot be said, the exit code tells.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}
