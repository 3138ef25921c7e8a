//! What expressions come to, as tables: value, labels, what is missing, what is wrong.

use std::collections::BTreeMap;

use expect_test::{Expect, expect};
use serde_json::json;

use super::*;
use crate::label::{Labels, Provenance, Trust};

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
        Fact::observed("known", "", 0, json!({"asked": "uat", "guessed": "prod", "filled": "x"}))
            .with_provenance("asked", Provenance::Asked)
            .with_provenance("guessed", Provenance::Guessed)
            .with_provenance("filled", Provenance::Defaulted),
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
                unread: wrong_arguments at 0..4: `size` takes one argument, not 0
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

#[test]
fn text_functions() {
    check(
        &[
            "'a,b,,c'.split(',')",
            "'abc'.split('')",
            "'a,b,c'.split(',', 2)",
            "'a,b'.split(',')[5]",
            "case.id.split(',')[5]",
            "['a', 'b'].join('-')",
            "[].join()",
            "[1].join()",
            "'a-b-c'.replace('-', '+', 1)",
            "' x '.trim()",
            "'Grün'.upperAscii()",
            "'Größe'.substring(1, 4)",
            "'abc'.substring(2)",
            "'abc'.substring(4)",
            "'Größe'.size()",
            "'PAY-88'.matches('^[A-Z]+-[0-9]+$')",
            "'x'.matches('(')",
            "'a'.contains(1)",
            "case.description.split(' ')[0]",
        ],
        expect![[r#"
            'a,b,,c'.split(',')
                ["a","b","","c"] | no labels
            'abc'.split('')
                ["a","b","c"] | no labels
            'a,b,c'.split(',', 2)
                ["a","b,c"] | no labels
            'a,b'.split(',')[5]
                out_of_bounds at 0..19: index out of bounds
            case.id.split(',')[5]
                missing case.id.split(',')[5] | derived @case
            ['a', 'b'].join('-')
                "a-b" | no labels
            [].join()
                "" | no labels
            [1].join()
                no_overload at 0..10: `join` does not take (list) (join takes a list of strings: list.map(x, string(x)))
            'a-b-c'.replace('-', '+', 1)
                "a+b-c" | no labels
            ' x '.trim()
                "x" | no labels
            'Grün'.upperAscii()
                "GRüN" | no labels
            'Größe'.substring(1, 4)
                "röß" | no labels
            'abc'.substring(2)
                "c" | no labels
            'abc'.substring(4)
                out_of_bounds at 0..18: `substring` reaches beyond the text (compare with size() first)
            'Größe'.size()
                5 | no labels
            'PAY-88'.matches('^[A-Z]+-[0-9]+$')
                true | no labels
            'x'.matches('(')
                bad_conversion at 0..16: no pattern: a group without end
            'a'.contains(1)
                no_overload at 0..15: `contains` does not take (string, int)
            case.description.split(' ')[0]
                "Checkout" | derived UNTRUSTED @case
        "#]],
    );
}

#[test]
fn conversions_and_time() {
    check(
        &[
            "string(2.50) + string(true) + string(7u)",
            "string(1e300)",
            "string(-2.5e-7)",
            "string(1e20)",
            "int('x')",
            "int('-5')",
            "int(2.9)",
            "int(1e30)",
            "double('2.5')",
            "bool('maybe')",
            "string([1])",
            "json('{\"a\": [1, 2.5, \"x\"]}')",
            "json('{')",
            "json(case.description)",
            "timestamp('2026-03-10T08:59:40Z') + duration('1h30m')",
            "time(1773133180000)",
            "timestamp('yesterday')",
            "timestamp('2026-03-10T10:59:40.000+0200') == timestamp('2026-03-10T08:59:40Z')",
            "timestamp('2026-03-10T08:59:40Z') - timestamp('2026-03-09T08:59:40Z')",
            "duration('90s') > duration('1m')",
            "timestamp('2026-03-10T08:59:40Z').getHours('+05:30')",
            "timestamp('2026-03-10T08:59:40Z').getDayOfWeek()",
            "timestamp('2026-03-10T08:59:40Z').getHours('Europe/Berlin')",
            "duration('90m').getHours()",
            "timestamp('9999-12-31T23:59:59Z') + duration('1s')",
            "timestamp('2026-03-10T08:59:40Z') < '2026-03-10'",
            "-duration('5s')",
        ],
        expect![[r#"
            string(2.50) + string(true) + string(7u)
                "2.5true7" | no labels
            string(1e300)
                "1e+300" | no labels
            string(-2.5e-7)
                "-2.5e-07" | no labels
            string(1e20)
                "100000000000000000000" | no labels
            int('x')
                bad_conversion at 0..8: "x" is no int
            int('-5')
                -5 | no labels
            int(2.9)
                2 | no labels
            int(1e30)
                overflow at 0..9: the value does not fit into int
            double('2.5')
                2.5 | no labels
            bool('maybe')
                bad_conversion at 0..13: "maybe" is no bool
            string([1])
                no_overload at 0..11: `string` does not take (list)
            json('{"a": [1, 2.5, "x"]}')
                {"a":[1,2.5,"x"]} | no labels
            json('{')
                bad_conversion at 0..9: the text is no JSON: EOF while parsing an object at line 1 column 1
            json(case.description)
                bad_conversion at 0..22: the text is no JSON: expected value at line 1 column 1
            timestamp('2026-03-10T08:59:40Z') + duration('1h30m')
                "2026-03-10T10:29:40Z" | no labels
            time(1773133180000)
                "2026-03-10T08:59:40Z" | no labels
            timestamp('yesterday')
                bad_conversion at 0..22: "yesterday" is no timestamp (write it like 2026-03-10T08:59:40Z)
            timestamp('2026-03-10T10:59:40.000+0200') == timestamp('2026-03-10T08:59:40Z')
                true | no labels
            timestamp('2026-03-10T08:59:40Z') - timestamp('2026-03-09T08:59:40Z')
                "86400s" | no labels
            duration('90s') > duration('1m')
                true | no labels
            timestamp('2026-03-10T08:59:40Z').getHours('+05:30')
                14 | no labels
            timestamp('2026-03-10T08:59:40Z').getDayOfWeek()
                2 | no labels
            timestamp('2026-03-10T08:59:40Z').getHours('Europe/Berlin')
                bad_conversion at 0..59: "Europe/Berlin" is no offset from UTC (write "UTC" or an offset like "+02:00"; zones by name are not known here)
            duration('90m').getHours()
                1 | no labels
            timestamp('9999-12-31T23:59:59Z') + duration('1s')
                overflow at 0..50: the result does not fit into time
            timestamp('2026-03-10T08:59:40Z') < '2026-03-10'
                no_overload at 0..48: `<` does not take timestamp and string (convert the text: timestamp(x) or duration(x))
            -duration('5s')
                "-5s" | no labels
        "#]],
    );
}

#[test]
fn collection_functions() {
    check(
        &[
            "min(3, 1.5, 2)",
            "max(['b', 'a'])",
            "min([])",
            "min(1, 'a')",
            "max(similar.items.map(i, i.votes))",
            "distinct([1, 1.0, 'a', 1, 'a'])",
            "[3, 1].distinct().size()",
            "distinct(5)",
            "put({'a': 1}, 'b', case.id)",
            "put({'a': 1}, 'b', case.id).b",
            "put({'a': 1}, 'b', case.id).a",
            "has(put({'k': 1}, 'k', null).k)",
            "put({'k': 1}, 'k', null).k == 1",
            "has(merge({'k': 1}, {'k': null}).k)",
            "{'k': null}.k == null",
            "put([1], 0, 1)",
            "put({}, 1.5, 1)",
            "merge({'a': 1, 'b': 2}, {'b': 3})",
            "merge(case.owner, case.tier)",
            "merge(1, {})",
            "{'a': 1, 'a': 2}",
            "{1: 'x', true: 'y'}",
            "{1: 'x', '1': 'y'}",
            "{1.5: 'x'}",
            "[case.tier]",
            "size({'a': 1}) + size([1, 2])",
            "[1] + [2, 3]",
            "similar.items + [{'key': 'X'}]",
            "(similar.items + [{'key': 'X'}])[0].summary",
            "(similar.items + [{'key': 'X'}])[2].key",
            "1 in {'a': 1}",
            "'owner' in case",
            "'tier' in case",
            "1 in 5",
        ],
        expect![[r#"
            min(3, 1.5, 2)
                1.5 | no labels
            max(['b', 'a'])
                "b" | no labels
            min([])
                out_of_bounds at 0..7: `min` of an empty list (see default())
            min(1, 'a')
                no_overload at 0..11: `min` does not take (int, string)
            max(similar.items.map(i, i.votes))
                7 | derived @similar
            distinct([1, 1.0, 'a', 1, 'a'])
                [1,"a"] | no labels
            [3, 1].distinct().size()
                2 | no labels
            distinct(5)
                no_overload at 0..11: `distinct` does not take (int)
            put({'a': 1}, 'b', case.id)
                {"a":1,"b":"5"} | derived @case
            put({'a': 1}, 'b', case.id).b
                "5" | observed @case
            put({'a': 1}, 'b', case.id).a
                1 | no labels
            has(put({'k': 1}, 'k', null).k)
                false | no labels
            put({'k': 1}, 'k', null).k == 1
                missing put({'k': 1}, 'k', null).k | no labels
            has(merge({'k': 1}, {'k': null}).k)
                false | no labels
            {'k': null}.k == null
                true | no labels
            put([1], 0, 1)
                no_overload at 0..14: `put` does not take (list, int, int)
            put({}, 1.5, 1)
                no_overload at 0..15: `put` does not take (map, double, int)
            merge({'a': 1, 'b': 2}, {'b': 3})
                {"a":1,"b":3} | no labels
            merge(case.owner, case.tier)
                missing case.tier | @case
            merge(1, {})
                no_overload at 0..12: `merge` does not take (int, map)
            {'a': 1, 'a': 2}
                repeated_key at 0..16: a key is there twice
            {1: 'x', true: 'y'}
                {"1":"x","true":"y"} | no labels
            {1: 'x', '1': 'y'}
                not_json at 0..18: two keys are both "1" in JSON
            {1.5: 'x'}
                no_overload at 0..10: double cannot be a key of a map
            [case.tier]
                missing case.tier | @case
            size({'a': 1}) + size([1, 2])
                3 | no labels
            [1] + [2, 3]
                [1,2,3] | no labels
            similar.items + [{'key': 'X'}]
                [{"assignee":null,"key":"PAY-1","open":true,"summary":"502 again","votes":3},{"assignee":"ben","key":"PAY-2","open":false,"summary":"slow","votes":7},{"key":"X"}] | derived UNTRUSTED @similar
            (similar.items + [{'key': 'X'}])[0].summary
                "502 again" | derived UNTRUSTED @similar
            (similar.items + [{'key': 'X'}])[2].key
                "X" | derived @similar
            1 in {'a': 1}
                false | no labels
            'owner' in case
                true | derived @case
            'tier' in case
                false | derived @case
            1 in 5
                no_overload at 0..6: `in` does not take int and int
        "#]],
    );
}

#[test]
fn logic_over_what_is_missing() {
    check(
        &[
            "case.tier == 'x' && case.none == 1",
            "true && case.tier == 'x'",
            "case.tier == 'x' || true",
            "!(case.tier == 'x')",
            "case.tier == 'x' && 1 / 0 == 1",
            "1 / 0 == 1 && false",
            "1 / 0 == 1 || case.tier == 'x'",
            "case.tier + 1 / 0",
            "case.tier ? 1 : 2",
            "true ? case.id : case.tier",
            "case.tier + case.none",
            "first_of(case.tier, case.none)",
            "first_of(null, case.none, 'x')",
            "first_of(1 / 0, 2)",
            "default(case.tier, case.none)",
            "default(null, 1)",
            "missing(1 / 0)",
            "missing(nobody)",
            "missing(case)",
            "has(nobody.x)",
            "has({'a': {}}.a.b)",
            "has({}.a.b)",
            "similar.items.filter(i, i.assignee == 'ben').map(i, i.key)",
            "similar.items.filter(i, has(i.assignee) && i.assignee == 'ben').map(i, i.key)",
            "similar.items.exists(i, i.assignee == 'anna')",
            "similar.items.exists_one(i, i.key == 'PAY-1')",
            "similar.nothing.exists(i, true)",
            "[case.id, 'x'][0]",
            "[case.id, 'x'][1]",
            "{'a': case.id}.a",
            "json(case.id)",
            "1 && true",
            "case.id ? 1 : 2",
        ],
        expect![[r#"
            case.tier == 'x' && case.none == 1
                missing case.none, case.tier | @case
            true && case.tier == 'x'
                missing case.tier | @case
            case.tier == 'x' || true
                true | derived @case
            !(case.tier == 'x')
                missing case.tier | @case
            case.tier == 'x' && 1 / 0 == 1
                missing case.tier | @case
            1 / 0 == 1 && false
                false | no labels
            1 / 0 == 1 || case.tier == 'x'
                missing case.tier | @case
            case.tier + 1 / 0
                divide_by_zero at 12..17: division by zero
            case.tier ? 1 : 2
                missing case.tier | @case
            true ? case.id : case.tier
                "5" | observed @case
            case.tier + case.none
                missing case.none, case.tier | @case
            first_of(case.tier, case.none)
                missing case.none, case.tier | @case
            first_of(null, case.none, 'x')
                "x" | derived @case
            first_of(1 / 0, 2)
                divide_by_zero at 9..14: division by zero
            default(case.tier, case.none)
                missing case.none | @case
            default(null, 1)
                1 | defaulted
            missing(1 / 0)
                divide_by_zero at 8..13: division by zero
            missing(nobody)
                true | no labels
            missing(case)
                false | derived @case
            has(nobody.x)
                false | no labels
            has({'a': {}}.a.b)
                false | no labels
            has({}.a.b)
                no_such_key at 4..8: no such key: "a"
            similar.items.filter(i, i.assignee == 'ben').map(i, i.key)
                missing similar.items[0].assignee | @similar
            similar.items.filter(i, has(i.assignee) && i.assignee == 'ben').map(i, i.key)
                ["PAY-2"] | derived @similar
            similar.items.exists(i, i.assignee == 'anna')
                missing similar.items[0].assignee | derived @similar
            similar.items.exists_one(i, i.key == 'PAY-1')
                true | derived @similar
            similar.nothing.exists(i, true)
                missing similar.nothing | @similar
            [case.id, 'x'][0]
                "5" | observed @case
            [case.id, 'x'][1]
                "x" | no labels
            {'a': case.id}.a
                "5" | observed @case
            json(case.id)
                5 | derived @case
            1 && true
                no_overload at 0..1: a condition is true or false, not int
            case.id ? 1 : 2
                no_overload at 0..7: a condition is true or false, not string
        "#]],
    );
}

#[test]
fn what_is_taken_instead_is_known_as_it_was_known_there() {
    check(
        &[
            "first_of(case.tier, known.asked)",
            "first_of(case.id == 'x' ? 'a' : null, known.asked)",
            "first_of(case.description == '' ? 'a' : null, known.asked)",
            "first_of(known.guessed == 'uat' ? 'uat' : null, known.asked)",
            "first_of(known.filled == 'y' ? 'y' : null, case.id)",
            "first_of(known.asked == 'prod' ? 'prod' : null, case.id)",
            "first_of(case.tier, known.guessed)",
            "first_of(known.asked, known.guessed)",
            "first_of(null, 'x')",
        ],
        expect![[r#"
            first_of(case.tier, known.asked)
                "uat" | asked @case @known
            first_of(case.id == 'x' ? 'a' : null, known.asked)
                "uat" | asked @case @known
            first_of(case.description == '' ? 'a' : null, known.asked)
                "uat" | asked UNTRUSTED @case @known
            first_of(known.guessed == 'uat' ? 'uat' : null, known.asked)
                "uat" | asked guessed @known
            first_of(known.filled == 'y' ? 'y' : null, case.id)
                "5" | derived defaulted @case @known
            first_of(known.asked == 'prod' ? 'prod' : null, case.id)
                "5" | derived @case @known
            first_of(case.tier, known.guessed)
                "prod" | guessed @case @known
            first_of(known.asked, known.guessed)
                "uat" | asked @known
            first_of(null, 'x')
                "x" | no labels
        "#]],
    );
}

#[test]
fn labels_flow() {
    check(
        &[
            "case.description",
            "case.description.size() > 10",
            "case.description == '' ? case.id : 'x'",
            "trusted(case.description) ? case.description : 'hidden'",
            "similar.items[case.amount - 479999].key",
            "similar.items.filter(i, i.summary.contains('502'))[0].key",
            "similar.items.filter(i, i.votes > 5)[0].key",
            "similar.items.exists(i, i.summary.contains('502'))",
            "similar.items.map(i, i.key)[0]",
            "similar.items.map(i, i.summary)[0]",
            "size(similar.items.filter(i, i.votes > 5))",
            "similar.items[0]",
            "similar",
            "case.id in similar.items.map(i, i.key)",
            "{'t': case.description, 'id': case.id}.id",
            "{'t': case.description, 'id': case.id}",
            "default(case.tier, 'x') + case.id",
            "first_of(case.tier, 'x')",
            "provenance(case.id)",
            "provenance(case.id + 'x')",
            "provenance(5)",
            "trusted(similar.items[0].key)",
        ],
        expect![[r#"
            case.description
                "Checkout returns 502" | observed UNTRUSTED @case
            case.description.size() > 10
                true | derived UNTRUSTED @case
            case.description == '' ? case.id : 'x'
                "x" | derived UNTRUSTED @case
            trusted(case.description) ? case.description : 'hidden'
                "hidden" | derived @case
            similar.items[case.amount - 479999].key
                "PAY-2" | derived @case @similar
            similar.items.filter(i, i.summary.contains('502'))[0].key
                "PAY-1" | derived UNTRUSTED @similar
            similar.items.filter(i, i.votes > 5)[0].key
                "PAY-2" | derived @similar
            similar.items.exists(i, i.summary.contains('502'))
                true | derived UNTRUSTED @similar
            similar.items.map(i, i.key)[0]
                "PAY-1" | derived @similar
            similar.items.map(i, i.summary)[0]
                "502 again" | derived UNTRUSTED @similar
            size(similar.items.filter(i, i.votes > 5))
                1 | derived @similar
            similar.items[0]
                {"assignee":null,"key":"PAY-1","open":true,"summary":"502 again","votes":3} | observed UNTRUSTED @similar
            similar
                {"items":[{"assignee":null,"key":"PAY-1","open":true,"summary":"502 again","votes":3},{"assignee":"ben","key":"PAY-2","open":false,"summary":"slow","votes":7}]} | observed UNTRUSTED @similar
            case.id in similar.items.map(i, i.key)
                false | derived @case @similar
            {'t': case.description, 'id': case.id}.id
                "5" | observed @case
            {'t': case.description, 'id': case.id}
                {"id":"5","t":"Checkout returns 502"} | derived UNTRUSTED @case
            default(case.tier, 'x') + case.id
                "x5" | derived defaulted @case
            first_of(case.tier, 'x')
                "x" | derived @case
            provenance(case.id)
                ["observed"] | derived @case
            provenance(case.id + 'x')
                ["derived"] | derived @case
            provenance(5)
                [] | no labels
            trusted(similar.items[0].key)
                true | derived @similar
        "#]],
    );
}

#[test]
fn references() {
    let of = |source: &str| {
        let expression = Expression::parse(source).unwrap();
        let found = expression.references();
        let names: Vec<_> = found.iter().map(ToString::to_string).collect();
        format!("{source}: {}\n", names.join(" "))
    };
    let told: String = [
        "1 + 2",
        "a.b.c + a['b'][0].d",
        "a.items.filter(i, i.key == x.y)[0].owner.name",
        "a.items.map(i, i.subs.exists(s, s.n > i.m))",
        "a[b.c].d",
        "has(a.b) && missing(c)",
        "{'k': a.b}.k + [c.d][0]",
        "i.x + [1].map(i, i)[0] + .i.y",
    ]
    .iter()
    .map(|source| of(source))
    .collect();
    expect![[r#"
        1 + 2: 
        a.b.c + a['b'][0].d: a.b[].d a.b.c
        a.items.filter(i, i.key == x.y)[0].owner.name: a.items a.items[].key a.items[].owner.name x.y
        a.items.map(i, i.subs.exists(s, s.n > i.m)): a.items a.items[].m a.items[].subs a.items[].subs[].n
        a[b.c].d: a b.c
        has(a.b) && missing(c): a.b c
        {'k': a.b}.k + [c.d][0]: a.b c.d
        i.x + [1].map(i, i)[0] + .i.y: i.x i.y
    "#]].assert_eq(&told);
}

#[test]
fn conditions_and_saved_forms() {
    let condition = |source: &str| {
        Expression::parse(source).unwrap().evaluate(&facts(), &mut Meter::default()).condition()
    };
    assert_eq!(condition("case.id == '5'"), Condition::True);
    assert_eq!(condition("case.id == '6'"), Condition::False);
    assert!(
        matches!(condition("case.tier == 'x'"), Condition::Unknown { paths, .. } if paths.contains("case.tier"))
    );
    assert!(
        matches!(condition("case.id"), Condition::Failed(e) if e.code == ErrorCode::NoOverload)
    );
    assert!(
        matches!(condition("1 / 0"), Condition::Failed(e) if e.code == ErrorCode::DivideByZero)
    );

    let template = Template::parse(&json!({"a": ["x ${case.id}"]})).unwrap();
    let saved = serde_json::to_string(&template).unwrap();
    assert_eq!(serde_json::from_str::<Template>(&saved).unwrap(), template);
    assert!(serde_json::from_str::<Template>("[\"${\"]").is_err());
    assert!(serde_json::from_str::<Expression>("\"1 +\"").is_err());
    // An expression of a template is saved as itself, without the text around it.
    fn both<T: Send + Sync>() {}
    both::<Expression>();
    both::<Template>();
}

#[test]
fn long_templates_are_fine() {
    let text = format!("{}${{case.id}}{}", "x".repeat(50_000), " ${case.id}".repeat(2_000));
    let template = Template::parse(&json!(text)).unwrap();
    let filled = template.fill(&facts(), &mut Meter::default());
    assert_eq!(filled.value.as_str().unwrap().len(), 50_000 + 1 + 2_000 * 2);
}

#[test]
fn a_template_says_what_was_written() {
    let written = json!({
        "plain": "costs $5", "escaped": "$${case.id} and $$${x}", "whole": "${ case.id }",
        "text": "$${a} ${case.id}", "empty": "", "list": [1, null, ["$${b}"]],
    });
    assert_eq!(Template::parse(&written).unwrap().source(), written);
}
