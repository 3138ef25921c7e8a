//! The failure table: what happens next when an effect did not bring what was asked.

use crate::failure::Failure;
use crate::operation::Once;

/// The longest wait of our own before another try, in milliseconds.
const WAIT_MAX_MS: i64 = 3_600_000;
/// The longest that the other side may ask for, in milliseconds.
const ASKED_MAX_MS: i64 = 24 * 3_600_000;
/// How many times longer each wait is than the one before.
pub(crate) const BACKOFF: i64 = 4;

/// How often an effect is tried and how long is waited in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retry {
    /// Tries in all, the first included.
    pub attempts: u32,
    /// The wait before the second try, in milliseconds; each further one is four times as long.
    pub delay_ms: i64,
}

impl Default for Retry {
    fn default() -> Self {
        Self { attempts: 3, delay_ms: 1_000 }
    }
}

/// What to do next about an effect that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recovery {
    /// Try the same again after so many milliseconds.
    Retry {
        /// The wait.
        after_ms: i64,
    },
    /// It may have happened: look for it first.
    Probe,
    /// The target changed: read it again and apply the change to what is there now.
    ReadAgain,
    /// Nothing more can be done here; the step's `catch` decides.
    GiveUp,
}

/// What is known of the effect that failed.
#[derive(Debug, Clone, Copy)]
pub struct Tried {
    /// Its class.
    pub once: Once,
    /// How often it was tried, this time included.
    pub attempts: u32,
    /// Whether what it replaces was read before.
    pub has_before: bool,
    /// Whether there is a way to look whether it happened. Where there is, it is taken, whatever
    /// the class: repeating an update against a version that moved on would apply it twice.
    pub has_probe: bool,
    /// How often it may be tried.
    pub retry: Retry,
}

impl Tried {
    /// A read tried so many times.
    pub fn read(attempts: u32, retry: Retry) -> Self {
        Self { once: Once::Read, attempts, has_before: false, has_probe: false, retry }
    }
}

/// The table: failure × effect class × tries so far.
pub fn recover(failure: &Failure, tried: Tried) -> Recovery {
    let may_repeat = match tried.once {
        Once::Read | Once::Idempotent | Once::Keyed => true,
        Once::Probed | Once::Unsafe => !failure.may_have_happened(),
    };
    // A call that was held back, because its connection failed again and again, was no real try.
    let held_back = matches!(failure, Failure::Unreachable { after_ms: Some(_), .. });
    let again = tried.attempts < tried.retry.attempts + u32::from(held_back);
    match failure {
        _ if failure.may_have_happened() && tried.has_probe => Recovery::Probe,
        Failure::Conflict { .. } if tried.has_before && again => Recovery::ReadAgain,
        _ if failure.is_transient() && may_repeat && again => {
            Recovery::Retry { after_ms: wait_ms(failure, tried.attempts, tried.retry) }
        }
        _ => Recovery::GiveUp,
    }
}

/// The wait before the next try, in milliseconds: ours, or longer if the other side asked for it.
pub(crate) fn wait_ms(failure: &Failure, attempts: u32, retry: Retry) -> i64 {
    let longer = BACKOFF.saturating_pow(attempts.saturating_sub(1));
    let ours = retry.delay_ms.saturating_mul(longer).min(WAIT_MAX_MS);
    let theirs = match failure {
        Failure::RateLimited { after_ms: Some(theirs) }
        | Failure::Unreachable { after_ms: Some(theirs), .. } => {
            i64::try_from(*theirs).unwrap_or(i64::MAX).min(ASKED_MAX_MS)
        }
        _ => 0,
    };
    ours.max(theirs)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::*;

    fn failures() -> Vec<Failure> {
        let message = String::new;
        vec![
            Failure::Timeout,
            Failure::Unreachable { host: message(), reason: message(), after_ms: None },
            Failure::Unavailable { status: 500 },
            Failure::RateLimited { after_ms: Some(5_000) },
            Failure::Unauthorized,
            Failure::Forbidden { message: message() },
            Failure::NotFound { message: message() },
            Failure::Conflict { message: message() },
            Failure::Rejected { code: message(), message: message() },
            Failure::Malformed { reason: message() },
            Failure::TooLarge { reason: message() },
        ]
    }

    fn check(once: Once, attempts: u32, expected: Expect) {
        let has_probe = once == Once::Probed;
        let retry = Retry::default();
        let tried = Tried { once, attempts, has_before: true, has_probe, retry };
        let rows: Vec<String> = failures()
            .iter()
            .map(|failure| format!("{:12} {:?}", failure.kind(), recover(failure, tried)))
            .collect();
        expected.assert_eq(&(rows.join("\n") + "\n"));
    }

    #[test]
    fn an_idempotent_write_is_simply_repeated() {
        check(
            Once::Idempotent,
            1,
            expect![[r#"
                timeout      Retry { after_ms: 1000 }
                unreachable  Retry { after_ms: 1000 }
                unavailable  Retry { after_ms: 1000 }
                rate_limited Retry { after_ms: 5000 }
                unauthorized GiveUp
                forbidden    GiveUp
                not_found    GiveUp
                conflict     ReadAgain
                rejected     GiveUp
                malformed    Retry { after_ms: 1000 }
                too_large    GiveUp
            "#]],
        );
    }

    #[test]
    fn a_probed_write_is_looked_for_before_it_is_repeated() {
        check(
            Once::Probed,
            2,
            expect![[r#"
                timeout      Probe
                unreachable  Retry { after_ms: 4000 }
                unavailable  Probe
                rate_limited Retry { after_ms: 5000 }
                unauthorized GiveUp
                forbidden    GiveUp
                not_found    GiveUp
                conflict     ReadAgain
                rejected     GiveUp
                malformed    Probe
                too_large    Probe
            "#]],
        );
    }

    #[test]
    fn an_unsafe_write_that_may_have_happened_is_never_repeated() {
        check(
            Once::Unsafe,
            1,
            expect![[r#"
                timeout      GiveUp
                unreachable  Retry { after_ms: 1000 }
                unavailable  GiveUp
                rate_limited Retry { after_ms: 5000 }
                unauthorized GiveUp
                forbidden    GiveUp
                not_found    GiveUp
                conflict     ReadAgain
                rejected     GiveUp
                malformed    GiveUp
                too_large    GiveUp
            "#]],
        );
    }

    #[test]
    fn tries_end() {
        let tried = Tried::read(3, Retry::default());
        assert_eq!(recover(&Failure::Timeout, tried), Recovery::GiveUp);
    }

    #[test]
    fn a_call_that_was_held_back_waits_as_told_and_is_tried_once_more() {
        let held_back = |attempts| {
            let failure = Failure::Unreachable {
                host: String::new(),
                reason: String::new(),
                after_ms: Some(90_000),
            };
            recover(&failure, Tried::read(attempts, Retry::default()))
        };
        let waits = Recovery::Retry { after_ms: 90_000 };
        assert_eq!([held_back(1), held_back(3)], [waits, waits]);
        assert_eq!(held_back(4), Recovery::GiveUp);
    }

    #[test]
    fn waits_grow_up_to_an_hour_and_the_other_side_may_ask_for_a_day() {
        let wait = |attempts, failure: &Failure| {
            let retry = Retry { attempts: 20, delay_ms: 10_000 };
            match recover(failure, Tried::read(attempts, retry)) {
                Recovery::Retry { after_ms } => after_ms / 1_000,
                other => panic!("{other:?}"),
            }
        };
        let waits: Vec<i64> = (1..=6).map(|n| wait(n, &Failure::Timeout)).collect();
        assert_eq!(waits, [10, 40, 160, 640, 2_560, 3_600]);
        assert_eq!(wait(19, &Failure::Timeout), 3_600);
        let asked = Failure::RateLimited { after_ms: Some(90_000) };
        assert_eq!((wait(1, &asked), wait(3, &asked)), (90, 160));
        let asked = |after_ms| Failure::RateLimited { after_ms: Some(after_ms) };
        assert_eq!(wait(1, &asked(7_200_000)), 7_200);
        assert_eq!(wait(1, &asked(u64::MAX)), 86_400);
    }
}
