//! A stanza whose fate is open, as plain data.

use std::time::Duration;

use bytestring::ByteString;

use super::Kept;
use crate::endpoint::Ticket;
use crate::time::Instant;

/// A stanza whose fate is open, without a moment of time: another process counts from another origin.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Stored {
    /// `None`: the protocol's own.
    pub(crate) ticket: Option<u64>,
    pub(crate) xml: ByteString,
    /// How long ago it was given.
    pub(crate) age: Duration,
    /// Whether it was written, so that the peer may have it.
    pub(crate) written: bool,
}

impl Stored {
    pub(crate) fn new(now: Instant, kept: &Kept) -> Self {
        let age = now.since(kept.given).saturating_add(kept.earlier);
        Self {
            ticket: kept.ticket.map(Ticket::number),
            xml: kept.xml.clone(),
            age,
            written: kept.written,
        }
    }

    pub(crate) fn into_kept(self, now: Instant) -> Kept {
        let since_origin = now.since_origin();
        Kept {
            ticket: self.ticket.map(Ticket::new),
            xml: self.xml,
            given: Instant::after(since_origin.saturating_sub(self.age)),
            // What is left was before the time of this endpoint began.
            earlier: self.age.saturating_sub(since_origin),
            written: self.written,
        }
    }
}
