//! Requests that are none.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use crate::server::Server;
use crate::trials::Trials;
use crate::wire::{request, request_with};

#[test]
fn a_bad_request_is_refused_in_time() {
    let trials = Trials::start(&["--login-timeout", "2s"]);
    let good = request();
    for (attack, asked, status) in [
        ("headers of 1 MB", request_with(&format!("X: {}\r\n", "a".repeat(1_000_000))), "400"),
        ("200 headers", request_with(&"X: a\r\n".repeat(200)), "400"),
        ("a path of 1 MB", good.replace("/xmpp", &format!("/{}", "a".repeat(1_000_000))), "400"),
        ("another path", good.replace("/xmpp-websocket", "/"), "404"),
        ("another method", good.replace("GET", "POST"), "405"),
        ("no upgrade", good.replace("Upgrade: websocket\r\n", ""), "426"),
        ("another version", good.replace("Version: 13", "Version: 8"), "426"),
        ("no key", good.replace("Sec-WebSocket-Key", "X"), "400"),
        ("no host", good.replace("Host: localhost\r\n", ""), "400"),
        ("two hosts", request_with("Host: elsewhere\r\n"), "400"),
        ("two keys", request_with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"), "400"),
        ("two versions", request_with("Sec-WebSocket-Version: 13\r\n"), "400"),
        ("a body", request_with("Content-Length: 5\r\n"), "400"),
        ("a body of unknown length", request_with("Transfer-Encoding: chunked\r\n"), "400"),
        ("another subprotocol", good.replace("xmpp\r\n", "mqtt\r\n"), "400"),
        ("HTTP/1.0", good.replace("HTTP/1.1", "HTTP/1.0"), "400"),
        ("no HTTP at all", "<stream:stream to='localhost'>\r\n\r\n".to_owned(), "400"),
        ("NUL bytes", "\0".repeat(10_000), "400"),
    ] {
        trials.run(attack, 4096, |server| {
            let answer = ask(server, asked.as_bytes());
            let expected = format!("HTTP/1.1 {status} ");
            assert!(answer.starts_with(&expected), "{attack}: {answer:?}");
            answer.lines().next().unwrap_or_default().to_owned()
        });
    }
    trials.run("a request that never ends", 4096, |server| {
        let start = Instant::now();
        let mut stream = server.dial().unwrap();
        stream.write_all(b"GET /xmpp-websocket HTTP/1.1\r\nHost: ").unwrap();
        let mut answer = String::new();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.read_to_string(&mut answer).expect("it hangs up, without a reset");
        assert!(start.elapsed() >= Duration::from_secs(2));
        "hung up".to_owned()
    });
    trials.finish(8 * 1024);
}

/// Writes all of it, reads then.
fn ask(server: &Server, bytes: &[u8]) -> String {
    let mut stream = server.dial().expect("the server accepts");
    stream.set_read_timeout(Some(Duration::from_secs(10))).expect("it is not zero");
    stream.write_all(bytes).expect("the server goes on to read, up to its bound");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer can be read before the end");
    String::from_utf8_lossy(&answer).into_owned()
}
