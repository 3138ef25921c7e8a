//! Reservations: how much of something that is limited, like a person's capacity, is spoken for.
//! Taking is compare-and-set on one row, so that of two at the same second only one gets the last.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tutti_core::failure::Failure;

use crate::host::Host;
use crate::perform::OperationCall;
use crate::store::{self, Transaction, When};

/// How often a row is written against others who write it at the same time.
const TRIES: usize = 5;

/// What is taken of one thing, by key.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    held: BTreeMap<String, f64>,
}

/// What somebody wants to take.
#[derive(Debug, Clone, Copy)]
struct Wish<'a> {
    of: &'a str,
    key: &'a str,
    amount: f64,
    /// What is in use besides what is reserved here.
    in_use: f64,
    limit: Option<f64>,
}

impl Ledger {
    fn reserved(&self) -> f64 {
        self.held.values().sum()
    }

    /// Takes, or changes what this key has taken. Answers whether anything changed.
    fn take(&mut self, wish: Wish<'_>) -> Result<bool, Failure> {
        let own = self.held.get(wish.key).copied().unwrap_or_default();
        let others = self.reserved() - own;
        let wanted = wish.in_use + others + wish.amount;
        if let Some(limit) = wish.limit.filter(|limit| wanted > *limit && wish.amount > own) {
            let Wish { of, amount, in_use, .. } = wish;
            let used = in_use + others;
            let message = format!("{of} is full: {used} + {amount} is more than {limit}");
            return Err(Failure::Rejected { code: "full".to_owned(), message });
        }
        if wish.amount == 0.0 {
            return Ok(self.held.remove(wish.key).is_some());
        }
        Ok(self.held.insert(wish.key.to_owned(), wish.amount) != Some(wish.amount))
    }

    /// Gives back what this key has taken, and says how much that was.
    fn release(&mut self, key: &str) -> f64 {
        self.held.remove(key).unwrap_or_default()
    }
}

/// Performs `tutti.reservation.get`, `take` or `release`.
pub async fn perform(call: &OperationCall<'_>, host: &Host) -> Result<Value, Failure> {
    let text = |name: &str| call.input.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| call.input.get(name).and_then(Value::as_f64);
    let of = text("of");
    let key = Some(text("key")).filter(|key| !key.is_empty()).unwrap_or(call.effect_key);
    match call.operation {
        "tutti.reservation.get" => {
            let (ledger, _) = read(host, of).await?;
            let amount = ledger.held.get(text("key")).copied().unwrap_or_default();
            Ok(json!({"of": of, "reserved": ledger.reserved(), "amount": amount}))
        }
        "tutti.reservation.take" => {
            let (amount, limit) = (number("amount").unwrap_or_default(), number("limit"));
            if !(amount.is_finite() && amount >= 0.0) {
                let message = format!("{amount} cannot be taken");
                return Err(Failure::Rejected { code: "invalid_input".to_owned(), message });
            }
            let in_use = number("in_use").unwrap_or_default();
            let wish = Wish { of, key, amount, in_use, limit };
            let ledger = change(host, of, |ledger| ledger.take(wish)).await?;
            Ok(json!({"of": of, "key": key, "amount": amount, "reserved": ledger.reserved()}))
        }
        "tutti.reservation.release" => {
            let ledger = change(host, of, |ledger| Ok(ledger.release(key) > 0.0)).await?;
            Ok(json!({"of": of, "key": key, "reserved": ledger.reserved()}))
        }
        other => Err(Failure::Missing { path: other.to_owned() }),
    }
}

async fn read(host: &Host, of: &str) -> Result<(Ledger, Option<u64>), Failure> {
    let stored = store::entity(host, "reservation", &store::short(of)).await;
    let Some(stored) = stored.map_err(|error| store::trouble(&error))? else {
        return Ok((Ledger::default(), None));
    };
    let body = stored.get("body").and_then(Value::as_str).unwrap_or_default();
    let ledger = serde_json::from_str(body)
        .map_err(|error| Failure::Malformed { reason: format!("the ledger of {of}: {error}") })?;
    Ok((ledger, stored.get("version").and_then(Value::as_u64)))
}

/// Changes a ledger on the condition that nobody else did, and answers it; again from the start if
/// somebody did.
async fn change(
    host: &Host,
    of: &str,
    change: impl Fn(&mut Ledger) -> Result<bool, Failure>,
) -> Result<Ledger, Failure> {
    for _ in 0..TRIES {
        let (mut ledger, was) = read(host, of).await?;
        if !change(&mut ledger)? {
            return Ok(ledger);
        }
        match store::transact(host, &saving(of, &ledger, was)).await {
            Ok(()) => return Ok(ledger),
            Err(error) if error.is("CONDITIONAL_CHECK_FAILED") => {}
            Err(error) => return Err(store::trouble(&error)),
        }
    }
    Err(Failure::Conflict { message: format!("many reserve {of} at the same time") })
}

/// The transaction that writes a ledger over the one of version `was`.
pub fn saving(of: &str, ledger: &Ledger, was: Option<u64>) -> Transaction {
    let value = json!({
        "version": was.unwrap_or_default() + 1,
        "body": serde_json::to_string(ledger).unwrap_or_default(),
    });
    let mut transaction = Transaction::default();
    transaction.set_entity("reservation", &store::short(of), &value, Some(When::unchanged(was)));
    transaction
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(ledger: &mut Ledger, key: &str, amount: f64, limit: f64) -> Result<bool, Failure> {
        ledger.take(Wish { of: "ben", key, amount, in_use: 12.0, limit: Some(limit) })
    }

    #[test]
    fn what_is_reserved_counts_like_what_is_in_use() {
        let mut ledger = Ledger::default();
        assert_eq!(take(&mut ledger, "PAY-1", 3.0, 20.0), Ok(true), "12 + 3");
        let full = take(&mut ledger, "PAY-2", 6.0, 20.0).unwrap_err();
        assert_eq!(
            full.to_string(),
            "refused by the other side (full): ben is full: 15 + 6 is more than 20"
        );
        assert_eq!(take(&mut ledger, "PAY-3", 5.0, 20.0), Ok(true), "the last that fit");
        assert_eq!(ledger.reserved(), 8.0);
    }

    #[test]
    fn the_same_key_again_is_the_same_reservation() {
        let mut ledger = Ledger::default();
        assert_eq!(take(&mut ledger, "PAY-1", 8.0, 20.0), Ok(true));
        assert_eq!(take(&mut ledger, "PAY-1", 8.0, 20.0), Ok(false), "nothing to write");
        assert_eq!(take(&mut ledger, "PAY-1", 8.0, 15.0), Ok(false), "a limit that fell since");
        assert_eq!(take(&mut ledger, "PAY-1", 2.0, 20.0), Ok(true), "less is possible");
        assert_eq!(ledger.release("PAY-1"), 2.0);
        assert_eq!((ledger.release("PAY-1"), ledger.reserved()), (0.0, 0.0), "once");
    }
}
