//! What the policies of a flow mean, kept or read by somebody who does not ask the engine's gate.

use std::collections::BTreeSet;

use tutti_core::flow::{Flow, Verdict};

/// How a policy begins that names an operation.
const NAMES: &str = "effect.operation == ";

/// Which writes the policies of a flow mean.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    /// Operations that must not be used.
    pub never: BTreeSet<String>,
    /// Operations that need a yes.
    pub approve: BTreeSet<String>,
    /// Operations that need none where only the house would ask.
    pub allow: BTreeSet<String>,
    /// Whether nothing but these and the rules of the house decides.
    pub are_all: bool,
}

impl Rules {
    /// The policies of somebody's own flow that name an operation and say nothing else. What others
    /// mean only the gate knows.
    pub fn named(flow: &Flow) -> Self {
        let mut rules = Self::default();
        for policy in &flow.policies {
            let Some(operation) = named(policy.when.source()) else { continue };
            let met = match policy.verdict {
                Verdict::Never => &mut rules.never,
                Verdict::Approve => &mut rules.approve,
                Verdict::Allow => &mut rules.allow,
            };
            met.insert(operation.to_owned());
        }
        rules
    }
}

/// The operation of `effect.operation == 'x'`.
fn named(condition: &str) -> Option<&str> {
    let quoted = condition.trim().strip_prefix(NAMES)?.trim();
    let unquoted = |quote| quoted.strip_prefix(quote)?.strip_suffix(quote);
    let name = unquoted('\'').or_else(|| unquoted('"'))?;
    let is_name = name.chars().all(|c| c.is_ascii_alphanumeric() || "._".contains(c));
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_policy_that_names_an_operation_is_understood_and_no_other() {
        let table = [
            ("effect.operation == 'toy.mail.send'", Some("toy.mail.send")),
            ("effect.operation == \"toy.mail.send\"", Some("toy.mail.send")),
            ("effect.operation == 'toy.mail.send' && thing.none == 'x'", None),
            ("effect.operation == 'toy.' + 'mail.send'", None),
            ("effect.operation != 'toy.mail.send'", None),
            ("true", None),
        ];
        for (condition, operation) in table {
            assert_eq!(named(condition), operation, "{condition}");
        }
    }
}
