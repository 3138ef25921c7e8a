//! An approval: a person's answer bound to exactly what will be sent and to what it replaces.

use serde_json::{Value, json};

use crate::digest;

/// A question to a person about one held effect.
#[derive(Debug, Clone, PartialEq)]
pub struct Approval {
    /// SHA-256 over operation and arguments.
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
    pub fn binds(&self, payload_hash: &str, version: &Option<String>) -> bool {
        self.approved_by.is_some() && self.payload_hash == payload_hash && self.version == *version
    }

    /// Whether the yes is of whom the rules ask now, for what it covers: whoever changes what leaves
    /// can make it a matter of somebody else.
    pub fn is_from(&self, asked: &str) -> bool {
        self.approver == asked || self.approved_by.as_deref() == Some(asked)
    }

    /// What an answer must carry: it differs for every payload, every version of the target and
    /// every time it is asked, so that an answer to an earlier question never counts for this one.
    pub fn question_hash(&self) -> String {
        digest::of_value(&json!([self.payload_hash, self.version, self.asked_at]))
    }

    /// Whether an answer of `account` to the question it saw is an answer to this one. Where the
    /// rule names nobody, whoever the edge let through may answer.
    pub fn hears(&self, account: &str, question_hash: &str) -> bool {
        let mine = self.approver.is_empty() || self.approver == account;
        mine && self.question_hash() == question_hash
    }
}

/// The hash of what will be sent.
pub fn payload_hash(operation: &str, input: &Value) -> String {
    digest::of_value(&json!([operation, input]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_yes_covers_one_payload_on_one_version_and_one_question() {
        let mut approval = Approval {
            payload_hash: payload_hash("toy.thing.set", &json!({"text": "a"})),
            version: Some("1".to_owned()),
            approver: "dana".to_owned(),
            why: String::new(),
            policy: String::new(),
            asked_at: 1,
            until: None,
            approved_by: None,
            asked_again: None,
        };
        let (same, other) =
            (approval.payload_hash.clone(), payload_hash("toy.thing.set", &json!({})));
        assert!(!approval.binds(&same, &Some("1".to_owned())), "nobody said yes yet");
        approval.approved_by = Some("dana".to_owned());
        assert!(approval.binds(&same, &Some("1".to_owned())));
        assert!(!approval.binds(&same, &Some("2".to_owned())));
        assert!(!approval.binds(&same, &None));
        assert!(!approval.binds(&other, &Some("1".to_owned())));

        let question = approval.question_hash();
        assert!(approval.hears("dana", &question) && !approval.hears("mallory", &question));
        approval.asked_at = 2;
        assert!(!approval.hears("dana", &question), "it was an answer to the earlier question");
    }
}
