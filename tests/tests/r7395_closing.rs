//! RFC 7395 § 3.6, row by row of the checklist: how a stream ends.

use std::time::Duration;

use xmpp_ws::client::ClientEvent;
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input};
use xmpp_ws::error::Misuse;
use xmpp_ws::server::ServerEvent;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{
    CLIENT_OPEN, CLOSE, PLAIN_AUTH, SERVER_OPEN, SoloClient, SoloServer, attribute,
};

const MESSAGE: &str = "<message xmlns='jabber:client'/>";
const CLOSED: Input = Input::Closed { code: Some(1000) };

fn redirecting(uri: &str) -> String {
    format!("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='{uri}'/>")
}

#[test]
fn r7395_3_6_a_the_client_closes_and_still_takes_what_comes() {
    let mut client = SoloClient::bound();
    client.endpoint.close(client.now).expect("not over");
    assert_eq!(client.says(), CLOSE);
    assert_eq!(client.endpoint.send(client.now, "<message/>"), Err(Misuse::NotNow));
    client.hears(MESSAGE);
    client.hears("<iq xmlns='jabber:client' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>");
    assert_eq!(client.said(), [""; 0], "something is said after <close/>");
    assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))));
    client.endpoint.close(client.now).expect("a second call changes nothing");
    assert_eq!(client.said(), [""; 0]);
    client.hears(CLOSE);
    assert_eq!(client.says(), "close 1000");
    client.sees(CLOSED);
    assert_eq!(client.ended(), Ending::Clean);
    assert_eq!(client.endpoint.close(client.now), Err(Misuse::Over));
}

#[test]
fn r7395_3_6_a_the_server_closes_and_still_takes_what_comes() {
    let mut server = SoloServer::bound();
    server.endpoint.close(server.now).expect("not over");
    assert_eq!(server.says(), CLOSE);
    server.hears(MESSAGE);
    assert!(matches!(server.tells(), Some(ServerEvent::Stanza(_))));
    server.hears(CLOSE).sees(CLOSED);
    assert_eq!(server.ended(), Ending::Clean);
}

#[test]
fn r7395_3_6_b_the_client_answers_close_and_waits_for_the_websockets() {
    let mut client = SoloClient::bound();
    client.hears(CLOSE);
    assert_eq!(client.says(), CLOSE);
    assert!(client.endpoint.poll_timeout().is_some(), "for ever");
    client.sees(CLOSED);
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn r7395_3_6_b_the_server_answers_close_and_waits_for_the_websockets() {
    for server in [SoloServer::opened(), SoloServer::authenticated(), SoloServer::bound()] {
        let mut server = server;
        server.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'></close>");
        assert_eq!(server.says(), CLOSE);
        server.sees(Input::Closed { code: None });
        assert_eq!(server.ended(), Ending::Clean);
    }
}

#[test]
fn r7395_3_6_b_who_closed_first_closes_the_websocket() {
    let mut server = SoloServer::bound();
    server.endpoint.close(server.now).expect("not over");
    server.hears(CLOSE);
    assert_eq!(server.said(), [CLOSE, "close 1000"]);
    // The other side, too, in the end.
    let mut client = SoloClient::bound();
    client.hears(CLOSE);
    client.said();
    client.wait(Duration::from_secs(2));
    assert_eq!(client.says(), "close 1000");
    client.wait(Duration::from_secs(2));
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn r7395_3_6_c_without_an_answer_the_websocket_is_closed_all_the_same() {
    let mut client = SoloClient::bound();
    client.endpoint.close(client.now).expect("not over");
    client.says();
    client.wait(Duration::from_nanos(4_999_999_999));
    assert_eq!(client.said(), [""; 0]);
    client.wait(Duration::from_nanos(1));
    assert_eq!(client.says(), "close 1000");
    client.wait(Duration::from_secs(2));
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Close));

    let mut server = SoloServer::bound();
    server.endpoint.close(server.now).expect("not over");
    server.says();
    server.wait(Duration::from_secs(5 + 2));
    assert_eq!(server.ended(), Ending::TimedOut(Timer::Close));
}

#[test]
fn r7395_3_6_c_a_peer_that_talks_on_does_not_put_it_off() {
    let mut server = SoloServer::bound();
    server.endpoint.close(server.now).expect("not over");
    server.says();
    for _ in 0..7 {
        server.wait(Duration::from_secs(1)).hears(MESSAGE);
    }
    assert_eq!(server.ended(), Ending::TimedOut(Timer::Close));
}

#[test]
fn r7395_3_6_d_without_close_the_stream_ends_at_once() {
    // 1000 alone is no clean end; what code there was is told.
    for (input, code) in
        [(CLOSED, Some(1000)), (Input::Closed { code: None }, None), (Input::Lost, None)]
    {
        let mut client = SoloClient::bound();
        client.sees(input.clone());
        assert_eq!(client.ended(), Ending::Lost { code }, "{input:?}");
        let mut server = SoloServer::bound();
        server.sees(input.clone());
        assert_eq!(server.ended(), Ending::Lost { code }, "{input:?}");
        let mut server = SoloServer::fresh();
        server.sees(input.clone());
        assert_eq!(server.ended(), Ending::Lost { code }, "{input:?}");
        let mut client = SoloClient::opening();
        client.sees(input);
        assert_eq!(client.ended(), Ending::Lost { code });
    }
}

#[test]
fn r7395_3_6_d_an_abrupt_end_after_close_is_a_clean_one() {
    for input in
        [CLOSED, Input::Closed { code: None }, Input::Closed { code: Some(1003) }, Input::Lost]
    {
        // After ours, where the peer just goes; after the peer's; after both.
        let mut client = SoloClient::bound();
        client.endpoint.close(client.now).expect("not over");
        client.sees(input.clone());
        assert_eq!(client.ended(), Ending::Clean, "{input:?}");
        let mut client = SoloClient::bound();
        client.hears(CLOSE).sees(input.clone());
        assert_eq!(client.ended(), Ending::Clean, "{input:?}");
        let mut server = SoloServer::bound();
        server.endpoint.close(server.now).expect("not over");
        server.hears(CLOSE).sees(input.clone());
        assert_eq!(server.ended(), Ending::Clean, "{input:?}");
    }
}

#[test]
fn r7395_3_6_e_before_a_stream_only_the_websocket_is_closed() {
    let mut server = SoloServer::fresh();
    server.endpoint.close(server.now).expect("not over");
    assert_eq!(server.says(), "close 1000");
    server.wait(Duration::from_secs(2));
    assert_eq!(server.ended(), Ending::Clean);

    let mut server = SoloServer::fresh();
    server.hears(CLOSE);
    assert_eq!(server.says(), "close 1000");
    server.sees(CLOSED);
    assert_eq!(server.ended(), Ending::Clean);

    // Between the streams there is none, either.
    let mut server = SoloServer::opened();
    server.hears(PLAIN_AUTH).answer();
    server.says();
    server.endpoint.close(server.now).expect("not over");
    assert_eq!(server.says(), "close 1000");

    // A client has opened from the first moment on.
    let mut client = SoloClient::client(client_config(), Connection::new(true));
    client.endpoint.close(client.now).expect("not over");
    assert_eq!(client.said()[1..], [CLOSE]);
    client.hears(SERVER_OPEN).hears(CLOSE);
    assert_eq!(client.says(), "close 1000");
}

#[test]
fn r7395_3_6_1_a_the_server_moves_the_client_at_any_time() {
    let uri = "wss://elsewhere.example:5281/ws?a=1&b=2".parse().expect("a URI");
    let moments: [fn() -> SoloServer; 4] =
        [SoloServer::fresh, SoloServer::opened, SoloServer::authenticated, SoloServer::bound];
    for server in moments {
        let mut server = server();
        server.endpoint.move_to(server.now, &uri).expect("not over");
        let close = server.says();
        assert!(close.starts_with("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' "));
        assert_eq!(attribute(&close, "see-other-uri"), uri.to_string());
        server.hears(CLOSE);
        assert_eq!(server.says(), "close 1000");
        server.sees(CLOSED);
        assert_eq!(server.ended(), Ending::Redirected(uri.to_string()));
    }
    // As the answer to <open/>, and never on <open/>.
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN);
    let Some(ServerEvent::OpenRequested(request)) = server.tells() else { panic!("no request") };
    server.endpoint.redirect(server.now, request, &uri).expect("just made");
    let said = server.said();
    assert!(!said[0].contains("see-other-uri"), "{said:#?}");
    assert_eq!(attribute(&said[1], "see-other-uri"), uri.to_string());
}

#[test]
fn r7395_3_6_1_a_a_client_cannot_move_a_server() {
    let mut server = SoloServer::bound();
    server.hears(redirecting("wss://elsewhere.example/")).sees(CLOSED);
    assert_eq!(server.ended(), Ending::Clean);
}

#[test]
fn r7395_3_6_1_b_the_client_reports_where_it_was_sent() {
    let moments: [fn() -> SoloClient; 3] =
        [SoloClient::opening, SoloClient::authenticating, SoloClient::bound];
    for client in moments {
        for uri in ["wss://elsewhere.example/ws", "ws://elsewhere.example/", "no:uri", ""] {
            let mut client = client();
            client.hears(redirecting(uri));
            assert_eq!(client.says(), CLOSE);
            client.sees(CLOSED);
            assert_eq!(client.ended(), Ending::Redirected(uri.into()));
        }
    }
}
