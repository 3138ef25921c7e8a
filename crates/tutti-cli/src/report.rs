//! What is said about problems: for people with the lines they are about, for programs as JSON.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;
use tutti_core::problem::{Problem, Severity};

use crate::document::SyntaxError;
use crate::told::{visible, visible_in_place};

/// A problem and where in the text it is.
#[derive(Debug, Serialize)]
pub struct Placed {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
    /// The problem.
    #[serde(flatten)]
    pub problem: Problem,
    /// The bytes it is about.
    #[serde(skip)]
    pub place: Range<usize>,
    /// What else there is to know; programs get it in other ways.
    #[serde(skip)]
    notes: Vec<String>,
}

impl Placed {
    /// A problem at these bytes of a text.
    pub fn new(problem: Problem, place: Range<usize>, text: &str) -> Self {
        let before = text.get(..place.start).unwrap_or(text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        Self { line, column, problem, place, notes: Vec::new() }
    }

    /// What keeps a text from being YAML.
    pub fn syntax(error: SyntaxError, text: &str) -> Self {
        Self::new(Problem::error(error.code, "", error.message).hint(error.hint), error.at, text)
    }

    /// The same with something else to know.
    pub fn note(mut self, note: String) -> Self {
        self.notes.push(note);
        self
    }

    /// Whether it keeps the flow from being enabled.
    pub fn is_error(&self) -> bool {
        self.problem.severity == Severity::Error
    }

    /// The problem with its line of the text, and what to do about it.
    pub fn render(&self, file: &str, text: &str, colour: bool) -> String {
        let level = if self.is_error() { Level::ERROR } else { Level::WARNING };
        let (file, text) = (visible(file), visible_in_place(text));
        let Problem { message, hint, code, .. } = &self.problem;
        let notes: Vec<String> = self.notes.iter().map(|note| visible(note)).collect();
        let (message, hint) = (visible(message), visible(hint));
        let snippet = Snippet::source(text.as_str())
            .path(file.as_str())
            .annotation(AnnotationKind::Primary.span(self.place.clone()).label(code.as_str()));
        let mut group = level.primary_title(message.as_str()).element(snippet);
        for note in &notes {
            group = group.element(Level::NOTE.message(note.as_str()));
        }
        if !hint.is_empty() {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}
