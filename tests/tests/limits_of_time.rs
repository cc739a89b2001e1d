//! Each limit of time, kept to until the last moment and enforced at it. `limits.rs` has the others, and the check
//! that none is left out.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent, Iq, Reply};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input};
use xmpp_ws::limits::Limits;
use xmpp_ws::time::Instant;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed::{MESSAGE, REQUEST, stanza};
use xmpp_ws_tests::pair::{client_config, server_config};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{CLIENT_OPEN, CLOSE, SERVER_OPEN, SoloClient, SoloServer, condition};

const LIMIT: Duration = Duration::from_millis(1234);
/// The last moment before it.
const BEFORE: Duration = Duration::from_nanos(1_233_999_999);
const TICK: Duration = Duration::from_nanos(1);
const LONG: Duration = Duration::from_secs(1_000_000);

fn client_config_with(change: impl FnOnce(&mut Limits)) -> xmpp_ws::client::ClientConfig {
    let mut config = client_config();
    change(&mut config.limits);
    config
}

fn bound_client(change: impl FnOnce(&mut Limits)) -> SoloClient {
    SoloClient::bound_with(client_config_with(change))
}

/// Nothing is said until the limit, and then something.
fn says_at_the_limit<E: Endpoint>(solo: &mut xmpp_ws_tests::solo::Solo<E>) -> String {
    solo.wait(BEFORE);
    assert_eq!(solo.said(), [""; 0]);
    solo.wait(TICK);
    let said = solo.said();
    said.first().expect("the limit was reached").clone()
}

#[test]
fn fetch() {
    let mut config = client_config_with(|it| it.fetch = LIMIT);
    config.uri = None;
    let client = Client::new(config, Seeded::boxed(1), Instant::ORIGIN);
    let mut client = xmpp_ws_tests::solo::Solo::new(client, Instant::ORIGIN);
    client.said();
    assert!(says_at_the_limit(&mut client).ends_with("/host-meta.json"));
    // Each for itself.
    client.wait(BEFORE);
    assert!(client.told().is_empty());
    client.wait(TICK);
    assert!(matches!(client.ended(), Ending::NotFound(_)));
}

#[test]
fn dial() {
    let config = client_config_with(|it| it.dial = LIMIT);
    let mut client = Client::new(config, Seeded::boxed(1), Instant::ORIGIN);
    assert_eq!(client.poll_timeout(), Some(Instant::after(LIMIT)));
    client.handle(Instant::after(BEFORE), Input::Timeout);
    assert!(client.poll_event().is_none());
    client.handle(Instant::after(LIMIT), Input::Timeout);
    let event = client.poll_event();
    let timed_out = Ending::TimedOut(Timer::Dial);
    assert!(matches!(&event, Some(ClientEvent::Ended(why)) if *why == timed_out), "{event:?}");
    assert!(client.is_over());
}

#[test]
fn open() {
    let mut client = SoloClient::opening_with(client_config_with(|it| it.open = LIMIT));
    assert_eq!(condition(&says_at_the_limit(&mut client)), "connection-timeout");
    // The features are part of it.
    let mut client = SoloClient::opening_with(client_config_with(|it| it.open = LIMIT));
    client.hears(SERVER_OPEN);
    assert_eq!(condition(&says_at_the_limit(&mut client)), "connection-timeout");
    let mut config = server_config();
    config.limits.open = LIMIT;
    let connection = xmpp_ws::endpoint::Connection::new(true);
    let mut server = SoloServer::server(config, connection);
    assert!(says_at_the_limit(&mut server).starts_with("<open "));
}

#[test]
fn negotiate() {
    let mut config = server_config();
    config.limits.negotiate = LIMIT;
    let mut server = SoloServer::authenticated_with(config);
    assert_eq!(condition(&says_at_the_limit(&mut server)), "connection-timeout");
    let config = client_config_with(|it| it.negotiate = LIMIT);
    let mut client = SoloClient::authenticating_with(config);
    assert_eq!(condition(&says_at_the_limit(&mut client)), "connection-timeout");
    client.sees(Input::Lost);
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Negotiate));
}

#[test]
fn close() {
    let mut client = bound_client(|it| it.close = LIMIT);
    client.endpoint.close(client.now).expect("not over");
    client.says();
    assert_eq!(says_at_the_limit(&mut client), "close 1000");
}

#[test]
fn hangup() {
    let mut client = bound_client(|it| it.hangup = LIMIT);
    client.hears(CLOSE);
    client.says();
    assert_eq!(says_at_the_limit(&mut client), "close 1000");
    client.wait(BEFORE);
    assert!(client.told().is_empty());
    client.wait(TICK);
    assert_eq!(client.ended(), Ending::Clean);
}

#[test]
fn ping_after() {
    let mut client = bound_client(|it| it.ping_after = Some(LIMIT));
    assert_eq!(says_at_the_limit(&mut client), "ping");
}

#[test]
fn ping_answer() {
    let mut client = bound_client(|it| {
        it.ping_after = Some(Duration::from_secs(1));
        it.ping_answer = LIMIT;
    });
    client.wait(Duration::from_secs(1));
    client.says();
    assert_eq!(condition(&says_at_the_limit(&mut client)), "connection-timeout");
}

#[test]
fn iq_reply() {
    let mut client = bound_client(|it| it.iq_reply = LIMIT);
    let ticket = client.endpoint.iq(client.now, Iq::get("<q xmlns='u'/>")).expect("bound");
    client.said();
    client.told();
    client.wait(BEFORE);
    assert!(client.told().is_empty());
    client.wait(TICK);
    let told = client.told();
    let [ClientEvent::Reply { ticket: of, reply: Reply::None }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(*of, ticket);
    client.wait(LIMIT);
    assert!(client.told().is_empty(), "told twice");
}

#[test]
fn a_limit_that_never_comes_is_allowed() {
    let mut config = client_config_with(|it| {
        it.dial = Duration::MAX;
        it.open = Duration::MAX;
        it.negotiate = Duration::MAX;
        it.close = Duration::MAX;
    });
    config.limits.hangup = Duration::MAX;
    let mut client = SoloClient::opening_with(config);
    client.wait(LONG);
    assert_eq!(client.said(), [""; 0]);
    client.endpoint.close(client.now).expect("not over");
    client.wait(LONG);
    assert_eq!(client.says(), CLOSE);
}

#[test]
fn no_time_at_all_is_allowed_too() {
    let config = client_config_with(|it| {
        it.ping_answer = Duration::ZERO;
        it.close = Duration::ZERO;
        it.hangup = Duration::ZERO;
    });
    let mut client = SoloClient::bound_with(config);
    client.wait(Duration::from_secs(50));
    assert_eq!(client.ended(), Ending::TimedOut(Timer::Answer));
    let mut config = server_config();
    config.limits.open = Duration::ZERO;
    let mut server = SoloServer::server(config, xmpp_ws::endpoint::Connection::new(true));
    server.hears(CLIENT_OPEN);
    assert_eq!(condition(&server.said()[1]), "connection-timeout");
}

#[test]
fn request_after() {
    let mut client = SoloClient::managed_with(client_config_with(|it| it.request_after = LIMIT));
    client.sends(stanza("1"));
    client.said();
    assert_eq!(says_at_the_limit(&mut client), REQUEST);
}

#[test]
fn acknowledge() {
    let mut client = SoloClient::managed_with(client_config_with(|it| {
        it.acknowledge = LIMIT;
        it.request_every = 1;
    }));
    client.sends(stanza("1"));
    assert_eq!(client.said(), [&stanza("1"), REQUEST]);
    assert_eq!(condition(&says_at_the_limit(&mut client)), "connection-timeout");
    // Not while nothing is read: the answer may be at hand.
    let mut client = SoloClient::managed_with(client_config_with(|it| {
        it.acknowledge = LIMIT;
        it.request_every = 1;
        it.max_queued_events = 1;
        it.ping_after = None;
    }));
    client.sends(stanza("1")).hears(MESSAGE);
    client.said();
    client.wait(LONG);
    assert_eq!(client.said(), [""; 0]);
}

#[test]
fn write() {
    let talks = |takes: bool| {
        let mut server = SoloServer::bound_with({
            let mut config = server_config();
            config.limits.write = LIMIT;
            config
        });
        for _ in 0..3 {
            server.endpoint.send(server.now, MESSAGE).expect("room");
        }
        // It goes on to talk, and takes one thing meanwhile, or none.
        server.hears(MESSAGE);
        server.wait(BEFORE);
        if takes {
            server.says_next();
        }
        server.hears(MESSAGE).wait(TICK);
        server.said()
    };
    assert_eq!(talks(true), [MESSAGE; 2]);
    assert_eq!(condition(&talks(false)[3]), "connection-timeout");
}
