//! `tutti run`: a dry run of a flow in a scripted world, told as people would see it.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::{Value, json};
use tutti_core::problem::Problem;
use tutti_sim::play::{Difference, Played, Question, Sent, Variation, line, moment, play_once};

use crate::report::Placed;
use crate::story::{Playable, StoryFile};
use crate::told;

/// Runs a flow dry.
#[derive(clap::Args)]
pub struct Run {
    /// The flow, a YAML file
    #[arg(value_name = "FLOW")]
    flow: PathBuf,
    /// The world it runs in: a story, of which only what is expected does not matter
    #[arg(long, value_name = "WORLD")]
    world: PathBuf,
    /// Say it as one JSON document
    #[arg(long)]
    json: bool,
}

impl Run {
    /// Runs it and tells what happened.
    pub fn run(&self) -> ExitCode {
        let opened = match StoryFile::open(&self.world, Some(&self.flow)) {
            Ok(opened) => opened,
            Err(trouble) => return told::trouble(&trouble, self.json),
        };
        let (played, wrong) = match opened.read {
            Err(problems) => (None, problems),
            Ok(playable) => {
                let played = play_once(&playable.story, &playable.flow, Variation::PLAIN);
                let wrong = played.difference.as_ref();
                let wrong = wrong.map(|it| placed(it, &playable, &opened.text));
                (Some(played), wrong.into_iter().collect())
            }
        };
        if self.json {
            told::json(&as_json(played.as_ref(), &wrong));
        } else {
            if let Some(played) = &played {
                for_people(played);
            }
            for problem in &wrong {
                let problem = problem.render(&opened.file, &opened.text, told::colour());
                told::print(&format!("\n{problem}"));
            }
        }
        told::ended(wrong.is_empty())
    }
}

fn placed(difference: &Difference, playable: &Playable, text: &str) -> Placed {
    let problem = Problem::error(difference.code, &difference.at, &difference.message)
        .hint(difference.hint.as_str());
    Placed::new(problem, playable.document.find(&difference.at), text)
}

fn as_json(played: Option<&Played>, wrong: &[Placed]) -> Value {
    let effects = played.map(|played| {
        let effects = played.effects.iter().map(|sent| {
            json!({"operation": sent.operation, "with": sent.input, "effect_key": sent.key, "at": sent.at})
        });
        effects.collect::<Vec<_>>()
    });
    json!({"run": played.map(|played| &played.view), "effects": effects, "problems": wrong})
}

fn for_people(played: &Played) {
    let view = &played.view;
    told::say(format!("{}, started by {}", view.name, view.started_by));
    told::say("");
    for entry in &view.timeline {
        told::say(format!("{}  {}", moment(entry.at), line(entry)));
    }
    let state = json!(view.state);
    let state = state.as_str().unwrap_or_default().replace('_', " ");
    let why = if view.reason.is_empty() { "" } else { ": " };
    told::say(format!("\nIt is {state}{why}{}.", view.reason));
    let spend = view.spend;
    let (calls, tokens) = (counted(spend.calls, "call"), counted(spend.tokens, "token"));
    told::say(format!("It made {calls} and used {tokens}."));
    list("Gaps", view.gaps.iter().cloned());
    let effect = |sent: &Sent| format!("{} {}", sent.operation, sent.input);
    list("Effects", played.effects.iter().map(effect));
    let asked = |question: &Question| {
        let who = if question.who.is_empty() { "somebody" } else { &question.who };
        let dash = if question.why.is_empty() { "" } else { " — " };
        format!("{who}: {}{dash}{}", question.title, question.why)
    };
    list("Questions", played.asked.iter().map(asked));
}

/// `1 call`, `2 calls`.
fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn list(title: &str, items: impl Iterator<Item = String>) {
    for (index, item) in items.enumerate() {
        if index == 0 {
            told::say(format!("\n{title}"));
        }
        told::say(format!("  {item}"));
    }
}
