//! `tutti check` as authors run it: what it prints and how it ends.

#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};

use expect_test::{Expect, expect};
use serde_json::Value;

const SOUND: &str = "id: sound
name: Sound
trigger: { webhook: salesforce.case, once_per: [caseId] }
steps:
  - id: pause
    wait: 10m
";

fn tutti(arguments: &[&str], folder: &Path) -> Output {
    let tutti = env!("CARGO_BIN_EXE_tutti");
    Command::new(tutti).args(arguments).current_dir(folder).output().unwrap()
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Checks one file; gives the exit code and what was printed.
fn check(text: &[u8], code: i32, expected: Expect) {
    let folder = folder(&[("flow.yaml", text)]);
    let output = tutti(&["check", "flow.yaml"], folder.path());
    expected.assert_eq(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn a_sound_flow_is_said_to_be_sound() {
    check(
        SOUND.as_bytes(),
        0,
        expect![[r#"
        The flow is sound.
    "#]],
    );
}

#[test]
fn the_shipped_templates_are_sound() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let output = tutti(&["check", "templates"], &root);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn a_time_zone_that_does_not_exist_is_said_before_a_run_asks_for_it() {
    let values = "values:
  support: { zone: Europe/Berln, hours: { mon: 09:00-17:00 } }
steps:
";
    let uses = "wait: 10m
  - id: now
    call: tutti.calendar.is_open
    with: { calendar: '${values.support}' }
  - id: there
    call: tutti.calendar.is_open
    with: { calendar: { zone: America/St_Johns, hours: { mon: 09:00-17:00 } } }
";
    check(
        SOUND.replace("steps:\n", values).replace("wait: 10m\n", uses).as_bytes(),
        1,
        expect![[r#"
            error: there is no time zone `Europe/Berln`
             --> flow.yaml:5:14
              |
            5 |   support: { zone: Europe/Berln, hours: { mon: 09:00-17:00 } }
              |              ^^^^ unknown_zone
              |
              = help: they are named like Europe/Berlin

            1 problem; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn no_arm_of_a_switch_knows_what_another_brings() {
    let note = |id: &str, text: &str| {
        format!("{{ id: {id}, call: jira.comment.add, with: {{ issue: PAY-1, text: '{text}' }} }}")
    };
    let steps = format!(
        "  - id: way
    switch:
      - {{ when: trigger.id == 'a', do: [{}] }}
      - {{ when: one.id == 'b', do: [{}] }}
      - {{ unknown: true, do: [] }}
  - {}
",
        note("one", "x"),
        note("other", "${one.id}"),
        note("both", "${one.id} or ${other.id}")
    );
    expect![[r#"
        error unknown_name /steps/0/switch/1/when: `one` is not known here [possible here: flow, run, trigger, values]
        error unknown_name /steps/0/switch/1/do/0/with/text: `one` is not known here [possible here: flow, run, trigger, values]
    "#]].assert_eq(&found("", &steps));
}

#[test]
fn of_a_calendar_that_is_made_in_part_the_rest_is_judged() {
    let step = |calendar: &str| {
        format!(
            "  - {{ id: now, call: tutti.calendar.is_open, with: {{ calendar: {calendar} }} }}\n"
        )
    };
    let told = [
        step("{ zone: '${trigger.zone}', hours: { mon-fri: 09:00-17:00 } }"),
        step("{ zone: '${trigger.zone}', hours: { mon: 17:00-09:00 }, holiday: [12-24] }"),
        step(
            "{ zone: Europe/Berln, hours: { mno: '${trigger.hours}' }, holidays: [24-12, '${trigger.day}'] }",
        ),
        step("{ zone: UTC, hours: '${trigger.hours}', holidays: '${trigger.days}' }"),
        step(
            "{ zone: UTC, hours: { mon: [09:00-12:00, '${trigger.hours}'], '${trigger.day}': 09:00-12:00 } }",
        ),
    ];
    let told = told.map(|steps| found("", &steps));
    expect![[r#"
        warning unchecked /steps/0/with/calendar/zone: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]

        warning unchecked /steps/0/with/calendar/zone: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]
        error backwards /steps/0/with/calendar/hours/mon: `17:00-09:00` does not end after its start [hours past midnight are two: 22:00-24:00, and 00:00-06:00 on the next day]
        error unknown_key /steps/0/with/calendar/holiday: `holiday` means nothing here [did you mean `holidays`?]

        error unknown_zone /steps/0/with/calendar/zone: there is no time zone `Europe/Berln` [they are named like Europe/Berlin]
        error unknown_day /steps/0/with/calendar/hours/mno: `mno` is no day of the week [possible here: mon, tue, wed, thu, fri, sat, sun]
        warning unchecked /steps/0/with/calendar/hours/mno: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]
        error bad_date /steps/0/with/calendar/holidays/0: `24-12` is no date [write 2026-12-24, or 12-24 for every year]
        warning unchecked /steps/0/with/calendar/holidays/1: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]

        warning unchecked /steps/0/with/calendar/hours: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]
        warning unchecked /steps/0/with/calendar/holidays: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]

        warning unchecked /steps/0/with/calendar/hours/mon/1: what is made here is not known before a run asks for it, nor checked [write it out, or let each calendar be one of the flow's `values`]
        error unknown_day /steps/0/with/calendar/hours/${trigger.day}: `${trigger.day}` is no day of the week [possible here: mon, tue, wed, thu, fri, sat, sun]
    "#]].assert_eq(&told.join("\n"));
}

#[test]
fn a_calendar_among_the_values_is_judged_where_it_is_written() {
    let values = "values:
  support:
    zone: Europe/Berlin
    hours: { mon-fri: [09:00-17:00, 16:00-18:00], sat: 22:00-06:00 }
    holidays: [2026-12-25, 31-12]
steps:
";
    let uses = "wait: 10m
  - id: due
    call: tutti.calendar.after
    with: { calendar: '${values.support}', span: 2d }
  - id: now
    call: tutti.calendar.is_open
    with: { calendar: { zone: '${values.support.zone}', hours: {} } }
  - id: then
    call: tutti.calendar.is_open
    with: { calendar: { zone: UTC } }
";
    check(
        SOUND.replace("steps:\n", values).replace("wait: 10m\n", uses).as_bytes(),
        1,
        expect![[r#"
            error: these hours overlap
             --> flow.yaml:7:14
              |
            7 |     hours: { mon-fri: [09:00-17:00, 16:00-18:00], sat: 22:00-06:00 }
              |              ^^^^^^^ overlap
              |
              = help: let each begin when the one before is over

            error: `22:00-06:00` does not end after its start
             --> flow.yaml:7:51
              |
            7 |     hours: { mon-fri: [09:00-17:00, 16:00-18:00], sat: 22:00-06:00 }
              |                                                   ^^^ backwards
              |
              = help: hours past midnight are two: 22:00-24:00, and 00:00-06:00 on the next day

            error: `31-12` is no date
             --> flow.yaml:8:28
              |
            8 |     holidays: [2026-12-25, 31-12]
              |                            ^^^^^ bad_date
              |
              = help: write 2026-12-24, or 12-24 for every year

            error: `span` must be a length of working time: 90s, 30m or 4h
              --> flow.yaml:14:44
               |
            14 |     with: { calendar: '${values.support}', span: 2d }
               |                                            ^^^^ wrong_type
               |
               = help: How much working time, for example 4h; 0s is over as soon as it is open

            warning: what is made here is not known before a run asks for it, nor checked
              --> flow.yaml:17:25
               |
            17 |     with: { calendar: { zone: '${values.support.zone}', hours: {} } }
               |                         ^^^^ unchecked
               |
               = help: write it out, or let each calendar be one of the flow's `values`

            error: it is never open
              --> flow.yaml:20:13
               |
            20 |     with: { calendar: { zone: UTC } }
               |             ^^^^^^^^ never_open
               |
               = help: say for example `hours: { mon-fri: 09:00-17:00 }`

            6 problems; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn each_problem_is_shown_with_its_line_and_a_hint() {
    let text = SOUND.replace("wait: 10m", "wait: soon\n  - { id: tell, call: slack.mesage.post }")
        + "nonsense: true # ümläut\n";
    check(
        text.as_bytes(),
        1,
        expect![[r#"
            error: this is no length of time
             --> flow.yaml:6:5
              |
            6 |     wait: soon
              |     ^^^^ bad_duration
              |
              = help: write 90s, 5m, 2h or 1d

            error: there is no operation `slack.mesage.post`
             --> flow.yaml:7:17
              |
            7 |   - { id: tell, call: slack.mesage.post }
              |                 ^^^^ unknown_operation
              |
              = help: did you mean `slack.message.post`?

            error: `nonsense` means nothing here
             --> flow.yaml:8:1
              |
            8 | nonsense: true # ümläut
              | ^^^^^^^^ unknown_key
              |
              = help: possible here, among others: context, name, steps, values, budget, finally, limits, output, policies, retry, subject, about, autonomy, catch, id, start_if

            3 problems; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn what_is_no_yaml_is_shown_where_it_breaks() {
    check(
        b"id: x\nsteps: [1,\nname: y\n",
        1,
        expect![[r#"
            error: unclosed bracket '['
             --> flow.yaml:2:8
              |
            2 | steps: [1,
              |        ^^ yaml_syntax
              |
              = help: check the indentation and the quotes around it

            1 problem; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn a_flow_that_is_too_large_is_not_read_on() {
    let mut text = SOUND.as_bytes().to_vec();
    text.resize(10 * 1024 * 1024, b'#');
    check(
        &text,
        1,
        expect![[r#"
            error: a flow can have 100 KB
             --> flow.yaml:1:1
              |
            1 | id: sound
              | ^ too_large
              |
              = help: split it

            1 problem; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn programs_get_json() {
    let folder = folder(&[("a.yaml", SOUND.as_bytes()), ("deep/b.yml", b"id: 7"), ("c.txt", b"x")]);
    let output = tutti(&["check", "--json", "."], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let flows = said["flows"].as_array().unwrap();
    let told: Vec<(&str, bool)> = flows
        .iter()
        .map(|flow| (flow["file"].as_str().unwrap(), flow["ok"].as_bool().unwrap()))
        .collect();
    assert_eq!(told, [("./a.yaml", true), ("./deep/b.yml", false)]);
    let first = &flows[1]["problems"][0];
    let keys: Vec<&String> = first.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["at", "code", "column", "hint", "line", "message", "severity"]);
}

#[test]
fn what_cannot_be_done_ends_with_two() {
    let folder = folder(&[("latin1.yaml", b"name: \xfc")]);
    for arguments in [
        &["check", "none.yaml"][..],
        &["check", "latin1.yaml"],
        &["check"],
        &["chekc"],
        &["check", "--jsn", "latin1.yaml"],
    ] {
        let output = tutti(arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
    let empty = tempfile::tempdir().unwrap();
    assert_eq!(tutti(&["check", "."], empty.path()).status.code(), Some(2));
}

/// A flow that others run, and that runs `other` by a step like this.
fn runs(id: &str, other: &str, more: &str) -> String {
    format!(
        "id: {id}
name: {id}
trigger: {{ run: {{ case: {{ type: text, required: true }}, tags: {{ type: list }} }} }}
steps:
  - id: told
    run: {{ flow: {other}, with: {{ case: '${{trigger.case}}' }}, within: 2h }}
{more}output: {{ count: 1 }}
"
    )
}

/// Checks these files together; gives the exit code and what was printed.
fn check_together(files: &[(&str, &str)], code: i32, expected: Expect) {
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    let folder = folder(&files);
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    let output = tutti(&[&["check"], names.as_slice()].concat(), folder.path());
    expected.assert_eq(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(code));
}

#[test]
fn flows_that_lead_back_to_themselves_are_shown_at_each_step_that_does() {
    let (a, b, c) = (runs("a", "b", ""), runs("b", "a", ""), runs("c", "b", ""));
    check_together(
        &[("a.yaml", &a), ("b.yaml", &b), ("c.yaml", &c)],
        1,
        expect![[r#"
            error: this flow would run itself: `a` runs `b` runs `a`
             --> a.yaml:6:12
              |
            6 |     run: { flow: b, with: { case: '${trigger.case}' }, within: 2h }
              |            ^^^^ runs_itself
              |
              = help: let one of them end without running the next

            error: this flow would run itself: `b` runs `a` runs `b`
             --> b.yaml:6:12
              |
            6 |     run: { flow: a, with: { case: '${trigger.case}' }, within: 2h }
              |            ^^^^ runs_itself
              |
              = help: let one of them end without running the next

            2 problems; 2 of 3 flows cannot be enabled.
        "#]],
    );
    check_together(
        &[("a.yaml", &runs("a", "a", ""))],
        1,
        expect![[r#"
            error: this flow would run itself: `a` runs `a`
             --> a.yaml:6:12
              |
            6 |     run: { flow: a, with: { case: '${trigger.case}' }, within: 2h }
              |            ^^^^ runs_itself
              |
              = help: let one of them end without running the next

            1 problem; the flow cannot be enabled.
        "#]],
    );
}

#[test]
fn a_flow_that_is_not_there_is_an_error_among_several_and_a_note_alone() {
    let a = runs("a", "nobody", "");
    check_together(
        &[("a.yaml", &a)],
        0,
        expect![[r#"
        warning: the flow `nobody` is not among those that were looked at
         --> a.yaml:6:12
          |
        6 |     run: { flow: nobody, with: { case: '${trigger.case}' }, within: 2h }
          |            ^^^^ absent_flow
          |
          = help: look at both together, and see that the name is right

        The flow is sound.
    "#]],
    );
    check_together(
        &[("a.yaml", &a), ("sound.yaml", SOUND)],
        1,
        expect![[r#"
        error: the flow `nobody` is not among those that were looked at
         --> a.yaml:6:12
          |
        6 |     run: { flow: nobody, with: { case: '${trigger.case}' }, within: 2h }
          |            ^^^^ absent_flow
          |
          = help: look at both together, and see that the name is right

        1 problem; 1 of 2 flows cannot be enabled.
    "#]],
    );
}

#[test]
fn what_a_flow_is_given_and_what_is_named_of_it_must_fit() {
    let b = runs("b", "c", "").replace("run: { flow: c", "run: { flow: c, within: 1h }\n    #");
    let c = SOUND.replace("id: sound", "id: c");
    let a = runs(
        "a",
        "b",
        "  - { id: again, run: { flow: b, within: 2h, with: { tgas: [], tags: plain } } }
  - { id: open, run: { flow: b, within: 2h, with: { case: 'x ${trigger.case}', tags: '${trigger.tags}' } } }
  - { id: use, set: { text: '${told.count} of ${told.cuont}' } }
  - id: choose
    switch:
      - { when: 'told.sum == 1', do: [] }
      - { unknown: true, do: [] }
",
    );
    check_together(
        &[("a.yaml", &a), ("b.yaml", &b), ("c.yaml", &c)],
        1,
        expect![[r#"
        error: `b` cannot begin: it needs `case`
         --> a.yaml:7:46
          |
        7 |   - { id: again, run: { flow: b, within: 2h, with: { tgas: [], tags: plain } } }
          |                                              ^^^^ bad_input
          |
          = help: add it

        error: `b` cannot begin: it takes no `tgas`
         --> a.yaml:7:54
          |
        7 |   - { id: again, run: { flow: b, within: 2h, with: { tgas: [], tags: plain } } }
          |                                                      ^^^^ bad_input
          |
          = help: did you mean `tags`?

        error: `b` cannot begin: `tags` must be a list
         --> a.yaml:7:64
          |
        7 |   - { id: again, run: { flow: b, within: 2h, with: { tgas: [], tags: plain } } }
          |                                                                ^^^^ bad_input
          |
          = help: see the `trigger` of `b`

        warning: `b` brings no `cuont`, so it is always missing
         --> a.yaml:9:23
          |
        9 |   - { id: use, set: { text: '${told.count} of ${told.cuont}' } }
          |                       ^^^^ not_brought
          |
          = help: did you mean `count`?

        warning: `b` brings no `sum`, so it is always missing
          --> a.yaml:12:11
           |
        12 |       - { when: 'told.sum == 1', do: [] }
           |           ^^^^ not_brought
           |
           = help: possible here: count

        error: `c` cannot begin: it is not there to be run by other flows
         --> b.yaml:6:12
          |
        6 |     run: { flow: c, within: 1h }
          |            ^^^^ bad_input
          |
          = help: give it `trigger: { run: { … } }`

        6 problems; 2 of 3 flows cannot be enabled.
    "#]],
    );
}

#[test]
fn what_is_written_out_for_another_flow_must_be_of_its_type() {
    let takes = "case: { type: text, required: true }, tags: { type: list }";
    let b = runs("b", "c", "").replace(
        takes,
        "n: { type: integer, required: true }, on: { type: boolean }, sum: { type: number }, \
         t: { type: text }, long: { type: long_text }, within: { type: working_time }, \
         hours: { type: calendar }, o: { type: object }, any: { type: any }",
    );
    let a = |with: &str| {
        runs("a", "b", "").replace("{ case: '${trigger.case}' }", &format!("{{ {with} }}"))
    };
    let told = |with: &str| {
        let a = a(with);
        let folder = folder(&[("a.yaml", a.as_bytes()), ("b.yaml", b.as_bytes())]);
        let output = tutti(&["check", "a.yaml", "b.yaml", "--json"], folder.path());
        problems_in(&output, "/steps/0/run/with")
    };
    let said = [
        told("n: '5', on: 'yes', sum: much, t: true, long: false, within: 2d, hours: UTC, o: x"),
        told("n: 2.5, on: 1, sum: false, t: [], long: {}, within: 4, hours: [], o: []"),
        told("n: [], m: 1"),
        told("n: ~"),
        told("on: true"),
    ];
    expect![[r#"
        error bad_input /steps/0/run/with/n: `b` cannot begin: `n` must be a whole number [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/on: `b` cannot begin: `on` must be true or false [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/sum: `b` cannot begin: `sum` must be a number [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/t: `b` cannot begin: `t` must be a text [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/long: `b` cannot begin: `long` must be a text [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/within: `b` cannot begin: `within` must be a length of working time: 90s, 30m or 4h [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/hours: `b` cannot begin: `hours` must be a calendar [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/o: `b` cannot begin: `o` must be an object [see the `trigger` of `b`]

        error bad_input /steps/0/run/with/n: `b` cannot begin: `n` must be a whole number [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/on: `b` cannot begin: `on` must be true or false [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/sum: `b` cannot begin: `sum` must be a number [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/t: `b` cannot begin: `t` must be a text [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/long: `b` cannot begin: `long` must be a text [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/within: `b` cannot begin: `within` must be a length of working time: 90s, 30m or 4h [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/hours: `b` cannot begin: `hours` must be a calendar [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/o: `b` cannot begin: `o` must be an object [see the `trigger` of `b`]

        error bad_input /steps/0/run/with/n: `b` cannot begin: `n` must be a whole number [see the `trigger` of `b`]
        error bad_input /steps/0/run/with/m: `b` cannot begin: it takes no `m` [did you mean `n`?]

        error bad_input /steps/0/run/with/n: `b` cannot begin: it needs `n` [see the `trigger` of `b`]

        error bad_input /steps/0/run/with: `b` cannot begin: it needs `n` [add it]
    "#]].assert_eq(&said.join("\n"));
    let fits = "n: 5, on: false, sum: 2.5, t: 7, long: x, within: 4h, hours: {}, o: {}, any: [1]";
    assert_eq!(told(fits), "");
    assert_eq!(told("n: '${trigger.n}', on: '${trigger.on}', o: '${trigger.o}'"), "");
}

#[test]
fn what_a_flow_takes_is_said_by_names() {
    let webhook = "webhook: salesforce.case, once_per: [caseId]";
    let inputs = "run: { a: [text, true], b: text, c: { type: txet }, d: { required: true }, \
                  e: { type: text, required: 1 }, f: { type: list, of: text }, g: ~ }";
    expect![[r#"
        error wrong_type /trigger/run/a: names with their values are needed here [write `name: value` on lines of their own]
        error wrong_type /trigger/run/b: names with their values are needed here [write `name: value` on lines of their own]
        error bad_input /trigger/run/c/type: `txet` is no type of an input [did you mean `text`?]
        error missing /trigger/run/d/type: a text is missing here [add `type: …`]
        error wrong_type /trigger/run/e/required: true or false is needed here [without quotes]
        error unknown_key /trigger/run/f/of: `of` means nothing here [possible here: type, required, target, about]
        error wrong_type /trigger/run/g: names with their values are needed here [write `name: value` on lines of their own]
    "#]].assert_eq(&problems_of(&SOUND.replace(webhook, inputs)));
    let inputs = "run: { a: { type: calendar, required: true, about: Our hours } }";
    assert_eq!(problems_of(&SOUND.replace(webhook, inputs)), "");
}

#[test]
fn a_thousand_flows_in_one_circle_end() {
    let name = |n: usize| format!("flow-{}", n % 1_000);
    let files: Vec<(String, String)> =
        (0..1_000).map(|n| (format!("{n:03}.yaml"), runs(&name(n), &name(n + 1), ""))).collect();
    let files: Vec<(&str, &[u8])> =
        files.iter().map(|(file, text)| (file.as_str(), text.as_bytes())).collect();
    let folder = folder(&files);
    let output = tutti(&["check", "--json", "."], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    for flow in said["flows"].as_array().unwrap() {
        let [problem] = flow["problems"].as_array().unwrap().as_slice() else { panic!("{flow:#}") };
        assert_eq!((&problem["code"], &problem["line"]), (&"runs_itself".into(), &6.into()));
        let message = problem["message"].as_str().unwrap();
        assert!(message.contains(" runs 993 more, the last of which runs `flow-"), "{message}");
    }
}

#[test]
fn files_that_are_too_large_or_too_deep_are_shown_beside_others() {
    let deep = format!("id: deep\nsteps: {}1{}", "[".repeat(1_000), "]".repeat(1_000));
    let mut large = runs("large", "deep", "");
    large.extend(std::iter::repeat_n('#', 10 * 1024 * 1024));
    let a = runs("a", "large", "");
    let folder = folder(&[
        ("a.yaml", a.as_bytes()),
        ("deep.yaml", deep.as_bytes()),
        ("large.yaml", large.as_bytes()),
    ]);
    let output = tutti(&["check", "--json", "."], folder.path());
    assert_eq!(output.status.code(), Some(1));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let flows = said["flows"].as_array().unwrap().iter();
    let codes: Vec<&str> =
        flows.map(|flow| flow["problems"][0]["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["absent_flow", "too_deep", "too_large"]);
}

/// The problems of a sound flow with these steps, and more at its top, a line each.
fn found(top: &str, steps: &str) -> String {
    let pause = "steps:\n  - id: pause\n    wait: 10m\n";
    problems_of(&SOUND.replace(pause, &format!("{top}steps:\n{steps}")))
}

/// All that is said about a flow.
fn problems_of(text: &str) -> String {
    let folder = folder(&[("flow.yaml", text.as_bytes())]);
    let output = tutti(&["check", "flow.yaml", "--json"], folder.path());
    problems_in(&output, "")
}

/// What is said about the first of the flows below a place.
fn problems_in(output: &Output, below: &str) -> String {
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let problems = told["flows"][0]["problems"].as_array().unwrap().iter();
    let problems = problems.filter(|it| it["at"].as_str().unwrap().starts_with(below));
    let line = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap().to_owned();
        let [severity, code, at] = ["severity", "code", "at"].map(text);
        format!("{severity} {code} {at}: {} [{}]\n", text("message"), text("hint"))
    };
    problems.map(line).collect()
}

#[test]
fn arms_that_are_never_taken_are_refused() {
    let steps = "  - id: way
    switch:
      - { when: trigger.a, do: [] }
      - { default: false, do: [] }
      - { default: true, do: [] }
      - { unknown: true, do: [] }
      - { unknown: maybe, do: [] }
";
    expect![[r#"
        error wrong_type /steps/0/switch/1/default: `default` is always `true` [leave the arm out, or say when it is taken with `when`]
        error duplicate_arm /steps/0/switch/2/default: there is another `default` before this, so it is never taken [make one arm of them]
        error wrong_type /steps/0/switch/4/unknown: `unknown` is always `true` [leave the arm out, or say when it is taken with `when`]
        error duplicate_arm /steps/0/switch/4/unknown: there is another `unknown` before this, so it is never taken [make one arm of them]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn what_stands_behind_a_failure_is_told() {
    let steps = "  - id: caught
    raise: { error: mine, message: no }
    catch: [{ on: [mine], gap: nothing }]
  - id: fails
    raise: { error: mine, message: no }
  - { id: pause, wait: 10m }
";
    expect![[r#"
        warning never_reached /steps/2: this is never reached: `fails` always fails [put it before, or give that step a `catch`]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn events_that_no_other_flow_knows_are_told() {
    let emits = |event: &str| {
        let pause = "  - id: pause\n    wait: 10m\n";
        let emit = format!("  - {{ id: tell, emit: {{ event: {event}, key: '1' }} }}\n");
        SOUND.replace(pause, &emit)
    };
    let started = SOUND
        .replace("id: sound", "id: started")
        .replace("webhook: salesforce.case", "event: 'tutti:case.solved'");
    let told = |event: &str, files: &[&str]| {
        let emits = emits(event);
        let texts = [("a.yaml", emits.as_bytes()), ("b.yaml", started.as_bytes())];
        let output = tutti(&[&["check", "--json"], files].concat(), folder(&texts).path());
        let told: Value = serde_json::from_slice(&output.stdout).unwrap();
        let problems = told["flows"].as_array().unwrap().iter();
        let problems = problems.flat_map(|flow| flow["problems"].as_array().unwrap());
        let line = |it: &Value| {
            format!("{} {}: {} [{}]\n", it["severity"], it["at"], it["message"], it["hint"])
        };
        problems.map(line).collect::<String>()
    };
    assert_eq!(told("case.solved", &["a.yaml", "b.yaml"]), "");
    assert_eq!(told("'case.${trigger.state}'", &["a.yaml", "b.yaml"]), "");
    assert_eq!(told("case.sovled", &["a.yaml"]), "", "who gives one flow has others");
    expect![[r#"
        "warning" "/steps/0/emit/event": "no flow is started by `case.sovled` or listens to it" ["did you mean `case.solved`?"]
        "warning" "/trigger/event": "no flow tells of `case.solved`, so this one would never start" ["did you mean `case.sovled`?"]
    "#]].assert_eq(&told("case.sovled", &["a.yaml", "b.yaml"]));
}

#[test]
fn what_stands_behind_a_catch_for_all_is_told() {
    let steps = "  - id: post
    call: slack.message.post
    with: { channel: C, text: x }
    catch: [{ on: [timeout], gap: late }, { gap: not told }, { on: [rejected], gap: no }]
";
    expect![[r#"
        warning never_reached /catch/1: this is never taken: a `catch` before it takes every failure [put it before that one]
        warning never_reached /steps/0/catch/2: this is never taken: a `catch` before it takes every failure [put it before that one]
    "#]].assert_eq(&found("catch: [{ gap: not done }, { gap: nor this }]\n", steps));
}

#[test]
fn what_is_never_true_or_false_is_no_condition() {
    let top = "start_if: trigger.name + 'x'\npolicies: [{ never: '\"always\"' }]\n";
    let steps = "  - id: way
    switch:
      - { when: '1', do: [] }
      - { when: trigger.a && size(trigger.b), do: [] }
      - { when: '!(trigger.a in [1]) || has(trigger.b)', do: [] }
      - { when: 'trigger.a ? true : 1', do: [] }
      - { unknown: true, do: [] }
  - id: heard
    listen: { to: [], read: {}, until: 'trigger.a.filter(x, x > 1)', within: 1h }
";
    expect![[r#"
        error no_truth /start_if: this is never true or false: a part of it is always a sum [compare it with something: `case.priority == "High"`]
        error no_truth /policies/0/never: this is never true or false: a part of it is always a text [compare it with something: `case.priority == "High"`]
        error no_truth /steps/0/switch/0/when: this is never true or false: a part of it is always a number [compare it with something: `case.priority == "High"`]
        error no_truth /steps/0/switch/1/when: this is never true or false: a part of it is always a number [compare it with something: `case.priority == "High"`]
        error no_truth /steps/1/listen/until: this is never true or false: a part of it is always a list [compare it with something: `case.priority == "High"`]
    "#]].assert_eq(&found(top, steps));
}

#[test]
fn events_that_never_come_are_told() {
    let steps = "  - id: heard
    listen:
      to:
        - { event: gitlab.pipelines, key: '1' }
        - { event: gitlab.pipeline, key: '1' }
        - { event: shop.restocked, key: '1' }
        - { event: tutti.run, key: '1' }
      read: {}
      until: trigger.a
      within: 1h
";
    expect![[r#"
        warning unknown_event /steps/0/listen/to/0/event: no tool tells of `gitlab.pipelines` [Did you mean `gitlab.pipeline`? Flows may tell each other of it with `emit`.]
    "#]].assert_eq(&found("", steps));
    let started_by = |trigger: &str| {
        let flow = SOUND.replace("webhook: salesforce.case", trigger);
        let folder = folder(&[("flow.yaml", flow.as_bytes())]);
        let told = String::from_utf8(tutti(&["check", "flow.yaml"], folder.path()).stdout).unwrap();
        told.lines()
            .filter(|line| line.contains("error") || line.contains("help"))
            .collect::<Vec<_>>()
            .join("\n")
    };
    expect![[r#"
        error: there is no webhook `salesforce.cases`, so this flow would never start
          = help: did you mean `salesforce.case`?"#]]
    .assert_eq(&started_by("webhook: salesforce.cases"));
    expect![[r#"
        error: there is no event `avi:jira:update:issue`, so this flow would never start
          = help: did you mean `avi:jira:updated:issue`?"#]]
    .assert_eq(&started_by("event: avi:jira:update:issue"));
    for sound in ["webhook: gitlab", "event: avi:jira:released:version", "event: tutti:any"] {
        assert_eq!(started_by(sound), "", "{sound}");
    }
}

#[test]
fn what_people_read_is_no_template_and_hides_nothing() {
    let steps = "  - id: pause
    title: 'Wait for ${trigger.id}'
    done: \"Waited\\u202E\"
    wait: 10m
    catch: [{ gap: '${trigger.id} was not told' }]
  - id: both
    fork: { \"a\\u0007\": [], b: [] }
  - { id: a-b, set: { x: 1 } }
  - { id: other, run: { flow: '${trigger.id}', within: 1h } }
";
    expect![[r#"
        error no_template /steps/0/title: this is no template: it is shown as it stands here [write what is the same for every run]
        error bad_character /steps/0/done: U+202E cannot stand in what people read [take it out]
        error no_template /steps/0/catch/0/gap: this is no template: it is shown as it stands here [write what is the same for every run]
        error bad_character /steps/1/fork/a: U+0007 cannot stand in what people read [take it out]
        warning unnameable /steps/2/id: no expression can name `a-b`: a dash is a minus there [write `a_b`]
        error no_template /steps/3/run/flow: which flow it is must be known before it runs [name it by its id, and choose among several with a `switch`]
    "#]].assert_eq(&found("about: 'x'\n", steps));
    let flow = SOUND.replace("name: Sound", "name: \"So\\u2066und\"");
    check(
        flow.as_bytes(),
        1,
        expect![[r#"
        error: U+2066 cannot stand in what people read
         --> flow.yaml:2:1
          |
        2 | name: "So\u2066und"
          | ^^^^ bad_character
          |
          = help: take it out

        1 problem; the flow cannot be enabled.
    "#]],
    );
}

#[test]
fn flows_that_tell_each_other_in_a_circle_are_told() {
    let flow = |id: &str, heard: &str, told: &str| {
        format!(
            "id: {id}\nname: {id}\ntrigger: {{ event: 'tutti:{heard}', once_per: [id] }}\n\
                 steps:\n  - {{ id: back, emit: {{ event: {told}, key: ball }} }}\n"
        )
    };
    let (ping, pong) =
        (flow("ping", "ball.ping", "ball.pong"), flow("pong", "ball.pong", "ball.ping"));
    let own = flow("own", "mine", "mine");
    let files =
        [("a.yaml", ping.as_bytes()), ("b.yaml", pong.as_bytes()), ("c.yaml", own.as_bytes())];
    let folder = folder(&files);
    let output = tutti(&["check", "."], folder.path());
    assert_eq!(output.status.code(), Some(0));
    expect![[r#"
        warning: this flow would start itself: `ping` starts `pong` starts `ping`
         --> ./a.yaml:5:25
          |
        5 |   - { id: back, emit: { event: ball.pong, key: ball } }
          |                         ^^^^^ tells_itself
          |
          = help: after 8 runs the step fails; see that one of them does not answer the other

        warning: this flow would start itself: `pong` starts `ping` starts `pong`
         --> ./b.yaml:5:25
          |
        5 |   - { id: back, emit: { event: ball.ping, key: ball } }
          |                         ^^^^^ tells_itself
          |
          = help: after 8 runs the step fails; see that one of them does not answer the other

        All 3 flows are sound.
    "#]]
    .assert_eq(&String::from_utf8(output.stdout).unwrap());
}

#[test]
fn a_member_that_an_operation_never_brings_is_told() {
    let context = "context:
  issue: { use: jira.issue.get, with: { issue: PAY-1 } }
  known: { use: jira.issue.search, with: { jql: 'project = ${issue.projct}' }, optional: true }
";
    let steps = "  - id: tell
    call: slack.message.post
    with: { channel: C1, text: '${issue.typo} ${issue.key} ${known.more} ${known.isues[0].key}' }
  - id: caught
    call: slack.message.get
    with: { channel: '${tell.channel}', ts: '${tell.tss}' }
    catch: [{ on: [not_found], default: { text: none, own: 1 } }]
  - { id: all, set: { own: '${caught.own}', x: '${all_of_it.x}' } }
";
    expect![[r#"
        warning not_brought /context/known/with/jql: `issue` brings no `projct`, so it is always missing [did you mean `project`?]
        warning not_brought /steps/0/with/text: `issue` brings no `typo`, so it is always missing [did you mean `type`?]
        warning not_brought /steps/0/with/text: `known` brings no `isues`, so it is always missing [did you mean `issues`?]
        warning not_brought /steps/1/with/ts: `tell` brings no `tss`, so it is always missing [did you mean `ts`?]
        error unknown_name /steps/2/set/x: `all_of_it` is not known here [possible here: caught, flow, issue, known, run, tell, trigger, values]
    "#]].assert_eq(&found(context, steps));
}

#[test]
fn programs_are_told_in_json_that_a_command_was_written_wrongly() {
    let folder = folder(&[]);
    for arguments in [["check", "--json"], ["diff", "--json"], ["nonsense", "--json"]] {
        let output = tutti(&arguments, folder.path());
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(said["error"]["code"], "usage", "{arguments:?}");
        assert!(!said["error"]["message"].as_str().unwrap().is_empty());
    }
    let output = tutti(&["diff", "--json"], folder.path());
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    expect!["the following required arguments were not provided: <A> <B>"]
        .assert_eq(said["error"]["message"].as_str().unwrap());
    let output = tutti(&["check"], folder.path());
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}

#[test]
fn a_key_without_a_value_is_told_from_one_that_is_not_there() {
    let top = "start_if:\nbudget: { calls: }\nautonomy:\n";
    let steps = "  - id: note
    call: jira.comment.add
    with: { issue: PAY-1, text: hello }
    title:
    catch:
      - { on: , gap: not told }
      - { on: [timeout], default: }
  - { id: both, fork: { one: , two: [] } }
  - { id: computed, set: { nothing: } }
  - { id: nothing, call: }
  - { id: told, emit: { event: shop.restocked, key: } }
policies:
  - { approve: 'true', by: dana, recall: , within: }
";
    expect![[r#"
        error empty /start_if: `start_if` is empty [write a value, or leave the key out]
        error empty /budget/calls: `calls` is empty [write a value, or leave the key out]
        error empty /autonomy: `autonomy` is empty [write a value, or leave the key out]
        error empty /steps/0/title: `title` is empty [write a value, or leave the key out]
        error empty /steps/0/catch/0/on: `on` is empty [write a value, or leave the key out]
        error empty /steps/1/fork/one: `one` is empty [write a value, or leave the key out]
        error empty /steps/3/call: `call` is empty [write a value, or leave the key out]
        error empty /steps/4/emit/key: `key` is empty [write a value, or leave the key out]
        error empty /policies/0/recall: `recall` is empty [write a value, or leave the key out]
        error empty /policies/0/within: `within` is empty [write a value, or leave the key out]
    "#]]
    .assert_eq(&found(top, steps));
}

#[test]
fn what_can_never_be_computed_is_found_before_a_run_does() {
    let steps = r#"  - { id: a, set: { part: 'about ${trigger.n % 0}', pattern: '${trigger.t.matches("(")}' } }
  - id: way
    switch:
      - { when: '1 / 0 == 1', do: [] }
      - { when: 'trigger.t.matches("\\p{L}+")', do: [] }
      - { when: 'trigger.n / 2 == 1 && trigger.t.matches("^a+$")', do: [] }
      - { unknown: true, do: [] }
"#;
    expect![[r#"
        error bad_expression /steps/0/set/part: this divides by zero [it would fail each time it is computed; write it otherwise]
        error bad_expression /steps/0/set/pattern: no pattern: a group without end [it would fail each time it is computed; write it otherwise]
        error bad_expression /steps/1/switch/0/when: this divides by zero [it would fail each time it is computed; write it otherwise]
        error bad_expression /steps/1/switch/1/when: no pattern: the escape \p is not supported [it would fail each time it is computed; write it otherwise]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn values_are_no_templates_and_words_of_expressions_no_names() {
    let top = "values:
  a: 'x ${trigger.id}'
  b: ['${trigger.id}']
  c: { first_of: [trigger.x], default: '${trigger.y}' }
";
    let steps = "  - { id: in, set: { v: 1 } }
  - { id: 'true', set: { v: 1 } }
  - { id: all, set: { v: 1 } }
";
    expect![[r#"
        error no_template /values/a: this is no template: the value is taken as it stands here [name it under `first_of`, or make the text in a step with `set`]
        error no_template /values/b/0: this is no template: the value is taken as it stands here [name it under `first_of`, or make the text in a step with `set`]
        error no_template /values/c/default: this is no template: the value is taken as it stands here [name it under `first_of`, or make the text in a step with `set`]
        warning unnameable /steps/0/id: no expression can name `in`: it is a word of theirs [choose another name]
        warning unnameable /steps/1/id: no expression can name `true`: it is a word of theirs [choose another name]
    "#]].assert_eq(&found(top, steps));
}

#[test]
fn an_allow_that_allows_nothing_is_told() {
    let steps = "  - { id: pause, wait: 10m }
policies:
  - { allow: 'true' }
  - { allow: 'effect.operation == \"salesforce.case.reply\"' }
  - { allow: 'true', recall: 5m }
";
    expect![[r#"
        warning allows_nothing /policies/0/allow: this allows nothing that would not leave anyway [what cannot be taken back is allowed by a condition on `effect.operation` or `effect.reversibility`]
    "#]].assert_eq(&found("", steps));
    assert_eq!(found("autonomy: approve\n", steps), "");
}

#[test]
fn a_length_of_time_has_an_end_and_a_sum_too() {
    let top = "budget: { wall: 400d }\n";
    let sum = vec!["1"; 120].join(" + ");
    let steps = format!("  - {{ id: sum, set: {{ v: '${{{sum}}}' }} }}\n");
    expect![[r#"
        error bad_duration /budget/wall: this is longer than 366 days [366d is the most]
        error bad_expression /steps/0/set/v: at most 96 operators, members and calls follow each other [split it up with `values`]
    "#]].assert_eq(&found(top, &steps));
}

#[test]
fn a_policy_about_what_no_write_can_be_is_refused() {
    let steps = r#"  - { id: note, call: jira.comment.add, with: { issue: PAY-1, text: x } }
policies:
  - { never: 'effect.operation == "jira.comment.ad"' }
  - { approve: '"Jira" != effect.tool && effect.tool != "slack"', by: dana }
  - { allow: 'effect.reversibility in ["reversable", "compensable"]' }
  - { never: 'effect.access == "writes" || effect.once == "never"' }
  - { never: 'effect.step == "note" || effect.step == "notes"' }
  - { never: 'effect.operation.startsWith("jira.comm") || effect.input.text == "y"' }
  - { never: 'effect.opration == "jira.comment.add"' }
"#;
    expect![[r#"
        error unknown_operation /policies/0/never: there is no operation `jira.comment.ad` [did you mean `jira.comment.add`?]
        error unknown_tool /policies/1/approve: there is no tool `Jira` [did you mean `jira`?]
        error unknown_value /policies/2/allow: `reversable` is no value of `effect.reversibility` [did you mean `reversible`?]
        error unknown_value /policies/3/never: `writes` is no value of `effect.access` [did you mean `write`?]
        error unknown_value /policies/3/never: `never` is no value of `effect.once` [possible here: read, idempotent, keyed, probed, unsafe]
        warning unknown_step /policies/4/never: there is no step `notes` [did you mean `note`?]
        error unknown_member /policies/6/never: `effect` has no `opration` [did you mean `operation`?]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn an_answer_that_is_written_out_is_one_that_could_be_given() {
    let steps = "  - id: d
    decide:
      question: How bad is it?
      answer:
        s: { one_of: [S1, S2] }
        n: { number: true, optional: true }
        of: { object: { on: { flag: true }, words: { list_of: { text: 9 }, optional: true } } }
      otherwise:
        - { when: trigger.a, answer: { s: S9, n: two, of: { on: 'yes', words: [1] } } }
        - { when: trigger.b, answer: { s: '${trigger.s}', n: '${trigger.n}', more: 1, of: {} } }
        - { answer: { s: S2, reasons: By rules., of: { on: false, words: [a] } } }
    catch: [{ on: [malformed], default: { s: S3, of: none } }, { default: { s: '${trigger.s}' } }]
  - id: q
    ask: { question: Which?, within: 1h, answer: { e: { one_of: [production, staging] }, t: { text: 9 } } }
    catch: [{ on: [unanswered], default: { e: prodction, own: 1 } }, { default: { e: staging } }]
";
    expect![[r#"
        error unknown_value /steps/0/decide/otherwise/0/answer/s: `S9` is no value of `s` [did you mean `S1`?]
        error wrong_type /steps/0/decide/otherwise/0/answer/n: `n` must be a number [it is said under `answer` what it may be]
        error wrong_type /steps/0/decide/otherwise/0/answer/of/on: `on` must be true or false [it is said under `answer` what it may be]
        error wrong_type /steps/0/decide/otherwise/0/answer/of/words/0: `words` must be a text [it is said under `answer` what it may be]
        error unknown_field /steps/0/decide/otherwise/1/answer/more: the answer has no `more` [possible here: n, of, s]
        error missing /steps/0/decide/otherwise/1/answer/of: this answer lacks `on` [add it, or let the answer have it `optional: true`]
        warning unknown_value /steps/0/catch/0/default/s: `S3` is no value of `s` [did you mean `S1`?]
        warning wrong_type /steps/0/catch/0/default/of: `of` must be an object [it is said under `answer` what it may be]
        warning unknown_value /steps/1/catch/0/default/e: `prodction` is no value of `e` [did you mean `production`?]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn what_lasts_longer_than_the_run_has_time_or_calls_is_told() {
    let waits = |within: &str| {
        let run = if within.starts_with('{') { "1h" } else { within };
        format!(
            "  - {{ id: w, wait: {within} }}
  - {{ id: q, ask: {{ question: Which?, within: {within}, answer: {{ t: {{ text: 9 }} }} }} }}
  - id: l
    listen:
      to: [{{ event: gitlab.pipeline, key: '42/1' }}]
      read: {{ one: {{ use: gitlab.pipeline.get, with: {{ project: 42, pipeline: 1 }} }} }}
      until: 'one.status == \"success\"'
      poll: 5m
      within: {within}
    catch: [{{ gap: not seen }}]
  - {{ id: other, run: {{ flow: other, within: {run} }} }}
policies:
  - {{ approve: 'true', by: dana, within: {within}, recall: 10m }}
"
        )
    };
    let absent = |told: String| {
        told.lines().filter(|it| !it.contains("absent_flow")).collect::<Vec<_>>().join("\n")
    };
    expect![[r#"
        warning too_long /steps/0/wait: this waits 1 d 6 h, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_long /steps/1/ask/within: this question stands 1 d 6 h, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_many_calls /steps/2/listen/poll: this looks up to 288 times, and the run has 200 calls [let `poll` be longer, or give the run more with `budget: { calls: … }`]
        warning too_long /steps/2/listen/within: this waits up to 1 d 6 h, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_long /steps/3/run/within: this waits up to 1 d 6 h, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_many_calls /steps/3/run/within: this looks up to 288 times, and the run has 200 calls [let `within` be shorter, or give the run more with `budget: { calls: … }`]
        warning too_long /policies/0/within: this question stands 1 d 6 h, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]"#]].assert_eq(&absent(found("", &waits("30h"))));
    let budget = "budget: { wall: 31h, calls: 720 }\n";
    assert_eq!(absent(found(budget, &waits("30h"))), "");
    assert_eq!(absent(found("", &waits("16h"))), "");
    assert_eq!(absent(found("", &waits("{ until: trigger.at }"))), "");
    let steps = "  - { id: one, autonomy: act_with_recall, call: jira.comment.add, with: { issue: PAY-1, text: x } }\n";
    let top = "budget: { wall: 5m }\nautonomy: act_with_recall\n";
    expect![[r#"
        warning too_long /autonomy: what leaves can be recalled for 10 min, and the run's time is over after 5 min [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_long /steps/0/autonomy: what leaves can be recalled for 10 min, and the run's time is over after 5 min [give the run more time with `budget: { wall: … }`, or say less here]
    "#]].assert_eq(&found(top, steps));
}

#[test]
fn what_is_written_out_and_can_never_work_is_refused() {
    let steps = "  - { id: w, wait: { until: '\"tomorrow\"' } }
  - { id: then, wait: { until: 'timestamp(\"2027-01-01T00:00:00Z\")' } }
  - { id: maybe, wait: { until: trigger.at } }
  - id: way
    switch:
      - { when: trigger.a, do: [] }
      - { when: 'trigger.b == values.noon', do: [] }
      - { when: ' trigger.a', do: [] }
      - { default: true, do: [] }
      - { unknown: true, do: [] }
  - { id: few, for: { each: x, in: '[1, 2, 3, 4]', limit: 3, do: [{ id: a, wait: 1m }] } }
  - { id: none, for: { each: x, in: '\"abc\"', limit: 3, do: [{ id: b, wait: 1m }] } }
  - { id: fits, for: { each: x, in: '[1, 2, 3].filter(x, x > 1)', limit: 2, do: [{ id: c, wait: 1m }] } }
  - { id: fails, raise: { error: mine, message: '${values.now.at} ${has(values.nothing)} ${values[trigger.x]}' } }
";
    expect![[r#"
        error no_moment /steps/0/wait/until: this is never a moment [name a moment, `due.at`, or write a length of time: `wait: 10m`]
        error unknown_value /steps/3/switch/1/when: the flow has no value `noon` [possible here: now]
        error duplicate_arm /steps/3/switch/2/when: an arm before this has the same condition, so it is never taken [make one arm of them]
        error too_many_items /steps/4/for/in: these are 4 items, and the limit is 3 [raise `limit`, or name fewer]
        error no_list /steps/5/for/in: this is never a list [write it like `[1, 2]`, or name one]
        error unknown_value /steps/7/raise/message: the flow has no value `nothing` [possible here: now]
    "#]].assert_eq(&found("values: { now: 1 }\n", steps));
    let steps = "  - { id: w, set: { x: '${values.x}' } }\n";
    expect![[r#"
        error unknown_name /context/c/with/issue: `values` is not known here [possible here: c, flow, run, trigger]
        error unknown_value /steps/0/set/x: the flow has no value `x` [write it at the top: `values: { x: … }`]
    "#]].assert_eq(&found("context: { c: { use: jira.issue.get, with: { issue: '${values.a}' } } }\n", steps));
}

#[test]
fn what_ends_with_the_run_never_ends() {
    let steps = "  - { id: q, ask: { question: Which?, within: 24h, answer: { t: { text: 9 } } } }
policies:
  - { approve: 'true', by: dana, within: 24h }
  - { approve: 'true', by: dana, within: 23h, recall: 1h }
  - { approve: 'true', by: dana, within: 23h, recall: 59m }
";
    expect![[r#"
        warning too_long /steps/0/ask/within: this question stands 1 d, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_long /policies/0/within: this question stands 1 d, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
        warning too_long /policies/1/within: this question, and what can be recalled then, stand 1 d, and the run's time is over after 1 d [give the run more time with `budget: { wall: … }`, or say less here]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn two_files_are_two_flows() {
    let other = SOUND.replace("name: Sound", "name: Other");
    let both = [("a.yaml", SOUND), ("b.yaml", &other)];
    check_together(
        &both,
        1,
        expect![[r#"
        error: two files say `id: sound`
         --> a.yaml:1:1
          |
        1 | id: sound
          | ^^ duplicate_id
          |
          = help: the other is b.yaml; let each flow have an id of its own

        error: two files say `id: sound`
         --> b.yaml:1:1
          |
        1 | id: sound
          | ^^ duplicate_id
          |
          = help: the other is a.yaml; let each flow have an id of its own

        2 problems; 2 of 2 flows cannot be enabled.
    "#]],
    );
    let folder = folder(&[("a.yaml", SOUND.as_bytes())]);
    let twice = tutti(&["check", ".", "a.yaml"], folder.path());
    assert_eq!(String::from_utf8(twice.stdout).unwrap(), "The flow is sound.\n");
}

#[test]
fn what_an_answer_may_hold_is_said_so_that_it_means_something() {
    let steps = "  - id: d
    decide:
      question: How bad is it?
      answer:
        a: { number: { min: 0, max: 5 } }
        b: { number: banana }
        c: { number: false }
        e: { flag: { default: true } }
        f: { text: 0 }
        g: { text: 2.5 }
        h: { one_of: [a, b, a] }
        i: { list_of: { object: { j: { list_of: { text: 20001 } } } } }
        k: { text: 20000 }
  - { id: q, ask: { question: Which?, within: 1h, answer: { n: { number: 5 }, o: { flag: true } } } }
";
    expect![[r#"
        error wrong_type /steps/0/decide/answer/a/number: `number` is always `true` [write `true`; nothing more can be said of it]
        error wrong_type /steps/0/decide/answer/b/number: `number` is always `true` [write `true`; nothing more can be said of it]
        error wrong_type /steps/0/decide/answer/c/number: `number` is always `true` [write `true`; nothing more can be said of it]
        error wrong_type /steps/0/decide/answer/e/flag: `flag` is always `true` [write `true`; nothing more can be said of it]
        error out_of_bounds /steps/0/decide/answer/f/text: a text has a whole number of characters, from 1 to 20000 [for example `text: 80`]
        error out_of_bounds /steps/0/decide/answer/g/text: a text has a whole number of characters, from 1 to 20000 [for example `text: 80`]
        error duplicate_word /steps/0/decide/answer/h/one_of/2: "a" stands here twice [leave one of them out]
        error out_of_bounds /steps/0/decide/answer/i/list_of/object/j/list_of/text: a text has a whole number of characters, from 1 to 20000 [for example `text: 80`]
        error wrong_type /steps/1/ask/answer/n/number: `number` is always `true` [write `true`; nothing more can be said of it]
    "#]].assert_eq(&found("", steps));
}

#[test]
fn what_is_empty_or_over_at_once_is_refused() {
    let steps = "  - { id: post, call: slack.message.post, with: { channel: '', text: ' ' } }
  - { id: q, ask: { question: Which?, within: 0s, answer: { t: { text: 9 } } } }
  - id: l
    listen:
      to: [{ event: gitlab.pipeline, key: '42/1' }]
      read: { one: { use: gitlab.pipeline.get, with: { project: 42, pipeline: 1 } } }
      until: 'one.status == \"success\"'
      within: 0m
    catch: [{ gap: not seen }]
  - { id: other, run: { flow: other, within: 0h } }
  - { id: told, emit: { event: [], key: {}, with: 5 } }
policies:
  - { approve: 'true', by: dana, within: 0s }
";
    expect![[r#"
        error wrong_type /about: a text is needed here [put it in quotes]
        warning too_many_calls /budget/calls: the run has no call, and this flow makes some [give the run as many `calls` as its steps make]
        error missing_argument /steps/0/with/channel: `slack.message.post` needs `channel`, and this is empty [Channel id, for example C0123]
        error missing_argument /steps/0/with/text: `slack.message.post` needs `text`, and this is empty [What to say: paragraphs, - lists, **bold**, links]
        error no_time /steps/1/ask/within: this is over before anything can come of it [say how long, for example `within: 4h`]
        error no_time /steps/2/listen/within: this is over before anything can come of it [say how long, for example `within: 4h`]
        error no_time /steps/3/run/within: this is over before anything can come of it [say how long, for example `within: 4h`]
        error wrong_type /steps/4/emit/event: `event` must be a text [What happened, for example shop.restocked]
        error wrong_type /steps/4/emit/key: `key` must be a text [What it is about; flows that wait name the same]
        error wrong_type /steps/4/emit/with: `with` must be an object [What there is to say about it]
        error no_time /policies/0/within: this is over before anything can come of it [say how long, for example `within: 4h`]
    "#]].assert_eq(&found("about: { x: 1 }\nbudget: { calls: 0 }\n", steps));
    let last = "  - { id: w, wait: 1m }
finally:
  - { id: note, call: jira.comment.add, with: { issue: PAY-1, text: x } }
";
    assert_eq!(found("budget: { calls: 0 }\n", last), "");
}

#[test]
fn a_policy_that_can_never_hold_is_told() {
    let steps = r#"  - { id: note, call: jira.comment.add, with: { issue: PAY-1, text: x } }
policies:
  - { never: 'effect.input.txt == "x"' }
  - { never: 'effect.input.text == "x" && effect.input["issue"] == "PAY-2"' }
  - { never: 'effect.access == "read"' }
  - { never: 'effect.once in ["read", "unsafe"]' }
  - { never: 'effect.operation == "jira.issue.get"' }
"#;
    expect![[r#"
        warning unknown_argument /policies/0/never: nothing that this flow writes has an argument `txt` [did you mean `text`?]
        warning never_judged /policies/2/never: policies judge what writes, so `effect.access` is never `read` [reads need no leave; name what writes, or leave it out]
        warning never_judged /policies/3/never: policies judge what writes, so `effect.once` is never `read` [reads need no leave; name what writes, or leave it out]
        warning never_judged /policies/4/never: policies judge what writes, so `effect.operation` is never `jira.issue.get` [reads need no leave; name what writes, or leave it out]
    "#]].assert_eq(&found("", steps));
}

#[cfg(unix)]
#[test]
fn of_a_folder_the_files_are_looked_at_whose_names_end_so() {
    let folder =
        folder(&[("A.YAML", b"id: 1".as_slice()), ("b.Yml", b"id: 1"), ("c.txt", b"id: 1")]);
    let _socket = std::os::unix::net::UnixListener::bind(folder.path().join("d.yaml")).unwrap();
    let output = tutti(&["check", "--json", "."], folder.path());
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    let flows = told["flows"].as_array().unwrap();
    let files: Vec<&str> = flows.iter().map(|flow| flow["file"].as_str().unwrap()).collect();
    assert_eq!((files, told["unread"].as_array().unwrap().len()), (vec!["./A.YAML", "./b.Yml"], 0));
}
