//! Where sessions are kept while their clients are away.

use std::time::Duration;

use serde_json::json;
use xmpp_ws::error::Misuse;
use xmpp_ws::jid::Jid;
use xmpp_ws::server::{MemoryStore, SessionStore, StoreLimits, Suspended};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed_server::message;
use xmpp_ws_tests::solo::SoloServer;

const MAX: Duration = Duration::from_secs(300);

/// A session of this user with this name and two stanzas.
fn session(user: &str, id: &str) -> Suspended {
    let (mut server, _) = SoloServer::managed();
    server.sends(0..2);
    let (session, _) = server.cut();
    let mut json = serde_json::to_value(session).expect("plain data");
    json["jid"] = json!(format!("{user}@example.com/r"));
    json["session"]["id"] = json!(id);
    json["received"] = json!(7);
    serde_json::from_value(json).expect("plain data")
}

fn jid(user: &str) -> Jid {
    format!("{user}@example.com").parse().expect("an address")
}

fn at(seconds: u64) -> Instant {
    Instant::after(Duration::from_secs(seconds))
}

fn store(change: impl FnOnce(&mut StoreLimits)) -> MemoryStore {
    let mut limits = StoreLimits::default();
    change(&mut limits);
    MemoryStore::new(limits)
}

fn ids(sessions: &[Suspended]) -> Vec<&str> {
    sessions.iter().map(Suspended::id).collect()
}

#[test]
fn a_session_is_given_once_and_to_its_account_only() {
    let mut store = store(|_| {});
    assert!(store.put(at(0), session("alice", "a")).is_empty());
    assert!(store.take(at(1), &jid("bob"), "a").is_none());
    assert!(store.take(at(1), &jid("alice"), "b").is_none());
    let session = store.take(at(1), &jid("alice"), "a").expect("it is there");
    assert_eq!(session.remaining() + Duration::from_secs(1), MAX);
    assert!(store.take(at(1), &jid("alice"), "a").is_none());
    assert!(store.is_empty() && store.bytes() == 0 && store.next_expiry().is_none());
    // It goes on, so it is not remembered as gone.
    assert_eq!(store.handled(at(1), &jid("alice"), "a"), None);
}

#[test]
fn a_full_address_finds_its_account() {
    let mut store = store(|_| {});
    store.put(at(0), session("alice", "a"));
    assert!(store.take(at(0), &"alice@example.com/x".parse().unwrap(), "a").is_some());
}

#[test]
fn a_session_expires_and_is_remembered_by_its_count() {
    let mut store = store(|it| it.remember = Duration::from_secs(100));
    store.put(at(10), session("alice", "a"));
    assert_eq!(store.next_expiry(), Some(at(310)));
    assert!(store.poll_expired(at(309)).is_none());
    // It is not given any more, whether somebody looked after it or not.
    assert!(store.take(at(310), &jid("alice"), "a").is_none());
    let push = store.push(at(310), &jid("alice"), "a", message(0).into());
    assert_eq!(push, Err(Misuse::Over));
    assert_eq!(store.handled(at(310), &jid("alice"), "a"), Some(7));
    let gone = store.poll_expired(at(310)).expect("its time is over");
    assert_eq!((gone.id(), gone.remaining()), ("a", Duration::ZERO));
    assert_eq!(gone.into_undelivered(at(310)).len(), 2);
    assert!(store.poll_expired(at(310)).is_none());
    assert_eq!(store.handled(at(409), &jid("alice"), "a"), Some(7));
    assert_eq!(store.handled(at(409), &jid("bob"), "a"), None);
    assert_eq!(store.handled(at(410), &jid("alice"), "a"), None);
}

#[test]
fn what_passed_elsewhere_counts() {
    let mut store = store(|_| {});
    let mut session = session("alice", "a");
    session.pass(Duration::from_secs(200));
    store.put(at(10), session);
    assert_eq!(store.next_expiry(), Some(at(110)));
}

#[test]
fn stanzas_are_added_and_bounded() {
    let mut store = store(|it| it.session.max_unacknowledged = 3);
    store.put(at(0), session("alice", "a"));
    let before = store.bytes();
    let mut push = |number| store.push(at(5), &jid("alice"), "a", message(number).into());
    assert_eq!(push(2).map(xmpp_ws::endpoint::Ticket::number), Ok(2));
    assert_eq!(push(3), Err(Misuse::Full));
    assert_eq!(store.bytes(), before + message(2).len());
    let session = store.take(at(9), &jid("alice"), "a").expect("it is there");
    let ages: Vec<_> =
        session.into_undelivered(at(9)).iter().map(|it| at(9).since(it.given)).collect();
    assert_eq!(ages, [9, 9, 4].map(Duration::from_secs));
}

#[test]
fn bytes_are_bounded_when_stanzas_are_added() {
    let one = session("alice", "a").bytes();
    let mut store = store(|it| it.max_bytes = one);
    assert!(store.put(at(0), session("alice", "a")).is_empty());
    let push = store.push(at(0), &jid("alice"), "a", message(2).into());
    assert_eq!(push, Err(Misuse::Full));
}

#[test]
fn the_one_with_the_least_time_left_makes_room() {
    let mut store = store(|it| {
        it.max_sessions = 3;
        it.max_sessions_of_account = 2;
    });
    assert!(store.put(at(0), session("alice", "a1")).is_empty());
    assert!(store.put(at(1), session("bob", "b1")).is_empty());
    assert!(store.put(at(2), session("bob", "b2")).is_empty());
    // The account's own, though another is older.
    assert_eq!(ids(&store.put(at(3), session("bob", "b3"))), ["b1"]);
    assert_eq!(ids(&store.put(at(4), session("carol", "c1"))), ["a1"]);
    assert_eq!((store.len(), store.handled(at(4), &jid("alice"), "a1")), (3, Some(7)));
}

#[test]
fn bytes_are_bounded_when_a_session_is_put_in() {
    let one = session("alice", "a").bytes();
    let mut store = store(|it| it.max_bytes = 2 * one);
    assert!(store.put(at(0), session("alice", "a")).is_empty());
    assert!(store.put(at(1), session("bob", "b")).is_empty());
    assert_eq!(ids(&store.put(at(2), session("carol", "c"))), ["a"]);
    assert_eq!(store.bytes(), 2 * one);
}

#[test]
fn what_is_remembered_is_bounded() {
    let mut store = store(|it| it.max_remembered = 2);
    for id in ["a", "b", "c"] {
        store.put(at(0), session("alice", id));
    }
    while store.poll_expired(at(300)).is_some() {}
    let known = ["a", "b", "c"].map(|id| store.handled(at(300), &jid("alice"), id));
    assert_eq!(known, [None, Some(7), Some(7)]);
}
