//! The attributes of the tag that is being read, and those of the root.

use super::fault::{Fault, Rule};
use super::namespaces::{Namespace, Namespaces};
use super::strings::number;

/// Attributes and declarations in the order of their places, the root's first and then the current tag's.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    /// Those that are taken, and behind them the places of others that are gone.
    entries: Vec<Entry>,
    taken: usize,
    /// Where the current tag's start.
    tag: usize,
    /// A bit for each name that this tag has, which some names share.
    seen: u64,
    /// Whether names may be double in a tag that has too many to compare each with each.
    doubtful: bool,
    /// How many of the tag's are attributes.
    count: usize,
    /// How many of these have a prefix.
    prefixed: usize,
    order: Vec<u32>,
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
        self.begin();
    }

    /// A tag begins. The tag before it is forgotten, unless it was kept.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.taken = self.tag;
        self.seen = 0;
        self.doubtful = false;
        self.count = 0;
        self.prefixed = 0;
    }

    /// Keeps the current tag's, which is the root, for good.
    pub(super) fn keep(&mut self) {
        self.tag = self.taken;
    }

    /// All that were kept.
    pub(super) fn kept(&self) -> &[Entry] {
        self.entries.get(..self.tag).unwrap_or_default()
    }

    fn current(&self) -> &[Entry] {
        self.entries.get(self.tag..self.taken).unwrap_or_default()
    }

    /// How many attributes the current tag has, declarations not counted.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Takes one more; an error if the tag has it already (XML 1.0 § 3.1, "Unique Att Spec").
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8], entry: Entry) -> Result<(), Fault> {
        let bit = 1 << (entry.hash >> (u32::BITS - u64::BITS.ilog2()));
        if self.seen & bit != 0 {
            self.compare(bytes, entry.name, entry.name_end, entry.hash)?;
        }
        self.seen |= bit;
        // Whether it is one cannot be guessed, so that it is a number and no branch.
        let attribute = usize::from(entry.kind != Kind::Declaration);
        self.count += attribute;
        self.prefixed += attribute & usize::from(entry.prefix > 0);
        if self.taken == self.entries.len() {
            self.grow();
        }
        if let Some(place) = self.entries.get_mut(self.taken) {
            *place = entry;
        }
        self.taken += 1;
        Ok(())
    }

    /// Makes a place, which is filled at once: what is put together in registers is best written where it stays.
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

    /// Compares a name with those before it.
    #[cold]
    fn compare(&mut self, bytes: &[u8], start: u32, end: u32, hash: u32) -> Result<(), Fault> {
        if self.doubtful {
            return Ok(());
        }
        let current = self.current();
        let twin = bytes.get(start as usize..end as usize).unwrap_or_default();
        let mut alike = current.iter().filter(|other| other.hash == hash);
        if alike.clone().any(|other| name(bytes, other) == twin) {
            return Err(Fault::new(Rule::DuplicateAttribute, start as usize));
        }
        // Somebody may have chosen names of one hash.
        self.doubtful = alike.next().is_some() || current.len() > MAX_COMPARED;
        Ok(())
    }

    /// The tag is complete: looks up the prefixes, and looks for what it has twice.
    #[inline]
    pub(super) fn resolve(&mut self, text: &str, namespaces: &Namespaces) -> Result<(), Fault> {
        if self.doubtful {
            self.find_duplicate(text.as_bytes())?;
        }
        if self.prefixed > 0 {
            self.resolve_prefixes(text, namespaces)?;
        }
        Ok(())
    }

    fn find_duplicate(&mut self, bytes: &[u8]) -> Result<(), Fault> {
        let entries = self.entries.get(self.tag..self.taken).unwrap_or_default();
        let key = |&index: &u32| entries.get(index as usize).map(|entry| name(bytes, entry));
        let twice = first_duplicate(&mut self.order, 0..number(entries.len()), key);
        match twice.and_then(|index| entries.get(index as usize)) {
            Some(entry) => Err(Fault::new(Rule::DuplicateAttribute, entry.name as usize)),
            None => Ok(()),
        }
    }

    /// Namespaces 1.0 § 6.3: no two attributes of one expanded name.
    #[cold]
    fn resolve_prefixes(&mut self, text: &str, namespaces: &Namespaces) -> Result<(), Fault> {
        let bytes = text.as_bytes();
        let entries = self.entries.get_mut(self.tag..self.taken).unwrap_or_default();
        for entry in entries.iter_mut().filter(|entry| entry.has_prefix()) {
            let prefix = bytes.get(entry.name as usize..(entry.name + entry.prefix) as usize);
            match namespaces.resolve(text, prefix.unwrap_or_default()) {
                Some(namespace) => entry.kind = Kind::Attribute(namespace),
                None => return Err(Fault::new(Rule::UnboundPrefix, entry.name as usize)),
            }
        }
        if self.prefixed < 2 {
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

/// The hash of a name that has these as its first eight bytes, or fewer, and these as its last.
#[inline]
pub(super) fn hash(first: u64, last: u64) -> u32 {
    let product = (first ^ last.rotate_left(23)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (product >> u32::BITS) as u32
}

// Up to this many, comparing the hash of a name with all before it is cheaper than sorting.
const MAX_COMPARED: usize = 256;
