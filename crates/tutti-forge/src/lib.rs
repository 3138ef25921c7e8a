//! Tutti acts here: the WebAssembly surface, strings in and strings out.
//!
//! A worker calls [`open`] and then, turn by turn, [`Hold::step`], [`save`], [`perform`] and [`hear`];
//! everything else that happens to the app goes through [`serve`]. Nothing here outlives an invocation, and nothing here decides: that is `tutti-core`. [`replay`] needs no host.

mod admission;
pub mod api;
mod breaker;
mod calendar;
mod connection;
mod flows;
mod hook;
mod host;
mod inbound;
#[cfg(test)]
mod manifest;
mod perform;
mod reservation;
mod start;
mod stop;
mod store;
mod work;

use serde_json::json;
use tutti_core::case_file::CaseFile;
use tutti_core::event::{Effect, Event};
use wasm_bindgen::prelude::*;

use self::api::ApiError;
use self::host::{Answer, Host};
use self::inbound::Refusal;

/// One worker's hold on a run.
#[wasm_bindgen]
pub struct Hold(work::Worker);

/// Opens the run a message is about; answers nothing if there is nothing to do. `writer` names
/// this worker, differently each time.
#[wasm_bindgen]
pub async fn open(message: String, writer: String, host: Host) -> Result<Option<Hold>, JsError> {
    let worker = work::open(&message, &writer, &host).await;
    worker.map(|worker| worker.map(Hold)).map_err(|error| JsError::new(&error))
}

#[wasm_bindgen]
impl Hold {
    /// Folds a JSON list of events; answers the turn in one line, whether to save and when to wake,
    /// and then each effect in one of its own.
    pub fn step(&mut self, events: &str, now: f64) -> Result<String, JsError> {
        let unreadable = |error: serde_json::Error| JsError::new(&error.to_string());
        let events: Vec<Event> = serde_json::from_str(events).map_err(unreadable)?;
        self.0.step(events, now as i64).lines().map_err(unreadable)
    }
}

/// Executes the commit of the last turn; answers whether it is `stored`, was refused for something
/// to be `heard` in one more step, or the hold is `lost`.
#[wasm_bindgen]
pub async fn save(hold: &mut Hold, host: Host) -> Result<String, JsError> {
    let saved = hold.0.save(&host).await;
    saved.map(|saved| saved.name().to_owned()).map_err(|error| JsError::new(&error))
}

/// Reads what was said to the run since, for the next step.
#[wasm_bindgen]
pub async fn hear(hold: &mut Hold, host: Host) -> Result<(), JsError> {
    hold.0.hear(&host).await.map_err(|error| JsError::new(&error))
}

/// Performs one effect; answers the event that came of it. Failures are events too.
#[wasm_bindgen]
pub async fn perform(effect: String, host: Host) -> String {
    let started = host.now();
    match serde_json::from_str::<Effect>(&effect) {
        Ok(effect) => json(&perform::perform(&effect, &host, started).await),
        Err(_) => "null".to_owned(),
    }
}

/// Leaves a run to a later worker, `at` then or at once.
#[wasm_bindgen]
pub async fn requeue(run: String, at: f64, host: Host) {
    work::requeue(&run, at as i64, &host).await;
}

/// Everything that is no work on a run: web triggers, product events, the sweep, the UI.
#[wasm_bindgen]
pub async fn serve(entry: String, request: String, host: Host) -> String {
    let request = match serde_json::from_str(&request) {
        Ok(request) => request,
        Err(error) => return json(&unreadable(&entry, &error)),
    };
    let answer = match entry.as_str() {
        "hook" => hook::hook(&request, &host).await,
        "event" => inbound::event(&request, &host).await,
        "admit" => admission::look(&request, &host).await,
        "sweep" => inbound::sweep(&host).await,
        surface => api::call(surface, &request, &host).await,
    };
    json(&answer)
}

/// A request that cannot be read is never taken for an empty one: whoever sent it hears so.
fn unreadable(entry: &str, error: &serde_json::Error) -> Answer {
    if entry == "hook" {
        return hook::answer(Err(Refusal::Malformed));
    }
    let message = format!("this request cannot be read: {error}");
    Answer::Error(ApiError::new("unreadable", message).hint("say it in fewer parts"))
}

/// Verifies a case file and replays it; answers where the run stands at its end and the digest of
/// that state, or what is wrong with the file.
#[wasm_bindgen]
pub fn replay(case_file: &str) -> String {
    let file = match CaseFile::open(case_file) {
        Ok(file) => file,
        Err(error) => return json(&json!({ "error": error })),
    };
    let run = file.replay(None);
    json(&json!({
        "run": run.id(),
        "events": run.seq(),
        "state": run.state(),
        "reason": run.reason(),
        "state_hash": run.state_hash(file.flow()),
        "remarks": file.remarks(),
    }))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_else(|_| "null".to_owned())
}
