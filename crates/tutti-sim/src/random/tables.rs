//! Tables: every way a run and an effect may move, to be read beside DESIGN §4. What was seen moving
//! is held against them, and they against what was seen.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::arrows::{Arrow, HEARD};

/// How a run moves: from where and why, to where. `~` marks what is legal and so seldom that many
/// seeds need not meet it. `over` is a run that stays as it ended; `any deadline` is the end of a
/// run's time, which may be noticed at any event, as may be that a wait is over; `person` is
/// whatever a person answers.
const RUN: &str = "
running started: running
running answered: running waiting-person waiting-outside completed completed-with-gaps failed ~cancelled
running person: running ~waiting-person ~waiting-outside ~failed ~completed ~completed-with-gaps
running signal: running ~waiting-person ~waiting-outside ~completed ~completed-with-gaps ~failed
running woke: running ~waiting-person ~waiting-outside ~completed ~completed-with-gaps ~failed
running resumed: running waiting-person ~waiting-outside ~completed ~completed-with-gaps ~failed ~cancelled
running gave-up: failed ~running ~completed ~completed-with-gaps ~cancelled
waiting-person answered: waiting-person ~running ~waiting-outside ~completed ~completed-with-gaps ~failed
waiting-person person: running waiting-person waiting-outside completed completed-with-gaps failed
waiting-person signal: running waiting-person ~waiting-outside ~completed ~completed-with-gaps ~failed
waiting-person woke: running waiting-person waiting-outside completed completed-with-gaps failed
waiting-person gave-up: failed ~running ~completed ~completed-with-gaps ~cancelled
waiting-outside answered: waiting-outside ~running ~waiting-person ~completed ~completed-with-gaps ~failed
waiting-outside person: running waiting-person waiting-outside completed completed-with-gaps failed
waiting-outside signal: running waiting-outside ~waiting-person ~completed ~completed-with-gaps ~failed
waiting-outside woke: running waiting-person waiting-outside completed completed-with-gaps failed
waiting-outside gave-up: failed ~running ~completed ~completed-with-gaps ~cancelled
any deadline: failed

running hold: held ~running
waiting-person hold: held waiting-person ~running ~waiting-outside ~completed ~completed-with-gaps ~failed
waiting-outside hold: held waiting-outside ~running ~waiting-person ~completed ~completed-with-gaps ~failed
held answered: ~held
held person: held
held signal: held
held woke: held
held resumed: ~held
held hold: held
held gave-up: failed ~held ~running ~completed ~completed-with-gaps ~cancelled
held resume: held running waiting-person waiting-outside failed ~completed ~completed-with-gaps ~cancelled
running resume: running ~waiting-person ~waiting-outside
waiting-person resume: waiting-person ~running ~waiting-outside ~completed ~completed-with-gaps ~failed
waiting-outside resume: waiting-outside ~running ~waiting-person ~completed ~completed-with-gaps ~failed

running cancel: cancelled ~running ~completed ~completed-with-gaps ~failed
waiting-person cancel: cancelled ~waiting-person ~running ~completed ~completed-with-gaps ~failed
waiting-outside cancel: cancelled ~waiting-outside ~running ~completed ~completed-with-gaps ~failed
held cancel: cancelled ~held ~running ~completed ~completed-with-gaps ~failed

over answered: over completed-with-gaps ~completed ~running ~held
over person: over
over signal: over
over hold: over
over resume: over
over cancel: over
over resumed: over ~completed-with-gaps
over undo: over running ~held ~waiting-outside
over rerun: over running waiting-person waiting-outside ~held ~completed ~completed-with-gaps ~failed
running undo: ~running
running rerun: running
waiting-person undo: ~waiting-person ~running ~waiting-outside ~completed ~completed-with-gaps ~failed
waiting-person rerun: ~waiting-person ~running ~waiting-outside ~completed ~completed-with-gaps ~failed
waiting-outside undo: ~waiting-outside ~running ~waiting-person ~completed ~completed-with-gaps ~failed
waiting-outside rerun: ~waiting-outside ~running ~waiting-person ~completed ~completed-with-gaps ~failed
held undo: ~held
held rerun: ~held
";

/// How an effect moves, in the words of `Run::effects`. Outcomes are told by what can be done about
/// them: `passing` goes by itself, `in-doubt` may have happened, `lasting` stays as it is. At
/// `any no-budget` there was no room for a call; at `over_budget` a question cost more than its part.
const EFFECT: &str = "
new begins: reading leaving held recallable refused failed stuck probing ~unknown asking to-ask decided undecided asked answered ~unanswered
reading ok: leaving held recallable refused ~confirmed ~failed stuck ~unknown
reading passing: to-read failed ~stuck ~unknown
reading in-doubt: to-read failed ~stuck ~unknown
reading lasting: leaving held recallable ~refused failed stuck ~unknown
to-read time: reading
held approve: checking recallable leaving
held modify: checking ~recallable leaving
held reject: refused stuck ~unknown
held dropped: ~unknown
held time: refused ~stuck
held unsuited: held
checking ok: leaving held recallable ~refused ~stuck ~unknown
checking passing: to-check ~failed ~stuck ~unknown
checking in-doubt: to-check failed ~stuck ~unknown
checking lasting: leaving ~held recallable ~refused failed ~stuck ~unknown
to-check time: checking leaving ~recallable
recallable time: checking leaving
recallable now: checking leaving
recallable recall: refused stuck ~unknown
recallable unsuited: ~recallable
recallable dropped: ~unknown
leaving ok: confirmed
leaving passing: to-leave to-check failed ~refused ~stuck ~unknown
leaving in-doubt: to-leave to-probe probing failed stuck unknown
leaving lasting: reading failed stuck unknown
leaving worker-lost: probing reading ~leaving stuck unknown ~overtaken
leaving dropped: overtaken ~unknown
leaving let-go: ~reading
to-leave time: leaving reading
to-leave dropped: ~unknown
to-check dropped: ~unknown
to-read dropped: ~unknown
reading dropped: ~unknown
checking dropped: ~unknown
probing ok: confirmed to-probe to-leave ~to-check checking leaving ~reading ~held ~recallable ~refused ~failed ~stuck ~unknown
probing passing: to-probe ~failed ~stuck ~unknown
probing in-doubt: to-probe ~failed ~stuck ~unknown
probing lasting: ~failed stuck unknown
to-probe time: probing
probing dropped: ~unknown
to-probe dropped: ~unknown
overtaken ok: overtaken
overtaken passing: ~overtaken
overtaken in-doubt: ~overtaken
overtaken lasting: ~overtaken
overtaken refused: ~overtaken
stuck again: leaving reading stuck ~probing ~held ~recallable ~refused ~failed ~unknown
stuck chosen: confirmed failed ~leaving ~reading ~probing ~held ~recallable ~stuck ~refused
stuck happened: ~confirmed
stuck without: confirmed
stuck renewed: leaving reading ~probing ~checking ~asking ~decided ~held ~recallable ~stuck ~refused ~failed ~unknown
stuck stop: failed ~refused ~unknown
refused asked-about: ~stuck
failed asked-about: ~stuck
unknown asked-about: ~stuck
unknown dropped: ~failed ~refused
asking ok: decided asking ~to-ask undecided ~asked
asking over_budget: asking ~to-ask ~decided ~undecided ~asked
asking passing: to-ask decided ~undecided ~asked
asking in-doubt: to-ask ~decided undecided ~asked
asking lasting: decided undecided ~asked
to-ask time: asking ~to-ask ~decided ~undecided ~asked
asked answer: answered
asked unsuited: asked
asked time: unanswered
any no-budget: failed decided ~stuck ~undecided ~unknown ~asked ~refused
";

/// Which events a run hears in which state.
const EVENTS: &str = "
running: started answered approve modify reject answer resolve signal woke resumed gave-up hold ~resume cancel ~undo rerun
waiting-person: answered approve modify reject answer resolve signal woke gave-up hold resume cancel ~undo ~rerun ~resumed
waiting-outside: answered approve modify ~reject answer resolve signal woke gave-up hold resume cancel ~undo ~rerun ~resumed
held: ~answered approve modify reject ~answer resolve signal woke ~resumed gave-up hold resume cancel ~undo ~rerun
over: answered approve modify reject answer resolve signal resumed hold resume cancel undo rerun
";

/// Which outcomes an effect can have where.
const OUTCOMES: &str = "
asking: ok timeout unreachable unavailable malformed rate_limited unauthorized forbidden not_found conflict rejected
reading: ok timeout unreachable unavailable malformed rate_limited unauthorized forbidden not_found conflict rejected
checking: ok timeout unreachable unavailable malformed rate_limited unauthorized forbidden not_found conflict rejected
leaving: ok timeout unreachable unavailable malformed rate_limited unauthorized forbidden not_found conflict rejected
probing: ok timeout unreachable unavailable malformed rate_limited unauthorized forbidden not_found conflict rejected
overtaken: ok ~timeout ~unreachable ~unavailable ~malformed ~rate_limited ~unauthorized ~forbidden ~not_found ~conflict ~rejected
";

/// The tables as arrows.
static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables::default();
    for (what, table) in [("run", RUN), ("effect", EFFECT)] {
        for (left, to) in rows(table) {
            let (from, why) = left.split_once(' ').unwrap_or((left, ""));
            tables.add(what, from, why, to);
        }
    }
    for (what, table) in [("run", EVENTS), ("effect", OUTCOMES)] {
        for (from, why) in rows(table) {
            tables.heard(what, from, why);
        }
    }
    tables
});

/// Every cell of a table with what stands before its row.
fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let rows = table.lines().filter_map(|line| line.split_once(": "));
    rows.flat_map(|(left, cells)| cells.split(' ').map(move |cell| (left, cell)))
}

#[derive(Default)]
struct Tables {
    legal: BTreeSet<Arrow>,
    expected: BTreeSet<Arrow>,
}

impl Tables {
    fn add(&mut self, what: &'static str, from: &'static str, why: &'static str, to: &'static str) {
        let arrow = Arrow::new(what, from, why, to.trim_start_matches('~'));
        self.legal.insert(arrow);
        if !to.starts_with('~') {
            self.expected.insert(arrow);
        }
    }

    fn heard(&mut self, what: &'static str, from: &'static str, why: &'static str) {
        let arrow = Arrow::new(what, from, why.trim_start_matches('~'), HEARD);
        self.legal.insert(arrow);
        if !why.starts_with('~') {
            self.expected.insert(arrow);
        }
    }
}

/// Arrows that many seeds must meet.
pub(super) fn expected() -> &'static BTreeSet<Arrow> {
    &TABLES.expected
}

pub(super) fn is_legal(arrow: &Arrow) -> bool {
    TABLES.legal.contains(arrow)
}
