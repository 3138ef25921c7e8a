//! The proleptic Gregorian calendar, as far as RFC 3339 goes.

const DAY: i64 = 86_400;

/// A point in time on the calendar; months and days count from 1, weekdays from Sunday as 0.
#[derive(Debug, Clone, Copy)]
pub(in crate::expr) struct Calendar {
    pub(in crate::expr) year: i64,
    pub(in crate::expr) month: i64,
    pub(in crate::expr) day: i64,
    /// From 0.
    pub(in crate::expr) day_of_year: i64,
    pub(in crate::expr) day_of_week: i64,
    pub(in crate::expr) hour: i64,
    pub(in crate::expr) minute: i64,
    pub(in crate::expr) second: i64,
    pub(in crate::expr) millisecond: i64,
}

impl Calendar {
    /// The date and time so many seconds after 1970-01-01T00:00:00.
    pub(super) fn new(local: i64, nanos: u32) -> Self {
        let (year, month, day) = date(local.div_euclid(DAY));
        let in_day = local.rem_euclid(DAY);
        Self {
            year,
            month,
            day,
            day_of_year: days(year, month, day) - days(year, 1, 1),
            // 1970-01-01 was a Thursday.
            day_of_week: (local.div_euclid(DAY) + 4).rem_euclid(7),
            hour: in_day / 3600,
            minute: in_day / 60 % 60,
            second: in_day % 60,
            millisecond: i64::from(nanos / 1_000_000),
        }
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. Years begin in March here,
/// so that the leap day is the last one and months before it have fixed lengths.
pub(super) fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month > 2 { year } else { year - 1 };
    let month = (month + 9) % 12;
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - DAYS_TO_1970
}

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// The date so many days after 1970-01-01.
pub(crate) fn date(since_1970: i64) -> (i64, i64, i64) {
    let day = since_1970 + DAYS_TO_1970;
    // A guess that is never too late, and early by a year or two.
    let mut year = day.div_euclid(366).max(day * 400 / 146_097 - 1);
    while days(year + 1, 3, 1) <= since_1970 {
        year += 1;
    }
    let in_year = since_1970 - days(year, 3, 1);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    if month < 10 { (year, month + 3, day) } else { (year + 1, month - 9, day) }
}

pub(super) fn days_in(year: i64, month: i64) -> i64 {
    if month == 12 { 31 } else { days(year, month + 1, 1) - days(year, month, 1) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_and_day_numbers_are_inverse() {
        for day in (-719_162..2_932_896).step_by(97) {
            let (year, month, of_month) = date(day);
            assert_eq!(days(year, month, of_month), day);
            assert!((1..=12).contains(&month) && (1..=days_in(year, month)).contains(&of_month));
        }
        assert_eq!(
            (date(0), date(-1), date(11_016)),
            ((1970, 1, 1), (1969, 12, 31), (2000, 2, 29))
        );
    }
}
