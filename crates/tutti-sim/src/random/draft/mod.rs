//! Drafts: random flow documents that link. Every kind of step there is comes up, nested and
//! bounded; adding one is a function in `steps` and a line in its table.

mod catches;
mod rules;
mod steps;
mod words;

use serde_json::{Map, Value, json};

pub use self::rules::Rules;

use super::dice::{Dice, Die};

/// The most steps of a flow, nested ones included.
const STEPS_MAX: usize = 16;
/// How deep blocks are nested.
const DEPTH_MAX: usize = 3;

/// A flow document with what its policies mean.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The document.
    pub document: Value,
    /// Its policies.
    pub rules: Rules,
}

/// Writes the flow of a seed.
pub fn draft(dice: &Dice) -> Draft {
    let mut author = Author::new(dice.about("flow"));
    let context = author.context();
    let values = json!({
        "tier": {"first_of": ["thing.none", "thing.tier"], "default": "none"},
        "limit": {"first_of": ["thing.none"], "default": "t2"},
        "fixed": 3,
    });
    let length = 2 + author.die.below(6);
    let steps: Vec<Value> = (0..length).filter_map(|_| author.step(0)).collect();
    let (policies, rules) = author.policies();
    let mut document = json!({
        "id": "random", "name": "A random flow",
        "trigger": {"webhook": "toy.thing", "once_per": ["id"]},
        "context": context, "values": values, "steps": steps, "policies": policies,
        "budget": author.budget(),
        "autonomy": author.die.pick(&["act", "act", "act", "act_with_recall", "approve"]),
    });
    if let Some(members) = document.as_object_mut() {
        members.extend(author.now_and_then());
    }
    Draft { document, rules }
}

/// Who writes a flow: the die, and what can be named so far.
struct Author {
    die: Die,
    steps: usize,
    names: usize,
    /// Templates that come to a text, if all goes well.
    texts: Vec<String>,
    /// Conditions over what is known so far.
    conditions: Vec<String>,
    /// Failures of the flow's own so far.
    raised: Vec<String>,
}

impl Author {
    fn new(die: Die) -> Self {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Self {
            die,
            steps: 0,
            names: 0,
            texts: owned(&[
                "hello",
                "${trigger.id}",
                "${trigger.said}",
                "${thing.text}",
                "${thing.tier}",
            ]),
            conditions: owned(&[
                "thing.tier == 'gold'",
                "thing.tier == 'silver'",
                "thing.none == 'x'",
                "values.tier == 'gold'",
                "trigger.id == 't1'",
                "size(items.items) > 5",
            ]),
            raised: Vec::new(),
        }
    }

    /// A name nobody has yet.
    fn name(&mut self, stem: &str) -> String {
        self.names += 1;
        format!("{stem}{}", self.names)
    }

    fn context(&mut self) -> Value {
        let optional = self.die.in_100(40);
        let mut context = json!({
            "thing": {"use": "toy.thing.get", "with": {"id": "${trigger.id}"}, "optional": optional},
            "items": {"use": "toy.thing.search", "with": {"query": "${thing.tier}"},
                      "optional": optional},
        });
        if self.die.in_100(20)
            && let Some(members) = context.as_object_mut()
        {
            let flag = json!({"use": "toy.flag.get", "with": {"name": "f0"}, "optional": true});
            members.insert("flag".to_owned(), flag);
            self.texts.push("${flag.value}".to_owned());
        }
        context
    }

    /// Rules for some operations: at times only met because a value is missing.
    fn policies(&mut self) -> (Vec<Value>, Rules) {
        let mut rules = Rules { are_all: true, ..Rules::default() };
        let mut policies = Vec::new();
        for _ in 0..self.die.below(4) {
            let operation = self.die.pick(&words::WRITES).to_owned();
            let mut when = format!("effect.operation == '{operation}'");
            let unsure = self.die.in_100(25);
            if unsure {
                when.push_str(" && thing.none == 'x'");
            }
            let (verdict, met) = match self.die.below(4) {
                0 => ("never", &mut rules.never),
                1 => ("allow", &mut rules.allow),
                _ => ("approve", &mut rules.approve),
            };
            let mut policy = Map::from_iter([(verdict.to_owned(), json!(when))]);
            if verdict == "approve" {
                let by = self.die.pick(&["dana", "${thing.owner.account_id}", "${thing.text}"]);
                policy.insert("by".to_owned(), json!(by));
                if self.die.in_100(20) {
                    policy.insert("recall".to_owned(), json!("5m"));
                }
                if self.die.in_100(50) {
                    policy.insert("within".to_owned(), json!("1h"));
                }
            }
            policies.push(Value::Object(policy));
            // What cannot be decided counts as met where that is the careful side.
            if !unsure || verdict != "allow" {
                met.insert(operation);
            }
        }
        (policies, rules)
    }

    fn budget(&mut self) -> Value {
        let wall = self.die.pick(&["20m", "3h", "24h", "24h", "5d"]);
        let mut budget = json!({"wall": wall});
        if let Some(members) = budget.as_object_mut() {
            if self.die.in_100(25) {
                members.insert("calls".to_owned(), json!(3 + self.die.below(30)));
            }
            if self.die.in_100(15) {
                members.insert("tokens".to_owned(), json!(700 * self.die.below(6)));
            }
            if self.die.in_100(10) {
                members.insert("usd".to_owned(), json!(0.01));
            }
        }
        budget
    }

    /// What only some flows say.
    fn now_and_then(&mut self) -> Map<String, Value> {
        let mut members = Map::new();
        if self.die.in_100(60) {
            members.insert("subject".to_owned(), json!("thing.id"));
        }
        if self.die.in_100(40) {
            members.insert("retry".to_owned(), self.retry());
        }
        if self.die.in_100(20) {
            members.insert("started_by".to_owned(), json!("Thing ${thing.id}"));
        }
        if self.die.in_100(10) {
            members.insert("output".to_owned(), json!({"text": self.text()}));
        }
        if self.die.in_100(15) {
            let remedy = if self.die.in_100(60) {
                json!({"do": self.block(1, 2)})
            } else {
                json!({"gap": "the rest is missing"})
            };
            members.insert("catch".to_owned(), json!([remedy]));
        }
        if self.die.in_100(20) {
            members.insert("finally".to_owned(), self.block(1, 2).into());
        }
        if self.die.in_100(8) {
            let condition = self.die.pick(&["thing.tier == 'silver'", "thing.none == 1", "true"]);
            members.insert("start_if".to_owned(), json!(condition));
        }
        members
    }

    fn retry(&mut self) -> Value {
        let attempts = 1 + self.die.below(4);
        json!({"attempts": attempts, "delay": self.die.pick(&["1s", "1s", "20s", "10m"])})
    }
}

#[cfg(test)]
mod tests {
    use tutti_core::flow::Flow;

    use super::*;
    use crate::toys::catalogue;

    #[test]
    fn every_draft_links_and_is_the_same_each_time() {
        for seed in 0..500 {
            let dice = Dice::new(seed);
            let document = draft(&dice).document;
            if let Err(problems) = Flow::link(&document, &catalogue()) {
                panic!("seed {seed}: {problems:#?}\n{document:#}");
            }
            assert_eq!(document, draft(&dice).document);
        }
    }

    #[test]
    fn every_kind_of_step_comes_up() {
        let text: String =
            (0..100).map(|seed| draft(&Dice::new(seed)).document.to_string()).collect();
        for kind in steps::KINDS {
            assert!(text.contains(&format!("\"{kind}\":")), "no {kind}");
        }
    }
}
