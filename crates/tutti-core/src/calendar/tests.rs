//! Tables of what calendars come to, and what holds for all of them.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::open::Opening;
use super::{Calendar, DAY, answer};
use crate::expr::moment_ms;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

fn ms(text: &str) -> i64 {
    moment_ms(&json!(text)).unwrap()
}

/// The clocks of Berlin, as far as 2026 needs them.
fn berlin(at: i64) -> i64 {
    let summer = ms("2026-03-29T01:00:00Z")..ms("2026-10-25T01:00:00Z");
    if summer.contains(&at) { 2 * HOUR } else { HOUR }
}

/// What an operation of the tool `tutti` answers, in Berlin.
fn ask(operation: &str, mut input: Value) -> Result<Value, String> {
    input["calendar"]["zone"] = json!("Europe/Berlin");
    let now = ms("2026-03-10T09:00:00Z");
    let zone = |name: &str| (name == "Europe/Berlin").then_some(berlin);
    answer(&format!("tutti.calendar.{operation}"), &input, now, zone)
        .map_err(|failure| failure.to_string())
}

/// When so much working time has passed since then, on the wall.
fn after(hours: &Value, holidays: &[&str], from: &str, span: &str) -> String {
    let calendar = json!({"hours": hours, "holidays": holidays});
    let answer = ask("after", json!({"calendar": calendar, "from": from, "span": span})).unwrap();
    answer["local"].as_str().unwrap().to_owned()
}

/// How many minutes of working time there are between two moments.
fn minutes(hours: &Value, from: &str, to: &str) -> i64 {
    let input = json!({"calendar": {"hours": hours}, "from": from, "to": to});
    ask("between", input).unwrap()["minutes"].as_i64().unwrap()
}

#[test]
fn working_time_passes_only_while_it_is_open() {
    let office = json!({"mon-fri": "09:00-17:00"});
    let shop = json!({"mon-thu": ["09:00-12:00", "13:00-17:00"], "fri": "9:00-15:00", "sat": "10:00-13:00"});
    let table = [
        (&office, "2026-03-10T10:00:00+01:00", "4h", "2026-03-10 14:00", "on the same day"),
        (&office, "2026-03-13T15:00:00+01:00", "4h", "2026-03-16 11:00", "over a weekend"),
        (&office, "2026-03-13T15:00:00+01:00", "2h", "2026-03-13 17:00", "to the end, no further"),
        (
            &office,
            "2026-03-14T12:00:00+01:00",
            "30m",
            "2026-03-16 09:30",
            "begun while it is closed",
        ),
        (&office, "2026-03-14T12:00:00+01:00", "0s", "2026-03-16 09:00", "until it opens"),
        (&office, "2026-03-13T15:00:00+01:00", "0s", "2026-03-13 15:00", "open already"),
        (&office, "2026-03-13T17:00:00+01:00", "0s", "2026-03-16 09:00", "closed at that moment"),
        (&office, "2026-03-10T10:00:00+01:00", "80h", "2026-03-24 10:00", "two working weeks"),
        (&office, "2026-03-27T15:00:00+01:00", "4h", "2026-03-30 11:00", "clocks go forward"),
        (&office, "2026-10-23T15:00:00+02:00", "4h", "2026-10-26 11:00", "clocks go back"),
        (&shop, "2026-03-10T11:00:00+01:00", "90m", "2026-03-10 13:30", "over lunch"),
        (&shop, "2026-03-10T11:00:00+01:00", "1h", "2026-03-10 12:00", "to lunch, no further"),
        (&shop, "2026-03-13T14:00:00+01:00", "3h", "2026-03-14 12:00", "a shorter Friday"),
    ];
    for (hours, from, span, at, why) in table {
        assert_eq!(after(hours, &[], from, span), at, "{why}: {from} + {span}");
    }
}

#[test]
fn holidays_and_days_with_hours_of_their_own() {
    let hours = json!({"mon-fri": "09:00-17:00", "12-24": "09:00-12:00", "2027-12-24": []});
    let holidays = ["12-25", "12-26", "2027-01-01"];
    let table = [
        ("2026-12-23T16:00:00+01:00", "4h", "2026-12-24 12:00", "half a day"),
        ("2026-12-23T16:00:00+01:00", "5h", "2026-12-28 10:00", "Christmas, and its weekend"),
        ("2026-12-31T16:00:00+01:00", "2h", "2027-01-04 10:00", "a holiday of one year"),
        ("2027-12-23T16:00:00+01:00", "2h", "2027-12-27 10:00", "a date counts more"),
        ("2027-12-31T16:00:00+01:00", "2h", "2028-01-03 10:00", "the first is a Saturday"),
    ];
    for (from, span, at, why) in table {
        assert_eq!(after(&hours, &holidays, from, span), at, "{why}: {from} + {span}");
    }
    let leap = json!({"02-29": "00:00-24:00"});
    assert_eq!(after(&leap, &[], "2026-03-01T00:00:00Z", "1h"), "2028-02-29 01:00");
}

#[test]
fn an_hour_that_is_skipped_is_not_there_and_one_that_comes_twice_counts_twice() {
    let all = json!({"mon-sun": "00:00-24:00"});
    let spring = ("2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00");
    let autumn = ("2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00");
    let night = |hours: &str| json!({"sun": hours});
    let table = [
        (&all, spring, 23 * 60, "the whole day"),
        (&all, autumn, 25 * 60, "the whole day"),
        (&night("01:00-02:30"), spring, 60, "its end is not there"),
        (&night("02:30-03:15"), spring, 15, "its beginning is not there"),
        (&night("02:00-03:00"), spring, 0, "nothing of it is there"),
        (&night("02:15-02:45"), autumn, 60, "all of it comes twice"),
        (&night("01:00-02:30"), autumn, 120, "half an hour comes twice"),
        (&night("02:30-04:00"), autumn, 120, "half an hour comes twice"),
    ];
    for (hours, (from, to), expected, why) in table {
        assert_eq!(minutes(hours, from, to), expected, "{hours} on {from}: {why}");
        assert_eq!(minutes(hours, to, from), -expected, "the other way round");
    }
    // The same, hour by hour: 01:00-02:30, then closed, then 02:00-02:30 once more.
    let twice = night("01:00-02:30");
    let is_open = |at: &str| {
        let input = json!({"calendar": {"hours": twice}, "at": at});
        let answer = ask("is_open", input).unwrap();
        (answer["open"] == json!(true), answer["until"].as_str().unwrap().to_owned())
    };
    let until = |open: bool, until: &str| (open, until.to_owned());
    assert_eq!(is_open("2026-10-25T02:10:00+02:00"), until(true, "2026-10-25T00:30:00Z"));
    assert_eq!(is_open("2026-10-25T02:40:00+02:00"), until(false, "2026-10-25T01:00:00Z"));
    assert_eq!(is_open("2026-10-25T02:10:00+01:00"), until(true, "2026-10-25T01:30:00Z"));
    assert_eq!(is_open("2026-10-25T02:30:00+01:00"), until(false, "2026-11-01T00:00:00Z"));
}

#[test]
fn clocks_that_are_moved_at_midnight() {
    // As in Beirut: no 2026-03-29 00:30, and the last hour of 2026-10-24 twice.
    let (forward, back) = (ms("2026-03-28T22:00:00Z"), ms("2026-10-24T21:00:00Z"));
    let offset_at = |at| if (forward..back).contains(&at) { 3 * HOUR } else { 2 * HOUR };
    let calendar = |hours: &str| {
        Calendar::parse(&json!({"zone": "Asia/Beirut", "hours": {"sat": hours, "sun": hours}}))
            .unwrap()
    };
    let opened = |hours, from: i64, to: i64| {
        Opening { calendar: &calendar(hours), offset_at }.within(from..to) / MINUTE
    };
    let (a_day, two_days) = (24 * HOUR, 48 * HOUR);
    assert_eq!(opened("00:00-24:00", forward - a_day, forward + a_day - HOUR), 47 * 60);
    assert_eq!(opened("00:00-01:00", forward - a_day, forward + a_day), 60, "Saturday's alone");
    assert_eq!(opened("23:00-24:00", back - a_day, back + two_days), 180, "Saturday's twice");
}

#[test]
fn whether_it_is_open_and_until_when() {
    let check = |hours: Value, at: &str, expected: Expect| {
        let answer = ask("is_open", json!({"calendar": {"hours": hours}, "at": at})).unwrap();
        expected.assert_eq(&answer.to_string());
    };
    let office = json!({"mon-fri": ["09:00-12:00", "12:00-17:00"]});
    check(
        office.clone(),
        "2026-03-13T11:00:00+01:00",
        expect![[r#"{"local":"2026-03-13 17:00","open":true,"until":"2026-03-13T16:00:00Z"}"#]],
    );
    check(
        office,
        "2026-03-13T17:00:00+01:00",
        expect![[r#"{"local":"2026-03-16 09:00","open":false,"until":"2026-03-16T08:00:00Z"}"#]],
    );
    check(
        json!({"mon-sun": "00:00-24:00"}),
        "2026-03-13T17:00:00Z",
        expect![[r#"{"local":null,"open":true,"until":null}"#]],
    );
    check(
        json!({"mon-sun": "00:00-24:00", "05-01": []}),
        "2026-03-13T17:00:00Z",
        expect![[r#"{"local":"2026-05-01 00:00","open":true,"until":"2026-04-30T22:00:00Z"}"#]],
    );
    check(
        json!({"2026-01-01": "09:00-17:00"}),
        "2026-03-13T17:00:00Z",
        expect![[r#"{"local":null,"open":false,"until":null}"#]],
    );
    let calendar = json!({"hours": {"sat-mon": "9:00-17:00"}});
    assert_eq!(
        ask("after", json!({"calendar": calendar, "span": "1h"})).unwrap()["local"],
        "2026-03-14 10:00",
        "from now on"
    );
}

#[test]
fn what_is_wrong_is_said() {
    let said = |operation: &str, input: Value| ask(operation, input).unwrap_err();
    let calendar = |calendar: Value| said("is_open", json!({"calendar": calendar}));
    let mut all = vec![
        calendar(json!({})),
        calendar(json!({"hours": {"mon-fri": []}, "holidays": ["12-25"]})),
        calendar(json!({"hour": {"mon-fri": "09:00-17:00"}})),
        calendar(json!({"hours": {"mo-fri": "09:00-17:00"}})),
        calendar(json!({"hours": {"weekend": "09:00-17:00"}})),
        calendar(json!({"hours": {"mon-fri": "09:00-17:00", "fri": "09:00-15:00"}})),
        calendar(json!({"hours": {"mon": "nine to five"}})),
        calendar(json!({"hours": {"mon": "09:60-17:00"}})),
        calendar(json!({"hours": {"mon": "09:00-24:30"}})),
        calendar(json!({"hours": {"mon": "22:00-06:00"}})),
        calendar(json!({"hours": {"mon": ["13:00-17:00", "09:00-13:30"]}})),
        calendar(json!({"hours": {"mon": "09:00-17:00", "2026-02-29": "09:00-12:00"}})),
        calendar(json!({"hours": {"mon": "09:00-17:00"}, "holidays": ["25.12.2026"]})),
        calendar(json!({"hours": {"mon": "09:00-17:00"}, "holidays": ["12-25", "12-25"]})),
    ];
    let office = json!({"hours": {"mon-fri": "09:00-17:00"}});
    all.push(said("after", json!({"calendar": office, "span": "2d"})));
    all.push(said("after", json!({"calendar": office, "span": "1h", "from": "tomorrow"})));
    all.push(said("after", json!({"calendar": {"hours": {"mon": "09:00-10:00"}}, "span": "530h"})));
    all.push(said("between", json!({"calendar": office, "from": "2006-01-01T00:00:00Z"})));
    let zone = |name: &str| {
        let input = json!({"calendar": {"zone": name, "hours": {"mon": "09:00-17:00"}}});
        answer("tutti.calendar.is_open", &input, 0, |_| None::<fn(i64) -> i64>)
            .unwrap_err()
            .to_string()
    };
    all.extend([zone("Berlin"), zone("Berlin time"), zone("+01:00")]);
    all.push(format!(
        "{:?}",
        answer(
            "tutti.calendar.move",
            &json!({"calendar": {"zone": "UTC", "hours": {"mon": "09:00-17:00"}}}),
            0,
            |_| Some(|_| 0)
        )
        .unwrap_err()
    ));
    expect![[r#"
        calendar/hours: it is never open; say for example `hours: { mon-fri: 09:00-17:00 }`
        calendar/hours: it is never open; say for example `hours: { mon-fri: 09:00-17:00 }`
        calendar/hour: `hour` means nothing here; did you mean `hours`?
        calendar/hours/mo-fri: `mo` is no day of the week; did you mean `mon`?
        calendar/hours/weekend: `weekend` is no day of the week; possible here: mon, tue, wed, thu, fri, sat, sun
        calendar/hours/mon-fri: fri is named twice; name each day once, with all its hours: `[09:00-12:00, 13:00-17:00]`
        calendar/hours/mon: `nine to five` are no hours of a day; write 09:00-17:00
        calendar/hours/mon: `09:60-17:00` are no hours of a day; write 09:00-17:00
        calendar/hours/mon: `09:00-24:30` are no hours of a day; write 09:00-17:00
        calendar/hours/mon: `22:00-06:00` does not end after its start; hours past midnight are two: 22:00-24:00, and 00:00-06:00 on the next day
        calendar/hours/mon: these hours overlap; let each begin when the one before is over
        calendar/hours/2026-02-29: `2026-02-29` is no date; write 2026-12-24, or 12-24 for every year
        calendar/holidays/0: `25.12.2026` is no date; write 2026-12-24, or 12-24 for every year
        calendar/holidays/1: this day of the year is named twice; name each day once, with all its hours: `[09:00-12:00, 13:00-17:00]`
        `2d` is no length of working time; write 90s, 30m or 4h
        `from` is no moment: "tomorrow"; write 2026-03-10T09:00:00Z
        that spans more than ten years; no calendar holds so long
        that spans more than ten years; no calendar holds so long
        there is no time zone `Berlin`; they are named like Europe/Berlin
        calendar/zone: `Berlin time` cannot be a time zone; they are named like Europe/Berlin
        calendar/zone: `+01:00` cannot be a time zone; they are named like Europe/Berlin
        Missing { path: "tutti.calendar.move" }"#]].assert_eq(&all.join("\n"));
}

/// A calendar of any kind, over a few days of the week and two dates.
fn calendars() -> impl Strategy<Value = Calendar> {
    let hours = || {
        prop::collection::vec(0..=96i64, 0..3).prop_map(|mut quarters| {
            quarters.sort_unstable();
            quarters.dedup();
            let text = |quarter: i64| format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15);
            let pairs = quarters.chunks_exact(2);
            pairs.map(|pair| format!("{}-{}", text(pair[0]), text(pair[1]))).collect::<Vec<_>>()
        })
    };
    let days = ["mon", "tue-wed", "thu", "fri", "sat", "sun", "2026-03-29", "10-25"];
    let all = prop::collection::vec(hours(), days.len());
    all.prop_filter_map("never open", move |all| {
        let hours: serde_json::Map<String, Value> = days
            .iter()
            .map(|day| (*day).to_owned())
            .zip(all.into_iter().map(Value::from))
            .collect();
        Calendar::parse(&json!({"zone": "Mars/Olympus", "hours": hours})).ok()
    })
}

/// A zone that moves its clocks at two moments, by whole minutes.
#[derive(Debug, Clone, Copy)]
struct Zone {
    first: i64,
    second: i64,
    offsets: [i64; 3],
}

impl Zone {
    fn offset(self, at: i64) -> i64 {
        let [before, between, after] = self.offsets;
        match at {
            at if at < self.first => before,
            at if at < self.second => between,
            _ => after,
        }
    }
}

fn zones() -> impl Strategy<Value = Zone> {
    let offset = || (-14 * 60..14 * 60i64).prop_map(|minutes| minutes * MINUTE);
    let near = || -3000..3000i64;
    (near(), 1441..4000i64, [offset(), offset(), offset()]).prop_map(|(first, later, offsets)| {
        let first = ms("2026-03-29T01:00:00Z") + first * MINUTE;
        Zone { first, second: first + later * MINUTE, offsets }
    })
}

fn moments() -> impl Strategy<Value = i64> {
    (-5000..5000i64).prop_map(|minutes| ms("2026-03-29T01:00:00Z") + minutes * MINUTE)
}

/// Whether the clock on the wall shows an open hour: what a calendar means, said once more.
fn shows_open(calendar: &Calendar, zone: Zone, at: i64) -> bool {
    let wall = at + zone.offset(at);
    let time = wall.rem_euclid(DAY);
    calendar.hours(wall.div_euclid(DAY)).iter().any(|hours| hours.contains(&time))
}

/// JSON in the shape of arguments, mostly wrong.
fn arguments() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "mon",
        "mon-fri",
        "12-24",
        "2026-12-24",
        "9999-12-31",
        "09:00-17:00",
        "00:00-24:00",
        "23:59-24:00",
        "Europe/Berlin",
        "",
        "-",
        ":",
        "٣",
        "1h",
        "8760h",
        "366d",
        "0s",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "2026-03-29T01:00:00Z",
        "9999-12-31T23:59:59-23:59",
    ]);
    let leaf = prop_oneof![
        word.clone().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null),
    ];
    let key = prop_oneof![
        3 => prop::sample::select(vec!["zone", "hours", "holidays", "calendar", "from", "to", "at", "span"]),
        2 => word,
    ];
    let value = leaf.prop_recursive(4, 24, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(key.clone().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    (value, any::<bool>()).prop_map(|(mut value, sound)| {
        if let (true, Some(input)) = (sound, value.as_object_mut()) {
            let calendar =
                json!({"zone": "UTC", "hours": {"12-24": "00:00-24:00", "mon": ["23:59-24:00"]}});
            input.insert("calendar".to_owned(), calendar);
            input.entry("span").or_insert(json!("8760h"));
        }
        value
    })
}

proptest! {
    #[test]
    fn what_passed_until_then_is_what_was_to_pass(
        calendar in calendars(), zone in zones(), from in moments(), span in 1..6000i64
    ) {
        let opening = Opening { calendar: &calendar, offset_at: |at| zone.offset(at) };
        let span = span * MINUTE;
        let Some(at) = opening.after(from, span) else { return Ok(()) };
        prop_assert_eq!(opening.within(from..at), span);
        prop_assert!(shows_open(&calendar, zone, at - 1), "what passed last was working time");
        let opens = opening.after(from, 0).unwrap();
        prop_assert!(shows_open(&calendar, zone, opens) && opening.within(from..opens) == 0);
    }

    #[test]
    fn in_two_parts_or_at_once(
        calendar in calendars(), zone in zones(), from in moments(), one in 0..3000i64, two in 1..3000i64
    ) {
        let opening = Opening { calendar: &calendar, offset_at: |at| zone.offset(at) };
        let (one, two) = (one * MINUTE, two * MINUTE);
        let parts = opening.after(from, one).and_then(|between| opening.after(between, two));
        if let (Some(parts), Some(whole)) = (parts, opening.after(from, one + two)) {
            prop_assert_eq!(parts, whole);
        }
    }

    #[test]
    fn minute_by_minute_it_is_what_the_wall_shows(
        calendar in calendars(), zone in zones(), from in moments(), length in 0..4000i64
    ) {
        let opening = Opening { calendar: &calendar, offset_at: |at| zone.offset(at) };
        let minutes = (0..length).map(|minute| from + minute * MINUTE);
        let shown = minutes.filter(|at| shows_open(&calendar, zone, *at)).count();
        prop_assert_eq!(opening.within(from..from + length * MINUTE), shown as i64 * MINUTE);
        let (open, until) = opening.at(from);
        prop_assert_eq!(open, shows_open(&calendar, zone, from));
        if let Some(until) = until {
            prop_assert_ne!(shows_open(&calendar, zone, until), open);
            prop_assert_eq!(shows_open(&calendar, zone, until - 1), open);
        }
    }

    #[test]
    fn whatever_is_asked_is_answered(
        input in arguments(), now in any::<i64>(), offset in any::<i64>(), operation in 0..4usize
    ) {
        let operation = ["after", "between", "is_open", "x"][operation];
        let zone = |_: &str| Some(move |at: i64| offset.wrapping_mul(at.rem_euclid(7)));
        let answered = answer(&format!("tutti.calendar.{operation}"), &input, now, zone);
        if let Some(at) = answered.iter().find_map(|answer| answer.get("at")) {
            prop_assert!(moment_ms(at).is_some());
        }
    }
}
