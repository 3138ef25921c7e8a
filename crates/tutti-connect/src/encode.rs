//! Encoding: the one place where foreign text becomes part of a URL or a header.

use tutti_core::failure::Failure;

use crate::scope::invalid;

/// Percent-encodes everything but RFC 3986's unreserved characters, so that no text can add a
/// segment, a parameter or a fragment.
pub fn percent(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Accepts a path only if each of its segments says something: encoding cannot stop `..`, which
/// a URL parser resolves, nor an empty segment, which would address the collection instead.
pub fn checked_path(path: String) -> Result<String, Failure> {
    let mut segments = path.split('/');
    let rooted = segments.next() == Some("");
    if rooted && segments.all(|segment| !matches!(segment, "" | "." | "..")) {
        Ok(path)
    } else {
        Err(invalid(format!("`{path}` would address something else than meant")))
    }
}

/// `a=1&b=x%20y` from pairs, in their order.
pub fn query(pairs: &[(String, String)]) -> String {
    let pair = |(name, value): &(String, String)| format!("{}={}", percent(name), percent(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Accepts a header value only if it cannot end the header: visible ASCII, spaces and tabs.
pub fn checked_header(name: &str, value: String) -> Result<String, Failure> {
    let allowed = |byte: u8| byte == b'\t' || (b' '..=b'~').contains(&byte);
    if !value.is_empty() && value.bytes().all(allowed) && value.trim() == value {
        Ok(value)
    } else {
        Err(invalid(format!("the header `{name}` would hold a character no header may hold")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_text_adds_a_segment_or_a_query(text in "\\PC*|[./%?#&\\\\]{0,8}") {
            let path = format!("/issue/{}/comment", percent(&text));
            match checked_path(path) {
                Ok(path) => {
                    prop_assert_eq!(path.split('/').count(), 4);
                    prop_assert!(!path.contains(['?', '#', '\\', ' ']));
                    prop_assert!(!path.contains("/../") && !path.contains("/./"));
                }
                Err(_) => prop_assert!(matches!(text.as_str(), "" | "." | "..")),
            }
        }

        #[test]
        fn encoding_loses_nothing(text in "\\PC*") {
            let mut bytes = Vec::new();
            let encoded = percent(&text);
            let mut rest = encoded.as_bytes();
            while let [first, tail @ ..] = rest {
                rest = match (first, tail) {
                    (b'%', [high, low, tail @ ..]) => {
                        let hex = String::from_utf8(vec![*high, *low]).unwrap();
                        bytes.push(u8::from_str_radix(&hex, 16).unwrap());
                        tail
                    }
                    _ => {
                        bytes.push(*first);
                        tail
                    }
                };
            }
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), text);
        }

        #[test]
        fn no_value_ends_a_header(value in any::<String>()) {
            if let Ok(value) = checked_header("x", value) {
                prop_assert!(!value.chars().any(char::is_control) || value.contains('\t'));
                prop_assert!(!value.contains(['\r', '\n']));
            }
        }
    }

    #[test]
    fn pairs_stay_pairs() {
        let pairs = [("q".to_owned(), "a&b=c d".to_owned()), ("r[]".to_owned(), "é".to_owned())];
        assert_eq!(query(&pairs), "q=a%26b%3Dc%20d&r%5B%5D=%C3%A9");
    }
}
