//! A session between two connections, as a value (XEP-0198 § 5).

use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;

use super::{Kept, Ledger, Stored};
use crate::endpoint::{Ticket, Undelivered};
use crate::error::Misuse;
use crate::jid::Jid;
use crate::limits::Limits;
use crate::outgoing;
use crate::time::Instant;
use crate::xml::Scanner;

/// A client's session whose connection is gone, and which may go on over another one.
///
/// It is plain data: its address, its counters, and the stanzas that the client is not known to have. It holds no
/// moment of time, only how long things have taken, so that it can go on at any endpoint, in another process too
/// (with the feature `serde` it can be written down). Whoever keeps it says by [`pass`](Self::pass) that time goes
/// by.
///
/// What comes out of a store is believed: it must be a place where nobody else can write.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Suspended {
    session: Resumable,
    jid: Jid,
    /// How long it has been suspended.
    age: Duration,
    received: u32,
    acknowledged: u32,
    unacknowledged: VecDeque<Stored>,
    unwritten: VecDeque<Stored>,
    next: u64,
}

/// What a client was told about its session.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(crate) struct Resumable {
    /// What names it.
    pub(crate) id: String,
    /// For how long after a cut it can be resumed.
    pub(crate) max: Duration,
}

/// What of a session goes from one outbox to another.
#[derive(Debug)]
pub(crate) struct Move {
    pub(crate) ledger: Ledger,
    /// What waits to be written for the first time.
    pub(crate) unwritten: VecDeque<Kept>,
    /// The ticket of the next stanza to be given.
    pub(crate) next: Ticket,
}

impl Suspended {
    pub(crate) fn new(now: Instant, session: Resumable, jid: Jid, moved: Move) -> Self {
        let Move { mut ledger, unwritten, next } = moved;
        let store = |kept: Kept| Stored::new(now, &kept);
        Self {
            session,
            jid,
            age: Duration::ZERO,
            // What waits for the application is in its hands.
            received: ledger.received(),
            acknowledged: ledger.acknowledged(),
            unacknowledged: ledger.take_unacknowledged().into_iter().map(store).collect(),
            unwritten: unwritten.into_iter().map(store).collect(),
            next: next.number(),
        }
    }

    pub(crate) fn into_parts(self, now: Instant) -> (Resumable, Jid, Move) {
        let keep = |stored: Stored| stored.into_kept(now);
        let unacknowledged = self.unacknowledged.into_iter().map(keep).collect();
        let moved = Move {
            ledger: Ledger::resumed(self.received, self.acknowledged, unacknowledged),
            unwritten: self.unwritten.into_iter().map(keep).collect(),
            next: Ticket::new(self.next),
        };
        (self.session, self.jid, moved)
    }

    /// What names the session: nobody can guess it, and no other session ever has it.
    pub fn id(&self) -> &str {
        &self.session.id
    }

    /// The client's full address.
    pub fn jid(&self) -> &Jid {
        &self.jid
    }

    /// The client's bare address: nobody else may resume the session.
    pub fn account(&self) -> Jid {
        self.jid.bare()
    }

    /// How long the session can be resumed after its connection is gone, as the client was told.
    pub fn max(&self) -> Duration {
        self.session.max
    }

    /// How much of that is left.
    pub fn remaining(&self) -> Duration {
        self.session.max.saturating_sub(self.age)
    }

    /// How many of the client's stanzas were handled, modulo 2^32: for
    /// [`Server::refuse_resume`](crate::server::Server::refuse_resume), once the session is gone.
    pub fn handled(&self) -> u32 {
        self.received
    }

    /// How many stanzas are in it.
    pub fn len(&self) -> usize {
        self.unacknowledged.len() + self.unwritten.len()
    }

    /// Whether the client is known to have all that it was sent.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes its stanzas have.
    pub fn bytes(&self) -> usize {
        self.unacknowledged.iter().chain(&self.unwritten).map(|stored| stored.xml.len()).sum()
    }

    /// This much time has gone by.
    pub fn pass(&mut self, time: Duration) {
        self.age = self.age.saturating_add(time);
        for stored in self.unacknowledged.iter_mut().chain(&mut self.unwritten) {
            stored.age = stored.age.saturating_add(time);
        }
    }

    /// Adds one stanza, checked like one that is [sent](crate::server::Server::send), for the client to get when it
    /// is back. Its ticket is told of by the endpoint that resumes the session.
    ///
    /// [`Misuse::Full`]: as much waits as [`Limits::max_unacknowledged`], [`Limits::max_unacknowledged_bytes`],
    /// [`Limits::max_queued_messages`] and [`Limits::max_queued_bytes`] allow.
    pub fn push(
        &mut self,
        limits: &Limits,
        stanza: impl Into<ByteString>,
    ) -> Result<Ticket, Misuse> {
        let (stanza, longest) = (stanza.into(), limits.max_message_bytes);
        let xml = outgoing::check(&mut Scanner::new(), &stanza, &limits.xml, longest)?;
        if !self.has_room(limits) {
            return Err(Misuse::Full);
        }
        let ticket = self.next;
        self.next += 1;
        self.unwritten.push_back(Stored {
            ticket: Some(ticket),
            xml,
            age: Duration::ZERO,
            written: false,
        });
        Ok(Ticket::new(ticket))
    }

    /// Whether [`push`](Self::push) would not answer [`Misuse::Full`].
    pub fn has_room(&self, limits: &Limits) -> bool {
        let queued: usize = self.unwritten.iter().map(|stored| stored.xml.len()).sum();
        let may_wait =
            self.unwritten.len() < limits.max_queued_messages && queued < limits.max_queued_bytes;
        let may_be_kept = self.len() < limits.max_unacknowledged
            && self.bytes() < limits.max_unacknowledged_bytes;
        self.is_empty() || (may_wait && may_be_kept)
    }

    /// The session is given up: here is what the client is not known to have, in order, for the senders to be told
    /// or for a later session. `now` is of the clock that [`Undelivered::given`] shall be of.
    pub fn into_undelivered(self, now: Instant) -> Vec<Undelivered> {
        let stored = self.unacknowledged.into_iter().chain(self.unwritten);
        stored.filter_map(|stored| stored.into_kept(now).into_undelivered()).collect()
    }
}
