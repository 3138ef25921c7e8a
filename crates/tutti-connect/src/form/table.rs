//! `$append_row`: one more row for the first table of an Atlassian document.

use serde_json::{Value, json};
use tutti_core::failure::Failure;

use super::{AppendRow, adf, adf_text};
use crate::scope::{Scope, invalid};

/// Fills `to` and `row` in and appends. A row that is there already is not added again, so
/// that the same write twice leaves what it leaves once.
pub fn append_row(form: &AppendRow, scope: &Scope<'_>) -> Result<Option<Value>, Failure> {
    let (Some(to), Some(row)) = (form.to.fill(scope)?, form.row.fill(scope)?) else {
        return Ok(None);
    };
    let mut document = parsed(to)?;
    let cells = cell_texts(&row)?;
    match first_table(&mut document) {
        Some(rows) => {
            let columns = rows.first().map_or(0, |row| content(row).len());
            let new = row_node(&cells, columns);
            if !rows.iter().any(|row| row_texts(row) == row_texts(&new)) {
                rows.push(new);
            }
        }
        None => {
            let table = json!({ "type": "table", "content": [row_node(&cells, 0)] });
            match document.get_mut("content").and_then(Value::as_array_mut) {
                Some(content) => content.push(table),
                None => return Err(invalid("the document has no content")),
            }
        }
    }
    Ok(Some(document))
}

/// Confluence gives and takes the document as a JSON string; an empty page has none.
fn parsed(to: Value) -> Result<Value, Failure> {
    let document = match to {
        Value::String(json) if json.trim().is_empty() => return Ok(empty()),
        Value::String(json) => serde_json::from_str(&json).unwrap_or(Value::Null),
        object => object,
    };
    match document.get("type").and_then(Value::as_str) {
        Some("doc") => Ok(document),
        _ => Err(invalid("the target's body is no Atlassian document")),
    }
}

fn empty() -> Value {
    json!({ "type": "doc", "version": 1, "content": [] })
}

fn cell_texts(row: &Value) -> Result<Vec<String>, Failure> {
    let text = |cell: &Value| match cell {
        Value::String(text) => Ok(text.clone()),
        Value::Null => Ok(String::new()),
        Value::Number(_) | Value::Bool(_) => Ok(cell.to_string()),
        _ => Err(invalid("a table cell must be text")),
    };
    match row.as_array().filter(|cells| !cells.is_empty()) {
        Some(cells) => cells.iter().map(text).collect(),
        None => Err(invalid("a table row must be a list of cells")),
    }
}

/// The rows of the first table, wherever it stands.
fn first_table(node: &mut Value) -> Option<&mut Vec<Value>> {
    let is_table = node.get("type").and_then(Value::as_str) == Some("table");
    let content = node.get_mut("content")?.as_array_mut()?;
    if is_table { Some(content) } else { content.iter_mut().find_map(first_table) }
}

/// A row, filled up with empty cells to the table's width.
fn row_node(cells: &[String], columns: usize) -> Value {
    let empty = String::new();
    let padding = std::iter::repeat_n(&empty, columns.saturating_sub(cells.len()));
    let cell = |text: &String| json!({ "type": "tableCell", "attrs": {}, "content": [adf::cell_paragraph(text)] });
    let cells: Vec<Value> = cells.iter().chain(padding).map(cell).collect();
    json!({ "type": "tableRow", "content": cells })
}

fn content(node: &Value) -> &[Value] {
    node.get("content").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The words of a row without empty cells at its end.
fn row_texts(row: &Value) -> Vec<String> {
    let mut cells: Vec<String> = content(row).iter().map(adf_text::text).collect();
    while cells.last().is_some_and(String::is_empty) {
        cells.pop();
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Absence;

    fn append(to: Value, row: Value) -> Result<Value, Failure> {
        let form = json!({ "to": "${before.body}", "row": "${input.row}" });
        let form: AppendRow = serde_json::from_value(form).unwrap();
        let (before, input) = (json!({ "body": to }), json!({ "row": row }));
        let names = vec![("before", &before), ("input", &input)];
        append_row(&form, &Scope::new(Absence::Promised, names)).map(Option::unwrap)
    }

    fn page() -> Value {
        json!({ "type": "doc", "version": 1, "content": [
            { "type": "paragraph", "content": [] },
            { "type": "expand", "attrs": {}, "content": [{ "type": "table", "content": [
                { "type": "tableRow", "content": [{ "type": "tableHeader" }, { "type": "tableHeader" }] },
            ] }] },
        ] })
    }

    #[test]
    fn appends_to_the_first_table_at_its_width() {
        let document = append(page().to_string().into(), json!(["a"])).unwrap();
        let rows = document.pointer("/content/1/content/0/content").unwrap();
        assert_eq!(rows.as_array().unwrap().len(), 2);
        assert_eq!(content(&rows[1]).len(), 2);
        assert_eq!(adf_text::text(&rows[1]), "a |");
    }

    #[test]
    fn the_same_row_twice_is_one_row() {
        let row = json!(["[PAY-88](https://j.example)", 42, null]);
        let once = append(page(), row.clone()).unwrap();
        assert_eq!(append(once.clone(), row).unwrap(), once);
        assert_ne!(append(once.clone(), json!(["PAY-89", 42])).unwrap(), once);
    }

    #[test]
    fn a_page_without_a_table_gets_one() {
        for to in [json!(""), empty(), empty().to_string().into()] {
            let document = append(to, json!(["a"])).unwrap();
            assert_eq!(document.pointer("/content/0/type"), Some(&json!("table")));
        }
        assert!(append(json!("<p>storage</p>"), json!(["a"])).is_err());
        assert!(append(page(), json!([])).is_err() && append(page(), json!([{}])).is_err());
    }
}
