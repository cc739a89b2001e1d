//! A client, a service, and a network between them that is cut where a test says so; in virtual time.

mod service;

use std::collections::VecDeque;
use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Endpoint, Input, Transmit};
use xmpp_ws::random::Random;
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::{Server, ServerConfig};
use xmpp_ws::time::Instant;

use self::service::Service;
pub use self::service::{Kept, Lane};
use crate::random::Seeded;

/// A client, a service, and the network between them.
pub struct Net {
    /// The client.
    pub client: Client,
    /// The service: its connections, its sessions, its application.
    pub service: Service,
    /// The time.
    pub now: Instant,
    /// How long a message is under way.
    pub latency: Duration,
    /// What the client's application saw.
    pub seen: Lane,
    /// Why the client is over.
    pub ended: Option<Ending>,
    /// How often the client's session went on, and how often it began.
    pub resumed: usize,
    /// How often a session began.
    pub bound: usize,
    /// How many messages have left either side.
    pub crossed: usize,
    faults: VecDeque<Fault>,
    link: Link,
    to_client: VecDeque<(Instant, Arrival)>,
    to_server: VecDeque<(Instant, Arrival)>,
}

/// Where and how a connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// After so many messages, in both directions, of all connections.
    pub at: usize,
    /// What becomes of the last of them.
    pub last: Last,
    /// Whether the service notices. Otherwise its connection stays there, half-open.
    pub noticed: bool,
}

/// What becomes of the message at which a connection is cut.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Last {
    /// It arrives, with all that went before it; nothing in the other direction does any more.
    Arrives,
    /// It is lost, with all that is under way.
    IsLost,
    /// It cannot even be written: whose it is learns that before it learns of the cut.
    IsUnwritable,
}

/// The present connection.
#[derive(Debug, Eq, PartialEq)]
enum Link {
    None,
    /// It will be there then.
    Dialing(Instant),
    Up,
}

#[derive(Clone, Debug, Eq, PartialEq)]
enum Arrival {
    Input(Input),
    /// The connection ends behind the message before.
    Cut {
        noticed: bool,
    },
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Side {
    Client,
    Server,
}

impl Net {
    /// A network that is cut so.
    pub fn new(client: ClientConfig, server: ServerConfig, seed: u64, faults: Vec<Fault>) -> Self {
        let now = Instant::ORIGIN;
        let client = Client::new(client, Seeded::boxed(seed), now);
        let mut net = Self {
            client,
            service: Service::new(server, seed),
            now,
            latency: Duration::from_millis(40),
            seen: Lane::default(),
            ended: None,
            resumed: 0,
            bound: 0,
            crossed: 0,
            faults: faults.into(),
            link: Link::None,
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
        };
        net.flush();
        net
    }

    /// The client's application sends the stanza with this number; false when there is no room, or no session yet.
    pub fn client_sends(&mut self, number: u64) -> bool {
        let sent = self.client.send(self.now, service::stanza(number));
        let Ok(ticket) = sent else { return false };
        self.seen.sent(0, ticket, number);
        self.flush();
        true
    }

    /// The service sends the client's account the stanza with this number; false when it cannot keep it.
    pub fn service_sends(&mut self, number: u64) -> bool {
        let taken = self.service.send(self.now, number);
        self.flush();
        taken
    }

    /// The connection is cut now, whatever is under way.
    pub fn cut(&mut self, noticed: bool) {
        if self.link == Link::Up {
            self.break_link(noticed);
            self.flush();
        }
    }

    /// Goes on until this much time has passed, or the client is over.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            assert!(next >= self.now, "a deadline in the past");
            self.now = next;
            self.step();
        }
        self.now = end;
    }

    /// When something happens next.
    fn next(&self) -> Option<Instant> {
        let dialed = match self.link {
            Link::Dialing(at) => Some(at),
            Link::None | Link::Up => None,
        };
        let arrivals = [&self.to_client, &self.to_server].map(|lane| lane.front().map(|it| it.0));
        let deadlines = [self.client.poll_timeout(), self.service.poll_timeout(), dialed];
        deadlines.into_iter().chain(arrivals).flatten().min()
    }

    /// Lets happen what is due.
    fn step(&mut self) {
        let now = self.now;
        if matches!(self.link, Link::Dialing(at) if at <= now) {
            self.link = Link::Up;
            self.service.accept(now, connection());
            self.client.handle(now, Input::Connected(connection()));
        }
        while let Some(arrival) = due(&mut self.to_client, now) {
            match arrival {
                Arrival::Input(input) => self.client.handle(now, input),
                Arrival::Cut { noticed } => self.break_link(noticed),
            }
            self.flush();
        }
        while let Some(arrival) = due(&mut self.to_server, now) {
            match arrival {
                Arrival::Input(input) => self.service.handle(now, input),
                Arrival::Cut { noticed } => self.break_link(noticed),
            }
            self.flush();
        }
        self.client.handle(now, Input::Timeout);
        self.service.pass_time(now);
        self.flush();
    }

    /// Moves what the endpoints say onto the wire, and their events to their applications.
    fn flush(&mut self) {
        loop {
            self.take_events();
            if let Some(transmit) = self.client.poll_transmit() {
                match transmit {
                    Transmit::Dial(_) => {
                        self.drop_link();
                        self.link = Link::Dialing(self.now + self.latency);
                    }
                    Transmit::Fetch(_) => unreachable!("the client has an address"),
                    transmit => self.cross(Side::Client, transmit),
                }
            } else if let Some(transmit) = self.service.poll_transmit() {
                self.cross(Side::Server, transmit);
            } else {
                return;
            }
        }
    }

    fn cross(&mut self, from: Side, transmit: Transmit) {
        if self.link != Link::Up {
            return;
        }
        self.crossed += 1;
        let arrival = self.now + self.latency;
        let fault = self.faults.front().copied().filter(|fault| fault.at == self.crossed);
        let lane = match from {
            Side::Client => &mut self.to_server,
            Side::Server => &mut self.to_client,
        };
        let input = carried(transmit);
        let Some(fault) = fault else {
            lane.push_back((arrival, Arrival::Input(input)));
            return;
        };
        self.faults.pop_front();
        match fault.last {
            Last::Arrives => {
                lane.push_back((arrival, Arrival::Input(input)));
                lane.push_back((arrival, Arrival::Cut { noticed: fault.noticed }));
                match from {
                    Side::Client => self.to_client.clear(),
                    Side::Server => self.to_server.clear(),
                }
            }
            Last::IsLost => self.break_link(fault.noticed),
            Last::IsUnwritable => {
                match from {
                    Side::Client => self.client.handle(self.now, Input::Unwritable),
                    Side::Server => self.service.handle(self.now, Input::Unwritable),
                }
                self.break_link(fault.noticed || from == Side::Server);
            }
        }
    }

    /// Both ends learn that the connection is gone, unless the service does not notice.
    fn break_link(&mut self, noticed: bool) {
        if self.link != Link::Up {
            return;
        }
        self.link = Link::None;
        self.to_client.clear();
        self.to_server.clear();
        if noticed {
            self.service.handle(self.now, Input::Lost);
        } else {
            self.service.leave_half_open();
        }
        self.client.handle(self.now, Input::Lost);
    }

    /// The client leaves its connection for another one: the service sees that, if it is still there.
    fn drop_link(&mut self) {
        if self.link == Link::Up {
            self.link = Link::None;
            self.to_client.clear();
            self.to_server.clear();
            self.service.handle(self.now, Input::Lost);
        }
    }

    fn take_events(&mut self) {
        while let Some(event) = self.client.poll_event() {
            match self.client.answer(self.now, event) {
                Some(ClientEvent::Stanza(stanza)) => self.seen.received(&stanza),
                Some(ClientEvent::Acked(ticket)) => self.seen.decided(0, ticket, Kept::Acked),
                Some(ClientEvent::Unconfirmed(ticket)) => {
                    self.seen.decided(0, ticket, Kept::Unconfirmed);
                }
                Some(ClientEvent::Undelivered(stanzas)) => self.seen.handed_back(0, stanzas),
                Some(ClientEvent::Resumed) => self.resumed += 1,
                Some(ClientEvent::Bound(_)) => self.bound += 1,
                Some(ClientEvent::Ended(why)) => {
                    assert!(self.ended.replace(why).is_none(), "ended twice");
                }
                _ => {}
            }
        }
        self.service.take_events(self.now);
    }

    /// Nobody listens where the client dials to, this once.
    pub fn refuse_dial(&mut self) {
        if matches!(self.link, Link::Dialing(_)) {
            self.link = Link::None;
            let error = DialError::new(DialErrorKind::Unreachable, "a test");
            self.client.handle(self.now, Input::ConnectFailed(error));
            self.flush();
        }
    }

    /// Whether there is a connection.
    pub fn is_up(&self) -> bool {
        self.link == Link::Up
    }
}

fn due(lane: &mut VecDeque<(Instant, Arrival)>, now: Instant) -> Option<Arrival> {
    lane.front().filter(|(at, _)| *at <= now)?;
    lane.pop_front().map(|(_, arrival)| arrival)
}

/// A connection by whose certificate each side knows the other: a login that costs no time.
fn connection() -> Connection {
    let mut connection = Connection::new(true);
    connection.peer_certificate = Some("a certificate".into());
    connection
}

/// A client's configuration for a [`Net`]: it goes on connecting for ever.
pub fn client_config() -> ClientConfig {
    let mut config = crate::managed::lasting_config();
    if let Some(reconnect) = &mut config.reconnect {
        reconnect.from_start = true;
    }
    config.mechanisms = vec![Mechanism::External];
    config
}

/// A service's configuration for a [`Net`].
pub fn server_config() -> ServerConfig {
    let mut config = crate::pair::server_config();
    config.mechanisms = vec![Mechanism::External];
    config
}

/// What the other side sees of it.
fn carried(transmit: Transmit) -> Input {
    match transmit {
        Transmit::Text(text) => Input::Text(text),
        Transmit::Ping => Input::Ping,
        Transmit::Close { code } => Input::Closed { code: Some(code) },
        Transmit::Dial(_) | Transmit::Fetch(_) => unreachable!("not a thing of a connection"),
    }
}

/// The randomness of one more connection of a service.
fn randomness(seed: u64, connection: u64) -> Box<dyn Random> {
    Seeded::boxed(seed.wrapping_mul(1000).wrapping_add(connection))
}

/// One more connection.
fn server(
    config: &ServerConfig,
    connection: Connection,
    random: Box<dyn Random>,
    now: Instant,
) -> Server {
    Server::new(config.clone(), connection, random, now)
}
