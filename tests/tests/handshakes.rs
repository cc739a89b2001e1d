//! The opening handshake of a WebSocket, RFC 6455 § 4, byte by byte: what is taken for one, and what is not.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use tungstenite::handshake::derive_accept_key;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input, Target};
use xmpp_ws_tests::scripted::{Scripted, Seen};
use xmpp_ws_tokio::{AcceptConfig, AcceptError, DialConfig, Session};

/// Accepts one.
type Accept = fn(TcpStream) -> Result<(), AcceptError>;

const SERVERS: [(&str, Accept); 3] = [
    ("tokio", |stream| {
        under_tokio(async {
            let stream = tokio::net::TcpStream::from_std(stream).unwrap();
            xmpp_ws_tokio::accept(stream, &AcceptConfig::default()).await.map(drop)
        })
    }),
    ("smol", |stream| {
        smol::block_on(async {
            let stream = smol::net::TcpStream::try_from(stream).unwrap();
            xmpp_ws_smol::accept(stream, &AcceptConfig::default()).await.map(drop)
        })
    }),
    ("blocking", |stream| xmpp_ws_blocking::accept(stream, &AcceptConfig::default()).map(drop)),
];

/// Opens one, and tells what came when it was open.
type Dial = fn(TcpStream) -> Result<Option<Seen>, DialError>;

const CLIENTS: [(&str, Dial); 3] = [
    ("tokio", |stream| {
        under_tokio(async {
            let stream = tokio::net::TcpStream::from_std(stream).unwrap();
            let socket = xmpp_ws_tokio::upgrade(stream, &target(), &DialConfig::default()).await?;
            let io = xmpp_ws_tokio::client_socket(socket, Connection::new(false));
            let mut session = Session::new(Scripted::dialing(target()), io);
            assert!(matches!(session.next().await, Some(Seen::Input(Input::Connected(_)))));
            Ok(session.next().await)
        })
    }),
    ("smol", |stream| {
        smol::block_on(async {
            let stream = smol::net::TcpStream::try_from(stream).unwrap();
            let socket = xmpp_ws_smol::upgrade(stream, &target(), &DialConfig::default()).await?;
            let io = xmpp_ws_smol::client_socket(socket, Connection::new(false));
            let mut session = Session::new(Scripted::dialing(target()), io);
            assert!(matches!(session.next().await, Some(Seen::Input(Input::Connected(_)))));
            Ok(session.next().await)
        })
    }),
    ("blocking", |stream| {
        let (connection, config) = (Connection::new(false), DialConfig::default());
        let io = xmpp_ws_blocking::upgrade(stream, connection, &target(), &config)?;
        let mut session = Session::new(Scripted::dialing(target()), io);
        assert!(matches!(session.wait(), Some(Seen::Input(Input::Connected(_)))));
        Ok(session.wait())
    }),
];

/// RFC 6455 § 4.2.1; RFC 9110 § 5.3, § 5.6.1: a list may come in one line or in many, and have empty elements.
#[test]
fn a_server_knows_a_request_by_what_its_lists_contain() {
    for (headers, status) in [
        ("Connection: Upgrade\r\nUpgrade: websocket\r\n", 101),
        ("Connection: keep-alive\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n", 101),
        ("Connection: Upgrade\r\nConnection: keep-alive\r\nUpgrade: websocket\r\n", 101),
        ("Connection: keep-alive, upgrade\r\nUpgrade: WebSocket\r\n", 101),
        ("Connection: keep-alive\t,\tUPGRADE ,\r\nUpgrade: websocket\r\n", 101),
        ("Connection: Upgrade\r\nUpgrade: foo/2, websocket\r\n", 101),
        ("Connection: Upgrade\r\nUpgrade: foo/2\r\nUpgrade: ,websocket\r\n", 101),
        ("Upgrade: websocket\r\n", 426),
        ("Connection: keep-alive\r\nConnection: close\r\nUpgrade: websocket\r\n", 426),
        ("Connection: Upgrades, no-Upgrade\r\nUpgrade: websocket\r\n", 426),
        ("Connection: Upgrade\r\n", 426),
        ("Connection: Upgrade\r\nUpgrade: foo/2, bar\r\n", 426),
        ("Connection: Upgrade\r\nUpgrade: websockets\r\nUpgrade: web, socket\r\n", 426),
    ] {
        let request = request(headers);
        for (name, served) in everyone_served(&request, usize::MAX) {
            served.is_answered(status, &format!("{name}: {headers}"));
        }
    }
}

/// RFC 6455 § 4.2.2: whether to use what a client offers is up to the server.
#[test]
fn a_server_agrees_on_no_extension() {
    let request = request(
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Extensions: permessage-deflate\r\n",
    );
    for (name, served) in everyone_served(&request, usize::MAX) {
        served.is_answered(101, name);
        let answer = served.answer.to_lowercase();
        assert!(!answer.contains("sec-websocket-extensions"), "{name}: {answer}");
    }
}

#[test]
fn a_server_takes_a_request_in_any_number_of_pieces() {
    let request = request("Connection: Upgrade\r\nUpgrade: websocket\r\n");
    // RFC 9112 § 2.2: an empty line before it is ignored.
    for request in [format!("\r\n{request}"), request] {
        for piece in [1, 7] {
            for (name, served) in everyone_served(&request, piece) {
                served.is_answered(101, &format!("{name}, pieces of {piece}"));
            }
        }
    }
}

#[test]
fn a_server_takes_a_head_of_64_kib_and_124_headers() {
    let request = request("Connection: Upgrade\r\nUpgrade: websocket\r\nX: \r\n");
    let long =
        |length| request.replace("X: ", &format!("X: {}", "x".repeat(length - request.len())));
    let many = |count| {
        let more = count - request.matches(": ").count();
        request.replace("X: ", &format!("X: {}", "\r\nX: ".repeat(more)))
    };
    for (request, status) in
        [(long(64 * 1024), 101), (long(64 * 1024 + 1), 400), (many(124), 101), (many(125), 400)]
    {
        for (name, served) in everyone_served(&request, usize::MAX) {
            served.is_answered(status, &format!("{name}, {} bytes", request.len()));
        }
    }
}

/// RFC 6455 § 4.1: a client says nothing more before it has the answer.
#[test]
fn a_server_refuses_whoever_does_not_wait_for_the_answer() {
    let mut request = request("Connection: Upgrade\r\nUpgrade: websocket\r\n");
    request.push_str("and more");
    for (name, served) in everyone_served(&request, usize::MAX) {
        served.is_answered(400, name);
    }
}

/// RFC 6455 § 4.1, what to validate in the server's answer; § 11.3.2 to § 11.3.4, what is in it once.
#[test]
fn a_client_validates_each_header_of_the_answer() {
    let (handshake, subprotocol) =
        (Some(DialErrorKind::Handshake), Some(DialErrorKind::Subprotocol));
    for (line, instead, expected) in [
        ("", "", None),
        (UPGRADE, "uPGRADE: WebSocket\r\n", None),
        (UPGRADE, "Upgrade: ,websocket\r\n", None),
        (UPGRADE, "", handshake),
        (UPGRADE, "Upgrade: foo/2\r\n", handshake),
        (UPGRADE, "Upgrade: websocket, foo/2\r\n", handshake),
        (UPGRADE, "Upgrade: websocket\r\nUpgrade: foo/2\r\n", handshake),
        (CONNECTION, "Connection: keep-alive, upgrade\r\n", None),
        (CONNECTION, "Connection: keep-alive\r\nConnection: Upgrade\r\n", None),
        (CONNECTION, "Connection: Upgrade\r\nConnection: keep-alive\r\n", None),
        (CONNECTION, "", handshake),
        (CONNECTION, "Connection: keep-alive, no-upgrade\r\n", handshake),
        (ACCEPT, "", handshake),
        (ACCEPT, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n", handshake),
        (ACCEPT, "Sec-WebSocket-Accept: KEY\r\nSec-WebSocket-Accept: KEY\r\n", handshake),
        (PROTOCOL, "", subprotocol),
        (PROTOCOL, "Sec-WebSocket-Protocol: XMPP\r\n", subprotocol),
        (PROTOCOL, "Sec-WebSocket-Protocol: xmpp, mqtt\r\n", subprotocol),
        (PROTOCOL, "Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Protocol: xmpp\r\n", subprotocol),
        (PROTOCOL, "Sec-WebSocket-Protocol: xmpp\r\nSec-WebSocket-Protocol: mqtt\r\n", subprotocol),
        ("", "Sec-WebSocket-Extensions: permessage-deflate\r\n", handshake),
        ("", "Sec-WebSocket-Extensions: \r\nSec-WebSocket-Extensions: x; y=1\r\n", handshake),
        ("", "Sec-WebSocket-Extensions: \r\n", None),
    ] {
        let answer =
            if line.is_empty() { added(instead) } else { added("").replacen(line, instead, 1) };
        for (name, dialed) in everyone_dialing(&answer, usize::MAX) {
            match (dialed, expected) {
                (Ok(seen), None) => assert_eq!(seen, Some(said()), "{name}: {answer}"),
                (Err(error), Some(kind)) => assert_eq!(error.kind, kind, "{name}: {answer}"),
                (dialed, _) => panic!("{name}: {answer}: {dialed:?}"),
            }
        }
    }
}

#[test]
fn a_client_takes_an_answer_in_any_number_of_pieces() {
    for piece in [1, 7] {
        for (name, dialed) in everyone_dialing(&added(""), piece) {
            assert_eq!(dialed, Ok(Some(said())), "{name}, pieces of {piece}");
        }
    }
}

#[test]
fn a_client_takes_a_head_of_64_kib_and_124_headers() {
    let length = added("").replace("KEY", &derive_accept_key(b"")).len();
    let long = |bytes: usize| added(&format!("X: {}\r\n", "x".repeat(bytes - length - 5)));
    let many = |count: usize| added(&"X: \r\n".repeat(count - 4));
    for (answer, is_taken) in [
        (long(64 * 1024), true),
        (long(64 * 1024 + 1), false),
        (many(124), true),
        (many(125), false),
    ] {
        for (name, dialed) in everyone_dialing(&answer, usize::MAX) {
            match dialed {
                Ok(seen) => assert!(is_taken && seen == Some(said()), "{name}: {seen:?}"),
                Err(error) => {
                    assert!(!is_taken, "{name}, {} bytes: {error}", answer.len());
                    assert_eq!(error.kind, DialErrorKind::Handshake, "{name}");
                }
            }
        }
    }
}

/// What a server's half came to.
struct Served {
    answer: String,
    outcome: Result<(), AcceptError>,
}

impl Served {
    fn is_answered(&self, status: u16, what: &str) {
        let Self { answer, outcome } = self;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{what}: {answer}");
        let is_so = match status {
            101 => outcome.is_ok(),
            _ => matches!(outcome, Err(AcceptError::NotWebSocket(_))),
        };
        assert!(is_so, "{what}: {outcome:?}");
    }
}

/// How each server takes this request, written in pieces.
fn everyone_served(request: &str, piece: usize) -> Vec<(&'static str, Served)> {
    each(&SERVERS, |accept| {
        let (mut near, far) = pair();
        thread::scope(|scope| {
            let serving = scope.spawn(move || accept(far));
            write(&mut near, request.as_bytes(), piece);
            near.shutdown(Shutdown::Write).unwrap();
            let mut answer = String::new();
            near.read_to_string(&mut answer).unwrap();
            Served { answer, outcome: serving.join().unwrap() }
        })
    })
}

/// How each client takes this answer, written in pieces, and a message after it. The answer's `KEY` is the right one.
fn everyone_dialing(
    answer: &str,
    piece: usize,
) -> Vec<(&'static str, Result<Option<Seen>, DialError>)> {
    each(&CLIENTS, |dial| {
        let (mut far, near) = pair();
        thread::scope(|scope| {
            let dialing = scope.spawn(move || dial(near));
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                far.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            let request = String::from_utf8(request).unwrap();
            let key = request.lines().find_map(|line| line.strip_prefix("Sec-WebSocket-Key: "));
            let answer = answer.replace("KEY", &derive_accept_key(key.unwrap().as_bytes()));
            write(&mut far, &[answer.as_bytes(), MESSAGE].concat(), piece);
            dialing.join().unwrap()
        })
    })
}

fn each<T: Send, A: Copy + Sync>(
    adapters: &[(&'static str, A)],
    meet: impl Fn(A) -> T + Sync,
) -> Vec<(&'static str, T)> {
    let meet = &meet;
    thread::scope(|scope| {
        let all: Vec<_> = adapters
            .iter()
            .map(|(name, adapter)| (*name, scope.spawn(move || meet(*adapter))))
            .collect();
        all.into_iter().map(|(name, meeting)| (name, meeting.join().unwrap())).collect()
    })
}

/// Writes pieces of this size, a little apart.
fn write(stream: &mut TcpStream, bytes: &[u8], piece: usize) {
    stream.set_nodelay(true).unwrap();
    for part in bytes.chunks(piece) {
        match stream.write_all(part) {
            Ok(()) => {}
            // Whoever has enough of it hangs up.
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::BrokenPipe | ErrorKind::ConnectionReset));
                return;
            }
        }
        if part.len() < bytes.len() {
            thread::sleep(Duration::from_millis(2));
        }
    }
}

/// The test's end of a connection, and the adapter's, which does not block.
fn pair() -> (TcpStream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let near = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (far, _) = listener.accept().unwrap();
    far.set_nonblocking(true).unwrap();
    (near, far)
}

fn under_tokio<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.unwrap().block_on(work)
}

/// A request with these headers for the lists.
fn request(headers: &str) -> String {
    format!(
        "GET / HTTP/1.1\r\nHost: a\r\n{headers}Sec-WebSocket-Version: 13\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n"
    )
}

/// A right answer, and more headers.
fn added(headers: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\n{headers}{UPGRADE}{CONNECTION}{ACCEPT}{PROTOCOL}\r\n"
    )
}

fn said() -> Seen {
    Seen::Input(Input::Text("<a/>".into()))
}

fn target() -> Target {
    Target::new("ws://example.com/".parse().unwrap())
}

const UPGRADE: &str = "Upgrade: websocket\r\n";
const CONNECTION: &str = "Connection: Upgrade\r\n";
const ACCEPT: &str = "Sec-WebSocket-Accept: KEY\r\n";
const PROTOCOL: &str = "Sec-WebSocket-Protocol: xmpp\r\n";
/// RFC 6455 § 5.2: a text message of four bytes.
const MESSAGE: &[u8] = b"\x81\x04<a/>";
