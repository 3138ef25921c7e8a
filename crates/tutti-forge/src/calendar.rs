//! Calendars: the operations `tutti.calendar.*`, with the time zones that JavaScript knows. The answer
//! is journaled like any other, so that a replay asks no zone again.

use js_sys::{Array, Function, Intl, Object, Reflect};
use serde_json::Value;
use tutti_core::calendar;
use tutti_core::failure::Failure;
use wasm_bindgen::{JsCast, JsValue};

use crate::perform::OperationCall;

/// Performs one of them at `now`.
pub fn perform(call: &OperationCall<'_>, now: i64) -> Result<Value, Failure> {
    calendar::answer(call.operation, call.input, now, clocks)
}

/// Whether there is a time zone of this name.
pub fn has_zone(name: &str) -> bool {
    clocks(name).is_some()
}

/// How many milliseconds the clocks of a time zone are ahead of UTC at a moment. The constructor is
/// called by hand because it throws where there is no such zone.
fn clocks(zone: &str) -> Option<impl Fn(i64) -> i64 + use<>> {
    let options = Object::new();
    for (name, value) in [("timeZone", zone), ("timeZoneName", "longOffset")] {
        Reflect::set(&options, &name.into(), &value.into()).ok()?;
    }
    let intl = Reflect::get(&js_sys::global(), &"Intl".into()).ok()?;
    let constructor = Reflect::get(&intl, &"DateTimeFormat".into()).ok()?;
    let arguments = Array::of2(&"en".into(), &options);
    let format = Reflect::construct(constructor.unchecked_ref::<Function>(), &arguments).ok()?;
    let format = format.unchecked_into::<Intl::DateTimeFormat>().format();
    Some(move |at| {
        let shown = format.call1(&JsValue::UNDEFINED, &JsValue::from_f64(at as f64)).ok();
        shown.and_then(|shown| offset_ms(&shown.as_string()?)).unwrap_or_default()
    })
}

/// The offset in `3/10/2026, GMT+01:00`: `GMT` alone where there is none, and with seconds where
/// a town went by its own sun.
fn offset_ms(shown: &str) -> Option<i64> {
    let (_, offset) = shown.rsplit_once("GMT")?;
    let sign = if offset.starts_with(['-', '\u{2212}']) { -1 } else { 1 };
    let parts = offset.trim_start_matches(['+', '-', '\u{2212}']).split(':');
    let units = [3_600_000, 60_000, 1_000];
    let each = parts.zip(units).map(|(part, unit)| Some(part.parse::<i64>().ok()? * unit));
    let offset: Option<i64> = if offset.is_empty() { Some(0) } else { each.sum() };
    offset.map(|ms| sign * ms)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read_as_javascript_shows_them() {
        let table = [
            ("3/10/2026, GMT", Some(0)),
            ("3/10/2026, GMT+01:00", Some(3_600_000)),
            ("3/10/2026, GMT-03:30", Some(-12_600_000)),
            ("1/1/1880, GMT+00:53:28", Some(3_208_000)),
            ("3/10/2026, MEZ", None),
            ("3/10/2026, GMT+1h", None),
        ];
        for (shown, ms) in table {
            assert_eq!(offset_ms(shown), ms, "{shown}");
        }
    }
}
