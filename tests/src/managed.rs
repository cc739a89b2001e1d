//! A client with stream management (XEP-0198) whose server is the test.

use std::time::Duration;

use xmpp_ws::client::{ClientConfig, ClientEvent, Reconnect};
use xmpp_ws::endpoint::{Connection, Endpoint, Input, Transmit};

use crate::pair::client_config;
use crate::solo::{PLAIN_FEATURES, SERVER_OPEN, SUCCESS, SoloClient, attribute, bound};

/// Features with binding, stream management and client state indication.
pub const MANAGED_FEATURES: &str = "<stream:features xmlns:stream='http://etherx.jabber.org/streams'>\
     <bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/><sm xmlns='urn:xmpp:sm:3'/>\
     <csi xmlns='urn:xmpp:csi:0'/></stream:features>";
/// What is granted: a session that can be resumed.
pub const ENABLED: &str = "<enabled xmlns='urn:xmpp:sm:3' id='s-1' resume='true' max='300'/>";
/// Asks for an acknowledgement.
pub const REQUEST: &str = "<r xmlns='urn:xmpp:sm:3'/>";
/// A stanza of the server's.
pub const MESSAGE: &str = "<message xmlns='jabber:client'/>";

/// The usual client, which connects again.
pub fn lasting_config() -> ClientConfig {
    let mut config = client_config();
    config.reconnect = Some(Reconnect::default());
    config
}

/// An acknowledgement of so many stanzas.
pub fn answer(h: u32) -> String {
    format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>")
}

/// The server goes on with the session, of which it has so many stanzas.
pub fn resumed(h: u32) -> String {
    format!("<resumed xmlns='urn:xmpp:sm:3' h='{h}' previd='s-1'/>")
}

/// A stanza of the application's with this identifier.
pub fn stanza(id: &str) -> String {
    format!("<message xmlns='jabber:client' id='{id}'/>")
}

impl SoloClient {
    /// A client that has asked for stream management.
    pub fn enabling_with(config: ClientConfig) -> Self {
        let mut client = Self::authenticating_with(config);
        client.hears(SUCCESS);
        client.says();
        client.hears(SERVER_OPEN).hears(MANAGED_FEATURES);
        let request = client.says();
        client.hears(bound(&attribute(&request, "id")));
        assert_eq!(client.says(), "<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        assert!(client.told().is_empty(), "bound before the answer");
        client
    }

    /// A client with a session that can be resumed, with nothing to say and nothing to tell.
    pub fn managed_with(config: ClientConfig) -> Self {
        let mut client = Self::enabling_with(config);
        client.hears(ENABLED);
        assert!(matches!(&client.told()[..], [ClientEvent::Bound(_)]));
        assert_eq!(client.said(), [""; 0]);
        client
    }

    /// The same, which connects again.
    pub fn managed() -> Self {
        Self::managed_with(lasting_config())
    }

    /// The application sends this.
    pub fn sends(&mut self, stanza: impl Into<String>) -> &mut Self {
        self.endpoint.send(self.now, stanza.into()).expect("room");
        self
    }

    /// The connection is cut; says how long the client will wait, and whether it hopes to resume.
    pub fn is_cut(&mut self) -> (Duration, bool) {
        self.sees(Input::Lost);
        let told = self.told();
        match told.last() {
            Some(ClientEvent::Disconnected { again_in, resumable, .. }) => (*again_in, *resumable),
            _ => panic!("not disconnected: {told:?}"),
        }
    }

    /// The wait passes; says where the client dials to.
    pub fn dials(&mut self) -> String {
        let at = self.endpoint.poll_timeout().expect("a wait, or a dial");
        if self.endpoint.wants_dial() {
            return self.dialed();
        }
        self.wait(at.since(self.now));
        self.dialed()
    }

    fn dialed(&mut self) -> String {
        match self.endpoint.poll_transmit() {
            Some(Transmit::Dial(target)) => target.uri.to_string(),
            other => panic!("no dial: {other:?}"),
        }
    }

    /// A new connection, up to the features after the login.
    pub fn logs_in_again(&mut self) -> &mut Self {
        self.sees(Input::Connected(Connection::new(true)));
        assert!(self.says().starts_with("<open "));
        self.hears(SERVER_OPEN).hears(PLAIN_FEATURES);
        assert!(self.says().starts_with("<auth "));
        self.hears(SUCCESS);
        assert!(self.says().starts_with("<open "));
        assert!(matches!(&self.told()[..], [ClientEvent::Connected { .. }]));
        self.hears(SERVER_OPEN).hears(MANAGED_FEATURES)
    }

    /// Cut, waited, dialed, logged in; says with what it asks for the session of before.
    pub fn comes_back(&mut self) -> String {
        self.is_cut();
        self.dials();
        self.logs_in_again();
        self.says()
    }
}
