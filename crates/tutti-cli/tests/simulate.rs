//! `tutti simulate`: our own templates bear bad weather, and what is told of it can be told again.

#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const MISSING_FIELDS: &str = "templates/missing-fields.yaml";

fn simulate(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut tutti = Command::new(env!("CARGO_BIN_EXE_tutti"));
    tutti.arg("simulate").args(arguments).current_dir(root).output().unwrap()
}

fn json(arguments: &[&str]) -> Value {
    let output = simulate(&[arguments, &["--json"]].concat());
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn our_templates_bear_bad_weather() {
    for (flow, world) in [
        (MISSING_FIELDS, None),
        (
            "templates/premier-escalation.yaml",
            Some("tests/stories/escalation/e4-the-channel-is-gone.yaml"),
        ),
    ] {
        let world = world.map(|world| ["--world", world]);
        let world = world.as_ref().map_or(&[][..], |world| world.as_slice());
        let told = json(&[&[flow, "--seeds", "40"], world].concat());
        assert_eq!(told["broken"], serde_json::json!({}), "{flow}");
        let ends = told["ends"].as_object().unwrap();
        let ended: u64 = ends.values().map(|end| end["seeds"].as_u64().unwrap()).sum();
        assert_eq!(ended, 40, "{flow}");
        assert!(ends.len() >= 2, "{flow} ends in the same way whatever happens: {ends:?}");
        let reached = told["reached"].as_object().unwrap();
        let seldom = reached.values().filter(|seeds| seeds.as_u64() < Some(40)).count();
        assert!(seldom >= 3, "{flow} comes to every step whatever happens: {reached:?}");
    }
}

#[test]
fn one_seed_is_told_in_full_and_the_same_each_time() {
    let arguments = [MISSING_FIELDS, "--seed", "7"];
    let (first, second) = (simulate(&arguments), simulate(&arguments));
    assert_eq!(first.stdout, second.stdout);
    assert!(first.status.success());
    let told = String::from_utf8(first.stdout).unwrap();
    for part in ["worker 1 takes it up", "What people see", "Every promise of the engine held."] {
        assert!(told.contains(part), "{told}");
    }
}

#[test]
fn the_command_for_a_closer_look_plays_in_the_same_world() {
    let flow = "templates/premier-escalation.yaml";
    let world = "tests/stories/escalation/e4-the-channel-is-gone.yaml";
    let told = simulate(&[flow, "--world", world, "--seeds", "1"]).stdout;
    let told = String::from_utf8(told).unwrap();
    assert!(told.contains(&format!("tutti simulate {flow} --world {world} --seed 0")), "{told}");
}

#[test]
fn calls_beyond_the_budget_are_explained() {
    let folder = tempfile::tempdir().unwrap();
    let flow = folder.path().join("flow.yaml");
    let text = "
id: a
name: A
trigger: { webhook: salesforce.case, once_per: [id] }
steps: [{ id: tell, call: slack.message.post, with: { channel: C, text: hi } }]
finally: [{ id: last, call: slack.message.post, with: { channel: C, text: bye } }]
budget: { calls: 1 }
";
    std::fs::write(&flow, text).unwrap();
    let told = String::from_utf8(simulate(&[flow.to_str().unwrap()]).stdout).unwrap();
    let line = told.lines().find(|line| line.starts_with("The most calls")).unwrap();
    let more = "more than its budget of 1: undo, and what is done last, has its own";
    assert!(line.ends_with(more), "{line}");
}

#[test]
fn what_cannot_be_played_is_said_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let flow = folder.path().join("flow.yaml");
    std::fs::write(&flow, "id: a\nname: A\nstep: []\n").unwrap();
    let output = simulate(&[flow.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("step") && told.contains(":3:1"), "{told}");
    assert_eq!(simulate(&["no-such-flow.yaml"]).status.code(), Some(2));
}
