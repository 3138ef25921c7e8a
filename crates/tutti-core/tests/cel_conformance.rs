//! The public CEL conformance files judge the subset: what is claimed passes, and what is not
//! claimed is named in `cel_unsupported.txt` with a reason.

// Tests may stop at the first surprise, and look for files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

#[path = "support/textproto.rs"]
mod textproto;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::{Map, Value, json};
use textproto::{Field, Message, parse};
use tutti_core::expr::{ErrorCode, Expression, Meter, Outcome, Scope};
use tutti_core::fact::Fact;

/// `file/section/test`, the file without its ending.
type Name = String;

/// The folder with the files, if this machine has it.
fn folder() -> Option<PathBuf> {
    let contracts = std::env::var("TUTTI_CONTRACTS").map(PathBuf::from).unwrap_or_else(|_| {
        PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contracts"))
    });
    let folder = contracts.join("suites/cel/tests/simple/testdata");
    folder.is_dir().then_some(folder)
}

/// The reasons of what is not claimed, by name; `*` at the end stands for any rest.
fn unsupported() -> Vec<(&'static str, &'static str)> {
    let mut reason = "";
    let mut names = Vec::new();
    for line in include_str!("cel_unsupported.txt").lines() {
        match line.strip_prefix("## ") {
            Some(text) => reason = text,
            None if line.is_empty() || line.starts_with('#') => {}
            None => names.push((line, reason)),
        }
    }
    names
}

fn covers(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

struct Bindings(BTreeMap<String, Fact>);

impl Scope for Bindings {
    fn fact(&self, name: &str) -> Option<&Fact> {
        self.0.get(name)
    }
}

/// A value in JSON, if our values have such a type.
fn to_json(value: &Message) -> Result<Value, String> {
    let Some((kind, field)) = value.0.first() else { return Err("no value".to_owned()) };
    Ok(match (kind.as_str(), field) {
        ("null_value", _) => Value::Null,
        ("bool_value", Field::Word(word)) => json!(word == "true"),
        ("int64_value", Field::Word(word)) => json!(integer(word)),
        ("uint64_value", Field::Word(word)) => json!(u64::try_from(integer(word)).unwrap()),
        ("double_value", Field::Word(word)) => {
            let number: f64 = word.parse().map_err(|_| format!("no number: {word}"))?;
            json!(number)
        }
        ("string_value", Field::Text(bytes)) => json!(String::from_utf8(bytes.clone()).unwrap()),
        ("list_value", Field::Message(list)) => {
            Value::Array(list.messages("values").map(to_json).collect::<Result<_, _>>()?)
        }
        ("map_value", Field::Message(map)) => {
            let mut object = Map::new();
            for entry in map.messages("entries") {
                let part = |name| entry.messages(name).next().unwrap();
                let key = match to_json(part("key"))? {
                    Value::String(text) => text,
                    other => other.to_string(),
                };
                object.insert(key, to_json(part("value"))?);
            }
            Value::Object(object)
        }
        ("object_value", Field::Message(object)) => return well_known(object),
        (other, _) => return Err(format!("no values of {other}")),
    })
}

/// Whether the error wanted is that there is no such function.
fn wants_unbound(test: &Message) -> bool {
    let errors = test.messages("eval_error").flat_map(|error| error.messages("errors"));
    errors.into_iter().any(|error| error.text("message").contains("unbound function"))
}

fn infinity(value: &Message) -> Option<&str> {
    match value.get("double_value") {
        Some(Field::Word(word)) if word.to_lowercase().contains("inf") => Some(word),
        _ => None,
    }
}

fn integer(word: &str) -> i128 {
    let (sign, digits) = word.strip_prefix('-').map_or((1, word), |rest| (-1, rest));
    let hex = digits.strip_prefix("0x").map(|hex| i128::from_str_radix(hex, 16));
    sign * hex.unwrap_or_else(|| digits.parse()).unwrap()
}

/// Timestamps and durations have a JSON form of their own.
fn well_known(object: &Message) -> Result<Value, String> {
    let Some((name, Field::Message(message))) = object.0.first() else {
        return Err("no messages".to_owned());
    };
    let number = |field| match message.get(field) {
        Some(Field::Word(word)) => word.parse::<i64>().unwrap(),
        _ => 0,
    };
    let nanos = number("nanos");
    let seconds = number("seconds");
    let source = match name.rsplit('.').next() {
        Some("Timestamp") => format!("timestamp({seconds}) + duration('{nanos}ns')"),
        Some("Duration") => format!("duration('{seconds}s') + duration('{nanos}ns')"),
        _ => return Err(format!("no messages like {name}")),
    };
    match evaluate(&source, &Bindings(BTreeMap::new())) {
        Outcome::Known(tagged) => Ok(tagged.value),
        other => Err(format!("{other:?}")),
    }
}

fn evaluate(source: &str, bindings: &Bindings) -> Outcome {
    match Expression::parse(source) {
        Ok(expression) => expression.evaluate(bindings, &mut Meter::default()),
        Err(error) => Outcome::Failed(error),
    }
}

/// Runs one test; says what is wrong with the result.
fn run(test: &Message) -> Result<(), String> {
    let mut bindings = BTreeMap::new();
    for binding in test.messages("bindings") {
        let name = binding.text("key");
        let value = binding
            .messages("value")
            .next()
            .and_then(|value| value.messages("value").next())
            .ok_or("the binding has no value")?;
        let value = to_json(value).map_err(|reason| format!("binding {name}: {reason}"))?;
        bindings.insert(name.clone(), Fact::observed(&name, "binding", 0, value));
    }
    let mut source = test.text("expr");
    let mut value = test.messages("value").next().cloned();
    // JSON has no infinity, so that one is compared within the expression.
    if let Some(infinite) = value.as_ref().and_then(infinity) {
        source = format!("({source}) == double('{infinite}')");
        value = None;
    }
    let outcome = evaluate(&source, &Bindings(bindings));
    let wants_error = test.get("eval_error").is_some() || test.get("any_eval_errors").is_some();
    let wanted = match (&value, test.messages("typed_result").next()) {
        (Some(value), _) => to_json(value)?,
        (None, Some(typed)) => match typed.messages("result").next() {
            Some(value) => to_json(value)?,
            None => return Err("only the type of the result is given".to_owned()),
        },
        (None, None) => json!(true),
    };
    match outcome {
        Outcome::Failed(error) if wants_error => match error.code {
            // Refusing to read a test says nothing about the error it is about.
            ErrorCode::Syntax | ErrorCode::Unsupported => Err(format!("not read: {error}")),
            ErrorCode::UnknownFunction if !wants_unbound(test) => Err(format!("not read: {error}")),
            _ => Ok(()),
        },
        _ if wants_error => Err(format!("an error was wanted, not {outcome:?}")),
        Outcome::Known(tagged) if tagged.value == wanted => Ok(()),
        other => Err(format!("{wanted} was wanted, not {other:?}")),
    }
}

#[test]
fn the_claimed_subset_conforms() {
    let Some(folder) = folder() else {
        println!("SKIPPED: no CEL conformance files (set TUTTI_CONTRACTS)");
        return;
    };
    let unsupported = unsupported();
    let mut used = BTreeSet::new();
    let mut failed: Vec<(Name, String)> = Vec::new();
    let mut stale: Vec<Name> = Vec::new();
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();

    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "textproto"));
    files.sort();
    assert!(files.len() >= 30, "only {} conformance files", files.len());
    for path in files {
        let file = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let tests = parse(&std::fs::read_to_string(&path).unwrap());
        let count = counts.entry(file.clone()).or_default();
        for section in tests.messages("section") {
            for test in section.messages("test") {
                let name = format!("{file}/{}/{}", section.text("name"), test.text("name"));
                let result = run(test);
                match unsupported.iter().find(|(pattern, _)| covers(pattern, &name)) {
                    Some((pattern, reason)) => {
                        used.insert(*pattern);
                        *reasons.entry(reason).or_default() += 1;
                        count[2] += 1;
                        // A file not claimed as a whole may well hold tests that pass.
                        if result.is_ok() && *pattern != format!("{file}/*") {
                            stale.push(name);
                        }
                    }
                    None => {
                        count[0] += 1;
                        match result {
                            Ok(()) => count[1] += 1,
                            Err(why) => {
                                failed.push((format!("{name}: {}", test.text("expr")), why))
                            }
                        }
                    }
                }
            }
        }
    }
    report(&counts, &reasons);
    for (name, why) in &failed {
        println!("FAILED {name}\n    {why}");
    }
    let unused: Vec<_> = unsupported.iter().filter(|(name, _)| !used.contains(name)).collect();
    assert!(unused.is_empty(), "named as unsupported, but there is no such test: {unused:?}");
    assert!(stale.is_empty(), "named as unsupported, but they pass: {stale:#?}");
    assert!(failed.is_empty(), "{} claimed tests fail", failed.len());
    let claimed: usize = counts.values().map(|count| count[0]).sum();
    assert!(claimed >= 960, "only {claimed} tests are claimed");
}

fn report(counts: &BTreeMap<String, [usize; 3]>, reasons: &BTreeMap<&str, usize>) {
    println!("{:<20} {:>8} {:>8} {:>12}", "file", "claimed", "passed", "unsupported");
    let mut total = [0; 3];
    for (file, count) in counts {
        println!("{file:<20} {:>8} {:>8} {:>12}", count[0], count[1], count[2]);
        total.iter_mut().zip(count).for_each(|(total, count)| *total += count);
    }
    println!("{:<20} {:>8} {:>8} {:>12}", "total", total[0], total[1], total[2]);
    for (reason, count) in reasons {
        println!("unsupported {count:>5}: {reason}");
    }
}
