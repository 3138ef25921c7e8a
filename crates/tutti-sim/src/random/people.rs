//! People: what they say to what they are asked, at once or late, wisely or not; and what they do
//! to a run without having been asked.

use serde_json::{Map, Value, json};
use tutti_core::event::{Brake, Event, Said, Way};
use tutti_core::view::{ApprovalView, QuestionView};

use super::dice::Die;
use super::shaped::shaped;
use super::weather::Weather;

/// Who answers where nobody is named.
const ANYBODY: &str = "dana";

/// Something that a person is asked, as the panel shows it.
#[derive(Debug, Clone)]
pub(super) enum Matter {
    /// Whether a write may leave.
    Approval(ApprovalView),
    /// What only a person knows, or how to go on.
    Question(QuestionView),
}

/// Somebody who is about to answer.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub who: String,
    pub matter: Matter,
}

impl Matter {
    /// Names the question: the same matter asked anew is another one.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Approval(card) => &card.payload_hash,
            Self::Question(question) => &question.id,
        }
    }

    fn who(&self) -> &str {
        let who = match self {
            Self::Approval(card) => &card.approver,
            Self::Question(question) => &question.who,
        };
        if who.is_empty() { ANYBODY } else { who }
    }

    /// Whether somebody must answer, or it would wait to the end of its time.
    fn is_urgent(&self) -> bool {
        matches!(self, Self::Question(question) if question.until.is_none())
    }
}

/// Who comes to answer, and when: mostly the one who was asked; at times nobody, somebody else,
/// or the same person again after the answer has been heard.
pub(super) fn visits(die: &mut Die, weather: &Weather, matter: &Matter) -> Vec<(i64, Visit)> {
    let after = die.pick(&[3_000i64, 40_000, 600_000, 5_400_000]);
    let visit = |who: &str| Visit { who: who.to_owned(), matter: matter.clone() };
    let mut visits = Vec::new();
    if die.in_100(weather.people) {
        visits.push((after / 2, visit("mallory")));
    }
    if matter.is_urgent() || !die.in_100(15) {
        visits.push((after, visit(matter.who())));
    }
    if die.in_100(weather.people) {
        let again = after + die.pick(&[0, 1_000, 900_000]);
        visits.push((again, visit(matter.who())));
    }
    visits
}

/// What somebody says who has come. `happened` is what they see when they look whether the write
/// in question did.
pub(super) fn says(die: &mut Die, visit: &Visit, happened: bool) -> Event {
    let answer = match &visit.matter {
        Matter::Approval(card) => to_card(die, card),
        Matter::Question(question) if question.ways.is_empty() => to_question(die, question),
        Matter::Question(question) => {
            let (question, ways) = (question.id.clone(), &question.ways);
            let open: Vec<Way> = ways
                .iter()
                .map(|way| way.way)
                .filter(|way| match way {
                    Way::Again => !happened,
                    Way::Happened => happened,
                    Way::Stop => die.in_100(30),
                    _ => true,
                })
                .collect();
            let place = die.below(open.len() as u64) as usize;
            let way = open.get(place).copied().unwrap_or(Way::Stop);
            Said::Resolve { question, way, reason: "seen".to_owned() }
        }
    };
    by(die, &visit.who, answer)
}

fn to_card(die: &mut Die, card: &ApprovalView) -> Said {
    let (effect, payload_hash) = (card.effect.clone(), card.payload_hash.clone());
    match die.below(10) {
        0..6 => Said::Approve { effect, payload_hash },
        6 => Said::Modify { effect, payload_hash, changes: changes(card) },
        7 => {
            let changes = Map::from_iter([("nonsense".to_owned(), json!(1))]);
            Said::Modify { effect, payload_hash, changes }
        }
        _ => Said::Reject { effect, payload_hash, reason: "no".to_owned() },
    }
}

/// Another text, where there is one to change.
fn changes(card: &ApprovalView) -> Map<String, Value> {
    let texts = ["text", "row", "what", "value"];
    let mut fields = card.changes.iter().map(|change| &change.field);
    let field = fields.find(|field| texts.contains(&field.as_str()));
    field.map(|field| (field.clone(), json!("changed by hand"))).into_iter().collect()
}

fn to_question(die: &mut Die, question: &QuestionView) -> Said {
    let schema = question.schema.as_ref().filter(|form| form.pointer("/properties/way").is_none());
    if let Some(Value::Object(answer)) = schema.map(|schema| shaped(die, schema)) {
        return Said::Answer { question: question.id.clone(), answer };
    }
    let way = die.pick(&["up", "down", "down", "sideways"]);
    let answer = Map::from_iter([("way".to_owned(), json!(way))]);
    Said::Answer { question: question.id.clone(), answer }
}

/// What comes without having been asked for, and when; whoever holds a run lets it go on later.
pub(super) fn interference(die: &mut Die, weather: &Weather) -> Vec<(i64, Event)> {
    let mut letters = Vec::new();
    let times = [0i64, 20, 800, 30_000, 700_000, 7_000_000];
    if die.in_100(weather.people / 3) {
        let cancel = Said::Cancel { reason: "not needed".to_owned() };
        letters.push((die.pick(&times), by(die, ANYBODY, cancel)));
    }
    for brake in [Brake::Pause, Brake::Stop] {
        if die.in_100(weather.people / 2) {
            let at = die.pick(&times);
            let until = held(die, brake, at, &mut letters);
            if die.in_100(40) {
                let again = until + die.pick(&[1i64, 20, 800, 30_000]);
                held(die, brake, again, &mut letters);
            }
        }
    }
    for _ in 0..3 {
        if die.in_100(weather.people) {
            let topic = die.pick(&["stale_event", "toy.job:j1", "toy.job:j2", "nothing.known:1"]);
            let id = format!("stray {}", die.below(4));
            let signal = Event::Signal { id, topic: topic.to_owned(), payload: json!({}) };
            letters.push((die.between(0, 4_000_000), signal));
        }
    }
    letters
}

/// What somebody wants of a run that is over, and when: some of it taken back, or done once more.
pub(super) fn afterthoughts(
    die: &mut Die,
    writes: &[String],
    steps: &[String],
) -> Vec<(i64, Event)> {
    let mut letters = Vec::new();
    let after = die.pick(&[5i64, 1_000, 4_000_000]);
    let one_of = |die: &mut Die, of: &[String]| {
        let place = die.below(of.len() as u64) as usize;
        of.get(place).cloned().into_iter().collect::<Vec<_>>()
    };
    if die.in_100(30) {
        let effects = if die.in_100(50) { one_of(die, writes) } else { Vec::new() };
        let undo = Said::Undo { effects, reason: String::new() };
        letters.push((after, by(die, ANYBODY, undo)));
        if die.in_100(20) {
            let cancel = Said::Cancel { reason: "enough".to_owned() };
            letters.push((after + die.pick(&[0, 5, 40]), by(die, ANYBODY, cancel)));
        }
    }
    if die.in_100(15)
        && let Some(step) = one_of(die, steps).pop()
    {
        let rerun = Said::Rerun { step, reason: String::new(), seen: None };
        let at = after + die.pick(&[0, 700, 90_000]);
        letters.push((at, by(die, ANYBODY, rerun)));
        if die.in_100(20) {
            let stop = at + die.pick(&[1i64, 20, 800]);
            held(die, Brake::Stop, stop, &mut letters);
        }
    }
    letters
}

/// Somebody holds the run, and lets it go on later; says when.
fn held(die: &mut Die, brake: Brake, at: i64, letters: &mut Vec<(i64, Event)>) -> i64 {
    let hold = Said::hold(brake, String::new());
    letters.push((at, by(die, ANYBODY, hold)));
    let until = at + die.pick(&[10i64, 60_000, 4_000_000]);
    letters.push((until, by(die, ANYBODY, Said::Resume { brake })));
    until
}

fn by(die: &mut Die, who: &str, answer: Said) -> Event {
    let (account, name) = (who.to_owned(), who.to_uppercase());
    Event::Said { id: format!("said {}", die.below(1_000_000_000)), account, name, answer }
}
