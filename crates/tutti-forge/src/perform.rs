//! Performing an effect: build the request, sign it, send it, read the answer, tell the run.

use serde_json::{Value, json};
use tutti_connect::{Auth, Base, Call, Connector, Pages, Secret};
use tutti_core::event::{Action, Effect, Event, Reply};
use tutti_core::failure::Failure;
use tutti_core::model::Question;
use tutti_core::wire::{Request, Target};
use tutti_llm::Dialect;

use crate::breaker;
use crate::calendar;
use crate::connection::{self, PRICES, price};
use crate::flows;
use crate::host::Host;
use crate::reservation;

/// Performs one effect; every failure is an answer too.
pub async fn perform(effect: &Effect, host: &Host, started: i64) -> Event {
    let done = match &effect.action {
        Action::Call { operation, input, before, untrusted, .. } => {
            let before = (!before.is_null()).then_some(before);
            let call =
                OperationCall { operation, input, before, untrusted, effect_key: &effect.key };
            call.run(host, effect.deadline_ms).await
        }
        Action::Ask { question } => {
            let asked = ask(host, question, effect.deadline_ms);
            breaker::guarded(host, "model", effect.deadline_ms, asked).await
        }
    };
    let took_ms = u64::try_from(host.now() - started).unwrap_or_default();
    let result = Reply::of(done);
    Event::Answered { effect: effect.id.clone(), result, took_ms }
}

/// One call of an operation.
pub struct OperationCall<'a> {
    /// The operation's id.
    pub operation: &'a str,
    /// Its arguments.
    pub input: &'a Value,
    /// What was read before.
    pub before: Option<&'a Value>,
    /// JSON pointers to the arguments that hold what others wrote.
    pub untrusted: &'a [String],
    /// The marker.
    pub effect_key: &'a str,
}

impl OperationCall<'_> {
    /// Sends it. Credentials that are refused are renewed once, where that is possible.
    pub async fn run(&self, host: &Host, deadline_ms: u64) -> Result<Value, Failure> {
        let tool = self.operation.split('.').next().unwrap_or_default();
        let unknown = || Failure::Missing { path: self.operation.to_owned() };
        let connector = tutti_connect::connector(tool).ok_or_else(unknown)?;
        if matches!(connector.base, Base::Host) {
            return match self.operation.split('.').nth(1) {
                Some("calendar") => calendar::perform(self, host.now()),
                Some("reservation") => reservation::perform(self, host).await,
                _ => flows::perform(self, host).await,
            };
        }
        let call = self.answered(host, tool, connector, deadline_ms);
        breaker::guarded(host, tool, deadline_ms, call).await
    }

    /// The same whatever the connection's breaker says.
    pub async fn answered(
        &self,
        host: &Host,
        tool: &str,
        connector: &Connector,
        deadline_ms: u64,
    ) -> Result<Value, Failure> {
        let settings = if connector.fields.is_empty() {
            json!({})
        } else {
            connection::settings(host, tool).await?
        };
        let renewable = matches!(connector.auth, Auth::ClientCredentials { .. });
        match self.pages(host, tool, connector, &settings, deadline_ms, false).await {
            Err(Failure::Unauthorized) if renewable => {
                self.pages(host, tool, connector, &settings, deadline_ms, true).await
            }
            done => done,
        }
    }

    async fn pages(
        &self,
        host: &Host,
        tool: &str,
        connector: &Connector,
        settings: &Value,
        deadline_ms: u64,
        fresh: bool,
    ) -> Result<Value, Failure> {
        let call = Call {
            operation: self.operation,
            input: self.input,
            before: self.before,
            effect_key: self.effect_key,
            connection: settings,
        };
        let secrets = connection::credentials(host, tool, connector, settings, fresh).await?;
        let find = |name: &str| secrets.get(name).map(|secret| Secret::new(secret.expose()));
        let mut pages = Pages::of(self.operation)?;
        let mut next = Some(tutti_connect::request(&call)?);
        while let Some(mut request) = next {
            tutti_connect::authorize(connector, &mut request, &find)?;
            let reply = host.send(&request, deadline_ms).await?;
            next = pages.add(tutti_connect::read(&call, &reply, host.now())?);
        }
        Ok(pages.into_output())
    }
}

/// Asks the site's model.
async fn ask(host: &Host, question: &Question, deadline_ms: u64) -> Result<Value, Failure> {
    let settings = connection::settings(host, "model").await?;
    let key = connection::secret(host, &connection::secret_key("model", "api_key")).await?;
    // Dollars for a million tokens are millionths of a dollar for one.
    let [read, written] = PRICES
        .map(|name| settings.get(name).and_then(Value::as_str).and_then(price).unwrap_or_default());
    let question = question.clone().affordable(read, written)?;
    let mut request = tutti_llm::request(Dialect::OpenAi, &settings, &question)?;
    if let Some(key) = key {
        tutti_llm::authorize(Dialect::OpenAi, &mut request, key.expose())?;
    }
    let reply = host.send(&request, deadline_ms).await?;
    let mut answer = tutti_llm::read(Dialect::OpenAi, &reply)?;
    let cost = answer.input_tokens as f64 * read + answer.output_tokens as f64 * written;
    answer.usd_micros = cost.ceil() as u64;
    Ok(json!(answer))
}

/// What only Jira can answer, and only as the person acting.
pub struct Personal {
    /// The path.
    pub path: &'static str,
    /// The scope it needs; `manifest.yml` is held equal to it.
    #[cfg_attr(not(test), expect(dead_code))]
    pub scope: &'static str,
}

/// What the person may do.
pub const MY_PERMISSIONS: Personal =
    Personal { path: "/rest/api/3/mypermissions", scope: "read:jira-work" };
/// Who the person is.
pub const MYSELF: Personal = Personal { path: "/rest/api/3/myself", scope: "read:jira-user" };

/// Whether the person acting may do something; Jira answers for that person, as that person.
/// https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/#api-rest-api-3-mypermissions-get
pub async fn may(
    host: &Host,
    permission: &str,
    project: Option<&str>,
    issue: Option<&str>,
) -> Result<bool, Failure> {
    let mut query = format!("?permissions={permission}");
    for (name, key) in [("projectKey", project), ("issueKey", issue)] {
        let Some(key) = key else { continue };
        if key.is_empty() || !key.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c)) {
            return Ok(false);
        }
        query.push_str(&format!("&{name}={key}"));
    }
    let answer = as_person(host, &MY_PERMISSIONS, &query).await;
    let granted = match answer {
        // A work item the person cannot see does not exist for that person.
        Err(Failure::NotFound { .. }) => return Ok(false),
        other => other?,
    };
    let pointer = format!("/permissions/{permission}/havePermission");
    Ok(granted.pointer(&pointer).and_then(Value::as_bool).unwrap_or(false))
}

/// What the person acting is called.
pub async fn display_name(host: &Host) -> String {
    let myself = as_person(host, &MYSELF, "").await.unwrap_or_default();
    let name = myself.get("displayName").and_then(Value::as_str);
    name.unwrap_or("somebody").to_owned()
}

async fn as_person(host: &Host, asked: &Personal, query: &str) -> Result<Value, Failure> {
    let url = format!("{}{query}", asked.path);
    let headers = [("accept".to_owned(), "application/json".to_owned())].into();
    let request =
        Request { target: Target::Jira, method: "GET".to_owned(), url, headers, body: None };
    let reply = host.send_as_person(&request, 15_000).await?;
    match reply.status {
        200..=299 => serde_json::from_str(&reply.body)
            .map_err(|error| Failure::Malformed { reason: error.to_string() }),
        404 => Err(Failure::NotFound { message: String::new() }),
        status => Err(Failure::Unavailable { status }),
    }
}

/// Asks the model the smallest of questions.
pub async fn try_model(host: &Host) -> Result<String, Failure> {
    use tutti_core::model::{Message, Role};
    let text = "Answer with the JSON object {\"ok\": true}.".to_owned();
    let question = Question {
        decision: "connection-check".to_owned(),
        attempt: 1,
        model: None,
        messages: vec![Message { role: Role::User, text }],
        answer: json!({
            "type": "object", "properties": {"ok": {"type": "boolean"}}, "required": ["ok"],
            "additionalProperties": false,
        }),
        max_output_tokens: 200,
        max_usd_micros: u64::MAX,
    };
    let answer = ask(host, &question, 20_000).await?;
    let model = answer.get("model").and_then(Value::as_str).unwrap_or_default();
    Ok(format!("works, answered by {model}"))
}
