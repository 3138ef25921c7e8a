//! Reading a calendar as people write it, with everything that is wrong with it.

use std::ops::Range;

use serde_json::{Value, json};

use super::{Calendar, DAY, Hours};
use crate::expr::moment_ms;
use crate::flow::reader::{At, Problems, nearest};
use crate::problem::Problem;

/// The days of the week as calendars name them.
const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

/// Days that have hours of their own.
enum Days {
    /// Of every week, by their places in it.
    OfWeek(Vec<usize>),
    /// A date, by its days since 1970.
    Date(i64),
    /// A day of every year, by month and day.
    Yearly(i64, i64),
}

impl Calendar {
    /// Reads a calendar, and says what is wrong with it.
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub(super) fn parse(value: &Value) -> Result<Self, Problem> {
        let mut problems = Problems::default();
        let calendar = Self::read(&At::root(value), &mut problems);
        problems.0.into_iter().next().map_or(Ok(calendar), Err)
    }

    /// The same within a document.
    pub(crate) fn read(at: &At, problems: &mut Problems) -> Self {
        if !problems.only(at, &["zone", "hours", "holidays"]) {
            return Self::default();
        }
        let sound = problems.0.len();
        let mut calendar = Self { zone: zone(&at.get("zone"), problems), ..Self::default() };
        for (key, at) in problems.object(&at.get("hours")) {
            let days = days(key, &at, problems);
            let hours = hours(&at, problems);
            calendar.set(days, &hours, &at, problems);
        }
        for at in problems.list(&at.get("holidays")) {
            let Some(text) = problems.text(&at) else { continue };
            let day = date(&text).or_else(|| bad_date(&text, &at, problems));
            calendar.set(day, &Hours::new(), &at, problems);
        }
        if problems.0.len() == sound && calendar.is_never_open() {
            let hint = "say for example `hours: { mon-fri: 09:00-17:00 }`";
            problems.error(&at.get("hours"), "never_open", "it is never open", hint);
        }
        calendar
    }

    fn is_never_open(&self) -> bool {
        let week = self.week.iter().flatten();
        week.chain(self.dates.values()).chain(self.yearly.values()).all(Vec::is_empty)
    }

    /// Gives days their hours; each can have them once.
    fn set(&mut self, days: Option<Days>, hours: &Hours, at: &At, problems: &mut Problems) {
        let hours = || hours.clone();
        let twice = match days {
            Some(Days::Date(day)) => self.dates.insert(day, hours()).map(|_| "this date"),
            Some(Days::Yearly(month, day)) => {
                self.yearly.insert((month, day), hours()).map(|_| "this day of the year")
            }
            Some(Days::OfWeek(days)) => {
                let each = self.week.iter_mut().zip(WEEK).enumerate();
                let mine = each.filter(|(place, _)| days.contains(place));
                mine.fold(None, |twice, (_, (own, name))| {
                    own.replace(hours()).map(|_| name).or(twice)
                })
            }
            None => None,
        };
        if let Some(day) = twice {
            let hint = "name each day once, with all its hours: `[09:00-12:00, 13:00-17:00]`";
            problems.error(at, "day_twice", format!("{day} is named twice"), hint);
        }
    }
}

/// A name as the IANA database has them; whether there is such a zone is not known here.
fn zone(at: &At, problems: &mut Problems) -> String {
    let Some(zone) = problems.text(at) else { return String::new() };
    let fits = zone.len() <= 64
        && zone.starts_with(|c: char| c.is_ascii_alphabetic())
        && zone.chars().all(|c| c.is_ascii_alphanumeric() || "/_+-".contains(c));
    if !fits {
        let message = format!("`{zone}` cannot be a time zone");
        problems.error(at, "unknown_zone", message, "they are named like Europe/Berlin");
    }
    zone
}

/// `mon`, `mon-fri`, `sat-mon`, `2026-12-24`, `12-24`.
fn days(key: &str, at: &At, problems: &mut Problems) -> Option<Days> {
    if let Some(date) = date(key) {
        return Some(date);
    }
    if key.starts_with(|c: char| c.is_ascii_digit()) {
        return bad_date(key, at, problems);
    }
    let mut place = |name: &str| {
        let name = name.trim().to_ascii_lowercase();
        let place = WEEK.iter().position(|day| *day == name);
        if place.is_none() {
            let message = format!("`{name}` is no day of the week");
            problems.error(at, "unknown_day", message, &nearest(&name, &WEEK));
        }
        place
    };
    let (first, last) = key.split_once('-').unwrap_or((key, key));
    let (first, last) = (place(first)?, place(last)?);
    let many = (last + WEEK.len() - first) % WEEK.len();
    Some(Days::OfWeek((first..=first + many).map(|day| day % WEEK.len()).collect()))
}

/// `2026-12-24`, or `12-24` in every year.
fn date(text: &str) -> Option<Days> {
    let days = |date: &str| Some(moment_ms(&json!(format!("{date}T00:00:00Z")))? / DAY);
    if text.len() == 10 {
        return days(text).map(Days::Date);
    }
    // A leap year, so that its own day can be named, too.
    days(&format!("2000-{text}"))
        .map(crate::expr::date)
        .map(|(_, month, day)| Days::Yearly(month, day))
}

fn bad_date(text: &str, at: &At, problems: &mut Problems) -> Option<Days> {
    let hint = "write 2026-12-24, or 12-24 for every year";
    problems.error(at, "bad_date", format!("`{text}` is no date"), hint);
    None
}

/// `09:00-17:00`, or a list of such.
fn hours(at: &At, problems: &mut Problems) -> Hours {
    let mut all: Hours = Vec::new();
    for text in problems.texts(at) {
        let Some(hours) = range(&text) else {
            let message = format!("`{text}` are no hours of a day");
            problems.error(at, "bad_hours", message, "write 09:00-17:00");
            continue;
        };
        if hours.is_empty() {
            let message = format!("`{text}` does not end after its start");
            let hint = "hours past midnight are two: 22:00-24:00, and 00:00-06:00 on the next day";
            problems.error(at, "backwards", message, hint);
        }
        all.push(hours);
    }
    all.sort_by_key(|hours| hours.start);
    if all.iter().zip(all.iter().skip(1)).any(|(one, next)| next.start < one.end) {
        let hint = "let each begin when the one before is over";
        problems.error(at, "overlap", "these hours overlap", hint);
    }
    all
}

fn range(text: &str) -> Option<Range<i64>> {
    let (start, end) = text.split_once('-')?;
    Some(time(start.trim())?..time(end.trim())?)
}

/// `9:00` or `24:00`, in milliseconds since midnight.
fn time(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':')?;
    let number = |text: &str, lengths: Range<usize>| {
        let fits = lengths.contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
        fits.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hour, minute) = (number(hour, 1..3)?, number(minute, 2..3)?);
    let ms = (hour * 60 + minute) * 60_000;
    (minute < 60 && ms <= DAY).then_some(ms)
}
