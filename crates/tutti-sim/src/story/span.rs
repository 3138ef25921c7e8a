//! Time in a story: lengths as people write them, and the moment it begins.

use std::borrow::Cow;

use jiff::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de::Error};
use tutti_core::duration;

use crate::START;

/// A length of time, written `90s`, `5m`, `2h` or `1d`; in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub i64);

/// A point in time, written `2026-03-10T09:00:00Z`; in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment(pub i64);

impl Default for Moment {
    fn default() -> Self {
        Self(START)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let none = || Error::custom(format!("`{text}` is no length of time; write 90s, 5m or 2h"));
        duration::parse_ms(&text).map(Self).ok_or_else(none)
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let none = |_| Error::custom(format!("`{text}` is no time; write 2026-03-10T09:00:00Z"));
        text.parse::<Timestamp>().map(|time| Self(time.as_millisecond())).map_err(none)
    }
}

impl JsonSchema for Span {
    fn schema_name() -> Cow<'static, str> {
        "Span".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A length of time: 90s, 5m, 2h or 1d.",
            "type": "string",
            "pattern": "^[0-9]+(ms|s|m|h|d)$",
        })
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A point in time: 2026-03-10T09:00:00Z.",
            "type": "string",
            "format": "date-time",
        })
    }
}
