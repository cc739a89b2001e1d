//! A connection that the client has given up is dropped, also while it waits to try another.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Endpoint, Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws::timer::Timer;
use xmpp_ws_tests::managed::{lasting_config, stanza};
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{CLOSE, SERVER_OPEN, Solo, SoloClient};

const DROP: &str = "drop";

/// Why the client is between two connections.
fn lost_for(client: &mut SoloClient) -> Ending {
    match client.told().pop() {
        Some(ClientEvent::Disconnected { why, .. }) => why,
        other => panic!("not disconnected: {other:?}"),
    }
}

/// It dials when its time has come, and nothing else happens until then.
fn goes_on(client: &mut SoloClient) {
    assert!(!client.endpoint.wants_dial());
    let at = client.endpoint.poll_timeout().expect("another try");
    client.wait(at.since(client.now));
    assert!(matches!(client.says_next(), Some(Transmit::Dial(_))));
    assert_eq!(client.said(), [""; 0]);
}

fn dialing(config: ClientConfig) -> SoloClient {
    let now = Instant::ORIGIN;
    Solo::new(Client::new(config, Seeded::boxed(1), now), now)
}

fn persistent() -> ClientConfig {
    let mut config = lasting_config();
    config.reconnect.as_mut().expect("lasting").from_start = true;
    config
}

#[test]
fn a_server_that_is_silent_is_dropped_when_its_time_is_up() {
    let mut client = SoloClient::managed();
    client.wait(Duration::from_secs(50 + 20));
    // It is asked, by then or before.
    assert_eq!(client.said().last().map(String::as_str), Some("close 1000"));
    client.wait(Duration::from_secs(2));
    assert_eq!(lost_for(&mut client), Ending::TimedOut(Timer::Answer));
    assert!(client.endpoint.wants_dial(), "it does not wait for room on the connection");
    assert_eq!(client.said(), [DROP]);
    goes_on(&mut client);
}

#[test]
fn a_server_that_takes_nothing_is_dropped() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1")).sees(Input::Unwritable);
    assert_eq!(client.said(), [""; 0]);
    client.wait(Duration::from_secs(2));
    assert_eq!(lost_for(&mut client), Ending::Lost { code: None });
    assert_eq!(client.said(), [DROP]);
    goes_on(&mut client);
}

/// What it says last is heard, and then there is nothing to wait for.
#[test]
fn a_server_that_can_only_be_heard_is_dropped_after_its_last_word() {
    let mut client = SoloClient::managed();
    client.sees(Input::Unwritable);
    client.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='x'/>");
    assert!(matches!(&client.told()[..], [ClientEvent::Ended(Ending::Redirected(_))]));
    assert_eq!(client.said(), [""; 0], "the end says all");

    let error = xmpp_ws_tests::solo::stream_error("system-shutdown");
    let mut client = SoloClient::managed();
    client.sees(Input::Unwritable).hears(error).hears(CLOSE);
    assert!(matches!(lost_for(&mut client), Ending::PeerError(_)));
    assert_eq!(client.said(), [DROP]);
    goes_on(&mut client);
}

#[test]
fn a_connection_that_does_not_come_is_given_up() {
    let mut client = dialing(persistent());
    assert!(matches!(client.says_next(), Some(Transmit::Dial(_))));
    client.wait(Duration::from_secs(30));
    assert_eq!(lost_for(&mut client), Ending::TimedOut(Timer::Dial));
    assert_eq!(client.said(), [DROP]);
    goes_on(&mut client);
}

#[test]
fn an_answer_that_does_not_come_is_given_up() {
    let mut config = ClientConfig::discovering(client_config().account);
    config.reconnect = persistent().reconnect;
    let mut client = dialing(config);
    // There are two forms of the document.
    for _ in 0..2 {
        assert!(matches!(client.says_next(), Some(Transmit::Fetch(_))));
        client.wait(Duration::from_secs(30));
    }
    let why = lost_for(&mut client);
    assert!(matches!(why, Ending::NotFound(_)), "{why}");
    assert_eq!(client.said(), [DROP]);
    let at = client.endpoint.poll_timeout().expect("another try");
    client.wait(at.since(client.now));
    assert!(matches!(client.says_next(), Some(Transmit::Fetch(_))));
}

#[test]
fn what_is_gone_is_not_dropped() {
    for end in [Input::Lost, Input::Closed { code: Some(1000) }, Input::Closed { code: None }] {
        let mut client = SoloClient::managed();
        client.sees(end.clone());
        lost_for(&mut client);
        assert_eq!(client.said(), [""; 0], "{end:?}");
        goes_on(&mut client);
    }
}

/// To dial is to drop: where another connection is opened at once, nothing is said besides.
#[test]
fn what_is_replaced_at_once_is_dropped_by_the_dial() {
    let mut client = SoloClient::managed();
    client.hears("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://b/'/>");
    assert_eq!(client.said(), [CLOSE]);
    // The server leaves the closing of the WebSocket to us, and does not answer it.
    client.wait(Duration::from_secs(2));
    assert_eq!(client.said(), ["close 1000"]);
    client.wait(Duration::from_secs(2));
    assert_eq!(client.said(), ["dial wss://b/"]);
}

/// At the end the transport knows that nobody wants its connection any more.
#[test]
fn at_the_end_nothing_more_is_said() {
    for config in [client_config(), lasting_config()] {
        let mut client = SoloClient::opening_with(config);
        client.hears(SERVER_OPEN);
        client.wait(Duration::from_secs(30)).said();
        client.wait(Duration::from_secs(2));
        assert_eq!(client.ended(), Ending::TimedOut(Timer::Open));
    }
}

/// Whoever says that there is a new network begins at once; the drop comes first all the same.
#[test]
fn a_drop_that_was_not_taken_comes_before_the_dial() {
    let mut client = SoloClient::managed();
    client.sees(Input::Unwritable).wait(Duration::from_secs(2));
    let now = client.now;
    client.endpoint.nudge(now);
    client.sees(Input::Timeout);
    assert!(client.endpoint.wants_dial());
    let said = client.said();
    assert_eq!(said.first().map(String::as_str), Some(DROP));
    assert!(said[1].starts_with("dial "), "{said:?}");
}
