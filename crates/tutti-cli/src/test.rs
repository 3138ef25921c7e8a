//! `tutti test`: plays stories and shows the first thing that is not as each of them says.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde::Serialize;
use tutti_core::problem::Problem;
use tutti_sim::play::{Difference, play};

use crate::report::Placed;
use crate::story::{Playable, StoryFile};
use crate::{files, told};

/// Plays stories.
#[derive(clap::Args)]
pub struct Test {
    /// YAML files, or folders that hold some
    #[arg(required = true, value_name = "STORY")]
    stories: Vec<PathBuf>,
    /// Say it as one JSON document
    #[arg(long)]
    json: bool,
}

/// What came of one story.
#[derive(Serialize)]
struct Tested {
    file: String,
    story: String,
    /// Whether it holds.
    ok: bool,
    /// How often it was played.
    plays: usize,
    /// What keeps it from being played.
    problems: Vec<Placed>,
    /// The first thing that is not as it says.
    difference: Option<Shown>,
    #[serde(skip)]
    text: String,
}

/// A difference and where in the story's file it is.
#[derive(Serialize)]
struct Shown {
    line: usize,
    column: usize,
    #[serde(flatten)]
    difference: Difference,
    #[serde(skip)]
    placed: Placed,
}

impl Test {
    /// Plays them all, says what is not as told, and whether anything is not.
    pub fn run(&self) -> ExitCode {
        let found = files::listed(&self.stories).into_iter();
        let (mut all, mut troubles) = (Vec::new(), Vec::new());
        for file in found {
            match file.and_then(|file| tested(&file)) {
                Ok(tested) => all.push(tested),
                Err(trouble) => troubles.push(trouble),
            }
        }
        told::progress("");
        if self.json {
            told::json(&serde_json::json!({ "stories": all, "unread": troubles }));
        } else {
            for_people(&all);
        }
        told::all(all.iter().all(|story| story.ok), &troubles)
    }
}

fn tested(path: &Path) -> Result<Tested, String> {
    let StoryFile { file, text, read } = StoryFile::open(path, None)?;
    let mut tested = Tested {
        file,
        story: String::new(),
        ok: false,
        plays: 0,
        problems: Vec::new(),
        difference: None,
        text,
    };
    match read.and_then(|playable| expects(playable, &tested.text)) {
        Err(problems) => tested.problems = problems,
        Ok(playable) => {
            tested.story.clone_from(&playable.story.story);
            let mut progress = |over, all| {
                tested.plays = over;
                told::progress(&format!("{}: {over} of {all}", tested.file));
            };
            match play(&playable.story, &playable.flow, &mut progress) {
                Ok(_) => tested.ok = true,
                Err(difference) => {
                    tested.plays += 1;
                    tested.difference = Some(shown(*difference, &playable, &tested.text));
                }
            }
        }
    }
    Ok(tested)
}

/// A story without a name or without something to expect proves nothing.
fn expects(playable: Playable, text: &str) -> Result<Playable, Vec<Placed>> {
    let lacks = |key: &str, hint: &str| {
        let problem = Problem::error("story", "", format!("`{key}` is missing here")).hint(hint);
        Err(vec![Placed::new(problem, 0..0, text)])
    };
    if playable.story.story.trim().is_empty() {
        return lacks("story", "say in one sentence what it shows");
    }
    if playable.story.expect.is_none() {
        return lacks("expect", "add `expect: { state: completed }`; `tutti run` needs none");
    }
    Ok(playable)
}

fn shown(difference: Difference, playable: &Playable, text: &str) -> Shown {
    let problem = Problem::error(difference.code, &difference.at, &difference.message)
        .hint(difference.hint.as_str());
    let mut placed = Placed::new(problem, playable.document.find(&difference.at), text);
    let mut when = format!("seen at {}", difference.moment);
    if !difference.variation.is_empty() {
        when.push_str(&format!(", when {}", difference.variation));
    }
    placed = placed.note(when);
    if !difference.before.is_empty() {
        placed = placed.note(format!("just before:\n{}", difference.before.join("\n")));
    }
    Shown { line: placed.line, column: placed.column, difference, placed }
}

fn for_people(tested: &[Tested]) {
    for story in tested {
        let shown = story.difference.as_ref().map(|shown| &shown.placed);
        for problem in story.problems.iter().chain(shown) {
            let problem = problem.render(&story.file, &story.text, told::colour());
            told::print(&format!("{problem}\n"));
        }
    }
    let plays: usize = tested.iter().map(|story| story.plays).sum();
    let times = if plays == 1 { "once".to_owned() } else { format!("{plays} times") };
    match (tested.iter().filter(|story| !story.ok).count(), tested.len()) {
        (_, 0) => {}
        (0, 1) => told::say(format!("The story holds; it was played {times}.")),
        (0, all) => told::say(format!("All {all} stories hold; they were played {times}.")),
        (_, 1) => told::say("The story does not hold."),
        (wrong, all) => told::say(format!("{wrong} of {all} stories do not hold.")),
    }
}
