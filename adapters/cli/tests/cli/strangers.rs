//! Whom the embedded server puts out when more come than there may be.

use std::time::{Duration, Instant};

use crate::process::Server;
use crate::raw::Raw;

/// RFC 6120 § 4.9.3.17.
#[test]
fn who_makes_room_is_told_so() {
    let server = Server::start(&["--max-connections", "1"]);
    let mut first = Raw::silent(&server);
    let mut second = Raw::opened(&server);
    assert!(first.hears().starts_with("<open "), "RFC 7395 § 3.5: an error follows an <open/>");
    is_put_out(first);
    let third = Raw::opened(&server);
    assert!(second.hears().contains("<resource-constraint "));
    assert!(second.hears().starts_with("<close "));
    // It need not wait for the goodbye of the one before.
    drop(server.login("alice@localhost/a"));
    is_put_out(third);
}

#[test]
fn who_has_opened_a_stream_stays_among_many_who_say_nothing() {
    let server = Server::start(&["--max-connections", "3", "--allow-plaintext-auth"]);
    let mut alice = Raw::opened(&server);
    let silent: Vec<Raw> = (0..12).map(|_| Raw::silent(&server)).collect();
    alice.logs_in("alice");
    drop(silent);
}

#[test]
fn who_has_said_nothing_yet_stays_among_many_who_have_opened_a_stream() {
    let server = Server::start(&["--max-connections", "4", "--allow-plaintext-auth"]);
    let mut alice = Raw::silent(&server);
    let openers: Vec<Raw> = (0..8).map(|_| Raw::opened(&server)).collect();
    alice.opens();
    alice.logs_in("alice");
    drop(openers);
}

/// It is told why, and not waited for long though it does not answer.
fn is_put_out(raw: Raw) {
    let begin = Instant::now();
    let rest = raw.rest();
    assert!(rest.contains("<resource-constraint ") && rest.contains("<close "), "{rest}");
    let took = begin.elapsed();
    assert!(took < Duration::from_secs(4), "{took:?}");
}
