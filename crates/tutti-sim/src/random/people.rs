//! People: what they say to the questions they are asked, at once or late, wisely or not.

use serde_json::{Map, json};
use tutti_core::event::{Event, Said};
use tutti_core::view::ApprovalView;

use super::dice::Die;
use super::weather::Weather;

/// An answer on its way, and when it comes.
pub(super) type Letter = (i64, Event);

/// Who answers where nobody is named.
const ANYBODY: &str = "dana";

/// What is said to a question: mostly one answer of who was asked, at times none, too many, or
/// words of somebody else.
pub(super) fn answers(die: &mut Die, weather: &Weather, card: &ApprovalView) -> Vec<Letter> {
    let asked = if card.approver.is_empty() { ANYBODY } else { &card.approver };
    let mut letters = Vec::new();
    let after = die.pick(&[1_000i64, 40_000, 600_000, 5_400_000]);
    if die.in_100(weather.people) {
        letters.push((after / 2, said(die, "mallory", card)));
    }
    if !die.in_100(15) {
        letters.push((after, said(die, asked, card)));
    }
    if die.in_100(weather.people) {
        // A second thought, when the first has been heard.
        letters.push((after + die.pick(&[0, 1_000, 900_000]), said(die, asked, card)));
    }
    letters
}

/// What comes without having been asked for, at any time of the run.
pub(super) fn interference(die: &mut Die, weather: &Weather) -> Vec<Letter> {
    let mut letters = Vec::new();
    if die.in_100(weather.people / 2) {
        let at = die.pick(&[0i64, 20, 800, 30_000, 700_000, 7_000_000]);
        letters.push((at, by(die, ANYBODY, Said::Cancel { reason: "not needed".to_owned() })));
    }
    for _ in 0..3 {
        if die.in_100(weather.people) {
            let topic = die.pick(&["stale_event", "toy.job:j1", "toy.job:j2", "nothing.known:1"]);
            let at = die.between(0, 4_000_000);
            let id = format!("stray {}", die.below(4));
            letters.push((at, Event::Signal { id, topic: topic.to_owned(), payload: json!({}) }));
        }
    }
    letters
}

fn said(die: &mut Die, who: &str, card: &ApprovalView) -> Event {
    let (effect, payload_hash) = (card.effect.clone(), card.payload_hash.clone());
    let answer = match die.below(10) {
        0..6 => Said::Approve { effect, payload_hash },
        6 => Said::Modify { effect, payload_hash, changes: changes(card) },
        7 => {
            let changes = Map::from_iter([("nonsense".to_owned(), json!(1))]);
            Said::Modify { effect, payload_hash, changes }
        }
        _ => Said::Reject { effect, payload_hash, reason: "no".to_owned() },
    };
    by(die, who, answer)
}

/// Another text, where there is one to change.
fn changes(card: &ApprovalView) -> Map<String, serde_json::Value> {
    let texts = ["text", "row", "what", "value"];
    let field =
        card.changes.iter().map(|change| &change.field).find(|f| texts.contains(&f.as_str()));
    field.map(|field| (field.clone(), json!("changed by hand"))).into_iter().collect()
}

fn by(die: &mut Die, who: &str, answer: Said) -> Event {
    let (account, name) = (who.to_owned(), who.to_uppercase());
    Event::Said { id: format!("said {}", die.below(1_000_000_000)), account, name, answer }
}
