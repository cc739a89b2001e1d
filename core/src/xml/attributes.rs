//! The attributes of the tag that is being read, and those of the root.

use super::fault::{Fault, Rule};
use super::namespaces::{Namespace, Namespaces};
use super::strings::number;

/// Attributes and declarations in the order of their places, the root's first and then the current tag's.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    entries: Vec<Entry>,
    /// Where the current tag's start.
    tag: usize,
    /// A bit for each name that this tag has, which some names share.
    seen: u64,
    /// Whether names may be double in a tag that has too many to compare each with each.
    doubtful: bool,
    /// How many of the tag's have a prefix, declarations not counted.
    prefixed: u32,
    declarations: u32,
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
        self.entries.clear();
        self.tag = 0;
        self.begin();
    }

    /// A tag begins. The tag before it is forgotten, unless it was kept.
    #[inline]
    pub(super) fn begin(&mut self) {
        self.entries.truncate(self.tag);
        self.seen = 0;
        self.doubtful = false;
        self.prefixed = 0;
        self.declarations = 0;
    }

    /// Keeps the current tag's, which is the root, for good.
    pub(super) fn keep(&mut self) {
        self.tag = self.entries.len();
    }

    /// All that were kept.
    pub(super) fn kept(&self) -> &[Entry] {
        self.entries.get(..self.tag).unwrap_or_default()
    }

    fn current(&self) -> &[Entry] {
        self.entries.get(self.tag..).unwrap_or_default()
    }

    /// How many attributes the current tag has, declarations not counted.
    #[inline]
    pub(super) fn count(&self) -> usize {
        self.entries.len() - self.tag - self.declarations as usize
    }

    /// Takes one more; an error if the tag has it already (XML 1.0 § 3.1, "Unique Att Spec").
    #[inline]
    pub(super) fn push(&mut self, bytes: &[u8], entry: Entry) -> Result<(), Fault> {
        let bit = 1 << hash(name(bytes, &entry));
        if self.seen & bit != 0 {
            self.compare(bytes, &entry)?;
        }
        self.seen |= bit;
        match entry.kind {
            Kind::Declaration => self.declarations += 1,
            Kind::Attribute(_) => self.prefixed += u32::from(entry.prefix > 0),
        }
        self.entries.push(entry);
        Ok(())
    }

    fn compare(&mut self, bytes: &[u8], entry: &Entry) -> Result<(), Fault> {
        if self.current().len() > MAX_COMPARED {
            self.doubtful = true;
        } else if self.current().iter().any(|other| name(bytes, other) == name(bytes, entry)) {
            return Err(Fault::new(Rule::DuplicateAttribute, entry.name as usize));
        }
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
        let entries = self.entries.get(self.tag..).unwrap_or_default();
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
        let entries = self.entries.get_mut(self.tag..).unwrap_or_default();
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

/// A number below 64 for a name.
#[inline]
fn hash(name: &[u8]) -> u32 {
    let (first, last) = match name {
        [first, .., last] => (u32::from(*first), u32::from(*last)),
        [only] => (u32::from(*only), 0),
        [] => (0, 0),
    };
    (first.wrapping_mul(5) ^ last.wrapping_mul(3) ^ number(name.len()).wrapping_mul(7)) % 64
}

// Below this many, comparing a name with all before it is cheaper than sorting, and few tags have more.
const MAX_COMPARED: usize = 16;
