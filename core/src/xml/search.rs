//! Looking for the next byte that matters.
//!
//! Every search stops at all that may need a decision, and leaves the decision to its caller.

use super::block::{BLOCK, Block};
use super::padded::{Padded, WIDTH};

/// The first offset from `at` on that holds no ASCII character of a name, or a colon; the length if there is none.
pub(super) fn name_end(text: &Padded<'_>, mut at: usize) -> usize {
    loop {
        let found = Block::first(text.window(at)).name_stops().trailing_zeros() as usize;
        if found < BLOCK {
            return at + found;
        }
        at += BLOCK;
    }
}

/// The first offset from `at` on that holds a quote, `<`, `&` or what is suspicious.
pub(super) fn value_stop(text: &Padded<'_>, mut at: usize) -> usize {
    loop {
        let stops = value_stops(text.window(at));
        if stops != 0 {
            return at + stops.trailing_zeros() as usize;
        }
        at += WIDTH;
    }
}

/// The [marks](super::block) of quotes, `<`, `&` and what is suspicious.
#[expect(clippy::inline_always, reason = "marks in registers are most of the gain")]
#[inline(always)]
pub(super) fn value_stops(window: &[u8; WIDTH]) -> u32 {
    let [first, second] = Block::both(window);
    first.value_stops() | (second.value_stops() << BLOCK)
}

/// The first offset from `at` on that holds `<`, `&`, `]` or what is suspicious.
#[inline]
pub(super) fn text_stop(text: &Padded<'_>, mut at: usize) -> usize {
    loop {
        let [first, second] = Block::both(text.window(at));
        let stops = first.text_stops().marks() | (second.text_stops().marks() << BLOCK);
        if stops != 0 {
            return at + stops.trailing_zeros() as usize;
        }
        at += WIDTH;
        at += plain(text.text.as_bytes().get(at..).unwrap_or_default(), Block::text_stops);
    }
}

/// The first offset from `at` on that holds what is suspicious; the length if there is none.
pub(super) fn suspicious(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    let skipped = plain(rest, Block::suspicious);
    let rest = rest.get(skipped..).unwrap_or_default();
    let found = rest.iter().position(|&byte| byte < b' ' || byte == 0xEF);
    found.map_or(bytes.len(), |found| at + skipped + found)
}

/// How many of these bytes are in long runs without stops.
#[inline(never)]
fn plain(bytes: &[u8], stops: impl Fn(Block) -> Block) -> usize {
    let runs = bytes.as_chunks::<RUN>().0;
    let is_plain = |run: &&[u8; RUN]| {
        let blocks = run.as_chunks().0.iter().map(|block| stops(Block::of(block)));
        blocks.reduce(Block::or).is_none_or(|stops| stops.marks() == 0)
    };
    runs.iter().take_while(is_plain).count() * RUN
}

/// How many bytes are looked at in one go where stops are far apart.
const RUN: usize = 4 * BLOCK;
