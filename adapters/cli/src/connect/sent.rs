//! The lines of input that are under way.

use std::collections::VecDeque;

use bytestring::ByteString;
use xmpp_ws::endpoint::Ticket;

/// The lines that were given to the client, until their fate is known. Their number is bounded by the room there is to
/// send.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// Tickets rise.
    lines: VecDeque<(Ticket, ByteString)>,
}

impl Sent {
    pub(super) fn add(&mut self, ticket: Ticket, line: ByteString) {
        self.lines.push_back((ticket, line));
    }

    /// The line with this ticket, whose fate is known now; `None` where the stanza was not on the input.
    pub(super) fn take(&mut self, ticket: Ticket) -> Option<String> {
        let at = self.lines.binary_search_by_key(&ticket, |(ticket, _)| *ticket).ok()?;
        self.lines.remove(at).map(|(_, line)| line.to_string())
    }

    /// Whether no fate is open.
    pub(super) fn is_settled(&self) -> bool {
        self.lines.is_empty()
    }
}
