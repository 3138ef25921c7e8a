//! The desk of a flow: who was let in, who may come next, and when to look again. Decides only.

use serde::{Deserialize, Serialize};
use tutti_core::flow::Limits;

/// The most runs let in at one look: what one push to the queue holds, and one other event.
pub const AT_A_TIME: usize = 49;
/// How long until a look that nobody asked for, in milliseconds: one sweep.
const SWEEP_MS: i64 = 5 * 60_000;
/// How far a search may be behind, in milliseconds, with room to spare.
const LAG_MS: i64 = 5_000;
/// Between two looks that let in as many as they can, in milliseconds: so many a minute leave
/// others their share of the queue.
const PACE_MS: i64 = 10_000;
const HOUR_MS: i64 = 3_600_000;
/// Starts are counted by slots of this length, in milliseconds.
const SLOT_MS: i64 = 5 * 60_000;

/// What is remembered of a flow between events.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Desk {
    /// Runs that count: those not over where a limit asks, else those nobody has taken up yet.
    pub admitted: Vec<Admitted>,
    /// Starts by slot: when it began, and how many.
    started: Vec<(i64, usize)>,
    /// When somebody must look; nobody waits if it is not set.
    pub due_at: Option<i64>,
    /// Looks in a row that found nobody. After the first, who comes now must ask for another; the
    /// last is late enough for a search to see all who came before the first.
    idle: u8,
    /// Why no run starts until an admin has looked.
    pub tripped: Option<Trip>,
    /// When an admin last had: runs that started before count no more.
    #[serde(default)]
    pub reopened_at: i64,
}

/// A run that was let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Admitted {
    /// Its id.
    pub run: String,
    /// The issue whose event started it.
    pub issue: Option<String>,
    /// When it was let in, or told so again.
    pub at: i64,
}

/// The breaker of a flow opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trip {
    /// When.
    pub at: i64,
    /// Why, in one sentence.
    pub why: String,
}

/// How a run that was let in stands now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has taken it up yet.
    Waiting,
    /// It is not over.
    Open,
    /// It is over, or gone.
    Over,
}

impl Desk {
    /// Asks for a look at `due_at`; answers whether that is news.
    pub fn expect(&mut self, due_at: i64) -> bool {
        let planned = self.due_at.is_some_and(|at| at <= due_at) && self.idle == 0;
        if planned || self.tripped.is_some() {
            return false;
        }
        self.due_at = Some(self.due_at.map_or(due_at, |at| at.min(due_at)));
        self.idle = 0;
        true
    }

    /// Forgets runs that count no more. Answers those that were let in long ago and not taken up:
    /// whoever was to take them up may never have heard of it.
    pub fn review(
        &mut self,
        limits: Limits,
        now: i64,
        standing: impl Fn(&str) -> Standing,
    ) -> Vec<String> {
        let lasting = limits.at_once.is_some() || limits.per_issue.is_some();
        let mut unheard = Vec::new();
        self.admitted.retain_mut(|admitted| match standing(&admitted.run) {
            Standing::Waiting => {
                if admitted.at + SWEEP_MS <= now {
                    unheard.push(admitted.run.clone());
                    admitted.at = now;
                }
                true
            }
            Standing::Open => lasting,
            Standing::Over => false,
        });
        unheard
    }

    /// Lets in who may, in the order of coming.
    pub fn admit(&mut self, waiting: &[Admitted], limits: Limits, now: i64) -> Vec<String> {
        let mut let_in = Vec::new();
        for run in waiting {
            if self.tripped.is_some() || let_in.len() >= AT_A_TIME {
                break;
            }
            if self.has(&run.run) || !self.has_room(run, limits) {
                continue;
            }
            if limits.per_hour.is_some_and(|most| self.started_within_hour(now) >= most) {
                let most = limits.per_hour.unwrap_or_default();
                self.trip(now, format!("it was to start more than {most} runs within an hour"));
                break;
            }
            self.count(now);
            self.admitted.push(Admitted { at: now, ..run.clone() });
            let_in.push(run.run.clone());
        }
        let_in
    }

    /// Whether this run was let in.
    pub fn has(&self, run: &str) -> bool {
        self.admitted.iter().any(|admitted| admitted.run == run)
    }

    fn has_room(&self, run: &Admitted, limits: Limits) -> bool {
        let of_issue = || self.admitted.iter().filter(|admitted| admitted.issue == run.issue);
        limits.at_once.is_none_or(|most| self.admitted.len() < most)
            && (run.issue.is_none()
                || limits.per_issue.is_none_or(|most| of_issue().count() < most))
    }

    fn started_within_hour(&self, now: i64) -> usize {
        self.started.iter().filter(|(at, _)| at + HOUR_MS > now).map(|(_, count)| count).sum()
    }

    fn count(&mut self, now: i64) {
        let slot = now - now.rem_euclid(SLOT_MS);
        self.started.retain(|(at, _)| at + HOUR_MS > now);
        match self.started.last_mut().filter(|(at, _)| *at == slot) {
            Some((_, count)) => *count += 1,
            None => self.started.push((slot, 1)),
        }
    }

    /// Plans the next look. `next`: when the next one who waits is due; `outside`: whether somebody
    /// is due and was not let in; `full`: whether only because so many came in at once.
    pub fn plan(&mut self, next: Option<i64>, outside: bool, full: bool, now: i64) {
        let was = self.due_at.take();
        if self.tripped.is_some() {
            return;
        }
        // Who waits for room is let in when a run ends; the sweep is for ends nobody heard of.
        let blocked = || was.filter(|at| *at > now && self.idle == 0).unwrap_or(now + SWEEP_MS);
        let pace = (outside && full).then_some(now + PACE_MS);
        let planned = pace.or(next).or_else(|| outside.then(blocked));
        (self.due_at, self.idle) = match (planned, self.idle) {
            (Some(at), _) => (Some(at), 0),
            // Nobody was expected and nobody came.
            (None, 0) if was.is_none() && self.admitted.is_empty() => (None, 0),
            (None, 0) => (Some(now + LAG_MS), 1),
            (None, 1) => (Some(now + SWEEP_MS), 2),
            (None, _) => (None, 0),
        };
    }

    /// Opens the breaker: no run starts any more.
    pub fn trip(&mut self, now: i64, why: String) {
        self.tripped.get_or_insert(Trip { at: now, why });
    }

    /// An admin has looked: the count begins anew, and somebody looks who waits.
    pub fn reopen(&mut self, now: i64) {
        self.tripped = None;
        self.reopened_at = now;
        self.started.clear();
        self.due_at = Some(now);
        self.idle = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;
    const FREE: Limits = Limits { at_once: None, per_issue: None, per_hour: None };

    fn waiting(names: &[&str]) -> Vec<Admitted> {
        let one = |name: &&str| {
            let issue = name.split_once('@').map(|(_, issue)| issue.to_owned());
            Admitted { run: (*name).to_owned(), issue, at: 0 }
        };
        names.iter().map(one).collect()
    }

    #[test]
    fn as_many_as_there_is_room_for_in_order() {
        let limits = Limits { at_once: Some(2), ..FREE };
        let mut desk = Desk::default();
        let queue = waiting(&["a", "b", "c", "d"]);
        assert_eq!(desk.admit(&queue, limits, 0), ["a", "b"]);
        assert_eq!(desk.admit(&queue, limits, 1), [""; 0], "nobody left yet");
        let over = |run: &str| if run == "a" { Standing::Over } else { Standing::Open };
        assert_eq!(desk.review(limits, 1, over), [""; 0]);
        assert_eq!(desk.admit(&waiting(&["c", "d"]), limits, 2), ["c"]);
    }

    #[test]
    fn one_per_issue_keeps_nobody_else_waiting() {
        let limits = Limits { per_issue: Some(1), ..FREE };
        let mut desk = Desk::default();
        let queue = waiting(&["a@PAY-1", "b@PAY-1", "c@PAY-2", "d", "e"]);
        assert_eq!(desk.admit(&queue, limits, 0), ["a@PAY-1", "c@PAY-2", "d", "e"]);
    }

    #[test]
    fn one_more_than_an_hour_allows_opens_the_breaker() {
        let limits = Limits { per_hour: Some(3), ..FREE };
        let mut desk = Desk::default();
        assert_eq!(desk.admit(&waiting(&["a", "b"]), limits, 0), ["a", "b"]);
        assert_eq!(desk.admit(&waiting(&["c"]), limits, 50 * MINUTE), ["c"]);
        assert_eq!(desk.admit(&waiting(&["d"]), limits, 55 * MINUTE), [""; 0]);
        let trip = desk.tripped.clone().unwrap();
        assert_eq!(trip.at, 55 * MINUTE);
        assert!(trip.why.contains("3 runs within an hour"), "{}", trip.why);
        assert_eq!(desk.admit(&waiting(&["d"]), limits, 90 * MINUTE), [""; 0], "for good");
        assert!(!desk.expect(90 * MINUTE), "and nobody needs to look");
        desk.reopen(91 * MINUTE);
        assert_eq!(desk.admit(&waiting(&["d"]), limits, 91 * MINUTE), ["d"]);
        let mut slow = Desk::default();
        for (n, name) in ["a", "b", "c", "d", "e"].iter().enumerate() {
            let now = i64::try_from(n).unwrap() * 25 * MINUTE;
            assert_eq!(slow.admit(&waiting(&[name]), limits, now), [*name], "three in an hour");
        }
    }

    #[test]
    fn one_look_lets_in_what_one_push_can_hold() {
        let names: Vec<String> = (0..60).map(|n| format!("r{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert_eq!(Desk::default().admit(&waiting(&names), FREE, 0).len(), AT_A_TIME);
    }

    #[test]
    fn who_was_let_in_and_not_taken_up_is_told_again() {
        let mut desk = Desk::default();
        desk.admit(&waiting(&["a", "b"]), FREE, 0);
        let standing = |run: &str| if run == "a" { Standing::Waiting } else { Standing::Open };
        assert_eq!(desk.review(FREE, MINUTE, standing), [""; 0], "it may be on its way");
        assert_eq!(desk.admitted, waiting(&["a"]), "without a limit, who has begun is forgotten");
        assert_eq!(desk.review(FREE, 6 * MINUTE, standing), ["a"]);
        assert_eq!(desk.review(FREE, 7 * MINUTE, standing), [""; 0]);
    }

    #[test]
    fn one_ask_is_enough_until_the_desk_begins_to_close() {
        let mut desk = Desk::default();
        assert!(desk.expect(30_000));
        assert!(!desk.expect(30_000) && !desk.expect(45_000), "it is planned already");
        assert!(desk.expect(10_000), "sooner is news");
        desk.plan(None, false, false, 10_000);
        assert_eq!(desk.due_at, Some(10_000 + LAG_MS), "the search may have been behind");
        let mut asked = desk.clone();
        assert!(asked.expect(400_000), "who comes now asks again");
        desk.plan(None, false, false, 20_000);
        assert_eq!(desk.due_at, Some(20_000 + SWEEP_MS), "one last look, to be sure");
        desk.plan(None, false, false, 20_000 + SWEEP_MS);
        assert_eq!(desk.due_at, None);
        assert!(desk.expect(900_000));
    }

    #[test]
    fn the_next_look_is_when_the_next_is_due() {
        for (next, outside, full, expected) in [
            (Some(30_000), false, false, 30_000),
            (Some(30_000), true, false, 30_000),
            (Some(30_000), true, true, 1_000 + PACE_MS),
            (None, true, false, 1_000 + SWEEP_MS),
        ] {
            let mut desk = Desk::default();
            desk.plan(next, outside, full, 1_000);
            assert_eq!(desk.due_at, Some(expected), "{next:?} {outside} {full}");
            let written = desk.clone();
            desk.plan(desk.due_at.filter(|_| next.is_some()), outside, false, 2_000);
            assert_eq!(desk, written, "a look that changes nothing is not written");
        }
        let mut desk = Desk::default();
        desk.plan(None, false, false, 1_000);
        assert_eq!(desk, Desk::default(), "nobody waits");
    }
}
