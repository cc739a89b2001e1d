//! The first reason for an end is the one that is told.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::Input;
use xmpp_ws::error::Violation;
use xmpp_ws_tests::solo::{CLOSE, SoloClient, SoloServer, stream_error};

const NOT_XML: &str = "<message";

#[test]
fn the_peers_error_outlives_what_comes_after_it() {
    let mut client = SoloClient::bound();
    client.hears(stream_error("conflict"));
    assert_eq!(client.says(), CLOSE);
    client.hears("<r xmlns='urn:xmpp:sm:3'/>").sees(Input::Lost);
    let why = client.ended();
    assert!(matches!(&why, Ending::PeerError(error) if error.name == "conflict"), "{why:?}");
}

#[test]
fn a_refused_login_outlives_what_comes_after_it() {
    for after in [NOT_XML.to_owned(), stream_error("policy-violation")] {
        let mut client = SoloClient::authenticating();
        client
            .hears("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
        assert_eq!(client.says(), CLOSE);
        client.hears(after).sees(Input::Lost);
        let why = client.ended();
        assert!(matches!(&why, Ending::NotAuthenticated(_)), "{why:?}");
    }
}

#[test]
fn a_wish_to_close_yields_to_a_better_reason() {
    let mut client = SoloClient::bound();
    client.endpoint.close(client.now).expect("not over");
    client.hears(stream_error("conflict")).hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    assert!(matches!(client.ended(), Ending::PeerError(_)));

    let mut client = SoloClient::bound();
    client.endpoint.close(client.now).expect("not over");
    client.hears(NOT_XML).sees(Input::Closed { code: Some(1000) });
    assert!(matches!(client.ended(), Ending::Violated(Violation::Xml(_))));
}

#[test]
fn a_failed_write_yields_to_what_the_peer_said_before() {
    let mut server = SoloServer::bound();
    server.endpoint.send(server.now, "<message/>").expect("bound");
    server.sees(Input::Unwritable).hears(stream_error("undefined-condition")).hears(CLOSE);
    assert!(matches!(server.ended(), Ending::PeerError(_)));

    let mut client = SoloClient::bound();
    client.sees(Input::Unwritable).hears("<message xmlns='jabber:client'/>").sees(Input::Lost);
    assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))));
    assert_eq!(client.ended(), Ending::Lost { code: None });
}

#[test]
fn an_error_is_heard_in_every_state() {
    let error = || stream_error("policy-violation");
    // Nothing was opened, so only the WebSocket is closed.
    let mut server = SoloServer::fresh();
    server.hears(error());
    assert_eq!(server.says(), "close 1000");
    server.sees(Input::Lost);
    assert!(matches!(server.ended(), Ending::PeerError(_)));
    for mut server in [SoloServer::opened(), SoloServer::authenticated(), SoloServer::bound()] {
        server.hears(error());
        assert_eq!(server.says(), CLOSE);
        server.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
        assert!(matches!(server.ended(), Ending::PeerError(_)));
    }
    for mut client in [SoloClient::opening(), SoloClient::authenticating(), SoloClient::bound()] {
        client.hears(error());
        assert_eq!(client.says(), CLOSE);
        client.sees(Input::Closed { code: Some(1000) });
        assert!(matches!(client.ended(), Ending::PeerError(_)));
    }
    // What comes after the end of the stream is of no interest.
    let mut client = SoloClient::bound();
    client.hears(CLOSE).hears(error()).sees(Input::Closed { code: Some(1000) });
    assert_eq!(client.ended(), Ending::Clean);
}
