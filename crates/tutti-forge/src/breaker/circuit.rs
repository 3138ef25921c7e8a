//! The circuit of a connection: closed while calls get answers, open after they failed again and
//! again, half open while one call finds out whether it is over. Decides only.

use serde::{Deserialize, Serialize};
use tutti_core::failure::Failure;

/// Failures in a row that open the circuit.
const FAILURES_MAX: u32 = 5;
/// How long it stays open, in milliseconds.
const OPEN_MS: i64 = 120_000;
/// What is added to a probe's own time before another call may probe, in milliseconds.
const PROBE_MARGIN_MS: i64 = 10_000;

/// What is remembered of a connection that has failed; nothing is, as long as all is well.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Circuit {
    /// Failures since the last answer.
    pub failures: u32,
    /// No call before this time.
    pub open_until: Option<i64>,
    /// Since when it is open.
    pub since: Option<i64>,
    /// How the last call failed.
    pub reason: String,
}

/// What a call may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Be made.
    Call,
    /// Be made as the only one: whoever takes this way first writes it down.
    Probe,
    /// Not be made; in so many milliseconds it may.
    Wait(i64),
}

impl Circuit {
    /// What a call may do now.
    pub fn way(&self, now: i64) -> Way {
        match self.open_until {
            None => Way::Call,
            Some(until) if until > now => Way::Wait(until - now),
            Some(_) => Way::Probe,
        }
    }

    /// One call goes ahead, and may take so long; the others wait for what it finds.
    pub fn probe(&mut self, now: i64, deadline_ms: u64) {
        let longest = i64::try_from(deadline_ms).unwrap_or(OPEN_MS);
        self.open_until = Some(now.saturating_add(longest).saturating_add(PROBE_MARGIN_MS));
    }

    /// A call failed. Answers whether it says anything about the connection.
    pub fn failed(&mut self, failure: &Failure, now: i64) -> bool {
        if !tells_of_outage(failure) {
            return false;
        }
        self.failures = self.failures.saturating_add(1);
        self.reason = failure.to_string();
        if self.failures >= FAILURES_MAX {
            self.open_until = Some(now.saturating_add(OPEN_MS));
            self.since.get_or_insert(now);
        }
        true
    }
}

/// Whether the other side did not answer at all, or could not. A refusal is an answer.
pub fn tells_of_outage(failure: &Failure) -> bool {
    matches!(failure, Failure::Timeout | Failure::Unreachable { .. } | Failure::Unavailable { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000;

    fn failing(times: u32, from: i64) -> Circuit {
        let mut circuit = Circuit::default();
        for n in 0..i64::from(times) {
            circuit.failed(&Failure::Timeout, from + n * SECOND);
        }
        circuit
    }

    #[test]
    fn five_failures_in_a_row_open_it_for_two_minutes() {
        for (failures, at, expected) in [
            (0, 0, Way::Call),
            (4, 4, Way::Call),
            (5, 4, Way::Wait(120 * SECOND)),
            (5, 64, Way::Wait(60 * SECOND)),
            (5, 123, Way::Wait(SECOND)),
            (5, 124, Way::Probe),
        ] {
            assert_eq!(failing(failures, 0).way(at * SECOND), expected, "{failures} {at}");
        }
    }

    #[test]
    fn one_call_probes_and_the_others_wait_for_it() {
        let mut circuit = failing(5, 0);
        circuit.probe(200 * SECOND, 60_000);
        assert_eq!(circuit.way(201 * SECOND), Way::Wait(69 * SECOND));
        assert_eq!(circuit.way(270 * SECOND), Way::Probe, "a probe that died is made again");
        assert!(circuit.failed(&Failure::Timeout, 230 * SECOND));
        assert_eq!(circuit.way(231 * SECOND), Way::Wait(119 * SECOND), "open at once");
        assert_eq!(circuit.since, Some(4 * SECOND), "since it first opened");
    }

    #[test]
    fn a_refusal_says_nothing_about_the_connection() {
        let message = String::new;
        let table = [
            (Failure::Timeout, true),
            (Failure::Unreachable { host: message(), reason: message(), after_ms: None }, true),
            (Failure::Unavailable { status: 503 }, true),
            (Failure::RateLimited { after_ms: None }, false),
            (Failure::Unauthorized, false),
            (Failure::Forbidden { message: message() }, false),
            (Failure::NotFound { message: message() }, false),
            (Failure::Conflict { message: message() }, false),
            (Failure::Rejected { code: message(), message: message() }, false),
            (Failure::Malformed { reason: message() }, false),
        ];
        for (failure, expected) in table {
            assert_eq!(Circuit::default().failed(&failure, 0), expected, "{failure}");
        }
    }
}
