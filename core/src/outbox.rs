//! What waits to be written, and which stanzas were.

use std::collections::VecDeque;

use bytestring::ByteString;

use crate::endpoint::{Ticket, Transmit, Undelivered};
use crate::limits::Limits;
use crate::time::Instant;

/// A queue of things to transmit, in which stanzas carry tickets.
///
/// The fate of a stanza without stream management is decided when it is handed over for writing. Tickets rise by
/// one, so two numbers say which stanzas were written and which of these the application has been told of.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: VecDeque<Item>,
    bytes: usize,
    /// How much of it is the protocol's own.
    own_messages: usize,
    own_bytes: usize,
    max_messages: usize,
    max_bytes: usize,
    /// The ticket of the next stanza to be given.
    next: Ticket,
    /// The ticket of the next stanza to be handed over for writing.
    unwritten: Ticket,
    /// The ticket of the next stanza whose fate is to be told.
    untold: Ticket,
}

#[derive(Debug)]
enum Item {
    /// The protocol's own.
    Own(Transmit),
    /// The application's.
    Stanza { ticket: Ticket, xml: ByteString, given: Instant },
}

impl Outbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            queue: VecDeque::with_capacity(INITIAL_CAPACITY),
            bytes: 0,
            own_messages: 0,
            own_bytes: 0,
            max_messages: limits.max_queued_messages,
            max_bytes: limits.max_queued_bytes,
            next: Ticket::FIRST,
            unwritten: Ticket::FIRST,
            untold: Ticket::FIRST,
        }
    }

    /// Whether there is room for one more stanza. An empty queue has room for any.
    pub(crate) fn has_room(&self) -> bool {
        self.queue.is_empty()
            || (self.queue.len() < self.max_messages && self.bytes < self.max_bytes)
    }

    /// Whether there is room for one more answer of the protocol's own.
    ///
    /// What the application gave does not count: a peer that is itself busy writing is read from, or both would
    /// wait for each other.
    pub(crate) fn has_room_for_answers(&self) -> bool {
        self.own_messages == 0
            || (self.own_messages < self.max_messages && self.own_bytes < self.max_bytes)
    }

    /// Whether a connection is asked for next.
    pub(crate) fn wants_dial(&self) -> bool {
        matches!(self.queue.front(), Some(Item::Own(Transmit::Dial(_) | Transmit::Fetch(_))))
    }

    pub(crate) fn push(&mut self, transmit: Transmit) {
        let length = length(&transmit);
        self.bytes += length;
        self.own_bytes += length;
        self.own_messages += 1;
        self.queue.push_back(Item::Own(transmit));
    }

    pub(crate) fn push_stanza(&mut self, given: Instant, xml: ByteString) -> Ticket {
        let ticket = self.next;
        self.next = ticket.next();
        self.bytes += xml.len();
        self.queue.push_back(Item::Stanza { ticket, xml, given });
        ticket
    }

    pub(crate) fn pop(&mut self) -> Option<Transmit> {
        Some(match self.queue.pop_front()? {
            Item::Own(transmit) => {
                let length = length(&transmit);
                self.bytes -= length;
                self.own_bytes -= length;
                self.own_messages -= 1;
                transmit
            }
            Item::Stanza { ticket, xml, .. } => {
                self.bytes -= xml.len();
                self.unwritten = ticket.next();
                Transmit::Text(xml)
            }
        })
    }

    /// A stanza that was handed over for writing and not told of yet.
    pub(crate) fn poll_written(&mut self) -> Option<Ticket> {
        (self.untold < self.unwritten).then(|| {
            let ticket = self.untold;
            self.untold = ticket.next();
            ticket
        })
    }

    /// Empties the queue: what the application gave comes back, what is the protocol's own is forgotten.
    pub(crate) fn take_unwritten(&mut self) -> Vec<Undelivered> {
        self.bytes = 0;
        self.own_bytes = 0;
        self.own_messages = 0;
        self.queue
            .drain(..)
            .filter_map(|item| match item {
                Item::Own(_) => None,
                Item::Stanza { ticket, xml, given } => {
                    Some(Undelivered { ticket, stanza: xml, given })
                }
            })
            .collect()
    }
}

fn length(transmit: &Transmit) -> usize {
    match transmit {
        Transmit::Text(text) => text.len(),
        Transmit::Ping | Transmit::Close { .. } | Transmit::Dial(_) | Transmit::Fetch(_) => 0,
    }
}

/// Enough for what a login and a lively conversation queue at once; it grows when it must.
const INITIAL_CAPACITY: usize = 16;
