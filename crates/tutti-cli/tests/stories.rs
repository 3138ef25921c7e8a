//! The stories of this repository hold, and the example of their manual is one that does.

#![cfg(test)]

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// How many stories there are at the least; fewer would mean that some were not found.
const STORIES_MIN: usize = 80;

fn test(arguments: &[&str]) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut tutti = Command::new(env!("CARGO_BIN_EXE_tutti"));
    let output = tutti.args(["test", "--json"]).args(arguments).current_dir(root).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn every_story_holds() {
    let tested = test(&["tests/stories"]);
    let stories = tested["stories"].as_array().unwrap();
    assert!(stories.len() >= STORIES_MIN, "{} stories", stories.len());
    let wrong: Vec<&Value> = stories.iter().filter(|story| story["ok"] != true).collect();
    assert_eq!(wrong, Vec::<&Value>::new());
    let killed = stories.iter().filter(|story| story["plays"].as_u64() > Some(10)).count();
    assert!(killed >= 10, "only {killed} stories are played with workers that die");
}

#[test]
fn every_story_fits_the_schema_that_editors_use() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let read = |path: &Path| std::fs::read_to_string(path).unwrap();
    let schema = serde_json::from_str(&read(&root.join("docs/schema/story.json"))).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    let mut folders = vec![root.join("tests/stories")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let story: Value = serde_saphyr::from_str(&read(&path)).unwrap();
            let wrong = schema.validate(&story).err().map(|error| error.to_string());
            assert_eq!(wrong, None, "{}", path.display());
            seen += 1;
        }
    }
    assert!(seen >= STORIES_MIN);
}

/// The example is given whole, as a block of YAML, so that it can be copied and played.
#[test]
fn the_example_of_the_manual_holds() {
    let manual = include_str!("../../../docs/stories.md");
    let example = manual.split("```yaml\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let example = example.into_iter().find(|block| block.starts_with("story:")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("example.yaml");
    std::fs::write(&path, example).unwrap();
    let tested = test(&[path.to_str().unwrap()]);
    assert_eq!(tested["stories"][0]["difference"], Value::Null, "{tested:#}");
    assert_eq!(tested["stories"][0]["ok"], true, "{tested:#}");
}

#[test]
fn the_manual_names_every_key() {
    let manual = include_str!("../../../docs/stories.md");
    let schema: Value =
        serde_json::from_str(include_str!("../../../docs/schema/story.json")).unwrap();
    let mut silent = Vec::new();
    let parts = schema["$defs"].as_object().unwrap().values().chain([&schema]);
    for part in parts {
        for name in part["properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
            let told = [format!("`{name}`"), format!("{name}:")];
            if !told.iter().any(|told| manual.contains(told)) {
                silent.push(name.clone());
            }
        }
    }
    assert_eq!(silent, [""; 0]);
}

#[test]
fn the_templates_fit_the_schema_of_flows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output =
        Command::new(env!("CARGO_BIN_EXE_tutti")).args(["schema", "flow"]).output().unwrap();
    let schema = serde_json::from_slice(&output.stdout).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    for entry in root.join("templates").read_dir().unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let flow: Value = serde_saphyr::from_str(&text).unwrap();
        let wrong: Vec<String> =
            schema.iter_errors(&flow).map(|e| format!("{} {e}", e.instance_path())).collect();
        assert_eq!(wrong, [""; 0]);
    }
    for entry in root.join("tests/stories/shapes/calendar").read_dir().unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let story: Value = serde_saphyr::from_str(&text).unwrap();
        assert!(schema.is_valid(&story["flow"]), "{}", story["story"]);
    }
    let mut flow: Value = serde_saphyr::from_str(
        &std::fs::read_to_string(root.join("templates/premier-escalation.yaml")).unwrap(),
    )
    .unwrap();
    flow["context"]["case"]["with"] = serde_json::json!({"ident": "5008"});
    assert!(!schema.is_valid(&flow), "arguments are known to the schema, too");
    flow["context"]["case"] = serde_json::json!({"use": "salesforce.case.gets"});
    assert!(!schema.is_valid(&flow), "operations are known to the schema, too");
}
