//! Looking for the next byte that matters, eight bytes at a time.
//!
//! Each search stops at everything that may need a decision, and leaves the decision to its caller. A stop is found
//! by arithmetic on a word (the subtraction borrows, or the addition carries, exactly where a byte matches), so that
//! the length of a name or a value costs no branch that a processor would have to guess.

use super::fault::{Fault, Rule};
use super::names::is_character;

/// The byte at `at`; 0, which no XML may hold, after the end.
#[inline]
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// Whether this is white space (XML 1.0 § 2.3: `S`).
#[inline]
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// Whether this ASCII character may start a name without colons.
#[inline]
pub(super) const fn starts_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a name may go on with this byte, at which [`name_end`] stopped: a colon, or no ASCII.
#[inline]
pub(super) const fn continues_name(byte: u8) -> bool {
    byte == b':' || !byte.is_ascii()
}

/// The first offset from `at` on that holds no white space.
#[inline]
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while is_space(byte(bytes, at)) {
        at += 1;
    }
    at
}

/// The first offset from `at` on that holds something else than an ASCII name character other than the colon.
#[inline]
pub(super) fn name_end(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |word| {
        let low = word & !HIGH_BITS;
        let lower = low | spread(0x20);
        let letter = at_least(lower, b'a') & !at_least(lower, b'z' + 1);
        let digit = at_least(low, b'-') & !at_least(low, b'9' + 1) & differs(low, b'/');
        let name = letter | digit | !differs(low, b'_');
        (!name | word) & HIGH_BITS
    })
}

/// The first offset from `at` on that holds `<`, `&`, `]`, a control character or [`SUSPECT`].
#[inline]
pub(super) fn text_stop(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |word| {
        (equals(word, b'<') | equals(word, b'&') | equals(word, b']') | suspicious(word))
            & HIGH_BITS
    })
}

/// The first offset from `at` on that holds `quote`, `<`, `&`, a control character or [`SUSPECT`].
#[inline]
pub(super) fn value_stop(bytes: &[u8], at: usize, quote: u8) -> usize {
    find(bytes, at, |word| {
        (equals(word, quote) | equals(word, b'<') | equals(word, b'&') | suspicious(word))
            & HIGH_BITS
    })
}

/// The first offset from `at` on that holds a control character or [`SUSPECT`].
fn character_stop(bytes: &[u8], at: usize) -> usize {
    find(bytes, at, |word| suspicious(word) & HIGH_BITS)
}

/// What to make of a byte that [`text_stop`] or [`value_stop`] gave and that is no markup: the offset after it.
#[cold]
pub(super) fn step_over(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    // XML 1.0 § 2.2: no control characters but these three, and neither U+FFFE nor U+FFFF (EF BF BE and EF BF BF).
    match bytes.get(at..).unwrap_or_default() {
        [b'\t' | b'\n' | b'\r', ..] => Ok(at + 1),
        [] => Err(Fault::new(Rule::Unfinished, at)),
        [SUSPECT, 0xBF, 0xBE | 0xBF, ..] => Err(Fault::new(Rule::Character, at)),
        [SUSPECT, ..] => Ok(at + 3),
        [_, ..] => Err(Fault::new(Rule::Character, at)),
    }
}

/// XML 1.0 § 2.2: whether there are only characters between two offsets.
pub(super) fn check_characters(bytes: &[u8], start: usize, end: usize) -> Result<(), Fault> {
    // What follows is of no interest here: to look at it every time would make a scan quadratic.
    let bytes = bytes.get(..end).unwrap_or(bytes);
    let mut at = start;
    loop {
        at = character_stop(bytes, at);
        if at >= end {
            return Ok(());
        }
        at = step_over(bytes, at)?;
    }
}

/// The fault at a place where `rule` does not allow what stands there: perhaps nothing does, or no character.
#[cold]
pub(super) fn misplaced(text: &str, at: usize, rule: Rule) -> Fault {
    let rule = match text.get(at..).map(|rest| rest.chars().next()) {
        Some(None) => Rule::Unfinished,
        Some(Some(character)) if !is_character(character) => Rule::Character,
        _ => rule,
    };
    Fault::new(rule, at)
}

/// The first offset from `at` on whose byte `stops` marks in its high bit; the length if there is none.
///
/// The lowest mark of a word must be exact, the marks above it need not be.
#[inline]
fn find(bytes: &[u8], mut at: usize, stops: impl Fn(u64) -> u64) -> usize {
    while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let stops = stops(u64::from_le_bytes(*word));
        if stops != 0 {
            return at + (stops.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    // Fewer than eight bytes are left. The word is filled with NUL, which is a stop in every search.
    let mut word = [0; 8];
    let rest = bytes.get(at..).unwrap_or_default();
    for (byte, &left) in word.iter_mut().zip(rest) {
        *byte = left;
    }
    at + ((stops(u64::from_le_bytes(word)).trailing_zeros() / 8) as usize).min(rest.len())
}

/// A word of eight times this byte.
const fn spread(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// Marks the bytes that are `byte`.
#[inline]
const fn equals(word: u64, byte: u8) -> u64 {
    let zero = word ^ spread(byte);
    zero.wrapping_sub(spread(1)) & !zero
}

/// Marks control characters and [`SUSPECT`].
#[inline]
const fn suspicious(word: u64) -> u64 {
    (word.wrapping_sub(spread(0x20)) & !word) | equals(word, SUSPECT)
}

/// Marks the bytes that are at least `byte`, of a word of ASCII.
#[inline]
const fn at_least(ascii: u64, byte: u8) -> u64 {
    ascii + spread(0x80 - byte)
}

/// Marks the bytes that are not `byte`, of a word of ASCII.
#[inline]
const fn differs(ascii: u64, byte: u8) -> u64 {
    (ascii ^ spread(byte)) + spread(0x7F)
}

/// The first byte of U+FFFE and U+FFFF in UTF-8, and of other characters from U+F000 on.
const SUSPECT: u8 = 0xEF;

const HIGH_BITS: u64 = spread(0x80);
