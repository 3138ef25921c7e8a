//! The wait an overloaded endpoint asks for, in whichever header it says so.

use tutti_core::wire::Reply;

/// Milliseconds to wait, if the other side said so.
///
/// `retry-after-ms` is the finer form that OpenAI's own clients prefer. A `Retry-After` with a
/// date is not read, for there is no clock here; the caller's own backoff takes over.
pub fn asked_ms(reply: &Reply) -> Option<u64> {
    let number = |name: &str| reply.headers.get(name)?.trim().parse::<f64>().ok();
    let whole = |ms: f64| (ms.is_finite() && ms >= 0.0).then_some(ms.ceil() as u64);
    number("retry-after-ms")
        .and_then(whole)
        .or_else(|| number("retry-after").and_then(|seconds| whole(seconds * 1000.0)))
        .or_else(|| reset_ms(reply))
}

/// When the limit that is used up starts anew; if none says that it is, the later of the two.
/// <https://developers.openai.com/docs/guides/rate-limits>
fn reset_ms(reply: &Reply) -> Option<u64> {
    let header = |kind: &str, of: &str| reply.headers.get(&format!("x-ratelimit-{kind}-{of}"));
    let used_up = |of: &&str| header("remaining", of).is_some_and(|left| left.trim() == "0");
    let resets = |of: &str| header("reset", of).and_then(|text| duration_ms(text));
    const LIMITS: [&str; 2] = ["requests", "tokens"];
    let known = LIMITS.into_iter().filter(used_up).filter_map(resets).max();
    known.or_else(|| LIMITS.into_iter().filter_map(resets).max())
}

/// Reads `6m0s`, `8.64s`, `1h2m3.5s` or `120ms`.
fn duration_ms(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|char: char| !char.is_ascii_digit() && char != '.')?;
        let (number, after) = rest.split_at(digits);
        let unit = after.find(|char: char| char.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit);
        let factor = match unit {
            "ms" => 1.0,
            "s" => 1_000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            "d" => 86_400_000.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = after;
    }
    (total > 0.0).then_some(total.ceil() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(headers: &[(&str, &str)]) -> Option<u64> {
        let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        asked_ms(&Reply { status: 429, headers: headers.collect(), body: String::new() })
    }

    #[test]
    fn the_plainest_word_wins() {
        let reset = ("x-ratelimit-reset-requests", "1s");
        assert_eq!(wait(&[]), None);
        assert_eq!(wait(&[("retry-after", "2"), reset]), Some(2_000));
        assert_eq!(wait(&[("retry-after", "0.25")]), Some(250));
        assert_eq!(wait(&[("retry-after-ms", "1500"), ("retry-after", "2")]), Some(1_500));
        assert_eq!(wait(&[("retry-after", "Wed, 21 Oct 2026 07:28:00 GMT"), reset]), Some(1_000));
        assert_eq!(wait(&[("retry-after", "-1")]), None);
        assert_eq!(wait(&[("retry-after", "inf")]), None);
    }

    #[test]
    fn the_limit_that_is_used_up_decides() {
        let tokens = ("x-ratelimit-reset-tokens", "6m0s");
        let requests = ("x-ratelimit-reset-requests", "8.64s");
        assert_eq!(wait(&[tokens, requests]), Some(360_000));
        let none_left = ("x-ratelimit-remaining-requests", "0");
        let some_left = ("x-ratelimit-remaining-tokens", "17");
        assert_eq!(wait(&[tokens, requests, none_left, some_left]), Some(8_640));
    }

    #[test]
    fn durations_are_read_or_left_alone() {
        for (text, expected) in [
            ("120ms", Some(120)),
            ("1h2m3.5s", Some(3_723_500)),
            ("1d", Some(86_400_000)),
            ("0s", None),
            ("", None),
            ("17", None),
            ("s", None),
            ("1.2.3s", None),
            ("1 fortnight", None),
        ] {
            assert_eq!(duration_ms(text), expected, "{text}");
        }
    }
}
