//! What a tool tells us by itself: how its deliveries prove who they are from, which waiting runs
//! they are for, and which of them only echo what we did.

use serde::Deserialize;
use serde_json::Value;

use crate::path::Path;
use crate::scope::{Absence, Scope};
use crate::template::Text;

/// The events of one tool; their references see `event`, the payload.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// Its web trigger; without one its events come from the platform.
    #[serde(default)]
    pub hook: Option<Hook>,
    /// The events of the product that start flows.
    #[serde(default)]
    pub starts: Vec<String>,
    /// What waiting runs can hear.
    #[serde(default)]
    pub heard: Vec<Heard>,
    /// Where an effect key of ours comes back to us.
    #[serde(default)]
    pub echo: Vec<Path>,
    /// A flag that is true where the app itself is the cause.
    #[serde(default)]
    pub own: Option<Path>,
}

/// A web trigger.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hook {
    /// How to set it up over there, in one sentence.
    pub about: String,
    /// How a delivery proves that it is genuine.
    pub verify: Verify,
    /// The trigger's name in flows; the tool's own name if left out.
    #[serde(default)]
    pub starts: Option<String>,
}

/// How a delivery proves that it is genuine; each names its header.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verify {
    /// The secret itself.
    Token(String),
    /// `t=<seconds>,v1=<hex HMAC-SHA256 of "<t>.<body>">`.
    Signature(String),
}

/// Something a waiting run can hear.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Heard {
    /// Its name in flows.
    pub event: String,
    /// Which deliveries say it.
    pub when: When,
    /// What it is about; a run waits for one key.
    pub key: Text,
}

/// A place in the payload and what must stand there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct When {
    /// The place.
    pub path: Path,
    /// The value.
    pub is: Value,
}

/// An event that only tells us what we did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Echo {
    /// Of this effect.
    Effect(String),
    /// Of something the app did.
    Own,
}

impl Events {
    /// The topics a payload is for: `gitlab.pipeline:42/5001`.
    pub fn topics(&self, payload: &Value) -> Vec<String> {
        let scope = Scope::new(Absence::Tolerated, vec![("event", payload)]);
        let said = self.heard.iter().filter(|it| it.when.path.within(payload) == Some(&it.when.is));
        said.filter_map(|it| {
            let key = it.key.fill(&scope).ok().flatten()?;
            Some(format!("{}:{key}", it.event))
        })
        .collect()
    }

    /// Whether a payload only tells us what we did.
    pub fn echo(&self, payload: &Value) -> Option<Echo> {
        let places = self.echo.iter().filter_map(|path| path.within(payload)?.as_str());
        let effect = places.filter_map(effect_key).next();
        let own = self.own.as_ref().and_then(|path| path.within(payload)?.as_bool());
        effect
            .map(|key| Echo::Effect(key.to_owned()))
            .or_else(|| own.unwrap_or_default().then_some(Echo::Own))
    }
}

/// The first effect key in a text: `tt-` and twelve letters, a step, a number.
fn effect_key(text: &str) -> Option<&str> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && !"-_./".contains(c)).find(|word| {
        let mut parts = word.split('/');
        let run = parts.next().and_then(|run| run.strip_prefix("tt-")).unwrap_or_default();
        let ordinal = parts.next_back().unwrap_or_default();
        run.len() == 12
            && run.chars().all(|c| c.is_ascii_lowercase() || ('2'..='7').contains(&c))
            && parts.next().is_some_and(|step| !step.is_empty())
            && ordinal.parse::<u32>().is_ok()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::connector;

    fn events(tool: &str) -> &'static Events {
        &connector(tool).unwrap().events
    }

    #[test]
    fn a_payload_is_for_those_who_wait_for_its_key() {
        let pipeline = json!({"object_kind": "pipeline", "project": {"id": 42},
            "object_attributes": {"id": 5001, "iid": 7}});
        assert_eq!(events("gitlab").topics(&pipeline), ["gitlab.pipeline:42/5001"]);
        let merged = json!({"object_kind": "merge_request", "project": {"id": 42},
            "object_attributes": {"id": 5001, "iid": 7}});
        assert_eq!(events("gitlab").topics(&merged), ["gitlab.merge_request:42/7"]);
        let released = json!({"eventType": "avi:jira:released:version", "version": {"id": "9"}});
        assert_eq!(events("jira").topics(&released), ["jira.version.released:9"]);
        let nameless = json!({"eventType": "avi:jira:released:version", "version": {}});
        assert_eq!(events("jira").topics(&nameless), [""; 0]);
        assert_eq!(events("salesforce").topics(&pipeline), [""; 0]);
    }

    #[test]
    fn what_we_did_is_known_by_its_key_or_by_its_author() {
        let echo = |tool: &str, payload: Value| events(tool).echo(&payload);
        let key = "tt-a2b2c3d4e5f6/each.2.tell/1";
        let traced = json!({"webhookTraceValue": key, "selfGenerated": true});
        assert_eq!(echo("jira", traced), Some(Echo::Effect(key.into())));
        assert_eq!(echo("jira", json!({"selfGenerated": true})), Some(Echo::Own));
        assert_eq!(echo("jira", json!({"selfGenerated": false, "webhookTraceValue": "x"})), None);
        let note =
            json!({"object_attributes": {"note": "Hit.\n\nTutti-Run: tt-abcdefghijkl/A5/1"}});
        assert_eq!(echo("gitlab", note), Some(Echo::Effect("tt-abcdefghijkl/A5/1".into())));
        let talk = json!({"object_attributes": {"note": "see tt-abcdefghijkl or tt-1/A5/1"}});
        assert_eq!(echo("gitlab", talk), None);
    }
}
