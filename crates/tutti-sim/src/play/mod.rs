//! Playing a story: once for each way in which things can go wrong that it names, each time until
//! the run is over, and judged at the end.

mod calendar;
mod fits;
mod judge;
mod model;
mod outside;
mod player;
mod question;
mod told;
mod trace;

use serde::Serialize;
use tutti_core::flow::Flow;
use tutti_core::run::Run;
use tutti_core::view::RunView;

pub use self::calendar::has_zone;
pub use self::fits::is_like;
pub(crate) use self::outside::Scripted;
pub use self::outside::{Sent, step_of};
pub(crate) use self::player::lacks;
pub use self::question::Question;
pub use self::told::{line, moment};

use self::player::{Player, Stop};
use crate::Broken;
use crate::story::{Crashes, Deliveries, Story};

/// How many lines of the timeline are told before a difference.
const LINES: usize = 3;

/// The first thing that is not as a story says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Difference {
    /// JSON pointer into the story.
    pub at: String,
    /// A stable name of what is judged: `state`, `effects`, `unscripted`, `promise`.
    pub code: &'static str,
    /// What was expected and what happened, in one sentence.
    pub message: String,
    /// What to do about it; may be empty.
    pub hint: String,
    /// When it was seen, on the story's clock.
    pub moment: String,
    /// The same, in milliseconds since 1970.
    pub at_ms: i64,
    /// The lines of the timeline just before.
    pub before: Vec<String>,
    /// What went wrong around the run in this play; empty if nothing did.
    pub variation: String,
}

/// What goes wrong around the run in one play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variation {
    /// How answers come back.
    pub deliveries: Deliveries,
    /// The boundary at which the worker dies.
    pub kill_at: Option<usize>,
    /// The commit before which another worker takes the run.
    pub taken_at: Option<usize>,
}

/// What came of one play.
pub struct Played {
    /// What people see in the end.
    pub view: RunView,
    /// The run in the end.
    pub run: Run,
    /// All that was sent to the world, in order.
    pub sent: Vec<Sent>,
    /// The writes that were done, each once.
    pub effects: Vec<Sent>,
    /// Every question that was asked, in order.
    pub asked: Vec<Question>,
    /// When it ended.
    pub now: i64,
    /// How many boundaries there were at which the worker could die.
    pub boundaries: usize,
    /// How many commits there were before which another worker could take it.
    pub commits: usize,
    /// Where the first answer of the model stands that it never gave.
    pub unused: Option<String>,
    /// The first thing that is not as the story says, what it expects left aside.
    pub difference: Option<Difference>,
}

/// Plays a story in all the ways it names, and stops at the first that differs. `progress` is told
/// how many plays are over and how many there are.
///
/// # Errors
/// The first difference.
pub fn play(
    story: &Story,
    flow: &Flow,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<usize, Box<Difference>> {
    let mut over = 0;
    for deliveries in &story.deliveries {
        let plain = Variation { deliveries: *deliveries, ..Variation::PLAIN };
        let played = judged(story, flow, plain)?;
        let moments = [
            ("crashes", &story.crashes, played.boundaries),
            ("takeovers", &story.takeovers, played.commits),
        ];
        for (key, named, all) in moments {
            if let Some(mut beyond) = never_comes(key, named, all, played.now) {
                beyond.variation = plain.told();
                return Err(Box::new(beyond));
            }
        }
        let crashes = story.crashes.of(played.boundaries);
        let crashes = crashes.into_iter().map(|at| Variation { kill_at: Some(at), ..plain });
        let takeovers = story.takeovers.of(played.commits);
        let takeovers = takeovers.into_iter().map(|at| Variation { taken_at: Some(at), ..plain });
        let troubled: Vec<Variation> = crashes.chain(takeovers).collect();
        let all = (troubled.len() + 1) * story.deliveries.len();
        over += 1;
        progress(over, all);
        for variation in troubled {
            judged(story, flow, variation)?;
            over += 1;
            progress(over, all);
        }
    }
    Ok(over)
}

/// A moment a story names that its run does not have, so that nothing would happen at it.
fn never_comes(key: &str, named: &Crashes, all: usize, now: i64) -> Option<Difference> {
    let place = named.of(all).into_iter().position(|moment| moment >= all)?;
    let message = "the run was over before this moment came".to_owned();
    let hint = format!("name one below {all}, or write `every`");
    Some(Difference { hint, ..Difference::new(&format!("/{key}/{place}"), message, now) })
}

/// An answer that was never asked for, where nothing goes wrong around the run: what it shows did
/// not happen. One of the story that this one is like may be for that one alone.
fn unused(story: &Story, played: &Played, variation: Variation) -> Option<Difference> {
    let place = played.unused.as_ref().filter(|_| story.like.is_none())?;
    let message = "nobody asked for this answer".to_owned();
    let hint = "leave it out, or see why the run did not come to it".to_owned();
    let difference = Difference { hint, ..Difference::new(place, message, played.now) };
    (variation == Variation::PLAIN).then_some(difference)
}

fn judged(story: &Story, flow: &Flow, variation: Variation) -> Result<Played, Box<Difference>> {
    let mut played = play_once(story, flow, variation);
    let difference = played.difference.take().or_else(|| judge::judge(story, &played, variation));
    let difference = difference.or_else(|| unused(story, &played, variation));
    match difference {
        None => Ok(played),
        Some(difference) => {
            let before = played.lines_before(difference.at_ms);
            Err(Box::new(Difference { before, variation: variation.told(), ..difference }))
        }
    }
}

/// Plays a story once, without judging what it expects.
pub fn play_once(story: &Story, flow: &Flow, variation: Variation) -> Played {
    let mut player = Player::new(story, flow, variation);
    let difference = match player.play() {
        Ok(()) => None,
        Err(Stop::Differs(difference)) => Some(*difference),
        Err(Stop::Broken(broken)) => Some(Difference::promise(&broken, player.driver.now)),
    };
    let driver = player.driver;
    Played {
        view: driver.view(),
        run: driver.stored(),
        effects: driver.outside.effects().into_iter().cloned().collect(),
        now: driver.now,
        boundaries: driver.boundaries,
        commits: driver.commits,
        unused: driver.outside.unused(),
        sent: driver.outside.sent,
        asked: player.asked,
        difference,
    }
}

impl Played {
    fn lines_before(&self, at: i64) -> Vec<String> {
        let lines = self.view.timeline.iter().filter(|entry| entry.at <= at);
        let mut lines: Vec<String> = lines
            .rev()
            .take(LINES)
            .map(|entry| format!("{}  {}", moment(entry.at), line(entry)))
            .collect();
        lines.reverse();
        lines
    }
}

impl Difference {
    /// A promise that holds for every flow, whatever a story expects, was broken.
    fn promise(broken: &Broken, at: i64) -> Self {
        let hint = "this is a fault of Tutti, not of the flow: please report it".to_owned();
        let difference = Self::new("", format!("a promise was broken: {broken}"), at);
        Self { code: "promise", hint, ..difference }
    }
}

impl Variation {
    /// Nothing goes wrong.
    pub const PLAIN: Self = Self { deliveries: Deliveries::Once, kill_at: None, taken_at: None };

    /// Whether another worker goes on with what one has begun.
    pub fn changes_hands(self) -> bool {
        self.kill_at.is_some() || self.taken_at.is_some()
    }

    fn told(self) -> String {
        let answers = match self.deliveries {
            Deliveries::Once => "",
            Deliveries::Twice => "every answer came twice",
            Deliveries::Reversed => "the last asked was answered first",
            Deliveries::Together => "all answers came at once",
        };
        let died = self.kill_at.map(|at| format!("the worker died at boundary {at}"));
        let taken = self.taken_at.map(|at| format!("another worker took it before commit {at}"));
        let told: Vec<&str> = [Some(answers), died.as_deref(), taken.as_deref()]
            .into_iter()
            .flatten()
            .filter(|t| !t.is_empty())
            .collect();
        told.join(", ")
    }
}
