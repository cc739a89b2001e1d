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
    /// How many of the messages are the protocol's own.
    own: usize,
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
            own: 0,
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

    /// Whether answers of the protocol's own pile up because the peer does not take them.
    ///
    /// What the application sends does not count: two peers that both wrote a lot, and read nothing while they do,
    /// would wait for each other for ever.
    pub(crate) fn is_clogged(&self) -> bool {
        self.own >= self.max_messages
    }

    pub(crate) fn push(&mut self, transmit: Transmit) {
        self.own += 1;
        if let Transmit::Text(text) = &transmit {
            self.bytes += text.len();
        }
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
                self.own -= 1;
                if let Transmit::Text(text) = &transmit {
                    self.bytes -= text.len();
                }
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
        self.own = 0;
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

/// Enough for what a login and a lively conversation queue at once; it grows when it must.
const INITIAL_CAPACITY: usize = 16;
