//! A stream that ends while the application still has a request to answer.

use std::time::Duration;

use xmpp_ws::client::{ClientEvent, NotEntered, PasswordRequest};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Endpoint, Input};
use xmpp_ws::error::Misuse;
use xmpp_ws::sasl::Password;
use xmpp_ws::server::{OpenRequest, ServerEvent};
use xmpp_ws::stream_error::StreamError;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{
    CLIENT_OPEN, CLOSE, PLAIN_AUTH, PLAIN_FEATURES, SERVER_OPEN, SoloClient, SoloServer, condition,
    stream_error,
};

fn asked_for_the_password() -> (SoloClient, PasswordRequest) {
    let mut config = client_config();
    config.password = None;
    let mut client = SoloClient::client(config, Connection::new(true));
    client.says();
    client.hears(SERVER_OPEN).hears(PLAIN_FEATURES);
    match client.tells() {
        Some(ClientEvent::PasswordWanted(request)) => (client, request),
        other => panic!("{other:?}"),
    }
}

fn asked_for_the_host() -> (SoloServer, OpenRequest) {
    let mut server = SoloServer::fresh();
    server.hears(CLIENT_OPEN);
    match server.tells() {
        Some(ServerEvent::OpenRequested(request)) => (server, request),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_that_is_asked_for_its_password_can_close() {
    let (mut client, request) = asked_for_the_password();
    client.endpoint.close(client.now).expect("not over");
    assert_eq!(client.says(), CLOSE);
    assert!(client.endpoint.wants_input(), "nobody reads the server's answer");
    let late = client.endpoint.password(client.now, request, &Password::new("secret"));
    assert_eq!(late.map_err(Misuse::from), Err(Misuse::Stale));
    client.hears(CLOSE);
    assert_eq!(client.says(), "close 1000");
    client.sees(Input::Closed { code: Some(1000) });
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn a_password_that_cannot_be_used_leaves_the_request_for_another() {
    let (mut client, request) = asked_for_the_password();
    let refused = client.endpoint.password(client.now, request, &Password::new("\u{7}"));
    let Err(NotEntered { why: Misuse::Sasl(_), request, .. }) = refused else {
        panic!("{refused:?}")
    };
    assert!(client.said().is_empty());
    client.endpoint.password(client.now, *request, &Password::new("secret")).expect("asked");
    assert!(client.says().starts_with("<auth "));
}

#[test]
fn a_password_that_comes_too_late_is_not_sent() {
    let (mut client, request) = asked_for_the_password();
    client.wait(Duration::from_secs(60));
    let said = client.said();
    assert_eq!(condition(&said[0]), "connection-timeout");
    let late = client.endpoint.password(client.now, request, &Password::new("secret"));
    assert_eq!(late.map_err(Misuse::from), Err(Misuse::Stale));
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Negotiate));
}

#[test]
fn what_was_held_says_why_a_connection_is_gone() {
    let (mut client, _request) = asked_for_the_password();
    client.hears(stream_error("system-shutdown")).sees(Input::Lost);
    let why = client.ended();
    assert!(matches!(&why, Ending::PeerError(error) if error.name == "system-shutdown"), "{why:?}");

    let (mut server, _request) = asked_for_the_host();
    server.hears(CLOSE).sees(Input::Closed { code: None });
    assert_eq!(server.ended(), Ending::Clean);
}

#[test]
fn a_client_does_not_begin_anew_after_its_close() {
    let mut client = SoloClient::authenticating();
    client.endpoint.close(client.now).expect("not over");
    assert_eq!(client.says(), CLOSE);
    client.hears("<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>");
    assert_eq!(client.said(), [""; 0]);
    client.hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    assert_eq!(client.said(), [""; 0]);
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn a_host_that_is_decided_too_late_is_not_opened() {
    let (mut server, request) = asked_for_the_host();
    server.wait(Duration::from_secs(60));
    let said = server.said();
    assert_eq!(condition(&said[1]), "connection-timeout");
    assert_eq!(said.len(), 4, "{said:#?}");
    assert_eq!(server.endpoint.accept(server.now, request), Err(Misuse::Stale));
    server.sees(Input::Lost);
    assert_eq!(server.ended(), Ending::TimedOut(Timer::Negotiate));
}

#[test]
fn a_server_that_closes_first_answers_no_open() {
    let (mut server, request) = asked_for_the_host();
    server.endpoint.close(server.now).expect("not over");
    assert_eq!(server.says(), "close 1000");
    assert!(server.endpoint.wants_input());
    assert_eq!(server.endpoint.accept(server.now, request), Err(Misuse::Stale));
    assert_eq!(server.said(), [""; 0]);
    server.sees(Input::Closed { code: Some(1000) });
    assert_eq!(server.ended(), Ending::Clean);
}

#[test]
fn a_login_that_is_decided_after_the_end_does_not_count() {
    let mut server = SoloServer::opened();
    server.hears(PLAIN_AUTH);
    let Some(ServerEvent::PasswordPresented(request)) = server.tells() else {
        panic!("no request")
    };
    let error = StreamError::new(xmpp_ws::condition::Condition::SystemShutdown);
    server.endpoint.fail(server.now, error.clone()).expect("not over");
    let late = server.endpoint.authenticate(server.now, request.accept());
    assert_eq!(late, Err(Misuse::Stale));
    let said = server.said();
    assert_eq!((said.len(), condition(&said[0])), (3, "system-shutdown".into()));
    server.sees(Input::Closed { code: Some(1000) });
    assert_eq!(server.ended(), Ending::OwnError(error));
}
