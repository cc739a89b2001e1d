//! The attributes of the tag that is being read, and those of the root.

use std::ops::Range;

use super::fault::{Fault, Rule};
use super::names::Name;
use super::namespaces::{Namespace, Namespaces};
use super::strings::number;

/// Attributes and declarations in the order of their places, the root's first and then the current tag's.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// Those that are taken, and behind them the places of others that are gone.
    entries: Vec<Entry>,
    /// Where the current tag's start.
    tag: usize,
    order: Vec<u32>,
}

/// What is known of the current tag: a value of its own, so that it is in registers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag {
    /// Where the tag's attributes end for now.
    pub(super) taken: usize,
    /// A bit for each name that this tag has, which some names share.
    seen: u64,
    /// Whether names may be double in a tag that has too many to compare each with each.
    doubtful: bool,
    /// How many are declarations.
    pub(super) declarations: u32,
    /// How many are attributes with a prefix.
    prefixed: u32,
}

/// One attribute or declaration.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) name: u32,
    pub(super) name_end: u32,
    /// The length of its prefix, 0 for none.
    pub(super) prefix: u32,
    pub(super) value: u32,
    pub(super) value_end: u32,
    /// A number that differs for most names that differ.
    pub(super) hash: u32,
    pub(super) kind: Kind,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Declaration,
    /// In this namespace, which is known when the tag is complete.
    Attribute(Namespace),
}

impl Attributes {
    pub(super) fn clear(&mut self) {
        self.tag = 0;
    }

    /// A tag begins. The tag before it is forgotten, unless it was kept.
    #[inline]
    pub(super) fn begin(&self) -> Tag {
        Tag { taken: self.tag, seen: 0, doubtful: false, declarations: 0, prefixed: 0 }
    }

    /// Keeps the current tag's, which is the root, for good.
    pub(super) fn keep(&mut self, tag: Tag) {
        self.tag = tag.taken;
    }

    /// All that were kept.
    pub(super) fn kept(&self) -> &[Entry] {
        self.entries.get(..self.tag).unwrap_or_default()
    }

    fn current(&self, tag: Tag) -> &[Entry] {
        self.entries.get(self.tag..tag.taken).unwrap_or_default()
    }

    /// Where the current tag's end if there are so many.
    #[inline]
    pub(super) fn after(&self, count: usize) -> usize {
        self.tag.saturating_add(count)
    }

    /// How many attributes the current tag has, declarations not counted.
    #[inline]
    pub(super) fn count(&self, tag: Tag) -> usize {
        tag.taken - self.tag - tag.declarations as usize
    }

    /// Takes one more; an error if the tag has it already (XML 1.0 § 3.1, "Unique Att Spec").
    #[expect(
        clippy::inline_always,
        reason = "what is put together in registers is best written where it stays"
    )]
    #[inline(always)]
    pub(super) fn push(&mut self, bytes: &[u8], tag: &mut Tag, entry: Entry) -> Result<(), Fault> {
        let bit = 1 << (entry.hash >> (u32::BITS - u64::BITS.ilog2()));
        if tag.seen & bit != 0 {
            tag.doubtful = self.compare(bytes, *tag, entry.name, entry.name_end, entry.hash)?;
        }
        tag.seen |= bit;
        if tag.taken >= self.entries.len() {
            self.grow();
        }
        if let Some(place) = self.entries.get_mut(tag.taken) {
            *place = entry;
        }
        tag.taken += 1;
        // Whether it is one cannot be guessed, so that it is a number and no branch.
        tag.declarations += u32::from(entry.kind == Kind::Declaration);
        tag.prefixed += u32::from(entry.prefix > 0 && entry.kind != Kind::Declaration);
        Ok(())
    }

    /// Makes a place, which is filled at once.
    #[cold]
    fn grow(&mut self) {
        self.entries.push(Entry {
            name: 0,
            name_end: 0,
            prefix: 0,
            value: 0,
            value_end: 0,
            hash: 0,
            kind: Kind::Declaration,
        });
    }

    /// Compares a name with those before it: whether it is open if the tag has one twice.
    #[cold]
    fn compare(
        &self,
        bytes: &[u8],
        tag: Tag,
        start: u32,
        end: u32,
        hash: u32,
    ) -> Result<bool, Fault> {
        if tag.doubtful {
            return Ok(true);
        }
        let current = self.current(tag);
        let twin = bytes.get(start as usize..end as usize).unwrap_or_default();
        let alike = current.iter().filter(|other| other.hash == hash);
        let mut count = 0;
        for other in alike {
            if name(bytes, other) == twin {
                return Err(Fault::new(Rule::DuplicateAttribute, start as usize));
            }
            count += 1;
        }
        // Somebody may have chosen names of one hash.
        Ok(count > MAX_ALIKE || current.len() > MAX_COMPARED)
    }

    /// The tag is complete: looks up the prefixes, and looks for what it has twice.
    #[inline]
    pub(super) fn resolve(
        &mut self,
        text: &str,
        tag: Tag,
        namespaces: &Namespaces,
    ) -> Result<(), Fault> {
        if tag.doubtful || tag.prefixed > 0 {
            return self.look_closer(text, tag, namespaces);
        }
        Ok(())
    }

    #[cold]
    fn look_closer(&mut self, text: &str, tag: Tag, namespaces: &Namespaces) -> Result<(), Fault> {
        if tag.doubtful {
            self.find_duplicate(text.as_bytes(), tag)?;
        }
        if tag.prefixed > 0 {
            self.resolve_prefixes(text, tag, namespaces)?;
        }
        Ok(())
    }

    fn find_duplicate(&mut self, bytes: &[u8], tag: Tag) -> Result<(), Fault> {
        let entries = self.entries.get(self.tag..tag.taken).unwrap_or_default();
        let key = |&index: &u32| entries.get(index as usize).map(|entry| name(bytes, entry));
        let twice = first_duplicate(&mut self.order, 0..number(entries.len()), key);
        match twice.and_then(|index| entries.get(index as usize)) {
            Some(entry) => Err(Fault::new(Rule::DuplicateAttribute, entry.name as usize)),
            None => Ok(()),
        }
    }

    /// Namespaces 1.0 § 6.3: no two attributes of one expanded name.
    #[cold]
    fn resolve_prefixes(
        &mut self,
        text: &str,
        tag: Tag,
        namespaces: &Namespaces,
    ) -> Result<(), Fault> {
        let bytes = text.as_bytes();
        let entries = self.entries.get_mut(self.tag..tag.taken).unwrap_or_default();
        for entry in entries.iter_mut().filter(|entry| entry.has_prefix()) {
            let prefix = bytes.get(entry.name as usize..(entry.name + entry.prefix) as usize);
            match namespaces.resolve(text, prefix.unwrap_or_default()) {
                Some(namespace) => entry.kind = Kind::Attribute(namespace),
                None => return Err(Fault::new(Rule::UnboundPrefix, entry.name as usize)),
            }
        }
        if tag.prefixed < 2 {
            return Ok(());
        }
        let entries = &*entries;
        let key = |&index: &u32| {
            entries.get(index as usize).and_then(|entry| match entry.kind {
                Kind::Attribute(namespace) => Some((namespace, local_name(bytes, entry))),
                Kind::Declaration => None,
            })
        };
        let prefixed = (0..).zip(entries).filter(|(_, entry)| entry.has_prefix());
        let twice = first_duplicate(&mut self.order, prefixed.map(|(index, _)| index), key);
        match twice.and_then(|index| entries.get(index as usize)) {
            Some(entry) => Err(Fault::new(Rule::DuplicateExpandedName, entry.name as usize)),
            None => Ok(()),
        }
    }
}

impl Entry {
    /// The attribute or declaration at `at`, whose name has this [tail](super::names::tail).
    #[expect(
        clippy::inline_always,
        reason = "what is made in registers is best written where it stays"
    )]
    #[inline(always)]
    pub(super) fn new(
        at: usize,
        name: Name,
        tail: u64,
        value: Range<usize>,
        is_declaration: bool,
    ) -> Self {
        Self {
            name: number(at),
            name_end: number(name.end),
            prefix: number(name.prefix),
            value: number(value.start),
            value_end: number(value.end),
            hash: hash(tail, name.end - at),
            kind: if is_declaration { Kind::Declaration } else { Kind::Attribute(Namespace::None) },
        }
    }

    /// Whether this is an attribute with a prefix.
    fn has_prefix(&self) -> bool {
        self.prefix > 0 && self.kind != Kind::Declaration
    }
}

/// Of the indices whose keys an index before them has too, the first.
fn first_duplicate<K: Ord>(
    order: &mut Vec<u32>,
    indices: impl Iterator<Item = u32>,
    key: impl Fn(&u32) -> K,
) -> Option<u32> {
    order.clear();
    order.extend(indices);
    // By key, and then by index: sorting takes no more than n log n comparisons, whatever the names are.
    order.sort_unstable_by(|one, other| key(one).cmp(&key(other)).then(one.cmp(other)));
    order
        .windows(2)
        .filter_map(|pair| match pair {
            [one, other] if key(one) == key(other) => Some(*other),
            _ => None,
        })
        .min()
}

fn name<'a>(bytes: &'a [u8], entry: &Entry) -> &'a [u8] {
    bytes.get(entry.name as usize..entry.name_end as usize).unwrap_or_default()
}

fn local_name<'a>(bytes: &'a [u8], entry: &Entry) -> &'a [u8] {
    let colon = u32::from(entry.prefix > 0);
    let start = entry.name + entry.prefix + colon;
    bytes.get(start as usize..entry.name_end as usize).unwrap_or_default()
}

/// The hash of a name of this length that has these as its last bytes.
#[inline]
fn hash(last: u64, length: usize) -> u32 {
    let product = (last ^ length as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (product >> u32::BITS) as u32
}

// Up to this many, comparing the hash of a name with all before it is cheaper than sorting.
const MAX_COMPARED: usize = 256;

// So many names of one hash are compared as they come, which takes time in proportion to the text.
const MAX_ALIKE: usize = 8;
