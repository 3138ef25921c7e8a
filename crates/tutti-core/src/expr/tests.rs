//! What expressions come to, as tables: value, labels, what is missing, what is wrong.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::label::{Labels, Trust};

struct Facts(BTreeMap<String, Fact>);

impl Scope for Facts {
    fn fact(&self, name: &str) -> Option<&Fact> {
        self.0.get(name)
    }
}

fn facts() -> Facts {
    let case = json!({
        "id": "5", "priority": "High", "tier": null, "amount": 480_000, "ratio": 0.5,
        "description": "Checkout returns 502", "owner": {"name": "Dana", "email": null},
        "odd key": 1,
    });
    let items = json!({"items": [
        {"key": "PAY-1", "summary": "502 again", "votes": 3, "open": true, "assignee": null},
        {"key": "PAY-2", "summary": "slow", "votes": 7, "open": false, "assignee": "ben"},
    ]});
    let facts = [
        Fact::observed("case", "salesforce.case.get 5", 0, case)
            .with_untrusted(&["description".to_owned()]),
        Fact::observed("similar", "jira.issue.search", 0, items)
            .with_untrusted(&["items[].summary".to_owned()]),
    ];
    Facts(facts.into_iter().map(|fact| (fact.id.clone(), fact)).collect())
}

fn labels(labels: &Labels) -> String {
    let provenance = labels.provenance.iter().map(|kind| format!("{kind:?}").to_lowercase());
    let mut words: Vec<String> = provenance.collect();
    if labels.trust == Trust::Untrusted {
        words.push("UNTRUSTED".to_owned());
    }
    words.extend(labels.sources.iter().map(|source| format!("@{source}")));
    if words.is_empty() { "no labels".to_owned() } else { words.join(" ") }
}

fn told(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Known(tagged) => format!("{} | {}", tagged.value, labels(&tagged.labels)),
        Outcome::Missing { paths, labels: by } => {
            let paths: Vec<_> = paths.iter().map(String::as_str).collect();
            format!("missing {} | {}", paths.join(", "), labels(by))
        }
        Outcome::Failed(error) => wrong(error),
    }
}

fn wrong(error: &ExprError) -> String {
    let at = error.at.clone().map_or("?".to_owned(), |at| format!("{}..{}", at.start, at.end));
    let hint = error.hint.as_ref().map_or(String::new(), |hint| format!(" ({hint})"));
    format!("{} at {at}: {}{hint}", error.code, error.message)
}

fn come_to(source: &str) -> String {
    match Expression::parse(source) {
        Ok(expression) => told(&expression.evaluate(&facts(), &mut Meter::default())),
        Err(error) => format!("unread: {}", wrong(&error)),
    }
}

#[track_caller]
fn check(sources: &[&str], expected: Expect) {
    let lines = sources.iter().map(|source| format!("{source}\n    {}\n", come_to(source)));
    expected.assert_eq(&lines.collect::<String>());
}

#[test]
fn literals_and_operators() {
    check(
        &[
            "1 + 2 * 3",
            "\"a\" + 'b'",
            "1 < 2.5 && !false",
            "[1, 2u, 3.0][1]",
            "{'a': {'b': 1}}.a.b",
            "7 % 4 - -2",
            "1 in [1.0]",
            "'a' in {'a': 1}",
            "true ? 1 : 2",
            "-9223372036854775808",
            "9223372036854775807 + 1",
            "1 / 0",
            "{'a': 1}.b",
            "[1][5]",
            "1 + 'a'",
            "5 * 1.5",
        ],
        expect![[r#"
            1 + 2 * 3
                7 | no labels
            "a" + 'b'
                "ab" | no labels
            1 < 2.5 && !false
                true | no labels
            [1, 2u, 3.0][1]
                2 | no labels
            {'a': {'b': 1}}.a.b
                1 | no labels
            7 % 4 - -2
                5 | no labels
            1 in [1.0]
                true | no labels
            'a' in {'a': 1}
                true | no labels
            true ? 1 : 2
                1 | no labels
            -9223372036854775808
                -9223372036854775808 | no labels
            9223372036854775807 + 1
                overflow at 0..23: the result does not fit into int
            1 / 0
                divide_by_zero at 0..5: division by zero
            {'a': 1}.b
                no_such_key at 0..10: no such key: "b"
            [1][5]
                out_of_bounds at 0..6: index out of bounds
            1 + 'a'
                no_overload at 0..7: `+` does not take int and string (convert one of them: string(x), int(x) or double(x))
            5 * 1.5
                7.5 | no labels
        "#]],
    );
}

#[test]
fn facts_labels_and_absence() {
    check(
        &[
            "case.id",
            "case.tier",
            "case.owner.email",
            "case.owner.email.domain",
            "case.nothing",
            "nobody.at.all",
            "case.tier == 'x'",
            "case.tier == 'x' && false",
            "case.tier == 'x' || case.id == '5'",
            "has(case.tier)",
            "has(case.id)",
            "has(case.owner.email)",
            "missing(case.tier)",
            "first_of(case.tier, case.id)",
            "default(case.tier, 'Standard')",
            "default(case.id, 'x')",
            "case.description + '!'",
            "case.description.contains('502') ? 'a' : 'b'",
            "case['odd key']",
            "case['odd' + ' key']",
            "case['odd' + 'ity']",
            "similar.items[0].key",
            "similar.items[1 - 1].summary",
            "similar.items[9].key",
            "similar.items.filter(i, i.key == 'PAY-2')[0].key",
            "similar.items.filter(i, i.key == 'PAY-2')[0].summary",
            "similar.items.filter(i, i.key == 'PAY-3')[0].key",
            "similar.items.exists(i, i.assignee == 'ben')",
            "similar.items.all(i, i.assignee == 'ben')",
            "similar.items.map(i, i.key)",
            "similar.items.map(i, i.assignee)",
            "size(similar.items)",
            "trusted(case.description)",
            "provenance(default(case.tier, 'x'))",
            "case.owner",
            "put(case.owner, 'a', 1)",
            "merge(case.owner, {'name': 'Ben'}).name",
            "merge(case.owner, {}).nope",
            "json('{\"a\": [1, null]}').a[1]",
            "json('{\"a\": [1, null]}').a[0]",
        ],
        expect![[r#"
            case.id
                "5" | observed @case
            case.tier
                missing case.tier | @case
            case.owner.email
                missing case.owner.email | @case
            case.owner.email.domain
                missing case.owner.email | @case
            case.nothing
                missing case.nothing | @case
            nobody.at.all
                missing nobody | no labels
            case.tier == 'x'
                missing case.tier | @case
            case.tier == 'x' && false
                false | derived @case
            case.tier == 'x' || case.id == '5'
                true | derived @case
            has(case.tier)
                false | derived @case
            has(case.id)
                true | derived @case
            has(case.owner.email)
                false | derived @case
            missing(case.tier)
                true | derived @case
            first_of(case.tier, case.id)
                "5" | derived @case
            default(case.tier, 'Standard')
                "Standard" | defaulted @case
            default(case.id, 'x')
                "5" | observed @case
            case.description + '!'
                "Checkout returns 502!" | derived UNTRUSTED @case
            case.description.contains('502') ? 'a' : 'b'
                "a" | derived UNTRUSTED @case
            case['odd key']
                1 | observed @case
            case['odd' + ' key']
                1 | observed @case
            case['odd' + 'ity']
                missing case["oddity"] | @case
            similar.items[0].key
                "PAY-1" | observed @similar
            similar.items[1 - 1].summary
                "502 again" | observed UNTRUSTED @similar
            similar.items[9].key
                missing similar.items[9] | @similar
            similar.items.filter(i, i.key == 'PAY-2')[0].key
                "PAY-2" | derived @similar
            similar.items.filter(i, i.key == 'PAY-2')[0].summary
                "slow" | derived UNTRUSTED @similar
            similar.items.filter(i, i.key == 'PAY-3')[0].key
                missing similar.items.filter(i, i.key == 'PAY-3')[0] | derived @similar
            similar.items.exists(i, i.assignee == 'ben')
                true | derived @similar
            similar.items.all(i, i.assignee == 'ben')
                missing similar.items[0].assignee | derived @similar
            similar.items.map(i, i.key)
                ["PAY-1","PAY-2"] | derived @similar
            similar.items.map(i, i.assignee)
                missing similar.items[0].assignee | @similar
            size(similar.items)
                2 | derived @similar
            trusted(case.description)
                false | derived @case
            provenance(default(case.tier, 'x'))
                ["defaulted"] | defaulted @case
            case.owner
                {"email":null,"name":"Dana"} | observed @case
            put(case.owner, 'a', 1)
                {"a":1,"email":null,"name":"Dana"} | derived @case
            merge(case.owner, {'name': 'Ben'}).name
                "Ben" | derived @case
            merge(case.owner, {}).nope
                missing merge(case.owner, {}).nope | derived @case
            json('{"a": [1, null]}').a[1]
                missing json('{"a": [1, null]}').a[1] | no labels
            json('{"a": [1, null]}').a[0]
                1 | no labels
        "#]],
    );
}

#[test]
fn mistakes() {
    check(
        &[
            "",
            "1 +",
            "case.id = 5",
            "len(case)",
            "a.filter(x)",
            "has(case)",
            "b'abc'",
            "'abc",
            "for",
            "x.y.z(",
            "size()",
            "1 2",
            "foo{a: 1}",
            "a.?b",
            "case and case",
            "'\\q'",
        ],
        expect![[r#"

                unread: syntax at 0..0: expected a value, found the end
            1 +
                unread: syntax at 3..3: expected a value, found the end
            case.id = 5
                unread: syntax at 8..9: expected an operator or the end, found `=` (compare with ==)
            len(case)
                unread: unknown_function at 0..3: there is no function `len` (did you mean `size`?)
            a.filter(x)
                unread: wrong_arguments at 9..10: a macro takes the name of its variable, then what to do with it (write it like items.filter(item, item.open))
            has(case)
                unread: wrong_arguments at 4..8: has() asks for a member: has(case.owner) (for anything else there is missing())
            b'abc'
                unread: unsupported at 0..1: bytes are not supported (write a string)
            'abc
                unread: syntax at 0..4: a string is not closed
            for
                unread: syntax at 0..3: `for` is a reserved word and names nothing
            x.y.z(
                unread: syntax at 6..6: expected a value, found the end
            size()
                unread: wrong_arguments at 0..4: `size` takes 1 arguments, not 0
            1 2
                unread: syntax at 2..3: expected an operator or the end, found `2`
            foo{a: 1}
                unread: unsupported at 3..4: messages are not supported (write a map: {"key": value})
            a.?b
                unread: unsupported at 2..3: optional values are not supported (what is missing is unknown by itself; see missing() and default())
            case and case
                unread: syntax at 5..8: expected an operator or the end, found `and` (write &&)
            '\q'
                unread: syntax at 1..3: this is no escape
        "#]],
    );
}

fn fill(value: serde_json::Value) -> String {
    let template = match Template::parse(&value) {
        Ok(template) => template,
        Err(problems) => {
            return problems.iter().map(|(at, e)| format!("unread {at}: {}\n", wrong(e))).collect();
        }
    };
    let filled = template.fill(&facts(), &mut Meter::default());
    let mut told = format!("{}\n", filled.value);
    for (at, by) in &filled.labels {
        told += &format!("  {at}: {}\n", labels(by));
    }
    told += &format!("  missing: {:?}\n", filled.missing);
    for (at, error) in &filled.failed {
        told += &format!("  failed {at}: {}\n", wrong(error));
    }
    told
}

#[test]
fn templates() {
    let cases = [
        json!({"id": "${case.id}", "amount": "${case.amount}", "plain": "x", "n": 5}),
        json!(["#${case.id}: ${case.description} (${case.amount} ${case.owner})"]),
        json!({"a/b~": {"${case.id}": "${case.tier}"}, "text": "tier ${case.tier}, ${case.none}"}),
        json!("$${case.id} costs $5 or $ or ${'}' + \"{\" + string({'a': 1}.a)}$"),
        json!(["${", "${case.id", "${case.}", "${1 2}", "a ${'}", "${}"]),
        json!("${1 / 0} ${case.tier}"),
        json!("${case.owner}"),
        json!(""),
    ];
    let told: String = cases.into_iter().map(fill).collect();
    expect![[r##"
        {"amount":480000,"id":"5","n":5,"plain":"x"}
          /amount: observed @case
          /id: observed @case
          missing: {}
        ["#5: Checkout returns 502 (480000 {\"email\":null,\"name\":\"Dana\"})"]
          /0: derived UNTRUSTED @case
          missing: {}
        {"a/b~":{"${case.id}":null},"text":null}
          missing: {"case.none", "case.tier"}
        "${case.id} costs $5 or $ or }{1$"
          : no labels
          missing: {}
        unread /0: syntax at 2..2: expected a value, found the end
        unread /1: syntax at 2..9: `${` is not closed (write $${ for a plain ${)
        unread /2: syntax at 7..8: expected a name
        unread /3: syntax at 4..5: expected an operator or `}`, found `2`
        unread /4: syntax at 4..6: a string is not closed
        unread /5: syntax at 2..3: expected a value, found `}`
        null
          missing: {}
          failed : divide_by_zero at 2..7: division by zero
        {"email":null,"name":"Dana"}
          : observed @case
          missing: {}
        ""
          missing: {}
    "##]]
    .assert_eq(&told);
}
