//! An amount in a story: exactly this, or within bounds.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;

/// An amount: exactly this, or within bounds.
#[derive(Debug, Clone, Copy, JsonSchema)]
#[serde(untagged)]
pub enum Amount {
    /// Exactly so much.
    Exactly(f64),
    /// So much at least, or at most, or both.
    Within {
        /// Not less.
        at_least: Option<f64>,
        /// Not more.
        at_most: Option<f64>,
    },
}

impl Amount {
    /// Whether so much is as much as was meant.
    pub fn holds(self, used: f64) -> bool {
        match self {
            Self::Exactly(amount) => amount == used,
            Self::Within { at_least, at_most } => {
                at_least.is_none_or(|least| used >= least)
                    && at_most.is_none_or(|most| used <= most)
            }
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Exactly(amount) => write!(f, "{amount}"),
            Self::Within { at_least: Some(least), at_most: Some(most) } => {
                write!(f, "{least} to {most}")
            }
            Self::Within { at_least: Some(least), .. } => write!(f, "at least {least}"),
            Self::Within { at_most, .. } => write!(f, "at most {}", at_most.unwrap_or_default()),
        }
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if let Some(exactly) = value.as_f64() {
            return Ok(Self::Exactly(exactly));
        }
        let bounds: Option<BTreeMap<String, f64>> = serde_json::from_value(value).ok();
        let known = |name: &String| ["at_least", "at_most"].contains(&name.as_str());
        match bounds.filter(|bounds| !bounds.is_empty() && bounds.keys().all(known)) {
            Some(bounds) => {
                let bound = |name: &str| bounds.get(name).copied();
                Ok(Self::Within { at_least: bound("at_least"), at_most: bound("at_most") })
            }
            None => {
                let message = "this is no amount; write a number, or { at_least: 1, at_most: 5 }";
                Err(Error::custom(message))
            }
        }
    }
}
