//! A session's way from one endpoint to another (XEP-0198 § 5).

use std::mem;

use super::{Item, Outbox};
use crate::endpoint::Ticket;
use crate::sm::{Kept, Move};

impl Outbox {
    /// Takes the session out, so that it can go on elsewhere; `None` without stream management. The fates that are
    /// decided must have been told.
    pub(crate) fn move_out(&mut self) -> Option<Move> {
        let ledger = self.ledger.take()?;
        debug_assert_eq!(self.untold, self.undecided, "fates were not told");
        self.park();
        let unwritten = mem::take(&mut self.parked);
        self.bytes = 0;
        self.own_bytes = 0;
        self.own_messages = 0;
        self.counted = None;
        self.undecided = self.next;
        self.untold = self.next;
        self.told.clear();
        Some(Move { ledger, unwritten, next: self.next })
    }

    /// What [`move_out`](Self::move_out) would take, as far as the application has taken what came. Nothing changes.
    pub(crate) fn copy_out(&self) -> Option<Move> {
        let ledger = self.ledger.as_ref()?.as_handled();
        let queued = self.queue.iter().filter_map(|item| match item {
            // The protocol's own answer to a stanza that did not count is of no use to anybody later.
            Item::Stanza(kept, counts) if *counts || kept.ticket.is_some() => Some(kept),
            Item::Stanza(..) | Item::Own(_) | Item::Answer => None,
        });
        let unwritten = queued.chain(&self.parked).cloned().collect();
        Some(Move { ledger, unwritten, next: self.next })
    }

    /// Whether the peer is not known to have something.
    pub(crate) fn has_stanzas(&self) -> bool {
        self.stanzas() > 0 || self.ledger.as_ref().is_some_and(|ledger| ledger.len() > 0)
    }

    /// Goes on with a session of elsewhere, and with its tickets. It is to be sent by [`Outbox::resend`].
    pub(crate) fn move_in(&mut self, session: Move) {
        debug_assert_eq!(self.next, Ticket::FIRST, "something was given before the session");
        let Move { ledger, unwritten, next } = session;
        let open = |kept: &Kept| kept.ticket;
        let mut kept = ledger.unacknowledged().chain(&unwritten).filter_map(open);
        let first = kept.next().unwrap_or(next);
        // What is missing between them was handed back.
        let mut due = first.next();
        for ticket in kept {
            if due < ticket {
                self.told.push_back(due..ticket);
            }
            due = ticket.next();
        }
        for kept in &unwritten {
            self.bytes += kept.xml.len();
            if kept.ticket.is_none() {
                self.own_bytes += kept.xml.len();
                self.own_messages += 1;
            }
        }
        self.parked = unwritten;
        self.ledger = Some(ledger);
        self.next = next;
        self.undecided = first;
        self.untold = first;
        self.counted = Some(Ticket::FIRST);
    }
}
