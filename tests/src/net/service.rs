//! The service of a [`Net`](super::Net): connections, suspended sessions, and an application that counts.

use std::collections::BTreeMap;

use xmpp_ws::condition::Condition;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Ticket, Transmit, Undelivered};
use xmpp_ws::server::{
    MemoryStore, ResumeRequest, Server, ServerConfig, ServerEvent, SessionStore, StoreLimits,
    Suspended,
};
use xmpp_ws::stanza::Stanza;
use xmpp_ws::time::Instant;

/// What one side's application saw: numbered stanzas, and what became of its own.
#[derive(Clone, Debug, Default)]
pub struct Lane {
    /// The numbers of the stanzas that came, in order.
    pub got: Vec<u64>,
    /// The numbers of the stanzas that were sent, by session and ticket.
    sent: BTreeMap<(u64, Ticket), u64>,
    /// What became of them.
    pub fates: BTreeMap<u64, Kept>,
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
        self.got.push(id.parse().expect("a number"));
    }

    pub(super) fn sent(&mut self, session: u64, ticket: Ticket, number: u64) {
        assert!(self.sent.insert((session, ticket), number).is_none(), "a ticket twice");
    }

    pub(super) fn decided(&mut self, session: u64, ticket: Ticket, fate: Kept) {
        let number = self.sent.get(&(session, ticket)).expect("sent");
        assert!(self.fates.insert(*number, fate).is_none(), "two fates of {number}");
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
}

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
    /// Whether it forgets every session, as one that restarts does.
    pub forgets: bool,
}

struct Held {
    server: Server,
    /// The number of its session.
    session: u64,
    is_reachable: bool,
}

impl Service {
    pub(super) fn new(config: ServerConfig, seed: u64) -> Self {
        Self {
            config,
            seed,
            connections: Vec::new(),
            accepted: 0,
            store: MemoryStore::new(StoreLimits::default()),
            session: None,
            numbers: BTreeMap::new(),
            sessions: 0,
            seen: Lane::default(),
            forgets: false,
        }
    }

    /// The network leads here now.
    pub(super) fn accept(&mut self, now: Instant, connection: Connection) {
        self.leave_half_open();
        self.accepted += 1;
        let random = super::randomness(self.seed, self.accepted);
        let server = super::server(&self.config, connection, random, now);
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
        self.connections.retain(|held| !held.server.is_over());
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
    pub(super) fn send(&mut self, now: Instant, number: u64) -> bool {
        let counts = |held: &&mut Held| held.server.is_open() && held.server.session_id().is_some();
        let open = self.connections.iter_mut().rev().find(counts);
        let ticket = match (open, &self.session) {
            (Some(held), _) => {
                let ticket = held.server.send(now, stanza(number)).ok();
                ticket.map(|ticket| (held.session, ticket))
            }
            (None, Some(id)) => {
                let account = ACCOUNT.parse().expect("an address");
                let ticket = self.store.push(now, &account, id, stanza(number).into()).ok();
                ticket.map(|ticket| (self.numbers[id], ticket))
            }
            (None, None) => None,
        };
        let Some((session, ticket)) = ticket else { return false };
        self.seen.sent(session, ticket, number);
        true
    }

    pub(super) fn take_events(&mut self, now: Instant) {
        for at in 0..self.connections.len() {
            while let Some(event) = self.connections[at].server.poll_event() {
                self.on_event(now, at, event);
            }
        }
    }

    fn on_event(&mut self, now: Instant, at: usize, event: ServerEvent) {
        let Held { server, session, .. } = &mut self.connections[at];
        let number = *session;
        match event {
            ServerEvent::OpenRequested(request) => server.accept(now, request).expect("asked"),
            ServerEvent::IdentityWanted(request) => {
                server.identify(now, request, Some("alice")).expect("asked");
            }
            ServerEvent::BindRequested(request) => {
                self.sessions += 1;
                self.session = None;
                *session = self.sessions;
                server.bind(now, request).expect("asked");
            }
            ServerEvent::ResumeRequested(request) => self.on_resume(now, at, request),
            ServerEvent::Stanza(stanza) => self.seen.received(&stanza),
            ServerEvent::Acked(ticket) => self.seen.decided(number, ticket, Kept::Acked),
            ServerEvent::Unconfirmed(ticket) => {
                self.seen.decided(number, ticket, Kept::Unconfirmed);
            }
            ServerEvent::Undelivered(stanzas) => self.seen.handed_back(number, stanzas),
            ServerEvent::Suspended(session) => {
                self.session = Some(session.id().into());
                self.numbers.insert(session.id().into(), number);
                let account = session.account();
                let evicted = self.store.put(now, *session);
                assert!(evicted.is_empty(), "there is room for {account}");
            }
            ServerEvent::Resumable { .. } | ServerEvent::Closing | ServerEvent::Ended(_) => {}
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
                server.resume(now, request, session).expect("the session that was asked for");
            }
            session => {
                let handled = session.as_ref().map(Suspended::handled);
                server.refuse_resume(now, request, handled).expect("asked");
                if let Some(session) = session {
                    self.give_up(now, session);
                }
            }
        }
    }

    /// A half-open connection has the session still.
    fn detach(&mut self, now: Instant, id: &str) -> Option<Suspended> {
        let mut held = self.connections.iter_mut();
        let held = held.find(|held| held.server.session_id() == Some(id))?;
        self.numbers.insert(id.into(), held.session);
        held.server.detach(now, Condition::Conflict).map(|session| *session)
    }

    fn give_up(&mut self, now: Instant, session: Suspended) {
        if self.session.as_deref() == Some(session.id()) {
            self.session = None;
        }
        self.seen.handed_back(self.numbers[session.id()], session.into_undelivered(now));
    }
}

/// The stanza with this number.
pub(super) fn stanza(number: u64) -> String {
    format!("<message xmlns='jabber:client' id='{number}' to='alice@example.com'/>")
}

const ACCOUNT: &str = "alice@example.com";
