//! What an outbox has of the application's, as plain data that outlives the process.

use super::{Item, Outbox};
use crate::endpoint::Ticket;
use crate::limits::Limits;
use crate::sm::{Kept, Ledger, Move, Stored};
use crate::time::Instant;

/// The counters of a session with stream management, and each stanza whose fate is open. Times are ages, for another
/// process counts from another origin.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct SavedOutbox {
    handled: u32,
    acknowledged: u32,
    unacknowledged: Vec<Stored>,
    unwritten: Vec<Stored>,
    /// The number of the next ticket.
    next: u64,
}

impl Outbox {
    /// What there is to save at this time; `None` without stream management.
    pub(crate) fn save(&self, now: Instant) -> Option<SavedOutbox> {
        let ledger = self.ledger.as_ref()?;
        let queued = self.queue.iter().filter_map(|item| match item {
            // The protocol's own answer to a stanza that did not count is of no use to anybody later.
            Item::Stanza(kept, counts) if *counts || kept.ticket.is_some() => Some(kept),
            Item::Stanza(..) | Item::Own(_) | Item::Answer => None,
        });
        let save = |kept: &Kept| Stored::new(now, kept);
        Some(SavedOutbox {
            handled: ledger.handled(),
            acknowledged: ledger.acknowledged(),
            unacknowledged: ledger.unacknowledged().map(save).collect(),
            unwritten: queued.chain(&self.parked).map(save).collect(),
            next: self.next.number(),
        })
    }

    /// An outbox that goes on where another was saved.
    pub(crate) fn restored(limits: &Limits, now: Instant, saved: SavedOutbox) -> Self {
        let restore = |stored: Stored| stored.into_kept(now);
        let unacknowledged = saved.unacknowledged.into_iter().map(restore).collect();
        let mut outbox = Self::new(limits);
        outbox.move_in(Move {
            ledger: Ledger::resumed(saved.handled, saved.acknowledged, unacknowledged),
            unwritten: saved.unwritten.into_iter().map(restore).collect(),
            next: Ticket::new(saved.next),
        });
        outbox
    }
}
