//! Which requests become a WebSocket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use xmpp_ws_axum::Origins;

use crate::{Served, logged_in, serve, serve_by, soon};

#[tokio::test]
async fn whoever_offers_no_xmpp_is_refused_in_words() {
    let served = serve().await;
    for offer in ["", "Sec-WebSocket-Protocol: mqtt\r\n", "Sec-WebSocket-Protocol: XMPP\r\n"] {
        let answer = ask(&served, "GET", &format!("{UPGRADE}{offer}")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.ends_with("the subprotocol xmpp (RFC 7395) only.\n"), "{answer}");
    }
    for offer in ["Sec-WebSocket-Protocol: mqtt, xmpp\r\n", XMPP] {
        let answer = ask(&served, "GET", &format!("{UPGRADE}{offer}")).await;
        assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
        assert!(answer.to_lowercase().contains("sec-websocket-protocol: xmpp\r\n"), "{answer}");
        // RFC 6455 § 1.3: the answer to the example's key.
        assert!(answer.contains(": s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), "{answer}");
    }
}

#[tokio::test]
async fn only_allowed_pages_connect() {
    let served = serve_by(|config| config.origins = Origins::only(["https://example.com"])).await;
    for (origin, status) in [
        ("", 101),
        ("Origin: https://example.com\r\n", 101),
        ("Origin: https://evil.test\r\n", 403),
        ("Origin: null\r\n", 403),
    ] {
        let answer = ask(&served, "GET", &format!("{UPGRADE}{XMPP}{origin}")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{origin} {answer}");
    }
}

#[tokio::test]
async fn what_is_no_request_for_a_websocket_is_answered_by_http() {
    let served = serve().await;
    let other_version = UPGRADE.replace(": 13", ": 8");
    let bad_key = UPGRADE.replace("dGhl", "");
    for (method, headers, status, told) in [
        ("POST", UPGRADE, "405", "allow: get\r\n"),
        ("GET", "", "426", "upgrade: websocket\r\n"),
        ("GET", &other_version, "426", "sec-websocket-version: 13\r\n"),
        ("GET", &bad_key, "400", "not a websocket's request"),
    ] {
        let answer = ask(&served, method, &format!("{headers}{XMPP}")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(answer.to_lowercase().contains(told), "{answer}");
    }
}

/// RFC 6455 § 4.2.1; RFC 9110 § 5.3: a list may come in one line or in many.
#[tokio::test]
async fn a_request_is_known_by_what_its_lists_contain() {
    let served = serve().await;
    for (line, instead, status) in [
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: Upgrade", 101),
        ("Connection: Upgrade", "Connection: Upgrade\r\nConnection: keep-alive", 101),
        ("Connection: Upgrade", "Connection: keep-alive ,upgrade", 101),
        ("Connection: Upgrade", "Connection: keep-alive\r\nConnection: close", 426),
        ("Upgrade: websocket", "Upgrade: foo/2, WebSocket", 101),
        ("Upgrade: websocket", "Upgrade: foo/2\r\nUpgrade: websocket", 101),
        ("Upgrade: websocket", "Upgrade: foo/2\r\nUpgrade: websockets", 426),
    ] {
        let headers = UPGRADE.replacen(line, instead, 1);
        let answer = ask(&served, "GET", &format!("{headers}{XMPP}")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{instead}: {answer}");
    }
}

/// RFC 6455 § 4.2.1, § 11.3.1, § 11.3.5.
#[tokio::test]
async fn what_a_request_has_once_it_has_once() {
    let served = serve().await;
    let twice = |name: &str| {
        let line = UPGRADE.lines().find(|line| line.starts_with(name)).expect("it is there");
        format!("{UPGRADE}{line}\r\n{XMPP}")
    };
    for headers in [
        twice("Sec-WebSocket-Key"),
        twice("Sec-WebSocket-Version"),
        format!("{UPGRADE}{XMPP}Host: elsewhere\r\n"),
    ] {
        let answer = ask(&served, "GET", &headers).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{headers}: {answer}");
    }
    let head = format!("GET /xmpp-websocket HTTP/1.1\r\n{UPGRADE}{XMPP}\r\n");
    let answer = say(&served, &head).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "no host: {answer}");
}

/// RFC 9110 § 7.8: what follows is the body, until that is complete; as frames it would be something else than to a proxy.
#[tokio::test]
async fn a_request_with_a_body_is_refused() {
    let served = serve().await;
    for body in
        ["Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: +0\r\n"]
    {
        let answer = ask(&served, "GET", &format!("{UPGRADE}{XMPP}{body}")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{body}: {answer}");
    }
    let answer = ask(&served, "GET", &format!("{UPGRADE}{XMPP}Content-Length: 0\r\n")).await;
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
}

#[tokio::test]
async fn one_connection_too_many_is_turned_away() {
    let served = serve_by(|config| config.max_connections = 1).await;
    let client = logged_in(served.uri()).await;
    let answer = ask(&served, "GET", &format!("{UPGRADE}{XMPP}")).await;
    assert!(answer.starts_with("HTTP/1.1 503 "), "{answer}");
    drop(client);
    crate::until(|| served.xmpp.connections() == 0).await;
    logged_in(served.uri()).await;
}

/// Asks with these headers, and gives all that comes.
pub(crate) async fn ask(served: &Served, method: &str, headers: &str) -> String {
    say(served, &format!("{method} /xmpp-websocket HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n"))
        .await
}

/// Says this, and gives all that comes.
async fn say(served: &Served, head: &str) -> String {
    let mut stream = TcpStream::connect(served.address).await.expect("it listens");
    stream.write_all(head.as_bytes()).await.expect("room");
    // Nothing more comes from here, so the connection ends, whatever becomes of it.
    stream.shutdown().await.expect("it is open");
    let mut answer = Vec::new();
    soon(stream.read_to_end(&mut answer)).await.expect("no reset");
    String::from_utf8_lossy(&answer).into_owned()
}

pub(crate) const UPGRADE: &str = "Connection: Upgrade\r\nUpgrade: websocket\r\n\
    Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
pub(crate) const XMPP: &str = "Sec-WebSocket-Protocol: xmpp\r\n";
