//! Which dial an answer belongs to, and what an answer is worth that is late.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Fetch, Fetched, Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::pair::ACCOUNT;
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{Solo, SoloClient};

const XRD: &str = "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://one.example/'/>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://two.example/'/></XRD>";
const ONE: &str = "dial wss://one.example/";
const TWO: &str = "dial wss://two.example/";
/// How long opening a WebSocket may take.
const LIMIT: Duration = Duration::from_secs(30);

/// A client whose account has two endpoints, and which dials the first.
fn dialing() -> SoloClient {
    let mut config = ClientConfig::discovering(ACCOUNT.parse().expect("an address"));
    config.reconnect.as_mut().expect("the default").from_start = true;
    let client = Client::new(config, Seeded::boxed(1), Instant::ORIGIN);
    let mut client = Solo::new(client, Instant::ORIGIN);
    let Some(Transmit::Fetch(uri)) = client.says_next() else { panic!("no fetch") };
    let outcome = Ok(Fetched::new(200, XRD));
    client.sees(Input::Fetched(Fetch::new(uri, outcome)));
    assert_eq!(client.says(), ONE);
    assert!(matches!(client.told()[..], [ClientEvent::Discovered(_)]));
    client
}

fn connected() -> Input {
    Input::Connected(Connection::new(true))
}

fn failed() -> Input {
    Input::ConnectFailed(DialError::new(DialErrorKind::Unreachable, "a test"))
}

/// So does a transport whose application was busy, or whose machine slept.
fn is_late(client: &mut SoloClient) {
    client.now = client.now + LIMIT + Duration::from_secs(5);
}

#[test]
fn what_is_there_is_taken_however_late_it_is_looked_at() {
    let mut client = dialing();
    is_late(&mut client);
    client.sees(connected());
    assert!(client.says().starts_with("<open "));
    assert!(matches!(client.told()[..], [ClientEvent::Connected { secure: true }]));
}

#[test]
fn why_it_failed_is_told_however_late_it_is_looked_at() {
    let mut client = dialing();
    is_late(&mut client);
    client.sees(failed());
    assert_eq!(client.says(), TWO);
    let told = client.told();
    let [ClientEvent::Disconnected { why: Ending::NotConnected(why), .. }] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(why.kind, DialErrorKind::Unreachable);
}

/// Before a transport has heard of the second dial, it can only speak of the first.
#[test]
fn what_is_told_before_a_dial_is_handed_over_is_of_the_one_before() {
    for late in [connected(), failed()] {
        let mut client = dialing();
        client.wait(LIMIT);
        assert!(matches!(client.told()[..], [ClientEvent::Disconnected { .. }]));
        client.sees(late.clone());
        assert!(client.told().is_empty(), "{late:?}");
        assert_eq!(client.said(), [TWO], "{late:?}");
        // The second counts for itself.
        client.sees(connected());
        assert!(client.says().starts_with("<open "), "{late:?}");
    }
}

/// Nor does the time of the second run out by what comes of the first.
#[test]
fn a_late_answer_stops_no_clock() {
    for late in [connected(), failed()] {
        let mut client = dialing();
        client.wait(LIMIT);
        client.sees(late);
        client.said();
        client.told();
        client.wait(LIMIT);
        let told = client.told();
        let [ClientEvent::Disconnected { why: Ending::TimedOut(_), .. }] = &told[..] else {
            panic!("{told:?}")
        };
    }
}

/// A connection whose end ran out of time leaves nothing to the next.
#[test]
fn what_comes_of_a_connection_that_is_over_is_of_no_interest() {
    let mut client = SoloClient::managed();
    client.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://b/'/>");
    client.said();
    // Both times to hang up have passed when the transport is asked again.
    client.wait(Duration::from_secs(2));
    client.said();
    client.now = client.now + Duration::from_secs(3);
    for input in [
        Input::Text("<message xmlns='jabber:client'/>".into()),
        Input::Unwritable,
        Input::Closed { code: None },
        Input::Lost,
    ] {
        client.sees(input);
    }
    assert_eq!(client.said(), ["dial wss://b/"]);
    let told = client.told();
    assert!(
        matches!(told[..], [ClientEvent::Redirected(_), ClientEvent::Disconnected { .. }]),
        "{told:?}"
    );
}
