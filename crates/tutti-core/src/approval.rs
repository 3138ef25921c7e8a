//! An approval: a person's answer bound to exactly what will be sent and to what it replaces.

use serde_json::Value;

use crate::digest;

/// A question to a person about one held effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// SHA-256 over operation, arguments and the target's version; an answer that names another
    /// is no answer. So the same payload asked for again is another question.
    pub payload_hash: String,
    /// What identified the target's version when it was asked; re-read before the effect leaves.
    pub version: Option<String>,
    /// Who is asked: an account id.
    pub approver: String,
    /// Why it is asked: the policy's `why`, or what the built-in rule says.
    pub why: String,
    /// The rule that asked.
    pub policy: String,
    /// When it was asked.
    pub asked_at: i64,
    /// When the question runs out.
    pub until: Option<i64>,
    /// Who said yes.
    pub approved_by: Option<String>,
    /// Why it was asked again, if it was.
    pub asked_again: Option<String>,
}

impl Approval {
    /// Whether a person's yes covers this payload on this version of the target.
    pub fn binds(&self, payload_hash: &str) -> bool {
        self.approved_by.is_some() && self.payload_hash == payload_hash
    }

    /// Whether an answer of `account` to the payload it saw is an answer to this question. Where
    /// the rule names nobody, whoever the edge let through may answer.
    pub fn hears(&self, account: &str, payload_hash: &str) -> bool {
        self.payload_hash == payload_hash && (self.approver.is_empty() || self.approver == account)
    }
}

/// The hash an approval is bound to.
pub fn payload_hash(operation: &str, input: &Value, version: Option<&str>) -> String {
    digest::of_value(&serde_json::json!([operation, input, version]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_yes_covers_one_payload_on_one_version_of_its_target() {
        let asked = |version| payload_hash("salesforce.case.reply", &json!({"text": "a"}), version);
        let approval = Approval {
            payload_hash: asked(Some("1")),
            version: Some("1".to_owned()),
            approver: "dana".to_owned(),
            why: String::new(),
            policy: String::new(),
            asked_at: 0,
            until: None,
            approved_by: Some("dana".to_owned()),
            asked_again: None,
        };
        assert!(approval.binds(&asked(Some("1"))));
        assert!(!approval.binds(&asked(Some("2"))), "the target changed");
        assert!(approval.hears("dana", &asked(Some("1"))));
        assert!(!approval.hears("dana", &asked(Some("2"))), "an answer to another question");
        assert!(!approval.hears("ana", &asked(Some("1"))));
    }
}
