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
    let elsewhere =
        "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='wss://other.example/'/>";
    client.hears(elsewhere).sees(Input::Lost);
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
