//! `tutti simulate`: a flow played again and again, each time in other weather: what came of it, what
//! was never reached, and whether every promise of the engine held.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::json;
use tutti_core::flow::{DOCUMENT_BYTES_MAX, Flow};
use tutti_core::problem::Problem;
use tutti_sim::play::{line, moment};
use tutti_sim::random::{End, Played, Rehearsal, Rehearsed, Scenario, play, rehearse};
use tutti_sim::story::Story;

use crate::document::Document;
use crate::report::Placed;
use crate::story::StoryFile;
use crate::{files, told};

/// How many reasons of one end are told.
const REASONS: usize = 5;

/// Plays a flow in bad weather.
#[derive(clap::Args)]
pub struct Simulate {
    /// The flow, a YAML file
    #[arg(value_name = "FLOW")]
    flow: PathBuf,
    /// The world it is played in: a story. Without one, operations answer as in their examples
    #[arg(long, value_name = "WORLD")]
    world: Option<PathBuf>,
    /// How often it is played
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    seeds: u64,
    /// Plays this seed alone and tells all of it
    #[arg(long, value_name = "SEED", conflicts_with = "seeds")]
    seed: Option<u64>,
    /// Say it as one JSON document
    #[arg(long)]
    json: bool,
}

/// A rehearsal, or what is wrong with a file: the file, its text, and the problems.
type Opened = Result<Rehearsal, (String, String, Vec<Placed>)>;

impl Simulate {
    /// Plays it and tells what came of it.
    pub fn run(&self) -> ExitCode {
        let opened = match &self.world {
            Some(world) => in_world(&self.flow, world),
            None => among_examples(&self.flow),
        };
        match opened {
            Err(trouble) => told::trouble(&trouble, self.json),
            Ok(Err((file, text, problems))) => self.wrong(&file, &text, &problems),
            Ok(Ok(rehearsal)) => self.play(&Arc::new(rehearsal)),
        }
    }

    fn wrong(&self, file: &str, text: &str, problems: &[Placed]) -> ExitCode {
        if self.json {
            told::json(&json!({ "problems": problems }));
        } else {
            for problem in problems {
                told::print(&format!("{}\n", problem.render(file, text, told::colour())));
            }
        }
        told::ended(false)
    }

    fn play(&self, rehearsal: &Arc<Rehearsal>) -> ExitCode {
        if let Some(seed) = self.seed {
            let played = play(&Scenario::of(seed, rehearsal), true);
            self.tell_one(seed, &played);
            return told::ended(played.broken.is_none());
        }
        let over = AtomicU64::new(0);
        let progress = |_| {
            let over = over.fetch_add(1, Ordering::Relaxed) + 1;
            told::progress(&format!("{over} of {}", self.seeds));
        };
        let threads = thread::available_parallelism().map_or(1, usize::from);
        let rehearsed = rehearse(rehearsal, 0..self.seeds, threads, &progress);
        told::progress("");
        if self.json {
            told::json(&rehearsed);
        } else {
            self.tell_all(&rehearsed, rehearsal.flow());
        }
        told::ended(rehearsed.broken.is_empty())
    }

    fn tell_all(&self, rehearsed: &Rehearsed, flow: &Flow) {
        told::say(format!(
            "{}, played {} times, each in other weather",
            flow.name, rehearsed.seeds
        ));
        told::say("");
        for (state, end) in &rehearsed.ends {
            tell_end(state, end);
        }
        counted("\nWhat could not be done, and how often", &rehearsed.gaps);
        let never = rehearsed.never_reached();
        if !never.is_empty() {
            told::say(format!("\nNever reached: {}", never.join(", ")));
        }
        told::say(format!("\nThe most calls of one run: {}", calls(rehearsed, flow)));
        for (seed, broken) in &rehearsed.broken {
            told::say(format!("\nA promise was broken in seed {seed}: {broken}"));
            told::say("This is a fault of Tutti, not of the flow: please report it.");
        }
        if rehearsed.broken.is_empty() {
            told::say(format!("Every promise of the engine held, in {} checks.", rehearsed.tested));
        }
        let world = self.world.as_ref().map(|world| format!(" --world {}", world.display()));
        told::say(format!(
            "\nOne of them, told in full: tutti simulate {}{} --seed 0",
            self.flow.display(),
            world.unwrap_or_default()
        ));
    }

    fn tell_one(&self, seed: u64, played: &Played) {
        let broken = played.broken.as_ref().map(ToString::to_string);
        if self.json {
            let told =
                json!({"seed": seed, "run": played.view, "trace": played.trace, "broken": broken});
            told::json(&told);
            return;
        }
        told::say("What happened around it");
        told::say("");
        for line in &played.trace {
            told::say(line);
        }
        if let Some(view) = &played.view {
            told::say("\nWhat people see");
            told::say("");
            for entry in &view.timeline {
                told::say(format!("{}  {}", moment(entry.at), line(entry)));
            }
            told::say(format!("\nIt is {}: {}.", words(&json!(view.state)), view.reason));
        }
        match broken {
            None => told::say("Every promise of the engine held."),
            Some(broken) => told::say(format!("A promise was broken: {broken}")),
        }
    }
}

/// The most calls beside what the budget has: not all are counted against it.
fn calls(rehearsed: &Rehearsed, flow: &Flow) -> String {
    let (made, budget) = (rehearsed.calls, flow.budget.calls);
    if made <= budget {
        return format!("{made} of {budget} that it may make");
    }
    format!("{made}, more than its budget of {budget}: undo, and what is done last, has its own")
}

fn tell_end(state: &str, end: &End) {
    told::say(format!("{:6}  {state}, first in seed {}", end.seeds, end.first));
    let mut reasons: Vec<(&String, &u64)> = end.reasons.iter().collect();
    reasons.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
    for (reason, count) in reasons.iter().take(REASONS) {
        told::say(format!("        {count:6}  {reason}"));
    }
    if reasons.len() > REASONS {
        told::say(format!("                and for {} more reasons", reasons.len() - REASONS));
    }
}

fn counted(title: &str, all: &BTreeMap<String, u64>) {
    for (index, (name, count)) in all.iter().enumerate() {
        if index == 0 {
            told::say(title);
            told::say("");
        }
        told::say(format!("{count:6}  {name}"));
    }
}

fn words(state: &serde_json::Value) -> String {
    state.as_str().unwrap_or_default().replace('_', " ")
}

/// The flow in the world of a story.
fn in_world(flow: &Path, world: &Path) -> Result<Opened, String> {
    let opened = StoryFile::open(world, Some(flow))?;
    Ok(match opened.read {
        Err(problems) => Err((opened.file, opened.text, problems)),
        Ok(it) => Ok(Rehearsal::new(it.flow, it.story, &tutti_connect::example_outputs())),
    })
}

/// The flow in a world that nobody has written.
fn among_examples(path: &Path) -> Result<Opened, String> {
    let files::Text { file, text, too_large } = files::read(path, DOCUMENT_BYTES_MAX)?;
    if too_large {
        let message = format!("a flow can have {} KB", DOCUMENT_BYTES_MAX / 1024);
        let problem = Problem::error("too_large", "", message).hint("split it");
        return Ok(Err((file, String::new(), vec![Placed::new(problem, 0..0, "")])));
    }
    let document = match Document::read(&text) {
        Ok(document) => document,
        Err(error) => {
            let problem = Placed::syntax(error, &text);
            return Ok(Err((file, text, vec![problem])));
        }
    };
    let placed = |problems: Vec<Problem>| {
        let placed = problems.into_iter().map(|problem| {
            let place = document.find(&problem.at);
            Placed::new(problem, place, &text)
        });
        placed.collect::<Vec<_>>()
    };
    let flow = Flow::link(&document.value, tutti_connect::catalogue());
    let story = Story::read(&Rehearsal::made_up(&document.value));
    let problems = match (flow, story) {
        (Ok(flow), Ok(story)) => {
            return Ok(Ok(Rehearsal::new(flow, story, &tutti_connect::example_outputs())));
        }
        (Err(problems), _) | (_, Err(problems)) => placed(problems),
    };
    Ok(Err((file, text, problems)))
}
