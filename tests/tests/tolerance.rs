//! Each leniency, switched on and off, with the peer that needs it.

use xmpp_ws::client::{ClientConfig, ClientEvent};
use xmpp_ws::discovery::{Discovery, Step};
use xmpp_ws::ending::Ending;
use xmpp_ws::endpoint::{Connection, Fetch, Fetched, Input};
use xmpp_ws::error::Violation;
use xmpp_ws::tolerance::Tolerance;
use xmpp_ws::xml::Rule;
use xmpp_ws_tests::pair::client_config;
use xmpp_ws_tests::solo::{
    CLOSE, PLAIN_FEATURES, SERVER_OPEN, SoloClient, attribute, condition, stream_error,
};

/// A client that puts up with nothing but this.
fn with(change: impl FnOnce(&mut Tolerance)) -> ClientConfig {
    let mut config = client_config();
    config.tolerance = Tolerance::strict();
    change(&mut config.tolerance);
    config
}

fn strict() -> ClientConfig {
    with(|_| ())
}

fn bound_with(config: ClientConfig) -> SoloClient {
    SoloClient::bound_with(config)
}

/// What a bound client makes of this message.
fn stanza_with(config: ClientConfig, text: &str) -> Result<ClientEvent, String> {
    let mut client = bound_with(config);
    client.hears(text);
    client.tells().ok_or_else(|| condition(client.said().first().expect("an error")))
}

fn ended_with(config: ClientConfig, texts: &[&str]) -> Ending {
    let mut client = bound_with(config);
    for text in texts {
        client.hears(*text);
    }
    client.sees(Input::Lost).ended()
}

#[test]
fn xml_declaration() {
    let declared = "<?xml version='1.0'?><message xmlns='jabber:client'/>";
    let event = stanza_with(with(|it| it.xml_declaration = true), declared);
    let Ok(ClientEvent::Stanza(stanza)) = event else { panic!("{event:?}") };
    assert_eq!(stanza.xml(), "<message xmlns='jabber:client'/>");
    assert_eq!(stanza_with(strict(), declared).err().as_deref(), Some("restricted-xml"));
}

/// Tigase's keep-alive, byte for byte; its answer is what keeps the session.
#[test]
fn unqualified_stanzas() {
    let ping = r#"<iq from="example.com" to="alice@example.com/r" id="tigase-ping" type="get"><ping xmlns="urn:xmpp:ping"/></iq>"#;
    let mut client = bound_with(with(|it| it.unqualified_stanzas = true));
    for _ in 0..2 {
        client.hears(ping);
        let answer = client.says();
        let sent = |name| attribute(&answer, name);
        assert_eq!((sent("type"), sent("id")), ("result".into(), "tigase-ping".into()));
        assert_eq!(
            (sent("to"), sent("from")),
            ("example.com".into(), "alice@example.com/r".into())
        );
        assert!(answer.starts_with("<iq xmlns='jabber:client' "), "{answer}");
    }
    assert_eq!(stanza_with(strict(), ping).err().as_deref(), Some("invalid-namespace"));
}

#[test]
fn prefixed_stanzas() {
    let text = "<c:message xmlns:c='jabber:client'><c:body/></c:message>";
    let event = stanza_with(with(|it| it.prefixed_stanzas = true), text);
    assert!(matches!(event, Ok(ClientEvent::Stanza(_))), "{event:?}");
    assert_eq!(stanza_with(strict(), text).err().as_deref(), Some("bad-namespace-prefix"));
}

/// Prosody 13.
#[test]
fn unbound_stream_prefix() {
    let text = "<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>\
                <text xmlns='urn:ietf:params:xml:ns:xmpp-streams'>no</text></stream:error>";
    let tolerant = || with(|it| it.unbound_stream_prefix = true);
    let why = ended_with(tolerant(), &[text, CLOSE]);
    let Ending::PeerError(error) = why else { panic!("{why:?}") };
    assert_eq!(
        (error.name.as_str(), error.text.expect("one").content.as_str()),
        ("host-unknown", "no")
    );
    // On a stream error and nothing else.
    for other in [
        "<stream:features/>",
        "<stream:errors/>",
        "<x:error/>",
        "<message xmlns='jabber:client'><stream:error/></message>",
        "<stream:error><p:x/></stream:error>",
    ] {
        let why = ended_with(tolerant(), &[other]);
        assert!(
            matches!(&why, Ending::Violated(Violation::Xml(it)) if it.rule == Rule::UnboundPrefix),
            "{other}: {why:?}"
        );
    }
    assert!(matches!(ended_with(strict(), &[text]), Ending::Violated(_)));
}

/// Tigase, whenever it ends a session.
#[test]
fn close_after_error() {
    let both = r#"<stream:error xmlns:stream="http://etherx.jabber.org/streams"><conflict xmlns="urn:ietf:params:xml:ns:xmpp-streams"/></stream:error><close xmlns='urn:ietf:params:xml:ns:xmpp-framing' />"#;
    let mut client = bound_with(with(|it| it.close_after_error = true));
    client.hears(both);
    assert_eq!(client.says(), CLOSE);
    client.sees(Input::Closed { code: None });
    let why = client.ended();
    assert!(matches!(&why, Ending::PeerError(error) if error.name == "conflict"), "{why:?}");

    // Nothing else may share a message.
    let message = "<message xmlns='jabber:client'/>";
    let close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>";
    let error = stream_error("conflict");
    for text in [
        [message, message].concat(),
        [close, &error].concat(),
        [&error, message].concat(),
        [&error, close, close].concat(),
        [message, close].concat(),
    ] {
        let why = ended_with(with(|it| it.close_after_error = true), &[&text]);
        assert!(matches!(why, Ending::Violated(Violation::Xml(_))), "{text}: {why:?}");
    }
    assert!(matches!(ended_with(strict(), &[both]), Ending::Violated(Violation::Xml(_))));
}

/// Prosody, before an error; Tigase and MongooseIM have oddities of their own.
#[test]
fn incomplete_open() {
    for (what, instead) in [
        ("from='example.com'", ""),
        ("from='example.com'", "from=''"),
        ("id='s1'", ""),
        ("id='s1'", "id=''"),
    ] {
        let open = SERVER_OPEN.replace(what, instead);
        let mut client = SoloClient::opening_with(with(|it| it.incomplete_open = true));
        client.hears(open.clone()).hears(PLAIN_FEATURES);
        assert!(client.says().starts_with("<auth "), "{open}");
        let mut client = SoloClient::opening_with(strict());
        client.hears(open.clone()).hears(PLAIN_FEATURES);
        assert_eq!(client.said().len(), 3, "{open}");
        // An error is told as itself in any case.
        let mut client = SoloClient::opening_with(strict());
        client.hears(open).hears(stream_error("host-unknown")).sees(Input::Lost);
        assert!(matches!(client.ended(), Ending::PeerError(_)));
    }
}

/// Tigase, in answer to `<auth/>`, where the account is at home elsewhere.
#[test]
fn open_before_end() {
    let open = "<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' from='example.com' \
                id='tigase-error-tigase' version='1.0' xml:lang='en'/>";
    let close = "<close xmlns='urn:ietf:params:xml:ns:xmpp-framing' \
                 see-other-uri='ws://other.example:5290/' />";
    let mut client = SoloClient::authenticating_with(with(|it| it.open_before_end = true));
    client.hears(open).hears(close);
    assert_eq!(client.says(), CLOSE);
    client.sees(Input::Closed { code: None });
    assert_eq!(client.ended(), Ending::Redirected("ws://other.example:5290/".into()));

    let mut client = SoloClient::authenticating_with(strict());
    client.hears(open);
    assert_eq!(condition(&client.said()[0]), "policy-violation");
}

#[test]
fn ill_formed_stanzas() {
    let poison = "<message xmlns='jabber:client'><oops></message>";
    let mut client = bound_with(with(|it| it.ill_formed_stanzas = true));
    client.hears(poison).hears("<message xmlns='jabber:client'/>");
    let told = client.told();
    assert!(
        matches!(told[..], [ClientEvent::Discarded { .. }, ClientEvent::Stanza(_)]),
        "{told:?}"
    );
    // Tigase relays this, too, whatever the namespace.
    client.hears("<message xmlns='jabber:server'/>");
    assert!(matches!(client.told()[..], [ClientEvent::Discarded { .. }]));
    // Other rules are kept to all the same.
    client.hears("<oops xmlns='urn:oops'/>");
    assert_eq!(condition(&client.said()[0]), "unsupported-stanza-type");
    for config in [strict(), client_config()] {
        assert_eq!(stanza_with(config, poison).unwrap_err(), "not-well-formed");
    }
    // Nor is anything passed over before the login.
    let mut client = SoloClient::opening_with(with(|it| it.ill_formed_stanzas = true));
    client.hears("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing'");
    assert_eq!(condition(&client.said()[0]), "not-well-formed");
}

#[test]
fn plain_without_tls() {
    let says = |config| {
        let mut client = SoloClient::client(config, Connection::new(false));
        client.says();
        client.hears(SERVER_OPEN).hears(PLAIN_FEATURES);
        client.says()
    };
    assert!(says(with(|it| it.plain_without_tls = true)).starts_with("<auth "));
    assert_eq!(says(strict()), CLOSE);
    assert_eq!(says(client_config()), CLOSE, "it is off by default");
}

#[test]
fn insecure_endpoints() {
    let document = "<XRD xmlns='http://docs.oasis-open.org/ns/xri/xrd-1.0'>
        <Link rel='urn:xmpp:alt-connections:websocket' href='ws://localhost:5280/ws'/></XRD>";
    let finds = |config: ClientConfig| {
        let mut discovery = Discovery::new(&config.account, &config.limits, config.tolerance);
        while let Step::Fetch(uri) = discovery.step() {
            let fetched = Fetched::new(200, document);
            discovery.on_fetched(Fetch::new(uri, Ok(fetched)));
        }
        matches!(discovery.step(), Step::Found(_))
    };
    assert!(finds(with(|it| it.insecure_endpoints = true)));
    assert!(!finds(strict()));
    assert!(!finds(client_config()), "it is off by default");
}

#[test]
fn a_correct_peer_needs_no_tolerance() {
    let mut client = bound_with(strict());
    client.hears("<message xmlns='jabber:client'/>");
    assert!(client.tells().is_some());
    client.hears(stream_error("conflict")).hears(CLOSE).sees(Input::Closed { code: Some(1000) });
    assert!(matches!(client.ended(), Ending::PeerError(_)));
}

#[test]
fn by_default_everything_that_needs_tls_anyway_is_put_up_with() {
    let mut expected = Tolerance::strict();
    expected.xml_declaration = true;
    expected.unqualified_stanzas = true;
    expected.prefixed_stanzas = true;
    expected.unbound_stream_prefix = true;
    expected.close_after_error = true;
    expected.incomplete_open = true;
    expected.open_before_end = true;
    assert_eq!(Tolerance::default(), expected);
}

#[test]
fn each_switch_has_its_test_here() {
    let source = include_str!("../../core/src/tolerance.rs");
    let definition = source.split("impl Tolerance").next().expect("the definition");
    let switches: Vec<&str> = definition
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub ")?.strip_suffix(": bool,"))
        .collect();
    assert_eq!(switches.len(), 10);
    for switch in switches {
        assert!(include_str!("tolerance.rs").contains(&format!("fn {switch}()")), "{switch}");
    }
}
