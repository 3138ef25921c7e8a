//! Answers to what a run asks: yes or no to an approval, a form filled in, a way on.

use serde::Deserialize;
use serde_json::{Map, Value};
use tutti_core::event::{Said, Way};
use tutti_core::problem::Problem;
use tutti_core::schema::Schema;
use tutti_core::session::Session;
use tutti_core::view::{QuestionView, RunView};

use super::say::say;
use super::{ApiError, Caller, given, own_session, view};
use crate::host::Host;

/// The longest reason, in characters: it is stored with the run and shown to everybody.
pub(super) const REASON_CHARS_MAX: usize = 1_000;

#[derive(Deserialize)]
struct Approval {
    run: String,
    effect: String,
    payload_hash: String,
    answer: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    changes: Map<String, Value>,
}

#[derive(Deserialize)]
struct Form {
    run: String,
    question: String,
    answer: Map<String, Value>,
}

#[derive(Deserialize)]
struct Choice {
    run: String,
    question: String,
    way: Way,
    #[serde(default)]
    reason: String,
}

/// Yes, yes but, or no to exactly what was on the card.
pub(super) async fn to_approval(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let given: Approval = given(payload)?;
    let mut session = own_session(&given.run, caller, host).await?;
    let before = view(&session, caller, host).await?;
    let card = before.approvals.iter().find(|card| card.effect == given.effect);
    let card = card.ok_or_else(not_asked)?;
    if card.payload_hash != given.payload_hash {
        return Err(ApiError::new("changed_meanwhile", "what would be sent has changed")
            .hint("look at it again before you answer"));
    }
    if !card.mine {
        return Err(not_yours(&card.approver_name));
    }
    let Approval { effect, payload_hash, reason, changes, .. } = given;
    let said = match given.answer.as_str() {
        "approve" => Said::Approve { effect, payload_hash },
        "modify" if changes.is_empty() => return Err(ApiError::missing("changes")),
        "modify" => Said::Modify { effect, payload_hash, changes },
        "reject" if reason.trim().is_empty() => return Err(ApiError::missing("reason")),
        "reject" => Said::Reject { effect, payload_hash, reason: short(reason)? },
        other => return Err(ApiError::unknown(other)),
    };
    say(&mut session, said, caller, host).await
}

/// The form of a question, filled in.
pub(super) async fn to_question(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let Form { run, question, answer } = given(payload)?;
    let mut session = own_session(&run, caller, host).await?;
    let asked = asked(&session, &question, caller, host).await?;
    let schema = asked.schema.ok_or_else(not_asked)?;
    let problems = faults(&schema, &answer);
    if !problems.is_empty() {
        return Err(ApiError::new("bad_answer", "this answer does not fit the question")
            .hint("mend what is listed and send it again")
            .problems(problems));
    }
    say(&mut session, Said::Answer { question, answer }, caller, host).await
}

/// How a call goes on that got stuck, or is about to leave.
pub(super) async fn way_on(
    payload: &Value,
    caller: &Caller,
    host: &Host,
) -> Result<RunView, ApiError> {
    let Choice { run, question, way, reason } = given(payload)?;
    let mut session = own_session(&run, caller, host).await?;
    let asked = asked(&session, &question, caller, host).await?;
    if !asked.ways.iter().any(|open| open.way == way) {
        return Err(ApiError::new("no_such_way", "this is not among the ways to go on"));
    }
    say(&mut session, Said::Resolve { question, way, reason: short(reason)? }, caller, host).await
}

/// The question, if it is still asked, and the caller is who it is put to.
async fn asked(
    session: &Session,
    question: &str,
    caller: &Caller,
    host: &Host,
) -> Result<QuestionView, ApiError> {
    let view = view(session, caller, host).await?;
    let asked = view.questions.into_iter().find(|asked| asked.id == question);
    let asked = asked.ok_or_else(not_asked)?;
    if asked.mine { Ok(asked) } else { Err(not_yours(&asked.who_name)) }
}

/// What is wrong with an answer, field by field.
fn faults(schema: &Value, answer: &Map<String, Value>) -> Vec<Problem> {
    let Ok(schema) = Schema::parse(schema) else { return Vec::new() };
    let faults = schema.check(&Value::Object(answer.clone()));
    faults.into_iter().map(|fault| Problem::error(fault.keyword, fault.at, fault.message)).collect()
}

pub(super) fn short(reason: String) -> Result<String, ApiError> {
    if reason.chars().count() <= REASON_CHARS_MAX {
        return Ok(reason);
    }
    let message = format!("a reason can have {REASON_CHARS_MAX} characters");
    Err(ApiError::new("too_long", message).hint("say it in a few sentences"))
}

fn not_asked() -> ApiError {
    ApiError::new("not_asked", "this is not waiting for an answer any more")
        .hint("load the panel again")
}

fn not_yours(name: &str) -> ApiError {
    let who = if name.is_empty() { "somebody else" } else { name };
    ApiError::new("not_yours", format!("{who} is asked, not you"))
}
