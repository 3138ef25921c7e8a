//! The case file of the escalation: the whole story, and nobody's name or address in it.

use std::collections::BTreeSet;

use expect_test::expect;
use serde_json::{Value, json};
use tutti_core::case_file::CaseFile;
use tutti_core::event::{Action, Effect, Event, Reply};
use tutti_core::fact::split;
use tutti_core::private::each_part;
use tutti_core::run::Run;
use tutti_core::view::RunState;
use tutti_sim::{Driver, Mischief};

use crate::services::Services;
use crate::{flow, play};

fn told() -> Driver<Services> {
    play(&flow(), Mischief::default())
}

fn export(run: &Driver<Services>) -> CaseFile {
    let storage = &run.storage;
    CaseFile::export(&storage.row, &storage.chunks, &run.flow, run.now).unwrap()
}

/// Everything in the journal that an operation declares as personal data.
fn declared(run: &Driver<Services>) -> BTreeSet<String> {
    let mut again = Run::new(&run.storage.row.run, &run.storage.row.project);
    let mut wanted: Vec<Effect> = Vec::new();
    let mut found = BTreeSet::new();
    for record in run.storage.records() {
        if let Event::Answered { effect, result: Reply::Ok(value), .. } = &record.event {
            let effect = wanted.iter().find(|wanted| wanted.id == *effect).unwrap();
            if let Action::Call { operation, .. } = &effect.action {
                for path in &run.flow.operation(operation).unwrap().pii {
                    each_part(&mut value.clone(), &split(path), &mut |part| {
                        found.extend(part.as_str().map(str::to_owned));
                    });
                }
            }
        }
        wanted.extend(again.on(&run.flow, record.event, record.at));
    }
    found
}

#[test]
fn none_of_the_declared_personal_data_is_in_it() {
    let run = told();
    let personal = declared(&run);
    assert!(personal.contains("Dana Reyes") && personal.contains("dana@tutti.example"));
    let journal = json!(run.storage.records()).to_string();
    let file = export(&run).to_json();
    for word in personal.iter().map(String::as_str).chain(["Dana", "\"dana\""]) {
        assert!(journal.contains(word), "{word} is in the journal");
        assert!(!file.contains(word), "{word} is in the case file");
    }
}

#[test]
fn it_replays_to_the_same_story() {
    let run = told();
    let file = CaseFile::open(&export(&run).to_json()).unwrap();
    let replayed = file.replay(None);
    assert_eq!(replayed.state(), RunState::Completed);
    assert_eq!(replayed.ended_steps(), run.stored().ended_steps());
    let fact = |name: &str| -> Value {
        replayed.facts().find(|(key, _)| *key == name).unwrap().1.value.clone()
    };
    assert_eq!(fact("case")["owner"], json!({"name": "‹name 1›", "email": "‹email 1›"}));
    assert_eq!(fact("owner")["account_id"], "‹account 1›");
}

#[test]
fn it_tells_what_another_tier_or_another_decision_would_have_meant() {
    let file = export(&told());
    let fork = |path: &str, value: Value| {
        let forked = file.fork(vec![(path.to_owned(), value)]).unwrap();
        let mut told: Vec<String> = forked.differences.into_iter().map(|d| d.text).collect();
        told.extend(forked.ends);
        told.join("\n")
    };
    expect![[r#"
        `case.priority` is "Low", not "High"
        Note it on the merge request: is not done
        Label the merge request: is not done
        Link the case to the bug: is not done
        Add the customer to the bug: is not done
        Comment on the bug: is not done
        Mark the case as escalated: is not done
        Tell #esc-enterprise: is not done
        Record it in the account log: is not done
        Update the Slack message: is not done
        Reply to the customer: is not done
        The run ends completed: its start condition does not hold; it was completed: everything was done"#]].assert_eq(&fork("case.priority", json!("Low")));
    expect![[r#"
        `triage.action` is "decline_to_queue", not "attach_to_known"
        Choose the path: takes `values.trial || triage.action == "decline_to_queue"`, not `triage.action == "escalate_new" || (triage.action == "attach_to_known" && triage.relation.kind != "new" && has(triage.relation.key))`
        Put the case in the queue: calls `salesforce.case.get`, which the run did not do
        what `salesforce.case.get` would answer is not on record"#]].assert_eq(&fork("triage.action", json!("decline_to_queue")));
    expect![[r#"
        `account.tier` is "Standard", not "Enterprise"
        Triage the escalation: the model is asked something else
        what the model would answer is not on record"#]]
    .assert_eq(&fork("account.tier", json!("Standard")));
    expect![[r#"
        `release.name` is "4.12.4", not "4.12.3"
        Update the Slack message: `text` is ":white_check_mark: ACME, case 00012077: PAY-88 is fixed and out in 4.12.4.", not ":white_check_mark: ACME, case 00012077: PAY-88 is fixed and out in 4.12.3."
        what `slack.message.update` would answer is not on record"#]].assert_eq(&fork("release.name", json!("4.12.4")));
    expect![[r#"
        `tell.ts` is "0", not "177313320.0"
        Update the Slack message: `ts` is "0", not "177313320.0"
        what `slack.message.get` would answer is not on record"#]]
    .assert_eq(&fork("tell.ts", json!("0")));
}
