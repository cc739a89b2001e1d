//! Where sessions are kept while their clients are away (XEP-0198 § 5).

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use bytestring::ByteString;

use crate::endpoint::Ticket;
use crate::error::Misuse;
use crate::jid::Jid;
use crate::limits::Limits;
use crate::sm::Suspended;
use crate::time::Instant;

/// Keeps sessions between [`ServerEvent::Suspended`](super::ServerEvent::Suspended) and
/// [`Server::resume`](super::Server::resume).
///
/// A service has one store for all its connections, with a time of its own: `now` never decreases. What leaves the
/// store without being resumed comes out of it, so that its stanzas
/// ([`Suspended::into_undelivered`]) go back to their senders or are stored for later.
///
/// Where the sessions live elsewhere and asking takes long, an application does without this trait: a
/// [`ResumeRequest`](super::ResumeRequest) may be answered later, and a [`Suspended`] is plain data.
///
/// # Use
///
/// With [`StreamManagement`](super::StreamManagement) a client's session can go on over another connection. What it
/// takes is a store that all connections share, and five more events:
///
/// ```
/// use xmpp_ws::condition::Condition;
/// use xmpp_ws::error::Misuse;
/// use xmpp_ws::server::{MemoryStore, Server, ServerEvent, SessionStore, Suspended};
/// use xmpp_ws::time::Instant;
///
/// /// `now` is the time of this connection, `at` that of the store.
/// fn on_event(server: &mut Server, now: Instant, store: &mut MemoryStore, at: Instant, event: ServerEvent) {
///     match event {
///         // Note which connection has this session: whoever resumes it has it detached there (see below).
///         ServerEvent::Resumable { id } => println!("{id} can be resumed"),
///         // The client may come back: its address, its presence and its rooms stay, and what is for it goes to
///         // `SessionStore::push`.
///         ServerEvent::Suspended(session) => store.put(at, *session).into_iter().for_each(lost),
///         ServerEvent::ResumeRequested(request) => match store.take(at, request.account(), request.previd()) {
///             Some(session) => {
///                 if let Err(back) = server.resume(now, request, session) {
///                     store.put(at, *back.session);
///                 }
///             }
///             None => {
///                 let handled = store.handled(at, request.account(), request.previd());
///                 let _: Result<(), Misuse> = server.refuse_resume(now, request, handled);
///             }
///         },
///         // The session is over, though the connection is not yet gone: nothing is for this client any more.
///         ServerEvent::Closing => {}
///         _ => {}
///     }
/// }
///
/// /// Another connection asks for the session that this one still has.
/// fn release(server: &mut Server, now: Instant, store: &mut MemoryStore, at: Instant) {
///     if let Some(detached) = server.detach(now, Condition::Conflict) {
///         // What the client said here comes before what it says over its next connection.
///         for event in detached.events {
///             on_event(server, now, store, at, event);
///         }
///         store.put(at, *detached.session).into_iter().for_each(lost);
///     }
/// }
///
/// /// To be called at `SessionStore::next_expiry`.
/// fn expire(store: &mut MemoryStore, at: Instant) {
///     while let Some(session) = store.poll_expired(at) {
///         lost(session);
///     }
/// }
///
/// /// Nobody came back: the client is unavailable, and its stanzas go back to their senders.
/// fn lost(session: Suspended) {
///     for stanza in session.into_undelivered(Instant::ORIGIN) {
///         println!("not delivered: {}", stanza.stanza);
///     }
/// }
/// ```
pub trait SessionStore {
    /// Keeps a session for as long as it has left. What had to make room for it comes out, which may be itself.
    fn put(&mut self, now: Instant, session: Suspended) -> Vec<Suspended>;

    /// Takes a session to be resumed; `None`: this account has none of this name any more. What is taken is gone: of
    /// two connections that ask for it, one gets it.
    fn take(&mut self, now: Instant, account: &Jid, id: &str) -> Option<Suspended>;

    /// Adds a stanza to a session, as [`Suspended::push`] does; [`Misuse::Over`]: it is not here any more.
    fn push(
        &mut self,
        now: Instant,
        account: &Jid,
        id: &str,
        stanza: ByteString,
    ) -> Result<Ticket, Misuse>;

    /// How many of the client's stanzas were handled in a session that is gone, where that is still known: for
    /// [`Server::refuse_resume`](super::Server::refuse_resume).
    fn handled(&mut self, now: Instant, account: &Jid, id: &str) -> Option<u32>;

    /// When the next session's time is over.
    fn next_expiry(&self) -> Option<Instant>;

    /// A session whose time is over.
    #[must_use]
    fn poll_expired(&mut self, now: Instant) -> Option<Suspended>;
}

/// How much a [`MemoryStore`] holds.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct StoreLimits {
    /// How many sessions. Default: 10,000. One more, and the one that has the least time left makes room.
    pub max_sessions: usize,
    /// How many sessions of one account. Default: 16. One more, and the account's own that has the least time left
    /// makes room.
    pub max_sessions_of_account: usize,
    /// How many bytes of stanzas in all sessions together. Default: 256 MiB. One session too much, and the one that
    /// has the least time left makes room; to those that are there nothing is added then.
    pub max_bytes: usize,
    /// How many sessions are remembered by their count alone, once they are gone. Default: 10,000.
    pub max_remembered: usize,
    /// For how long they are. Default: 1 h.
    pub remember: Duration,
    /// The bounds on what a session holds while it is here: see [`Suspended::push`].
    pub session: Limits,
}

impl Default for StoreLimits {
    fn default() -> Self {
        Self {
            max_sessions: DEFAULT_MAX_SESSIONS,
            max_sessions_of_account: DEFAULT_MAX_SESSIONS_OF_ACCOUNT,
            max_bytes: DEFAULT_MAX_BYTES,
            max_remembered: DEFAULT_MAX_REMEMBERED,
            remember: DEFAULT_REMEMBER,
            session: Limits::default(),
        }
    }
}

/// A [`SessionStore`] in memory: what is in it ends with the process.
#[derive(Debug, Default)]
pub struct MemoryStore {
    limits: StoreLimits,
    sessions: BTreeMap<Name, Entry>,
    /// The same by the end of their time.
    expiry: BTreeSet<(Instant, Name)>,
    bytes: usize,
    /// What was handled in the sessions that are gone.
    remembered: BTreeMap<Name, u32>,
    /// The same by the end of the time for which it is remembered.
    forgetting: VecDeque<(Instant, Name)>,
}

/// The account, and the session's name: nobody else's session can be found.
type Name = (String, String);

#[derive(Debug)]
struct Entry {
    session: Suspended,
    /// How long the session has been told to be suspended.
    until: Instant,
    expires: Instant,
    bytes: usize,
}

impl MemoryStore {
    /// An empty store with these bounds.
    pub fn new(limits: StoreLimits) -> Self {
        Self { limits, ..Self::default() }
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.sessions.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.sessions.is_empty()
    }

    /// How many bytes of stanzas they have.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    fn remove(&mut self, now: Instant, name: &Name) -> Option<Suspended> {
        let mut entry = self.sessions.remove(name)?;
        self.expiry.remove(&(entry.expires, name.clone()));
        self.bytes -= entry.bytes;
        entry.age(now);
        Some(entry.session)
    }

    /// The session is gone for good; what it had handled is remembered.
    fn give_up(&mut self, now: Instant, name: &Name) -> Option<Suspended> {
        let session = self.remove(now, name)?;
        self.remembered.insert(name.clone(), session.handled());
        self.forgetting.push_back((now + self.limits.remember, name.clone()));
        self.forget(now);
        Some(session)
    }

    fn forget(&mut self, now: Instant) {
        let most = self.limits.max_remembered;
        while let Some((until, name)) = self.forgetting.front()
            && (self.forgetting.len() > most || *until <= now)
        {
            self.remembered.remove(name);
            self.forgetting.pop_front();
        }
    }

    /// The one to make room, where there is too much.
    fn excess(&self, account: &str) -> Option<Name> {
        let own = self.sessions.range((account.to_owned(), String::new())..);
        let own = own.take_while(|(name, _)| name.0 == account);
        if own.clone().count() > self.limits.max_sessions_of_account {
            return own.min_by_key(|(_, entry)| entry.expires).map(|(name, _)| name.clone());
        }
        let is_full =
            self.sessions.len() > self.limits.max_sessions || self.bytes > self.limits.max_bytes;
        let (_, oldest) = self.expiry.first().filter(|_| is_full)?;
        Some(oldest.clone())
    }
}

impl SessionStore for MemoryStore {
    fn put(&mut self, now: Instant, session: Suspended) -> Vec<Suspended> {
        let account = session.account().as_str().to_owned();
        let name = (account.clone(), session.id().to_owned());
        // No other session has this name; one that is put in twice by mistake is not lost.
        let mut out: Vec<_> = self.remove(now, &name).into_iter().collect();
        let expires = now + session.remaining();
        let bytes = session.bytes();
        self.bytes += bytes;
        self.expiry.insert((expires, name.clone()));
        self.sessions.insert(name, Entry { session, until: now, expires, bytes });
        while let Some(name) = self.excess(&account) {
            out.extend(self.give_up(now, &name));
        }
        out
    }

    fn take(&mut self, now: Instant, account: &Jid, id: &str) -> Option<Suspended> {
        let name = name(account, id);
        // XEP-0198 § 5: for as long as the client was told, whether somebody looked after it or not.
        if self.sessions.get(&name)?.expires <= now {
            return None;
        }
        self.remove(now, &name)
    }

    fn push(
        &mut self,
        now: Instant,
        account: &Jid,
        id: &str,
        stanza: ByteString,
    ) -> Result<Ticket, Misuse> {
        let entry = self.sessions.get_mut(&name(account, id)).filter(|entry| entry.expires > now);
        let entry = entry.ok_or(Misuse::Over)?;
        if self.bytes >= self.limits.max_bytes {
            return Err(Misuse::Full);
        }
        entry.age(now);
        let ticket = entry.session.push(&self.limits.session, stanza)?;
        let bytes = entry.session.bytes();
        self.bytes += bytes - entry.bytes;
        entry.bytes = bytes;
        Ok(ticket)
    }

    fn handled(&mut self, now: Instant, account: &Jid, id: &str) -> Option<u32> {
        self.forget(now);
        let name = name(account, id);
        // Its time is over, and nobody has looked after it yet.
        let expired = || self.sessions.get(&name).map(|entry| entry.session.handled());
        self.remembered.get(&name).copied().or_else(expired)
    }

    fn next_expiry(&self) -> Option<Instant> {
        self.expiry.first().map(|(at, _)| *at)
    }

    fn poll_expired(&mut self, now: Instant) -> Option<Suspended> {
        let (_, name) = self.expiry.first().filter(|(at, _)| *at <= now)?.clone();
        self.give_up(now, &name)
    }
}

impl Entry {
    fn age(&mut self, now: Instant) {
        self.session.pass(now.since(self.until));
        self.until = now;
    }
}

fn name(account: &Jid, id: &str) -> Name {
    (account.bare_str().to_owned(), id.to_owned())
}

// A session's entry takes about 1 KiB without stanzas.
const DEFAULT_MAX_SESSIONS: usize = 10_000;
// Precedent: Prosody's smacks_max_hibernated_sessions is 10.
const DEFAULT_MAX_SESSIONS_OF_ACCOUNT: usize = 16;
const DEFAULT_MAX_BYTES: usize = 256 * 1024 * 1024;
// Precedent: Prosody's smacks_max_old_sessions is 10 for each account.
const DEFAULT_MAX_REMEMBERED: usize = 10_000;
const DEFAULT_REMEMBER: Duration = Duration::from_secs(3600);
