//! Bytes as what servers publish of themselves.

use xmpp_ws::discovery::{Discovery, DiscoveryError, Problem, Step};
use xmpp_ws::endpoint::{DialError, DialErrorKind, Fetch, Fetched};
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;

/// Plays the host of `example.com`. The first byte says what it tolerates and how it answers; the rest is its two
/// documents, with a zero between them.
///
/// It ends after two answers; what was found is a few secure addresses, each once, that stand in a document; what was
/// not found has a reason for each answer.
pub fn discovery(input: &[u8]) {
    let [settings, rest @ ..] = input else {
        return;
    };
    let mut limits = Limits::default();
    limits.max_discovered_endpoints = MAX_ENDPOINTS;
    let mut tolerance = Tolerance::strict();
    tolerance.insecure_endpoints = settings & 1 == 1;
    let account = "alice@example.com".parse().expect("an address");
    let mut discovery = Discovery::new(&account, &limits, tolerance);
    let mut documents = rest.splitn(2, |byte| *byte == 0);
    let mut answers = 0;
    loop {
        match discovery.step() {
            Step::Fetch(uri) => {
                let uri_text = uri.to_string();
                assert!(uri_text.starts_with("https://example.com/.well-known/host-meta"));
                let body = documents.next().unwrap_or_default().to_vec();
                let outcome = match settings >> (1 + answers) & 3 {
                    0 => Err(DialError::new(DialErrorKind::Unreachable, "nobody there")),
                    _ => Ok(Fetched::new(200, body)),
                };
                discovery.on_fetched(Fetch::new(uri, outcome));
                answers += 1;
                assert!(answers <= 2, "it asks for ever");
            }
            Step::Found(targets) => {
                assert!((1..=MAX_ENDPOINTS).contains(&targets.len()));
                for (number, target) in targets.iter().enumerate() {
                    assert!(target.uri.is_websocket());
                    assert!(target.uri.is_secure() || tolerance.insecure_endpoints);
                    let vouched = target.uri.is_secure().then_some("example.com");
                    assert_eq!(target.alternative_name.as_deref(), vouched);
                    assert!(!targets.iter().skip(number + 1).any(|later| later == target));
                }
                return;
            }
            Step::Failed(error) => {
                assert!(error.to_string().len() < MAX_MESSAGE, "{error}");
                let DiscoveryError::NotFound { tried, .. } = error else {
                    panic!("example.com is a host");
                };
                assert_eq!((tried.len(), answers), (2, 2));
                let is_length = |problem: &Problem| matches!(problem, Problem::TooLong { .. });
                assert!(!tried.iter().any(|tried| is_length(&tried.problem)) || rest.len() > 65536);
                return;
            }
        }
    }
}

/// Documents to begin with.
pub const SEEDS: &[&str] = &[
    "\x06<?xml version='1.0'?><!-- c --><XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'><Link rel='urn:xmpp:alt-connections:websocket' href='wss://example.com/ws'/><Link rel='urn:xmpp:alt-connections:websocket' href='ws://example.com/ws'/></XRD>",
    "\x07<x:XRD xmlns:x='http://docs.oasis-open.org/ns/xri/xrd-1.0'><?p i?><x:Link href='ws://[::1]:5280/' rel='URN:XMPP:alt-connections:websocket'></x:Link></x:XRD>\0",
    "\x06<html/>\0{\"links\":[{\"rel\":\"urn:xmpp:alt-connections:websocket\",\"href\":\"wss://example.com:443/ws\"},{\"rel\":\"x\",\"template\":null}]}",
    "\x04\0{\"subject\":\"s\",\"properties\":{\"a\":[[1e9,null]]},\"links\":[]}",
    "\x00",
];

const MAX_ENDPOINTS: usize = 3;
const MAX_MESSAGE: usize = 2000;
