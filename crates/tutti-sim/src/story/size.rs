//! A size in a story, as people write it.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error};

/// The largest: more than any answer that is read.
const BYTES_MAX: usize = 16_000_000;

/// A size, written `500 KB` or `3 MB`; in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size(pub usize);

impl Size {
    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let unit = match unit.trim_start() {
            "KB" => 1_000,
            "MB" => 1_000_000,
            _ => return None,
        };
        let bytes = number.parse::<usize>().ok()?.checked_mul(unit)?;
        (1..=BYTES_MAX).contains(&bytes).then_some(Self(bytes))
    }
}

impl<'de> Deserialize<'de> for Size {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let none =
            || Error::custom(format!("`{text}` is no size; write 500 KB or 3 MB, 16 MB at most"));
        Self::parse(&text).ok_or_else(none)
    }
}

impl JsonSchema for Size {
    fn schema_name() -> Cow<'static, str> {
        "Size".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A size: 500 KB or 3 MB; 16 MB at most.",
            "type": "string",
            "pattern": "^[0-9]+ ?(KB|MB)$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_as_people_write_them() {
        let bytes = |text| Size::parse(text).map(|size| size.0);
        assert_eq!([bytes("3 MB"), bytes("500KB")], [Some(3_000_000), Some(500_000)]);
        for none in ["3", "MB", "3 mb", "0 KB", "17 MB", "99999999999999999999 MB", "-1 KB"] {
            assert_eq!(bytes(none), None, "{none}");
        }
    }
}
