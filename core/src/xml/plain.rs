//! Attributes as most are written: a name of ASCII characters without a prefix, no white space around the `=`, and a
//! value without references.
//!
//! One window is looked at, for the end of the name and for the end of the value at the same time: neither has to wait
//! for the other, and all that is left to do is to count zeros. What an attribute is good for, duplicates, limits and
//! namespaces, is then made out without branches where nobody could guess the answer.

use super::attributes::{Entry, Tag};
use super::block::Block;
use super::bytes::{byte, chunk};
use super::fault::{Fault, Rule};
use super::names::{self, Name, XMLNS};
use super::namespaces::Namespaces;
use super::padded::WIDTH;
use super::scan::Pass;
use super::search::{value_stop, value_stops};

impl Pass<'_> {
    /// The attribute that starts at `at`, if it is written as most are: a name of ASCII characters without a prefix,
    /// and no white space around its `=`. The offset after its closing quote.
    #[expect(clippy::inline_always, reason = "this is where most of the time goes")]
    #[inline(always)]
    pub(super) fn plain_attribute<const IS_ROOT: bool>(
        &mut self,
        at: usize,
        tag: &mut Tag,
        budget: usize,
    ) -> Result<Option<usize>, Fault> {
        let window = self.padded.window(at);
        let length = Block::first(window).name_stops().trailing_zeros();
        let name_end = at + length as usize;
        let quote = match chunk(window, length as usize).map(u16::from_le_bytes) {
            Some(APOSTROPHE) => b'\'',
            Some(QUOTE) => b'"',
            _ => return Ok(None),
        };
        // `-`, `.` and the digits, which begin no name, come before all letters and `_`; so does the `=` after no name.
        if byte(self.bytes, at) < b'A' {
            return Ok(None);
        }
        if length as usize > self.limits.max_name_bytes {
            return Err(Fault::new(Rule::NameTooLong, at));
        }
        let value = name_end + 2;
        let stops = value_stops(window) >> (length + 2);
        let mut end = match stops {
            0 => value_stop(&self.padded, at + WIDTH),
            _ => value + stops.trailing_zeros() as usize,
        };
        let is_plain = byte(self.bytes, end) == quote;
        if !is_plain {
            end = self.value_end(end, quote)?;
        }
        let tail = names::tail(names::word(window, length));
        let is_default = tail == XMLNS;
        let name = Name { end: name_end, prefix: 0 };
        let entry = Entry::new(at, name, tail, value..end, is_default);
        self.attributes.push(self.bytes, tag, entry)?;
        if tag.taken > budget {
            self.check_limits(at, *tag)?;
        }
        // Most default namespaces need no more than to be counted: what cannot be guessed need not be a branch.
        if is_default & (!is_plain | IS_ROOT | Namespaces::may_be_reserved(end - value)) {
            self.declare(entry, is_plain)?;
        }
        Ok(Some(end + 1))
    }
}

/// What comes before a value in apostrophes, and before one in quotes.
const APOSTROPHE: u16 = u16::from_le_bytes(*b"='");
const QUOTE: u16 = u16::from_le_bytes(*b"=\"");
