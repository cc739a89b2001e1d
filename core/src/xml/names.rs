//! What a character is, and what a name (XML 1.0 § 2.2 and § 2.3, fifth edition; Namespaces 1.0 § 4).

use super::bytes::{self, byte};
use super::fault::{Fault, Rule};

/// A qualified name as it stands in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    /// The offset just after it.
    pub(super) end: usize,
    /// How long its prefix is, without the colon; 0 for none.
    pub(super) prefix: usize,
}

/// Reads the qualified name that starts at `at`.
#[inline]
pub(super) fn qualified(text: &str, at: usize) -> Result<Name, Fault> {
    let bytes = text.as_bytes();
    let end = bytes::name_end(bytes, at);
    if !bytes::starts_name(byte(bytes, at)) || bytes::continues_name(byte(bytes, end)) {
        return prefixed(text, at, end);
    }
    Ok(Name { end, prefix: 0 })
}

/// The same for a name that holds a colon, as `xml:lang` does; `colon` is where it may be.
fn prefixed(text: &str, at: usize, colon: usize) -> Result<Name, Fault> {
    let bytes = text.as_bytes();
    let local = colon + 1;
    let end = bytes::name_end(bytes, local);
    if byte(bytes, colon) == b':'
        && bytes::starts_name(byte(bytes, at))
        && bytes::starts_name(byte(bytes, local))
        && !bytes::continues_name(byte(bytes, end))
    {
        return Ok(Name { end, prefix: colon - at });
    }
    any(text, at)
}

/// The same for every name and for everything that is none, character by character.
#[cold]
fn any(text: &str, at: usize) -> Result<Name, Fault> {
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
    Err(bytes::misplaced(text, end, rule))
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
