//! The XML declaration (XML 1.0 § 2.8), which XMPP over WebSocket has no use for but does not forbid.

use super::bytes::{byte, is_space, misplaced, skip_space};
use super::fault::{Fault, Rule};

/// Where the root must start: 0, or after the XML declaration and the white space that follows it.
pub(super) fn skip(text: &str) -> Result<usize, Fault> {
    if !is_here(text, 0) || !text.starts_with("<?xml") {
        return Ok(0);
    }
    let bytes = text.as_bytes();
    // XML 1.0 § 2.8: the version first, then perhaps an encoding, then perhaps `standalone`.
    let (version, mut at) = item(text, "<?xml".len(), "version")?;
    if version.is_none_or(|version| version != "1.0") {
        return Err(misplaced(text, at, Rule::Declaration));
    }
    let (encoding, after) = item(text, at, "encoding")?;
    if let Some(name) = encoding {
        if !is_encoding_name(name) {
            return Err(Fault::new(Rule::Declaration, at));
        }
        // RFC 6120 § 11.6: UTF-8, whatever the declaration says. § 4.3.3: its name in any case.
        if !name.eq_ignore_ascii_case("UTF-8") {
            return Err(Fault::new(Rule::Encoding, at));
        }
    }
    at = after;
    let (standalone, after) = item(text, at, "standalone")?;
    if standalone.is_some_and(|answer| answer != "yes" && answer != "no") {
        return Err(Fault::new(Rule::Declaration, at));
    }
    at = skip_space(bytes, after);
    if !text.get(at..).is_some_and(|rest| rest.starts_with("?>")) {
        return Err(misplaced(text, at, Rule::Declaration));
    }
    Ok(skip_space(bytes, at + 2))
}

/// Whether a processing instruction at `at` calls itself `xml`, which none may (XML 1.0 § 2.6).
pub(super) fn is_here(text: &str, at: usize) -> bool {
    let target = text.as_bytes().get(at..).and_then(|rest| rest.strip_prefix(b"<?"));
    target.is_some_and(|target| {
        target.get(..3).is_some_and(|name| name.eq_ignore_ascii_case(b"xml"))
            && (is_space(byte(target, 3)) || matches!(byte(target, 3), b'?' | 0))
    })
}

/// Reads ` name='value'`, if it is there: the value, and the offset after it.
fn item<'t>(text: &'t str, at: usize, name: &str) -> Result<(Option<&'t str>, usize), Fault> {
    let bytes = text.as_bytes();
    let start = skip_space(bytes, at);
    let Some(rest) = text.get(start..).and_then(|rest| rest.strip_prefix(name)) else {
        return Ok((None, at));
    };
    let broken = |at| misplaced(text, at, Rule::Declaration);
    if start == at {
        return Err(broken(at));
    }
    let mut at = skip_space(bytes, text.len() - rest.len());
    if byte(bytes, at) != b'=' {
        return Err(broken(at));
    }
    at = skip_space(bytes, at + 1);
    let quote = byte(bytes, at);
    if !matches!(quote, b'"' | b'\'') {
        return Err(broken(at));
    }
    let rest = text.get(at + 1..).unwrap_or_default();
    match rest.split_once(char::from(quote)) {
        Some((value, _)) => Ok((Some(value), at + 1 + value.len() + 1)),
        None => Err(broken(at)),
    }
}

/// XML 1.0 § 4.3.3: `EncName`.
fn is_encoding_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}
