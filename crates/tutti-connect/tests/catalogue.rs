//! The list of operations in `docs/operations.md` is made from the catalogue and never stale.

#![cfg(test)]

use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use serde_json::{Value, json};
use tutti_connect::{Declaration, catalogue, connector};
use tutti_core::operation::{Access, Catalogue, Once, Operation};

/// The name a type has in YAML and JSON.
fn name(value: impl serde::Serialize) -> String {
    json!(value).as_str().map(|name| name.replace('_', " ")).unwrap_or_default()
}

fn document() -> String {
    let mut text = String::from(
        "# Operations\n\nWhat a flow can do in each tool, made from `crates/tutti-connect/connectors` \
         (`UPDATE=1 cargo test -p tutti-connect --test catalogue` writes it anew).\n\n\
         *Once* is what may be done when the outcome of a call is not known: `idempotent` runs \
         again, `probed` looks for the effect key first, `unsafe` asks a person. *Undo* says \
         whether a write can be taken back, and by which operation. An argument with `?` may be \
         left out; one in bold is a target: a person is asked before tainted, guessed or \
         defaulted values choose it. What comes back is read by the name of the step or of the context: \
         `issue.assignee.name`, and of a list `known.issues[0].key`; what is not there is \
         missing. In italics is what others wrote, so that it is tainted; a † marks personal data.\n",
    );
    for tool in catalogue().tools() {
        tool_section(tool, &mut text);
    }
    text.push_str("\n## Writes without a place for the effect key\n\n");
    text.push_str(
        "What they leave cannot be told from what a person did; all of them may run \
                   twice without harm.\n\n",
    );
    for declaration in declarations().filter(|it| !it.operation.marked && !reads(it)) {
        let operation = &declaration.operation;
        writeln!(text, "- `{}` ({})", operation.id, name(operation.once)).unwrap();
    }
    text
}

fn declarations() -> impl Iterator<Item = &'static Declaration> {
    catalogue().ids().into_iter().filter_map(|id| catalogue().declaration(id))
}

fn reads(declaration: &Declaration) -> bool {
    declaration.operation.access == Access::Read
}

fn tool_section(tool: &str, text: &mut String) {
    writeln!(text, "\n## {}\n", connector(tool).unwrap().name).unwrap();
    text.push_str("| operation | what it does | arguments | what comes back | once | undo | effect key | scopes |\n");
    text.push_str("|---|---|---|---|---|---|---|---|\n");
    for declaration in declarations().filter(|it| it.operation.tool() == tool) {
        let operation = &declaration.operation;
        let arguments = operation.input.iter().map(|(name, input)| {
            let optional = if input.required { "" } else { "?" };
            let bold = if input.target && !reads(declaration) { "**" } else { "" };
            format!("{bold}`{name}`{bold}{optional}")
        });
        let undo = match (&operation.inverse, reads(declaration)) {
            (_, true) => String::new(),
            (Some(inverse), _) => {
                format!("{}: `{}`", name(operation.reversibility), inverse.operation)
            }
            (None, _) => name(operation.reversibility),
        };
        let marker = declaration.marker.as_ref().map(|path| format!("`{path}`"));
        let scopes = declaration.scopes.iter().map(|scope| format!("`{scope}`"));
        writeln!(
            text,
            "| `{}` | {} | {} | {} | {} | {undo} | {} | {} |",
            operation.id,
            operation.summary,
            arguments.collect::<Vec<_>>().join(", "),
            brings(declaration),
            name(operation.once),
            marker.unwrap_or_default(),
            scopes.collect::<Vec<_>>().join(", "),
        )
        .unwrap();
    }
}

/// The members of the output, `owner.name`; of a list's items `issues[].key`.
fn brings(declaration: &Declaration) -> String {
    let Operation { untrusted, pii, .. } = &declaration.operation;
    let paths = declaration.brings().into_iter().map(|path| {
        let italics = if is_among(&path, untrusted) { "*" } else { "" };
        let personal = if is_among(&path, pii) { "†" } else { "" };
        format!("{italics}`{path}`{italics}{personal}")
    });
    paths.collect::<Vec<_>>().join(", ")
}

/// Whether a path is one of these, or lies below one.
fn is_among(path: &str, marked: &[String]) -> bool {
    marked.iter().any(|mark| {
        let below = path.strip_prefix(mark.as_str());
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    })
}

#[cfg(feature = "examples")]
#[test]
fn what_an_operation_brings_in_its_example_is_told() {
    for (id, output) in tutti_connect::example_outputs() {
        let told = catalogue().brings(&id);
        for name in output.as_object().into_iter().flat_map(|output| output.keys()) {
            assert!(told.is_empty() || told.contains(name), "{id} brings {name}: {told:?}");
        }
    }
}

#[test]
fn the_document_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/operations.md");
    if env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, document()).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == document(), "docs/operations.md is stale; run this test with UPDATE=1");
}

#[test]
fn what_must_not_happen_twice_carries_the_key() {
    for declaration in declarations().filter(|it| !reads(it)) {
        let Operation { id, once, marked, .. } = &declaration.operation;
        assert!(*marked || *once == Once::Idempotent, "{id} is {once:?} and leaves no key");
    }
}

#[test]
fn a_connection_form_asks_for_what_requests_need() {
    let keys = |tool| -> Vec<(String, bool)> {
        let fields = &connector(tool).unwrap().fields;
        fields.iter().map(|field| (field.key.clone(), field.secret)).collect()
    };
    let form = |fields: Value| serde_json::from_value::<Vec<(String, bool)>>(fields).unwrap();
    assert_eq!(keys("jira"), form(json!([])));
    assert_eq!(keys("slack"), form(json!([["token", true]])));
    assert_eq!(keys("gitlab"), form(json!([["base_url", false], ["token", true]])));
    let salesforce = json!([["base_url", false], ["client_id", false], ["client_secret", true]]);
    assert_eq!(keys("salesforce"), form(salesforce));
}
