//! A YAML text as nodes that know where they are, or the first thing that keeps it from being one.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::Value;

use super::{SyntaxError, scalar};

/// How deep a document may be nested, as in most readers of JSON.
const DEPTH_MAX: usize = 128;
/// How much a document may say with its aliases spelled out: one for each value, and its letters.
const SAID_MAX: usize = 4_000_000;

/// Something a text says.
#[derive(Clone)]
pub struct Node {
    /// The bytes that are shown for it: its first word.
    pub at: Range<usize>,
    /// What it says.
    pub content: Content,
    /// How much that is.
    said: usize,
}

/// What a node says.
#[derive(Clone)]
pub enum Content {
    /// A text, a number, true, false or nothing.
    Scalar(Value),
    /// A list.
    List(Vec<Node>),
    /// Names, where they stand, and their values.
    Map(BTreeMap<String, (Range<usize>, Node)>),
}

/// Reads the one document of a text.
pub fn read(text: &str) -> Result<Node, SyntaxError> {
    if let Some((start, c)) = text.char_indices().find(|(at, c)| !may_stand(text, *at, *c)) {
        let message = format!("U+{:04X} cannot stand in a document", c as u32);
        let hint = "take it out, or write it as an escape in double quotes";
        return Err(SyntaxError {
            code: "yaml_character",
            message,
            hint,
            at: start..start + c.len_utf8(),
        });
    }
    let options = granit_parser::options! {
        // A list of lists within one line is looked through before any of it is told.
        flow_nesting_limit: usize::from(u16::MAX),
        block_nesting_limit: usize::from(u16::MAX),
    };
    let events = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader { text, events, anchors: BTreeMap::new(), said: 0 };
    let mut root = None;
    while let Some((event, span)) = reader.next()? {
        match event {
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd => {}
            _ if root.is_some() => {
                let hint = "keep each in a file of its own";
                let message = "there is more than one document here";
                return Err(reader.wrong("yaml_syntax", message, hint, span));
            }
            event => root = Some(reader.node(event, span, 0)?),
        }
    }
    let nothing = || Node { at: 0..0, content: Content::Scalar(Value::Null), said: 1 };
    Ok(root.unwrap_or_else(nothing))
}

/// YAML's printable characters; a carriage return ends a line only with a line feed.
fn may_stand(text: &str, at: usize, c: char) -> bool {
    match c {
        '\r' => text.get(at + 1..).is_some_and(|rest| rest.starts_with('\n')),
        '\t' | '\n' | '\u{85}' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        _ => !c.is_control(),
    }
}

struct Reader<'t> {
    text: &'t str,
    events: Parser<'t, StrInput<'t>>,
    /// What can be named again; nothing while it is still being read.
    anchors: BTreeMap<usize, Node>,
    /// How much was said so far.
    said: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, SyntaxError> {
        let hint = "check the indentation and the quotes around it";
        loop {
            match self.events.next() {
                None => return Ok(None),
                Some(Ok((Event::Comment(..), _))) => {}
                Some(Ok(read)) => return Ok(Some(read)),
                Some(Err(error)) => {
                    let span = Span::empty(*error.marker());
                    return Err(match error.kind() {
                        ErrorKind::UnknownAnchor => self.nameless(span),
                        _ => self.wrong("yaml_syntax", error.info(), hint, span),
                    });
                }
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, SyntaxError> {
        if depth > DEPTH_MAX {
            let message = format!("it is nested deeper than {DEPTH_MAX}");
            return Err(self.wrong("too_deep", message, "make it flatter", span));
        }
        let (before, at) = (self.said, self.word(span));
        self.said += 1;
        let (content, anchor) = match event {
            Event::Scalar(_, _, _, Some(_))
            | Event::SequenceStart(_, _, Some(_))
            | Event::MappingStart(_, _, Some(_)) => {
                let hint = "leave it out; a text is put in quotes";
                return Err(self.wrong(
                    "yaml_tag",
                    "tags such as `!!str` mean nothing here",
                    hint,
                    span,
                ));
            }
            Event::Alias(anchor) => return self.named(anchor, span),
            Event::Scalar(text, style, anchor, None) => {
                self.said += text.len();
                (Content::Scalar(self.scalar(&text, style, span)?), anchor)
            }
            Event::SequenceStart(_, anchor, None) => (self.list(depth)?, anchor),
            Event::MappingStart(_, anchor, None) => (self.map(depth)?, anchor),
            _ => return Err(self.wrong("yaml_syntax", "a value is needed here", "", span)),
        };
        let node = Node { at, content, said: self.said - before };
        self.within(span)?;
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    /// What an alias stands for.
    fn named(&mut self, anchor: usize, span: Span) -> Result<Node, SyntaxError> {
        let node = self.anchors.get(&anchor).cloned().ok_or_else(|| self.nameless(span))?;
        self.said += node.said;
        self.within(span)?;
        Ok(Node { at: self.word(span), ..node })
    }

    fn scalar(&self, text: &str, style: ScalarStyle, span: Span) -> Result<Value, SyntaxError> {
        if style != ScalarStyle::Plain {
            return Ok(text.into());
        }
        scalar::plain(text).ok_or_else(|| {
            let message = "this number cannot be kept exactly";
            let hint = "a number is at most 9007199254740991; put it in quotes if it is a text";
            self.wrong("yaml_number", message, hint, span)
        })
    }

    fn list(&mut self, depth: usize) -> Result<Content, SyntaxError> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::SequenceEnd) {
                break;
            }
            items.push(self.node(event, span, depth + 1)?);
        }
        Ok(Content::List(items))
    }

    fn map(&mut self, depth: usize) -> Result<Content, SyntaxError> {
        let mut members = BTreeMap::new();
        while let Some((event, span)) = self.next()? {
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let name = self.name(event, span)?;
            if members.contains_key(&name) {
                let message = format!("`{name}` is here twice");
                return Err(self.wrong("yaml_twice", message, "keep one of them", span));
            }
            let Some((event, value)) = self.next()? else { break };
            let value = self.node(event, value, depth + 1)?;
            members.insert(name, (self.word(span), value));
        }
        Ok(Content::Map(members))
    }

    /// A name is its text as it stands.
    fn name(&mut self, event: Event<'t>, span: Span) -> Result<String, SyntaxError> {
        match event {
            Event::Scalar(_, _, _, Some(_)) => self.node(event, span, 0).map(|_| String::new()),
            Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<" => {
                let hint = "write out what it would bring";
                Err(self.wrong("yaml_merge", "`<<` merges nothing here", hint, span))
            }
            // Nothing at all is told as `~`, too.
            Event::Scalar(text, style, anchor, None)
                if style != ScalarStyle::Plain || text != "~" =>
            {
                self.said += text.len();
                if anchor != 0 {
                    let content = Content::Scalar(text.as_ref().into());
                    let node = Node { at: self.word(span), content, said: text.len() };
                    self.anchors.insert(anchor, node);
                }
                Ok(text.into_owned())
            }
            _ => Err(self.wrong("yaml_name", "a name is one text", "write `name: value`", span)),
        }
    }

    /// What an alias names is not there, or not complete yet.
    fn nameless(&self, span: Span) -> SyntaxError {
        let at = self.word(span);
        let alias = self.text.get(at.clone()).unwrap_or_default();
        let message = format!("nothing before this is named by `{alias}`");
        let hint = "put it in quotes if it is a text";
        SyntaxError { code: "yaml_alias", message, hint, at }
    }

    fn within(&self, span: Span) -> Result<(), SyntaxError> {
        if self.said <= SAID_MAX {
            return Ok(());
        }
        let message = "with all that is named again by `*` it says too much";
        Err(self.wrong("yaml_too_much", message, "name less again", span))
    }

    fn wrong(
        &self,
        code: &'static str,
        message: impl Into<String>,
        hint: &'static str,
        span: Span,
    ) -> SyntaxError {
        SyntaxError { code, message: message.into(), hint, at: self.word(span) }
    }

    /// The bytes of the first word of a span: what spans lines is shown by where it begins.
    fn word(&self, span: Span) -> Range<usize> {
        let start = span.start.byte_offset().unwrap_or_default().min(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default().lines().next().unwrap_or_default();
        let width = rest.find([':', ',', '}', ']', ' ']).unwrap_or(rest.len()).max(1);
        start..(start + width).min(self.text.len())
    }
}
