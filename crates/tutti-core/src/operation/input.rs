//! An argument of an operation, or an input of a flow: what it may be, and what can be taken for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::calendar::working_time;

/// One argument of an operation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Input {
    /// The JSON type expected.
    #[serde(rename = "type")]
    pub kind: InputKind,
    /// Whether it must be given.
    #[serde(default)]
    pub required: bool,
    /// Whether it says what is acted on or who receives it; tainted values may not.
    #[serde(default)]
    pub target: bool,
    /// One phrase for the form and the model.
    #[serde(default)]
    pub about: String,
}

/// The JSON type of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A string.
    Text,
    /// A string of several lines; becomes rich text where the product wants it.
    LongText,
    /// A whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A list of anything.
    List,
    /// An object.
    Object,
    /// A calendar: when a team works.
    Calendar,
    /// A length of working time: `4h`.
    WorkingTime,
    /// Any JSON value.
    Any,
}

impl InputKind {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::LongText,
        Self::Integer,
        Self::Number,
        Self::Boolean,
        Self::List,
        Self::Object,
        Self::Calendar,
        Self::WorkingTime,
        Self::Any,
    ];

    /// Whether a value is of a shape that can be taken for this.
    pub fn suits(self, value: &Value) -> bool {
        match self {
            Self::Any => true,
            Self::List => value.is_array() || value.is_null(),
            Self::Object | Self::Calendar => value.is_object() || value.is_null(),
            Self::Text
            | Self::LongText
            | Self::Integer
            | Self::Number
            | Self::Boolean
            | Self::WorkingTime => !value.is_array() && !value.is_object(),
        }
    }

    /// Whether a value that is written in a flow can be of this kind; what holds a reference is known
    /// only at run time.
    pub fn fits(self, value: &Value) -> bool {
        if value.is_null() || value.as_str().is_some_and(|text| text.contains("${")) {
            return true;
        }
        match self {
            Self::Text | Self::LongText => value.is_string() || value.is_number(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Number => value.is_number(),
            Self::Boolean => value.is_boolean(),
            Self::List => value.is_array(),
            Self::Object | Self::Calendar => value.is_object(),
            Self::WorkingTime => value.as_str().is_some_and(|text| working_time(text).is_some()),
            Self::Any => true,
        }
    }

    /// What it is, for people.
    pub fn spoken(self) -> &'static str {
        match self {
            Self::Text | Self::LongText => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::List => "a list",
            Self::Object => "an object",
            Self::Calendar => "a calendar",
            Self::WorkingTime => "a length of working time: 90s, 30m or 4h",
            Self::Any => "any value",
        }
    }
}
