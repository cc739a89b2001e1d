//! A client, a service, and a network between them that is cut where a test says so; in virtual time.

mod lane;
mod service;
mod wire;

use std::collections::VecDeque;
use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent, SavedSession};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input, Transmit};
use xmpp_ws::sasl::Mechanism;
use xmpp_ws::server::ServerConfig;
use xmpp_ws::time::Instant;

pub use self::lane::{Kept, Lane};
pub use self::service::Service;
use self::wire::{Arrival, Link, Side, Way, due, next_arrival};
pub use self::wire::{Fault, Last, Trouble};
use crate::random::Seeded;

/// A client, a service, and the network between them.
pub struct Net {
    /// The client.
    pub client: Client,
    /// The service: its connections, its sessions, its application.
    pub service: Service,
    /// The time, which the service goes by; the client has a clock of its own.
    pub now: Instant,
    /// How long a message is under way.
    pub latency: Duration,
    /// What is wrong at present.
    pub trouble: Trouble,
    /// What the client's application saw.
    pub seen: Lane,
    /// Why the client is over.
    pub ended: Option<Ending>,
    /// Why its connections were over before.
    pub lost_for: Vec<Ending>,
    /// How often the client's session went on, and how often it began.
    pub resumed: usize,
    /// How often a session began.
    pub bound: usize,
    /// How many messages have left either side.
    pub crossed: usize,
    /// How many stanzas the client's application took at once, at most.
    pub most_taken: usize,
    config: ClientConfig,
    seed: u64,
    /// When the client's process began, and what its clock showed then.
    began: (Instant, Instant),
    faults: VecDeque<Fault>,
    /// The stanzas of the client's for which the connection is cut, each time.
    poison: Vec<String>,
    link: Link,
    /// Whether what the connection carries is lost: it never recovers, for nothing is sent again.
    is_dead: bool,
    to_client: Way,
    to_server: Way,
}

impl Net {
    /// A network that is cut so.
    pub fn new(client: ClientConfig, server: ServerConfig, seed: u64, faults: Vec<Fault>) -> Self {
        let now = Instant::ORIGIN;
        let mut net = Self {
            client: Client::new(client.clone(), Seeded::boxed(seed), now),
            service: Service::new(server, seed),
            now,
            latency: Duration::from_millis(40),
            trouble: Trouble::default(),
            seen: Lane::default(),
            ended: None,
            lost_for: Vec::new(),
            resumed: 0,
            bound: 0,
            crossed: 0,
            most_taken: 0,
            config: client,
            seed,
            began: (now, now),
            faults: faults.into(),
            poison: Vec::new(),
            link: Link::None,
            is_dead: false,
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
        };
        net.flush();
        net
    }

    // ---- what the applications do

    /// The client's application sends the stanza with this number; false when there is no room, or no session yet.
    pub fn client_sends(&mut self, number: u64) -> bool {
        self.client_sends_long(number, 0)
    }

    /// The same with a stanza for which something on the way cuts the connection, however often it is sent.
    pub fn client_sends_poison(&mut self, number: u64) -> bool {
        self.poison.push(service::stanza(number, POISON_BYTES));
        self.client_sends_long(number, POISON_BYTES)
    }

    /// The same, with so many bytes in it.
    pub fn client_sends_long(&mut self, number: u64, bytes: usize) -> bool {
        self.wake();
        let sent = self.client.send(self.client_now(), service::stanza(number, bytes));
        let Ok(ticket) = sent else { return false };
        self.seen.sent(0, ticket, number);
        self.flush();
        true
    }

    /// The service sends the client's account the stanza with this number; false when it cannot keep it.
    pub fn service_sends(&mut self, number: u64) -> bool {
        self.service_sends_long(number, 0)
    }

    /// The same, with so many bytes in it.
    pub fn service_sends_long(&mut self, number: u64, bytes: usize) -> bool {
        let taken = self.service.send(self.now, number, bytes);
        self.flush();
        taken
    }

    /// The client closes its stream, or gives up.
    pub fn client_closes(&mut self) {
        self.wake();
        let _ = self.client.close(self.client_now());
        self.flush();
    }

    /// The client is told that the network changed.
    pub fn nudge(&mut self) {
        self.wake();
        let now = self.client_now();
        self.client.nudge(now);
        self.client.handle(now, Input::Timeout);
        self.flush();
    }

    /// Somebody looks at the client, or nobody does.
    pub fn set_active(&mut self, active: bool) {
        self.wake();
        self.client.set_active(active);
        self.flush();
    }

    /// The client's process ends, and another goes on with its session, saved and restored `through` something. The
    /// clock of the new one shows `clock`. False, and nothing happens, where there is nothing to save.
    pub fn move_client(
        &mut self,
        noticed: bool,
        clock: Instant,
        through: impl FnOnce(SavedSession) -> SavedSession,
    ) -> bool {
        self.wake();
        // It is saved when it has told all that it has to tell.
        self.take_client_events();
        let Some(saved) = self.client.save(self.client_now()) else { return false };
        if self.link == Link::Up {
            self.lose_link(noticed);
        }
        self.link = Link::None;
        self.began = (self.now, clock);
        self.seed = self.seed.wrapping_add(SEEDS);
        let (config, random) = (self.config.clone(), Seeded::boxed(self.seed));
        let client = Client::restore(config, through(saved), random, self.client_now());
        self.client = client.expect("the same account");
        self.flush();
        true
    }

    /// The client's application does something else for so long: what comes lies in the socket, and no deadline is kept.
    pub fn client_pauses(&mut self, time: Duration) {
        self.set_trouble(Trouble { client_sleeps: true, ..self.trouble });
        self.run_for(time);
        self.wake();
    }

    // ---- what the network does

    /// The connection is cut now, whatever is under way.
    pub fn cut(&mut self, noticed: bool) {
        self.break_link(noticed);
        self.flush();
    }

    /// The connection is cut when so many more messages have left either side.
    pub fn cut_after(&mut self, messages: usize, last: Last, noticed: bool) {
        self.faults.clear();
        self.faults.push_back(Fault { at: self.crossed + messages, last, noticed });
    }

    /// This is wrong from now on, and nothing else.
    pub fn set_trouble(&mut self, trouble: Trouble) {
        let wakes = self.trouble.client_sleeps && !trouble.client_sleeps;
        self.trouble = trouble;
        self.is_dead |= trouble.swallows;
        if wakes {
            self.step();
        }
        self.flush();
    }

    /// The client does something, so it is awake; first it sees what is at hand, and the time.
    pub fn wake(&mut self) {
        self.set_trouble(Trouble { client_sleeps: false, ..self.trouble });
    }

    /// All is well from now on.
    pub fn clear_up(&mut self) {
        self.faults.clear();
        self.service.forgets = false;
        self.set_trouble(Trouble::default());
    }

    /// Goes on until this much time has passed, or the client is over.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        let mut steps_now = 0;
        while let Some(next) = self.next().filter(|next| *next <= end) {
            steps_now = if next > self.now { 0 } else { steps_now + 1 };
            assert!(steps_now < ENOUGH, "time stands still at {next:?}");
            self.now = self.now.max(next);
            self.step();
        }
        self.now = end;
    }

    /// When something happens next.
    fn next(&self) -> Option<Instant> {
        let is_awake = !self.trouble.client_sleeps;
        let dialed = match self.link {
            Link::Dialing(at) => Some(at).filter(|_| is_awake),
            Link::None | Link::Up => None,
        };
        let deadlines = [self.client_deadline().filter(|_| is_awake), self.service.poll_timeout()];
        let early = deadlines.iter().flatten().find(|at| **at < self.now);
        assert!(early.is_none(), "a deadline in the past: {early:?} at {:?}", self.now);
        let arrivals = [
            next_arrival(&self.to_client, is_awake && self.client.wants_input()),
            next_arrival(&self.to_server, self.service.wants_input()),
        ];
        deadlines.into_iter().chain(arrivals).chain([dialed]).flatten().min()
    }

    /// Lets happen what is due.
    fn step(&mut self) {
        if !self.trouble.client_sleeps {
            self.run_client();
        }
        let now = self.now;
        while let Some(arrival) = due(&mut self.to_server, now, self.service.wants_input()) {
            match arrival {
                Arrival::Input(input) => {
                    self.answer_ping(Side::Server, &input);
                    self.service.handle(now, input);
                }
                Arrival::Cut { noticed } => self.break_link(noticed),
            }
            self.flush();
        }
        self.service.pass_time(now);
        self.flush();
    }

    /// The client takes what has come, then looks at the time.
    fn run_client(&mut self) {
        let now = self.now;
        if matches!(self.link, Link::Dialing(at) if at <= now) {
            self.answer_dial();
            self.flush();
        }
        while let Some(arrival) = due(&mut self.to_client, now, self.client.wants_input()) {
            match arrival {
                Arrival::Input(input) => {
                    self.answer_ping(Side::Client, &input);
                    self.client.handle(self.client_now(), input);
                }
                Arrival::Cut { noticed } => self.break_link(noticed),
            }
            self.flush();
        }
        self.client.handle(self.client_now(), Input::Timeout);
        self.flush();
    }

    /// Moves what the endpoints say onto the wire, and their events to their applications.
    fn flush(&mut self) {
        loop {
            self.take_events();
            let is_awake = !self.trouble.client_sleeps;
            let client_may_write =
                is_awake && (!self.trouble.client_is_stuck || self.client.wants_dial());
            if client_may_write && let Some(transmit) = self.client.poll_transmit() {
                match transmit {
                    Transmit::Drop => self.give_up(),
                    Transmit::Dial(_) => self.dial(),
                    Transmit::Fetch(_) => unreachable!("the client has an address"),
                    transmit => self.cross(Side::Client, transmit),
                }
            } else if !self.trouble.service_is_stuck
                && let Some(transmit) = self.service.poll_transmit()
            {
                self.cross(Side::Server, transmit);
            } else if self.client.is_over() && self.is_up() {
                self.drop_link();
            } else {
                return;
            }
        }
    }

    fn take_events(&mut self) {
        if !self.trouble.client_is_slow && !self.trouble.client_sleeps {
            self.take_client_events();
        }
        if !self.trouble.service_is_slow {
            self.service.take_events(self.now);
        }
    }

    fn take_client_events(&mut self) {
        let had = self.seen.got.len();
        while let Some(event) = self.client.poll_event() {
            assert!(self.ended.is_none(), "{event:?} after the end");
            match self.client.answer(self.client_now(), event) {
                Some(ClientEvent::Stanza(stanza)) => self.seen.received(&stanza),
                Some(ClientEvent::Acked(ticket)) => self.seen.decided(0, ticket, Kept::Acked),
                Some(ClientEvent::Unconfirmed(ticket)) => {
                    self.seen.decided(0, ticket, Kept::Unconfirmed);
                }
                Some(ClientEvent::Undelivered(stanzas)) => self.seen.handed_back(0, stanzas),
                Some(ClientEvent::Resumed) => self.resumed += 1,
                Some(ClientEvent::Bound(_)) => self.bound += 1,
                Some(ClientEvent::Disconnected { why, .. }) => self.lost_for.push(why),
                Some(ClientEvent::Ended(why)) => self.ended = Some(why),
                _ => {}
            }
        }
        self.most_taken = self.most_taken.max(self.seen.got.len() - had);
    }

    // ---- how it stands

    /// Whether there is a connection.
    pub fn is_up(&self) -> bool {
        self.link == Link::Up
    }

    /// When the client has something to do, by the service's clock.
    pub fn client_deadline(&self) -> Option<Instant> {
        let (began, clock) = self.began;
        self.client.poll_timeout().map(|at| began + at.since(clock))
    }

    /// The time by the client's clock.
    fn client_now(&self) -> Instant {
        let (began, clock) = self.began;
        clock + self.now.since(began)
    }
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

/// So that it is like no other stanza.
const POISON_BYTES: usize = 7;
/// More than can happen at one moment.
const ENOUGH: usize = 10_000;
/// How far apart the randomness of two processes is.
const SEEDS: u64 = 1 << 32;
