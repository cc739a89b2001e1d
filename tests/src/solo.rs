//! One endpoint whose peer is the test: what it hears is written down, what it says and tells is looked at.

use std::collections::VecDeque;
use std::time::Duration;

use bytestring::ByteString;
use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};
use xmpp_ws::limits::XmlLimits;
use xmpp_ws::server::{Server, ServerConfig, ServerEvent};
use xmpp_ws::time::Instant;
use xmpp_ws::xml::Scanner;

use crate::pair::{self, client_config, describe, server_config};
use crate::random::Seeded;

/// One endpoint, the time, and what it has to say.
#[derive(Debug)]
pub struct Solo<E: Endpoint> {
    /// The endpoint.
    pub endpoint: E,
    /// The time; it moves only in [`wait`](Self::wait).
    pub now: Instant,
    /// Events that [`hears`](Self::hears) and the like did not look at yet.
    events: VecDeque<E::Event>,
}

/// A client alone.
pub type SoloClient = Solo<Client>;
/// A server's side of one connection alone.
pub type SoloServer = Solo<Server>;

/// A client's `<open/>` as a test says it.
pub const CLIENT_OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='example.com' \
                               version='1.0' xml:lang='en'/>";
/// A server's `<open/>` as a test says it.
pub const SERVER_OPEN: &str = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.com' id='s1' version='1.0' \
     xml:lang='en'/>";
/// `<close/>` byte for byte as it is to be said.
pub const CLOSE: &str = r#"<close xmlns="urn:ietf:params:xml:ns:xmpp-framing" />"#;
/// Features with PLAIN and nothing else.
pub const PLAIN_FEATURES: &str = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'><mechanisms \
     xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>PLAIN</mechanism></mechanisms>\
     </stream:features>";
/// Features with binding and nothing else.
pub const BIND_FEATURES: &str = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
     <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>";
/// The login of [`pair::ACCOUNT`] by PLAIN.
pub const PLAIN_AUTH: &str = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' \
                              mechanism='PLAIN'>AGFsaWNlAHNlY3JldA==</auth>";
/// The success of a login by PLAIN.
pub const SUCCESS: &str = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>";
/// A request to bind the resource `r`.
pub const BIND: &str = "<iq xmlns='jabber:client' type='set' id='b'>\
                        <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>r</resource>\
                        </bind></iq>";

impl<E: Endpoint> Solo<E> {
    /// This endpoint, at this time.
    pub fn new(endpoint: E, now: Instant) -> Self {
        Self { endpoint, now, events: VecDeque::new() }
    }

    /// What there is to transmit, as [`describe`] puts it.
    pub fn said(&mut self) -> Vec<String> {
        std::iter::from_fn(|| self.endpoint.poll_transmit()).map(|it| describe(&it)).collect()
    }

    /// The one thing that there is to transmit.
    pub fn says(&mut self) -> String {
        let mut said = self.said();
        assert_eq!(said.len(), 1, "said: {said:#?}");
        said.remove(0)
    }

    /// The next thing to transmit, whatever else there is.
    pub fn says_next(&mut self) -> Option<Transmit> {
        self.endpoint.poll_transmit()
    }

    /// A text message comes.
    pub fn hears(&mut self, text: impl Into<ByteString>) -> &mut Self {
        self.sees(Input::Text(text.into()))
    }

    /// The transport sees this.
    pub fn sees(&mut self, input: Input) -> &mut Self {
        self.endpoint.handle(self.now, input);
        let next = self.endpoint.poll_timeout();
        assert!(next.is_none_or(|at| at > self.now), "a deadline is left in the past: {next:?}");
        self
    }

    /// Time passes; each deadline is kept to the moment.
    pub fn wait(&mut self, time: Duration) -> &mut Self {
        let end = self.now + time;
        while let Some(at) = self.endpoint.poll_timeout().filter(|at| *at <= end) {
            self.now = at;
            self.sees(Input::Timeout);
        }
        self.now = end;
        self
    }

    /// The next event.
    pub fn tells(&mut self) -> Option<E::Event> {
        self.events.pop_front().or_else(|| self.endpoint.poll_event())
    }

    /// All events there are.
    pub fn told(&mut self) -> Vec<E::Event> {
        std::iter::from_fn(|| self.tells()).collect()
    }
}

impl Solo<Client> {
    /// A client whose WebSocket is open; its `<open/>` waits to be transmitted.
    pub fn client(config: ClientConfig, connection: Connection) -> Self {
        let now = Instant::ORIGIN;
        let mut client = Client::new(config, Seeded::boxed(1), now);
        assert!(matches!(client.poll_transmit(), Some(Transmit::Dial(_))));
        client.handle(now, Input::Connected(connection));
        assert!(matches!(client.poll_event(), Some(ClientEvent::Connected { .. })));
        Self { endpoint: client, now, events: VecDeque::new() }
    }

    /// A client with the usual configuration over TLS that has said `<open/>`.
    pub fn opening() -> Self {
        Self::opening_with(client_config())
    }

    /// The same with another configuration.
    pub fn opening_with(config: ClientConfig) -> Self {
        let mut client = Self::client(config, Connection::new(true));
        client.says();
        client
    }

    /// A client that has said `<auth/>`.
    pub fn authenticating() -> Self {
        Self::authenticating_with(client_config())
    }

    /// The same with another configuration.
    pub fn authenticating_with(config: ClientConfig) -> Self {
        let mut client = Self::opening_with(config);
        client.hears(SERVER_OPEN).hears(PLAIN_FEATURES);
        assert_eq!(client.says(), unquoted(PLAIN_AUTH));
        client
    }

    /// A client that has asked for a resource, and the request.
    pub fn binding_with(config: ClientConfig) -> (Self, String) {
        let mut client = Self::authenticating_with(config);
        client.hears(SUCCESS);
        client.says();
        client.hears(SERVER_OPEN).hears(BIND_FEATURES);
        let request = client.says();
        (client, request)
    }

    /// A client that is bound to `alice@example.com/r`, with nothing to say and nothing to tell.
    pub fn bound() -> Self {
        Self::bound_with(client_config())
    }

    /// The same with another configuration.
    pub fn bound_with(config: ClientConfig) -> Self {
        let (mut client, request) = Self::binding_with(config);
        client.hears(bound(&attribute(&request, "id")));
        assert!(matches!(&client.told()[..], [ClientEvent::Bound(_)]));
        assert_eq!(client.said(), [""; 0]);
        client
    }

    /// Why it is over; panics when it is not, or not quite.
    pub fn ended(&mut self) -> Ending {
        let mut told = self.told();
        let Some(ClientEvent::Ended(why)) = told.pop() else { panic!("not over: {told:?}") };
        assert!(self.endpoint.is_over());
        assert_eq!(self.said(), [""; 0], "something is said after the end");
        why
    }
}

impl Solo<Server> {
    /// A server's side of a WebSocket that was just opened.
    pub fn server(config: ServerConfig, connection: Connection) -> Self {
        let now = Instant::ORIGIN;
        Self::around(Server::new(config, connection, Seeded::boxed(2), now))
    }

    /// This server, which was just made.
    pub fn around(endpoint: Server) -> Self {
        Self { endpoint, now: Instant::ORIGIN, events: VecDeque::new() }
    }

    /// The same with the usual configuration, over TLS.
    pub fn fresh() -> Self {
        Self::server(server_config(), Connection::new(true))
    }

    /// A server that has answered `<open/>` and said its features.
    pub fn opened() -> Self {
        Self::opened_with(server_config())
    }

    /// The same with another configuration.
    pub fn opened_with(config: ServerConfig) -> Self {
        Self::server(config, Connection::new(true)).open()
    }

    /// The client opens its stream.
    pub fn open(mut self) -> Self {
        self.hears(CLIENT_OPEN).answer();
        assert_eq!(self.said().len(), 2);
        self
    }

    /// A server whose client has logged in and begun its second stream.
    pub fn authenticated() -> Self {
        Self::authenticated_with(server_config())
    }

    /// The same with another configuration.
    pub fn authenticated_with(config: ServerConfig) -> Self {
        Self::opened_with(config).log_in()
    }

    /// The client logs in and begins its second stream.
    pub fn log_in(mut self) -> Self {
        self.hears(PLAIN_AUTH).answer();
        assert_eq!(self.says(), unquoted(SUCCESS));
        self.hears(CLIENT_OPEN);
        assert_eq!(self.said().len(), 2);
        self
    }

    /// A server whose client is bound to `alice@example.com/r`, with nothing to say and nothing to tell.
    pub fn bound() -> Self {
        Self::bound_with(server_config())
    }

    /// The same with another configuration.
    pub fn bound_with(config: ServerConfig) -> Self {
        Self::authenticated_with(config).bind()
    }

    /// The client binds its resource.
    pub fn bind(mut self) -> Self {
        self.hears(BIND).answer();
        assert!(self.endpoint.jid().is_some());
        self.says();
        self
    }

    /// Grants every request that there is: any host, any password, any resource. Other events stay.
    pub fn answer(&mut self) -> &mut Self {
        let now = self.now;
        while let Some(event) = self.endpoint.poll_event() {
            let answered = match event {
                ServerEvent::OpenRequested(request) => self.endpoint.accept(now, request),
                ServerEvent::CredentialsWanted(request) => {
                    let keys = pair::stored_keys(request.hash());
                    self.endpoint.credentials(now, request, Some(&keys))
                }
                ServerEvent::PasswordPresented(request) => {
                    self.endpoint.authenticate(now, request.accept())
                }
                ServerEvent::BindRequested(request) => self.endpoint.bind(now, request),
                event => {
                    self.events.push_back(event);
                    continue;
                }
            };
            answered.expect("the request was just made");
        }
        self
    }

    /// Why it is over; panics when it is not, or not quite.
    pub fn ended(&mut self) -> Ending {
        let mut told = self.told();
        let Some(ServerEvent::Ended(why)) = told.pop() else { panic!("not over: {told:?}") };
        assert!(self.endpoint.is_over());
        assert_eq!(self.said(), [""; 0], "something is said after the end");
        why
    }
}

/// The answer to a request to bind with this `id`.
pub fn bound(id: &str) -> String {
    format!(
        "<iq xmlns='jabber:client' type='result' id='{id}'><bind \
         xmlns='urn:ietf:params:xml:ns:xmpp-bind'><jid>alice@example.com/r</jid></bind></iq>"
    )
}

/// A stream error with this condition.
pub fn stream_error(condition: &str) -> String {
    format!(
        "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><{condition} \
         xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>"
    )
}

/// The value of the root's attribute of this name, `""` when there is none.
pub fn attribute(xml: &str, name: &str) -> String {
    let mut scanner = Scanner::new();
    let root = scanner.scan(xml, &XmlLimits::default()).expect("an element");
    root.attributes()
        .find(|attribute| match attribute.prefix() {
            Some(prefix) => {
                name.strip_prefix(prefix) == Some(&format!(":{}", attribute.local_name()))
            }
            None => attribute.local_name() == name,
        })
        .map(|attribute| attribute.value().into_owned())
        .unwrap_or_default()
}

/// The condition of a stream error that was said.
pub fn condition(xml: &str) -> String {
    let mut scanner = Scanner::new();
    let root = scanner.scan(xml, &XmlLimits::default()).expect("an element");
    assert!(root.is("error", "http://etherx.jabber.org/streams"), "not an error: {xml}");
    let document = root.read();
    let first = document.root().children().next().expect("a condition");
    assert_eq!(first.namespace(), "urn:ietf:params:xml:ns:xmpp-streams");
    first.name().into()
}

/// The same element with the quotes that the library writes.
fn unquoted(xml: &str) -> String {
    xml.replace('"', "'")
}
