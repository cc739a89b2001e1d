//! The sessions that can be resumed, and those whose clients are away.

use std::collections::BTreeMap;

use bytestring::ByteString;
use tokio::sync::oneshot;
use xmpp_ws::jid::Jid;
use xmpp_ws::server::{MemoryStore, SessionStore, StoreLimits, Suspended};
use xmpp_ws::time::Instant;
use xmpp_ws_tokio::OsClock;

use crate::router::SessionId;

/// Which session of the router's a client means, and where it is.
#[derive(Debug)]
pub(super) struct Away {
    clock: OsClock,
    store: MemoryStore,
    /// Every session that can be resumed.
    names: BTreeMap<Name, SessionId>,
    /// Those that are in the store.
    suspended: BTreeMap<SessionId, Name>,
    /// Those whose connection is still there, and another asks for them; it waits until this is dropped.
    wanted: BTreeMap<SessionId, oneshot::Sender<()>>,
}

/// An account's bare address, and what the client calls its session.
pub(super) type Name = (String, String);

/// Where the session is that a client asks for.
#[derive(Debug)]
pub(super) enum Place {
    /// Here it is.
    Taken(SessionId, Box<Suspended>),
    /// Another connection has it; it may be in the store when this says so.
    Held(SessionId, oneshot::Receiver<()>),
    /// Nowhere any more; how many of the client's stanzas were handled, if that is known.
    Gone(Option<u32>),
}

/// A session that nobody came back to, and what its client did not get.
pub(super) type Lost = (SessionId, Vec<ByteString>);

impl Away {
    pub(super) fn new(max_sessions: usize) -> Self {
        let mut limits = StoreLimits::default();
        limits.max_sessions = max_sessions;
        Self {
            clock: OsClock::new(),
            store: MemoryStore::new(limits),
            names: BTreeMap::new(),
            suspended: BTreeMap::new(),
            wanted: BTreeMap::new(),
        }
    }

    /// A client can resume its session by this name.
    pub(super) fn name(&mut self, name: Name, id: SessionId) {
        self.names.insert(name, id);
    }

    /// A client's connection is gone; says who has to make room for its session.
    pub(super) fn put(&mut self, id: SessionId, session: Suspended) -> Vec<Lost> {
        let name = name(&session.account(), session.id());
        self.suspended.insert(id, name.clone());
        self.names.insert(name, id);
        self.wanted.remove(&id);
        let lost = self.store.put(self.clock.now(), session);
        lost.into_iter().filter_map(|session| self.lose(session)).collect()
    }

    /// A client is back.
    pub(super) fn find(&mut self, account: &Jid, previd: &str) -> Place {
        let now = self.clock.now();
        let id = self.names.get(&name(account, previd)).copied();
        match (id, self.store.take(now, account, previd)) {
            (Some(id), Some(session)) => {
                self.suspended.remove(&id);
                Place::Taken(id, Box::new(session))
            }
            (Some(id), None) if !self.suspended.contains_key(&id) => {
                let (sender, receiver) = oneshot::channel();
                self.wanted.insert(id, sender);
                Place::Held(id, receiver)
            }
            _ => Place::Gone(self.store.handled(now, account, previd)),
        }
    }

    /// Whether another connection asks for this session.
    pub(super) fn is_wanted(&self, id: SessionId) -> bool {
        self.wanted.contains_key(&id)
    }

    /// A connection will not give its session away: it has ended it.
    pub(super) fn forget(&mut self, id: SessionId, name: Option<&Name>) {
        self.wanted.remove(&id);
        if let Some(name) = name {
            self.names.remove(name);
        }
    }

    /// Gives a session up whose client is away, because its address is taken.
    pub(super) fn drop_out(&mut self, id: SessionId) -> Option<Lost> {
        let (account, previd) = self.suspended.get(&id)?.clone();
        let account: Jid = account.parse().ok()?;
        let session = self.store.take(self.clock.now(), &account, &previd)?;
        self.lose(session)
    }

    /// A session whose time is over.
    pub(super) fn poll_expired(&mut self) -> Option<Lost> {
        let session = self.store.poll_expired(self.clock.now())?;
        self.lose(session)
    }

    /// How long it is to the end of the next session's time.
    pub(super) fn next_expiry(&self) -> Option<std::time::Duration> {
        let at: Instant = self.store.next_expiry()?;
        Some(at.since(self.clock.now()))
    }

    fn lose(&mut self, session: Suspended) -> Option<Lost> {
        let id = self.names.remove(&name(&session.account(), session.id()))?;
        self.suspended.remove(&id);
        let undelivered = session.into_undelivered(self.clock.now());
        Some((id, undelivered.into_iter().map(|it| it.stanza).collect()))
    }
}

pub(super) fn name(account: &Jid, id: &str) -> Name {
    (account.bare_str().to_owned(), id.to_owned())
}
