//! Digests: SHA-256 as hex, and the id a run gets from what started it.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// SHA-256 of `text`, in lower-case hex.
pub fn sha256_hex(text: &str) -> String {
    hex(&Sha256::digest(text.as_bytes()))
}

/// The same of several texts in a row.
pub fn sha256_hex_of<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new();
    for text in texts {
        digest.update(text.as_bytes());
    }
    hex(&digest.finalize())
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// SHA-256 of a JSON value. Object keys are sorted by serde_json's map, so equal values agree.
pub fn of_value(value: &Value) -> String {
    sha256_hex(&value.to_string())
}

/// `tt-` and twelve letters of base 32 over flow and dedupe key: the same event, the same run.
pub fn run_id(flow: &str, dedupe_key: &str) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let digest = Sha256::digest(format!("{flow}\u{2016}{dedupe_key}").as_bytes());
    let bits = digest.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    let letters = (0..12).map(|i| {
        let index = (bits >> (59 - 5 * i)) & 31;
        LETTERS.get(usize::try_from(index).unwrap_or_default()).copied().map_or('a', char::from)
    });
    "tt-".chars().chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_event_gives_the_same_run() {
        let id = run_id("premier-escalation", "5008d00000ACME01|e-771");
        assert_eq!(id.len(), 15);
        assert_eq!(id, run_id("premier-escalation", "5008d00000ACME01|e-771"));
        assert_ne!(id, run_id("premier-escalation", "5008d00000ACME01|e-772"));
    }

    #[test]
    fn is_the_known_digest() {
        assert!(sha256_hex("abc").starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert_eq!(hex(&[0, 9, 0xa0, 0xff]), "0009a0ff");
    }
}
