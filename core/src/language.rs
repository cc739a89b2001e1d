//! Language tags (RFC 5646), as far as they matter here.

/// Whether this may be a language tag: it has the characters of one (RFC 5646 § 2.1), and is no longer than one is.
///
/// A server writes the language of a client's stream into each stanza that has none, so a bound is needed.
pub(crate) fn is_tag(text: &str) -> bool {
    let is_legal = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_legal && (1..=MAX_BYTES).contains(&text.len())
}

// RFC 5646 § 4.4.1: 35 are enough for every tag that is registered; its longest example has 49.
const MAX_BYTES: usize = 64;
