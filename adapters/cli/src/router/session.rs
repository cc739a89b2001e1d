//! What the router knows of one client.

use std::collections::BTreeSet;

use bytestring::ByteString;
use xmpp_ws::condition::Condition;
use xmpp_ws::jid::Jid;

use super::queue::Queue;

/// Names one session for as long as the router lives.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct SessionId(u64);

impl SessionId {
    pub(super) const FIRST: Self = Self(0);

    pub(super) const fn next(self) -> Self {
        Self(self.0 + 1)
    }
}

/// What the router knows of one client.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) jid: Jid,
    pub(super) state: State,
    pub(super) queue: Queue,
    /// Whether a sender's patience with it came to an end.
    pub(super) is_stalled: bool,
    /// The senders that wait for room in its queue.
    pub(super) waiting: BTreeSet<SessionId>,
}

impl Session {
    pub(super) fn new(jid: Jid) -> Self {
        Self {
            jid,
            state: State::Bound(Bound::default()),
            queue: Queue::default(),
            is_stalled: false,
            waiting: BTreeSet::new(),
        }
    }

    pub(super) fn is_bound(&self) -> bool {
        matches!(self.state, State::Bound(_))
    }

    /// The presence that it last sent, while it is available.
    pub(super) fn presence(&self) -> Option<&Available> {
        match &self.state {
            State::Bound(bound) => bound.presence.as_ref(),
            State::Ended { .. } | State::Gone => None,
        }
    }
}

/// Where a session is on its way.
#[derive(Debug)]
pub(super) enum State {
    /// It has its address.
    Bound(Bound),
    /// Its stream is to be ended with an error.
    Ended { condition: Condition, told: bool },
    /// It has lost its address, and is about to go.
    Gone,
}

/// What a bound session has told others about itself.
#[derive(Debug, Default)]
pub(super) struct Bound {
    /// `None` until its first presence, and after `unavailable`.
    pub(super) presence: Option<Available>,
    /// Whom it sent presence to directly (RFC 6121 § 4.6), to be told of its end.
    pub(super) directed: BTreeSet<String>,
}

/// An available resource (RFC 6121 § 4.2).
#[derive(Debug)]
pub(super) struct Available {
    pub(super) priority: i8,
    /// As others get it.
    pub(super) xml: ByteString,
}
