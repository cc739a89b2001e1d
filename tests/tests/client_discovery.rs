//! A client that finds its endpoint by the account's domain (RFC 7395 § 4).

use std::time::Duration;

use xmpp_ws::client::{Client, ClientConfig, ClientEvent};
use xmpp_ws::discovery::{DiscoveryError, Problem};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{DialError, DialErrorKind, Endpoint, Fetch, Fetched, Input, Transmit};
use xmpp_ws::time::Instant;
use xmpp_ws_tests::pair::ACCOUNT;
use xmpp_ws_tests::random::Seeded;

const XRD: &str = "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://one.example/ws'/>\
     <Link rel='urn:xmpp:alt-connections:websocket' href='wss://two.example/ws'/></XRD>";

const JRD: &str = r#"{"links": [{"rel": "urn:xmpp:alt-connections:websocket",
     "href": "wss://three.example/ws"}]}"#;
/// How long fetching a document may take.
const FETCH: Duration = Duration::from_secs(30);

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
            .map(|body| Fetched::new(200, body.to_owned()))
            .ok_or(DialError::new(DialErrorKind::Unreachable, "a test"));
        self.client.handle(self.now, Input::Fetched(Fetch::new(uri, outcome)));
    }

    /// So much time passes, to the moment.
    fn passes(&mut self, time: Duration) {
        self.now = self.now + time;
        assert_eq!(self.client.poll_timeout(), Some(self.now));
        self.client.handle(self.now, Input::Timeout);
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

/// The second document is asked for whatever was wrong with the first.
#[test]
fn a_fetch_that_takes_too_long_is_one_that_failed() {
    let mut it = Asking::new();
    assert_eq!(it.next(), "fetch https://example.com/.well-known/host-meta");
    it.passes(FETCH);
    assert_eq!(it.next(), "fetch https://example.com/.well-known/host-meta.json");
    // An answer to what is no longer asked changes nothing.
    it.fetched("host-meta", Some(XRD));
    assert!(it.client.poll_transmit().is_none());
    it.fetched("host-meta.json", Some(JRD));
    assert_eq!(it.next(), "dial wss://three.example/ws");
}

#[test]
fn where_nothing_comes_the_reason_says_so_of_each() {
    let mut it = Asking::new();
    it.next();
    it.passes(FETCH);
    it.next();
    it.passes(FETCH);
    let Ending::NotFound(DiscoveryError::NotFound { tried, .. }) = it.waits() else {
        panic!("another reason")
    };
    assert_eq!(tried.len(), 2);
    for tried in tried {
        let Problem::Unreachable(why) = tried.problem else { panic!("{:?}", tried.problem) };
        assert_eq!(why.kind, DialErrorKind::TimedOut);
    }
}

#[test]
fn a_document_that_is_there_is_taken_however_late_it_is_looked_at() {
    let mut it = Asking::new();
    it.next();
    it.now = it.now + FETCH + FETCH;
    it.fetched("host-meta", Some(XRD));
    assert_eq!(it.next(), "dial wss://one.example/ws");
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
