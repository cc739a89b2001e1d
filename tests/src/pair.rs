//! A client and a server with a wire between them, in virtual time.

use std::collections::VecDeque;
use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::sasl::{DecoySecret, Hash, Password, StoredKeys};
use xmpp_ws::server::{Server, ServerConfig, ServerEvent, StreamManagement};
use xmpp_ws::time::Instant;

use crate::random::Seeded;

/// A client and a server with a wire between them. Time moves only in [`step`](Self::step).
///
/// What can go wrong on the way is a public field. The server's requests are answered by
/// [`answer`](Self::answer) unless a test takes them itself.
#[derive(Debug)]
pub struct Pair {
    /// The client.
    pub client: Client,
    /// The server.
    pub server: Server,
    /// The time.
    pub now: Instant,
    /// How long a message takes.
    pub latency: Duration,
    /// Whether what is sent arrives.
    pub wire_works: bool,
    /// Whether the server's application answers its requests by itself.
    pub server_answers: bool,
    /// What was said, in order: `C: <open .../>`.
    pub log: Vec<String>,
    to_client: VecDeque<(Instant, Input)>,
    to_server: VecDeque<(Instant, Input)>,
    client_events: VecDeque<ClientEvent>,
    server_events: VecDeque<ServerEvent>,
    keys: Vec<StoredKeys>,
}

/// The account that a [`Pair`]'s server knows, and its password.
pub const ACCOUNT: &str = "alice@example.com";
/// The password of [`ACCOUNT`].
pub const PASSWORD: &str = "secret";

/// What a test's client is made with unless it says otherwise: it has one connection.
pub fn client_config() -> ClientConfig {
    let account = ACCOUNT.parse().expect("an address");
    let uri = "wss://example.com/xmpp-websocket".parse().expect("a URI");
    let mut config = ClientConfig::new(account, uri).with_password(PASSWORD);
    config.reconnect = None;
    config
}

/// What a test's server is made with unless it says otherwise.
pub fn server_config() -> ServerConfig {
    let mut config = ServerConfig::new(DecoySecret::new([7; 32]));
    config.stream_management = Some(StreamManagement::resumable(Duration::from_secs(300)));
    config
}

/// The keys of [`ACCOUNT`] for this hash.
pub fn stored_keys(hash: Hash) -> StoredKeys {
    StoredKeys::derive(hash, &Password::new(PASSWORD), b"salty".to_vec(), 4096)
        .expect("the password can be prepared")
}

impl Pair {
    /// A pair that has said nothing yet, over a secure connection.
    pub fn new() -> Self {
        Self::with(client_config(), server_config(), Connection::new(true))
    }

    /// A pair made with these.
    pub fn with(client: ClientConfig, server: ServerConfig, connection: Connection) -> Self {
        Self::between((client, connection.clone()), (server, connection))
    }

    /// A pair whose connection is not to both what it is to one, as with somebody in between.
    pub fn between(
        (client, ours): (ClientConfig, Connection),
        (server, theirs): (ServerConfig, Connection),
    ) -> Self {
        let now = Instant::ORIGIN;
        let mut pair = Self {
            client: Client::new(client, Seeded::new(1), now),
            server: Server::new(server, theirs, Seeded::new(2), now),
            now,
            latency: Duration::from_millis(10),
            wire_works: true,
            server_answers: true,
            log: Vec::new(),
            to_client: VecDeque::new(),
            to_server: VecDeque::new(),
            client_events: VecDeque::new(),
            server_events: VecDeque::new(),
            keys: [Hash::Sha1, Hash::Sha256, Hash::Sha512].map(stored_keys).into(),
        };
        assert!(matches!(pair.client.poll_transmit(), Some(Transmit::Dial(_))));
        pair.client.handle(now, Input::Connected(ours));
        pair
    }

    /// A pair whose client is bound, and nothing is under way.
    pub fn bound() -> Self {
        let mut pair = Self::new();
        pair.run_until_bound();
        pair
    }

    /// Goes on until the client is bound.
    pub fn run_until_bound(&mut self) {
        let bound = self.until_client(|event| matches!(event, ClientEvent::Bound(_)));
        assert!(matches!(bound, ClientEvent::Bound(_)), "not bound: {bound:?}\n{:#?}", self.log);
        while !(self.to_client.is_empty() && self.to_server.is_empty()) {
            self.step();
        }
    }

    /// Moves whatever can move now, then the clock to the next thing that can happen. False: nothing can.
    pub fn step(&mut self) -> bool {
        self.flush();
        let next = [
            self.client.poll_timeout(),
            self.server.poll_timeout(),
            self.to_client.front().map(|(at, _)| *at),
            self.to_server.front().map(|(at, _)| *at),
        ];
        let Some(next) = next.into_iter().flatten().min() else { return false };
        self.now = self.now.max(next);
        // A ping is answered by the transport, as RFC 6455 § 5.5.2 has it.
        let pong = Some((self.now + self.latency, Input::Pong)).filter(|_| self.wire_works);
        while let Some(input) = arrived(&mut self.to_client, self.now) {
            self.to_server.extend(pong.clone().filter(|_| input == Input::Ping));
            self.client.handle(self.now, input);
        }
        while let Some(input) = arrived(&mut self.to_server, self.now) {
            self.to_client.extend(pong.clone().filter(|_| input == Input::Ping));
            self.server.handle(self.now, input);
        }
        self.client.handle(self.now, Input::Timeout);
        self.server.handle(self.now, Input::Timeout);
        self.flush();
        true
    }

    /// Goes on until this much time has passed.
    pub fn run_for(&mut self, time: Duration) {
        let end = self.now + time;
        loop {
            self.flush();
            let arrivals = [self.to_client.front(), self.to_server.front()];
            let next = [self.client.poll_timeout(), self.server.poll_timeout()]
                .into_iter()
                .chain(arrivals.map(|front| front.map(|(at, _)| *at)))
                .flatten()
                .min();
            if next.is_none_or(|next| next > end) {
                self.now = end;
                return;
            }
            self.step();
        }
    }

    /// Goes on until the client tells this event; panics when nothing more can happen before.
    pub fn until_client(&mut self, wanted: impl Fn(&ClientEvent) -> bool) -> ClientEvent {
        loop {
            while let Some(event) = self.poll_client() {
                if wanted(&event) || matches!(event, ClientEvent::Ended(_)) {
                    return event;
                }
            }
            assert!(self.step(), "nothing more happens\n{:#?}", self.log);
        }
    }

    /// Goes on until the server tells this event; panics when nothing more can happen before.
    pub fn until_server(&mut self, wanted: impl Fn(&ServerEvent) -> bool) -> ServerEvent {
        loop {
            while let Some(event) = self.poll_server() {
                if wanted(&event) || matches!(event, ServerEvent::Ended(_)) {
                    return event;
                }
            }
            assert!(self.step(), "nothing more happens\n{:#?}", self.log);
        }
    }

    /// The client's next event; keys are derived on the way.
    pub fn poll_client(&mut self) -> Option<ClientEvent> {
        self.take_events();
        self.client_events.pop_front()
    }

    /// The server's next event that is left to the test.
    pub fn poll_server(&mut self) -> Option<ServerEvent> {
        self.take_events();
        self.server_events.pop_front()
    }

    /// Lets the server's transport see this, now.
    pub fn server_sees(&mut self, input: Input) {
        self.server.handle(self.now, input);
        self.flush();
    }

    /// Lets the client's transport see this, now.
    pub fn client_sees(&mut self, input: Input) {
        self.client.handle(self.now, input);
        self.flush();
    }

    /// Answers a request as a server does that knows [`ACCOUNT`]; hands every other event back.
    pub fn answer(&mut self, event: ServerEvent) -> Option<ServerEvent> {
        let now = self.now;
        let answered = match event {
            ServerEvent::OpenRequested(request) => self.server.accept(now, request),
            ServerEvent::CredentialsWanted(request) => {
                let known = request.username() == "alice";
                let keys = self.keys.iter().find(|keys| keys.hash() == request.hash());
                self.server.credentials(now, request, keys.filter(|_| known))
            }
            ServerEvent::PasswordPresented(request) => {
                let known = request.username() == "alice";
                let keys = self.keys.first().filter(|_| known);
                let answer = request.verify(keys, &DecoySecret::new([7; 32]));
                self.server.authenticate(now, answer)
            }
            ServerEvent::BindRequested(request) => self.server.bind(now, request),
            event => return Some(event),
        };
        answered.expect("the request was just made");
        None
    }

    /// Moves what the endpoints have to say onto the wire, and their events to the test.
    fn flush(&mut self) {
        self.take_events();
        let arrival = self.now + self.latency;
        while let Some(transmit) = self.client.poll_transmit() {
            self.log.push(format!("C: {}", describe(&transmit)));
            if let Some(input) = carry(transmit).filter(|_| self.wire_works) {
                self.to_server.push_back((arrival, input));
            }
        }
        while let Some(transmit) = self.server.poll_transmit() {
            self.log.push(format!("S: {}", describe(&transmit)));
            if let Some(input) = carry(transmit).filter(|_| self.wire_works) {
                self.to_client.push_back((arrival, input));
            }
        }
        self.take_events();
    }

    fn take_events(&mut self) {
        while let Some(event) = self.client.poll_event() {
            if let Some(event) = self.client.answer(self.now, event) {
                self.client_events.push_back(event);
            }
        }
        while let Some(event) = self.server.poll_event() {
            let left = if self.server_answers { self.answer(event) } else { Some(event) };
            self.server_events.extend(left);
        }
    }
}

impl Default for Pair {
    fn default() -> Self {
        Self::new()
    }
}

/// What the other side sees of it.
fn carry(transmit: Transmit) -> Option<Input> {
    match transmit {
        Transmit::Text(text) => Some(Input::Text(text)),
        Transmit::Ping => Some(Input::Ping),
        Transmit::Close { code } => Some(Input::Closed { code: Some(code) }),
        Transmit::Drop | Transmit::Dial(_) | Transmit::Fetch(_) => None,
    }
}

/// As it stands in the log.
pub fn describe(transmit: &Transmit) -> String {
    match transmit {
        Transmit::Text(text) => text.to_string(),
        Transmit::Ping => "ping".into(),
        Transmit::Close { code } => format!("close {code}"),
        Transmit::Drop => "drop".into(),
        Transmit::Dial(target) => format!("dial {}", target.uri),
        Transmit::Fetch(uri) => format!("fetch {uri}"),
    }
}

fn arrived(lane: &mut VecDeque<(Instant, Input)>, now: Instant) -> Option<Input> {
    let due = lane.front().is_some_and(|(at, _)| *at <= now);
    if due { lane.pop_front().map(|(_, input)| input) } else { None }
}
