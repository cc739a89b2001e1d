//! RFC 7395 § 4, row by row of the checklist: how a domain's endpoint is found.

use xmpp_ws::discovery::{Discovery, DiscoveryError, Problem, Step};
use xmpp_ws::endpoint::{Fetch, Fetched};
use xmpp_ws::limits::Limits;
use xmpp_ws::tolerance::Tolerance;

/// What is asked for, given these answers, and what comes last.
fn asked(answers: &[(u16, &str)], tolerance: Tolerance) -> (Vec<String>, Step) {
    let account = "alice@example.com/phone".parse().expect("an address");
    let mut discovery = Discovery::new(&account, &Limits::default(), tolerance);
    let mut asked = Vec::new();
    let mut answers = answers.iter();
    loop {
        let Step::Fetch(uri) = discovery.step() else { return (asked, discovery.step()) };
        asked.push(uri.to_string());
        let Some((status, body)) = answers.next() else { return (asked, discovery.step()) };
        let fetched = Fetched::new(*status, (*body).to_owned());
        discovery.on_fetched(Fetch::new(uri, Ok(fetched)));
    }
}

fn found(step: Step) -> Vec<String> {
    let Step::Found(targets) = step else { panic!("{step:?}") };
    targets.iter().map(|target| target.uri.to_string()).collect()
}

const XRD: &str = "https://example.com/.well-known/host-meta";
const JRD: &str = "https://example.com/.well-known/host-meta.json";

/// The examples of XEP-0156, in words of our own.
const IN_XML: &str = "<?xml version='1.0' encoding='utf-8'?>
<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
  <Link rel='urn:xmpp:alt-connections:xbosh' href='https://web.example.com:5280/bosh'/>
  <Link rel='urn:xmpp:alt-connections:websocket' href='wss://web.example.com:443/ws'/>
</XRD>";
const IN_JSON: &str = r#"{"links":[
  {"rel":"urn:xmpp:alt-connections:xbosh","href":"https://web.example.com:5280/bosh"},
  {"rel":"urn:xmpp:alt-connections:websocket","href":"wss://web.example.com:443/ws"}]}"#;

#[test]
fn r7395_4_a_the_endpoint_is_in_the_hosts_metadata() {
    let (asked_for, step) = asked(&[(200, IN_XML)], Tolerance::default());
    assert_eq!(asked_for, [XRD]);
    assert_eq!(found(step), ["wss://web.example.com:443/ws"]);
    for no_xml in [(404, ""), (200, IN_JSON), (200, "<html/>")] {
        let (asked_for, step) = asked(&[no_xml, (200, IN_JSON)], Tolerance::default());
        assert_eq!(asked_for, [XRD, JRD]);
        assert_eq!(found(step), ["wss://web.example.com:443/ws"]);
    }
}

#[test]
fn r7395_4_a_only_secure_endpoints_are_taken() {
    let insecure = IN_XML.replace("wss:", "ws:");
    let mixed = insecure.replace(
        "</XRD>",
        "<Link rel='urn:xmpp:alt-connections:websocket' href='wss://b.example/'/></XRD>",
    );
    let (_, step) = asked(&[(200, &mixed)], Tolerance::default());
    assert_eq!(found(step), ["wss://b.example/"]);

    let (asked_for, step) = asked(&[(200, &insecure), (404, "")], Tolerance::default());
    assert_eq!(asked_for, [XRD, JRD]);
    let Step::Failed(DiscoveryError::NotFound { tried, .. }) = step else { panic!("{step:?}") };
    let address = "ws://web.example.com:443/ws".parse().unwrap();
    assert_eq!(tried[0].problem, Problem::Insecure(address));

    // A tolerance by name.
    let mut tolerance = Tolerance::default();
    tolerance.insecure_endpoints = true;
    let (_, step) = asked(&[(200, &insecure)], tolerance);
    assert_eq!(found(step), ["ws://web.example.com:443/ws"]);
}

#[test]
fn r7395_4_a_the_domains_certificate_passes_at_the_endpoint() {
    let (_, step) = asked(&[(200, IN_XML)], Tolerance::default());
    let Step::Found(targets) = step else { panic!("{step:?}") };
    assert_eq!(targets[0].uri.host(), "web.example.com");
    assert_eq!(targets[0].alternative_name.as_deref(), Some("example.com"));
}
