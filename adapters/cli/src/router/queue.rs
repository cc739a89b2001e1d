//! What waits for one client, with bounds.

use std::collections::VecDeque;

use bytestring::ByteString;

/// The stanzas that wait for one client.
#[derive(Debug, Default)]
pub(super) struct Queue {
    stanzas: VecDeque<ByteString>,
    bytes: usize,
}

impl Queue {
    /// Whether a stanza of somebody else's may be added. The last one may be as long as any.
    pub(super) fn has_room(&self) -> bool {
        self.stanzas.len() < MAX_STANZAS && self.bytes < MAX_BYTES
    }

    /// Whether so much was taken that a client that did not read has caught up.
    pub(super) fn is_half_empty(&self) -> bool {
        self.stanzas.len() <= MAX_STANZAS / 2 && self.bytes <= MAX_BYTES / 2
    }

    pub(super) fn push(&mut self, stanza: ByteString) {
        self.bytes += stanza.len();
        self.stanzas.push_back(stanza);
    }

    pub(super) fn pop(&mut self) -> Option<ByteString> {
        let stanza = self.stanzas.pop_front()?;
        self.bytes -= stanza.len();
        Some(stanza)
    }
}

/// Enough for a burst that a client takes in one go.
pub(super) const MAX_STANZAS: usize = 256;
// Four of the longest messages that the core takes by default.
const MAX_BYTES: usize = 1024 * 1024;
