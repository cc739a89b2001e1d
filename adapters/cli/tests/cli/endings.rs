//! How `xmpp-ws connect` tells why it is over.

use serde_json::json;
use xmpp_ws_tests::managed::{ENABLED, MANAGED_FEATURES};
use xmpp_ws_tests::solo::{CLOSE, PLAIN_FEATURES, SERVER_OPEN};

use crate::peer::Peer;

/// RFC 6120 § 4.9.4.
#[test]
fn what_a_server_adds_to_its_error_is_told() {
    let added = "<too-many-acks xmlns='urn:example:errors' n='7'/>";
    let error = |condition: &str| {
        format!(
            "<stream:error xmlns:stream='http://etherx.jabber.org/streams'><{condition} \
             xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xml:lang='de' \
             xmlns='urn:ietf:params:xml:ns:xmpp-streams'>Genug!</text>{added}</stream:error>"
        )
    };
    let whole = (&json!(added), &json!("Genug!"), &json!("de"));
    let peer = Peer::new();
    let (mut client, mut line) = peer.session(&[]);
    line.says(error("undefined-condition"));
    line.says(CLOSE);
    line.cut();
    let event = client.until("disconnected");
    assert_eq!(event["reason"], "undefined-condition");
    assert_eq!((&event["application"], &event["said"], &event["lang"]), whole);
    let (mut line, _) = peer.comes_back();
    line.says(error("policy-violation"));
    line.says(CLOSE);
    line.cut();
    let event = client.until("error");
    assert_eq!(event["condition"], "policy-violation");
    assert_eq!((&event["application"], &event["said"], &event["lang"]), whole);
    assert_eq!(event["transient"], false);
    assert_eq!(client.status().code(), Some(1));
}

#[test]
fn a_first_login_that_fails_says_whether_it_may_pass() {
    for (failure, may_pass) in [("temporary-auth-failure", true), ("not-authorized", false)] {
        let peer = Peer::new();
        let mut client = peer.client(&["--json"]);
        let mut line = peer.accepts();
        line.hears();
        line.says(SERVER_OPEN);
        line.says(PLAIN_FEATURES);
        line.hears();
        line.says(format!(
            "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><{failure}/></failure>"
        ));
        assert_eq!(line.hears(), CLOSE);
        line.cut();
        let event = client.event();
        assert_eq!(event["condition"], failure);
        assert_eq!(event["transient"], may_pass, "{event}");
        // The server said nothing of its own.
        assert_eq!((&event["said"], &event["lang"]), (&json!(null), &json!(null)));
        let text = event["text"].as_str().unwrap();
        assert_eq!(text.contains("try again later"), may_pass, "{text}");
        assert_eq!(client.status().code(), Some(1));
    }
}

#[test]
fn a_redirect_that_leads_nowhere_is_told_with_what_is_wrong_with_it() {
    let peer = Peer::new();
    for (more, to, expected) in [
        (&["--json"][..], "https://example.net/", "not the address of a WebSocket"),
        (
            &["--json", "--no-reconnect"],
            "wss://example.net/",
            "connect with --url wss://example.net/",
        ),
        (&["--json"], &peer.url(), "in a circle"),
    ] {
        let mut client = peer.client(more);
        let mut line = peer.accepts();
        line.hears();
        line.says(SERVER_OPEN);
        line.says(format!(
            "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' see-other-uri='{to}'/>"
        ));
        assert_eq!(line.hears(), CLOSE);
        line.cut();
        assert_eq!(client.event(), json!({"event": "redirected", "uri": to, "followed": false}));
        let event = client.event();
        assert_eq!(event["condition"], "see-other-uri");
        let text = event["text"].as_str().unwrap();
        assert!(text.contains(expected), "{text}");
        assert_eq!(client.status().code(), Some(1));
    }
}

/// Tigase relays any element that is addressed.
#[test]
fn an_element_of_another_users_is_told() {
    let peer = Peer::new();
    let mut client = peer.client(&["--json"]);
    let mut line = peer.accepts();
    line.logs_in(MANAGED_FEATURES);
    line.binds();
    line.hears();
    line.says(ENABLED);
    let relayed = "<a xmlns='urn:xmpp:sm:3' h='99' from='eve@example.com/e'/>";
    line.says(relayed);
    assert_eq!(client.until("ignored")["xml"], relayed);
    client.ends_input();
    line.sees_close();
    client.until("closed");
}
