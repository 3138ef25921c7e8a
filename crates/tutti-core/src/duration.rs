//! Durations as people write them: `90s`, `5m`, `2h`, `1d`.

/// The longest there is: a year.
const MAX_MS: i64 = 366 * 86_400_000;

/// Parses `90s`, `5m`, `2h` or `1d` into milliseconds; `None` if it is anything else or absurd.
pub fn parse_ms(text: &str) -> Option<i64> {
    any_ms(text).filter(|ms| *ms <= MAX_MS)
}

/// Whether it is a length of time, and longer than any may be.
pub fn is_too_long(text: &str) -> bool {
    any_ms(text).is_some_and(|ms| ms > MAX_MS)
}

/// So many milliseconds, however many.
fn any_ms(text: &str) -> Option<i64> {
    let unit_at = text.find(|c: char| !c.is_ascii_digit())?;
    let (count, unit) = text.split_at(unit_at);
    let unit_ms: i64 = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let all_digits = !count.is_empty();
    all_digits.then(|| count.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(unit_ms))
}

/// Says a length of time the way people do: `12 min`, `2 h 5 min`, `3 d`.
pub fn spoken(ms: i64) -> String {
    let (seconds, minutes, hours, days) =
        (ms / 1_000, ms / 60_000, ms / 3_600_000, ms / 86_400_000);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, m) => format!("{m} min"),
        (0, h, m) if m % 60 == 0 => format!("{h} h"),
        (0, h, m) => format!("{h} h {} min", m % 60),
        (d, h, _) if h % 24 == 0 => format!("{d} d"),
        (d, h, _) => format!("{d} d {} h", h % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_people_write() {
        let table = [("90s", Some(90_000)), ("5m", Some(300_000)), ("1d", Some(86_400_000))];
        for (text, ms) in table {
            assert_eq!(parse_ms(text), ms, "{text}");
        }
        for text in ["", "5", "m", "-1m", "5 m", "1y", "99999999999999999999s", "4000d"] {
            assert_eq!(parse_ms(text), None, "{text}");
        }
    }

    #[test]
    fn tells_what_is_too_long_from_what_is_no_time() {
        for (text, long) in [("400d", true), ("99999999999999999999s", true), ("366d", false)] {
            assert_eq!(is_too_long(text), long, "{text}");
        }
        assert!(!is_too_long("d") && !is_too_long("-400d") && !is_too_long("400y"));
    }

    #[test]
    fn says_what_people_read() {
        assert_eq!(spoken(45_000), "45 s");
        assert_eq!(spoken(300_000), "5 min");
        assert_eq!(spoken(7_500_000), "2 h 5 min");
        assert_eq!(spoken(86_400_000), "1 d");
    }
}
