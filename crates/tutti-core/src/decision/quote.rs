//! Quotes: whether the words a model gives as evidence stand in what it was shown, and where.

use std::ops::Range;

use super::Shown;
use crate::view::Evidence;

/// The fewest characters of a quote that proves anything.
const QUOTE_CHARS_MIN: usize = 6;

/// The quotes that hold so far. Words at one place count once, however often they are quoted.
#[derive(Default)]
pub(super) struct Quotes {
    pub(super) evidence: Vec<Evidence>,
    /// Whether one of them said again what another one had said.
    again: bool,
    /// Where they stand: the fact, which of its values, and the bytes of that value.
    places: Vec<(String, usize, Range<usize>)>,
}

impl Quotes {
    /// Adds a quote, or says what is wrong with it.
    pub(super) fn add(&mut self, quote: &str, fact: &Shown) -> Option<String> {
        let words = squeezed(quote);
        let places = places(&words, fact);
        if words.chars().count() < QUOTE_CHARS_MIN || places.is_empty() {
            let among = format!("is not in a value of the fact `{}`", fact.id);
            return Some(format!("the quote `{quote}` {among}"));
        }
        let again = |known: &Evidence| known.fact == fact.id && squeezed(&known.quote) == words;
        let free = places.into_iter().find(|(leaf, place)| !self.overlaps(&fact.id, *leaf, place));
        let Some((leaf, place)) = free.filter(|_| !self.evidence.iter().any(again)) else {
            self.again = true;
            return None;
        };
        self.places.push((fact.id.clone(), leaf, place));
        self.evidence.push(Evidence {
            fact: fact.id.clone(),
            source: fact.source.clone(),
            system: fact.source.split(' ').next().unwrap_or_default().to_lowercase(),
            quote: quote.to_owned(),
        });
        None
    }

    /// What to say if fewer than `needed` count.
    pub(super) fn too_few(&self, needed: u64) -> Option<String> {
        let counted = self.evidence.len();
        let message = format!(
            "quotes of the same words count once: there are {counted} and {needed} are needed"
        );
        (self.again && (counted as u64) < needed).then_some(message)
    }

    fn overlaps(&self, fact: &str, leaf: usize, place: &Range<usize>) -> bool {
        self.places.iter().any(|(other, at, taken)| {
            other == fact && *at == leaf && taken.start < place.end && place.start < taken.end
        })
    }
}

/// Where the words stand in the values of a fact; the names of its members are nobody's words.
fn places(words: &str, fact: &Shown) -> Vec<(usize, Range<usize>)> {
    // Letter by letter a model may copy what JSON writes for a quotation mark or a new line.
    let read = serde_json::from_str::<String>(&format!("\"{words}\""));
    let read = read.map(|words| squeezed(&words)).unwrap_or_default();
    let mut found = Vec::new();
    for (index, leaf) in fact.leaves.iter().enumerate() {
        let leaf = squeezed(leaf);
        for words in [words, &read].into_iter().filter(|words| !words.is_empty()) {
            let at = |(start, words): (usize, &str)| (index, start..start + words.len());
            found.extend(leaf.match_indices(words).map(at));
        }
    }
    found
}

/// Line breaks and runs of blanks are alike.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
