//! What the application of one side of a [`Net`](super::Net) saw.

use std::collections::BTreeMap;

use xmpp_ws::endpoint::{Ticket, Undelivered};
use xmpp_ws::stanza::Stanza;

/// What one side's application saw: numbered stanzas, and what became of its own.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The numbers of the stanzas that came, in order.
    pub got: Vec<u64>,
    /// The numbers of the stanzas that were sent, by session and ticket.
    sent: BTreeMap<(u64, Ticket), u64>,
    /// What became of them.
    pub fates: BTreeMap<u64, Kept>,
    /// How many have no fate yet, by session.
    open: BTreeMap<u64, usize>,
}

/// What became of a stanza.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kept {
    /// The other side has it.
    Acked,
    /// It was written.
    Unconfirmed,
    /// Here it is again.
    HandedBack {
        /// Whether it was written.
        written: bool,
    },
}

impl Lane {
    pub(super) fn received(&mut self, stanza: &Stanza) {
        let id = stanza.id().expect("numbered");
        let number = id.parse().expect("a number");
        let last = self.got.last();
        assert!(last.is_none_or(|last| *last < number), "{number} comes after {last:?}");
        self.got.push(number);
    }

    pub(super) fn sent(&mut self, session: u64, ticket: Ticket, number: u64) {
        assert!(self.sent.insert((session, ticket), number).is_none(), "a ticket twice");
        *self.open.entry(session).or_default() += 1;
    }

    pub(super) fn decided(&mut self, session: u64, ticket: Ticket, fate: Kept) {
        let number = self.sent.get(&(session, ticket)).expect("sent");
        assert!(self.fates.insert(*number, fate).is_none(), "two fates of {number}");
        if let Some(open) = self.open.get_mut(&session) {
            *open -= 1;
        }
    }

    pub(super) fn handed_back(&mut self, session: u64, stanzas: Vec<Undelivered>) {
        for stanza in stanzas {
            let fate = Kept::HandedBack { written: stanza.written };
            self.decided(session, stanza.ticket, fate);
        }
    }

    /// How many stanzas were sent.
    pub fn sent_count(&self) -> usize {
        self.sent.len()
    }

    /// Whether every stanza has its fate.
    pub fn is_settled(&self) -> bool {
        self.fates.len() == self.sent.len()
    }

    /// With how many stanzas of one session nobody knows what became of them, at most.
    pub fn most_open(&self) -> usize {
        self.open.values().copied().max().unwrap_or_default()
    }

    /// Whether this stanza came.
    pub fn has(&self, number: u64) -> bool {
        self.got.binary_search(&number).is_ok()
    }
}
