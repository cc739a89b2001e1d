//! `xmpp-ws serve`: its options, its limits, its end.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use crate::process::{Process, Server, TIME, run};
use crate::raw::Raw;

#[test]
fn the_address_is_told_for_people_too() {
    let mut server = Process::start(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--user",
        "alice:secret",
        "--path",
        "/x",
    ]);
    let line = server.line();
    assert!(line.starts_with("listening on ws://127.0.0.1:"), "{line}");
    assert!(line.ends_with("/x") && !line.contains(":0/"), "{line}");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_all_streams_and_then_the_server() {
    for signal in ["TERM", "INT"] {
        let mut server = Server::start(&[]);
        let mut alice = server.login("alice@localhost/a");
        // This one is not even through with HTTP.
        let _idle = TcpStream::connect(authority(&server.url)).unwrap();
        let begin = Instant::now();
        server.process.signal(signal);
        assert_eq!(alice.until("disconnected")["reason"], "system-shutdown", "{signal}");
        assert_eq!(server.process.status().code(), Some(0), "{signal}");
        assert!(begin.elapsed().as_secs() < 6, "{:?}", begin.elapsed());
    }
}

#[test]
fn what_is_no_websocket_of_xmpp_is_refused_by_http() {
    let server = Server::start(&[]);
    for (request, status) in [
        ("GET /xmpp-websocket HTTP/1.1\r\nHost: h\r\n\r\n", "HTTP/1.1 426"),
        (
            "GET /elsewhere HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
             Sec-WebSocket-Protocol: xmpp\r\n\r\n",
            "HTTP/1.1 404",
        ),
        (
            "GET /xmpp-websocket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            "HTTP/1.1 400",
        ),
    ] {
        let answer = http(&server, request);
        assert!(answer.starts_with(status), "{request}: {answer}");
    }
}

#[test]
fn there_are_no_more_connections_than_allowed() {
    let server = Server::start(&["--max-connections", "2"]);
    let _alice = server.login("alice@localhost/a");
    let bob = server.login("bob@localhost/b");
    let answer = http(&server, "");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    drop(bob);
    // Its place is free as soon as the server has noticed.
    let begin = Instant::now();
    while http(&server, "x\r\n\r\n").starts_with("HTTP/1.1 503") {
        assert!(begin.elapsed() < TIME);
    }
    server.login("carol@localhost/c");
}

#[test]
fn plain_is_for_those_who_allow_it() {
    for (more, expected) in [
        (&[][..], "SCRAM-SHA-1</mechanism></"),
        (&["--allow-plaintext-auth"], "PLAIN</mechanism></"),
    ] {
        let server = Server::start(more);
        let features = features(&server);
        assert!(features.contains(expected), "{features}");
    }
}

/// RFC 6120 § 8.1.3, § 8.2.3.
#[test]
fn a_request_that_cannot_be_passed_on_is_refused() {
    let server = Server::start(&["--allow-plaintext-auth"]);
    let mut alice = Raw::bound(&server, "alice", "a");
    let _bob = Raw::bound(&server, "bob", "b");
    for to in ["", " to='localhost'", " to='bob@localhost/b'", " to='bob@localhost/gone'"] {
        for request in ["type='get'><q xmlns='urn:q'/>", "id='1' type='x'>", "id='1' type='set'>"] {
            alice.says(&format!("<iq xmlns='jabber:client'{to} {request}</iq>"));
            let answer = alice.stanza();
            let id = if request.contains("id=") { " id='1'" } else { "" };
            let from = to.replace("to=", "from=");
            let start = format!("<iq xmlns='jabber:client' type='error'{id}{from}>");
            assert!(answer.starts_with(&start), "{request}{to}: {answer}");
            assert!(answer.contains("<error type='modify'><bad-request "), "{answer}");
        }
    }
}

/// RFC 6120 § 4.9.1.3.
#[test]
fn the_server_says_its_own_name_with_an_error() {
    let server = Server::start(&[]);
    for first in [
        "<presence xmlns='jabber:client'/>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' version='1.0'/>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='other.example' version='1.0'/>",
        "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost'/>",
    ] {
        let mut client = Raw::silent(&server);
        client.says(first);
        let header = client.hears();
        assert!(header.contains(" from='localhost' "), "{first}: {header}");
        assert!(client.hears().starts_with("<stream:error "), "{first}");
    }
}

#[test]
fn what_cannot_be_begun_is_said_in_words() {
    let server = Server::start(&[]);
    let occupied = authority(&server.url);
    for (more, expected) in [
        (&["--user", "a:b", "--listen", occupied][..], "choose another with --listen"),
        (&["--user", "a:b", "--listen", "nonsense"], "nonsense"),
        (&["--user", "a"], "NAME:PASSWORD"),
        (&["--user", "a b:c"], "cannot be a user's name"),
        (&["--user", "a:b", "--user", "A:c"], "given twice"),
        (&["--user", "a:b", "--host", "a@b"], "--host"),
        (&["--user", "a:b", "--path", "x"], "--path"),
        (&["--user", "a:b", "--tls-cert", "/x"], "--tls-key"),
        (&["--user", "a:b", "--tls-cert", "/no/such", "--tls-key", "/no/such"], "/no/such"),
        (&[], "--user"),
    ] {
        let output = run(&[&["serve"], more].concat(), b"");
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains(expected), "{more:?}: {words}");
    }
}

fn authority(url: &str) -> &str {
    url.split('/').nth(2).unwrap()
}

/// Sends this, and reads what comes back until the end.
fn http(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(authority(&server.url)).unwrap();
    stream.set_read_timeout(Some(TIME)).unwrap();
    // It may be refused before it was read.
    let _ = stream.write_all(request.as_bytes());
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The features that a stranger is offered, by hand.
fn features(server: &Server) -> String {
    let mut stream = TcpStream::connect(authority(&server.url)).unwrap();
    stream.set_read_timeout(Some(TIME)).unwrap();
    let request = "GET /xmpp-websocket HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\n\
        Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
        Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: xmpp\r\n\r\n";
    stream.write_all(request.as_bytes()).unwrap();
    read_until(&mut stream, "\r\n\r\n");
    let open = b"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='localhost' version='1.0'/>";
    // One text frame, masked with zeros (RFC 6455 § 5.2).
    let header = [0x81, 0x80 | u8::try_from(open.len()).unwrap(), 0, 0, 0, 0];
    stream.write_all(&[&header[..], open].concat()).unwrap();
    read_until(&mut stream, "</stream:features>")
}

fn read_until(stream: &mut TcpStream, end: &str) -> String {
    let mut answer = Vec::new();
    let mut byte = [0];
    while !answer.ends_with(end.as_bytes()) {
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}
