//! A story file: read, with the flow it names, and every problem of either at its place.

use std::path::Path;

use serde_json::Value;
use tutti_core::flow::{DOCUMENT_BYTES_MAX, Flow};
use tutti_core::problem::{Problem, Severity};
use tutti_sim::story::{Story, over};

use crate::document::Document;
use crate::files;
use crate::report::Placed;

/// The most bytes a story may have.
const STORY_BYTES_MAX: usize = 1024 * 1024;

/// A story that can be played.
pub struct Playable {
    /// What its file says.
    pub story: Story,
    /// The flow it is about.
    pub flow: Flow,
    /// The way back to the lines of its file.
    pub document: Document,
}

/// A story's file, and what came of reading it.
pub struct StoryFile {
    /// The file, as it was named.
    pub file: String,
    /// What it holds.
    pub text: String,
    /// The story, or what is wrong with it.
    pub read: Result<Playable, Vec<Placed>>,
}

impl StoryFile {
    /// Reads a story; `flow` stands in for the one it names.
    ///
    /// # Errors
    /// The file cannot be looked at.
    pub fn open(path: &Path, flow: Option<&Path>) -> Result<Self, String> {
        let files::Text { file, text, too_large } = files::read(path, STORY_BYTES_MAX)?;
        let read = if too_large {
            let message = format!("a story can have {} KB", STORY_BYTES_MAX / 1024);
            let problem = Problem::error("too_large", "", message).hint("split it");
            Err(vec![Placed::new(problem, 0..0, &text)])
        } else {
            read(path, flow, &text)?
        };
        Ok(Self { file, text, read })
    }
}

fn read(
    path: &Path,
    flow: Option<&Path>,
    text: &str,
) -> Result<Result<Playable, Vec<Placed>>, String> {
    let document = match Document::read(text) {
        Ok(document) => document,
        Err(error) => return Ok(Err(vec![Placed::syntax(error, text)])),
    };
    let placed = |problems: Vec<Problem>| {
        let placed = problems.into_iter().map(|problem| {
            let problem = in_own_words(problem, &document.value);
            let place = document.find(&problem.at);
            Placed::new(problem, place, text)
        });
        let mut placed: Vec<Placed> = placed.collect();
        placed.sort_by_key(|problem| problem.place.start);
        placed
    };
    let whole = match like(path, &document.value)? {
        Ok(whole) => whole,
        Err(problem) => return Ok(Err(placed(vec![problem]))),
    };
    let story = match Story::read(&whole) {
        Ok(story) => story,
        Err(problems) => return Ok(Err(placed(problems))),
    };
    let flow = match flow_of(path, flow, &story)? {
        Ok(flow) => flow,
        Err(problems) => return Ok(Err(placed(problems))),
    };
    let problems = story.check(&flow, tutti_connect::catalogue());
    if !problems.is_empty() {
        return Ok(Err(placed(problems)));
    }
    Ok(Ok(Playable { story, flow, document }))
}

/// The story with what it has from the one that it is like.
fn like(path: &Path, own: &Value) -> Result<Result<Value, Problem>, String> {
    let Some(named) = own.get("like").and_then(Value::as_str) else { return Ok(Ok(own.clone())) };
    let wrong = |message: String, hint: &str| Problem::error("like", "/like", message).hint(hint);
    let read = files::read(&beside(path).join(named), STORY_BYTES_MAX)?;
    let mut base = match Document::read(&read.text) {
        Ok(document) => document.value,
        Err(error) => {
            let hint = "`tutti test` of that story shows where";
            return Ok(Err(wrong(format!("{} is no YAML: {error}", read.file), hint)));
        }
    };
    if base.get("like").is_some() {
        let message = format!("{} is itself like another story", read.file);
        return Ok(Err(wrong(message, "name that other one")));
    }
    // A path it gives is one from its own folder.
    if let Some(Value::String(flow)) = base.get_mut("flow") {
        *flow = beside(Path::new(named)).join(&flow).display().to_string();
    }
    Ok(Ok(over(base, own.clone())))
}

/// What is wrong with a key that only the story has that this one is like is told of that one.
fn in_own_words(problem: Problem, own: &Value) -> Problem {
    let key = problem.at.split('/').nth(1).unwrap_or_default();
    match own.get("like").and_then(Value::as_str).filter(|_| own.get(key).is_none()) {
        Some(like) => Problem {
            at: "/like".to_owned(),
            message: format!("in {like}: {}", problem.message),
            ..problem
        },
        None => problem,
    }
}

fn beside(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// The flow that is meant, or what is wrong with it; problems of a file of its own are told in
/// short, since they have no place in the story.
fn flow_of(
    path: &Path,
    instead: Option<&Path>,
    story: &Story,
) -> Result<Result<Flow, Vec<Problem>>, String> {
    let file = match (&story.flow, instead) {
        (_, Some(instead)) => instead.to_path_buf(),
        (Value::String(named), None) => beside(path).join(named),
        (Value::Null, None) => {
            let hint = "add `flow: ../templates/my-flow.yaml`";
            let problem = Problem::error("story", "", "`flow` is missing here").hint(hint);
            return Ok(Err(vec![problem]));
        }
        (document, None) => {
            let linked = Flow::link(document, tutti_connect::catalogue());
            let below =
                |problem: Problem| Problem { at: format!("/flow{}", problem.at), ..problem };
            return Ok(linked.map_err(|problems| problems.into_iter().map(below).collect()));
        }
    };
    let named = |trouble: String| match instead {
        None => format!("{}: its flow cannot be read: {trouble}", path.display()),
        Some(_) => trouble,
    };
    let read = files::read(&file, DOCUMENT_BYTES_MAX).map_err(named)?;
    let wrong = |message: String| {
        let hint = format!("`tutti check {}` shows it", read.file);
        let message = format!("{} cannot be run: {message}", read.file);
        vec![Problem::error("flow", "/flow", message).hint(hint)]
    };
    if read.too_large {
        return Ok(Err(wrong(format!("a flow can have {} KB", DOCUMENT_BYTES_MAX / 1024))));
    }
    let document = match Document::read(&read.text) {
        Ok(document) => document,
        Err(error) => return Ok(Err(wrong(error.message))),
    };
    let linked = Flow::link(&document.value, tutti_connect::catalogue());
    let first = |problems: Vec<Problem>| {
        let mut errors = problems.into_iter().filter(|one| one.severity == Severity::Error);
        errors.next().map(|first| first.message)
    };
    Ok(linked.map_err(|problems| wrong(first(problems).unwrap_or_default())))
}
