//! A server's side of a connection with stream management (XEP-0198), whose client is the test.

use xmpp_ws::endpoint::Input;
use xmpp_ws::server::{ResumeRequest, Server, ServerConfig, ServerEvent, Suspended};

use crate::pair::server_config;
use crate::solo::{SoloServer, attribute};

/// Asks for stream management with resumption.
pub const ENABLE: &str = "<enable xmlns='urn:xmpp:sm:3' resume='true'/>";
/// Asks for an acknowledgement.
pub const R: &str = "<r xmlns='urn:xmpp:sm:3'/>";
/// Any stanza.
pub const MESSAGE: &str = "<message xmlns='jabber:client' to='bob@example.com'/>";

/// `<a/>` with this count.
pub fn a(h: u32) -> String {
    format!("<a xmlns='urn:xmpp:sm:3' h='{h}'/>")
}

/// `<resume/>`.
pub fn resume(previd: &str, h: u32) -> String {
    format!("<resume xmlns='urn:xmpp:sm:3' h='{h}' previd='{previd}'/>")
}

/// `<resumed/>` as it is said.
pub fn resumed(previd: &str, h: u32) -> String {
    resume(previd, h).replace("<resume ", "<resumed ")
}

/// `<failed/>` as it is said.
pub fn failed(condition: &str) -> String {
    format!(
        "<failed xmlns='urn:xmpp:sm:3'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>"
    )
}

/// A message with this number, as the application sends it.
pub fn message(number: usize) -> String {
    format!("<message xmlns='jabber:client' id='{number}'/>")
}

impl SoloServer {
    /// A server whose client is bound and has stream management, with the session's name.
    pub fn managed() -> (Self, String) {
        Self::managed_with(server_config())
    }

    /// The same with another configuration.
    pub fn managed_with(config: ServerConfig) -> (Self, String) {
        Self::bound_with(config).enable()
    }

    /// The same from this server on, which was just made.
    pub fn managed_by(server: Server) -> (Self, String) {
        Self::around(server).open().log_in().bind().enable()
    }

    fn enable(mut self) -> (Self, String) {
        let enabled = self.hears(ENABLE).says();
        assert!(enabled.starts_with("<enabled "), "{enabled}");
        let name = attribute(&enabled, "id");
        match self.tells() {
            Some(ServerEvent::Resumable { id }) => assert_eq!(id, name),
            other => panic!("not told to be resumable: {other:?}"),
        }
        (self, name)
    }

    /// The application sends these messages, and they are written.
    pub fn sends(&mut self, numbers: std::ops::Range<usize>) -> &mut Self {
        for number in numbers {
            self.endpoint.send(self.now, message(number)).expect("there is room");
        }
        self.said();
        self
    }

    /// The connection is cut: the session as it is handed out, and the events before it.
    pub fn cut(&mut self) -> (Suspended, Vec<ServerEvent>) {
        self.sees(Input::Lost);
        let mut told = self.told();
        assert!(matches!(told.pop(), Some(ServerEvent::Ended(_))));
        let Some(ServerEvent::Suspended(session)) = told.pop() else {
            panic!("not suspended: {told:?}")
        };
        (*session, told)
    }

    /// A server whose client has logged in and asked for this session.
    pub fn resuming(previd: &str, h: u32) -> (Self, ResumeRequest) {
        Self::resuming_with(server_config(), previd, h)
    }

    /// The same with another configuration.
    pub fn resuming_with(config: ServerConfig, previd: &str, h: u32) -> (Self, ResumeRequest) {
        let mut server = Self::authenticated_with(config);
        server.hears(resume(previd, h));
        let request = server.asked_to_resume();
        (server, request)
    }

    /// The request to resume that is there.
    pub fn asked_to_resume(&mut self) -> ResumeRequest {
        match self.tells() {
            Some(ServerEvent::ResumeRequested(request)) => request,
            other => panic!("no request to resume: {other:?}"),
        }
    }

    /// A server that has gone on with this session, for a client that has so many of its stanzas.
    pub fn resumed(session: Suspended, h: u32) -> Self {
        let previd = session.id().to_owned();
        let (mut server, request) = Self::resuming(&previd, h);
        let now = server.now;
        server.endpoint.resume(now, request, session).expect("it is the session asked for");
        server
    }
}
