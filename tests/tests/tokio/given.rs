//! Sockets of the caller's own.

use tokio::io::duplex;
use xmpp_ws::endpoint::{Connection, DialErrorKind, Fetch, Input, Transmit};
use xmpp_ws_driver::Session;
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::tokio_tungstenite::WebSocketStream;
use xmpp_ws_tokio::tokio_tungstenite::tungstenite::protocol::Role;
use xmpp_ws_tokio::{AcceptConfig, DialConfig, accept, client_socket, server_socket, upgrade};

use crate::{closed, rest, target, text};

#[tokio::test]
async fn a_byte_stream_that_is_connected_is_upgraded() {
    let (near, far) = duplex(64);
    let target = target("ws://example.com/xmpp");
    let (dial, listen) = (DialConfig::default(), AcceptConfig::default());
    let (socket, accepted) = tokio::join!(upgrade(near, &target, &dial), accept(far, &listen));
    let accepted = accepted.unwrap();
    assert_eq!(accepted.request.uri().path(), "/xmpp");
    let mut server = accepted.into_session(|_, _| Scripted::new().echoing());
    let io = client_socket(socket.unwrap(), Connection::new(true));
    let mut client = Session::new(Scripted::dialing(target), io);

    let serving = tokio::spawn(async move { rest(&mut server).await });
    let connected = Input::Connected(only(true));
    assert_eq!(client.next().await, Some(Seen::Input(connected)));
    client.send("<message/>").unwrap();
    assert_eq!(client.next().await, Some(text("<message/>")));
    client.close().unwrap();
    assert_eq!(rest(&mut client).await, [closed(1000), Seen::Ended]);
    assert_eq!(serving.await.unwrap().len(), 3);
}

#[tokio::test]
async fn a_websocket_that_is_open_is_taken_and_cannot_be_dialed_again() {
    let (near, far) = duplex(64);
    let near = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
    let far = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
    let io = client_socket(near, Connection::new(false));
    let mut client = Session::new(Scripted::dialing(target("ws://example.com/")), io);
    let mut server = Session::new(Scripted::new(), server_socket(far));

    let connected = Input::Connected(only(false));
    assert_eq!(client.next().await, Some(Seen::Input(connected)));
    client.send("<message/>").unwrap();
    client.flush().await;
    assert_eq!(server.next().await, Some(text("<message/>")));

    // Without HTTP, what is to be fetched is not.
    client.command(|endpoint, _| {
        endpoint.say(Transmit::Fetch("https://example.com/".parse().unwrap()));
    });
    match client.next().await {
        Some(Seen::Input(Input::Fetched(Fetch { outcome, .. }))) => {
            assert_eq!(outcome.unwrap_err().kind, DialErrorKind::Unsupported);
        }
        other => panic!("{other:?}"),
    }

    client.command(|endpoint, _| endpoint.redial(target("ws://example.com/")));
    match client.next().await {
        Some(Seen::Input(Input::ConnectFailed(error))) => {
            assert_eq!(error.kind, DialErrorKind::NoDialer);
        }
        other => panic!("{other:?}"),
    }
    // The first connection was left.
    assert_eq!(server.next().await, Some(Seen::Input(Input::Lost)));
}

#[tokio::test]
async fn what_was_taken_to_be_sent_is_sent_before_the_end() {
    let (near, far) = duplex(16);
    let near = WebSocketStream::from_raw_socket(near, Role::Client, None).await;
    let far = WebSocketStream::from_raw_socket(far, Role::Server, None).await;
    let mut client = Session::new(Scripted::new(), server_socket(near));
    let mut server = Session::new(Scripted::new(), server_socket(far));
    // Far more than the pipe holds; and the endpoint waits for nothing.
    server.send("x".repeat(1000)).unwrap();
    server.command(|endpoint, _| endpoint.end());
    let (ended, heard) = tokio::join!(rest(&mut server), rest(&mut client));
    assert_eq!(ended, [Seen::Ended]);
    assert_eq!(heard, [text("x".repeat(1000)), Seen::Input(Input::Lost), Seen::Ended]);
}

/// What is known of a connection beside which there is no other.
fn only(secure: bool) -> Connection {
    let mut connection = Connection::new(secure);
    connection.can_dial = false;
    connection
}
