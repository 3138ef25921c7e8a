//! What the operations `tutti.calendar.*` answer, whoever performs them.

use serde_json::{Value, json};

use super::Calendar;
use super::open::{HORIZON, Opening};
use crate::duration;
use crate::expr::{moment_ms, moment_text};
use crate::failure::Failure;

/// Performs `tutti.calendar.after`, `between` or `is_open`. `zone` opens a time zone by its name:
/// at a moment in milliseconds since 1970, its clocks are so many milliseconds ahead of UTC.
///
/// # Errors
/// What is wrong with the arguments.
pub fn answer<Z: Fn(i64) -> i64>(
    operation: &str,
    input: &Value,
    now: i64,
    zone: impl FnOnce(&str) -> Option<Z>,
) -> Result<Value, Failure> {
    let calendar =
        Calendar::parse(input.get("calendar").unwrap_or(&Value::Null)).map_err(|problem| {
            invalid(&problem.code, format!("calendar{problem}; {}", problem.hint))
        })?;
    let offset_at = zone(&calendar.zone).ok_or_else(|| {
        let message =
            format!("there is no time zone `{}`; they are named like Europe/Berlin", calendar.zone);
        invalid("unknown_zone", message)
    })?;
    let opening = Opening { calendar: &calendar, offset_at };
    let moment = |name| moment(input, name, now);
    match operation {
        "tutti.calendar.after" => {
            let span = span(input)?;
            let at = opening.after(moment("from")?, span).ok_or_else(too_far)?;
            Ok(json!({"at": moment_text(at).ok_or_else(too_far)?, "local": opening.local(at)}))
        }
        "tutti.calendar.between" => {
            let (from, to) = (moment("from")?, moment("to")?);
            if from.abs_diff(to) > HORIZON.unsigned_abs() {
                return Err(too_far());
            }
            let (sign, time) = if from <= to { (1, from..to) } else { (-1, to..from) };
            Ok(json!({"minutes": sign * (opening.within(time) / 60_000)}))
        }
        "tutti.calendar.is_open" => {
            let (open, until) = opening.at(moment("at")?);
            let local = until.and_then(|until| opening.local(until));
            Ok(json!({"open": open, "until": until.and_then(moment_text), "local": local}))
        }
        other => Err(Failure::Missing { path: other.to_owned() }),
    }
}

impl<Z: Fn(i64) -> i64> Opening<'_, Z> {
    /// A moment as the clock on the wall shows it: `2026-03-30 11:00`.
    fn local(&self, at: i64) -> Option<String> {
        let text = moment_text(at.checked_add((self.offset_at)(at))?)?;
        Some(text.get(..16)?.replace('T', " "))
    }
}

/// A length of working time in milliseconds: `90s`, `30m`, `4h`. A day is none, for it is of another
/// length in every calendar.
pub fn working_time(text: &str) -> Option<i64> {
    duration::parse_ms(text).filter(|_| !text.ends_with('d'))
}

fn span(input: &Value) -> Result<i64, Failure> {
    let text = input.get("span").and_then(Value::as_str).unwrap_or_default();
    working_time(text).ok_or_else(|| {
        let message = format!("`{text}` is no length of working time; write 90s, 30m or 4h");
        invalid("bad_duration", message)
    })
}

/// The moment an argument names; now, if it is left out.
fn moment(input: &Value, name: &str, now: i64) -> Result<i64, Failure> {
    let now = json!(now);
    let value = input.get(name).unwrap_or(&now);
    moment_ms(value).ok_or_else(|| {
        let message = format!("`{name}` is no moment: {value}; write 2026-03-10T09:00:00Z");
        invalid("no_time", message)
    })
}

fn too_far() -> Failure {
    let message = "that spans more than ten years; no calendar holds so long";
    invalid("too_far", message.to_owned())
}

fn invalid(code: &str, message: String) -> Failure {
    Failure::Invalid { code: code.to_owned(), message }
}
