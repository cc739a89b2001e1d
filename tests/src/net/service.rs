//! The service of a [`Net`](super::Net): connections, suspended sessions, and an application that counts.

use std::collections::BTreeMap;

use xmpp_ws::condition::Condition;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::server::{
    Detached, MemoryStore, NotResumed, ResumeRequest, Server, ServerConfig, ServerEvent,
    SessionStore, StoreLimits, Suspended,
};
use xmpp_ws::time::Instant;

use super::lane::{Kept, Lane};
use crate::random::Seeded;

/// The service.
pub struct Service {
    config: ServerConfig,
    seed: u64,
    /// The last is the one that the network leads to, unless it is half-open.
    connections: Vec<Held>,
    accepted: u64,
    store: MemoryStore,
    /// The session that the account has and nobody is connected to, by its identifier.
    session: Option<String>,
    /// The numbers of the sessions that were suspended, by their identifiers.
    numbers: BTreeMap<String, u64>,
    /// How many sessions there were.
    pub sessions: u64,
    /// What the application saw.
    pub seen: Lane,
    /// Why its connections were over.
    pub lost_for: Vec<Ending>,
    /// Whether it forgets every session, as one that restarts does.
    pub forgets: bool,
    /// Whether it remembers how much it had handled in a session that it forgot.
    pub remembers_counts: bool,
    /// Changes the next session that is suspended.
    rewrite: Option<Box<dyn FnOnce(Suspended) -> Suspended>>,
}

struct Held {
    server: Server,
    /// The number of its session.
    session: u64,
    is_reachable: bool,
}

impl Service {
    pub(super) fn new(config: ServerConfig, seed: u64) -> Self {
        let mut limits = StoreLimits::default();
        limits.session = config.limits.clone();
        Self {
            config,
            seed,
            connections: Vec::new(),
            accepted: 0,
            store: MemoryStore::new(limits),
            session: None,
            numbers: BTreeMap::new(),
            sessions: 0,
            seen: Lane::default(),
            lost_for: Vec::new(),
            forgets: false,
            remembers_counts: true,
            rewrite: None,
        }
    }

    /// Changes the next session that is suspended, as the store's owner can.
    pub fn rewrite_next(&mut self, rewrite: impl FnOnce(Suspended) -> Suspended + 'static) {
        self.rewrite = Some(Box::new(rewrite));
    }

    /// Whether there is neither a connection nor a session.
    pub fn is_idle(&self) -> bool {
        self.connections.is_empty() && self.store.is_empty()
    }

    /// How it stands, for people.
    pub fn describe(&self) -> String {
        let held = self.connections.iter().map(|held| {
            let Held { server, session, is_reachable } = held;
            let waits = server.poll_timeout();
            format!("session {session}, reachable: {is_reachable}, until {waits:?}, {server:?}")
        });
        format!("{} stored, connected: {:#?}", self.store.len(), held.collect::<Vec<_>>())
    }

    /// Whether each connection has a deadline, but for those that are over.
    pub fn always_waits(&self) -> bool {
        let waits = |held: &Held| held.server.is_over() || held.server.poll_timeout().is_some();
        self.connections.iter().all(waits)
    }

    /// Whether the connection that the network leads to is read from.
    pub(super) fn wants_input(&self) -> bool {
        let reachable = self.connections.iter().find(|held| held.is_reachable);
        reachable.is_none_or(|held| held.server.wants_input())
    }

    /// The network leads here now.
    pub(super) fn accept(&mut self, now: Instant, connection: Connection) {
        self.leave_half_open();
        self.accepted += 1;
        let random = Seeded::boxed(self.seed.wrapping_mul(1000).wrapping_add(self.accepted));
        let server = Server::new(self.config.clone(), connection, random, now);
        self.connections.push(Held { server, session: 0, is_reachable: true });
    }

    /// The network leads here no more, and nobody told.
    pub(super) fn leave_half_open(&mut self) {
        for held in &mut self.connections {
            held.is_reachable = false;
        }
    }

    /// The transport of the connection that the network leads to sees this.
    pub(super) fn handle(&mut self, now: Instant, input: Input) {
        if let Some(held) = self.connections.iter_mut().find(|held| held.is_reachable) {
            held.is_reachable &= input != Input::Lost;
            held.server.handle(now, input);
        }
    }

    pub(super) fn pass_time(&mut self, now: Instant) {
        for held in &mut self.connections {
            held.server.handle(now, Input::Timeout);
        }
        while let Some(expired) = self.store.poll_expired(now) {
            self.give_up(now, expired);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let deadlines = self.connections.iter().filter_map(|held| held.server.poll_timeout());
        deadlines.chain(self.store.next_expiry()).min()
    }

    /// What goes over the network; what a half-open connection says goes nowhere.
    pub(super) fn poll_transmit(&mut self) -> Option<Transmit> {
        for held in &mut self.connections {
            while let Some(transmit) = held.server.poll_transmit() {
                if held.is_reachable {
                    return Some(transmit);
                }
            }
        }
        None
    }

    /// Sends to the account, connected or not, once it has a session whose stanzas count.
    pub(super) fn send(&mut self, now: Instant, number: u64, bytes: usize) -> bool {
        let counts = |held: &&mut Held| held.server.is_open() && held.server.session_id().is_some();
        let open = self.connections.iter_mut().rev().find(counts);
        let ticket = match (open, &self.session) {
            (Some(held), _) => {
                let ticket = held.server.send(now, stanza(number, bytes)).ok();
                ticket.map(|ticket| (held.session, ticket))
            }
            (None, Some(id)) => {
                let account = ACCOUNT.parse().expect("an address");
                let ticket = self.store.push(now, &account, id, stanza(number, bytes).into()).ok();
                ticket.map(|ticket| (self.numbers[id], ticket))
            }
            (None, None) => None,
        };
        let Some((session, ticket)) = ticket else { return false };
        self.seen.sent(session, ticket, number);
        true
    }

    pub(super) fn take_events(&mut self, now: Instant) {
        // A connection that resumes another's session gives that one something to tell.
        while let Some((at, event)) = self.next_event() {
            self.on_event(now, at, event);
        }
        self.connections.retain(|held| !held.server.is_over());
    }

    /// The next event of the oldest connection that has one.
    fn next_event(&mut self) -> Option<(usize, ServerEvent)> {
        let mut held = self.connections.iter_mut().enumerate();
        held.find_map(|(at, held)| Some((at, held.server.poll_event()?)))
    }

    fn on_event(&mut self, now: Instant, at: usize, event: ServerEvent) {
        let Held { server, session, .. } = &mut self.connections[at];
        let number = *session;
        match event {
            ServerEvent::OpenRequested(request) => in_time_or_not(server.accept(now, request)),
            ServerEvent::IdentityWanted(request) => {
                in_time_or_not(server.identify(now, request, Some("alice")));
            }
            ServerEvent::BindRequested(request) => {
                self.sessions += 1;
                self.session = None;
                *session = self.sessions;
                in_time_or_not(server.bind(now, request));
            }
            ServerEvent::ResumeRequested(request) => self.on_resume(now, at, request),
            ServerEvent::Stanza(stanza) => self.seen.received(&stanza),
            ServerEvent::Acked(ticket) => self.seen.decided(number, ticket, Kept::Acked),
            ServerEvent::Unconfirmed(ticket) => {
                self.seen.decided(number, ticket, Kept::Unconfirmed);
            }
            ServerEvent::Undelivered(stanzas) => self.seen.handed_back(number, stanzas),
            ServerEvent::Suspended(session) => {
                let session = match self.rewrite.take() {
                    Some(rewrite) => rewrite(*session),
                    None => *session,
                };
                self.numbers.insert(session.id().into(), number);
                self.keep(now, session);
            }
            ServerEvent::Ended(why) => self.lost_for.push(why),
            ServerEvent::Resumable { .. }
            | ServerEvent::Closing
            | ServerEvent::ClientState { .. } => {}
            other => panic!("unexpected: {other:?}"),
        }
    }

    fn on_resume(&mut self, now: Instant, at: usize, request: ResumeRequest) {
        let (account, id) = (request.account().clone(), request.previd().to_owned());
        let session = self.store.take(now, &account, &id).or_else(|| self.detach(now, &id));
        self.session = None;
        let Held { server, session: number, .. } = &mut self.connections[at];
        match session {
            Some(session) if !self.forgets => {
                *number = self.numbers[session.id()];
                if let Err(NotResumed { why, session, .. }) = server.resume(now, request, session) {
                    in_time_or_not(Err(why));
                    self.keep(now, *session);
                }
            }
            session => {
                let handled = session.as_ref().filter(|_| self.remembers_counts);
                let handled = handled.map(Suspended::handled);
                in_time_or_not(server.refuse_resume(now, request, handled));
                if let Some(session) = session {
                    self.give_up(now, session);
                }
            }
        }
    }

    /// A half-open connection has the session still.
    fn detach(&mut self, now: Instant, id: &str) -> Option<Suspended> {
        let has_it = |held: &Held| held.server.session_id() == Some(id);
        let at = self.connections.iter().position(has_it)?;
        let held = &mut self.connections[at];
        self.numbers.insert(id.into(), held.session);
        let Detached { session, events, .. } = held.server.detach(now, Condition::Conflict)?;
        for event in events {
            self.on_event(now, at, event);
        }
        Some(*session)
    }

    fn keep(&mut self, now: Instant, session: Suspended) {
        self.session = Some(session.id().into());
        for evicted in self.store.put(now, session) {
            self.give_up(now, evicted);
        }
    }

    fn give_up(&mut self, now: Instant, session: Suspended) {
        if self.session.as_deref() == Some(session.id()) {
            self.session = None;
        }
        self.seen.handed_back(self.numbers[session.id()], session.into_undelivered(now));
    }
}

/// An application that is slow answers what nobody waits for any more.
fn in_time_or_not(answered: Result<(), Misuse>) {
    assert!(matches!(answered, Ok(()) | Err(Misuse::Stale)), "{answered:?}");
}

/// The stanza with this number and so much in it.
pub(super) fn stanza(number: u64, bytes: usize) -> String {
    let body = if bytes == 0 { String::new() } else { format!("<body>{:x<bytes$}</body>", "") };
    format!("<message xmlns='jabber:client' id='{number}' to='alice@example.com'>{body}</message>")
}

const ACCOUNT: &str = "alice@example.com";
