//! The shipped escalation flow on the real catalogue, over services at the level of operations:
//! it links, it runs to its end, and a worker killed at any boundary changes nothing of that.

#![cfg(test)]

mod case_file;
mod services;

use serde_json::{Value, json};
use tutti_core::flow::Flow;
use tutti_core::view::RunState;
use tutti_sim::{Driver, Mischief, Order};

use crate::services::Services;

fn template() -> Value {
    let text = include_str!("../../../../templates/premier-escalation.yaml");
    serde_saphyr::from_str(text).expect("the template is YAML")
}

fn flow() -> Flow {
    let (flow, problems) = Flow::check(&template(), tutti_connect::catalogue());
    assert_eq!(problems, [], "the shipped template links without problems");
    flow.expect("it links")
}

/// The whole story; the worker dies where `mischief` says.
fn play(flow: &Flow, mischief: Mischief) -> Driver<Services> {
    play_with(flow, Services::new(), mischief)
}

fn play_with(flow: &Flow, services: Services, mischief: Mischief) -> Driver<Services> {
    let trigger = json!({"caseId": "5008", "eventId": "e-771", "lastModified": "1"});
    let mut run = Driver::start(flow.clone(), services, "PAY", trigger, "salesforce.case");
    run.mischief = mischief;
    run.go().unwrap();
    run.sleep().unwrap();
    run.outside.release();
    run.signal("released", "jira.version.released:20001", json!({})).unwrap();
    run.approve("dana").unwrap();
    assert!(run.outside.replies.is_empty(), "it can be recalled for a while");
    run.sleep().unwrap();
    run
}

#[test]
fn the_shipped_flow_runs_from_the_case_to_the_reply() {
    let run = play(&flow(), Mischief::default());
    let view = run.view();
    assert_eq!(view.state, RunState::Completed, "{}: {:#?}", view.reason, view.timeline);
    assert_eq!(view.subject.as_deref(), Some("PAY-88"));
    assert_eq!(view.started_by, "Salesforce case 00012077");
    let decided = view.timeline.iter().find_map(|entry| entry.decided.as_ref()).expect("triage");
    assert_eq!(decided.answer["severity"], "S2", "raised by the floor");
    assert_eq!(run.outside.case["status"], "Solution offered");
    assert_eq!(run.outside.case["jira_key"], "PAY-88");
    assert_eq!(run.outside.replies.len(), 1);
    assert_eq!(run.outside.properties["tutti.customers"]["A1"]["tier"], "Enterprise");
    let told = json!(view).to_string();
    assert!(!told.contains("statusCategory"), "no query is dumped on the panel");
}

#[test]
fn killed_at_any_boundary_it_ends_the_same_and_does_nothing_twice() {
    let flow = flow();
    let plain = play(&flow, Mischief::default());
    assert!(plain.boundaries > 90, "{}", plain.boundaries);
    for kill_at in 0..plain.boundaries {
        // All answers that are there at once, at every other boundary.
        let order = if kill_at % 2 == 0 { Order::Asked } else { Order::Together };
        let mut run =
            play(&flow, Mischief { kill_at: Some(kill_at), order, ..Mischief::default() });
        assert_eq!(run.storage.row.reason, plain.storage.row.reason, "killed at {kill_at}");
        assert_eq!(run.outside.state(), plain.outside.state(), "killed at {kill_at}");
        assert!(run.outside.made.values().all(|made| *made == 1), "killed at {kill_at}");
        let held = run.open().unwrap();
        assert!(run.stored() == *held.run(), "killed at {kill_at}");
    }
}

#[test]
fn where_slack_has_no_such_channel_the_lead_is_told_and_the_gap_is_listed() {
    let services = Services { no_channel: true, ..Services::new() };
    let run = play_with(&flow(), services, Mischief::default());
    let view = run.view();
    assert_eq!(view.state, RunState::CompletedWithGaps, "{}: {:#?}", view.reason, view.timeline);
    assert_eq!(view.gaps, ["#esc-enterprise was not told (the lead was told instead)"]);
    let [message] = run.outside.messages.as_slice() else { panic!("one message") };
    assert!(message["channel"].as_str().is_some_and(|channel| channel.contains("U0PAULA")));
    assert!(message["text"].as_str().is_some_and(|text| text.contains("is fixed and out")));
    assert_eq!(run.outside.replies.len(), 1);
}
