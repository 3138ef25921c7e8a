//! Starting: from an event to the row of a run. The row is the claim; the same event again finds
//! it, and events that are gathered find the one that is still open for them.

mod claim;
mod gathering;
mod payload;

use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::event::Event;
use tutti_core::flow::{Intake, is_earlier};
use tutti_core::session::{Row, begin};

use self::claim::Claim;
use self::payload::{joined, newest};
use crate::host::{Host, PortError};
use crate::inbound::{Refusal, outline};
use crate::store::{self, FlowHead, Message};

/// An event on its way to one flow.
pub struct Start<'a> {
    /// The flow.
    pub head: &'a FlowHead,
    /// What of it matters here.
    pub intake: &'a Intake,
    /// `webhook:salesforce.case` or `event:avi:jira:created:issue`.
    pub topic: &'a str,
    /// What the event says.
    pub payload: &'a Value,
    /// JSON pointers to parts of it that hold what others wrote.
    pub untrusted: &'a [String],
    /// How many runs lead to it, each of which ran or told the next.
    pub depth: u32,
}

impl Start<'_> {
    /// Makes the run the event means, or adds it to the one that gathers.
    pub async fn run(&self, host: &Host) -> Result<(), Refusal> {
        match &self.intake.trigger.coalesce {
            Some(coalesce) => self.gather(host, coalesce).await,
            None => self.single(host).await,
        }
    }

    /// One event, one run, unless it is there already or an older event came late.
    async fn single(&self, host: &Host) -> Result<(), Refusal> {
        let trigger = &self.intake.trigger;
        let key = joined(&trigger.once_per, self.payload).ok_or(Refusal::Incomplete)?;
        let run = self.run_id(&key);
        // The same event again: the same run. One that nobody took up yet is put up again.
        if let Some(row) = store::row(host, &run).await? {
            if !row.has_begun() {
                self.put_up(host, &row).await?;
            }
            return Ok(());
        }
        let newest = newest(trigger, self.head, self.payload);
        if let Some((about, at)) = &newest
            && let Some(last) = store::get(host, about).await?
        {
            let last_at = last.get("at").and_then(Value::as_str).unwrap_or_default();
            if is_earlier(at, last_at) {
                return stale(host, &last, self.payload).await.map_err(Refusal::from);
            }
        }
        let remembered = newest.map(|(about, at)| (about, json!({"at": at, "run": run})));
        let row = self.row(&run, host.now());
        match self.claim(host, row.clone(), remembered).await? {
            Claim::Theirs => self.put_up(host, &row).await.map_err(Refusal::from),
            Claim::Ours | Claim::Barred => Ok(()),
        }
    }

    /// A run that is a step of another one; the key of that effect names it, however often it is
    /// asked for. Nothing, where nothing of its flow may start.
    pub async fn as_step(
        &self,
        host: &Host,
        effect_key: &str,
    ) -> Result<Option<String>, PortError> {
        let run = self.run_id(effect_key);
        match store::row(host, &run).await? {
            Some(row) if row.has_begun() => {}
            Some(row) => self.put_up(host, &row).await?,
            None => match self.claim(host, self.row(&run, host.now()), None).await? {
                Claim::Ours | Claim::Theirs => {}
                Claim::Barred => return Ok(None),
            },
        }
        Ok(Some(run))
    }

    fn run_id(&self, key: &str) -> String {
        run_id(&self.head.project, &self.head.id, key)
    }

    fn source(&self) -> String {
        self.topic.split_once(':').map_or(self.topic, |(_, source)| source).to_owned()
    }

    /// The row of a run that begins with this event.
    fn row(&self, run: &str, now: i64) -> Row {
        let Intake { id, name, .. } = self.intake;
        let mut row = Row::of(run, &self.head.project, (id, name), self.head.version);
        row.depth = self.depth;
        if self.topic.starts_with("event:") {
            let key = self.payload.pointer("/issue/key").and_then(Value::as_str);
            row.issue = key.map(str::to_owned);
            row.subject.clone_from(&row.issue);
        }
        let started = Event::Started {
            trigger: self.payload.clone(),
            source: self.source(),
            untrusted: self.untrusted.to_vec(),
            depth: self.depth,
        };
        begin(row, started, now)
    }
}

/// The id of the run that the event with this key starts, whether it has or not.
pub fn run_id(project: &str, flow: &str, key: &str) -> String {
    digest::run_id(&format!("{project}:{flow}"), key)
}

/// An event older than one already seen is noted on that one's run and goes no further.
async fn stale(host: &Host, last: &Value, payload: &Value) -> Result<(), PortError> {
    let run = last.get("run").and_then(Value::as_str).unwrap_or_default();
    let id = digest::of_value(payload);
    let topic = "stale_event".to_owned();
    let event = Event::Signal { id, topic, payload: outline(payload) };
    store::enqueue(host, &Message::hint(run, event), 0).await
}
