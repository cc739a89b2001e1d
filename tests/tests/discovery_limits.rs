//! The limits of discovery, kept to at the limit and enforced one past it.

use xmpp_ws::discovery::{Discovery, DiscoveryError, Problem, Step};
use xmpp_ws::endpoint::{Fetch, Fetched};
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;

/// A document with so many endpoints.
fn document(endpoints: usize) -> String {
    let links = (0..endpoints).map(|number| {
        format!("<Link rel='urn:xmpp:alt-connections:websocket' href='wss://{number}.example/'/>")
    });
    let links: String = links.collect();
    format!("<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>{links}</XRD>")
}

/// What comes of this document, if the other one is the same.
fn discovered(change: impl FnOnce(&mut Limits), document: &str) -> Step {
    let mut limits = Limits::default();
    change(&mut limits);
    let account = "alice@example.com".parse().expect("an address");
    let mut discovery = Discovery::new(&account, &limits, Tolerance::default());
    while let Step::Fetch(uri) = discovery.step() {
        let fetched = Fetched::new(200, document.to_owned());
        discovery.on_fetched(Fetch::new(uri, Ok(fetched)));
    }
    discovery.step()
}

#[test]
fn max_host_meta_bytes() {
    let document = document(1);
    let limit = document.len();
    let set = |it: &mut Limits| it.max_host_meta_bytes = limit;
    assert!(matches!(discovered(set, &document), Step::Found(_)));
    let step = discovered(set, &[&document, " "].concat());
    let Step::Failed(DiscoveryError::NotFound { tried, .. }) = step else { panic!("{step:?}") };
    assert_eq!(tried[0].problem, Problem::TooLong { length: limit + 1, limit });
}

#[test]
fn max_discovered_endpoints() {
    let found = |endpoints| {
        let step = discovered(|it| it.max_discovered_endpoints = 3, &document(endpoints));
        let Step::Found(targets) = step else { panic!("{step:?}") };
        targets.len()
    };
    assert_eq!(found(3), 3);
    assert_eq!(found(4), 3, "the further ones are not looked at");
}
