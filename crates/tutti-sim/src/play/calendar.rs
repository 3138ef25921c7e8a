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

/// How many milliseconds the clocks of a time zone are ahead of UTC at a moment.
fn clocks(zone: &str) -> Option<impl Fn(i64) -> i64 + use<>> {
    let zone = TimeZone::get(zone).ok()?;
    Some(move |at| {
        let moment = Timestamp::from_millisecond(at).unwrap_or_default();
        i64::from(zone.to_offset(moment).seconds()) * 1_000
    })
}
