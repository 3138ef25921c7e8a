//! The little markdown people and models write: paragraphs, bullets, code, bold and links.
//! Anything else stays the text it is, so nothing written is ever lost.

/// A piece of a text that stands on its own lines.
#[derive(Debug, PartialEq)]
pub enum Block<'t> {
    /// Lines that belong together.
    Paragraph(Vec<Vec<Span<'t>>>),
    /// A bullet list.
    Bullets(Vec<Vec<Span<'t>>>),
    /// Code between fences, its language first.
    Code(&'t str, Vec<&'t str>),
}

/// A piece of a line.
#[derive(Debug, PartialEq)]
pub enum Span<'t> {
    /// Words.
    Plain(&'t str),
    /// Bold words.
    Bold(&'t str),
    /// Code.
    Code(&'t str),
    /// A link: its words and where it leads.
    Link(&'t str, &'t str),
}

/// Splits a text into blocks.
pub fn blocks(text: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    let mut interrupted = true;
    while let Some(line) = lines.next() {
        let trimmed = line.trim();
        if let Some(language) = trimmed.strip_prefix("```").filter(|rest| !rest.contains('`')) {
            let code = lines.by_ref().take_while(|line| line.trim() != "```").collect();
            blocks.push(Block::Code(language.trim(), code));
        } else if let Some(item) = bullet(trimmed) {
            match blocks.last_mut() {
                Some(Block::Bullets(items)) if !interrupted => items.push(spans(item)),
                _ => blocks.push(Block::Bullets(vec![spans(item)])),
            }
        } else if !trimmed.is_empty() {
            match blocks.last_mut() {
                Some(Block::Paragraph(lines)) if !interrupted => lines.push(spans(trimmed)),
                _ => blocks.push(Block::Paragraph(vec![spans(trimmed)])),
            }
        }
        interrupted = trimmed.is_empty();
    }
    blocks
}

fn bullet(line: &str) -> Option<&str> {
    let item = line.strip_prefix("- ").or_else(|| line.strip_prefix("* "))?.trim();
    (!item.is_empty()).then_some(item)
}

/// Splits a line into spans.
pub fn spans(line: &str) -> Vec<Span<'_>> {
    let mut spans = Vec::new();
    let (mut plain, mut at) = (0, 0);
    while let Some(rest) = line.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some((span, length)) = marked(rest, at == 0 || line.get(..at).is_some_and(ends_word))
        {
            spans.extend(line.get(plain..at).filter(|text| !text.is_empty()).map(Span::Plain));
            spans.push(span);
            at += length;
            plain = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    spans.extend(line.get(plain..).filter(|text| !text.is_empty()).map(Span::Plain));
    spans
}

fn ends_word(text: &str) -> bool {
    !text.ends_with(char::is_alphanumeric)
}

/// The marked span at the start of `rest`, and its length in bytes.
fn marked(rest: &str, word_starts: bool) -> Option<(Span<'_>, usize)> {
    if let Some(inner) = between(rest, "`", "`") {
        return Some((Span::Code(inner), inner.len() + 2));
    }
    if let Some(inner) = between(rest, "**", "**").filter(|inner| inner.trim() == *inner) {
        return Some((Span::Bold(inner), inner.len() + 4));
    }
    if let Some(words) = between(rest, "[", "](") {
        let href = between(rest.get(words.len() + 1..)?, "](", ")").filter(|href| is_link(href))?;
        return Some((Span::Link(words, href), words.len() + href.len() + 4));
    }
    if word_starts && (rest.starts_with("https://") || rest.starts_with("http://")) {
        let end = rest.find(|c: char| c.is_whitespace() || "<>\"`*|".contains(c));
        let href = rest.get(..end.unwrap_or(rest.len()))?;
        let href = href.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        return is_link(href).then_some((Span::Link(href, href), href.len()));
    }
    None
}

/// What stands between two marks, if the text starts with the first and something is in between.
fn between<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (inner, _) = text.strip_prefix(open)?.split_once(close)?;
    (!inner.is_empty()).then_some(inner)
}

/// Only links a reader may follow safely; a `javascript:` one stays text.
fn is_link(href: &str) -> bool {
    let schemes = ["https://", "http://", "mailto:"];
    schemes.iter().any(|scheme| href.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()))
        && !href.contains(|c: char| c.is_whitespace() || c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_and_spans() {
        use Block::{Bullets, Paragraph};
        use Span::*;
        let text = "See **both**, `x` and\n[the case](https://a.example/1).\n\n- one\n* two\n\n\
                    ```rust\nlet a = 1;\n```\n(https://b.example/2)";
        let expected = vec![
            Paragraph(vec![
                vec![Plain("See "), Bold("both"), Plain(", "), Code("x"), Plain(" and")],
                vec![Link("the case", "https://a.example/1"), Plain(".")],
            ]),
            Bullets(vec![vec![Plain("one")], vec![Plain("two")]]),
            Block::Code("rust", vec!["let a = 1;"]),
            Paragraph(vec![vec![
                Plain("("),
                Link("https://b.example/2", "https://b.example/2"),
                Plain(")"),
            ]]),
        ];
        assert_eq!(blocks(text), expected);
    }

    #[test]
    fn what_is_no_mark_stays_text() {
        for text in ["2 ** 3 ** 4", "a ` b", "[x](javascript:alert(1))", "[x]", "****", "xhttp://a"]
        {
            assert_eq!(spans(text), vec![Span::Plain(text)], "{text}");
        }
    }
}
