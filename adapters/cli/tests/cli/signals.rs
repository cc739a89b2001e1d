//! What a signal makes of `xmpp-ws connect`.
#![cfg(unix)]

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;
use xmpp_ws_tests::solo::BIND_FEATURES;

use crate::peer::{Line, Peer};
use crate::process::{Process, Server};

#[test]
fn a_signal_closes_it_in_good_order() {
    let server = Server::start(&[]);
    let mut alice = server.login("alice@localhost/a");
    alice.signal("INT");
    alice.until("closed");
    assert_eq!(alice.status().code(), Some(0));
}

#[test]
fn a_server_that_reads_nothing_is_not_waited_for_long_after_a_signal() {
    let peer = Peer::new();
    let (mut client, _line) = stuck(&peer);
    let mut events = client.events_until_silent(Duration::from_secs(1));
    client.signal("TERM");
    let begin = Instant::now();
    assert_eq!(client.status().code(), Some(1));
    let took = begin.elapsed();
    assert!(took > Duration::from_secs(2), "the server might have read on: {took:?}");
    events.extend(client.events_until_silent(Duration::from_secs(1)));
    has_one_end_for_each(&events);
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let peer = Peer::new();
    let (mut client, _line) = stuck(&peer);
    let mut events = client.events_until_silent(Duration::from_secs(1));
    client.signal("INT");
    sleep(Duration::from_millis(300));
    let begin = Instant::now();
    client.signal("INT");
    assert_eq!(client.status().code(), Some(1));
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(3), "{took:?}");
    events.extend(client.events_until_silent(Duration::from_secs(1)));
    has_one_end_for_each(&events);
}

/// A client whose server reads nothing, with more lines on its input than can wait.
fn stuck(peer: &Peer) -> (Process, Line<'_>) {
    let mut client = peer.client(&["--json", "--no-stream-management"]);
    let mut line = peer.accepts();
    line.logs_in(BIND_FEATURES);
    line.binds();
    client.until("bound");
    let body = "x".repeat(10_000);
    client.floods(move |number| format!("<message id='{number}'><body>{body}</body></message>"));
    (client, line)
}

/// Each line that was read is told of once, in order, and last why.
fn has_one_end_for_each(events: &[Value]) {
    let mut next = 0;
    let mut undelivered = 0;
    for event in events {
        for xml in event["xml"].as_array().into_iter().flatten() {
            let id = xml.as_str().and_then(|it| it.split('\'').nth(1)).unwrap();
            assert_eq!(id, next.to_string());
            next += 1;
            undelivered += u32::from(event["event"] == "undelivered");
        }
    }
    assert!(undelivered > 0);
    let last = events.last().unwrap();
    assert_eq!(last["event"], "error");
    assert_eq!(last["condition"], "connection-timeout");
    assert_eq!(last["transient"], true);
}
