//! A place in a JSON document: it is written out, as a JSON pointer (RFC 6901), only once somebody
//! asks, for nearly every place that is read is never spoken of.

use std::borrow::Cow;
use std::fmt::Write;

/// What a key takes as a rule, its slash included.
const KEY_BYTES: usize = 12;

/// A name as JSON pointers write it.
pub fn escaped(name: &str) -> Cow<'_, str> {
    match name.contains(['~', '/']) {
        true => Cow::Owned(name.replace('~', "~0").replace('/', "~1")),
        false => Cow::Borrowed(name),
    }
}

/// The name that a step of a JSON pointer means.
pub fn unescaped(step: &str) -> Cow<'_, str> {
    match step.contains('~') {
        true => Cow::Owned(step.replace("~1", "/").replace("~0", "~")),
        false => Cow::Borrowed(step),
    }
}

/// The way down to a place, from the innermost key outwards.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pointer<'a> {
    Root,
    Member(&'a Pointer<'a>, &'a str),
    Item(&'a Pointer<'a>, usize),
}

impl Pointer<'_> {
    /// The place as a JSON pointer.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.depth() * KEY_BYTES);
        self.write(&mut text);
        text
    }

    fn write(&self, text: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.write(text);
                text.push('/');
                text.push_str(&escaped(name));
            }
            Self::Item(parent, index) => {
                parent.write(text);
                text.push('/');
                // Writing into a string cannot fail.
                let _ = write!(text, "{index}");
            }
        }
    }

    /// How many keys lead to it.
    pub fn depth(&self) -> usize {
        match self {
            Self::Root => 0,
            Self::Member(parent, _) | Self::Item(parent, _) => parent.depth() + 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Pointer::{Item, Member, Root};

    #[test]
    fn a_place_is_written_as_a_json_pointer() {
        let (rows, second) = (Member(&Root, "rows"), 1);
        let second = Item(&rows, second);
        let odd = Member(&second, "a/b~c");
        assert_eq!((Root.text(), Root.depth()), (String::new(), 0));
        assert_eq!((odd.text(), odd.depth()), ("/rows/1/a~1b~0c".to_owned(), 3));
    }
}
