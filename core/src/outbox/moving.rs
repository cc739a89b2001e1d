//! A session's way from one endpoint to another (XEP-0198 § 5).

use std::mem;

use super::{Item, Outbox};
use crate::sm::Move;

impl Outbox {
    /// Takes the session out, so that it can go on elsewhere; `None` without stream management. The fates that are
    /// decided must have been told.
    pub(crate) fn move_out(&mut self) -> Option<Move> {
        let ledger = self.ledger.take()?;
        self.park();
        let unwritten = mem::take(&mut self.parked);
        self.bytes = 0;
        self.own_bytes = 0;
        self.own_messages = 0;
        self.fates.leave();
        Some(Move { ledger, unwritten, next: self.fates.next() })
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
        Some(Move { ledger, unwritten, next: self.fates.next() })
    }

    /// Whether the peer is not known to have something.
    pub(crate) fn has_stanzas(&self) -> bool {
        self.stanzas() > 0 || self.ledger.as_ref().is_some_and(|ledger| ledger.len() > 0)
    }

    /// Goes on with a session of elsewhere, and with its tickets. It is to be sent by [`Outbox::resend`].
    pub(crate) fn move_in(&mut self, session: Move) {
        let Move { ledger, unwritten, next } = session;
        let kept = ledger.unacknowledged().chain(&unwritten);
        self.fates.go_on(kept.filter_map(|kept| kept.ticket), next);
        for kept in &unwritten {
            self.bytes += kept.xml.len();
            if kept.ticket.is_none() {
                self.own_bytes += kept.xml.len();
                self.own_messages += 1;
            }
        }
        self.parked = unwritten;
        self.ledger = Some(ledger);
    }
}
