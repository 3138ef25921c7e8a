//! Personal data stays marked wherever it is carried, and is masked before any model sees it.

use serde_json::{Value, json};

use crate::toy::{begin, flow};

/// What the model is shown of a flow that carries the owner's address along in this way.
fn shown(before: Value, facts: Value) -> String {
    let mut document = flow(json!([]));
    let mut steps = before["steps"].as_array().cloned().unwrap_or_default();
    steps.push(json!({"id": "pick", "decide": {
        "question": "Which?", "facts": facts,
        "answer": {"way": {"one_of": ["up", "down"]}}}}));
    document["context"] = json!({"thing": {"use": "toy.thing.get", "with": {"id": "t1"}}});
    document["values"] = before["values"].clone();
    document["steps"] = Value::Array(steps);
    let mut run = begin(&document);
    run.outside.answer(json!({"way": "up"}));
    run.go();
    assert_eq!(run.end(), "completed: everything was done", "{}", run.lines());
    let messages = &run.outside.asked[0].messages;
    messages.iter().map(|message| message.text.as_str()).collect()
}

#[test]
fn what_is_computed_from_personal_data_is_masked_too() {
    let table = [
        (json!({"steps": [{"id": "kept", "set": {"to": "${thing.owner.email}", "n": 3}}]}), "kept"),
        (
            json!({"steps": [{"id": "kept", "set": {"all": ["mail ${thing.owner.email}!"]}}]}),
            "kept",
        ),
        (
            json!({"values": {"mail": {"first_of": ["thing.owner.email"], "default": "none"}}}),
            "values",
        ),
        (
            json!({"steps": [{"id": "kept", "for": {
                "each": "one", "in": "[thing.owner.email]", "limit": 3, "collect": "to ${one}",
                "do": [{"id": "a", "set": {"x": "${one}"}}]}}]}),
            "kept",
        ),
    ];
    for (before, fact) in table {
        let text = shown(before.clone(), json!([fact]));
        assert!(!text.contains("toy.example"), "{before}\n{text}");
    }
    let plain = json!({"steps": [{"id": "kept", "set": {"to": "${thing.owner.name}", "n": 3}}]});
    assert!(shown(plain, json!(["kept"])).contains("Dana"), "what is not private is shown");
}

#[test]
fn a_policy_can_keep_personal_data_from_a_tool() {
    let document = |text: &str| {
        let mut document = flow(json!([
            {"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": text}}]));
        document["context"] = json!({"thing": {"use": "toy.thing.get", "with": {"id": "t1"}}});
        document["policies"] = json!([{"never": "private(effect.input)"}]);
        document
    };
    let end = |text: &str| {
        let mut run = begin(&document(text));
        run.go();
        run.end()
    };
    assert_eq!(end("for ${thing.owner.name}"), "completed: everything was done");
    assert_eq!(end("for ${thing.owner.email}"), "failed: Note: refused: private(effect.input)");
}
