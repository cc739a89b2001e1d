//! What a server says of its limits (XEP-0478), so that nobody has to find out by being thrown out.

use crate::limits::Limits;
use crate::ns;
use crate::xml::{Element, Writer};

/// Adds `<limits/>` to a server's features: the longest message that is sure to be taken on this stream, and after
/// which silence the client is asked whether it is still there.
pub(crate) fn write(writer: &mut Writer<'_>, max_bytes: usize, limits: &Limits) {
    writer.start("limits", ns::STREAM_LIMITS);
    writer.start("max-bytes", ns::STREAM_LIMITS).text(&max_bytes.to_string()).end();
    if let Some(after) = limits.ping_after {
        let seconds = after.as_secs().to_string();
        writer.start("idle-seconds", ns::STREAM_LIMITS).text(&seconds).end();
    }
    writer.end();
}

/// The longest message that a server takes, if it says so in its features.
///
/// RFC 6120 § 13.12: no server may refuse what has 10,000 bytes, so that a smaller number is not believed.
pub(crate) fn read_max_bytes(features: Element<'_>) -> Option<usize> {
    let limits = features.child("limits", ns::STREAM_LIMITS)?;
    let bytes: usize = limits.child("max-bytes", ns::STREAM_LIMITS)?.text().trim().parse().ok()?;
    Some(bytes.max(LEAST_MAX_BYTES))
}

/// What a server tells its bound clients to keep to, where it takes messages of so many bytes: a stanza that is taken
/// can be sent on, which is longer by what the server writes into it (RFC 6120 § 8.1.2.1, § 8.1.5).
pub(crate) fn max_bytes_to_relay(max_message_bytes: usize) -> usize {
    let least = max_message_bytes.min(LEAST_MAX_BYTES);
    max_message_bytes.saturating_sub(STAMP_BYTES).max(least)
}

// The longest address (RFC 7622 § 3.1) has 3,071 bytes, of which the resource's 1,023 may grow six-fold when they are
// escaped; a language has 64 at most. The rest is for the names of the attributes and the namespace.
const STAMP_BYTES: usize = 9 * 1024;
/// RFC 6120 § 13.12.
const LEAST_MAX_BYTES: usize = 10_000;
