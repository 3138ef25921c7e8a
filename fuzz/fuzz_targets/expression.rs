//! Any expression is evaluated within its meter, or refused with a place.

#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::json;
use tutti_core::expr::{Expression, Meter, Scope, Template};
use tutti_core::fact::Fact;

/// One fact with a value of every kind.
struct Known(Fact);

impl Scope for Known {
    fn fact(&self, name: &str) -> Option<&Fact> {
        (name == "case").then_some(&self.0)
    }
}

fuzz_target!(|source: &str| {
    let value = json!({
        "id": "5008", "tier": null, "size": 7, "share": 0.5, "open": true,
        "at": "2026-03-10T09:00:00Z", "items": [{"key": "PAY-1"}, {"key": "PAY-2"}],
    });
    let known = Known(Fact::observed("case", "fuzz", 0, value));
    if let Ok(expression) = Expression::parse(source) {
        let _ = expression.evaluate(&known, &mut Meter::default());
    }
    if let Ok(template) = Template::parse(&json!(source)) {
        let _ = template.fill(&known, &mut Meter::default());
    }
});
