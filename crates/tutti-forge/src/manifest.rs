//! Holds `manifest.yml` equal to what the code uses: scopes, egress, entities, web triggers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tutti_connect::{Call, catalogue, connector, request};
use tutti_core::operation::Catalogue;
use tutti_core::session::{Commit, Row};
use tutti_core::wire::Target;

use crate::admission::{self, Desk};
use crate::api::admin;
use crate::breaker::{self, Circuit};
use crate::hook::ACCEPTED;
use crate::inbound::Refusal;
use crate::perform::{MY_PERMISSIONS, MYSELF};
use crate::reservation::{self, Ledger};
use crate::stop::{Reach, Stop, Switches};
use crate::store::{self, FlowHead, Index, Lane};

/// What listening to a product event needs. `@forge/lint` knows the whole list and judges this.
const EVENT_SCOPES: [(&str, &str); 6] = [
    ("avi:jira:released:version", "read:jira-work"),
    ("avi:jira:created:issue", "read:jira-work"),
    ("avi:jira:updated:issue", "read:jira-work"),
    ("avi:jira:assigned:issue", "read:jira-work"),
    ("avi:jira:commented:issue", "read:jira-work"),
    ("avi:jira:deleted:comment", "read:jira-work"),
];

type Set = BTreeSet<String>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn manifest() -> Value {
    let text = fs::read_to_string(root().join("manifest.yml")).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// The list at a pointer, empty where there is none.
fn list(value: &Value, pointer: &str) -> Vec<Value> {
    value.pointer(pointer).and_then(Value::as_array).cloned().unwrap_or_default()
}

fn text(value: &Value, name: &str) -> String {
    value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// One member of every item.
fn texts(items: &[Value], name: &str) -> Vec<String> {
    items.iter().map(|item| text(item, name)).collect()
}

#[test]
fn scopes_are_what_operations_events_and_storage_need() {
    let manifest = manifest();
    let mut needed = Set::from(["storage:app".to_owned()]);
    for id in catalogue().ids() {
        needed.extend(catalogue().declaration(id).unwrap().scopes.iter().cloned());
    }
    needed.extend([MY_PERMISSIONS, MYSELF].map(|asked| asked.scope.to_owned()));
    for trigger in list(&manifest, "/modules/trigger") {
        for event in list(&trigger, "/events") {
            let scope = EVENT_SCOPES.iter().find(|(name, _)| event == *name);
            let (_, scope) = scope.unwrap_or_else(|| panic!("no scope is known for {event}"));
            needed.insert((*scope).to_owned());
        }
    }
    let given = list(&manifest, "/permissions/scopes");
    let given: Set = given.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    assert_eq!(given, needed);
}

#[test]
fn flows_are_started_by_the_events_that_are_listened_to() {
    let triggers = list(&manifest(), "/modules/trigger");
    let events = triggers.iter().flat_map(|trigger| list(trigger, "/events"));
    let heard: Set = events.filter_map(|it| it.as_str().map(|it| format!("event:{it}"))).collect();
    let start = catalogue().starts().into_iter().filter(|topic| topic.starts_with("event:"));
    assert_eq!(start.collect::<Set>(), heard);
}

#[test]
fn jira_wants_these_scopes_of_personal_questions() {
    let beside = root().join("../shared/contracts");
    let contracts = std::env::var_os("TUTTI_CONTRACTS").map_or(beside, PathBuf::from);
    let Ok(scopes) = fs::read_to_string(contracts.join("jira-v3-scopes.json")) else {
        println!("skipped: no jira-v3-scopes.json (set TUTTI_CONTRACTS)");
        return;
    };
    let scopes: Value = serde_json::from_str(&scopes).unwrap();
    for asked in [MY_PERMISSIONS, MYSELF] {
        let entry = &scopes[format!("GET {}", asked.path)];
        assert_eq!(entry["classic"], json!([asked.scope]), "{}", asked.path);
    }
}

#[test]
fn egress_covers_the_fixed_hosts_and_those_of_the_examples() {
    let needed: Set = catalogue().tools().chain(["model"]).filter_map(host_of).collect();
    let fetch = list(&manifest(), "/permissions/external/fetch/backend");
    let allowed = texts(&fetch, "address");
    for address in &allowed {
        assert!(needed.iter().any(|host| covers(address, host)), "nothing calls {address}");
    }
    for host in &needed {
        assert!(allowed.iter().any(|address| covers(address, host)), "{host} is not allowed");
    }
}

/// Where a connection set up as the form's examples say would call; nowhere for the products.
fn host_of(tool: &str) -> Option<String> {
    let fields = admin::fields(tool).into_iter();
    let settings: BTreeMap<String, String> = fields.map(|f| (f.key, f.example)).collect();
    let url = match connector(tool) {
        None => settings["base_url"].clone(),
        Some(connector) => {
            let Some(check) = connector.check.as_deref() else {
                assert!(connector.fields.is_empty(), "{tool} cannot be tried");
                return None;
            };
            let call = Call {
                operation: check,
                input: &json!({}),
                before: None,
                effect_key: "",
                connection: &json!(settings),
            };
            let request = request(&call).unwrap();
            (request.target == Target::Outside).then_some(request.url)?
        }
    };
    let (_, rest) = url.split_once("://").unwrap();
    Some(rest.split('/').next().unwrap().to_owned())
}

fn covers(address: &str, host: &str) -> bool {
    match address.strip_prefix('*') {
        Some(domain) => host.ends_with(domain),
        None => host == address,
    }
}

#[test]
fn entities_are_what_is_written() {
    let row: Row = serde_json::from_value(json!({
        "format": 1, "run": "tt-1", "project": "PAY", "flow": "f", "name": "F",
        "flow_version": 1, "state": "running", "reason": "", "subject": "PAY-1", "issue": "PAY-1", "due_at": 1,
        "version": 1, "writer": "w", "claims": 0, "chunks": 0, "head": "", "sealed_head": "",
        "topics": [], "started_at": 1, "started_by": "", "updated_at": 1,
    }))
    .unwrap();
    let head = FlowHead {
        project: "PAY".into(),
        id: "f".into(),
        version: 1,
        enabled: true,
        topic: "event:x".into(),
        source: String::new(),
        document: json!({}),
        writes: 0,
    };
    let creation = store::creation(&row, Lane::Queue, None);
    let commit = Commit { listen: vec!["t".into()], ..Commit::of_row(1, row) };
    let mut desk = Desk::default();
    desk.expect(1);
    let stop = Stop {
        at: 1,
        account: String::new(),
        name: String::new(),
        reach: String::new(),
        stands: true,
    };
    let written = [
        admission::saving("PAY", "f", &desk, None),
        Switches::default().turning(Reach::Site, &stop),
        breaker::saving("slack", &Circuit::default(), None),
        reservation::saving("ben", &Ledger::default(), None),
        creation,
        store::transaction(&commit, Lane::Open),
        store::saving(&head, None),
    ];
    let mut used: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let written = written.iter().map(|transaction| json!(transaction)).flat_map(|transaction| {
        let mut items = list(&transaction, "/set");
        if let Some(attribute) = transaction["text"].as_str() {
            items[0]["value"][attribute] = json!("");
        }
        items
    });
    for item in written {
        let Some(entity) = item["entity"].as_str() else { continue };
        for (name, value) in item["value"].as_object().unwrap() {
            let kind = if value.is_i64() { "integer" } else { "string" };
            assert!(value.is_i64() || value.is_string(), "{entity}.{name}");
            used.entry(entity.to_owned()).or_default().insert(name.clone(), kind.to_owned());
        }
    }
    let declared = list(&manifest(), "/app/storage/entities");
    let declared: BTreeMap<String, BTreeMap<String, String>> = declared
        .iter()
        .map(|entity| {
            let attributes = entity["attributes"].as_object().unwrap();
            let kinds = attributes.iter().map(|(name, at)| (name.clone(), text(at, "type")));
            (text(entity, "name"), kinds.collect())
        })
        .collect();
    assert_eq!(declared, used);
}

#[test]
fn indexes_are_what_is_searched() {
    let used: Set = Index::ALL
        .iter()
        .map(|i| json!([i.entity, i.name, [i.partition], [i.range]]).to_string())
        .collect();
    let mut declared = Set::new();
    for entity in list(&manifest(), "/app/storage/entities") {
        for index in list(&entity, "/indexes") {
            let (name, partition) = (&index["name"], &index["partition"]);
            declared.insert(json!([entity["name"], name, partition, index["range"]]).to_string());
        }
    }
    assert_eq!(declared, used);
}

#[test]
fn every_web_trigger_has_an_answer_for_every_refusal() {
    let triggers = list(&manifest(), "/modules/webtrigger");
    let mut answers: Set = Refusal::ALL.iter().map(|refusal| refusal.output().to_owned()).collect();
    answers.insert(ACCEPTED.to_owned());
    for trigger in &triggers {
        let outputs = list(trigger, "/response/outputs");
        assert_eq!(Set::from_iter(texts(&outputs, "key")), answers);
        for output in outputs {
            let refused = output["statusCode"].as_u64().unwrap() >= 400;
            assert_eq!(refused, output["key"] != ACCEPTED, "{output}");
        }
    }
    let hooks: Set = admin::hooks().map(|(tool, _)| format!("hook-{tool}")).collect();
    assert_eq!(Set::from_iter(texts(&triggers, "key")), hooks);
}

#[test]
fn handlers_and_queues_exist_in_the_host() {
    let host = root().join("crates/tutti-forge/js/src");
    let index = fs::read_to_string(host.join("index.js")).unwrap();
    let exported: Set = index
        .lines()
        .filter_map(|line| line.strip_prefix("export const "))
        .filter_map(|rest| rest.split([' ', '=']).next())
        .map(|name| format!("index.{name}"))
        .collect();
    let manifest = manifest();
    let functions = list(&manifest, "/modules/function");
    assert_eq!(Set::from_iter(texts(&functions, "handler")), exported);
    let ports = fs::read_to_string(host.join("host.js")).unwrap();
    for consumer in list(&manifest, "/modules/consumer") {
        let queue = format!("new Queue({{ key: '{}' }})", text(&consumer, "queue"));
        assert!(ports.contains(&queue), "{queue}");
    }
}

#[test]
fn every_function_is_used_and_every_key_is_there_once() {
    let manifest = manifest();
    let modules = manifest["modules"].as_object().unwrap();
    let mut keys = Vec::new();
    let mut used = Set::new();
    for (kind, each) in modules {
        for module in each.as_array().unwrap() {
            keys.push(text(module, "key"));
            if kind != "function" {
                let named = module.pointer("/resolver/function").or(module.get("function"));
                used.insert(named.and_then(Value::as_str).unwrap().to_owned());
            }
        }
    }
    let functions = list(&manifest, "/modules/function");
    assert_eq!(Set::from_iter(texts(&functions, "key")), used);
    assert_eq!(Set::from_iter(keys.iter().cloned()).len(), keys.len(), "{keys:?}");
}
