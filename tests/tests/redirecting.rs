//! A client whose server sends it elsewhere (RFC 7395 § 3.6.1), once, or again and again as a front end does and a node
//! that restarts.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Input};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{lasting_config, resumed};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{PLAIN_FEATURES, SERVER_OPEN, Solo, SoloClient};

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
fn a_redirect_is_followed_at_once() {
    let mut client = SoloClient::managed();
    client.hears(redirect("wss://other.example/ws"));
    client.said();
    client.sees(Input::Closed { code: Some(1000) });
    let told = client.told();
    let [ClientEvent::Redirected(uri), ClientEvent::Disconnected { again_in, why, .. }] = &told[..]
    else {
        panic!("{told:?}")
    };
    assert_eq!(uri.to_string(), "wss://other.example/ws");
    assert_eq!(*again_in, Duration::ZERO);
    assert!(matches!(why, Ending::Redirected(_)));
    assert_eq!(client.dials(), "wss://other.example/ws");
    client.sees(Input::Connected(Connection::new(true)));
    // RFC 7395 § 3.6.1: the account's domain is what is asked for there, too.
    assert!(client.says().contains("to='example.com'"));
}

#[test]
fn a_redirect_in_place_of_open_is_followed_before_there_is_a_session() {
    let mut client = SoloClient::opening_with(lasting_config());
    client.hears(redirect("wss://other.example/ws")).sees(Input::Closed { code: None });
    client.said_until_dial("wss://other.example/ws");
    client.told();
    // What the server meant does not work: the usual way again.
    is_refused(&mut client);
    client.told();
    assert_eq!(client.dials(), HOME);
}

#[test]
fn a_redirect_that_must_not_be_followed_is_reported() {
    for uri in ["ws://other.example/", "https://other.example/", "xmpp:other"] {
        let mut client = SoloClient::managed();
        client.hears(redirect(uri));
        client.said();
        client.sees(Input::Closed { code: Some(1000) });
        assert_eq!(client.ended(), Ending::Redirected(uri.into()));
    }
}

/// Over a connection that is not secure anybody on the way can send the client to a host of his own.
#[test]
fn a_password_is_not_shown_where_anybody_could_have_sent_the_client() {
    for (secure, says) in [(true, "<auth "), (false, "<close ")] {
        let mut config = lasting_config();
        let scheme = if secure { "wss" } else { "ws" };
        config.uri = Some(format!("{scheme}://example.com/").parse().expect("a URI"));
        let mut client = SoloClient::client(config, Connection::new(secure));
        client.says();
        client.hears(redirect("wss://other.example/")).sees(Input::Lost);
        client.said_until_dial("wss://other.example/");
        client.sees(Input::Connected(Connection::new(true)));
        client.says();
        client.hears(SERVER_OPEN).hears(PLAIN_FEATURES);
        assert!(client.says().starts_with(says), "secure before: {secure}");
    }
}

#[test]
fn redirects_end_after_five_hops() {
    let mut client = SoloClient::opening_with(lasting_config());
    for hop in 1..=5 {
        client.hears(redirect(&format!("wss://{hop}.example/"))).sees(Input::Lost);
        client.said_until_dial(&format!("wss://{hop}.example/"));
        client.sees(Input::Connected(Connection::new(true)));
        client.says();
        client.told();
    }
    client.hears(redirect("wss://6.example/")).sees(Input::Lost);
    client.said();
    assert_eq!(client.ended(), Ending::Redirected("wss://6.example/".into()));
}

#[test]
fn a_redirect_that_does_not_last_leads_home() {
    let mut client = SoloClient::managed();
    client.hears(redirect("wss://other.example/ws")).sees(Input::Lost);
    client.said_until_dial("wss://other.example/ws");
    client.told();
    client.logs_in_again();
    client.said();
    client.hears(resumed(0));
    client.told();
    client.is_cut();
    assert_eq!(client.dials(), HOME);
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

/// What the tests skip.
trait Skip {
    fn said_before_the_dial(&mut self);
    fn said_until_dial(&mut self, uri: &str);
}

impl Skip for SoloClient {
    fn said_before_the_dial(&mut self) {
        while self.says_next().is_some() {}
    }

    fn said_until_dial(&mut self, uri: &str) {
        let said = self.said();
        assert_eq!(
            said.last().map(String::as_str),
            Some(format!("dial {uri}").as_str()),
            "{said:#?}"
        );
    }
}
