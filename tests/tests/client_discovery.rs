//! A client that finds its endpoint by the account's domain (RFC 7395 § 4).

use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{DialError, DialErrorKind, Endpoint, Fetch, Fetched, Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::pair::ACCOUNT;
use xmpp_ws_tests::random::Seeded;

const XRD: &str = "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://one.example/ws'/>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://two.example/ws'/></XRD>";

struct Asking {
    client: Client,
    now: Instant,
}

impl Asking {
    fn new() -> Self {
        let mut config = ClientConfig::discovering(ACCOUNT.parse().expect("an address"));
        config.reconnect.as_mut().expect("the default").from_start = true;
        let client = Client::new(config, Seeded::boxed(1), Instant::ORIGIN);
        Self { client, now: Instant::ORIGIN }
    }

    fn next(&mut self) -> String {
        match self.client.poll_transmit() {
            Some(Transmit::Fetch(uri)) => format!("fetch {uri}"),
            Some(Transmit::Dial(target)) => {
                assert_eq!(target.alternative_name.as_deref(), Some("example.com"));
                format!("dial {}", target.uri)
            }
            Some(Transmit::Drop) => "drop".into(),
            other => panic!("{other:?}"),
        }
    }

    fn fetched(&mut self, path: &str, body: Option<&str>) {
        let uri = format!("https://example.com/.well-known/{path}").parse().expect("a URI");
        let outcome = body
            .map(|body| Fetched { status: 200, body: body.to_owned().into() })
            .ok_or(DialError::new(DialErrorKind::Unreachable, "a test"));
        self.client.handle(self.now, Input::Fetched(Fetch { uri, outcome }));
    }

    fn cannot_dial(&mut self) {
        let error = DialError::new(DialErrorKind::Unreachable, "a test");
        self.client.handle(self.now, Input::ConnectFailed(error));
    }

    fn waits(&mut self) -> Ending {
        loop {
            match self.client.poll_event() {
                Some(ClientEvent::Disconnected { why, again_in, .. })
                    if again_in > Duration::ZERO =>
                {
                    self.now = self.now + again_in;
                    self.client.handle(self.now, Input::Timeout);
                    return why;
                }
                Some(_) => {}
                None => panic!("no wait"),
            }
        }
    }
}

#[test]
fn each_endpoint_is_tried_and_then_the_domain_is_asked_anew() {
    let mut it = Asking::new();
    for _ in 0..2 {
        assert_eq!(it.next(), "fetch https://example.com/.well-known/host-meta");
        assert!(it.client.wants_input());
        it.fetched("host-meta", Some(XRD));
        assert_eq!(it.next(), "dial wss://one.example/ws");
        it.cannot_dial();
        assert_eq!(it.next(), "dial wss://two.example/ws");
        it.cannot_dial();
        assert!(matches!(it.waits(), Ending::NotConnected(_)));
    }
}

#[test]
fn what_was_found_is_told() {
    let mut it = Asking::new();
    it.next();
    it.fetched("host-meta", Some(XRD));
    let Some(ClientEvent::Discovered(targets)) = it.client.poll_event() else { panic!("not told") };
    assert_eq!(targets.len(), 2);
}

#[test]
fn where_there_is_nothing_the_reason_says_what_was_tried() {
    let mut it = Asking::new();
    it.next();
    it.fetched("host-meta", None);
    assert_eq!(it.next(), "fetch https://example.com/.well-known/host-meta.json");
    it.fetched("host-meta.json", Some("{}"));
    let why = it.waits();
    assert!(matches!(why, Ending::NotFound(_)));
    let why = why.to_string();
    assert!(why.contains("/host-meta") && why.contains("/host-meta.json"), "{why}");
    assert_eq!(it.next(), "fetch https://example.com/.well-known/host-meta");
}

#[test]
fn a_fetch_that_takes_too_long_is_given_up() {
    let mut it = Asking::new();
    it.next();
    let limit = Instant::ORIGIN + Duration::from_secs(30);
    assert_eq!(it.client.poll_timeout(), Some(limit));
    it.now = limit;
    it.client.handle(limit, Input::Timeout);
    assert!(matches!(it.waits(), Ending::TimedOut(_)));
    assert_eq!(it.next(), "drop");
    // An answer to what is no longer asked changes nothing.
    it.next();
    it.fetched("host-meta.json", Some(XRD));
    assert!(it.client.poll_transmit().is_none());
}

#[test]
fn a_domain_that_is_no_host_is_over_at_once() {
    // The DNS has no label as long as this.
    let domain = "a".repeat(64);
    let config = ClientConfig::discovering(domain.parse().expect("an address"));
    let mut client = Client::new(config, Seeded::boxed(1), Instant::ORIGIN);
    assert!(client.poll_transmit().is_none());
    let Some(ClientEvent::Ended(why)) = client.poll_event() else { panic!("not over") };
    assert!(matches!(why, Ending::NotFound(_)), "{why}");
    assert!(client.is_over());
}
