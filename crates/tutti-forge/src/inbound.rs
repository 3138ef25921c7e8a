//! What comes in from outside: web triggers, product events, and the sweep.
//!
//! Everything here verifies, remembers and enqueues; nothing here works on a run.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Map, Value, json};
use sha2::Sha256;
use tutti_core::digest;
use tutti_core::event::Event;
use tutti_core::flow::{Flow, Trigger};
use tutti_core::session::{Row, begin};
use tutti_core::view::RunState;

use crate::host::{Answer, Host, PortError};
use crate::store::{self, FlowHead};

/// The largest delivery read, in bytes.
const BODY_BYTES_MAX: usize = 200 * 1024;
/// How far a signed timestamp may be from now, in seconds.
const SKEW_S: i64 = 300;

/// Why a delivery is turned away; each has its own fixed answer in `manifest.yml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    TooLarge,
    Unauthorized,
    Malformed,
    Incomplete,
    Unavailable,
}

/// The answer to a delivery that was taken.
pub const ACCEPTED: &str = "accepted";

impl Refusal {
    /// All of them.
    #[cfg(test)]
    pub const ALL: [Self; 5] =
        [Self::TooLarge, Self::Unauthorized, Self::Malformed, Self::Incomplete, Self::Unavailable];

    /// The key of its answer.
    pub fn output(self) -> &'static str {
        match self {
            Self::TooLarge => "too-large",
            Self::Unauthorized => "unauthorized",
            Self::Malformed => "malformed",
            Self::Incomplete => "incomplete",
            Self::Unavailable => "unavailable",
        }
    }
}

impl From<PortError> for Refusal {
    fn from(_: PortError) -> Self {
        Self::Unavailable
    }
}

/// One delivery to a web trigger.
pub async fn hook(request: &Value, host: &Host) -> Answer {
    let output = match delivered(request, host).await {
        Ok(()) => ACCEPTED,
        Err(refusal) => refusal.output(),
    };
    Answer::Ok(json!({"outputKey": output}))
}

async fn delivered(request: &Value, host: &Host) -> Result<(), Refusal> {
    let text = |name: &str| request.get(name).and_then(Value::as_str).unwrap_or_default();
    let (tool, body) = (text("tool"), text("body"));
    if body.len() > BODY_BYTES_MAX {
        return Err(Refusal::TooLarge);
    }
    let secret: Option<String> =
        host.port("secret", json!({"key": format!("hook.{tool}")})).await?;
    let secret = secret.filter(|secret| !secret.is_empty()).ok_or(Refusal::Unauthorized)?;
    let header = |name: &str| header(request, name);
    let genuine = match tool {
        "gitlab" => same(&header("x-gitlab-token"), &secret),
        _ => is_signed(&header("x-tutti-signature"), body, &secret, host.now() / 1000),
    };
    if !genuine {
        return Err(Refusal::Unauthorized);
    }
    let payload: Value = serde_json::from_str(body).map_err(|_| Refusal::Malformed)?;
    if !payload.is_object() {
        return Err(Refusal::Malformed);
    }
    for topic in heard_of(tool, &payload) {
        signal(host, &topic, &payload).await?;
    }
    let topic = format!("webhook:{}", starts(tool));
    start_flows(host, &topic, &payload).await
}

/// The webhook a delivery of this tool is, in a flow's words.
fn starts(tool: &str) -> &str {
    match tool {
        "salesforce" => "salesforce.case",
        other => other,
    }
}

/// What waiting runs can hear in a delivery.
/// https://docs.gitlab.com/user/project/integrations/webhook_events/
fn heard_of(tool: &str, payload: &Value) -> Vec<String> {
    let at = |pointer: &str| payload.pointer(pointer).map(plain).unwrap_or_default();
    let topic = match (tool, at("/object_kind").as_str()) {
        ("gitlab", "pipeline") => {
            format!("gitlab.pipeline:{}/{}", at("/project/id"), at("/object_attributes/id"))
        }
        ("gitlab", "merge_request") => {
            format!("gitlab.merge_request:{}/{}", at("/project/id"), at("/object_attributes/iid"))
        }
        ("jira", _) if at("/eventType") == "avi:jira:released:version" => {
            format!("jira.version.released:{}", at("/version/id"))
        }
        _ => return Vec::new(),
    };
    vec![topic]
}

/// One product event.
pub async fn event(payload: &Value, host: &Host) -> Answer {
    let kind = payload.get("eventType").and_then(Value::as_str).unwrap_or_default();
    let mut done = Ok(());
    for topic in heard_of("jira", payload) {
        done = done.and(signal(host, &topic, payload).await.map_err(Refusal::from));
    }
    let done = done.and(start_flows(host, &format!("event:{kind}"), payload).await);
    // An event that was not taken is delivered again; a flow that cannot use it is no reason to.
    Answer::Ok(json!({"retry": done == Err(Refusal::Unavailable)}))
}

/// Tells every run that waits for a topic.
async fn signal(host: &Host, topic: &str, payload: &Value) -> Result<(), PortError> {
    for run in store::listeners(host, topic).await? {
        let id = digest::of_value(&json!([topic, payload]));
        let event =
            Event::Signal { id: id.clone(), topic: topic.to_owned(), payload: outline(payload) };
        let letter = store::post(host, &run, &id, &event).await?;
        store::enqueue(host, &run, Some(&letter), 0, false).await?;
    }
    Ok(())
}

/// Starts a run of every enabled flow the topic triggers.
async fn start_flows(host: &Host, topic: &str, payload: &Value) -> Result<(), Refusal> {
    for head in store::flows_of_topic(host, topic).await? {
        let version = store::flow_version(host, &head.project, &head.id, head.version).await?;
        let flow = version.and_then(|v| Flow::link(&v.document, &v.operations).ok());
        if let Some(flow) = flow {
            start(host, &head, &flow, topic, payload).await?;
        }
    }
    Ok(())
}

/// Makes the run a delivery means, unless it is there already or an older event came late.
async fn start(
    host: &Host,
    head: &FlowHead,
    flow: &Flow,
    topic: &str,
    payload: &Value,
) -> Result<(), Refusal> {
    let trigger = &flow.trigger;
    let key = dedupe_key(trigger, payload).ok_or(Refusal::Incomplete)?;
    let run = digest::run_id(&format!("{}:{}", head.project, head.id), &key);
    if let Some(row) = store::row(host, &run).await? {
        // The same event again: the same run. One that nobody took up yet is put up again.
        if row.version == 1 {
            store::enqueue(host, &run, None, 0, false).await?;
        }
        return Ok(());
    }
    let newest = newest(trigger, head, payload);
    if let Some((about, at)) = &newest
        && let Some(last) = store::get(host, about).await?
    {
        let last_at = last.get("at").and_then(Value::as_str).unwrap_or_default();
        if at.as_str() < last_at {
            return stale(host, &last, payload).await.map_err(Refusal::from);
        }
    }
    let source = topic.split_once(':').map_or(topic, |(_, source)| source).to_owned();
    let started = Event::Started { trigger: payload.clone(), source, untrusted: Vec::new() };
    let row = begin(Row::new(&run, &head.project, flow, head.version), started, host.now());
    let remembered = newest.map(|(about, at)| (about, json!({"at": at, "run": run})));
    let remembered = remembered.as_ref().map(|(about, value)| (about.as_str(), value.clone()));
    match store::transact(host, &store::creation(&row, remembered)).await {
        Err(error) if !error.is("CONDITIONAL_CHECK_FAILED") => return Err(error.into()),
        _ => {}
    }
    Ok(store::enqueue(host, &run, None, 0, false).await?)
}

/// An event older than one already seen is noted on that one's run and goes no further.
async fn stale(host: &Host, last: &Value, payload: &Value) -> Result<(), PortError> {
    let run = last.get("run").and_then(Value::as_str).unwrap_or_default();
    let id = digest::of_value(payload);
    let topic = "stale_event".to_owned();
    let event = Event::Signal { id: id.clone(), topic, payload: outline(payload) };
    let letter = store::post(host, run, &id, &event).await?;
    store::enqueue(host, run, Some(&letter), 0, false).await
}

/// The values that make two deliveries one event; `None` if one of them is missing.
fn dedupe_key(trigger: &Trigger, payload: &Value) -> Option<String> {
    let values = trigger.once_per.iter().map(|path| at_path(payload, path));
    values.collect::<Option<Vec<_>>>().map(|values| values.join("|"))
}

/// What the event is about, as a key, and when it happened.
fn newest(trigger: &Trigger, head: &FlowHead, payload: &Value) -> Option<(String, String)> {
    let by = trigger.newest_by.as_ref()?;
    let about = store::newest_key(&head.project, &head.id, &at_path(payload, &by.key)?);
    Some((about, at_path(payload, &by.at)?))
}

fn at_path(payload: &Value, path: &[String]) -> Option<String> {
    let value = path.iter().try_fold(payload, |value, key| value.get(key.as_str()))?;
    (!value.is_null()).then(|| plain(value))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The plain members of a payload; the facts themselves are read at their source.
fn outline(payload: &Value) -> Value {
    let members = payload.as_object().into_iter().flatten();
    let plain = members.filter(|(_, value)| !value.is_object() && !value.is_array());
    Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}

/// Every run that is due is put in the queue; whoever takes it up decides what it needs.
pub async fn sweep(host: &Host) -> Answer {
    let due = match store::runs_due(host, host.now()).await {
        Ok(due) => due,
        Err(error) => return Answer::Error(error.into()),
    };
    let mut woken = 0;
    let mut refused = None;
    for row in due {
        let swept = row.state == RunState::Running;
        match store::enqueue(host, &row.run, None, 0, swept).await {
            Ok(()) => woken += 1,
            // The next sweep finds it again.
            Err(error) => refused = Some(error),
        }
    }
    match refused {
        None => Answer::Ok(json!({"woken": woken})),
        Some(error) => Answer::Error(error.into()),
    }
}

fn header(request: &Value, name: &str) -> String {
    let headers = request.get("headers").and_then(Value::as_object);
    let found = headers.into_iter().flatten().find(|(key, _)| key.eq_ignore_ascii_case(name));
    match found.map(|(_, value)| value) {
        Some(Value::Array(values)) => values.first().map(plain).unwrap_or_default(),
        Some(value) => plain(value),
        None => String::new(),
    }
}

/// Whether `t=<seconds>,v1=<hex>` signs this body with this secret, near enough to now.
fn is_signed(signature: &str, body: &str, secret: &str, now_s: i64) -> bool {
    let part = |name: &str| {
        signature
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| value.trim().to_owned()))
    };
    let (Some(time), Some(given)) = (part("t"), part("v1")) else { return false };
    let fresh = time.parse::<i64>().is_ok_and(|t| (now_s.saturating_sub(t)).abs() <= SKEW_S);
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return false };
    mac.update(format!("{time}.{body}").as_bytes());
    let ours = digest::hex(&mac.finalize().into_bytes());
    fresh && same(&ours, &given.to_lowercase())
}

/// Compares without telling by its time how much agreed.
fn same(a: &str, b: &str) -> bool {
    let differ = a.bytes().zip(b.bytes()).fold(0, |differ, (x, y)| differ | (x ^ y));
    a.len() == b.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_773_133_180;

    fn sign(body: &str, secret: &str, time: i64) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
        mac.update(format!("{time}.{body}").as_bytes());
        let hex = digest::hex(&mac.finalize().into_bytes());
        format!("t={time},v1={hex}")
    }

    #[test]
    fn only_a_fresh_signature_over_the_raw_body_counts() {
        let good = sign("{}", "s3cret", NOW_S - 20);
        assert!(is_signed(&good, "{}", "s3cret", NOW_S));
        assert!(!is_signed(&good, "{ }", "s3cret", NOW_S), "another body");
        assert!(!is_signed(&good, "{}", "other", NOW_S), "another secret");
        assert!(!is_signed(&good, "{}", "s3cret", NOW_S + 400), "too old");
        assert!(!is_signed(&sign("{}", "s3cret", NOW_S + 400), "{}", "s3cret", NOW_S), "too new");
        for broken in ["", "t=1", "v1=00", "t=x,v1=y", "t=,v1="] {
            assert!(!is_signed(broken, "{}", "s3cret", NOW_S), "{broken}");
        }
    }

    #[test]
    fn a_delivery_without_its_key_is_incomplete() {
        let path = |text: &str| vec![text.to_owned()];
        let trigger = Trigger {
            topic: "webhook:salesforce.case".into(),
            once_per: vec![path("caseId"), path("eventId")],
            newest_by: None,
        };
        let whole = json!({"caseId": "5", "eventId": 7});
        assert_eq!(dedupe_key(&trigger, &whole).as_deref(), Some("5|7"));
        assert_eq!(dedupe_key(&trigger, &json!({"caseId": "5"})), None);
        assert_eq!(dedupe_key(&trigger, &json!({"caseId": "5", "eventId": null})), None);
    }

    #[test]
    fn hears_what_gitlab_and_jira_say() {
        let pipeline = json!({"object_kind": "pipeline", "project": {"id": 42},
            "object_attributes": {"id": 5001}});
        assert_eq!(heard_of("gitlab", &pipeline), ["gitlab.pipeline:42/5001"]);
        let released = json!({"eventType": "avi:jira:released:version", "version": {"id": "9"}});
        assert_eq!(heard_of("jira", &released), ["jira.version.released:9"]);
        assert!(heard_of("salesforce", &pipeline).is_empty());
    }
}
