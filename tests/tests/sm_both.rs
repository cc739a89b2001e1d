//! Both cores against each other, over connections that break at any place (XEP-0198): nothing is lost, nothing comes
//! twice, and all is in order.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::{MemoryStore, Server, ServerEvent, SessionStore};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::lasting_config;
use xmpp_ws_tests::managed_server::message;
use xmpp_ws_tests::pair::server_config;
use xmpp_ws_tests::random::Seeded;

/// A client, the server's side of its present connection, and the server's store.
struct World {
    now: Instant,
    client: Client,
    server: Option<Server>,
    store: MemoryStore,
    random: Seeded,
    connections: u64,
    resumed: usize,
    /// What each side was told, by number.
    at_server: Vec<usize>,
    at_client: Vec<usize>,
}

fn number(xml: &str) -> usize {
    let number = |xml: &str| xml.split_once("id='")?.1.split_once('\'')?.0.parse().ok();
    number(xml).unwrap_or_else(|| panic!("no number in {xml}"))
}

impl World {
    fn new(seed: u64) -> Self {
        let client = Client::new(lasting_config(), Seeded::boxed(seed), Instant::ORIGIN);
        Self {
            now: Instant::ORIGIN,
            client,
            server: None,
            store: MemoryStore::default(),
            random: Seeded::new(seed),
            connections: 0,
            resumed: 0,
            at_server: Vec::new(),
            at_client: Vec::new(),
        }
    }

    /// Moves one thing, if there is one; otherwise lets time pass up to the next deadline.
    fn step(&mut self) {
        self.tell_client();
        self.tell_server();
        let from_client = self.client.poll_transmit();
        let from_server = self.server.as_mut().and_then(Endpoint::poll_transmit);
        let moved = from_client.is_some() || from_server.is_some();
        if let Some(transmit) = from_client {
            self.carry(transmit);
        }
        if let Some(Transmit::Text(text)) = from_server {
            self.client.handle(self.now, Input::Text(text));
        }
        if !moved {
            let deadlines =
                [self.client.poll_timeout(), self.server.as_ref().and_then(Endpoint::poll_timeout)];
            let next = deadlines.into_iter().flatten().min();
            self.now = self.now.max(next.unwrap_or(self.now + Duration::from_secs(1)));
            self.client.handle(self.now, Input::Timeout);
            if let Some(server) = &mut self.server {
                server.handle(self.now, Input::Timeout);
            }
        }
    }

    fn carry(&mut self, transmit: Transmit) {
        match (transmit, &mut self.server) {
            (Transmit::Dial(_), _) => {
                self.connections += 1;
                let random = Seeded::boxed(1000 + self.connections);
                let connection = Connection::new(true);
                let mut config = server_config();
                config.mechanisms = vec![Mechanism::Plain];
                self.server = Some(Server::new(config, connection, random, self.now));
                self.client.handle(self.now, Input::Connected(Connection::new(true)));
            }
            (Transmit::Text(text), Some(server)) => server.handle(self.now, Input::Text(text)),
            _ => {}
        }
    }

    fn tell_client(&mut self) {
        while let Some(event) = self.client.poll_event() {
            match self.client.answer(self.now, event) {
                Some(ClientEvent::Stanza(stanza)) => self.at_client.push(number(stanza.xml())),
                Some(ClientEvent::Resumed) => self.resumed += 1,
                Some(ClientEvent::NotResumed(why)) => panic!("not resumed: {why:?}"),
                Some(ClientEvent::Undelivered(list)) => panic!("handed back: {list:?}"),
                _ => {}
            }
        }
    }

    fn tell_server(&mut self) {
        let now = self.now;
        let Some(server) = &mut self.server else { return };
        while let Some(event) = server.poll_event() {
            let answered = match event {
                ServerEvent::OpenRequested(request) => server.accept(now, request),
                ServerEvent::PasswordPresented(request) => {
                    server.authenticate(now, request.accept())
                }
                ServerEvent::BindRequested(request) => server.bind(now, request),
                ServerEvent::ResumeRequested(request) => {
                    let session = self.store.take(now, request.account(), request.previd());
                    let session = session.expect("it is there");
                    server.resume(now, request, session).map_err(|back| {
                        self.store.put(now, *back.session);
                        back.why
                    })
                }
                ServerEvent::Suspended(session) => {
                    assert!(self.store.put(now, *session).is_empty());
                    Ok(())
                }
                ServerEvent::Stanza(stanza) => {
                    self.at_server.push(number(stanza.xml()));
                    Ok(())
                }
                ServerEvent::Undelivered(list) => panic!("handed back: {list:?}"),
                _ => Ok(()),
            };
            // The connection may be cut already.
            assert!(matches!(answered, Ok(()) | Err(Misuse::Stale)), "{answered:?}");
        }
    }

    /// The connection breaks; what was said and not yet read is lost.
    fn cut(&mut self) {
        self.client.handle(self.now, Input::Lost);
        if let Some(server) = &mut self.server {
            server.handle(self.now, Input::Lost);
        }
        self.tell_client();
        self.tell_server();
        self.server = None;
    }
}

#[test]
fn nothing_is_lost_or_doubled_over_connections_that_break_anywhere() {
    let mut resumed = 0;
    for seed in 0..50 {
        let mut world = World::new(seed);
        while world.client.jid().is_none() {
            world.step();
        }
        let (all, mut by_client, mut by_server) = (200, 0, 0);
        for _ in 0..50_000 {
            if (world.at_server.len(), world.at_client.len()) == (all, all) {
                break;
            }
            if world.random.next_bits().is_multiple_of(40) && by_client < all {
                world.cut();
            }
            if by_client < all && world.client.send(world.now, message(by_client)).is_ok() {
                by_client += 1;
            }
            let server = world.server.as_mut().filter(|server| server.is_open());
            if by_server < all
                && let Some(server) = server
                && server.send(world.now, message(by_server)).is_ok()
            {
                by_server += 1;
            }
            world.step();
        }
        let expected: Vec<_> = (0..all).collect();
        assert_eq!(world.at_server, expected, "seed {seed}");
        assert_eq!(world.at_client, expected, "seed {seed}");
        resumed += world.resumed;
    }
    assert!(resumed > 100, "{resumed} times");
}
