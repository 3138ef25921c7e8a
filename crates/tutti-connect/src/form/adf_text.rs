//! `$adf_text`: an Atlassian document to text a person or a model can read, without losing words.

use serde_json::Value;
use tutti_core::failure::Failure;

/// The form: a document as an object, or as the JSON string Confluence gives.
pub fn form(value: &Value) -> Result<Value, Failure> {
    match value {
        Value::String(json) => match serde_json::from_str(json) {
            Ok(document) => Ok(text(&document).into()),
            Err(error) => Err(Failure::Malformed { reason: format!("no ADF document: {error}") }),
        },
        document => Ok(text(document).into()),
    }
}

/// The text of a node: one line per block, table cells side by side.
pub fn text(node: &Value) -> String {
    let mut text = String::new();
    write(node, "", &mut text);
    text.trim_end().to_owned()
}

fn write(node: &Value, indent: &str, out: &mut String) {
    match node.get("type").and_then(Value::as_str).unwrap_or_default() {
        "text" => out.push_str(words(node, "/text")),
        "hardBreak" => out.push('\n'),
        "mention" | "status" => out.push_str(words(node, "/attrs/text")),
        "emoji" => match words(node, "/attrs/text") {
            "" => out.push_str(words(node, "/attrs/shortName")),
            symbol => out.push_str(symbol),
        },
        "date" => out.push_str(words(node, "/attrs/timestamp")),
        "inlineCard" | "blockCard" | "embedCard" => out.push_str(words(node, "/attrs/url")),
        "expand" | "nestedExpand" => {
            line(words(node, "/attrs/title"), out);
            children(node, indent, out);
        }
        "tableRow" => {
            let cells = content(node).iter().map(text).collect::<Vec<_>>();
            line(&cells.join(" | "), out);
        }
        "listItem" | "taskItem" | "decisionItem" => {
            start_line(out);
            out.push_str(indent);
            out.push_str("- ");
            children(node, &format!("{indent}  "), out);
            start_line(out);
        }
        "paragraph" | "heading" | "codeBlock" | "caption" => {
            if !out.ends_with("- ") {
                start_line(out);
            }
            children(node, indent, out);
            start_line(out);
        }
        _ => children(node, indent, out),
    }
}

fn children(node: &Value, indent: &str, out: &mut String) {
    content(node).iter().for_each(|child| write(child, indent, out));
}

fn content(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn words<'n>(node: &'n Value, pointer: &str) -> &'n str {
    node.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn line(text: &str, out: &mut String) {
    start_line(out);
    out.push_str(text);
    start_line(out);
}

fn start_line(out: &mut String) {
    if !out.is_empty() && !out.ends_with('\n') {
        out.push('\n');
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_tables_and_inline_things() {
        let paragraph = |content: Value| json!({ "type": "paragraph", "content": content });
        let words = |text: &str| json!({ "type": "text", "text": text });
        let cell = |text: &str| json!({ "type": "tableCell", "content": [paragraph(json!([words(text)]))] });
        let item = |content: Value| json!({ "type": "listItem", "content": content });
        let inner = json!({ "type": "bulletList", "content": [item(json!([paragraph(json!([words("b")]))]))] });
        let document = json!({ "type": "doc", "version": 1, "content": [
            paragraph(json!([
                words("Hi "), { "type": "mention", "attrs": { "id": "1", "text": "@ben" } },
                { "type": "hardBreak" }, { "type": "emoji", "attrs": { "shortName": ":smile:" } },
            ])),
            { "type": "bulletList", "content": [item(json!([paragraph(json!([words("a")])), inner]))] },
            { "type": "table", "content": [{ "type": "tableRow", "content": [cell("x"), cell("y")] }] },
        ] });
        assert_eq!(text(&document), "Hi @ben\n:smile:\n- a\n  - b\nx | y");
        assert_eq!(form(&document.to_string().into()), Ok(text(&document).into()));
        assert!(form(&"no json".into()).is_err());
    }

    /// The words of every text node, wherever it stands.
    fn words_of(node: &Value) -> Vec<String> {
        let own = node.get("text").and_then(Value::as_str).unwrap_or_default();
        let own = own.split_whitespace().map(str::to_owned);
        own.chain(content(node).iter().flat_map(words_of)).collect()
    }

    #[test]
    fn documents_of_other_people_lose_no_word() {
        let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contracts");
        let contracts = std::env::var_os("TUTTI_CONTRACTS").unwrap_or_else(|| beside.into());
        let folder = std::path::Path::new(&contracts).join("adf-documents");
        let Ok(entries) = std::fs::read_dir(&folder) else {
            return println!("skipped: no {}", folder.display());
        };
        let mut words = 0;
        for entry in entries {
            let json = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            let document: Value = serde_json::from_str(&json).unwrap();
            let read = text(&document);
            for word in words_of(&document) {
                assert!(read.contains(&word), "`{word}` is lost in\n{read}");
                words += 1;
            }
        }
        assert!(words > 500, "{words}");
    }
}
