//! `$adf`: text to an Atlassian document, valid whatever the text.
//! <https://developer.atlassian.com/cloud/jira/platform/apis/document/structure/>

use serde_json::{Value, json};

use super::markdown::{Block, Span, blocks, spans};

/// The document of a text.
pub fn document(text: &str) -> Value {
    let text = without_controls(text);
    let mut content: Vec<Value> = blocks(&text).iter().map(block).collect();
    if content.is_empty() {
        content.push(paragraph(&[]));
    }
    json!({ "type": "doc", "version": 1, "content": content })
}

/// One paragraph with the text of a table cell.
pub fn cell_paragraph(text: &str) -> Value {
    let text = without_controls(text);
    let lines: Vec<_> = text.lines().map(spans).collect();
    paragraph(&lines)
}

/// Products refuse control characters; line ends become one kind.
fn without_controls(text: &str) -> String {
    text.replace("\r\n", "\n")
        .chars()
        .filter(|c| matches!(c, '\n' | '\t') || !c.is_control())
        .collect()
}

fn block(block: &Block<'_>) -> Value {
    match block {
        Block::Paragraph(lines) => paragraph(lines),
        Block::Bullets(items) => {
            let item = |line: &Vec<Span<'_>>| {
                let words = paragraph(std::slice::from_ref(line));
                json!({ "type": "listItem", "content": [words] })
            };
            json!({ "type": "bulletList", "content": items.iter().map(item).collect::<Vec<_>>() })
        }
        Block::Code(language, lines) => {
            let mut node = json!({ "type": "codeBlock", "content": texts(&lines.join("\n")) });
            if let (false, Some(object)) = (language.is_empty(), node.as_object_mut()) {
                object.insert("attrs".into(), json!({ "language": language }));
            }
            node
        }
    }
}

fn paragraph(lines: &[Vec<Span<'_>>]) -> Value {
    let mut content = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if index > 0 {
            content.push(json!({ "type": "hardBreak" }));
        }
        content.extend(line.iter().map(span));
    }
    json!({ "type": "paragraph", "content": content })
}

fn span(span: &Span<'_>) -> Value {
    let marked = |text: &str, mark: Value| json!({ "type": "text", "text": text, "marks": [mark] });
    match span {
        Span::Plain(text) => json!({ "type": "text", "text": text }),
        Span::Bold(text) => marked(text, json!({ "type": "strong" })),
        Span::Code(text) => marked(text, json!({ "type": "code" })),
        Span::Link(text, href) => {
            marked(text, json!({ "type": "link", "attrs": { "href": href } }))
        }
    }
}

/// Text nodes may not be empty.
fn texts(text: &str) -> Vec<Value> {
    if text.is_empty() { Vec::new() } else { vec![json!({ "type": "text", "text": text })] }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::adf_text;
    use super::*;

    #[test]
    fn every_kind_of_block() {
        let expected = json!({ "type": "doc", "version": 1, "content": [
            { "type": "paragraph", "content": [
                { "type": "text", "text": "Hi" },
                { "type": "hardBreak" },
                { "type": "text", "text": "there", "marks": [{ "type": "strong" }] },
            ] },
            { "type": "bulletList", "content": [{ "type": "listItem", "content": [
                { "type": "paragraph", "content": [{
                    "type": "text", "text": "a",
                    "marks": [{ "type": "link", "attrs": { "href": "https://a.example" } }],
                }] },
            ] }] },
            { "type": "codeBlock", "attrs": { "language": "sh" },
              "content": [{ "type": "text", "text": "ls" }] },
        ] });
        assert_eq!(
            document("Hi\r\n**there**\n\n- [a](https://a.example)\n```sh\nls\n```"),
            expected
        );
        let empty = json!([{ "type": "paragraph", "content": [] }]);
        assert_eq!(document("\u{0} \n")["content"], empty);
    }

    /// What the schema asks of the nodes made here; the full schema judges in tests/contracts.
    fn assert_valid(node: &Value) {
        if node["type"] == "text" {
            assert!(node["text"].as_str().is_some_and(|text| !text.is_empty()));
        }
        if matches!(node["type"].as_str(), Some("bulletList" | "listItem" | "doc")) {
            assert!(node["content"].as_array().is_some_and(|content| !content.is_empty()));
        }
        node["content"].as_array().into_iter().flatten().for_each(assert_valid);
    }

    proptest! {
        #[test]
        fn any_text_is_a_valid_document_without_losing_words(
            text in "(\\PC|\n|- |\\*\\*|`|```|\\[a\\]\\(https://b\\)){0,40}"
        ) {
            let document = document(&text);
            assert_valid(&document);
            let read = adf_text::text(&document);
            let marks = |c: char| "*`[]()-•".contains(c) || c.is_whitespace() || c.is_control();
            let words = |text: &str| text.replace(marks, "");
            let written = words(&text.replace("](https://b)", "]"));
            let languages = text.contains("```");
            prop_assert!(languages || words(&read).replace("https://b", "") == written.replace("https://b", ""),
                "{read:?}");
        }
    }
}
