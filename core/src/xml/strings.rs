//! The strings of namespace declarations, each kept once, so that comparing two is comparing two numbers.
//!
//! They hang in a crit-bit tree: an inner node names the first bit in which what is below it differs. A search looks
//! at each of those bits once, and then at the one string that is left, so that it takes time in the length of what
//! is searched, however many strings there are and whoever chose them; a hash would need a secret for that. Scopes
//! end in the reverse order of their beginning, so taking a string out is undoing the step that put it in.

use std::mem;
use std::ops::Range;

use super::bytes::byte;

/// Strings by number, as long as the declarations that they come from are in scope.
#[derive(Debug, Default)]
pub(super) struct Strings {
    entries: Vec<Entry>,
    // The node that came with entry k + 1 is node k: the first string needs none.
    nodes: Vec<Node>,
    root: Option<Link>,
    normalised: String,
}

/// Where a string is: in the scanned text, or, where that has references in it, in the buffer for these.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) normalised: bool,
}

#[derive(Debug)]
struct Entry {
    span: Span,
    /// What this string means as a prefix, if it is bound.
    meaning: Option<u32>,
}

#[derive(Debug)]
struct Node {
    /// The bit, as the byte that it is in, and a mask for it there.
    at: u32,
    mask: u8,
    /// What has the bit unset, and what has it set.
    unset: Link,
    set: Link,
    /// The parent that this node was put under, with the side; `None` for the root.
    parent: Option<(u32, bool)>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Link {
    Entry(u32),
    Node(u32),
}

impl Span {
    /// What stands in the text in this place.
    pub(super) fn verbatim(range: Range<usize>) -> Self {
        Self { start: number(range.start), end: number(range.end), normalised: false }
    }
}

impl Strings {
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.nodes.clear();
        self.root = None;
        self.normalised.clear();
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Takes out all but the first `len` strings.
    pub(super) fn truncate(&mut self, len: usize) {
        while self.entries.len() > len {
            let Some(Entry { span, .. }) = self.entries.pop() else {
                return;
            };
            if span.normalised {
                self.normalised.truncate(span.start as usize);
            }
            if let Some(node) = self.nodes.pop() {
                let entry = Link::Entry(number(self.entries.len()));
                let other = if node.set == entry { node.unset } else { node.set };
                self.hang(node.parent, other);
            } else {
                self.root = None;
            }
        }
    }

    pub(super) fn bytes<'a>(&'a self, text: &'a str, span: Span) -> &'a [u8] {
        self.str(text, span).as_bytes()
    }

    pub(super) fn str<'a>(&'a self, text: &'a str, span: Span) -> &'a str {
        let whole = if span.normalised { &self.normalised } else { text };
        whole.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    pub(super) fn span(&self, string: u32) -> Span {
        self.entries.get(string as usize).map(|entry| entry.span).unwrap_or_default()
    }

    pub(super) fn meaning(&self, prefix: u32) -> Option<u32> {
        self.entries.get(prefix as usize)?.meaning
    }

    /// Binds a string as a prefix, and tells what it meant.
    pub(super) fn bind(&mut self, prefix: u32, meaning: Option<u32>) -> Option<u32> {
        let entry = self.entries.get_mut(prefix as usize)?;
        mem::replace(&mut entry.meaning, meaning)
    }

    /// A place for a string that `push` makes; it stays there only if it is inserted next.
    pub(super) fn normalise(&mut self, push: impl FnOnce(&mut String)) -> Span {
        let start = number(self.normalised.len());
        push(&mut self.normalised);
        Span { start, end: number(self.normalised.len()), normalised: true }
    }

    /// Forgets a string that [`normalise`](Self::normalise) made and that was not inserted.
    pub(super) fn forget(&mut self, span: Span) {
        if span.normalised {
            self.normalised.truncate(span.start as usize);
        }
    }

    /// The number of this string, if it is here.
    pub(super) fn find(&self, text: &str, key: &[u8]) -> Option<u32> {
        let entry = self.nearest(key)?;
        (self.bytes(text, self.span(entry)) == key).then_some(entry)
    }

    /// The number of this string, which is put in if it is not yet here.
    pub(super) fn insert(&mut self, text: &str, span: Span) -> u32 {
        let new = number(self.entries.len());
        let key = self.bytes(text, span);
        if let Some(nearest) = self.nearest(key) {
            let other = self.bytes(text, self.span(nearest));
            let Some((at, mask)) = difference(key, other) else {
                self.forget(span);
                return nearest;
            };
            let is_set = byte(key, at as usize) & mask != 0;
            let (parent, below) = self.place(key, at, mask);
            let entry = Link::Entry(new);
            let (unset, set) = if is_set { (below, entry) } else { (entry, below) };
            self.hang(parent, Link::Node(number(self.nodes.len())));
            self.nodes.push(Node { at, mask, unset, set, parent });
        } else {
            self.root = Some(Link::Entry(new));
        }
        self.entries.push(Entry { span, meaning: None });
        new
    }

    /// The one string that may be this one.
    fn nearest(&self, key: &[u8]) -> Option<u32> {
        let mut link = self.root?;
        loop {
            match link {
                Link::Entry(entry) => return Some(entry),
                Link::Node(node) => link = self.nodes.get(node as usize)?.child(key).0,
            }
        }
    }

    /// Where a node for this bit belongs: under which parent, and what is there so far.
    fn place(&self, key: &[u8], at: u32, mask: u8) -> (Option<(u32, bool)>, Link) {
        let mut parent = None;
        let mut link = self.root.unwrap_or(Link::Entry(0));
        while let Link::Node(number) = link {
            match self.nodes.get(number as usize) {
                // Nodes come in the order of their bits, the highest bit of a byte first.
                Some(node) if (node.at, !node.mask) < (at, !mask) => {
                    let (child, is_set) = node.child(key);
                    parent = Some((number, is_set));
                    link = child;
                }
                _ => break,
            }
        }
        (parent, link)
    }

    fn hang(&mut self, parent: Option<(u32, bool)>, link: Link) {
        let Some((parent, is_set)) = parent else {
            self.root = Some(link);
            return;
        };
        if let Some(node) = self.nodes.get_mut(parent as usize) {
            *(if is_set { &mut node.set } else { &mut node.unset }) = link;
        }
    }
}

impl Node {
    fn child(&self, key: &[u8]) -> (Link, bool) {
        let is_set = byte(key, self.at as usize) & self.mask != 0;
        (if is_set { self.set } else { self.unset }, is_set)
    }
}

/// The highest bit of the first byte in which two strings differ; after its end a string has zeros.
fn difference(one: &[u8], other: &[u8]) -> Option<(u32, u8)> {
    let at = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    let differing = byte(one, at) ^ byte(other, at);
    (differing != 0).then(|| (number(at), 1 << differing.ilog2()))
}

/// An offset or a count, which the length of a scanned text bounds.
#[expect(clippy::cast_possible_truncation, reason = "the scanner refuses texts of more than 4 GiB")]
#[inline]
pub(super) fn number(count: usize) -> u32 {
    debug_assert!(u32::try_from(count).is_ok(), "the scanner refuses longer texts");
    count as u32
}
