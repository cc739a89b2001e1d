//! What an outbox has of the application's, as plain data that outlives the process.

use std::time::Duration;

use super::{Item, Outbox};
use crate::endpoint::Ticket;
use crate::limits::Limits;
use crate::sm::{Kept, Ledger};
use crate::time::Instant;

/// The counters of a session with stream management, and each stanza whose fate is open. Times are ages, for another
/// process counts from another origin.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct SavedOutbox {
    handled: u32,
    acknowledged: u32,
    unacknowledged: Vec<SavedStanza>,
    unwritten: Vec<SavedStanza>,
    /// The number of the next ticket.
    next: u64,
}

#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct SavedStanza {
    ticket: Option<u64>,
    xml: String,
    age: Duration,
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
        let save = |kept: &Kept| SavedStanza {
            ticket: kept.ticket.map(Ticket::number),
            xml: kept.xml.to_string(),
            age: now.since_origin().saturating_sub(kept.given.since_origin()),
        };
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
        let restore = |saved: SavedStanza| Kept {
            ticket: saved.ticket.map(Ticket::new),
            xml: saved.xml.into(),
            given: Instant::after(now.since_origin().saturating_sub(saved.age)),
        };
        let mut outbox = Self::new(limits);
        let unacknowledged = saved.unacknowledged.into_iter().map(restore).collect();
        let ledger = Ledger::resumed(saved.handled, saved.acknowledged, unacknowledged);
        outbox.parked = saved.unwritten.into_iter().map(restore).collect();
        for kept in &outbox.parked {
            outbox.bytes += kept.xml.len();
            if kept.ticket.is_none() {
                outbox.own_bytes += kept.xml.len();
                outbox.own_messages += 1;
            }
        }
        outbox.next = Ticket::new(saved.next);
        let open = ledger.unacknowledged().chain(&outbox.parked).find_map(|kept| kept.ticket);
        let first = open.unwrap_or(outbox.next);
        (outbox.undecided, outbox.untold, outbox.counted) = (first, first, Some(first));
        outbox.ledger = Some(ledger);
        outbox
    }
}
