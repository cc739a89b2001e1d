//! Connections that do not come about.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Input};
use xmpp_ws_tests::scripted::Seen;
use xmpp_ws_tokio::{AcceptConfig, AcceptError, DialConfig, accept, connect};

use crate::{Scripted, client, listen, target};

#[tokio::test]
async fn a_server_refuses_whoever_does_not_offer_xmpp() {
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                   Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (request, status) in [
        (format!("GET / HTTP/1.1\r\nHost: a\r\n{upgrade}\r\n"), 400),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\n{upgrade}Sec-WebSocket-Protocol: mqtt, XMPP\r\n\r\n"
            ),
            400,
        ),
        (
            format!(
                "GET /other HTTP/1.1\r\nHost: a\r\n{upgrade}Sec-WebSocket-Protocol: xmpp\r\n\r\n"
            ),
            404,
        ),
        // RFC 6455 § 4.2.1, § 11.3.1, § 11.3.5; RFC 9112 § 3.2.
        (format!("GET / HTTP/1.1\r\n{upgrade}Sec-WebSocket-Protocol: xmpp\r\n\r\n"), 400),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n{upgrade}Sec-WebSocket-Protocol: xmpp\r\n\r\n"
            ),
            400,
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\n{upgrade}Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZR==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"
            ),
            400,
        ),
        (
            format!(
                "GET / HTTP/1.1\r\nHost: a\r\n{upgrade}Sec-WebSocket-Version: 8\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"
            ),
            400,
        ),
        ("GET / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 426),
        ("POST / HTTP/1.1\r\nHost: a\r\n\r\n".into(), 405),
        ("nonsense\r\n\r\n".into(), 400),
        (
            format!(
                "GET /?q=1 HTTP/1.1\r\nHost: a\r\n{upgrade}Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Protocol: soap,xmpp\r\n\r\n"
            ),
            101,
        ),
    ] {
        let (listener, target) = listen().await;
        let mut config = AcceptConfig::default();
        config.path = Some("/".into());
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            accept(stream, &config).await.map(drop)
        });
        let mut stream =
            TcpStream::connect((target.uri.host(), target.uri.port().unwrap())).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request}: {answer}");
        let served = serving.await.unwrap();
        match status {
            101 => {
                served.unwrap();
                assert!(answer.to_lowercase().contains("sec-websocket-protocol: xmpp\r\n"));
            }
            400 | 404 if request.contains("Upgrade") => assert!(
                matches!(served, Err(AcceptError::Refused { status: told, .. }) if told == status)
            ),
            _ => assert!(matches!(served, Err(AcceptError::NotWebSocket(_)))),
        }
    }
}

#[tokio::test]
async fn whoever_says_nothing_is_not_waited_for() {
    let (listener, target) = listen().await;
    let mut config = AcceptConfig::default();
    config.time = Duration::from_millis(50);
    let _silent =
        TcpStream::connect((target.uri.host(), target.uri.port().unwrap())).await.unwrap();
    let (stream, _) = listener.accept().await.unwrap();
    let refused = accept(stream, &config).await;
    assert!(matches!(refused, Err(AcceptError::TimedOut)));
}

#[tokio::test]
async fn a_client_refuses_a_server_that_does_not_agree_on_xmpp() {
    let key = "Sec-WebSocket-Accept: ";
    for (answer, expected) in [
        ("", DialErrorKind::Subprotocol),
        ("Sec-WebSocket-Protocol: mqtt\r\n", DialErrorKind::Subprotocol),
        ("Sec-WebSocket-Protocol: XMPP\r\n", DialErrorKind::Subprotocol),
    ] {
        let error = dial_to(move |accept| {
            format!(
                "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
                 {key}{accept}\r\n{answer}\r\n"
            )
        })
        .await;
        assert_eq!(error.kind, expected, "{answer}");
    }
}

#[tokio::test]
async fn a_client_tells_what_the_server_answered() {
    for (answer, expected) in [
        (
            "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
            DialErrorKind::Rejected { status: 503 },
        ),
        ("SSH-2.0-OpenSSH\r\n\r\n", DialErrorKind::Handshake),
        (
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Accept: wrong\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n",
            DialErrorKind::Handshake,
        ),
    ] {
        assert_eq!(dial_to(|_| answer.into()).await.kind, expected, "{answer}");
    }
}

#[tokio::test]
async fn a_client_tells_that_nobody_is_there() {
    let (listener, nobody) = listen().await;
    drop(listener);
    assert_eq!(dial(nobody).await.kind, DialErrorKind::Unreachable);

    let nowhere = target("ws://host.invalid/");
    assert_eq!(dial(nowhere).await.kind, DialErrorKind::Unreachable);

    let other = target("https://127.0.0.1/");
    assert_eq!(dial(other).await.kind, DialErrorKind::Unsupported);
}

#[tokio::test]
async fn the_next_address_has_its_turn() {
    let (listener, target) = listen().await;
    let (gone, _) = listen().await;
    let nobody = gone.local_addr().unwrap();
    drop(gone);
    let mut config = DialConfig::default();
    config.addresses = vec![nobody, listener.local_addr().unwrap()];
    let mut client = connect(config, |_| Scripted::dialing(target));
    let serving = async {
        let (stream, _) = listener.accept().await.unwrap();
        accept(stream, &AcceptConfig::default()).await.unwrap()
    };
    let (_accepted, event) = tokio::join!(serving, client.next());
    assert!(matches!(event, Some(Seen::Input(Input::Connected(_)))));
}

/// Why a client that dials to a server with this answer is not connected. The answer is told the right
/// `Sec-WebSocket-Accept`.
async fn dial_to(answer: impl FnOnce(&str) -> String + Send + 'static) -> DialError {
    let (listener, target) = listen().await;
    let serving = tokio::spawn(answer_once(listener, answer));
    let error = dial(target).await;
    serving.await.expect("no panic");
    error
}

async fn answer_once(listener: TcpListener, answer: impl FnOnce(&str) -> String) {
    use xmpp_ws_tokio::tokio_tungstenite::tungstenite::handshake::derive_accept_key;
    let (mut stream, _) = listener.accept().await.expect("somebody comes");
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.expect("more"));
    }
    let request = String::from_utf8(request).expect("ASCII");
    assert!(request.contains("\r\nSec-WebSocket-Protocol: xmpp\r\n"), "{request}");
    let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
    let accept = derive_accept_key(key.expect("a key").as_bytes());
    stream.write_all(answer(&accept).as_bytes()).await.expect("room");
}

async fn dial(target: xmpp_ws::endpoint::Target) -> DialError {
    let mut client = client(target);
    match client.next().await {
        Some(Seen::Input(Input::ConnectFailed(error))) => {
            assert_eq!(client.next().await, Some(Seen::Ended));
            assert_eq!(client.next().await, None);
            error
        }
        other => panic!("{other:?}"),
    }
}
