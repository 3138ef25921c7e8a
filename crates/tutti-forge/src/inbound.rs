//! What comes in from outside: events of products and tools, and the sweep.
//!
//! Everything here remembers and enqueues; nothing here works on a run.

use futures_util::future::try_join_all;
use serde_json::{Map, Value, json};
use tutti_connect::{Echo, Events};
use tutti_core::digest;
use tutti_core::event::Event;
use tutti_core::flow::Intake;
use tutti_core::view::RunState;

use crate::admission;
use crate::host::{Answer, Host, PortError};
use crate::start::Start;
use crate::stop;
use crate::store::{self, FlowHead, Lane, Message};

/// How long a run whose alarm has rung is left to whoever heard it, in milliseconds.
const RUNG_MS: i64 = 30_000;

/// The longest text or name and the most members that are kept of an event: it is a hint, and its
/// message has room for 100 KB.
const OUTLINE_BYTES_MAX: usize = 500;
const OUTLINE_MEMBERS_MAX: usize = 50;

/// The waits before an event of a product is delivered again, in seconds. A product tries four
/// times, so the last waits must outlast a storm.
const AGAIN_S: [u32; 4] = [30, 120, 600, 900];

/// Why a delivery is turned away; each has its own fixed answer in `manifest.yml`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    TooLarge,
    Unauthorized,
    Malformed,
    Incomplete,
    Unavailable,
}

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

/// What two attempts come to: an event that may come again must, whatever else is wrong with it.
fn both(one: Result<(), Refusal>, other: Result<(), Refusal>) -> Result<(), Refusal> {
    match other {
        Err(Refusal::Unavailable) => other,
        _ => one.and(other),
    }
}

impl From<PortError> for Refusal {
    fn from(_: PortError) -> Self {
        Self::Unavailable
    }
}

/// One product event.
pub async fn event(payload: &Value, host: &Host) -> Answer {
    let kind = payload.get("eventType").and_then(Value::as_str).unwrap_or_default();
    let done = arrived(host, "jira", &format!("event:{kind}"), payload).await;
    // An event that was not taken is delivered again; a flow that cannot use it is no reason to.
    let tries = payload.pointer("/retryContext/retryCount").and_then(Value::as_u64);
    let tries = usize::try_from(tries.unwrap_or_default()).unwrap_or_default();
    let again = AGAIN_S.get(tries).filter(|_| done == Err(Refusal::Unavailable));
    Answer::Ok(json!({"retry_after": again}))
}

/// One event of a tool that is known to be genuine: waiting runs hear of it, flows start with it.
pub async fn arrived(host: &Host, tool: &str, topic: &str, payload: &Value) -> Result<(), Refusal> {
    let none = Events::default();
    let events = tutti_connect::connector(tool).map_or(&none, |connector| &connector.events);
    let mut done = Ok(());
    for topic in events.topics(payload) {
        let told = signal(host, &topic, payload).await.map(|_| ());
        done = both(done, told.map_err(Refusal::from));
    }
    both(done, start_flows(host, topic, payload, events.echo(payload)).await)
}

/// Tells every run that waits for a topic; says how many there were.
pub async fn signal(host: &Host, topic: &str, payload: &Value) -> Result<usize, PortError> {
    let listeners = store::listeners(host, topic).await?;
    let waits = try_join_all(listeners.iter().map(|one| one.waits(host))).await?;
    let id = digest::of_value(&json!([topic, payload]));
    let event = Event::Signal { id, topic: topic.to_owned(), payload: outline(payload) };
    let waiting = listeners.iter().zip(waits).filter(|(_, waits)| *waits);
    let told: Vec<_> = waiting.map(|(one, _)| Message::hint(&one.run, event.clone())).collect();
    let heard = told.len();
    store::enqueue_all(host, told.into_iter()).await?;
    Ok(heard)
}

/// Starts a run of every enabled flow the topic triggers, but for those of another project than the
/// event's, unless the event is of our own making: flows would start themselves and each other for
/// ever.
async fn start_flows(
    host: &Host,
    topic: &str,
    payload: &Value,
    echo: Option<Echo>,
) -> Result<(), Refusal> {
    let mut done = Ok(());
    let project = project_of(topic, payload);
    let own = |head: &FlowHead| project.is_none_or(|project| project == head.project);
    for head in store::flows_of_topic(host, topic).await?.into_iter().filter(own) {
        let Some(intake) = Intake::read(&head.document) else { continue };
        let one = match &echo {
            None => {
                let start = Start {
                    head: &head,
                    intake: &intake,
                    topic,
                    payload,
                    untrusted: &[],
                    depth: 0,
                };
                start.run(host).await
            }
            Some(Echo::Effect(effect)) => {
                ignore(host, &head, topic, effect).await.map_err(Refusal::from)
            }
            Some(Echo::Own) => Ok(()),
        };
        // One flow's trouble keeps the event from no other.
        done = both(done, one);
    }
    done
}

/// The key of the project an event of Jira is about, where it says so: its issue's key begins with it.
fn project_of<'p>(topic: &str, payload: &'p Value) -> Option<&'p str> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    let said = || {
        let issue = text("/issue/key").and_then(|key| key.rsplit_once('-'));
        issue.map(|(project, _)| project).or_else(|| text("/project/key"))
    };
    topic.strip_prefix("event:").and_then(|_| said())
}

/// Notes on the run that caused an event that it starts nothing; once for each flow, for every
/// note costs writes.
async fn ignore(host: &Host, head: &FlowHead, topic: &str, effect: &str) -> Result<(), PortError> {
    let run = effect.split('/').next().unwrap_or_default();
    let id = digest::of_value(&json!(["echo", head.project, head.id]));
    let Some(row) = store::row(host, run).await? else { return Ok(()) };
    let said = |event: &Event| matches!(event, Event::Signal { id: known, .. } if *known == id);
    // What is in chunks is long ago: it would be said once more, which is better than reading them.
    let lately = row.journal(&[]).unwrap_or_default();
    if lately.iter().flatten().any(|record| said(&record.event)) {
        return Ok(());
    }
    let payload = json!({"effect": effect, "event": topic, "flow": head.id});
    let event = Event::Signal { id, topic: "echo".to_owned(), payload };
    store::enqueue(host, &Message::hint(run, event), 0).await
}

/// The plain and short members of a payload; the facts themselves are read at their source.
pub fn outline(payload: &Value) -> Value {
    let short = |value: &Value| match value {
        Value::Object(_) | Value::Array(_) => false,
        Value::String(text) => text.len() <= OUTLINE_BYTES_MAX,
        _ => true,
    };
    let members = payload.as_object().into_iter().flatten();
    let plain = members.filter(|(name, value)| name.len() <= OUTLINE_BYTES_MAX && short(value));
    let plain = plain.take(OUTLINE_MEMBERS_MAX);
    Value::Object(plain.map(|(key, value)| (key.clone(), value.clone())).collect::<Map<_, _>>())
}

/// Every run that is due is put in the queue; whoever takes it up decides what it needs.
pub async fn sweep(host: &Host) -> Answer {
    let due = match store::runs_in(host, Lane::Open, host.now()).await {
        Ok(due) => due,
        Err(error) => return Answer::Error(error.into()),
    };
    let mut woken = 0;
    let mut refused = admission::sweep(host).await.and(stop::sweep(host).await).err();
    let now = host.now();
    let rang = |at| (0..RUNG_MS).contains(&(now - at));
    for row in due.into_iter().filter(|row| !row.alarm_at.is_some_and(rang)) {
        let swept = row.state == RunState::Running;
        match store::enqueue(host, &Message { swept, ..Message::of(&row.run) }, 0).await {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_that_may_come_again_does_whatever_else_is_wrong_with_it() {
        let (wrong, later) = (Err(Refusal::Incomplete), Err(Refusal::Unavailable));
        for (one, other, expected) in [
            (Ok(()), Ok(()), Ok(())),
            (wrong, Ok(()), wrong),
            (Ok(()), wrong, wrong),
            (wrong, later, later),
            (later, wrong, later),
        ] {
            assert_eq!(both(one, other), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn an_event_of_jira_says_of_which_project_it_is() {
        let (jira, tool) = ("event:avi:jira:updated:issue", "webhook:gitlab");
        for (topic, payload, expected) in [
            (jira, json!({"issue": {"id": "10501", "key": "PAY-88"}}), Some("PAY")),
            (jira, json!({"issue": {"key": "PAY_EU2-1"}}), Some("PAY_EU2")),
            (jira, json!({"project": {"id": "10000", "key": "SEC"}}), Some("SEC")),
            (jira, json!({"version": {"id": "7", "projectId": 10000}}), None),
            (jira, json!({"issue": {"id": "10501"}}), None),
            (tool, json!({"issue": {"key": "SEC-3"}, "project": {"key": "SEC"}}), None),
        ] {
            assert_eq!(project_of(topic, &payload), expected, "{topic} {payload}");
        }
    }

    #[test]
    fn a_hint_fits_a_message_however_much_an_event_says() {
        let mut payload = json!({
            "action": "merged", "number": 7, "note": null, "by": {"name": "Ben"}, "labels": ["bug"],
            "description": "x".repeat(100_000),
        });
        payload["y".repeat(100_000)] = json!(true);
        assert_eq!(outline(&payload), json!({"action": "merged", "number": 7, "note": null}));
        for n in 0..10_000 {
            payload[format!("member {n}")] = json!("y".repeat(OUTLINE_BYTES_MAX));
        }
        assert!(outline(&payload).to_string().len() < 50 * 1024);
        assert_eq!(outline(&json!("text")), json!({}));
    }
}
