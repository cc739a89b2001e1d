//! Single bytes and characters of a text.

use super::fault::{Fault, Rule};
use super::names::is_character;
use super::search;

/// The byte at `at`; 0, which no XML may hold, after the end.
#[inline]
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// The bytes from `at` on, if there are so many.
#[inline]
pub(super) fn chunk<const LENGTH: usize>(bytes: &[u8], at: usize) -> Option<[u8; LENGTH]> {
    bytes.get(at..at + LENGTH).and_then(<[u8]>::first_chunk).copied()
}

/// Whether this is white space (XML 1.0 § 2.3: `S`).
#[inline]
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The first offset from `at` on that holds no white space.
#[inline]
pub(super) fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while is_space(byte(bytes, at)) {
        at += 1;
    }
    at
}

/// What to make of a byte at which a search stopped and that is no markup: the offset after it.
#[cold]
pub(super) fn step_over(bytes: &[u8], at: usize) -> Result<usize, Fault> {
    // XML 1.0 § 2.2: no control characters but these three, and neither U+FFFE nor U+FFFF (EF BF BE and EF BF BF).
    match bytes.get(at..).unwrap_or_default() {
        [] => Err(Fault::new(Rule::Unfinished, at)),
        [b'\t' | b'\n' | b'\r', ..] => Ok(at + 1),
        [0xEF, 0xBF, 0xBE | 0xBF, ..] | [0..0x20, ..] => Err(Fault::new(Rule::Character, at)),
        [0xEF, ..] => Ok(at + 3),
        [_, ..] => Ok(at + 1),
    }
}

/// XML 1.0 § 2.2: whether there are only characters between two offsets.
pub(super) fn check_characters(bytes: &[u8], start: usize, end: usize) -> Result<(), Fault> {
    // What follows is of no interest here: to look at it every time would make a scan quadratic.
    let bytes = bytes.get(..end).unwrap_or(bytes);
    let mut at = search::suspicious(bytes, start);
    while at < end {
        at = search::suspicious(bytes, step_over(bytes, at)?);
    }
    Ok(())
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
