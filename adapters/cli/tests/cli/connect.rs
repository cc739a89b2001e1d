//! `xmpp-ws connect`: its options, its input, its ends.

use std::net::TcpListener;
use std::thread::sleep;
use std::time::Duration;

use serde_json::json;
use xmpp_ws_tests::solo::{CLOSE, PLAIN_FEATURES, SERVER_OPEN};

use crate::peer::Peer;
use crate::process::{Process, Server, command, run};

#[test]
fn a_wrong_password_is_told_and_not_tried_again() {
    let server = Server::start(&[]);
    for jid in ["alice@localhost", "nobody@localhost"] {
        let arguments = server.client(jid, &["--password", "wrong"]);
        let output = run(&arguments, b"<presence/>\n");
        let lines = String::from_utf8(output.stdout).unwrap();
        let events: Vec<serde_json::Value> =
            lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(events.len(), 2, "{lines}");
        assert_eq!(events[0]["event"], "undelivered");
        assert_eq!(events[1]["event"], "error");
        assert_eq!(events[1]["condition"], "not-authorized");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn what_is_there_before_the_login_is_sent_after_it() {
    let server = Server::start(&[]);
    let input = b"<presence/>\n<message to='alice@localhost/a'><body>1</body></message>\n\
        \n<message to='alice@localhost/a'><body>2</body></message>";
    let output = run(&server.client("alice@localhost/a", &[]), input);
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{lines}");
    assert_eq!(lines.matches(r#""event":"acked""#).count(), 3, "{lines}");
    for body in ["<body>1<", "<body>2<"] {
        assert!(lines.contains(body), "{lines}");
    }
    assert!(lines.starts_with("{\"event\":\"bound\",\"jid\":\"alice@localhost/a\"}\n"), "{lines}");
    assert!(lines.ends_with("{\"event\":\"closed\"}\n"), "{lines}");
}

#[test]
fn a_bad_line_is_told_and_harms_nothing() {
    let server = Server::start(&[]);
    let mut alice = server.login("alice@localhost/a");
    for line in ["Hi!", "<message>", "<a/>", "<iq type='get'/>", "<message/><message/>"] {
        alice.says(line);
        let event = alice.event();
        assert_eq!(event["event"], "error", "{line}");
        assert_eq!(event["condition"], "bad-input", "{line}");
    }
    alice.says("<message to='alice@localhost/a'><body>Still here</body></message>");
    assert!(alice.stanza().contains("Still here"));
    alice.ends_input();
    alice.until("closed");
    assert_eq!(alice.status().code(), Some(1), "not all that was on the input was sent");
}

#[test]
fn an_address_without_a_user_has_no_password() {
    let server = Server::start(&[]);
    let output = run(&server.client("localhost", &[]), b"");
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert!(words.contains("no user name, such as alice@localhost"), "{words}");
    // A guest needs none, and is told that the server wants no guests.
    let output = run(&["connect", "--jid", "localhost", "--url", &server.url, "--json"], b"");
    assert_eq!(output.status.code(), Some(1));
    let event: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(event["condition"], "no-mechanism");
    assert!(event["text"].as_str().unwrap().contains("user name"), "{event}");
}

#[test]
fn the_password_can_be_in_the_environment() {
    let server = Server::start(&[]);
    let mut command = command(&["connect", "--jid", "alice@localhost", "--url", &server.url]);
    let mut alice = Process::silent(command.env("XMPP_PASSWORD", "secret"));
    alice.ends_input();
    assert_eq!(alice.status().code(), Some(0));
}

#[test]
fn people_get_words() {
    let server = Server::start(&[]);
    let arguments =
        ["connect", "--jid", "alice@localhost/a", "--url", &server.url, "--password", "secret"];
    let output = run(&arguments, b"<message to='alice@localhost/a'/>\n");
    let lines = String::from_utf8(output.stdout).unwrap();
    assert!(lines.starts_with("logged in as alice@localhost/a\n"), "{lines}");
    assert!(lines.contains("\n-> <message to='alice@localhost/a'/>\n"), "{lines}");
    assert!(lines.contains("\n<- <message from='alice@localhost/a'"), "{lines}");
    let places = ["\n-> ", "\n<- "].map(|mark| lines.match_indices(mark).collect::<Vec<_>>());
    assert_eq!(places.each_ref().map(Vec::len), [1, 1], "{lines}");
    assert!(places[0][0].0 < places[1][0].0, "it goes out before it comes back: {lines}");
    assert!(lines.ends_with("closed\n"), "{lines}");
}

#[test]
fn what_cannot_be_begun_is_said_in_words() {
    for (more, expected) in [
        (&[][..], "XMPP_PASSWORD"),
        (&["--url", "ws://127.0.0.1/"], "XMPP_PASSWORD"),
        (&["--url", "http://127.0.0.1/", "--password", "secret"], "wss:// or ws://"),
        (&["--url", "127.0.0.1", "--password", "secret"], "starts with its scheme"),
        (&["--url", "ws://h/", "--password", "secret", "--keepalive", "soon"], "such as 30s"),
        (&["--password", "secret", "--resolve", "h:1"], "h:1"),
        (&["--password", "secret", "--resolve", "h=127.0.0.1:1"], "example.com:[::1]:8443"),
        (&["--url", "wss://h/", "--password", "secret", "--ca", "/no/such/file"], "/no/such/file"),
    ] {
        let output = run(&[&["connect", "--jid", "alice@localhost"], more].concat(), b"");
        assert_eq!(output.status.code(), Some(2), "{more:?}");
        let words = String::from_utf8(output.stderr).unwrap();
        assert!(words.contains(expected), "{more:?}: {words}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_server_that_is_not_there_is_an_error() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("ws://127.0.0.1:{port}/");
    let arguments =
        ["connect", "--jid", "a@localhost", "--url", &url, "--password", "secret", "--json"];
    let output = run(&arguments, b"");
    assert_eq!(output.status.code(), Some(1));
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["event"], "error");
    assert_eq!(line["condition"], "not-connected");
}

/// Each line that was read has one fate, whatever comes of the login.
#[test]
fn what_was_read_before_a_login_that_fails_is_handed_back() {
    let peer = Peer::new();
    let mut client = peer.client(&["--json"]);
    let input = ["<presence/>", "<message id='1'/>", "<message id='2'/>"];
    for line in input {
        client.says(line);
    }
    client.ends_input();
    let mut line = peer.accepts();
    line.hears();
    // By then it has read its input.
    sleep(Duration::from_millis(200));
    line.says(SERVER_OPEN);
    line.says(PLAIN_FEATURES);
    line.hears();
    line.says("<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>");
    assert_eq!(line.hears(), CLOSE);
    line.cut();
    let undelivered =
        json!({"event": "undelivered", "xml": input, "written": [false, false, false]});
    assert_eq!(client.event(), undelivered);
    let event = client.event();
    assert_eq!((&event["event"], &event["condition"]), (&json!("error"), &json!("not-authorized")));
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn a_server_that_closes_before_the_login_is_an_error() {
    let peer = Peer::new();
    let mut client = peer.client(&["--json"]);
    let mut line = peer.accepts();
    assert!(line.hears().starts_with("<open "));
    line.says(CLOSE);
    assert_eq!(line.hears(), CLOSE);
    drop(line);
    let event = client.event();
    assert_eq!(event["event"], "error");
    assert_eq!(event["condition"], "not-logged-in");
    assert_eq!(event["transient"], true);
    assert_eq!(client.status().code(), Some(1));
}
