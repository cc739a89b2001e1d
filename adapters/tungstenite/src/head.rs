//! The head of an HTTP message, without a socket.

use tungstenite::error::{Error, ProtocolError};
use tungstenite::handshake::machine::TryParse;
use tungstenite::http::HeaderMap;
use tungstenite::http::header::HeaderName;

/// The first bytes of a connection, up to the end of a head.
///
/// They may come in any number of pieces. How long that may take is the business of whoever reads them.
#[derive(Debug, Default)]
pub(crate) struct Head {
    unread: Vec<u8>,
    /// How many came before those that are unread.
    skipped: usize,
    /// How many were unread when it was last tried to understand them.
    tried: usize,
}

impl Head {
    /// Takes what was read; nothing is the end of the stream. Gives the head when it is whole, and what came after it.
    pub(crate) fn received<T: TryParse>(
        &mut self,
        bytes: &[u8],
    ) -> Result<Option<(T, Vec<u8>)>, Error> {
        if bytes.is_empty() {
            return Err(ProtocolError::HandshakeIncomplete.into());
        }
        self.unread.extend_from_slice(bytes);
        self.skip_empty_lines();
        let is_due = self.is_worth_a_try(bytes);
        let whole = if is_due { T::try_parse(&self.unread)? } else { None };
        match whole {
            Some((length, head)) if self.skipped + length <= MAX_HEAD_BYTES => {
                // Nothing of the head is kept with what came after it.
                Ok(Some((head, self.unread.split_off(length))))
            }
            None if self.skipped + self.unread.len() <= MAX_HEAD_BYTES => Ok(None),
            _ => Err(Error::AttackAttempt),
        }
    }

    /// RFC 9112 § 2.2: empty lines before it are ignored.
    fn skip_empty_lines(&mut self) {
        let mut rest = self.unread.as_slice();
        while let Some(next) = rest.strip_prefix(b"\r\n").or_else(|| rest.strip_prefix(b"\n")) {
            rest = next;
        }
        let empty = self.unread.len() - rest.len();
        self.unread.drain(..empty);
        self.skipped += empty;
    }

    /// Whether these bytes end a line, of which there are few, or there is twice as much as at the last try: so that
    /// the work does not grow with the number of pieces.
    fn is_worth_a_try(&mut self, bytes: &[u8]) -> bool {
        let is = bytes.contains(&b'\n') || self.unread.len() >= 2 * self.tried;
        if is {
            self.tried = self.unread.len();
        }
        is
    }
}

/// The elements of a list, which may come in one header or in several, and some of which may be empty (RFC 9110 § 5.3,
/// § 5.6.1).
pub(crate) fn elements<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
) -> impl Iterator<Item = &'a [u8]> + use<'a> {
    headers
        .get_all(name)
        .iter()
        .flat_map(|value| value.as_bytes().split(|byte| *byte == b','))
        .map(<[u8]>::trim_ascii)
        .filter(|element| !element.is_empty())
}

// Precedents: by default nginx takes heads of 32 KiB, Apache a hundred lines of 8 KiB; tungstenite's own limit is this.
// How many headers there may be is tungstenite's limit, 124.
const MAX_HEAD_BYTES: usize = 64 * 1024;
