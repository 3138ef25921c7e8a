//! Calendars in a story: nobody has to script them, for its clock and the time zones of the world say
//! what they come to.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::Value;
use tutti_core::calendar;
use tutti_core::event::Reply;

/// What an operation `tutti.calendar.*` answers; nothing, if it is another one.
pub fn calendar(operation: &str, input: &Value, now: i64) -> Option<Reply> {
    operation.strip_prefix("tutti.calendar.")?;
    let answer = calendar::answer(operation, input, now, clocks);
    Some(answer.map_or_else(Reply::Failed, Reply::Ok))
}

/// Whether there is a time zone of this name.
pub fn has_zone(name: &str) -> bool {
    TimeZone::get(name).is_ok()
}

/// How many milliseconds the clocks of a time zone are ahead of UTC at a moment.
fn clocks(zone: &str) -> Option<impl Fn(i64) -> i64 + use<>> {
    let zone = TimeZone::get(zone).ok()?;
    Some(move |at| {
        let moment = Timestamp::from_millisecond(at).unwrap_or_default();
        i64::from(zone.to_offset(moment).seconds()) * 1_000
    })
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use expect_test::expect_file;
    use jiff::civil::{Date, Time};
    use jiff::{SignedDuration, Span};
    use serde_json::json;

    use super::*;

    /// Zones that move their clocks in all sorts of ways: by an hour in spring and in autumn, on
    /// the other half of the Earth, by half an hour, at midnight, in Ramadan; and never.
    const ZONES: [&str; 10] = [
        "Europe/Berlin",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Asia/Kolkata",
        "Australia/Lord_Howe",
        "Asia/Beirut",
        "Africa/Casablanca",
        "Antarctica/Troll",
        "UTC",
    ];

    const HOURS: [(&str, &str); 3] = [("00:30", "02:45"), ("09:00", "17:00"), ("23:15", "23:59")];

    /// The changes of a zone's clocks in two years that are past, or two moments if there is none.
    fn changes(zone: &TimeZone) -> Vec<Timestamp> {
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let (first, last) = (moment("2024-01-01T00:00:00Z"), moment("2026-01-01T00:00:00Z"));
        let all = zone.following(first).map(|change| change.timestamp());
        let mut all: Vec<Timestamp> = all.take_while(|at| *at < last).collect();
        if all.is_empty() {
            all = vec![moment("2024-02-29T20:00:00Z"), moment("2025-12-31T23:30:00Z")];
        }
        all
    }

    /// The open minutes in a time, each looked up on the wall.
    fn minutes(zone: &TimeZone, from: Timestamp, to: Timestamp) -> usize {
        let time = |text: &str| text.parse::<Time>().unwrap();
        let hours = HOURS.map(|(opens, closes)| time(opens)..time(closes));
        let each = from.series(Span::new().minutes(1)).take_while(|at| *at < to);
        each.filter(|at| {
            let wall = zone.to_datetime(*at);
            let closed = wall.date() == Date::constant(2025, 3, 30);
            !closed && hours.iter().any(|hours| hours.contains(&wall.time()))
        })
        .count()
    }

    #[test]
    fn zones_come_to_what_the_table_says() {
        let mut rows = String::from("[");
        let hours = HOURS.map(|(opens, closes)| format!("{opens}-{closes}"));
        for name in ZONES {
            let zone = TimeZone::get(name).unwrap();
            let calendar =
                json!({"zone": name, "hours": {"mon-sun": hours}, "holidays": ["2025-03-30"]});
            for change in changes(&zone) {
                let hours = |hours| SignedDuration::from_hours(hours);
                let (from, to) = (change - hours(30), change + hours(30));
                let (near, later) = (change - hours(2), change + hours(1));
                let asked = [
                    (
                        "between",
                        json!({"calendar": calendar, "from": from.to_string(), "to": to.to_string()}),
                    ),
                    (
                        "after",
                        json!({"calendar": calendar, "from": from.to_string(), "span": "11h"}),
                    ),
                    (
                        "after",
                        json!({"calendar": calendar, "from": near.to_string(), "span": "90m"}),
                    ),
                    ("is_open", json!({"calendar": calendar, "at": near.to_string()})),
                    ("is_open", json!({"calendar": calendar, "at": later.to_string()})),
                ];
                for (operation, input) in asked {
                    let operation = format!("tutti.calendar.{operation}");
                    let Some(Reply::Ok(answer)) = super::calendar(&operation, &input, 0) else {
                        panic!("{operation} {input}");
                    };
                    if let Some(counted) = answer.get("minutes") {
                        assert_eq!(*counted, json!(minutes(&zone, from, to)), "{name} {change}");
                    }
                    let row =
                        json!({"operation": operation, "input": input, "result": {"ok": answer}});
                    let comma = if rows.len() > 1 { "," } else { "" };
                    write!(rows, "{comma}\n{row}").unwrap();
                }
            }
        }
        rows.push_str("\n]\n");
        expect_file!["../../../../tests/app/fixtures/calendars.json"].assert_eq(&rows);
    }
}
