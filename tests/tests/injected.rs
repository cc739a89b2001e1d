//! What another user has a lenient server relay is never obeyed.
//!
//! Tigase 8.5 delivers any element that is addressed, also those that belong to a stream.

use xmpp_ws::client::ClientEvent;
use xmpp_ws::endpoint::Endpoint;
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{CLOSE, SUCCESS, SoloClient};

/// What bob got from alice's session, and what he could have got.
const INJECTED: &[&str] = &[
    "<error xmlns='http://etherx.jabber.org/streams' to='alice@example.com/r' from='eve@example.com/e'>\
     <conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></error>",
    "<stream:error xmlns:stream='http://etherx.jabber.org/streams' from='eve@example.com/e'/>",
    "<features xmlns='http://etherx.jabber.org/streams' to='alice@example.com/r'/>",
    "<r xmlns='urn:xmpp:sm:3' to='alice@example.com/r' from='eve@example.com/e'/>",
    "<a xmlns='urn:xmpp:sm:3' h='99' from='eve@example.com/e'/>",
    "<failed xmlns='urn:xmpp:sm:3' from='eve@example.com/e'/>",
    "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl' from='eve@example.com/e'/>",
    "<foo xmlns='urn:evil' to='alice@example.com/r'/>",
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='eve@example.com/e' \
     to='alice@example.com/r' see-other-uri='wss://evil.example/'/>",
    "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='alice@example.com/other'/>",
    "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='eve@example.com/e' version='1.0'/>",
];

#[test]
fn an_injected_element_changes_nothing() {
    for element in INJECTED {
        let mut client = SoloClient::bound();
        let deadline = client.endpoint.poll_timeout();
        client.hears(*element);
        assert_eq!(client.said(), [""; 0], "{element}");
        let told = client.told();
        assert!(matches!(&told[..], [ClientEvent::Ignored(it)] if it == element), "{told:?}");
        assert_eq!(client.endpoint.poll_timeout(), deadline, "{element}");
        client.hears("<message xmlns='jabber:client'/>");
        assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))), "{element}");
    }
}

/// A session of one's own may be an hour old, or not begun yet.
#[test]
fn an_injected_element_does_not_help_a_login() {
    for element in INJECTED {
        let mut client = SoloClient::authenticating();
        client.hears(*element);
        assert_eq!(client.said(), [""; 0], "{element}");
        assert!(matches!(&client.told()[..], [ClientEvent::Ignored(_)]), "{element}");
        client.hears(SUCCESS);
        assert!(client.says().starts_with("<open "), "{element}");
    }
}

/// Nor does it count for stream management: it is no stanza (XEP-0198 § 4).
#[test]
fn an_injected_element_is_not_counted() {
    for element in INJECTED {
        let mut client = SoloClient::managed();
        client.hears(*element).told();
        client.hears("<message xmlns='jabber:client'/>").told();
        client.hears("<r xmlns='urn:xmpp:sm:3'/>");
        assert_eq!(client.says(), "<a xmlns='urn:xmpp:sm:3' h='1'/>", "{element}");
    }
}

/// Whoever sends many of them fills no memory: nothing is read while they are not taken.
#[test]
fn injected_elements_wait_for_the_application_as_stanzas_do() {
    let mut client = SoloClient::bound();
    let limit = client_config().limits.max_queued_events;
    for _ in 0..limit {
        assert!(client.endpoint.wants_input());
        client.hears(INJECTED[0]);
    }
    assert!(!client.endpoint.wants_input());
    assert_eq!(client.told().len(), limit);
    assert!(client.endpoint.wants_input());
}

#[test]
fn the_servers_own_close_may_say_whose_it_is() {
    for from in ["example.com", "EXAMPLE.com", ""] {
        let mut client = SoloClient::bound();
        let close = format!("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='{from}'/>");
        client.hears(close);
        assert_eq!(client.says(), CLOSE, "{from:?}");
    }
}

#[test]
fn a_forged_reply_settles_no_request() {
    let mut client = SoloClient::bound();
    let iq = xmpp_ws::client::Iq::get("<ping xmlns='urn:xmpp:ping'/>");
    let to = "bob@example.com/b".parse().expect("an address");
    client.endpoint.iq(client.now, iq.to(to)).expect("bound");
    let id = xmpp_ws_tests::solo::attribute(&client.says(), "id");
    for from in ["from='eve@example.com/e'", "from='bob@example.com'", "from='example.com'", ""] {
        client.hears(format!("<iq xmlns='jabber:client' type='result' id='{id}' {from}/>"));
        assert!(matches!(client.tells(), Some(ClientEvent::Stanza(_))), "{from}");
    }
    client.hears(format!(
        "<iq xmlns='jabber:client' type='result' id='{id}' from='Bob@example.com/b'/>"
    ));
    assert!(matches!(client.tells(), Some(ClientEvent::Reply { .. })));
}
