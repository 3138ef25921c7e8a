//! Starting: from an event to the row of a run. The row is the claim; the same event again finds
//! it, and events that are gathered find the one that is still open for them.

use serde_json::{Value, json};
use tutti_core::digest;
use tutti_core::event::Event;
use tutti_core::flow::{Coalesce, Intake, Trigger};
use tutti_core::session::{Row, begin};

use crate::admission;
use crate::host::{Host, PortError};
use crate::inbound::{Refusal, outline};
use crate::stop::Switches;
use crate::store::{self, FlowHead, Lane, Transaction};

/// How often a row is written against others who write it at the same time.
const TRIES: usize = 4;
/// A flow that starts more often for one issue, within `LOOP_MS`, goes round in circles.
const LOOP_RUNS: usize = 10;
/// See `LOOP_RUNS`; in milliseconds.
const LOOP_MS: i64 = 10 * 60_000;

/// Where an event that is gathered belongs.
enum Place {
    /// To this run.
    Open(Box<Row>),
    /// To a run of this id, which is to be made.
    Free(String),
}

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
    /// How many runs, each a step of the one before, lead to it.
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
            if at.as_str() < last_at {
                return stale(host, &last, self.payload).await.map_err(Refusal::from);
            }
        }
        let remembered = newest.map(|(about, at)| (about, json!({"at": at, "run": run})));
        let row = self.row(&run, host.now());
        if !self.create(host, row.clone(), remembered).await? {
            self.put_up(host, &row).await?;
        }
        Ok(())
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
            None => {
                self.create(host, self.row(&run, host.now()), None).await?;
                if store::row(host, &run).await?.is_none() {
                    return Ok(None);
                }
            }
        }
        Ok(Some(run))
    }

    /// Events of the same subject within a window are one run, with the payload of the last.
    async fn gather(&self, host: &Host, coalesce: &Coalesce) -> Result<(), Refusal> {
        let about = joined(&coalesce.per, self.payload).ok_or(Refusal::Incomplete)?;
        for _ in 0..TRIES {
            let now = host.now();
            let done = match self.place(host, coalesce, &about, now).await? {
                Place::Open(row) => self.add(host, *row).await?,
                Place::Free(run) => {
                    let due_at = Some(now + coalesce.window_ms);
                    self.create(host, Row { due_at, ..self.row(&run, now) }, None).await?
                }
            };
            if done {
                return Ok(());
            }
        }
        Err(Refusal::Unavailable)
    }

    /// Where an event that is gathered belongs. A run stays open from its first event on, so that
    /// of the window before may still be; one that was taken up early, because a person stopped
    /// it, leaves the rest of its window to the next.
    async fn place(
        &self,
        host: &Host,
        coalesce: &Coalesce,
        about: &str,
        now: i64,
    ) -> Result<Place, PortError> {
        let window = now.div_euclid(coalesce.window_ms);
        let id = |n: i64| self.run_id(&format!("{about}|{}", n * coalesce.window_ms));
        let gathers = |row: &Row| row.trigger().is_some() && row.due_at > Some(now);
        let this = store::row(host, &id(window)).await?;
        if let Some(row) = this.clone().filter(gathers) {
            return Ok(Place::Open(Box::new(row)));
        }
        if let Some(row) = store::row(host, &id(window - 1)).await?.filter(gathers) {
            return Ok(Place::Open(Box::new(row)));
        }
        let run = if this.is_none() { id(window) } else { id(window + 1) };
        let taken = if this.is_none() { None } else { store::row(host, &run).await? };
        Ok(taken.map_or(Place::Free(run), |row| Place::Open(Box::new(row))))
    }

    /// Adds the event to a run that gathers; answers whether nobody was faster. An event that says
    /// what is known already, or something older, costs no write.
    async fn add(&self, host: &Host, row: Row) -> Result<bool, PortError> {
        let Some(known) = row.trigger() else { return Ok(false) };
        let trigger = &self.intake.trigger;
        let (was, is) = (happened_at(trigger, &known), happened_at(trigger, self.payload));
        if known == *self.payload || is < was {
            return Ok(true);
        }
        let expect = row.version;
        let started = Event::Started {
            trigger: self.payload.clone(),
            source: self.source(),
            untrusted: self.untrusted.to_vec(),
            depth: self.depth,
        };
        let row = row.gather(started, host.now());
        taken(store::transact(host, &store::gathering(&row, expect)).await)
    }

    /// Writes the row of a new run and sees to it that somebody takes it up; answers whether
    /// nobody was faster. Where a stop stands, or the flow's breaker is open, nothing starts.
    async fn create(
        &self,
        host: &Host,
        row: Row,
        remembered: Option<(String, Value)>,
    ) -> Result<bool, PortError> {
        let (project, flow) = (&self.head.project, &self.head.id);
        if admission::desk(host, project, flow).await?.tripped.is_some() {
            return Ok(true);
        }
        if let Some(issue) = row.issue.as_deref()
            && store::runs_about(host, &row, host.now() - LOOP_MS, LOOP_RUNS).await? >= LOOP_RUNS
        {
            let why = format!("it started {LOOP_RUNS} times within 10 minutes for {issue}");
            admission::trip(host, self.head, &why).await?;
            return Ok(true);
        }
        let remembered = remembered.as_ref().map(|(key, value)| (key.as_str(), value.clone()));
        let lane = if self.intake.is_admitted() { Lane::Queue } else { Lane::Open };
        let gathers = self.intake.trigger.coalesce.is_some();
        if gathers {
            // Asked for before it is there: events that find it ask for nothing any more.
            self.put_up(host, &row).await?;
        }
        let transaction = store::creation(&row, lane, remembered);
        let Some(first) = self.claim(host, &row, &transaction).await? else { return Ok(true) };
        if first && !gathers {
            self.put_up(host, &row).await?;
        }
        Ok(first)
    }

    /// Writes the row, unless it is there already; answers whether it was not. Where a stop
    /// stands nothing is written, and nothing answered.
    async fn claim(
        &self,
        host: &Host,
        row: &Row,
        creation: &Transaction,
    ) -> Result<Option<bool>, PortError> {
        // Each further round means that somebody turned a switch meanwhile.
        loop {
            let switches = Switches::read(host).await?;
            if !switches.allow(&row.project, &row.flow) {
                return Ok(None);
            }
            let mut transaction = creation.clone();
            switches.guard(&mut transaction);
            if taken(store::transact(host, &transaction).await)? {
                return Ok(Some(true));
            }
            if store::row(host, &row.run).await?.is_some() {
                return Ok(Some(false));
            }
        }
    }

    /// Puts up a run that nobody has taken up yet: in the queue, or at its flow's desk.
    async fn put_up(&self, host: &Host, row: &Row) -> Result<(), PortError> {
        if self.intake.is_admitted() {
            return admission::expect(host, row).await;
        }
        store::enqueue(host, &row.run, None, 0, false).await
    }

    fn run_id(&self, key: &str) -> String {
        digest::run_id(&format!("{}:{}", self.head.project, self.head.id), key)
    }

    fn source(&self) -> String {
        self.topic.split_once(':').map_or(self.topic, |(_, source)| source).to_owned()
    }

    /// The row of a run that begins with this event.
    fn row(&self, run: &str, now: i64) -> Row {
        let Intake { id, name, .. } = self.intake;
        let mut row = Row::of(run, &self.head.project, (id, name), self.head.version);
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

/// Whether a transaction was taken, or somebody was faster.
fn taken(done: Result<(), PortError>) -> Result<bool, PortError> {
    match done {
        Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => Ok(false),
        done => done.map(|()| true),
    }
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

/// The values at these places as one key; `None` if one of them is missing.
fn joined(paths: &[Vec<String>], payload: &Value) -> Option<String> {
    let values = paths.iter().map(|path| at_path(payload, path));
    values.collect::<Option<Vec<_>>>().map(|values| values.join("|"))
}

/// What the event is about, as a key, and when it happened.
fn newest(trigger: &Trigger, head: &FlowHead, payload: &Value) -> Option<(String, String)> {
    let by = trigger.newest_by.as_ref()?;
    let about = store::newest_key(&head.project, &head.id, &at_path(payload, &by.key)?);
    Some((about, at_path(payload, &by.at)?))
}

/// When an event happened: where its flow says, else by the time every event of Jira carries.
fn happened_at(trigger: &Trigger, payload: &Value) -> Option<String> {
    match &trigger.newest_by {
        Some(by) => at_path(payload, &by.at),
        None => payload.get("timestamp").map(plain),
    }
}

fn at_path(payload: &Value, path: &[String]) -> Option<String> {
    let value = path.iter().try_fold(payload, |value, key| value.get(key.as_str()))?;
    (!value.is_null()).then(|| plain(value))
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_without_its_key_is_incomplete() {
        let paths = [vec!["caseId".to_owned()], vec!["event".to_owned(), "id".to_owned()]];
        let whole = json!({"caseId": "5", "event": {"id": 7}});
        assert_eq!(joined(&paths, &whole).as_deref(), Some("5|7"));
        assert_eq!(joined(&paths, &json!({"caseId": "5"})), None);
        assert_eq!(joined(&paths, &json!({"caseId": "5", "event": {"id": null}})), None);
        assert_eq!(joined(&[], &whole).as_deref(), Some(""), "all events are one");
    }
}
