//! What the fields of an answer are said to hold: nothing that is accepted and means nothing.

use super::super::reader::At;
use super::Linker;

/// The most characters of a text that is answered.
const TEXT_MAX: u64 = 20_000;

impl Linker<'_> {
    /// The fields of an answer, at any depth.
    pub(super) fn shapes(&mut self, answer: &At) {
        answer.members().for_each(|(_, field)| self.shape(&field));
    }

    fn shape(&mut self, field: &At) {
        for (kind, at) in field.members() {
            match kind {
                "flag" | "number" => {
                    self.marks(field, kind, "write `true`; nothing more can be said of it")
                }
                "text" => self.characters(&at),
                "one_of" => self.distinct(&at),
                "list_of" => self.shape(&at),
                "object" => self.shapes(&at),
                _ => {}
            }
        }
    }

    fn characters(&mut self, at: &At) {
        let fits = at.value.as_u64().is_some_and(|max| (1..=TEXT_MAX).contains(&max));
        // What is no number at all was said already.
        if !fits && at.value.as_f64().is_some_and(|max| max >= 0.0) {
            let message = format!("a text has a whole number of characters, from 1 to {TEXT_MAX}");
            self.refuse(at, "out_of_bounds", message, "for example `text: 80`");
        }
    }

    fn distinct(&mut self, at: &At) {
        let mut seen = Vec::new();
        for word in at.items() {
            if seen.contains(&word.value) {
                let message = format!("{} stands here twice", word.value);
                self.refuse(&word, "duplicate_word", message, "leave one of them out");
            }
            seen.push(word.value);
        }
    }
}
