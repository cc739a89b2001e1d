//! Looking for the next byte that matters.
//!
//! A search looks at a block of bytes at once and takes the least place of all its stops. That has no branches, so that
//! compilers make a handful of vector instructions of it, and the length of a value or a text costs nothing that a
//! processor would have to guess. Names are shorter: for them the same is done with one word and arithmetic. Every
//! search stops at all that may need a decision, and leaves the decision to its caller.

#![expect(
    clippy::needless_bitwise_bool,
    reason = "a lazy operator is a branch, and no vector has branches"
)]

/// Marks, in the high bits, which bytes of a word are no ASCII character of a name, or a colon.
///
/// Most names are shorter than a word, and for so little arithmetic is quicker than a vector: an addition carries into
/// the high bit of exactly those bytes that are large enough.
#[inline]
pub(super) const fn name_stops(word: u64) -> u64 {
    let ascii = word & !HIGH_BITS;
    let lower = ascii | spread(0x20);
    let letter = (lower + spread(0x80 - b'a')) & !(lower + spread(0x7F - b'z'));
    let digit = (ascii + spread(0x80 - b'-')) & !(ascii + spread(0x7F - b'9'));
    let slash = (ascii ^ spread(b'/')) + spread(0x7F);
    let other = (ascii ^ spread(b'_')) + spread(0x7F);
    (!(letter | (digit & slash)) & other | word) & HIGH_BITS
}

/// A word of eight times this byte.
const fn spread(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The first offset from `at` on that holds no ASCII character of a name, or a colon; the length if there is none.
pub(super) fn name_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = bytes.get(at..at + 8).and_then(<[u8]>::first_chunk) {
        let stops = name_stops(u64::from_le_bytes(*word));
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    let is_name = |byte: &&u8| name_stops(spread(**byte)) == 0;
    at + rest.iter().take_while(is_name).count()
}

/// The first offset from `at` on that holds `<`, `&`, `]` or what is [suspicious](is_suspicious).
#[inline]
pub(super) fn text_stop(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |byte| (byte == b'<') | (byte == b'&') | (byte == b']') | is_suspicious(byte))
}

/// The first offset from `at` on that holds this quote, `<`, `&` or what is [suspicious](is_suspicious).
#[inline]
pub(super) fn value_stop<const QUOTE: u8>(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |byte| (byte == QUOTE) | (byte == b'<') | (byte == b'&') | is_suspicious(byte))
}

/// The first offset from `at` on that holds what is [suspicious](is_suspicious).
pub(super) fn suspicious(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, is_suspicious)
}

/// What may be no character: control characters, and the first byte of U+FFFE, U+FFFF and others (XML 1.0 § 2.2).
#[inline]
const fn is_suspicious(byte: u8) -> bool {
    (byte < 0x20) | (byte == 0xEF)
}

#[inline]
fn find(bytes: &[u8], mut at: usize, is_stop: impl Fn(u8) -> bool + Copy) -> usize {
    while let Some(block) = bytes.get(at..at + BLOCK).and_then(<[u8]>::first_chunk) {
        let found = first(block, is_stop);
        if found < BLOCK {
            return at + found;
        }
        at += BLOCK + plain(bytes, at + BLOCK, is_stop);
    }
    find_in_rest(bytes, at, is_stop)
}

/// How many bytes from `at` on are in long runs without stops.
#[inline(never)]
fn plain(bytes: &[u8], at: usize, is_stop: impl Fn(u8) -> bool) -> usize {
    let runs = bytes.get(at..).unwrap_or_default().as_chunks::<RUN>().0;
    let is_plain = |run: &&[u8; RUN]| !run.iter().fold(false, |any, &byte| any | is_stop(byte));
    runs.iter().take_while(is_plain).count() * RUN
}

/// The place of the first stop in a block; its length if there is none.
#[inline]
fn first(block: &[u8; BLOCK], is_stop: impl Fn(u8) -> bool) -> usize {
    let mut least = LAST;
    for (place, &byte) in (0..LAST).zip(block) {
        least = least.min(if is_stop(byte) { place } else { LAST });
    }
    usize::from(least)
}

/// The same for less than a block.
#[inline(never)]
fn find_in_rest(bytes: &[u8], at: usize, is_stop: impl Fn(u8) -> bool + Copy) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if let Some(block) = bytes.last_chunk::<BLOCK>() {
        // The last block of all, of which only the end is of interest.
        let skip = LAST.saturating_sub(u8::try_from(rest.len()).unwrap_or(LAST));
        let mut least = LAST;
        for (place, &byte) in (0..LAST).zip(block) {
            least = least.min(if is_stop(byte) & (place >= skip) { place } else { LAST });
        }
        return bytes.len() - BLOCK + usize::from(least);
    }
    rest.iter().position(|&byte| is_stop(byte)).map_or(bytes.len(), |found| at + found)
}

const HIGH_BITS: u64 = spread(0x80);

/// How many bytes are looked at in one go: three vectors of the smallest kind, since names of namespaces are often
/// longer than two.
const BLOCK: usize = LAST as usize;
const LAST: u8 = 48;
/// How many bytes are looked at in one go where stops are far apart.
const RUN: usize = 128;
