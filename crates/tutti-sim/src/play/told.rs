//! Times and lines of the timeline as a story tells them.

use jiff::Timestamp;
use tutti_core::duration;
use tutti_core::view::{Entry, StepState};

/// A moment of the clock: `2026-03-10 09:05:00`.
pub fn moment(at: i64) -> String {
    Timestamp::from_millisecond(at)
        .map_or_else(|_| at.to_string(), |time| time.strftime("%Y-%m-%d %H:%M:%S").to_string())
}

/// A length of time, to the second where it is short.
pub fn span(ms: i64) -> String {
    match ms {
        1..1_000 => format!("{ms} ms"),
        1_000..60_000 if ms % 1_000 != 0 => format!("{:.1} s", ms as f64 / 1_000.0),
        60_000..3_600_000 if ms % 60_000 >= 1_000 => {
            format!("{} {} s", duration::spoken(ms), ms % 60_000 / 1_000)
        }
        ms => duration::spoken(ms),
    }
}

/// A line of the timeline as people read it.
pub fn line(entry: &Entry) -> String {
    // Of what failed people need to know why, whatever was tried.
    let adapted = entry.adapted.as_deref().filter(|_| entry.state != StepState::Failed);
    let more = adapted.unwrap_or(&entry.detail);
    let dash = if more.is_empty() { "" } else { " — " };
    format!("{}{dash}{more}", entry.text)
}

/// What a person is called whose name nobody gave: `557058:dana` is Dana.
pub fn name(account: &str) -> String {
    let word = account.rsplit(':').next().unwrap_or(account);
    let mut chars = word.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// A word of the engine as stories write it.
pub fn word(value: impl serde::Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    value.as_str().map(|word| word.replace('_', " ")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(moment(crate::START), "2026-03-10 09:00:00");
        let spans = [0, 7, 1_500, 5_000, 65_000, 125_500, 3_600_000, 90_061_000].map(span);
        assert_eq!(
            spans,
            ["0 s", "7 ms", "1.5 s", "5 s", "1 min 5 s", "2 min 5 s", "1 h", "1 d 1 h"]
        );
        assert_eq!(name("557058:dana"), "Dana");
    }
}
