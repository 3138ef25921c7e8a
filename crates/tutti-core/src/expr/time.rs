//! Points in time and spans of it, to the nanosecond, on the calendar of RFC 3339 in UTC.

mod calendar;

use std::fmt;

use serde_json::Value;

use self::calendar::{days, days_in};

pub(super) use self::calendar::Calendar;
pub(crate) use self::calendar::date;

const NANOS: i128 = 1_000_000_000;
/// 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds since 1970.
const FIRST: i64 = -62_135_596_800;
const LAST: i64 = 253_402_300_799;

/// A point in time; never before the year 1 nor after the year 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Timestamp {
    /// Whole seconds since 1970, rounded down.
    seconds: i64,
    /// The nanoseconds after them.
    nanos: u32,
}

/// A span of time of either sign in nanoseconds: up to 292 years.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Duration(i64);

/// The moment a value means, in milliseconds since 1970: RFC 3339 text, or such a number. Jira
/// writes offsets without their colon.
pub fn moment_ms(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => {
            let moment = Timestamp::parse(text).or_else(|| Timestamp::parse(&with_colon(text)?))?;
            i64::try_from(moment.nanos() / 1_000_000).ok()
        }
        other => other.as_i64().filter(|ms| (FIRST..=LAST).contains(&(ms / 1_000))),
    }
}

/// A moment as RFC 3339 text in UTC, if its year has four digits.
pub fn moment_text(ms: i64) -> Option<String> {
    Timestamp::from_millis(ms).map(|moment| moment.to_string())
}

/// `…+0100` as `…+01:00`.
fn with_colon(text: &str) -> Option<String> {
    let (rest, minutes) = text.split_at_checked(text.len().checked_sub(2)?)?;
    Some(format!("{rest}:{minutes}"))
}

impl Timestamp {
    fn of(nanos: i128) -> Option<Self> {
        let seconds = i64::try_from(nanos.div_euclid(NANOS)).ok()?;
        let nanos = u32::try_from(nanos.rem_euclid(NANOS)).ok()?;
        (FIRST..=LAST).contains(&seconds).then_some(Self { seconds, nanos })
    }

    fn nanos(self) -> i128 {
        i128::from(self.seconds) * NANOS + i128::from(self.nanos)
    }

    pub(super) fn from_seconds(seconds: i64) -> Option<Self> {
        Self::of(i128::from(seconds) * NANOS)
    }

    pub(super) fn from_millis(millis: i64) -> Option<Self> {
        Self::of(i128::from(millis) * 1_000_000)
    }

    pub(super) fn seconds(self) -> i64 {
        self.seconds
    }

    pub(super) fn plus(self, span: Duration) -> Option<Self> {
        Self::of(self.nanos() + i128::from(span.0))
    }

    pub(super) fn since(self, earlier: Self) -> Option<Duration> {
        i64::try_from(self.nanos() - earlier.nanos()).ok().map(Duration)
    }

    /// Reads `2026-03-10T08:59:40.5+01:00`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut rest = Reader(text);
        let year = rest.digits(4)?;
        rest.sign("-")?;
        let month = rest.digits(2)?;
        rest.sign("-")?;
        let day = rest.digits(2)?;
        rest.sign("T").or_else(|| rest.sign("t"))?;
        let hour = rest.digits(2)?;
        rest.sign(":")?;
        let minute = rest.digits(2)?;
        rest.sign(":")?;
        let second = rest.digits(2)?;
        let nanos = if rest.sign(".").is_some() { rest.fraction()? } else { 0 };
        let offset = offset(rest.0)?;
        let fits = (1..=12).contains(&month)
            && (1..=days_in(year, month)).contains(&day)
            && hour < 24
            && minute < 60
            && second < 60;
        if !fits {
            return None;
        }
        let seconds = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
        Self::of(i128::from(seconds) * NANOS + i128::from(nanos))
    }

    /// What the calendar says of it, `offset` seconds east of UTC.
    pub(super) fn calendar(self, offset: i64) -> Calendar {
        Calendar::new(self.seconds + offset, self.nanos)
    }
}

impl Duration {
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    pub(super) fn negated(self) -> Option<Self> {
        self.0.checked_neg().map(Self)
    }

    /// Whole units in it, rounded towards zero.
    pub(super) fn whole(self, unit_seconds: i64) -> i64 {
        self.0 / 1_000_000_000 / unit_seconds
    }

    /// The milliseconds after its whole seconds.
    pub(super) fn millis(self) -> i64 {
        self.0 % 1_000_000_000 / 1_000_000
    }

    /// Reads `1h30m`, `-2.5s`, `150ms`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let mut rest = Reader(text);
        let mut total: i128 = 0;
        while !rest.0.is_empty() {
            total = total.checked_add(rest.span()?)?;
        }
        if text.is_empty() {
            return None;
        }
        i64::try_from(if negative { -total } else { total }).ok().map(Self)
    }
}

/// Seconds east of UTC of `Z`, `UTC`, `+05:30`, or `-0800` as Jira and Salesforce write it.
pub(super) fn offset(text: &str) -> Option<i64> {
    if matches!(text, "Z" | "z" | "UTC" | "") {
        return (!text.is_empty()).then_some(0);
    }
    let (sign, text) = match (text.strip_prefix('-'), text.strip_prefix('+')) {
        (Some(rest), _) => (-1, rest),
        (_, Some(rest)) => (1, rest),
        _ => (1, text),
    };
    let mut rest = Reader(text);
    let hours = rest.digits(2)?;
    rest.sign(":");
    let minutes = rest.digits(2)?;
    (rest.0.is_empty() && hours < 24 && minutes < 60)
        .then_some(sign * (hours * 3600 + minutes * 60))
}

/// Reads a text from left to right.
struct Reader<'t>(&'t str);

impl Reader<'_> {
    fn sign(&mut self, sign: &str) -> Option<()> {
        self.0 = self.0.strip_prefix(sign)?;
        Some(())
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.0.split_at_checked(count)?;
        let all = digits.bytes().all(|byte| byte.is_ascii_digit());
        self.0 = rest;
        all.then(|| digits.parse().ok()).flatten()
    }

    /// Digits after a decimal point, in nanoseconds; what is finer than that is dropped.
    fn fraction(&mut self) -> Option<u32> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        let nanos = format!("{digits:0<9}");
        (!digits.is_empty()).then(|| nanos.get(..9)?.parse().ok()).flatten()
    }

    /// A number and its unit, in nanoseconds.
    fn span(&mut self) -> Option<i128> {
        let end = self.0.find(|c: char| !c.is_ascii_digit()).unwrap_or(self.0.len());
        let (digits, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        if digits == "0" && rest.is_empty() {
            return Some(0);
        }
        let whole: i128 = if digits.is_empty() { 0 } else { digits.parse().ok()? };
        let fraction = match self.sign(".") {
            Some(()) => i128::from(self.fraction()?),
            None if digits.is_empty() => return None,
            None => 0,
        };
        let units = [
            ("ns", 1),
            ("us", 1_000),
            ("µs", 1_000),
            ("μs", 1_000),
            ("ms", 1_000_000),
            ("s", NANOS),
            ("m", 60 * NANOS),
            ("h", 3600 * NANOS),
        ];
        let (_, unit) = units.into_iter().find(|(name, _)| self.sign(name).is_some())?;
        whole.checked_mul(unit)?.checked_add(fraction * unit / NANOS)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Calendar { year, month, day, hour, minute, second, .. } = self.calendar(0);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        fraction(f, self.nanos)?;
        f.write_str("Z")
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = self.0.unsigned_abs();
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(f, "{sign}{}", nanos / 1_000_000_000)?;
        fraction(f, u32::try_from(nanos % 1_000_000_000).unwrap_or_default())?;
        f.write_str("s")
    }
}

fn fraction(f: &mut fmt::Formatter<'_>, nanos: u32) -> fmt::Result {
    if nanos == 0 {
        return Ok(());
    }
    write!(f, ".{}", format!("{nanos:09}").trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_and_written() {
        let same = |text: &str| Timestamp::parse(text).map(|time| time.to_string());
        assert_eq!(same("2026-03-10T08:59:40Z").as_deref(), Some("2026-03-10T08:59:40Z"));
        assert_eq!(same("2026-03-10T00:00:00.50+01:00").as_deref(), Some("2026-03-09T23:00:00.5Z"));
        for wrong in ["", "2026-02-29T00:00:00Z", "2026-03-10", "2026-03-10T24:00:00Z", "١"] {
            assert_eq!(same(wrong), None, "{wrong}");
        }
        let jira = moment_ms(&Value::from("2026-03-10T09:59:40.000+0100"));
        assert_eq!(jira.and_then(moment_text).as_deref(), Some("2026-03-10T08:59:40Z"));
        for wrong in ["", "1", "2026-03-10T09:59:40.000+010", "2026-03-10T09:59:40é"] {
            assert_eq!(moment_ms(&Value::from(wrong)), None, "{wrong}");
        }
        let span = |text: &str| Duration::parse(text).map(|span| span.to_string());
        assert_eq!(span("1h30m").as_deref(), Some("5400s"));
        assert_eq!(span("-1.5ms").as_deref(), Some("-0.0015s"));
        for wrong in ["", "1", "h", "1d", "-", "99999999999h", "."] {
            assert_eq!(span(wrong), None, "{wrong}");
        }
    }
}
