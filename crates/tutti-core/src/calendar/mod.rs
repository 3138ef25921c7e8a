//! A calendar: when a team works, by the clocks of its time zone, so that "four working hours from
//! now" is a moment.
//!
//! A moment is open if the clock on the team's wall then shows an open hour of an open day. Nothing
//! else has to be said about clocks that are put forward or back: an hour that is skipped was never
//! there, and one that comes twice counts twice.

mod answer;
mod open;
mod read;

use std::collections::BTreeMap;
use std::ops::Range;

pub use self::answer::{answer, working_time};
use crate::expr::date;

/// A day on the wall's clock, in milliseconds.
const DAY: i64 = 86_400_000;

/// When a team works.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// The zone whose clocks count, as the IANA database names it: `Europe/Berlin`.
    zone: String,
    /// The open hours of each day of the week, Monday first; none said, none open.
    week: [Option<Hours>; 7],
    /// What holds on one date instead, by its days since 1970.
    dates: BTreeMap<i64, Hours>,
    /// What holds on one day of every year instead, by month and day.
    yearly: BTreeMap<(i64, i64), Hours>,
}

/// Open hours of a day in milliseconds since its midnight: in order, none touching the one before.
type Hours = Vec<Range<i64>>;

impl Calendar {
    /// The open hours of a day, which is so many days after 1970-01-01. A date counts more than a
    /// day of every year, and that more than a day of the week.
    fn hours(&self, day: i64) -> &[Range<i64>] {
        let yearly = || {
            let (_, month, of_month) = date(day);
            self.yearly.get(&(month, of_month))
        };
        // 1970-01-01 was a Thursday.
        let of_week = || self.week.get(usize::try_from((day + 3).rem_euclid(7)).ok()?)?.as_ref();
        let hours = self.dates.get(&day).or_else(yearly).or_else(of_week);
        hours.map(Vec::as_slice).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
