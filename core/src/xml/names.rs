//! What a character is, and what a name (XML 1.0 § 2.2 and § 2.3, fifth edition; Namespaces 1.0 § 4).

use super::block::{BLOCK, Block};
use super::bytes::{byte, misplaced};
use super::fault::{Fault, Rule};
use super::padded::{Padded, WIDTH};
use super::search::name_end;
use super::strings::number;

/// A qualified name as it stands in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    /// The offset just after it.
    pub(super) end: usize,
    /// How long its prefix is, without the colon; 0 for none.
    pub(super) prefix: usize,
}

/// Reads the qualified name that starts at `at`: where it ends, and its [word].
#[expect(clippy::inline_always, reason = "a name in registers is most of the gain")]
#[inline(always)]
pub(super) fn read(text: &Padded<'_>, at: usize) -> Result<(Name, u128), Fault> {
    let window = text.window(at);
    if let Some(name) = short(text, window, at) {
        return Ok((name, word(window, number(name.end - at))));
    }
    let name = long(text, at)?;
    let length = name.end - at;
    let window = text.window(at + length.saturating_sub(BLOCK));
    Ok((name, word(window, number(length.min(BLOCK)))))
}

/// The last bytes of the name of this length, at least 1, that a window begins with: up to sixteen, after zeros.
///
/// No name has zeros in it, so that shorter names differ by their words.
#[inline]
pub(super) fn word(window: &[u8; WIDTH], length: u32) -> u128 {
    let first = window.first_chunk().copied().unwrap_or_default();
    u128::from_le_bytes(first) << (u128::BITS - 8 * length)
}

/// The last bytes of a name with this word, up to eight, after zeros.
#[inline]
pub(super) const fn tail(word: u128) -> u64 {
    (word >> u64::BITS) as u64
}

/// The name that starts at `at`, if it is all ASCII and shorter than a block.
#[expect(clippy::inline_always, reason = "a name in registers is most of the gain")]
#[inline(always)]
fn short(text: &Padded<'_>, window: &[u8; WIDTH], at: usize) -> Option<Name> {
    let bytes = text.text.as_bytes();
    let stops = Block::first(window).name_stops();
    let mut end = at + stops.trailing_zeros() as usize;
    let mut next = byte(bytes, end);
    let mut prefix = 0;
    if next == b':' {
        prefix = end - at;
        if !is_ascii_start(byte(bytes, end + 1)) {
            return None;
        }
        end = at + (stops & (stops - 1)).trailing_zeros() as usize;
        next = byte(bytes, end);
    }
    let is_short = end < at + BLOCK && is_ascii_start(byte(window, 0));
    (is_short && !goes_on(next)).then_some(Name { end, prefix })
}

/// The name that starts at `at`.
#[inline(never)]
fn long(text: &Padded<'_>, at: usize) -> Result<Name, Fault> {
    let bytes = text.text.as_bytes();
    let mut starts = is_ascii_start(byte(bytes, at));
    let mut end = name_end(text, at);
    let mut prefix = 0;
    if byte(bytes, end) == b':' {
        prefix = end - at;
        starts &= is_ascii_start(byte(bytes, end + 1));
        end = name_end(text, end + 1);
    }
    if starts && !goes_on(byte(bytes, end)) {
        return Ok(Name { end, prefix });
    }
    qualified(text.text, at)
}

/// Reads the qualified name that starts at `at`, whatever characters it has.
#[cold]
pub(super) fn qualified(text: &str, at: usize) -> Result<Name, Fault> {
    let mut prefix = 0;
    let mut part = at; // where the part before or after the colon starts
    let mut end = at;
    for character in text.get(at..).unwrap_or_default().chars() {
        if character == ':' {
            // Namespaces 1.0 § 4: one colon at most, and a name without colons on both sides of it.
            if end == part || prefix != 0 {
                return Err(Fault::new(Rule::QualifiedName, end));
            }
            prefix = end - at;
            part = end + 1;
        } else if end == part {
            if !is_name_start(character) {
                break;
            }
        } else if !is_name_character(character) {
            break;
        }
        end += character.len_utf8();
    }
    if end > part {
        return Ok(Name { end, prefix });
    }
    let rule = if prefix == 0 { Rule::Name } else { Rule::QualifiedName };
    Err(misplaced(text, end, rule))
}

/// XML 1.0 § 2.2: `Char`.
pub(super) const fn is_character(character: char) -> bool {
    matches!(character,
        '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// XML 1.0 § 2.3: `NameStartChar` but for the colon, which Namespaces 1.0 § 4 takes out.
pub(super) const fn is_name_start(character: char) -> bool {
    matches!(character,
        'A'..='Z' | '_' | 'a'..='z' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// XML 1.0 § 2.3: `NameChar` but for the colon.
pub(super) const fn is_name_character(character: char) -> bool {
    is_name_start(character)
        || matches!(character,
            '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}')
}

/// The same as [`is_name_start`], for ASCII.
#[inline]
pub(super) const fn is_ascii_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

/// Whether a name may go on with this byte, which is no ASCII character of a name: a colon, or no ASCII.
#[inline]
pub(super) const fn goes_on(byte: u8) -> bool {
    byte == b':' || !byte.is_ascii()
}

/// The [tail] of the name `xmlns`, which no other name has.
pub(super) const XMLNS: u64 = u64::from_le_bytes(*b"\0\0\0xmlns");
