//! Reads the text form of protocol buffers, as far as test data needs it: no schema, all fields
//! in the order in which they are written.

use std::iter::Peekable;
use std::str::Chars;

/// One field's value.
#[derive(Debug, Clone)]
pub enum Field {
    /// A number, a flag or the name of an enum value, as it is written.
    Word(String),
    /// A string; also the bytes of one.
    Text(Vec<u8>),
    /// A message.
    Message(Message),
}

/// The fields of a message; a repeated field is there several times.
#[derive(Debug, Clone, Default)]
pub struct Message(pub Vec<(String, Field)>);

impl Message {
    /// The last field of this name.
    pub fn get(&self, name: &str) -> Option<&Field> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value)
    }

    /// All messages of this name.
    pub fn messages<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m Message> {
        self.0.iter().filter(move |(field, _)| field == name).filter_map(|(_, value)| match value {
            Field::Message(message) => Some(message),
            _ => None,
        })
    }

    /// A string field, or nothing.
    pub fn text(&self, name: &str) -> String {
        match self.get(name) {
            Some(Field::Text(bytes)) => String::from_utf8(bytes.clone()).unwrap(),
            _ => String::new(),
        }
    }
}

/// Reads a file.
pub fn parse(source: &str) -> Message {
    let mut reader = Reader { chars: source.chars().peekable() };
    let message = reader.message(None);
    assert!(reader.next_is(None), "something is left after the last field");
    message
}

struct Reader<'s> {
    chars: Peekable<Chars<'s>>,
}

impl Reader<'_> {
    fn skip(&mut self) {
        while let Some(&c) = self.chars.peek() {
            if c == '#' {
                while self.chars.next_if(|c| *c != '\n').is_some() {}
            } else if c.is_whitespace() || matches!(c, ',' | ';') {
                self.chars.next();
            } else {
                return;
            }
        }
    }

    fn next_is(&mut self, wanted: Option<char>) -> bool {
        self.skip();
        self.chars.peek().copied() == wanted
    }

    fn accept(&mut self, wanted: char) -> bool {
        let found = self.next_is(Some(wanted));
        if found {
            self.chars.next();
        }
        found
    }

    fn message(&mut self, close: Option<char>) -> Message {
        let mut fields = Vec::new();
        while !self.next_is(close) {
            let name = if self.accept('[') { self.until(']') } else { self.word() };
            assert!(!name.is_empty(), "a field has a name, found {:?}", self.chars.peek());
            self.accept(':');
            if self.accept('[') {
                while !self.accept(']') {
                    let value = self.value();
                    fields.push((name.clone(), value));
                }
            } else {
                let value = self.value();
                fields.push((name, value));
            }
        }
        self.chars.next();
        Message(fields)
    }

    fn value(&mut self) -> Field {
        if self.accept('{') {
            return Field::Message(self.message(Some('}')));
        }
        if self.accept('<') {
            return Field::Message(self.message(Some('>')));
        }
        let mut bytes = Vec::new();
        let mut is_text = false;
        // Strings side by side are one.
        while self.next_is(Some('"')) || self.next_is(Some('\'')) {
            is_text = true;
            self.string(&mut bytes);
        }
        if is_text { Field::Text(bytes) } else { Field::Word(self.word()) }
    }

    fn word(&mut self) -> String {
        self.skip();
        let mut word = String::new();
        while let Some(c) =
            self.chars.next_if(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '+' | '/'))
        {
            word.push(c);
        }
        word
    }

    fn until(&mut self, close: char) -> String {
        self.chars.by_ref().take_while(|c| *c != close).collect()
    }

    fn string(&mut self, bytes: &mut Vec<u8>) {
        let quote = self.chars.next().unwrap();
        loop {
            match self.chars.next().expect("a string is closed") {
                c if c == quote => return,
                '\\' => self.escape(bytes),
                c => bytes.extend(c.to_string().bytes()),
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let code = |digits: &str, radix| u32::from_str_radix(digits, radix).unwrap();
        match self.chars.next().unwrap() {
            'a' => bytes.push(7),
            'b' => bytes.push(8),
            'f' => bytes.push(12),
            'n' => bytes.push(b'\n'),
            'r' => bytes.push(b'\r'),
            't' => bytes.push(b'\t'),
            'v' => bytes.push(11),
            'x' | 'X' => {
                let digits = self.digits(2, 16, String::new());
                bytes.push(code(&digits, 16) as u8);
            }
            c @ ('u' | 'U') => {
                let digits = self.digits(if c == 'u' { 4 } else { 8 }, 16, String::new());
                let c = char::from_u32(code(&digits, 16)).unwrap();
                bytes.extend(c.to_string().bytes());
            }
            c @ '0'..='7' => {
                let digits = self.digits(2, 8, c.to_string());
                bytes.push(code(&digits, 8) as u8);
            }
            c => bytes.extend(c.to_string().bytes()),
        }
    }

    fn digits(&mut self, most: usize, radix: u32, mut digits: String) -> String {
        for _ in 0..most {
            digits.extend(self.chars.next_if(|c| c.is_digit(radix)));
        }
        digits
    }
}
