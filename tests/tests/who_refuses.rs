//! How a server refuses a stream: who speaks in the header before the error, which is a host that is served, whatever
//! the client asked for; and what becomes of the request where the error cannot be written, and of what came meanwhile.

use std::time::Duration;

use xmpp_ws::condition::Condition;
use xmpp_ws::endpoint::{Connection, Input};
use xmpp_ws::error::Misuse;
use xmpp_ws::server::{NotRefused, ServerEvent};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws_tests::pair::server_config;
use xmpp_ws_tests::solo::{CLIENT_OPEN, CLOSE, SoloServer, attribute, condition};

/// RFC 6120 § 4.9.1.3: before the host is known to be served, the server's own name stands in the header.
#[test]
fn a_server_that_has_a_name_says_it_with_an_error() {
    let fresh = || {
        let mut config = server_config();
        config.domain = Some("example.net".parse().expect("an address"));
        SoloServer::server(config, Connection::new(true))
    };
    for (text, expected) in [
        ("<message xmlns='jabber:client'/>".to_owned(), "invalid-namespace"),
        ("no XML".to_owned(), "not-well-formed"),
        (CLIENT_OPEN.replace("to='example.com'", ""), "host-unknown"),
        (CLIENT_OPEN.replace("to='example.com'", "to='a b'"), "host-unknown"),
        (CLIENT_OPEN.replace("version='1.0'", ""), "unsupported-version"),
    ] {
        let mut server = fresh();
        server.hears(text.clone());
        let said = server.said();
        assert_eq!(attribute(&said[0], "from"), "example.net", "{text}");
        assert_eq!(condition(&said[1]), expected, "{text}");
    }
    let mut server = fresh();
    server.wait(Duration::from_secs(30));
    assert_eq!(attribute(&server.said()[0], "from"), "example.net");
}

/// RFC 6120 § 4.7.1: a host that is served speaks for itself, also where it refuses the stream.
#[test]
fn whoever_refuses_a_stream_says_whose_it_would_be() {
    for (refused_for, from) in [
        (Condition::HostUnknown, "example.net"),
        (Condition::HostGone, "example.net"),
        (Condition::ImproperAddressing, "example.net"),
        (Condition::ResourceConstraint, "example.com"),
        (Condition::PolicyViolation, "example.com"),
        (Condition::SystemShutdown, "example.com"),
    ] {
        let mut config = server_config();
        config.domain = Some("example.net".parse().expect("an address"));
        let mut server = SoloServer::server(config, Connection::new(true));
        server.hears(CLIENT_OPEN);
        let Some(ServerEvent::OpenRequested(request)) = server.tells() else { panic!("none") };
        let error = StreamError::new(refused_for);
        server.endpoint.refuse(server.now, request, error).expect("just made");
        assert_eq!(attribute(&server.said()[0], "from"), from, "{refused_for:?}");
    }
    // It is refused for what the client did while it was asked about, which says nothing of the host.
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN).sees(Input::Binary);
    assert_eq!(attribute(&server.said()[0], "from"), "");
}

#[test]
fn a_refusal_that_cannot_be_written_leaves_the_request_to_be_answered() {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN);
    let Some(ServerEvent::OpenRequested(request)) = server.tells() else { panic!("none") };
    let error = StreamError::new(Condition::PolicyViolation).with_text("\u{7}");
    let refused = server.endpoint.refuse(server.now, request, error);
    let Err(NotRefused { why: Misuse::Unwritable(_), request, .. }) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(server.said(), [""; 0]);
    server.endpoint.accept(server.now, *request).expect("it still waits");
    assert_eq!(server.said().len(), 2);
}

/// RFC 7395 § 3.6: the client's `<close/>` was there already, so nothing is left to wait for.
#[test]
fn what_came_while_a_stream_was_asked_for_is_taken_with_the_answer() {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN).hears(CLOSE);
    let Some(ServerEvent::OpenRequested(request)) = server.tells() else { panic!("none") };
    let uri = "wss://node.example/ws".parse().expect("a URI");
    server.endpoint.redirect(server.now, request, &uri).expect("just made");
    let said = server.said();
    assert_eq!(attribute(&said[1], "see-other-uri"), uri.to_string());
    assert_eq!(said[2..], ["close 1000"]);
}
