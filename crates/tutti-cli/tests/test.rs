//! `tutti test` and `tutti run` as authors use them: what they say about wrong stories and about
//! stories that do not hold, and how they end.

#![cfg(test)]

use std::process::{Command, Output};

use expect_test::{Expect, expect};
use serde_json::Value;

const FLOW: &str = "id: tell
name: Tell them
trigger: { webhook: salesforce.case, once_per: [id] }
steps:
  - { id: tell, call: slack.message.post, with: { channel: C-TEAM, text: News } }
  - { id: pause, wait: 1h }
  - { id: reply, title: Reply, call: salesforce.case.reply, with: { id: '5', text: Fixed, status: Solved } }
policies: [{ approve: 'effect.operation == \"salesforce.case.reply\"', by: dana, within: 2h }]
";

const STORY: &str = "story: They are told
flow: flow.yaml
project: PAY
trigger: { payload: { id: '1' } }
world:
  slack.message.post: [{ gives: { channel: C-TEAM, ts: '1.1' } }]
  salesforce.case.get: [{ gives: { id: '5', last_modified: '1' } }]
  salesforce.case.reply: [{ gives: { id: '5' } }]
people: [{ who: dana, says: approve, step: reply }]
";

fn tutti(arguments: &[&str], files: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let tutti = env!("CARGO_BIN_EXE_tutti");
    Command::new(tutti).args(arguments).current_dir(folder.path()).output().unwrap()
}

/// Plays a story; gives the exit code and what was printed.
fn check(story: &str, code: i32, expected: Expect) {
    let output = tutti(&["test", "story.yaml"], &[("story.yaml", story), ("flow.yaml", FLOW)]);
    expected.assert_eq(&String::from_utf8(output.stdout).unwrap());
    assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The message and the place of the one problem there is.
fn wrong(story: &str) -> String {
    wrong_with(story, 1)
}

fn wrong_with(story: &str, code: i32) -> String {
    said_of(story, FLOW, code)
}

fn said_of(story: &str, flow: &str, code: i32) -> String {
    let output =
        tutti(&["test", "--json", "story.yaml"], &[("story.yaml", story), ("flow.yaml", flow)]);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(code), "{said}");
    let story = &said["stories"][0];
    let one = |it: &Value| {
        let text = |key: &str| it[key].as_str().unwrap().to_owned();
        format!(
            "{}:{} {} {} [{}]\n",
            it["line"],
            it["column"],
            text("code"),
            text("message"),
            text("hint")
        )
    };
    let problems: String = story["problems"].as_array().unwrap().iter().map(one).collect();
    if story["difference"].is_null() { problems } else { problems + &one(&story["difference"]) }
}

/// What is said about stories with one more line each.
fn table(lines: &[&str], expected: Expect) {
    let said: String = lines.iter().map(|line| wrong(&format!("{STORY}{line}\n"))).collect();
    expected.assert_eq(&said);
}

#[test]
fn a_story_that_holds() {
    check(
        &format!("{STORY}crashes: every\nexpect: {{ state: completed }}\n"),
        0,
        expect![[r#"
        The story holds; it was played 19 times.
    "#]],
    );
}

#[test]
fn the_first_difference_is_shown_with_its_line_and_what_came_before() {
    check(
        &format!(
            "{STORY}expect:\n  state: completed\n  effects:\n    in_order:\n      - {{ operation: slack.message.post }}\n"
        ),
        1,
        expect![[r#"
            error: nothing more should be done, but `salesforce.case.reply` with {"id":"5","status":"Solved","text":"Fixed"} was
              --> story.yaml:13:5
               |
            13 |     in_order:
               |     ^^^^^^^^ effects
               |
               = note: seen at 2026-03-10 10:00:00
               = note: just before:
                       2026-03-10 10:00:00  Dana approved it — Reply
                       2026-03-10 10:00:00  Reply — Answer the customer on a case and set its status, both or neither
                       2026-03-10 10:00:00  Finished — everything was done

            The story does not hold.
        "#]],
    );
    let denied = STORY.replace("says: approve", "says: reject, reason: not yet");
    check(
        &format!("{denied}crashes: every\ndeliveries: twice\nexpect: {{ state: completed }}\n"),
        1,
        expect![[r#"
            error: the run should be completed, but it is failed: Reply: refused: Dana said no: not yet
              --> story.yaml:12:11
               |
            12 | expect: { state: completed }
               |           ^^^^^ state
               |
               = note: seen at 2026-03-10 10:00:00, when every answer came twice
               = note: just before:
                       2026-03-10 10:00:00  Dana rejected it — not yet
                       2026-03-10 10:00:00  Reply — refused: Dana said no: not yet
                       2026-03-10 10:00:00  Failed — Reply: refused: Dana said no: not yet

            The story does not hold.
        "#]],
    );
}

#[test]
fn each_kind_of_expectation_says_how_it_is_not_so() {
    table(
        &[
            "expect: { state: completed_with_gaps }",
            "expect: { state: completed, reason: all is well }",
            "expect: { state: completed, effects: { in_order: [] } }",
            "expect: { state: completed, effects: { in_order: [{ operation: gitlab.note.add }] } }",
            "expect: { state: completed, effects: { in_order: [{ operation: slack.message.post, with: { text: Old } }] } }",
            "expect: { state: completed, effects: { in_order: [{ operation: '*', times: 3 }] } }",
            "expect: { state: completed, effects: { set: [] } }",
            "expect: { state: completed, effects: { set: [{ operation: 'slack.*' }] } }",
            "expect: { state: completed, effects: { set: [{ operation: slack.message.post, times: 2 }] } }",
            "expect: { state: completed, effects: { some: [{ operation: salesforce.case.reply, with: { status: Open } }] } }",
            "expect: { state: completed, never: [{ operation: 'slack.*', with: { channel: 'C-*' } }] }",
            "expect: { state: completed, calls: [{ operation: salesforce.case.get, times: 1 }] }",
            "expect: { state: completed, calls: [{ operation: salesforce.case.reply, at: [0s] }] }",
            "expect: { state: completed, asked: [] }",
            "expect: { state: completed, asked: [{ step: reply, who: eli }] }",
            "expect: { state: completed, asked: [{ step: reply, with: { status: Open } }] }",
            "expect: { state: completed, asked: [{ step: reply, again: true }] }",
            "expect: { state: completed, asked: [{}, { step: reply }] }",
            "expect: { state: completed, gaps: [nobody was told] }",
            "expect: { state: completed, facts: { tell.ts: { is: '2' } } }",
            "expect: { state: completed, facts: { tell: { is: { ts: '2' } } } }",
            "expect: { state: completed, facts: { tell.ts: { provenance: [derived] } } }",
            "expect: { state: completed, facts: { tell.ts: { trust: untrusted } } }",
            "expect: { state: completed, facts: { tell.ts: { missing: true } } }",
            "expect: { state: completed, facts: { tell.none: { is: 1 } } }",
            "expect: { state: completed, facts: { 'tell.ts + 1': { is: 1 } } }",
            "expect: { state: completed, timeline: [Reply, Tell] }",
            "expect: { state: completed, timeline: [Undone] }",
            "expect: { state: completed, spend: { calls: 3, tokens: 0 } }",
            "expect: { state: completed, spend: { calls: { at_most: 2 } } }",
            "expect: { state: completed, took: { at_most: 30m } }",
            "until: 30m\nexpect: { state: completed }",
            "expect: { state: completed, calls: [{ operation: gitlab.note.add }] }",
            "crashes: [3, 400]\nexpect: { state: completed }",
            "takeovers: [90]\ndeliveries: [once, twice]\nexpect: { state: completed }",
        ],
        expect![[r#"
            10:11 state the run should be completed with gaps, but it is completed: everything was done []
            10:29 reason the reason should say “all is well”, but it is “everything was done” []
            10:40 effects nothing more should be done, but `slack.message.post` with {"channel":"C-TEAM","text":"News"} was []
            10:51 effects effect 1 should be `gitlab.note.add`, but it was `slack.message.post` with {"channel":"C-TEAM","text":"News"} []
            10:51 effects effect 1 should be `slack.message.post` with {"text":"Old"}, but its `text` is "News" []
            10:51 effects `*` should be done, but nothing more was []
            10:40 effects nothing more should be done, but `slack.message.post` with {"channel":"C-TEAM","text":"News"} was []
            10:40 effects nothing more should be done, but `salesforce.case.reply` with {"id":"5","status":"Solved","text":"Fixed"} was []
            10:46 effects `slack.message.post` should be done 2 times, but it was done once []
            10:47 effects `salesforce.case.reply` with {"status":"Open"} should be done, but its `status` is "Solved" []
            10:37 never `slack.*` with {"channel":"C-*"} should never be called, but `slack.message.post` with {"channel":"C-TEAM","text":"News"} was []
            10:37 calls `salesforce.case.get` should be called once, but it was 2 times []
            10:37 calls `salesforce.case.reply` should be called after 0 s, but it was after 1 h []
            10:29 asked nothing more should be asked, but “Reply” was []
            10:37 asked eli about `reply` should be asked, but the question is for `dana` []
            10:37 asked somebody about `reply` should be asked, but its `status` is "Solved" []
            10:37 asked somebody about `reply` should be asked, but it was asked for the first time []
            10:41 asked somebody about `reply` should be asked, but nobody was []
            10:36 gaps there should be a gap “nobody was told”, but there is none []
            10:38 facts `tell.ts` should be "2", but it is "1.1" []
            10:38 facts `tell.ts` should be "2", but it is "1.1" []
            10:38 facts `tell.ts` should be derived, but it is observed []
            10:38 facts `tell.ts` should be untrusted, but it is trusted []
            10:38 facts `tell.ts` should not be known, but it is "1.1" []
            10:38 facts `tell.none` should be known, but it is not []
            10:38 facts `tell.ts + 1` cannot be told: `+` does not take string and int []
            10:47 timeline a line should say “Tell”, but it comes before “Asked for approval — Reply” []
            10:40 timeline a line should say “Undone”, but there is none []
            10:38 spend it should use 3 calls, but it used 4 []
            10:38 spend it should use at most 2 calls, but it used 4 []
            10:29 took it should take at most 30 min, but it took 1 h []
            9:10 people `dana` should be asked about `reply`, but it was waiting outside: Pause []
            10:37 calls `gitlab.note.add` should be called, but it never was []
            10:14 story the run was over before this moment came [name one below 18, or write `every`]
            10:13 story the run was over before this moment came [name one below 5, or write `every`]
        "#]],
    );
}

#[test]
fn what_is_no_story_says_where_and_what_to_do() {
    table(
        &[
            "",
            "expect: {}",
            "expect: { stat: completed }",
            "expect: { state: complete }",
            "expect: { state: completed, gaps: none }",
            "expect: { state: completed, effects: { list: [] } }",
            "expect: { state: completed, never: [{ operation: slack.mesage.post }] }",
            "expect: { state: completed, spend: { calls: many } }",
            "expect: { state: completed, facts: { 'tell..ts': { is: 1 } } }",
            "expect: { state: completed, asked: [{ step: replly }] }",
            "crashes: always\nexpect: { state: completed }",
            "deliveries: thrice\nexpect: { state: completed }",
            "until: soon\nexpect: { state: completed }",
            "clock: today\nexpect: { state: completed }",
            "model: { triage: [{ answer: {} }] }\nexpect: { state: completed }",
            "events: [{ at: 5m }]\nexpect: { state: completed }",
            "change: [{ at: 5m, world: { slack.message.pst: [{ gives: {} }] } }]\nexpect: { state: completed }",
            "change: [{ at: 5m, world: { slack.message.post: [{ gives: {}, fails: timeout }] } }]\nexpect: { state: completed }",
            "change: [{ at: 5m, world: { slack.message.post: [{ gives: {}, code: x, done: true }] } }]\nexpect: { state: completed }",
            "change: [{ at: 5m, world: { slack.message.post: [{ then: { x.y.z: [{}] } }] } }]\nexpect: { state: completed }",
            "change: [{ at: 5m, world: { slack.message.post: [{ fails: explode }] } }]\nexpect: { state: completed }",
            "expect: { state: completed, took: 5 }",
            "expect: { state: completed, effects: none }",
            "expect: { state: completed, calls: [{ operation: slack.message.post, times: -1 }] }",
            "expect: { state: completed, never: [slack.message.post] }",
            "like: 5\nexpect: { state: completed }",
            "like: flow.yaml\nexpect: { state: completed }",
        ],
        expect![[r#"
            1:1 story `expect` is missing here [add `expect: { state: completed }`; `tutti run` needs none]
            10:1 story `state` is missing here [add `state: …`]
            10:11 story `stat` means nothing here [did you mean `state`?]
            10:11 story `complete` means nothing here [did you mean `completed`?]
            10:29 story a list is needed here, not "none" []
            10:29 story `list` means nothing here [possible here: in_order, set, some]
            10:39 story there is no operation `slack.mesage.post` [did you mean `slack.message.post`?]
            10:38 story this is no amount [write a number, or { at_least: 1, at_most: 5 }]
            10:38 story expected a name []
            10:39 story there is no step `replly` [did you mean `reply`?]
            10:1 story these are no moments [write `every` or a list like [3, 17]]
            10:1 story `thrice` means nothing here [did you mean `twice`?]
            10:1 story `soon` is no length of time [write 90s, 5m or 2h]
            10:1 story `today` is no time [write 2026-03-10T09:00:00Z]
            10:10 story no step `triage` asks a model [nothing can be named here]
            10:10 story `topic` is missing here [add `topic: …`]
            10:29 story there is no operation `slack.message.pst` [did you mean `slack.message.post`?]
            10:50 story it cannot fail and give something [`done: true` if it was done and only the answer was lost]
            10:63 story `code` goes with `fails: rejected` []
            10:72 story `done` goes with `fails: timeout` []
            10:50 story it is not said what this answers [add `gives: {…}` or `fails: timeout`]
            10:68 story it is not said what this answers [add `gives: {…}` or `fails: timeout`]
            10:52 story `explode` means nothing here [possible here: timeout, unreachable, unavailable, rate_limited, unauthorized, forbidden, not_found, conflict, rejected, malformed, too_large]
            10:29 story an object is needed here, not `5` []
            10:29 story `none` means nothing here [did you mean `some`?]
            10:70 story a whole number of at least 0 is needed here, not `-1` []
            10:37 story an object is needed here, not "slack.message.post" []
            10:1 story a text is needed here, not `5` []
            10:1 story in flow.yaml: `id` means nothing here [possible here, among others: like, flow, model, until, world, about, clock, story, change, events, expect, people, trigger, crashes, project, deliveries]
        "#]],
    );
}

#[test]
fn a_list_is_no_object() {
    table(
        &[
            "expect: [completed]",
            "events: [[5m, 'gitlab.pipeline:1']]",
            "change: [[5m, {}]]",
            "change: [{ at: 5m, world: { slack.message.post: [[{}, {}]] } }]",
            "model: { triage: [[{}, Sure]] }",
            "expect: { state: completed, took: [1h, 2h] }",
            "expect: { state: completed, calls: [[slack.message.post, {}, 1]] }",
            "expect: { state: completed, effects: { set: [[slack.message.post]] } }",
            "expect: { state: completed, facts: { tell.ts: [1] } }",
            "expect: { state: completed, hand_off: { done: [[slack.message.post, true]] } }",
        ],
        expect![[r#"
            10:1 story an object is needed here, not a list []
            10:10 story an object is needed here, not a list []
            10:10 story an object is needed here, not a list []
            10:50 story an object is needed here, not a list []
            10:19 story an object is needed here, not a list []
            10:29 story an object is needed here, not a list []
            10:37 story an object is needed here, not a list []
            10:46 story an object is needed here, not a list []
            10:38 story an object is needed here, not a list []
            10:48 story an object is needed here, not a list []
        "#]],
    );
    let person = STORY.replace("{ who: dana, says: approve, step: reply }", "[1h, dana]");
    let trigger = STORY.replace("{ payload: { id: '1' } }", "[salesforce.case, { id: '1' }]");
    let again = STORY.replace("{ id: '1' } }", "{ id: '1' }, again: [[1h]] }");
    let said = [wrong(&person), wrong(&trigger), wrong(&again), wrong("[They are told, '']")];
    expect![[r#"
        9:10 story an object is needed here, not a list []
        4:1 story an object is needed here, not a list []
        4:42 story an object is needed here, not a list []
        1:1 story an object is needed here, not a list []
    "#]]
    .assert_eq(&said.concat());
}

#[test]
fn a_word_is_one_of_those_there_are() {
    table(
        &[
            "expect: { state: 5 }",
            "expect: { state: [completed] }",
            "expect: { state: { completed: 1 } }",
            "expect: { state: completed, effects: set }",
            "expect: { state: completed, effects: { set: [], some: [] } }",
            "deliveries: [[once]]",
        ],
        expect![[r#"
            10:11 story one of these is needed here, not `5` [running, waiting_person, waiting_outside, held, completed, completed_with_gaps, cancelled, failed]
            10:11 story one of these is needed here, not a list [running, waiting_person, waiting_outside, held, completed, completed_with_gaps, cancelled, failed]
            10:20 story a word alone is needed here, not `1` []
            10:29 story an object with one key is needed here, not a word alone []
            10:29 story one of these is needed here, not an object [in_order, set, some]
            10:1 story one of these is needed here, not a list [once, twice, reversed, together]
        "#]],
    );
}

#[test]
fn people_and_worlds_that_do_not_fit_the_flow() {
    let with = |from: &str, to: &str| {
        wrong(&format!("{}expect: {{ state: completed }}\n", STORY.replace(from, to)))
    };
    let said = [
        with("says: approve, step: reply", "says: approve, step: tell"),
        with("says: approve, step: reply", "says: approv, step: reply"),
        with("says: approve, step: reply", "says: modify, step: reply"),
        with("says: approve, step: reply", "says: approve, changes: { text: x }"),
        with("who: dana", "who: eli"),
        with("step: reply", "step: reply, at: 5h"),
        with("  salesforce.case.reply: [{ gives: { id: '5' } }]\n", ""),
        with("salesforce.case.get: [{ gives", "salesforce.case.get: [{ with: { id: '6' }, gives"),
        with("gives: { id: '5' }", "answers: { id: '5' }"),
        with(
            "trigger: { payload: { id: '1' } }",
            "trigger: { source: jira, payload: { id: '1' } }",
        ),
        with(
            "trigger: { payload: { id: '1' } }",
            "trigger: { payload: { id: '1' }, again: [{ payload: { id: '2' } }] }",
        ),
        with("flow: flow.yaml", "flow: 7"),
        with("flow: flow.yaml\n", ""),
        with("flow: flow.yaml", "flow: { id: x, name: X, steps: [] }"),
        with("project: PAY\n", ""),
        with("project: PAY", "project: [PAY"),
    ];
    expect![[r#"
        9:10 people `dana` should be asked about `tell`, but the run was over after 3 h: Reply: refused: nobody answered in time []
        9:23 story `approv` means nothing here [did you mean `approve`?]
        9:10 story it is not said what is modified [changes: { text: … }]
        9:38 story `changes` goes with `says: modify` []
        9:10 people `eli` should be asked about `reply`, but the run was over after 3 h: Reply: refused: nobody answered in time [`dana` was asked, and nobody asked `eli`]
        9:10 people `dana` should be asked about `reply`, but the run was over after 5 h: Reply: refused: nobody answered in time []
        5:1 unscripted `salesforce.case.reply` was called with {"id":"5","status":"Solved","text":"Fixed"}, and the world has no answer [add below `world:` for example `salesforce.case.reply: [{ gives: {…} }]`]
        5:1 unscripted `salesforce.case.get` was called with {"id":"5"}, and the world has no answer [add below `world:` for example `salesforce.case.get: [{ gives: {…} }]`]
        8:29 story `answers` means nothing here [possible here: with, gives, large, fails, done, code, message, status, retry_after, slow, times, then]
        4:12 story `tell` is started by `salesforce.case`, not by `jira` [leave it out, or name that one]
        4:42 story this event starts a run of its own, and a story tells of one run [give it the values that `once_per` of the flow's trigger names]
        2:1 story this is no flow [give its path, or write it here]
        1:1 story `flow` is missing here [add `flow: ../templates/my-flow.yaml`]
        2:1 wrong_type names with their values are needed here [write `name: value` on lines of their own]
        1:1 story `project` is missing here [add `project: …`]
        4:8 yaml_syntax illegal placement of ':' indicator [check the indentation and the quotes around it]
    "#]].assert_eq(&said.concat());
}

#[test]
fn what_would_hold_whatever_happens_is_no_expectation() {
    let expect = |part: &str| format!("expect: {{ state: completed, {part} }}");
    let lines = [
        "effects: { set: [{ operation: slack.message.post, times: 0 }] }",
        "effects: { some: [] }",
        "effects: null",
        "effects: { some: [{ operation: slack.message.post, with: { txt: News } }] }",
        "never: []",
        "never: [{ operation: 'slack.*', with: { chanel: C-TEAM, text: News } }]",
        "calls: []",
        "calls: [{ operation: '*', with: { nowhere: 1 } }]",
        "asked: [{ operation: salesforce.case.reply, with: { statsu: Open } }]",
        "gaps: null",
        "reason: ''",
        "timeline: ['']",
        "facts: {}",
        "facts: { tell.ts: { is: null } }",
        "facts: { tell.ts: { missing: true, is: 1 } }",
        "facts: { tell.ts: { missing: true, provenance: [] } }",
        "facts: { tel.ts: { missing: true } }",
        "facts: { values.tier: { missing: true } }",
        "facts: { '1 == 1': { is: true } }",
        "reason: ' '",
        "timeline: [' ']",
        "spend: { tokens: { at_least: 0 } }",
        "took: { at_least: 0s }",
        "never: [{ operation: slack.message.post, with: { text: null } }]",
        "never: [{ operation: slack.message.post, with: { text: {} } }]",
        "spend: {}",
        "took: {}",
        "hand_off: { known: [] }",
    ];
    let mut lines: Vec<String> = lines.map(expect).into();
    let all_is_well = "expect: { state: completed }";
    lines.push(format!("deliveries: []\n{all_is_well}"));
    let answers = "{ slack.message.post: [{ with: { txt: News }, gives: {} }] }";
    lines.push(format!("change: [{{ at: 5m, world: {answers} }}]\n{all_is_well}"));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    table(
        &lines,
        expect![[r#"
            10:79 story this is no effect [list below `never` what must not be called]
            10:40 story nothing is expected here [`set: []` says that nothing was done]
            10:29 story nothing is said here [say what is expected, or leave it out]
            10:88 story `slack.message.post` has no argument `txt` [did you mean `text`?]
            10:29 story nothing is expected here [name an operation; `slack.*` stands for all of a tool]
            10:69 story `slack.*` has no argument `chanel` [did you mean `channel`?]
            10:29 story nothing is expected here [`calls: [{ operation: '*', times: 0 }]` says that nothing was called]
            10:63 story `*` has no argument `nowhere` [possible here, among others: note, oldest, query, row, users, body, event, flow, in_use, issue, key, label, labels, of, project, state]
            10:81 story `salesforce.case.reply` has no argument `statsu` [did you mean `status`?]
            10:29 story nothing is said here [say what is expected, or leave it out]
            10:29 story nothing is said here [say what is expected, or leave it out]
            10:40 story nothing is said here [say what is expected, or leave it out]
            10:29 story nothing is expected here [name a fact, or leave it out]
            10:49 story nothing is said here [`missing: true`, if it is not known]
            10:49 story nothing more can be said of what is not known [leave out `missing`, or all but it]
            10:49 story nothing more can be said of what is not known [leave out `missing`, or all but it]
            10:38 story the flow knows no `tel` [did you mean `tell`?]
            10:38 story the flow knows no `tier` [nothing can be named here]
            10:38 story this is about no fact [name one, for example `trigger.id`]
            10:29 story nothing is said here [say what is expected, or leave it out]
            10:40 story nothing is said here [say what is expected, or leave it out]
            10:48 story it is never less than that [say more, or give `at_most`]
            10:37 story it is never less than that [say more, or give `at_most`]
            10:78 story `text` is never like this [name a value, or leave it out]
            10:78 story `text` is never like this [name a value, or leave it out]
            10:29 story nothing is expected here [for example `spend: { calls: 3 }`]
            10:29 story nothing is expected here [for example `took: { at_most: 5m }`]
            10:41 story nothing is expected here [name a fact, or leave it out]
            10:1 story no way is named here [leave it out, or write `once`]
            10:60 story `slack.message.post` has no argument `txt` [did you mean `text`?]
        "#]],
    );
}

const TRIAGE: &str = "{ id: triage, decide: { question: Is it urgent?, facts: [trigger], evidence: 0, answer: { urgent: { flag: true } } } }";

#[test]
fn what_nobody_asks_for_shows_nothing() {
    let flow = FLOW.replace("{ id: pause, wait: 1h }", TRIAGE);
    let with = |model: &str, more: &str| {
        let model = format!("model: {{ triage: [{model}] }}\n");
        said_of(&format!("{STORY}{model}{more}\n"), &flow, 1)
    };
    let answer = "{ answer: { urgent: true, reasons: It is, confidence: 90, alternatives: [], evidence: [] } }";
    let expect = "expect: { state: completed }";
    let told = [
        with(&format!("{answer}, {answer}"), expect),
        with(answer, "expect: { state: completed, facts: { triage.urgnt: { missing: true } } }"),
        with(answer, "expect: { state: completed, facts: { has(triage.y): { is: false } } }"),
    ];
    expect![[r#"
        10:113 story nobody asked for this answer [leave it out, or see why the run did not come to it]
        11:38 story the answer of `triage` has no `urgnt` [did you mean `urgent`?]
        11:38 story the answer of `triage` has no `y` [possible here: urgent]
    "#]].assert_eq(&told.concat());
}

#[test]
fn what_the_flow_never_comes_to_is_a_slip_of_the_pen() {
    let expect = "expect: { state: completed }";
    let told = [
        format!("{STORY}events: [{{ topic: 'gitlba.pipelin:1' }}]\n{expect}\n"),
        STORY.replace("{ id: '1' }", "{ key: '1' }") + expect,
        STORY.replace("{ id: '1' } }", "{ id: '1' }, again: [{ at: 1m, payload: { key: 1 } }] }")
            + expect,
        STORY.replace("{ id: '1' } }", "{ id: '1' }, again: [{ at: 1m, payload: { id: '2' } }] }")
            + expect,
        STORY.replace("says: approve", "says: modify, changes: { txt: Done }") + expect,
    ];
    let told = told.map(|story| wrong(&story));
    expect![[r#"
        10:12 story nothing listens to `gitlba.pipelin` [did you mean `gitlab.pipeline`?]
        4:12 story the app would refuse this event: it says no `id` [give it the values that the flow's trigger names, or no run begins]
        4:42 story the app would refuse this event: it says no `id` [give it the values that the flow's trigger names, or no run begins]
        4:42 story this event starts a run of its own, and a story tells of one run [give it the values that `once_per` of the flow's trigger names]
        9:48 story what is held has no argument `txt` [did you mean `text`?]
    "#]].assert_eq(&told.concat());
    let passed = format!("{STORY}events: [{{ topic: 'gitlab.pipeline:1' }}]\n{expect}\n");
    assert_eq!(wrong_with(&passed, 0), "");
}

#[test]
fn a_story_whose_flow_is_not_there_is_named() {
    let output = tutti(&["test", "story.yaml"], &[("story.yaml", STORY)]);
    assert_eq!(output.status.code(), Some(2));
    expect![[r#"
        tutti: story.yaml: its flow cannot be read: flow.yaml: No such file or directory (os error 2)
    "#]].assert_eq(&String::from_utf8(output.stderr).unwrap());
}

#[test]
fn a_model_costs_no_less_than_nothing() {
    let flow = FLOW.replace("{ id: pause, wait: 1h }", TRIAGE);
    let story = STORY
        .replace("{ payload: { id: '1' } }", "{ payload: { id: '1', text: The shop is closed } }");
    let with = |model: &str| {
        said_of(
            &format!("{story}model: {{ triage: [{model}] }}\nexpect: {{ state: completed }}\n"),
            &flow,
            1,
        )
    };
    let answer =
        "answer: { urgent: true, reasons: It is, confidence: 90, alternatives: [], evidence: [] }";
    let told = [
        with(&format!("{{ {answer}, usd: -0.01 }}")),
        with(&format!("{{ {answer}, tokens: -5 }}")),
    ];
    expect![[r#"
        10:111 story nothing costs less than nothing [write 0, or more]
        10:111 story a whole number of at least 0 is needed here, not `-5` []
    "#]]
    .assert_eq(&told.concat());
}

#[test]
fn nothing_expected_is_expected_where_it_says_so() {
    for part in ["gaps: []", "calls: [{ operation: 'gitlab.*', times: 0 }]", "asked: [{}]"] {
        let story = format!("{STORY}expect: {{ state: completed, {part} }}\n");
        assert_eq!(wrong_with(&story, 0), "", "{part}");
    }
}

#[test]
fn who_was_not_asked_cannot_answer() {
    let people = |people: &str| {
        let story = STORY.replace("people: [{ who: dana, says: approve, step: reply }]", people);
        wrong(&format!("{story}expect: {{ state: completed }}\n"))
    };
    let told = [
        people("people: [{ who: eli, says: approve }]"),
        people("people: [{ who: eli, says: approve }, { who: dana, says: approve }]"),
        people("people: [{ who: dana, says: approve }, { who: dana, says: approve }]"),
    ];
    expect![[r#"
        9:10 people `eli` should be asked something, but the run was over after 3 h: Reply: refused: nobody answered in time [`dana` was asked, and nobody asked `eli`]
        9:10 people `eli` should be asked something, but the run was over after 1 h: everything was done [`dana` was asked, and nobody asked `eli`]
        9:40 people `dana` should be asked something, but the run was over after 1 h: everything was done []
    "#]].assert_eq(&told.concat());
}

#[test]
fn one_of_several_questions_is_answered_by_who_is_asked() {
    let ask = |id: &str, who: &str| {
        format!(
            "{id}: [{{ id: {id}, ask: {{ question: What, who: {who}, answer: {{ it: {{ text: 50 }} }}, within: 1h }} }}]"
        )
    };
    let flow = format!(
        "id: both\nname: Both\ntrigger: {{ webhook: salesforce.case, once_per: [id] }}\nsteps:\n  - {{ id: two, fork: {{ {}, {} }} }}\n",
        ask("a", "dana"),
        ask("b", "eli"),
    );
    let story = "story: Both answer\nflow: flow.yaml\nproject: PAY\ntrigger: { payload: { id: '1' } }\n\
                 people: [{ who: eli, says: answer, answer: { it: mine } }, { who: dana, says: answer, answer: { it: hers } }]\n\
                 expect: { state: completed, facts: { a.it: { is: hers }, b.it: { is: mine } } }\n";
    let output = tutti(&["test", "story.yaml"], &[("story.yaml", story), ("flow.yaml", &flow)]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "The story holds; it was played once.\n");
}

#[test]
fn a_file_that_cannot_be_read_keeps_no_other_from_being_played() {
    let story = format!("{STORY}expect: {{ state: completed }}\n");
    let files = [("a.yaml", story.as_str()), ("flow.yaml", FLOW)];
    for command in [&["test", "none.yaml", "a.yaml"][..], &["check", "none.yaml", "flow.yaml"]] {
        let output = tutti(command, &files);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains("story holds") || said.contains("flow is sound"), "{said}");
        assert!(String::from_utf8(output.stderr).unwrap().starts_with("tutti: none.yaml: "));
        let output = tutti(&[command, &["--json"]].concat(), &files);
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(said["unread"][0].as_str().unwrap().starts_with("none.yaml: "), "{said}");
    }
}

#[test]
fn programs_are_told_why_nothing_was_done() {
    for command in [
        &["run", "none.yaml", "--world", "story.yaml"][..],
        &["diff", "flow.yaml", "none.yaml"],
        &["diff", "flow.yaml", "list.yaml"],
        &["simulate", "none.yaml"],
    ] {
        let files = [("story.yaml", STORY), ("list.yaml", "- 1\n"), ("flow.yaml", FLOW)];
        let output = tutti(&[command, &["--json"]].concat(), &files);
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        let said: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(!said["error"]["message"].as_str().unwrap().is_empty(), "{command:?}");
    }
}

#[test]
fn what_steers_a_terminal_is_shown() {
    let steering = "\\e[31mred\\u202eder";
    let flow = FLOW.replace("name: Tell them", &format!("name: \"{steering}\""));
    let flow = flow.replace("text: News", &format!("text: \"{steering}\""));
    let story = format!("{STORY}expect: {{ state: completed, reason: \"{steering}\" }}\n");
    let files = [("story.yaml", story.as_str()), ("flow.yaml", &flow), ("old.yaml", FLOW)];
    for command in [
        &["run", "flow.yaml", "--world", "story.yaml"][..],
        &["diff", "old.yaml", "flow.yaml"],
        &["simulate", "flow.yaml", "--seeds", "3"],
        &["test", "story.yaml"],
    ] {
        let said = String::from_utf8(tutti(command, &files).stdout).unwrap();
        let shown =
            said.contains("\u{fffd}") || said.contains("\\u001b") || said.contains("U+001B");
        assert!(shown, "{command:?} {said}");
        assert!(!said.contains(['\u{1b}', '\u{202e}']), "{command:?} {said}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_cannot_be_written_is_an_error_and_no_panic() {
    use std::process::Stdio;

    let run = |out: Stdio| {
        let mut tutti = Command::new(env!("CARGO_BIN_EXE_tutti"));
        tutti.args(["schema", "flow"]).stdout(out).stderr(Stdio::piped()).output().unwrap()
    };
    let full = run(std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap().into());
    assert_eq!(full.status.code(), Some(2));
    let said = String::from_utf8(full.stderr).unwrap();
    assert!(said.starts_with("tutti: what there is to say cannot be written"), "{said}");
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let closed = run(writer.into());
    assert_eq!(closed.status.code(), Some(2));
    assert!(closed.stderr.is_empty(), "{}", String::from_utf8_lossy(&closed.stderr));
}

#[test]
fn a_story_is_like_another_but_for_what_it_says() {
    let own = "story: Nobody is told\nlike: base.yaml\nworld: { slack.message.post: [{ fails: not_found }] }\npeople: []\nexpect: { state: failed, reason: not found }\n";
    let files = [("flow.yaml", FLOW), ("base.yaml", STORY), ("story.yaml", own)];
    let output = tutti(&["test", "story.yaml"], &files);
    let said = String::from_utf8(output.stdout).unwrap();
    assert_eq!(said, "The story holds; it was played once.\n");
    let twice = [("base.yaml", "like: story.yaml"), ("story.yaml", own)];
    let output = tutti(&["test", "story.yaml"], &twice);
    assert!(String::from_utf8(output.stdout).unwrap().contains("is itself like another story"));
}

#[test]
fn a_story_that_is_too_large_is_not_read_on() {
    let mut text = STORY.to_owned();
    text.extend(std::iter::repeat_n('#', 10 * 1024 * 1024));
    assert_eq!(wrong(&text), "1:1 too_large a story can have 1024 KB [split it]\n");
}

#[test]
fn a_flow_that_is_not_sound_is_named() {
    let story = format!("{STORY}expect: {{ state: completed }}\n");
    let flow = FLOW.replace("wait: 1h", "wait: soon");
    let output = tutti(&["test", "story.yaml"], &[("story.yaml", &story), ("flow.yaml", &flow)]);
    expect![[r#"
        error: flow.yaml cannot be run: this is no length of time
         --> story.yaml:2:1
          |
        2 | flow: flow.yaml
          | ^^^^ flow
          |
          = help: `tutti check flow.yaml` shows it

        The story does not hold.
    "#]]
    .assert_eq(&String::from_utf8(output.stdout).unwrap());
}

#[test]
fn a_dry_run_is_told_as_people_would_see_it() {
    let files = [("story.yaml", STORY), ("flow.yaml", FLOW)];
    let output = tutti(&["run", "flow.yaml", "--world", "story.yaml"], &files);
    assert_eq!(output.status.code(), Some(0));
    expect![[r#"
        Tell them, started by salesforce.case

        2026-03-10 09:00:00  Tell — Post a message to a channel
        2026-03-10 10:00:00  Asked for approval — Reply
        2026-03-10 10:00:00  Dana approved it — Reply
        2026-03-10 10:00:00  Reply — Answer the customer on a case and set its status, both or neither
        2026-03-10 10:00:00  Finished — everything was done

        It is completed: everything was done.
        It made 4 calls and used 0 tokens.

        Effects
          slack.message.post {"channel":"C-TEAM","text":"News"}
          salesforce.case.reply {"id":"5","status":"Solved","text":"Fixed"}

        Questions
          dana: Reply
    "#]].assert_eq(&String::from_utf8(output.stdout).unwrap());
    let output = tutti(&["run", "flow.yaml", "--world", "story.yaml", "--json"], &files);
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["run"]["state"], "completed");
    assert_eq!(said["effects"].as_array().unwrap().len(), 2);
    let lacking = STORY.replace("slack.message.post", "slack.message.update");
    let files = [("story.yaml", lacking.as_str()), ("flow.yaml", FLOW)];
    let output = tutti(&["run", "flow.yaml", "--world", "story.yaml"], &files);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stdout).unwrap().contains("add below `world:`"));
}

#[test]
fn two_versions_of_a_flow_are_compared_in_words() {
    let changed =
        FLOW.replace("wait: 1h", "wait: 2h").replace("slack.message.post", "slack.message.update");
    let files = [("a.yaml", FLOW), ("b.yaml", changed.as_str())];
    let output = tutti(&["diff", "a.yaml", "b.yaml"], &files);
    assert_eq!(output.status.code(), Some(1));
    expect![[r#"
        the step `tell` now uses slack.message.update instead of slack.message.post
        the step `pause` now waits 2h instead of 1h
    "#]]
    .assert_eq(&String::from_utf8(output.stdout).unwrap());
    let output = tutti(&["diff", "a.yaml", "a.yaml", "--json"], &files);
    assert_eq!(output.status.code(), Some(0));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(said["differences"].as_array().unwrap().len(), 0);
}

#[test]
fn what_cannot_be_done_ends_with_two() {
    for arguments in [
        &["test", "none.yaml"][..],
        &["test"],
        &["run", "flow.yaml"],
        &["run", "none.yaml", "--world", "story.yaml"],
        &["diff", "flow.yaml", "none.yaml"],
        &["schema", "house"],
    ] {
        let output = tutti(arguments, &[("story.yaml", STORY), ("flow.yaml", FLOW)]);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(!output.stderr.is_empty(), "{arguments:?}");
    }
}

#[test]
fn why_a_flow_cannot_be_run_is_its_first_error() {
    let flow = FLOW.replace("id: pause, wait: 1h", "id: a-pause, set: { v: '${nope}' }");
    let files = [("world.yaml", STORY), ("flow.yaml", flow.as_str())];
    let output = tutti(&["run", "flow.yaml", "--world", "world.yaml"], &files);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("cannot be run: `nope` is not known here"), "{said}");
}

#[test]
fn a_word_that_does_not_fit_what_is_asked_is_not_said() {
    let stuck = STORY.replace("gives: { channel: C-TEAM, ts: '1.1' }", "fails: unauthorized");
    let story = stuck.replace("says: approve, step: reply", "says: happened, step: tell");
    expect![[r#"
        9:10 people `dana` should be asked about `tell`, but it was waiting person: reconnect Slack []
    "#]].assert_eq(&wrong(&format!("{story}until: 2h\nexpect: {{ state: failed }}\n")));
}
