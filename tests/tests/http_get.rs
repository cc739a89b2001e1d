//! The conversation that fetches a document, without a socket: each answer in one piece and byte by byte.

use xmpp_ws::endpoint::{DialError, DialErrorKind, Fetched};
use xmpp_ws_tungstenite::{FetchLimits, Get, Got};

const URI: &str = "https://example.com/.well-known/host-meta";

fn get(uri: &str) -> Get {
    let mut limits = FetchLimits::default();
    limits.max_body_bytes = 10;
    limits.max_redirects = 2;
    Get::new(&uri.parse().expect("a URI"), limits).expect("it can be asked for")
}

/// What comes of this answer, and the end of the stream after it.
fn answered(answer: &str) -> Result<Fetched, DialError> {
    let whole = answered_in(answer, usize::MAX);
    for piece in [1, 2, 7] {
        assert_eq!(answered_in(answer, piece), whole, "{answer:?} in pieces of {piece}");
    }
    whole
}

fn answered_in(answer: &str, piece: usize) -> Result<Fetched, DialError> {
    let mut get = get(URI);
    for bytes in answer.as_bytes().chunks(piece).chain([&b""[..]]) {
        match get.received(bytes)? {
            Got::Part => {}
            Got::All(fetched) => return Ok(fetched),
            Got::Elsewhere => panic!("{answer:?} leads to {}", get.target().uri),
        }
    }
    panic!("{answer:?} does not end");
}

fn body(answer: &str) -> String {
    let fetched = answered(answer).expect(answer);
    assert_eq!(fetched.status, 200);
    String::from_utf8(fetched.body.into()).expect("text")
}

fn fault(answer: &str) -> String {
    let error = answered(answer).expect_err(answer);
    assert_eq!(error.kind, DialErrorKind::Http);
    error.detail
}

#[test]
fn the_request_names_the_host_and_wants_nothing_but_the_document() {
    let request = String::from_utf8(get(URI).request().to_vec()).unwrap();
    assert!(request.starts_with("GET /.well-known/host-meta HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\n"), "{request}");
    let request = request.to_ascii_lowercase();
    let headers = ["host: example.com", "connection: close", "accept-encoding: identity"];
    for header in headers {
        assert!(request.contains(&format!("\r\n{header}\r\n")), "{request}");
    }
    assert!(request.contains("\r\nuser-agent: xmpp-ws/"), "{request}");

    let other = get("https://[::1]:8443/a?b=c");
    let request = String::from_utf8(other.request().to_vec()).unwrap().to_ascii_lowercase();
    assert!(request.starts_with("get /a?b=c http/1.1\r\n"), "{request}");
    assert!(request.contains("\r\nhost: [::1]:8443\r\n"), "{request}");
    assert_eq!((other.target().uri.host(), other.target().uri.port()), ("::1", Some(8443)));
    assert_eq!(other.target().alternative_name, None);
}

#[test]
fn bodies_of_each_kind() {
    let head = "HTTP/1.1 200 OK\r\nServer: x\r\n";
    assert_eq!(body(&format!("{head}Content-Length: 5\r\n\r\nhello")), "hello");
    assert_eq!(body(&format!("{head}Content-Length: 0\r\n\r\n")), "");
    assert_eq!(body(&format!("{head}\r\nhello")), "hello");
    assert_eq!(body("HTTP/1.0 200 OK\r\n\r\nhello"), "hello");
    let chunks = "2\r\nhe\r\n3;x=y\r\nllo\r\n0\r\n\r\n";
    assert_eq!(body(&format!("{head}Transfer-Encoding: chunked\r\n\r\n{chunks}")), "hello");
    // RFC 9110 § 15.2: interim answers.
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    assert_eq!(body(&format!("{early}{head}Content-Length: 5\r\n\r\nhello")), "hello");
}

#[test]
fn other_statuses_are_told_as_they_are() {
    for (answer, status) in [
        ("HTTP/1.1 204 No Content\r\n\r\n", 204),
        ("HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx", 404),
        ("HTTP/1.1 500 x\r\n\r\nx", 500),
        ("HTTP/1.1 304 Not Modified\r\n\r\n", 304),
        ("HTTP/1.1 300 Choose\r\nLocation: /a\r\nContent-Length: 0\r\n\r\n", 300),
        ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 302),
    ] {
        assert_eq!(answered(answer).expect(answer).status, status);
    }
}

#[test]
fn too_much_and_too_little() {
    let head = "HTTP/1.1 200 OK\r\n";
    for framing in ["Content-Length: 10", "X: y"] {
        assert_eq!(body(&format!("{head}{framing}\r\n\r\n0123456789")), "0123456789");
    }
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n");
    assert_eq!(body(&format!("{chunked}a\r\n0123456789\r\n0\r\n\r\n")), "0123456789");
    for beyond in [
        format!("{head}Content-Length: 11\r\n\r\n0123456789+"),
        format!("{head}\r\n0123456789+"),
        format!("{chunked}b\r\n0123456789+\r\n0\r\n\r\n"),
        format!("{head}Content-Length: 99999999999\r\n\r\n0123456789+"),
    ] {
        assert_eq!(fault(&beyond), "more than 10 bytes, which are the limit");
    }
    for early in [
        "",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhell",
        "HTTP/1.1 100 Continue\r\n\r\n",
    ] {
        assert_eq!(fault(early), "the answer ends too early", "{early:?}");
    }
    let endless = format!("{head}X: {}", "y".repeat(100_000));
    let error = answered_in(&endless, 4096).expect_err("it has no end");
    assert!(error.detail.contains("too long"), "{error}");
}

#[test]
fn what_is_no_http() {
    for answer in [
        "SSH-2.0-OpenSSH_9\r\n\r\n",
        "<stream:error/>\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n",
    ] {
        let error = answered_in(answer, usize::MAX).expect_err(answer);
        assert_eq!(error.kind, DialErrorKind::Http, "{error}");
    }
}

/// Where a redirect leads to, or why it is not followed.
fn redirected(get: &mut Get, location: &str) -> Result<String, String> {
    let answer = format!(
        "HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 4\r\nSet-Cookie: a=b\r\n\r\nhere"
    );
    match get.received(answer.as_bytes()) {
        Ok(Got::Elsewhere) => Ok(get.target().uri.to_string()),
        Ok(got) => panic!("{got:?}"),
        Err(error) => {
            assert_eq!(error.kind, DialErrorKind::Http);
            Err(error.detail)
        }
    }
}

#[test]
fn redirects_stay_with_tls_and_are_counted() {
    for (location, there) in [
        ("https://www.example.com/host-meta", "https://www.example.com/host-meta"),
        ("/host-meta?a", "https://example.com/host-meta?a"),
        ("other", "https://example.com/.well-known/other"),
        ("//example.net:8443/", "https://example.net:8443/"),
    ] {
        assert_eq!(redirected(&mut get(URI), location).as_deref(), Ok(there));
    }
    for location in ["http://example.com/host-meta", "ftp://example.com/", "wss://example.com/"] {
        let why = redirected(&mut get(URI), location).unwrap_err();
        assert!(why.contains("not an address of HTTP over TLS"), "{why}");
    }
    assert!(redirected(&mut get(URI), "https://u:p@example.com/").is_err());

    let mut get = get(URI);
    assert!(redirected(&mut get, "https://a.example/").is_ok());
    let request = String::from_utf8(get.request().to_vec()).unwrap().to_ascii_lowercase();
    assert!(
        request.contains("\r\nhost: a.example\r\n") && !request.contains("cookie"),
        "{request}"
    );
    assert!(redirected(&mut get, "/b").is_ok());
    assert_eq!(redirected(&mut get, "/c"), Err("more than 2 redirects".into()));
}

#[test]
fn only_https_is_fetched() {
    for uri in ["http://example.com/", "wss://example.com/", "ftp://example.com/"] {
        let error = Get::new(&uri.parse().unwrap(), FetchLimits::default()).unwrap_err();
        assert!(error.detail.contains("not an address of HTTP over TLS"), "{error}");
    }
}
