//! Labels in the compact form in which they travel through an evaluation.

use std::cmp::Ordering;
use std::rc::Rc;

use crate::label::{Labels, Provenance, Trust};

/// The same as [`Labels`], but cheap to copy and to join: names are borrowed from the facts.
#[derive(Debug, Clone, Default)]
pub(super) struct Tag<'a> {
    trust: Trust,
    /// One bit for each [`Provenance`].
    provenance: u8,
    sources: Sources<'a>,
    private: bool,
}

/// Sorted names without repetition. Most values have one, so that one needs no allocation.
#[derive(Debug, Clone, Default)]
enum Sources<'a> {
    #[default]
    None,
    One(&'a str),
    Many(Rc<[&'a str]>),
}

const ALL: [Provenance; 5] = [
    Provenance::Observed,
    Provenance::Derived,
    Provenance::Defaulted,
    Provenance::Asked,
    Provenance::Guessed,
];

const fn bit(provenance: Provenance) -> u8 {
    1 << provenance as u8
}

impl<'a> Tag<'a> {
    pub(super) fn of(labels: &'a Labels) -> Self {
        let mut names = labels.sources.iter().map(String::as_str);
        let sources = match (names.next(), labels.sources.len()) {
            (None, _) => Sources::None,
            (Some(name), 1) => Sources::One(name),
            (Some(first), _) => Sources::Many(std::iter::once(first).chain(names).collect()),
        };
        let provenance = labels.provenance.iter().fold(0, |bits, kind| bits | bit(*kind));
        Self { trust: labels.trust, provenance, sources, private: labels.private }
    }

    pub(super) fn join(&mut self, other: &Tag<'a>) {
        self.trust = self.trust.max(other.trust);
        self.provenance |= other.provenance;
        self.private |= other.private;
        self.sources.join(&other.sources);
    }

    pub(super) fn joined(mut self, other: &Tag<'a>) -> Self {
        self.join(other);
        self
    }

    /// The label of what was computed: where its parts were observed, or their absence was, it is
    /// derived. What was defaulted, asked or guessed stays so, and literals stay without origin.
    pub(super) fn derived(mut self) -> Self {
        let told = self.provenance != 0 || matches!(self.sources, Sources::None);
        if self.has(Provenance::Observed) || !told {
            self.provenance &= !bit(Provenance::Observed);
            self.provenance |= bit(Provenance::Derived);
        }
        self
    }

    /// The label of what is not there: it was looked for, but not observed.
    pub(super) fn absent(mut self) -> Self {
        self.provenance &= !bit(Provenance::Observed);
        self
    }

    /// The label of what was looked for in vain: how it would have been known says nothing about
    /// what is taken in its place. That a guess or a default kept it away does.
    pub(super) fn in_vain(mut self) -> Self {
        self.provenance &= bit(Provenance::Guessed) | bit(Provenance::Defaulted);
        self
    }

    /// The label of a statement *about* a value's labels: the engine made them, nobody else.
    pub(super) fn vouched(mut self) -> Self {
        self.trust = Trust::Trusted;
        self.private = false;
        self.derived()
    }

    /// The same of what others wrote.
    pub(super) fn tainted(mut self) -> Self {
        self.trust = Trust::Untrusted;
        self
    }

    /// The label of what holds personal data.
    pub(super) fn kept_private(mut self, private: bool) -> Self {
        self.private |= private;
        self
    }

    pub(super) fn is_private(&self) -> bool {
        self.private
    }

    pub(super) fn with(mut self, provenance: Provenance) -> Self {
        self.provenance |= bit(provenance);
        self
    }

    pub(super) fn has(&self, provenance: Provenance) -> bool {
        self.provenance & bit(provenance) != 0
    }

    pub(super) fn is_trusted(&self) -> bool {
        self.trust == Trust::Trusted
    }

    /// Whether it says nothing: the label of a literal.
    pub(super) fn is_empty(&self) -> bool {
        self.is_trusted()
            && !self.private
            && self.provenance == 0
            && matches!(self.sources, Sources::None)
    }

    pub(super) fn provenance(&self) -> impl Iterator<Item = Provenance> {
        ALL.into_iter().filter(|kind| self.has(*kind))
    }

    pub(super) fn labels(&self) -> Labels {
        let mut labels = Labels { trust: self.trust, private: self.private, ..Labels::default() };
        labels.provenance.extend(self.provenance());
        labels.sources.extend(self.sources.names().iter().map(|name| (*name).to_owned()));
        labels
    }
}

impl<'a> Sources<'a> {
    fn names(&self) -> &[&'a str] {
        match self {
            Self::None => &[],
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }

    fn join(&mut self, other: &Self) {
        match (&*self, other) {
            (_, Self::None) => {}
            (Self::None, _) => *self = other.clone(),
            (Self::One(mine), Self::One(theirs)) => match mine.cmp(theirs) {
                Ordering::Less => *self = Self::Many(Rc::new([mine, theirs])),
                Ordering::Equal => {}
                Ordering::Greater => *self = Self::Many(Rc::new([theirs, mine])),
            },
            _ => self.join_many(other.names()),
        }
    }

    fn join_many(&mut self, theirs: &[&'a str]) {
        let mine = self.names();
        if !theirs.iter().all(|name| mine.binary_search(name).is_ok()) {
            let mut all = mine.to_vec();
            for name in theirs {
                if let Err(place) = all.binary_search(name) {
                    all.insert(place, name);
                }
            }
            *self = Self::Many(all.into());
        }
    }
}
