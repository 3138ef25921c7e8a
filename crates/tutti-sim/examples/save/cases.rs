//! What a run can be at when it is stored, each with how it came there and how it went on.

use serde_json::{Map, Value, json};
use tutti_core::event::{Brake, Event, Said, Way};
use tutti_core::failure::Failure;
use tutti_sim::toys::{Fault, Toys};
use tutti_sim::{Broken, Driver, Stopped};

type Run = Driver<Toys>;
type Played = Result<(), Broken>;

/// One run to store.
pub struct Case {
    pub name: &'static str,
    pub about: &'static str,
    pub steps: fn() -> Value,
    /// What happens until it is stored.
    pub before: fn(&mut Run) -> Played,
    /// What happens then.
    pub then: fn(&mut Run) -> Played,
}

/// How long a worker's hold lasts after its death, in milliseconds.
const LEASE_MS: i64 = 300_000;

pub const CASES: &[Case] = &[
    Case {
        name: "not-begun",
        about: "It was triggered, and no worker took it up.",
        steps: || json!([order("tea")]),
        before: |_| Ok(()),
        then: Run::go,
    },
    Case {
        name: "in-flight",
        about: "Writes of three classes and a read are on their way, and their worker is gone.",
        steps: || {
            let thing = json!({"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}});
            json!([
                {"id": "all", "fork": {
                    "keyed": [order("tea")], "probed": [note()], "idempotent": [link()],
                    "read": [thing],
                }},
                order("cup"),
            ])
        },
        before: |run| dies(run, 2),
        then: later,
    },
    Case {
        name: "looked-for",
        about: "A write got no answer and was not found; it is looked for once more.",
        steps: || json!([note(), order("tea")]),
        before: |run| {
            run.outside.fault("toy.note.add", [Fault::Instead(Failure::Timeout)]);
            run.hold(None)?;
            run.now += 2_000;
            run.hold(None).map(|_| ())
        },
        then: Run::go,
    },
    Case {
        name: "in-doubt",
        about: "Nobody knows whether an unsafe write happened, and a person is asked.",
        steps: || json!([mail(), order("tea")]),
        before: |run| {
            run.outside.fault("toy.mail.send", [Fault::Afterwards(Failure::Timeout)]);
            run.go()
        },
        then: |run| resolve(run, Way::Happened),
    },
    Case {
        name: "retrying",
        about: "The other side was down; the write is tried again in a moment.",
        steps: || json!([order("tea")]),
        before: |run| {
            let down = || Fault::Instead(Failure::Unavailable { status: 503 });
            run.outside.fault("toy.order.place", [down(), down()]);
            run.hold(None).map(|_| ())
        },
        then: Run::go,
    },
    Case {
        name: "stuck",
        about: "The credentials were refused; somebody must reconnect the tool.",
        steps: || json!([order("tea")]),
        before: |run| {
            run.outside.fault("toy.order.place", [Fault::Instead(Failure::Unauthorized)]);
            run.go()
        },
        then: |run| run.signal("renewed", "connection.renewed:toy", json!({"by": "Jonas"})),
    },
    Case {
        name: "approval",
        about: "A letter waits for a person's yes.",
        steps: || json!([letter(), order("tea")]),
        before: Run::go,
        then: |run| approved(run),
    },
    Case {
        name: "letters",
        about: "The yes was given, and no worker has folded it yet.",
        steps: || json!([letter(), order("tea")]),
        before: |run| {
            run.go()?;
            yes(run).into_iter().for_each(|yes| run.post(yes));
            Ok(())
        },
        then: Run::go,
    },
    Case {
        name: "rejected",
        about: "A decision with evidence was made, and what came of it waits for a yes.",
        steps: || {
            json!([
                {"id": "thing", "call": "toy.thing.get", "with": {"id": "t1"}},
                {"id": "pick", "decide": {
                    "question": "Which?", "facts": ["thing"], "evidence": 1,
                    "answer": {"way": {"one_of": ["up", "down"]}}}},
                {"id": "route", "switch": [
                    {"when": "pick.way == 'up'", "do": [
                        {"id": "letter", "call": "toy.letter.send",
                         "with": {"to": "t1", "text": "${thing.text}"},
                         "catch": [{"on": ["refused"], "do": [order("tea")]}]}]},
                    {"unknown": true, "do": []},
                ]},
            ])
        },
        before: |run| {
            let quote = json!({"sourceId": "thing", "quote": "words of a customer"});
            run.outside.answer(json!({"way": "up", "evidence": [quote]}));
            run.go()
        },
        then: |run| {
            let card = run.view().approvals.into_iter().next();
            let no = card.map(|card| Said::Reject {
                effect: card.effect,
                payload_hash: card.payload_hash,
                reason: "not now".to_owned(),
            });
            no.map_or(Ok(()), |no| run.say("admin", no))
        },
    },
    Case {
        name: "recall",
        about: "A write is held for ten minutes, in which it can be recalled.",
        steps: || {
            json!([{"id": "tea", "call": "toy.order.place", "with": {"what": "tea"},
                    "autonomy": "act_with_recall"}])
        },
        before: Run::go,
        then: Run::sleep,
    },
    Case {
        name: "question",
        about: "A person is asked for what only a person knows.",
        steps: || {
            json!([
                {"id": "place", "ask": {
                    "question": "Where?", "who": "dana", "within": "4h",
                    "answer": {"place": {"one_of": ["prod", "staging"]}}}},
                order("${place.place}"),
            ])
        },
        before: Run::go,
        then: |run| {
            let question = question(run);
            let answer = Map::from_iter([("place".to_owned(), json!("prod"))]);
            run.say("dana", Said::Answer { question, answer })
        },
    },
    Case {
        name: "listening",
        about: "It waits to hear of a job.",
        steps: || json!([job("1h"), order("tea")]),
        before: Run::go,
        then: job_done,
    },
    Case {
        name: "long",
        about: "It has looked at a job so often that parts of its journal are sealed.",
        steps: || json!([job("20d"), order("tea")]),
        before: |run| {
            run.go()?;
            (0..60).try_for_each(|_| run.sleep())
        },
        then: job_done,
    },
    Case {
        name: "waiting",
        about: "It lets an hour pass.",
        steps: || json!([{"id": "rest", "wait": "1h"}, order("tea")]),
        before: Run::go,
        then: Run::sleep,
    },
    Case {
        name: "held",
        about: "It was paused between two writes.",
        steps: || json!([order("tea"), {"id": "rest", "wait": "1h"}, order("cup")]),
        before: |run| {
            run.go()?;
            let reason = "lunch".to_owned();
            run.say("dana", Said::hold(Brake::Pause, reason))
        },
        then: |run| {
            run.now += 1_800_000;
            run.say("dana", Said::Resume { brake: Brake::Pause })?;
            run.sleep()
        },
    },
    Case {
        name: "loop",
        about: "It is in the middle of a loop that handles two items at once.",
        steps: || {
            json!([{"id": "each", "for": {
                "each": "item", "in": "['a', 'b', 'c']", "limit": 5, "at_once": 2,
                "do": [order("${item}"), {"id": "rest", "wait": "1m"}, note()],
                "collect": "${item}"}}])
        },
        before: Run::go,
        then: |run| {
            run.sleep()?;
            run.sleep()
        },
    },
    Case {
        name: "fork",
        about: "Of three branches one is done, one waits for a yes and one for a job; two are needed.",
        steps: || {
            json!([
                {"id": "two", "join": 2, "fork": {
                    "done": [order("tea")], "asks": [letter()], "hears": [job("1h")]}},
                order("cup"),
            ])
        },
        before: Run::go,
        then: |run| approved(run),
    },
    Case {
        name: "sub-flow",
        about: "It runs another flow and waits for its end.",
        steps: || {
            json!([
                {"id": "notify", "run": {
                    "flow": "notify", "with": {"case": "${trigger.id}"}, "within": "2h"}},
                order("${notify.told}"),
            ])
        },
        before: |run| {
            let child = json!({"over": false, "done": false, "reason": "at work", "output": {}});
            run.outside.children.insert("child".to_owned(), child);
            run.go()
        },
        then: |run| {
            let child = json!({"over": true, "done": true, "reason": "", "output": {"told": "3"}});
            run.outside.children.insert("child".to_owned(), child);
            run.signal("end", "tutti.run:child", json!({}))
        },
    },
    Case {
        name: "other-path",
        about: "A step failed, and what is done in its place waits for a while.",
        steps: || {
            json!([
                {"id": "first", "try": [
                    {"id": "stop", "raise": {"error": "nobody", "message": "Nobody is there."}}],
                 "catch": [{"on": ["nobody"], "do": [
                    {"id": "rest", "wait": "1h"}, order("tea")]}]},
                {"id": "cup", "call": "toy.thing.get", "with": {"id": "none"},
                 "catch": [{"on": ["not_found"], "gap": "no cup"}]},
            ])
        },
        before: Run::go,
        then: Run::sleep,
    },
    Case {
        name: "undoing",
        about: "It is over, and while it was being undone its worker died.",
        steps: || json!([note(), flag()]),
        before: |run| {
            run.go()?;
            let answer = undo();
            let (account, name) = ("dana".to_owned(), "Dana".to_owned());
            let letter = Event::Said { id: "Dana undoes it".to_owned(), account, name, answer };
            run.post(letter);
            dies(run, 4)
        },
        then: later,
    },
    Case {
        name: "over-then-undone",
        about: "It is over; one of its writes was changed by somebody since.",
        steps: || {
            let set = json!({"id": "t1", "text": "ours"});
            json!([note(), {"id": "set", "call": "toy.thing.set", "with": set}])
        },
        before: |run| {
            run.go()?;
            let text = run.outside.things.get_mut("t1").and_then(|thing| thing.get_mut("text"));
            text.into_iter().for_each(|text| *text = json!("somebody else's"));
            Ok(())
        },
        then: |run| run.say("dana", undo()),
    },
    Case {
        name: "over-then-again",
        about: "It failed, and is run once more from the step that did.",
        steps: || json!([order("tea"), {"id": "thing", "call": "toy.thing.get", "with": {"id": "t2"}}]),
        before: Run::go,
        then: |run| {
            run.outside.things.insert("t2".to_owned(), json!({"id": "t2"}));
            let reason = "it is there now".to_owned();
            run.say("dana", Said::Rerun { step: "thing".to_owned(), reason, seen: None })
        },
    },
];

fn order(what: &str) -> Value {
    let id = if what.starts_with('$') { "order" } else { what };
    json!({"id": id, "call": "toy.order.place", "with": {"what": what}})
}

fn note() -> Value {
    json!({"id": "note", "call": "toy.note.add", "with": {"on": "t1", "text": "hi"}})
}

fn link() -> Value {
    json!({"id": "link", "call": "toy.link.put", "with": {"to": "x"}})
}

fn flag() -> Value {
    json!({"id": "flag", "call": "toy.flag.set", "with": {"name": "f", "value": 1}})
}

fn mail() -> Value {
    json!({"id": "mail", "call": "toy.mail.send", "with": {"to": "t1", "text": "hi"}})
}

fn letter() -> Value {
    json!({"id": "letter", "call": "toy.letter.send", "with": {"to": "t1", "text": "hello"}})
}

fn job(within: &str) -> Value {
    json!({"id": "wait", "listen": {
        "to": [{"event": "toy.job", "key": "j1"}],
        "read": {"job": {"use": "toy.job.get", "with": {"id": "j1"}}},
        "until": "job.status == 'done'", "poll": "5m", "within": within}})
}

fn undo() -> Said {
    Said::Undo { effects: Vec::new(), reason: "wrong customer".to_owned() }
}

/// The worker dies so many boundaries from here; its hold lasts on.
fn dies(run: &mut Run, boundaries: usize) -> Played {
    run.mischief.kill_at = Some(run.boundaries + boundaries);
    match run.work(None) {
        Err(Stopped::Broken(broken)) => Err(broken),
        Err(Stopped::Killed | Stopped::Taken) | Ok(()) => Ok(()),
    }
}

/// Another worker takes over once the hold of the dead one is over.
fn later(run: &mut Run) -> Played {
    run.now += LEASE_MS;
    run.go()
}

/// Yes to what is asked first, as a letter.
fn yes(run: &Run) -> Option<Event> {
    let card = run.view().approvals.into_iter().next()?;
    let answer = Said::Approve { effect: card.effect, payload_hash: card.payload_hash };
    let (account, name) = ("admin".to_owned(), "Admin".to_owned());
    Some(Event::Said { id: "Admin agrees".to_owned(), account, name, answer })
}

fn approved(run: &mut Run) -> Played {
    run.approve("admin").map(|_| ())
}

fn question(run: &Run) -> String {
    run.view().questions.into_iter().next().map(|asked| asked.id).unwrap_or_default()
}

fn resolve(run: &mut Run, way: Way) -> Played {
    let question = question(run);
    run.say("admin", Said::Resolve { question, way, reason: "I looked".to_owned() })
}

fn job_done(run: &mut Run) -> Played {
    run.outside.jobs.insert("j1".to_owned(), json!({"id": "j1", "status": "done"}));
    run.signal("done", "toy.job:j1", json!({}))
}
