//! A replayed run as people read it: where it stands, what happened, what is known.

use std::time::{Duration, UNIX_EPOCH};

use tutti_core::view::{Entry, RunState, StepState};

use super::{Replayed, WhatIf};
use crate::told::say;

/// The most characters of a fact's value that are shown.
const VALUE_CHARS_MAX: usize = 160;
/// How many characters of a hash tell it from others.
const HASH_CHARS: usize = 16;
/// Milliseconds since 1970 that are no date with four digits any more.
const YEAR_10000: i64 = 253_402_300_800_000;

/// Says it all.
pub(super) fn tell(replayed: &Replayed) {
    let Replayed { run, project, events, .. } = replayed;
    say(format!("{} · {} · flow version {} · {project}", run.name, run.id, run.flow_version));
    let (head, hash) = (short(&replayed.head), short(&replayed.state_hash));
    match &replayed.fork {
        None => say(format!("Verified: {events} events chain up to {head}; the state is {hash}")),
        Some(_) => say(format!("Verified: {events} events chain up to {head}")),
    }
    replayed.remarks.iter().for_each(|remark| say(format!("Note: {remark}")));
    if let Some(what_if) = &replayed.fork {
        fork(what_if, replayed.at);
    }
    say("");
    let reason = if run.reason.is_empty() { String::new() } else { format!(", {}", run.reason) };
    let when = moment(replayed.now);
    say(format!("At event {} of {events}, {when} UTC: {}{reason}", replayed.at, state(run.state)));

    heading("Timeline", run.timeline.is_empty());
    run.timeline.iter().for_each(entry);
    heading("Asked", run.approvals.is_empty());
    for asked in &run.approvals {
        say(format!("  {}: {} is asked. {}", asked.title, asked.approver, asked.why));
    }
    heading("Not reached yet", run.planned.is_empty());
    run.planned.iter().for_each(|planned| say(format!("  {}", planned.title)));
    heading("Gaps", run.gaps.is_empty());
    run.gaps.iter().for_each(|gap| say(format!("  {gap}")));
    heading("Facts", replayed.facts.is_empty());
    for (name, fact) in &replayed.facts {
        say(format!("  {name} · {}", fact.source));
        say(format!("    {}", cut(&fact.value.to_string())));
    }
}

fn fork(what_if: &WhatIf, at: u64) {
    heading("What if", false);
    what_if.differences.iter().for_each(|difference| say(format!("  {}", difference.text)));
    if let Some(ends) = &what_if.ends {
        say(format!("  Known up to event {at}: {ends}"));
    }
}

fn entry(entry: &Entry) {
    let sign = match entry.state {
        StepState::Done => '✓',
        StepState::Adapted => '↷',
        StepState::Waiting => '…',
        StepState::Failed => '✗',
        StepState::Planned | StepState::Running | StepState::Skipped => '▸',
    };
    let detail =
        if entry.detail.is_empty() { String::new() } else { format!(" · {}", entry.detail) };
    say(format!("  {:>4} {} {sign} {}{detail}", entry.seq, moment(entry.at), entry.text));
    if let Some(adapted) = &entry.adapted {
        say(format!("       {adapted}"));
    }
    if let Some(decided) = &entry.decided {
        say(format!("       by {}: {}", decided.by, decided.answer));
        decided.raised.iter().for_each(|raised| say(format!("       raised {raised}")));
    }
    if let Some(did) = &entry.did {
        say(format!("       {} · {}", did.operation, did.effect_key));
    }
}

fn heading(title: &str, is_empty: bool) {
    if !is_empty {
        say(format!("\n{title}"));
    }
}

/// `10 Mar 2026 09:00:00`, in UTC.
fn moment(at: i64) -> String {
    let since = u64::try_from(at).ok().filter(|_| at < YEAR_10000);
    let date = since.and_then(|ms| UNIX_EPOCH.checked_add(Duration::from_millis(ms)));
    let date = date.map(httpdate::fmt_http_date);
    // `Tue, 10 Mar 2026 09:00:00 GMT` without the day of the week and the zone.
    date.and_then(|date| date.get(5..25).map(str::to_owned)).unwrap_or_else(|| format!("{at} ms"))
}

fn state(state: RunState) -> String {
    serde_json::json!(state).as_str().unwrap_or_default().replace('_', " ")
}

fn short(hash: &str) -> &str {
    hash.get(..HASH_CHARS).unwrap_or(hash)
}

fn cut(text: &str) -> String {
    if text.chars().count() <= VALUE_CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(VALUE_CHARS_MAX).chain(['…']).collect()
}
