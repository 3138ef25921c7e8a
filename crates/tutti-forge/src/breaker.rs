//! The breaker of a connection, shared by all runs: after failures in a row nobody calls any more
//! until one call has found out that it is over. A call that works costs a read at most and no write.

mod circuit;

use std::future::Future;

use serde_json::{Value, json};
use tutti_core::failure::Failure;

pub use self::circuit::Circuit;
use self::circuit::{Way, tells_of_outage};
use crate::host::{Host, PortError};
use crate::store::{self, Transaction, When};

/// How often a circuit is written against others who write it at the same time.
const TRIES: usize = 4;

/// The circuit of a connection as it is stored, and its version.
async fn read(host: &Host, tool: &str) -> Result<(Circuit, Option<u64>), PortError> {
    Ok(circuit(store::entity(host, "breaker", tool).await?))
}

/// The same as it was seconds ago: what others find out meanwhile is no secret for long.
async fn recent(host: &Host, tool: &str) -> Result<(Circuit, Option<u64>), PortError> {
    let place = json!({"entity": "breaker", "key": tool});
    Ok(circuit(host.recent("get", place).await?))
}

fn circuit(stored: Option<Value>) -> (Circuit, Option<u64>) {
    let Some(stored) = stored else { return Default::default() };
    let body = stored.get("body").and_then(Value::as_str).unwrap_or_default();
    let version = stored.get("version").and_then(Value::as_u64);
    (serde_json::from_str(body).unwrap_or_default(), version)
}

/// The circuit of a connection, if it is open.
pub async fn open(host: &Host, tool: &str) -> Result<Option<Circuit>, PortError> {
    let (circuit, _) = read(host, tool).await?;
    Ok(Some(circuit).filter(|circuit| circuit.since.is_some()))
}

/// The transaction that writes a circuit over the one of version `was`.
pub fn saving(tool: &str, circuit: &Circuit, was: Option<u64>) -> Transaction {
    let value = json!({
        "version": was.unwrap_or_default() + 1,
        "body": serde_json::to_string(circuit).unwrap_or_default(),
    });
    let mut transaction = Transaction::default();
    transaction.set_entity("breaker", tool, &value, Some(When::unchanged(was)));
    transaction
}

/// Makes a call, unless the connection's circuit is open. Where our own storage does not answer,
/// calls are made: a breaker saves others from us, it is no lock.
pub async fn guarded<T>(
    host: &Host,
    tool: &str,
    deadline_ms: u64,
    call: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let (mut circuit, was) = recent(host, tool).await.unwrap_or_default();
    let now = host.now();
    match circuit.way(now) {
        Way::Call => {}
        Way::Wait(after_ms) => return Err(held_back(tool, &circuit, after_ms)),
        Way::Probe => {
            circuit.probe(now, deadline_ms);
            if store::transact(host, &saving(tool, &circuit, was)).await.is_err() {
                let (circuit, _) = read(host, tool).await.unwrap_or_default();
                if let Way::Wait(after_ms) = circuit.way(now) {
                    return Err(held_back(tool, &circuit, after_ms));
                }
            }
        }
    }
    let done = call.await;
    match &done {
        Err(failure) if tells_of_outage(failure) => note(host, tool, failure).await,
        _ if was.is_some() => close(host, tool).await,
        _ => {}
    }
    done
}

/// Counts a failure, also one of several at the same moment.
async fn note(host: &Host, tool: &str, failure: &Failure) {
    for _ in 0..TRIES {
        let Ok((mut circuit, was)) = read(host, tool).await else { return };
        if !circuit.failed(failure, host.now()) {
            return;
        }
        match store::transact(host, &saving(tool, &circuit, was)).await {
            Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => {}
            _ => return,
        }
    }
}

/// Forgets what failed: the other side answers.
pub async fn close(host: &Host, tool: &str) {
    let mut transaction = Transaction::default();
    transaction.delete_entity("breaker", tool, None);
    let _ = store::transact(host, &transaction).await;
}

fn held_back(tool: &str, circuit: &Circuit, after_ms: i64) -> Failure {
    Failure::Unreachable {
        host: tool.to_owned(),
        reason: format!("it failed {} times in a row, last: {}", circuit.failures, circuit.reason),
        after_ms: u64::try_from(after_ms).ok(),
    }
}
