//! When a client connects again, where to, and after which wait.

use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent, Reconnect};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, DialError, DialErrorKind, Endpoint, Input, Transmit};
use xmpp_ws::error::Misuse;
use xmpp_ws::random::{Purpose, Random};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::managed::{lasting_config, resumed, stanza};
use xmpp_ws_tests::random::Seeded;
use xmpp_ws_tests::solo::{CLOSE, PLAIN_FEATURES, SERVER_OPEN, SoloClient, stream_error};

const HOME: &str = "wss://example.com/xmpp-websocket";

const fn millis(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn refused(kind: DialErrorKind) -> Input {
    Input::ConnectFailed(DialError::new(kind, "a test"))
}

/// The wait that the last event tells of; `None` when it is over.
fn wait(client: &mut SoloClient) -> Option<Duration> {
    match client.told().pop() {
        Some(ClientEvent::Disconnected { again_in, .. }) => Some(again_in),
        Some(ClientEvent::Ended(_)) => None,
        other => panic!("neither lost nor over: {other:?}"),
    }
}

/// What is waited for by a client with this jitter, in one try after another that fails.
fn waits(jitter: u128, tries: usize) -> Vec<Duration> {
    #[derive(Debug)]
    struct Fixed(u128);
    impl Random for Fixed {
        fn bits(&mut self, purpose: Purpose) -> u128 {
            if purpose == Purpose::Jitter { self.0 } else { 1 }
        }
    }
    let mut config = lasting_config();
    config.reconnect.as_mut().expect("lasting").from_start = true;
    let mut now = Instant::ORIGIN;
    let mut client = Client::new(config, Fixed(jitter), now);
    let mut waits = Vec::new();
    while waits.len() < tries {
        while client.poll_transmit().is_some() {}
        client.handle(now, refused(DialErrorKind::Unreachable));
        let Some(ClientEvent::Disconnected { again_in, .. }) = client.poll_event() else {
            panic!("not tried again")
        };
        waits.push(again_in);
        now = now + again_in;
        client.handle(now, Input::Timeout);
    }
    waits
}

#[test]
fn waits_grow_from_the_floor_to_the_cap_with_full_jitter() {
    let policy = Reconnect::default();
    assert_eq!(waits(0, 12), vec![policy.floor; 12]);
    let longest = waits(u128::MAX, 40);
    for (n, wait) in longest.iter().enumerate() {
        let bound = policy.cap.min(policy.first * 2_u32.saturating_pow(u32::try_from(n).unwrap()));
        assert!(*wait <= bound && *wait + millis(1) > bound, "{n}: {wait:?}");
    }
}

#[test]
fn waits_begin_anew_after_a_stable_time() {
    for (stays, is_reset) in [(millis(59_999), false), (millis(60_000), true)] {
        let mut config = lasting_config();
        config.limits.ping_after = None;
        let mut policy = Reconnect::default();
        // So each wait tells which try it is.
        policy.floor = policy.first;
        config.reconnect = Some(policy.clone());
        let mut client = SoloClient::managed_with(config);
        for _ in 0..6 {
            client.is_cut();
            client.dials();
            client.sees(refused(DialErrorKind::Unreachable));
            client.told();
            client.dials();
            client.logs_in_again();
            client.said();
            client.hears(resumed(0));
            client.told();
        }
        client.wait(stays);
        let (again_in, _) = client.is_cut();
        assert_eq!(again_in == policy.first, is_reset, "{stays:?}: {again_in:?}");
    }
}

#[test]
fn without_a_session_it_is_tried_once() {
    let mut client = Client::new(lasting_config(), Seeded::boxed(1), Instant::ORIGIN);
    assert!(matches!(client.poll_transmit(), Some(Transmit::Dial(_))));
    client.handle(Instant::ORIGIN, refused(DialErrorKind::Unreachable));
    assert!(matches!(client.poll_event(), Some(ClientEvent::Ended(Ending::NotConnected(_)))));
    assert!(client.is_over());
}

#[test]
fn what_would_fail_again_is_not_tried_again() {
    let wrong_password =
        "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>";
    let later = wrong_password.replace("not-authorized", "temporary-auth-failure");
    for (failure, is_tried) in [(wrong_password, false), (&later, true)] {
        let mut client = SoloClient::managed();
        client.is_cut();
        client.dials();
        client.sees(Input::Connected(Connection::new(true)));
        client.hears(SERVER_OPEN).hears(PLAIN_FEATURES).hears(failure).hears(CLOSE);
        client.sees(Input::Closed { code: Some(1000) });
        assert_eq!(wait(&mut client).is_some(), is_tried, "{failure}");
    }
    for (kind, is_tried) in [
        (DialErrorKind::Unreachable, true),
        (DialErrorKind::TimedOut, true),
        (DialErrorKind::Tls, true),
        (DialErrorKind::Handshake, true),
        (DialErrorKind::Rejected { status: 503 }, true),
        (DialErrorKind::Rejected { status: 429 }, true),
        (DialErrorKind::Rejected { status: 403 }, false),
        (DialErrorKind::Subprotocol, false),
        (DialErrorKind::Unsupported, false),
    ] {
        let mut client = SoloClient::managed();
        client.is_cut();
        client.dials();
        client.sees(refused(kind));
        assert_eq!(wait(&mut client).is_some(), is_tried, "{kind}");
    }
    for (condition, is_tried) in [
        ("conflict", false),
        ("host-unknown", false),
        ("policy-violation", false),
        ("not-authorized", false),
        ("unsupported-version", false),
        ("system-shutdown", true),
        ("reset", true),
        ("connection-timeout", true),
        ("internal-server-error", true),
        ("resource-constraint", true),
    ] {
        let mut client = SoloClient::managed();
        client.hears(stream_error(condition)).hears(CLOSE);
        client.sees(Input::Closed { code: Some(1000) });
        assert_eq!(wait(&mut client).is_some(), is_tried, "{condition}");
    }
}

#[test]
fn after_a_restart_the_first_try_is_spread() {
    let longest = |end: fn(&mut SoloClient)| {
        let mut config = lasting_config();
        let policy = config.reconnect.as_mut().expect("lasting");
        // So the wait tells its own bound.
        policy.floor = Duration::ZERO;
        (0..200)
            .map(|seed| {
                let mut client = SoloClient::managed_with(config.clone());
                // Another place in the sequence of random values.
                for _ in 0..seed {
                    client.is_cut();
                    client.dials();
                    client.logs_in_again();
                    client.said();
                    client.hears(resumed(0));
                    client.wait(Duration::from_secs(60));
                    client.hears(stanza("1"));
                    client.said();
                    client.told();
                    if seed > 8 {
                        break;
                    }
                }
                end(&mut client);
                wait(&mut client).expect("tried again")
            })
            .max()
            .expect("some")
    };
    let usual = longest(|client| {
        client.sees(Input::Lost);
    });
    let spread = longest(|client| {
        client.sees(Input::Closed { code: Some(1012) });
    });
    assert!(usual <= Duration::from_secs(2), "{usual:?}");
    assert!(spread > Duration::from_secs(2) && spread <= Duration::from_secs(10), "{spread:?}");
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
    client.sees(refused(DialErrorKind::Unreachable));
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
fn a_location_is_preferred_and_left_when_it_does_not_work() {
    let mut client = SoloClient::enabling_with(lasting_config());
    client.hears(
        "<enabled xmlns='urn:xmpp:sm:3' id='s-1' resume='true' location='[2001:db8::1]:5281'/>",
    );
    client.told();
    client.is_cut();
    assert_eq!(client.dials(), "wss://[2001:db8::1]:5281/xmpp-websocket");
    client.sees(refused(DialErrorKind::Unreachable));
    assert_eq!(wait(&mut client), Some(Duration::ZERO));
    assert_eq!(client.dials(), HOME);
}

#[test]
fn a_connection_is_wanted_however_slow_the_application_is() {
    let mut config = lasting_config();
    config.limits.max_queued_events = 1;
    let mut client = SoloClient::managed_with(config);
    client.sees(Input::Lost);
    assert!(!client.endpoint.wants_input());
    client.dials();
    assert!(client.endpoint.wants_input(), "its transport works on the dial where it reads");
}

#[test]
fn a_nudge_ends_the_wait() {
    let mut client = SoloClient::managed();
    client.is_cut();
    client.endpoint.nudge(client.now);
    assert_eq!(client.endpoint.poll_timeout(), Some(client.now));
    client.endpoint.handle(client.now, Input::Timeout);
    assert_eq!(client.dials(), HOME);
}

#[test]
fn closing_between_connections_gives_up_and_hands_back() {
    let mut client = SoloClient::managed();
    client.sends(stanza("1"));
    client.said();
    client.is_cut();
    client.sends(stanza("2"));
    client.endpoint.close(client.now).expect("not over");
    let told = client.told();
    let [ClientEvent::Undelivered(stanzas), ClientEvent::Ended(Ending::GivenUp)] = &told[..] else {
        panic!("{told:?}")
    };
    assert_eq!(stanzas.iter().map(|it| it.written).collect::<Vec<_>>(), [true, false]);
    assert_eq!(client.endpoint.send(client.now, stanza("3")), Err(Misuse::Over));
    assert_eq!(client.endpoint.poll_timeout(), None);
}

#[test]
fn after_close_nothing_is_tried_again() {
    let mut client = SoloClient::managed();
    client.endpoint.close(client.now).expect("open");
    client.said();
    client.hears(stream_error("system-shutdown")).sees(Input::Lost);
    client.said();
    assert!(matches!(client.ended(), Ending::PeerError(_)));
}

#[test]
fn a_transport_that_cannot_dial_ends_with_the_reason() {
    let mut connection = Connection::new(true);
    connection.can_dial = false;
    let mut client = SoloClient::client(lasting_config(), connection);
    client.said();
    client.hears(redirect("wss://other.example/")).sees(Input::Lost);
    client.said();
    assert_eq!(client.ended(), Ending::Redirected("wss://other.example/".into()));
    // One that did not say so beforehand.
    let mut client = SoloClient::managed();
    client.is_cut();
    client.dials();
    client.sees(refused(DialErrorKind::NoDialer));
    assert_eq!(client.ended(), Ending::Lost { code: None });
}

#[test]
fn what_is_given_between_connections_is_bounded() {
    let mut config: ClientConfig = lasting_config();
    config.limits.max_queued_messages = 2;
    let mut client = SoloClient::managed_with(config);
    client.is_cut();
    client.sends(stanza("1")).sends(stanza("2"));
    assert!(!client.endpoint.has_room());
    assert_eq!(client.endpoint.send(client.now, stanza("3")), Err(Misuse::Full));
}

#[test]
fn a_dial_that_takes_too_long_is_tried_again() {
    let mut client = SoloClient::managed();
    client.is_cut();
    client.dials();
    client.wait(Duration::from_secs(30));
    let told = client.told();
    assert!(matches!(told[..], [ClientEvent::Disconnected { why: Ending::TimedOut(_), .. }]));
    assert_eq!(client.says(), "drop");
    assert_eq!(client.dials(), HOME);
}

fn redirect(uri: &str) -> String {
    format!("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='{uri}'/>")
}

/// What the tests of redirects skip.
trait Skip {
    fn said_until_dial(&mut self, uri: &str);
}

impl Skip for SoloClient {
    fn said_until_dial(&mut self, uri: &str) {
        let said = self.said();
        assert_eq!(
            said.last().map(String::as_str),
            Some(format!("dial {uri}").as_str()),
            "{said:#?}"
        );
    }
}
