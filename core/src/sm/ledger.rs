//! The counters of one session, and what was sent in it that the peer has not acknowledged (XEP-0198 § 4).

use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;

use crate::endpoint::{Ticket, Undelivered};
use crate::time::Instant;

/// One side's account of a session with stream management. It outlives connections.
///
/// All counts are modulo 2^32.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    /// How many of the peer's stanzas came.
    received: u32,
    /// How many of them were handled: what `<a/>` says.
    handled: u32,
    /// The count that the peer was told last.
    told: u32,
    /// How many of ours the peer has handled.
    acknowledged: u32,
    /// Whether that count has gone past its end, here; until then none that is greater was ever right.
    went_round: bool,
    /// What was written since, in order; its bytes are shared with what was written.
    unacknowledged: VecDeque<Kept>,
    bytes: usize,
}

/// A stanza of ours that is kept until its fate is known.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Kept {
    /// `None`: the protocol's own, such as the answer to a ping. It counts like any other.
    pub(crate) ticket: Option<Ticket>,
    pub(crate) xml: ByteString,
    pub(crate) given: Instant,
    /// How old it was then already, in a session that was resumed.
    pub(crate) earlier: Duration,
    /// Whether it was written, so that the peer may have it.
    pub(crate) written: bool,
}

/// The peer claims to have handled what was never sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct CountTooHigh {
    pub(crate) h: u32,
    pub(crate) sent: u32,
}

impl Ledger {
    /// An account of a session that was begun elsewhere.
    pub(crate) fn resumed(
        received: u32,
        acknowledged: u32,
        unacknowledged: VecDeque<Kept>,
    ) -> Self {
        let bytes = unacknowledged.iter().map(|kept| kept.xml.len()).sum();
        let (handled, told) = (received, received);
        let went_round = false;
        Self { received, handled, told, acknowledged, went_round, unacknowledged, bytes }
    }

    /// The same as if what the application has not taken had not come.
    pub(crate) fn as_handled(&self) -> Self {
        Self { received: self.handled, ..self.clone() }
    }

    // ---- what the peer sends

    /// One more stanza of the peer's came.
    pub(crate) fn note_received(&mut self) {
        self.received = self.received.wrapping_add(1);
    }

    pub(crate) fn received(&self) -> u32 {
        self.received
    }

    /// All that came is handled, but for what came from the stanza with this number on. What the peer was told is
    /// handled stays so.
    pub(crate) fn handle_before(&mut self, unhandled: Option<u32>) {
        let handled = unhandled.map_or(self.received, |number| number.wrapping_sub(1));
        let is_taken_back = handled.wrapping_sub(self.told) > HALF;
        self.handled = if is_taken_back { self.told } else { handled };
    }

    /// Whether the peer was told of all that was handled.
    pub(crate) fn is_told(&self) -> bool {
        self.told == self.handled
    }

    /// The count to tell the peer now.
    pub(crate) fn tell(&mut self) -> u32 {
        self.told = self.handled;
        self.handled
    }

    // ---- what we send

    pub(crate) fn note_sent(&mut self, kept: Kept) {
        self.bytes += kept.xml.len();
        self.unacknowledged.push_back(kept);
    }

    /// How many stanzas the peer has not acknowledged.
    pub(crate) fn len(&self) -> usize {
        self.unacknowledged.len()
    }

    /// How many bytes they have.
    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(crate) fn acknowledged(&self) -> u32 {
        self.acknowledged
    }

    pub(crate) fn unacknowledged(&self) -> impl Iterator<Item = &Kept> {
        self.unacknowledged.iter()
    }

    /// The peer has handled so many: what it has is dropped. Says which stanza of the application's was the last.
    ///
    /// A count that went back changes nothing: what was once acknowledged is gone.
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<Option<Ticket>, CountTooHigh> {
        let more = h.wrapping_sub(self.acknowledged);
        // A window that moves on: what is less than half of the circle behind it was counted before, if so many were.
        if more > HALF && (self.went_round || h < self.acknowledged) {
            return Ok(None);
        }
        let kept = usize::try_from(more).unwrap_or(usize::MAX);
        if kept > self.unacknowledged.len() {
            return Err(CountTooHigh { h, sent: self.sent() });
        }
        self.went_round |= h < self.acknowledged;
        self.acknowledged = h;
        let mut last = None;
        for kept in self.unacknowledged.drain(..kept) {
            self.bytes -= kept.xml.len();
            last = kept.ticket.or(last);
        }
        Ok(last)
    }

    /// Takes all that was not acknowledged, to be sent again: it will count when it is.
    pub(crate) fn take_unacknowledged(&mut self) -> VecDeque<Kept> {
        self.bytes = 0;
        std::mem::take(&mut self.unacknowledged)
    }

    /// How many stanzas were sent.
    fn sent(&self) -> u32 {
        let waiting = u32::try_from(self.unacknowledged.len()).unwrap_or(u32::MAX);
        self.acknowledged.wrapping_add(waiting)
    }
}

impl Kept {
    /// A stanza that is given now.
    pub(crate) fn new(ticket: Option<Ticket>, given: Instant, xml: ByteString) -> Self {
        Self { ticket, xml, given, earlier: Duration::ZERO, written: false }
    }

    /// Hands it back, if it is the application's.
    pub(crate) fn into_undelivered(self) -> Option<Undelivered> {
        let ticket = self.ticket?;
        let Self { xml: stanza, given, earlier, written, .. } = self;
        Some(Undelivered { ticket, stanza, given, earlier, written })
    }
}

/// Of two counts the later is less than half of the circle ahead.
const HALF: u32 = u32::MAX / 2;

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use super::{CountTooHigh, Kept, Ledger};
    use crate::endpoint::Ticket;
    use crate::time::Instant;

    fn ledger(acknowledged: u32, sent: u64) -> Ledger {
        let mut ledger = Ledger { acknowledged, ..Ledger::default() };
        for number in 0..sent {
            let ticket = Some(Ticket::new(number));
            ledger.note_sent(Kept::new(ticket, Instant::ORIGIN, "<iq/>".into()));
        }
        ledger
    }

    #[test]
    fn what_is_acknowledged_is_dropped_also_past_the_wrap() {
        for first in [0, 1, u32::MAX - 2, u32::MAX - 1, u32::MAX] {
            let mut ledger = ledger(first, 3);
            assert_eq!(ledger.acknowledge(first.wrapping_add(2)), Ok(Some(Ticket::new(1))));
            assert_eq!((ledger.len(), ledger.bytes()), (1, 5), "from {first}");
            assert_eq!(ledger.acknowledge(first.wrapping_add(3)), Ok(Some(Ticket::new(2))));
            assert_eq!((ledger.len(), ledger.bytes()), (0, 0), "from {first}");
        }
    }

    #[test]
    fn more_than_was_sent_is_told_with_both_counts() {
        for first in [0, 5, u32::MAX - 1] {
            let (h, sent) = (first.wrapping_add(3), first.wrapping_add(2));
            assert_eq!(ledger(first, 2).acknowledge(h), Err(CountTooHigh { h, sent }));
        }
    }

    #[test]
    fn a_count_that_went_back_changes_nothing() {
        for first in [10, 3, u32::MAX] {
            let mut ledger = ledger(first, 2);
            assert_eq!(ledger.acknowledge(first - 3), Ok(None));
            assert_eq!((ledger.len(), ledger.acknowledged()), (2, first));
        }
        let mut ledger = ledger(u32::MAX, 3);
        assert_eq!(ledger.acknowledge(1), Ok(Some(Ticket::new(1))));
        assert_eq!(ledger.acknowledge(u32::MAX), Ok(None), "past the wrap");
        assert_eq!((ledger.len(), ledger.acknowledged()), (1, 1));
    }

    #[test]
    fn a_count_that_nothing_can_have_reached_is_too_high() {
        for h in [2, u32::MAX / 2, u32::MAX / 2 + 1, u32::MAX / 2 + 2, u32::MAX - 1, u32::MAX] {
            for (acknowledged, sent) in [(0, 1), (1, 0)] {
                let mut ledger = ledger(acknowledged, sent);
                assert_eq!(ledger.acknowledge(h), Err(CountTooHigh { h, sent: 1 }));
            }
        }
    }

    #[test]
    fn what_waits_for_the_application_is_not_handled() {
        let mut ledger = Ledger::resumed(u32::MAX, 0, VecDeque::new());
        ledger.note_received();
        ledger.note_received();
        ledger.handle_before(Some(0));
        assert_eq!((ledger.handled, ledger.is_told()), (u32::MAX, true));
        ledger.handle_before(None);
        assert_eq!((ledger.tell(), ledger.is_told()), (1, true));
        ledger.handle_before(Some(1));
        assert_eq!(ledger.tell(), 1, "what was told is not taken back");
    }
}
