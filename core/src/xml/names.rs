//! What a character is, and what a name (XML 1.0 § 2.2 and § 2.3, fifth edition; Namespaces 1.0 § 4).

use super::bytes::{misplaced, word};
use super::fault::{Fault, Rule};

/// A qualified name as it stands in a text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    /// The offset just after it.
    pub(super) end: usize,
    /// How long its prefix is, without the colon; 0 for none.
    pub(super) prefix: usize,
    /// Its first eight bytes, or, after zeros, as many as it has: see [`word`].
    pub(super) word: u64,
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
        let word = word(text.as_bytes(), at, end - at);
        return Ok(Name { end, prefix, word });
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
