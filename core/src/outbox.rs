//! What waits to be written, and what becomes of each stanza.

mod fates;
mod moving;

use std::collections::VecDeque;
use std::mem;

use bytestring::ByteString;

pub(crate) use self::fates::Fate;
use self::fates::Fates;
use crate::endpoint::{Ticket, Transmit, Undelivered};
use crate::limits::Limits;
use crate::sm::{CountTooHigh, Handled, Kept, Ledger};
use crate::time::Instant;

/// A queue of things to transmit, in which stanzas carry tickets. It outlives connections.
///
/// While there is nobody to write to, the application's stanzas are parked beside it. With stream management a
/// stanza that was handed over for writing moves on into the [`Ledger`], until the peer acknowledges it. Without, its
/// fate is decided when it is handed over.
#[derive(Debug)]
pub(crate) struct Outbox {
    queue: VecDeque<Item>,
    parked: VecDeque<Kept>,
    bytes: usize,
    /// How much of it is the protocol's own.
    own_messages: usize,
    own_bytes: usize,
    ledger: Option<Ledger>,
    bounds: Bounds,
    /// How many things were handed over for writing, modulo 2^64.
    handed_over: u64,
    fates: Fates,
}

#[derive(Clone, Copy, Debug)]
struct Bounds {
    messages: usize,
    bytes: usize,
    unacknowledged: usize,
    unacknowledged_bytes: usize,
}

#[derive(Debug)]
enum Item {
    /// The protocol's own, which belongs to one connection.
    Own(Transmit),
    /// `<a/>`. Its count is that of the moment when it is handed over, so one of them waits at most.
    Answer,
    /// A stanza, and whether the ledger counts it.
    Stanza(Kept, bool),
}

impl Item {
    /// Whether it asks for a connection, or for the way to one.
    fn is_dial(&self) -> bool {
        matches!(self, Self::Own(Transmit::Dial(_) | Transmit::Fetch(_)))
    }
}

impl Outbox {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            queue: VecDeque::with_capacity(INITIAL_CAPACITY),
            parked: VecDeque::new(),
            bytes: 0,
            own_messages: 0,
            own_bytes: 0,
            ledger: None,
            bounds: Bounds {
                messages: limits.max_queued_messages,
                bytes: limits.max_queued_bytes,
                unacknowledged: limits.max_unacknowledged,
                unacknowledged_bytes: limits.max_unacknowledged_bytes,
            },
            handed_over: 0,
            fates: Fates::new(),
        }
    }

    // ---- room

    /// Whether there is room for one more stanza. An empty outbox has room for any.
    pub(crate) fn has_room(&self) -> bool {
        let bounds = self.bounds;
        let waiting = self.queue.len() + self.parked.len();
        let has_room = waiting == 0 || (waiting < bounds.messages && self.bytes < bounds.bytes);
        let may_write = |ledger: &Ledger| {
            let kept = ledger.len() + self.stanzas();
            kept == 0
                || (kept < bounds.unacknowledged
                    && ledger.bytes() + self.bytes - self.own_bytes < bounds.unacknowledged_bytes)
        };
        has_room && self.ledger.as_ref().is_none_or(may_write)
    }

    /// Whether a stanza of the application's is not written.
    pub(crate) fn has_unwritten(&self) -> bool {
        self.stanzas() > 0
    }

    /// How many stanzas of the application's are not written.
    fn stanzas(&self) -> usize {
        self.queue.len() + self.parked.len() - self.own_messages
    }

    /// Whether there is room for one more answer of the protocol's own.
    ///
    /// What the application gave does not count: a peer that is itself busy writing is read from, or both would
    /// wait for each other.
    pub(crate) fn has_room_for_answers(&self) -> bool {
        self.own_messages == 0
            || (self.own_messages < self.bounds.messages && self.own_bytes < self.bounds.bytes)
    }

    /// Whether nothing waits to be written now.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// How many things were handed over for writing so far.
    pub(crate) fn handed_over(&self) -> u64 {
        self.handed_over
    }

    /// Whether what comes next does not go through the present connection.
    pub(crate) fn wants_dial(&self) -> bool {
        let next = self.queue.front();
        next.is_some_and(|it| it.is_dial() || matches!(it, Item::Own(Transmit::Drop)))
    }

    /// Whether a connection will be asked for, and was not yet.
    pub(crate) fn will_dial(&self) -> bool {
        self.queue.iter().any(Item::is_dial)
    }

    // ---- in and out

    /// The oldest stanza of the application's that was not written; the next one, if there is none.
    pub(crate) fn first_unwritten(&self) -> Ticket {
        let unwritten = |kept: &Kept| kept.ticket.filter(|_| !kept.written);
        let queued = self.queue.iter().find_map(|item| match item {
            Item::Stanza(kept, _) => unwritten(kept),
            Item::Own(_) | Item::Answer => None,
        });
        let parked = || self.parked.iter().find_map(unwritten);
        queued.or_else(parked).unwrap_or(self.fates.next())
    }

    /// Adds what belongs to the present connection alone.
    pub(crate) fn push(&mut self, transmit: Transmit) {
        self.count_own(length(&transmit));
        self.queue.push_back(Item::Own(transmit));
    }

    /// Adds `<a/>`, unless one waits already.
    pub(crate) fn push_answer(&mut self) {
        if self.ledger.is_some() && !self.queue.iter().any(|item| matches!(item, Item::Answer)) {
            self.count_own(0);
            self.queue.push_back(Item::Answer);
        }
    }

    /// Adds a stanza of the protocol's own, which counts like the application's.
    pub(crate) fn push_own_stanza(&mut self, given: Instant, xml: ByteString) {
        self.count_own(xml.len());
        let kept = Kept::new(None, given, xml);
        self.queue.push_back(Item::Stanza(kept, self.ledger.is_some()));
    }

    fn count_own(&mut self, length: usize) {
        self.bytes += length;
        self.own_bytes += length;
        self.own_messages += 1;
    }

    /// Adds a stanza of the application's, to be written now.
    pub(crate) fn push_stanza(&mut self, given: Instant, xml: ByteString) -> Ticket {
        let ticket = self.admit(&xml);
        let kept = Kept::new(Some(ticket), given, xml);
        self.queue.push_back(Item::Stanza(kept, self.ledger.is_some()));
        ticket
    }

    /// Adds a stanza of the application's, to be written when there is somebody to write to.
    pub(crate) fn park_stanza(&mut self, given: Instant, xml: ByteString) -> Ticket {
        let ticket = self.admit(&xml);
        self.parked.push_back(Kept::new(Some(ticket), given, xml));
        ticket
    }

    fn admit(&mut self, xml: &str) -> Ticket {
        self.bytes += xml.len();
        self.fates.give()
    }

    pub(crate) fn pop(&mut self) -> Option<Transmit> {
        let item = self.queue.pop_front()?;
        self.handed_over = self.handed_over.wrapping_add(1);
        Some(match item {
            Item::Own(transmit) => {
                self.discount(length(&transmit), true);
                transmit
            }
            Item::Answer => {
                self.discount(0, true);
                let handled = self.ledger.as_mut().map_or(0, Ledger::tell);
                Transmit::Text(Handled(handled).encode())
            }
            Item::Stanza(kept, counts) => {
                self.discount(kept.xml.len(), kept.ticket.is_none());
                match &mut self.ledger {
                    Some(ledger) if counts => {
                        let xml = kept.xml.clone();
                        ledger.note_sent(Kept { written: true, ..kept });
                        Transmit::Text(xml)
                    }
                    _ => {
                        self.decide(kept.ticket);
                        Transmit::Text(kept.xml)
                    }
                }
            }
        })
    }

    fn discount(&mut self, length: usize, own: bool) {
        self.bytes -= length;
        if own {
            self.own_bytes -= length;
            self.own_messages -= 1;
        }
    }

    fn decide(&mut self, last: Option<Ticket>) {
        if let Some(last) = last {
            self.fates.decide(last);
        }
    }

    /// The fate of a stanza that is decided and was not told of yet.
    pub(crate) fn poll_fate(&mut self) -> Option<Fate> {
        self.fates.poll()
    }

    // ---- stream management

    /// What was written and is not acknowledged, and the counters; `None` without stream management.
    pub(crate) fn ledger(&self) -> Option<&Ledger> {
        self.ledger.as_ref()
    }

    pub(crate) fn ledger_mut(&mut self) -> Option<&mut Ledger> {
        self.ledger.as_mut()
    }

    /// From now on stanzas count. What is in the queue already does not.
    pub(crate) fn begin_ledger(&mut self) {
        debug_assert!(self.ledger.is_none(), "a session within a session");
        self.ledger = Some(Ledger::default());
        let is_applications = |item: &Item| match item {
            Item::Stanza(Kept { ticket, .. }, _) => *ticket,
            Item::Own(_) | Item::Answer => None,
        };
        let unwritten = self.queue.iter().rev().find_map(is_applications);
        let parked = self.parked.front().and_then(|kept| kept.ticket);
        let next = self.fates.next();
        self.fates.count_from(unwritten.map(Ticket::next).or(parked).unwrap_or(next));
    }

    /// The peer says how many of the stanzas it has handled.
    pub(crate) fn acknowledge(&mut self, h: u32) -> Result<(), CountTooHigh> {
        let Some(ledger) = &mut self.ledger else { return Ok(()) };
        let last = ledger.acknowledge(h)?;
        self.decide(last);
        Ok(())
    }

    // ---- between connections

    /// There is nobody to write to any more: what is of the connection is forgotten, stanzas wait.
    pub(crate) fn park(&mut self) {
        while let Some(item) = self.queue.pop_back() {
            match item {
                Item::Own(transmit) => self.discount(length(&transmit), true),
                Item::Answer => self.discount(0, true),
                // The protocol's own answer to a stanza that did not count is of no use to anybody later.
                Item::Stanza(kept, false) if kept.ticket.is_none() => {
                    self.discount(kept.xml.len(), true);
                }
                Item::Stanza(kept, _) => self.parked.push_front(kept),
            }
        }
    }

    /// There is somebody to write to: what waited goes out, in order. What is longer than that comes back.
    pub(crate) fn unpark(&mut self, max_bytes: usize) -> Vec<Undelivered> {
        let counts = self.ledger.is_some();
        let mut too_long = Vec::new();
        for kept in mem::take(&mut self.parked) {
            match kept.ticket {
                Some(_) if kept.xml.len() > max_bytes => {
                    self.bytes -= kept.xml.len();
                    too_long.extend(kept.into_undelivered());
                }
                _ => self.queue.push_back(Item::Stanza(kept, counts)),
            }
        }
        self.fates.hand_back(too_long.iter().map(|stanza: &Undelivered| stanza.ticket));
        too_long
    }

    /// The session goes on: what was not acknowledged is sent again, before anything new. What is longer than that
    /// comes back.
    pub(crate) fn resend(&mut self, max_bytes: usize) -> Vec<Undelivered> {
        let Some(ledger) = &mut self.ledger else { return Vec::new() };
        for kept in ledger.take_unacknowledged().into_iter().rev() {
            let length = kept.xml.len();
            self.bytes += length;
            if kept.ticket.is_none() {
                self.own_bytes += length;
                self.own_messages += 1;
            }
            self.parked.push_front(kept);
        }
        self.unpark(max_bytes)
    }

    /// The session is gone: what was written and not acknowledged comes back. The fates that are decided must have
    /// been told.
    pub(crate) fn end_session(&mut self) -> Vec<Undelivered> {
        let Some(mut ledger) = self.ledger.take() else { return Vec::new() };
        self.fates.stop_counting();
        let mut lost: Vec<_> =
            ledger.take_unacknowledged().into_iter().filter_map(Kept::into_undelivered).collect();
        for kept in mem::take(&mut self.parked) {
            let is_own = kept.ticket.is_none();
            // What was to be sent again belongs to the session, and so do answers of the protocol's own.
            if kept.written || is_own {
                self.discount(kept.xml.len(), is_own);
                lost.extend(kept.into_undelivered());
            } else {
                self.parked.push_back(kept);
            }
        }
        self.skip(lost.last());
        lost
    }

    /// Empties the outbox: what the application gave and was not written comes back, what is the protocol's own is
    /// forgotten.
    pub(crate) fn take_unwritten(&mut self) -> Vec<Undelivered> {
        self.park();
        self.bytes = 0;
        self.own_bytes = 0;
        self.own_messages = 0;
        let unwritten = self.parked.drain(..);
        let unwritten: Vec<_> = unwritten.filter_map(Kept::into_undelivered).collect();
        self.skip(unwritten.last());
        unwritten
    }

    /// What was handed back has its fate, and all before it.
    fn skip(&mut self, last: Option<&Undelivered>) {
        if let Some(last) = last {
            self.fates.hand_back_up_to(last.ticket);
        }
    }
}

fn length(transmit: &Transmit) -> usize {
    match transmit {
        Transmit::Text(text) => text.len(),
        Transmit::Ping
        | Transmit::Close { .. }
        | Transmit::Drop
        | Transmit::Dial(_)
        | Transmit::Fetch(_) => 0,
    }
}

/// Enough for what a login and a lively conversation queue at once; it grows when it must.
const INITIAL_CAPACITY: usize = 16;
