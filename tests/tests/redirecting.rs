//! A client whose server sends it elsewhere again and again (RFC 7395 § 3.6.1): a front end, a node that restarts.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{lasting_config, resumed};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{Solo, SoloClient};

const HOME: &str = "wss://example.com/xmpp-websocket";
const NODE: &str = "wss://node.example/ws";

fn redirect(uri: &str) -> String {
    format!("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='{uri}'/>")
}

/// The wait that the last event tells of.
fn wait(client: &mut SoloClient) -> Duration {
    match client.told().pop() {
        Some(ClientEvent::Disconnected { again_in, .. }) => again_in,
        other => panic!("not lost: {other:?}"),
    }
}

/// The client dials there; says how long it has waited for it.
fn dials(client: &mut SoloClient, uri: &str) -> Duration {
    let since = client.now;
    assert_eq!(client.dials(), uri);
    client.now.since(since)
}

/// The front end sends the client on, in place of `<open/>`.
fn is_sent_on(client: &mut SoloClient, to: &str) {
    client.sees(Input::Connected(Connection::new(true)));
    client.says();
    client.hears(redirect(to)).sees(Input::Lost);
}

/// What is refused is refused at once.
fn is_refused(client: &mut SoloClient) {
    client.sees(Input::ConnectFailed(DialError::new(DialErrorKind::Unreachable, "a test")));
}

/// The client goes on with its session where it is.
fn resumes(client: &mut SoloClient) {
    client.told();
    client.logs_in_again();
    client.says();
    client.hears(resumed(0));
    assert!(matches!(client.told()[..], [ClientEvent::Resumed]));
}

#[test]
fn a_front_end_may_send_the_client_to_the_same_node_each_time() {
    let mut client = SoloClient::managed();
    for time in 0..10 {
        // It never stays long enough for its way there to be forgotten.
        client.wait(Duration::from_secs(10));
        client.said();
        client.sees(Input::Lost);
        assert!(dials(&mut client, HOME) > Duration::ZERO, "{time}");
        is_sent_on(&mut client, NODE);
        assert_eq!(dials(&mut client, NODE), Duration::ZERO, "{time}");
        resumes(&mut client);
    }
}

#[test]
fn a_node_that_restarts_is_waited_for() {
    let mut client = SoloClient::managed();
    client.sees(Input::Lost);
    dials(&mut client, HOME);
    for time in 0..5 {
        is_sent_on(&mut client, NODE);
        dials(&mut client, NODE);
        is_refused(&mut client);
        // The usual way at once, for another node may be there.
        assert_eq!(dials(&mut client, HOME), Duration::ZERO, "{time}");
        is_sent_on(&mut client, NODE);
        // It is not, so this is one more try that failed.
        assert!(wait(&mut client) > Duration::ZERO, "{time}");
        assert!(dials(&mut client, HOME) > Duration::ZERO, "{time}");
    }
    is_sent_on(&mut client, NODE);
    dials(&mut client, NODE);
    resumes(&mut client);
}

#[test]
fn servers_that_send_the_client_to_and_fro_are_not_asked_without_a_pause() {
    let mut client = SoloClient::managed();
    let mut here = HOME;
    let mut pauses = 0;
    for _ in 0..100 {
        let there = if here == HOME { NODE } else { HOME };
        client.hears(redirect(there)).sees(Input::Lost);
        client.said_before_the_dial();
        let waited = wait(&mut client);
        pauses += u32::from(waited > Duration::ZERO);
        let at = if waited > Duration::ZERO { HOME } else { there };
        if waited > Duration::ZERO {
            assert_eq!(dials(&mut client, at), waited);
        }
        here = at;
        resumes(&mut client);
    }
    assert!(pauses >= 33, "{pauses} pauses");
}

/// A balancer behind one address sends the client there again to have it at another node.
#[test]
fn back_to_the_same_address_takes_a_pause() {
    let mut client = SoloClient::managed();
    for time in 0..5 {
        client.hears(redirect(HOME));
        client.said();
        client.sees(Input::Lost);
        assert!(dials(&mut client, HOME) > Duration::ZERO, "{time}");
        resumes(&mut client);
    }
}

#[test]
fn who_was_never_logged_in_gives_up_unless_told_otherwise() {
    for from_start in [false, true] {
        let mut config = lasting_config();
        config.reconnect.as_mut().expect("lasting").from_start = from_start;
        let client = Client::new(config, Seeded::boxed(1), Instant::ORIGIN);
        let mut client = Solo::new(client, Instant::ORIGIN);
        dials(&mut client, HOME);
        is_sent_on(&mut client, NODE);
        dials(&mut client, NODE);
        is_sent_on(&mut client, HOME);
        if from_start {
            assert!(dials(&mut client, HOME) > Duration::ZERO);
        } else {
            assert_eq!(client.ended(), Ending::Redirected(HOME.into()));
        }
    }
}

/// What this test skips.
trait Skip {
    fn said_before_the_dial(&mut self);
}

impl Skip for SoloClient {
    fn said_before_the_dial(&mut self) {
        while self.says_next().is_some() {}
    }
}
