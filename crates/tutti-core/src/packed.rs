//! Long text as it is stored where nobody searches in it: deflated, in Base64.
//!
//! Storage takes only text and counts it in units of 10 KB each time it is read or written. What a
//! journal says it says again and again, so it shrinks to a fifth.

use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use miniz_oxide::deflate::compress_to_vec;
use miniz_oxide::inflate::decompress_to_vec_with_limit;
use serde::{Deserialize, Serialize};

/// How hard to look for repetition, from 0 to 10: above this it takes longer and gains little.
const LEVEL: u8 = 6;
/// The most bytes one text may unpack to. No run and no flow comes near it; a text made to fill the
/// memory would.
const TEXT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// A packed text. Stored as a string.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Packed(String);

/// Why a text cannot be unpacked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PackedError {
    /// It holds a sign that Base64 has not.
    #[error("it is no Base64")]
    Base64,
    /// It is no deflated text, or one that is far too long.
    #[error("it cannot be inflated")]
    Deflate,
    /// What comes out is no UTF-8.
    #[error("it holds no text")]
    Text,
}

impl Packed {
    /// Packs a text.
    pub fn pack(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self(BASE64_STANDARD_NO_PAD.encode(compress_to_vec(text.as_bytes(), LEVEL)))
    }

    /// The text again.
    ///
    /// # Errors
    /// It was changed since it was packed, or never was a packed text.
    pub fn unpack(&self) -> Result<String, PackedError> {
        if self.is_empty() {
            return Ok(String::new());
        }
        let deflated = BASE64_STANDARD_NO_PAD.decode(&self.0).map_err(|_| PackedError::Base64)?;
        let text = decompress_to_vec_with_limit(&deflated, TEXT_BYTES_MAX);
        String::from_utf8(text.map_err(|_| PackedError::Deflate)?).map_err(|_| PackedError::Text)
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many bytes it is stored in.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn packed(text: &str) -> Packed {
        serde_json::from_value(serde_json::json!(text)).unwrap()
    }

    #[test]
    fn what_says_the_same_again_and_again_takes_little_room() {
        let text = r#"{"event":{"type":"answered","effect":"tt-1/ask/1#1"}}"#.repeat(100);
        let packed = Packed::pack(&text);
        assert!(packed.len() * 20 < text.len(), "{} of {}", packed.len(), text.len());
        assert_eq!(packed.unpack().as_ref(), Ok(&text));
    }

    #[test]
    fn what_is_no_packed_text_is_refused() {
        let lone_byte = BASE64_STANDARD_NO_PAD.encode(compress_to_vec(&[0xff], LEVEL));
        for (text, error) in [
            ("no base64!", PackedError::Base64),
            ("/////w", PackedError::Deflate),
            (&lone_byte, PackedError::Text),
        ] {
            assert_eq!(packed(text).unpack(), Err(error), "{text}");
        }
        assert_eq!(packed("").unpack(), Ok(String::new()));
    }

    #[test]
    fn a_text_made_to_fill_the_memory_is_refused() {
        let bomb = Packed::pack(&"a".repeat(TEXT_BYTES_MAX + 1));
        assert!(bomb.len() < 64 * 1024);
        assert_eq!(bomb.unpack(), Err(PackedError::Deflate));
    }

    proptest! {
        #[test]
        fn every_text_comes_back(text in ".{0,2000}") {
            prop_assert_eq!(Packed::pack(&text).unpack(), Ok(text));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[A-Za-z0-9+/]{0,200}") {
            let _ = packed(&text).unpack();
        }
    }
}
