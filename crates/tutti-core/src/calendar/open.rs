//! The calendar laid along the line of time: when it is open, and how much of it lies between two
//! moments.

use std::iter;
use std::ops::Range;

use super::{Calendar, DAY};

/// How far is looked for what shall come, in milliseconds: ten years.
pub(super) const HORIZON: i64 = 3_653 * DAY;

/// A calendar and the clocks of its zone: at a moment in milliseconds since 1970, so many
/// milliseconds ahead of UTC.
pub(super) struct Opening<'c, Z> {
    pub calendar: &'c Calendar,
    pub offset_at: Z,
}

/// A stretch of time in which the zone's clocks run evenly.
struct Stretch {
    time: Range<i64>,
    offset: i64,
}

impl<Z: Fn(i64) -> i64> Opening<'_, Z> {
    /// The moment at which so much working time has passed since `from`: at the latest the end of
    /// an open time, not the beginning of the next. No time at all is over as soon as it is open.
    /// Nothing, if that is beyond the horizon.
    pub fn after(&self, from: i64, mut span: i64) -> Option<i64> {
        for open in self.open(from..from + HORIZON) {
            let length = open.end - open.start;
            if span <= length {
                return Some(open.start + span);
            }
            span -= length;
        }
        None
    }

    /// How much working time lies in a time.
    pub fn within(&self, time: Range<i64>) -> i64 {
        self.open(time).map(|open| open.end - open.start).sum()
    }

    /// Whether it is open at a moment, and until when it stays so, unless that is beyond the
    /// horizon.
    pub fn at(&self, moment: i64) -> (bool, Option<i64>) {
        let horizon = moment + HORIZON;
        let mut open = self.open(moment..horizon);
        let until = match open.next() {
            Some(first) if first.start > moment => return (false, Some(first.start)),
            Some(first) => open
                .try_fold(
                    first.end,
                    |end, next| if next.start == end { Ok(next.end) } else { Err(end) },
                )
                .unwrap_or_else(|end| end),
            None => return (false, None),
        };
        (true, Some(until).filter(|until| *until < horizon))
    }

    /// The open times within a time, in order. One that goes on past midnight is told in pieces.
    fn open(&self, time: Range<i64>) -> impl Iterator<Item = Range<i64>> {
        self.stretches(time).flat_map(|stretch| self.open_in(stretch))
    }

    fn open_in(&self, Stretch { time, offset }: Stretch) -> impl Iterator<Item = Range<i64>> {
        let wall = time.start + offset..time.end + offset;
        let days = wall.start.div_euclid(DAY)..=(wall.end - 1).div_euclid(DAY);
        days.flat_map(|day| self.calendar.hours(day).iter().map(move |hours| (day * DAY, hours)))
            .map(move |(midnight, hours)| {
                let opens = wall.start.max(midnight + hours.start);
                let closes = wall.end.min(midnight + hours.end);
                opens - offset..closes - offset
            })
            .filter(|open| !open.is_empty())
    }

    fn stretches(&self, time: Range<i64>) -> impl Iterator<Item = Stretch> {
        let mut from = time.start;
        iter::from_fn(move || {
            let offset = self.offset(from);
            let to = self.even_until(from..time.end.min(from + DAY), offset);
            let stretch = (from < time.end).then_some(Stretch { time: from..to, offset });
            from = to;
            stretch
        })
    }

    /// When the clocks are moved within a time at whose beginning they are at `offset`; its end, if
    /// they are not. No zone moves them and moves them back within a day.
    fn even_until(&self, time: Range<i64>, offset: i64) -> i64 {
        let (mut even, mut moved) = (time.start, time.end - 1);
        if time.is_empty() || self.offset(moved) == offset {
            return time.end;
        }
        while moved - even > 1 {
            let middle = even + (moved - even) / 2;
            if self.offset(middle) == offset {
                even = middle;
            } else {
                moved = middle;
            }
        }
        moved
    }

    /// No clock on Earth is a day ahead or behind, whatever a zone says.
    fn offset(&self, at: i64) -> i64 {
        (self.offset_at)(at).clamp(-DAY, DAY)
    }
}
