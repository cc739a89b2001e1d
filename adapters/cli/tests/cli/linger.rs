//! How long `xmpp-ws connect` stays when its input is at an end.

use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::json;
use xmpp_ws_tests::managed::{REQUEST, answer, stanza};
use xmpp_ws_tests::solo::CLOSE;

use crate::peer::Peer;

#[test]
fn a_server_that_does_not_come_back_is_waited_for_no_longer_than_that() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&["--linger", "1s"]);
    client.says(&stanza("1"));
    assert_eq!(line.hears(), stanza("1"));
    line.cut();
    // Nobody listens any more.
    drop(peer);
    client.until("disconnected");
    client.says(&stanza("2"));
    client.ends_input();
    let begin = Instant::now();
    let undelivered = json!({
        "event": "undelivered", "xml": [stanza("1"), stanza("2")], "written": [true, false],
    });
    assert_eq!(client.until("undelivered"), undelivered);
    let event = client.event();
    assert_eq!((&event["event"], &event["condition"]), (&json!("error"), &json!("not-connected")));
    assert_eq!(client.status().code(), Some(1));
    let took = begin.elapsed();
    assert!(took > Duration::from_millis(900) && took < Duration::from_secs(10), "{took:?}");
}

#[test]
fn a_server_that_says_nothing_of_what_it_has_is_left_in_good_order() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&["--linger", "500ms"]);
    client.says(&stanza("1"));
    client.ends_input();
    let mut heard = line.hears();
    while heard != CLOSE {
        assert!(heard == stanza("1") || heard == REQUEST, "{heard}");
        heard = line.hears();
    }
    line.says(CLOSE);
    line.cut();
    assert_eq!(client.until("undelivered")["xml"], json!([stanza("1")]));
    assert_eq!(client.event()["event"], "closed");
    assert_eq!(client.status().code(), Some(1));
}

/// Whoever takes one after the other is given the time to take them all.
#[test]
fn a_server_that_is_slow_is_waited_for() {
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&["--linger", "3s"]);
    for id in ["1", "2", "3"] {
        client.says(&stanza(id));
        assert_eq!(line.hears(), stanza(id));
    }
    client.ends_input();
    for h in 1..=3 {
        assert_eq!(line.hears(), REQUEST);
        sleep(Duration::from_millis(1500));
        line.says(answer(h));
        assert_eq!(client.event()["event"], "acked");
    }
    line.sees_close();
    assert_eq!(client.event()["event"], "closed");
    assert_eq!(client.status().code(), Some(0));
}

#[test]
fn it_need_not_be_waited_at_all() {
    let peer = Peer::new();
    let (mut client, line) = peer.session(&["--linger", "0"]);
    line.cut();
    drop(peer);
    client.until("disconnected");
    client.says(&stanza("1"));
    client.ends_input();
    assert_eq!(client.until("undelivered")["xml"], json!([stanza("1")]));
    assert_eq!(client.event()["event"], "error");
    assert_eq!(client.status().code(), Some(1));
}
