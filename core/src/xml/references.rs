//! References, and what a text is after they are resolved (XML 1.0 § 4.1, § 2.11, § 3.3.3).

use std::borrow::Cow;

use memchr::{memchr2, memchr3};

use super::bytes::byte;
use super::fault::{Fault, Rule};
use super::names::{is_character, is_name_character, is_name_start};

/// Reads the reference whose `&` is at `at`: its character, and the offset after its `;`.
pub(super) fn reference(text: &str, at: usize) -> Result<(char, usize), Fault> {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(number) = rest.strip_prefix("&#") {
        let Some((code, length)) = code_point(number.as_bytes()) else {
            return Err(Fault::new(Rule::CharacterReference, at));
        };
        return match char::from_u32(code) {
            // XML 1.0 § 4.1, "Legal Character".
            Some(character) if is_character(character) => Ok((character, at + 2 + length)),
            _ => Err(Fault::new(Rule::CharacterReference, at)),
        };
    }
    for (entity, character) in PREDEFINED {
        if rest.starts_with(entity) {
            return Ok((character, at + entity.len()));
        }
    }
    let name = rest.get(1..).unwrap_or_default();
    let length = name
        .char_indices()
        .find(|&(offset, character)| match offset {
            0 => !is_name_start(character) && character != ':',
            _ => !is_name_character(character) && character != ':',
        })
        .map_or(name.len(), |(offset, _)| offset);
    let named = length > 0 && byte(name.as_bytes(), length) == b';';
    // RFC 6120 § 11.1: no entities but the predefined ones.
    Err(Fault::new(if named { Rule::Entity } else { Rule::Reference }, at))
}

/// The number of a character reference after its `&#`, and how long it is with its `;`.
fn code_point(bytes: &[u8]) -> Option<(u32, usize)> {
    let (radix, prefix) = if byte(bytes, 0) == b'x' { (16, 1) } else { (10, 0) };
    let mut code: u32 = 0;
    let mut length = prefix;
    while let Some(digit) = char::from(byte(bytes, length)).to_digit(radix) {
        // What is too large stays too large: the largest number is no character.
        code = code.saturating_mul(radix).saturating_add(digit);
        length += 1;
    }
    (length > prefix && byte(bytes, length) == b';').then_some((code, length + 1))
}

/// Character data as the application sees it: references resolved, line ends normalised.
pub(super) fn text(raw: &str) -> Cow<'_, str> {
    if memchr2(b'&', b'\r', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    push_text(&mut text, raw);
    Cow::Owned(text)
}

/// [`text`], added to what is there already.
pub(super) fn push_text(out: &mut String, raw: &str) {
    push(out, raw, |bytes| memchr2(b'&', b'\r', bytes), "\n");
}

/// The content of a CDATA section, added to what is there already: only line ends are normalised.
pub(super) fn push_cdata(out: &mut String, raw: &str) {
    push(out, raw, |bytes| memchr::memchr(b'\r', bytes), "\n");
}

/// An attribute's value as the application sees it (XML 1.0 § 3.3.3, for CDATA, which all attributes are without a DTD).
pub(crate) fn value(raw: &str) -> Cow<'_, str> {
    if is_plain(raw) {
        return Cow::Borrowed(raw);
    }
    let mut value = String::with_capacity(raw.len());
    push_value(&mut value, raw);
    Cow::Owned(value)
}

/// [`value`], added to what is there already.
pub(super) fn push_value(out: &mut String, raw: &str) {
    push(out, raw, |bytes| bytes.iter().position(|&byte| !is_plain_byte(byte)), " ");
}

fn is_plain(raw: &str) -> bool {
    memchr::memchr(b'&', raw.as_bytes()).is_none()
        && memchr3(b'\t', b'\n', b'\r', raw.as_bytes()).is_none()
}

const fn is_plain_byte(byte: u8) -> bool {
    !matches!(byte, b'&' | b'\t' | b'\n' | b'\r')
}

/// Adds `raw`, replacing what `find` finds: a reference by its character, white space by `space`.
fn push(out: &mut String, mut raw: &str, find: impl Fn(&[u8]) -> Option<usize>, space: &str) {
    while let Some(at) = find(raw.as_bytes()) {
        out.push_str(raw.get(..at).unwrap_or_default());
        let after = match byte(raw.as_bytes(), at) {
            b'&' => {
                let resolved = reference(raw, at);
                debug_assert!(resolved.is_ok(), "checked text has no broken reference");
                let (character, after) = resolved.unwrap_or(('&', at + 1));
                out.push(character);
                after
            }
            whitespace => {
                out.push_str(space);
                // XML 1.0 § 2.11: carriage return and line feed are one line end.
                let two = whitespace == b'\r' && byte(raw.as_bytes(), at + 1) == b'\n';
                at + 1 + usize::from(two)
            }
        };
        raw = raw.get(after..).unwrap_or_default();
    }
    out.push_str(raw);
}

// XML 1.0 § 4.6
const PREDEFINED: [(&str, char); 5] =
    [("&lt;", '<'), ("&gt;", '>'), ("&amp;", '&'), ("&apos;", '\''), ("&quot;", '"')];
